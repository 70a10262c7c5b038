"""A program that uses every part of the package; type-checked and run, and a test counts what it leaves out.

`sample_results.py` beside it reads every attribute of what comes back.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from sample_aio import everything_awaited
from sample_results import everything

import bidden
import bidden.aio

ADA = {"email": "ada@example.com", "name": "Ada Lovelace"}
EVER = ("2000-01-01T00:00:00Z", "2098-01-01T00:00:00Z")


@dataclass
class Person:
    email: str
    name: str


def show(*values: object) -> None:
    for value in values:
        read = everything(value)
        print(type(value).__name__, len(read), value if read == () else repr(value))


def sign(method: str, url: str, body: bytes, now: int) -> tuple[str, str, str]:
    signature = bidden.sign("default", api_key="sandbox-ak", secret="sandbox-secret", method=method, url=url, body=body)
    return signature.ak, signature.sgn, str(now)


def describe(status: bidden.Status | None, event: bidden.Event) -> str:
    window = bidden.AccessWindow(end="2099-01-01T00:00:00Z")
    decided = bidden.decide(bidden.Platform.IMOCHA, status, event, window)
    show(decided, window)
    if isinstance(decided, bidden.Decision):
        return f"{decided.effect}, then {decided.next}"
    return f"{decided.reason}; allowed: {', '.join(decided.allowed_events)}"


def rules() -> None:
    print(describe(None, bidden.Event.INVITE), describe(bidden.Status.COMPLETE, bidden.Event.CANCEL))
    print(bidden.explain_transition("think-exam", "complete", "cancel")["allowed_events"])
    capabilities = bidden.capabilities("testinvite")
    show(*capabilities)
    print(capabilities[0].to_dict())
    for decided in (bidden.decide("imocha", "pending", "cancel"), bidden.decide("imocha", "complete", "cancel")):
        print(decided.to_dict()["allowed"])
    event: bidden.CallbackEvent = bidden.read_callback("imocha", {}, '{"TestInvitationId": 7, "Status": "Complete"}')
    show(event)
    print(event.dedupe_key, event.moves(bidden.Status.IN_PROGRESS), event.to_dict()["platform"])


def signatures() -> None:
    os.environ["SAMPLE_SECRET"] = "sandbox-secret"
    secret = bidden.Secret.from_env("SAMPLE_SECRET")
    signature: bidden.Signature = bidden.sign(api_key="sandbox-ak", secret=secret)
    headers = signature.headers
    explained: bidden.SignatureExplanation = bidden.explain_signature(
        api_key="sandbox-ak", secret="another", headers=headers
    )
    show(signature, explained)
    print(bidden.verify(api_key="sandbox-ak", secret=secret, headers=headers), secret, len(secret.expose()))
    signer = bidden.FetchedSigner("https://signatures.example/sign", headers={"authorization": secret})
    print(signer)


def without_a_client() -> None:
    assert "imocha.invite" in bidden.calls()
    request: bidden.Request = bidden.call_request("imocha.invite", test_id=1, email="ada@example.com", name="Ada")
    show(request)
    print(bidden.read_reply("imocha.retrieve_test", {"test_id": 1}, 200, '{"testId": 1}')["test_id"])


def lists(folder: Path) -> None:
    for checked in bidden.validate([{"email": "ada"}, {**ADA, "mobile": "12"}], bidden.Platform.IMOCHA, strict=True):
        show(checked, *checked.errors, *checked.warnings)
        print(checked.to_dict()["row"], checked.errors[0].to_dict()["field"])
    path = folder / "list.csv"
    path.write_text("email,name\nada@example.com,Ada\ngrace,Grace\n", encoding="utf-8")
    for row in bidden.validate_csv(path, "imocha"):
        show(row)
        if isinstance(row, bidden.Candidate):
            print(row.row, row.email, row.to_dict())
        else:
            print(row.to_dict()["line"], [(finding.column, finding.reason) for finding in row.errors])
    import polars

    print(bidden.validate_frame(polars.DataFrame({"email": ["grace"]}), "imocha")["reason"].to_list())


def errors(sandbox: bidden.Sandbox) -> None:
    wrong = bidden.IMocha(api_key="wrong", base_url=sandbox.url, tries=1)
    try:
        wrong.retrieve_test(292930)
    except bidden.UnauthorizedError as error:
        print(error.http_status, error.platform_message, error.to_dict())
    try:
        wrong.invite(1, email="ada", name="")
    except bidden.InvalidInputError as error:
        faults: tuple[bidden.FieldError, ...] = error.fields
        print([(fault.field, fault.reason, fault.value) for fault in faults])
    kinds: tuple[type[bidden.Error], ...] = (
        bidden.ConfigurationError,
        bidden.DuplicateError,
        bidden.InternalError,
        bidden.MalformedReplyError,
        bidden.NotFoundError,
        bidden.QuotaExhaustedError,
        bidden.RateLimitedError,
        bidden.RefusedError,
        bidden.RejectedError,
        bidden.StorageError,
        bidden.TimedOutError,
        bidden.UnavailableError,
        bidden.UncertainError,
    )
    print(sorted(kind.kind for kind in kinds))


def imocha(sandbox: bidden.Sandbox) -> None:
    heard: list[bidden.RequestEvent] = []
    key = sandbox.imocha_api_key
    with bidden.IMocha(api_key=key, base_url=sandbox.url, before=heard.append, after=heard.append) as client:
        end = datetime.now(timezone.utc) + timedelta(days=7)
        invited: bidden.Invited = client.invite(292930, email="ada@example.com", name="Ada", end=end)
        print(invited.to_dict()["status"], client.base_url)
        link: bidden.TestLink = client.create_test_link(303076, "Campus", invitation_type="open")
        number = link.test_link_id or 0
        through_link = client.invite_by_test_link(303076, number, email="alan@example.com", name="Alan")
        cancelled: bidden.Cancelled = client.cancel(through_link.invitation_id)
        shown: bidden.RetrievedInvites = client.retrieve_invites(
            state="cancelled", start_date_time=EVER[0], end_date_time=EVER[1]
        )
        retrieved: list[bidden.RetrievedInvite] = shown.test_attempts
        for event in ("start", "finish"):
            sandbox.attempt(invited.invitation_id, event)
        report: bidden.CandidateReport = client.report(invited.invitation_id, report_type=3)
        pdf: bidden.PdfReport = client.report_pdf(invited.invitation_id)
        again: bidden.Reattempted = client.reattempt(
            invited.invitation_id,
            start_date_time="2098-01-01T00:00:00Z",
            end_date_time="2098-01-02T00:00:00Z",
            time_zone_id=1720,
        )
        try:
            replayed: bidden.ProcessedCallbacks = client.process_callbacks([invited.invitation_id])
            show(replayed)
        except bidden.RejectedError as error:
            print(error.kind)
        masking: bidden.MaskingAccepted = client.mask_personal_data("alan@example.com")
        test: bidden.RetrievedTest = client.retrieve_test(292930)
        sandbox.declare({"imocha": {"tests": [{"test_id": 1, "name": "One"}]}})
        page: bidden.TestPage = client.list_tests()
        listed: list[bidden.ListedTest] = list(client.tests())
        show(invited, link, cancelled, shown, *retrieved, report, pdf, again, masking, test, page, *listed, *heard)
        print(client.list_test_links(1), client.call("imocha.retrieve_test", test_id=1)["test_id"])
        try:
            client.fetch_test_link(1, number)
        except bidden.NotFoundError as error:
            print(error.kind)
        show(client.request("imocha.retrieve_test", test_id=1))
        print(client.with_options(timeout=5, tries=1, rate=100, callers=2).retrieve_test(1).test_id)
    client.close()


def think_exam(sandbox: bidden.Sandbox) -> None:
    client = bidden.ThinkExam(signer=sign, base_url=sandbox.url)
    for registered in client.register([{"name": "Ada", "email": "ada@example.com"}]):
        show(registered)
    assigned: bidden.Assigned = client.assign_test("ada@example.com", "41")
    show(assigned, client.deassign_test("ada@example.com", "41"))
    by_key = sandbox.think_exam()
    grace: bidden.Registered = by_key.unified_auth(
        name="Grace", email="grace@example.com", password=bidden.Secret("p4ssword")
    )
    by_key.assign_test_multi_candidates(["ada@example.com", "grace@example.com"], 41)
    by_key.change_student_password("grace@example.com", old_password="p4ssword", new_password="other")
    session: bidden.LoggedIn = by_key.check_login("grace@example.com", "other")
    show(grace, session)
    print(session.to_dict()["result"])
    print(sandbox.think_exam_api_key, len(sandbox.think_exam_secret), len(sandbox.candidates()))


def testinvite(sandbox: bidden.Sandbox) -> None:
    client = bidden.TestInvite(token=sandbox.testinvite_token, base_url=sandbox.url)
    candidate = bidden.TemporaryCandidate(fullname="Ada", tracking={"uniq_id": "ada"})
    price: dict[str, str | int | Decimal] = {"amount": Decimal("19.90"), "currency": "EUR"}
    created: bidden.Created = client.create_candidate("task-1", candidate, group="A")
    internal: bidden.Created = client.create_candidate("task-1", bidden.InternalCandidate(id="u-1002"), price=price)
    try:
        client.create_candidate("task-1", candidate)
    except bidden.DuplicateError as error:
        print(error.kind, error.http_status)
    page: bidden.CandidatePage = client.list_candidates("task-1", mode="detailed")
    found: list[bidden.TaskCandidate] = page.candidates
    task: bidden.Task = client.fetch_task("task-1")
    end = datetime.now(timezone.utc) + timedelta(days=7)
    updated: bidden.TaskCandidate = client.update_candidate(
        "task-1", created.candidate_id, group="B", active_before=end
    )
    sandbox.attempt(created.candidate_id, "start")
    sessions: bidden.TestSessionPage = client.list_test_sessions("task-1")
    session: bidden.TestSession = sessions.test_instances[0]
    number = session.test_instance_id
    searched: bidden.TestSessionSet = client.search_test_sessions("task-1", kind="meta", group="B")
    answers: bidden.Answers = client.list_answers("task-1", number)
    show(created, internal, page, *found, task, updated, sessions, session, searched, answers)
    show(client.fetch_candidate("task-1", created.candidate_id), client.fetch_test_session("task-1", number))
    show(client.expand_test_session("task-1", number, "creditCost", "test"))
    users: bidden.UserPage = client.search_users(type="regular")
    user: bidden.User = client.fetch_user("u-1001")
    tasks: bidden.TaskPage = client.list_tasks(title="a")
    show(users, user, tasks, client.list_users())
    client.delete_candidate("task-1", internal.candidate_id)
    print(sandbox.testinvite_token)


def one_by_one(folder: Path) -> None:
    with bidden.Sandbox() as sandbox, bidden.Ledger(folder / "one.db") as ledger:
        client = sandbox.imocha()
        outcome: bidden.Outcome = ledger.invite(client, 292930, email="ada@example.com", name="Ada")
        show(outcome)
        print(ledger.cancel(client, 292930, email="ada@example.com").status.value, ledger.location)
        print(len(ledger.history("ada@example.com")[0]["operations"]), ledger.status()[0]["invitations"])
        invited = ledger.invite(client, 292930, email="alan@example.com", name="Alan")
        for event in ("start", "finish"):
            sandbox.attempt(invited.invitation_id or "", event)
        again = ledger.reattempt(
            client,
            292930,
            email="alan@example.com",
            start=datetime(2098, 1, 1, 9),
            end="2098-01-02T09:00",
            zone="Europe/Berlin",
            time_zone_id=1720,
        )
        print(again.disposition)
        print(ledger.register(sandbox.think_exam(), email="ada@example.com", name="Ada").disposition)
        ledger.close()


def many(folder: Path) -> None:
    people: Iterable[Person] = [Person("ada@example.com", "Ada"), Person("grace", "Grace")]
    with bidden.Sandbox() as sandbox, sandbox.namespace("many") as copy:
        assert isinstance(copy, bidden.Namespace)
        frozen = copy.freeze()
        copy.set_now("2030-01-01T00:00:00Z")
        print(copy.advance(timedelta(days=1)) > frozen, copy.thaw() > frozen, copy.now() > frozen, copy.name)
        copy.add_fault("slow", milliseconds=1, count=2)
        print(copy.faults(), sandbox.namespaces())
        copy.clear_faults()
        ledger = folder / "many.db"
        client = copy.imocha()
        planned: bidden.Plan = bidden.plan(client, 1, people, folder / "plan.jsonl", ledger=ledger)
        show(planned, bidden.plan(client, 1, people, ledger=ledger))
        for outcome in bidden.apply(client, folder / "plan.jsonl", ledger=ledger, first=1):
            show(outcome)
            match outcome:
                case bidden.RowOutcome(disposition="invited", row=row):
                    print(row, outcome.test_url)
                case bidden.RowOutcome(error=bidden.InvalidInputError() as error):
                    print(error.fields[0].field)
                case _:
                    print(outcome.to_dict())
        run: bidden.Run = bidden.invite_many(client, 1, people, ledger=ledger, confirm=bidden.Confirm(max_emails=1))
        summary: bidden.Summary = run.run()
        show(summary)
        run.stop()
        print(run.total, run.summary, len(bidden.history("ada@example.com", ledger=ledger)))
        print([place["invitations"] for place in bidden.status(ledger=ledger)])
        found: bidden.Reconciliation = bidden.reconcile(copy.testinvite(), "task-1", ledger=ledger, dry_run=True)
        show(found)
        print(len(copy.invitations()), len(copy.outbox()), len(copy.requests()), len(copy.candidates()))
        print(copy.url, copy.imocha_api_key, copy.testinvite_token, copy.think_exam_api_key, copy.think_exam_secret)
        print(copy.think_exam().base_url == copy.control("GET", "clock")["now"], copy.attempt)
        copy.reset()
        copy.declare({})
        copy.remove()
    sandbox.stop()


async def awaited(folder: Path) -> None:
    """The same with asyncio, where it is said otherwise."""
    with bidden.Sandbox() as sandbox:
        async with bidden.aio.TestInvite(token=sandbox.testinvite_token, base_url=sandbox.url) as client:
            people = [bidden.TemporaryCandidate(fullname=f"Candidate {number}") for number in range(3)]
            created = await asyncio.gather(*(client.create_candidate("task-1", person) for person in people))
            print(len({candidate.candidate_id for candidate in created}))
            async for outcome in bidden.aio.invite_many(client, "task-2", [ADA], ledger=None):
                print(outcome.row, outcome.disposition)
        imocha = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
        run: bidden.aio.Run = bidden.aio.invite_many(imocha, 1, [ADA], ledger=None)
        print(await run.run(), run.total, run.summary)
        run.stop()
        async with bidden.aio.Ledger(folder / "aio.db") as ledger:
            print((await ledger.invite(imocha, 1, email="ada@example.com", name="Ada")).disposition)
            planned = await bidden.aio.plan(imocha, 1, [ADA], folder / "aio.jsonl", ledger=ledger)
            applied = await bidden.aio.apply(imocha, folder / "aio.jsonl", ledger=ledger).run()
            found = await bidden.aio.reconcile(imocha, 1, ledger=ledger)
            show(planned, applied, found)
            print(len(await bidden.aio.history("ada@example.com", ledger=ledger)))
            print(await bidden.aio.status(ledger=ledger))
        print(imocha.base_url)
    await everything_awaited(folder)


def main() -> None:
    print(bidden.__version__)
    rules()
    signatures()
    without_a_client()
    with TemporaryDirectory() as name:
        folder = Path(name)
        lists(folder)
        with bidden.Sandbox() as sandbox:
            errors(sandbox)
            imocha(sandbox)
        with bidden.Sandbox() as sandbox:
            think_exam(sandbox)
            testinvite(sandbox)
        one_by_one(folder)
        many(folder)
        asyncio.run(awaited(folder))


if __name__ == "__main__":
    main()
