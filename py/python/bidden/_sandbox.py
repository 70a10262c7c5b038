"""The three platforms in this process."""

from __future__ import annotations

from . import _bidden
from ._clients import IMocha, TestInvite, ThinkExam

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any


class Sandbox:
    """Think Exam, iMocha and TestInvite on a free port of this machine, in memory, until it is stopped.

    It mails nobody and reaches no platform. Use it as a context manager, or call `stop`. Raises `ConfigurationError`
    when it cannot listen.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     client = sandbox.imocha()
    ...     invited = client.invite(292930, email="ada@example.com", name="Ada Lovelace", send_email=True)
    ...     [message["to"] for message in sandbox.outbox()]
    ['ada@example.com']
    """

    __slots__ = ("_sandbox",)

    def __init__(self) -> None:
        self._sandbox = _bidden.Sandbox()

    @property
    def url(self) -> str:
        """Where it listens: the `base_url` of every client."""
        return self._sandbox.url

    @property
    def imocha_api_key(self) -> str:
        """The key that its iMocha accepts."""
        return self._sandbox.imocha_api_key

    @property
    def testinvite_token(self) -> str:
        """The token that its TestInvite accepts."""
        return self._sandbox.testinvite_token

    @property
    def think_exam_api_key(self) -> str:
        """The `ak` that its Think Exam accepts."""
        return self._sandbox.think_exam_api_key

    @property
    def think_exam_secret(self) -> str:
        """The secret that its Think Exam judges signatures by, with the default recipe."""
        return self._sandbox.think_exam_secret

    def imocha(self) -> IMocha:
        """Make a client of its iMocha."""
        return IMocha(api_key=self.imocha_api_key, base_url=self.url)

    def testinvite(self) -> TestInvite:
        """Make a client of its TestInvite."""
        return TestInvite(token=self.testinvite_token, base_url=self.url)

    def think_exam(self) -> ThinkExam:
        """Make a client of its Think Exam."""
        return ThinkExam(api_key=self.think_exam_api_key, secret=self.think_exam_secret, base_url=self.url)

    def reset(self) -> None:
        """Forget everything that happened."""
        self.control("POST", "reset", {})

    def invitations(self) -> list[dict[str, Any]]:
        """List every invitation, as `GET /_sandbox/invitations` does."""
        return list(self.control("GET", "invitations")["invitations"])

    def outbox(self) -> list[dict[str, Any]]:
        """List every mail that a platform would have sent, as `GET /_sandbox/outbox` does."""
        return list(self.control("GET", "outbox")["messages"])

    def requests(self) -> list[dict[str, Any]]:
        """List every platform call received, as `GET /_sandbox/requests` does."""
        return list(self.control("GET", "requests")["requests"])

    def control(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Use the control plane: `control("POST", "clock", {"advance": "P1D"})` goes to `/_sandbox/clock`.

        Raises `RuntimeError` with its answer when it refuses.
        """
        import json
        from http.client import HTTPConnection

        connection = HTTPConnection(self.url.removeprefix("http://"), timeout=30)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, f"/_sandbox/{path}", text, {"content-type": "application/json"})
            response = connection.getresponse()
            content = response.read().decode()
        finally:
            connection.close()
        if response.status >= 400:
            raise RuntimeError(f"the sandbox refused {method} /_sandbox/{path}: {content}")
        answer = json.loads(content) if content else {}
        return answer if isinstance(answer, dict) else {"answer": answer}

    def stop(self) -> None:
        """Stop answering. May be called again."""
        self._sandbox.stop()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Sandbox {self.url}>"


Sandbox.__module__ = "bidden"
