"""The words that every language shares, as enumerations whose members are text. Imported when first asked for."""

from enum import Enum


class _Word(str, Enum):
    """Text with a name; `str()` and format give the text."""

    __str__ = str.__str__


class Platform(_Word):
    """An online assessment platform.

    >>> import bidden
    >>> bidden.Platform.THINK_EXAM == "think-exam"
    True
    """

    IMOCHA = "imocha"
    THINK_EXAM = "think-exam"
    TESTINVITE = "testinvite"


class Status(_Word):
    """Where an invitation stands. An absent or new word of a platform is UNKNOWN.

    >>> import bidden
    >>> bidden.Status("in-progress")
    <Status.IN_PROGRESS: 'in-progress'>
    """

    PENDING = "pending"
    IN_PROGRESS = "in-progress"
    COMPLETE = "complete"
    TEST_LEFT = "test-left"
    TERMINATED = "terminated"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class Event(_Word):
    """What somebody does to an invitation, or what time does.

    >>> import bidden
    >>> bidden.decide("imocha", "pending", bidden.Event.CANCEL).next
    <Status.CANCELLED: 'cancelled'>
    """

    INVITE = "invite"
    CANCEL = "cancel"
    REATTEMPT = "reattempt"
    START = "start"
    FINISH = "finish"
    LEAVE = "leave"
    TERMINATE = "terminate"
    EXPIRE = "expire"


for _class in (Platform, Status, Event):
    _class.__module__ = "bidden"
del _class
