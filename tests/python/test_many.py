"""Many candidates: read from anything, sent once, stopped anywhere, continued; plans, reconciliation."""

from __future__ import annotations

import csv
import dataclasses
import gc
import os
import pty
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections import UserDict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import ROOT

import bidden

TEST = 292930


def people(count: int) -> list[dict[str, str]]:
    return [{"email": f"c{number}@example.com", "name": f"Candidate {number}"} for number in range(1, count + 1)]


def mails(sandbox: bidden.Sandbox) -> list[str]:
    return [message["to"] for message in sandbox.outbox() if message["kind"] == "invitation"]


def invited(sandbox: bidden.Sandbox) -> list[str]:
    return sorted(invitation["email"] for invitation in sandbox.invitations())


def write_csv(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_list_is_invited_in_its_order_and_mailed_once(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.db"
    run = bidden.invite_many(sandbox.imocha(), TEST, people(40), ledger=ledger, send_email=True)
    assert repr(run) == "<Run, not begun>"
    outcomes = list(run)
    assert [outcome.row for outcome in outcomes] == list(range(1, 41))
    assert {outcome.disposition for outcome in outcomes} == {"invited"}
    assert outcomes[6].candidate == {"email": "c7@example.com", "name": "Candidate 7", "external_id": None}
    assert outcomes[6].line is None
    assert outcomes[6].test_url is not None
    assert outcomes[6].test_url.startswith(sandbox.url)
    assert run.summary is not None
    assert (run.summary.rows, run.summary.by_disposition, run.summary.mails) == (40, {"invited": 40}, 40)
    assert (run.summary.stopped, run.summary.exit_code, run.summary.is_good) == (None, 0, True)
    assert repr(run) == "<Run of 40 rows, ended>"
    again = bidden.invite_many(sandbox.imocha(), TEST, people(40), ledger=ledger, send_email=True).run()
    assert (again.by_disposition, again.mails) == ({"unchanged": 40}, 0)
    assert len(mails(sandbox)) == 40


def test_what_is_wrong_with_a_row_is_its_own(sandbox: bidden.Sandbox) -> None:
    rows = [*people(1), {"email": "nobody", "name": "N"}, *people(1), {"email": "x@example.com", "name": {1: [2]}}]
    first, invalid, repeated, unusable = bidden.invite_many(sandbox.imocha(), TEST, rows, ledger=None)
    assert (first.disposition, first.is_good) == ("invited", True)
    assert isinstance(invalid.error, bidden.InvalidInputError)
    assert (invalid.disposition, [fault.field for fault in invalid.error.fields]) == ("invalid", ["email"])
    assert (repeated.disposition, repeated.error, repeated.repeats) == ("duplicate-row", None, "row 1 (line 1)")
    assert unusable.disposition == "invalid"
    assert invited(sandbox) == ["c1@example.com"]
    assert invalid.to_dict()["error"] == {
        "kind": "invalid-input",
        "message": "email: has no @",
        "field": "email",
        "platform_code": None,
    }
    for outcome in (first, invalid, repeated):
        assert "example.com" not in repr(outcome)
        assert "Candidate" not in repr(outcome)


@dataclasses.dataclass
class Person:
    email: str
    name: str
    external_id: int
    dob: date | None = None


class Named(NamedTuple):
    email: str
    name: str


def test_any_iterable_of_rows_is_taken(sandbox: bidden.Sandbox) -> None:
    def generated() -> Iterator[object]:
        yield {"email": "dict@example.com", "name": "Dict", "tags": {"dept": "R&D"}, "labels": ["a", "b"], "mobile": 49}
        yield UserDict(
            {"email": "mapping@example.com", "name": "Mapping", "price_of": Decimal("1.5"), "x": float("nan")}
        )
        yield Person("dataclass@example.com", "Dataclass", 7, date(2000, 1, 1))
        yield Named("tuple@example.com", "Tuple")

    client = sandbox.testinvite()
    outcomes = list(bidden.invite_many(client, "task-1", generated(), ledger=None))
    assert [outcome.disposition for outcome in outcomes] == ["created"] * 4, [outcome.error for outcome in outcomes]
    assert outcomes[2].candidate["external_id"] == "7"
    candidates = client.list_candidates("task-1", mode="detailed").candidates
    assert {candidate.to_dict()["email"] for candidate in candidates} == {
        f"{word}@example.com" for word in ("dict", "mapping", "dataclass", "tuple")
    }
    for wrong in ([1], ["ada@example.com"], 7, {"email": "ada@example.com"}, [{1: "x"}]):
        with pytest.raises(TypeError):
            bidden.invite_many(client, "task-1", wrong, ledger=None)  # type: ignore[arg-type]
    assert bidden.invite_many(client, "task-1", [], ledger=None).run().rows == 0


def test_a_file_knows_its_lines_its_columns_and_its_output(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(
        "Mail of the person;Full name;Shoe size\nada@example.com;Ada Lovelace;38\n\nalan@example.com;Alan;41\n"
    )
    output = tmp_path / "results.csv"
    run = bidden.invite_many(
        sandbox.imocha(), TEST, file, ledger=None, map={"Mail of the person": "email"}, output=output
    )
    assert [(outcome.row, outcome.line) for outcome in run] == [(1, 2), (2, 4)]
    with output.open(newline="", encoding="utf-8-sig") as written:
        rows = list(csv.DictReader(written, delimiter=";"))
    assert [(row["Shoe size"], row["disposition"]) for row in rows] == [("38", "invited"), ("41", "invited")]
    assert all(row["test_url"].startswith(sandbox.url) for row in rows)


def test_what_keeps_the_whole_from_being_sent_is_raised(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    client = sandbox.imocha()
    with pytest.raises(bidden.InvalidInputError, match="no-such-file"):
        bidden.invite_many(client, TEST, tmp_path / "no-such-file.csv", ledger=None).run()
    with pytest.raises(bidden.InvalidInputError, match="skip_password"):
        bidden.invite_many(client, TEST, people(1), ledger=None, skip_password=True)
    lossy = bidden.invite_many(client, TEST, people(1), ledger=None, skip_password=True, allow_loss=True)
    assert lossy.run().by_disposition == {"invited": 1}
    with pytest.raises(bidden.InvalidInputError, match="zone"):
        bidden.invite_many(client, TEST, people(1), ledger=None, start=datetime(2030, 1, 1))
    with pytest.raises(bidden.InvalidInputError, match="concurrency"):
        bidden.invite_many(client, TEST, people(1), ledger=None, concurrency=0)
    price = {"amount": Decimal("19.90"), "currency": "EUR"}
    with pytest.raises(bidden.InvalidInputError, match="charge_candidates"):
        bidden.invite_many(sandbox.testinvite(), "task-1", people(1), ledger=None, price=price)
    broken = tmp_path / "broken.csv"
    broken.write_text('email,name\nada@example.com,Ada\nalan@example.com,"Alan\n')
    sent = len(sandbox.requests())
    with pytest.raises(bidden.InvalidInputError, match="quote"):
        bidden.invite_many(client, TEST, broken, ledger=None).run()
    assert len(sandbox.requests()) == sent, "a file that breaks off keeps every row from being sent"


def test_leaving_the_loop_stops_and_the_next_call_continues(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.db"
    sandbox.add_fault("slow", probability=1, milliseconds=10)
    run = bidden.invite_many(sandbox.imocha(), TEST, people(500), ledger=ledger, send_email=True, concurrency=4)
    for outcome in run:
        if outcome.row == 5:
            break
    assert run.summary is not None
    assert run.summary.stopped == "interrupted"
    assert run.summary.exit_code == 3
    assert run.summary.by_disposition["not-sent"] > 0
    # The file is free, and whoever was in flight is known.
    known = len(mails(sandbox))
    assert 5 <= known < 500
    with pytest.raises(RuntimeError, match="once"):
        iter(run)
    sandbox.clear_faults()
    rest = bidden.invite_many(sandbox.imocha(), TEST, people(500), ledger=ledger, send_email=True).run()
    assert rest.by_disposition == {"unchanged": known, "invited": 500 - known}
    assert len(mails(sandbox)) == len(set(mails(sandbox))) == 500


def test_an_exception_in_the_loop_and_another_thread_stop_it_as_well(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    run = bidden.invite_many(sandbox.imocha(), TEST, people(3000), ledger=tmp_path / "one.db", concurrency=2)
    with pytest.raises(ZeroDivisionError):
        [1 / (outcome.row - 3) for outcome in run]
    assert run.summary is not None
    assert run.summary.stopped == "interrupted"
    other = bidden.invite_many(sandbox.imocha(), TEST, people(3000), ledger=tmp_path / "two.db", concurrency=2)
    rows = iter(other)
    next(rows)
    threading.Thread(target=other.stop).start()
    left = list(rows)
    assert len(left) == 2999
    assert left[-1].disposition == "not-sent"


def test_a_run_that_was_never_begun_warns(sandbox: bidden.Sandbox) -> None:
    runs = [bidden.invite_many(sandbox.imocha(), TEST, people(1), ledger=None)]
    with pytest.warns(ResourceWarning, match="never begun"):
        runs.clear()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bidden.invite_many(sandbox.imocha(), TEST, people(1), ledger=None).run()
        gc.collect()


def test_a_ledger_that_is_open_is_used_and_stays_open(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    with bidden.Ledger(tmp_path / "ledger.db") as ledger:
        ledger.invite(sandbox.imocha(), TEST, email="c1@example.com", name="Candidate 1", send_email=True)
        summary = bidden.invite_many(sandbox.imocha(), TEST, people(2), ledger=ledger, send_email=True).run()
        assert summary.by_disposition == {"unchanged": 1, "invited": 1}
        assert [entry["disposition"] for entry in bidden.history("c2@example.com", ledger=ledger)] == ["invited"]
    assert len(bidden.history("c1@example.com", ledger=tmp_path / "ledger.db")) == 1


def test_progress_is_told_to_a_function_and_shown(
    sandbox: bidden.Sandbox, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int | None]] = []
    bidden.invite_many(
        sandbox.imocha(), TEST, people(3), ledger=None, progress=lambda done, total: told.append((done, total))
    ).run()
    assert told == [(1, 3), (2, 3), (3, 3)]
    told.clear()
    for _ in bidden.invite_many(
        sandbox.imocha(), TEST, people(2), ledger=None, progress=lambda *told_: told.append(told_)
    ):  # type: ignore[arg-type]
        pass
    assert told == [(1, 2), (2, 2)]

    def failing(done: int, total: int | None) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        bidden.invite_many(sandbox.imocha(), TEST, people(2), ledger=None, progress=failing).run()
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    bidden.invite_many(sandbox.imocha(), TEST, people(4), ledger=None, progress=True).run()
    assert "4 of 4 rows" in capsys.readouterr().err


def test_progress_is_a_bar_where_there_is_one(sandbox: bidden.Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm")
    bidden.invite_many(sandbox.imocha(), TEST, people(4), ledger=None, progress=True).run()
    assert "4/4" in capsys.readouterr().err


class Live:
    """A client of a host that is not loopback, which nobody reaches."""

    def __init__(self) -> None:
        self.client = bidden.IMocha(api_key="k", base_url="https://imocha.example", tries=1, timeout=1)


def test_a_live_host_needs_a_yes_to_as_many_mails(tmp_path: Path) -> None:
    client = Live().client
    people_ = [{"email": f"c{number}@company.test.invalid-host.eu", "name": "C"} for number in range(3)]
    with pytest.raises(bidden.InvalidInputError, match="ledger"):
        bidden.invite_many(client, TEST, people_, ledger=None)
    place = tmp_path / "ledger.db"
    invite: Callable[..., bidden.Run] = lambda **options: bidden.invite_many(  # noqa: E731
        client, TEST, people_, ledger=place, **options
    )
    with pytest.raises(bidden.InvalidInputError, match=r"confirm: is missing: 3 people .* imocha\.example"):
        invite().run()
    with pytest.raises(bidden.InvalidInputError, match="says nothing of mails, and 3"):
        invite(confirm=bidden.Confirm(), send_email=True).run()
    with pytest.raises(bidden.InvalidInputError, match="allows 2 mails, and 3"):
        invite(confirm=bidden.Confirm(max_emails=2), send_email=True).run()
    with pytest.raises(TypeError, match="Confirm"):
        invite(confirm=True)
    sent = invite(confirm=bidden.Confirm(max_emails=3), send_email=True, stop_after_failures=1).run()
    assert sent.by_disposition.keys() <= {"failed", "uncertain", "not-sent"}, "the host does not exist, and was tried"
    examples = bidden.invite_many(client, TEST, people(1), ledger=place, confirm=bidden.Confirm())
    assert [outcome.disposition for outcome in examples] == ["invalid"], "an example address on a live host"


def test_confirm_is_a_value() -> None:
    assert bidden.Confirm(max_emails=3) == bidden.Confirm(max_emails=3) != bidden.Confirm()
    assert len({bidden.Confirm(), bidden.Confirm()}) == 1
    for wrong in (-1, True, "3"):
        with pytest.raises(ValueError, match="max_emails"):
            bidden.Confirm(max_emails=wrong)  # type: ignore[arg-type]


def test_a_plan_is_reviewed_and_applied_once(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    client, ledger, file = sandbox.imocha(), tmp_path / "ledger.db", tmp_path / "plan.jsonl"
    rows = [*people(3), {"email": "nobody", "name": "N"}]
    planned = bidden.plan(client, TEST, rows, file, ledger=ledger, send_email=True)
    assert (planned.rows, planned.would_send, planned.mails) == (4, 3, 3)
    assert planned.actions == {"invite": 3, "invalid": 1}
    assert "example.com" not in repr(planned)
    assert sandbox.requests() == []
    with pytest.raises(bidden.InvalidInputError, match="allows 2 mails"):
        bidden.apply(client, file, ledger=ledger, confirm=bidden.Confirm(max_emails=2)).run()
    assert bidden.apply(client, file, ledger=ledger).run().by_disposition == {"invited": 3, "invalid": 1}
    again = bidden.apply(client, file, ledger=ledger).run()
    assert again.mails == 0
    assert len(mails(sandbox)) == 3
    with pytest.raises(bidden.InvalidInputError, match="another platform, account or address"):
        bidden.apply(sandbox.testinvite(), file, ledger=ledger).run()
    with pytest.raises(bidden.InvalidInputError, match="plan"):
        bidden.apply(client, tmp_path / "ledger.db", ledger=ledger)


def test_a_plan_of_the_command_is_applied_and_one_of_python_by_the_command(
    sandbox: bidden.Sandbox, tmp_path: Path
) -> None:
    file = write_csv(tmp_path / "list.csv", people(3))
    environment = {**os.environ, "BIDDEN_LEDGER": str(tmp_path / "ledger.db")}
    command = [sys.executable, "-m", "bidden"]
    subprocess.run(
        [*command, "plan", file, "--on", "imocha", "--test", str(TEST), "--base-url", sandbox.url, "-o", "plan.jsonl"],
        check=True,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
    )
    by_python = bidden.apply(sandbox.imocha(), tmp_path / "plan.jsonl", ledger=tmp_path / "ledger.db")
    assert [(outcome.line, outcome.disposition) for outcome in by_python] == [
        (2, "invited"),
        (3, "invited"),
        (4, "invited"),
    ]
    bidden.plan(sandbox.imocha(), TEST, people(5), tmp_path / "second.jsonl", ledger=tmp_path / "ledger.db")
    done = subprocess.run(
        [*command, "apply", "second.jsonl", "--json"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done
    assert '"unchanged":3' in done.stdout.replace(" ", "")
    assert len(invited(sandbox)) == 5


def test_what_only_reads_does_not_wait_for_who_sends(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    place, client = tmp_path / "ledger.db", sandbox.testinvite()
    assert bidden.history("c1@example.com", ledger=place) == []
    assert not place.exists()
    with bidden.Ledger(place) as sending:
        sending.invite(client, "task-1", email="c1@example.com", name="C")
        with pytest.raises(bidden.StorageError):
            bidden.Ledger(place)
        assert len(bidden.history("c1@example.com", ledger=place)) == 1
        planned = bidden.plan(client, "task-1", people(2), tmp_path / "plan.jsonl", ledger=place)
        assert planned.actions == {"create": 1, "unchanged": 1}
        assert bidden.reconcile(client, "task-1", ledger=place, dry_run=True).counts == {"agreed": 1}


def test_a_stale_plan_is_refused(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    client, ledger, file = sandbox.imocha(), tmp_path / "ledger.db", tmp_path / "plan.jsonl"
    bidden.plan(client, TEST, people(2), file, ledger=ledger)
    bidden.invite_many(client, TEST, people(1), ledger=ledger).run()
    with pytest.raises(bidden.InvalidInputError, match="stale"):
        bidden.apply(client, file, ledger=ledger).run()
    assert invited(sandbox) == ["c1@example.com"]


def test_reconciling_teaches_the_ledger_what_has_moved(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    client, place = sandbox.testinvite(), tmp_path / "ledger.db"
    bidden.invite_many(client, "task-1", people(3), ledger=place).run()
    outcomes = client.list_candidates("task-1").candidates
    client.delete_candidate("task-1", outcomes[0].candidate_id)
    seen = bidden.reconcile(client, "task-1", ledger=place, dry_run=True)
    assert (seen.counts, seen.written, seen.needs_somebody) == ({"agreed": 2, "ghost": 1}, 0, True)
    learned = bidden.reconcile(client, "task-1", ledger=place)
    assert learned.written == 1
    assert learned.differences[0]["finding"] == "ghost"
    with pytest.raises(bidden.InvalidInputError):
        bidden.reconcile(sandbox.think_exam(), "41", ledger=place)  # type: ignore[arg-type]


def test_think_exam_registers_in_batches_first(sandbox: bidden.Sandbox) -> None:
    run = bidden.invite_many(sandbox.think_exam(), "41", people(5), ledger=None, batch_size=2)
    assert [outcome.disposition for outcome in run] == ["invited"] * 5
    registrations = [request for request in sandbox.requests() if "egister" in request["path"]]
    assert len(registrations) == 3


FRAMES = ["pandas", "polars", "pyarrow"]


def frame_of(library: str, columns: dict[str, list[Any]]) -> Any:  # noqa: ANN401
    module = pytest.importorskip(library)
    return module.table(columns) if library == "pyarrow" else module.DataFrame(columns)


@pytest.mark.parametrize("library", FRAMES)
def test_a_frame_is_taken_whatever_its_types(sandbox: bidden.Sandbox, library: str) -> None:
    count = 5
    columns: dict[str, list[Any]] = {
        "E-Mail": [f"c{number}@example.com" for number in range(count)],
        "name": ["Zoë", "Ł", "a name that is longer than twelve bytes", "山田", "x"],
        "external_id": list(range(count)),
        "extra1": [1.5, None, 3.0, None, 5.25],
        "dob": [date(2000, 1, day) for day in range(1, count + 1)],
        "extra2": [True, False, True, None, False],
        "extra3": [None] * count,
        "seen_at": [datetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(days=day) for day in range(count)],
    }
    frame = frame_of(library, columns)
    outcomes = list(bidden.invite_many(sandbox.imocha(), TEST, frame, ledger=None))
    assert [outcome.disposition for outcome in outcomes] == ["invited"] * count, [outcome.error for outcome in outcomes]
    assert [outcome.candidate["name"] for outcome in outcomes] == columns["name"]
    assert [outcome.candidate["external_id"] for outcome in outcomes] == [str(number) for number in range(count)]
    half = frame.slice(2, 3) if library != "pandas" else frame.iloc[2:5]
    names = [outcome.candidate["name"] for outcome in bidden.invite_many(sandbox.imocha(), TEST, half, ledger=None)]
    assert names == columns["name"][2:]


def test_a_column_of_mixed_types_is_taken_as_it_is_written(sandbox: bidden.Sandbox) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "email": ["a@example.com", None, float("nan"), "b@example.com", pandas.NA],
            "name": ["A", "x", 3, 12345, True],
            "external_id": [7, "8", 9.0, Decimal("10"), None],
            "payroll": [object(), [1], {"a": 1}, b"x", pandas.NaT],
        },
        dtype=object,
    )
    outcomes = list(bidden.invite_many(sandbox.imocha(), 1, frame, ledger=None))
    assert [outcome.disposition for outcome in outcomes] == ["invited", "invalid", "invalid", "invited", "invalid"]
    assert outcomes[3].candidate == {"email": "b@example.com", "name": "12345", "external_id": "10"}
    assert [outcome.candidate["external_id"] for outcome in outcomes] == ["7", "8", "9", "10", None]


def test_what_is_no_frame_with_rows_is_named(sandbox: bidden.Sandbox) -> None:
    polars, pandas = pytest.importorskip("polars"), pytest.importorskip("pandas")
    client = sandbox.imocha()
    lazy = polars.LazyFrame({"email": ["ada@example.com"], "name": ["Ada"]})
    with pytest.raises(TypeError, match=r"not a LazyFrame: collect\(\) it first"):
        bidden.invite_many(client, 1, lazy, ledger=None)
    with pytest.raises(bidden.InvalidInputError, match="a frame with columns is expected"):
        bidden.invite_many(client, 1, pandas.Series(["ada@example.com"]), ledger=None)
    with pytest.raises(ValueError, match="Duplicate column names"):
        bidden.invite_many(client, 1, pandas.DataFrame([["a", "b"]], columns=["email", "email"]), ledger=None)
    with pytest.raises(TypeError, match=r"a path is text or an os\.PathLike, not bytes"):
        bidden.invite_many(client, 1, b"list.csv", ledger=None)
    assert sandbox.requests() == []


def test_a_generator_that_raises_half_way_sends_nothing(sandbox: bidden.Sandbox) -> None:
    def rows() -> Iterator[dict[str, str]]:
        yield from people(3)
        raise KeyError("half-way")

    with pytest.raises(KeyError, match="half-way"):
        bidden.invite_many(sandbox.imocha(), 1, rows(), ledger=None)
    assert sandbox.requests() == []


def test_rows_that_are_validated_may_be_dataclasses() -> None:
    @dataclasses.dataclass(frozen=True, slots=True)
    class Person:
        email: str
        name: str
        boss: object = None

    given = [Person("ada@example.com", "Ada"), Person("grace", "Grace", object())]
    assert [checked.is_valid for checked in bidden.validate(given, "imocha")] == [True, False]
    with pytest.raises(TypeError, match="row 2 is a str"):
        list(bidden.validate([{"email": "ada@example.com"}, "grace@example.com"]))  # type: ignore[list-item]


def test_arrow_columns_of_every_layout_become_the_same_text() -> None:
    pa = pytest.importorskip("pyarrow")
    text = ["ada@example.com", None, "a text that is longer than twelve bytes"]
    layouts = {
        "string": pa.array(text, pa.string()),
        "large_string": pa.array(text, pa.large_string()),
        "string_view": pa.array(text, pa.string_view()),
        "dictionary": pa.array(text).dictionary_encode(),
        "chunked": pa.chunked_array([text[:1], text[1:]]),
    }
    expected = None
    for name, column in layouts.items():
        table = pa.table({"email": column, "name": ["Ada", "B", "C"]})
        found = bidden.validate_frame(table, "imocha").to_pylist()
        expected = expected or found
        assert found == expected, name
        assert [finding["row"] for finding in found] == [2, 3], name


def test_ten_thousand_rows_of_every_form_come_to_the_same(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    count = 10_000 if os.environ.get("BIDDEN_TEST_RELEASE") else 1000
    rows = people(count)
    forms: dict[str, Any] = {"csv": write_csv(tmp_path / "list.csv", rows), "generator": (row for row in rows)}
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for cells in (["email", "name"], *([row["email"], row["name"]] for row in rows)):
        book.active.append(cells)
    book.save(tmp_path / "list.xlsx")
    forms["xlsx"] = tmp_path / "list.xlsx"
    for library in FRAMES[:2]:
        forms[library] = frame_of(library, {name: [row[name] for row in rows] for name in ("email", "name")})
    for number, (name, form) in enumerate(forms.items(), 1):
        summary = bidden.invite_many(sandbox.imocha(), number, form, ledger=tmp_path / f"{name}.db").run()
        assert summary.by_disposition == {"invited": count}, name
    assert len(sandbox.requests()) == count * len(forms)


PROGRAM = """
import sys
import bidden
client = bidden.IMocha(api_key="sandbox-key", base_url=sys.argv[1])
people = [{"email": f"c{number}@example.com", "name": "C"} for number in range(1, int(sys.argv[3]) + 1)]
for outcome in bidden.invite_many(client, 292930, people, ledger=sys.argv[2], send_email=True, concurrency=4):
    print(outcome.row, outcome.disposition, flush=True)
"""


def test_ctrl_c_in_a_terminal_half_way_keeps_the_law(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    count = 2000
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    sandbox.add_fault("slow", probability=1, milliseconds=10)
    arguments = [sys.executable, str(program), sandbox.url, str(tmp_path / "ledger.db"), str(count)]
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        arguments, stdin=follower, stdout=follower, stderr=subprocess.PIPE, start_new_session=True, text=True
    )
    os.close(follower)
    text = b""
    while text.count(b"\n") < 20:
        text += os.read(leader, 4096)
    os.killpg(process.pid, signal.SIGINT)
    reader = threading.Thread(target=lambda: drained(leader))
    reader.start()
    _, error = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "KeyboardInterrupt" in error, error
    sandbox.clear_faults()
    first = mails(sandbox)
    assert 20 <= len(first) < count
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert done.stdout.count("unchanged") == len(first)
    assert sorted(mails(sandbox)) == sorted(f"c{number}@example.com" for number in range(1, count + 1))
    requests = [
        request
        for request in sandbox.requests()
        if request["path"].endswith("/invite") and request["body"]["sendEmail"] == "yes"
    ]
    assert len(requests) == count, "one request that asks for mail for each"


def drained(descriptor: int) -> None:
    try:
        while os.read(descriptor, 4096):
            pass
    except OSError:
        pass
    os.close(descriptor)


def test_a_program_that_ends_in_the_middle_of_a_run_finishes_what_is_in_flight(
    sandbox: bidden.Sandbox, tmp_path: Path
) -> None:
    program = (
        "import sys, bidden\n"
        "client = bidden.IMocha(api_key='sandbox-key', base_url=sys.argv[1])\n"
        "rows = [{'email': f'c{number}@example.com', 'name': 'C'} for number in range(500)]\n"
        "sandbox = bidden.Sandbox()\n"
        "run = bidden.invite_many(client, 292930, rows, ledger=sys.argv[2], send_email=True)\n"
        "kept = iter(run)\n"
        "next(kept)\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", program, sandbox.url, str(tmp_path / "ledger.db")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    with bidden.Ledger(tmp_path / "ledger.db") as ledger:
        for address in mails(sandbox):
            (invitation,) = ledger.history(address)
            assert invitation["disposition"] == "invited", invitation


def test_other_threads_run_while_rows_are_awaited(sandbox: bidden.Sandbox) -> None:
    sandbox.add_fault("slow", probability=1, milliseconds=10)
    turns = 0
    done = threading.Event()

    def turn() -> None:
        nonlocal turns
        while not done.is_set():
            turns += 1
            time.sleep(0.001)

    thread = threading.Thread(target=turn)
    thread.start()
    bidden.invite_many(sandbox.imocha(), TEST, people(20), ledger=None, concurrency=2).run()
    done.set()
    thread.join()
    assert turns > 20


def test_the_sources_know_two_unsafe_modules() -> None:
    unsafe = sorted(path.name for path in (ROOT / "py" / "src").glob("*.rs") if "unsafe" in path.read_text("utf-8"))
    assert unsafe == ["arrow.rs", "untracked.rs"]
