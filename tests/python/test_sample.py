"""The sample program leaves nothing out: what it runs and reads, held against everything public."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys

from conftest import ROOT
from test_package import documented, is_property

SOURCES = [ROOT / "tests" / "python" / name for name in ("sample_program.py", "sample_aio.py", "sample_results.py")]

# Runs the program and tells every function that it called: those of Python by their place, the extension's by name.
WATCHED = """
import json, runpy, sys, threading
called, built_in = set(), set()
def watch(frame, event, argument):
    if event == "call":
        called.add((frame.f_code.co_filename.rpartition("/")[2], frame.f_code.co_firstlineno))
    elif event == "c_call":
        built_in.add(getattr(argument, "__qualname__", ""))
threading.setprofile(watch)
sys.setprofile(watch)
sys.path.insert(0, sys.argv[1].rpartition("/")[0])
sys.argv = sys.argv[1:]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    sys.setprofile(None)
    print("\\n" + json.dumps([sorted(called), sorted(built_in)]))
"""

#: What a program of its own shows.
ELSEWHERE = {"bidden", "bidden.aio", "bidden.pytest_plugin"}


def test_the_sample_program_uses_everything_public() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", WATCHED, str(SOURCES[0])], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    called, built_in = json.loads(done.stdout.splitlines()[-1])
    lines = {(file, line) for file, line in called}
    attributes: set[str] = set()
    names: set[str] = set()
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.Attribute):
                attributes.add(node.attr)
                names.add(ast.unparse(node))
    left_out = []
    for name, item in documented():
        if name in ELSEWHERE:
            continue
        top = name.partition("aio.")[2] if name.startswith("aio.") else name
        of = "bidden.aio" if name.startswith("aio.") else "bidden"
        if "." not in top:
            is_used = f"{of}.{top}" in names
        elif is_property(item) and not isinstance(item, property):
            is_used = top.partition(".")[2] in attributes
        else:
            function = item.fget if isinstance(item, property) else item
            code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
            if code is None:
                is_used = top in built_in
            else:
                is_used = (code.co_filename.rpartition("/")[2], code.co_firstlineno) in lines
        if not is_used:
            left_out.append(name)
    assert left_out == [], "\n".join(left_out)
