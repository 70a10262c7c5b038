"""Invite candidates to tests on Think Exam, iMocha and TestInvite.

*bidden* (adj.): invited. One vocabulary over three platforms: clients with typed methods, every call through one door
(`client.call`, `call_request` and `read_reply` for an HTTP library of your own), a durable record by which nobody is
mailed twice (`Ledger`), many candidates at once (`invite_many`, `plan`, `apply`), the same for asyncio (`bidden.aio`),
the rules of an invitation (`decide`), Think Exam's signatures (`sign`, `verify`, `explain_signature`), the check of a
list (`validate_csv`, `validate_frame`, `validate`), and the platforms themselves on this machine (`Sandbox`, and the
pytest fixture `bidden_sandbox`).

Times are aware datetimes, RFC 3339 text, or seconds since 1970; a datetime without tzinfo is refused. Nobody is mailed
unless the call says so. Every exception is a `bidden.Error`.

>>> import bidden
>>> with bidden.Sandbox() as sandbox:
...     client = sandbox.imocha()
...     invited = client.invite(292930, email="ada@example.com", name="Ada Lovelace")
...     invited.status
<Status.PENDING: 'pending'>
"""

from __future__ import annotations

from ._bidden import (
    AccessWindow,
    Candidate,
    Capability,
    CheckedRow,
    Decision,
    FetchedSigner,
    Finding,
    InvalidRow,
    Refusal,
    Request,
    Secret,
    Signature,
    SignatureExplanation,
    __version__,
    call_request,
    calls,
    capabilities,
    decide,
    explain_signature,
    explain_transition,
    read_reply,
    sign,
    validate,
    verify,
)
from ._errors import (
    ConfigurationError,
    DuplicateError,
    Error,
    FieldError,
    InternalError,
    InvalidInputError,
    MalformedReplyError,
    NotFoundError,
    QuotaExhaustedError,
    RateLimitedError,
    RefusedError,
    RejectedError,
    StorageError,
    TimedOutError,
    UnauthorizedError,
    UnavailableError,
    UncertainError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._check import validate_csv, validate_frame
    from ._clients import IMocha, InternalCandidate, TemporaryCandidate, TestInvite, ThinkExam
    from ._ledger import Ledger
    from ._many import Confirm, Run, apply, history, invite_many, plan, reconcile, status
    from ._observe import RequestEvent
    from ._results import (
        Answers,
        Assigned,
        CallbackEvent,
        Cancelled,
        CandidatePage,
        CandidateReport,
        Created,
        Invited,
        ListedTest,
        LoggedIn,
        MaskingAccepted,
        Outcome,
        PdfReport,
        Plan,
        ProcessedCallbacks,
        Reattempted,
        Reconciliation,
        Registered,
        RetrievedInvite,
        RetrievedInvites,
        RetrievedTest,
        RowOutcome,
        Summary,
        Task,
        TaskCandidate,
        TaskPage,
        TestLink,
        TestPage,
        TestSession,
        TestSessionPage,
        TestSessionSet,
        User,
        UserPage,
        read_callback,
    )
    from ._sandbox import Namespace, Sandbox
    from ._words import Event, Platform, Status

__all__ = [
    "AccessWindow",
    "Answers",
    "Assigned",
    "CallbackEvent",
    "Cancelled",
    "Candidate",
    "CandidatePage",
    "CandidateReport",
    "Capability",
    "CheckedRow",
    "ConfigurationError",
    "Confirm",
    "Created",
    "Decision",
    "DuplicateError",
    "Error",
    "Event",
    "FetchedSigner",
    "FieldError",
    "Finding",
    "IMocha",
    "InternalCandidate",
    "InternalError",
    "InvalidInputError",
    "InvalidRow",
    "Invited",
    "Ledger",
    "ListedTest",
    "LoggedIn",
    "MalformedReplyError",
    "MaskingAccepted",
    "Namespace",
    "NotFoundError",
    "Outcome",
    "PdfReport",
    "Plan",
    "Platform",
    "ProcessedCallbacks",
    "QuotaExhaustedError",
    "RateLimitedError",
    "Reattempted",
    "Reconciliation",
    "Refusal",
    "RefusedError",
    "Registered",
    "RejectedError",
    "Request",
    "RequestEvent",
    "RetrievedInvite",
    "RetrievedInvites",
    "RetrievedTest",
    "RowOutcome",
    "Run",
    "Sandbox",
    "Secret",
    "Signature",
    "SignatureExplanation",
    "Status",
    "StorageError",
    "Summary",
    "Task",
    "TaskCandidate",
    "TaskPage",
    "TemporaryCandidate",
    "TestInvite",
    "TestLink",
    "TestPage",
    "TestSession",
    "TestSessionPage",
    "TestSessionSet",
    "ThinkExam",
    "TimedOutError",
    "UnauthorizedError",
    "UnavailableError",
    "UncertainError",
    "User",
    "UserPage",
    "__version__",
    "apply",
    "call_request",
    "calls",
    "capabilities",
    "decide",
    "explain_signature",
    "explain_transition",
    "history",
    "invite_many",
    "plan",
    "read_callback",
    "read_reply",
    "reconcile",
    "sign",
    "status",
    "validate",
    "validate_csv",
    "validate_frame",
    "verify",
]

# `enum` alone takes longer to import than the extension: what needs it is imported when it is first asked for.
_LATER = {
    "Answers": "_results",
    "Assigned": "_results",
    "CallbackEvent": "_results",
    "Cancelled": "_results",
    "CandidatePage": "_results",
    "CandidateReport": "_results",
    "Confirm": "_many",
    "Created": "_results",
    "Event": "_words",
    "IMocha": "_clients",
    "InternalCandidate": "_clients",
    "Invited": "_results",
    "Ledger": "_ledger",
    "ListedTest": "_results",
    "LoggedIn": "_results",
    "MaskingAccepted": "_results",
    "Namespace": "_sandbox",
    "Outcome": "_results",
    "PdfReport": "_results",
    "Plan": "_results",
    "Platform": "_words",
    "ProcessedCallbacks": "_results",
    "Reattempted": "_results",
    "Reconciliation": "_results",
    "Registered": "_results",
    "RequestEvent": "_observe",
    "RetrievedInvite": "_results",
    "RetrievedInvites": "_results",
    "RetrievedTest": "_results",
    "RowOutcome": "_results",
    "Run": "_many",
    "Sandbox": "_sandbox",
    "Status": "_words",
    "Summary": "_results",
    "Task": "_results",
    "TaskCandidate": "_results",
    "TaskPage": "_results",
    "TemporaryCandidate": "_clients",
    "TestInvite": "_clients",
    "TestLink": "_results",
    "TestPage": "_results",
    "TestSession": "_results",
    "TestSessionPage": "_results",
    "TestSessionSet": "_results",
    "ThinkExam": "_clients",
    "User": "_results",
    "UserPage": "_results",
    "apply": "_many",
    "history": "_many",
    "invite_many": "_many",
    "plan": "_many",
    "read_callback": "_results",
    "reconcile": "_many",
    "status": "_many",
    "validate_csv": "_check",
    "validate_frame": "_check",
}


def __getattr__(name: str) -> object:
    module = _LATER.get(name)
    if module is None:
        raise AttributeError(f"module 'bidden' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
