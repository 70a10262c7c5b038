"""Every CPython from 3.10 that this machine has, in a fresh environment of its own: the wheel installs without the network, imports
without a warning, and runs the README's program and the command. Then the source distribution is built and installed.

Called by `runner.py`; alone: `python tests/python/every_version.py WHEEL`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OLDEST = (3, 10)

ASK = "import sys, sysconfig; print(sys.implementation.name, *sys.version_info[:2], bool(sysconfig.get_config_var('Py_GIL_DISABLED')))"

# What a user's first minute shows; -W error in front of it.
FIRST_MINUTE = """
import bidden, sys
assert "asyncio" not in sys.modules and "dataclasses" not in sys.modules, "the import is not lazy"
assert bidden.__version__ == {version!r}, bidden.__version__
decision = bidden.decide("imocha", "pending", "start")
assert decision.is_allowed, decision
with bidden.Sandbox() as sandbox:
    client = bidden.IMocha(api_key="sandbox-key", base_url=sandbox.url)
    print(client.invite(test_id=292930, email="ada@example.com", name="Ada Lovelace").status)
"""


def interpreters() -> dict[tuple[int, int], Path]:
    """The CPythons of this machine, by version."""
    names = [f"python3.{minor}" for minor in range(10, 20)] + ["python3"]
    candidates = [Path(found) for name in names if (found := shutil.which(name))]
    for folder in (Path.home() / ".pyenv/versions", Path.home() / ".local/share/uv/python"):
        candidates += sorted(folder.glob("*/bin/python3"))
    found: dict[tuple[int, int], Path] = {}
    for candidate in [Path(sys.executable), *candidates]:
        asked = subprocess.run([candidate, "-c", ASK], capture_output=True, text=True, check=False)
        words = asked.stdout.split()
        if asked.returncode != 0 or words[0] != "cpython" or words[3] == "True":
            continue
        version = (int(words[1]), int(words[2]))
        if version >= OLDEST:
            found.setdefault(version, candidate)
    return dict(sorted(found.items()))


def run(*arguments: object, cwd: Path, env: dict[str, str] | None = None) -> str:
    words = [str(argument) for argument in arguments]
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"python: FAILED: {' '.join(words)}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def try_out(python: Path, place: Path, version: str) -> None:
    """Runs what was installed, far from the sources."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("BIDDEN_")}
    run(python, "-W", "error", "-c", FIRST_MINUTE.format(version=version), cwd=place, env=environment)
    said = run(python, ROOT / "examples/python/invite.py", cwd=place, env=environment)
    assert "/IMInstructions?" in said, said
    said = run(python.parent / "bidden", "--version", cwd=place, env=environment)
    assert said.strip().endswith(version), said


def main(wheel: Path, *, with_source: bool = True) -> None:
    version = wheel.name.split("-")[1]
    found = interpreters()
    tried = []
    with tempfile.TemporaryDirectory(prefix="bidden-versions-") as folder:
        for number, interpreter in found.items():
            place = Path(folder) / f"{number[0]}.{number[1]}"
            run(interpreter, "-m", "venv", place, cwd=ROOT)
            python = place / "bin" / "python"
            run(python, "-m", "pip", "install", "--quiet", "--no-index", "--disable-pip-version-check", wheel, cwd=place)
            try_out(python, place, version)
            tried.append(f"{number[0]}.{number[1]}")
        print(f"python: the wheel runs on CPython {', '.join(tried)}", flush=True)
        if with_source:
            build_from_source(Path(folder), version)


def build_from_source(folder: Path, version: str) -> None:
    """The source distribution is complete: it is built where nothing else of the repository is."""
    run(sys.executable, "-m", "maturin", "sdist", "--quiet", "--manifest-path", "py/Cargo.toml", "--out", folder / "source", cwd=ROOT)
    (archive,) = (folder / "source").glob("*.tar.gz")
    place = folder / "from-source"
    run(sys.executable, "-m", "venv", place, cwd=ROOT)
    python = place / "bin" / "python"
    # A debug build: what is proved is that everything is there, not how fast it is.
    environment = {**os.environ, "MATURIN_PEP517_ARGS": "--profile dev"}
    environment.setdefault("CARGO_TARGET_DIR", str(ROOT / "target"))
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", archive, cwd=place, env=environment)
    try_out(python, place, version)
    print(f"python: {archive.name} ({archive.stat().st_size / 1048576:.2f} MiB) builds and runs", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
