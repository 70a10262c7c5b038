"""The clients of `bidden.aio`, awaited: the part of `sample_program.py` that is asynchronous."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

from sample_results import everything

import bidden
import bidden.aio

EVER = ("2000-01-01T00:00:00Z", "2098-01-01T00:00:00Z")


def show(*values: object) -> None:
    for value in values:
        print(type(value).__name__, len(everything(value)))


async def imocha(sandbox: bidden.Sandbox) -> None:
    heard: list[bidden.RequestEvent] = []
    key = sandbox.imocha_api_key
    async with bidden.aio.IMocha(api_key=key, base_url=sandbox.url, before=heard.append, after=heard.append) as client:
        end = datetime.now(timezone.utc) + timedelta(days=7)
        invited: bidden.Invited = await client.invite(292930, email="ada@example.com", name="Ada", end=end)
        print(invited.to_dict()["status"], client.base_url)
        link: bidden.TestLink = await client.create_test_link(303076, "Campus", invitation_type="open")
        number = link.test_link_id or 0
        through_link = await client.invite_by_test_link(303076, number, email="alan@example.com", name="Alan")
        cancelled: bidden.Cancelled = await client.cancel(through_link.invitation_id)
        shown: bidden.RetrievedInvites = await client.retrieve_invites(
            state="cancelled", start_date_time=EVER[0], end_date_time=EVER[1]
        )
        retrieved: list[bidden.RetrievedInvite] = shown.test_attempts
        for event in ("start", "finish"):
            sandbox.attempt(invited.invitation_id, event)
        report: bidden.CandidateReport = await client.report(invited.invitation_id, report_type=3)
        pdf: bidden.PdfReport = await client.report_pdf(invited.invitation_id)
        again: bidden.Reattempted = await client.reattempt(
            invited.invitation_id,
            start_date_time="2098-01-01T00:00:00Z",
            end_date_time="2098-01-02T00:00:00Z",
            time_zone_id=1720,
        )
        try:
            replayed: bidden.ProcessedCallbacks = await client.process_callbacks([invited.invitation_id])
            show(replayed)
        except bidden.RejectedError as error:
            print(error.kind)
        masking: bidden.MaskingAccepted = await client.mask_personal_data("alan@example.com")
        test: bidden.RetrievedTest = await client.retrieve_test(292930)
        sandbox.declare({"imocha": {"tests": [{"test_id": 1, "name": "One"}]}})
        page: bidden.TestPage = await client.list_tests()
        listed: list[bidden.ListedTest] = [test async for test in client.tests()]
        show(invited, link, cancelled, shown, *retrieved, report, pdf, again, masking, test, page, *listed, *heard)
        print(await client.list_test_links(1), (await client.call("imocha.retrieve_test", test_id=1))["test_id"])
        try:
            await client.fetch_test_link(1, number)
        except bidden.NotFoundError as error:
            print(error.kind)
        show(client.request("imocha.retrieve_test", test_id=1))
        print((await client.with_options(timeout=5, tries=1, rate=100, callers=2).retrieve_test(1)).test_id)
    await client.close()


async def think_exam(sandbox: bidden.Sandbox) -> None:
    client = bidden.aio.ThinkExam(
        api_key=sandbox.think_exam_api_key, secret=sandbox.think_exam_secret, base_url=sandbox.url
    )
    for registered in await client.register([{"name": "Ada", "email": "ada@example.com"}]):
        show(registered)
    assigned: bidden.Assigned = await client.assign_test("ada@example.com", "41")
    show(assigned, await client.deassign_test("ada@example.com", "41"))
    by_key = client.with_options(tries=2)
    grace: bidden.Registered = await by_key.unified_auth(
        name="Grace", email="grace@example.com", password=bidden.Secret("p4ssword")
    )
    await by_key.assign_test_multi_candidates(["ada@example.com", "grace@example.com"], 41)
    await by_key.change_student_password("grace@example.com", old_password="p4ssword", new_password="other")
    session: bidden.LoggedIn = await by_key.check_login("grace@example.com", "other")
    show(grace, session)
    print(sandbox.think_exam_api_key, len(sandbox.think_exam_secret), len(sandbox.candidates()))


async def testinvite(sandbox: bidden.Sandbox) -> None:
    client = bidden.aio.TestInvite(token=sandbox.testinvite_token, base_url=sandbox.url)
    candidate = bidden.TemporaryCandidate(fullname="Ada", tracking={"uniq_id": "ada"})
    price: dict[str, str | int | Decimal] = {"amount": Decimal("19.90"), "currency": "EUR"}
    created: bidden.Created = await client.create_candidate("task-1", candidate, group="A")
    internal: bidden.Created = await client.create_candidate(
        "task-1", bidden.InternalCandidate(id="u-1002"), price=price
    )
    try:
        await client.create_candidate("task-1", candidate)
    except bidden.DuplicateError as error:
        print(error.kind, error.http_status)
    page: bidden.CandidatePage = await client.list_candidates("task-1", mode="detailed")
    found: list[bidden.TaskCandidate] = page.candidates
    task: bidden.Task = await client.fetch_task("task-1")
    end = datetime.now(timezone.utc) + timedelta(days=7)
    updated: bidden.TaskCandidate = await client.update_candidate(
        "task-1", created.candidate_id, group="B", active_before=end
    )
    sandbox.attempt(created.candidate_id, "start")
    sessions: bidden.TestSessionPage = await client.list_test_sessions("task-1")
    session: bidden.TestSession = sessions.test_instances[0]
    number = session.test_instance_id
    searched: bidden.TestSessionSet = await client.search_test_sessions("task-1", kind="meta", group="B")
    answers: bidden.Answers = await client.list_answers("task-1", number)
    show(created, internal, page, *found, task, updated, sessions, session, searched, answers)
    show(
        await client.fetch_candidate("task-1", created.candidate_id), await client.fetch_test_session("task-1", number)
    )
    show(await client.expand_test_session("task-1", number, "creditCost", "test"))
    users: bidden.UserPage = await client.search_users(type="regular")
    user: bidden.User = await client.fetch_user("u-1001")
    tasks: bidden.TaskPage = await client.list_tasks(title="a")
    show(users, user, tasks, await client.list_users())
    await client.delete_candidate("task-1", internal.candidate_id)
    print(sandbox.testinvite_token)


async def ledger(sandbox: bidden.Sandbox, folder: Path) -> None:
    client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
    think_exam = bidden.aio.ThinkExam(
        api_key=sandbox.think_exam_api_key, secret=sandbox.think_exam_secret, base_url=sandbox.url
    )
    record = bidden.aio.Ledger(folder / "awaited.db")
    invited = await record.invite(client, 292930, email="ada@example.com", name="Ada")
    for event in ("start", "finish"):
        sandbox.control("POST", f"attempts/{invited.invitation_id}/{event}", {})
    again = await record.reattempt(
        client,
        292930,
        email="ada@example.com",
        start="2098-01-01T00:00:00Z",
        end="2098-01-02T00:00:00Z",
        time_zone_id=1720,
    )
    cancelled = await record.cancel(client, 292930, email="ada@example.com")
    registered = await record.register(think_exam, email="ada@example.com", name="Ada")
    show(invited, again, cancelled, registered)
    print(record.location, len(await record.history("ada@example.com")), await record.status())
    await record.close()


async def everything_awaited(folder: Path) -> None:
    with bidden.Sandbox() as sandbox:
        await imocha(sandbox)
    with bidden.Sandbox() as sandbox:
        await think_exam(sandbox)
        await testinvite(sandbox)
        await ledger(sandbox, folder)
