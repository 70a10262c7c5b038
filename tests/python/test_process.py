"""What a process does with open clients, runs and sandboxes: it ends cleanly, and it may fork."""

from __future__ import annotations

import os
import subprocess
import sys

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
