"""What a process does with open clients, runs and sandboxes: it ends cleanly, and it may fork."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest

import bidden


def test_a_program_that_closes_nothing_ends_cleanly() -> None:
    program = (
        "import asyncio, bidden, bidden.aio, tempfile\n"
        "folder = tempfile.mkdtemp()\n"
        "sandbox = bidden.Sandbox()\n"
        "copy = sandbox.namespace('left')\n"
        "client = copy.imocha()\n"
        "ledger = bidden.Ledger(folder + '/ledger.db')\n"
        "ledger.invite(client, 1, email='ada@example.com', name='Ada')\n"
        "people = [{'email': f'c{n}@example.com', 'name': 'C'} for n in range(50)]\n"
        "rows = iter(bidden.invite_many(client, 1, people, ledger=ledger))\n"
        "next(rows)\n"
        "waiting = bidden.aio.IMocha(api_key='sandbox-key', base_url=copy.url)\n"
        "asyncio.run(waiting.retrieve_test(1))\n"
        "checked = bidden.validate(people)\n"
        "next(checked)\n"
    )
    done = subprocess.run([sys.executable, "-X", "dev", "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_child_forked_after_the_import_may_invite(sandbox: bidden.Sandbox) -> None:
    program = (
        "import os, sys, bidden, tempfile\n"
        "client = bidden.IMocha(api_key='sandbox-key', base_url=sys.argv[1])\n"
        "client.retrieve_test(1)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    people = [{'email': f'c{n}@example.com', 'name': 'C'} for n in range(20)]\n"
        "    with tempfile.TemporaryDirectory() as folder:\n"
        "        summary = bidden.invite_many(client, 1, people, ledger=folder + '/ledger.db').run()\n"
        "    os._exit(0 if summary.by_disposition == {'invited': 20} else 1)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", program, sandbox.url],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(sandbox.invitations()) == 20


#: How a program ends while things are open, and its exit code. The platforms are played by another process.
ENDS = {
    "a daemon thread inside a call": (
        "import threading, time\n"
        "silent = socket.create_server(('127.0.0.1', 0))\n"
        "slow = bidden.IMocha(api_key='k', base_url=f'http://127.0.0.1:{silent.getsockname()[1]}', tries=1)\n"
        "threading.Thread(target=slow.retrieve_test, args=(1,), daemon=True).start()\n"
        "connection, _ = silent.accept()\n"
        "connection.detach(), silent.detach()\n",
        0,
    ),
    "daemon threads inside a ledger, a run and a sandbox": (
        "import threading\n"
        "folder = tempfile.mkdtemp()\n"
        "ledger = bidden.Ledger(folder + '/ledger.db')\n"
        "def many(): list(bidden.invite_many(client, 1, people, ledger=None))\n"
        "def one():\n"
        "    for n in range(1000): ledger.invite(client, 2, email=f'd{n}@example.com', name='D')\n"
        "def other():\n"
        "    with bidden.Sandbox() as own: [own.imocha().retrieve_test(1) for _ in range(1000)]\n"
        "for work in (many, one, other): threading.Thread(target=work, daemon=True).start()\n"
        "time.sleep(0.3)\n",
        0,
    ),
    "sys.exit in the function that is told of progress": (
        "def told(done, total): sys.exit(3)\nbidden.invite_many(client, 1, people, ledger=None, progress=told).run()\n",
        3,
    ),
    "sys.exit in the loop over a run": (
        "for outcome in bidden.invite_many(client, 1, people, ledger=None): sys.exit(4)\n",
        4,
    ),
    "sys.exit in a signer": (
        "def sign(method, url, body, now): sys.exit(5)\n"
        "bidden.ThinkExam(signer=sign, base_url=url).assign_test('ada@example.com', 1)\n",
        5,
    ),
    "sys.exit in a generator of rows": (
        "def rows():\n    yield people[0]\n    sys.exit(6)\nbidden.invite_many(client, 1, rows(), ledger=None).run()\n",
        6,
    ),
    "a loop of asyncio that is left": (
        "import asyncio, bidden.aio\n"
        "async def main():\n"
        "    waiting = bidden.aio.IMocha(api_key='sandbox-key', base_url=url)\n"
        "    async for outcome in bidden.aio.invite_many(waiting, 1, people, ledger=None): sys.exit(7)\n"
        "asyncio.run(main())\n",
        7,
    ),
    "calls of asyncio that nobody awaits any more": (
        "import asyncio, bidden.aio\n"
        "async def main():\n"
        "    waiting = bidden.aio.IMocha(api_key='sandbox-key', base_url=url)\n"
        "    tasks = [asyncio.create_task(waiting.retrieve_test(n)) for n in range(1, 50)]\n"
        "    await asyncio.sleep(0)\n"
        "    await asyncio.sleep(0.01)\n"
        "asyncio.run(main())\n",
        0,
    ),
    "everything open and never closed": (
        "folder = tempfile.mkdtemp()\n"
        "ledger = bidden.Ledger(folder + '/ledger.db')\n"
        "own, clients = bidden.Sandbox(), [bidden.IMocha(api_key='sandbox-key', base_url=url) for _ in range(20)]\n"
        "[one.retrieve_test(1) for one in clients]\n"
        "rows = iter(bidden.invite_many(client, 1, people, ledger=ledger)); next(rows)\n"
        "checked = bidden.validate(people); next(checked)\n",
        0,
    ),
}


@pytest.mark.parametrize("how", ENDS)
def test_a_program_ends_cleanly(sandbox: bidden.Sandbox, how: str) -> None:
    body, code = ENDS[how]
    program = (
        "import bidden, socket, sys, tempfile, time\n"
        "url = sys.argv[1]\n"
        "client = bidden.IMocha(api_key='sandbox-key', base_url=url)\n"
        "people = [{'email': f'c{n}@example.com', 'name': 'C'} for n in range(300)]\n"
    )
    command = [sys.executable, "-X", "dev", "-c", program + body, sandbox.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (code, "")


#: What a child does that was forked with all of it open, and what is refused there.
FORKED = """
import asyncio, bidden, bidden.aio, os, sys, tempfile, threading
url, folder = sys.argv[1], sys.argv[2]
client = bidden.IMocha(api_key="sandbox-key", base_url=url)
waiting = bidden.aio.IMocha(api_key="sandbox-key", base_url=url)
client.retrieve_test(1)
asyncio.run(waiting.retrieve_test(1))
ledger, own = bidden.Ledger(folder + "/ledger.db"), bidden.Sandbox()
people = [{"email": f"c{n}@example.com", "name": "C"} for n in range(200)]
rows = iter(bidden.invite_many(client, 1, people, ledger=folder + "/other.db"))
next(rows)
child = os.fork()
if child == 0:
    assert client.retrieve_test(1).test_id == 1
    assert asyncio.run(waiting.retrieve_test(2)).test_id == 2
    assert own.imocha().retrieve_test(3).test_id == 3
    for use in (lambda: ledger.history("ada@example.com"), lambda: next(rows)):
        try:
            use()
        except bidden.StorageError as error:
            assert "before this process was forked" in str(error), error
        else:
            sys.exit("not refused")
    ledger.close()
    own.stop()
    fresh = bidden.invite_many(client, 2, people, ledger=folder + "/child.db").run()
    assert fresh.by_disposition == {"invited": 200}
    with bidden.Sandbox() as another:
        another.imocha().retrieve_test(1)
    sys.exit(0)
mine = [client.retrieve_test(n).test_id for n in range(1, 200)]
assert mine == list(range(1, 200)), "answers were mixed up"
assert len(list(rows)) == 199
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert own.imocha().retrieve_test(1).test_id == 1, "the child stopped what is not its own"
ledger.invite(client, 3, email="ada@example.com", name="Ada")
assert len(ledger.history("ada@example.com")) == 1
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_with_everything_open_shares_nothing(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKED, sandbox.url, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


POOL = """
import bidden, multiprocessing, sys
client = bidden.IMocha(api_key="sandbox-key", base_url=sys.argv[1])
def work(number):
    test = client.retrieve_test(number).test_id
    rows = [{"email": f"c{number}-{n}@example.com", "name": "C"} for n in range(5)]
    return test, bidden.invite_many(client, number, rows, ledger=None).run()
if __name__ == "__main__":
    client.retrieve_test(1)
    with multiprocessing.get_context(sys.argv[2]).Pool(3) as pool:
        for number, (test, summary) in enumerate(pool.map(work, range(1, 13)), 1):
            assert test == number and summary.by_disposition == {"invited": 5}, (test, summary)
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_of_multiprocessing_send_side_by_side(sandbox: bidden.Sandbox, tmp_path: Path, method: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"{method} is not known here")
    file = tmp_path / "pool.py"
    file.write_text(POOL, "utf-8")
    command = [sys.executable, "-W", "ignore::DeprecationWarning", str(file), sandbox.url, method]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(sandbox.invitations()) == 60
