"""A program that uses every part of the package; type-checked and run."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import bidden
import bidden.aio


def sign(method: str, url: str, body: bytes, now: int) -> tuple[str, str, str]:
    signature = bidden.sign("default", api_key="sandbox-ak", secret="sandbox-secret", method=method, url=url, body=body)
    return signature.ak, signature.sgn, str(now)


def describe(status: bidden.Status | None, event: bidden.Event) -> str:
    decided = bidden.decide(bidden.Platform.IMOCHA, status, event, bidden.AccessWindow(end="2099-01-01T00:00:00Z"))
    if isinstance(decided, bidden.Decision):
        return f"{decided.effect}, then {decided.next}"
    return f"{decided.reason}; allowed: {', '.join(decided.allowed_events)}"


def many() -> None:
    heard: list[bidden.RequestEvent] = []
    people = [{"email": "ada@example.com", "name": "Ada"}, {"email": "grace", "name": "Grace"}]
    with TemporaryDirectory() as folder, bidden.Sandbox() as sandbox, sandbox.namespace("many") as copy:
        frozen = copy.freeze()
        print(copy.advance(timedelta(days=1)) - frozen, copy.name, copy.faults())
        ledger = f"{folder}/bidden.db"
        with bidden.IMocha(api_key=copy.imocha_api_key, base_url=copy.url, after=heard.append) as client:
            planned: bidden.Plan = bidden.plan(client, 1, people, f"{folder}/plan.jsonl", ledger=ledger)
            print(planned.would_send, planned.mails, planned.actions)
            for outcome in bidden.apply(client, f"{folder}/plan.jsonl", ledger=ledger):
                match outcome:
                    case bidden.RowOutcome(disposition="invited", row=row):
                        print(row, outcome.test_url)
                    case bidden.RowOutcome(error=bidden.InvalidInputError() as error):
                        print(error.fields[0].field)
                    case _:
                        print(outcome.to_dict())
            run: bidden.Run = bidden.invite_many(
                client.with_options(tries=2), 1, people, ledger=ledger, confirm=bidden.Confirm(max_emails=1)
            )
            summary: bidden.Summary = run.run()
            print(summary.by_disposition, summary.is_good, [event.status for event in heard])
            print(len(bidden.history("ada@example.com", ledger=ledger)))
        testinvite = copy.testinvite()
        found: bidden.Reconciliation = bidden.reconcile(testinvite, "task-1", ledger=ledger, dry_run=True)
        print(found.counts, found.needs_somebody)
        path = Path(folder, "list.csv")
        path.write_text("email,name\nada@example.com,Ada\ngrace,Grace\n", encoding="utf-8")
        for row_ in bidden.validate_csv(path, "imocha"):
            if isinstance(row_, bidden.Candidate):
                print(row_.row, row_.email, row_.to_dict())
            else:
                print(row_.line, [(finding.column, finding.reason) for finding in row_.errors])


async def awaited() -> None:
    with bidden.Sandbox() as sandbox:
        async with bidden.aio.TestInvite(token=sandbox.testinvite_token, base_url=sandbox.url) as client:
            people = [bidden.TemporaryCandidate(fullname=f"Candidate {number}") for number in range(3)]
            created = await asyncio.gather(*(client.create_candidate("task-1", person) for person in people))
            print(len({candidate.candidate_id for candidate in created}))
            rows = [{"email": "ada@example.com", "name": "Ada"}]
            async for outcome in bidden.aio.invite_many(client, "task-2", rows, ledger=None):
                print(outcome.row, outcome.disposition)


def main() -> None:
    with bidden.Sandbox() as sandbox:
        end = datetime.now(timezone.utc) + timedelta(days=7)
        invited: bidden.Invited = sandbox.imocha().invite(292930, email="ada@example.com", name="Ada", end=end)
        print(invited.invitation_id, invited.test_url or "no link", invited.status.value)

        link: bidden.TestLink = sandbox.imocha().create_test_link(303076, "Campus", invitation_type="open")
        through_link = sandbox.imocha().invite_by_test_link(
            303076, link.test_link_id or 0, email="alan@example.com", name="Alan"
        )
        print(link.test_link_name, through_link.status.value, [test.test_name for test in sandbox.imocha().tests()])
        masking: bidden.MaskingAccepted = sandbox.imocha().mask_personal_data("alan@example.com")
        print(masking.result)

        think_exam = bidden.ThinkExam(signer=sign, base_url=sandbox.url)
        for registered in think_exam.register([{"name": "Ada", "email": "ada@example.com"}]):
            print(registered.student_id, registered.error)
        assigned: bidden.Assigned = think_exam.assign_test("ada@example.com", "41")
        print(assigned.platform_message)
        grace: bidden.Registered = sandbox.think_exam().unified_auth(
            name="Grace", email="grace@example.com", password=bidden.Secret("p4ssword")
        )
        session: bidden.LoggedIn = sandbox.think_exam().check_login("grace@example.com", "p4ssword")
        print(grace.student_id == session.student_id, session.access_token)

        candidate = bidden.TemporaryCandidate(fullname="Ada", tracking={"uniq_id": "ada"})
        created: bidden.Created = sandbox.testinvite().create_candidate("task-1", candidate, group="A")
        print(created.candidate_id, created.invitation_code)
        try:
            sandbox.testinvite().create_candidate("task-1", candidate)
        except bidden.DuplicateError as error:
            print(error.kind, error.http_status)
        page: bidden.CandidatePage = sandbox.testinvite().list_candidates("task-1", mode="detailed")
        found: list[bidden.TaskCandidate] = page.candidates
        print(page.total_items, found[0].group, found[0].active_after)
        task: bidden.Task = sandbox.testinvite().fetch_task("task-1")
        print(task.title, task.created_at)
        updated: bidden.TaskCandidate = sandbox.testinvite().update_candidate(
            "task-1", created.candidate_id, group="B", active_before=end
        )
        tasks: bidden.TaskPage = sandbox.testinvite().list_tasks(title="a")
        users: bidden.UserPage = sandbox.testinvite().search_users(type="regular")
        sessions: bidden.TestSessionSet = sandbox.testinvite().search_test_sessions("task-1", kind="meta", group="B")
        print(updated.group, len(tasks.tasks), [user.username for user in users.users], sessions.last_doc_id)
        sandbox.testinvite().delete_candidate("task-1", created.candidate_id)

    with TemporaryDirectory() as folder, bidden.Sandbox() as sandbox, bidden.Ledger(f"{folder}/bidden.db") as ledger:
        outcome: bidden.Outcome = ledger.invite(sandbox.imocha(), 292930, email="ada@example.com", name="Ada")
        print(outcome.disposition, outcome.is_good, outcome.error and outcome.error.kind)
        print(ledger.cancel(sandbox.imocha(), 292930, email="ada@example.com").status.value)
        print(len(ledger.history("ada@example.com")[0]["operations"]))

    many()
    asyncio.run(awaited())
    print(describe(None, bidden.Event.INVITE), describe(bidden.Status.COMPLETE, bidden.Event.CANCEL))
    request = bidden.call_request("imocha.invite", test_id=1, email="ada@example.com", name="Ada")
    print(request.method, request.url, len(request.body), sorted(request.headers))
    for checked in bidden.validate([{"email": "ada"}], bidden.Platform.IMOCHA):
        print(checked.row, [finding.field for finding in checked.errors])
    event: bidden.CallbackEvent = bidden.read_callback("imocha", {}, '{"TestInvitationId": 7, "Status": "Complete"}')
    print(event.dedupe_key, event.moves(bidden.Status.IN_PROGRESS))
    print([capability.name for capability in bidden.capabilities("testinvite") if capability.support == "honoured"])


if __name__ == "__main__":
    main()
