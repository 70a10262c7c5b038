"""The clients: typed methods over the one door."""

from __future__ import annotations

from . import _bidden
from ._results import (
    Assigned,
    Cancelled,
    CandidatePage,
    CandidateReport,
    Created,
    Invited,
    Reattempted,
    Registered,
    RetrievedInvites,
    RetrievedTest,
    Task,
    TaskCandidate,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal
    from typing import Any, Literal

    from ._bidden import Request, Secret, _Moment, _Signer


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    """Keep what the caller gave: the door takes an absent field for its default."""
    return {name: value for name, value in fields.items() if value is not None}


class _Client:
    """What the three clients have in common. A client may be shared by any number of threads."""

    __slots__ = ("_client",)

    _client: _bidden.Client

    @property
    def base_url(self) -> str:
        """Where the client sends to."""
        return self._client.base_url

    def call(self, name: str, /, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
        """Send any call of this platform and return its answer as a dict.

        `name` is one of `bidden.calls()`, the fields are the platform's own in snake_case; fields that bidden does not
        know go under `extra`. One request, and a repeat where the call allows it. Raises `bidden.Error`.
        """
        return self._client.call(name, fields)

    def request(self, name: str, /, **fields: Any) -> Request:  # noqa: ANN401
        """Make the request of any call, this client's credential on it, and send nothing."""
        return self._client.request(name, fields)

    def __repr__(self) -> str:
        return repr(self._client)


class IMocha(_Client):
    """A client of iMocha.

    Without `api_key` the environment's `BIDDEN_IMOCHA_API_KEY` is used, without `base_url` the live service. `timeout`
    is in seconds per try, `tries` counts the first one too, `rate` is in calls per second over all threads, `callers`
    is how many threads share the client. Raises `ConfigurationError` when there is no key, or when it must not be sent
    there.

    >>> import bidden
    >>> bidden.IMocha(api_key="sandbox-key", base_url="http://127.0.0.1:8787")
    <iMocha client of http://127.0.0.1:8787>
    """

    __slots__ = ()

    def __init__(
        self,
        *,
        api_key: str | Secret | None = None,
        base_url: str | None = None,
        timeout: float = 30.0,
        tries: int = 5,
        rate: float | None = None,
        callers: int = 16,
    ) -> None:
        patience = {"timeout": timeout, "tries": tries, "rate": rate, "callers": callers}
        self._client = _bidden.Client.imocha(api_key, base_url, patience)

    def invite(
        self,
        test: int | str,
        /,
        *,
        email: str,
        name: str,
        start: _Moment | None = None,
        end: _Moment | None = None,
        send_email: bool = False,
        stakeholder_emails: str | Iterable[str] | None = None,
        time_zone_id: int | None = None,
        callback_url: str | None = None,
        redirect_url: str | None = None,
        proctoring: Literal["disabled", "image", "video"] | None = None,
        hide_instruction: bool = False,
    ) -> Invited:
        """Invite a candidate to a test. Nobody is mailed unless `send_email` is true.

        `start` and `end` are aware datetimes, RFC 3339 text, or seconds since 1970. The same person invited again gets
        the same invitation. Raises `InvalidInputError` with every field that cannot be sent, before anything is sent.
        """
        options = {
            "start": start,
            "end": end,
            "send_email": send_email,
            "stakeholder_emails": (
                stakeholder_emails
                if stakeholder_emails is None or isinstance(stakeholder_emails, str)
                else list(stakeholder_emails)
            ),
            "time_zone_id": time_zone_id,
            "callback_url": callback_url,
            "redirect_url": redirect_url,
            "proctoring": proctoring,
            "hide_instruction": hide_instruction,
        }
        answer = self._client.invite(test, {"email": email, "name": name}, options)
        answer["invitation_id"] = str(answer.pop("test_invitation_id"))
        return Invited(answer)

    def cancel(self, test_invitation_id: int | str) -> Cancelled:
        """Cancel a pending invitation; one in any other state raises `RefusedError`.

        A lost answer is `UncertainError`: look it up with `retrieve_invites`.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.imocha()
        ...     invited = client.invite(292930, email="ada@example.com", name="Ada Lovelace")
        ...     client.cancel(invited.invitation_id).status
        <Status.CANCELLED: 'cancelled'>
        """
        return Cancelled(self._client.call("imocha.cancel", {"test_invitation_id": test_invitation_id}))

    def reattempt(
        self,
        test_invitation_id: int | str,
        *,
        start_date_time: _Moment,
        end_date_time: _Moment,
        time_zone_id: int,
        callback_url: str | None = None,
        redirect_url: str | None = None,
        hide_instruction: bool | None = None,
        send_email: bool = False,
        extra: Mapping[str, object] | None = None,
    ) -> Reattempted:
        """Allow a candidate another attempt. Nobody is mailed unless `send_email` is true.

        After a finished attempt a new invitation is made. While one is untaken that one comes back, with the new
        window; while one is running `RefusedError` is raised.
        """
        fields = {
            "test_invitation_id": test_invitation_id,
            "start_date_time": start_date_time,
            "end_date_time": end_date_time,
            "time_zone_id": time_zone_id,
            "callback_url": callback_url,
            "redirect_url": redirect_url,
            "hide_instruction": hide_instruction,
            "send_email": send_email,
            "extra": extra,
        }
        return Reattempted(self._client.call("imocha.reattempt", _given(fields)))

    def retrieve_invites(
        self,
        *,
        state: Literal["completed", "cancelled", "expired"],
        start_date_time: _Moment,
        end_date_time: _Moment,
        test_id: int | str | None = None,
    ) -> RetrievedInvites:
        """List the invitations that came to a state within a window; no call lists those pending or in progress.

        `completed` covers the attempts that were left or terminated too.
        """
        fields = {
            "state": state,
            "start_date_time": start_date_time,
            "end_date_time": end_date_time,
            "test_id": test_id,
        }
        return RetrievedInvites(self._client.call("imocha.retrieve_invites", _given(fields)))

    def report(self, test_invitation_id: int | str, *, report_type: Literal[1, 2, 3] | None = None) -> CandidateReport:
        """Read the report of an attempt: 1 with its sections (the platform's default), 2 with its skills, 3 with both.

        As long as the attempt is not over, its status is `Status.UNKNOWN`.
        """
        fields = {"test_invitation_id": test_invitation_id, "report_type": report_type}
        return CandidateReport(self._client.call("imocha.report", _given(fields)))

    def retrieve_test(self, test_id: int | str) -> RetrievedTest:
        """Read what a test looks like.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     sandbox.imocha().retrieve_test(292930).questions
        20
        """
        return RetrievedTest(self._client.call("imocha.retrieve_test", {"test_id": test_id}))


class ThinkExam(_Client):
    """A client of Think Exam.

    `base_url` is the address of your tenant. How the vendor signs is not published, so `signer` says where signatures
    come from: a recipe (the name of a preset or a mapping) with `api_key` and `secret`; a triple `(ak, sgn, ts)` that
    somebody else made, or a function `(method, url, body, now) -> (ak, sgn, ts)`, `now` in seconds since 1970; a
    `FetchedSigner`. On loopback it is the sandbox's recipe when left out. Without `api_key` and `secret` the
    environment's `BIDDEN_THINK_EXAM_API_KEY` and `BIDDEN_THINK_EXAM_SECRET` are used. The other parameters are those
    of `IMocha`.

    >>> import bidden
    >>> bidden.ThinkExam(api_key="sandbox-ak", secret="sandbox-secret", base_url="http://127.0.0.1:8787")
    <Think Exam client of http://127.0.0.1:8787>
    """

    __slots__ = ()

    def __init__(
        self,
        *,
        api_key: str | Secret | None = None,
        secret: str | Secret | None = None,
        signer: _Signer | None = None,
        base_url: str | None = None,
        timeout: float = 30.0,
        tries: int = 5,
        rate: float | None = None,
        callers: int = 16,
    ) -> None:
        patience = {"timeout": timeout, "tries": tries, "rate": rate, "callers": callers}
        self._client = _bidden.Client.think_exam(api_key, secret, signer, base_url, patience)

    def register(self, candidates: Iterable[Mapping[str, object]], /) -> list[Registered]:
        """Register candidates, or log in those who are known; one answer per candidate, in order.

        A candidate is a mapping with `name` and `email`, and if wanted `enrollment_number`, `password`, `mobile`,
        `gender`, `dob`, `course_name`, `extra1` to `extra3`, `profile_pic`. A candidate may be refused alone: look at
        `error` of each answer. Registering assigns no test.
        """
        if isinstance(candidates, (str, bytes)) or hasattr(candidates, "keys"):
            raise TypeError("a list of candidates is expected, not one candidate")
        answers = self._client.register({"candidates": list(candidates)})
        return [Registered(answer) for answer in answers]

    def assign_test(
        self,
        email: str,
        test_id: str | int,
        *,
        is_mail_enable: bool = False,
        is_password_skip: bool = False,
        extra: Mapping[str, object] | None = None,
    ) -> Assigned:
        """Assign a test to a registered candidate. Nobody is mailed unless `is_mail_enable` is true."""
        fields = {
            "email": email,
            "test_id": test_id,
            "is_mail_enable": is_mail_enable,
            "is_password_skip": is_password_skip,
            "extra": extra,
        }
        return Assigned(self._client.call("think_exam.assign_test", _given(fields)))

    def deassign_test(self, email: str, test_id: str | int, *, extra: Mapping[str, object] | None = None) -> Assigned:
        """Take a test back from a candidate."""
        fields = {"email": email, "test_id": test_id, "extra": extra}
        return Assigned(self._client.call("think_exam.deassign_test", _given(fields)))


class TemporaryCandidate:
    """A person who is known to one task of TestInvite only; nothing is required.

    `tracking`, e.g. `{"uniq_id": "ada@example.com"}`, makes the platform refuse a second candidate of the same id.

    >>> import bidden
    >>> bidden.TemporaryCandidate(fullname="Ada Lovelace", email="ada@example.com")
    <TemporaryCandidate>
    """

    __slots__ = ("_fields",)

    def __init__(
        self,
        *,
        fullname: str | None = None,
        email: str | None = None,
        credential1: str | Secret | None = None,
        credential2: str | Secret | None = None,
        tracking: Mapping[str, str] | None = None,
    ) -> None:
        self._fields = _given(
            {
                "kind": "temporary-candidate",
                "fullname": fullname,
                "email": email,
                "credential1": credential1,
                "credential2": credential2,
                "tracking": tracking,
            }
        )

    def __repr__(self) -> str:
        return "<TemporaryCandidate>"


class InternalCandidate:
    """A user of the organization, by the id that TestInvite knows.

    >>> import bidden
    >>> bidden.InternalCandidate(id="u-1001")
    <InternalCandidate>
    """

    __slots__ = ("_fields",)

    def __init__(self, *, id: str) -> None:  # noqa: A002 (the platform's own word)
        self._fields = {"kind": "internal-candidate", "id": id}

    def __repr__(self) -> str:
        return "<InternalCandidate>"


class TestInvite(_Client):
    """A client of TestInvite.

    Without `token` the environment's `BIDDEN_TESTINVITE_TOKEN` is used, without `base_url` the live service. The other
    parameters are those of `IMocha`.

    >>> import bidden
    >>> bidden.TestInvite(token="sandbox-token", base_url="http://127.0.0.1:8787")
    <TestInvite client of http://127.0.0.1:8787>
    """

    __slots__ = ()
    __test__ = False  # pytest takes classes of this name for tests

    def __init__(
        self,
        *,
        token: str | Secret | None = None,
        base_url: str | None = None,
        timeout: float = 30.0,
        tries: int = 5,
        rate: float | None = None,
        callers: int = 16,
    ) -> None:
        patience = {"timeout": timeout, "tries": tries, "rate": rate, "callers": callers}
        self._client = _bidden.Client.testinvite(token, base_url, patience)

    def create_candidate(
        self,
        task_id: str,
        candidate: TemporaryCandidate | InternalCandidate,
        /,
        *,
        group: str | None = None,
        labels: Iterable[str] | None = None,
        tags: Mapping[str, str] | None = None,
        external_id: str | None = None,
        external_data: Mapping[str, object] | None = None,
        lang: str | None = None,
        program_ids: Iterable[str] | None = None,
        extra_emails: Iterable[str] | None = None,
        dates: Mapping[str, _Moment] | None = None,
        price: Mapping[str, str | int | Decimal] | None = None,
        customized_steps: Iterable[Mapping[str, object]] | None = None,
        invite_by_email: Mapping[str, _Moment] | None = None,
        callback: Mapping[str, object] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> Created:
        """Create a candidate under a task. Nobody is mailed unless `invite_by_email` names a saved template.

        The fields are the platform's own in snake_case, nested ones as mappings: `dates={"after": …, "before": …}`,
        `invite_by_email={"email_template_name": …}`. Only `tracking` of a temporary candidate keeps the same request
        from creating a second one; a lost answer without it is `UncertainError`.
        """
        fields = {
            "task_id": task_id,
            **candidate._fields,
            "group": group,
            "labels": _list(labels),
            "tags": tags,
            "external_id": external_id,
            "external_data": external_data,
            "lang": lang,
            "program_ids": _list(program_ids),
            "extra_emails": _list(extra_emails),
            "dates": dates,
            "price": price,
            "customized_steps": _list(customized_steps),
            "invite_by_email": invite_by_email,
            "callback": callback,
            "extra": extra,
        }
        return Created(self._client.call("testinvite.create_candidate", _given(fields)))

    def list_candidates(
        self,
        task_id: str,
        /,
        *,
        mode: Literal["basic", "detailed"] | None = None,
        limit: int | None = None,
        page: int | None = None,
        fullname: str | None = None,
        email: str | None = None,
        code: str | None = None,
    ) -> CandidatePage:
        """List candidates of a task, a page at a time: `limit` is 1 to 100, 10 when left out; `page` counts from 1.

        `fullname`, `email` and `code` compare exactly, letter case included, and all of them must hold. Raises
        `NotFoundError` for a task that the platform does not know.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.testinvite()
        ...     created = client.create_candidate("task-1", bidden.TemporaryCandidate(email="ada@example.com"))
        ...     (found,) = client.list_candidates("task-1", email="ada@example.com").candidates
        ...     found.candidate_id == created.candidate_id
        True
        """
        fields = {
            "task_id": task_id,
            "mode": mode,
            "limit": limit,
            "page": page,
            "fullname": fullname,
            "email": email,
            "code": code,
        }
        return CandidatePage(self._client.call("testinvite.list_candidates", _given(fields)))

    def fetch_candidate(
        self, task_id: str, candidate_id: str, /, *, mode: Literal["basic", "detailed"] | None = None
    ) -> TaskCandidate:
        """Fetch a candidate of a task. Raises `NotFoundError` when there is none of this id, or it was deleted."""
        fields = {"task_id": task_id, "id": candidate_id, "mode": mode}
        return TaskCandidate(self._client.call("testinvite.fetch_candidate", _given(fields)))

    def delete_candidate(self, task_id: str, candidate_id: str, /) -> None:
        """Delete a candidate; the unique id is free again, and a mail that is scheduled is not sent.

        Raises `RefusedError` when the candidate has logged in or taken part, `NotFoundError` when there is none of
        this id. A repeat after a lost answer that finds nobody is success.
        """
        self._client.call("testinvite.delete_candidate", {"task_id": task_id, "id": candidate_id})

    def fetch_task(self, task_id: str, /, *, mode: Literal["basic", "detailed"] | None = None) -> Task:
        """Fetch a task: in mode `detailed` its programs, steps and mail templates, which creating candidates names.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     task = sandbox.testinvite().fetch_task("task-1", mode="detailed")
        ...     [step["id"] for step in task.steps or []]
        ['step-1', 'step-2']
        """
        return Task(self._client.call("testinvite.fetch_task", _given({"id": task_id, "mode": mode})))


def _list(values: Iterable[Any] | None) -> list[Any] | None:
    """Any iterable as the door's list; a single text is no list of its letters."""
    if isinstance(values, str):
        raise TypeError("a list of texts is expected, not one text")
    return None if values is None else list(values)


for _class in (IMocha, ThinkExam, TestInvite, TemporaryCandidate, InternalCandidate):
    _class.__module__ = "bidden"
del _class
