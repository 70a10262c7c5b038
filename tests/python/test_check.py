"""Files and frames, checked: an object or an error for each row, a frame of findings."""

from __future__ import annotations

import copy
import gc
import pickle
import tracemalloc
from pathlib import Path

import pytest

import bidden

FILE = """Mail,Full name,External ID,Password,Shoe size
ada@example.com,Ada Lovelace,a-1,p4ssword,38
grace,Grace Hopper,a-2,,
ada@example.com,Ada Again,a-1,,
"  alan@example.com ","Turing, Alan",,,41
too,few
"""


def checked(tmp_path: Path, text: str = FILE, **options: str) -> list[bidden.Candidate | bidden.InvalidRow]:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    return list(bidden.validate_csv(path, map={"Mail": "email", "Password": "password"}, **options))  # type: ignore[arg-type]


def test_a_good_row_is_a_candidate_and_a_bad_one_says_everything(tmp_path: Path) -> None:
    ada, grace, again, alan, short = checked(tmp_path)
    assert isinstance(ada, bidden.Candidate)
    assert (ada.row, ada.line, ada.email, ada.name, ada.external_id) == (1, 2, "ada@example.com", "Ada Lovelace", "a-1")
    assert (ada.mobile, ada.warnings) == (None, ())
    assert ada.password is not None
    assert ada.password.expose() == "p4ssword"
    assert isinstance(grace, bidden.InvalidRow)
    assert (grace.row, grace.line) == (2, 3)
    (found,) = grace.errors
    assert (found.field, found.column, found.reason, found.value) == ("email", "Mail", "has no @", "grace")
    assert isinstance(again, bidden.Candidate)
    assert [warning.reason for warning in again.warnings] == ["is the same candidate as row 1 (line 2)"]
    assert isinstance(alan, bidden.Candidate)
    assert alan.to_dict() == {"email": "alan@example.com", "name": "Turing, Alan"}
    assert isinstance(short, bidden.InvalidRow)
    assert [(found.field, found.reason) for found in short.errors] == [("row", "too few cells (2 of 5)")]
    for row in (ada, grace, again, alan, short):
        assert "example" not in repr(row)
        assert "p4ssword" not in repr(row)


def test_what_a_platform_requires_is_required(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("email\nada@example.com\n")
    assert isinstance(next(bidden.validate_csv(path)), bidden.Candidate)
    assert isinstance(next(bidden.validate_csv(path, bidden.Platform.IMOCHA)), bidden.InvalidRow)
    with pytest.raises(bidden.InvalidInputError, match="platform"):
        bidden.validate_csv(path, "moodle")


def test_rows_are_values(tmp_path: Path) -> None:
    first, second = checked(tmp_path), checked(tmp_path)
    assert first == second
    assert len({*first, *second}) == 5
    for row in first[1:]:
        assert pickle.loads(pickle.dumps(row)) == row
        assert copy.copy(row) is row
        assert copy.deepcopy(row) is row
    again = pickle.loads(pickle.dumps(first[1]))
    assert again.errors == first[1].errors  # type: ignore[union-attr]
    with pytest.raises(TypeError):
        pickle.dumps(first[0])  # it holds a password
    with pytest.raises(AttributeError):
        first[0].email = "x"  # type: ignore[misc, union-attr]
    match first[3], first[1]:
        case bidden.Candidate(email, name), bidden.InvalidRow(row=row, errors=[bidden.Finding(field, reason)]):
            assert (email, name, row, field, reason) == ("alan@example.com", "Turing, Alan", 2, "email", "has no @")
        case _:
            pytest.fail("nothing matched")


def test_rows_are_nothing_to_the_cyclic_collector(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("email,name\nada@example.com,Ada Lovelace\ngrace,Grace Hopper\n")
    rows = list(bidden.validate_csv(path))
    assert [type(row).__name__ for row in rows] == ["Candidate", "InvalidRow"]
    assert not any(gc.is_tracked(row) for row in rows)
    gc.collect()
    assert isinstance(rows[0], bidden.Candidate)
    assert rows[0].to_dict() == {"email": "ada@example.com", "name": "Ada Lovelace"}
    del rows
    gc.collect()


def test_rows_that_are_kept_stay_what_they_are_while_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    count = 60_000
    path.write_text("email,name\n" + "".join(f"person{n}@example.com,Person {n}\n" for n in range(1, count + 1)))
    kept = [row for row in bidden.validate_csv(path) if row.row % 9_973 == 0 or row.row == count]
    assert [(row.row, row.email, row.name) for row in kept if isinstance(row, bidden.Candidate)] == [
        (n, f"person{n}@example.com", f"Person {n}") for n in [*range(9_973, count, 9_973), count]
    ]


def test_what_was_checked_is_invited(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    good = [row for row in checked(tmp_path) if isinstance(row, bidden.Candidate)]
    outcomes = list(bidden.invite_many(sandbox.imocha(), 292930, good, ledger=None))
    assert [outcome.disposition for outcome in outcomes] == ["invited", "duplicate-row", "invited"]


def test_a_file_that_breaks_off_gives_its_rows_first(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text('email,name\nada@example.com,Ada\nalan@example.com,"Alan\n')
    rows = bidden.validate_csv(path)
    assert next(rows).row == 1
    with pytest.raises(bidden.InvalidInputError, match="line 3"):
        next(rows)
    with pytest.raises(StopIteration):
        next(rows)
    with pytest.raises(bidden.InvalidInputError, match="missing"):
        bidden.validate_csv(tmp_path / "missing.csv")


def test_a_workbook_names_its_cells(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "People"
    for cells in (["email", "name"], ["ada@example.com", "Ada"], ["grace", "Grace"]):
        book.active.append(cells)
    book.save(tmp_path / "list.xlsx")
    good, bad = bidden.validate_csv(tmp_path / "list.xlsx", sheet="People")
    assert isinstance(good, bidden.Candidate)
    assert isinstance(bad, bidden.InvalidRow)
    assert bad.errors[0].cell == "A3"


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_a_frame_gives_a_frame_of_findings(library: str) -> None:
    module = pytest.importorskip(library)
    columns = {"E-Mail": ["ada@example.com", "grace", None], "name": ["Ada", "Grace", "Nobody"]}
    frame = module.table(columns) if library == "pyarrow" else module.DataFrame(columns)
    found = bidden.validate_frame(frame, "imocha")
    assert type(found) is type(frame)
    plain = (
        found.to_dict("list")
        if library == "pandas"
        else found.to_dict(as_series=False)
        if library == "polars"
        else found.to_pydict()
    )
    assert plain["row"] == [2, 3]
    assert plain["field"] == ["email", "email"]
    assert plain["severity"] == ["error", "error"]
    assert plain["column"] == ["E-Mail", "E-Mail"]
    assert plain["reason"][0] == "has no @"
    assert len(bidden.validate_frame(frame.iloc[:1] if library == "pandas" else frame.slice(0, 1))) == 0
    with pytest.raises(TypeError):
        bidden.validate_frame([{"email": "ada"}])  # type: ignore[arg-type]


def test_memory_is_bounded_while_rows_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("w") as file:
        file.write("email,name\n")
        file.writelines(f"c{number}@example.com,Candidate {number}\n" for number in range(100_000))
    tracemalloc.start()
    assert sum(1 for row in bidden.validate_csv(path) if type(row) is bidden.Candidate) == 100_000
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000, most
