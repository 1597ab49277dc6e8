"""The state table, cell by cell: what is listed here may happen, everything else may not."""

import pytest

from actions.states import ACTIVE, BACK, BOOKED, FREEING, MOVES, back, move
from errors import AlreadyCancelled, NotChangeable
from queries import availability

STATES = (
    "held", "lapsed", "pending", "declined", "confirmed", "rescheduled", "cancelled", "arrived", "seated", "completed",
    "no_show",
)  # fmt: skip
ALLOWED = {
    ("held", "confirmed"), ("held", "pending"), ("held", "lapsed"),
    ("pending", "confirmed"), ("pending", "declined"), ("pending", "cancelled"),
    ("confirmed", "rescheduled"), ("confirmed", "cancelled"), ("confirmed", "arrived"), ("confirmed", "no_show"),
    ("rescheduled", "rescheduled"), ("rescheduled", "cancelled"), ("rescheduled", "arrived"), ("rescheduled", "no_show"),
    ("arrived", "seated"), ("arrived", "completed"), ("seated", "completed"),
}  # fmt: skip


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_every_move(before: str, after: str) -> None:
    if (before, after) in ALLOWED:
        assert move(before, after) == after
    else:
        with pytest.raises(AlreadyCancelled if before == "cancelled" else NotChangeable):
            move(before, after)


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_only_what_was_done_can_be_taken_back(before: str, after: str) -> None:
    if after in BACK.get(before, ()):
        assert back(before, after) == after
        assert before in MOVES[after]
    else:
        with pytest.raises(NotChangeable):
            back(before, after)


def test_the_table_knows_every_state() -> None:
    assert set(MOVES) == set(STATES)


def test_final_states_claim_nothing_and_the_engine_agrees() -> None:
    final = {state for state, to in MOVES.items() if not to}
    assert final == {"lapsed", "declined", "cancelled", "completed", "no_show"}
    assert final == set(STATES) - ACTIVE
    assert set(availability.ACTIVE) == ACTIVE
    assert ACTIVE - {"held"} == BOOKED
    assert final > FREEING
