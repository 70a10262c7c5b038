"""What hears of every request: the caller's hooks, the logger `bidden`, and OpenTelemetry where a program uses it."""

from __future__ import annotations

import logging
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

LOGGER = logging.getLogger("bidden")


class RequestEvent:
    """A request that is about to leave, or one that is over.

    `call` is its name, such as `imocha.invite`; `method` and `url` are what goes out. Once it is over, `status` is the
    HTTP status, `error` the kind of error that came instead of a complete answer, `seconds` how long it took; before,
    all three are None. An address may hold personal data; `repr` shows none.

    >>> import bidden
    >>> with bidden.Sandbox() as sandbox:
    ...     events = []
    ...     with bidden.IMocha(api_key="sandbox-key", base_url=sandbox.url, after=events.append) as client:
    ...         test = client.retrieve_test(292930)
    ...     events[0].call, events[0].status
    ('imocha.retrieve_test', 200)
    """

    __slots__ = ("call", "error", "method", "seconds", "status", "url")
    __match_args__ = ("call", "status", "error")

    call: str
    method: str
    url: str
    status: int | None
    error: str | None
    seconds: float | None

    def __init__(
        self, call: str, method: str, url: str, status: int | None, error: str | None, seconds: float | None
    ) -> None:
        for name, value in zip(
            ("call", "method", "url", "status", "error", "seconds"),
            (call, method, url, status, error, seconds),
            strict=True,
        ):
            object.__setattr__(self, name, value)

    @property
    def platform(self) -> str:
        """The platform, in the word that every language has for it."""
        return self.call.partition(".")[0].replace("_", "-")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a RequestEvent is frozen: {name} cannot be set")

    def _values(self) -> tuple[object, ...]:
        return (self.call, self.method, self.url, self.status, self.error, self.seconds)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RequestEvent) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def __reduce__(self) -> tuple[object, ...]:
        return (RequestEvent, self._values())

    def __repr__(self) -> str:
        if self.seconds is None:
            return f"<RequestEvent {self.call}>"
        return f"<RequestEvent {self.call}: {self.status or self.error}>"


def observer_of(
    before: Callable[[RequestEvent], object] | None, after: Callable[[RequestEvent], object] | None
) -> Callable[[str, str, str, int | None, str | None, float | None], None]:
    """Make the one function that the extension tells of every request."""

    def observe(call: str, method: str, url: str, status: int | None, error: str | None, seconds: float | None) -> None:
        event = RequestEvent(call, method, url, status, error, seconds)
        if seconds is None:
            if before is not None:
                before(event)
            return
        # No address and no content: what is logged holds no personal data and no secret.
        if error is None:
            LOGGER.debug("%s: HTTP %s in %.0f ms", call, status, seconds * 1000)
        else:
            LOGGER.info("%s: %s after %.0f ms", call, error, seconds * 1000)
        trace = sys.modules.get("opentelemetry.trace")
        if trace is not None:
            _span(trace, event)
        if after is not None:
            after(event)

    return observe


def _span(trace: Any, event: RequestEvent) -> None:  # noqa: ANN401
    from time import time_ns

    ended = time_ns()
    host = event.url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    attributes: dict[str, str | int] = {
        "bidden.call": event.call,
        "http.request.method": event.method,
        "server.address": host,
    }
    if event.status is not None:
        attributes["http.response.status_code"] = event.status
    if event.error is not None:
        attributes["error.type"] = event.error
    span = trace.get_tracer("bidden").start_span(
        event.call,
        kind=trace.SpanKind.CLIENT,
        start_time=ended - int((event.seconds or 0) * 1e9),
        attributes=attributes,
    )
    if event.error is not None or (event.status or 0) >= 400:
        span.set_status(trace.StatusCode.ERROR)
    span.end(ended)


RequestEvent.__module__ = "bidden"
