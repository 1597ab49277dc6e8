"""Taking, keeping, moving and giving back a time.

The claim rows decide (`models.Claim`): whatever was read before, the database refuses the second of two overlapping
claims, and the refusal leaves as `SlotTaken`. Every function takes `now` in UTC epoch seconds.
"""

from actions.booking.by_staff import SLIP, change_status, move, note, take_for_client, undo
from actions.booking.changing import cancel, look_up, refund, reschedule
from actions.booking.inputs import (
    BookingInput,
    Caps,
    CustomerInput,
    DetailsInput,
    EmailInput,
    MoveInput,
    NoteInput,
    NotificationsInput,
    PairInput,
    ReasonInput,
    Source,
    StaffBookingInput,
    StaffCustomerInput,
    StaffMoveInput,
    TimeInput,
)
from actions.booking.taking import confirm, create, extend, hold, lapse, note_details, release

__all__ = [
    "SLIP", "BookingInput", "Caps", "CustomerInput", "DetailsInput", "EmailInput", "MoveInput", "NoteInput",
    "NotificationsInput", "PairInput", "ReasonInput", "Source", "StaffBookingInput", "StaffCustomerInput",
    "StaffMoveInput", "TimeInput", "cancel", "change_status", "confirm", "create", "extend", "hold", "lapse", "look_up",
    "move", "note", "note_details", "refund", "release", "reschedule", "take_for_client", "undo",
]  # fmt: skip
