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
