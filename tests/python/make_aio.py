"""Makes `bidden/aio.py` from the blocking clients: the same names, signatures and documentation, awaited.

`python tests/python/make_aio.py` writes it; `test_aio.py` makes it again and compares.
"""

from __future__ import annotations

import ast
import doctest
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "py" / "python" / "bidden"
TARGET = PACKAGE / "aio.py"

HEAD = '''"""The clients, the ledger and the runs for asyncio: the same names as in `bidden`, awaited.

Every call is made by a thread of bidden's own, so calls overlap and the event loop goes on. Cancelling a task ends its
waiting at once and never the bookkeeping: what was begun is finished and written by its thread. Made from the blocking
clients by `tests/python/make_aio.py`.

>>> import asyncio, bidden, bidden.aio
>>> async def main(sandbox):
...     client = bidden.aio.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
...     calls = [client.invite(292930, email=f"c{n}@example.com", name="Candidate") for n in range(20)]
...     return len(await asyncio.gather(*calls))
>>> with bidden.Sandbox() as sandbox:
...     asyncio.run(main(sandbox))
20
"""

# ruff: noqa: A002, ANN401, S107

from __future__ import annotations

from . import _clients, _ledger, _many
from ._aio import AsyncRun as Run
from ._aio import in_thread as _in_thread
from ._aio import iterate as _iterate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping
    from datetime import date
    from decimal import Decimal
    from os import PathLike
    from types import TracebackType
    from typing import Any, Literal

    from typing_extensions import Self

    from ._bidden import Request, Secret, _Moment, _Signer
    from ._clients import InternalCandidate, TemporaryCandidate
    from ._many import Confirm, _Candidates, _Progress
    from ._observe import RequestEvent
    from ._results import (
%s
    )

__all__ = %s

'''


def text_of(item: ast.AST) -> str:
    return ast.unparse(item)


def words(node: ast.ClassDef | ast.FunctionDef, indent: str) -> list[str]:
    """The docstring, its example awaited."""
    text = ast.get_docstring(node) or ""
    prose, shows, _ = text.partition("\n>>> ")
    if shows:
        text = f"{prose}\n{awaited(text)}"
    if "\n" not in text:
        return [f'{indent}"""{text}"""']
    return [
        f'{indent}"""{text.splitlines()[0]}',
        *(f"{indent}{line}".rstrip() for line in text.splitlines()[1:]),
        f'{indent}"""',
    ]


#: The clients by the method of a sandbox that makes one, and what they are made with.
CLIENTS = {
    "imocha": "IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)",
    "testinvite": "TestInvite(token=sandbox.testinvite_token, base_url=sandbox.url)",
    "think_exam": (
        "ThinkExam(api_key=sandbox.think_exam_api_key, secret=sandbox.think_exam_secret, base_url=sandbox.url)"
    ),
}
CLASSES = ("IMocha", "Ledger", "TestInvite", "ThinkExam")
#: What gives a run, and what is no call of a platform.
AT_ONCE = (*CLASSES, "invite_many", "apply", "request", "with_options", "tests", "stop")
FUNCTIONS = (*CLASSES, "invite_many", "plan", "apply", "reconcile", "history", "status")


class Awaiting(ast.NodeTransformer):
    """What a program says to the blocking clients, said to those of `bidden.aio`."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        function = node.func
        if not isinstance(function, ast.Attribute):
            return node
        name, of = function.attr, function.value
        if isinstance(of, ast.Name) and of.id == "sandbox":
            if name in CLIENTS:
                return ast.parse(f"bidden.aio.{CLIENTS[name]}", mode="eval").body
            return node
        if isinstance(of, ast.Name) and of.id == "bidden":
            if name not in FUNCTIONS:
                return node
            function.value = ast.Attribute(of, "aio", ast.Load())
        elif not (
            (isinstance(of, ast.Name) and of.id in ("client", "ledger", "run"))
            or (isinstance(of, ast.Call) and "bidden.aio" in text_of(of))
        ):
            return node
        return node if name in AT_ONCE else ast.Await(node)

    def visit_For(self, node: ast.For) -> ast.AST:
        self.generic_visit(node)
        is_run = is_asynchronous(node.iter)
        return ast.AsyncFor(node.target, node.iter, node.body, node.orelse) if is_run else node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        self.generic_visit(node)
        node.is_async = int(is_asynchronous(node.iter))
        return node

    def visit_With(self, node: ast.With) -> ast.AST:
        self.generic_visit(node)
        managers = [item for item in node.items if "bidden.aio" in text_of(item.context_expr)]
        if not managers:
            return node
        (only,) = node.items
        return ast.AsyncWith([only], node.body)


def is_asynchronous(values: ast.expr) -> bool:
    text = text_of(values)
    is_made_here = ".aio." in text and not text.startswith(("(await", "await"))
    return text == "run" or is_made_here or text.startswith("client.tests(")


def awaited(text: str) -> str:
    """An example of a blocking client or function, as a program for asyncio."""
    examples = doctest.DocTestParser().get_examples(text)
    *before, last = [example.want for example in examples]
    assert not any(before), f"an example of several answers: {text}"
    tree = ast.parse("".join(example.source for example in examples))
    imports = [name.name for node in tree.body if isinstance(node, ast.Import) for name in node.names]
    body = Awaiting().visit(ast.Module([node for node in tree.body if not isinstance(node, ast.Import)], [])).body
    ends = body
    while isinstance(ends[-1], ast.With | ast.AsyncWith):
        ends = ends[-1].body
    if isinstance(ends[-1], ast.Expr) and not text_of(ends[-1]).startswith("print("):
        ends[-1] = ast.Return(ends[-1].value)
    lines = [line for node in body for line in text_of(ast.fix_missing_locations(node)).split("\n")]
    # The same quotes as everywhere.
    lines = [line if '"' in line else line.replace("'", '"') for line in lines]
    program = ["async def main():", *(f"    {line}" for line in lines)]
    source = "\n".join(program)
    formatted = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "-q", "--line-length", "106", "-"],
        input=source,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip("\n")
    head, *rest = formatted.split("\n")
    imported = ", ".join(["asyncio", *imports, "bidden.aio"])
    shown = [f">>> import {imported}", f">>> {head}", *(f"... {line}" for line in rest), ">>> asyncio.run(main())"]
    if " client of " in last:
        last = last.replace("<", "<asynchronous ")
    return "\n".join([*shown, last.rstrip("\n")])


def passed(function: ast.FunctionDef, *, has_self: bool) -> str:
    """The arguments of a function, handed on."""
    given = function.args
    positional = [*given.posonlyargs, *given.args][1 if has_self else 0 :]
    handed = {"client": "client._blocking", "ledger": "_blocking_ledger(ledger)"}
    parts = [handed.get(argument.arg, argument.arg) for argument in positional]
    if given.vararg:
        parts.append(f"*{given.vararg.arg}")
    parts += [f"{argument.arg}={handed.get(argument.arg, argument.arg)}" for argument in given.kwonlyargs]
    if given.kwarg:
        parts.append(f"**{given.kwarg.arg}")
    return "".join(f", {part}" for part in parts)


def signature(function: ast.FunctionDef, returns: str) -> str:
    return f"({text_of(function.args)}) -> {returns}:"


def given(returns: str, expression: str) -> list[str]:
    """Return something with its type said: what the base of the clients holds has none."""
    return [f"        answer: {returns} = {expression}", "        return answer", ""]


def method(function: ast.FunctionDef) -> list[str]:
    name, returns = function.name, text_of(function.returns) if function.returns else "None"
    decorators = [text_of(decorator) for decorator in function.decorator_list]
    indent = "        "
    if "property" in decorators:
        head = ["    @property", f"    def {name}{signature(function, returns)}", *words(function, indent)]
        return [*head, *given(returns, f"self._blocking.{name}")]
    handed = passed(function, has_self=True)
    if returns.startswith("Iterator["):
        returns = returns.replace("Iterator[", "AsyncIterator[", 1)
        call = f"{indent}return _iterate(self._blocking.{name}({handed[2:]}))"
        return [f"    def {name}{signature(function, returns)}", *words(function, indent), call, ""]
    if name == "request":
        head = [f"    def {name}{signature(function, returns)}", *words(function, indent)]
        return [*head, *given(returns, f"self._blocking.{name}({handed[2:]})")]
    if name == "with_options":
        returns = "Self"
        body = [
            f"{indent}other = object.__new__(type(self))",
            f"{indent}other._blocking = self._blocking.{name}({handed[2:]})",
            f"{indent}return other",
        ]
        return [f"    def {name}{signature(function, returns)}", *words(function, indent), *body, ""]
    result = f"return await _in_thread(self._blocking.{name}{handed})"
    if returns == "None":
        result = result.removeprefix("return ")
    return [f"    async def {name}{signature(function, returns)}", *words(function, indent), f"{indent}{result}", ""]


def a_class(node: ast.ClassDef, module: str) -> list[str]:
    bases = ", ".join(text_of(base) for base in node.bases)
    lines = [f"class {node.name}({bases}):" if bases else f"class {node.name}:"]
    lines += [*words(node, "    "), ""]
    is_base = node.name == "_Client"
    if is_base or node.name == "Ledger":
        lines += ['    __slots__ = ("_blocking",)', ""]
        lines += [f"    _blocking: {module}.{node.name}" if node.name == "Ledger" else "    _blocking: Any", ""]
    else:
        lines += ["    __slots__ = ()", "", f"    _blocking: {module}.{node.name}", ""]
    if node.name == "TestInvite":
        lines += ["    __test__ = False  # pytest takes classes of this name for tests", ""]
    for item in node.body:
        if not isinstance(item, ast.FunctionDef):
            continue
        if item.name == "__init__":
            handed = passed(item, has_self=True)[2:]
            lines += [
                f"    def __init__{signature(item, 'None')}",
                f"        self._blocking = {module}.{node.name}({handed})",
                "",
            ]
        elif item.name == "__enter__":
            lines += [
                f"    async def __aenter__(self) -> {'Self' if is_base else node.name}:",
                "        return self",
                "",
            ]
        elif item.name == "__exit__":
            lines += [f"    async def __aexit__{signature(item, 'None')}", "        await self.close()", ""]
        elif item.name == "__repr__":
            lines += [
                "    def __repr__(self) -> str:",
                "        return f\"<asynchronous {repr(self._blocking).strip('<>')}>\"",
                "",
            ]
        elif not item.name.startswith("_"):
            lines += method(item)
    return [*lines, ""]


def a_function(node: ast.FunctionDef) -> list[str]:
    name, returns = node.name, text_of(node.returns) if node.returns else "None"
    handed = passed(node, has_self=False)
    if returns == "Run":
        # Reading an iterable to its end may take its time, and happens when the run is begun.
        body = f"    return Run(lambda: _many.{name}({handed[2:]}))"
        return [f"def {name}{signature(node, returns)}", *words(node, "    "), body, "", ""]
    body = f"    return await _in_thread(_many.{name}{handed})"
    return [f"async def {name}{signature(node, returns)}", *words(node, "    "), body, "", ""]


def made() -> str:
    clients = ast.parse((PACKAGE / "_clients.py").read_text("utf-8"))
    ledger = ast.parse((PACKAGE / "_ledger.py").read_text("utf-8"))
    many = ast.parse((PACKAGE / "_many.py").read_text("utf-8"))
    lines: list[str] = []
    public: list[str] = ["Run"]
    for tree, module in ((clients, "_clients"), (ledger, "_ledger")):
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name in (
                "_Client",
                "IMocha",
                "ThinkExam",
                "TestInvite",
                "Ledger",
            ):
                lines += a_class(node, module)
                public += [] if node.name.startswith("_") else [node.name]
    lines += ["def _blocking_ledger(ledger: Any) -> Any:"]
    lines += ["    return ledger._blocking if isinstance(ledger, Ledger) else ledger", "", ""]
    for node in many.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            lines += a_function(node)
            public.append(node.name)
    body = "\n".join(lines).replace("_Record", "str | PathLike[str] | Ledger | None")
    results = ast.parse((PACKAGE / "_results.py").read_text("utf-8"))
    named = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    used = sorted(node.name for node in results.body if isinstance(node, ast.ClassDef) and node.name in named)
    text = HEAD % ("\n".join(f"        {name}," for name in used), [*sorted(public)]) + body
    text += f'\nfor _item in ({", ".join(sorted(public))}):\n    _item.__module__ = "bidden.aio"\ndel _item\n'
    for command in (["check", "--select", "I", "--fix", "-q"], ["format", "-q"]):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "ruff",
                *command,
                "--config",
                str(ROOT / "py" / "pyproject.toml"),
                "--stdin-filename",
                str(TARGET),
                "-",
            ],
            input=text,
            capture_output=True,
            text=True,
            check=True,
        )
        text = done.stdout
    return text


if __name__ == "__main__":
    TARGET.write_text(made(), "utf-8")
