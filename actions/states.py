"""The states of a booking: one table of allowed moves, one function that asks it."""

from errors import AlreadyCancelled, NotChangeable

MOVES: dict[str, frozenset[str]] = {
    "held": frozenset({"confirmed", "pending", "lapsed"}),
    "pending": frozenset({"confirmed", "declined", "cancelled"}),
    "confirmed": frozenset({"rescheduled", "cancelled", "arrived", "no_show"}),
    "rescheduled": frozenset({"rescheduled", "cancelled", "arrived", "no_show"}),
    "arrived": frozenset({"seated", "completed"}),
    "seated": frozenset({"completed"}),
    "lapsed": frozenset(),
    "declined": frozenset(),
    "cancelled": frozenset(),
    "completed": frozenset(),
    "no_show": frozenset(),
}

ACTIVE = frozenset({"held", "pending", "confirmed", "rescheduled", "arrived", "seated"})
BOOKED = ACTIVE - {"held"}
FREEING = frozenset({"lapsed", "declined", "cancelled"})  # the place goes back on offer; completed visits keep the past


def move(status: str, to: str) -> str:
    """The new status. Raises AlreadyCancelled or NotChangeable when the table does not allow it."""
    if to in MOVES[status]:
        return to
    raise AlreadyCancelled if status == "cancelled" else NotChangeable
