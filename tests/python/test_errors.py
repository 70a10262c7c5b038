"""The exceptions are core's kinds, and behave as exceptions do."""

from __future__ import annotations

import copy
import pickle

import pytest

import bidden
from bidden import _bidden, _errors

KINDS = _bidden.kinds()
CLASSES = [getattr(bidden, name) for _, _, name, _ in KINDS]


def test_the_classes_are_those_of_the_one_table() -> None:
    assert {name: getattr(bidden, name).kind for _, _, name, _ in KINDS} == {name: slug for slug, _, name, _ in KINDS}
    assert set(_errors.Error.__subclasses__()) == set(CLASSES)
    assert {name for name in bidden.__all__ if name.endswith("Error")} - {"Error", "FieldError"} == {
        name for _, _, name, _ in KINDS
    }


@pytest.mark.parametrize("error_class", CLASSES)
def test_error_is_the_true_base_of_every_class(error_class: type[bidden.Error]) -> None:
    assert issubclass(error_class, bidden.Error)
    assert issubclass(error_class, Exception)
    assert error_class.__mro__[1] is bidden.Error
    assert error_class.__doc__
    assert error_class.__module__ == "bidden"


def test_builtin_parents_help_programs_that_know_nothing_of_bidden() -> None:
    assert issubclass(bidden.InvalidInputError, ValueError)
    assert issubclass(bidden.TimedOutError, TimeoutError)
    assert issubclass(bidden.UnauthorizedError, PermissionError)
    assert issubclass(bidden.UnavailableError, ConnectionError)
    assert issubclass(bidden.NotFoundError, LookupError)


def rejected() -> bidden.Error:
    fields = {"email": "ada@example.com", "test_id": "41"}
    body = '{"result":"error","error":{"code":"3095","msg":"No records found for given Email ada@example.com"}}'
    with pytest.raises(bidden.Error) as caught:
        bidden.read_reply("think_exam.assign_test", fields, 200, body)
    return caught.value


def test_attributes_carry_what_is_known() -> None:
    error = rejected()
    assert (error.platform, error.operation) == ("think-exam", "think_exam.assign_test")
    assert (error.http_status, error.platform_code) == (200, "3095")
    assert error.platform_message == "No records found for given Email ada@example.com"
    assert error.retry_after is None
    assert error.raw_reply is None
    assert error.fields == ()


def test_the_text_holds_no_address() -> None:
    error = rejected()
    assert "ada@example.com" not in str(error)
    assert "ada@example.com" not in repr(error)
    assert "3095" in str(error)


def test_a_waiting_time_is_in_seconds() -> None:
    fields = {"test_id": 1, "email": "ada@example.com", "name": "Ada"}
    with pytest.raises(bidden.RateLimitedError) as caught:
        bidden.read_reply("imocha.invite", fields, 429, "{}", {"retry-after": "7"})
    assert caught.value.retry_after == 7.0


def test_an_answer_is_read_whatever_its_other_headers_hold() -> None:
    fields = {"test_id": 1, "email": "ada@example.com", "name": "Ada"}
    body = '{"testInvitationId":7,"testUrl":"https://test.example/7","status":"Pending"}'
    headers = {"server": "Zoë", "x-tab": "a\tb", "x-empty": ""}
    assert bidden.read_reply("imocha.invite", fields, 200, body, headers)["test_invitation_id"] == 7
    with pytest.raises(bidden.InvalidInputError, match="headers"):
        bidden.read_reply("imocha.invite", fields, 200, body, {"server": "a\r\nb: c"})


@pytest.mark.parametrize("error_class", [bidden.Error, *CLASSES])
def test_every_class_can_be_pickled_and_copied(error_class: type[bidden.Error]) -> None:
    error = error_class(
        "text",
        message="message",
        operation="imocha.invite",
        platform="imocha",
        platform_code="1",
        platform_message="no",
        http_status=400,
        retry_after=1.5,
        fields=(bidden.FieldError("email", "has no @", "x"),),
        raw_reply="raw",
    )
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(twin) is error_class
        assert twin.__dict__ == error.__dict__
        assert str(twin) == "text"


def test_a_raised_error_survives_a_process_pool() -> None:
    error = rejected()
    twin = pickle.loads(pickle.dumps(error))
    assert (type(twin), str(twin), twin.platform_code) == (type(error), str(error), "3095")


def test_a_kind_that_python_does_not_know_is_the_base_with_its_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(_errors, "InvalidInputError")
    with pytest.raises(bidden.Error) as caught:
        bidden.call_request("imocha.invite", test_id=0)
    assert type(caught.value) is bidden.Error
    assert caught.value.kind == "invalid-input"


@pytest.mark.parametrize("stage", ["arguments", "work", "result"])
def test_a_panic_at_any_stage_is_internal_and_the_program_goes_on(
    stage: str, capfd: pytest.CaptureFixture[str]
) -> None:
    if not hasattr(_bidden, "testing_fail"):
        pytest.skip("this wheel is a release: it has no entry points that fail on purpose")
    with pytest.raises(bidden.InternalError) as caught:
        _bidden.testing_fail(stage, "panic", {})
    assert "ada@example.com" not in str(caught.value)
    assert "testing.rs" in str(caught.value)
    assert capfd.readouterr() == ("", "")
    with pytest.raises(bidden.StorageError):
        _bidden.testing_fail(stage, "error", {})
    assert _bidden.testing_fail("nowhere", "", {"a": [1, None, True]}) == '{"a":[1,null,true]}'
