"""What calls return: frozen objects with typed attributes, `to_dict()` for the whole answer."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from ._errors import Error
    from ._words import Status


class Result:
    """A frozen answer. Equal when of one class and with equal contents; `repr` shows no personal data."""

    __slots__ = ("_contents",)

    _contents: dict[str, Any]

    def __init__(self, contents: dict[str, Any]) -> None:
        object.__setattr__(self, "_contents", contents)

    def to_dict(self) -> dict[str, Any]:
        """Give everything as a new dict of plain values."""
        return dict(self._contents)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, Result) and self._contents == other._contents

    def __hash__(self) -> int:
        return hash((type(self), repr(self._contents)))

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self._contents,))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Invited(Result):
    """What iMocha answered to an invitation."""

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
        return dict(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<Invited {self.invitation_id}: {self._contents['status']}>"


class Cancelled(Result):
    """What iMocha answered to a cancellation."""

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
        return dict(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<Cancelled {self.test_invitation_id}: {self._contents['status']}>"


class Reattempted(Result):
    """What iMocha answered to a reattempt. It has no status: what comes back can be started within the window sent."""

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
        return dict(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<Reattempted {self.test_invitation_id}>"


class RetrievedInvite(Result):
    """One invitation of a list."""

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
        return dict(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<RetrievedInvite {self.test_invitation_id}: {self._contents['status']}>"


class RetrievedInvites(Result):
    """The invitations that came to a state within a window."""

    __slots__ = ()

    @property
    def test_attempts(self) -> list[RetrievedInvite]:
        """The invitations, in the platform's order."""
        return [RetrievedInvite(attempt) for attempt in self._contents["test_attempts"]]

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return dict(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<RetrievedInvites: {len(self._contents['test_attempts'])}>"


class CandidateReport(Result):
    """The report of an attempt. What the platform leaves out is None."""

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
        return self._contents["ques_difficulty_analysis"]  # type: ignore[no-any-return]

    @property
    def sections(self) -> list[dict[str, Any]] | None:
        """Section scores, in types 1 and 3."""
        return self._contents["sections"]  # type: ignore[no-any-return]

    @property
    def skills(self) -> list[dict[str, Any]] | None:
        """Skill scores, in types 2 and 3."""
        return self._contents["skills"]  # type: ignore[no-any-return]

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return dict(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<CandidateReport {self.test_invitation_id}: {self._contents['status']}>"


class RetrievedTest(Result):
    """What a test of iMocha looks like."""

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
        return self._contents["sections"]  # type: ignore[no-any-return]

    @property
    def extra(self) -> dict[str, Any]:
        """Members of the answer that bidden does not know."""
        return dict(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<RetrievedTest {self.test_id}>"


class Assigned(Result):
    """What Think Exam answered to an assignment or a de-assignment. It says nothing about mails."""

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
        return dict(self._contents["extra"])


class Registered(Result):
    """What Think Exam answered for one candidate: registered, known already, or refused."""

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


class Created(Result):
    """The candidate that TestInvite created."""

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
        return dict(self._contents["extra"])

    def __repr__(self) -> str:
        return f"<Created {self.candidate_id}>"


for _class in Result.__subclasses__():
    _class.__module__ = "bidden"
del _class
