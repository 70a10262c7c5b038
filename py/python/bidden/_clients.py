"""The clients: typed methods over the one door."""

from __future__ import annotations

from . import _bidden
from ._results import (
    Answers,
    Assigned,
    Cancelled,
    CandidatePage,
    CandidateReport,
    Created,
    Invited,
    ListedTest,
    LoggedIn,
    MaskingAccepted,
    PdfReport,
    ProcessedCallbacks,
    Reattempted,
    Registered,
    RetrievedInvites,
    RetrievedTest,
    Task,
    TaskCandidate,
    TaskPage,
    TestLink,
    TestPage,
    TestSession,
    TestSessionPage,
    TestSessionSet,
    User,
    UserPage,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from decimal import Decimal
    from types import TracebackType
    from typing import Any, Literal, NoReturn

    from typing_extensions import Self

    from ._bidden import Request, Secret, _Moment, _Signer
    from ._observe import RequestEvent


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    """Keep what the caller gave: the door takes an absent field for its default."""
    return {name: value for name, value in fields.items() if value is not None}


def _observed(
    client: _bidden.Client,
    before: Callable[[RequestEvent], object] | None,
    after: Callable[[RequestEvent], object] | None,
) -> _bidden.Client:
    """Tell hooks, the logger and traces of every request, where there is somebody to hear it."""
    import sys

    logging, trace = sys.modules.get("logging"), sys.modules.get("opentelemetry.trace")
    # A program that wants neither has imported neither.
    is_logged = logging is not None and logging.getLogger("bidden").isEnabledFor(logging.DEBUG)
    if before is None and after is None and not is_logged and trace is None:
        return client
    from ._observe import observer_of

    return client.observed(observer_of(before, after))


#: What is whole, and the largest number that the extension takes.
_WHOLE = {
    "tries": 2**32 - 1,
    "callers": 2**32 - 1,
    "concurrency": 2**16 - 1,
    "batch_size": 2**16 - 1,
    "stop_after_failures": 2**64 - 1,
    "first": 2**64 - 1,
}


def _numbers(**given: Any) -> dict[str, Any]:  # noqa: ANN401
    """Look at numbers before the extension does, which cannot say which of them is none."""
    for name, number in given.items():
        if number is None:
            continue
        largest = _WHOLE.get(name)
        if largest is None:
            if isinstance(number, bool | str) or not hasattr(number, "__float__"):
                raise TypeError(f"{name}: a number is expected, not a {type(number).__name__}")
            given[name] = float(number)
        else:
            if isinstance(number, bool) or not hasattr(number, "__index__"):
                raise TypeError(f"{name}: a whole number is expected, not a {type(number).__name__}")
            # What is out of its range is refused with the range.
            given[name] = min(max(number.__index__(), 0), largest)
    return given


def _patience(
    timeout: float, tries: int, rate: float | None, callers: int, proxy: str | Secret | None
) -> dict[str, Any]:
    return {**_numbers(timeout=timeout, tries=tries, rate=rate, callers=callers), "proxy": proxy}


class _Closed:
    """What stands in for a client that is closed."""

    __slots__ = ()

    def __getattr__(self, name: str) -> NoReturn:
        raise RuntimeError("the client is closed")

    def __repr__(self) -> str:
        return "<closed client>"


def _core(client: _Client) -> _bidden.Client:
    """Give what sends for a client, or say what is no client that can."""
    given: object = client
    if not isinstance(given, _Client):
        hint = "; one of bidden.aio goes with the functions there" if type(given).__module__ == "bidden.aio" else ""
        raise TypeError(f"a client such as bidden.IMocha is expected, not {type(given).__qualname__}{hint}")
    core: object = given._client
    if isinstance(core, _Closed):
        raise RuntimeError("the client is closed")
    return given._client


class _Client:
    """What the three clients have in common. A client may be shared by any number of threads.

    As a context manager it is closed at the end: its connections go with it, and using it afterwards is a
    `RuntimeError`. Whoever lets go of a client has closed it too.
    """

    __slots__ = ("_client",)

    _client: _bidden.Client

    @property
    def base_url(self) -> str:
        """Where the client sends to.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     sandbox.imocha().base_url == sandbox.url
        True
        """
        return self._client.base_url

    def call(self, name: str, /, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
        """Send any call of this platform and return its answer as a dict.

        `name` is one of `bidden.calls()`, the fields are the platform's own in snake_case; fields that bidden does not
        know go under `extra`. One request, and a repeat where the call allows it. Raises `bidden.Error`.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     sandbox.imocha().call("imocha.retrieve_test", test_id=292930)["questions"]
        20
        """
        return self._client.call(name, fields)

    def request(self, name: str, /, **fields: Any) -> Request:  # noqa: ANN401
        """Make the request of any call, this client's credential on it, and send nothing.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     request = sandbox.imocha().request("imocha.retrieve_test", test_id=292930)
        ...     request.method, request.url.removeprefix(sandbox.url)
        ('GET', '/v3/tests/292930')
        """
        return self._client.request(name, fields)

    def with_options(
        self,
        *,
        timeout: float | None = None,
        tries: int | None = None,
        rate: float | None = None,
        callers: int | None = None,
        proxy: str | Secret | None = None,
    ) -> Self:
        """Make a client with the same credential that is more or less patient: for one call, or for many.

        What is left out stays as it is. Connections and rate are its own.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.imocha().with_options(timeout=5, tries=1)
        ...     client.retrieve_test(292930).questions
        20
        """
        other = object.__new__(type(self))
        numbers = _numbers(timeout=timeout, tries=tries, rate=rate, callers=callers)
        other._client = _core(self).with_options(**numbers, proxy=proxy)
        return other

    def close(self) -> None:
        """Close the client; calls under way end by themselves. May be called again.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.imocha()
        ...     client.close()
        ...     try:
        ...         client.retrieve_test(292930)
        ...     except RuntimeError as error:
        ...         print(error)
        the client is closed
        """
        self._client = _Closed()  # type: ignore[assignment]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return repr(self._client)


class IMocha(_Client):
    """A client of iMocha.

    Without `api_key` the environment's `BIDDEN_IMOCHA_API_KEY` is used, without `base_url` the live service. `timeout`
    is in seconds per try, `tries` counts the first one too, `rate` is in calls per second over all threads, `callers`
    is how many threads share the client, `proxy` the address of one (the environment's where it is left out, none on
    loopback). `before` and `after` are told of every request, repeats too, as a `RequestEvent`, on the thread that
    sends it; what they raise goes to `sys.unraisablehook`. The logger `bidden` (DEBUG) and OpenTelemetry hear of them
    too where the program has set them up before. Raises `ConfigurationError` when there is no key, or when it must not
    be sent there.

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
        proxy: str | Secret | None = None,
        before: Callable[[RequestEvent], object] | None = None,
        after: Callable[[RequestEvent], object] | None = None,
    ) -> None:
        patience = _patience(timeout, tries, rate, callers, proxy)
        self._client = _observed(_bidden.Client.imocha(api_key, base_url, patience), before, after)

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

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.imocha()
        ...     invited = client.invite(292930, email="ada@example.com", name="Ada Lovelace", send_email=True)
        ...     invited.status, [message["to"] for message in sandbox.outbox()]
        (<Status.PENDING: 'pending'>, ['ada@example.com'])
        """
        options = {
            "start": start,
            "end": end,
            "send_email": send_email,
            "stakeholder_emails": _text_or_list(stakeholder_emails),
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

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.imocha()
        ...     invited = client.invite(292930, email="ada@example.com", name="Ada Lovelace")
        ...     for event in ("start", "finish"):
        ...         _ = sandbox.attempt(invited.invitation_id, event)
        ...     window = {"start_date_time": "2098-01-01T09:00:00Z", "end_date_time": "2098-01-02T09:00:00Z"}
        ...     again = client.reattempt(invited.invitation_id, **window, time_zone_id=1720)
        ...     again.test_invitation_id != int(invited.invitation_id)
        True
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

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.imocha()
        ...     invited = client.invite(292930, email="ada@example.com", name="Ada Lovelace")
        ...     _ = client.cancel(invited.invitation_id)
        ...     day = {"start_date_time": "2000-01-01T00:00:00Z", "end_date_time": "2098-01-01T00:00:00Z"}
        ...     [found.status for found in client.retrieve_invites(state="cancelled", **day).test_attempts]
        [<Status.CANCELLED: 'cancelled'>]
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

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.imocha()
        ...     invited = client.invite(292930, email="ada@example.com", name="Ada Lovelace")
        ...     for event in ("start", "finish"):
        ...         _ = sandbox.attempt(invited.invitation_id, event)
        ...     client.report(invited.invitation_id).status
        <Status.COMPLETE: 'complete'>
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

    def invite_by_test_link(
        self,
        test_id: int | str,
        test_link_id: int | str,
        *,
        email: str | None = None,
        name: str | None = None,
        callback_url: str | None = None,
        redirect_url: str | None = None,
        disable_mandatory_fields: bool | None = None,
        hide_instruction: bool | None = None,
        send_email: bool = False,
        stakeholder_emails: str | Iterable[str] | None = None,
        start_date_time: _Moment | None = None,
        end_date_time: _Moment | None = None,
        time_zone_id: int | None = None,
        proctoring_mode: Literal["disabled", "image", "video"] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> Invited:
        """Invite a candidate through a chosen link of a test. Nobody is mailed unless `send_email` is true.

        Links know nothing of one another: the same person invited through another link gets another invitation. E-mail
        and name may be left out under `disable_mandatory_fields` only.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.imocha()
        ...     link = client.create_test_link(303076, "Campus")
        ...     ada = {"email": "ada@example.com", "name": "Ada Lovelace"}
        ...     client.invite_by_test_link(303076, link.test_link_id, **ada).status
        <Status.PENDING: 'pending'>
        """
        fields = {
            "test_id": test_id,
            "test_link_id": test_link_id,
            "email": email,
            "name": name,
            "callback_url": callback_url,
            "redirect_url": redirect_url,
            "disable_mandatory_fields": disable_mandatory_fields,
            "hide_instruction": hide_instruction,
            "send_email": send_email,
            "stakeholder_emails": _text_or_list(stakeholder_emails),
            "start_date_time": start_date_time,
            "end_date_time": end_date_time,
            "time_zone_id": time_zone_id,
            "proctoring_mode": proctoring_mode,
            "extra": extra,
        }
        answer = self._client.call("imocha.invite_by_test_link", _given(fields))
        answer["invitation_id"] = str(answer.pop("test_invitation_id"))
        return Invited(answer)

    def process_callbacks(self, testinvitation_ids: Iterable[int | str], /) -> ProcessedCallbacks:
        """Have the latest final callback of each invitation sent again, to the address that was registered.

        The answer says that they are queued. The platform takes a hundred invitations in one call, so any number goes
        out in as many calls as that needs. An id that is unknown raises `RejectedError`; the calls before it hold.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.imocha()
        ...     invited = client.invite(292930, email="ada@example.com", name="Ada", callback_url="http://127.0.0.1:9/")
        ...     for event in ("start", "finish"):
        ...         _ = sandbox.attempt(invited.invitation_id, event)
        ...     len(client.process_callbacks([invited.invitation_id]).successful)
        1
        """
        ids = list(testinvitation_ids)
        successful: list[int] = []
        failed: list[int] = []
        extra: dict[str, Any] = {}
        for start in range(0, max(len(ids), 1), 100):
            chunk = {"testinvitation_ids": ids[start : start + 100]}
            answer = self._client.call("imocha.process_callbacks", chunk)
            successful += answer["successful"]
            failed += answer["failed"]
            extra |= answer["extra"]
        return ProcessedCallbacks({"successful": successful, "failed": failed, "extra": extra})

    def list_test_links(self, test_id: int | str) -> list[TestLink]:
        """List the links of a test.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.imocha()
        ...     created = client.create_test_link(303076, "Campus")
        ...     [link.test_link_name for link in client.list_test_links(303076)]
        ['Campus']
        """
        answer = self._client.call("imocha.list_test_links", {"test_id": test_id})
        return [TestLink(link) for link in answer["test_links"]]

    def fetch_test_link(self, test_id: int | str, test_link_id: int | str) -> TestLink:
        """Fetch a link of a test. Raises `NotFoundError` when the test has none of this id.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.imocha()
        ...     link = client.create_test_link(303076, "Campus")
        ...     client.fetch_test_link(303076, link.test_link_id).test_link_name
        'Campus'
        """
        fields = {"test_id": test_id, "test_link_id": test_link_id}
        return TestLink(self._client.call("imocha.fetch_test_link", fields))

    def create_test_link(
        self,
        test_id: int | str,
        test_link_name: str,
        *,
        test_link_status: Literal["active", "inactive"] | None = None,
        invitation_type: Literal["email", "open"] | None = None,
        proctoring_settings: Mapping[str, object] | None = None,
        stakeholder_emails: str | Iterable[str] | None = None,
        invitation_schedule: Mapping[str, object] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> TestLink:
        """Create a link of a test. A lost answer is `UncertainError`: look it up with `list_test_links`.

        Nested fields are mappings: `proctoring_settings={"proctoring_mode": "image"}`, `invitation_schedule=
        {"schedule_type": "validityindays", "schedule_details": {"invitation_validity_in_days": 7}}`. What the platform
        answers is not documented; what it leaves out is None.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     link = sandbox.imocha().create_test_link(303076, "Campus", invitation_type="open")
        ...     link.test_link_name, link.invitation_type
        ('Campus', 'open')
        """
        fields = {
            "test_id": test_id,
            "test_link_name": test_link_name,
            "test_link_status": test_link_status,
            "invitation_type": invitation_type,
            "proctoring_settings": proctoring_settings,
            "stakeholder_emails": _text_or_list(stakeholder_emails),
            "invitation_schedule": invitation_schedule,
            "extra": extra,
        }
        return TestLink(self._client.call("imocha.create_test_link", _given(fields)))

    def report_pdf(self, test_invitation_id: int | str) -> PdfReport:
        """Read the report of an attempt as PDF: the file, or where it is.

        `CandidateReport.pdf_report_url` is the better known way.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.imocha()
        ...     invited = client.invite(292930, email="ada@example.com", name="Ada Lovelace")
        ...     for event in ("start", "finish"):
        ...         _ = sandbox.attempt(invited.invitation_id, event)
        ...     report = client.report_pdf(invited.invitation_id)
        ...     report.pdf is not None or report.pdf_report_url is not None
        True
        """
        return PdfReport(self._client.call("imocha.report_pdf", {"test_invitation_id": test_invitation_id}))

    def list_tests(self, *, page_no: int = 1, page_size: int = 10, labels_filter: str | None = None) -> TestPage:
        """List the account's tests, a page at a time; `page_no` counts from 1. Any page can be slow to come.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     sandbox.declare({"imocha": {"tests": [{"test_id": 1, "name": "One"}, {"test_id": 2, "name": "Two"}]}})
        ...     page = sandbox.imocha().list_tests(page_size=1)
        ...     len(page.tests), page.count
        (1, 2)
        """
        fields = {"page_no": page_no, "page_size": page_size, "labels_filter": labels_filter}
        return TestPage(self._client.call("imocha.list_tests", _given(fields)))

    def tests(self, *, page_size: int = 10, labels_filter: str | None = None) -> Iterator[ListedTest]:
        """Iterate over all tests of the account, page by page: until as many came as there are, or a page is empty.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     sandbox.declare({"imocha": {"tests": [{"test_id": 1, "name": "One"}, {"test_id": 2, "name": "Two"}]}})
        ...     client = sandbox.imocha()
        ...     [test.test_name for test in client.tests(page_size=1)]
        ['One', 'Two']
        """
        page_no, seen = 1, 0
        while True:
            page = self.list_tests(page_no=page_no, page_size=page_size, labels_filter=labels_filter)
            tests = page.tests
            yield from tests
            seen += len(tests)
            if not tests or (page.count is not None and seen >= page.count):
                return
            page_no += 1

    def mask_personal_data(
        self, candidate_email: str, /, *, testinvitation_id: int | str | None = None
    ) -> MaskingAccepted:
        """Have the personal data of a candidate masked, or of one invitation. It is accepted at once and done later.

        Raises `RejectedError` when the platform has no record of the address.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.imocha()
        ...     invited = client.invite(292930, email="ada@example.com", name="Ada Lovelace")
        ...     client.mask_personal_data("ada@example.com").result
        'Request accepted for processing'
        """
        fields = {"candidate_email": candidate_email, "testinvitation_id": testinvitation_id}
        return MaskingAccepted(self._client.call("imocha.mask_personal_data", _given(fields)))


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
        proxy: str | Secret | None = None,
        before: Callable[[RequestEvent], object] | None = None,
        after: Callable[[RequestEvent], object] | None = None,
    ) -> None:
        patience = _patience(timeout, tries, rate, callers, proxy)
        self._client = _observed(_bidden.Client.think_exam(api_key, secret, signer, base_url, patience), before, after)

    def register(self, candidates: Iterable[Mapping[str, object]], /) -> list[Registered]:
        """Register candidates, or log in those who are known; one answer per candidate, in order.

        A candidate is a mapping with `name` and `email`, and if wanted `enrollment_number`, `password`, `mobile`,
        `gender`, `dob`, `course_name`, `extra1` to `extra3`, `profile_pic`. A candidate may be refused alone: look at
        `error` of each answer. Registering assigns no test.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.think_exam()
        ...     (registered,) = client.register([{"name": "Ada Lovelace", "email": "ada@example.com"}])
        ...     registered.is_login, registered.error
        (False, None)
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
        """Assign a test to a registered candidate. Nobody is mailed unless `is_mail_enable` is true.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.think_exam()
        ...     (registered,) = client.register([{"name": "Ada Lovelace", "email": "ada@example.com"}])
        ...     client.assign_test("ada@example.com", 41).result
        'success'
        """
        fields = {
            "email": email,
            "test_id": test_id,
            "is_mail_enable": is_mail_enable,
            "is_password_skip": is_password_skip,
            "extra": extra,
        }
        return Assigned(self._client.call("think_exam.assign_test", _given(fields)))

    def deassign_test(self, email: str, test_id: str | int, *, extra: Mapping[str, object] | None = None) -> Assigned:
        """Take a test back from a candidate.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.think_exam()
        ...     (registered,) = client.register([{"name": "Ada Lovelace", "email": "ada@example.com"}])
        ...     _ = client.assign_test("ada@example.com", 41)
        ...     client.deassign_test("ada@example.com", 41).result
        'success'
        """
        fields = {"email": email, "test_id": test_id, "extra": extra}
        return Assigned(self._client.call("think_exam.deassign_test", _given(fields)))

    def unified_auth(
        self,
        *,
        name: str,
        email: str,
        enrollment_number: str | None = None,
        password: str | Secret | None = None,
        mobile: str | None = None,
        gender: str | None = None,
        dob: str | None = None,
        course_name: str | None = None,
        profile_pic: str | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> Registered:
        """Register one candidate, or log in who is known. Assigns no test, and no answer holds a test link.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     sandbox.think_exam().unified_auth(name="Ada Lovelace", email="ada@example.com")
        <Registered 85640001: registered>
        """
        fields = {
            "name": name,
            "email": email,
            "enrollment_number": enrollment_number,
            "password": password,
            "mobile": mobile,
            "gender": gender,
            "dob": dob,
            "course_name": course_name,
            "profile_pic": profile_pic,
            "extra": extra,
        }
        return Registered(self._client.unified_auth(_given(fields)))

    def assign_test_multi_candidates(
        self,
        email: Iterable[str],
        test_id: str | int,
        *,
        is_mail_enable: bool = False,
        is_password_skip: bool = False,
        extra: Mapping[str, object] | None = None,
    ) -> Assigned:
        """Assign a test to many registered candidates at once. The one answer says nothing of any of them.

        A part that failed cannot be seen, so `assign_test` once per candidate is the safer way.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.think_exam()
        ...     (registered,) = client.register([{"name": "Ada Lovelace", "email": "ada@example.com"}])
        ...     client.assign_test_multi_candidates(["ada@example.com"], 41).result
        'success'
        """
        fields = {
            "email": _list(email),
            "test_id": test_id,
            "is_mail_enable": is_mail_enable,
            "is_password_skip": is_password_skip,
            "extra": extra,
        }
        return Assigned(self._client.call("think_exam.assign_test_multi_candidates", _given(fields)))

    def change_student_password(
        self,
        email: str,
        *,
        old_password: str | Secret,
        new_password: str | Secret,
        method: Literal["get", "post"] = "get",
        password_encoding: Literal["plain", "base64"] = "plain",  # noqa: S107 (an encoding, no password)
        extra: Mapping[str, object] | None = None,
    ) -> Assigned:
        """Change a candidate's password: by GET with a body, as it is published, which some proxies drop.

        A wrong old password is `RejectedError` without a code of its own. Never repeated after a lost answer.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.think_exam()
        ...     registered = client.unified_auth(name="Ada", email="ada@example.com", password="old-one")
        ...     passwords = {"old_password": "old-one", "new_password": "new-one"}
        ...     client.change_student_password("ada@example.com", **passwords).result
        'success'
        """
        fields = {
            "email": email,
            "old_password": old_password,
            "new_password": new_password,
            "method": method,
            "password_encoding": password_encoding,
            "extra": extra,
        }
        return Assigned(self._client.call("think_exam.change_student_password", _given(fields)))

    def check_login(
        self,
        email: str,
        password: str | Secret,
        *,
        client_url: str | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> LoggedIn:
        """Log a candidate in with the candidate's own password, and get its tokens. The call is not signed.

        `client_url` goes into the published header `Custom-Header`; the host of `base_url` when left out. Raises
        `RejectedError` when address and password do not match.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.think_exam()
        ...     registered = client.unified_auth(name="Ada", email="ada@example.com", password="p4ssword")
        ...     client.check_login("ada@example.com", "p4ssword").access_token
        Secret(…)
        """
        fields = {"email": email, "password": password, "client_url": client_url, "extra": extra}
        return LoggedIn(self._client.call("think_exam.check_login", _given(fields)))


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

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TemporaryCandidate) and self._fields == other._fields

    __hash__ = None  # type: ignore[assignment]

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

    def __eq__(self, other: object) -> bool:
        return isinstance(other, InternalCandidate) and self._fields == other._fields

    def __hash__(self) -> int:
        return hash((InternalCandidate, self._fields["id"]))

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
        proxy: str | Secret | None = None,
        before: Callable[[RequestEvent], object] | None = None,
        after: Callable[[RequestEvent], object] | None = None,
    ) -> None:
        patience = _patience(timeout, tries, rate, callers, proxy)
        self._client = _observed(_bidden.Client.testinvite(token, base_url, patience), before, after)

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

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.testinvite()
        ...     ada = bidden.TemporaryCandidate(fullname="Ada Lovelace", tracking={"uniq_id": "ada"})
        ...     created = client.create_candidate("task-1", ada, group="A")
        ...     created.kind, created.logged_in
        ('temp', False)
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
        """Fetch a candidate of a task. Raises `NotFoundError` when there is none of this id, or it was deleted.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.testinvite()
        ...     created = client.create_candidate("task-1", bidden.TemporaryCandidate(fullname="Ada Lovelace"))
        ...     client.fetch_candidate("task-1", created.candidate_id).fullname
        'Ada Lovelace'
        """
        fields = {"task_id": task_id, "id": candidate_id, "mode": mode}
        return TaskCandidate(self._client.call("testinvite.fetch_candidate", _given(fields)))

    def delete_candidate(self, task_id: str, candidate_id: str, /) -> None:
        """Delete a candidate; the unique id is free again, and a mail that is scheduled is not sent.

        Raises `RefusedError` when the candidate has logged in or taken part, `NotFoundError` when there is none of
        this id. A repeat after a lost answer that finds nobody is success.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.testinvite()
        ...     created = client.create_candidate("task-1", bidden.TemporaryCandidate(fullname="Ada Lovelace"))
        ...     client.delete_candidate("task-1", created.candidate_id)
        ...     len(client.list_candidates("task-1").candidates)
        0
        """
        self._client.call("testinvite.delete_candidate", {"task_id": task_id, "id": candidate_id})

    def update_candidate(
        self,
        task_id: str,
        candidate_id: str,
        /,
        *,
        fullname: str | None = None,
        email: str | None = None,
        group: str | None = None,
        add_labels: Iterable[str] | None = None,
        remove_labels: Iterable[str] | None = None,
        favorite: bool | None = None,
        active: bool | None = None,
        active_after: _Moment | None = None,
        active_before: _Moment | None = None,
        steps: Mapping[str, Mapping[str, object]] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> TaskCandidate:
        """Change a candidate; what is left out stays as it is. Beta at the platform. Nobody is mailed.

        `steps` names steps by their ids; a setting is `{"is_default": True}` for the task's own, or
        `{"is_default": False, "value": …}`: `active` a bool, `limit` a number (-1 means any number of attempts),
        `dates` `{"after": …, "before": …}` of which each side is a setting again, None removes the limit.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.testinvite()
        ...     ada = bidden.TemporaryCandidate(fullname="Ada Lovelace")
        ...     created = client.create_candidate("task-1", ada, group="A")
        ...     steps = {"step-1": {"limit": {"is_default": False, "value": -1}}}
        ...     client.update_candidate("task-1", created.candidate_id, group="B", steps=steps).group
        'B'
        """
        labels = _given({"add": _list(add_labels), "remove": _list(remove_labels)})
        change = {
            "fullname": fullname,
            "email": email,
            "group": group,
            "labels": labels or None,
            "favorite": favorite,
            "active": active,
            "active_after": active_after,
            "active_before": active_before,
        }
        fields = {"task_id": task_id, "id": candidate_id, "fields": _given(change), "steps": steps, "extra": extra}
        return TaskCandidate(self._client.call("testinvite.update_candidate", _given(fields)))

    def list_tasks(
        self,
        *,
        mode: Literal["basic", "detailed"] | None = None,
        limit: int | None = None,
        page: int | None = None,
        title: str | None = None,
    ) -> TaskPage:
        """List tasks, a page at a time; `title` is contained in any letter case.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     sandbox.declare({"testinvite": {"tasks": [{"task_id": "campus", "title": "Campus"}]}})
        ...     [task.task_id for task in sandbox.testinvite().list_tasks(title="CAM").tasks]
        ['campus']
        """
        fields = {"mode": mode, "limit": limit, "page": page, "title": title}
        return TaskPage(self._client.call("testinvite.list_tasks", _given(fields)))

    def fetch_task(self, task_id: str, /, *, mode: Literal["basic", "detailed"] | None = None) -> Task:
        """Fetch a task: in mode `detailed` its programs, steps and mail templates, which creating candidates names.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     task = sandbox.testinvite().fetch_task("task-1", mode="detailed")
        ...     [step["id"] for step in task.steps or []]
        ['step-1', 'step-2']
        """
        return Task(self._client.call("testinvite.fetch_task", _given({"id": task_id, "mode": mode})))

    def list_users(
        self,
        *,
        mode: Literal["basic", "detailed"] | None = None,
        limit: int | None = None,
        page: int | None = None,
        username: str | None = None,
    ) -> UserPage:
        """List users of the organization, a page at a time; `username` is contained in any letter case.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     [user.user_id for user in sandbox.testinvite().list_users(username="AL").users]
        ['u-1002']
        """
        fields = {"mode": mode, "limit": limit, "page": page, "username": username}
        return UserPage(self._client.call("testinvite.list_users", _given(fields)))

    def fetch_user(self, user_id: str, /, *, mode: Literal["basic", "detailed"] | None = None) -> User:
        """Fetch a user of the organization. Raises `NotFoundError` when there is none of this id.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     sandbox.testinvite().fetch_user("u-1001").user_id
        'u-1001'
        """
        return User(self._client.call("testinvite.fetch_user", _given({"id": user_id, "mode": mode})))

    def search_users(
        self,
        *,
        mode: Literal["basic", "detailed"] | None = None,
        limit: int | None = None,
        page: int | None = None,
        folder: Iterable[str] | None = None,
        group: Iterable[str] | None = None,
        labels: Iterable[str] | None = None,
        favorite: bool | None = None,
        type: Literal["teammate", "regular"] | None = None,  # noqa: A002 (the platform's own word)
        username: str | None = None,
        active: bool | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> UserPage:
        """Search users, a page at a time; all filters must hold.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     [user.user_id for user in sandbox.testinvite().search_users(username="AL").users]
        ['u-1002']
        """
        fields = {
            "mode": mode,
            "limit": limit,
            "page": page,
            "folder": _list(folder),
            "group": _list(group),
            "labels": _list(labels),
            "favorite": favorite,
            "type": type,
            "username": username,
            "active": active,
            "extra": extra,
        }
        return UserPage(self._client.call("testinvite.search_users", _given(fields)))

    def list_test_sessions(
        self,
        task_id: str,
        /,
        *,
        mode: Literal["basic", "detailed"] | None = None,
        limit: int | None = None,
        page: int | None = None,
        candidate_id: str | None = None,
        external_id: str | None = None,
    ) -> TestSessionPage:
        """List test sessions of a task, a page at a time: of one candidate, or of one external id, not of both.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.testinvite()
        ...     created = client.create_candidate("task-1", bidden.TemporaryCandidate(fullname="Ada Lovelace"))
        ...     _ = sandbox.attempt(created.candidate_id, "start")
        ...     (session,) = client.list_test_sessions("task-1").test_instances
        ...     session.status
        'STARTED'
        """
        fields = {
            "task_id": task_id,
            "mode": mode,
            "limit": limit,
            "page": page,
            "candidate_id": candidate_id,
            "external_id": external_id,
        }
        return TestSessionPage(self._client.call("testinvite.list_test_sessions", _given(fields)))

    def fetch_test_session(
        self, task_id: str, session_id: str, /, *, mode: Literal["basic", "detailed"] | None = None
    ) -> TestSession:
        """Fetch a test session of a task. Raises `NotFoundError` when there is none of this id.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.testinvite()
        ...     created = client.create_candidate("task-1", bidden.TemporaryCandidate(fullname="Ada Lovelace"))
        ...     _ = sandbox.attempt(created.candidate_id, "start")
        ...     (session,) = client.list_test_sessions("task-1").test_instances
        ...     client.fetch_test_session("task-1", session.test_instance_id).status
        'STARTED'
        """
        fields = {"task_id": task_id, "id": session_id, "mode": mode}
        return TestSession(self._client.call("testinvite.fetch_test_session", _given(fields)))

    def search_test_sessions(
        self,
        task_id: str,
        /,
        *,
        kind: Literal["meta", "info"],
        mode: Literal["basic", "detailed"] | None = None,
        limit: int | None = None,
        last_doc_id: str | None = None,
        **search: object,
    ) -> TestSessionSet:
        """Search test sessions of a task, a set at a time; all that is given must hold.

        Kind `meta` takes `group`, `label`, `step_id`, `status`, `from` and `to` (the last two in `**{"from": …}`, since
        `from` is a word of Python); kind `info` takes `display_name`, `email`, `credential1`, `code` and `uniq_id`. The
        next set begins at the `last_doc_id` of the one before.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.testinvite()
        ...     created = client.create_candidate("task-1", bidden.TemporaryCandidate(email="ada@example.com"))
        ...     _ = sandbox.control("POST", f"attempts/{created.candidate_id}/start")
        ...     found = client.search_test_sessions("task-1", kind="info", email="ada@example.com")
        ...     [session.status for session in found.test_instances]
        ['STARTED']
        """
        fields = {"task_id": task_id, "mode": mode, "limit": limit, "last_doc_id": last_doc_id, "kind": kind, **search}
        return TestSessionSet(self._client.call("testinvite.search_test_sessions", _given(fields)))

    def expand_test_session(
        self,
        task_id: str,
        session_id: str,
        /,
        *expand: Literal["test", "uniqId", "creditCost", "roomForm", "identityPhoto"],
    ) -> TestSession:
        """Fetch a test session with what only this call tells, such as the candidate's unique id.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.testinvite()
        ...     created = client.create_candidate("task-1", bidden.TemporaryCandidate(fullname="Ada Lovelace"))
        ...     _ = sandbox.attempt(created.candidate_id, "start")
        ...     (session,) = client.list_test_sessions("task-1").test_instances
        ...     client.expand_test_session("task-1", session.test_instance_id, "creditCost").credit_cost
        1
        """
        fields = {"task_id": task_id, "id": session_id, "expand": list(expand)}
        return TestSession(self._client.call("testinvite.expand_test_session", fields))

    def list_answers(
        self, task_id: str, session_id: str, /, *, mode: Literal["basic", "detailed"] | None = None
    ) -> Answers:
        """List the answers of a test session, question by question. Beta at the platform.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.testinvite()
        ...     created = client.create_candidate("task-1", bidden.TemporaryCandidate(fullname="Ada Lovelace"))
        ...     _ = sandbox.attempt(created.candidate_id, "start")
        ...     (session,) = client.list_test_sessions("task-1").test_instances
        ...     client.list_answers("task-1", session.test_instance_id)
        <Answers: 3>
        """
        fields = {"task_id": task_id, "id": session_id, "mode": mode}
        return Answers(self._client.call("testinvite.list_answers", _given(fields)))


def _list(values: Iterable[Any] | None) -> list[Any] | None:
    """Any iterable as the door's list; a single text is no list of its letters."""
    if isinstance(values, str):
        raise TypeError("a list of texts is expected, not one text")
    return None if values is None else list(values)


def _text_or_list(values: str | Iterable[str] | None) -> str | list[str] | None:
    """Text as it is, any other iterable as a list."""
    return values if values is None or isinstance(values, str) else list(values)


for _class in (IMocha, ThinkExam, TestInvite, TemporaryCandidate, InternalCandidate):
    _class.__module__ = "bidden"
del _class
