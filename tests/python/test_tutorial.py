"""The tutorial runs as it stands, and what it shows is what comes."""

from __future__ import annotations

import doctest

import pytest
from conftest import ROOT


def test_the_tutorial_runs() -> None:
    pytest.importorskip("polars")
    text = (ROOT / "docs" / "python.md").read_text("utf-8")
    cells = "\n".join(part.split("\n", 1)[1] for part in text.split("```")[1::2] if part.startswith("pycon\n"))
    tutorial = doctest.DocTestParser().get_doctest(cells, {}, "docs/python.md", None, 0)
    assert len(tutorial.examples) > 25, "hardly any cells were found"
    report: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(tutorial, out=report.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(report)
