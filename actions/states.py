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


# What staff may take back of their own doing; a place that was given back must still be free.
BACK: dict[str, frozenset[str]] = {
    "confirmed": frozenset({"pending"}),
    "rescheduled": frozenset({"confirmed"}),
    "arrived": frozenset({"confirmed", "rescheduled"}),
    "seated": frozenset({"arrived"}),
    "completed": frozenset({"arrived", "seated"}),
    "no_show": frozenset({"confirmed", "rescheduled"}),
    "cancelled": frozenset({"pending", "confirmed", "rescheduled"}),
    "declined": frozenset({"pending"}),
}


def move(status: str, to: str) -> str:
    """The new status. Raises AlreadyCancelled or NotChangeable when the table does not allow it."""
    if to in MOVES[status]:
        return to
    raise AlreadyCancelled if status == "cancelled" else NotChangeable


def back(status: str, to: str) -> str:
    """The status before a slip. Raises NotChangeable when the table knows no such way back."""
    if to in BACK.get(status, ()):
        return to
    raise NotChangeable
