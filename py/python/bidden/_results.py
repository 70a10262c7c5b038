"""What calls return: frozen objects with typed attributes, `to_dict()` for the whole answer."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any, Literal, NoReturn

    from ._bidden import Secret
    from ._errors import Error
    from ._words import Platform, Status


class Answer(dict["str", "Any"]):
    """What the extension read from an answer, with the answer itself."""

    __slots__ = ("raw",)

    raw: str


class Result:
    """A frozen answer. Equal when of one class and with equal contents; `repr` shows no personal data.

    Results can be hashed, pickled, copied, and matched: `case bidden.Outcome(disposition="held")`.
    """

    __slots__ = ("_contents", "_raw")
    __match_args__: tuple[str, ...] = ()

    _contents: dict[str, Any]
    _raw: str | None

    def __init__(self, contents: dict[str, Any], raw: str | None = None) -> None:
        object.__setattr__(self, "_contents", contents)
        object.__setattr__(self, "_raw", contents.raw if isinstance(contents, Answer) else raw)

    def __init_subclass__(cls) -> None:
        # A positional pattern names the attributes in their order.
        if "__match_args__" not in vars(cls):
            named = tuple(name for name, value in vars(cls).items() if isinstance(value, property))
            cls.__match_args__ += named  # type: ignore[misc]

    @property
    def raw(self) -> Any:  # noqa: ANN401
        """The platform's answer as it came: decoded JSON, or text that is none. Tokens in it are blanked.

        None for what is no answer of its own: a part of one, or what the ledger says.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     sorted(sandbox.imocha().invite(292930, email="ada@example.com", name="Ada Lovelace").raw)
        ['status', 'testInvitationId', 'testUrl']
        """
        if self._raw is None:
            return None
        import json

        try:
            return json.loads(self._raw)
        except ValueError:
            return self._raw

    def to_dict(self) -> dict[str, Any]:
        """Give everything as a new dict of plain values, which may be changed.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     sandbox.imocha().invite(292930, email="ada@example.com", name="Ada Lovelace").to_dict()["status"]
        'pending'
        """
        plain: dict[str, Any] = _plain(self._contents)
        return plain

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, Result) and self._contents == other._contents

    def __hash__(self) -> int:
        return hash((type(self), _hashable(self._contents)))

    def __copy__(self) -> Result:
        return self

    def __deepcopy__(self, memory: object) -> Result:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (dict(self._contents), self._raw))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Copy nested contents; an exception becomes what a row of the command says of it."""
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    if isinstance(value, BaseException):
        from ._errors import Error

        if isinstance(value, Error):
            return value.to_dict()
        return {"kind": None, "message": str(value)}
    return value


def _hashable(value: Any) -> object:  # noqa: ANN401
    if isinstance(value, dict):
        return frozenset((name, _hashable(member)) for name, member in value.items())
    if isinstance(value, list | tuple):
        return tuple(_hashable(member) for member in value)
    return value


class Invited(Result):
    """What iMocha answered to an invitation.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = sandbox.imocha()
    ...     invited = client.invite(292930, email="ada@example.com", name="Ada Lovelace")
    ...     match invited:
    ...         case bidden.Invited(status=bidden.Status.PENDING, test_url=str()):
    ...             print("may begin")
    may begin
    """

    __slots__ = ()

    @property
    def invitation_id(self) -> str:
        """The platform's id of the attempt."""
        return str(self._contents["invitation_id"])

    @property
    def test_url(self) -> str | None:
        """What the candidate opens."""
        return self._contents["test_url"]  # type: ignore[no-any-return]

    @property
    def status(self) -> Status:
        """Where the invitation stands: an invitation that is over or running is answered as it is."""
        from ._words import Status

        return Status(self._contents["status"])

    @property
    def platform_status(self) -> str | None:
        """The platform's own word for it."""
        return self._contents["platform_status"]  # type: ignore[no-any-return]

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return _members(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<Invited {self.invitation_id}: {self._contents['status']}>"


class Cancelled(Result):
    """What iMocha answered to a cancellation.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = sandbox.imocha()
    ...     invited = client.invite(292930, email="ada@example.com", name="Ada Lovelace")
    ...     client.cancel(invited.invitation_id).platform_status
    'cancelled'
    """

    __slots__ = ()

    @property
    def test_invitation_id(self) -> int:
        """The platform's id of the attempt."""
        return int(self._contents["test_invitation_id"])

    @property
    def status(self) -> Status:
        """Where the invitation stands."""
        from ._words import Status

        return Status(self._contents["status"])

    @property
    def platform_status(self) -> str | None:
        """The platform's own word for it."""
        return self._contents["platform_status"]  # type: ignore[no-any-return]

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return _members(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<Cancelled {self.test_invitation_id}: {self._contents['status']}>"


class Reattempted(Result):
    """What iMocha answered to a reattempt. It has no status: what comes back can be started within the window sent.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = sandbox.imocha()
    ...     invited = client.invite(292930, email="ada@example.com", name="Ada Lovelace")
    ...     for event in ("start", "finish"):
    ...         _ = sandbox.attempt(invited.invitation_id, event)
    ...     window = {"start_date_time": "2098-01-01T09:00:00Z", "end_date_time": "2098-01-02T09:00:00Z"}
    ...     client.reattempt(invited.invitation_id, **window, time_zone_id=1720).test_url is not None
    True
    """

    __slots__ = ()

    @property
    def test_invitation_id(self) -> int:
        """The id of the attempt that can be taken: a new one after a finished attempt."""
        return int(self._contents["test_invitation_id"])

    @property
    def test_url(self) -> str | None:
        """What the candidate opens."""
        return self._contents["test_url"]  # type: ignore[no-any-return]

    @property
    def callback_url_registered(self) -> str | None:
        """Where callbacks are posted."""
        return self._contents["callback_url_registered"]  # type: ignore[no-any-return]

    @property
    def redirect_url_registered(self) -> str | None:
        """Where the browser goes after the test."""
        return self._contents["redirect_url_registered"]  # type: ignore[no-any-return]

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return _members(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<Reattempted {self.test_invitation_id}>"


class RetrievedInvite(Result):
    """One invitation of a list.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = sandbox.imocha()
    ...     invited = client.invite(292930, email="ada@example.com", name="Ada Lovelace")
    ...     _ = client.cancel(invited.invitation_id)
    ...     day = {"start_date_time": "2000-01-01T00:00:00Z", "end_date_time": "2098-01-01T00:00:00Z"}
    ...     [found.email for found in client.retrieve_invites(state="cancelled", **day).test_attempts]
    ['ada@example.com']
    """

    __slots__ = ()

    @property
    def test_invitation_id(self) -> int:
        """The platform's id of the attempt."""
        return int(self._contents["test_invitation_id"])

    @property
    def test_id(self) -> int | None:
        """The test."""
        return self._contents["test_id"]  # type: ignore[no-any-return]

    @property
    def name(self) -> str | None:
        """The full name."""
        return self._contents["name"]  # type: ignore[no-any-return]

    @property
    def email(self) -> str | None:
        """The address."""
        return self._contents["email"]  # type: ignore[no-any-return]

    @property
    def invitation_type(self) -> str | None:
        """`api` or `app`."""
        return self._contents["invitation_type"]  # type: ignore[no-any-return]

    @property
    def status(self) -> Status:
        """Where the invitation stands."""
        from ._words import Status

        return Status(self._contents["status"])

    @property
    def platform_status(self) -> str | None:
        """The platform's own word for it."""
        return self._contents["platform_status"]  # type: ignore[no-any-return]

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return _members(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<RetrievedInvite {self.test_invitation_id}: {self._contents['status']}>"


class RetrievedInvites(Result):
    """The invitations that came to a state within a window.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     day = {"start_date_time": "2000-01-01T00:00:00Z", "end_date_time": "2098-01-01T00:00:00Z"}
    ...     sandbox.imocha().retrieve_invites(state="expired", **day)
    <RetrievedInvites: 0>
    """

    __slots__ = ()

    @property
    def test_attempts(self) -> list[RetrievedInvite]:
        """The invitations, in the platform's order."""
        return [RetrievedInvite(attempt) for attempt in self._contents["test_attempts"]]

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return _members(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<RetrievedInvites: {len(self._contents['test_attempts'])}>"


class CandidateReport(Result):
    """The report of an attempt. What the platform leaves out is None.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = sandbox.imocha()
    ...     invited = client.invite(292930, email="ada@example.com", name="Ada Lovelace")
    ...     for event in ("start", "finish"):
    ...         _ = sandbox.attempt(invited.invitation_id, event)
    ...     report = client.report(invited.invitation_id)
    ...     report.candidate_name, report.score_percentage is not None
    ('Ada Lovelace', True)
    """

    __slots__ = ()

    @property
    def test_invitation_id(self) -> int:
        """The platform's id of the attempt."""
        return int(self._contents["test_invitation_id"])

    @property
    def test_id(self) -> str | None:
        """The test."""
        return self._contents["test_id"]  # type: ignore[no-any-return]

    @property
    def candidate_email(self) -> str | None:
        """The address."""
        return self._contents["candidate_email"]  # type: ignore[no-any-return]

    @property
    def candidate_name(self) -> str | None:
        """The full name."""
        return self._contents["candidate_name"]  # type: ignore[no-any-return]

    @property
    def attempted_on(self) -> str | None:
        """When the attempt began, as RFC 3339 text."""
        return self._contents["attempted_on"]  # type: ignore[no-any-return]

    @property
    def status(self) -> Status:
        """Where the attempt stands; unknown as long as it is not over."""
        from ._words import Status

        return Status(self._contents["status"])

    @property
    def platform_status(self) -> str | None:
        """The platform's own word for it."""
        return self._contents["platform_status"]  # type: ignore[no-any-return]

    @property
    def score(self) -> float | None:
        """Points reached; deprecated by the platform."""
        return self._contents["score"]  # type: ignore[no-any-return]

    @property
    def candidate_points(self) -> float | None:
        """Points reached."""
        return self._contents["candidate_points"]  # type: ignore[no-any-return]

    @property
    def total_test_points(self) -> float | None:
        """Points that can be reached."""
        return self._contents["total_test_points"]  # type: ignore[no-any-return]

    @property
    def score_percentage(self) -> float | None:
        """Points reached, in percent."""
        return self._contents["score_percentage"]  # type: ignore[no-any-return]

    @property
    def time_taken(self) -> int | None:
        """Seconds."""
        return self._contents["time_taken"]  # type: ignore[no-any-return]

    @property
    def test_duration(self) -> int | None:
        """Minutes."""
        return self._contents["test_duration"]  # type: ignore[no-any-return]

    @property
    def performance_category(self) -> str | None:
        """A category of the test's own."""
        return self._contents["performance_category"]  # type: ignore[no-any-return]

    @property
    def test_name(self) -> str | None:
        """What the test is called."""
        return self._contents["test_name"]  # type: ignore[no-any-return]

    @property
    def pdf_report_url(self) -> str | None:
        """The report as PDF."""
        return self._contents["pdf_report_url"]  # type: ignore[no-any-return]

    @property
    def ques_difficulty_analysis(self) -> list[dict[str, Any]] | None:
        """The questions by difficulty."""
        return _list(self._contents["ques_difficulty_analysis"])

    @property
    def sections(self) -> list[dict[str, Any]] | None:
        """Section scores, in types 1 and 3."""
        return _list(self._contents["sections"])

    @property
    def skills(self) -> list[dict[str, Any]] | None:
        """Skill scores, in types 2 and 3."""
        return _list(self._contents["skills"])

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return _members(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<CandidateReport {self.test_invitation_id}: {self._contents['status']}>"


class RetrievedTest(Result):
    """What a test of iMocha looks like.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     test = sandbox.imocha().retrieve_test(292930)
    ...     test.test_id, test.questions
    (292930, 20)
    """

    __slots__ = ()

    @property
    def test_id(self) -> int:
        """The test."""
        return int(self._contents["test_id"])

    @property
    def test_name(self) -> str | None:
        """What it is called."""
        return self._contents["test_name"]  # type: ignore[no-any-return]

    @property
    def duration(self) -> int | None:
        """Minutes."""
        return self._contents["duration"]  # type: ignore[no-any-return]

    @property
    def questions(self) -> int | None:
        """How many questions there are."""
        return self._contents["questions"]  # type: ignore[no-any-return]

    @property
    def sections(self) -> list[dict[str, Any]] | None:
        """The sections."""
        return _list(self._contents["sections"])

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return _members(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<RetrievedTest {self.test_id}>"


class ProcessedCallbacks(Result):
    """Which callbacks iMocha sends again.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = sandbox.imocha()
    ...     invited = client.invite(292930, email="ada@example.com", name="Ada", callback_url="http://127.0.0.1:9/")
    ...     for event in ("start", "finish"):
    ...         _ = sandbox.attempt(invited.invitation_id, event)
    ...     client.process_callbacks([invited.invitation_id]).failed
    []
    """

    __slots__ = ()

    @property
    def successful(self) -> list[int]:
        """The invitations whose callback is queued."""
        return list(self._contents["successful"])

    @property
    def failed(self) -> list[int]:
        """The others."""
        return list(self._contents["failed"])

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return _members(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<ProcessedCallbacks: {len(self.successful)} queued, {len(self.failed)} not>"


class TestLink(Result):
    """A link of a test of iMocha. What the platform leaves out is None.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     link = sandbox.imocha().create_test_link(303076, "Campus")
    ...     link.test_link_name, link.is_api_link
    ('Campus', False)
    """

    __slots__ = ()
    __test__ = False  # pytest takes classes of this name for tests

    @property
    def test_link_id(self) -> int | None:
        """The link."""
        return self._contents["test_link_id"]  # type: ignore[no-any-return]

    @property
    def test_id(self) -> int | None:
        """The test."""
        return self._contents["test_id"]  # type: ignore[no-any-return]

    @property
    def test_link_name(self) -> str | None:
        """What it is called."""
        return self._contents["test_link_name"]  # type: ignore[no-any-return]

    @property
    def test_link(self) -> str | None:
        """Its access key."""
        return self._contents["test_link"]  # type: ignore[no-any-return]

    @property
    def test_link_status(self) -> str | None:
        """`active` or `inactive`."""
        return self._contents["test_link_status"]  # type: ignore[no-any-return]

    @property
    def invitation_type(self) -> str | None:
        """`email` or `open`."""
        return self._contents["invitation_type"]  # type: ignore[no-any-return]

    @property
    def is_api_link(self) -> bool | None:
        """Whether it is the one that invites without a link go through."""
        return self._contents["is_api_link"]  # type: ignore[no-any-return]

    @property
    def proctoring_settings(self) -> dict[str, Any] | None:
        """How candidates are watched."""
        return _dict(self._contents["proctoring_settings"])

    @property
    def stakeholder_emails(self) -> str | None:
        """Comma-separated addresses told of completion."""
        return self._contents["stakeholder_emails"]  # type: ignore[no-any-return]

    @property
    def invitation_schedule(self) -> dict[str, Any] | None:
        """When its invitations can be used; times as RFC 3339 text."""
        return _dict(self._contents["invitation_schedule"])

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return dict(self._contents.get("extra", {}))

    def __repr__(self) -> str:
        return f"<TestLink {self.test_link_id}>"


class PdfReport(Result):
    """The report of an attempt as PDF: the file, or where it is.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = sandbox.imocha()
    ...     invited = client.invite(292930, email="ada@example.com", name="Ada Lovelace")
    ...     for event in ("start", "finish"):
    ...         _ = sandbox.attempt(invited.invitation_id, event)
    ...     sandbox.imocha().report_pdf(invited.invitation_id).pdf[:5]
    b'%PDF-'
    """

    __slots__ = ()

    @property
    def pdf(self) -> bytes | None:
        """The file."""
        from base64 import b64decode

        text = self._contents["pdf"]
        return None if text is None else b64decode(text)

    @property
    def pdf_report_url(self) -> str | None:
        """Where the file is."""
        return self._contents["pdf_report_url"]  # type: ignore[no-any-return]

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return _members(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<PdfReport: {'an address' if self._contents['pdf'] is None else 'a file'}>"


class ListedTest(Result):
    """One test of a list. What the platform leaves out is None.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     sandbox.declare({"imocha": {"tests": [{"test_id": 1, "name": "One"}]}})
    ...     next(sandbox.imocha().tests()).test_name
    'One'
    """

    __slots__ = ()

    @property
    def test_id(self) -> int | None:
        """The test."""
        return self._contents["test_id"]  # type: ignore[no-any-return]

    @property
    def test_name(self) -> str | None:
        """What it is called."""
        return self._contents["test_name"]  # type: ignore[no-any-return]

    @property
    def status(self) -> str | None:
        """The platform's word; its values are not documented."""
        return self._contents["status"]  # type: ignore[no-any-return]

    @property
    def duration(self) -> int | None:
        """Minutes."""
        return self._contents["duration"]  # type: ignore[no-any-return]

    @property
    def labels(self) -> list[str] | None:
        """The labels' texts."""
        return _list(self._contents["labels"])

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return dict(self._contents.get("extra", {}))

    def __repr__(self) -> str:
        return f"<ListedTest {self.test_id}>"


class TestPage(Result):
    """One page of the account's tests.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     sandbox.declare({"imocha": {"tests": [{"test_id": 1, "name": "One"}]}})
    ...     page = sandbox.imocha().list_tests()
    ...     page.count, page.tests
    (1, [<ListedTest 1>])
    """

    __slots__ = ()
    __test__ = False  # pytest takes classes of this name for tests

    @property
    def tests(self) -> list[ListedTest]:
        """The tests, in the platform's order."""
        return [ListedTest(test) for test in self._contents["tests"]]

    @property
    def count(self) -> int | None:
        """How many there are on all pages."""
        return self._contents["count"]  # type: ignore[no-any-return]

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return _members(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<TestPage: {len(self._contents['tests'])}>"


class MaskingAccepted(Result):
    """iMocha's word that personal data will be masked.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = sandbox.imocha()
    ...     invited = client.invite(292930, email="ada@example.com", name="Ada Lovelace")
    ...     client.mask_personal_data("ada@example.com")
    <MaskingAccepted>
    """

    __slots__ = ()

    @property
    def result(self) -> str | None:
        """The platform's text."""
        return self._contents["result"]  # type: ignore[no-any-return]

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return _members(self._contents["extra"])


class Assigned(Result):
    """What Think Exam answered to an assignment or a de-assignment. It says nothing about mails.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = sandbox.think_exam()
    ...     (registered,) = client.register([{"name": "Ada Lovelace", "email": "ada@example.com"}])
    ...     assigned = client.assign_test("ada@example.com", 41)
    ...     assigned.result, assigned.platform_code
    ('success', '200')
    """

    __slots__ = ()

    @property
    def result(self) -> str:
        """The platform's word, `success`."""
        return str(self._contents["result"])

    @property
    def platform_code(self) -> str | None:
        """The platform's code, `200`."""
        return self._contents["code"]  # type: ignore[no-any-return]

    @property
    def platform_message(self) -> str | None:
        """The platform's text."""
        return self._contents["msg"]  # type: ignore[no-any-return]

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return _members(self._contents["extra"])


class Registered(Result):
    """What Think Exam answered for one candidate: registered, known already, or refused.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = sandbox.think_exam()
    ...     ada = {"name": "Ada Lovelace", "email": "ada@example.com"}
    ...     [client.register([ada])[0].is_login for _ in range(2)]
    [False, True]
    """

    __slots__ = ()

    @property
    def is_login(self) -> bool:
        """Whether the candidate was registered before."""
        return bool(self._contents["is_login"])

    @property
    def error(self) -> Error | None:
        """Why this candidate was refused; None when it was not."""
        return self._contents["error"]  # type: ignore[no-any-return]

    @property
    def platform_code(self) -> str | None:
        """The platform's code."""
        return self._contents["code"]  # type: ignore[no-any-return]

    @property
    def platform_message(self) -> str | None:
        """The platform's text."""
        return self._contents["msg"]  # type: ignore[no-any-return]

    @property
    def student_id(self) -> int | None:
        """The platform's id of the candidate."""
        return self._contents["student_id"]  # type: ignore[no-any-return]

    @property
    def enrollment_number(self) -> str | None:
        """The enrollment number, as given or as made by the platform."""
        return self._contents["enrollment_no"]  # type: ignore[no-any-return]

    @property
    def profile_pic(self) -> str | None:
        """The address of the candidate's picture."""
        return self._contents["profile_pic"]  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        came_to = "refused" if self.error else "logged in" if self.is_login else "registered"
        return f"<Registered {self.student_id}: {came_to}>"


class CallbackEvent(Result):
    """What a platform says has happened.

    Nothing is assumed of order or number, nor of truth where nothing is signed.

    >>> import bidden
    >>> body = '{"TestInvitationId": 7, "CandidateEmailId": "ada@example.com", "Status": "Complete"}'
    >>> event = bidden.read_callback("imocha", {}, body)
    >>> event.status, event.authenticity
    (<Status.COMPLETE: 'complete'>, 'unsigned')
    """

    __slots__ = ()

    @property
    def platform(self) -> Platform:
        """Which platform."""
        from ._words import Platform

        return Platform(self._contents["platform"])

    @property
    def status(self) -> Status:
        """Where the attempt stands. TestInvite speaks of one test session, of which an invitation may have several."""
        from ._words import Status

        return Status(self._contents["status"])

    @property
    def form(self) -> str:
        """In which of the platform's forms: `attempt`; `basic`, `detailed`; `current`, `legacy`."""
        return str(self._contents["form"])

    @property
    def platform_status(self) -> str | None:
        """The platform's own word; Think Exam's legacy form has none."""
        return self._contents["platform_status"]  # type: ignore[no-any-return]

    @property
    def invitation_id(self) -> str | None:
        """The invitation by the platform's id; Think Exam names none."""
        return self._contents["invitation_id"]  # type: ignore[no-any-return]

    @property
    def candidate_id(self) -> str | None:
        """The candidate by the platform's id: TestInvite's candidate, Think Exam's enrollment number."""
        return self._contents["candidate_id"]  # type: ignore[no-any-return]

    @property
    def session_id(self) -> str | None:
        """TestInvite: the test session."""
        return self._contents["session_id"]  # type: ignore[no-any-return]

    @property
    def email(self) -> str | None:
        """The candidate's address, where it is told."""
        return self._contents["email"]  # type: ignore[no-any-return]

    @property
    def name(self) -> str | None:
        """The candidate's full name, where it is told."""
        return self._contents["name"]  # type: ignore[no-any-return]

    @property
    def test_id(self) -> str | None:
        """The test, where it is told."""
        return self._contents["test_id"]  # type: ignore[no-any-return]

    @property
    def score(self) -> float | None:
        """The score; an iMocha attempt in progress has 0."""
        return self._contents["score"]  # type: ignore[no-any-return]

    @property
    def maximum_score(self) -> float | None:
        """The most that could be scored."""
        return self._contents["maximum_score"]  # type: ignore[no-any-return]

    @property
    def percentage(self) -> float | None:
        """The score in percent."""
        return self._contents["percentage"]  # type: ignore[no-any-return]

    @property
    def category(self) -> str | None:
        """The performance category, of iMocha."""
        return self._contents["category"]  # type: ignore[no-any-return]

    @property
    def attempted_at(self) -> datetime | None:
        """When the attempt was begun."""
        return _moment(self._contents["attempted_at"])

    @property
    def completed_at(self) -> datetime | None:
        """When it was completed."""
        return _moment(self._contents["completed_at"])

    @property
    def report_url(self) -> str | None:
        """Where the report is."""
        return self._contents["report_url"]  # type: ignore[no-any-return]

    @property
    def authenticity(self) -> Literal["verified", "unsigned", "not-checked"]:
        """How far it can be believed: an unsigned event is a hint, to be looked up at the platform."""
        return self._contents["authenticity"]  # type: ignore[no-any-return]

    @property
    def dedupe_key(self) -> str:
        """Equal for two callbacks that say the same; holds no personal data."""
        return str(self._contents["dedupe_key"])

    @property
    def extra(self) -> dict[str, Any]:
        """Members that have no place here, as they came."""
        return _members(self._contents["extra"])

    @property
    def body(self) -> str:
        """The body as it came."""
        return str(self._contents["body"])

    def moves(self, known: Status | str) -> bool:
        """Whether it moves an invitation that stands at `known`: what is over is not in progress again.

        >>> import bidden
        >>> event = bidden.read_callback("imocha", {}, '{"TestInvitationId": 7, "Status": "In Progress"}')
        >>> event.moves("pending"), event.moves("complete")
        (True, False)
        """
        from ._bidden import callback_moves

        return callback_moves(self._contents["status"], known)

    def __repr__(self) -> str:
        return f"<CallbackEvent {self._contents['platform']}: {self._contents['status']}>"


def read_callback(
    platform: Platform | str,
    headers: Mapping[str, str] | None,
    body: bytes | str,
    *,
    key: str | Secret | None = None,
) -> CallbackEvent:
    """Read what a platform sent to an address of yours.

    `key` is what Think Exam's admin panel shows for the webhook; it is compared in constant time. The other two sign
    nothing. Raises `UnauthorizedError` for another key, `MalformedReplyError` for what is no callback of the platform.

    >>> import bidden
    >>> event = bidden.read_callback("imocha", {}, '{"TestInvitationId": 7, "Status": "Complete"}')
    >>> event.invitation_id, event.authenticity
    ('7', 'unsigned')
    """
    from ._bidden import read_callback

    return CallbackEvent(read_callback(platform, headers, body, key))


class LoggedIn(Result):
    """What Think Exam answered to a candidate's login. The tokens are credentials of the candidate: never keep them.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = sandbox.think_exam()
    ...     _ = client.unified_auth(name="Ada", email="ada@example.com", password="p4ssword")
    ...     session = client.check_login("ada@example.com", "p4ssword")
    ...     session.name, session.access_token
    ('Ada', Secret(…))
    """

    __slots__ = ()

    @property
    def result(self) -> str:
        """The platform's word, `success`."""
        return str(self._contents["result"])

    @property
    def platform_code(self) -> str | None:
        """The platform's code, `200`."""
        return self._contents["code"]  # type: ignore[no-any-return]

    @property
    def platform_message(self) -> str | None:
        """The platform's text."""
        return self._contents["msg"]  # type: ignore[no-any-return]

    @property
    def name(self) -> str | None:
        """The full name."""
        return self._contents["name"]  # type: ignore[no-any-return]

    @property
    def email(self) -> str | None:
        """The address."""
        return self._contents["email"]  # type: ignore[no-any-return]

    @property
    def course(self) -> str | None:
        """The course."""
        return self._contents["course"]  # type: ignore[no-any-return]

    @property
    def student_id(self) -> int | None:
        """The platform's id of the candidate."""
        return self._contents["student_id"]  # type: ignore[no-any-return]

    @property
    def enrollment_number(self) -> str | None:
        """The enrollment number."""
        return self._contents["enrollment_no"]  # type: ignore[no-any-return]

    @property
    def profile_pic(self) -> str | None:
        """The address of the candidate's picture."""
        return self._contents["profile_pic"]  # type: ignore[no-any-return]

    @property
    def redirection_url(self) -> Secret | None:
        """Where the candidate is logged in by itself: it ends with the access token."""
        return _secret(self._contents["redirection_url"])

    @property
    def access_token(self) -> Secret | None:
        """The candidate's access token, opaque."""
        return _secret(self._contents["access_token"])

    @property
    def laravel_token(self) -> Secret | None:
        """The candidate's other token, opaque."""
        return _secret(self._contents["laravel_token"])

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return _members(self._contents["extra"])

    def to_dict(self) -> dict[str, Any]:
        """Give everything as a new dict, the tokens as `Secret`.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.think_exam()
        ...     _ = client.unified_auth(name="Ada", email="ada@example.com", password="p4ssword")
        ...     client.check_login("ada@example.com", "p4ssword").to_dict()["access_token"]
        Secret(…)
        """
        plain = super().to_dict()
        for name in ("redirection_url", "access_token", "laravel_token"):
            plain[name] = _secret(plain[name])
        return plain

    def __reduce__(self) -> NoReturn:
        raise TypeError("a LoggedIn holds tokens of a candidate, which no pickle shows")

    def __repr__(self) -> str:
        return f"<LoggedIn {self.student_id}>"


class Created(Result):
    """The candidate that TestInvite created.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = sandbox.testinvite()
    ...     created = client.create_candidate("task-1", bidden.TemporaryCandidate(fullname="Ada Lovelace"))
    ...     created.fullname, created.invitation_code is not None
    ('Ada Lovelace', True)
    """

    __slots__ = ()

    @property
    def candidate_id(self) -> str:
        """The platform's id."""
        return str(self._contents["candidate_id"])

    @property
    def kind(self) -> str:
        """`temp` or `user`, as the platform says it."""
        return str(self._contents["kind"])

    @property
    def task_id(self) -> str:
        """The task."""
        return str(self._contents["task_id"])

    @property
    def logged_in(self) -> bool:
        """Whether the candidate has logged in."""
        return bool(self._contents["logged_in"])

    @property
    def fullname(self) -> str | None:
        """The full name, when there is one."""
        return self._contents["fullname"]  # type: ignore[no-any-return]

    @property
    def email(self) -> str | None:
        """The address, when there is one."""
        return self._contents["email"]  # type: ignore[no-any-return]

    @property
    def invitation_code(self) -> str | None:
        """What the candidate enters, or the link carries."""
        return self._contents["invitation_code"]  # type: ignore[no-any-return]

    @property
    def direct_access_url(self) -> str | None:
        """The candidate's own link, where the platform tells it."""
        return self._contents["direct_access_url"]  # type: ignore[no-any-return]

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return _members(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<Created {self.candidate_id}>"


class TaskCandidate(Result):
    """A candidate of a TestInvite task, as listing and fetching tell it. What the platform does not tell is None.

    Everything from `organization_id` on is told in mode `detailed` only.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = sandbox.testinvite()
    ...     created = client.create_candidate("task-1", bidden.TemporaryCandidate(fullname="Ada Lovelace"))
    ...     (found,) = client.list_candidates("task-1", mode="detailed").candidates
    ...     found.fullname, found.active
    ('Ada Lovelace', True)
    """

    __slots__ = ()

    @property
    def candidate_id(self) -> str:
        """The platform's id."""
        return str(self._contents["candidate_id"])

    @property
    def kind(self) -> str | None:
        """`temp` or `user`, as the platform says it."""
        return self._contents["kind"]  # type: ignore[no-any-return]

    @property
    def task_id(self) -> str:
        """The task."""
        return str(self._contents["task_id"])

    @property
    def logged_in(self) -> bool | None:
        """Whether the candidate has logged in."""
        return self._contents["logged_in"]  # type: ignore[no-any-return]

    @property
    def fullname(self) -> str | None:
        """The full name, when there is one."""
        return self._contents["fullname"]  # type: ignore[no-any-return]

    @property
    def email(self) -> str | None:
        """The address, when there is one."""
        return self._contents["email"]  # type: ignore[no-any-return]

    @property
    def invitation_code(self) -> str | None:
        """What the candidate enters, or the link carries."""
        return self._contents["invitation_code"]  # type: ignore[no-any-return]

    @property
    def direct_access_url(self) -> str | None:
        """The candidate's own link; none for a user, and told by the list only."""
        return self._contents["direct_access_url"]  # type: ignore[no-any-return]

    @property
    def organization_id(self) -> str | None:
        """The organization that the task belongs to."""
        return self._contents["organization_id"]  # type: ignore[no-any-return]

    @property
    def source(self) -> str | None:
        """`self-registration` or `pre-registration`."""
        return self._contents["source"]  # type: ignore[no-any-return]

    @property
    def active(self) -> bool | None:
        """Whether the candidate may log in."""
        return self._contents["active"]  # type: ignore[no-any-return]

    @property
    def active_after(self) -> datetime | None:
        """Since when the candidate may log in, in UTC."""
        return _moment(self._contents["active_after"])

    @property
    def active_before(self) -> datetime | None:
        """Until when the candidate may log in, in UTC."""
        return _moment(self._contents["active_before"])

    @property
    def group(self) -> str | None:
        """The group."""
        return self._contents["group"]  # type: ignore[no-any-return]

    @property
    def tags(self) -> dict[str, Any] | None:
        """The tags."""
        return _dict(self._contents["tags"])

    @property
    def labels(self) -> list[str] | None:
        """The labels."""
        return _list(self._contents["labels"])

    @property
    def rating(self) -> int | None:
        """The rating, 1 to 5."""
        return self._contents["rating"]  # type: ignore[no-any-return]

    @property
    def stage(self) -> str | None:
        """The stage."""
        return self._contents["stage"]  # type: ignore[no-any-return]

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return _members(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<TaskCandidate {self.candidate_id}>"


class _Page(Result):
    """One page of a TestInvite list, and where it stands among the others."""

    __slots__ = ()

    @property
    def total_items(self) -> int | None:
        """How many entries fit the filters."""
        return self._paging("total_items")  # type: ignore[no-any-return]

    @property
    def total_pages(self) -> int | None:
        """How many pages they fill."""
        return self._paging("total_pages")  # type: ignore[no-any-return]

    @property
    def current_page(self) -> int | None:
        """Which page this is, counted from 1."""
        return self._paging("current_page")  # type: ignore[no-any-return]

    @property
    def limit(self) -> int | None:
        """How many entries a page has."""
        return self._paging("limit")  # type: ignore[no-any-return]

    @property
    def next(self) -> str | None:
        """The query of the next page, such as `?limit=5&page=3&mode=basic`; none on the last."""
        return self._paging("next")  # type: ignore[no-any-return]

    @property
    def previous(self) -> str | None:
        """The query of the page before; none on the first."""
        return self._paging("previous")  # type: ignore[no-any-return]

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return _members(self._contents["extra"])

    def _paging(self, name: str) -> Any:  # noqa: ANN401
        return (self._contents["pagination"] or {}).get(name)


class CandidatePage(_Page):
    """One page of the candidates of a TestInvite task, and where it stands among the others.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = sandbox.testinvite()
    ...     created = client.create_candidate("task-1", bidden.TemporaryCandidate(fullname="Ada Lovelace"))
    ...     page = client.list_candidates("task-1")
    ...     page.total_items, len(page.candidates)
    (1, 1)
    """

    __slots__ = ()

    @property
    def candidates(self) -> list[TaskCandidate]:
        """The candidates of this page."""
        return [TaskCandidate(candidate) for candidate in self._contents["candidates"]]

    def __repr__(self) -> str:
        return f"<CandidatePage {self.current_page}: {len(self._contents['candidates'])} of {self.total_items}>"


class Task(Result):
    """A TestInvite task. What the platform does not tell is None; words are the platform's own.

    Everything from `organization_id` on is told in mode `detailed` only.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     task = sandbox.testinvite().fetch_task("task-1", mode="detailed")
    ...     task.task_id, task.active
    ('task-1', True)
    """

    __slots__ = ()

    @property
    def task_id(self) -> str:
        """The platform's id."""
        return str(self._contents["task_id"])

    @property
    def title(self) -> str | None:
        """The title."""
        return self._contents["title"]  # type: ignore[no-any-return]

    @property
    def created_at(self) -> datetime | None:
        """When it was made, in UTC."""
        return _moment(self._contents["created_at"])

    @property
    def organization_id(self) -> str | None:
        """The organization that it belongs to."""
        return self._contents["organization_id"]  # type: ignore[no-any-return]

    @property
    def favorite(self) -> bool | None:
        """Whether it is marked as a favorite."""
        return self._contents["favorite"]  # type: ignore[no-any-return]

    @property
    def folder(self) -> str | None:
        """The folder that it lies in."""
        return self._contents["folder"]  # type: ignore[no-any-return]

    @property
    def labels(self) -> list[str] | None:
        """The labels."""
        return _list(self._contents["labels"])

    @property
    def tags(self) -> dict[str, Any] | None:
        """The tags."""
        return _dict(self._contents["tags"])

    @property
    def lang(self) -> str | None:
        """`default`, or the code of a language."""
        return self._contents["lang"]  # type: ignore[no-any-return]

    @property
    def access_method(self) -> str | None:
        """How candidates log in, e.g. `invitation-code`."""
        return self._contents["access_method"]  # type: ignore[no-any-return]

    @property
    def active(self) -> bool | None:
        """Whether candidates may log in."""
        return self._contents["active"]  # type: ignore[no-any-return]

    @property
    def active_after(self) -> datetime | None:
        """Since when candidates may log in, in UTC."""
        return _moment(self._contents["active_after"])

    @property
    def active_before(self) -> datetime | None:
        """Until when candidates may log in, in UTC."""
        return _moment(self._contents["active_before"])

    @property
    def programs(self) -> list[dict[str, Any]] | None:
        """What `program_ids` of a candidate may name: `uuid` and `name` of each."""
        return _list(self._contents["programs"])

    @property
    def stages(self) -> list[dict[str, Any]] | None:
        """The stages of a candidate: `uuid` and `name` of each."""
        return _list(self._contents["stages"])

    @property
    def email_templates(self) -> list[dict[str, Any]] | None:
        """What `email_template_name` of a candidate may name: `name` and `subject` of each."""
        return _list(self._contents["email_templates"])

    @property
    def private_chat_enabled(self) -> bool | None:
        """Whether candidates may chat with the proctor."""
        return self._contents["private_chat_enabled"]  # type: ignore[no-any-return]

    @property
    def steps(self) -> list[dict[str, Any]] | None:
        """What `step_id` of a candidate may name: `id`, `title`, `test` and so on; times as RFC 3339 text."""
        return _list(self._contents["steps"])

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return _members(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<Task {self.task_id}>"


class TaskPage(_Page):
    """One page of the tasks of TestInvite, and where it stands among the others.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     sandbox.declare({"testinvite": {"tasks": [{"task_id": "campus", "title": "Campus"}]}})
    ...     page = sandbox.testinvite().list_tasks()
    ...     page.current_page, len(page.tasks)
    (1, 1)
    """

    __slots__ = ()

    @property
    def tasks(self) -> list[Task]:
        """The entries of this page."""
        return [Task(entry) for entry in self._contents["tasks"]]

    def __repr__(self) -> str:
        return f"<TaskPage {self.current_page}: {len(self._contents['tasks'])} of {self.total_items}>"


class User(Result):
    """A user of the organization at TestInvite. What the platform does not tell is None.

    Everything from `organization_id` on is told in mode `detailed` only. `repr` shows no personal data.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     sandbox.testinvite().fetch_user("u-1001")
    <User u-1001>
    """

    __slots__ = ()

    @property
    def user_id(self) -> str:
        """The platform's id; what `id` of an internal candidate names."""
        return str(self._contents["user_id"])

    @property
    def created_at(self) -> datetime | None:
        """When it was made, in UTC."""
        return _moment(self._contents["created_at"])

    @property
    def username(self) -> str | None:
        """The name with which the user logs in."""
        return self._contents["username"]  # type: ignore[no-any-return]

    @property
    def fullname(self) -> str | None:
        """The full name, when there is one."""
        return self._contents["fullname"]  # type: ignore[no-any-return]

    @property
    def email(self) -> str | None:
        """The address, when there is one."""
        return self._contents["email"]  # type: ignore[no-any-return]

    @property
    def organization_id(self) -> str | None:
        """The organization."""
        return self._contents["organization_id"]  # type: ignore[no-any-return]

    @property
    def folder(self) -> str | None:
        """The folder that it lies in."""
        return self._contents["folder"]  # type: ignore[no-any-return]

    @property
    def tags(self) -> dict[str, Any] | None:
        """The tags."""
        return _dict(self._contents["tags"])

    @property
    def labels(self) -> list[str] | None:
        """The labels."""
        return _list(self._contents["labels"])

    @property
    def group(self) -> str | None:
        """The group."""
        return self._contents["group"]  # type: ignore[no-any-return]

    @property
    def favorite(self) -> bool | None:
        """Whether it is marked as a favorite."""
        return self._contents["favorite"]  # type: ignore[no-any-return]

    @property
    def active(self) -> bool | None:
        """Whether the user may log in."""
        return self._contents["active"]  # type: ignore[no-any-return]

    @property
    def roles(self) -> list[str] | None:
        """The roles, e.g. `MANAGER` or `USER`."""
        return _list(self._contents["roles"])

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return _members(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<User {self.user_id}>"


class UserPage(_Page):
    """One page of the users of TestInvite, and where it stands among the others.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     sandbox.testinvite().list_users()
    <UserPage 1: 2 of 2>
    """

    __slots__ = ()

    @property
    def users(self) -> list[User]:
        """The entries of this page."""
        return [User(entry) for entry in self._contents["users"]]

    def __repr__(self) -> str:
        return f"<UserPage {self.current_page}: {len(self._contents['users'])} of {self.total_items}>"


class TestSession(Result):
    """A test session of a TestInvite candidate, which the platform calls a test instance too.

    What the platform does not tell is None. Everything from `organization_id` on is told in mode `detailed` only,
    everything from `credit_cost` on by `expand_test_session` only.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = sandbox.testinvite()
    ...     created = client.create_candidate("task-1", bidden.TemporaryCandidate(fullname="Ada Lovelace"))
    ...     _ = sandbox.attempt(created.candidate_id, "start")
    ...     (session,) = client.list_test_sessions("task-1").test_instances
    ...     session.task_id, session.status
    ('task-1', 'STARTED')
    """

    __slots__ = ()
    __test__ = False  # pytest takes classes of this name for tests

    @property
    def test_instance_id(self) -> str:
        """The platform's id."""
        return str(self._contents["test_instance_id"])

    @property
    def task_id(self) -> str | None:
        """The task."""
        return self._contents["task_id"]  # type: ignore[no-any-return]

    @property
    def step_id(self) -> str | None:
        """The step of the task."""
        return self._contents["step_id"]  # type: ignore[no-any-return]

    @property
    def ticket_id(self) -> str | None:
        """The candidate's id, in an older word of the platform."""
        return self._contents["ticket_id"]  # type: ignore[no-any-return]

    @property
    def status(self) -> str | None:
        """`STARTED`, `COMPLETE` or `RESETUP`."""
        return self._contents["status"]  # type: ignore[no-any-return]

    @property
    def ignored(self) -> bool | None:
        """Whether it does not count."""
        return self._contents["ignored"]  # type: ignore[no-any-return]

    @property
    def result(self) -> dict[str, Any] | None:
        """What came of it: `completed_at` as RFC 3339 text, `scoreboard` and so on; None until there is a result."""
        return _dict(self._contents["result"])

    @property
    def organization_id(self) -> str | None:
        """The organization."""
        return self._contents["organization_id"]  # type: ignore[no-any-return]

    @property
    def candidate(self) -> dict[str, Any] | None:
        """Whose session: `id` and `kind`."""
        return _dict(self._contents["candidate"])

    @property
    def folder(self) -> str | None:
        """The folder that it lies in."""
        return self._contents["folder"]  # type: ignore[no-any-return]

    @property
    def group(self) -> str | None:
        """The candidate's group."""
        return self._contents["group"]  # type: ignore[no-any-return]

    @property
    def labels(self) -> list[str] | None:
        """The candidate's labels."""
        return _list(self._contents["labels"])

    @property
    def tags(self) -> dict[str, Any] | None:
        """The candidate's tags."""
        return _dict(self._contents["tags"])

    @property
    def credit_cost(self) -> int | float | None:
        """What it cost."""
        return self._contents["credit_cost"]  # type: ignore[no-any-return]

    @property
    def uniq_id(self) -> str | None:
        """The candidate's unique id; no other call tells it."""
        return self._contents["uniq_id"]  # type: ignore[no-any-return]

    @property
    def test(self) -> dict[str, Any] | None:
        """The test: `source`, `test_id` and `organization_id`."""
        return _dict(self._contents["test"])

    @property
    def room_form(self) -> dict[str, Any] | None:
        """The form that the candidate filled in before."""
        return _dict(self._contents["room_form"])

    @property
    def identity_photo(self) -> dict[str, Any] | None:
        """The photo by which the candidate is identified: its `url`."""
        return _dict(self._contents["identity_photo"])

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return _members(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<TestSession {self.test_instance_id} {self.status}>"


class TestSessionPage(_Page):
    """One page of the test sessions of a TestInvite task, and where it stands among the others.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     sandbox.testinvite().list_test_sessions("task-1")
    <TestSessionPage 1: 0 of 0>
    """

    __slots__ = ()
    __test__ = False  # pytest takes classes of this name for tests

    @property
    def test_instances(self) -> list[TestSession]:
        """The entries of this page."""
        return [TestSession(entry) for entry in self._contents["test_instances"]]

    def __repr__(self) -> str:
        return f"<TestSessionPage {self.current_page}: {len(self._contents['test_instances'])} of {self.total_items}>"


class TestSessionSet(Result):
    """What a search for test sessions found: one set, and where the next one begins.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     found = sandbox.testinvite().search_test_sessions("task-1", kind="info", email="ada@example.com")
    ...     found, found.last_doc_id
    (<TestSessionSet of 0>, None)
    """

    __slots__ = ()
    __test__ = False  # pytest takes classes of this name for tests

    @property
    def test_instances(self) -> list[TestSession]:
        """The sessions of this set."""
        return [TestSession(session) for session in self._contents["test_instances"]]

    @property
    def limit(self) -> int | None:
        """How many sessions a set has."""
        return (self._contents["pagination"] or {}).get("limit")

    @property
    def last_doc_id(self) -> str | None:
        """What the next search sends back; None when there are no more."""
        return (self._contents["pagination"] or {}).get("last_doc_id")

    @property
    def next(self) -> str | None:
        """The query of the next set; None when there are no more."""
        return (self._contents["pagination"] or {}).get("next")

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return _members(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<TestSessionSet of {len(self._contents['test_instances'])}>"


class Answers(Result):
    """The answers of a TestInvite test session, question by question.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = sandbox.testinvite()
    ...     created = client.create_candidate("task-1", bidden.TemporaryCandidate(fullname="Ada Lovelace"))
    ...     _ = sandbox.attempt(created.candidate_id, "start")
    ...     (session,) = client.list_test_sessions("task-1").test_instances
    ...     answers = client.list_answers("task-1", session.test_instance_id).answers
    ...     len(answers), answers[0]["question_no"]
    (3, 1)
    """

    __slots__ = ()

    @property
    def answers(self) -> list[dict[str, Any]]:
        """The answers: `question` with its `kind`, `text` and `answer`, where it stands, and so on."""
        return _entries(self._contents["answers"])

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return _members(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<Answers: {len(self._contents['answers'])}>"


def _moment(text: str | None) -> datetime | None:
    """Give an aware datetime; Python 3.10 itself reads only some forms of RFC 3339."""
    from ._bidden import AccessWindow

    return None if text is None else AccessWindow(text).start


def _secret(text: str | None) -> Secret | None:
    """Wrap a token, so that it is not seen by accident."""
    from ._bidden import Secret

    return None if text is None else Secret(text)


def _list(values: list[Any] | None) -> list[Any] | None:
    return None if values is None else _entries(values)


def _dict(members: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if members is None else _members(members)


def _entries(values: list[Any]) -> list[Any]:
    return [_copied(value) for value in values]


def _members(members: dict[str, Any]) -> dict[str, Any]:
    return {name: _copied(member) for name, member in members.items()}


def _copied(value: Any) -> Any:  # noqa: ANN401
    """Copy what could be changed, at any depth."""
    if isinstance(value, dict):
        return _members(value)
    return _entries(value) if isinstance(value, list) else value


class Outcome(Result):
    """What an operation through a ledger came to.

    `repr` shows no personal data. What is not known is None.

    >>> import bidden, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
    ...     client = sandbox.imocha()
    ...     with bidden.Ledger(f"{folder}/ledger.db") as ledger:
    ...         match ledger.invite(client, 292930, email="ada@example.com", name="Ada Lovelace"):
    ...             case bidden.Outcome("invited", status, None):
    ...                 print(status)
    pending
    """

    __slots__ = ()
    __match_args__: tuple[str, ...] = ("disposition", "status", "error")

    @property
    def disposition(self) -> str:
        """What it came to, in a word of the command: `invited`, `unchanged`, `held`, `uncertain` and so on."""
        return str(self._contents["disposition"])

    @property
    def is_good(self) -> bool:
        """Whether what was wished is so, by this operation or before."""
        return bool(self._contents["is_good"])

    @property
    def known_from(self) -> Literal["reply", "ledger", "lookup"] | None:
        """Where that is known from: the platform's answer, the ledger (nothing was sent), or a look-up."""
        return self._contents["known_from"]  # type: ignore[no-any-return]

    @property
    def email(self) -> Literal["none", "asked", "scheduled", "uncertain"]:
        """What became of the platform's mail to the candidate, over all that the ledger knows of the invitation."""
        return self._contents["email"]  # type: ignore[no-any-return]

    @property
    def asked_for_mail(self) -> bool:
        """Whether this very operation asked for a mail and was not refused."""
        return bool(self._contents["asked_for_mail"])

    @property
    def status(self) -> Status:
        """Where the invitation stands."""
        from ._words import Status

        return Status(self._contents["status"])

    @property
    def platform_status(self) -> str | None:
        """The platform's own word for it."""
        return self._contents["platform_status"]  # type: ignore[no-any-return]

    @property
    def invitation_id(self) -> str | None:
        """The platform's id of the invitation."""
        return self._contents["invitation_id"]  # type: ignore[no-any-return]

    @property
    def invitation_code(self) -> str | None:
        """TestInvite: the code with which the candidate logs in."""
        return self._contents["invitation_code"]  # type: ignore[no-any-return]

    @property
    def test_url(self) -> str | None:
        """What the candidate opens."""
        return self._contents["test_url"]  # type: ignore[no-any-return]

    @property
    def error(self) -> Error | None:
        """Why it did not end well; None when nothing went wrong."""
        return self._contents["error"]  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"<Outcome {self.disposition}, email {self.email}>"


class RowOutcome(Outcome):
    """What a row of many came to.

    >>> import bidden
    >>> people = [{"email": "ada@example.com", "name": "Ada Lovelace"}]
    >>> with bidden.Sandbox() as sandbox:
    ...     for outcome in bidden.invite_many(sandbox.imocha(), 292930, people, ledger=None):
    ...         match outcome:
    ...             case bidden.RowOutcome(row=row, disposition="invited"):
    ...                 print(row, outcome.candidate["email"])
    1 ada@example.com
    """

    __slots__ = ()

    @property
    def row(self) -> int:
        """Which row of the input, from 1."""
        return int(self._contents["row"])

    @property
    def line(self) -> int | None:
        """The line of the file on which the row begins; None where the rows came from no file."""
        return self._contents["line"]  # type: ignore[no-any-return]

    @property
    def candidate(self) -> dict[str, str | None]:
        """Who it is: `email`, `name` and `external_id` as given. Personal data, which `repr` does not show."""
        return dict(self._contents["candidate"])

    @property
    def repeats(self) -> str | None:
        """Where the same candidate stands first, when the row was passed over for that."""
        return self._contents["repeats"]  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"<RowOutcome {self.row}: {self.disposition}, email {self.email}>"


class Summary(Result):
    """What all rows of a run came to.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     people = [{"email": "ada@example.com", "name": "Ada"}, {"email": "grace", "name": "Grace"}]
    ...     summary = bidden.invite_many(sandbox.imocha(), 292930, people, ledger=None).run()
    ...     summary.by_disposition, summary.mails, summary.is_good
    ({'invited': 1, 'invalid': 1}, 0, False)
    """

    __slots__ = ()

    @property
    def rows(self) -> int:
        """How many there were."""
        return int(self._contents["rows"])

    @property
    def by_disposition(self) -> dict[str, int]:
        """What they came to, and how many."""
        return dict(self._contents["by_disposition"])

    @property
    def mails(self) -> int:
        """Mails to candidates that were asked for."""
        return int(self._contents["mails"])

    @property
    def stopped(self) -> str | None:
        """Why the run ended before its end; None when it did not."""
        return self._contents["stopped"]  # type: ignore[no-any-return]

    @property
    def elsewhere(self) -> int:
        """Rows of a plan that other workers sent."""
        return int(self._contents["elsewhere"])

    @property
    def exit_code(self) -> Literal[0, 1, 3]:
        """What the command would end with: 0 every row ended well, 1 some did not, 3 stopped early."""
        return self._contents["exit_code"]  # type: ignore[no-any-return]

    @property
    def is_good(self) -> bool:
        """Whether every row ended well."""
        return self.exit_code == 0

    def __repr__(self) -> str:
        words = ", ".join(f"{count} {disposition}" for disposition, count in self.by_disposition.items())
        stopped = "" if self.stopped is None else f"; stopped: {self.stopped}"
        rows = "row" if self.rows == 1 else "rows"
        return f"<Summary of {self.rows} {rows}: {words or 'nothing'}{stopped}>"


class Plan(Result):
    """The review of a plan: what would be sent, to whom, and what it asks for. Nothing was sent.

    >>> import bidden, tempfile
    >>> people = [{"email": "ada@example.com", "name": "Ada Lovelace"}]
    >>> with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
    ...     bidden.plan(sandbox.imocha(), 292930, people, f"{folder}/plan.jsonl", ledger=f"{folder}/ledger.db").actions
    {'invite': 1}
    """

    __slots__ = ()

    @property
    def rows(self) -> int:
        """All rows."""
        return int(self._contents["rows"])

    @property
    def would_send(self) -> int:
        """Rows for which something would be sent."""
        return int(self._contents["would_send"])

    @property
    def mails(self) -> int:
        """Mails to candidates that would be asked for: what `Confirm` has to allow."""
        return int(self._contents["mails"])

    @property
    def actions(self) -> dict[str, int]:
        """What would be done with how many rows: `invite`, `create`, `unchanged`, `invalid` and so on."""
        return dict(self._contents["actions"])

    @property
    def charge(self) -> dict[str, str]:
        """What candidates are charged in all, by currency."""
        return dict(self._contents["charge"])

    @property
    def host(self) -> str:
        """Which host would be reached."""
        return str(self._contents["host"])

    @property
    def ignored_columns(self) -> list[str]:
        """Columns of the input that nothing is taken from."""
        return list(self._contents["ignored_columns"])

    @property
    def first_rows(self) -> list[dict[str, Any]]:
        """The first rows that would be sent, with their candidates."""
        return _entries(self._contents["first_rows"])

    @property
    def left_out(self) -> list[dict[str, Any]]:
        """The first rows for which nothing would be sent, with the reason."""
        return _entries(self._contents["left_out"])

    def __repr__(self) -> str:
        return f"<Plan of {self.rows} rows: {self.would_send} to send, {self.mails} mails>"


class Reconciliation(Result):
    """What a comparison of the ledger with the platform came to.

    >>> import bidden, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
    ...     client = sandbox.imocha()
    ...     with bidden.Ledger(f"{folder}/ledger.db") as ledger:
    ...         invited = ledger.invite(client, 292930, email="ada@example.com", name="Ada Lovelace")
    ...         found = bidden.reconcile(client, 292930, ledger=ledger)
    ...         found.counts, found.needs_somebody
    ({'not-listed': 1}, False)
    """

    __slots__ = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many invitations are what: `agreed`, `moved`, `resolved`, `ghost`, `orphan`, `uncertain` and so on."""
        return dict(self._contents["counts"])

    @property
    def differences(self) -> list[dict[str, Any]]:
        """All of them but those that agree and those that the platform does not list, with their candidates."""
        return _entries(self._contents["differences"])

    @property
    def shown(self) -> int:
        """How many the platform shows."""
        return int(self._contents["shown"])

    @property
    def written(self) -> int:
        """How many were written into the ledger."""
        return int(self._contents["written"])

    @property
    def needs_somebody(self) -> bool:
        """Whether there are orphans, ghosts or uncertain ones, of which nobody but a person can say what is right."""
        return bool(self._contents["needs_somebody"])

    def __repr__(self) -> str:
        words = ", ".join(f"{count} {finding}" for finding, count in self.counts.items())
        return f"<Reconciliation: {words or 'nothing'}>"


for _class in (*Result.__subclasses__(), *_Page.__subclasses__(), RowOutcome):
    _class.__module__ = "bidden"
read_callback.__module__ = "bidden"
del _class
