"""The clients, the ledger and the runs for asyncio: the same names as in `bidden`, awaited.

Every call is made by a thread of bidden's own, so calls overlap and the event loop goes on. Cancelling a task ends its
waiting at once and never the bookkeeping: what was begun is finished and written by its thread. Made from the blocking
clients by `tests/python/make_aio.py`.

>>> import asyncio, bidden, bidden.aio
>>> async def main(sandbox):
...     client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
...     calls = [client.invite(292930, email=f"c{n}@example.com", name="Candidate") for n in range(20)]
...     return len(await asyncio.gather(*calls))
>>> with bidden.Sandbox() as sandbox:
...     asyncio.run(main(sandbox))
20
"""

# ruff: noqa: A002, ANN401, S107

from __future__ import annotations

from . import _clients, _ledger, _many
from ._aio import AsyncRun as Run
from ._aio import in_thread as _in_thread
from ._aio import iterate as _iterate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping
    from datetime import date
    from decimal import Decimal
    from os import PathLike
    from types import TracebackType
    from typing import Any, Literal

    from typing_extensions import Self

    from ._bidden import Request, Secret, _Moment, _Signer
    from ._clients import InternalCandidate, TemporaryCandidate
    from ._many import Confirm, _Candidates, _Progress
    from ._observe import RequestEvent
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
        Outcome,
        PdfReport,
        Plan,
        ProcessedCallbacks,
        Reattempted,
        Reconciliation,
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

__all__ = [
    "IMocha",
    "Ledger",
    "Run",
    "TestInvite",
    "ThinkExam",
    "apply",
    "history",
    "invite_many",
    "plan",
    "reconcile",
    "status",
]


class _Client:
    """What the three clients have in common. A client may be shared by any number of threads.

    As a context manager it is closed at the end: its connections go with it, and using it afterwards is a
    `RuntimeError`. Whoever lets go of a client has closed it too.
    """

    __slots__ = ("_blocking",)

    _blocking: Any

    @property
    def base_url(self) -> str:
        """Where the client sends to.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         return (
        ...             bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url).base_url
        ...             == sandbox.url
        ...         )
        >>> asyncio.run(main())
        True
        """
        answer: str = self._blocking.base_url
        return answer

    async def call(self, name: str, /, **fields: Any) -> dict[str, Any]:
        """Send any call of this platform and return its answer as a dict.

        `name` is one of `bidden.calls()`, the fields are the platform's own in snake_case; fields that bidden does not
        know go under `extra`. One request, and a repeat where the call allows it. Raises `bidden.Error`.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         return (
        ...             await bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url).call(
        ...                 "imocha.retrieve_test", test_id=292930
        ...             )
        ...         )["questions"]
        >>> asyncio.run(main())
        20
        """
        return await _in_thread(self._blocking.call, name, **fields)

    def request(self, name: str, /, **fields: Any) -> Request:
        """Make the request of any call, this client's credential on it, and send nothing.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         request = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url).request(
        ...             "imocha.retrieve_test", test_id=292930
        ...         )
        ...         return (request.method, request.url.removeprefix(sandbox.url))
        >>> asyncio.run(main())
        ('GET', '/v3/tests/292930')
        """
        answer: Request = self._blocking.request(name, **fields)
        return answer

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

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url).with_options(
        ...             timeout=5, tries=1
        ...         )
        ...         return (await client.retrieve_test(292930)).questions
        >>> asyncio.run(main())
        20
        """
        other = object.__new__(type(self))
        other._blocking = self._blocking.with_options(
            timeout=timeout, tries=tries, rate=rate, callers=callers, proxy=proxy
        )
        return other

    async def close(self) -> None:
        """Close the client; calls under way end by themselves. May be called again.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
        ...         await client.close()
        ...         try:
        ...             await client.retrieve_test(292930)
        ...         except RuntimeError as error:
        ...             print(error)
        >>> asyncio.run(main())
        the client is closed
        """
        await _in_thread(self._blocking.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<asynchronous {repr(self._blocking).strip('<>')}>"


class IMocha(_Client):
    """A client of iMocha.

    Without `api_key` the environment's `BIDDEN_IMOCHA_API_KEY` is used, without `base_url` the live service. `timeout`
    is in seconds per try, `tries` counts the first one too, `rate` is in calls per second over all threads, `callers`
    is how many threads share the client, `proxy` the address of one (the environment's where it is left out, none on
    loopback). `before` and `after` are told of every request, repeats too, as a `RequestEvent`, on the thread that
    sends it; what they raise goes to `sys.unraisablehook`. The logger `bidden` (DEBUG) and OpenTelemetry hear of them
    too where the program has set them up before. Raises `ConfigurationError` when there is no key, or when it must not
    be sent there.

    >>> import asyncio, bidden, bidden.aio
    >>> async def main():
    ...     return bidden.aio.IMocha(api_key="sandbox-key", base_url="http://127.0.0.1:8787")
    >>> asyncio.run(main())
    <asynchronous iMocha client of http://127.0.0.1:8787>
    """

    __slots__ = ()

    _blocking: _clients.IMocha

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
        self._blocking = _clients.IMocha(
            api_key=api_key,
            base_url=base_url,
            timeout=timeout,
            tries=tries,
            rate=rate,
            callers=callers,
            proxy=proxy,
            before=before,
            after=after,
        )

    async def invite(
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

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
        ...         invited = await client.invite(
        ...             292930, email="ada@example.com", name="Ada Lovelace", send_email=True
        ...         )
        ...         return (invited.status, [message["to"] for message in sandbox.outbox()])
        >>> asyncio.run(main())
        (<Status.PENDING: 'pending'>, ['ada@example.com'])
        """
        return await _in_thread(
            self._blocking.invite,
            test,
            email=email,
            name=name,
            start=start,
            end=end,
            send_email=send_email,
            stakeholder_emails=stakeholder_emails,
            time_zone_id=time_zone_id,
            callback_url=callback_url,
            redirect_url=redirect_url,
            proctoring=proctoring,
            hide_instruction=hide_instruction,
        )

    async def cancel(self, test_invitation_id: int | str) -> Cancelled:
        """Cancel a pending invitation; one in any other state raises `RefusedError`.

        A lost answer is `UncertainError`: look it up with `retrieve_invites`.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
        ...         invited = await client.invite(292930, email="ada@example.com", name="Ada Lovelace")
        ...         return (await client.cancel(invited.invitation_id)).status
        >>> asyncio.run(main())
        <Status.CANCELLED: 'cancelled'>
        """
        return await _in_thread(self._blocking.cancel, test_invitation_id)

    async def reattempt(
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

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
        ...         invited = await client.invite(292930, email="ada@example.com", name="Ada Lovelace")
        ...         for event in ("start", "finish"):
        ...             _ = sandbox.attempt(invited.invitation_id, event)
        ...         window = {"start_date_time": "2098-01-01T09:00:00Z", "end_date_time": "2098-01-02T09:00:00Z"}
        ...         again = await client.reattempt(invited.invitation_id, **window, time_zone_id=1720)
        ...         return again.test_invitation_id != int(invited.invitation_id)
        >>> asyncio.run(main())
        True
        """
        return await _in_thread(
            self._blocking.reattempt,
            test_invitation_id,
            start_date_time=start_date_time,
            end_date_time=end_date_time,
            time_zone_id=time_zone_id,
            callback_url=callback_url,
            redirect_url=redirect_url,
            hide_instruction=hide_instruction,
            send_email=send_email,
            extra=extra,
        )

    async def retrieve_invites(
        self,
        *,
        state: Literal["completed", "cancelled", "expired"],
        start_date_time: _Moment,
        end_date_time: _Moment,
        test_id: int | str | None = None,
    ) -> RetrievedInvites:
        """List the invitations that came to a state within a window; no call lists those pending or in progress.

        `completed` covers the attempts that were left or terminated too.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
        ...         invited = await client.invite(292930, email="ada@example.com", name="Ada Lovelace")
        ...         _ = await client.cancel(invited.invitation_id)
        ...         day = {"start_date_time": "2000-01-01T00:00:00Z", "end_date_time": "2098-01-01T00:00:00Z"}
        ...         return [
        ...             found.status
        ...             for found in (await client.retrieve_invites(state="cancelled", **day)).test_attempts
        ...         ]
        >>> asyncio.run(main())
        [<Status.CANCELLED: 'cancelled'>]
        """
        return await _in_thread(
            self._blocking.retrieve_invites,
            state=state,
            start_date_time=start_date_time,
            end_date_time=end_date_time,
            test_id=test_id,
        )

    async def report(
        self, test_invitation_id: int | str, *, report_type: Literal[1, 2, 3] | None = None
    ) -> CandidateReport:
        """Read the report of an attempt: 1 with its sections (the platform's default), 2 with its skills, 3 with both.

        As long as the attempt is not over, its status is `Status.UNKNOWN`.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
        ...         invited = await client.invite(292930, email="ada@example.com", name="Ada Lovelace")
        ...         for event in ("start", "finish"):
        ...             _ = sandbox.attempt(invited.invitation_id, event)
        ...         return (await client.report(invited.invitation_id)).status
        >>> asyncio.run(main())
        <Status.COMPLETE: 'complete'>
        """
        return await _in_thread(self._blocking.report, test_invitation_id, report_type=report_type)

    async def retrieve_test(self, test_id: int | str) -> RetrievedTest:
        """Read what a test looks like.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         return (
        ...             await bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url).retrieve_test(
        ...                 292930
        ...             )
        ...         ).questions
        >>> asyncio.run(main())
        20
        """
        return await _in_thread(self._blocking.retrieve_test, test_id)

    async def invite_by_test_link(
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

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
        ...         link = await client.create_test_link(303076, "Campus")
        ...         ada = {"email": "ada@example.com", "name": "Ada Lovelace"}
        ...         return (await client.invite_by_test_link(303076, link.test_link_id, **ada)).status
        >>> asyncio.run(main())
        <Status.PENDING: 'pending'>
        """
        return await _in_thread(
            self._blocking.invite_by_test_link,
            test_id,
            test_link_id,
            email=email,
            name=name,
            callback_url=callback_url,
            redirect_url=redirect_url,
            disable_mandatory_fields=disable_mandatory_fields,
            hide_instruction=hide_instruction,
            send_email=send_email,
            stakeholder_emails=stakeholder_emails,
            start_date_time=start_date_time,
            end_date_time=end_date_time,
            time_zone_id=time_zone_id,
            proctoring_mode=proctoring_mode,
            extra=extra,
        )

    async def process_callbacks(self, testinvitation_ids: Iterable[int | str], /) -> ProcessedCallbacks:
        """Have the latest final callback of each invitation sent again, to the address that was registered.

        The answer says that they are queued. The platform takes a hundred invitations in one call, so any number goes
        out in as many calls as that needs. An id that is unknown raises `RejectedError`; the calls before it hold.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
        ...         invited = await client.invite(
        ...             292930, email="ada@example.com", name="Ada", callback_url="http://127.0.0.1:9/"
        ...         )
        ...         for event in ("start", "finish"):
        ...             _ = sandbox.attempt(invited.invitation_id, event)
        ...         return len((await client.process_callbacks([invited.invitation_id])).successful)
        >>> asyncio.run(main())
        1
        """
        return await _in_thread(self._blocking.process_callbacks, testinvitation_ids)

    async def list_test_links(self, test_id: int | str) -> list[TestLink]:
        """List the links of a test.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
        ...         created = await client.create_test_link(303076, "Campus")
        ...         return [link.test_link_name for link in await client.list_test_links(303076)]
        >>> asyncio.run(main())
        ['Campus']
        """
        return await _in_thread(self._blocking.list_test_links, test_id)

    async def fetch_test_link(self, test_id: int | str, test_link_id: int | str) -> TestLink:
        """Fetch a link of a test. Raises `NotFoundError` when the test has none of this id.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
        ...         link = await client.create_test_link(303076, "Campus")
        ...         return (await client.fetch_test_link(303076, link.test_link_id)).test_link_name
        >>> asyncio.run(main())
        'Campus'
        """
        return await _in_thread(self._blocking.fetch_test_link, test_id, test_link_id)

    async def create_test_link(
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

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         link = await bidden.aio.IMocha(
        ...             api_key=sandbox.imocha_api_key, base_url=sandbox.url
        ...         ).create_test_link(303076, "Campus", invitation_type="open")
        ...         return (link.test_link_name, link.invitation_type)
        >>> asyncio.run(main())
        ('Campus', 'open')
        """
        return await _in_thread(
            self._blocking.create_test_link,
            test_id,
            test_link_name,
            test_link_status=test_link_status,
            invitation_type=invitation_type,
            proctoring_settings=proctoring_settings,
            stakeholder_emails=stakeholder_emails,
            invitation_schedule=invitation_schedule,
            extra=extra,
        )

    async def report_pdf(self, test_invitation_id: int | str) -> PdfReport:
        """Read the report of an attempt as PDF: the file, or where it is.

        `CandidateReport.pdf_report_url` is the better known way.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
        ...         invited = await client.invite(292930, email="ada@example.com", name="Ada Lovelace")
        ...         for event in ("start", "finish"):
        ...             _ = sandbox.attempt(invited.invitation_id, event)
        ...         report = await client.report_pdf(invited.invitation_id)
        ...         return report.pdf is not None or report.pdf_report_url is not None
        >>> asyncio.run(main())
        True
        """
        return await _in_thread(self._blocking.report_pdf, test_invitation_id)

    async def list_tests(self, *, page_no: int = 1, page_size: int = 10, labels_filter: str | None = None) -> TestPage:
        """List the account's tests, a page at a time; `page_no` counts from 1. Any page can be slow to come.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         sandbox.declare(
        ...             {"imocha": {"tests": [{"test_id": 1, "name": "One"}, {"test_id": 2, "name": "Two"}]}}
        ...         )
        ...         page = await bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url).list_tests(
        ...             page_size=1
        ...         )
        ...         return (len(page.tests), page.count)
        >>> asyncio.run(main())
        (1, 2)
        """
        return await _in_thread(
            self._blocking.list_tests, page_no=page_no, page_size=page_size, labels_filter=labels_filter
        )

    def tests(self, *, page_size: int = 10, labels_filter: str | None = None) -> AsyncIterator[ListedTest]:
        """Iterate over all tests of the account, page by page: until as many came as there are, or a page is empty.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         sandbox.declare(
        ...             {"imocha": {"tests": [{"test_id": 1, "name": "One"}, {"test_id": 2, "name": "Two"}]}}
        ...         )
        ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
        ...         return [test.test_name async for test in client.tests(page_size=1)]
        >>> asyncio.run(main())
        ['One', 'Two']
        """
        return _iterate(self._blocking.tests(page_size=page_size, labels_filter=labels_filter))

    async def mask_personal_data(
        self, candidate_email: str, /, *, testinvitation_id: int | str | None = None
    ) -> MaskingAccepted:
        """Have the personal data of a candidate masked, or of one invitation. It is accepted at once and done later.

        Raises `RejectedError` when the platform has no record of the address.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
        ...         invited = await client.invite(292930, email="ada@example.com", name="Ada Lovelace")
        ...         return (await client.mask_personal_data("ada@example.com")).result
        >>> asyncio.run(main())
        'Request accepted for processing'
        """
        return await _in_thread(self._blocking.mask_personal_data, candidate_email, testinvitation_id=testinvitation_id)


class ThinkExam(_Client):
    """A client of Think Exam.

    `base_url` is the address of your tenant. How the vendor signs is not published, so `signer` says where signatures
    come from: a recipe (the name of a preset or a mapping) with `api_key` and `secret`; a triple `(ak, sgn, ts)` that
    somebody else made, or a function `(method, url, body, now) -> (ak, sgn, ts)`, `now` in seconds since 1970; a
    `FetchedSigner`. On loopback it is the sandbox's recipe when left out. Without `api_key` and `secret` the
    environment's `BIDDEN_THINK_EXAM_API_KEY` and `BIDDEN_THINK_EXAM_SECRET` are used. The other parameters are those
    of `IMocha`.

    >>> import asyncio, bidden, bidden.aio
    >>> async def main():
    ...     return bidden.aio.ThinkExam(
    ...         api_key="sandbox-ak", secret="sandbox-secret", base_url="http://127.0.0.1:8787"
    ...     )
    >>> asyncio.run(main())
    <asynchronous Think Exam client of http://127.0.0.1:8787>
    """

    __slots__ = ()

    _blocking: _clients.ThinkExam

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
        self._blocking = _clients.ThinkExam(
            api_key=api_key,
            secret=secret,
            signer=signer,
            base_url=base_url,
            timeout=timeout,
            tries=tries,
            rate=rate,
            callers=callers,
            proxy=proxy,
            before=before,
            after=after,
        )

    async def register(self, candidates: Iterable[Mapping[str, object]], /) -> list[Registered]:
        """Register candidates, or log in those who are known; one answer per candidate, in order.

        A candidate is a mapping with `name` and `email`, and if wanted `enrollment_number`, `password`, `mobile`,
        `gender`, `dob`, `course_name`, `extra1` to `extra3`, `profile_pic`. A candidate may be refused alone: look at
        `error` of each answer. Registering assigns no test.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.ThinkExam(
        ...             api_key=sandbox.think_exam_api_key, secret=sandbox.think_exam_secret, base_url=sandbox.url
        ...         )
        ...         (registered,) = await client.register([{"name": "Ada Lovelace", "email": "ada@example.com"}])
        ...         return (registered.is_login, registered.error)
        >>> asyncio.run(main())
        (False, None)
        """
        return await _in_thread(self._blocking.register, candidates)

    async def assign_test(
        self,
        email: str,
        test_id: str | int,
        *,
        is_mail_enable: bool = False,
        is_password_skip: bool = False,
        extra: Mapping[str, object] | None = None,
    ) -> Assigned:
        """Assign a test to a registered candidate. Nobody is mailed unless `is_mail_enable` is true.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.ThinkExam(
        ...             api_key=sandbox.think_exam_api_key, secret=sandbox.think_exam_secret, base_url=sandbox.url
        ...         )
        ...         (registered,) = await client.register([{"name": "Ada Lovelace", "email": "ada@example.com"}])
        ...         return (await client.assign_test("ada@example.com", 41)).result
        >>> asyncio.run(main())
        'success'
        """
        return await _in_thread(
            self._blocking.assign_test,
            email,
            test_id,
            is_mail_enable=is_mail_enable,
            is_password_skip=is_password_skip,
            extra=extra,
        )

    async def deassign_test(
        self, email: str, test_id: str | int, *, extra: Mapping[str, object] | None = None
    ) -> Assigned:
        """Take a test back from a candidate.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.ThinkExam(
        ...             api_key=sandbox.think_exam_api_key, secret=sandbox.think_exam_secret, base_url=sandbox.url
        ...         )
        ...         (registered,) = await client.register([{"name": "Ada Lovelace", "email": "ada@example.com"}])
        ...         _ = await client.assign_test("ada@example.com", 41)
        ...         return (await client.deassign_test("ada@example.com", 41)).result
        >>> asyncio.run(main())
        'success'
        """
        return await _in_thread(self._blocking.deassign_test, email, test_id, extra=extra)

    async def unified_auth(
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

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         return await bidden.aio.ThinkExam(
        ...             api_key=sandbox.think_exam_api_key, secret=sandbox.think_exam_secret, base_url=sandbox.url
        ...         ).unified_auth(name="Ada Lovelace", email="ada@example.com")
        >>> asyncio.run(main())
        <Registered 85640001: registered>
        """
        return await _in_thread(
            self._blocking.unified_auth,
            name=name,
            email=email,
            enrollment_number=enrollment_number,
            password=password,
            mobile=mobile,
            gender=gender,
            dob=dob,
            course_name=course_name,
            profile_pic=profile_pic,
            extra=extra,
        )

    async def assign_test_multi_candidates(
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

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.ThinkExam(
        ...             api_key=sandbox.think_exam_api_key, secret=sandbox.think_exam_secret, base_url=sandbox.url
        ...         )
        ...         (registered,) = await client.register([{"name": "Ada Lovelace", "email": "ada@example.com"}])
        ...         return (await client.assign_test_multi_candidates(["ada@example.com"], 41)).result
        >>> asyncio.run(main())
        'success'
        """
        return await _in_thread(
            self._blocking.assign_test_multi_candidates,
            email,
            test_id,
            is_mail_enable=is_mail_enable,
            is_password_skip=is_password_skip,
            extra=extra,
        )

    async def change_student_password(
        self,
        email: str,
        *,
        old_password: str | Secret,
        new_password: str | Secret,
        method: Literal["get", "post"] = "get",
        password_encoding: Literal["plain", "base64"] = "plain",
        extra: Mapping[str, object] | None = None,
    ) -> Assigned:
        """Change a candidate's password: by GET with a body, as it is published, which some proxies drop.

        A wrong old password is `RejectedError` without a code of its own. Never repeated after a lost answer.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.ThinkExam(
        ...             api_key=sandbox.think_exam_api_key, secret=sandbox.think_exam_secret, base_url=sandbox.url
        ...         )
        ...         registered = await client.unified_auth(name="Ada", email="ada@example.com", password="old-one")
        ...         passwords = {"old_password": "old-one", "new_password": "new-one"}
        ...         return (await client.change_student_password("ada@example.com", **passwords)).result
        >>> asyncio.run(main())
        'success'
        """
        return await _in_thread(
            self._blocking.change_student_password,
            email,
            old_password=old_password,
            new_password=new_password,
            method=method,
            password_encoding=password_encoding,
            extra=extra,
        )

    async def check_login(
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

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.ThinkExam(
        ...             api_key=sandbox.think_exam_api_key, secret=sandbox.think_exam_secret, base_url=sandbox.url
        ...         )
        ...         registered = await client.unified_auth(name="Ada", email="ada@example.com", password="p4ssword")
        ...         return (await client.check_login("ada@example.com", "p4ssword")).access_token
        >>> asyncio.run(main())
        Secret(…)
        """
        return await _in_thread(self._blocking.check_login, email, password, client_url=client_url, extra=extra)


class TestInvite(_Client):
    """A client of TestInvite.

    Without `token` the environment's `BIDDEN_TESTINVITE_TOKEN` is used, without `base_url` the live service. The other
    parameters are those of `IMocha`.

    >>> import asyncio, bidden, bidden.aio
    >>> async def main():
    ...     return bidden.aio.TestInvite(token="sandbox-token", base_url="http://127.0.0.1:8787")
    >>> asyncio.run(main())
    <asynchronous TestInvite client of http://127.0.0.1:8787>
    """

    __slots__ = ()

    _blocking: _clients.TestInvite

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
        self._blocking = _clients.TestInvite(
            token=token,
            base_url=base_url,
            timeout=timeout,
            tries=tries,
            rate=rate,
            callers=callers,
            proxy=proxy,
            before=before,
            after=after,
        )

    async def create_candidate(
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

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.TestInvite(token=sandbox.testinvite_token, base_url=sandbox.url)
        ...         ada = bidden.TemporaryCandidate(fullname="Ada Lovelace", tracking={"uniq_id": "ada"})
        ...         created = await client.create_candidate("task-1", ada, group="A")
        ...         return (created.kind, created.logged_in)
        >>> asyncio.run(main())
        ('temp', False)
        """
        return await _in_thread(
            self._blocking.create_candidate,
            task_id,
            candidate,
            group=group,
            labels=labels,
            tags=tags,
            external_id=external_id,
            external_data=external_data,
            lang=lang,
            program_ids=program_ids,
            extra_emails=extra_emails,
            dates=dates,
            price=price,
            customized_steps=customized_steps,
            invite_by_email=invite_by_email,
            callback=callback,
            extra=extra,
        )

    async def list_candidates(
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

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.TestInvite(token=sandbox.testinvite_token, base_url=sandbox.url)
        ...         created = await client.create_candidate(
        ...             "task-1", bidden.TemporaryCandidate(email="ada@example.com")
        ...         )
        ...         (found,) = (await client.list_candidates("task-1", email="ada@example.com")).candidates
        ...         return found.candidate_id == created.candidate_id
        >>> asyncio.run(main())
        True
        """
        return await _in_thread(
            self._blocking.list_candidates,
            task_id,
            mode=mode,
            limit=limit,
            page=page,
            fullname=fullname,
            email=email,
            code=code,
        )

    async def fetch_candidate(
        self, task_id: str, candidate_id: str, /, *, mode: Literal["basic", "detailed"] | None = None
    ) -> TaskCandidate:
        """Fetch a candidate of a task. Raises `NotFoundError` when there is none of this id, or it was deleted.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.TestInvite(token=sandbox.testinvite_token, base_url=sandbox.url)
        ...         created = await client.create_candidate(
        ...             "task-1", bidden.TemporaryCandidate(fullname="Ada Lovelace")
        ...         )
        ...         return (await client.fetch_candidate("task-1", created.candidate_id)).fullname
        >>> asyncio.run(main())
        'Ada Lovelace'
        """
        return await _in_thread(self._blocking.fetch_candidate, task_id, candidate_id, mode=mode)

    async def delete_candidate(self, task_id: str, candidate_id: str, /) -> None:
        """Delete a candidate; the unique id is free again, and a mail that is scheduled is not sent.

        Raises `RefusedError` when the candidate has logged in or taken part, `NotFoundError` when there is none of
        this id. A repeat after a lost answer that finds nobody is success.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.TestInvite(token=sandbox.testinvite_token, base_url=sandbox.url)
        ...         created = await client.create_candidate(
        ...             "task-1", bidden.TemporaryCandidate(fullname="Ada Lovelace")
        ...         )
        ...         await client.delete_candidate("task-1", created.candidate_id)
        ...         return len((await client.list_candidates("task-1")).candidates)
        >>> asyncio.run(main())
        0
        """
        await _in_thread(self._blocking.delete_candidate, task_id, candidate_id)

    async def update_candidate(
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

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.TestInvite(token=sandbox.testinvite_token, base_url=sandbox.url)
        ...         ada = bidden.TemporaryCandidate(fullname="Ada Lovelace")
        ...         created = await client.create_candidate("task-1", ada, group="A")
        ...         steps = {"step-1": {"limit": {"is_default": False, "value": -1}}}
        ...         return (
        ...             await client.update_candidate("task-1", created.candidate_id, group="B", steps=steps)
        ...         ).group
        >>> asyncio.run(main())
        'B'
        """
        return await _in_thread(
            self._blocking.update_candidate,
            task_id,
            candidate_id,
            fullname=fullname,
            email=email,
            group=group,
            add_labels=add_labels,
            remove_labels=remove_labels,
            favorite=favorite,
            active=active,
            active_after=active_after,
            active_before=active_before,
            steps=steps,
            extra=extra,
        )

    async def list_tasks(
        self,
        *,
        mode: Literal["basic", "detailed"] | None = None,
        limit: int | None = None,
        page: int | None = None,
        title: str | None = None,
    ) -> TaskPage:
        """List tasks, a page at a time; `title` is contained in any letter case.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         sandbox.declare({"testinvite": {"tasks": [{"task_id": "campus", "title": "Campus"}]}})
        ...         return [
        ...             task.task_id
        ...             for task in (
        ...                 await bidden.aio.TestInvite(
        ...                     token=sandbox.testinvite_token, base_url=sandbox.url
        ...                 ).list_tasks(title="CAM")
        ...             ).tasks
        ...         ]
        >>> asyncio.run(main())
        ['campus']
        """
        return await _in_thread(self._blocking.list_tasks, mode=mode, limit=limit, page=page, title=title)

    async def fetch_task(self, task_id: str, /, *, mode: Literal["basic", "detailed"] | None = None) -> Task:
        """Fetch a task: in mode `detailed` its programs, steps and mail templates, which creating candidates names.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         task = await bidden.aio.TestInvite(
        ...             token=sandbox.testinvite_token, base_url=sandbox.url
        ...         ).fetch_task("task-1", mode="detailed")
        ...         return [step["id"] for step in task.steps or []]
        >>> asyncio.run(main())
        ['step-1', 'step-2']
        """
        return await _in_thread(self._blocking.fetch_task, task_id, mode=mode)

    async def list_users(
        self,
        *,
        mode: Literal["basic", "detailed"] | None = None,
        limit: int | None = None,
        page: int | None = None,
        username: str | None = None,
    ) -> UserPage:
        """List users of the organization, a page at a time; `username` is contained in any letter case.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         return [
        ...             user.user_id
        ...             for user in (
        ...                 await bidden.aio.TestInvite(
        ...                     token=sandbox.testinvite_token, base_url=sandbox.url
        ...                 ).list_users(username="AL")
        ...             ).users
        ...         ]
        >>> asyncio.run(main())
        ['u-1002']
        """
        return await _in_thread(self._blocking.list_users, mode=mode, limit=limit, page=page, username=username)

    async def fetch_user(self, user_id: str, /, *, mode: Literal["basic", "detailed"] | None = None) -> User:
        """Fetch a user of the organization. Raises `NotFoundError` when there is none of this id.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         return (
        ...             await bidden.aio.TestInvite(token=sandbox.testinvite_token, base_url=sandbox.url).fetch_user(
        ...                 "u-1001"
        ...             )
        ...         ).user_id
        >>> asyncio.run(main())
        'u-1001'
        """
        return await _in_thread(self._blocking.fetch_user, user_id, mode=mode)

    async def search_users(
        self,
        *,
        mode: Literal["basic", "detailed"] | None = None,
        limit: int | None = None,
        page: int | None = None,
        folder: Iterable[str] | None = None,
        group: Iterable[str] | None = None,
        labels: Iterable[str] | None = None,
        favorite: bool | None = None,
        type: Literal["teammate", "regular"] | None = None,
        username: str | None = None,
        active: bool | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> UserPage:
        """Search users, a page at a time; all filters must hold.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         return [
        ...             user.user_id
        ...             for user in (
        ...                 await bidden.aio.TestInvite(
        ...                     token=sandbox.testinvite_token, base_url=sandbox.url
        ...                 ).search_users(username="AL")
        ...             ).users
        ...         ]
        >>> asyncio.run(main())
        ['u-1002']
        """
        return await _in_thread(
            self._blocking.search_users,
            mode=mode,
            limit=limit,
            page=page,
            folder=folder,
            group=group,
            labels=labels,
            favorite=favorite,
            type=type,
            username=username,
            active=active,
            extra=extra,
        )

    async def list_test_sessions(
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

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.TestInvite(token=sandbox.testinvite_token, base_url=sandbox.url)
        ...         created = await client.create_candidate(
        ...             "task-1", bidden.TemporaryCandidate(fullname="Ada Lovelace")
        ...         )
        ...         _ = sandbox.attempt(created.candidate_id, "start")
        ...         (session,) = (await client.list_test_sessions("task-1")).test_instances
        ...         return session.status
        >>> asyncio.run(main())
        'STARTED'
        """
        return await _in_thread(
            self._blocking.list_test_sessions,
            task_id,
            mode=mode,
            limit=limit,
            page=page,
            candidate_id=candidate_id,
            external_id=external_id,
        )

    async def fetch_test_session(
        self, task_id: str, session_id: str, /, *, mode: Literal["basic", "detailed"] | None = None
    ) -> TestSession:
        """Fetch a test session of a task. Raises `NotFoundError` when there is none of this id.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.TestInvite(token=sandbox.testinvite_token, base_url=sandbox.url)
        ...         created = await client.create_candidate(
        ...             "task-1", bidden.TemporaryCandidate(fullname="Ada Lovelace")
        ...         )
        ...         _ = sandbox.attempt(created.candidate_id, "start")
        ...         (session,) = (await client.list_test_sessions("task-1")).test_instances
        ...         return (await client.fetch_test_session("task-1", session.test_instance_id)).status
        >>> asyncio.run(main())
        'STARTED'
        """
        return await _in_thread(self._blocking.fetch_test_session, task_id, session_id, mode=mode)

    async def search_test_sessions(
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

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.TestInvite(token=sandbox.testinvite_token, base_url=sandbox.url)
        ...         created = await client.create_candidate(
        ...             "task-1", bidden.TemporaryCandidate(email="ada@example.com")
        ...         )
        ...         _ = sandbox.control("POST", f"attempts/{created.candidate_id}/start")
        ...         found = await client.search_test_sessions("task-1", kind="info", email="ada@example.com")
        ...         return [session.status for session in found.test_instances]
        >>> asyncio.run(main())
        ['STARTED']
        """
        return await _in_thread(
            self._blocking.search_test_sessions,
            task_id,
            kind=kind,
            mode=mode,
            limit=limit,
            last_doc_id=last_doc_id,
            **search,
        )

    async def expand_test_session(
        self,
        task_id: str,
        session_id: str,
        /,
        *expand: Literal["test", "uniqId", "creditCost", "roomForm", "identityPhoto"],
    ) -> TestSession:
        """Fetch a test session with what only this call tells, such as the candidate's unique id.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.TestInvite(token=sandbox.testinvite_token, base_url=sandbox.url)
        ...         created = await client.create_candidate(
        ...             "task-1", bidden.TemporaryCandidate(fullname="Ada Lovelace")
        ...         )
        ...         _ = sandbox.attempt(created.candidate_id, "start")
        ...         (session,) = (await client.list_test_sessions("task-1")).test_instances
        ...         return (
        ...             await client.expand_test_session("task-1", session.test_instance_id, "creditCost")
        ...         ).credit_cost
        >>> asyncio.run(main())
        1
        """
        return await _in_thread(self._blocking.expand_test_session, task_id, session_id, *expand)

    async def list_answers(
        self, task_id: str, session_id: str, /, *, mode: Literal["basic", "detailed"] | None = None
    ) -> Answers:
        """List the answers of a test session, question by question. Beta at the platform.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.TestInvite(token=sandbox.testinvite_token, base_url=sandbox.url)
        ...         created = await client.create_candidate(
        ...             "task-1", bidden.TemporaryCandidate(fullname="Ada Lovelace")
        ...         )
        ...         _ = sandbox.attempt(created.candidate_id, "start")
        ...         (session,) = (await client.list_test_sessions("task-1")).test_instances
        ...         return await client.list_answers("task-1", session.test_instance_id)
        >>> asyncio.run(main())
        <Answers: 3>
        """
        return await _in_thread(self._blocking.list_answers, task_id, session_id, mode=mode)


class Ledger:
    """A durable record of every invitation: at most one request that asks for a mail ever leaves, whatever crashes.

    `location` is a file, made when it is missing and readable by its owner only, or the `postgres://…` of a server.
    `account` is a name of yours for the account that the invitations belong to. Any number of threads may send through
    one ledger; of several processes one has a file at a time, and all of them a PostgreSQL ledger. Use it as a context
    manager, or call `close`.

    What the platform says, and what the ledger holds back, is the `Outcome`. Raised is what keeps an operation from
    being tried: `InvalidInputError`, `ConfigurationError`, and `StorageError` when the record cannot be read or
    written, is in use by another process, or was written by a newer version. After Ctrl-C what is in flight is finished
    and written, and nothing new is sent.

    >>> import asyncio, bidden, tempfile, bidden.aio
    >>> async def main():
    ...     with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
    ...         async with bidden.aio.Ledger(f"{folder}/ledger.db") as ledger:
    ...             ada = {"email": "ada@example.com", "name": "Ada Lovelace"}
    ...             outcomes = [
    ...                 await ledger.invite(
    ...                     bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url),
    ...                     292930,
    ...                     **ada,
    ...                     send_email=True,
    ...                 )
    ...                 for _ in range(2)
    ...             ]
    ...         return ([outcome.disposition for outcome in outcomes], len(sandbox.outbox()))
    >>> asyncio.run(main())
    (['invited', 'unchanged'], 1)
    """

    __slots__ = ("_blocking",)

    _blocking: _ledger.Ledger

    def __init__(self, location: str | PathLike[str], account: str = "default") -> None:
        self._blocking = _ledger.Ledger(location, account)

    @property
    def location(self) -> str:
        """Where the record is kept.

        >>> import asyncio, bidden, tempfile, bidden.aio
        >>> async def main():
        ...     with tempfile.TemporaryDirectory() as folder:
        ...         async with bidden.aio.Ledger(f"{folder}/ledger.db") as ledger:
        ...             return ledger.location.endswith("ledger.db")
        >>> asyncio.run(main())
        True
        """
        answer: str = self._blocking.location
        return answer

    async def invite(
        self,
        client: IMocha | ThinkExam | TestInvite,
        test: int | str,
        /,
        *,
        email: str | None = None,
        name: str | None = None,
        external_id: str | int | None = None,
        uniq_id: str | None = None,
        user_id: str | None = None,
        enrollment_number: str | None = None,
        password: str | Secret | None = None,
        mobile: str | None = None,
        gender: str | None = None,
        dob: str | date | None = None,
        course_name: str | None = None,
        extra1: str | None = None,
        extra2: str | None = None,
        extra3: str | None = None,
        profile_pic: str | None = None,
        group: str | None = None,
        labels: Iterable[str] | None = None,
        tags: Mapping[str, str] | None = None,
        credential1: str | None = None,
        credential2: str | Secret | None = None,
        extra_emails: Iterable[str] | None = None,
        start: _Moment | None = None,
        end: _Moment | None = None,
        zone: str | None = None,
        time_zone_id: int | None = None,
        send_email: bool = False,
        email_template: str | None = None,
        send_at: _Moment | None = None,
        stakeholder_emails: str | Iterable[str] | None = None,
        callback_url: str | None = None,
        callback_resource: Literal["basic", "detailed"] | None = None,
        redirect_url: str | None = None,
        proctoring: Literal["disabled", "image", "video"] | None = None,
        hide_instruction: bool = False,
        skip_password: bool = False,
        language: str | None = None,
        program_ids: Iterable[str] | None = None,
        unique_within: Literal["task", "group", "labels", "programs"] | None = None,
        no_tracking: bool = False,
        price: Mapping[str, str | int | Decimal] | None = None,
        reopen: bool = False,
        mail_again: bool = False,
        resend_uncertain: bool = False,
    ) -> Outcome:
        """Invite a candidate to a test, at most once with a mail, however often it is called.

        Nobody is mailed unless `send_email` is true, on TestInvite unless `email_template` names a saved template. The
        fields of the candidate and the options are those of `bidden invite`; an option that the platform cannot honour
        is an `InvalidInputError`. On Think Exam a candidate whom the ledger does not know is registered first. What
        the platform refused goes again; what else is held back is said yes to by `reopen`, `mail_again` and
        `resend_uncertain`. With a `zone` such as `Europe/Berlin`, times may be local: text without an offset, or a
        datetime without tzinfo.

        >>> import asyncio, bidden, tempfile, bidden.aio
        >>> async def main():
        ...     with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
        ...         async with bidden.aio.Ledger(f"{folder}/ledger.db") as ledger:
        ...             invited = await ledger.invite(client, 292930, email="ada@example.com", name="Ada Lovelace")
        ...             return (invited.disposition, invited.status)
        >>> asyncio.run(main())
        ('invited', <Status.PENDING: 'pending'>)
        """
        return await _in_thread(
            self._blocking.invite,
            client._blocking,
            test,
            email=email,
            name=name,
            external_id=external_id,
            uniq_id=uniq_id,
            user_id=user_id,
            enrollment_number=enrollment_number,
            password=password,
            mobile=mobile,
            gender=gender,
            dob=dob,
            course_name=course_name,
            extra1=extra1,
            extra2=extra2,
            extra3=extra3,
            profile_pic=profile_pic,
            group=group,
            labels=labels,
            tags=tags,
            credential1=credential1,
            credential2=credential2,
            extra_emails=extra_emails,
            start=start,
            end=end,
            zone=zone,
            time_zone_id=time_zone_id,
            send_email=send_email,
            email_template=email_template,
            send_at=send_at,
            stakeholder_emails=stakeholder_emails,
            callback_url=callback_url,
            callback_resource=callback_resource,
            redirect_url=redirect_url,
            proctoring=proctoring,
            hide_instruction=hide_instruction,
            skip_password=skip_password,
            language=language,
            program_ids=program_ids,
            unique_within=unique_within,
            no_tracking=no_tracking,
            price=price,
            reopen=reopen,
            mail_again=mail_again,
            resend_uncertain=resend_uncertain,
        )

    async def cancel(
        self,
        client: IMocha | ThinkExam | TestInvite,
        test: int | str,
        /,
        *,
        email: str | None = None,
        external_id: str | None = None,
        invitation: str | int | None = None,
        resend_uncertain: bool = False,
    ) -> Outcome:
        """Withdraw the invitation of a candidate, or the one of a platform's id.

        iMocha cancels it, Think Exam takes the test back, TestInvite deletes the candidate.

        >>> import asyncio, bidden, tempfile, bidden.aio
        >>> async def main():
        ...     with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
        ...         async with bidden.aio.Ledger(f"{folder}/ledger.db") as ledger:
        ...             invited = await ledger.invite(client, 292930, email="ada@example.com", name="Ada Lovelace")
        ...             return (await ledger.cancel(client, 292930, email="ada@example.com")).disposition
        >>> asyncio.run(main())
        'cancelled'
        """
        return await _in_thread(
            self._blocking.cancel,
            client._blocking,
            test,
            email=email,
            external_id=external_id,
            invitation=invitation,
            resend_uncertain=resend_uncertain,
        )

    async def reattempt(
        self,
        client: IMocha,
        test: int | str,
        /,
        *,
        start: _Moment,
        end: _Moment,
        zone: str | None = None,
        time_zone_id: int,
        email: str | None = None,
        external_id: str | None = None,
        invitation: str | int | None = None,
        send_email: bool = False,
        callback_url: str | None = None,
        redirect_url: str | None = None,
        hide_instruction: bool = False,
        reopen: bool = False,
        mail_again: bool = False,
        resend_uncertain: bool = False,
    ) -> Outcome:
        """Allow a candidate another attempt, which is a new invitation.

        Nobody is mailed unless `send_email` is true.

        >>> import asyncio, bidden, tempfile, bidden.aio
        >>> async def main():
        ...     with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
        ...         async with bidden.aio.Ledger(f"{folder}/ledger.db") as ledger:
        ...             invited = await ledger.invite(client, 292930, email="ada@example.com", name="Ada Lovelace")
        ...             for event in ("start", "finish"):
        ...                 _ = sandbox.attempt(invited.invitation_id, event)
        ...             window = {
        ...                 "start": "2098-01-01T09:00:00Z",
        ...                 "end": "2098-01-02T09:00:00Z",
        ...                 "time_zone_id": 1720,
        ...             }
        ...             return (await ledger.reattempt(client, 292930, email="ada@example.com", **window)).disposition
        >>> asyncio.run(main())
        'invited'
        """
        return await _in_thread(
            self._blocking.reattempt,
            client._blocking,
            test,
            start=start,
            end=end,
            zone=zone,
            time_zone_id=time_zone_id,
            email=email,
            external_id=external_id,
            invitation=invitation,
            send_email=send_email,
            callback_url=callback_url,
            redirect_url=redirect_url,
            hide_instruction=hide_instruction,
            reopen=reopen,
            mail_again=mail_again,
            resend_uncertain=resend_uncertain,
        )

    async def register(
        self,
        client: ThinkExam,
        /,
        *,
        email: str,
        name: str,
        enrollment_number: str | None = None,
        password: str | Secret | None = None,
        mobile: str | None = None,
        gender: str | None = None,
        dob: str | date | None = None,
        course_name: str | None = None,
        extra1: str | None = None,
        extra2: str | None = None,
        extra3: str | None = None,
        profile_pic: str | None = None,
    ) -> Outcome:
        """Register a candidate, unless the ledger knows that this was done. Registering assigns no test.

        >>> import asyncio, bidden, tempfile, bidden.aio
        >>> async def main():
        ...     with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.ThinkExam(
        ...             api_key=sandbox.think_exam_api_key, secret=sandbox.think_exam_secret, base_url=sandbox.url
        ...         )
        ...         async with bidden.aio.Ledger(f"{folder}/ledger.db") as ledger:
        ...             return (
        ...                 await ledger.register(client, email="ada@example.com", name="Ada Lovelace")
        ...             ).disposition
        >>> asyncio.run(main())
        'registered'
        """
        return await _in_thread(
            self._blocking.register,
            client._blocking,
            email=email,
            name=name,
            enrollment_number=enrollment_number,
            password=password,
            mobile=mobile,
            gender=gender,
            dob=dob,
            course_name=course_name,
            extra1=extra1,
            extra2=extra2,
            extra3=extra3,
            profile_pic=profile_pic,
        )

    async def history(self, email: str, /) -> list[dict[str, Any]]:
        """Give every invitation of an address with all its operations: the proof of what was asked for and came of it.

        Each operation has its time, request digest, HTTP status, answer digest and outcome.

        >>> import asyncio, bidden, tempfile, bidden.aio
        >>> async def main():
        ...     with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
        ...         async with bidden.aio.Ledger(f"{folder}/ledger.db") as ledger:
        ...             invited = await ledger.invite(client, 292930, email="ada@example.com", name="Ada Lovelace")
        ...             return [
        ...                 operation["deed"]
        ...                 for operation in (await ledger.history("ada@example.com"))[0]["operations"]
        ...             ]
        >>> asyncio.run(main())
        ['invite']
        """
        return await _in_thread(self._blocking.history, email)

    async def status(self) -> list[dict[str, Any]]:
        """Count the invitations, place by place, as `bidden status --json` does.

        >>> import asyncio, bidden, tempfile, bidden.aio
        >>> async def main():
        ...     with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
        ...         async with bidden.aio.Ledger(f"{folder}/ledger.db") as ledger:
        ...             invited = await ledger.invite(client, 292930, email="ada@example.com", name="Ada Lovelace")
        ...             return [place["by_status"] for place in await ledger.status()]
        >>> asyncio.run(main())
        [{'pending': 1}]
        """
        return await _in_thread(self._blocking.status)

    async def close(self) -> None:
        """Wait for what is under way and close the record. May be called again.

        >>> import asyncio, bidden, tempfile, bidden.aio
        >>> async def main():
        ...     with tempfile.TemporaryDirectory() as folder:
        ...         ledger = bidden.aio.Ledger(f"{folder}/ledger.db")
        ...         await ledger.close()
        ...         try:
        ...             await ledger.history("ada@example.com")
        ...         except bidden.StorageError as error:
        ...             print(error.message)
        >>> asyncio.run(main())
        the ledger is closed
        """
        await _in_thread(self._blocking.close)

    async def __aenter__(self) -> Ledger:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<asynchronous {repr(self._blocking).strip('<>')}>"


def _blocking_ledger(ledger: Any) -> Any:
    return ledger._blocking if isinstance(ledger, Ledger) else ledger


def invite_many(
    client: IMocha | ThinkExam | TestInvite,
    test: int | str,
    candidates: _Candidates,
    /,
    *,
    ledger: str | PathLike[str] | Ledger | None,
    sheet: str | None = None,
    map: Mapping[str, str] | None = None,
    output: str | PathLike[str] | None = None,
    start: _Moment | None = None,
    end: _Moment | None = None,
    zone: str | None = None,
    time_zone_id: int | None = None,
    send_email: bool = False,
    email_template: str | None = None,
    send_at: _Moment | None = None,
    stakeholder_emails: str | Iterable[str] | None = None,
    callback_url: str | None = None,
    callback_resource: Literal["basic", "detailed"] | None = None,
    redirect_url: str | None = None,
    proctoring: Literal["disabled", "image", "video"] | None = None,
    hide_instruction: bool = False,
    skip_password: bool = False,
    course: str | None = None,
    batch_size: int | None = None,
    group: str | None = None,
    labels: Iterable[str] | None = None,
    tags: Mapping[str, str] | None = None,
    language: str | None = None,
    program_ids: Iterable[str] | None = None,
    unique_within: Literal["task", "group", "labels", "programs"] | None = None,
    no_tracking: bool = False,
    price: Mapping[str, str | int | Decimal] | None = None,
    charge_candidates: bool = False,
    concurrency: int = 16,
    rate: float | None = None,
    confirm: Confirm | None = None,
    first: int | None = None,
    reopen: bool = False,
    mail_again: bool = False,
    resend_uncertain: bool = False,
    retry_failed: bool = False,
    allow_loss: bool = False,
    stop_after_failures: int | None = None,
    progress: _Progress = False,
    account: str = "default",
) -> Run:
    """Invite many candidates to a test, each at most once with a mail, whatever crashes.

    Nothing is sent before the `Run` that comes back is iterated over or its `run` is called.

    `candidates` is the path of a CSV, TSV, XLSX or JSON Lines file; a pandas or polars frame, or whatever else speaks
    Arrow's C stream interface; or any iterable of mappings or dataclasses. `map` names the field of a column whose
    header does not say it, `sheet` the sheet of a workbook. `ledger` is a `Ledger`, the place of one, or None, which
    loopback alone allows. The options are those of `bidden invite`, those that are given again and again there being
    lists and mappings here (`labels`, `tags`, `program_ids`); nobody is mailed unless `send_email` is true, on
    TestInvite unless `email_template` names a saved template. With a `zone` such as `Europe/Berlin`, `start`, `end` and
    `send_at` may be local: text without an offset, or a datetime without tzinfo. `output` is a file for the columns of
    the input and the results.

    A host other than loopback needs `confirm`, and at most 5 calls a second go there unless `rate` says otherwise.
    `first` sends so many rows and stops, the others being `not-sent`: whoever has looked at them calls again without.
    `progress` is true for a bar (tqdm where it is installed, a plain line otherwise), or a function that is told how
    many rows are done and how many there are.

    Raises `InvalidInputError` for options that the platform cannot honour, unless `allow_loss`.

    >>> import asyncio, bidden, bidden.aio
    >>> async def main():
    ...     people = [
    ...         {"email": "ada@example.com", "name": "Ada Lovelace"},
    ...         {"email": "grace", "name": "Grace Hopper"},
    ...     ]
    ...     with bidden.Sandbox() as sandbox:
    ...         async for outcome in bidden.aio.invite_many(
    ...             bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url),
    ...             292930,
    ...             people,
    ...             ledger=None,
    ...         ):
    ...             print(outcome.disposition, outcome.error)
    >>> asyncio.run(main())
    invited None
    invalid invalid-input: email: has no @
    """
    return Run(
        lambda: _many.invite_many(
            client._blocking,
            test,
            candidates,
            ledger=_blocking_ledger(ledger),
            sheet=sheet,
            map=map,
            output=output,
            start=start,
            end=end,
            zone=zone,
            time_zone_id=time_zone_id,
            send_email=send_email,
            email_template=email_template,
            send_at=send_at,
            stakeholder_emails=stakeholder_emails,
            callback_url=callback_url,
            callback_resource=callback_resource,
            redirect_url=redirect_url,
            proctoring=proctoring,
            hide_instruction=hide_instruction,
            skip_password=skip_password,
            course=course,
            batch_size=batch_size,
            group=group,
            labels=labels,
            tags=tags,
            language=language,
            program_ids=program_ids,
            unique_within=unique_within,
            no_tracking=no_tracking,
            price=price,
            charge_candidates=charge_candidates,
            concurrency=concurrency,
            rate=rate,
            confirm=confirm,
            first=first,
            reopen=reopen,
            mail_again=mail_again,
            resend_uncertain=resend_uncertain,
            retry_failed=retry_failed,
            allow_loss=allow_loss,
            stop_after_failures=stop_after_failures,
            progress=progress,
            account=account,
        )
    )


async def plan(
    client: IMocha | ThinkExam | TestInvite,
    test: int | str,
    candidates: _Candidates,
    path: str | PathLike[str] | None = None,
    /,
    *,
    ledger: str | PathLike[str] | Ledger | None,
    sheet: str | None = None,
    map: Mapping[str, str] | None = None,
    start: _Moment | None = None,
    end: _Moment | None = None,
    zone: str | None = None,
    time_zone_id: int | None = None,
    send_email: bool = False,
    email_template: str | None = None,
    send_at: _Moment | None = None,
    stakeholder_emails: str | Iterable[str] | None = None,
    callback_url: str | None = None,
    callback_resource: Literal["basic", "detailed"] | None = None,
    redirect_url: str | None = None,
    proctoring: Literal["disabled", "image", "video"] | None = None,
    hide_instruction: bool = False,
    skip_password: bool = False,
    course: str | None = None,
    group: str | None = None,
    labels: Iterable[str] | None = None,
    tags: Mapping[str, str] | None = None,
    language: str | None = None,
    program_ids: Iterable[str] | None = None,
    unique_within: Literal["task", "group", "labels", "programs"] | None = None,
    no_tracking: bool = False,
    price: Mapping[str, str | int | Decimal] | None = None,
    charge_candidates: bool = False,
    reopen: bool = False,
    mail_again: bool = False,
    resend_uncertain: bool = False,
    retry_failed: bool = False,
    allow_loss: bool = False,
    account: str = "default",
) -> Plan:
    """Write what `invite_many` would do into a file, to be reviewed and applied. Sends nothing.

    The file is the one of `bidden plan`; it holds no password and no credential2. The `Plan` that comes back is the
    review of it; without a `path` that is all, as with `bidden invite --dry-run`.

    >>> import asyncio, bidden, tempfile, bidden.aio
    >>> async def main():
    ...     people = [{"email": "ada@example.com", "name": "Ada Lovelace"}]
    ...     with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
    ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
    ...         file, ledger = (f"{folder}/plan.jsonl", f"{folder}/ledger.db")
    ...         planned = await bidden.aio.plan(client, 292930, people, file, ledger=ledger, send_email=True)
    ...         print(planned.would_send, planned.mails)
    ...         print(await bidden.aio.apply(client, file, ledger=ledger).run())
    >>> asyncio.run(main())
    1 1
    <Summary of 1 row: 1 invited>
    """
    return await _in_thread(
        _many.plan,
        client._blocking,
        test,
        candidates,
        path,
        ledger=_blocking_ledger(ledger),
        sheet=sheet,
        map=map,
        start=start,
        end=end,
        zone=zone,
        time_zone_id=time_zone_id,
        send_email=send_email,
        email_template=email_template,
        send_at=send_at,
        stakeholder_emails=stakeholder_emails,
        callback_url=callback_url,
        callback_resource=callback_resource,
        redirect_url=redirect_url,
        proctoring=proctoring,
        hide_instruction=hide_instruction,
        skip_password=skip_password,
        course=course,
        group=group,
        labels=labels,
        tags=tags,
        language=language,
        program_ids=program_ids,
        unique_within=unique_within,
        no_tracking=no_tracking,
        price=price,
        charge_candidates=charge_candidates,
        reopen=reopen,
        mail_again=mail_again,
        resend_uncertain=resend_uncertain,
        retry_failed=retry_failed,
        allow_loss=allow_loss,
        account=account,
    )


def apply(
    client: IMocha | ThinkExam | TestInvite,
    path: str | PathLike[str],
    /,
    *,
    ledger: str | PathLike[str] | Ledger | None,
    secrets: str | PathLike[str] | None = None,
    output: str | PathLike[str] | None = None,
    concurrency: int = 16,
    rate: float | None = None,
    batch_size: int | None = None,
    confirm: Confirm | None = None,
    first: int | None = None,
    reopen: bool = False,
    mail_again: bool = False,
    resend_uncertain: bool = False,
    retry_failed: bool = False,
    stop_after_failures: int | None = None,
    progress: _Progress = False,
    account: str = "default",
) -> Run:
    """Send what a plan of `plan` or `bidden plan` says. The same call continues after an interruption.

    Which test and how stand in the plan, which is the consent too; a `confirm` bounds the mails further. Raises
    `InvalidInputError` for what is no plan, and when the run begins for one that is stale: what it saw has changed
    since. No plan holds a password or credential2: rows that have one are held, unless `secrets` is the file that the
    plan was made from, unchanged. `first` sends so many rows and stops, as with `invite_many`.

    >>> import asyncio, bidden, tempfile, bidden.aio
    >>> async def main():
    ...     people = [{"email": "ada@example.com", "name": "Ada Lovelace"}]
    ...     with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
    ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
    ...         file, ledger = (f"{folder}/plan.jsonl", f"{folder}/ledger.db")
    ...         planned = await bidden.aio.plan(client, 292930, people, file, ledger=ledger)
    ...         return [outcome.disposition async for outcome in bidden.aio.apply(client, file, ledger=ledger)]
    >>> asyncio.run(main())
    ['invited']
    """
    return Run(
        lambda: _many.apply(
            client._blocking,
            path,
            ledger=_blocking_ledger(ledger),
            secrets=secrets,
            output=output,
            concurrency=concurrency,
            rate=rate,
            batch_size=batch_size,
            confirm=confirm,
            first=first,
            reopen=reopen,
            mail_again=mail_again,
            resend_uncertain=resend_uncertain,
            retry_failed=retry_failed,
            stop_after_failures=stop_after_failures,
            progress=progress,
            account=account,
        )
    )


async def reconcile(
    client: IMocha | TestInvite,
    test: int | str,
    /,
    *,
    ledger: str | PathLike[str] | Ledger | None,
    dry_run: bool = False,
    rate: float | None = None,
    account: str = "default",
) -> Reconciliation:
    """Hold the ledger against what the platform shows of a test, and teach the ledger what has moved.

    Nothing is sent that changes anything; with `dry_run` nothing is written either. Raises `InvalidInputError` on Think
    Exam, which shows nothing.

    >>> import asyncio, bidden, tempfile, bidden.aio
    >>> async def main():
    ...     with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
    ...         client = bidden.aio.TestInvite(token=sandbox.testinvite_token, base_url=sandbox.url)
    ...         async with bidden.aio.Ledger(f"{folder}/ledger.db") as ledger:
    ...             created = await ledger.invite(client, "task-1", email="ada@example.com", name="Ada Lovelace")
    ...             return (await bidden.aio.reconcile(client, "task-1", ledger=ledger)).counts
    >>> asyncio.run(main())
    {'agreed': 1}
    """
    return await _in_thread(
        _many.reconcile,
        client._blocking,
        test,
        ledger=_blocking_ledger(ledger),
        dry_run=dry_run,
        rate=rate,
        account=account,
    )


async def history(email: str, /, *, ledger: str | PathLike[str] | Ledger) -> list[dict[str, Any]]:
    """Give every invitation of an address with all its operations, as `Ledger.history` does.

    A `ledger` that is a place is read beside whoever sends from it; where there is none yet, nobody is known.

    >>> import asyncio, bidden, tempfile, bidden.aio
    >>> async def main():
    ...     with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
    ...         place = f"{folder}/ledger.db"
    ...         people = [{"email": "ada@example.com", "name": "Ada Lovelace"}]
    ...         summary = await bidden.aio.invite_many(
    ...             bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url),
    ...             292930,
    ...             people,
    ...             ledger=place,
    ...         ).run()
    ...         return [
    ...             invitation["disposition"]
    ...             for invitation in await bidden.aio.history("ada@example.com", ledger=place)
    ...         ]
    >>> asyncio.run(main())
    ['invited']
    """
    return await _in_thread(_many.history, email, ledger=_blocking_ledger(ledger))


async def status(*, ledger: str | PathLike[str] | Ledger) -> list[dict[str, Any]]:
    """Count the invitations of a ledger, place by place, as `bidden status --json` does. No platform is asked.

    A `ledger` that is a place is read beside whoever sends from it; where there is none yet, there is nothing.

    >>> import asyncio, bidden, tempfile, bidden.aio
    >>> async def main():
    ...     with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
    ...         place = f"{folder}/ledger.db"
    ...         people = [{"email": "ada@example.com", "name": "Ada Lovelace"}]
    ...         summary = await bidden.aio.invite_many(
    ...             bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url),
    ...             292930,
    ...             people,
    ...             ledger=place,
    ...         ).run()
    ...         return [
    ...             (found["place"]["test"], found["by_disposition"])
    ...             for found in await bidden.aio.status(ledger=place)
    ...         ]
    >>> asyncio.run(main())
    [('292930', {'invited': 1})]
    """
    return await _in_thread(_many.status, ledger=_blocking_ledger(ledger))


for _item in (IMocha, Ledger, Run, TestInvite, ThinkExam, apply, history, invite_many, plan, reconcile, status):
    _item.__module__ = "bidden.aio"
del _item
