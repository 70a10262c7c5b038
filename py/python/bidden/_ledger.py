"""The ledger: one person at a time, at most one mail each, whatever crashes."""

from __future__ import annotations

from . import _bidden
from ._clients import _core, _given
from ._results import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from decimal import Decimal
    from os import PathLike
    from types import TracebackType
    from typing import Any, Literal

    from ._bidden import Secret, _Moment
    from ._clients import IMocha, TestInvite, ThinkExam


class Ledger:
    """A durable record of every invitation: at most one request that asks for a mail ever leaves, whatever crashes.

    `location` is a file, made when it is missing and readable by its owner only, or the `postgres://…` of a server.
    `account` is a name of yours for the account that the invitations belong to. Any number of threads may send through
    one ledger; of several processes one has a file at a time, and all of them a PostgreSQL ledger. Use it as a context
    manager, or call `close`.

    What the platform says, and what the ledger holds back, is the `Outcome`. Raised is what keeps an operation from
    being tried: `InvalidInputError`, `ConfigurationError`, and `StorageError` when the record cannot be read or
    written, is in use by another process, or was written by a newer version. After Ctrl-C what is in flight is finished
    and written, and nothing new is sent.

    >>> import bidden, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
    ...     with bidden.Ledger(f"{folder}/ledger.db") as ledger:
    ...         ada = {"email": "ada@example.com", "name": "Ada Lovelace"}
    ...         outcomes = [ledger.invite(sandbox.imocha(), 292930, **ada, send_email=True) for _ in range(2)]
    ...     [outcome.disposition for outcome in outcomes], len(sandbox.outbox())
    (['invited', 'unchanged'], 1)
    """

    __slots__ = ("_ledger",)

    def __init__(self, location: str | PathLike[str], account: str = "default") -> None:
        self._ledger = _bidden.Ledger(location, account)

    @property
    def location(self) -> str:
        """Where the record is kept.

        >>> import bidden, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with bidden.Ledger(f"{folder}/ledger.db") as ledger:
        ...         ledger.location.endswith("ledger.db")
        True
        """
        return self._ledger.location

    def invite(
        self,
        client: IMocha | ThinkExam | TestInvite,
        test: int | str,
        /,
        *,
        email: str | None = None,
        name: str | None = None,
        external_id: str | int | None = None,
        uniq_id: str | None = None,
        user_id: str | None = None,
        enrollment_number: str | None = None,
        password: str | Secret | None = None,
        mobile: str | None = None,
        gender: str | None = None,
        dob: str | date | None = None,
        course_name: str | None = None,
        extra1: str | None = None,
        extra2: str | None = None,
        extra3: str | None = None,
        profile_pic: str | None = None,
        group: str | None = None,
        labels: Iterable[str] | None = None,
        tags: Mapping[str, str] | None = None,
        credential1: str | None = None,
        credential2: str | Secret | None = None,
        extra_emails: Iterable[str] | None = None,
        start: _Moment | None = None,
        end: _Moment | None = None,
        zone: str | None = None,
        time_zone_id: int | None = None,
        send_email: bool = False,
        email_template: str | None = None,
        send_at: _Moment | None = None,
        stakeholder_emails: str | Iterable[str] | None = None,
        callback_url: str | None = None,
        callback_resource: Literal["basic", "detailed"] | None = None,
        redirect_url: str | None = None,
        proctoring: Literal["disabled", "image", "video"] | None = None,
        hide_instruction: bool = False,
        skip_password: bool = False,
        language: str | None = None,
        program_ids: Iterable[str] | None = None,
        unique_within: Literal["task", "group", "labels", "programs"] | None = None,
        no_tracking: bool = False,
        price: Mapping[str, str | int | Decimal] | None = None,
        reopen: bool = False,
        mail_again: bool = False,
        resend_uncertain: bool = False,
    ) -> Outcome:
        """Invite a candidate to a test, at most once with a mail, however often it is called.

        Nobody is mailed unless `send_email` is true, on TestInvite unless `email_template` names a saved template. The
        fields of the candidate and the options are those of `bidden invite`; an option that the platform cannot honour
        is an `InvalidInputError`. On Think Exam a candidate whom the ledger does not know is registered first. What
        the platform refused goes again; what else is held back is said yes to by `reopen`, `mail_again` and
        `resend_uncertain`. With a `zone` such as `Europe/Berlin`, times may be local: text without an offset, or a
        datetime without tzinfo.

        >>> import bidden, tempfile
        >>> with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
        ...     client = sandbox.imocha()
        ...     with bidden.Ledger(f"{folder}/ledger.db") as ledger:
        ...         invited = ledger.invite(client, 292930, email="ada@example.com", name="Ada Lovelace")
        ...         invited.disposition, invited.status
        ('invited', <Status.PENDING: 'pending'>)
        """
        candidate = {
            "email": email,
            "name": name,
            "external_id": external_id,
            "uniq_id": uniq_id,
            "user_id": user_id,
            "enrollment_number": enrollment_number,
            "password": password,
            "mobile": mobile,
            "gender": gender,
            "dob": dob,
            "course_name": course_name,
            "extra1": extra1,
            "extra2": extra2,
            "extra3": extra3,
            "profile_pic": profile_pic,
            "group": group,
            "credential1": credential1,
            "credential2": credential2,
            "extra_emails": None if extra_emails is None else ";".join(_list(extra_emails)),
        }
        options = {
            "labels": None if labels is None else _list(labels),
            "tags": tags,
            **_local(zone, start=start, end=end, send_at=send_at),
            "time_zone_id": time_zone_id,
            "send_email": send_email,
            "email_template": email_template,
            "stakeholder_emails": (
                stakeholder_emails
                if stakeholder_emails is None or isinstance(stakeholder_emails, str)
                else list(stakeholder_emails)
            ),
            "callback_url": callback_url,
            "callback_resource": callback_resource,
            "redirect_url": redirect_url,
            "proctoring": proctoring,
            "hide_instruction": hide_instruction,
            "skip_password": skip_password,
            "language": language,
            "program_ids": None if program_ids is None else _list(program_ids),
            "unique_within": unique_within,
            "no_tracking": no_tracking,
            "price": price,
        }
        consent = _consent(reopen, mail_again, resend_uncertain)
        return Outcome(self._ledger.invite(_core(client), test, _given(candidate), _given(options), consent))

    def cancel(
        self,
        client: IMocha | ThinkExam | TestInvite,
        test: int | str,
        /,
        *,
        email: str | None = None,
        external_id: str | None = None,
        invitation: str | int | None = None,
        resend_uncertain: bool = False,
    ) -> Outcome:
        """Withdraw the invitation of a candidate, or the one of a platform's id.

        iMocha cancels it, Think Exam takes the test back, TestInvite deletes the candidate.

        >>> import bidden, tempfile
        >>> with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
        ...     client = sandbox.imocha()
        ...     with bidden.Ledger(f"{folder}/ledger.db") as ledger:
        ...         invited = ledger.invite(client, 292930, email="ada@example.com", name="Ada Lovelace")
        ...         ledger.cancel(client, 292930, email="ada@example.com").disposition
        'cancelled'
        """
        consent = _consent(resend_uncertain=resend_uncertain)
        return Outcome(self._ledger.cancel(_core(client), test, email, external_id, _id(invitation), consent))

    def reattempt(
        self,
        client: IMocha,
        test: int | str,
        /,
        *,
        start: _Moment,
        end: _Moment,
        zone: str | None = None,
        time_zone_id: int,
        email: str | None = None,
        external_id: str | None = None,
        invitation: str | int | None = None,
        send_email: bool = False,
        callback_url: str | None = None,
        redirect_url: str | None = None,
        hide_instruction: bool = False,
        reopen: bool = False,
        mail_again: bool = False,
        resend_uncertain: bool = False,
    ) -> Outcome:
        """Allow a candidate another attempt, which is a new invitation.

        Nobody is mailed unless `send_email` is true.

        >>> import bidden, tempfile
        >>> with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
        ...     client = sandbox.imocha()
        ...     with bidden.Ledger(f"{folder}/ledger.db") as ledger:
        ...         invited = ledger.invite(client, 292930, email="ada@example.com", name="Ada Lovelace")
        ...         for event in ("start", "finish"):
        ...             _ = sandbox.attempt(invited.invitation_id, event)
        ...         window = {"start": "2098-01-01T09:00:00Z", "end": "2098-01-02T09:00:00Z", "time_zone_id": 1720}
        ...         ledger.reattempt(client, 292930, email="ada@example.com", **window).disposition
        'invited'
        """
        options = {
            **_local(zone, start=start, end=end),
            "time_zone_id": time_zone_id,
            "send_email": send_email,
            "callback_url": callback_url,
            "redirect_url": redirect_url,
            "hide_instruction": hide_instruction,
        }
        consent = _consent(reopen, mail_again, resend_uncertain)
        invitation = _id(invitation)
        return Outcome(
            self._ledger.reattempt(_core(client), test, email, external_id, invitation, _given(options), consent)
        )

    def register(
        self,
        client: ThinkExam,
        /,
        *,
        email: str,
        name: str,
        enrollment_number: str | None = None,
        password: str | Secret | None = None,
        mobile: str | None = None,
        gender: str | None = None,
        dob: str | date | None = None,
        course_name: str | None = None,
        extra1: str | None = None,
        extra2: str | None = None,
        extra3: str | None = None,
        profile_pic: str | None = None,
    ) -> Outcome:
        """Register a candidate, unless the ledger knows that this was done. Registering assigns no test.

        >>> import bidden, tempfile
        >>> with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
        ...     client = sandbox.think_exam()
        ...     with bidden.Ledger(f"{folder}/ledger.db") as ledger:
        ...         ledger.register(client, email="ada@example.com", name="Ada Lovelace").disposition
        'registered'
        """
        candidate = {
            "email": email,
            "name": name,
            "enrollment_number": enrollment_number,
            "password": password,
            "mobile": mobile,
            "gender": gender,
            "dob": dob,
            "course_name": course_name,
            "extra1": extra1,
            "extra2": extra2,
            "extra3": extra3,
            "profile_pic": profile_pic,
        }
        return Outcome(self._ledger.register(_core(client), _given(candidate)))

    def history(self, email: str, /) -> list[dict[str, Any]]:
        """Give every invitation of an address with all its operations: the proof of what was asked for and came of it.

        Each operation has its time, request digest, HTTP status, answer digest and outcome.

        >>> import bidden, tempfile
        >>> with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
        ...     client = sandbox.imocha()
        ...     with bidden.Ledger(f"{folder}/ledger.db") as ledger:
        ...         invited = ledger.invite(client, 292930, email="ada@example.com", name="Ada Lovelace")
        ...         [operation["deed"] for operation in ledger.history("ada@example.com")[0]["operations"]]
        ['invite']
        """
        return self._ledger.history(email)

    def status(self) -> list[dict[str, Any]]:
        """Count the invitations, place by place, as `bidden status --json` does.

        >>> import bidden, tempfile
        >>> with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
        ...     client = sandbox.imocha()
        ...     with bidden.Ledger(f"{folder}/ledger.db") as ledger:
        ...         invited = ledger.invite(client, 292930, email="ada@example.com", name="Ada Lovelace")
        ...         [place["by_status"] for place in ledger.status()]
        [{'pending': 1}]
        """
        return self._ledger.status()

    def close(self) -> None:
        """Wait for what is under way and close the record. May be called again.

        >>> import bidden, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     ledger = bidden.Ledger(f"{folder}/ledger.db")
        ...     ledger.close()
        ...     try:
        ...         ledger.history("ada@example.com")
        ...     except bidden.StorageError as error:
        ...         print(error.message)
        the ledger is closed
        """
        self._ledger.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Ledger {self.location}>"


def _list(values: Iterable[str]) -> list[str]:
    """Any iterable as a list; a single text is no list of its letters."""
    if isinstance(values, str):
        raise TypeError("a list of texts is expected, not one text")
    return list(values)


def _local(zone: str | None, **times: _Moment | None) -> dict[str, Any]:
    """Give times as they are; with a zone, those without an offset are read in it."""
    if zone is None:
        return times
    return {name: None if time is None else _bidden.local_time(name, time, zone) for name, time in times.items()}


def _id(invitation: str | int | None) -> str | None:
    return None if invitation is None else str(invitation)


def _consent(reopen: bool = False, mail_again: bool = False, resend_uncertain: bool = False) -> dict[str, bool]:
    return {"reopen": reopen, "mail_again": mail_again, "resend_uncertain": resend_uncertain}


Ledger.__module__ = "bidden"
