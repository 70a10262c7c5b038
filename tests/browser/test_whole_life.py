"""A whole life over HTTP alone: invited by the command, taken in the browser, heard of, reported, masked."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Sandbox, ready_file
from playwright.sync_api import Page, expect

EMAIL = "ada@example.com"
NAME = "Ada Lovelace"
KEY = {"x-api-key": "sandbox-key"}


class Desk:
    """The command in a folder of its own, with a ledger there; it reaches the sandbox as it would reach the platform."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder = folder
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("BIDDEN_")}
        self.environment |= {"BIDDEN_IMOCHA_BASE_URL": sandbox.url, "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}

    def start(self, *words: str, **options: Any) -> subprocess.Popen[str]:
        return subprocess.Popen([os.environ["BIDDEN"], *words], cwd=self.folder, env=self.environment, text=True, **options)

    def run(self, *words: str) -> list[Any]:
        """What it says in JSON, a line each."""
        process = self.start(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        output, error = process.communicate(timeout=60)
        assert process.returncode == 0, f"{words}\n{output}\n{error}"
        return [json.loads(line) for line in output.splitlines()]

    def call(self, name: str, **arguments: Any) -> Any:
        return self.run("call", name, json.dumps(arguments))[0]


class Listener:
    def __init__(self, desk: Desk) -> None:
        ready, self.told = desk.folder / "listening", desk.folder / "told.jsonl"
        words = ["listen", "--listen", "127.0.0.1:0", "--ledger", "ledger.db", "--ready", str(ready)]
        with self.told.open("w") as told:
            self.process = desk.start(*words, stdout=told)
        self.url = ready_file(ready, self.process)["url"]

    def hear(self, count: int) -> list[Any]:
        until = time.monotonic() + 30
        while len(lines := self.told.read_text().splitlines()) < count:
            assert time.monotonic() < until, lines
            time.sleep(0.05)
        return [json.loads(line) for line in lines]


@pytest.fixture
def desk(tmp_path: Path, sandbox: Sandbox) -> Desk:
    return Desk(tmp_path, sandbox)


@pytest.fixture
def listener(desk: Desk) -> Iterator[Listener]:
    listener = Listener(desk)
    yield listener
    listener.process.send_signal(signal.SIGINT)
    assert listener.process.wait(30) == 0


def test_a_whole_life_from_the_invitation_to_the_mask(sandbox: Sandbox, desk: Desk, listener: Listener, open_page: Any) -> None:
    sandbox.control("clock", {"freeze": False})
    people = desk.folder / "people.csv"
    people.write_text(f"name,email\n{NAME},{EMAIL}\nGrace Hopper,grace@example.com\n")
    words = ["invite", str(people), "--on", "imocha", "--test", "292930", "--ledger", "ledger.db", "--json", "--quiet"]
    mailed = ["--send-email", "--yes", "--max-emails", "2", "--callback-url", f"{listener.url}/imocha"]
    row, _, summary = desk.run(*words, *mailed)
    assert (row["disposition"], summary["summary"]["mails"]) == ("invited", 2), row
    invitation_id = row["invitation_id"]

    page: Page = open_page(row["test_url"])
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("Your test is running.")).to_be_visible()
    assert [told["status"] for told in listener.hear(1)] == ["in-progress"]
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_text("Your answers were submitted")).to_be_visible()
    told = listener.hear(2)
    assert [(line["status"], line["ledger"], line["invitation_id"]) for line in told] == [
        # Unsigned as it is: that the attempt has begun is borne out by its report, which says when.
        ("in-progress", "moved", invitation_id),
        ("complete", "moved", invitation_id),
    ]
    assert (told[1]["email"], told[1]["authenticity"]) == (EMAIL, "unsigned")

    place, _ = desk.run("status", "--json", "--ledger", "ledger.db")
    assert place["by_status"] == {"complete": 1, "pending": 1}, place
    (life,) = desk.run("history", EMAIL, "--json", "--ledger", "ledger.db")
    assert (life["status"], life["platform_status"], life["mail_requests"]) == ("complete", "Complete", 1)
    assert [operation["deed"] for operation in life["operations"]] == ["invite", "callback", "callback"]

    report = desk.call("imocha.report", test_invitation_id=int(invitation_id))
    assert (report["candidate_email"], report["status"], report["score"]) == (EMAIL, "complete", told[1]["score"])

    assert EMAIL in json.dumps(sandbox.control("invitations"))
    assert desk.call("imocha.mask_personal_data", candidate_email=EMAIL)["result"] == "Request accepted for processing"
    assert desk.call("imocha.report", test_invitation_id=int(invitation_id))["candidate_email"] == EMAIL, "not yet"
    sandbox.control("clock", {"advance": "PT1H", "wait": True})

    masked = desk.call("imocha.report", test_invitation_id=int(invitation_id))
    assert (masked["status"], masked["score"]) == ("complete", report["score"]), "ids and scores are kept"
    now = sandbox.control("clock")["now"]
    day = {"testState": "Completed", "StartDateTime": f"{now[:10]}T00:00:00Z", "EndDateTime": now}
    seen = {
        "report": masked,
        "retrieve invites": sandbox.send("POST", "/v3/candidates/testattempts?pageNo=1&pageSize=100", day, KEY),
        **{name: sandbox.control(name) for name in ("invitations", "candidates", "outbox", "callbacks")},
        "history": sandbox.control(f"invitations/{invitation_id}/history"),
    }
    assert seen["retrieve invites"][0] == 200 and invitation_id in json.dumps(seen["retrieve invites"]), seen["retrieve invites"]
    for path in ("", f"invitations/{invitation_id}", "candidates", "outbox", "callbacks"):
        page.goto(f"{sandbox.url}/{path}")
        seen[f"page /{path}"] = page.content()
    page.goto(row["test_url"])
    seen["candidate's page"] = page.content()
    for name, shown in seen.items():
        text = shown if isinstance(shown, str) else json.dumps(shown)
        for word in (EMAIL, *NAME.split()[1:]):
            assert word.lower() not in text.lower(), f"{name}: {text}"
    assert "grace@example.com" in json.dumps(seen["outbox"]), "nobody else is masked"
    # What a client sent stays as it was sent, and says so (docs/pages.md).
    assert EMAIL in json.dumps(sandbox.control("requests"))
    page.goto(f"{sandbox.url}/requests")
    expect(page.get_by_text("masking changes nothing here")).to_be_visible()
