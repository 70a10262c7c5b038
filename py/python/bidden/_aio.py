"""The threads under `bidden.aio`, and a run that is iterated over with `async for`."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

from ._many import Run, _teller

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from typing import Any, ParamSpec, TypeVar

    from ._bidden import Running
    from ._results import RowOutcome, Summary

    _P = ParamSpec("_P")
    _T = TypeVar("_T")

# Made one by one as they are needed: more calls than these wait for one another. What was begun is finished before the
# interpreter ends.
_threads = ThreadPoolExecutor(max_workers=256, thread_name_prefix="bidden-aio")


def _forked() -> None:
    """Have threads of its own in a forked child: the others stayed behind."""
    global _threads
    _threads = ThreadPoolExecutor(max_workers=256, thread_name_prefix="bidden-aio")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


async def in_thread(call: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
    """Do something in a thread. Who is cancelled waits no longer; the thread finishes what it began."""
    from contextvars import copy_context
    from functools import partial

    context = copy_context()
    work = partial(context.run, partial(call, *arguments, **named))
    # A future that nobody can call off: what is in the record is never half done.
    future = asyncio.wrap_future(_threads.submit(work))
    return await asyncio.shield(_quiet(future))


def _quiet(future: asyncio.Future[_T]) -> asyncio.Future[_T]:
    """Keep the loop from complaining of what fails after nobody waits any more: it is in the record."""
    future.add_done_callback(lambda done: done.cancelled() or done.exception())
    return future


async def iterate(values: Iterator[_T]) -> AsyncIterator[_T]:
    """Take values one by one, each in a thread."""
    end = object()
    while True:
        value: Any = await in_thread(next, values, end)
        if value is end:
            return
        yield value


class AsyncRun:
    """Rows that are sent while they are iterated over with `async for`, or by `await run()`; once.

    Leaving the loop, or cancelling the task, stops the run: what is in flight is finished and written by its threads.
    A run that is never begun warns.

    >>> import asyncio, bidden, bidden.aio
    >>> async def main(sandbox):
    ...     client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
    ...     people = [{"email": "ada@example.com", "name": "Ada Lovelace"}]
    ...     return [outcome.disposition async for outcome in bidden.aio.invite_many(client, 1, people, ledger=None)]
    >>> with bidden.Sandbox() as sandbox:
    ...     asyncio.run(main(sandbox))
    ['invited']
    """

    __slots__ = ("_run",)

    def __init__(self, make: Callable[[], Run]) -> None:
        # Options are checked here; a generator of rows is read to its end here too.
        self._run = make()

    def __aiter__(self) -> AsyncIterator[RowOutcome]:
        return _Rows(self._run)

    async def run(self) -> Summary:
        """Send all rows and give what they came to.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
        ...         people = [{"email": "ada@example.com", "name": "Ada Lovelace"}]
        ...         return await bidden.aio.invite_many(client, 1, people, ledger=None).run()
        >>> asyncio.run(main())
        <Summary of 1 row: 1 invited>
        """
        async for _ in self:
            pass
        return self._run._ended()

    def stop(self) -> None:
        """End the run: what is in flight is finished, nothing new is sent.

        >>> import asyncio, bidden, bidden.aio
        >>> async def main():
        ...     with bidden.Sandbox() as sandbox:
        ...         client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
        ...         people = [{"email": f"c{number}@example.com", "name": "Candidate"} for number in range(300)]
        ...         run = bidden.aio.invite_many(client, 1, people, ledger=None, concurrency=1)
        ...         async for outcome in run:
        ...             run.stop()
        ...         return run.summary.stopped
        >>> asyncio.run(main())
        'interrupted'
        """
        self._run.stop()

    @property
    def total(self) -> int | None:
        """How many rows there are; None until the input was read."""
        return self._run.total

    @property
    def summary(self) -> Summary | None:
        """What all rows came to; None until the run has ended."""
        return self._run.summary

    def __repr__(self) -> str:
        return f"<asynchronous {repr(self._run).strip('<>')}>"


class _Rows:
    """What `async for` holds: whoever lets go of it stops the run."""

    __slots__ = ("_end", "_ready", "_run", "_running", "_taken", "_tell")

    _running: Running | None

    def __init__(self, run: Run) -> None:
        self._run = run
        self._running = run._start()
        self._ready: list[RowOutcome] = []
        self._taken = 0
        self._tell: Callable[[int, int | None], object] | None = None
        self._end: Callable[[], object] | None = None
        if run._progress is not False:
            self._tell, self._end = _teller(run._progress)

    def __aiter__(self) -> AsyncIterator[RowOutcome]:
        return self

    async def __anext__(self) -> RowOutcome:
        if not self._ready:
            running = self._running
            if running is None:
                raise StopAsyncIteration
            try:
                # As many as have come, so that a hop to another thread is not made for each.
                self._ready = await in_thread(running.some)
            except BaseException:
                self._leave()
                raise
            self._ready.reverse()
            if not self._ready:
                self._leave()
                raise StopAsyncIteration
        self._taken += 1
        if self._tell is not None:
            self._tell(self._taken, self._run.total)
        return self._ready.pop()

    def _leave(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            self._run.stop()
            # Closing waits for what is in flight, and the event loop does not.
            _threads.submit(running.close)
            if self._end is not None:
                self._end()

    def __del__(self) -> None:
        self._leave()


AsyncRun.__module__ = "bidden.aio"
AsyncRun.__name__ = AsyncRun.__qualname__ = "Run"
