"""Runs a program as a process of its own, and says what it took; and what machine this is."""

from __future__ import annotations

import contextlib
import datetime
import importlib.metadata
import json
import os
import platform
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[1]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
# All that the benchmark brings lies here: its environment, Debian's packages, the data of the program that runs.
HOME = TARGET / "bench"
DATA = HOME / "data"
NATIVE = HOME / "native" / "release" / "native"
COMMAND = TARGET / "release" / "bidden"
OURS = TARGET / "release" / "examples" / "bench"
LEAN = TARGET / "lean"

Record = dict[str, Any]


@dataclass(frozen=True)
class Ran:
    """A process that has ended well."""

    seconds: float
    cpu_seconds: float
    memory_mib: float
    output: str

    def report(self) -> Record:
        """What its last line says."""
        found: Record = json.loads(self.output.strip().splitlines()[-1])
        return found


def high_water(process: int) -> float:
    """The most memory that a process has held, in MiB; 0 when it has gone.

    `ru_maxrss` would count what the parent held when the child was made.
    """
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without anything that would change what bidden does."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BIDDEN_")}
    return {**kept, "PYTHONHASHSEED": "0", **(more or {})}


def run(
    words: Sequence[object],
    *,
    folder: Path = DATA,
    env: Mapping[str, str] | None = None,
    output: IO[bytes] | None = None,
    good: tuple[int, ...] = (0,),
) -> Ran:
    """Run a program to its end; whatever it prints is kept, or goes to `output`. Raises when it fails."""
    began = time.perf_counter()
    with subprocess.Popen(
        [str(word) for word in words],
        cwd=folder,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        stdout=output if output is not None else subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        printed: dict[str, bytes] = {}

        def drain(name: str, pipe: IO[bytes]) -> None:
            printed[name] = pipe.read()

        pipes = [(name, pipe) for name, pipe in (("out", process.stdout), ("err", process.stderr)) if pipe is not None]
        readers = [threading.Thread(target=drain, args=pair) for pair in pipes]
        for reader in readers:
            reader.start()
        memory = [0.0]
        is_over = threading.Event()

        def watch() -> None:
            # What it takes in its last hundredth of a second is not seen; what it took before stays in VmHWM.
            while True:
                memory[0] = max(memory[0], high_water(process.pid))
                if is_over.wait(0.01):
                    return

        watcher = threading.Thread(target=watch)
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        is_over.set()
        watcher.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        for reader in readers:
            reader.join()
    text = printed.get("out", b"").decode()
    if process.returncode not in good:
        errors = printed.get("err", b"").decode()
        raise RuntimeError(
            f"{' '.join(map(str, words))}: ended with {process.returncode}\n{errors[-4000:]}{text[-1000:]}"
        )
    return Ran(seconds, usage.ru_utime + usage.ru_stime, memory[0], text)


def python() -> Path:
    """The interpreter of the benchmark's environment."""
    return HOME / "venv" / "bin" / "python"


def script(name: str, *arguments: object) -> Ran:
    """Run one of the Python programs, which say their own time and memory."""
    return run([python(), ROOT / "benchmarks" / name, *arguments])


def native(*arguments: object) -> Ran:
    """Run one of the native programs."""
    return run([NATIVE, *arguments])


@dataclass
class Server:
    """A process that listens."""

    process: subprocess.Popen[bytes]
    url: str
    # From its start until it was ready, as it says itself or as the first answer shows.
    started_seconds: float

    @property
    def address(self) -> str:
        return self.url.removeprefix("http://")

    def memory_mib(self) -> float:
        return high_water(self.process.pid)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def server(words: Sequence[object], url: str | None = None, env: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Start a server and end it by its own process id.

    One without a `url` prints a line of JSON that names it.
    """
    began = time.perf_counter()
    with (DATA / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [str(word) for word in words],
            cwd=DATA,
            env=environment(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if url is None else log,
            stderr=log,
        )
    try:
        if url is None:
            assert process.stdout is not None
            url = str(json.loads(process.stdout.readline())["url"])
        host, port = url.removeprefix("http://").rsplit(":", 1)
        while True:
            if process.poll() is not None:
                raise RuntimeError(
                    f"{words}: ended with {process.returncode}\n{(DATA / 'server.log').read_text()[-4000:]}"
                )
            with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
                break
            if time.perf_counter() - began > 60:
                raise RuntimeError(f"{words}: does not listen")
            time.sleep(0.002)
        yield Server(process, url, time.perf_counter() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def syncs_per_second() -> int:
    """How often the disk of the data takes 4 KiB and says that they are there."""
    path = DATA / "sync"
    count = 0
    with path.open("wb", buffering=0) as file:
        file.write(bytes(4096 * 256))
        os.fsync(file.fileno())
        began = time.perf_counter()
        while time.perf_counter() - began < 1.0:
            file.seek(4096 * (count % 256))
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            count += 1
        elapsed = time.perf_counter() - began
    path.unlink()
    return round(count / elapsed)


def first_line(*words: str) -> str:
    try:
        printed = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    except (OSError, subprocess.CalledProcessError):
        return "none"
    return printed.strip().splitlines()[0] if printed.strip() else "none"


def processor() -> str:
    with contextlib.suppress(OSError):
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
        if found:
            return found[1].strip()
    return platform.machine()


def machine() -> Record:
    """What this machine is: whoever reads a figure must know."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory, 1),
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
    }


def moment() -> Record:
    """What may differ from one run to the next on the same machine."""
    commit = first_line("git", "rev-parse", "--short", "HEAD")
    changed = first_line(
        "git", "status", "--porcelain", "--", "core", "ledger", "sandbox", "cli", "ffi-c", "py", "Cargo.lock"
    )
    return {
        "taken": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M"),
        "commit": commit + ("" if changed == "none" else " and changes"),
        "load": round(os.getloadavg()[0], 1),
        "syncs_per_second": syncs_per_second(),
    }


def requirements() -> list[str]:
    lines = (ROOT / "benchmarks" / "requirements.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def versions() -> dict[str, str]:
    """What was measured beside what."""
    found = {
        "rustc": first_line("rustc", "--version").removeprefix("rustc ").split(" ")[0],
        "cc": first_line("cc", "--version"),
        "Python": platform.python_version(),
        "SQLite of Python": __import__("sqlite3").sqlite_version,
    }
    for line in requirements():
        name = re.split(r"[=\[]", line)[0]
        # The benchmark itself runs in the environment that it measures.
        found[name] = importlib.metadata.version(name)
    lock = (ROOT / "benchmarks" / "native" / "Cargo.lock").read_text()
    for name in ("csv", "reqwest"):
        release = re.search(rf'name = "{name}"\nversion = "([^"]+)"', lock)
        found[f"{name} (Rust)"] = release[1] if release else "none"
    return found


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
