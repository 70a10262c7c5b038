"""One person at a time through the ledger: what the record holds is not mailed twice."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_clients import answering

import bidden

TEST = 292930


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[bidden.Ledger]:
    with bidden.Ledger(tmp_path / "ledger.db") as opened:
        yield opened


def mails(sandbox: bidden.Sandbox) -> list[str]:
    return [message["to"] for message in sandbox.outbox() if message["kind"] == "invitation"]


def invite(ledger: bidden.Ledger, client: bidden.IMocha, **options: object) -> bidden.Outcome:
    return ledger.invite(client, TEST, email="ada@example.com", name="Ada Lovelace", send_email=True, **options)  # type: ignore[arg-type]


def test_a_person_invited_twice_is_mailed_once(sandbox: bidden.Sandbox, ledger: bidden.Ledger) -> None:
    first = invite(ledger, sandbox.imocha())
    assert (first.disposition, first.is_good, first.known_from, first.email) == ("invited", True, "reply", "asked")
    assert (first.asked_for_mail, first.status, first.platform_status) == (True, bidden.Status.PENDING, "Pending")
    assert first.test_url is not None
    assert first.test_url.startswith(sandbox.url)
    second = ledger.invite(sandbox.imocha(), str(TEST), email=" ADA@example.com", name="Ada Lovelace", send_email=True)
    assert (second.disposition, second.known_from, second.email) == ("unchanged", "ledger", "asked")
    assert (second.asked_for_mail, second.error) == (False, None)
    assert second.invitation_id == first.invitation_id
    assert mails(sandbox) == ["ada@example.com"]
    assert "ada" not in repr(first).lower()
    with pytest.raises(AttributeError, match="frozen"):
        first.disposition = "held"  # type: ignore[misc]


def test_the_record_outlives_the_program(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    for expected in ("invited", "unchanged"):
        with bidden.Ledger(str(file)) as opened:
            assert opened.location == str(file)
            assert invite(opened, sandbox.imocha()).disposition == expected
    assert len(mails(sandbox)) == 1
    assert file.stat().st_mode & 0o077 == 0
    with bidden.Ledger(file, account="other") as other:
        assert invite(other, sandbox.imocha()).disposition == "invited"


def test_what_is_cancelled_on_the_platform_is_held(sandbox: bidden.Sandbox, ledger: bidden.Ledger) -> None:
    client = sandbox.imocha()
    invited = invite(ledger, client)
    sandbox.control("POST", f"attempts/{invited.invitation_id}/cancel", {})
    held = invite(ledger, client)
    assert (held.disposition, held.is_good, held.status) == ("held", False, bidden.Status.CANCELLED)
    assert isinstance(held.error, bidden.RefusedError)
    assert "ada@example.com" not in str(held.error)
    reopened = invite(ledger, client, reopen=True)
    assert (reopened.disposition, reopened.asked_for_mail) == ("reopened", False)
    assert mails(sandbox) == ["ada@example.com"]


def test_cancel_reattempt_and_history(sandbox: bidden.Sandbox, ledger: bidden.Ledger) -> None:
    client = sandbox.imocha()
    invited = invite(ledger, client)
    for event in ("start", "finish"):
        sandbox.control("POST", f"attempts/{invited.invitation_id}/{event}", {})
    assert invite(ledger, client).disposition == "already-attempted"
    window = {"start": "2098-01-01T00:00:00Z", "end": "2099-01-01T00:00:00Z"}
    again = ledger.reattempt(client, TEST, email="ada@example.com", **window, time_zone_id=1200, send_email=True)
    assert (again.disposition, again.asked_for_mail) == ("invited", True)
    assert again.invitation_id != invited.invitation_id
    cancelled = ledger.cancel(client, TEST, email="Ada@Example.com")
    assert (cancelled.disposition, cancelled.status) == ("cancelled", bidden.Status.CANCELLED)
    other = ledger.invite(client, TEST, email="grace@example.com", name="Grace Hopper")
    assert ledger.cancel(client, TEST, invitation=int(other.invitation_id or 0)).disposition == "cancelled"
    (proof,) = ledger.history("ada@example.com")
    assert proof["candidate"] == {"email": "ada@example.com", "external_id": None}
    assert [operation["deed"] for operation in proof["operations"]] == ["invite", "look-up", "reattempt", "cancel"]
    assert [operation["asks_for_mail"] for operation in proof["operations"]] == [True, False, True, False]
    assert proof["operations"][0]["http_status"] == 200
    assert ledger.history("nobody@example.com") == []


def test_think_exam_and_testinvite(sandbox: bidden.Sandbox, ledger: bidden.Ledger) -> None:
    person = {"email": "ada@example.com", "name": "Ada Lovelace"}
    think_exam, testinvite = sandbox.think_exam(), sandbox.testinvite()
    for expected in ("registered", "unchanged"):
        assert ledger.register(think_exam, **person, password=bidden.Secret("pass")).disposition == expected
    assert ledger.invite(think_exam, "41", **person, skip_password=True).disposition == "invited"
    assert ledger.cancel(think_exam, "41", email="ada@example.com").disposition == "cancelled"
    (register, *_) = (request for request in sandbox.requests() if "register" in request["path"].lower())
    assert "Secret" not in str(register["body"])

    created = ledger.invite(
        testinvite,
        "task-1",
        **person,
        labels=("a;b", "c"),
        tags={"dept": "R&D"},
        extra_emails=["cc@example.com"],
        price={"amount": "19.90", "currency": "EUR"},
        email_template="welcome",
    )
    assert (created.disposition, created.email) == ("created", "asked")
    assert created.invitation_code
    body = sandbox.requests()[-1]["body"]
    assert (body["labels"], body["tags"], body["extraEmails"]) == (["a;b", "c"], {"dept": "R&D"}, ["cc@example.com"])
    assert ledger.cancel(testinvite, "task-1", email="ada@example.com").disposition == "cancelled"
    with pytest.raises(TypeError):
        ledger.invite(testinvite, "task-1", **person, labels="one")


def test_everything_that_is_wrong_is_raised_at_once_and_nothing_is_sent(
    sandbox: bidden.Sandbox, ledger: bidden.Ledger
) -> None:
    client = sandbox.imocha()
    with pytest.raises(bidden.InvalidInputError) as caught:
        ledger.invite(
            client, TEST, email="ada.example.com", end="2000-01-01T00:00:00Z", skip_password=True, send_email=True
        )
    assert {fault.field for fault in caught.value.fields} == {"email", "name", "end", "skip_password"}
    with pytest.raises(bidden.InvalidInputError, match="email"):
        ledger.cancel(client, TEST)
    with pytest.raises(bidden.InvalidInputError, match="test"):
        ledger.invite(client, "no number", email="ada@example.com", name="Ada")
    with pytest.raises(bidden.InvalidInputError):
        ledger.register(client, email="ada@example.com", name="Ada")  # type: ignore[arg-type]
    assert sandbox.requests() == []


def test_a_lost_answer_never_sends_a_second_mail(sandbox: bidden.Sandbox, ledger: bidden.Ledger) -> None:
    sandbox.control("POST", "faults", {"preset": "lost-after-commit", "count": 1})
    invited = invite(ledger, sandbox.imocha())
    assert invited.email in ("asked", "uncertain")
    assert invite(ledger, sandbox.imocha()).is_good
    asking = [request for request in sandbox.requests() if (request["body"] or {}).get("sendEmail") == "yes"]
    assert len(asking) == 1
    assert len(mails(sandbox)) == 1


def test_what_the_platform_refuses_is_an_outcome(sandbox: bidden.Sandbox, ledger: bidden.Ledger) -> None:
    client = bidden.IMocha(api_key="wrong", base_url=sandbox.url)
    refused = invite(ledger, client)
    assert (refused.disposition, refused.is_good, refused.asked_for_mail) == ("failed", False, False)
    assert isinstance(refused.error, bidden.UnauthorizedError)
    assert invite(ledger, sandbox.imocha()).asked_for_mail


def test_a_ledger_in_use_by_another_process_is_storage(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    program = "import bidden, sys; ledger = bidden.Ledger(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", program, file], **pipes) as other:  # type: ignore[call-overload]
        assert other.stdout.readline() == "open\n"
        with pytest.raises(bidden.StorageError, match="process"):
            bidden.Ledger(file)
        other.stdin.close()
        other.wait()
    bidden.Ledger(file).close()


def test_a_ledger_that_cannot_be_used_is_storage(tmp_path: Path) -> None:
    with pytest.raises(bidden.StorageError):
        bidden.Ledger(tmp_path / "no-such-folder" / ("x" * 300) / "ledger.db")
    with pytest.raises(bidden.StorageError):
        bidden.Ledger(tmp_path)
    newer = tmp_path / "newer.db"
    bidden.Ledger(newer).close()
    connection = sqlite3.connect(newer)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(bidden.StorageError, match="newer"):
        bidden.Ledger(newer)
    foreign = tmp_path / "notes.txt"
    foreign.write_text("this is no ledger, and it is long enough to be read as one\n" * 100)
    with pytest.raises(bidden.StorageError):
        bidden.Ledger(foreign)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write into every folder")
def test_a_read_only_folder_is_storage(tmp_path: Path) -> None:
    folder = tmp_path / "read-only"
    folder.mkdir(mode=0o500)
    with pytest.raises(bidden.StorageError):
        bidden.Ledger(folder / "ledger.db")


def test_a_closed_ledger_says_so(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    closed = bidden.Ledger(tmp_path / "ledger.db")
    closed.close()
    closed.close()  # a second time does no harm
    with pytest.raises(bidden.StorageError, match="closed"):
        invite(closed, sandbox.imocha())
    assert sandbox.requests() == []
    assert repr(closed) == f"<Ledger {tmp_path / 'ledger.db'}>"


def test_a_forgotten_ledger_is_closed_with_its_last_reference(tmp_path: Path) -> None:
    for _ in range(3):
        bidden.Ledger(tmp_path / "ledger.db")


def test_inside_a_running_loop_and_in_its_threads(sandbox: bidden.Sandbox, ledger: bidden.Ledger) -> None:
    client = sandbox.imocha()

    async def both() -> list[str]:
        here = invite(ledger, client)
        there = await asyncio.gather(*(asyncio.to_thread(invite, ledger, client) for _ in range(4)))
        return [outcome.disposition for outcome in (here, *there)]

    assert asyncio.run(both()) == ["invited", *["unchanged"] * 4]
    assert len(mails(sandbox)) == 1


def test_eight_threads_on_one_ledger_mail_each_person_once(sandbox: bidden.Sandbox, ledger: bidden.Ledger) -> None:
    client, dispositions, lock = sandbox.imocha(), [], threading.Lock()

    def work() -> None:
        for person in range(5):
            outcome = ledger.invite(client, 41, email=f"ada{person}@example.com", name="Ada", send_email=True)
            with lock:
                dispositions.append(outcome.disposition)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert dispositions.count("invited") == 5
    assert set(dispositions) <= {"invited", "unchanged", "held"}  # held: another thread is sending it
    assert sorted(mails(sandbox)) == [f"ada{person}@example.com" for person in range(5)]


def test_other_threads_move_on_while_one_waits(ledger: bidden.Ledger) -> None:
    waiting, release = threading.Event(), threading.Event()

    def respond(connection: object) -> None:
        waiting.set()
        release.wait(10)
        connection.close()  # type: ignore[attr-defined]

    with answering(respond) as url:
        client = bidden.IMocha(api_key="key", base_url=url, timeout=5, tries=1)
        thread = threading.Thread(target=invite, args=(ledger, client))
        thread.start()
        assert waiting.wait(10)
        assert ledger.history("ada@example.com")[0]["operations"][0]["settled_at"] is None
        release.set()
        thread.join()


def test_ctrl_c_ends_the_waiting_and_what_was_in_flight_is_in_the_record(tmp_path: Path) -> None:
    def interrupt(connection: object) -> None:
        signal.raise_signal(signal.SIGINT)
        threading.Event().wait(1)
        connection.close()  # type: ignore[attr-defined]

    file = tmp_path / "ledger.db"
    with answering(interrupt) as url:
        client = bidden.IMocha(api_key="key", base_url=url, timeout=20)
        with pytest.raises(KeyboardInterrupt), bidden.Ledger(file) as ledger:
            invite(ledger, client)
    with bidden.Ledger(file) as ledger:
        (proof,) = ledger.history("ada@example.com")
    assert [operation["outcome"] for operation in proof["operations"]] == ["uncertain"]
    assert proof["email"] == "uncertain"
