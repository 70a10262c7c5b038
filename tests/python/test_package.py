"""The package as a whole: its face, its documentation, its size, its boundary."""

from __future__ import annotations

import doctest
import inspect
import os
import pickle
import re
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest
from conftest import ROOT

import bidden
import bidden.aio
from bidden import _bidden, pytest_plugin


def test_star_import_gives_exactly_what_all_names() -> None:
    names: dict[str, object] = {}
    exec("from bidden import *", names)
    assert set(names) - {"__builtins__"} == set(bidden.__all__)
    assert len(bidden.__all__) == len(set(bidden.__all__))
    assert set(bidden.__all__) <= set(dir(bidden))


def test_the_version_is_cargos_everywhere() -> None:
    # tomllib came with Python 3.11
    (cargo,) = re.findall(r'^\[workspace\.package\]\nversion = "(.*)"$', (ROOT / "Cargo.toml").read_text("utf-8"), re.M)
    assert bidden.__version__ == _bidden.__version__ == version("bidden") == cargo


def test_the_words_are_cores() -> None:
    statuses, events, platforms = _bidden.words()
    assert [status.value for status in bidden.Status] == statuses
    assert [event.value for event in bidden.Event] == events
    assert {platform.value for platform in bidden.Platform} == set(platforms)


def documented() -> list[tuple[str, object]]:
    """Every name that a program can reach without an underscore: modules, classes with what they inherit, functions."""
    found: list[tuple[str, object]] = [
        ("bidden", bidden),
        ("bidden.aio", bidden.aio),
        ("bidden.pytest_plugin", pytest_plugin),
    ]
    names = [(name, getattr(bidden, name)) for name in bidden.__all__]
    names += [(f"aio.{name}", getattr(bidden.aio, name)) for name in bidden.aio.__all__]
    for name, item in names:
        if not inspect.isclass(item):
            if callable(item):
                found.append((name, item))
            continue
        found.append((name, item))
        members: dict[str, object] = {}
        for of in reversed(item.__mro__):
            if of.__module__.partition(".")[0] == "bidden":
                members |= vars(of)
        found += [
            (f"{name}.{member}", getattr(value, "__func__", value))
            for member, value in members.items()
            # a slot or a word of an enumeration is documented by its class
            if not member.startswith("_")
            and (callable(value) or is_property(value) or isinstance(value, staticmethod | classmethod))
        ]
    return found


def is_property(item: object) -> bool:
    return inspect.isgetsetdescriptor(item) or isinstance(item, property)


def examples_of(name: str, item: object) -> doctest.DocTest:
    return doctest.DocTestParser().get_doctest(inspect.getdoc(item) or "", {}, name, None, 0)


def test_every_public_name_has_a_docstring() -> None:
    missing = [name for name, item in documented() if not inspect.getdoc(item)]
    assert missing == []


def test_every_public_class_function_and_method_has_an_example() -> None:
    # a property is shown by its class
    shown = [(name, item) for name, item in documented() if not is_property(item)]
    assert [name for name, item in shown if not examples_of(name, item).examples] == []
    assert len(shown) > 250, len(shown)


def test_the_examples_of_the_docstrings_run() -> None:
    runner, report = doctest.DocTestRunner(verbose=False), []
    seen: set[str] = set()
    for name, item in documented():
        # what is inherited is shown once
        text = inspect.getdoc(item) or ""
        if text not in seen:
            seen.add(text)
            runner.run(examples_of(name, item), out=report.append)
    tried = runner.summarize(verbose=False)
    assert tried.failed == 0, "".join(report)
    assert tried.attempted >= 300, "hardly any examples were found"


def test_every_entry_point_goes_through_the_boundary() -> None:
    # `#[pyfunction]`, and every function of a `#[pymethods]` block, has one call of `guard` as its last expression.
    # the collector's, and those that return their own reference
    exempt = {"__traverse__", "__clear__", "__iter__", "__copy__", "__deepcopy__"}
    looked_at = 0
    for source in sorted((ROOT / "py" / "src").glob("*.rs")):
        text = source.read_text("utf-8")
        bodies = re.findall(r"#\[pyfunction.*?\bfn (\w+).*?\{\n(.*?)\n\}", text, re.S)
        for block in re.findall(r"#\[pymethods\]\nimpl \w+ \{\n(.*?)\n\}\n", text, re.S):
            bodies += re.findall(r"^    fn (\w+).*?\{\n(.*?)\n    \}$", block, re.S | re.M)
        for name, body in bodies:
            if name in exempt:
                continue
            looked_at += 1
            statements = re.sub(r"^\s*let side = .*\n", "", body)
            assert re.match(r"\s*guard\(py, \|\|", statements), f"{source.name}: {name} does not go through guard"
    assert looked_at > 60, looked_at
    profiles = (ROOT / "Cargo.toml").read_text("utf-8")
    assert 'panic = "abort"' not in profiles


def test_secrets_are_in_no_repr() -> None:
    secret = bidden.Secret("top-secret")
    assert "top-secret" not in f"{secret} {secret!r}"
    client = bidden.IMocha(api_key=secret, base_url="http://127.0.0.1:1")
    request = client.request("imocha.invite", test_id=1, email="ada@example.com", name="Ada")
    assert request.headers["x-api-key"] == "top-secret"
    assert "top-secret" not in repr(request) + repr(client)
    assert "ada@example.com" not in repr(request)
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_importing_takes_nothing_that_is_not_needed() -> None:
    heavy = ["asyncio", "dataclasses", "datetime", "enum", "json", "logging", "re", "typing", "urllib"]
    program = (
        "import sys; before = set(sys.modules); import bidden; "
        f"print(sorted(set({heavy}) & (set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(not os.environ.get("BIDDEN_TEST_RELEASE"), reason="only a release is measured")
def test_importing_takes_no_more_than_15_ms_over_an_empty_interpreter() -> None:
    def seconds(program: str) -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, "-I", "-c", program], check=True)
        return time.perf_counter() - began

    # The best of many turns, taken by turns: what the machine does beside it is no cost of the import.
    turns = [(seconds("pass"), seconds("import bidden")) for _ in range(20)]
    took = (min(full for _, full in turns) - min(empty for empty, _ in turns)) * 1000
    print(f"import bidden: {took:.1f} ms")
    assert took <= 15, took


@pytest.mark.skipif(not os.environ.get("BIDDEN_TEST_RELEASE"), reason="only a release is measured")
def test_a_release_has_no_entry_point_that_fails_on_purpose() -> None:
    assert not hasattr(_bidden, "testing_fail")
    extension = Path(_bidden.__file__).read_bytes()
    assert b"testing_fail" not in extension


def test_the_command_is_in_the_wheel() -> None:
    command = Path(sys.executable).parent / "bidden"
    for words in ([str(command)], [sys.executable, "-m", "bidden"]):
        done = subprocess.run([*words, "--version"], capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["bidden", bidden.__version__]
        refused = subprocess.run(
            [*words, "explain", "--on", "imocha", "--status", "complete", "cancel"], capture_output=True, text=True
        )
        assert refused.returncode == 1, refused
        wrong = subprocess.run([*words, "no-such-command"], capture_output=True, text=True)
        assert wrong.returncode == 2, wrong
