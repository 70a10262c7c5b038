"""`make bench-count`: instructions of each piece of work, by callgrind, held against those that are committed.

A time on a shared machine moves by tens of per cent, a count by hundredths: a regression is seen here. What one piece
takes is the difference between many and few of it, divided: the start of the program falls out. The counts are of one
compiler and one C library (valgrind shows every program the same processor): after a change of either they are written
again with `make bench-count WRITE=1`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from measure import ROOT, TARGET, environment, first_line

KEPT = ROOT / "benchmarks" / "counts.json"
FEW, MANY = 10, 110
# How much a count may grow before it is a regression, in per cent.
ALLOWED = 10.0


def count(program: Path, name: str, times: int) -> int:
    words = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", str(program), name, str(times)]
    ran = subprocess.run(words, capture_output=True, text=True, check=False, env=environment())
    found = re.search(r"Collected : (\d+)", ran.stderr)
    if ran.returncode != 0 or found is None:
        raise SystemExit(f"{name}: callgrind ended with {ran.returncode}\n{ran.stderr[-2000:]}")
    return int(found[1])


def compared(kept: dict[str, int], found: dict[str, int]) -> tuple[list[str], list[str]]:
    """Lines of a table, and what has grown by more than is allowed, or is not kept."""
    lines, grown = [], []
    for name, instructions in found.items():
        before = kept.get(name)
        if before is None:
            lines.append(f"{name:<28}{instructions:>10}  not kept yet")
            grown.append(f"{name} has no count in benchmarks/counts.json")
            continue
        change = (instructions - before) / before * 100
        lines.append(f"{name:<28}{instructions:>10}  {change:+.1f} %")
        if change > ALLOWED:
            grown.append(
                f"{name} has grown by {change:.1f} %: {before} instructions were kept, {instructions} are found"
            )
    grown += [f"{name} is kept and is no longer counted" for name in kept if name not in found]
    return lines, grown


def main() -> None:
    program = TARGET / "release" / "examples" / "count"
    names = subprocess.run([program], capture_output=True, text=True, check=True).stdout.split()
    found = {name: round((count(program, name, MANY) - count(program, name, FEW)) / (MANY - FEW)) for name in names}
    compiler = first_line("rustc", "--version")
    if "--write" in sys.argv:
        KEPT.write_text(json.dumps({"rustc": compiler, "instructions": found}, indent=2) + "\n")
        print(f"{len(found)} counts are written")
        return
    kept = json.loads(KEPT.read_text())
    lines, grown = compared(kept["instructions"], found)
    print("\n".join(lines))
    if kept["rustc"] != compiler:
        print(f"the counts that are kept are of {kept['rustc']}, this is {compiler}")
    if grown:
        raise SystemExit("\n".join(grown))
    print(f"{len(found)} counts, none has grown by more than {ALLOWED:.0f} %")


if __name__ == "__main__":
    main()
