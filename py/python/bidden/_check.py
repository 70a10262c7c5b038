"""Files and frames of candidates, checked before anything is sent."""

from __future__ import annotations

import sys

from . import _bidden
from ._many import _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from os import PathLike
    from typing import Any

    from ._bidden import Candidate, InvalidRow, _Moment
    from ._many import _Frame


def validate_csv(
    path: str | PathLike[str],
    platform: str | None = None,
    /,
    *,
    sheet: str | None = None,
    map: Mapping[str, str] | None = None,  # noqa: A002
    today: _Moment | None = None,
    strict: bool = False,
) -> Iterator[Candidate | InvalidRow]:
    r"""Check a CSV, TSV, XLSX or JSON Lines file while it is read: a `Candidate` or an `InvalidRow` for each row.

    With a `platform`, what its call requires is required. `today` decides whether a date of birth lies in the past,
    `map` names the field of a column whose header does not say it, `sheet` the sheet of a workbook. Columns that hold
    no field of a candidate are passed over. The same candidate twice is a warning; `strict` counts warnings as errors.

    Raises `InvalidInputError` for a file that cannot be used, and where it breaks off, after the rows before.

    >>> import bidden, pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "list.csv")
    ...     _ = path.write_text("email,name\nada@example.com,Ada Lovelace\ngrace,Grace Hopper\n")
    ...     good, bad = bidden.validate_csv(path, "imocha")
    >>> good.email, [(finding.column, finding.reason) for finding in bad.errors]
    ('ada@example.com', [('email', 'has no @')])
    """
    return _bidden.validate_rows(_rows(path, sheet, map), platform, today, strict)


def validate_frame(
    frame: _Frame,
    platform: str | None = None,
    /,
    *,
    map: Mapping[str, str] | None = None,  # noqa: A002
    today: _Moment | None = None,
    strict: bool = False,
) -> Any:  # noqa: ANN401
    """Check a pandas or polars frame, and return the findings as a frame of the same library.

    Its columns are `row` (from 1), `severity` (`error` or `warning`), `field`, `column`, `reason` and `value` (None for
    a secret). A frame of any other library that speaks Arrow's C stream interface gives a dict of such columns.
    `strict` counts warnings as errors.

    >>> import bidden
    >>> polars = __import__("polars")
    >>> frame = polars.DataFrame({"email": ["ada@example.com", "grace"], "name": ["Ada Lovelace", "Grace Hopper"]})
    >>> bidden.validate_frame(frame).select("row", "reason").rows()
    [(2, 'has no @')]
    """
    if not hasattr(frame, "__arrow_c_stream__"):
        raise TypeError(f"a frame that speaks Arrow's C stream interface is expected, not a {type(frame).__name__}")
    findings = _bidden.validate_rows(_rows(frame, None, map), platform, today, strict).findings()
    library = type(frame).__module__.partition(".")[0]
    module: Any = sys.modules.get(library)
    if library == "pyarrow":
        return module.table(findings)
    if library in ("pandas", "polars"):
        return module.DataFrame(findings)
    return findings


for _item in (validate_csv, validate_frame):
    _item.__module__ = "bidden"
del _item
