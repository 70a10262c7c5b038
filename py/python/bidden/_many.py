"""Many candidates: invited, planned, applied, reconciled, through the code of the command."""

from __future__ import annotations

import atexit

from . import _bidden
from ._clients import _core, _given, _numbers
from ._ledger import Ledger, _list, _local
from ._results import Plan, Reconciliation, RowOutcome, Summary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from decimal import Decimal
    from os import PathLike
    from typing import Any, Literal, Protocol, TypeAlias

    from ._bidden import _Moment
    from ._clients import IMocha, TestInvite, ThinkExam

    class _Frame(Protocol):
        def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...

    _Candidates: TypeAlias = str | PathLike[str] | Iterable[Any] | _Frame
    _Progress: TypeAlias = bool | Callable[[int, int | None], object]
    _Record: TypeAlias = str | PathLike[str] | Ledger | None


# What is in flight when the interpreter ends is finished and written.
atexit.register(_bidden.finish_runs)


class Confirm:
    """A yes to reaching people on a live host: to as many mails as `max_emails` says, to none without it.

    >>> import bidden
    >>> bidden.Confirm(max_emails=250)
    Confirm(max_emails=250)
    """

    __slots__ = ("max_emails",)
    __match_args__ = ("max_emails",)

    max_emails: int | None

    def __init__(self, *, max_emails: int | None = None) -> None:
        if max_emails is not None and (
            not isinstance(max_emails, int) or isinstance(max_emails, bool) or max_emails < 0
        ):
            raise ValueError("max_emails is a whole number of mails, 0 or more, or None")
        self.max_emails = max_emails

    def __repr__(self) -> str:
        return "Confirm()" if self.max_emails is None else f"Confirm(max_emails={self.max_emails})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Confirm) and self.max_emails == other.max_emails

    def __hash__(self) -> int:
        return hash((Confirm, self.max_emails))


class Run:
    """Rows that are sent while they are iterated over, each as the `RowOutcome` it came to, in the order of the input.

    Iterate over it, or call `run`; once. Leaving the loop stops the run as Ctrl-C does: what is in flight is finished
    and written, nothing new is sent, and the same call continues later. A loop that is slower than the platform holds
    the run back. A run that is never begun warns. Nothing is sent before the whole input was read.

    Errors of a row are in its `error`. Raised is what keeps the whole from being sent: `InvalidInputError` for an input
    that cannot be read and for missing consent, `StorageError` for the record.

    >>> import bidden
    >>> people = [{"email": f"c{number}@example.com", "name": "Candidate"} for number in range(3)]
    >>> with bidden.Sandbox() as sandbox:
    ...     run = bidden.invite_many(sandbox.imocha(), 292930, people, ledger=None)
    ...     [(outcome.row, outcome.disposition) for outcome in run]
    ...     run.summary
    [(1, 'invited'), (2, 'invited'), (3, 'invited')]
    <Summary of 3 rows: 3 invited>
    """

    __slots__ = ("_begun", "_progress", "_run")

    def __init__(self, run: _bidden.Run, progress: _Progress) -> None:
        self._begun = False
        self._progress = progress
        self._run = run

    def __iter__(self) -> Iterator[RowOutcome]:
        progress = self._progress
        running = self._start()
        return running if progress is False else _told(running, self._run, _teller(progress))

    def run(self) -> Summary:
        """Send all rows and give what they came to.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     people = [{"email": "ada@example.com", "name": "Ada Lovelace"}]
        ...     bidden.invite_many(sandbox.imocha(), 292930, people, ledger=None).run()
        <Summary of 1 row: 1 invited>
        """
        progress = self._progress
        running = self._start()
        if progress is False:
            running.drain(None)
        else:
            tell, end = _teller(progress)
            try:
                running.drain(tell)
            finally:
                end()
        return self._ended()

    def stop(self) -> None:
        """End the run: what is in flight is finished, nothing new is sent. May be called from any thread.

        >>> import bidden
        >>> with bidden.Sandbox() as sandbox:
        ...     people = [{"email": f"c{number}@example.com", "name": "Candidate"} for number in range(300)]
        ...     run = bidden.invite_many(sandbox.imocha(), 292930, people, ledger=None, concurrency=1)
        ...     for outcome in run:
        ...         run.stop()
        ...     run.summary.stopped
        'interrupted'
        """
        self._run.stop()

    @property
    def total(self) -> int | None:
        """How many rows there are; None until the input was read."""
        return self._run.total

    @property
    def summary(self) -> Summary | None:
        """What all rows came to; None until the run has ended."""
        summary = self._run.summary
        return None if summary is None else Summary(summary)

    def _start(self) -> _bidden.Running:
        running = self._run.start()
        if running is None:
            raise RuntimeError("a run is run once; call the function again: the ledger knows what was sent")
        self._begun = True
        return running

    def _ended(self) -> Summary:
        summary = self.summary
        if summary is None:
            raise RuntimeError("the run was ended by somebody else")
        return summary

    def __del__(self) -> None:
        if not getattr(self, "_begun", True):
            import warnings

            warnings.warn(
                f"{self!r} was never begun: nothing was sent; iterate over it, or call run()",
                ResourceWarning,
                source=self,
                stacklevel=2,
            )

    def __repr__(self) -> str:
        total = self.total
        rows = "" if total is None else f" of {total} rows"
        state = "ended" if self._run.summary is not None else "under way" if self._begun else "not begun"
        return f"<Run{rows}, {state}>"


def _told(
    running: _bidden.Running, run: _bidden.Run, teller: tuple[Callable[[int, int | None], object], Callable[[], object]]
) -> Iterator[RowOutcome]:
    tell, end = teller
    taken = 0
    try:
        for outcome in running:
            taken += 1
            tell(taken, run.total)
            yield outcome
    finally:
        running.close()
        end()


def _teller(progress: _Progress) -> tuple[Callable[[int, int | None], object], Callable[[], object]]:
    """Who is told how far the run is, and what ends that."""
    if callable(progress):
        return progress, lambda: None
    try:
        from tqdm.auto import tqdm  # type: ignore[import-untyped, import-not-found, unused-ignore]
    except ImportError:
        return _lines()
    # Made with the first row: until then nobody knows how many there are.
    bars: list[Any] = []

    def tell(done: int, total: int | None) -> None:
        if not bars:
            bars.append(tqdm(total=total, unit=" rows"))
        bars[0].update(done - bars[0].n)

    def end() -> None:
        for bar in bars:
            bar.close()

    return tell, end


def _lines() -> tuple[Callable[[int, int | None], object], Callable[[], object]]:
    """Write a plain line on standard error every five seconds, and one at the end."""
    import sys
    from time import monotonic

    began = last = monotonic()
    state: list[tuple[int, int | None]] = []

    def say(done: int, total: int | None) -> None:
        of = "" if total is None else f" of {total}"
        seconds = max(monotonic() - began, 1e-9)
        print(f"bidden: {done}{of} rows, {done / seconds:.0f}/s", file=sys.stderr)

    def tell(done: int, total: int | None) -> None:
        nonlocal last
        state[:] = [(done, total)]
        if monotonic() - last >= 5:
            last = monotonic()
            say(done, total)

    def end() -> None:
        for done, total in state:
            say(done, total)

    return tell, end


def invite_many(
    client: IMocha | ThinkExam | TestInvite,
    test: int | str,
    candidates: _Candidates,
    /,
    *,
    ledger: _Record,
    sheet: str | None = None,
    map: Mapping[str, str] | None = None,  # noqa: A002
    output: str | PathLike[str] | None = None,
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
    course: str | None = None,
    batch_size: int | None = None,
    group: str | None = None,
    labels: Iterable[str] | None = None,
    tags: Mapping[str, str] | None = None,
    language: str | None = None,
    program_ids: Iterable[str] | None = None,
    unique_within: Literal["task", "group", "labels", "programs"] | None = None,
    no_tracking: bool = False,
    price: Mapping[str, str | int | Decimal] | None = None,
    charge_candidates: bool = False,
    concurrency: int = 16,
    rate: float | None = None,
    confirm: Confirm | None = None,
    first: int | None = None,
    reopen: bool = False,
    mail_again: bool = False,
    resend_uncertain: bool = False,
    retry_failed: bool = False,
    allow_loss: bool = False,
    stop_after_failures: int | None = None,
    progress: _Progress = False,
    account: str = "default",
) -> Run:
    """Invite many candidates to a test, each at most once with a mail, whatever crashes.

    Nothing is sent before the `Run` that comes back is iterated over or its `run` is called.

    `candidates` is the path of a CSV, TSV, XLSX or JSON Lines file; a pandas or polars frame, or whatever else speaks
    Arrow's C stream interface; or any iterable of mappings or dataclasses. `map` names the field of a column whose
    header does not say it, `sheet` the sheet of a workbook. `ledger` is a `Ledger`, the place of one, or None, which
    loopback alone allows. The options are those of `bidden invite`, those that are given again and again there being
    lists and mappings here (`labels`, `tags`, `program_ids`); nobody is mailed unless `send_email` is true, on
    TestInvite unless `email_template` names a saved template. With a `zone` such as `Europe/Berlin`, `start`, `end` and
    `send_at` may be local: text without an offset, or a datetime without tzinfo. `output` is a file for the columns of
    the input and the results.

    A host other than loopback needs `confirm`, and at most 5 calls a second go there unless `rate` says otherwise.
    `first` sends so many rows and stops, the others being `not-sent`: whoever has looked at them calls again without.
    `progress` is true for a bar (tqdm where it is installed, a plain line otherwise), or a function that is told how
    many rows are done and how many there are.

    Raises `InvalidInputError` for options that the platform cannot honour, unless `allow_loss`.

    >>> import bidden
    >>> people = [{"email": "ada@example.com", "name": "Ada Lovelace"}, {"email": "grace", "name": "Grace Hopper"}]
    >>> with bidden.Sandbox() as sandbox:
    ...     for outcome in bidden.invite_many(sandbox.imocha(), 292930, people, ledger=None):
    ...         print(outcome.disposition, outcome.error)
    invited None
    invalid invalid-input: email: has no @
    """
    options = _options(
        start=start,
        end=end,
        zone=zone,
        time_zone_id=time_zone_id,
        send_email=send_email,
        email_template=email_template,
        send_at=send_at,
        stakeholder_emails=stakeholder_emails,
        callback_url=callback_url,
        callback_resource=callback_resource,
        redirect_url=redirect_url,
        proctoring=proctoring,
        hide_instruction=hide_instruction,
        skip_password=skip_password,
        course=course,
        group=group,
        labels=labels,
        tags=tags,
        language=language,
        program_ids=program_ids,
        unique_within=unique_within,
        no_tracking=no_tracking,
        price=price,
    )
    settings = _settings(
        confirm,
        charge_candidates=charge_candidates,
        allow_loss=allow_loss,
        reopen=reopen,
        mail_again=mail_again,
        resend_uncertain=resend_uncertain,
        retry_failed=retry_failed,
        concurrency=concurrency,
        rate=rate,
        batch_size=batch_size,
        stop_after_failures=stop_after_failures,
        first=first,
        output=output,
        account=account,
    )
    rows = _rows(candidates, sheet, map)
    return Run(_bidden.Run.invite(_core(client), test, rows, options, settings, _record(ledger)), progress)


def plan(
    client: IMocha | ThinkExam | TestInvite,
    test: int | str,
    candidates: _Candidates,
    path: str | PathLike[str] | None = None,
    /,
    *,
    ledger: _Record,
    sheet: str | None = None,
    map: Mapping[str, str] | None = None,  # noqa: A002
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
    course: str | None = None,
    group: str | None = None,
    labels: Iterable[str] | None = None,
    tags: Mapping[str, str] | None = None,
    language: str | None = None,
    program_ids: Iterable[str] | None = None,
    unique_within: Literal["task", "group", "labels", "programs"] | None = None,
    no_tracking: bool = False,
    price: Mapping[str, str | int | Decimal] | None = None,
    charge_candidates: bool = False,
    reopen: bool = False,
    mail_again: bool = False,
    resend_uncertain: bool = False,
    retry_failed: bool = False,
    allow_loss: bool = False,
    account: str = "default",
) -> Plan:
    """Write what `invite_many` would do into a file, to be reviewed and applied. Sends nothing.

    The file is the one of `bidden plan`; it holds no password and no credential2. The `Plan` that comes back is the
    review of it; without a `path` that is all, as with `bidden invite --dry-run`.

    >>> import bidden, tempfile
    >>> people = [{"email": "ada@example.com", "name": "Ada Lovelace"}]
    >>> with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
    ...     client = sandbox.imocha()
    ...     file, ledger = f"{folder}/plan.jsonl", f"{folder}/ledger.db"
    ...     planned = bidden.plan(client, 292930, people, file, ledger=ledger, send_email=True)
    ...     print(planned.would_send, planned.mails)
    ...     print(bidden.apply(client, file, ledger=ledger).run())
    1 1
    <Summary of 1 row: 1 invited>
    """
    options = _options(
        start=start,
        end=end,
        zone=zone,
        time_zone_id=time_zone_id,
        send_email=send_email,
        email_template=email_template,
        send_at=send_at,
        stakeholder_emails=stakeholder_emails,
        callback_url=callback_url,
        callback_resource=callback_resource,
        redirect_url=redirect_url,
        proctoring=proctoring,
        hide_instruction=hide_instruction,
        skip_password=skip_password,
        course=course,
        group=group,
        labels=labels,
        tags=tags,
        language=language,
        program_ids=program_ids,
        unique_within=unique_within,
        no_tracking=no_tracking,
        price=price,
    )
    settings = _settings(
        None,
        charge_candidates=charge_candidates,
        allow_loss=allow_loss,
        reopen=reopen,
        mail_again=mail_again,
        resend_uncertain=resend_uncertain,
        retry_failed=retry_failed,
        account=account,
    )
    rows = _rows(candidates, sheet, map)
    return Plan(_bidden.plan(_core(client), test, rows, path, options, settings, _record(ledger)))


def apply(
    client: IMocha | ThinkExam | TestInvite,
    path: str | PathLike[str],
    /,
    *,
    ledger: _Record,
    secrets: str | PathLike[str] | None = None,
    output: str | PathLike[str] | None = None,
    concurrency: int = 16,
    rate: float | None = None,
    batch_size: int | None = None,
    confirm: Confirm | None = None,
    first: int | None = None,
    reopen: bool = False,
    mail_again: bool = False,
    resend_uncertain: bool = False,
    retry_failed: bool = False,
    stop_after_failures: int | None = None,
    progress: _Progress = False,
    account: str = "default",
) -> Run:
    """Send what a plan of `plan` or `bidden plan` says. The same call continues after an interruption.

    Which test and how stand in the plan, which is the consent too; a `confirm` bounds the mails further. Raises
    `InvalidInputError` for what is no plan, and when the run begins for one that is stale: what it saw has changed
    since. No plan holds a password or credential2: rows that have one are held, unless `secrets` is the file that the
    plan was made from, unchanged. `first` sends so many rows and stops, as with `invite_many`.

    >>> import bidden, tempfile
    >>> people = [{"email": "ada@example.com", "name": "Ada Lovelace"}]
    >>> with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
    ...     client = sandbox.imocha()
    ...     file, ledger = f"{folder}/plan.jsonl", f"{folder}/ledger.db"
    ...     planned = bidden.plan(client, 292930, people, file, ledger=ledger)
    ...     [outcome.disposition for outcome in bidden.apply(client, file, ledger=ledger)]
    ['invited']
    """
    settings = _settings(
        confirm,
        reopen=reopen,
        mail_again=mail_again,
        resend_uncertain=resend_uncertain,
        retry_failed=retry_failed,
        concurrency=concurrency,
        rate=rate,
        batch_size=batch_size,
        stop_after_failures=stop_after_failures,
        first=first,
        output=output,
        account=account,
    )
    return Run(_bidden.Run.apply(_core(client), path, secrets, settings, _record(ledger)), progress)


def reconcile(
    client: IMocha | TestInvite,
    test: int | str,
    /,
    *,
    ledger: _Record,
    dry_run: bool = False,
    rate: float | None = None,
    account: str = "default",
) -> Reconciliation:
    """Hold the ledger against what the platform shows of a test, and teach the ledger what has moved.

    Nothing is sent that changes anything; with `dry_run` nothing is written either. Raises `InvalidInputError` on Think
    Exam, which shows nothing.

    >>> import bidden, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
    ...     client = sandbox.testinvite()
    ...     with bidden.Ledger(f"{folder}/ledger.db") as ledger:
    ...         created = ledger.invite(client, "task-1", email="ada@example.com", name="Ada Lovelace")
    ...         bidden.reconcile(client, "task-1", ledger=ledger).counts
    {'agreed': 1}
    """
    settings = _settings(None, concurrency=1, rate=rate, account=account)
    return Reconciliation(_bidden.reconcile(_core(client), test, not dry_run, settings, _record(ledger)))


def history(email: str, /, *, ledger: str | PathLike[str] | Ledger) -> list[dict[str, Any]]:
    """Give every invitation of an address with all its operations, as `Ledger.history` does.

    A `ledger` that is a place is read beside whoever sends from it; where there is none yet, nobody is known.

    >>> import bidden, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
    ...     place = f"{folder}/ledger.db"
    ...     people = [{"email": "ada@example.com", "name": "Ada Lovelace"}]
    ...     summary = bidden.invite_many(sandbox.imocha(), 292930, people, ledger=place).run()
    ...     [invitation["disposition"] for invitation in bidden.history("ada@example.com", ledger=place)]
    ['invited']
    """
    if isinstance(ledger, Ledger):
        return ledger.history(email)
    return _bidden.history(ledger, email)


def status(*, ledger: str | PathLike[str] | Ledger) -> list[dict[str, Any]]:
    """Count the invitations of a ledger, place by place, as `bidden status --json` does. No platform is asked.

    A `ledger` that is a place is read beside whoever sends from it; where there is none yet, there is nothing.

    >>> import bidden, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, bidden.Sandbox() as sandbox:
    ...     place = f"{folder}/ledger.db"
    ...     people = [{"email": "ada@example.com", "name": "Ada Lovelace"}]
    ...     summary = bidden.invite_many(sandbox.imocha(), 292930, people, ledger=place).run()
    ...     [(found["place"]["test"], found["by_disposition"]) for found in bidden.status(ledger=place)]
    [('292930', {'invited': 1})]
    """
    if isinstance(ledger, Ledger):
        return ledger.status()
    return _bidden.status(ledger)


def _record(ledger: _Record) -> Any:  # noqa: ANN401
    return ledger._ledger if isinstance(ledger, Ledger) else ledger


def _rows(candidates: _Candidates, sheet: str | None, mapping: Mapping[str, str] | None) -> _bidden.Rows:
    """Where the rows come from. An iterable is read here, to its end."""
    import os

    mappings = [] if mapping is None else [f"{header}={field}" for header, field in mapping.items()]
    if isinstance(candidates, str | os.PathLike):
        return _bidden.Rows.file(candidates, sheet, mappings)
    if sheet is not None:
        raise TypeError("a sheet is one of a workbook; the candidates are no file")
    given: Any = candidates
    if hasattr(given, "__arrow_c_stream__"):
        try:
            stream = given.__arrow_c_stream__()
        except (ImportError, TypeError, ValueError):
            # pandas leaves the interface to pyarrow, which may not be there and takes no column of mixed types: then
            # rows come one by one.
            if not hasattr(given, "to_dict") or not given.columns.is_unique:
                raise
            return _bidden.Rows.each(given.to_dict("records"), mappings)
        return _bidden.Rows.frame(stream, mappings)
    if hasattr(given, "collect") and not hasattr(given, "__iter__"):
        raise TypeError(f"a frame with its rows is expected, not a {type(given).__name__}: collect() it first")
    if isinstance(given, bytes | bytearray):
        raise TypeError("a path is text or an os.PathLike, not bytes")
    if hasattr(given, "keys") or not hasattr(given, "__iter__"):
        raise TypeError(f"a path, a frame or an iterable of rows is expected, not a {type(given).__name__}")
    return _bidden.Rows.each(given, mappings)


def _options(
    *,
    stakeholder_emails: str | Iterable[str] | None,
    labels: Iterable[str] | None,
    program_ids: Iterable[str] | None,
    zone: str | None,
    **options: Any,  # noqa: ANN401
) -> dict[str, Any]:
    options |= _local(zone, start=options["start"], end=options["end"], send_at=options["send_at"])
    if stakeholder_emails is not None and not isinstance(stakeholder_emails, str):
        stakeholder_emails = list(stakeholder_emails)
    options["stakeholder_emails"] = stakeholder_emails
    options["labels"] = None if labels is None else _list(labels)
    options["program_ids"] = None if program_ids is None else _list(program_ids)
    return _given(options)


def _settings(confirm: Confirm | None, **given: Any) -> dict[str, Any]:  # noqa: ANN401
    if confirm is not None and not isinstance(confirm, Confirm):
        raise TypeError("confirm is a bidden.Confirm, such as bidden.Confirm(max_emails=250)")
    settings: dict[str, Any] = {
        "confirmed": confirm is not None,
        "max_emails": None if confirm is None else confirm.max_emails,
        "charge_candidates": False,
        "allow_loss": False,
        "reopen": False,
        "mail_again": False,
        "resend_uncertain": False,
        "retry_failed": False,
        "concurrency": 16,
        "rate": None,
        "batch_size": None,
        "stop_after_failures": None,
        "first": None,
        "output": None,
        "account": "default",
    }
    settings |= given
    names = ("concurrency", "rate", "batch_size", "stop_after_failures", "first")
    return settings | _numbers(**{name: settings[name] for name in names})


for _item in (Confirm, Run, invite_many, plan, apply, reconcile, history, status):
    _item.__module__ = "bidden"
del _item
