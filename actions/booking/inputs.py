"""What is typed to take, move or give back a time; one class per action, filled by forms and by JSON alike."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from actions.inputs import (
    Code,
    Date,
    Email,
    Fold,
    Id,
    Input,
    Name,
    OptionalEmail,
    OptionalMessage,
    OptionalPhone,
    OptionalSlug,
    Party,
    Slug,
    Time,
)

Source = Literal["website", "api", "embed", "phone", "voice", "till", "calendar", "import"]


Answers = Annotated[
    dict[str, Any],
    Field(
        description="What the service asks of its clients, by key: text, true or false, a whole number, a date as "
        "YYYY-MM-DD, the value of an option. None need be given; other keys are ignored."
    ),
]


class CustomerInput(Input):
    """Who comes (S3 `Customer`)."""

    name: Name
    email: Email
    phone: OptionalPhone = None


class NotificationsInput(Input):
    """S3 `NotificationPreferences`."""

    email: bool = True
    sms: bool = False


class TimeInput(Input):
    """What is wanted and when. Without `resourceId` any practitioner will do."""

    service_id: Slug = Field(alias="serviceId")
    date: Date
    time: Time
    fold: Fold = 0
    resource_id: OptionalSlug = Field(default=None, alias="resourceId")
    party_size: Party = Field(default=1, alias="partySize")


class BookingInput(TimeInput):
    """S3 `POST /api/bookings`."""

    customer: CustomerInput
    notifications: NotificationsInput = NotificationsInput()
    message: OptionalMessage = None
    answers: Answers = {}


class DetailsInput(CustomerInput):
    """What the page asks once a time is held."""

    sms: bool = False
    message: OptionalMessage = None
    answers: Answers = {}


class PairInput(Input):
    """The light proof of a client (S3): booking code and e-mail."""

    code: Code
    email: Email


class EmailInput(Input):
    """S3 `POST /api/bookings/{publicCode}/cancel`."""

    email: Email


class ReasonInput(Input):
    """What a client may say when cancelling on the page."""

    reason: OptionalMessage = None


class MoveInput(EmailInput):
    """S3 `POST /api/bookings/{publicCode}/reschedule`."""

    new_date: Date = Field(alias="newDate")
    new_time: Time = Field(alias="newTime")
    fold: Fold = 0
    resource_id: OptionalSlug = Field(default=None, alias="resourceId")


class StaffCustomerInput(Input):
    """Who comes, as staff know them: someone on the phone may give no e-mail."""

    name: Name
    email: OptionalEmail = None
    phone: OptionalPhone = None


class StaffBookingInput(TimeInput):
    """S3 `POST /api/bookings` as staff send it: `clientId` or `customer`, and `override` to pass
    over hours, step, notice and limits."""

    customer: StaffCustomerInput | None = None
    client_id: Id | None = Field(default=None, alias="clientId")
    notifications: NotificationsInput = NotificationsInput()
    message: OptionalMessage = None
    answers: Answers = {}
    override: bool = False


class StaffMoveInput(Input):
    """Where and when a booking goes instead; without `resourceId` it stays with whom its client chose."""

    new_date: Date = Field(alias="newDate")
    new_time: Time = Field(alias="newTime")
    fold: Fold = 0
    resource_id: OptionalSlug = Field(default=None, alias="resourceId")
    override: bool = False


class NoteInput(Input):
    """What the business keeps for itself about a booking."""

    note: OptionalMessage = None


@dataclass(frozen=True, slots=True)
class Caps:
    """How much one visitor may take; None lifts a cap."""

    hold_seconds: int = 600
    max_holds: int | None = 6
    max_open_bookings: int | None = 10
    code_tries: int = 5
