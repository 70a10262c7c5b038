"""B4 and B5: so many invitations sent, the answers read; as each library's documentation shows it, and no record."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from common import report

HEADERS = {"X-API-KEY": "sandbox-key"}


def body(number: int) -> dict[str, str]:
    return {"email": f"person{number}@example.com", "name": "Ada Lovelace", "sendEmail": "no"}


def with_threads(invite: Callable[[int], int], calls: int, threads: int) -> Iterable[int]:
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(invite, range(calls)))


def with_requests(url: str, calls: int, callers: int) -> Iterable[int]:
    import requests

    local = threading.local()

    def invite(number: int) -> int:
        if not hasattr(local, "session"):
            local.session = requests.Session()
        answer = local.session.post(url, json=body(number), headers=HEADERS, timeout=30)
        answer.raise_for_status()
        found: int = answer.json()["testInvitationId"]
        return found

    return with_threads(invite, calls, callers)


def httpx_threads(url: str, calls: int, callers: int) -> Iterable[int]:
    import httpx

    # One client for all threads, as its documentation says.
    with httpx.Client(timeout=30, headers=HEADERS) as client:

        def invite(number: int) -> int:
            answer = client.post(url, json=body(number))
            answer.raise_for_status()
            found: int = answer.json()["testInvitationId"]
            return found

        return with_threads(invite, calls, callers)


async def with_tasks(invite: Callable[[int], Any], calls: int, callers: int) -> list[int]:
    numbers = iter(range(calls))
    found: list[int] = []

    async def caller() -> None:
        for number in numbers:
            found.append(await invite(number))

    await asyncio.gather(*(caller() for _ in range(callers)))
    return found


def httpx_async(url: str, calls: int, callers: int) -> Iterable[int]:
    import httpx

    async def work() -> list[int]:
        limits = httpx.Limits(max_connections=callers, max_keepalive_connections=callers)
        async with httpx.AsyncClient(timeout=30, headers=HEADERS, limits=limits) as client:

            async def invite(number: int) -> int:
                answer = await client.post(url, json=body(number))
                answer.raise_for_status()
                found: int = answer.json()["testInvitationId"]
                return found

            return await with_tasks(invite, calls, callers)

    return asyncio.run(work())


def with_aiohttp(url: str, calls: int, callers: int) -> Iterable[int]:
    return asyncio.run(aiohttp_calls(url, calls, callers))


def aiohttp_uvloop(url: str, calls: int, callers: int) -> Iterable[int]:
    import uvloop

    return uvloop.run(aiohttp_calls(url, calls, callers))


async def aiohttp_calls(url: str, calls: int, callers: int) -> list[int]:
    import aiohttp

    connector = aiohttp.TCPConnector(limit=callers)
    async with aiohttp.ClientSession(connector=connector, headers=HEADERS) as session:

        async def invite(number: int) -> int:
            async with session.post(url, json=body(number)) as answer:
                answer.raise_for_status()
                found: int = (await answer.json())["testInvitationId"]
                return found

        return await with_tasks(invite, calls, callers)


def pycurl_multi(url: str, calls: int, callers: int) -> Iterable[int]:
    """The multi interface, handles used again, as in its example `retriever-multi.py`."""
    from io import BytesIO

    import pycurl  # type: ignore[import-untyped]

    multi = pycurl.CurlMulti()
    free = []
    for _ in range(callers):
        curl = pycurl.Curl()
        curl.setopt(pycurl.URL, url)
        curl.setopt(pycurl.HTTPHEADER, ["X-API-KEY: sandbox-key", "Content-Type: application/json"])
        curl.setopt(pycurl.NOSIGNAL, 1)
        free.append(curl)
    answers: dict[Any, BytesIO] = {}
    found: list[int] = []
    sent = 0
    while len(found) < calls:
        while free and sent < calls:
            curl = free.pop()
            answers[curl] = BytesIO()
            curl.setopt(pycurl.POSTFIELDS, json.dumps(body(sent)))
            curl.setopt(pycurl.WRITEDATA, answers[curl])
            multi.add_handle(curl)
            sent += 1
        while multi.perform()[0] == pycurl.E_CALL_MULTI_PERFORM:
            pass
        _, good, bad = multi.info_read()
        assert not bad, bad
        for curl in good:
            assert curl.getinfo(pycurl.RESPONSE_CODE) == 200
            found.append(json.loads(answers[curl].getvalue())["testInvitationId"])
            multi.remove_handle(curl)
            free.append(curl)
        if not good:
            multi.select(1.0)
    return found


def main() -> None:
    programs: dict[str, Callable[[str, int, int], Iterable[int]]] = {
        "requests": with_requests,
        "httpx": httpx_threads,
        "httpx-async": httpx_async,
        "aiohttp": with_aiohttp,
        "aiohttp-uvloop": aiohttp_uvloop,
        "pycurl": pycurl_multi,
    }
    name, base, calls, callers = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    began = time.perf_counter()
    found = programs[name](f"{base}/v3/tests/292930/invite", calls, callers)
    seconds = time.perf_counter() - began
    assert len(set(found)) == calls
    report(calls, seconds)


if __name__ == "__main__":
    main()
