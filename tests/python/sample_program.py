"""A program that uses every part of the package; type-checked and run."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from tempfile import TemporaryDirectory

import bidden


def sign(method: str, url: str, body: bytes, now: int) -> tuple[str, str, str]:
    signature = bidden.sign("default", api_key="sandbox-ak", secret="sandbox-secret", method=method, url=url, body=body)
    return signature.ak, signature.sgn, str(now)


def describe(status: bidden.Status | None, event: bidden.Event) -> str:
    decided = bidden.decide(bidden.Platform.IMOCHA, status, event, bidden.AccessWindow(end="2099-01-01T00:00:00Z"))
    if isinstance(decided, bidden.Decision):
        return f"{decided.effect}, then {decided.next}"
    return f"{decided.reason}; allowed: {', '.join(decided.allowed_events)}"


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
