"""One program for each target: the peers and ourselves in turn, as many rounds as asked, and nothing left behind."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from measure import (
    COMMAND,
    DATA,
    HOME,
    LEAN,
    OURS,
    ROOT,
    TARGET,
    Ran,
    Record,
    Server,
    free_port,
    native,
    python,
    run,
    say,
    script,
    server,
)

HEADER = "name,email,enrollment_number,mobile,gender,dob,course_name,extra1,extra2,extra3"
PLATFORM = ["--on", "imocha", "--test", "292930"]


# What B6 and B7 speak of: a figure of less is shown, and no target is judged by it.
GROWN_ROWS, STORED = 10_000_000, 5_000_000


@dataclass
class Size:
    """How much of everything: the full form, or the quick one."""

    rounds: int = 3
    rows: int = 1_000_000
    # For who does some ten thousand in a second.
    slow_rows: int = 100_000
    calls: int = 200_000
    slow_calls: int = 6_000
    ledger_rows: int = 100_000
    plan_rows: int = 1_000_000
    grown_rows: int = GROWN_ROWS
    seconds: int = 5
    stored: int = STORED
    starts: int = 15

    @classmethod
    def quick(cls) -> Size:
        return cls(
            rounds=1,
            rows=200_000,
            slow_rows=10_000,
            calls=30_000,
            slow_calls=2_000,
            ledger_rows=10_000,
            plan_rows=50_000,
            grown_rows=200_000,
            seconds=2,
            stored=50_000,
            starts=5,
        )


@dataclass
class Figures:
    """What one target's program has found."""

    figures: dict[str, Record] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)

    def add(
        self, key: str, label: str, role: str, unit: str, better: str, value: float, note: str = "", **more: float
    ) -> None:
        """Take the value of one round. `role` is ours, peer or limit; `better` is more or less."""
        found = self.figures.setdefault(
            key, {"label": label, "role": role, "unit": unit, "better": better, "values": [], "note": note}
        )
        found["values"].append(significant(value))
        for name, number in more.items():
            # A process that was over before anybody looked has no memory to tell of.
            if number:
                found.setdefault(name, []).append(significant(number))

    def skip(self, what: str, why: object) -> None:
        line = f"{what}: {str(why).strip().splitlines()[-1] if str(why).strip() else 'no word'}"
        if line not in self.skipped:
            say(f"SKIPPED {line}")
            self.skipped.append(line)

    @contextmanager
    def peer(self, what: str) -> Iterator[None]:
        """A peer that cannot run is left out, loudly; the others go on."""
        try:
            yield
        except Exception as error:
            self.skip(what, error)


def significant(value: float) -> float:
    """Four digits: more would be noise, and the file of results is read by people."""
    return float(f"{value:.4g}")


def fresh() -> None:
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir(parents=True)


def candidates(path: Path, rows: int) -> int:
    """B1's list: one row in a hundred is bad, by one of four faults in turn. Returns how many are."""
    bad = 0
    with path.open("w") as file:
        file.write(HEADER + "\n")
        for row in range(rows):
            name, at, mobile, dob = f"Person Number {row}", "@", f"+4917{row:08}", f"1990-01-1{row % 10}"
            if row % 100 == 7:
                fault = bad % 4
                bad += 1
                name = "" if fault == 0 else name
                at = "." if fault == 1 else at
                mobile = f"{mobile}x" if fault == 2 else mobile
                dob = "2999-01-01" if fault == 3 else dob
            file.write(f"{name},person{row}{at}example.com,GW{row},{mobile},female,{dob},C,a,b,c\n")
    return bad


def people(path: Path, first: int, rows: int) -> None:
    with path.open("w") as file:
        file.write("name,email\n")
        file.writelines(f"Ada Lovelace,person{number}@example.com\n" for number in range(first, first + rows))


def check(path: Path, bad: int) -> Ran:
    with (DATA / "findings").open("wb") as output:
        ran = run([COMMAND, "check", "--on", "think-exam", "--strict", "--json", path], output=output, good=(1,))
    with (DATA / "findings").open() as findings:
        found = sum(1 for line in findings if '"row"' in line)
    if found != bad:
        raise AssertionError(f"{found} bad rows are found, and there are {bad}")
    return ran


PEERS_OF_B1 = {
    "polars": "polars, expressions by hand, a table only",
    "pandera": "pandera on polars, with objects",
    "by-hand": "Python by hand: csv, re, a class",
    "pydantic-regex": "pydantic, e-mail by a regular expression",
    "pydantic-email": "pydantic with EmailStr",
    "marshmallow": "marshmallow",
}
FAST = {"polars", "pandera"}


def validate_peers(found: Figures, names: dict[str, str], size: Size, files: dict[int, Path]) -> None:
    for key, label in names.items():
        rows = size.rows if key in FAST else size.slow_rows
        with found.peer(label):
            ran = script("peers/validate.py", key, files[rows], rows).report()
            rate = rows / ran["seconds"]
            found.add(key, label, "peer", "rows/s", "more", rate, f"{rows:,} rows", memory_mib=ran["memory_mib"])


def b1(found: Figures, size: Size) -> None:
    files = {rows: DATA / f"{rows}.csv" for rows in (size.slow_rows, size.rows)}
    bad = 0
    for rows, path in files.items():
        bad = candidates(path, rows)
    rows = size.rows
    for _ in range(size.rounds):
        ran = check(files[rows], bad)
        found.add(
            "check",
            "`bidden check`",
            "ours",
            "rows/s",
            "more",
            rows / ran.seconds,
            f"{rows:,} rows",
            memory_mib=ran.memory_mib,
        )
        alone = run([OURS, "validate", files[rows]]).report()
        label = "the crate's `validate`, one thread, rows in memory"
        found.add("rust", label, "ours", "rows/s", "more", rows / alone["seconds"], f"{rows:,} rows")
        validate_peers(found, PEERS_OF_B1, size, files)
        for key, label in (
            ("csv-records", "csv crate, raw records, one thread"),
            ("csv-structs", "csv crate with serde, a struct of texts each"),
        ):
            floor = native(key, files[rows]).report()
            found.add(key, label, "limit", "rows/s", "more", rows / floor["seconds"], f"{rows:,} rows")
    long = DATA / "long.csv"
    ran = check(long, candidates(long, size.grown_rows))
    long.unlink()
    key = "check-long" if size.grown_rows == GROWN_ROWS else "check-long-less"
    label, note = "`bidden check`, a longer list", f"{size.grown_rows:,} rows"
    found.add(key, label, "ours", "rows/s", "more", size.grown_rows / ran.seconds, note, memory_mib=ran.memory_mib)


def b2(found: Figures, size: Size) -> None:
    files = {rows: DATA / f"{rows}.csv" for rows in (size.slow_rows, size.rows)}
    for rows, path in files.items():
        candidates(path, rows)
    rows = size.rows
    # A tenth as long, to see whether memory grows with the length.
    candidates(DATA / "tenth.csv", rows // 10)
    for _ in range(size.rounds):
        ran = script("ours/bidden_python.py", "iterated", files[rows]).report()
        tenth = script("ours/bidden_python.py", "iterated", DATA / "tenth.csv").report()
        found.add(
            "iterated",
            "`validate_csv`, iterated and dropped",
            "ours",
            "rows/s",
            "more",
            rows / ran["seconds"],
            f"{rows:,} rows",
            memory_mib=ran["memory_mib"],
            memory_growth=ran["memory_mib"] / tenth["memory_mib"],
        )
        ran = script("ours/bidden_python.py", "kept", files[rows]).report()
        rate = rows / ran["seconds"]
        label = "`validate_csv`, kept in a list"
        found.add("kept", label, "ours", "rows/s", "more", rate, f"{rows:,} rows", memory_mib=ran["memory_mib"])
        validate_peers(found, PEERS_OF_B1, size, files)


def b3(found: Figures, size: Size) -> None:
    for _ in range(size.rounds):
        found.add("rust", "Rust", "ours", "µs", "less", run([OURS, "encode"]).report()["nanoseconds"] / 1e3)
        ran = script("ours/bidden_python.py", "encode", 20_000).report()
        found.add("python", "Python", "ours", "µs", "less", ran["seconds"] * 1e6)
        for key, label in (
            ("requests", "requests, a prepared request"),
            ("requests-hmac", "requests and hmac, signed"),
            ("httpx", "httpx, a built request"),
            ("orjson-hmac", "orjson and hmac, body and signature alone"),
        ):
            with found.peer(label):
                ran = script("peers/encode.py", key, 3_000).report()
                found.add(key, label, "peer", "µs", "less", ran["seconds"] * 1e6)
        floor = native("sign", 1_000_000).report()
        found.add("floor", "serde_json and HMAC-SHA256, owned texts", "limit", "µs", "less", floor["seconds"])


# The program, its callers, and its calls over those of the slow ones: enough to measure, not enough to wait for.
PEERS_OF_B4 = {
    "requests": ("requests", 16, 1, "requests with 16 threads"),
    "httpx": ("httpx", 16, 1, "httpx with 16 threads"),
    "httpx-async-8": ("httpx-async", 8, 1, "httpx, asynchronous, 8 in flight"),
    "httpx-async-32": ("httpx-async", 32, 0.5, "httpx, asynchronous, 32 in flight"),
    "aiohttp": ("aiohttp", 32, 4, "aiohttp"),
    "aiohttp-uvloop": ("aiohttp-uvloop", 32, 4, "aiohttp on uvloop"),
    "pycurl": ("pycurl", 32, 20, "pycurl, multi"),
}


def add_calls(found: Figures, key: str, label: str, role: str, ran: Ran, unit: str = "calls/s") -> None:
    """Take a program's own time of its calls; CPU and memory are the whole process's."""
    told = ran.report()
    calls = told["rows"]
    found.add(
        key,
        label,
        role,
        unit,
        "more",
        calls / told["seconds"],
        f"{calls:,} calls",
        memory_mib=max(ran.memory_mib, told.get("memory_mib", 0)),
        cpu_per_1000=ran.cpu_seconds / calls * 1000,
    )


def b4(found: Figures, size: Size) -> None:
    with server([HOME / "native/release/native", "serve"]) as platform:
        for _ in range(size.rounds):
            add_calls(
                found,
                "rust",
                "Rust, the client on 32 threads",
                "ours",
                run([OURS, "call", platform.url, size.calls, 32]),
            )
            ran = script("ours/bidden_python.py", "call", platform.url, size.calls, 32)
            add_calls(found, "python", "Python, `invite_many(…, ledger=None)`", "ours", ran)
            for key, (program, callers, times, label) in PEERS_OF_B4.items():
                calls = round(size.slow_calls * times)
                with found.peer(label):
                    add_calls(found, key, label, "peer", script("peers/call.py", program, platform.url, calls, callers))
            add_calls(
                found, "reqwest", "reqwest, 32 tasks (Rust)", "peer", native("reqwest", platform.url, size.calls, 32)
            )
            load = native("load", platform.address, 32, size.seconds, 0).report()
            label = "of the server: a load of one thread that only writes bytes"
            found.add("load", label, "limit", "calls/s", "more", load["calls"] / load["seconds"])
            wrk(found, platform, size)


def wrk(found: Figures, platform: Server, size: Size) -> None:
    label = "wrk, one thread"
    program = HOME / "debian" / "usr/bin/wrk"
    if not program.exists():
        found.skip(label, "Debian's package cannot be had here")
        return
    post = DATA / "post.lua"
    post.write_text(
        'wrk.method = "POST"\n'
        'wrk.body = \'{"email":"ada@example.com","name":"Ada Lovelace","sendEmail":"no"}\'\n'
        'wrk.headers["Content-Type"] = "application/json"\nwrk.headers["X-API-KEY"] = "sandbox-key"\n'
        "done = function(summary) print(summary.requests / (summary.duration / 1e6)) end\n"
    )
    libraries = str(HOME / "debian" / "usr/lib/x86_64-linux-gnu")
    with found.peer(label):
        ran = run(
            [program, "-t1", "-c32", f"-d{size.seconds}s", "-s", post, f"{platform.url}/v3/tests/292930/invite"],
            env={"LD_LIBRARY_PATH": libraries},
        )
        rate = float(ran.output.strip().splitlines()[-1])
        found.add(
            "wrk",
            label,
            "limit",
            "calls/s",
            "more",
            rate,
            memory_mib=ran.memory_mib,
            cpu_per_1000=ran.cpu_seconds / (rate * size.seconds) * 1000,
        )


def bidden(*words: object) -> Ran:
    """The command, with its ledger in the folder of the data."""
    with (DATA / "output").open("wb") as output:
        return run(
            [COMMAND, *words, "--ledger", "ledger.db"], env={"BIDDEN_IMOCHA_API_KEY": "sandbox-key"}, output=output
        )


def forget() -> None:
    for path in DATA.glob("ledger.db*"):
        path.unlink()


def b5(found: Figures, size: Size) -> None:
    rows = size.ledger_rows
    people(DATA / "people.csv", 0, rows)
    with server([HOME / "native/release/native", "serve"]) as platform:
        for _ in range(size.rounds):
            forget()
            words = ["--base-url", platform.url, "--yes", "--concurrency", 32, "--json", "--quiet"]
            ran = bidden("invite", "people.csv", *PLATFORM, *words)
            found.add(
                "invite",
                "`bidden invite`, SQLite at FULL",
                "ours",
                "rows/s",
                "more",
                rows / ran.seconds,
                f"{rows:,} rows",
                memory_mib=ran.memory_mib,
                cpu_per_1000=ran.cpu_seconds / rows * 1000,
            )
            label = "requests with 16 threads, no record"
            with found.peer(label):
                add_calls(
                    found,
                    "requests",
                    label,
                    "peer",
                    script("peers/call.py", "requests", platform.url, size.slow_calls, 16),
                    "rows/s",
                )


def b6(found: Figures, size: Size) -> None:
    rows = size.plan_rows
    with server([HOME / "native/release/native", "serve"]) as platform:

        def plan(key: str, label: str) -> None:
            ran = bidden("plan", "people.csv", *PLATFORM, "--base-url", platform.url, "-o", "plan.jsonl", "--quiet")
            found.add(
                key, label, "ours", "rows/s", "more", rows / ran.seconds, f"{rows:,} rows", memory_mib=ran.memory_mib
            )

        people(DATA / "people.csv", 0, rows)
        for _ in range(size.rounds):
            forget()
            plan("plan-empty", "plan into an empty ledger")
        ran = bidden("apply", "plan.jsonl", "--yes", "--concurrency", 32, "--quiet", "--output", "rows.jsonl")
        found.add(
            "apply",
            "apply of it, sending all",
            "ours",
            "rows/s",
            "more",
            rows / ran.seconds,
            f"{rows:,} rows",
            memory_mib=ran.memory_mib,
        )
        for _ in range(size.rounds):
            ran = bidden("apply", "plan.jsonl", "--yes", "--quiet")
            found.add(
                "resume",
                "resume of the finished run",
                "ours",
                "s",
                "less",
                ran.seconds,
                f"{rows:,} rows",
                memory_mib=ran.memory_mib,
            )
            ran = bidden("status", "--json")
            found.add(
                "status", "status", "ours", "s", "less", ran.seconds, f"{rows:,} stored", memory_mib=ran.memory_mib
            )
        plan("plan-known", "plan of the same people again")
        (DATA / "rows.jsonl").unlink()
        run([OURS, "fill", DATA / "ledger.db", platform.url, rows, size.grown_rows])
        people(DATA / "people.csv", size.grown_rows, rows)
        key = "plan-grown" if size.grown_rows == GROWN_ROWS else "plan-grown-less"
        plan(key, f"plan of new people into a ledger of {size.grown_rows:,}")
        people(DATA / "people.csv", size.grown_rows - rows, rows)
        plan("plan-grown-known", f"plan of known people into a ledger of {size.grown_rows:,}")
        ran = bidden("status", "--json")
        found.add(
            "status-grown",
            "status",
            "ours",
            "s",
            "less",
            ran.seconds,
            f"{size.grown_rows:,} stored",
            memory_mib=ran.memory_mib,
        )


@contextmanager
def sandbox(durability: str) -> Iterator[Server]:
    port = free_port()
    words = ["sandbox", "--listen", f"127.0.0.1:{port}", "--database", DATA / "sandbox.db", "--durability", durability]
    with server([COMMAND, *words], f"http://127.0.0.1:{port}") as started:
        yield started


@contextmanager
def fake_platform(program: str, synchronous: str) -> Iterator[Server]:
    port = free_port()
    settings = {"PLATFORM_DATABASE": str(DATA / "platform.db"), "PLATFORM_SYNCHRONOUS": synchronous}
    peers = ROOT / "benchmarks" / "peers"
    words = {
        "fastapi": [
            "-m",
            "uvicorn",
            "--app-dir",
            peers,
            "--port",
            port,
            "--no-access-log",
            "platform_fastapi:application",
        ],
        "flask": [peers / "platform_flask.py", port],
    }[program]
    try:
        with server([python(), *words], f"http://127.0.0.1:{port}", settings) as started:
            yield started
    finally:
        for path in DATA.glob("platform.db*"):
            path.unlink()


def load(platform: Server, seconds: int, first: int = 0) -> Record:
    return native("load", platform.address, 32, seconds, first).report()


def add_load(found: Figures, key: str, label: str, role: str, told: Record, memory: float) -> None:
    found.add(
        key,
        label,
        role,
        "calls/s",
        "more",
        told["calls"] / told["seconds"],
        memory_mib=memory,
        p50_ms=told["p50_us"] / 1e3,
        p99_ms=told["p99_us"] / 1e3,
    )


def drop_sandbox() -> None:
    for path in DATA.glob("sandbox.db*"):
        path.unlink()


def b7(found: Figures, size: Size) -> None:
    for _ in range(size.rounds):
        for key, label, durability in (
            ("sandbox", "the sandbox", "kill"),
            ("sandbox-full", "the sandbox, synchronous=FULL", "power-loss"),
        ):
            drop_sandbox()
            with sandbox(durability) as started:
                # The first answer, and not the open port: it is asked for as soon as somebody listens.
                first = native("fill", started.address, 1, 1, 900_000_000_000).report()
                told = load(started, size.seconds)
                add_load(found, key, label, "ours", told, started.memory_mib())
                if key == "sandbox":
                    seconds = started.started_seconds + first["seconds"]
                    found.add("sandbox-start", "first answer after start", "ours", "ms", "less", seconds * 1e3)
        for key, label, program, synchronous in (
            ("fastapi", "FastAPI on uvicorn and uvloop, SQLite at NORMAL", "fastapi", "NORMAL"),
            ("fastapi-full", "FastAPI on uvicorn and uvloop, SQLite at FULL", "fastapi", "FULL"),
            ("flask", "Flask on waitress, SQLite at NORMAL", "flask", "NORMAL"),
        ):
            with found.peer(label), fake_platform(program, synchronous) as platform:
                told = load(platform, size.seconds)
                add_load(found, key, label, "peer", told, platform.memory_mib())
    drop_sandbox()
    with sandbox("kill") as started:
        native("fill", started.address, 32, size.stored, 0)
        told = load(started, size.seconds, size.stored)
        label = f"the sandbox with {size.stored:,} invitations stored"
        key = "sandbox-stored" if size.stored == STORED else "sandbox-stored-less"
        add_load(found, key, label, "ours", told, started.memory_mib())
    without_state(found, size)


def without_state(found: Figures, size: Size) -> None:
    """Fake platforms from npm: they answer from a document and remember nothing."""
    node = HOME / "node" / "node_modules" / ".bin"
    label = "Prism on docs/openapi.json, without state"
    if not (node / "prism").exists():
        found.skip(label, "npm, or the package, cannot be had here")
        return
    port = free_port()
    words = [node / "prism", "mock", "--host", "127.0.0.1", "--port", port, ROOT / "docs" / "openapi.json"]
    with found.peer(label), server(words, f"http://127.0.0.1:{port}") as platform:
        told = load(platform, size.seconds)
        add_load(found, "prism", label, "peer", told, platform.memory_mib())


def b8(found: Figures, size: Size) -> None:
    program = DATA / "decide"
    words = ["cc", "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-O2", "-Iinclude", "tests/c/decide.c", "-o", program]
    run([*words, HOME / "libraries" / "full" / "libbidden.a", "-lpthread", "-ldl", "-lm"], folder=ROOT)
    for _ in range(size.rounds):
        found.add("rust", "Rust", "ours", "ns", "less", run([OURS, "decide"]).report()["nanoseconds"])
        found.add("c", "C, through libbidden", "ours", "ns", "less", float(run([program]).output))
        ran = script("ours/bidden_python.py", "decide", 200_000).report()
        found.add("python", "Python", "ours", "ns", "less", ran["seconds"] * 1e9)
        for key, label, times in (
            ("transitions", "transitions", 20_000),
            ("statemachine", "python-statemachine", 3_000),
            ("dict", "a dict in Python, and the window", 200_000),
        ):
            with found.peer(label):
                ran = script("peers/decide.py", key, times).report()
                found.add(key, label, "peer", "ns", "less", ran["seconds"] * 1e9)


def b9(found: Figures, size: Size) -> None:
    modules = {"bidden": "ours", "requests": "peer", "httpx": "peer", "aiohttp": "peer", "pydantic": "peer"}

    def start(program: str) -> float:
        return run([python(), "-I", "-c", program]).seconds

    # The first of each reads its files from the disk.
    for module in modules:
        start(f"import {module}")
    for _ in range(size.starts):
        empty = start("pass")
        for module, role in modules.items():
            seconds = start(f"import {module}")
            found.add(module, f"`import {module}`", role, "ms", "less", max(seconds - empty, 0) * 1e3)


def b10(found: Figures, _: Size) -> None:
    (wheel,) = (HOME / "wheel").glob("*.whl")
    for key, label, path in (
        ("library", "`libbidden.so`", HOME / "libraries" / "full" / "libbidden.so"),
        ("lean-library", "`libbidden.so` without client and ledger", HOME / "libraries" / "lean" / "libbidden.so"),
        ("wheel", "the wheel", wheel),
        ("command", "`bidden`", COMMAND),
    ):
        found.add(key, label, "ours", "MiB", "less", path.stat().st_size / 2**20)


def leaks(found: Figures, size: Size) -> None:
    times = size.rows
    ran = script("ours/bidden_python.py", "leaks", times).report()
    label = "left of as many requests, decisions and validated rows in Python"
    found.add("leaks", label, "ours", "KiB", "less", max(ran["more_kib"], 0), f"{times:,} of each")


PROGRAMS: dict[str, Callable[[Figures, Size], None]] = {
    "B1": b1,
    "B2": b2,
    "B3": b3,
    "B4": b4,
    "B5": b5,
    "B6": b6,
    "B7": b7,
    "B8": b8,
    "B9": b9,
    "B10": b10,
    "leaks": leaks,
}


def build() -> None:
    """Build what is measured, as it is shipped, and install the wheel into the environment of the benchmark."""
    cargo = ["cargo"]
    manifest = ROOT / "benchmarks" / "native" / "Cargo.toml"
    todo: list[list[object]] = [
        [*cargo, "build", "--release", "-p", "bidden-cli"],
        [*cargo, "build", "--release", "-p", "bidden-tests", "--example", "bench"],
        [*cargo, "build", "--release", "--manifest-path", manifest, "--target-dir", HOME / "native"],
    ]
    for words in todo:
        built(words)
    for name, features in (("full", []), ("lean", ["--no-default-features"])):
        # Both have the same name where cargo keeps them: it would take one for the other.
        for file in ("libbidden.so", "libbidden.a"):
            (LEAN / "deps" / file).unlink(missing_ok=True)
        built([*cargo, "build", "--profile", "lean", "-p", "bidden-ffi-c", *features])
        folder = HOME / "libraries" / name
        folder.mkdir(parents=True, exist_ok=True)
        for file in ("libbidden.so", "libbidden.a"):
            shutil.copyfile(LEAN / file, folder / file)
    wheels = HOME / "wheel"
    shutil.rmtree(wheels, ignore_errors=True)
    built(
        [
            sys.executable,
            "-m",
            "maturin",
            "build",
            "--quiet",
            "--profile",
            "wheel",
            "--manifest-path",
            "py/Cargo.toml",
            "--out",
            wheels,
        ]
    )
    (wheel,) = wheels.glob("*.whl")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--force-reinstall",
        "--no-deps",
    ]
    built([*pip, wheel])


def built(words: list[object]) -> None:
    say("$ " + " ".join(map(str, words)).replace(str(ROOT) + "/", ""))
    run(words, folder=ROOT, env={"CARGO_TARGET_DIR": str(TARGET)})
