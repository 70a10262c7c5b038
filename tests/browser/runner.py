"""Looks at the sandbox's pages in the system's own Chromium, headless.

Started by `tests/browser/run`. It needs Chromium, venv, Rust, and the package index for the pinned tools; what follows on the
command line goes to pytest. With `BIDDEN_WRITE_SCREENSHOTS=1` the pictures of `docs/screenshots/` are written again.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
ENVIRONMENT = TARGET / "browser" / "venv"


def skip(reason: str) -> NoReturn:
    if os.environ.get("BIDDEN_TEST_STRICT") == "1":
        print(f"browser: FAILED, because BIDDEN_TEST_STRICT=1 and {reason}", file=sys.stderr)
        sys.exit(1)
    print(f"browser: SKIPPED, not one browser test has run: {reason}", file=sys.stderr)
    sys.exit(0)


def run(*arguments: object, env: dict[str, str] | None = None) -> None:
    words = [str(argument) for argument in arguments]
    print("$", *words, flush=True)
    subprocess.run(words, check=True, cwd=ROOT, env=env)


def main() -> None:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        skip("there is no Chromium (Debian: apt-get install chromium; or name one in CHROMIUM)")
    if shutil.which("cargo") is None:
        skip("cargo is missing")
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        try:
            run(sys.executable, "-m", "venv", ENVIRONMENT)
        except subprocess.CalledProcessError:
            shutil.rmtree(ENVIRONMENT, ignore_errors=True)
            skip("python3 has no venv (Debian: apt-get install python3-venv)")
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        run(*install, "-r", "tests/browser/requirements.txt")
    except subprocess.CalledProcessError:
        skip("the pinned tools of tests/browser/requirements.txt cannot be installed")
    run("cargo", "build", "--quiet", "-p", "bidden-cli")
    environment = {**os.environ, "CHROMIUM": chromium, "BIDDEN": str(TARGET / "debug" / "bidden")}
    run(python, "-m", "pytest", "-q", "-c", "tests/browser/pytest.ini", "tests/browser", *sys.argv[1:], env=environment)


if __name__ == "__main__":
    main()
