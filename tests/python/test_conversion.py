"""Python values on their way to the door and back."""

from __future__ import annotations

import enum
import json
from collections import UserDict
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import pytest

import bidden

ADA = {"test_id": 292930, "email": "ada@example.com", "name": "Ada Lovelace"}


def body(**fields: object) -> dict[str, object]:
    return json.loads(bidden.call_request("imocha.invite", **{**ADA, **fields}).body)


def test_an_aware_datetime_is_a_moment_in_any_zone() -> None:
    kolkata = timezone(timedelta(hours=5, minutes=30))
    start = datetime(2030, 1, 1, 9, 0, tzinfo=kolkata)
    assert body(start_date_time=start)["startDateTime"] == "2030-01-01T03:30:00Z"
    assert body(start_date_time=int(start.timestamp()))["startDateTime"] == "2030-01-01T03:30:00Z"


@pytest.mark.parametrize(
    "use",
    [
        lambda naive: bidden.call_request("imocha.invite", **ADA, start_date_time=naive),
        lambda naive: bidden.AccessWindow(naive),
        lambda naive: bidden.IMocha(api_key="sandbox-key", base_url="http://127.0.0.1:1").invite(
            292930, email="ada@example.com", name="Ada", start=naive
        ),
    ],
)
def test_a_naive_datetime_is_refused_with_what_to_do(use: Callable[[datetime], object]) -> None:
    with pytest.raises(bidden.InvalidInputError, match=r"tzinfo.*timezone\.utc") as caught:
        use(datetime(2030, 1, 1, 9, 0))
    assert caught.value.fields[0].field in ("start", "start_date_time")


def test_a_date_is_no_moment() -> None:
    with pytest.raises(bidden.InvalidInputError):
        bidden.call_request("imocha.invite", **ADA, start_date_time=date(2030, 1, 1))
    with pytest.raises(bidden.InvalidInputError):
        bidden.AccessWindow(date(2030, 1, 1))  # type: ignore[arg-type]


def test_a_date_of_birth_may_be_a_date() -> None:
    request = bidden.call_request(
        "think_exam.bulk_candidate_register",
        base_url="http://127.0.0.1:1",
        candidates=[{"name": "Ada", "email": "ada@example.com", "dob": date(1815, 12, 10)}],
    )
    assert json.loads(request.body)[0]["dob"] == "1815-12-10"


def test_a_decimal_keeps_its_digits() -> None:
    price = {"amount": Decimal("10.10"), "currency": "EUR"}
    request = bidden.call_request("testinvite.create_candidate", task_id="t", email="a@example.com", price=price)
    assert b'"amount":10.10' in request.body


@pytest.mark.parametrize("mapping", [dict, UserDict, MappingProxyType])
def test_any_mapping_is_an_object(mapping: type) -> None:
    assert body(extra=mapping({"note": "x"}))["note"] == "x"


def test_text_goes_through_as_it_is() -> None:
    name = 'Zoë "Q" \\ \u2028 Ñandú 😀'
    assert body(name=name)["name"] == name


def test_what_has_no_json_is_named_all_at_once() -> None:
    with pytest.raises(bidden.InvalidInputError) as caught:
        bidden.call_request(
            "imocha.invite",
            **ADA,
            extra={"a": object(), "b": float("nan"), "c": "\ud800", "d": {"e": [b"bytes"]}, 1: "one", "f": int},
        )
    fields = [fault.field for fault in caught.value.fields]
    assert fields == ["extra.a", "extra.b", "extra.c", "extra.d.e[0]", "extra", "extra.f"]


def test_a_keyword_that_has_no_json_is_named_by_itself() -> None:
    with pytest.raises(bidden.InvalidInputError) as caught:
        bidden.call_request(
            "imocha.invite",
            test_id=object(),
            email="\ud800",
            name=float("inf"),
            time_zone_id=10**5000,
            **{"\ud800": "x"},
        )
    assert [(fault.field, fault.reason) for fault in caught.value.fields] == [
        ("test_id", "a object cannot be sent"),
        ("email", "holds half of a character (a lone surrogate)"),
        ("name", "is no finite number"),
        ("time_zone_id", "is too large a number"),
        ("", "has a key that is no text"),
    ]


class Shouting(str):
    """Text whose own words are something else."""

    __slots__ = ()

    def __str__(self) -> str:
        return self.upper()


class Number(enum.IntEnum):
    """A number that is written as a word."""

    SEVEN = 7


def test_texts_and_numbers_of_every_kind_are_what_they_hold() -> None:
    request = bidden.call_request("imocha.invite", test_id=Number.SEVEN, email=Shouting("ada@example.com"), name="Ada")
    assert request.url.endswith("/v3/tests/7/invite")
    assert json.loads(request.body)["email"] == "ada@example.com"


@pytest.mark.parametrize(
    ("test_id", "reads"),
    [(2**63 - 1, str(2**63 - 1)), ("41", "41"), (True, "whole"), (1.5, "whole"), (2**63, "whole"), (None, "positive")],
)
def test_a_number_is_one_or_is_refused(test_id: object, reads: str) -> None:
    try:
        got = bidden.call_request("imocha.retrieve_test", test_id=test_id).url.rsplit("/", 1)[1]
    except bidden.InvalidInputError as error:
        got = error.fields[0].reason
        reads = f"a {reads} number is expected"
    assert got == reads


def test_a_cycle_is_refused() -> None:
    endless: dict[str, object] = {}
    endless["endless"] = endless
    with pytest.raises(bidden.InvalidInputError, match="nested too deeply"):
        bidden.call_request("imocha.invite", **ADA, extra=endless)


def test_a_cycle_with_two_ways_through_it_is_refused_at_once() -> None:
    endless: list[object] = []
    endless += [endless, endless, {"again": endless}]
    with pytest.raises(bidden.InvalidInputError, match="nested too deeply") as caught:
        bidden.call_request("imocha.invite", **ADA, extra={"a": endless, "b": 1})
    assert len(caught.value.fields) == 1


def test_a_number_that_python_does_not_write_out_is_named() -> None:
    with pytest.raises(bidden.InvalidInputError, match="too large") as caught:
        bidden.call_request("imocha.invite", **ADA, extra={"n": 10**5000})
    assert [fault.field for fault in caught.value.fields] == ["extra.n"]
    with pytest.raises(bidden.InvalidInputError, match="too large"):
        bidden.AccessWindow(10**5000)


@pytest.mark.parametrize("test", [None, True, 1.0, b"41", object(), int, ["41"], "\ud800", 10**5000], ids=type)
def test_what_is_no_test_is_refused_and_not_written_as_text(
    sandbox: bidden.Sandbox, tmp_path: Path, test: object
) -> None:
    with bidden.Ledger(tmp_path / "ledger.db") as ledger:
        for client in (sandbox.testinvite(), sandbox.think_exam(), sandbox.imocha()):
            for use in (ledger.invite, ledger.cancel):
                with pytest.raises(bidden.InvalidInputError) as caught:
                    use(client, test, email="ada@example.com", **({"name": "Ada"} if use == ledger.invite else {}))
                assert [fault.field for fault in caught.value.fields] == ["test"]
    with pytest.raises(bidden.InvalidInputError):
        sandbox.imocha().invite(test, email="ada@example.com", name="Ada")  # type: ignore[arg-type]
    assert sandbox.requests() == []


def test_half_a_character_is_named_wherever_a_candidate_is_given(sandbox: bidden.Sandbox, tmp_path: Path) -> None:
    row = {"email": "ada@example.com", "name": "Ad\udce4"}
    (checked,) = bidden.validate([row], bidden.Platform.IMOCHA)
    assert [(finding.field, finding.reason) for finding in checked.errors] == [
        ("name", "holds half of a character (a lone surrogate)")
    ]
    with bidden.Ledger(tmp_path / "ledger.db") as ledger:
        for invite in (sandbox.imocha().invite, lambda test, **fields: ledger.invite(sandbox.imocha(), test, **fields)):
            with pytest.raises(bidden.InvalidInputError, match="half of a character") as caught:
                invite(1, **row)
            assert [fault.field for fault in caught.value.fields] == ["name"]
    assert sandbox.requests() == []


def test_a_cell_without_a_value_is_absent_and_one_that_is_no_text_is_an_error() -> None:
    row = {"email": "ada@example.com", "name": float("nan"), "mobile": None, "gender": "", "external_id": 7}
    (checked,) = bidden.validate([row], bidden.Platform.IMOCHA)
    assert [(finding.field, finding.reason.split(";")[0]) for finding in checked.errors] == [("name", "is missing")]
    wrong = {"email": b"ada@example.com", "name": True, "labels": ["a"], "dob": date(1815, 12, 10)}
    (checked,) = bidden.validate([wrong], bidden.Platform.IMOCHA)
    assert [(finding.field, finding.reason) for finding in checked.errors] == [
        ("email", "text is expected, not a bytes"),
        ("name", "text is expected, not a bool"),
        ("labels", "text is expected, not a list"),
    ]


def test_an_exception_of_a_callers_object_comes_through() -> None:
    class Broken(UserDict):  # type: ignore[type-arg]
        def items(self) -> object:
            raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        bidden.call_request("imocha.invite", **ADA, extra=Broken())


def test_members_of_an_answer_keep_their_order_and_types() -> None:
    answer = (
        '{"testInvitationId":7,"testUrl":null,"status":"New","z":[1,2.5,true,null,"x",18446744073709551615],"a":{}}'
    )
    reply = bidden.read_reply("imocha.invite", ADA, 200, answer)
    assert reply["extra"] == {"z": [1, 2.5, True, None, "x", 18446744073709551615], "a": {}}
    assert list(reply) == ["test_invitation_id", "test_url", "status", "platform_status", "extra"]
    assert (reply["status"], reply["platform_status"]) == ("unknown", "New")


def test_rows_are_checked_one_by_one() -> None:
    asked = []

    def rows() -> Iterator[Mapping[str, object]]:
        for email in ("ada@example.com", "no address", None):
            asked.append(email)
            yield {"email": email, "name": "Ada", "shoe size": "38"}

    checked = bidden.validate(rows(), bidden.Platform.IMOCHA)
    assert asked == []
    first = next(checked)
    assert (first.row, first.is_valid, first.errors, first.warnings, asked) == (1, True, (), (), ["ada@example.com"])
    second, third = checked
    assert [(finding.field, finding.reason) for finding in second.errors] == [("email", "holds a blank")]
    assert second.errors[0].value == "no address"
    assert "no address" not in repr(second.errors[0])
    assert third.errors[0].reason.startswith("is missing")


def test_doubtful_cells_are_warnings() -> None:
    (checked,) = bidden.validate([{"email": "a@example.com", "name": "Ada", "mobile": "9.19E+11", "password": "a\nb"}])
    assert [finding.field for finding in checked.warnings] == ["mobile"]
    assert [(finding.field, finding.value) for finding in checked.errors] == [("password", None)]


def test_a_failing_iterator_comes_through() -> None:
    def rows() -> Iterator[Mapping[str, object]]:
        yield {"email": "ada@example.com"}
        raise OSError("disk")

    checked = bidden.validate(rows())
    next(checked)
    with pytest.raises(OSError, match="disk"):
        next(checked)
