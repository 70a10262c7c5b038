"""What every program of Python does at its end: it says its time and its memory as a line of JSON."""

from __future__ import annotations

import gc
import json
import re
import time
from collections.abc import Callable
from pathlib import Path


def high_water_mib() -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def report(rows: int, seconds: float, **more: object) -> None:
    print(json.dumps({"rows": rows, "seconds": seconds, "memory_mib": high_water_mib(), **more}))


def each(count: int, work: Callable[[], object], batches: int = 5) -> float:
    """Seconds of one run, the smallest of some batches, less what a call of nothing takes in the same loop."""

    def nothing() -> None:
        return None

    def smallest(run: Callable[[], object]) -> float:
        times = []
        for _ in range(batches):
            gc.collect()
            began = time.perf_counter()
            for _ in range(count):
                run()
            times.append((time.perf_counter() - began) / count)
        return min(times)

    return smallest(work) - smallest(nothing)
