"""Results are values: frozen, equal, hashed, pickled, copied, matched; the raw answer beside them, tokens apart."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Iterator
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

import pytest

import bidden
from bidden import _results

ADA = {"email": "ada@example.com", "name": "Ada Lovelace"}


@pytest.fixture
def results(sandbox: bidden.Sandbox, tmp_path: Path) -> Iterator[list[_results.Result]]:
    imocha, think_exam, testinvite = sandbox.imocha(), sandbox.think_exam(), sandbox.testinvite()
    invited = imocha.invite(292930, **ADA)
    run = bidden.invite_many(imocha, 1, [ADA, {"email": "x"}], ledger=None)
    outcomes = list(run)
    assert run.summary is not None
    with bidden.Ledger(tmp_path / "ledger.db") as ledger:
        yield [
            invited,
            imocha.retrieve_test(292930),
            think_exam.unified_auth(**ADA, password="p4ssword"),
            think_exam.check_login(ADA["email"], "p4ssword"),
            testinvite.create_candidate("task-1", bidden.TemporaryCandidate(fullname="Ada Lovelace")),
            testinvite.list_candidates("task-1"),
            ledger.invite(imocha, 2, **ADA),
            *outcomes,
            run.summary,
            bidden.plan(imocha, 3, [ADA], tmp_path / "plan.jsonl", ledger=ledger),
            bidden.reconcile(imocha, 2, ledger=ledger),
        ]


def test_results_are_values(results: list[_results.Result]) -> None:
    for result in results:
        name = type(result).__name__
        if name != "LoggedIn":  # it holds secrets, which no pickle shows
            again = pickle.loads(pickle.dumps(result))
            assert again == result, name
            assert hash(again) == hash(result)
            assert again.raw == result.raw
        assert copy.copy(result) is copy.deepcopy(result) is result
        assert len({result, copy.copy(result)}) == 1
        assert result != object()
        with pytest.raises(AttributeError, match="frozen"):
            result.anything = 1  # type: ignore[attr-defined]
        with pytest.raises(AttributeError, match="frozen"):
            del result._contents
        changed = result.to_dict()
        changed.clear()
        assert result.to_dict(), name
        for hidden in ("ada@example.com", "Lovelace", "p4ssword", "IMInstructions", "eyJ"):
            assert hidden not in repr(result), name
        assert type(result).__match_args__, name
        for attribute in type(result).__match_args__:
            getattr(result, attribute)


def test_nested_contents_cannot_be_changed_from_outside(results: list[_results.Result]) -> None:
    (summary,) = [result for result in results if isinstance(result, bidden.Summary)]
    summary.by_disposition["invited"] = 77
    summary.to_dict()["by_disposition"]["invited"] = 77
    assert summary.by_disposition["invited"] == 1


def test_the_raw_answer_is_there_and_its_tokens_are_not(results: list[_results.Result]) -> None:
    by_class = {type(result).__name__: result for result in results}
    assert set(by_class["Invited"].raw) == {"testInvitationId", "testUrl", "status"}
    assert by_class["RowOutcome"].raw is None
    logged_in = json.dumps(by_class["LoggedIn"].raw)
    assert "ACCESS_TOKEN" in logged_in
    token = by_class["LoggedIn"].access_token  # type: ignore[attr-defined]
    assert token.expose() not in logged_in


def test_outcomes_are_matched_by_position_and_by_name(results: list[_results.Result]) -> None:
    words = []
    for result in results:
        match result:
            case bidden.RowOutcome("invited", bidden.Status.PENDING, None, row=row):
                words.append(f"row {row}")
            case bidden.RowOutcome(error=bidden.InvalidInputError(fields=[fault, *_])):
                words.append(fault.field)
            case bidden.Invited(status=bidden.Status.PENDING):
                words.append("invited")
            case _:
                pass
    assert words == ["invited", "row 1", "name"]


def test_arguments_are_what_python_has(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    with bidden.Ledger(tmp_path / "ledger.db") as ledger:
        created = ledger.invite(
            sandbox.testinvite(),
            "task-1",
            **ADA,
            external_id=7,
            dob=date(1815, 12, 10),
            end=datetime(2099, 1, 1, tzinfo=timezone.utc),
            price={"amount": Decimal("19.90"), "currency": "EUR"},
        )
        assert created.disposition == "created", created.error
        with pytest.raises(bidden.InvalidInputError, match=r"end: .*tzinfo.*timezone\.utc"):
            ledger.invite(sandbox.imocha(), 1, **ADA, end=datetime(2099, 1, 1))
    body = next(request["body"] for request in sandbox.requests() if request["method"] == "POST")
    assert body["price"] == {"amount": 19.9, "currency": "EUR"}
    assert isinstance(bidden.decide(bidden.Platform.IMOCHA, "pending", bidden.Event.CANCEL), bidden.Decision)


def test_what_is_decided_and_checked_is_a_value_as_well(tmp_path: Path) -> None:
    window = bidden.AccessWindow("2030-01-01T00:00:00.250Z", None)
    early = bidden.decide("imocha", "pending", "start", window, 1_800_000_000)
    path = tmp_path / "list.csv"
    path.write_text("email,name\ngrace,Grace\nada@example.com,Ada\n", "utf-8")
    invalid, candidate = bidden.validate_csv(path)
    (checked,) = bidden.validate([{"email": "ada.example.com", "mobile": "12"}])
    values = [
        window,
        bidden.decide("imocha", "pending", "cancel"),
        bidden.decide("imocha", None, "invite"),
        early,
        bidden.decide("testinvite", "complete", "cancel"),
        *bidden.capabilities("think-exam"),
        invalid,
        candidate,
        checked,
        *checked.errors,
    ]
    assert isinstance(early, bidden.Refusal)
    for value in values:
        again = pickle.loads(pickle.dumps(value))
        assert (type(again), again, hash(again)) == (type(value), value, hash(value)), value
        assert copy.copy(value) is copy.deepcopy(value) is value
        assert value != object()
        assert value not in (None, 1, "pending")
        with pytest.raises(AttributeError):
            value.anything = 1  # type: ignore[union-attr]
        if not isinstance(value, bidden.AccessWindow):
            assert value.to_dict()
    assert len(set(bidden.capabilities("think-exam"))) == len(bidden.capabilities("think-exam"))
    assert early.to_dict() == bidden.explain_transition("imocha", "pending", "start", window, 1_800_000_000)
    match bidden.decide("imocha", "cancelled", "invite"), early, window:
        case bidden.Decision("reopened", bidden.Status.PENDING), bidden.Refusal(
            bidden.Event.START, _
        ), bidden.AccessWindow(datetime(), None):
            pass
        case other:
            pytest.fail(f"not matched: {other}")


def test_what_is_secret_is_copied_and_never_pickled(sandbox: bidden.Sandbox) -> None:
    client = sandbox.think_exam()
    client.unified_auth(**ADA, password="p4ssword")
    session = client.check_login(ADA["email"], "p4ssword")
    signature = bidden.sign(api_key="key", secret="secret", now=1_700_000_000)
    request = client.request("think_exam.assign_test", email=ADA["email"], test_id="41")
    for secret in (session, bidden.Secret("top"), signature, request):
        assert copy.deepcopy({"held": [secret]})["held"][0] is secret
        with pytest.raises(TypeError):
            pickle.dumps(secret)
    assert isinstance(session.to_dict()["access_token"], bidden.Secret)
    assert isinstance(session.to_dict()["redirection_url"], bidden.Secret)
    assert bidden.sign(api_key="key", secret="secret", now=1_700_000_000) == signature


def test_lists_inside_a_result_are_copies(sandbox: bidden.Sandbox) -> None:
    client = sandbox.imocha()
    invited = client.invite(292930, **ADA)
    for event in ("start", "finish"):
        sandbox.attempt(invited.invitation_id, event)  # type: ignore[arg-type]
    report = client.report(invited.invitation_id, report_type=3)
    number = hash(report)
    assert report.sections is not None
    report.sections[0]["candidate_score"] = 77
    report.sections.clear()
    report.extra["more"] = 1
    assert (hash(report), report.extra) == (number, {})
    assert report.sections[0]["candidate_score"] != 77


def test_candidates_that_are_created_are_compared(sandbox: bidden.Sandbox) -> None:
    assert bidden.TemporaryCandidate(fullname="Ada") == bidden.TemporaryCandidate(fullname="Ada")
    assert bidden.TemporaryCandidate(fullname="Ada") != bidden.TemporaryCandidate(fullname="Grace")
    assert len({bidden.InternalCandidate(id="u-1"), bidden.InternalCandidate(id="u-1")}) == 1
