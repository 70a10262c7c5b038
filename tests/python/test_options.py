"""Keyword arguments are the command's options: what one has, the other has under the same name."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

import bidden
import bidden.aio

#: What the command repeats is a list or a mapping here, and what is a yes is a `Confirm`.
RENAMED = {"label": "labels", "tag": "tags", "program": "program_ids", "yes": "confirm", "max-emails": "confirm"}
#: Where to and as whom: the client's. How the command speaks: nobody's.
CLIENTS = {"on", "test", "sandbox", "base-url", "config", "profile", "json", "quiet", "help"}

FUNCTIONS: dict[str, tuple[Callable[..., object], set[str]]] = {
    # the review without a plan is `plan` without a path
    "invite": (bidden.invite_many, {"dry-run"}),
    # a plan sends nothing: how fast, how many and what is written of it is asked of `apply`
    "plan": (
        bidden.plan,
        {
            "dry-run",
            "output",
            "yes",
            "max-emails",
            "first",
            "concurrency",
            "rate",
            "batch-size",
            "stop-after-failures",
        },
    ),
    "apply": (bidden.apply, set()),
    "reconcile": (bidden.reconcile, set()),
    "history": (bidden.history, set()),
    "status": (bidden.status, set()),
    "check": (bidden.validate_csv, set()),
}


def options_of(command: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-m", "bidden", command, "--help"], capture_output=True, text=True, check=True
    )
    return set(re.findall(r"^ +(?:-\w, )?--([a-z-]+)", done.stdout, re.M))


@pytest.mark.parametrize("command", FUNCTIONS)
def test_every_option_of_the_command_is_a_keyword(command: str) -> None:
    function, left_out = FUNCTIONS[command]
    options = options_of(command)
    assert left_out <= options, left_out - options
    wanted = {RENAMED.get(option, option.replace("-", "_")) for option in options - left_out - CLIENTS}
    assert wanted - set(inspect.signature(function).parameters) == set()
    if command != "check":
        assert inspect.signature(function).parameters.keys() == (
            inspect.signature(getattr(bidden.aio, function.__name__)).parameters.keys()
        )


def people(count: int) -> list[dict[str, str]]:
    return [{"email": f"c{number}@example.com", "name": "Candidate"} for number in range(count)]


def test_the_first_rows_are_sent_and_the_next_call_sends_the_others(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    ledger, client = tmp_path / "ledger.db", sandbox.imocha()
    run = bidden.invite_many(client, 1, people(5), ledger=ledger, send_email=True, first=2)
    assert [outcome.disposition for outcome in run] == ["invited"] * 2 + ["not-sent"] * 3
    assert run.summary is not None
    assert run.summary.stopped == "the first rows are sent"
    # whom the ledger knows is none of the first
    again = bidden.invite_many(client, 1, people(5), ledger=ledger, send_email=True, first=1).run()
    assert again.by_disposition == {"invited": 1, "unchanged": 2, "not-sent": 2}
    rest = bidden.invite_many(client, 1, people(5), ledger=ledger, send_email=True).run()
    assert rest.by_disposition == {"invited": 2, "unchanged": 3}
    assert len(sandbox.outbox()) == 5
    with pytest.raises(bidden.InvalidInputError, match="first: at least 1"):
        bidden.invite_many(client, 1, people(5), ledger=ledger, first=0)


def test_a_plan_is_applied_with_its_first_rows_first(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    ledger, client, file = tmp_path / "ledger.db", sandbox.imocha(), tmp_path / "plan.jsonl"
    bidden.plan(client, 1, people(4), file, ledger=ledger)
    first = [outcome.disposition for outcome in bidden.apply(client, file, ledger=ledger, first=1)]
    assert first == ["invited", "not-sent", "not-sent", "not-sent"]
    # what the plan has sent is told again, and not sent again
    assert bidden.apply(client, file, ledger=ledger).run().by_disposition == {"invited": 4}
    invited = [request for request in sandbox.requests() if request["path"].endswith("/invite")]
    assert len(invited) == 4


def test_the_secrets_of_a_plan_come_from_its_file(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    rows, file, ledger = tmp_path / "list.csv", tmp_path / "plan.jsonl", tmp_path / "ledger.db"
    rows.write_text("email,name,password\nada@example.com,Ada,p4ssword\ngrace@example.com,Grace,\n", "utf-8")
    client = sandbox.think_exam()
    bidden.plan(client, "41", rows, file, ledger=ledger)
    assert "p4ssword" not in file.read_text("utf-8")
    held = list(bidden.apply(client, file, ledger=ledger))
    assert [outcome.disposition for outcome in held] == ["held", "invited"]
    changed = tmp_path / "other.csv"
    changed.write_text("email,name,password\nada@example.com,Ada,other\n", "utf-8")
    with pytest.raises(bidden.InvalidInputError, match="not the file that the plan was made from"):
        bidden.apply(client, file, ledger=ledger, secrets=changed).run()
    sent = list(bidden.apply(client, file, ledger=ledger, secrets=rows))
    assert [(outcome.disposition, outcome.known_from) for outcome in sent] == [
        ("invited", "reply"),
        ("invited", "ledger"),
    ]
    assert client.check_login("ada@example.com", "p4ssword").email == "ada@example.com"
    from_python = tmp_path / "python.jsonl"
    bidden.plan(client, "42", [{"email": "alan@example.com", "name": "Alan"}], from_python, ledger=ledger)
    with pytest.raises(bidden.InvalidInputError, match="made from no file"):
        bidden.apply(client, from_python, ledger=ledger, secrets=rows).run()


def test_a_plan_without_a_path_is_a_review(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.db"
    planned = bidden.plan(sandbox.imocha(), 1, people(3), ledger=ledger, send_email=True)
    assert (planned.would_send, planned.mails, planned.actions) == (3, 3, {"invite": 3})
    assert list(tmp_path.iterdir()) == [] or not any(file.suffix == ".jsonl" for file in tmp_path.iterdir())
    assert sandbox.requests() == []


def test_local_times_have_a_zone(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    client = sandbox.imocha()
    for end in (datetime(2098, 1, 1, 9), "2098-01-01T09:00", "2098-01-01T09:00:00+01:00", 4039401600):
        sandbox.reset()
        run = bidden.invite_many(client, 1, people(1), ledger=None, end=end, zone="Europe/Berlin")
        assert run.run().is_good
        (request,) = sandbox.requests()
        assert request["body"]["endDateTime"] == "2098-01-01T08:00:00Z", end
    with bidden.Ledger(tmp_path / "ledger.db") as ledger:
        sandbox.reset()
        ledger.invite(client, 2, email="ada@example.com", name="Ada", end=datetime(2098, 7, 1, 9), zone="Europe/Berlin")
        assert sandbox.requests()[-1]["body"]["endDateTime"] == "2098-07-01T07:00:00Z"
    with pytest.raises(bidden.InvalidInputError, match="zone: unknown zone"):
        bidden.invite_many(client, 1, people(1), ledger=None, end=datetime(2098, 1, 1), zone="Mars/Base")
    with pytest.raises(bidden.InvalidInputError, match="end: the clocks of Europe/Berlin change then"):
        bidden.invite_many(client, 1, people(1), ledger=None, end="2098-03-30T02:30", zone="Europe/Berlin")
    with pytest.raises(bidden.InvalidInputError, match=r"end: .*without zone"):
        bidden.invite_many(client, 1, people(1), ledger=None, end=datetime(2098, 1, 1))


def test_strict_counts_warnings_as_errors(tmp_path: Path) -> None:
    rows = [{"email": "ada@example.com", "name": "Ada", "mobile": "12"}]
    assert [checked.is_valid for checked in bidden.validate(rows)] == [True]
    (checked,) = bidden.validate(rows, strict=True)
    assert ([finding.field for finding in checked.errors], checked.warnings) == (["mobile"], ())
    path = tmp_path / "list.csv"
    path.write_text("email,name,mobile\nada@example.com,Ada,12\n", "utf-8")
    assert isinstance(next(bidden.validate_csv(path)), bidden.Candidate)
    assert isinstance(next(bidden.validate_csv(path, strict=True)), bidden.InvalidRow)
    polars = pytest.importorskip("polars")
    assert bidden.validate_frame(polars.DataFrame(rows), strict=True)["severity"].to_list() == ["error"]


def test_the_status_of_a_ledger_is_the_commands(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    place = tmp_path / "ledger.db"
    assert bidden.status(ledger=place) == []
    bidden.invite_many(sandbox.imocha(), 1, people(3), ledger=place, send_email=True).run()
    (found,) = bidden.status(ledger=place)
    assert (found["invitations"], found["by_status"], found["mails"]) == (3, {"pending": 3}, {"asked": 3})
    with bidden.Ledger(place) as ledger:
        assert ledger.status() == bidden.status(ledger=ledger) == [found]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"concurrency": "x"}, "concurrency: a whole number is expected, not a str"),
        ({"concurrency": 1.5}, "concurrency: a whole number is expected, not a float"),
        ({"rate": "5/s"}, "rate: a number is expected, not a str"),
        ({"first": True}, "first: a whole number is expected, not a bool"),
    ],
)
def test_what_is_no_number_is_named(sandbox: bidden.Sandbox, given: dict[str, object], named: str) -> None:
    with pytest.raises(TypeError, match=named):
        bidden.invite_many(sandbox.imocha(), 1, [], ledger=None, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("concurrency", [0, -1, 257, 10**30])
def test_a_number_out_of_range_is_named(sandbox: bidden.Sandbox, concurrency: int) -> None:
    with pytest.raises(bidden.InvalidInputError, match="concurrency: a number from 1 to 256"):
        bidden.invite_many(sandbox.imocha(), 1, [], ledger=None, concurrency=concurrency)


def test_the_patience_of_a_client_is_looked_at(sandbox: bidden.Sandbox) -> None:
    with pytest.raises(TypeError, match="timeout: a number is expected, not a str"):
        bidden.IMocha(api_key="k", base_url=sandbox.url, timeout="5")  # type: ignore[arg-type]
    with pytest.raises(bidden.InvalidInputError, match="tries: at least 1"):
        sandbox.imocha().with_options(tries=-3)


def test_what_is_no_client_is_named(sandbox: bidden.Sandbox) -> None:
    with pytest.raises(TypeError, match=r"a client such as bidden\.IMocha is expected, not str"):
        bidden.invite_many("imocha", 1, [], ledger=None)  # type: ignore[arg-type]
    waiting = bidden.aio.IMocha(api_key="sandbox-key", base_url=sandbox.url)
    with pytest.raises(TypeError, match=r"one of bidden\.aio goes with the functions there"):
        bidden.invite_many(waiting, 1, [], ledger=None)  # type: ignore[arg-type]
    client = sandbox.imocha()
    client.close()
    with pytest.raises(RuntimeError, match="the client is closed"):
        bidden.invite_many(client, 1, [], ledger=None)


def test_what_the_command_says_of_options_is_said_of_keywords(sandbox: bidden.Sandbox) -> None:
    with pytest.raises(bidden.InvalidInputError) as caught:
        bidden.invite_many(sandbox.imocha(), 1, [], ledger=None, skip_password=True)
    assert [fault.field for fault in caught.value.fields] == ["skip_password"]
    with pytest.raises(bidden.InvalidInputError, match=r'name one with `map=\{"Header": "email"\}`'):
        bidden.invite_many(sandbox.imocha(), 1, [{"address": "ada@example.com"}], ledger=None).run()
