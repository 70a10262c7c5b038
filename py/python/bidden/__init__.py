"""Invite candidates to tests on Think Exam, iMocha and TestInvite.

*bidden* (adj.): invited. One vocabulary over three platforms: clients with typed methods, every call through one door
(`client.call`, `call_request` and `read_reply` for an HTTP library of your own), a durable record by which nobody is
mailed twice (`Ledger`), the rules of an invitation (`decide`), Think Exam's signatures (`sign`, `verify`,
`explain_signature`), the check of a list (`validate`), and the platforms themselves on this machine (`Sandbox`).

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
    Capability,
    CheckedRow,
    Decision,
    FetchedSigner,
    Finding,
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
    from ._clients import IMocha, InternalCandidate, TemporaryCandidate, TestInvite, ThinkExam
    from ._ledger import Ledger
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
        ProcessedCallbacks,
        Reattempted,
        Registered,
        RetrievedInvite,
        RetrievedInvites,
        RetrievedTest,
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
    from ._sandbox import Sandbox
    from ._words import Event, Platform, Status

__all__ = [
    "AccessWindow",
    "Answers",
    "Assigned",
    "CallbackEvent",
    "Cancelled",
    "CandidatePage",
    "CandidateReport",
    "Capability",
    "CheckedRow",
    "ConfigurationError",
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
    "Invited",
    "Ledger",
    "ListedTest",
    "LoggedIn",
    "MalformedReplyError",
    "MaskingAccepted",
    "NotFoundError",
    "Outcome",
    "PdfReport",
    "Platform",
    "ProcessedCallbacks",
    "QuotaExhaustedError",
    "RateLimitedError",
    "Reattempted",
    "Refusal",
    "RefusedError",
    "Registered",
    "RejectedError",
    "Request",
    "RetrievedInvite",
    "RetrievedInvites",
    "RetrievedTest",
    "Sandbox",
    "Secret",
    "Signature",
    "SignatureExplanation",
    "Status",
    "StorageError",
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
    "call_request",
    "calls",
    "capabilities",
    "decide",
    "explain_signature",
    "explain_transition",
    "read_callback",
    "read_reply",
    "sign",
    "validate",
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
    "Created": "_results",
    "Event": "_words",
    "IMocha": "_clients",
    "InternalCandidate": "_clients",
    "Invited": "_results",
    "Ledger": "_ledger",
    "ListedTest": "_results",
    "LoggedIn": "_results",
    "MaskingAccepted": "_results",
    "Outcome": "_results",
    "PdfReport": "_results",
    "Platform": "_words",
    "ProcessedCallbacks": "_results",
    "Reattempted": "_results",
    "Registered": "_results",
    "RetrievedInvite": "_results",
    "RetrievedInvites": "_results",
    "RetrievedTest": "_results",
    "Sandbox": "_sandbox",
    "Status": "_words",
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
    "read_callback": "_results",
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
