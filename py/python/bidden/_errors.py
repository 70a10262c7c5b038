"""The exceptions. `Error` is the base of all; there is one class per kind, as in the table of the core."""

from __future__ import annotations


class FieldError:
    """One field that was refused: `field`, `reason`, and the `value` as given (None for a secret or an absent one).

    >>> import bidden
    >>> bidden.FieldError("email", "has no @", "ada.example.com")
    <FieldError email: has no @>
    """

    __slots__ = ("field", "reason", "value")

    field: str
    reason: str
    value: str | None

    def __init__(self, field: str, reason: str, value: str | None = None) -> None:
        self.field = field
        self.reason = reason
        self.value = value

    def __repr__(self) -> str:
        return f"<FieldError {self.field}: {self.reason}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FieldError):
            return NotImplemented
        return (self.field, self.reason, self.value) == (other.field, other.reason, other.value)

    def __hash__(self) -> int:
        return hash((self.field, self.reason, self.value))


class Error(Exception):
    """What went wrong. `str` is one line without secrets and without personal data.

    `kind` is the word that every language has for it, `message` the bare sentence, `operation` the call it happened in,
    `platform_code` and `platform_message` are the platform's own words (they may hold personal data), `retry_after` is
    in seconds, `fields` names what was refused before anything was sent, `raw_reply` is an answer that could not be
    read. What is not known is None. `__cause__` is what led to it.

    >>> import bidden
    >>> try:
    ...     bidden.call_request("imocha.invite", test_id=292930, email="ada.example.com", name="Ada")
    ... except bidden.Error as error:
    ...     print(error.kind, [fault.field for fault in error.fields])
    invalid-input ['email']
    """

    kind: str
    message: str
    operation: str | None
    platform: str | None
    platform_code: str | None
    platform_message: str | None
    http_status: int | None
    retry_after: float | None
    fields: tuple[FieldError, ...]
    raw_reply: str | None

    def __init__(
        self,
        text: str = "",
        *,
        kind: str = "",
        message: str | None = None,
        operation: str | None = None,
        platform: str | None = None,
        platform_code: str | None = None,
        platform_message: str | None = None,
        http_status: int | None = None,
        retry_after: float | None = None,
        fields: tuple[FieldError, ...] = (),
        raw_reply: str | None = None,
    ) -> None:
        super().__init__(text)
        self.kind = kind or type(self).kind
        self.message = text if message is None else message
        self.operation = operation
        self.platform = platform
        self.platform_code = platform_code
        self.platform_message = platform_message
        self.http_status = http_status
        self.retry_after = retry_after
        self.fields = fields
        self.raw_reply = raw_reply

    def to_dict(self) -> dict[str, object]:
        """Give `kind`, `message`, `field` and `platform_code`, as a row of the command does: no personal data.

        >>> import bidden
        >>> try:
        ...     bidden.call_request("imocha.invite", test_id=292930, email="ada.example.com", name="Ada")
        ... except bidden.Error as error:
        ...     error.to_dict()
        {'kind': 'invalid-input', 'message': 'email: has no @', 'field': 'email', 'platform_code': None}
        """
        text = str(self).removeprefix(self.kind)
        text = text.removeprefix(f" in {self.operation}").removeprefix(": ")
        field = self.fields[0].field if self.fields else None
        return {"kind": self.kind, "message": text, "field": field, "platform_code": self.platform_code}

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), self.args, self.__dict__)

    def __eq__(self, other: object) -> bool:
        return (
            type(other) is type(self)
            and isinstance(other, Error)
            and self.args == other.args
            and self.__dict__ == other.__dict__
        )

    def __hash__(self) -> int:
        return hash((type(self), self.args))


# A kind that a newer core has and this file has not is raised as `Error` itself, its word kept.
Error.kind = "unknown"


class InvalidInputError(Error, ValueError):
    """Refused before anything was sent; `fields` says what and why.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = sandbox.imocha()
    ...     try:
    ...         client.invite(292930, email="ada.example.com", name="")
    ...     except bidden.InvalidInputError as error:
    ...         print([fault.field for fault in error.fields], isinstance(error, ValueError))
    ['name', 'email'] True
    """

    kind = "invalid-input"


class ConfigurationError(Error):
    """A missing key, a bad address or a bad recipe.

    >>> import bidden
    >>> try:
    ...     bidden.ThinkExam(api_key="key", secret="secret")
    ... except bidden.ConfigurationError as error:
    ...     print(error.message)
    Think Exam has no common host; give base_url, the address of your tenant
    """

    kind = "configuration"


class UnauthorizedError(Error, PermissionError):
    """Key, token or signature not accepted.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = bidden.IMocha(api_key="wrong", base_url=sandbox.url)
    ...     try:
    ...         client.retrieve_test(292930)
    ...     except bidden.UnauthorizedError as error:
    ...         print(error.http_status, isinstance(error, PermissionError))
    401 True
    """

    kind = "unauthorized"


class RefusedError(Error):
    """The lifecycle forbids it.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = sandbox.imocha()
    ...     invited = client.invite(292930, email="ada@example.com", name="Ada Lovelace")
    ...     _ = client.cancel(invited.invitation_id)
    ...     try:
    ...         client.cancel(invited.invitation_id)
    ...     except bidden.RefusedError as error:
    ...         print(error.operation)
    imocha.cancel
    """

    kind = "refused"


class RejectedError(Error):
    """The platform said no.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = sandbox.imocha()
    ...     try:
    ...         client.mask_personal_data("nobody@example.com")
    ...     except bidden.RejectedError as error:
    ...         print(error.platform)
    imocha
    """

    kind = "rejected"


class DuplicateError(Error):
    """The platform holds this candidate already.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = sandbox.testinvite()
    ...     ada = bidden.TemporaryCandidate(tracking={"uniq_id": "ada"})
    ...     created = client.create_candidate("task-1", ada)
    ...     try:
    ...         client.create_candidate("task-1", ada)
    ...     except bidden.DuplicateError as error:
    ...         print(error.kind)
    duplicate
    """

    kind = "duplicate"


class NotFoundError(Error, LookupError):
    """Unknown test, task, candidate or invitation.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = sandbox.testinvite()
    ...     try:
    ...         client.fetch_candidate("task-1", "nobody")
    ...     except bidden.NotFoundError as error:
    ...         print(error.http_status, isinstance(error, LookupError))
    404 True
    """

    kind = "not-found"


class RateLimitedError(Error):
    """Too many requests too quickly; `retry_after` says how long to wait, when the platform does.

    >>> import bidden
    >>> headers = {"retry-after": "7"}
    >>> try:
    ...     bidden.read_reply("testinvite.fetch_task", {"id": "task-1"}, 429, "{}", headers)
    ... except bidden.RateLimitedError as error:
    ...     print(error.retry_after)
    7.0
    """

    kind = "rate-limited"


class QuotaExhaustedError(Error):
    """The account may send no more.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     sandbox.add_fault("rate-limited", count=5)
    ...     client = sandbox.imocha().with_options(tries=1)
    ...     try:
    ...         client.retrieve_test(292930)
    ...     except bidden.QuotaExhaustedError as error:
    ...         print(error.http_status)
    429
    """

    kind = "quota-exhausted"


class UnavailableError(Error, ConnectionError):
    """The platform is down or cannot be reached.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     sandbox.add_fault("error-5xx", count=5)
    ...     client = sandbox.imocha().with_options(tries=1)
    ...     try:
    ...         client.retrieve_test(292930)
    ...     except bidden.UnavailableError as error:
    ...         print(isinstance(error, ConnectionError))
    True
    """

    kind = "unavailable"


class TimedOutError(Error, TimeoutError):
    """No answer in time.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     sandbox.add_fault("slow", milliseconds=900)
    ...     client = sandbox.imocha().with_options(tries=1, timeout=0.1)
    ...     try:
    ...         client.retrieve_test(292930)
    ...     except bidden.TimedOutError as error:
    ...         print(isinstance(error, TimeoutError))
    True
    """

    kind = "timed-out"


class MalformedReplyError(Error):
    """An answer that cannot be read; `raw_reply` keeps it.

    >>> import bidden
    >>> try:
    ...     bidden.read_reply("imocha.retrieve_test", {"test_id": 292930}, 200, "<html>")
    ... except bidden.MalformedReplyError as error:
    ...     print(error.raw_reply)
    <html>
    """

    kind = "malformed-reply"


class UncertainError(Error):
    """Perhaps sent, and nobody can say what came of it: do not simply send it again.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     sandbox.add_fault("lost-after-commit", count=5)
    ...     client = sandbox.imocha().with_options(tries=2)
    ...     ada = {"email": "ada@example.com", "name": "Ada Lovelace"}
    ...     try:
    ...         client.invite(292930, **ada, send_email=True)
    ...     except bidden.UncertainError as error:
    ...         print(len(sandbox.outbox()))
    1
    """

    kind = "uncertain"


class StorageError(Error):
    """The ledger or the store failed.

    >>> import bidden, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     try:
    ...         bidden.Ledger(folder)
    ...     except bidden.StorageError as error:
    ...         print(error.kind)
    storage
    """

    kind = "storage"


class InternalError(Error):
    """A fault of bidden itself.

    >>> import bidden
    >>> issubclass(bidden.InternalError, bidden.Error), bidden.InternalError.kind
    (True, 'internal')
    """

    kind = "internal"


for _class in (FieldError, Error, *Error.__subclasses__()):
    _class.__module__ = "bidden"
del _class
