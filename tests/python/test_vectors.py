"""The shared vectors through the one door of Python."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

import bidden
from bidden import _bidden

Vector = dict[str, Any]


def vectors() -> list[tuple[str, Vector]]:
    found = []
    for platform in ("imocha", "think-exam", "testinvite"):
        content = json.loads((ROOT / "tests" / "vectors" / f"{platform}.json").read_text("utf-8"))
        assert content["platform"] == platform
        found += [(platform, vector) for vector in content["vectors"]]
    return found


def failure(work: Callable[[], object]) -> bidden.Error:
    with pytest.raises(bidden.Error) as caught:
        work()
    return caught.value


def check_request(_platform: str, vector: Vector) -> None:
    request = bidden.call_request(vector["call"], base_url=vector["base_url"], **vector["arguments"])
    expected = vector["request"]
    assert (request.method, request.url, request.body.decode()) == (
        expected["method"],
        expected["url"],
        expected["body"] or "",
    )


def check_reply(_platform: str, vector: Vector) -> None:
    response = vector["response"]

    def read() -> dict[str, Any]:
        return bidden.read_reply(
            vector["call"], vector["arguments"], response["status"], response["body"] or "", response.get("headers")
        )

    if "reply" in vector:
        assert read() == vector["reply"]
        return
    error, expected = failure(read), vector["error"]
    assert type(error).kind == expected["kind"]
    for attribute in ("kind", "platform_code", "http_status"):
        if attribute in expected:
            assert getattr(error, attribute) == expected[attribute]
    if "field" in expected:
        assert (error.fields[0].field if error.fields else None) == expected["field"]


def check_invalid(_platform: str, vector: Vector) -> None:
    error = failure(lambda: bidden.call_request(vector["call"], base_url="http://127.0.0.1:1", **vector["arguments"]))
    assert isinstance(error, bidden.InvalidInputError)
    assert sorted(fault.field for fault in error.fields) == sorted(vector["error"]["fields"])


def check_decision(platform: str, vector: Vector) -> None:
    status = None if vector["status"] == "none" else bidden.Status(vector["status"])
    window = bidden.AccessWindow(vector["start"], vector["end"])
    arguments = (bidden.Platform(platform), status, bidden.Event(vector["event"]), window, vector["now"])
    decided, explained = bidden.decide(*arguments), bidden.explain_transition(*arguments)
    assert explained["allowed"] == bool(decided) == decided.is_allowed == ("decision" in vector)
    if isinstance(decided, bidden.Decision):
        assert {"effect": decided.effect, "next": decided.next.value} == vector["decision"]
        assert {"effect": explained["effect"], "next": explained["next"]} == vector["decision"]
    else:
        assert [event.value for event in decided.allowed_events] == vector["refusal"]["allowed"]
        assert explained["allowed_events"] == vector["refusal"]["allowed"]


def check_signature(_platform: str, vector: Vector) -> None:
    about = {name: vector[name] for name in ("secret", "method", "url", "now")}
    about |= {"api_key": vector["ak"], "body": vector["body"] or ""}
    signature = bidden.sign(vector["recipe"], **about)
    assert (signature.message.decode(), signature.sgn, signature.ts) == (vector["message"], vector["sgn"], vector["ts"])
    assert bidden.verify(vector["recipe"], headers=signature.headers, **about)
    assert bidden.explain_signature(vector["recipe"], headers=signature.headers, **about).check == "passed"


def check_hmac(_platform: str, vector: Vector) -> None:
    found = _bidden.hmac_text(vector["secret"], vector["message"].replace("⏎", "\n"), vector["encoding"])
    assert found == vector["sgn"]


def check_callback(platform: str, vector: Vector) -> None:
    def read() -> bidden.CallbackEvent:
        return bidden.read_callback(platform, vector["headers"], vector["body"], key=vector.get("key"))

    if "event" not in vector:
        assert type(failure(read)).kind == vector["error"]["kind"]
        return
    event = read()
    assert event.to_dict() == vector["event"] | {"body": vector["body"]}
    assert (event.platform, event.status.value) == (platform, vector["event"]["status"])
    assert event.moves("complete") is False


CHECKS = {
    "request": check_request,
    "reply": check_reply,
    "invalid": check_invalid,
    "decision": check_decision,
    "signature": check_signature,
    "hmac": check_hmac,
    "callback": check_callback,
}


def test_every_vector_holds(capsys: pytest.CaptureFixture[str]) -> None:
    failed, passed = [], dict.fromkeys(CHECKS, 0)
    notes: list[str] = []
    for platform, vector in vectors():
        check = CHECKS.get(vector["kind"])
        if check is None:
            assert vector["kind"] == "serve", "the sandbox's side is tested in Rust"
            continue
        name = f"{platform}/{vector['id']}"
        try:
            check(platform, vector)
            passed[vector["kind"]] += 1
            notes.append(f"{name} passed")
        except Exception as error:
            notes.append(f"{name} FAILED")
            failed.append(f"{platform}/{vector['id']} ({vector['source']}): {type(error).__name__}: {error}")
    # `make test` prints one table of all languages from these notes.
    folder = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "vectors" / "python"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "all.txt").write_text("\n".join(notes), "utf-8")
    with capsys.disabled():
        print(f"\nvectors python: {sum(passed.values())} passed, {len(failed)} failed")
    assert not failed, "\n".join(failed)
    assert all(passed.values()), passed
