"""bidden.aio: calls overlap, cancelling ends the waiting and never the bookkeeping, the names are the same."""

from __future__ import annotations

import asyncio
import gc
import inspect
import time
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest

import bidden
import bidden.aio

TEST = 292930
T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def client_of(sandbox: bidden.Sandbox) -> bidden.aio.IMocha:
    return bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url, callers=128)


def people(count: int) -> list[dict[str, str]]:
    return [{"email": f"c{number}@example.com", "name": "Candidate"} for number in range(1, count + 1)]


def mails(sandbox: bidden.Sandbox) -> int:
    return sum(message["kind"] == "invitation" for message in sandbox.outbox())


def test_the_file_is_made_from_the_blocking_clients() -> None:
    make_aio = pytest.importorskip("make_aio")
    assert make_aio.TARGET.read_text("utf-8") == make_aio.made(), "python tests/python/make_aio.py makes it again"


def test_the_names_are_the_same() -> None:
    for name in bidden.aio.__all__:
        blocking, waiting = getattr(bidden, name), getattr(bidden.aio, name)
        if not inspect.isclass(blocking):
            assert inspect.signature(blocking).parameters.keys() == inspect.signature(waiting).parameters.keys(), name
            continue
        members = {member for member in dir(blocking) if not member.startswith("_")}
        assert members <= {member for member in dir(waiting) if not member.startswith("_")}, name
        for member in members:
            assert inspect.getdoc(getattr(waiting, member)), f"{name}.{member}"


def test_a_hundred_calls_overlap(sandbox: bidden.Sandbox) -> None:
    sandbox.add_fault("slow", probability=1, milliseconds=500)

    async def main() -> list[bidden.Invited]:
        async with client_of(sandbox) as client:
            calls = [client.invite(TEST, email=f"c{number}@example.com", name="C") for number in range(100)]
            return await asyncio.gather(*calls)

    began = time.monotonic()
    invited = run(main())
    took = time.monotonic() - began
    assert len({answer.invitation_id for answer in invited}) == 100
    assert took < 100 * 0.5 / 5, took


def test_the_loop_goes_on_while_a_call_waits(sandbox: bidden.Sandbox) -> None:
    sandbox.add_fault("slow", milliseconds=300)

    async def main() -> int:
        call = asyncio.ensure_future(client_of(sandbox).retrieve_test(TEST))
        turns = 0
        while not call.done():
            await asyncio.sleep(0.01)
            turns += 1
        return turns

    assert run(main()) > 10


def test_cancelling_ends_the_waiting_and_never_the_bookkeeping(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    sandbox.add_fault("slow", milliseconds=700)
    place = tmp_path / "ledger.db"

    async def main() -> float:
        async with bidden.aio.Ledger(place) as ledger:
            call = asyncio.ensure_future(
                ledger.invite(client_of(sandbox), TEST, email="ada@example.com", name="Ada", send_email=True)
            )
            await asyncio.sleep(0.2)
            began = time.monotonic()
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            return time.monotonic() - began

    waited = run(main())
    assert waited < 0.3, waited
    # Closing waited for the thread: the record is right and the file free.
    with bidden.Ledger(place) as ledger:
        (invitation,) = ledger.history("ada@example.com")
        assert invitation["disposition"] == "invited"
        again = ledger.invite(sandbox.imocha(), TEST, email="ada@example.com", name="Ada", send_email=True)
        assert again.disposition == "unchanged"
    assert mails(sandbox) == 1


def test_an_error_is_the_same_and_one_that_nobody_awaits_is_silent(
    sandbox: bidden.Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        client = client_of(sandbox)
        with pytest.raises(bidden.InvalidInputError):
            await client.invite(TEST, email="nobody", name="N")
        sandbox.add_fault("slow", milliseconds=200)
        call = asyncio.ensure_future(client.cancel(77))
        await asyncio.sleep(0.05)
        call.cancel()
        await asyncio.sleep(0.4)
        del call
        gc.collect()

    run(main())
    assert caplog.records == []


def test_pages_are_iterated_over(sandbox: bidden.Sandbox) -> None:
    async def main() -> list[object]:
        tests = client_of(sandbox).tests()
        assert isinstance(tests, AsyncIterator)
        return [test async for test in tests]

    assert run(main()) == list(sandbox.imocha().tests())


def test_a_run_is_iterated_over_and_awaited(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    place, told = tmp_path / "ledger.db", []

    async def main() -> tuple[list[int], bidden.Summary]:
        client = client_of(sandbox)
        run_ = bidden.aio.invite_many(
            client,
            TEST,
            people(50),
            ledger=place,
            send_email=True,
            progress=lambda done, total: told.append((done, total)),
        )
        rows = [outcome.row async for outcome in run_]
        assert run_.summary is not None
        again = await bidden.aio.invite_many(client, TEST, people(50), ledger=place, send_email=True).run()
        assert [entry["disposition"] for entry in await bidden.aio.history("c1@example.com", ledger=place)] == [
            "invited"
        ]
        return rows, again

    rows, again = run(main())
    assert rows == list(range(1, 51))
    assert told == [(number, 50) for number in rows]
    assert again.by_disposition == {"unchanged": 50}
    assert mails(sandbox) == 50


def test_leaving_an_asynchronous_loop_stops_the_run_and_the_loop_goes_on(
    sandbox: bidden.Sandbox, tmp_path: Path
) -> None:
    sandbox.add_fault("slow", probability=1, milliseconds=300)
    place = tmp_path / "ledger.db"

    async def main() -> float:
        run_ = bidden.aio.invite_many(
            client_of(sandbox), TEST, people(500), ledger=place, send_email=True, concurrency=4
        )
        async for _ in run_:
            break
        began = time.monotonic()
        await asyncio.sleep(0)
        return time.monotonic() - began

    assert run(main()) < 0.2
    sandbox.clear_faults()
    deadline = time.monotonic() + 20
    while True:
        try:
            rest = bidden.invite_many(sandbox.imocha(), TEST, people(500), ledger=place, send_email=True).run()
            break
        except bidden.StorageError:
            assert time.monotonic() < deadline, "the run that was left keeps the file"
            time.sleep(0.1)
    assert sum(rest.by_disposition.values()) == 500
    assert mails(sandbox) == 500


def test_a_plan_is_made_and_applied(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    async def main() -> tuple[int, dict[str, int], dict[str, int]]:
        client = bidden.aio.TestInvite(token=sandbox.testinvite_token, base_url=sandbox.url)
        file, place = tmp_path / "plan.jsonl", tmp_path / "ledger.db"
        planned = await bidden.aio.plan(client, "task-1", people(3), file, ledger=place)
        applied = await bidden.aio.apply(client, file, ledger=place).run()
        found = await bidden.aio.reconcile(client, "task-1", ledger=place)
        return planned.would_send, applied.by_disposition, found.counts

    assert run(main()) == (3, {"created": 3}, {"agreed": 3})
