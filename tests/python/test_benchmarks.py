"""The page of the benchmarks: made of the kept results alone, a row for every target, a verdict that is computed."""

import copy
import importlib
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
page, targets, counts, cost = (importlib.import_module(name) for name in ("page", "targets", "counts", "cost"))
RESULTS = json.loads((ROOT / "docs" / "benchmarks.json").read_text())


def row_of(text: str, asks: str, target: str = "B1") -> str:
    (found,) = [line for line in text.splitlines() if line.startswith(f"| {target} | {asks} |")]
    return found


def test_the_committed_page_and_plot_are_made_of_the_committed_results() -> None:
    assert (ROOT / "docs" / "benchmarks.md").read_text() == page.page(RESULTS)
    assert (ROOT / "docs" / "benchmarks.svg").read_text() == page.plot(RESULTS)


def test_the_same_results_always_make_the_same_page() -> None:
    again = json.loads(json.dumps(RESULTS))
    assert page.page(again) == page.page(RESULTS)
    assert page.plot(again) == page.plot(RESULTS)


def test_every_target_has_its_rows_and_each_says_whether_it_is_met() -> None:
    text = page.page(RESULTS)
    rows = re.findall(r"^\| (B\d+) \|.*\| (met|\*\*NOT met\*\*|not measured) \|$", text, re.MULTILINE)
    assert [name for name, _ in rows] == [claim.target for claim in targets.CLAIMS]
    assert set(targets.WORKS) == {f"B{number}" for number in range(1, 11)} == {name for name, _ in rows}


def figure(better: str, *values: float, **more: list[float]) -> dict[str, Any]:
    return {
        "label": "it",
        "role": "ours",
        "unit": "rows/s",
        "better": better,
        "values": list(values),
        "note": "",
        **more,
    }


def measured(**figures: dict[str, Any]) -> dict[str, Any]:
    target = {"taken": "2026-01-01 00:00", "commit": "0000000", "load": 0.1, "syncs_per_second": 4000, "rounds": 1}
    whole = {**target, "seconds": 1, "note": "", "figures": figures, "skipped": []}
    machine = {"processor": "A", "cores": 2, "memory_gib": 8.0, "kernel": "Linux"}
    return {"machine": machine, "versions": {}, "targets": {"B1": whole}, "cost": {}}


def test_a_target_that_is_missed_is_said_to_be_missed() -> None:
    slow = measured(check=figure("more", 1e6, 2.4e6, 2.6e6, memory_mib=[10, 70, 10]), polars=figure("more", 2e6))
    text = page.page(slow)
    assert row_of(text, "≥ 2.5 M rows/s").endswith("| **NOT met** |")
    assert "2.4 M rows/s" in row_of(text, "≥ 2.5 M rows/s"), "the middle of the rounds"
    assert row_of(text, "memory ≤ 64 MiB").split("|")[1:4] == [" B1 ", " memory ≤ 64 MiB ", " 70 MiB "], (
        "the most of them"
    )
    assert row_of(text, "≥ 1 × polars by hand").split("|")[3] == " 1.2 × "
    assert row_of(text, "≥ 1 × polars by hand").endswith("| met |")
    assert row_of(text, "≥ 25 × pydantic with e-mail check", "B2").endswith("| not measured |")


def test_a_ratio_says_how_many_times_better_whichever_way_is_good() -> None:
    quick, slow = figure("less", 2.0), figure("less", 10.0)
    assert targets.times_better(quick, slow) == 5
    assert targets.times_better(figure("more", 10.0), figure("more", 2.0)) == 5


def test_a_peer_in_python_is_compared_with_python_and_a_limit_with_rust() -> None:
    peers = {"requests": figure("less", 300.0), "reqwest": figure("less", 300.0), "floor": figure("less", 1.0)}
    results = measured(rust=figure("less", 2.0), python=figure("less", 30.0), **peers)
    for key, role in {"requests": "peer", "reqwest": "peer", "floor": "limit"}.items():
        results["targets"]["B1"]["figures"][key] |= {"role": role, "label": key}
    lines = [line.split(" | ") for line in page.details("B1", results["targets"]["B1"]).splitlines()]
    found = {line[0]: line[3] for line in lines if len(line) > 3}
    assert {name: found[name] for name in ("| requests", "| reqwest", "| limit: floor")} == {
        "| requests": "10 × |",
        "| reqwest": "150 × |",
        "| limit: floor": "0.5 × |",
    }


def test_what_was_left_out_is_said_aloud() -> None:
    results = measured(check=figure("more", 1.0, memory_mib=[1]))
    results["targets"]["B1"]["skipped"] = ["wrk, one thread: Debian's package cannot be had here"]
    results["cost"]["B1"] = {
        **{"taken": "2026-01-01 00:00", "commit": "0000000", "load": 0.1, "note": ""},
        "points": [
            {"rows": 10_000, "check": 1e6, "memory_mib": 9.0},
            {"rows": 10_000_000, "missing": "not measured: too long"},
        ],
    }
    text = page.page(results)
    assert "**Not measured: wrk, one thread: Debian's package cannot be had here**" in text
    assert "| 10,000,000 | not measured: too long |" in text
    assert "not measured yet: `make bench-cost ONLY=B5`" in text


def test_the_plot_draws_what_was_measured_and_no_more() -> None:
    empty = page.plot(measured())
    assert empty.count("not measured yet") == len(cost.LINES)
    assert "<circle" not in empty
    results = copy.deepcopy(RESULTS)
    results["cost"] = {"B7": {"points": [{"rows": 10_000, "sandbox": 3e4}, {"rows": 1_000_000, "sandbox": 2e4}]}}
    assert page.plot(results).count('class="dot a"') == 3, "two points, and one beside the name"


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"sign": 1000, "decide": 50}, []),
        ({"sign": 1101, "decide": 50}, ["sign has grown by 10.1 %: 1000 instructions were kept, 1101 are found"]),
        ({"sign": 500, "decide": 50}, []),
        ({"sign": 1000}, ["decide is kept and is no longer counted"]),
        ({"sign": 1000, "decide": 50, "new": 1}, ["new has no count in benchmarks/counts.json"]),
    ],
)
def test_a_count_that_grows_by_more_than_a_tenth_is_named(found: dict[str, int], said: list[str]) -> None:
    assert counts.compared({"sign": 1000, "decide": 50}, found)[1] == said
