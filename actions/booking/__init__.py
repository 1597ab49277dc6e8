"""Taking, keeping, moving and giving back a time.

The claim rows decide (`models.Claim`): whatever was read before, the database refuses the second of two overlapping
claims, and the refusal leaves as `SlotTaken`. Every function takes `now` in UTC epoch seconds.
"""

from actions.booking.changing import cancel, look_up, refund, reschedule
from actions.booking.inputs import (
    BookingInput,
    Caps,
    CustomerInput,
    DetailsInput,
    EmailInput,
    MoveInput,
    NotificationsInput,
    PairInput,
    ReasonInput,
    Source,
    TimeInput,
)
from actions.booking.taking import confirm, create, extend, hold, lapse, note_details, release

__all__ = [
    "BookingInput", "Caps", "CustomerInput", "DetailsInput", "EmailInput", "MoveInput", "NotificationsInput",
    "PairInput", "ReasonInput", "Source", "TimeInput", "cancel", "confirm", "create", "extend", "hold", "lapse",
    "look_up", "note_details", "refund", "release", "reschedule",
]  # fmt: skip
