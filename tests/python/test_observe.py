"""Hooks, the logger and traces: who hears of every request, and what they never hear."""

from __future__ import annotations

import copy
import gc
import logging
import pickle
import socket
import subprocess
import sys
import weakref
from typing import Any

import pytest
from test_clients import answering

import bidden

ADA = "ada@example.com"


def client_of(sandbox: bidden.Sandbox, **options: Any) -> bidden.IMocha:  # noqa: ANN401
    return bidden.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url, **options)


def test_hooks_hear_of_every_request_repeats_too(sandbox: bidden.Sandbox) -> None:
    before: list[bidden.RequestEvent] = []
    after: list[bidden.RequestEvent] = []
    client = client_of(sandbox, before=before.append, after=after.append)
    sandbox.add_fault("lost-before-commit")
    client.invite(292930, email=ADA, name="Ada Lovelace", send_email=False)
    assert [event.call for event in before] == ["imocha.invite"] * 2
    assert [(event.status, event.error) for event in after] == [(None, "unavailable"), (200, None)]
    assert all(event.seconds is None for event in before)
    assert all(event.seconds is not None and event.seconds > 0 for event in after)
    assert (after[1].method, after[1].platform) == ("POST", "imocha")
    assert after[1].url == f"{sandbox.url}/v3/tests/292930/invite"
    assert repr(after) == "[<RequestEvent imocha.invite: unavailable>, <RequestEvent imocha.invite: 200>]"
    assert pickle.loads(pickle.dumps(after[1])) == copy.copy(after[1]) == after[1] != after[0]
    with pytest.raises(AttributeError, match="frozen"):
        after[0].status = 1


def test_a_run_and_a_derived_client_are_heard_as_well(sandbox: bidden.Sandbox) -> None:
    after: list[bidden.RequestEvent] = []
    client = client_of(sandbox, after=after.append)
    people = [{"email": f"c{number}@example.com", "name": "C"} for number in range(20)]
    bidden.invite_many(client, 292930, people, ledger=None).run()
    assert len(after) == 20
    client.with_options(tries=1).retrieve_test(292930)
    assert after[-1].call == "imocha.retrieve_test"


def test_a_hook_that_fails_stops_nothing(sandbox: bidden.Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(event: bidden.RequestEvent) -> None:
        raise ZeroDivisionError(event.call)

    raised: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: raised.append(unraisable.exc_type))
    assert client_of(sandbox, after=failing).retrieve_test(292930).questions == 20
    assert raised == [ZeroDivisionError]


def test_a_client_and_its_hook_are_collected_together(sandbox: bidden.Sandbox) -> None:
    class Hook:
        client: bidden.IMocha

        def __call__(self, event: bidden.RequestEvent) -> None:
            pass

    hook = Hook()
    hook.client = client_of(sandbox, after=hook).with_options(tries=2)
    gone = weakref.ref(hook)
    del hook
    gc.collect()
    assert gone() is None


def test_the_logger_holds_no_address_and_no_key(sandbox: bidden.Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="bidden"):
        client = client_of(sandbox)
        client.invite(292930, email=ADA, name="Ada Lovelace")
        client.mask_personal_data(ADA)
        with pytest.raises(bidden.UnavailableError):
            bidden.IMocha(api_key="sandbox-key", base_url="http://127.0.0.1:1", tries=1).retrieve_test(1)
    messages = [record.getMessage() for record in caplog.records if record.name == "bidden"]
    assert [message.split(":")[0] for message in messages] == [
        "imocha.invite",
        "imocha.mask_personal_data",
        "imocha.retrieve_test",
    ]
    assert "HTTP 200" in messages[0]
    assert "unavailable" in messages[2]
    for message in messages:
        for secret in (ADA, "Ada", "sandbox-key", "http"):
            assert secret not in message.replace("HTTP", "")


def test_nobody_hears_where_nobody_listens(sandbox: bidden.Sandbox) -> None:
    program = (
        "import sys, bidden\n"
        "client = bidden.IMocha(api_key='sandbox-key', base_url=sys.argv[1])\n"
        "client.retrieve_test(292930)\n"
        "print('logging' in sys.modules, 'bidden._observe' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, sandbox.url], capture_output=True, text=True, check=True)
    assert done.stdout.split()[1] == "False"


TRACED = """
import sys
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
import bidden
exporter = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
client = bidden.IMocha(api_key="sandbox-key", base_url=sys.argv[1], tries=1)
with trace.get_tracer("test").start_as_current_span("mine") as mine:
    client.retrieve_test(292930)
    try:
        client.cancel(77)
    except bidden.Error:
        pass
good, bad, outer = exporter.get_finished_spans()
assert (good.name, bad.name, outer.name) == ("imocha.retrieve_test", "imocha.cancel", "mine")
assert good.parent.span_id == bad.parent.span_id == mine.get_span_context().span_id
assert good.attributes["http.response.status_code"] == 200
assert good.attributes["server.address"] == sys.argv[1].removeprefix("http://")
assert not bad.status.is_ok
assert good.end_time > good.start_time
"""


def test_a_span_for_every_request_belongs_to_the_callers(sandbox: bidden.Sandbox) -> None:
    pytest.importorskip("opentelemetry.sdk")
    done = subprocess.run([sys.executable, "-c", TRACED, sandbox.url], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_clients_are_context_managers_with_their_own_patience(sandbox: bidden.Sandbox) -> None:
    with client_of(sandbox) as client:
        patient = client.with_options(timeout=0.2, tries=1)
        sandbox.add_fault("slow", milliseconds=600)
        with pytest.raises(bidden.TimedOutError):
            patient.retrieve_test(292930)
        assert client.retrieve_test(292930).questions == 20
    with pytest.raises(RuntimeError, match="closed"):
        client.retrieve_test(292930)
    assert repr(client) == "<closed client>"
    client.close()
    with pytest.raises(bidden.InvalidInputError, match="timeout"):
        patient.with_options(timeout=-1)


def test_a_proxy_is_asked_for_hosts_other_than_loopback(sandbox: bidden.Sandbox) -> None:
    with pytest.raises(bidden.ConfigurationError, match="proxy") as refused:
        bidden.IMocha(api_key="k", base_url="http://imocha.example", proxy="no scheme://user:top-secret@x y")
    assert "top-secret" not in str(refused.value)
    asked: list[bytes] = []

    def respond(connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head and (more := connection.recv(4096)):
            head += more
        asked.append(head)
        connection.close()

    with answering(respond) as address:
        client = bidden.IMocha(
            api_key="k", base_url="http://imocha.example", proxy=bidden.Secret(address), tries=1, timeout=5
        )
        with pytest.raises(bidden.Error):
            client.retrieve_test(1)
    assert b"imocha.example" in asked[0]
