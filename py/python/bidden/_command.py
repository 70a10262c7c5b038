"""The command `bidden` of the wheel."""

from __future__ import annotations

import signal
import sys

from . import _bidden


def main() -> int:
    """Run the command with the program's arguments and return its exit code."""
    # Python would keep Ctrl-C for itself until the command is done; the command handles it where it matters.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _bidden.run_command(["bidden", *sys.argv[1:]])
