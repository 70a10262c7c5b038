"""Cost as work grows: the same work at ten thousand, a hundred thousand, a million and ten million rows."""

from __future__ import annotations

from collections.abc import Callable

from measure import DATA, HOME, OURS, Record, native, run, say, server
from programs import PLATFORM, bidden, candidates, check, drop_sandbox, forget, load, people, sandbox, significant

SIZES = [10_000, 100_000, 1_000_000, 10_000_000]

# What is drawn: the name of each line, its unit, and which way is good.
LINES = {
    "B1": {"check": "`bidden check`, rows/s"},
    "B5": {"invite": "`bidden invite` through the ledger, rows/s"},
    "B6": {
        "plan-new": "plan of 10,000 into a ledger of as many, rows/s",
        "plan": "plan of as many into an empty ledger, rows/s",
        "resume": "resume of a finished run of as many, s",
        "status": "status of a ledger that holds as many, s",
    },
    "B7": {"sandbox": "calls/s with as many invitations stored"},
}


def b1(rows: int) -> Record:
    bad = candidates(DATA / "people.csv", rows)
    ran = check(DATA / "people.csv", bad)
    return {"check": rows / ran.seconds, "memory_mib": ran.memory_mib}


def b5(rows: int) -> Record:
    people(DATA / "people.csv", 0, rows)
    forget()
    with server([HOME / "native/release/native", "serve"]) as platform:
        words = ["--base-url", platform.url, "--yes", "--concurrency", 32, "--json", "--quiet"]
        ran = bidden("invite", "people.csv", *PLATFORM, *words)
    return {"invite": rows / ran.seconds, "memory_mib": ran.memory_mib}


def b6(rows: int) -> Record:
    """A run of as many rows is put into the record by the record's own path; sending them is B5's."""
    forget()
    with server([HOME / "native/release/native", "serve"]) as platform:

        def plan(count: int) -> tuple[float, float]:
            ran = bidden("plan", "people.csv", *PLATFORM, "--base-url", platform.url, "-o", "plan.jsonl", "--quiet")
            return count / ran.seconds, ran.memory_mib

        people(DATA / "people.csv", 0, rows)
        empty, memory = plan(rows)
        forget()
        run([OURS, "fill", DATA / "ledger.db", platform.url, 0, rows])
        people(DATA / "people.csv", 0, rows)
        # All are known, but by other terms than these: the run sends each once, without mail. Measured is its resume.
        plan(rows)
        bidden("apply", "plan.jsonl", "--yes", "--quiet")
        resume = bidden("apply", "plan.jsonl", "--yes", "--quiet")
        status = bidden("status", "--json")
        people(DATA / "people.csv", rows, 10_000)
        grown, more = plan(10_000)
    most = max(memory, more, resume.memory_mib, status.memory_mib)
    return {"plan-new": grown, "plan": empty, "resume": resume.seconds, "status": status.seconds, "memory_mib": most}


def b7(rows: int) -> Record:
    drop_sandbox()
    with sandbox("kill") as started:
        native("fill", started.address, 32, rows, 0)
        told = load(started, 5, rows)
        return {
            "sandbox": told["calls"] / told["seconds"],
            "p99_ms": told["p99_us"] / 1e3,
            "memory_mib": started.memory_mib(),
        }


PROGRAMS: dict[str, Callable[[int], Record]] = {"B1": b1, "B5": b5, "B6": b6, "B7": b7}


def measure(target: str, most: int, fresh: Callable[[], None]) -> list[Record]:
    points: list[Record] = []
    for rows in SIZES:
        if rows > most:
            # Told and not left out: a line that ends early looks like one that is flat.
            points.append({"rows": rows, "missing": f"not measured: this run was told to end at {most:,} rows"})
            continue
        say(f"{target} at {rows:,} rows")
        fresh()
        try:
            found = PROGRAMS[target](rows)
        except Exception as error:
            say(f"SKIPPED: {error}")
            points.append({"rows": rows, "missing": f"not measured: {str(error).strip().splitlines()[-1]}"})
            continue
        points.append({"rows": rows, **{name: significant(value) for name, value in found.items()}})
    fresh()
    return points
