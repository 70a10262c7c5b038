"""What is usually written instead: a few lines of requests. Each habit is common, and each goes wrong somewhere."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import requests

import bidden


class Naive:
    """A script's helper around iMocha's invite and Think Exam's registration."""

    def __init__(self, sandbox: bidden.Sandbox, timeout: float = 5.0) -> None:
        self.sandbox = sandbox
        self.timeout = timeout
        self.session = requests.Session()
        # What this machine's proxies are set to has nothing to do with loopback.
        self.session.trust_env = False

    def post(self, email: str, callback_url: str | None = None) -> requests.Response:
        body = {"email": email, "name": "Ada Lovelace", "sendEmail": "yes", "callbackUrl": callback_url}
        return self.session.post(
            f"{self.sandbox.url}/v3/tests/292930/invite",
            json={name: value for name, value in body.items() if value is not None},
            headers={"X-API-KEY": self.sandbox.imocha_api_key},
            timeout=self.timeout,
        )

    def invite(self, email: str, tries: int = 5) -> dict[str, Any]:
        """Try until there is an answer: no answer means that nothing has happened, does it not?"""
        for _ in range(tries):
            try:
                response = self.post(email)
                response.raise_for_status()
                if not response.headers["content-type"].startswith("application/json"):
                    continue
                answer: dict[str, Any] = response.json()
            except requests.RequestException:
                continue
            return answer
        raise RuntimeError("no answer")

    def report(self, invitation_id: int) -> requests.Response:
        return self.session.get(
            f"{self.sandbox.url}/v3/reports/{invitation_id}",
            headers={"X-API-KEY": self.sandbox.imocha_api_key},
            timeout=self.timeout,
        )

    def register(self, emails: list[str]) -> requests.Response:
        triple = bidden.sign(api_key=self.sandbox.think_exam_api_key, secret=self.sandbox.think_exam_secret, body="[]")
        return self.session.post(
            f"{self.sandbox.url}/api/v1/bulkCandidateRegister",
            json=[{"name": "Ada Lovelace", "email": email, "password": "pass"} for email in emails],
            headers={"ak": triple.ak, "sgn": triple.sgn, "ts": triple.ts},
            timeout=self.timeout,
        )


class NaiveReceiver:
    """Believes every callback: it comes once, in order, and about an invitation whose answer is here."""

    def __init__(self) -> None:
        self.invited: dict[int, str] = {}
        self.statuses: dict[str, str] = {}
        self.completed = 0

    def __call__(self, body: dict[str, Any]) -> None:
        email = self.invited[body["TestInvitationId"]]
        self.statuses[email] = body["Status"]
        if body["Status"] == "Complete":
            self.completed += 1


@contextmanager
def listening(hear: Callable[[dict[str, Any]], None]) -> Iterator[str]:
    """An address that hands every callback to `hear`, and answers 500 when that fails."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            try:
                hear(body)
                self.send_response(200)
            except LookupError:
                self.send_response(500)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook"
    finally:
        server.shutdown()
        server.server_close()
