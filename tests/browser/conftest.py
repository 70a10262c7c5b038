"""One sandbox and one Chromium for all tests; a namespace and a fresh profile for each."""

import itertools
import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "docs" / "screenshots"

# The clock of every sandbox in these tests stands here, unless a test moves it.
START = "2026-03-01T12:00:00Z"

# Root needs --no-sandbox; the rest keeps the browser from talking to anybody but the sandbox.
CHROMIUM_OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

NUMBERS = itertools.count(1)


class Sandbox:
    """A client as plain as curl, of one namespace."""

    def __init__(self, url: str) -> None:
        self.url = url

    def send(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json", **(headers or {})}
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request) as response:
                return response.status, json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def control(self, path: str, body: Any = None) -> Any:
        status, answer = self.send("GET" if body is None else "POST", f"/_sandbox/{path}", body)
        assert status == 200, (path, status, answer)
        return answer

    def stand_at(self, moment: str) -> None:
        self.control("clock", {"set": moment, "freeze": True})

    def attempt(self, invitation_id: str, event: str) -> None:
        status, answer = self.send("POST", f"/_sandbox/attempts/{invitation_id}/{event}")
        assert status == 200, answer

    def invite(self, email: str = "ada@example.com", name: str = "Ada Lovelace", test: int = 292930, **fields: Any) -> dict[str, Any]:
        body = {"email": email, "name": name, **fields}
        status, answer = self.send("POST", f"/v3/tests/{test}/invite", body, {"x-api-key": "sandbox-key"})
        assert status == 200, answer
        return answer

    def create_candidate(self, task: str = "task-1", **fields: Any) -> dict[str, Any]:
        body = {"kind": "temporary-candidate", "fullname": "Grace Hopper", "email": "grace@example.com", **fields}
        headers = {"authorization": "Bearer sandbox-token"}
        status, answer = self.send("POST", f"/api/integration/rest/v1/tasks/{task}/candidates", body, headers)
        assert status == 200, answer
        return answer

    def think_exam(self, call: str, body: Any) -> Any:
        triple = self.control("signature", {"ak": "sandbox-ak"})
        status, answer = self.send("POST", f"/api/v1/{call}", body, triple)
        assert status == 200, answer
        return answer

    def assign(self, email: str = "alan@example.com", name: str = "Alan Turing", test: str = "41") -> None:
        self.think_exam("bulkCandidateRegister", [{"name": name, "email": email, "password": "enigma-1912"}])
        answer = self.think_exam("assignTest", {"email": email, "testId": test, "isMailEnable": "1", "isPasswordSkip": "0"})
        assert answer["result"] == "success", answer

    def invitations(self) -> list[dict[str, Any]]:
        return self.control("invitations")["invitations"]


def ready_file(path: Path, process: subprocess.Popen[Any]) -> dict[str, str]:
    """What a process says of itself once it listens."""
    for _ in range(400):
        if path.exists() and (text := path.read_text()).endswith("\n"):
            ready: dict[str, str] = json.loads(text)
            return ready
        assert process.poll() is None, "it ended"
        time.sleep(0.05)
    raise AssertionError("it does not listen")


@pytest.fixture(scope="session")
def root_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    ready = tmp_path_factory.mktemp("sandbox") / "ready"
    command = [os.environ["BIDDEN"], "sandbox", "--listen", "127.0.0.1:0", "--database", ":memory:", "--ready", str(ready)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield ready_file(ready, process)["url"]
    finally:
        process.terminate()
        assert process.wait(10) is not None


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def sandbox(root_url: str, request: pytest.FixtureRequest) -> Sandbox:
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:50].strip("-")
    sandbox = Sandbox(f"{root_url}/ns/{name}-{next(NUMBERS)}")
    sandbox.stand_at(START)
    return sandbox


@pytest.fixture
def open_page(browser: Browser, root_url: str) -> Iterator[Callable[..., Page]]:
    """Opens pages whose every request stays with the sandbox and which complain of nothing."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []
    foreign: list[str] = []

    def open_page(address: str, width: int = 1280, height: int = 800, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()

        def hear(message: ConsoleMessage) -> None:
            # A page that answers 403, 404 or 409 on purpose is an error line of the browser's own, not of the page.
            if message.type in ("error", "warning") and "the server responded with a status of" not in message.text:
                complaints.append(message.text)

        def see(request: Request) -> None:
            if not request.url.startswith((root_url, "data:")):
                foreign.append(request.url)

        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", see)
        page.goto(address)
        return page

    open_page.foreign = foreign  # type: ignore[attr-defined]
    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
    expected = getattr(open_page, "expected", [])
    assert [url for url in foreign if url not in expected] == []


@pytest.fixture
def check_accessibility() -> Callable[..., None]:
    axe = Axe()

    def check(page: Page, only_colours: bool = False) -> None:
        found = axe.run(page, options={"runOnly": ["color-contrast"]} if only_colours else None)
        serious = [
            f"{violation['id']}: {violation['help']}: {[node['html'] for node in violation['nodes']]}"
            for violation in found.response["violations"]
            if violation["impact"] in ("serious", "critical", "moderate")
        ]
        assert serious == []

    return check


@pytest.fixture
def photograph(tmp_path: Path) -> Callable[[Page, str], None]:
    """Takes the pictures of the documentation; they are only kept there when asked for."""

    def photograph(page: Page, name: str) -> None:
        picture = tmp_path / f"{name}.png"
        page.screenshot(path=picture, animations="disabled", caret="hide")
        kept = SCREENSHOTS / picture.name
        if os.environ.get("BIDDEN_WRITE_SCREENSHOTS") == "1":
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(picture.read_bytes())
        assert kept.exists(), f"{kept} is missing: BIDDEN_WRITE_SCREENSHOTS=1 tests/browser/run"

    return photograph
