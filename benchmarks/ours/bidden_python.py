"""bidden's own side in Python: `bidden_python.py PROGRAM ARGUMENTS` prints one line of JSON."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path

import bidden

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "peers"))
from common import each, high_water_mib, report

NOW = 1_700_000_000


def iterated(path: str) -> None:
    """B2: one object for each good row, dropped at once."""
    good = bad = 0
    began = time.perf_counter()
    for row in bidden.validate_csv(path, "think-exam", today=NOW):
        if isinstance(row, bidden.Candidate):
            good += 1
        else:
            bad += 1
    report(good + bad, time.perf_counter() - began, bad=bad)


def kept(path: str) -> None:
    """B2: all of them kept in a list."""
    began = time.perf_counter()
    rows = list(bidden.validate_csv(path, "think-exam", today=NOW))
    report(len(rows), time.perf_counter() - began)


def encode(times: str) -> None:
    """B3: one request, with its body and its key."""
    client = bidden.IMocha(api_key="sandbox-key", base_url="http://127.0.0.1:8787")

    def work() -> object:
        return client.request("imocha.invite", test_id=292930, email="ada@example.com", name="Ada Lovelace")

    report(1, each(int(times), work))


def call(url: str, calls: str, callers: str) -> None:
    """B4: many invitations without a record."""
    # No list: its memory would be counted as ours.
    people = ({"email": f"person{number}@example.com", "name": "Ada Lovelace"} for number in range(int(calls)))
    client = bidden.IMocha(api_key="sandbox-key", base_url=url)
    began = time.perf_counter()
    summary = bidden.invite_many(client, 292930, people, ledger=None, concurrency=int(callers)).run()
    seconds = time.perf_counter() - began
    assert summary.rows == int(calls)
    report(summary.rows, seconds)


def decide(times: str) -> None:
    """B8: one decision, in a window."""
    window = bidden.AccessWindow(end=1_900_000_000)
    report(1, each(int(times), lambda: bidden.decide("imocha", "pending", "start", window, NOW)))


def leaks(times: str) -> None:
    """Requests, decisions and validated rows: what stays of them in memory, in KiB."""

    def resident() -> float:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * 4.0

    client = bidden.IMocha(api_key="sandbox-key", base_url="http://127.0.0.1:8787")
    rows = [{"email": "ada@example.com", "name": "Ada"}] * 1000

    def work(count: int) -> None:
        for _ in range(count):
            client.request("imocha.invite", test_id=1, email="ada@example.com", name="Ada")
            bidden.decide("imocha", "pending", "start")
        for _ in range(count // 1000):
            for _ in bidden.validate(rows):
                pass

    count = int(times)
    work(count // 10)
    gc.collect()
    before = resident()
    began = time.perf_counter()
    work(count)
    seconds = time.perf_counter() - began
    gc.collect()
    report(count, seconds, more_kib=resident() - before, most=high_water_mib())


def main() -> None:
    programs: dict[str, Callable[..., None]] = {
        "iterated": iterated,
        "kept": kept,
        "encode": encode,
        "call": call,
        "decide": decide,
        "leaks": leaks,
    }
    programs[sys.argv[1]](*sys.argv[2:])


if __name__ == "__main__":
    main()
