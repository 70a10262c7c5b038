"""The three platforms in this process."""

from __future__ import annotations

from . import _bidden
from ._clients import IMocha, TestInvite, ThinkExam

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta
    from types import TracebackType
    from typing import Any, Literal

    from ._bidden import _Moment


class _Played:
    """What a sandbox and its namespaces have in common."""

    __slots__ = ()

    @property
    def url(self) -> str:
        """The `base_url` of every client."""
        raise NotImplementedError

    @property
    def imocha_api_key(self) -> str:
        """The key that its iMocha accepts."""
        raise NotImplementedError

    @property
    def testinvite_token(self) -> str:
        """The token that its TestInvite accepts."""
        raise NotImplementedError

    @property
    def think_exam_api_key(self) -> str:
        """The `ak` that its Think Exam accepts."""
        raise NotImplementedError

    @property
    def think_exam_secret(self) -> str:
        """The secret that its Think Exam judges signatures by, with the default recipe."""
        raise NotImplementedError

    def imocha(self) -> IMocha:
        """Make a client of its iMocha.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     sandbox.imocha().retrieve_test(292930).test_id
        292930
        """
        return IMocha(api_key=self.imocha_api_key, base_url=self.url)

    def testinvite(self) -> TestInvite:
        """Make a client of its TestInvite.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     sandbox.testinvite().fetch_task("task-1").task_id
        'task-1'
        """
        return TestInvite(token=self.testinvite_token, base_url=self.url)

    def think_exam(self) -> ThinkExam:
        """Make a client of its Think Exam.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     sandbox.think_exam().unified_auth(name="Ada Lovelace", email="ada@example.com").is_login
        False
        """
        return ThinkExam(api_key=self.think_exam_api_key, secret=self.think_exam_secret, base_url=self.url)

    def reset(self) -> None:
        """Forget everything that happened.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.imocha()
        ...     invited = client.invite(292930, email="ada@example.com", name="Ada Lovelace")
        ...     sandbox.reset()
        ...     sandbox.invitations()
        []
        """
        self.control("POST", "reset", {})

    def invitations(self) -> list[dict[str, Any]]:
        """List every invitation, as `GET /_sandbox/invitations` does.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.imocha()
        ...     invited = client.invite(292930, email="ada@example.com", name="Ada Lovelace")
        ...     [invitation["status"] for invitation in sandbox.invitations()]
        ['Pending']
        """
        return list(self.control("GET", "invitations")["invitations"])

    def candidates(self) -> list[dict[str, Any]]:
        """List every candidate, as `GET /_sandbox/candidates` does.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.think_exam()
        ...     (registered,) = client.register([{"name": "Ada Lovelace", "email": "ada@example.com"}])
        ...     len(sandbox.candidates())
        1
        """
        return list(self.control("GET", "candidates")["candidates"])

    def outbox(self) -> list[dict[str, Any]]:
        """List every mail that a platform would have sent, as `GET /_sandbox/outbox` does.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.imocha()
        ...     invited = client.invite(292930, email="ada@example.com", name="Ada Lovelace", send_email=True)
        ...     [message["to"] for message in sandbox.outbox()]
        ['ada@example.com']
        """
        return list(self.control("GET", "outbox")["messages"])

    def requests(self) -> list[dict[str, Any]]:
        """List every platform call received, as `GET /_sandbox/requests` does.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     client = sandbox.imocha()
        ...     invited = client.invite(292930, email="ada@example.com", name="Ada Lovelace")
        ...     [request["path"] for request in sandbox.requests()]
        ['/v3/tests/292930/invite']
        """
        return list(self.control("GET", "requests")["requests"])

    def now(self) -> datetime:
        """Read its clock, an aware datetime in UTC.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     frozen = sandbox.freeze()
        ...     sandbox.now() == frozen
        True
        """
        return _moment(self.control("GET", "clock")["now"])

    def advance(self, by: timedelta | str, /) -> datetime:
        """Let time pass on its clock: a timedelta, or an ISO 8601 duration such as `P1D`. Returns what it shows then.

        Everything that comes due on the way has happened before this returns.

        >>> import bidden
        >>> from datetime import timedelta
        >>> with bidden.Sandbox() as sandbox:
        ...     before = sandbox.freeze()
        ...     sandbox.advance(timedelta(days=1)) - before
        datetime.timedelta(days=1)
        """
        if not isinstance(by, str):
            milliseconds = round(by.total_seconds() * 1000)
            if milliseconds < 0:
                raise ValueError("time passes forwards only; set_now sets the clock back")
            by = f"PT{milliseconds / 1000:.3f}S"
        return _moment(self.control("POST", "clock", {"advance": by, "wait": True})["now"])

    def set_now(self, moment: _Moment, /) -> datetime:
        """Set its clock to an aware datetime, RFC 3339 text, or seconds since 1970.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     sandbox.set_now("2030-01-01T00:00:00Z").year
        2030
        """
        window = _bidden.AccessWindow(start=moment)
        text = "" if window.start is None else window.start.isoformat()
        return _moment(self.control("POST", "clock", {"set": text, "wait": True})["now"])

    def freeze(self) -> datetime:
        """Stop its clock; from now on it moves only when told. Returns where it stands.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     sandbox.freeze() == sandbox.now()
        True
        """
        return _moment(self.control("POST", "clock", {"freeze": True})["now"])

    def thaw(self) -> datetime:
        """Let its clock run again.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     frozen = sandbox.freeze()
        ...     sandbox.thaw() >= frozen
        True
        """
        return _moment(self.control("POST", "clock", {"freeze": False})["now"])

    def add_fault(
        self,
        preset: str,
        /,
        *,
        platform: str | None = None,
        call: str | None = None,
        count: int | None = None,
        probability: float | None = None,
        milliseconds: int | None = None,
        seed: int | None = None,
    ) -> None:
        """Let calls go wrong: the next `count` (1 unless told otherwise), or each with a `probability`.

        The presets are those of `docs/faults.md`, e.g. `lost-after-commit`, `slow`, `rate-limited`, `error-5xx`. Raises
        `RuntimeError` for one that is not known.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     sandbox.add_fault("rate-limited", count=5)
        ...     try:
        ...         sandbox.imocha().with_options(tries=1).retrieve_test(292930)
        ...     except bidden.Error as error:
        ...         print(error.http_status)
        429
        """
        wanted = {
            "preset": preset,
            "platform": platform,
            "call": call,
            "count": count,
            "probability": probability,
            "milliseconds": milliseconds,
            "seed": seed,
        }
        self.control("POST", "faults", {name: value for name, value in wanted.items() if value is not None})

    def faults(self) -> list[dict[str, Any]]:
        """List what goes wrong, and how often it did.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     sandbox.add_fault("slow", milliseconds=5)
        ...     [fault["preset"] for fault in sandbox.faults()]
        ['slow']
        """
        return list(self.control("GET", "faults")["faults"])

    def clear_faults(self) -> None:
        """Let everything go well again.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     sandbox.add_fault("slow")
        ...     sandbox.clear_faults()
        ...     sandbox.faults()
        []
        """
        self.control("DELETE", "faults")

    def attempt(
        self,
        invitation_id: str | int,
        event: Literal["start", "finish", "leave", "terminate", "cancel"],
        /,
    ) -> dict[str, Any]:
        """Let a candidate do something, and return the invitation. Raises `RuntimeError` when the rules say no.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     invited = sandbox.imocha().invite(292930, email="ada@example.com", name="Ada Lovelace")
        ...     [sandbox.attempt(invited.invitation_id, event)["status"] for event in ("start", "finish")]
        ['In Progress', 'Complete']
        """
        return self.control("POST", f"attempts/{invitation_id}/{event}", {})

    def declare(self, fixtures: Mapping[str, object], /) -> None:
        """Declare tests, tasks and users; from then on the others are unknown.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     sandbox.declare({"imocha": {"tests": [{"test_id": 7, "name": "One"}]}})
        ...     [test.test_id for test in sandbox.imocha().tests()]
        [7]
        """
        self.control("POST", "fixtures", dict(fixtures))

    def control(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Use the control plane: `control("POST", "clock", {"advance": "P1D"})` goes to `/_sandbox/clock`.

        Raises `RuntimeError` with its answer when it refuses.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     sorted(sandbox.control("GET", "clock"))
        ['now']
        """
        import json
        from http.client import HTTPConnection

        host, slash, prefix = self.url.removeprefix("http://").partition("/")
        connection = HTTPConnection(host, timeout=30)
        try:
            text = None if body is None else json.dumps(body)
            headers = {"content-type": "application/json"}
            connection.request(method, f"{slash}{prefix}/_sandbox/{path}", text, headers)
            response = connection.getresponse()
            content = response.read().decode()
        finally:
            connection.close()
        if response.status >= 400:
            raise RuntimeError(f"the sandbox refused {method} /_sandbox/{path}: {content}")
        answer = json.loads(content) if content else {}
        return answer if isinstance(answer, dict) else {"answer": answer}


class Sandbox(_Played):
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

    def namespace(self, name: str, /) -> Namespace:
        """Give an isolated copy under `/ns/NAME`: its own state, clock, faults and outbox. Made when it is first used.

        A name has letters, digits, - and _, at most 64 of them.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox, sandbox.namespace("one") as one:
        ...     invited = one.imocha().invite(292930, email="ada@example.com", name="Ada Lovelace")
        ...     print(len(one.invitations()), len(sandbox.invitations()))
        1 0
        """
        return Namespace(self, name)

    def namespaces(self) -> list[str]:
        """List the names of the copies that were used and not removed.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     with sandbox.namespace("one") as one:
        ...         now = one.now()
        ...         print(sandbox.namespaces())
        ['one']
        """
        return [row["name"] for row in self.control("GET", "namespaces")["namespaces"]]

    def stop(self) -> None:
        """Stop answering. May be called again.

        >>> import bidden
        >>> sandbox = bidden.Sandbox()
        >>> sandbox.stop()
        >>> try:
        ...     sandbox.imocha().with_options(tries=1).retrieve_test(292930)
        ... except bidden.UnavailableError as error:
        ...     print(error.kind)
        unavailable
        """
        self._sandbox.stop()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Sandbox {self.url}>"


class Namespace(_Played):
    """An isolated copy of a sandbox, made by `Sandbox.namespace`. As a context manager it is removed at the end.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     with sandbox.namespace("one") as one:
    ...         one.name, one.url.removeprefix(sandbox.url)
    ('one', '/ns/one')
    """

    __slots__ = ("_name", "_sandbox")

    def __init__(self, sandbox: Sandbox, name: str, /) -> None:
        if (
            not name
            or len(name) > 64
            or not all(letter.isascii() and (letter.isalnum() or letter in "_-") for letter in name)
        ):
            raise ValueError("the name of a namespace has letters, digits, - and _, at most 64 of them")
        self._sandbox = sandbox
        self._name = name

    @property
    def name(self) -> str:
        """What it is called."""
        return self._name

    @property
    def url(self) -> str:
        """The `base_url` of every client."""
        return f"{self._sandbox.url}/ns/{self._name}"

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

    def remove(self) -> None:
        """Forget it and all that happened in it. May be called again.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     one = sandbox.namespace("one")
        ...     one.reset()
        ...     one.remove()
        ...     sandbox.namespaces()
        []
        """
        if self._name in self._sandbox.namespaces():
            self._sandbox.control("DELETE", f"namespaces/{self._name}")

    def __enter__(self) -> Namespace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.remove()

    def __repr__(self) -> str:
        return f"<Namespace {self.url}>"


def _moment(text: str) -> datetime:
    from datetime import datetime

    # Python 3.10 reads no Z.
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


for _class in (_Played, Sandbox, Namespace):
    _class.__module__ = "bidden"
del _class
