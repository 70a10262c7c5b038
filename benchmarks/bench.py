"""`make bench`: measures, keeps the results as JSON, and makes the page of them.

benchmarks/run                      every target, in full
benchmarks/run B5 B6                some of them; the others stay as they were
benchmarks/run --quick              in a few minutes, beside the page: target/bench/quick.md
benchmarks/run --cost [B1 …]        cost as work grows; --most N leaves out what is longer
benchmarks/run --page               only makes the page again, from the results that are kept
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from pathlib import Path

import cost
import measure
import page
import programs
from measure import DATA, HOME, ROOT, Record, say
from targets import WORKS

RESULTS = ROOT / "docs" / "benchmarks.json"


def read(path: Path) -> Record:
    if path.exists():
        found: Record = json.loads(path.read_text())
        return found
    return {"machine": {}, "versions": {}, "targets": {}, "cost": {}}


def write(path: Path, results: Record) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="*", help="the targets, e.g. B5 B6; all without")
    parser.add_argument("--quick", action="store_true", help="smaller and once")
    parser.add_argument("--cost", action="store_true", help="cost as work grows, instead of the targets")
    parser.add_argument("--most", type=int, default=cost.SIZES[-1], help="the longest of --cost, and of B6 and B7")
    parser.add_argument("--rounds", type=int, help="how often each is run in turn")
    parser.add_argument("--note", default="", help="a word on the machine for the page, e.g. that others used it")
    parser.add_argument("--no-build", action="store_true", help="measures what is built already")
    parser.add_argument("--page", action="store_true", help="only the page")
    found = parser.parse_args()
    known = set(cost.PROGRAMS) if found.cost else set(programs.PROGRAMS)
    if unknown := set(found.only) - known:
        parser.error(f"{', '.join(sorted(unknown))}: the targets are {', '.join(sorted(known))}")
    return found


def targets(results: Record, path: Path, size: programs.Size, only: list[str], note: str) -> None:
    for name, program in programs.PROGRAMS.items():
        if only and name not in only:
            continue
        say(f"{name}: {WORKS.get(name, 'what stays in memory')}")
        programs.fresh()
        began = time.monotonic()
        moment = measure.moment()
        found = programs.Figures()
        try:
            program(found, size)
        except Exception as error:
            # One target that cannot be measured says so on the page, and does not cost the others their figures.
            found.skip("the rest of this target", error)
        seconds = round(time.monotonic() - began)
        results["targets"][name] = {
            **moment,
            "note": note,
            "rounds": size.rounds,
            "seconds": seconds,
            "figures": found.figures,
            "skipped": found.skipped,
        }
        say(f"{name}: {seconds} s")
        write(path, results)
    shutil.rmtree(DATA, ignore_errors=True)


def main() -> None:
    asked = arguments()
    path, folder = (HOME / "quick.json", HOME) if asked.quick else (RESULTS, RESULTS.parent)
    results = read(path)
    if not asked.page:
        if not asked.no_build:
            programs.build()
        programs.fresh()
        machine = measure.machine()
        whole = not asked.only and not asked.cost
        if results["targets"] and results["machine"] != machine and not whole and not asked.quick:
            raise SystemExit("the results that are kept are of another machine: run all targets")
        if results["machine"] != machine:
            results = {"machine": machine, "versions": {}, "targets": {}, "cost": {}}
        results["machine"], results["versions"] = machine, measure.versions()
        if asked.cost:
            for name in asked.only or cost.PROGRAMS:
                moment = {**measure.moment(), "note": asked.note}
                results["cost"][name] = {**moment, "points": cost.measure(name, asked.most, programs.fresh)}
                write(path, results)
            shutil.rmtree(DATA, ignore_errors=True)
        else:
            size = programs.Size.quick() if asked.quick else programs.Size()
            size.rounds = asked.rounds or size.rounds
            size.grown_rows, size.stored = min(size.grown_rows, asked.most), min(size.stored, asked.most)
            targets(results, path, size, asked.only, asked.note)
    written = page.write(results, folder, "quick.md" if asked.quick else "benchmarks.md")
    if asked.quick:
        print(page.verdicts(results))
    say(f"written: {', '.join(str(one.relative_to(ROOT)) for one in written)}")


if __name__ == "__main__":
    main()
