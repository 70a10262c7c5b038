"""What every Python test stands on."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

import bidden

ROOT = Path(__file__).resolve().parents[2]

# A shell lets what it starts in the background ignore Ctrl-C, and Python leaves it so; the tests press it.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def sandbox() -> Iterator[bidden.Sandbox]:
    with bidden.Sandbox() as running:
        yield running


@pytest.fixture(autouse=True)
def no_credentials_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("BIDDEN_") and not name.startswith("BIDDEN_TEST"):
            monkeypatch.delenv(name)
