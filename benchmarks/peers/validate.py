"""B1 and B2: a file of candidates into typed objects, and (row, column, reason) for each row that is not one.

The rules are the benchmark's: `name` required, at most 100 characters; `email` required, valid; `mobile` E.164 digits
with an optional `+`; `dob` an ISO date in the past; the rest optional. Each library is used as its documentation shows.
"""

from __future__ import annotations

import csv
import datetime
import re
import sys
import time
from collections.abc import Callable, Iterator
from typing import Annotated, Any

from common import report

LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
EMAIL = rf"^[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{LABEL}(?:\.{LABEL})+$"
MOBILE = r"^\+?[1-9][0-9]{6,14}$"
Bad = list[tuple[int, str, str]]


def with_pydantic(path: str, email: Any) -> tuple[int, Bad]:
    from pydantic import BaseModel, PastDate, StringConstraints, ValidationError

    class Candidate(BaseModel):
        name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
        email: email
        enrollment_number: str | None = None
        mobile: Annotated[str, StringConstraints(pattern=MOBILE)] | None = None
        gender: str | None = None
        dob: PastDate | None = None
        course_name: str | None = None
        extra1: str | None = None
        extra2: str | None = None
        extra3: str | None = None

    good, bad = 0, []
    with open(path, newline="") as file:
        for row, fields in enumerate(csv.DictReader(file), 1):
            try:
                Candidate.model_validate(fields)
                good += 1
            except ValidationError as error:
                bad += [(row, str(fault["loc"][0]), fault["msg"]) for fault in error.errors()]
    return good, bad


def pydantic_email(path: str) -> tuple[int, Bad]:
    from pydantic import EmailStr

    return with_pydantic(path, EmailStr)


def pydantic_regex(path: str) -> tuple[int, Bad]:
    from pydantic import StringConstraints

    # pydantic's own engine of regular expressions knows no look-around, and this one needs none.
    return with_pydantic(path, Annotated[str, StringConstraints(pattern=EMAIL)])


def with_marshmallow(path: str) -> tuple[int, Bad]:
    from marshmallow import Schema, ValidationError, fields, post_load, validate

    class Candidate:
        __slots__ = ("fields",)

        def __init__(self, fields: dict[str, Any]) -> None:
            self.fields = fields

    class CandidateSchema(Schema):
        name = fields.String(required=True, validate=validate.Length(min=1, max=100))
        email = fields.Email(required=True)
        enrollment_number = fields.String()
        mobile = fields.String(validate=validate.Regexp(MOBILE))
        gender = fields.String()
        dob = fields.Date(validate=validate.Range(max=TODAY, max_inclusive=False))
        course_name = fields.String()
        extra1 = fields.String()
        extra2 = fields.String()
        extra3 = fields.String()

        @post_load
        def make(self, data: dict[str, Any], **_: Any) -> Candidate:
            return Candidate(data)

    schema = CandidateSchema()
    good, bad = 0, []
    with open(path, newline="") as file:
        for row, cells in enumerate(csv.DictReader(file), 1):
            try:
                schema.load(cells)
                good += 1
            except ValidationError as error:
                bad += [(row, str(column), str(reasons)) for column, reasons in error.messages_dict.items()]
    return good, bad


TODAY = datetime.date(2026, 1, 1)


def by_hand(path: str) -> tuple[int, Bad]:
    """What a script does: `csv`, `re`, a class with slots."""

    class Candidate:
        __slots__ = ("cells", "email", "name")

        def __init__(self, name: str, email: str, cells: list[str]) -> None:
            self.name, self.email, self.cells = name, email, cells

    email_form, mobile_form, day = re.compile(EMAIL).match, re.compile(MOBILE).match, datetime.date.fromisoformat
    good, bad = 0, []
    with open(path, newline="") as file:
        reader = csv.reader(file)
        next(reader)
        for row, cells in enumerate(reader, 1):
            name, email, _, mobile, _, dob, _, _, _, _ = cells
            faults = []
            if not name or len(name) > 100:
                faults.append((row, "name", "is missing or too long"))
            if not email_form(email):
                faults.append((row, "email", "is no address"))
            if mobile and not mobile_form(mobile):
                faults.append((row, "mobile", "is no number"))
            if dob:
                try:
                    if day(dob) >= TODAY:
                        faults.append((row, "dob", "is not in the past"))
                except ValueError:
                    faults.append((row, "dob", "is no date"))
            if faults:
                bad += faults
            else:
                Candidate(name, email, cells)
                good += 1
    return good, bad


def with_polars(path: str) -> tuple[int, Bad]:
    """Expressions by hand: a table comes of it, no objects."""
    import polars as pl

    frame = pl.read_csv(path, infer_schema=False).with_row_index("row", 1)
    dob = pl.col("dob").str.to_date("%Y-%m-%d", strict=False)
    faults = {
        "name": ~pl.col("name").fill_null("").str.len_chars().is_between(1, 100),
        "email": ~pl.col("email").fill_null("").str.contains(EMAIL),
        "mobile": pl.col("mobile").is_not_null() & ~pl.col("mobile").str.contains(MOBILE),
        "dob": pl.col("dob").is_not_null() & (dob.is_null() | (dob >= TODAY)),
    }
    checked = frame.with_columns(**{f"bad_{name}": fault for name, fault in faults.items()}, dob=dob)
    any_bad = pl.any_horizontal(*(f"bad_{name}" for name in faults))
    good = checked.filter(~any_bad)
    bad: Bad = []
    for name in faults:
        bad += [(row, name, "is not as it should be") for row in checked.filter(pl.col(f"bad_{name}"))["row"]]
    return good.height, bad


def with_pandera(path: str) -> tuple[int, Bad]:
    """A lazy validation of the frame, the bad rows taken out, a named tuple for each of the others."""
    import pandera.polars as pa
    import polars as pl
    from pandera.errors import SchemaErrors

    class Candidates(pa.DataFrameModel):
        name: str = pa.Field(str_length={"min_value": 1, "max_value": 100})
        email: str = pa.Field(str_matches=EMAIL)
        enrollment_number: str = pa.Field(nullable=True)
        mobile: str = pa.Field(nullable=True, str_matches=MOBILE)
        gender: str = pa.Field(nullable=True)
        dob: datetime.date = pa.Field(nullable=True, lt=TODAY)
        course_name: str = pa.Field(nullable=True)
        extra1: str = pa.Field(nullable=True)
        extra2: str = pa.Field(nullable=True)
        extra3: str = pa.Field(nullable=True)

    frame = pl.read_csv(path, infer_schema=False).with_columns(pl.col("dob").str.to_date("%Y-%m-%d"))
    bad: Bad = []
    try:
        Candidates.validate(frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        bad = list(
            zip((cases["index"] + 1).to_list(), cases["column"].to_list(), cases["check"].to_list(), strict=True)
        )
    wrong = {row - 1 for row, _, _ in bad}
    index = pl.Series([row for row in range(frame.height) if row not in wrong], dtype=pl.UInt32)
    candidates: Iterator[Any] = named(frame[index])
    return sum(1 for _ in candidates), bad


def named(frame: Any) -> Iterator[Any]:
    import collections

    candidate = collections.namedtuple("candidate", frame.columns)  # type: ignore[misc]  # the columns are the file's
    return map(candidate._make, frame.iter_rows())


PROGRAMS: dict[str, Callable[[str], tuple[int, Bad]]] = {
    "pydantic-email": pydantic_email,
    "pydantic-regex": pydantic_regex,
    "marshmallow": with_marshmallow,
    "by-hand": by_hand,
    "polars": with_polars,
    "pandera": with_pandera,
}


def main() -> None:
    name, path, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
    # The import is no part of the work; B9 measures it.
    if name.startswith("pydantic"):
        import pydantic  # noqa: F401
    elif name == "pandera":
        import pandera.polars  # noqa: F401
    elif name in ("polars", "marshmallow"):
        __import__(name)
    began = time.perf_counter()
    good, bad = PROGRAMS[name](path)
    seconds = time.perf_counter() - began
    assert good + len({row for row, _, _ in bad}) == rows, (good, len(bad), rows)
    report(rows, seconds, bad=len({row for row, _, _ in bad}))


if __name__ == "__main__":
    main()
