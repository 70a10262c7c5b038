"""The pytest plugin: a sandbox for every test that asks for `bidden_sandbox`.

Installed with the package; nothing is imported and nothing started before a test asks for the fixture.

>>> def test_my_own_code_invites(bidden_sandbox):
...     client = bidden_sandbox.imocha()
...     client.invite(292930, email="ada@example.com", name="Ada Lovelace", send_email=True)
...     assert [message["to"] for message in bidden_sandbox.outbox()] == ["ada@example.com"]
"""

from __future__ import annotations

import re
from itertools import count

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from . import Namespace, Sandbox

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def bidden_session_sandbox() -> Iterator[Sandbox]:
    """Play the three platforms for all tests of this process: under pytest-xdist each worker has its own.

    What one test does here, the next one sees; most tests want `bidden_sandbox`.

    >>> def test_a_server_is_there(bidden_session_sandbox):
    ...     assert bidden_session_sandbox.imocha().retrieve_test(292930).questions == 20
    """
    from . import Sandbox

    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def bidden_sandbox(bidden_session_sandbox: Sandbox, request: pytest.FixtureRequest) -> Iterator[Namespace]:
    """Play the three platforms for one test: state, clock, faults, outbox and requests are its own.

    It is a `bidden.Namespace`, gone when the test ends. It costs a test a few milliseconds: the server behind it is
    started once.

    >>> def test_time_passes_when_told(bidden_sandbox):
    ...     frozen = bidden_sandbox.freeze()
    ...     assert bidden_sandbox.advance("P1D") > frozen
    """
    # The name stands in the address of every request, which helps whoever reads a log.
    name = re.sub(r"[^A-Za-z0-9]+", "-", request.node.name).strip("-")[:50]
    with bidden_session_sandbox.namespace(f"{name or 'test'}-{next(_NUMBERS)}") as namespace:
        yield namespace
