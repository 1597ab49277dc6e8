"""Taking, keeping, moving and giving back a time. Each public function is one transaction.

The claim rows decide (`models.Claim`): whatever was read before, the database refuses the second of two overlapping
claims, and the refusal leaves as `SlotTaken`. Every function takes `now` in UTC epoch seconds.
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, cast
from uuid import UUID

import peewee
from pydantic import Field

import db
import slots
from actions import limits, outbox
from actions.idempotency import Key, given, once, refused_once
from actions.inputs import (
    Code,
    Date,
    Email,
    Fold,
    Input,
    Name,
    OptionalMessage,
    OptionalPhone,
    OptionalSlug,
    Party,
    Slug,
    Time,
    refuse,
)  # fmt: skip
from actions.states import BOOKED, move
from errors import (
    BookingNotFound,
    HoldExpired,
    NotChangeable,
    ServiceNotFound,
    SlotTaken,
    TooManyBookings,
    TooManyHolds,
)
from lib import codes, phone
from lib.ids import uuid7
from lib.money import share
from models import Booking, Claim
from queries import availability
from queries.availability import Ask
from queries.booking import BookingCard, card, resources_of
from queries.business import BusinessCard
from queries.offer import Offer, ServiceCard, load

NEAREST = 3
FAR_DAYS = 3 * 366  # no horizon reaches further; beyond it no calendar is consulted
CODE_TRIES_WINDOW = 3600


# --- what is typed -------------------------------------------------------------------------------------------------


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


class DetailsInput(CustomerInput):
    """What the page asks once a time is held."""

    sms: bool = False
    message: OptionalMessage = None


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


@dataclass(frozen=True, slots=True)
class Caps:
    """How much one visitor may take; None lifts a cap."""

    hold_seconds: int = 600
    max_holds: int | None = 6
    max_open_bookings: int | None = 10
    code_tries: int = 5


Source = Literal["website", "api", "embed", "phone", "voice", "till", "calendar", "import"]


# --- taking a time ---------------------------------------------------------------------------------------------------


def create(
    business: BusinessCard, data: BookingInput, *, now: int, caps: Caps, key: Key | None = None,
    source: Source = "api", locale: str | None = None, new_code: Callable[[], str] = codes.new_code,
) -> BookingCard:  # fmt: skip
    """Book at once (S3). Raises Invalid, SlotTaken with the nearest starts, TooManyBookings, KeyReused."""
    if (answer := given(business.id, key)) is not None:
        return answer
    offer = load(business)
    ask, start = _asked(offer, data, now, email=data.customer.email)
    details = DetailsInput.model_construct(
        **_of(data.customer, business), sms=data.notifications.sms, message=data.message
    )

    def effect(code: str) -> BookingCard:
        placement = _take(ask, start)
        row = _row(ask, placement, code=code, status=_first_status(business), source=source, now=now)
        row.any_resource = data.resource_id is None
        row.locale = locale or business.locale
        _fill(row, details, notify_email=data.notifications.email)
        row.client_id = _client(row, caps, now)
        Booking.insert(row.__data__).execute()
        _claim(placement, row.id)
        outbox.announce(business, row, _first_event(row), now=now)
        return card(offer, row, _resources(placement))

    def run() -> BookingCard:
        return _or_nearest(ask, start, lambda: _in_transaction(business, key, now, effect, new_code))

    return refused_once(business.id, key, now, run)


def hold(
    business: BusinessCard, data: TimeInput, *, now: int, caps: Caps, held_by: str, source: Source = "website",
    locale: str | None = None, instead_of: UUID | None = None, new_code: Callable[[], str] = codes.new_code,
) -> BookingCard:  # fmt: skip
    """Keep a time while the client types. `held_by` names the visitor; `instead_of` is the visitor's earlier hold,
    given back in the same transaction. Raises Invalid, SlotTaken, TooManyHolds."""
    offer = load(business)
    ask, start = _asked(offer, data, now, ignore=instead_of)

    def effect(code: str) -> BookingCard:
        placement = _take(ask, start)
        if instead_of is not None:
            _lapse([instead_of], now=None)
        _cap_holds(held_by, caps, now)
        row = _row(ask, placement, code=code, status="held", source=source, now=now)
        row.any_resource = data.resource_id is None
        row.locale = locale or business.locale
        row.held_by = held_by
        row.held_until = _at(now + caps.hold_seconds)
        Booking.insert(row.__data__).execute()
        _claim(placement, row.id)
        return card(offer, row, _resources(placement))

    return _or_nearest(ask, start, lambda: _in_transaction(business, None, now, effect, new_code))


def extend(business: BusinessCard, hold_id: UUID, *, now: int, caps: Caps) -> BookingCard:
    """Give a live hold its time again, once (WCAG 2.2.1). Raises HoldExpired."""
    offer = load(business)
    with db.writing(business.id):
        row = _locked(hold_id)
        if row is None or row.status != "held" or row.extended:
            raise HoldExpired
        row.held_until, row.extended = _at(now + caps.hold_seconds), True
        _save(row, "held_until", "extended", now=now)
        return card(offer, row, resources_of(row))


def release(business: BusinessCard, hold_id: UUID) -> None:
    """Give a held time back. A hold that is gone already needs nothing."""
    with db.writing(business.id):
        _lapse([hold_id], now=None)


def note_details(business: BusinessCard, hold_id: UUID, data: DetailsInput, *, now: int) -> BookingCard:
    """Keep what was typed with the hold, for the page that shows it again before the end. Raises HoldExpired."""
    offer = load(business)
    details = data.model_copy(update=_of(data, business))
    with db.writing(business.id):
        row = _locked(hold_id)
        if row is None or row.status != "held":
            raise HoldExpired
        _fill(row, details, notify_email=True)
        _save(row, "name", "email", "phone", "message", "notify_email", "notify_sms", now=now)
        return card(offer, row, resources_of(row))


def confirm(business: BusinessCard, hold_id: UUID, data: DetailsInput, *, now: int, caps: Caps) -> BookingCard:
    """Turn a hold into a booking. A hold past its deadline is confirmed all the same while nobody else has taken the
    place, unless its hour has come or, swept away, it no longer tells which practitioner was chosen. Sent twice by
    the same person it answers the same booking. Raises SlotTaken, HoldExpired, TooManyBookings."""
    offer = load(business)
    details = data.model_copy(update=_of(data, business))
    lost: list[tuple[Ask, int]] = []

    def run() -> BookingCard:
        with db.writing(business.id):
            db.handle.lock([_line_of_client(business.id, details.email)])
            row = _locked(hold_id)
            if row is None:
                raise HoldExpired
            if row.status in BOOKED and hmac.compare_digest(row.email, details.email):
                return card(offer, row, resources_of(row))
            if row.status not in ("held", "lapsed") or _seconds(row.starts_at) <= now:
                raise HoldExpired
            if row.status == "lapsed":
                ask = _ask_again(offer, row, now, email=details.email)
                lost[:] = [(ask, _seconds(row.starts_at))]
                if not row.any_resource and len(ask.resources) > 1:
                    raise HoldExpired
                placement = _take(ask, _seconds(row.starts_at))
                _claim(placement, row.id)
                row.status = "held"
            elif business.client_limits:
                ask = replace(_ask_again(offer, row, now, email=details.email), ignore=row.id)
                lost[:] = [(ask, _seconds(row.starts_at))]
                _within_client_limits(*lost[0])
            service = offer.service_by_id(row.service_id)
            row.status = move(row.status, _first_status(business))
            row.price_cents, row.deposit_cents, row.deposit_bp = _money(service, row.party_size)
            row.held_until, row.held_by = None, None
            _fill(row, details, notify_email=True)
            row.client_id = _client(row, caps, now)
            _save(
                row, "status", "price_cents", "deposit_cents", "deposit_bp", "held_until", "held_by", "name", "email",
                "phone", "message", "notify_email", "notify_sms", "client_id", now=now,
            )  # fmt: skip
            outbox.announce(business, row, _first_event(row), now=now)
            return card(offer, row, resources_of(row))

    try:
        return run()
    except SlotTaken:
        raise _with_nearest(*lost[0]) from None


def lapse(business: BusinessCard, *, now: int) -> int:
    """Sweep every hold past its deadline; returns how many. Only tidying: no place waits for it."""
    with db.writing(business.id):
        rows = Booking.select(Booking.id).where(Booking.status == "held", Booking.held_until <= _at(now)).tuples()
        return len(_lapse([booking_id for (booking_id,) in rows], now=now))


# --- finding, moving, giving back ------------------------------------------------------------------------------------


def look_up(business: BusinessCard, pair: PairInput, *, now: int, caps: Caps) -> BookingCard:
    """A booking by its pair. Wrong code, wrong e-mail and a braked code do the same work and raise the same
    BookingNotFound; each wrong e-mail counts against the code for an hour."""
    offer = load(business)
    brake = f"code:{business.id}:{pair.code}"
    braked = limits.used(brake, now=now) >= caps.code_tries
    with db.reading(business.id):
        row = Booking.find(code=pair.code)
        known = row.email if row is not None and row.status not in ("held", "lapsed") else ""
        right = hmac.compare_digest(known.encode(), pair.email.encode())
        found = card(offer, row, resources_of(row)) if row is not None and right and not braked else None
    if found is None:  # a braked code counts on, right e-mail or wrong: less work would tell them apart
        limits.hit(brake, limits.Rate(caps.code_tries, CODE_TRIES_WINDOW), now=now)
        raise BookingNotFound
    return found


def cancel(
    business: BusinessCard, booking_id: UUID, *, now: int, key: Key | None = None, reason: str | None = None,
    by_professional: bool = False,
) -> BookingCard:  # fmt: skip
    """Free the place and say so. Raises AlreadyCancelled, NotChangeable."""
    offer = load(business)

    def effect() -> BookingCard:
        row = _found(booking_id)
        row.status = move(row.status, "cancelled")
        if not by_professional:
            _still_ahead(row, now)
        resource_ids = resources_of(row)
        row.refund_cents = refund(offer, row, now=now, by_professional=by_professional)
        row.cancel_reason, row.sequence = reason, row.sequence + 1
        _save(row, "status", "refund_cents", "cancel_reason", "sequence", now=now)
        Claim.delete().where(Claim.booking_id == row.id).execute()
        outbox.drop_reminders(row.id)
        outbox.announce(
            business, row, "cancelled", now=now, data={"by": "professional" if by_professional else "client"}
        )
        return card(offer, row, resource_ids)

    with db.writing(business.id):
        return once(key, now, effect)


def reschedule(
    business: BusinessCard, booking_id: UUID, data: MoveInput, *, now: int, key: Key | None = None
) -> BookingCard:
    """Move a booking, keeping its code (S3). The old time is free only once the new one is had; onto its own start
    nothing moves and nobody is told. Raises SlotTaken, AlreadyCancelled, NotChangeable, Invalid."""
    if (answer := given(business.id, key)) is not None:
        return answer
    offer = load(business)
    wanted = _instant(offer, data.new_date, data.new_time, data.fold, now, field="newDate")
    only = _resource_id(offer, data.resource_id)
    lost: list[Ask] = []

    def effect() -> BookingCard:
        db.handle.lock([_line_of_client(business.id, data.email)])  # before the row: the order of `confirm`
        row = _found(booking_id)
        status = move(row.status, "rescheduled")
        _still_ahead(row, now)
        before = resources_of(row)
        if _seconds(row.starts_at) == wanted and only in (None, *before):
            row.status = status
            _save(row, "status", now=now)
            return card(offer, row, before)
        stays_with = before[0] if not row.any_resource and before else None
        service = offer.service_by_id(row.service_id)
        ask = Ask(offer, service, now, row.party_size, only or stays_with, row.id, row.email)
        lost[:] = [ask]
        if wanted is None:
            raise SlotTaken
        placement = _take(ask, wanted)
        moved_from = row.starts_at.isoformat()
        row.status, row.sequence = status, row.sequence + 1
        row.starts_at, row.ends_at = _at(placement.starts_at), _at(placement.ends_at)
        Claim.delete().where(Claim.booking_id == row.id).execute()
        _claim(placement, row.id)
        _save(row, "status", "sequence", "starts_at", "ends_at", now=now)
        outbox.drop_reminders(row.id)
        outbox.announce(business, row, "rescheduled", now=now, data={"from": moved_from})
        return card(offer, row, _resources(placement))

    def run() -> BookingCard:
        try:
            with db.writing(business.id):
                return once(key, now, effect)
        except SlotTaken:
            if wanted is None or not lost:
                raise
            raise _with_nearest(lost[0], wanted) from None

    return refused_once(business.id, key, now, run)


def refund(offer: Offer, row: Any, *, now: int, by_professional: bool = False) -> int:
    """Cents that go back if the booking (row or card) is cancelled now; what was never paid is not given back."""
    if row.payment_status not in ("authorized", "captured"):
        return 0
    service = offer.any_service(row.service_id) if isinstance(row, BookingCard) else offer.service_by_id(row.service_id)
    starts_at = row.start if isinstance(row, BookingCard) else row.starts_at
    return service.policy.refund_cents(
        row.deposit_cents, starts_at=_seconds(starts_at), now=now, by_professional=by_professional
    )


# --- steps -----------------------------------------------------------------------------------------------------------


def _asked(
    offer: Offer, data: TimeInput, now: int, *, email: str | None = None, ignore: UUID | None = None
) -> tuple[Ask, int]:
    try:
        service = offer.service(data.service_id)
    except ServiceNotFound:
        raise refuse("serviceId", "slug") from None
    ask = Ask(offer, service, now, data.party_size, _resource_id(offer, data.resource_id), ignore, email)
    start = _instant(offer, data.date, data.time, data.fold, now, field="date")
    if start is None:
        raise SlotTaken
    return ask, start


def _resource_id(offer: Offer, slug: str | None) -> UUID | None:
    if slug is None:
        return None
    found = offer.resource_by_slug(slug)
    if found is None:
        raise refuse("resourceId", "slug")
    return found.id


def _instant(offer: Offer, date: dt.date, time: str, fold: int, now: int, *, field: str) -> int | None:
    """A wall-clock time of the business; None when no such time can be on offer. A past date is Invalid (S3)."""
    today = offer.local_date(now)
    if date < today:
        raise refuse(field, "past")
    if date > today + dt.timedelta(days=FAR_DAYS):
        return None
    return slots.to_instant(offer.business.timezone, date, time, fold)


def _ask_again(offer: Offer, row: Any, now: int, *, email: str) -> Ask:
    return Ask(offer, offer.service_by_id(row.service_id), now, row.party_size, None, None, email)


def _within_client_limits(ask: Ask, start: int) -> None:
    """A hold was taken before the client was known: only now can the client's own limits speak."""
    if any(reason.code.startswith("limit_client") for reason in availability.explain(ask, start)):
        raise SlotTaken


def _take(ask: Ask, start: int) -> slots.Placement:
    """Wait for the resources' turn, put what has lapsed aside, and let the engine judge what is left."""
    if not ask.resources:
        raise SlotTaken
    db.handle.lock(_lines(ask))
    taken = availability.taken_around(ask, start)
    if taken.expired and len(_lapse(taken.expired, now=ask.now)) < len(taken.expired):
        taken = availability.taken_around(ask, start)  # one was confirmed or extended while we waited for it
    placement = availability.place(ask, start, taken)
    if isinstance(placement, slots.Refusal):
        raise SlotTaken
    return placement


def _lines(ask: Ask) -> list[UUID]:
    """The waiting lines of a visit, always in this order: the client's, whose limits and cap count over all resources;
    then the resources' own, all of the service's when it has a limit to count."""
    resources = ask.resources if ask.service.rules.limits == slots.Limits() else ask.offer.able(ask.service)
    client = [_line_of_client(ask.offer.business.id, ask.email)] if ask.email else []
    return [*client, *sorted(each.id for each in resources)]


def _line_of_client(business_id: UUID, email: str) -> UUID:
    return UUID(bytes=hashlib.sha256(business_id.bytes + email.encode()).digest()[:16])


def _lapse(booking_ids: Iterable[UUID], *, now: int | None) -> list[UUID]:
    """Free these holds; with `now`, only those past their deadline at this very moment (one may just be extended)."""
    condition = (Booking.id.in_(list(booking_ids))) & (Booking.status == "held")
    if now is not None:
        condition &= Booking.held_until <= _at(now)
    freed = [
        row.id for row in Booking.update(status="lapsed", held_by=None).where(condition).returning(Booking.id).execute()
    ]
    if freed:
        Claim.delete().where(Claim.booking_id.in_(freed)).execute()
    return freed


def _claim(placement: slots.Placement, booking_id: UUID) -> None:
    starts_at, ends_at = (_at(instant) for instant in placement.footprint)
    Claim.insert_many(
        {
            "resource_id": UUID(resource_id),
            "unit": unit,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "booking_id": booking_id,
        }
        for resource_id, unit in placement.claims
    ).execute()


def _row(ask: Ask, placement: slots.Placement, *, code: str, status: str, source: str, now: int) -> Any:
    price_cents, deposit_cents, deposit_bp = _money(ask.service, ask.party)
    return Booking(
        id=uuid7(), code=code, service_id=ask.service.id, status=status, party_size=ask.party, source=source,
        starts_at=_at(placement.starts_at), ends_at=_at(placement.ends_at), price_cents=price_cents,
        deposit_cents=deposit_cents, deposit_bp=deposit_bp, created_at=_at(now), updated_at=_at(now),
    )  # fmt: skip


def _money(service: ServiceCard, party: int) -> tuple[int, int, int]:
    """Price, deposit, rate: from the service, never from the caller. A group service is priced per person."""
    price = service.price_cents * (party if service.rules.capacity > 1 else 1)
    return price, share(price, service.deposit_bp), service.deposit_bp


def _of(data: CustomerInput, business: BusinessCard) -> dict[str, Any]:
    try:
        number = phone.normalise(data.phone, business.country) if data.phone else None
    except phone.BadNumber:
        raise refuse("phone" if isinstance(data, DetailsInput) else "customer.phone", "phone") from None
    return {"name": data.name, "email": data.email, "phone": number}


def _fill(row: Any, details: DetailsInput, *, notify_email: bool) -> None:
    row.name, row.email, row.phone, row.message = (
        details.name,
        details.email,
        details.phone,
        details.message or "",
    )
    row.notify_email, row.notify_sms = notify_email, details.sms


def _client(row: Any, caps: Caps, now: int) -> UUID:
    """The business's client with this e-mail, made when new and never changed by a later booking. The same statement
    counts the bookings that the address still has to come."""
    mark = db.handle.param
    open_statuses = ", ".join(f"'{status}'" for status in sorted(BOOKED))
    sql = f"""
        INSERT INTO client (business_id, id, email, name, phone, notes, vip, created_at)
        VALUES ({", ".join([mark] * 8)})
        ON CONFLICT (business_id, email) DO UPDATE SET email = excluded.email
        RETURNING id, (SELECT count(*) FROM booking WHERE business_id = {mark} AND email = {mark}
            AND starts_at > {mark} AND status IN ({open_statuses}))"""
    tenant, moment = db.id_value(db.tenant()), db.instant_value(_at(now))
    values = (
        tenant,
        db.id_value(uuid7()),
        row.email,
        row.name,
        row.phone,
        "",
        False,
        moment,
        tenant,
        row.email,
        moment,
    )
    client_id, open_bookings = db.handle.execute_sql(sql, values).fetchone()
    if caps.max_open_bookings is not None and open_bookings >= caps.max_open_bookings:
        raise TooManyBookings
    return cast(UUID, db.as_uuid(client_id))


def _cap_holds(held_by: str, caps: Caps, now: int) -> None:
    if caps.max_holds is None:
        return
    live = Booking.select().where(
        Booking.status == "held", Booking.held_by == held_by, Booking.held_until > _at(now),
        Booking.starts_at > _at(now),
    )  # fmt: skip
    if live.count() >= caps.max_holds:
        raise TooManyHolds


def _in_transaction(
    business: BusinessCard,
    key: Key | None,
    now: int,
    effect: Callable[[str], BookingCard],
    new_code: Callable[[], str],
) -> BookingCard:
    """One transaction, tried again with another code when the first is in use already."""

    def run() -> BookingCard:
        code = new_code()
        with db.writing(business.id):
            return once(key, now, lambda: effect(code))

    for _ in range(4):
        try:
            return run()
        except peewee.IntegrityError as error:
            if not _is_code_collision(error):
                raise
    return run()


def _is_code_collision(error: Exception) -> bool:
    return "booking_code" in str(error) or "booking.business_id, booking.code" in str(error)


def _or_nearest(ask: Ask, start: int, run: Callable[[], BookingCard]) -> BookingCard:
    try:
        return run()
    except SlotTaken:
        raise _with_nearest(ask, start) from None


def _with_nearest(ask: Ask, start: int) -> SlotTaken:
    return SlotTaken(tuple(slot.starts_at for slot in availability.nearest(ask, start, count=NEAREST)))


def _locked(booking_id: UUID) -> Any:
    """The row, kept from others until the transaction ends. SQLite has one writer at a time already."""
    query = Booking.select().where(Booking.id == booking_id)
    return (query if db.is_sqlite() else query.for_update()).first()


def _found(booking_id: UUID) -> Any:
    row = _locked(booking_id)
    if row is None or row.status in ("held", "lapsed"):
        raise BookingNotFound
    return row


def _still_ahead(row: Any, now: int) -> None:
    if _seconds(row.starts_at) <= now:
        raise NotChangeable


def _save(row: Any, *names: str, now: int) -> None:
    row.updated_at = _at(now)
    values = {getattr(Booking, name): getattr(row, name) for name in (*names, "updated_at")}
    Booking.update(values).where(Booking.id == row.id).execute()


def _first_status(business: BusinessCard) -> str:
    return "pending" if business.approves_by_hand else "confirmed"


def _first_event(row: Any) -> str:
    return "requested" if row.status == "pending" else "confirmed"


def _resources(placement: slots.Placement) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(UUID(resource_id) for resource_id, _ in placement.claims))


def _at(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def _seconds(instant: dt.datetime) -> int:
    return int(instant.timestamp())
