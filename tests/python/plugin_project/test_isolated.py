"""A small project of somebody's: each test has platforms of its own, whatever the others do."""

from __future__ import annotations

from datetime import timedelta

import pytest

import bidden


@pytest.mark.parametrize("number", range(24))
def test_nobody_else_is_here(bidden_sandbox: bidden.Namespace, number: int) -> None:
    assert bidden_sandbox.invitations() == []
    assert bidden_sandbox.outbox() == []
    assert bidden_sandbox.requests() == []
    assert bidden_sandbox.faults() == []
    client = bidden_sandbox.imocha()
    for person in range(number % 3 + 1):
        client.invite(292930, email=f"c{person}@example.com", name="Candidate", send_email=True)
    assert len(bidden_sandbox.outbox()) == number % 3 + 1
    frozen = bidden_sandbox.freeze()
    assert bidden_sandbox.advance(timedelta(days=number)) - frozen == timedelta(days=number)
    bidden_sandbox.add_fault("error-5xx", count=1000)


def test_one_sandbox_serves_all_tests_of_a_process(
    bidden_sandbox: bidden.Namespace, bidden_session_sandbox: bidden.Sandbox
) -> None:
    assert bidden_sandbox.url.startswith(f"{bidden_session_sandbox.url}/ns/test-one-sandbox")
    bidden_sandbox.invitations()
    # Those of the tests before are gone.
    assert bidden_session_sandbox.namespaces() == [bidden_sandbox.name]
