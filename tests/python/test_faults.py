"""Every fault of the sandbox: where a naive `requests` client goes wrong, and ours does not (docs/faults.md)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from naive import Naive, NaiveReceiver, listening

import bidden

ADA = "ada@example.com"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[bidden.Ledger]:
    with bidden.Ledger(tmp_path / "ledger.db") as opened:
        yield opened


def fault(sandbox: bidden.Sandbox, preset: str, **more: object) -> None:
    sandbox.control("POST", "faults", {"preset": preset, **more})


def mails(sandbox: bidden.Sandbox) -> int:
    return sum(message["kind"] == "invitation" for message in sandbox.outbox())


def ours(
    sandbox: bidden.Sandbox, ledger: bidden.Ledger, email: str = ADA, timeout: float = 5.0, **options: bool
) -> bidden.Outcome:
    client = bidden.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url, timeout=timeout)
    return ledger.invite(client, 292930, email=email, name="Ada Lovelace", send_email=True, **options)


def invited_once(sandbox: bidden.Sandbox, ledger: bidden.Ledger, outcome: bidden.Outcome) -> None:
    """The candidate is invited, was mailed at most once, and is not mailed by asking again."""
    assert (outcome.disposition, outcome.is_good, len(sandbox.invitations())) == ("invited", True, 1)
    assert mails(sandbox) <= 1
    assert ours(sandbox, ledger).disposition == "unchanged"
    assert mails(sandbox) <= 1


@pytest.mark.parametrize("preset", ["lost-after-commit", "late-commit", "cut-mid-answer", "wrong-content-type"])
def test_an_answer_that_does_not_arrive_whole_makes_a_naive_client_mail_twice(
    sandbox: bidden.Sandbox, ledger: bidden.Ledger, preset: str
) -> None:
    fault(sandbox, preset)
    Naive(sandbox).invite(ADA)
    sandbox.control("POST", "clock", {"advance": "PT10M", "wait": True})
    assert (mails(sandbox), len(sandbox.invitations())) == (2, 1)
    sandbox.reset()
    fault(sandbox, preset)
    outcome = ours(sandbox, ledger)
    sandbox.control("POST", "clock", {"advance": "PT10M", "wait": True})
    invited_once(sandbox, ledger, outcome)


def test_a_slow_answer_makes_a_naive_client_mail_twice(sandbox: bidden.Sandbox, ledger: bidden.Ledger) -> None:
    fault(sandbox, "slow", milliseconds=800)
    Naive(sandbox, timeout=0.3).invite(ADA)
    assert mails(sandbox) == 2
    sandbox.reset()
    fault(sandbox, "slow", milliseconds=800)
    invited_once(sandbox, ledger, ours(sandbox, ledger, timeout=0.3))


def test_an_answer_that_drips_keeps_a_naive_client_past_its_time_out(
    sandbox: bidden.Sandbox, ledger: bidden.Ledger
) -> None:
    fault(sandbox, "slow-drip", milliseconds=15)
    began = time.monotonic()
    Naive(sandbox, timeout=0.3).invite(ADA)
    assert time.monotonic() - began > 1.0, "its time-out is between two bytes"
    sandbox.reset()
    fault(sandbox, "slow-drip", milliseconds=100)
    began = time.monotonic()
    invited_once(sandbox, ledger, ours(sandbox, ledger, timeout=0.3))
    assert time.monotonic() - began < 5.0, "all of it would take more than ten seconds"


def test_a_call_that_was_lost_is_taken_for_done_by_a_naive_client(
    sandbox: bidden.Sandbox, ledger: bidden.Ledger
) -> None:
    fault(sandbox, "lost-before-commit")
    believed = []
    try:
        Naive(sandbox).post(ADA)
    except requests.ConnectionError:
        # Better not again, it might mail twice: it will have arrived.
        believed.append(ADA)
    assert (believed, sandbox.invitations()) == ([ADA], [])
    fault(sandbox, "lost-before-commit")
    invited_once(sandbox, ledger, ours(sandbox, ledger))


def test_too_fast_crashes_a_naive_client_and_ours_waits(sandbox: bidden.Sandbox, ledger: bidden.Ledger) -> None:
    fault(sandbox, "rate-limited")
    with pytest.raises(KeyError):
        Naive(sandbox).post(ADA).json()["testInvitationId"]
    fault(sandbox, "rate-limited")
    outcome = ours(sandbox, ledger)
    assert (outcome.disposition, outcome.email, mails(sandbox)) == ("invited", "asked", 1)


def test_a_used_up_quota_is_hammered_on_by_a_naive_client(sandbox: bidden.Sandbox) -> None:
    people = [f"c{number}@example.com" for number in range(4)]
    fault(sandbox, "quota-mid-batch", probability=1)
    for email in people:
        with pytest.raises(RuntimeError, match="no answer"):
            Naive(sandbox).invite(email)
    assert len(sandbox.requests()) == 20
    sandbox.reset()
    fault(sandbox, "quota-mid-batch", probability=1)
    with pytest.raises(bidden.QuotaExhaustedError):
        [sandbox.imocha().invite(292930, email=email, name="Ada Lovelace", send_email=True) for email in people]
    assert len(sandbox.requests()) == 1


def test_a_5xx_that_took_effect_makes_a_naive_client_mail_twice(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    doubled = 0
    for seed in range(6):
        fault(sandbox, "error-5xx", seed=seed)
        Naive(sandbox).invite(ADA)
        doubled += mails(sandbox) == 2
        sandbox.reset()
        fault(sandbox, "error-5xx", seed=seed)
        with bidden.Ledger(tmp_path / f"{seed}.db") as ledger:
            invited_once(sandbox, ledger, ours(sandbox, ledger))
        sandbox.reset()
    assert 0 < doubled < 6, "a client cannot tell which"


def test_a_page_of_html_crashes_a_naive_client(sandbox: bidden.Sandbox, ledger: bidden.Ledger) -> None:
    fault(sandbox, "html-error-page")
    with pytest.raises(requests.JSONDecodeError):
        Naive(sandbox).post(ADA).json()
    fault(sandbox, "html-error-page")
    invited_once(sandbox, ledger, ours(sandbox, ledger))


def test_an_error_inside_200_is_a_success_to_a_naive_client(sandbox: bidden.Sandbox, ledger: bidden.Ledger) -> None:
    fault(sandbox, "200-with-error-body")
    response = Naive(sandbox).post(ADA)
    believed = [ADA] if response.ok else []
    assert (believed, sandbox.invitations()) == ([ADA], [])
    fault(sandbox, "200-with-error-body")
    outcome = ours(sandbox, ledger)
    assert (outcome.disposition, outcome.is_good, outcome.email) == ("uncertain", False, "uncertain")
    assert ours(sandbox, ledger, resend_uncertain=True).disposition == "invited"
    assert mails(sandbox) <= 1


def test_half_a_batch_is_none_to_a_naive_client(sandbox: bidden.Sandbox) -> None:
    people = [f"c{number}@example.com" for number in range(5)]
    fault(sandbox, "half-batch")
    registered = 0
    with suppress(requests.ConnectionError):
        registered = len(Naive(sandbox).register(people).json())
    assert (registered, len(sandbox.control("GET", "candidates")["candidates"])) == (0, 3)
    sandbox.reset()
    fault(sandbox, "half-batch")
    candidates = [{"name": "Ada Lovelace", "email": email, "password": "pass"} for email in people]
    results = sandbox.think_exam().register(candidates)
    assert (len(list(results)), len(sandbox.control("GET", "candidates")["candidates"])) == (5, 5)


def test_what_reads_do_not_show_yet_is_invited_again_by_a_naive_client(
    sandbox: bidden.Sandbox, ledger: bidden.Ledger
) -> None:
    def careful(naive: Naive) -> None:
        answer = naive.invite(ADA)
        if naive.report(answer["testInvitationId"]).status_code == 404:
            # It is not there: so it was lost.
            naive.invite(ADA)

    fault(sandbox, "mail-sent-status-late")
    careful(Naive(sandbox))
    assert mails(sandbox) == 2
    sandbox.reset()
    careful(Naive(sandbox))
    assert mails(sandbox) == 1, "without the fault it is right"
    sandbox.reset()
    fault(sandbox, "mail-sent-status-late")
    invited_once(sandbox, ledger, ours(sandbox, ledger))


def test_a_mail_that_never_left_is_sent_to_a_naive_client(sandbox: bidden.Sandbox, ledger: bidden.Ledger) -> None:
    fault(sandbox, "draft-test-no-mail", count=2)
    sent = [ADA] if Naive(sandbox).post(ADA).ok else []
    assert (sent, mails(sandbox)) == ([ADA], 0)
    outcome = ours(sandbox, ledger)
    assert (outcome.email, mails(sandbox)) == ("asked", 0), "ours says what it knows: it has asked"
    again = ours(sandbox, ledger, mail_again=True)
    assert (again.asked_for_mail, mails(sandbox)) == (True, 1)


class Hints:
    """A receiver as it should be: a callback is a hint, the platform is asked, what is heard twice counts once."""

    def __init__(self, sandbox: bidden.Sandbox) -> None:
        self.sandbox = sandbox
        self.about: set[int] = set()

    def statuses(self, invitation_ids: Iterable[int]) -> list[bidden.Status]:
        client = self.sandbox.imocha()
        return [client.report(one).status for one in self.about.union(invitation_ids)]


@contextmanager
def both(sandbox: bidden.Sandbox) -> Iterator[tuple[str, NaiveReceiver, Hints]]:
    """An address at which both listen."""
    naive, hints = NaiveReceiver(), Hints(sandbox)

    def hear(body: dict[str, Any]) -> None:
        hints.about.add(body["TestInvitationId"])
        naive(body)

    with listening(hear) as url:
        yield url, naive, hints


@pytest.mark.parametrize(
    ("preset", "count", "status", "completed"),
    [
        ("duplicate-callback", 2, "Complete", 2),
        ("callback-out-of-order", 1, "In Progress", 1),
        ("dropped-callback", 2, None, 0),
    ],
)
def test_a_callback_twice_late_or_never_deceives_a_naive_receiver(
    sandbox: bidden.Sandbox, preset: str, count: int, status: str | None, completed: int
) -> None:
    with both(sandbox) as (url, naive, hints):
        fault(sandbox, preset, count=count)
        invitation_id = Naive(sandbox).post(ADA, url).json()["testInvitationId"]
        naive.invited[invitation_id] = ADA
        for event in ("start", "finish"):
            sandbox.control("POST", f"attempts/{invitation_id}/{event}", {})
        sandbox.control("POST", "settle", {})
    assert (naive.statuses.get(ADA), naive.completed) == (status, completed)
    assert hints.statuses([invitation_id]) == [bidden.Status.COMPLETE]


def test_a_callback_before_the_answer_is_about_nobody_to_a_naive_receiver(sandbox: bidden.Sandbox) -> None:
    with both(sandbox) as (url, naive, hints):
        fault(sandbox, "callback-before-answer", count=2)
        answer = Naive(sandbox).post("complete@example.com", url).json()
        naive.invited[answer["testInvitationId"]] = "complete@example.com"
        (first, second) = sandbox.control("GET", "callbacks")["callbacks"]
    assert [tried["status"] for tried in first["tries"] + second["tries"]][:2] == [500, 500]
    assert (naive.statuses, naive.completed) == ({}, 0)
    assert hints.statuses([]) == [bidden.Status.COMPLETE]


def test_every_fault_of_the_table_has_a_test_here(sandbox: bidden.Sandbox) -> None:
    with pytest.raises(RuntimeError, match="is expected") as caught:
        fault(sandbox, "none")
    presets = str(caught.value).split("one of ")[1].split(" is expected")[0].split(", ")
    mine = Path(__file__).read_text(encoding="utf-8")
    assert [preset for preset in presets if f'"{preset}"' not in mine] == []
    assert len(presets) >= 19
