"""What staff do with bookings, from the pages, the JSON API and the admin page alike. Each public function is one
transaction, asks the table of roles, and leaves a row in the audit that tells before and after."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import db
from actions import audit, outbox
from actions.access import Actor, demand
from actions.booking import answers
from actions.booking.changing import cancel, found, shift
from actions.booking.inputs import Caps, DetailsInput, Source, StaffBookingInput, StaffCustomerInput, StaffMoveInput
from actions.booking.steps import (
    at,
    chosen_resource,
    claim,
    line_of_client,
    resources_in,
    save,
    seconds,
    snapshot,
    take,
    wall_instant,
    with_nearest,
)
from actions.booking.taking import asked_for, client_of, contact, fill, in_transaction, new_row
from actions.idempotency import Key, given, once, refused_once
from actions.inputs import refuse
from actions.states import FREEING, back
from actions.states import move as moved_to
from errors import NotChangeable, SlotTaken, StaleVersion
from lib import codes, search
from lib.ids import uuid7
from models import Audit, Booking, Claim, Client
from queries.asked import asked
from queries.availability import Ask
from queries.booking import BookingCard, agendas_of, card, version_of
from queries.business import BusinessCard
from queries.offer import Offer, load

NO_CAPS = Caps(max_holds=None, max_open_bookings=None)
SLIP = 24 * 3600  # seconds in which staff may take back what they did
CREATED, MOVED, STATUS, NOTED = "booking.created", "booking.moved", "booking.status_changed", "booking.noted"
BY_STATUS = ("confirmed", "declined", "cancelled", "arrived", "seated", "completed", "no_show")


def take_for_client(
    business: BusinessCard, by: Actor, data: StaffBookingInput, *, now: int, key: Key | None = None,
    source: Source = "phone", new_code: Callable[[], str] = codes.new_code,
) -> BookingCard:  # fmt: skip
    """Book for someone who called or stands there: confirmed at once. Raises NotAllowed, Invalid, SlotTaken with the
    nearest starts, KeyReused."""
    offer = load(business)
    mine = _own(offer, by, data.resource_id)
    demand(by, "bookings.write", *([] if mine is None else [mine]))
    if (answer := given(business.id, key)) is not None:
        return answer
    person, client_id = _who(business, data)
    ask, start = asked_for(offer, data, now, email=person["email"] or None, only=mine)
    _not_past(start, now, "time")
    details = DetailsInput.model_construct(
        **person, sms=data.notifications.sms, message=data.message,
        answers=answers.read(asked(business, ask.service), data.answers, demand=False),
    )  # fmt: skip

    def effect(code: str) -> BookingCard:
        placement = take(ask, start, override=data.override)
        row = new_row(ask, placement, code=code, status="confirmed", source=source, now=now)
        row.any_resource = mine is None
        row.locale = business.locale
        fill(row, details, notify_email=data.notifications.email and bool(person["email"]))
        row.client_id = client_id or _client(row, now)
        Booking.insert(row.__data__).execute()
        claim(placement, row.id)
        outbox.announce(business, row, "confirmed", now=now)
        resource_ids = resources_in(placement)
        warnings = sorted({each.code for each in placement.warnings})
        audit.note(by, CREATED, row.id, now=now, after=snapshot(row, resource_ids), overridden=warnings)
        return card(offer, row, resource_ids)

    def run() -> BookingCard:
        return _or_nearest(ask, start, lambda: in_transaction(business, key, now, effect, new_code))

    return refused_once(business.id, key, now, run)


def change_status(
    business: BusinessCard, by: Actor, booking_id: UUID, status: str, *, now: int, reason: str | None = None,
    expected: str | None = None,
) -> BookingCard:  # fmt: skip
    """Approve or decline a request, cancel as the professional (all is refunded), or say what became of the visit: one
    of BY_STATUS. Raises NotAllowed, BookingNotFound, StaleVersion, Invalid, AlreadyCancelled, NotChangeable."""
    if status not in BY_STATUS:
        raise refuse("status", "slug")
    offer = load(business)
    with db.writing(business.id):
        row, resource_ids = _current(offer, by, booking_id, expected)
        before = snapshot(row, resource_ids)
        if status == "cancelled":
            answer = cancel(business, booking_id, now=now, reason=reason, by_professional=True)
            row.status = answer.status
        else:
            row.status = moved_to(row.status, status)
            _tell(business, row, status, now=now, reason=reason)
            answer = card(offer, row, resource_ids)
        why = {"reason": reason} if reason else {}
        audit.note(by, STATUS, row.id, now=now, before=before, after=snapshot(row, resource_ids), **why)
        return answer


def move(
    business: BusinessCard, by: Actor, booking_id: UUID, data: StaffMoveInput, *, now: int, key: Key | None = None,
    expected: str | None = None,
) -> BookingCard:  # fmt: skip
    """Another time or another agenda, under the same code; a request stays one. Onto its own place nothing moves and
    nobody is told. Raises NotAllowed, BookingNotFound, StaleVersion, Invalid, SlotTaken with the nearest starts,
    AlreadyCancelled, NotChangeable."""
    demand(by, "bookings.write")
    if (answer := given(business.id, key)) is not None:
        return answer
    offer = load(business)
    start = wall_instant(offer, data.new_date, data.new_time, data.fold, now, field="newDate")
    mine = _own(offer, by, data.resource_id)
    lost: list[Ask] = []

    def effect() -> BookingCard:
        _wait_for_client(booking_id)
        row, resource_ids = _current(offer, by, booking_id, expected)
        status = row.status if row.status == "pending" else moved_to(row.status, "rescheduled")
        if seconds(row.starts_at) == start and mine in (None, *resource_ids):
            return card(offer, row, resource_ids)
        if start is None:
            raise SlotTaken
        _not_past(start, now, "newTime")
        demand(by, "bookings.write", *([] if mine is None else [mine]))
        stays_with = resource_ids[0] if not row.any_resource and len(resource_ids) == 1 else None
        ask = _ask(offer, row, now, only=mine or stays_with)
        lost[:] = [ask]
        before = snapshot(row, resource_ids)
        taken = shift(business, row, ask, start, status=status, now=now, override=data.override)
        audit.note(by, MOVED, row.id, now=now, before=before, after=snapshot(row, taken))
        return card(offer, row, taken)

    def run() -> BookingCard:
        try:
            with db.writing(business.id):
                return once(key, now, effect)
        except SlotTaken:
            if start is None or not lost:
                raise
            raise with_nearest(lost[0], start) from None

    return refused_once(business.id, key, now, run)


def undo(
    business: BusinessCard, by: Actor, booking_id: UUID, *, now: int, expected: str | None = None
) -> BookingCard:  # fmt: skip
    """Take back the last thing that staff did to a booking, within a day: a status, a move, a cancellation while its
    place is free. Who was told is told again. Raises NotAllowed, BookingNotFound, StaleVersion, SlotTaken,
    NotChangeable when there is nothing to take back."""
    offer = load(business)
    with db.writing(business.id):
        _wait_for_client(booking_id)
        row, resource_ids = _current(offer, by, booking_id, expected)
        last = _last_deed(row, now)
        before, wanted = snapshot(row, resource_ids), last.data["before"]
        if last.action == MOVED:
            taken = _move_back(business, offer, row, wanted, now)
        else:
            taken = _status_back(business, offer, row, wanted, now) or resource_ids
        after = snapshot(row, taken)
        audit.note(by, last.action, row.id, now=now, before=before, after=after, undone=True)
        return card(offer, row, taken)


def note(
    business: BusinessCard, by: Actor, booking_id: UUID, text: str | None, *, now: int, expected: str | None = None
) -> BookingCard:  # fmt: skip
    """What the business keeps for itself about a booking; an empty text takes it away. Raises NotAllowed,
    BookingNotFound, StaleVersion."""
    offer = load(business)
    with db.writing(business.id):
        row, resource_ids = _current(offer, by, booking_id, expected)
        before, row.note = row.note, text or ""
        if row.note != before:
            save(row, "note", now=now)
            audit.note(by, NOTED, row.id, now=now, before=before, after=row.note)
        return card(offer, row, resource_ids)


# --- who and what ---------------------------------------------------------------------------------------------------


def _own(offer: Offer, by: Actor, slug: str | None) -> UUID | None:
    """The agenda asked for; a practitioner who names none means the own."""
    return by.only if slug is None else chosen_resource(offer, slug)


def _who(business: BusinessCard, data: StaffBookingInput) -> tuple[dict[str, Any], UUID | None]:
    """Name, e-mail and phone for the booking, and the client where one was named."""
    if data.client_id is None:
        if data.customer is None:
            raise refuse("customer", "missing")
        return contact(data.customer, business), None
    with db.reading(business.id):
        known = Client.find(id=data.client_id)
    if known is None:
        raise refuse("clientId", "slug")
    typed = data.customer or StaffCustomerInput(name=known.name)
    said = contact(typed, business)
    return {
        "name": said["name"],
        "email": said["email"] or known.email,
        "phone": said["phone"] or known.phone,
    }, known.id


def _client(row: Any, now: int) -> UUID:
    """The client of this booking, made when new and never changed. Without an e-mail, who has the same name and number
    is the same."""
    if row.email:
        return client_of(row, NO_CAPS, now)
    same = (Client.name == row.name) & (Client.phone == row.phone) if row.phone else None
    known = Client.select(Client.id).where(same).order_by(Client.id).first() if same is not None else None
    if known is not None:
        return UUID(str(known.id))
    client_id = uuid7()
    Client.insert(
        id=client_id, email="", name=row.name, phone=row.phone, sought=search.sought(row.name, "", row.phone),
        created_at=at(now),
    ).execute()  # fmt: skip
    return client_id


def _not_past(start: int, now: int, field: str) -> None:
    if start < now:
        raise refuse(field, "past_time")


def _or_nearest(ask: Ask, start: int, run: Callable[[], BookingCard]) -> BookingCard:
    try:
        return run()
    except SlotTaken:
        raise with_nearest(ask, start) from None


def _wait_for_client(booking_id: UUID) -> None:
    """Before the row: the order in which every action that takes a place waits."""
    row = Booking.select(Booking.email).where(Booking.id == booking_id).first()
    if row is not None and row.email:
        db.handle.lock([line_of_client(db.tenant(), row.email)])


def _current(offer: Offer, by: Actor, booking_id: UUID, expected: str | None) -> tuple[Any, tuple[UUID, ...]]:
    """The row, ours until the transaction ends, and the agendas it stands in."""
    demand(by, "bookings.write")
    row = found(booking_id)
    resource_ids = agendas_of(row)
    demand(by, "bookings.write", *(resource_ids or (None,)))
    if expected is not None and expected != version_of(card(offer, row, resource_ids)):
        raise StaleVersion
    return row, resource_ids


def _ask(offer: Offer, row: Any, now: int, *, only: UUID | None) -> Ask:
    return Ask(offer, offer.service_by_id(row.service_id), now, row.party_size, only, row.id, row.email or None)


# --- changes ---------------------------------------------------------------------------------------------------------


def _tell(business: BusinessCard, row: Any, status: str, *, now: int, reason: str | None) -> None:
    """Keep the new status, and say an answer to the client who asked."""
    if status == "declined":
        Claim.delete().where(Claim.booking_id == row.id).execute()
    save(row, "status", now=now)
    if status in ("confirmed", "declined"):
        outbox.announce(business, row, status, now=now, data={"reason": reason or ""}, client_only=True)


def _last_deed(row: Any, now: int) -> Any:
    """What staff did last to this booking, as long as it stands and may be taken back."""
    last = (
        Audit.select().where(Audit.subject == row.id, Audit.action != NOTED).order_by(Audit.id.desc()).limit(1).first()
    )
    if last is None or last.action not in (MOVED, STATUS) or last.actor == audit.CLIENT or last.data.get("undone"):
        raise NotChangeable
    if now - seconds(last.created_at) > SLIP or last.data["after"]["status"] != row.status:
        raise NotChangeable
    return last


def _move_back(business: BusinessCard, offer: Offer, row: Any, wanted: dict[str, Any], now: int) -> tuple[UUID, ...]:
    """To the old place, whatever the hours say now."""
    status = wanted["status"] if wanted["status"] == row.status else back(row.status, wanted["status"])
    return shift(
        business, row, _ask_for(offer, row, wanted, now), wanted["starts_at"], status=status, now=now, override=True
    )


def _status_back(
    business: BusinessCard, offer: Offer, row: Any, wanted: dict[str, Any], now: int
) -> tuple[UUID, ...] | None:
    """The resources taken again when a given-back place was needed."""
    slip, row.status = row.status, back(row.status, wanted["status"])
    row.sequence += 1
    taken = None
    if slip in FREEING:
        placement = take(_ask_for(offer, row, wanted, now), seconds(row.starts_at), override=True)
        claim(placement, row.id)
        row.refund_cents, row.cancel_reason, taken = None, None, resources_in(placement)
    save(row, "status", "sequence", "refund_cents", "cancel_reason", now=now)
    if slip in FREEING:
        outbox.recall(row.id, slip)
        event = "requested" if row.status == "pending" else "confirmed"
        outbox.announce(business, row, event, now=now, client_only=True)
    elif row.status == "pending":
        outbox.recall(row.id, "confirmed")
        outbox.drop_reminders(row.id)
        outbox.announce(business, row, "requested", now=now, client_only=True)
    return taken


def _ask_for(offer: Offer, row: Any, wanted: dict[str, Any], now: int) -> Ask:
    """Its old agenda where it had one; several were tables put together, which the engine finds again."""
    resources = wanted["resources"]
    return _ask(offer, row, now, only=UUID(resources[0]) if len(resources) == 1 else None)
