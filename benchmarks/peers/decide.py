"""B8: what becomes of a pending invitation that is started. Prints the seconds of one decision."""

from __future__ import annotations

import sys
from collections.abc import Callable

from common import each, report

MOVES = {
    "start": ("pending", "in-progress"),
    "finish": ("in-progress", "complete"),
    "leave": ("in-progress", "test-left"),
    "terminate": ("in-progress", "terminated"),
    "cancel": ("pending", "cancelled"),
    "expire": ("pending", "expired"),
}
STATES = sorted({state for move in MOVES.values() for state in move})


def with_transitions() -> Callable[[], object]:
    from transitions import Machine

    class Invitation:
        state: str

    invitation = Invitation()
    moves = [[event, *move] for event, move in MOVES.items()]
    machine = Machine(invitation, states=STATES, transitions=moves, initial="pending", auto_transitions=False)

    def work() -> object:
        # It decides by doing; the state is put back, so that the next one is the same.
        moved: bool = invitation.start()  # type: ignore[attr-defined]  # the machine puts it there
        machine.set_state("pending")
        return moved

    return work


def with_statemachine() -> Callable[[], object]:
    from statemachine import State, StateMachine

    class Invitation(StateMachine):
        pending = State(initial=True)
        in_progress = State()
        complete = State(final=True)
        test_left = State(final=True)
        terminated = State(final=True)
        cancelled = State(final=True)
        expired = State(final=True)
        start = pending.to(in_progress)
        finish = in_progress.to(complete)
        leave = in_progress.to(test_left)
        terminate = in_progress.to(terminated)
        cancel = pending.to(cancelled)
        expire = pending.to(expired)

    invitation = Invitation()

    def work() -> object:
        invitation.send("start")
        invitation.current_state_value = "pending"
        return invitation

    return work


def with_dict() -> Callable[[], object]:
    table = {(state, event): target for event, (state, target) in MOVES.items()}
    start, end, now = 1_600_000_000, 1_800_000_000, 1_700_000_000

    def work() -> object:
        if not start <= now < end:
            raise ValueError("outside the window")
        return table["pending", "start"]

    return work


def main() -> None:
    programs: dict[str, Callable[[], Callable[[], object]]] = {
        "transitions": with_transitions,
        "statemachine": with_statemachine,
        "dict": with_dict,
    }
    report(1, each(int(sys.argv[2]), programs[sys.argv[1]]()))


if __name__ == "__main__":
    main()
