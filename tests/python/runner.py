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

# The wheel is one for all of them (abi3).
VERSIONS = ["3.10", "3.11", "3.12", "3.13", "3.14"]


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
        run(*build, "--release", "--out", WHEELS / "release")
        install(python, WHEELS / "release")
        run(*pytest, env={**os.environ, "BIDDEN_TEST_RELEASE": "1"})
        for version in VERSIONS:
            elsewhere(version)
    run(*build, "--features", "testing", "--out", WHEELS / "testing")
    install(python, WHEELS / "testing")
    run(*pytest)
    if quick:
        return
    install(python, WHEELS / "release")
    settings = ROOT / "py" / "pyproject.toml"
    sources = ["py/python/bidden", "tests/python", "examples/python"]
    run(python, "-m", "mypy", "--config-file", settings, "py/python/bidden")
    run(python, "-m", "mypy", "--config-file", settings, "tests/python/sample_program.py", "examples/python/invite.py")
    run(python, "-m", "pyright", "--pythonpath", python, "-p", "tests/python/pyrightconfig.json")
    run(python, "-m", "mypy.stubtest", "bidden", "--allowlist", "tests/python/stubtest-allowlist.txt")
    run(python, "-m", "ruff", "check", "--config", settings, *sources)
    run(python, "-m", "ruff", "format", "--config", settings, "--check", *sources)


def elsewhere(version: str) -> None:
    """Install the wheel into an environment of its own for another Python, and run the README's program there."""
    found = shutil.which(f"python{version}")
    # A shim of pyenv may stand for a version that is not there.
    if found is None or subprocess.run([found, "--version"], capture_output=True).returncode != 0:
        print(f"python: SKIPPED for Python {version}, which is not here", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder:
        if subprocess.run([found, "-m", "venv", folder], capture_output=True).returncode != 0:
            print(f"python: SKIPPED for Python {version}, which has no venv", file=sys.stderr)
            return
        python = Path(folder) / ("Scripts" if os.name == "nt" else "bin") / "python"
        install(python, WHEELS / "release")
        run(python, "examples/python/invite.py")


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
