"""The exceptions. `Error` is the base of all; there is one class per kind, as in the table of the core."""

from __future__ import annotations


class FieldError:
    """One field that was refused: `field`, `reason`, and the `value` as given (None for a secret or an absent one)."""

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
    """Refused before anything was sent; `fields` says what and why."""

    kind = "invalid-input"


class ConfigurationError(Error):
    """A missing key, a bad address or a bad recipe."""

    kind = "configuration"


class UnauthorizedError(Error, PermissionError):
    """Key, token or signature not accepted."""

    kind = "unauthorized"


class RefusedError(Error):
    """The lifecycle forbids it."""

    kind = "refused"


class RejectedError(Error):
    """The platform said no."""

    kind = "rejected"


class DuplicateError(Error):
    """The platform holds this candidate already."""

    kind = "duplicate"


class NotFoundError(Error, LookupError):
    """Unknown test, task, candidate or invitation."""

    kind = "not-found"


class RateLimitedError(Error):
    """Too many requests too quickly; `retry_after` says how long to wait, when the platform does."""

    kind = "rate-limited"


class QuotaExhaustedError(Error):
    """The account may send no more."""

    kind = "quota-exhausted"


class UnavailableError(Error, ConnectionError):
    """The platform is down or cannot be reached."""

    kind = "unavailable"


class TimedOutError(Error, TimeoutError):
    """No answer in time."""

    kind = "timed-out"


class MalformedReplyError(Error):
    """An answer that cannot be read; `raw_reply` keeps it."""

    kind = "malformed-reply"


class UncertainError(Error):
    """Perhaps sent, and nobody can say what came of it: do not simply send it again."""

    kind = "uncertain"


class StorageError(Error):
    """The ledger or the store failed."""

    kind = "storage"


class InternalError(Error):
    """A fault of bidden itself."""

    kind = "internal"


for _class in (FieldError, Error, *Error.__subclasses__()):
    _class.__module__ = "bidden"
del _class
