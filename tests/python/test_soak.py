"""Nothing leaks: calls sent over loopback, runs, decisions, requests and rows, the memory measured after a warm-up.

BIDDEN_SOAK=1 makes a million of each; without it there are 50,000 with a release wheel, and fewer with a debug build.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

LONG = os.environ.get("BIDDEN_SOAK") == "1"
COUNT = 1_000_000 if LONG else 50_000 if os.environ.get("BIDDEN_TEST_RELEASE") else 10_000

# A server of its own process that answers at once and remembers nothing.
SERVER = """
import asyncio, sys
ANSWER = b'{"testInvitationId": 7, "testUrl": "https://test.example/7", "status": "Pending"}'
HEAD = b"HTTP/1.1 200 OK\\r\\ncontent-type: application/json\\r\\ncontent-length: %d\\r\\n\\r\\n" % len(ANSWER)
class Server(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.rest = transport, b""
    def data_received(self, data):
        self.rest += data
        while True:
            head, end, body = self.rest.partition(b"\\r\\n\\r\\n")
            if not end:
                return
            lower = head.lower()
            at = lower.find(b"content-length:")
            length = int(lower[at + 15 :].split(b"\\r\\n")[0]) if at >= 0 else 0
            if len(body) < length:
                return
            self.rest = body[length:]
            self.transport.write(HEAD + ANSWER)
async def main():
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""

# Does its work in parts, and prints the memory after each.
MEASURED = """
import gc, resource, sys, threading
from concurrent.futures import ThreadPoolExecutor
import bidden
url, what, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
client = bidden.IMocha(api_key="sandbox-key", base_url=url)
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() // 1024
def people(number):
    return ({"email": f"c{n}@example.com", "name": "Candidate"} for n in range(number))
def sent(number):
    def some(share):
        for _ in range(share):
            client.invite(1, email="ada@example.com", name="Ada Lovelace")
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(some, number // 8) for _ in range(8)]:
            done.result()
def refused(number):
    for _ in range(number):
        try:
            client.invite(1, email="ada.example.com", name="")
        except bidden.InvalidInputError:
            pass
def runs(number):
    for _ in range(number // 1000):
        for outcome in bidden.invite_many(client, 1, people(1000), ledger=None):
            assert outcome.disposition == "invited", outcome.error
def requests(number):
    for _ in range(number):
        client.request("imocha.invite", test_id=1, email="ada@example.com", name="Ada").body
        bidden.decide("imocha", "pending", "start")
        bidden.decide("imocha", "complete", "cancel").allowed_events
def rows(number):
    for checked in bidden.validate({**row, "mobile": "12"} for row in people(number)):
        checked.warnings
def files(number):
    import pathlib, tempfile
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "list.csv")
        with path.open("w") as file:
            file.write("email,name,mobile\\n")
            for n in range(number):
                file.write(f"c{n}@example.com,Candidate,{n}\\n")
        for row in bidden.validate_csv(path):
            row.to_dict() if isinstance(row, bidden.Candidate) else row.errors
work = globals()[what]
parts = []
for _ in range(5):
    work(count // 5)
    gc.collect()
    parts.append((resident(), sys.getallocatedblocks()))
print(*(f"{memory}:{blocks}" for memory, blocks in parts))
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        yield f"http://127.0.0.1:{int(running.stdout.readline())}"
        running.kill()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
@pytest.mark.parametrize("what", ["sent", "refused", "runs", "requests", "rows", "files"])
def test_nothing_stays_of_what_was_done(server: str, what: str) -> None:
    # Each thread would else keep what it freed in an arena of its own, as many as there happened to be.
    environment = {**os.environ, "MALLOC_ARENA_MAX": "1"}
    words = [sys.executable, "-c", MEASURED, server, what, str(COUNT)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=environment)
    parts = [tuple(int(number) for number in part.split(":")) for part in done.stdout.split()]
    (_, warm), (_, blocks) = parts[1], parts[-1]
    grown = parts[-1][0] - parts[1][0]
    print(f"{what}: {COUNT} in all, resident {[memory for memory, _ in parts]} KiB, {blocks - warm} blocks more")
    # Three of five parts lie between the two looks: 60 % of what was done. Of a million, 100 bytes each would be seen;
    # of fewer the allocator itself keeps more than that, and Python's own objects are counted.
    assert grown < max(COUNT * 3 // 5 * 100 // 1024, 12 * 1024), f"{grown} KiB more: {parts}"
    assert blocks - warm < 1000, f"{blocks - warm} objects of Python more"


def test_the_measure_sees_a_leak() -> None:
    head = "def requests(number):\n    for _ in range(number):"
    leaking = MEASURED.replace(head, f"kept = []\n{head}\n        kept.append('x' * 50 + str(_))")
    assert leaking != MEASURED
    done = subprocess.run(
        [sys.executable, "-c", leaking, "http://127.0.0.1:1", "requests", "20000"],
        capture_output=True,
        text=True,
        check=True,
    )
    parts = [tuple(int(number) for number in part.split(":")) for part in done.stdout.split()]
    assert parts[-1][1] - parts[1][1] > 1000
