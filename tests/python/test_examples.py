"""The examples run as they stand."""

from __future__ import annotations

import subprocess
import sys

import pytest
from conftest import ROOT


@pytest.mark.parametrize("program", ["examples/python/invite.py", "tests/python/sample_program.py"])
def test_a_program_runs(program: str) -> None:
    done = subprocess.run([sys.executable, ROOT / program], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "pending" in done.stdout
