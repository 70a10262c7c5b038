"""Runs schemathesis over /openapi.json of a sandbox: no 5xx, and no answer that the document does not allow.

Started by `tests/openapi/run` after the command was built. BIDDEN_SOAK=1 draws more. What is left out stands, with the
reasons, in docs/openapi.md.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
ENVIRONMENT = TARGET / "openapi" / "venv"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
COMMAND = TARGET / "debug" / ("bidden.exe" if os.name == "nt" else "bidden")

# Each with its reason in docs/openapi.md.
LEFT_OUT = [
    "GET /_sandbox/events",
    "POST /_sandbox/faults",
    "POST /_sandbox/switches",
    "DELETE /_sandbox/switches",
    "POST /_sandbox/snapshot",
    "GET /_sandbox/namespaces",
    "DELETE /_sandbox/namespaces/{name}",
]
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def skip(reason: str) -> NoReturn:
    if os.environ.get("BIDDEN_TEST_STRICT") == "1":
        print(f"openapi: FAILED, because BIDDEN_TEST_STRICT=1 and {reason}", file=sys.stderr)
        sys.exit(1)
    print(f"openapi: SKIPPED, schemathesis has not run: {reason}", file=sys.stderr)
    sys.exit(0)


def install() -> None:
    python = BIN / "python"
    try:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
        words = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([python, *words, "-r", "tests/openapi/requirements.txt"], check=True, cwd=ROOT)
    except subprocess.CalledProcessError:
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        skip("the pinned tools of tests/openapi/requirements.txt cannot be installed")


def ready(file: Path) -> dict[str, str]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if file.exists() and file.read_text().endswith("\n"):
            return json.loads(file.read_text())
        time.sleep(0.05)
    sys.exit("openapi: the sandbox does not listen")


def main() -> None:
    if not COMMAND.exists():
        skip(f"{COMMAND} is missing: build it with `cargo build -p bidden-cli`")
    install()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ready.json"
        words = ["sandbox", "--listen", "127.0.0.1:0", "--database", ":memory:", "--ready", file]
        # Nobody but Think Exam can sign, so its signature is not looked at.
        words += ["--switch", "think-exam.verify-signature=off"]
        sandbox = subprocess.Popen([COMMAND, *words], cwd=folder, stdout=subprocess.DEVNULL)
        try:
            sys.exit(drive(ready(file)))
        finally:
            sandbox.terminate()
            sandbox.wait()


def drive(credentials: dict[str, str]) -> int:
    url = credentials["url"]
    with urllib.request.urlopen(f"{url}/openapi.json") as response:
        document = json.load(response)
    operations = {
        f"{method.upper()} {path}": operation["operationId"]
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }
    soak = os.environ.get("BIDDEN_SOAK") == "1"
    words = [BIN / "schemathesis", "run", f"{url}/openapi.json", "--checks", CHECKS]
    words += ["--continue-on-failure", "--no-color"]
    words += ["--phases", "examples,coverage,fuzzing", "--max-examples", "200" if soak else "5", "--warnings", "off"]
    words += ["--max-time", "1200" if soak else "40", "--request-timeout", "30"]
    words += ["--generation-database", "none"] if soak else ["--generation-deterministic"]
    for header in [
        f"X-API-KEY: {credentials['imocha_api_key']}",
        f"Authorization: Bearer {credentials['testinvite_token']}",
        f"ak: {credentials['think_exam_api_key']}",
        "sgn: none",
        "ts: 0",
    ]:
        words += ["--header", header]
    for left_out in LEFT_OUT:
        words += ["--exclude-operation-id", operations[left_out]]
    return subprocess.run([str(word) for word in words], cwd=ROOT).returncode


if __name__ == "__main__":
    main()
