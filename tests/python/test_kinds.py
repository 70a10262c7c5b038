"""Every kind of error, raised for real: by the sandbox, its faults, a record in use, a fault of bidden itself."""

from __future__ import annotations

import copy
import pickle
import socket
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from test_clients import answering

import bidden
from bidden import _bidden

TEST = 292930
ADA = {"email": "ada@example.com", "name": "Ada Lovelace"}


def respond(connection: socket.socket, status: str, text: str, header: str = "x: y") -> None:
    """Answer what no sandbox answers."""
    head = f"HTTP/1.1 {status}\r\n{header}\r\nconnection: close\r\ncontent-length: {len(text)}\r\n\r\n"
    connection.recv(65536)
    connection.sendall((head + text).encode())
    connection.close()


Raising = Callable[[bidden.Sandbox, Path], object]


def imocha(sandbox: bidden.Sandbox, **options: object) -> bidden.IMocha:
    return bidden.IMocha(**{"api_key": sandbox.imocha_api_key, "base_url": sandbox.url, **options})  # type: ignore[arg-type]


def invalid_input(sandbox: bidden.Sandbox, _: Path) -> object:
    return imocha(sandbox).invite(TEST, email="ada.example.com", name="")


def configuration(_: bidden.Sandbox, __: Path) -> object:
    return bidden.ThinkExam(api_key="k", secret="s", base_url="https://tenant.example")


def unauthorized(sandbox: bidden.Sandbox, _: Path) -> object:
    return imocha(sandbox, api_key="sandbox-wrong").retrieve_test(TEST)


def refused(sandbox: bidden.Sandbox, _: Path) -> object:
    invited = imocha(sandbox).invite(TEST, **ADA)
    sandbox.attempt(invited.invitation_id, "start")
    return imocha(sandbox).cancel(invited.invitation_id)


def rejected(sandbox: bidden.Sandbox, _: Path) -> object:
    return imocha(sandbox).mask_personal_data("nobody@example.com")


def duplicate(sandbox: bidden.Sandbox, _: Path) -> object:
    candidate = bidden.TemporaryCandidate(fullname="Ada", tracking={"uniq_id": "ada"})
    sandbox.testinvite().create_candidate("task-1", candidate)
    return sandbox.testinvite().create_candidate("task-1", candidate)


def not_found(sandbox: bidden.Sandbox, _: Path) -> object:
    return sandbox.testinvite().fetch_candidate("task-1", "nobody")


def rate_limited(_: bidden.Sandbox, __: Path) -> object:
    # A wait that is longer than anybody's patience.
    with answering(lambda connection: respond(connection, "429 Too Many Requests", "{}", "retry-after: 86400")) as url:
        return bidden.IMocha(api_key="k", base_url=url).retrieve_test(TEST)


def quota_exhausted(sandbox: bidden.Sandbox, _: Path) -> object:
    sandbox.add_fault("rate-limited", count=100)
    return imocha(sandbox, tries=1).retrieve_test(TEST)


def unavailable(sandbox: bidden.Sandbox, _: Path) -> object:
    sandbox.add_fault("error-5xx", count=100)
    return imocha(sandbox, tries=2).retrieve_test(TEST)


def timed_out(sandbox: bidden.Sandbox, _: Path) -> object:
    sandbox.add_fault("slow", count=100, milliseconds=800)
    return imocha(sandbox, tries=1, timeout=0.2).retrieve_test(TEST)


def malformed_reply(_: bidden.Sandbox, __: Path) -> object:
    with answering(lambda connection: respond(connection, "200 OK", "<html>no JSON</html>")) as url:
        return bidden.IMocha(api_key="k", base_url=url, tries=1).retrieve_test(TEST)


def uncertain(sandbox: bidden.Sandbox, _: Path) -> object:
    sandbox.add_fault("lost-after-commit", count=100)
    return imocha(sandbox, tries=2).invite(TEST, **ADA, send_email=True)


def storage(_: bidden.Sandbox, folder: Path) -> object:
    with bidden.Ledger(folder / "ledger.db"):
        return bidden.Ledger(folder / "ledger.db")


def internal(_: bidden.Sandbox, __: Path) -> object:
    if not hasattr(_bidden, "testing_fail"):
        pytest.skip("a release has no entry point that panics")
    return _bidden.testing_fail("work", "panic", 1)


RAISING: dict[str, Raising] = {
    "invalid-input": invalid_input,
    "configuration": configuration,
    "unauthorized": unauthorized,
    "refused": refused,
    "rejected": rejected,
    "duplicate": duplicate,
    "not-found": not_found,
    "rate-limited": rate_limited,
    "quota-exhausted": quota_exhausted,
    "unavailable": unavailable,
    "timed-out": timed_out,
    "malformed-reply": malformed_reply,
    "uncertain": uncertain,
    "storage": storage,
    "internal": internal,
}

#: What a program catches that knows nothing of bidden.
BUILTIN = {
    "invalid-input": ValueError,
    "unauthorized": PermissionError,
    "not-found": LookupError,
    "unavailable": ConnectionError,
    "timed-out": TimeoutError,
}


def test_every_kind_is_tried() -> None:
    assert list(RAISING) == [slug for slug, _, _, _ in _bidden.kinds()] or set(RAISING) == {
        slug for slug, _, _, _ in _bidden.kinds()
    }


@pytest.mark.parametrize("kind", RAISING)
def test_a_kind_is_raised_for_real(sandbox: bidden.Sandbox, tmp_path: Path, kind: str) -> None:
    with pytest.raises(bidden.Error) as caught:
        RAISING[kind](sandbox, tmp_path)
    error = caught.value
    (expected,) = [name for slug, _, name, _ in _bidden.kinds() if slug == kind]
    assert type(error) is getattr(bidden, expected), repr(error)
    assert error.kind == kind
    assert str(error).startswith(kind)
    assert "ada@example.com" not in "".join(traceback.format_exception_only(error))
    if kind in BUILTIN:
        assert isinstance(error, BUILTIN[kind])
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(again) is type(error)
        assert (str(again), again.__dict__) == (str(error), error.__dict__)
        assert again == error
        assert hash(again) == hash(error)
    assert error.to_dict()["kind"] == kind
    assert error.to_dict()["message"]


def test_what_came_before_is_the_cause(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    with pytest.raises(bidden.UncertainError) as caught:
        uncertain(sandbox, tmp_path)
    assert isinstance(caught.value.__cause__, bidden.UnavailableError)
