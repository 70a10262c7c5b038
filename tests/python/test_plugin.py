"""The pytest plugin in a project of its own, in one process and in several."""

from __future__ import annotations

import ast
import doctest
import subprocess
import sys
from pathlib import Path

import pytest

import bidden
from bidden import pytest_plugin

PROJECT = Path(__file__).parent / "plugin_project"


@pytest.mark.parametrize("workers", [[], ["-n", "3"]], ids=["alone", "xdist"])
def test_tests_do_not_see_each_others_state(workers: list[str]) -> None:
    if workers:
        pytest.importorskip("xdist")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", str(PROJECT / "pytest.ini"), *workers, str(PROJECT)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "25 passed" in done.stdout


def test_the_examples_of_the_plugin_run(tmp_path: Path) -> None:
    tree = ast.parse(Path(pytest_plugin.__file__).read_text("utf-8"))
    nodes = [tree, *(node for node in tree.body if isinstance(node, ast.FunctionDef))]
    parser = doctest.DocTestParser()
    shown = [example.source for node in nodes for example in parser.get_examples(ast.get_docstring(node) or "")]
    assert len(shown) == len(nodes), "the module and each fixture show a test"
    file = tmp_path / "test_shown.py"
    file.write_text("\n".join(shown), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", str(file)], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(shown)} passed" in done.stdout


def test_a_project_that_does_not_ask_starts_nothing() -> None:
    program = (
        "import sys, threading, pytest\n"
        "class Plugin:\n"
        "    def pytest_sessionfinish(self):\n"
        "        assert 'bidden._sandbox' not in sys.modules\n"
        "        assert threading.active_count() == 1\n"
        "sys.exit(pytest.main(['--collect-only', '-q', sys.argv[1]], plugins=[Plugin()]) not in (0, 5))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(PROJECT)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_fixture_is_a_namespace_of_its_own(bidden_sandbox: bidden.Namespace) -> None:
    assert isinstance(bidden_sandbox, bidden.Namespace)
    assert "/ns/test-the-fixture-is-a-namespace-of-its-own-" in bidden_sandbox.url
    for client in (bidden_sandbox.imocha(), bidden_sandbox.testinvite(), bidden_sandbox.think_exam()):
        assert client.base_url == bidden_sandbox.url
    with pytest.raises(ValueError, match="letters"):
        bidden.Sandbox.namespace(None, "a/b")  # type: ignore[arg-type]
