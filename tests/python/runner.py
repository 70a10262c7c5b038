"""Builds the wheel, installs it into an environment of its own, and runs every Python test on what was installed.

Started by `tests/python/run`. It needs venv, Rust, and the package index for the pinned tools; `--quick` leaves out the
release build, types, stubs and style.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
ENVIRONMENT = TARGET / "python" / "venv"
WHEELS = TARGET / "python" / "wheels"

# What an interpreter is: its implementation, its version, whether it runs without the lock (abi3 does not).
ASK = """
import sys, sysconfig
print(sys.implementation.name, *sys.version_info[:2], sysconfig.get_config_var("Py_GIL_DISABLED"))
"""

# What a user's first minute does, far from the sources; `-W error` stands in front of it.
FIRST_MINUTE = """
import sys, bidden
assert "asyncio" not in sys.modules and "dataclasses" not in sys.modules, "the import is not lazy"
assert bidden.__version__ == sys.argv[1], bidden.__version__
with bidden.Sandbox() as sandbox:
    client = bidden.IMocha(api_key="sandbox-key", base_url=sandbox.url)
    print(client.invite(292930, email="ada@example.com", name="Ada Lovelace").status)
"""


def skip(reason: str) -> NoReturn:
    if os.environ.get("BIDDEN_TEST_STRICT") == "1":
        print(f"python: FAILED, because BIDDEN_TEST_STRICT=1 and {reason}", file=sys.stderr)
        sys.exit(1)
    print(f"python: SKIPPED, not one Python test has run: {reason}", file=sys.stderr)
    sys.exit(0)


def run(*arguments: object, env: dict[str, str] | None = None) -> None:
    words = [str(argument) for argument in arguments]
    print("$", *words, flush=True)
    subprocess.run(words, check=True, cwd=ROOT, env=env)


def main() -> None:
    if shutil.which("cargo") is None:
        skip("cargo is missing")
    python = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        try:
            run(sys.executable, "-m", "venv", ENVIRONMENT)
        except subprocess.CalledProcessError:
            shutil.rmtree(ENVIRONMENT, ignore_errors=True)
            skip("python3 has no venv (Debian: apt-get install python3-venv)")
    try:
        run(
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
            "tests/python/requirements.txt",
        )
    except subprocess.CalledProcessError:
        skip("the pinned tools of tests/python/requirements.txt cannot be installed")

    # The wheel that people get is a release build without the entry points that fail on purpose; those are tested in a
    # second one, a debug build.
    quick = "--quick" in sys.argv
    shutil.rmtree(WHEELS, ignore_errors=True)
    build = [python, "-m", "maturin", "build", "--quiet", "--manifest-path", "py/Cargo.toml"]
    pytest = [python, "-m", "pytest", "-q", "-c", "tests/python/pytest.ini", "tests/python"]
    if not quick:
        run(*build, "--profile", "wheel", "--out", WHEELS / "release")
        install(python, WHEELS / "release")
        run(*pytest, env={**os.environ, "BIDDEN_TEST_RELEASE": "1"})
        elsewhere()
        from_source()
    run(*build, "--profile", "dev", "--features", "testing", "--out", WHEELS / "testing")
    install(python, WHEELS / "testing")
    run(*pytest)
    if quick:
        return
    install(python, WHEELS / "release")
    settings = ROOT / "py" / "pyproject.toml"
    sources = ["py/python/bidden", "tests/python", "examples/python", "benchmarks"]
    run(python, "-m", "mypy", "--config-file", settings, "py/python/bidden")
    samples = [f"tests/python/sample_{part}.py" for part in ("program", "aio", "results")]
    run(python, "-m", "mypy", "--config-file", settings, *samples, "examples/python/invite.py")
    # The benchmark's peers bring types of their own, which are installed in its own environment only.
    run(python, "-m", "mypy", "--config-file", settings, *sorted(ROOT.glob("benchmarks/*.py")))
    if subprocess.run([python, "-m", "pyright", "--version"], capture_output=True, check=False).returncode == 0:
        run(python, "-m", "pyright", "--pythonpath", python, "-p", "tests/python/pyrightconfig.json")
    else:
        # It fetches its own program from elsewhere than the package index, which may not be reached.
        print("python: SKIPPED pyright, which cannot fetch its program here; mypy has run", file=sys.stderr)
    run(python, "-m", "mypy.stubtest", "bidden", "--allowlist", "tests/python/stubtest-allowlist.txt")
    run(python, "-m", "ruff", "check", "--config", settings, *sources)
    run(python, "-m", "ruff", "format", "--config", settings, "--check", *sources)


def interpreters() -> dict[tuple[int, int], Path]:
    """Give the CPythons from 3.10 of this machine: the wheel is one for all of them (abi3)."""
    names = [f"python3.{minor}" for minor in range(10, 20)]
    candidates = [Path(found) for name in names if (found := shutil.which(name))]
    for folder in (Path.home() / ".pyenv/versions", Path.home() / ".local/share/uv/python"):
        candidates += sorted(folder.glob("*/bin/python3"))
    found: dict[tuple[int, int], Path] = {}
    for candidate in [Path(sys.executable), *candidates]:
        # A shim of pyenv may stand for a version that is not there.
        asked = subprocess.run([candidate, "-c", ASK], capture_output=True, text=True, check=False)
        words = asked.stdout.split()
        if asked.returncode == 0 and words[0] == "cpython" and words[3] != "1" and int(words[2]) >= 10:
            found.setdefault((int(words[1]), int(words[2])), candidate)
    return dict(sorted(found.items()))


def elsewhere() -> None:
    """Install the wheel, without the network, into a fresh environment of every Python of this machine."""
    (wheel,) = (WHEELS / "release").glob("*.whl")
    tried = []
    for (major, minor), interpreter in interpreters().items():
        with tempfile.TemporaryDirectory() as folder:
            if subprocess.run([interpreter, "-m", "venv", folder], capture_output=True).returncode != 0:
                print(f"python: SKIPPED for Python {major}.{minor}, which has no venv", file=sys.stderr)
                continue
            python = Path(folder) / ("Scripts" if os.name == "nt" else "bin") / "python"
            run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", wheel)
            first_minute(python, wheel.name.split("-")[1])
            tried.append(f"{major}.{minor}")
    print(f"python: the wheel runs on CPython {', '.join(tried)}", flush=True)


def from_source() -> None:
    """Build the source distribution where nothing else of the repository is, and run what comes of it."""
    version = next((WHEELS / "release").glob("*.whl")).name.split("-")[1]
    with tempfile.TemporaryDirectory() as folder:
        builder = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin") / "python"
        run(builder, "-m", "maturin", "sdist", "--manifest-path", "py/Cargo.toml", "--out", folder)
        (archive,) = Path(folder).glob("*.tar.gz")
        run(sys.executable, "-m", "venv", Path(folder) / "venv")
        python = Path(folder) / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
        # A debug build in the folder of the others: what is proved is that everything is there, not how fast it is.
        # All files of an archive are equally old: cargo would take what an earlier one gave for what this one gives.
        for built in (TARGET / "debug" / ".fingerprint").glob("bidden*"):
            shutil.rmtree(built)
        environment = {**os.environ, "MATURIN_PEP517_ARGS": "--profile dev", "CARGO_TARGET_DIR": str(TARGET.resolve())}
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", archive, env=environment)
        first_minute(python, version)
        print(f"python: {archive.name} ({archive.stat().st_size / 1048576:.2f} MiB) builds and runs", flush=True)


def first_minute(python: Path, version: str) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("BIDDEN_")}
    run(python, "-W", "error", "-c", FIRST_MINUTE, version, env=environment)
    run(python, "examples/python/invite.py", env=environment)
    run(python.parent / "bidden", "--version", env=environment)


def install(python: Path, folder: Path) -> None:
    (wheel,) = folder.glob("*.whl")
    print(f"{wheel.name}: {wheel.stat().st_size / 1048576:.2f} MiB", flush=True)
    run(
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--force-reinstall",
        "--no-deps",
        wheel,
    )


if __name__ == "__main__":
    main()
