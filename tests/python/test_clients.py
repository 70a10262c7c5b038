"""The clients against the sandbox, and against servers that misbehave."""

from __future__ import annotations

import gc
import signal
import socket
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

import pytest

import bidden


def test_imocha_invites_and_the_same_person_gets_the_same_invitation(sandbox: bidden.Sandbox) -> None:
    client = sandbox.imocha()
    end = datetime.now(timezone.utc) + timedelta(days=7)
    invited = client.invite(292930, email="ada@example.com", name="Ada Lovelace", end=end)
    assert invited.status is bidden.Status.PENDING
    assert invited.test_url is not None
    assert invited.test_url.startswith(sandbox.url)
    assert invited.to_dict()["status"] == "pending"
    again = client.invite("292930", email="ADA@example.com ", name="Ada Lovelace")
    assert again.invitation_id == invited.invitation_id
    assert sandbox.outbox() == []
    with pytest.raises(AttributeError, match="frozen"):
        invited.status = bidden.Status.COMPLETE  # type: ignore[misc]


def test_a_mail_is_asked_for_only_when_said(sandbox: bidden.Sandbox) -> None:
    sandbox.imocha().invite(1, email="ada@example.com", name="Ada", send_email=True)
    assert [message["to"] for message in sandbox.outbox()] == ["ada@example.com"]
    sandbox.reset()
    assert sandbox.outbox() == []
    assert sandbox.invitations() == []


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_sent(sandbox: bidden.Sandbox) -> None:
    with pytest.raises(bidden.InvalidInputError) as caught:
        sandbox.imocha().invite(
            1,
            email="ada.example.com",
            name=" ",
            start="2030-01-01T00:00:00",
            end=datetime(2000, 1, 1, tzinfo=timezone.utc),
            proctoring="by cat",  # type: ignore[arg-type]
        )
    assert {fault.field for fault in caught.value.fields} == {"email", "name", "start", "end", "proctoring"}
    assert sandbox.requests() == []


def test_imocha_cancels_reattempts_and_lists(sandbox: bidden.Sandbox) -> None:
    client = sandbox.imocha()
    week = {"start_date_time": "2030-01-01T00:00:00Z", "end_date_time": "2030-01-08T00:00:00Z"}
    now = datetime.now(timezone.utc)
    today = {"start_date_time": now - timedelta(days=1), "end_date_time": now + timedelta(days=1)}
    ada = client.invite(292930, email="ada@example.com", name="Ada Lovelace")
    assert client.cancel(ada.invitation_id).status is bidden.Status.CANCELLED
    with pytest.raises(bidden.RefusedError, match="can not be cancelled"):
        client.cancel(ada.invitation_id)
    (listed,) = client.retrieve_invites(state="cancelled", test_id=292930, **today).test_attempts
    assert (listed.test_invitation_id, listed.email) == (int(ada.invitation_id), "ada@example.com")
    assert listed.status is bidden.Status.CANCELLED
    assert "ada" not in repr(listed).lower()

    reopened = client.reattempt(ada.invitation_id, time_zone_id=1720, redirect_url="https://www.example.com/", **week)
    assert (reopened.test_invitation_id, reopened.test_url) == (int(ada.invitation_id), ada.test_url)
    assert client.retrieve_invites(state="cancelled", **today).test_attempts == []
    with pytest.raises(bidden.InvalidInputError) as caught:
        client.reattempt(
            0, time_zone_id=1720, start_date_time=week["end_date_time"], end_date_time=week["start_date_time"]
        )
    assert [fault.field for fault in caught.value.fields] == ["test_invitation_id", "end_date_time"]
    assert sandbox.outbox() == []


def test_imocha_reports_and_tests_are_read(sandbox: bidden.Sandbox) -> None:
    client = sandbox.imocha()
    ada = client.invite(292930, email="ada@example.com", name="Ada Lovelace")
    report = client.report(ada.invitation_id)
    assert (report.status, report.platform_status, report.score) == (bidden.Status.UNKNOWN, None, 0.0)
    sandbox.control("POST", f"attempts/{ada.invitation_id}/start")
    sandbox.control("POST", f"attempts/{ada.invitation_id}/finish")
    report = client.report(ada.invitation_id, report_type=3)
    assert report.status is bidden.Status.COMPLETE
    assert report.attempted_on is not None
    assert report.sections is not None
    assert report.skills is not None
    assert report.sections[0]["candidate_score"] == report.candidate_points
    test = client.retrieve_test(292930)
    assert (test.test_id, test.questions) == (292930, report.sections[0]["no_of_que"])
    with pytest.raises(bidden.NotFoundError):
        client.report(1)


def test_imocha_invites_through_links_of_their_own(sandbox: bidden.Sandbox) -> None:
    client = sandbox.imocha()
    days = {"schedule_type": "validityindays", "schedule_details": {"invitation_validity_in_days": 30}}
    link = client.create_test_link(303076, "Campus", invitation_schedule=days, stakeholder_emails=["hr@example.com"])
    assert link.test_link_id is not None
    assert (link.test_link_name, link.is_api_link, link.test_link_status) == ("Campus", False, "active")
    by_default = client.invite(303076, email="ada@example.com", name="Ada Lovelace")
    invited = client.invite_by_test_link(303076, link.test_link_id, email="ada@example.com", name="Ada Lovelace")
    assert invited.status is bidden.Status.PENDING
    assert invited.invitation_id != by_default.invitation_id
    again = client.invite_by_test_link("303076", link.test_link_id, email=" Ada@Example.com", name="Ada Lovelace")
    assert again.invitation_id == invited.invitation_id
    assert [found.test_link_name for found in client.list_test_links(303076)] == ["Campus", "API"]
    assert client.fetch_test_link(303076, link.test_link_id) == link
    with pytest.raises(bidden.NotFoundError):
        client.fetch_test_link(303076, 999)
    with pytest.raises(bidden.InvalidInputError) as caught:
        client.create_test_link(0, "", invitation_schedule={"schedule_type": "daily"})
    assert [fault.field for fault in caught.value.fields] == [
        "test_id",
        "test_link_name",
        "invitation_schedule.schedule_type",
    ]


def test_imocha_replays_callbacks_reads_the_pdf_and_masks(sandbox: bidden.Sandbox) -> None:
    client = sandbox.imocha()
    ids = []
    for number in range(101):
        hook = {"callback_url": "http://127.0.0.1:9/hook"} if number else {}
        invited = client.invite(1, email=f"c{number}@example.com", name="C", **hook)  # type: ignore[arg-type]
        sandbox.control("POST", f"attempts/{invited.invitation_id}/start")
        sandbox.control("POST", f"attempts/{invited.invitation_id}/finish")
        ids.append(int(invited.invitation_id))
    replayed = client.process_callbacks(ids)
    assert (len(replayed.successful), replayed.failed) == (100, ids[:1])
    with pytest.raises(bidden.RejectedError, match="does not belong to account or not found 94761"):
        client.process_callbacks([94761])
    with pytest.raises(bidden.InvalidInputError):
        client.process_callbacks([])
    report = client.report_pdf(ids[0])
    assert report.pdf is not None
    assert report.pdf.startswith(b"%PDF-")
    assert report.pdf_report_url is None
    sandbox.control("POST", "switches", {"report-pdf-answer": "json-url"})
    report = client.report_pdf(ids[0])
    assert (report.pdf, (report.pdf_report_url or "").startswith(sandbox.url)) == (None, True)
    assert client.mask_personal_data("c0@example.com").result == "Request accepted for processing"
    sandbox.control("POST", "clock", {"advance": "PT2M"})
    masked = client.report(ids[0])
    assert masked.candidate_email is not None
    assert "c0" not in masked.candidate_email
    with pytest.raises(bidden.RejectedError) as caught:
        client.mask_personal_data("c0@example.com")
    assert "c0@example.com" not in str(caught.value)
    assert list(client.tests()) == []
    assert client.list_tests(page_no=2).count == 0


def test_think_exam_registers_assigns_and_takes_back(sandbox: bidden.Sandbox) -> None:
    client = sandbox.think_exam()
    (ada,) = client.register([{"name": "Ada", "email": "ada@example.com", "password": bidden.Secret("pass")}])
    assert (ada.error, ada.is_login) == (None, False)
    assert isinstance(ada.student_id, int)
    (again,) = client.register([{"name": "Ada", "email": "ada@example.com"}])
    assert again.is_login
    assert client.assign_test("ada@example.com", 41).result == "success"
    assert client.deassign_test("ada@example.com", "41").platform_code == "200"
    with pytest.raises(bidden.RejectedError) as caught:
        client.deassign_test("ada@example.com", "41")
    assert caught.value.operation == "think_exam.deassign_test"
    with pytest.raises(TypeError, match="list of candidates"):
        client.register({"name": "Ada", "email": "ada@example.com"})  # type: ignore[arg-type]


def test_think_exam_logs_in_and_changes_passwords(sandbox: bidden.Sandbox) -> None:
    client = sandbox.think_exam()
    ada = client.unified_auth(name="Ada", email="ada@example.com", password=bidden.Secret("p4ss&word"))
    assert (ada.error, ada.is_login, ada.platform_message) == (None, False, "Registration Successfull.")
    assert client.unified_auth(name="Ada", email="ADA@example.com").is_login
    changed = client.change_student_password("ada@example.com", old_password="p4ss&word", new_password="n3w")
    assert changed.platform_message == "Password change successfull."
    with pytest.raises(bidden.RejectedError) as caught:
        client.check_login("ada@example.com", "p4ss&word")
    assert (caught.value.operation, caught.value.platform_code) == ("think_exam.check_login", "3100")
    session = client.check_login("ada@example.com", bidden.Secret("n3w"), client_url="tenant.example")
    assert (session.student_id, session.name, session.email) == (ada.student_id, "Ada", "ada@example.com")
    assert session.access_token is not None
    assert session.redirection_url is not None
    assert session.laravel_token is not None
    token = session.access_token.expose()
    assert session.redirection_url.expose() == f"{sandbox.url}/autoLogin/{token}"
    assert token not in repr(session) + repr(session.access_token) + str(session.redirection_url)
    request = client.request(
        "think_exam.change_student_password", email="ada@example.com", old_password="a", new_password="b"
    )
    assert (request.method, request.body[:10]) == ("GET", b'{"email":"')
    assert "sgn" not in client.request("think_exam.check_login", email="ada@example.com", password="x").headers


def test_think_exam_assigns_to_many(sandbox: bidden.Sandbox) -> None:
    client = sandbox.think_exam()
    people = ["ada@example.com", "alan@example.com"]
    client.register([{"name": "Somebody", "email": email} for email in people])
    assert client.assign_test_multi_candidates(people, 41).platform_code == "200"
    with pytest.raises(bidden.RejectedError):
        client.assign_test_multi_candidates([*people, "unknown@example.com"], "41")
    with pytest.raises(TypeError):
        client.assign_test_multi_candidates("ada@example.com", 41)
    for email in people:
        client.deassign_test(email, 41)


def test_testinvite_creates_candidates(sandbox: bidden.Sandbox) -> None:
    client = sandbox.testinvite()
    ada = bidden.TemporaryCandidate(
        fullname="Ada", email="ada@example.com", tracking={"uniq_id": "ada-1"}, credential1=bidden.Secret("x")
    )
    created = client.create_candidate("task-1", ada, labels=("a", "b"))
    assert (created.kind, created.email, created.logged_in) == ("temp", "ada@example.com", False)
    with pytest.raises(bidden.DuplicateError):
        client.create_candidate("task-1", ada)
    assert client.create_candidate("task-1", bidden.InternalCandidate(id="u-1001")).kind == "user"
    with pytest.raises(TypeError):
        client.create_candidate("task-1", ada, labels="one")


def test_testinvite_lists_fetches_and_deletes_candidates(sandbox: bidden.Sandbox) -> None:
    client = sandbox.testinvite()
    after = datetime(2030, 1, 1, 12, 0, 0, 500_000, tzinfo=timezone.utc)
    ada = bidden.TemporaryCandidate(fullname="Ada", email="ada+x@example.com", tracking={"uniq_id": "ada-1"})
    created = client.create_candidate("task-1", ada, dates={"after": after}, labels=["a"], tags={"k": "v"})
    client.create_candidate("task-1", bidden.InternalCandidate(id="u-1001"))

    page = client.list_candidates("task-1", limit=1)
    assert (page.total_items, page.total_pages, page.current_page, page.limit) == (2, 2, 1, 1)
    assert (page.next, page.previous) == ("?limit=1&page=2&mode=basic", None)
    (found,) = client.list_candidates("task-1", email="ada+x@example.com", mode="detailed").candidates
    assert (found.candidate_id, found.kind, found.logged_in) == (created.candidate_id, "temp", False)
    assert found.direct_access_url is not None
    assert found.direct_access_url.startswith(sandbox.url)
    assert (found.active_after, found.active_before, found.labels, found.tags) == (after, None, ["a"], {"k": "v"})
    assert client.list_candidates("task-1", email="ADA+X@example.com").candidates == []
    assert "ada" not in repr(page) + repr(found)

    fetched = client.fetch_candidate("task-1", created.candidate_id)
    assert (fetched.email, fetched.active, fetched.direct_access_url) == ("ada+x@example.com", None, None)
    client.delete_candidate("task-1", created.candidate_id)
    with pytest.raises(bidden.NotFoundError):
        client.delete_candidate("task-1", created.candidate_id)
    again = client.create_candidate("task-1", ada)
    sandbox.control("POST", f"attempts/{again.candidate_id}/start", {})
    with pytest.raises(bidden.RefusedError):
        client.delete_candidate("task-1", again.candidate_id)
    with pytest.raises(bidden.InvalidInputError) as caught:
        client.list_candidates("task-1", limit=101, page=0, email="")
    assert [fault.field for fault in caught.value.fields] == ["limit", "page", "email"]


def test_testinvite_fetches_a_task(sandbox: bidden.Sandbox) -> None:
    basic = sandbox.testinvite().fetch_task("task-1")
    assert (basic.task_id, basic.steps, basic.active) == ("task-1", None, None)
    assert basic.created_at == datetime(2025, 1, 1, tzinfo=timezone.utc)
    detailed = sandbox.testinvite().fetch_task("task-1", mode="detailed")
    assert [step["id"] for step in detailed.steps or []] == ["step-1", "step-2"]
    assert (detailed.lang, detailed.access_method, detailed.programs) == ("default", "invitation-code", [])


def test_every_call_goes_by_its_name(sandbox: bidden.Sandbox) -> None:
    reply = sandbox.imocha().call("imocha.invite", test_id=5, email="ada@example.com", name="Ada")
    assert reply["status"] == "pending"
    with pytest.raises(bidden.InvalidInputError):
        sandbox.imocha().call("think_exam.deassign_test", email="ada@example.com", test_id="41")
    with pytest.raises(bidden.InvalidInputError, match="there is no call"):
        sandbox.imocha().call("imocha.no_such_call")


def test_a_wrong_key_is_unauthorized(sandbox: bidden.Sandbox) -> None:
    client = bidden.IMocha(api_key="wrong", base_url=sandbox.url)
    with pytest.raises(bidden.UnauthorizedError) as caught:
        client.invite(1, email="ada@example.com", name="Ada")
    assert isinstance(caught.value, PermissionError)
    assert caught.value.http_status == 401


def test_keys_come_from_the_environment(sandbox: bidden.Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(bidden.ConfigurationError, match="BIDDEN_IMOCHA_API_KEY"):
        bidden.IMocha()
    monkeypatch.setenv("BIDDEN_IMOCHA_API_KEY", sandbox.imocha_api_key)
    client = bidden.IMocha(base_url=sandbox.url)
    assert client.invite(1, email="ada@example.com", name="Ada").status is bidden.Status.PENDING
    with pytest.raises(bidden.ConfigurationError, match="never sent"):
        bidden.IMocha()


def sandbox_triple(sandbox: bidden.Sandbox) -> bidden.Signature:
    return bidden.sign("default", api_key=sandbox.think_exam_api_key, secret=sandbox.think_exam_secret)


def test_a_signature_comes_from_a_recipe_by_name_or_as_a_mapping(sandbox: bidden.Sandbox) -> None:
    keys = {"api_key": sandbox.think_exam_api_key, "secret": sandbox.think_exam_secret, "base_url": sandbox.url}
    for signer in ("default", {"parts": ["ak", "ts"], "style": "name-value"}, None):
        answers = bidden.ThinkExam(**keys, signer=signer).register([{"name": "Ada", "email": "ada@example.com"}])
        assert answers[0].error is None
    with pytest.raises(bidden.ConfigurationError, match="no-such"):
        bidden.ThinkExam(**keys, signer="no-such")


def test_a_signature_may_be_supplied(sandbox: bidden.Sandbox) -> None:
    signature = sandbox_triple(sandbox)
    for signer in (signature, (signature.ak, bidden.Secret(signature.sgn), int(signature.ts))):
        client = bidden.ThinkExam(signer=signer, base_url=sandbox.url)
        assert client.register([{"name": "Ada", "email": "ada@example.com"}])[0].error is None


def test_a_function_may_sign(sandbox: bidden.Sandbox) -> None:
    seen = []

    def sign(method: str, url: str, body: bytes, now: int) -> tuple[str, str, str]:
        seen.append((method, url, body, now))
        triple = sandbox_triple(sandbox)
        return (triple.ak, triple.sgn, triple.ts)

    client = bidden.ThinkExam(signer=sign, base_url=sandbox.url)
    client.register([{"name": "Ada", "email": "ada@example.com"}])
    ((method, url, body, now),) = seen
    assert (method, url) == ("POST", f"{sandbox.url}/api/v1/bulkCandidateRegister")
    assert body == b'[{"name":"Ada","email":"ada@example.com"}]'
    assert abs(now - time.time()) < 60


def test_what_a_signing_function_raises_is_the_cause(sandbox: bidden.Sandbox) -> None:
    def failing(*_: object) -> tuple[str, str, str]:
        raise KeyError("no signature")

    client = bidden.ThinkExam(signer=failing, base_url=sandbox.url)
    with pytest.raises(bidden.ConfigurationError) as caught:
        client.assign_test("ada@example.com", "41")
    assert isinstance(caught.value.__cause__, KeyError)

    def interrupted(*_: object) -> tuple[str, str, str]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bidden.ThinkExam(signer=interrupted, base_url=sandbox.url).assign_test("ada@example.com", "41")
    wrong = bidden.ThinkExam(signer=lambda *_: "text", base_url=sandbox.url)  # type: ignore[arg-type, return-value]
    with pytest.raises(bidden.ConfigurationError, match="tuple"):
        wrong.assign_test("ada@example.com", "41")


def test_a_client_in_a_cycle_with_its_signing_function_is_collected() -> None:
    class Owner:
        def __init__(self) -> None:
            self.client = bidden.ThinkExam(signer=self.sign, base_url="http://127.0.0.1:1")

        def sign(self, *_: object) -> tuple[str, str, str]:
            return ("ak", "sgn", "1")

    gone = weakref.ref(Owner())
    gc.collect()
    assert gone() is None


@contextmanager
def answering(respond: object) -> Iterator[str]:
    """A server that hands each connection to `respond`."""
    listener = socket.create_server(("127.0.0.1", 0))

    def handle(connection: socket.socket) -> None:
        with connection:
            respond(connection)  # type: ignore[operator]

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=handle, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def respond_json(connection: socket.socket, text: str) -> None:
    head = (
        f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {len(text)}\r\n\r\n"
    )
    connection.sendall((head + text).encode())
    connection.close()


def test_a_fetched_signature_is_asked_for(sandbox: bidden.Sandbox) -> None:
    asked = []

    def respond(connection: socket.socket) -> None:
        asked.append(connection.recv(65536).decode())
        triple = sandbox_triple(sandbox)
        respond_json(connection, f'{{"data":{{"a":"{triple.ak}","s":"{triple.sgn}","t":{triple.ts}}}}}')

    with answering(respond) as url:
        signer = bidden.FetchedSigner(
            f"{url}/sign",
            headers={"authorization": bidden.Secret("Bearer t")},
            body="{}",
            pointers=("/data/a", "/data/s", "/data/t"),
            reuse=60,
        )
        client = bidden.ThinkExam(signer=signer, base_url=sandbox.url)
        for _ in range(2):
            assert client.register([{"name": "Ada", "email": "ada@example.com"}])[0].error is None
    (request,) = asked
    assert request.startswith("POST /sign ")
    assert "Bearer t" in request


def test_without_a_source_no_signature_is_guessed_for_a_live_host() -> None:
    with pytest.raises(bidden.ConfigurationError, match="not published"):
        bidden.ThinkExam(api_key="key", secret="secret", base_url="https://think-exam.example")
    with pytest.raises(bidden.ConfigurationError, match="base_url"):
        bidden.ThinkExam(api_key="key", secret="secret")


def test_a_server_that_is_silent_ends_as_uncertain() -> None:
    with answering(lambda connection: time.sleep(30)) as url:
        client = bidden.IMocha(api_key="key", base_url=url, timeout=0.2, tries=1)
        with pytest.raises(bidden.UncertainError) as caught:
            client.invite(1, email="ada@example.com", name="Ada", send_email=True)
    assert isinstance(caught.value.__cause__, bidden.TimedOutError)
    assert isinstance(caught.value.__cause__, TimeoutError)


def test_nobody_there_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = bidden.IMocha(api_key="key", base_url=f"http://127.0.0.1:{port}", tries=1)
    with pytest.raises(ConnectionError) as caught:
        client.invite(1, email="ada@example.com", name="Ada")
    assert isinstance(caught.value, bidden.UnavailableError)


def test_wrong_patience_is_refused() -> None:
    for patience in ({"timeout": 0}, {"timeout": float("nan")}, {"tries": 0}, {"rate": -1.0}):
        with pytest.raises(bidden.InvalidInputError):
            bidden.IMocha(api_key="key", base_url="http://127.0.0.1:1", **patience)


def test_two_blocked_calls_overlap_while_a_third_thread_computes() -> None:
    both_waiting = threading.Barrier(3, timeout=10)
    release = threading.Event()

    def respond(connection: socket.socket) -> None:
        connection.recv(65536)
        both_waiting.wait()  # opens only when two requests are in flight and the main thread has come here too
        release.wait(10)
        respond_json(connection, '{"testInvitationId":7,"testUrl":"https://test.example/7","status":"Pending"}')

    with answering(respond) as url:
        client = bidden.IMocha(api_key="key", base_url=url, timeout=20)
        answers: list[bidden.Invited] = []

        def invite(email: str) -> None:
            answers.append(client.invite(1, email=email, name="Ada"))

        threads = [threading.Thread(target=invite, args=(f"ada{number}@example.com",)) for number in range(2)]
        for thread in threads:
            thread.start()
        both_waiting.wait()
        assert sum(range(200_000)) == 19999900000  # this thread moves on while both wait
        assert answers == []
        release.set()
        for thread in threads:
            thread.join(10)
    assert [answer.invitation_id for answer in answers] == ["7", "7"]


def test_eight_threads_share_a_client(sandbox: bidden.Sandbox) -> None:
    client, failures = sandbox.imocha(), []

    def work(number: int) -> None:
        try:
            for turn in range(20):
                client.invite(1, email=f"ada{number}-{turn}@example.com", name="Ada")
                bidden.decide("imocha", "pending", "start")
                with pytest.raises(bidden.InvalidInputError):
                    client.invite(1, email="none", name="Ada")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(sandbox.invitations()) == 160


def test_two_sandboxes_know_nothing_of_each_other(sandbox: bidden.Sandbox) -> None:
    with bidden.Sandbox() as other:
        assert other.url != sandbox.url
        other.imocha().invite(1, email="ada@example.com", name="Ada")
        assert sandbox.invitations() == []
    other.stop()  # a second time does no harm
    with pytest.raises(bidden.UnavailableError):
        bidden.IMocha(api_key="sandbox-key", base_url=other.url, tries=1).invite(1, email="ada@example.com", name="Ada")
    with pytest.raises(RuntimeError, match="refused"):
        sandbox.control("POST", "clock", {"advance": "nonsense"})


def test_a_sandbox_that_nobody_stopped_ends_with_its_last_reference() -> None:
    forgotten = bidden.Sandbox()
    url = forgotten.url
    del forgotten
    gc.collect()
    with pytest.raises(bidden.UnavailableError):
        bidden.IMocha(api_key="sandbox-key", base_url=url, tries=1).invite(1, email="ada@example.com", name="Ada")


def test_ctrl_c_ends_the_waiting() -> None:
    def interrupt(connection: socket.socket) -> None:
        connection.recv(65536)
        signal.raise_signal(signal.SIGINT)
        time.sleep(30)

    began = time.monotonic()
    with answering(interrupt) as url:
        client = bidden.IMocha(api_key="key", base_url=url, timeout=20)
        with pytest.raises(KeyboardInterrupt):
            client.invite(1, email="ada@example.com", name="Ada")
    assert time.monotonic() - began < 10
