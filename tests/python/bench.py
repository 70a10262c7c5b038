"""The speed of the Python package beside what people would pick instead, in one run.

`target/python/venv/bin/python tests/python/bench.py`, after `tests/python/run` has installed the release wheel there.
No timed test: it prints.
"""

from __future__ import annotations

import gc
import importlib.util
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import bidden

ROWS = 300_000
CALLS = 20_000


def best(count: int, work: Callable[[], object], turns: int = 5) -> float:
    """Seconds of one run, the smallest of some batches."""
    times = []
    for _ in range(turns):
        began = time.perf_counter()
        for _ in range(count):
            work()
        times.append((time.perf_counter() - began) / count)
    return min(times)


def took(work: Callable[[], object]) -> float:
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def b2(folder: Path) -> None:
    path = folder / "list.csv"
    with path.open("w") as file:
        file.write("name,email,enrollment_number,mobile,gender,dob,course_name,extra1,extra2,extra3\n")
        for row in range(ROWS):
            at = "." if row % 100 == 7 else "@"
            person = f"Person Number {row},person{row}{at}example.com,GW{row}"
            file.write(f"{person},+4917{row:08},female,1990-01-1{row % 10},C,a,b,c\n")

    def dropped() -> None:
        for _ in bidden.validate_csv(path):
            pass

    iterated, kept = (
        min(took(dropped) for _ in range(3)),
        min(took(lambda: list(bidden.validate_csv(path))) for _ in range(3)),
    )
    print(f"B2  validate_csv, iterated            {ROWS / iterated / 1e6:.2f} M rows/s  (target 2)")
    print(f"B2  validate_csv, kept in a list      {ROWS / kept / 1e6:.2f} M rows/s  (target 0.8)")
    if importlib.util.find_spec("pydantic") and importlib.util.find_spec("email_validator"):
        import csv

        from pydantic import BaseModel, EmailStr, ValidationError

        class Row(BaseModel):
            name: str
            email: EmailStr

        def peer() -> None:
            with path.open(newline="") as file:
                for number, row in enumerate(csv.DictReader(file)):
                    if number == ROWS // 10:
                        return
                    with suppress(ValidationError):
                        Row.model_validate(row)

        seconds = took(peer) * 10
        times = seconds / iterated
        print(f"B2  pydantic with e-mail check        {ROWS / seconds / 1e6:.3f} M rows/s, ours is {times:.0f} x")


def b3() -> None:
    import requests

    client = bidden.IMocha(api_key="sandbox-key", base_url="http://127.0.0.1:8787")
    ours = best(
        20_000, lambda: client.request("imocha.invite", test_id=1, email="ada@example.com", name="Ada Lovelace")
    )
    body = {"email": "ada@example.com", "name": "Ada Lovelace", "sendEmail": "no"}

    def theirs() -> None:
        requests.Request(
            "POST", "http://127.0.0.1:8787/v3/tests/1/invite", json=body, headers={"X-API-KEY": "sandbox-key"}
        ).prepare()

    peer = best(2_000, theirs)
    print(f"B3  encode and authorize              {ours * 1e6:.2f} µs  (target 1.5)")
    print(f"B3  requests                          {peer * 1e6:.0f} µs, ours is {peer / ours:.0f} x")


def b4(folder: Path) -> None:
    import requests

    people = [{"email": f"c{number}@example.com", "name": "Candidate"} for number in range(CALLS)]
    with bidden.Sandbox() as sandbox:
        client = sandbox.imocha()
        for name, place in (("without a record", None), ("with a ledger", folder / "ledger.db")):
            seconds = took(lambda: bidden.invite_many(client, 1, people, ledger=place, concurrency=32).run())  # noqa: B023
            print(f"B4  invite_many, {name:<20} {CALLS / seconds:.0f} calls/s against the sandbox")
        session = requests.Session()

        def one(person: dict[str, str]) -> None:
            session.post(
                f"{sandbox.url}/v3/tests/2/invite", json=person, headers={"X-API-KEY": "sandbox-key"}
            ).raise_for_status()

        def peer() -> None:
            with ThreadPoolExecutor(16) as pool:
                list(pool.map(one, people[:2000]))

        seconds = took(peer)
        print(f"B4  requests with 16 threads             {2000 / seconds:.0f} calls/s against the sandbox")


def b8() -> None:
    window = bidden.AccessWindow(end=1_900_000_000)
    one = best(200_000, lambda: bidden.decide("imocha", "pending", "start", window, 1_700_000_000))
    nothing = best(200_000, lambda: None)
    print(f"B8  one decision                      {(one - nothing) * 1e6:.2f} µs  (target 0.2)")


def b9() -> None:
    def seconds(program: str) -> float:
        return min(took(lambda: subprocess.run([sys.executable, "-I", "-c", program], check=True)) for _ in range(15))

    empty = seconds("pass")
    for module in ("bidden", "requests"):
        print(f"B9  import {module:<27}{(seconds(f'import {module}') - empty) * 1000:.1f} ms  (target 15)")


def leaks() -> None:
    """A million calls and a million rows: what stays."""

    def resident() -> int:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize() // 1024

    client = bidden.IMocha(api_key="sandbox-key", base_url="http://127.0.0.1:8787")
    rows = [{"email": "ada@example.com", "name": "Ada"}] * 1000

    def work(times: int) -> None:
        for _ in range(times):
            client.request("imocha.invite", test_id=1, email="ada@example.com", name="Ada")
            bidden.decide("imocha", "pending", "start")
        for _ in range(times // 1000):
            for _ in bidden.validate(rows):
                pass

    work(100_000)
    gc.collect()
    before = resident()
    work(1_000_000)
    gc.collect()
    print(f"    a million calls and rows          {resident() - before} KiB more than before  (nothing leaks)")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        wanted = sys.argv[1:]
        for name, work in (
            ("B2", lambda: b2(Path(folder))),
            ("B3", b3),
            ("B4", lambda: b4(Path(folder))),
            ("B8", b8),
            ("B9", b9),
            ("leaks", leaks),
        ):
            if not wanted or name in wanted:
                work()


if __name__ == "__main__":
    main()
