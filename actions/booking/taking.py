"""Taking a time and keeping it: book at once, or hold, type, confirm. Each public function is one transaction."""

import hmac
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

import peewee

import db
import slots
from actions import outbox
from actions.booking import answers
from actions.booking.inputs import (
    BookingInput,
    Caps,
    CustomerInput,
    DetailsInput,
    Source,
    StaffCustomerInput,
    TimeInput,
)
from actions.booking.steps import (
    at,
    chosen_resource,
    claim,
    free_holds,
    line_of_client,
    locked,
    resources_in,
    save,
    seconds,
    take,
    wall_instant,
    with_nearest,
)
from actions.idempotency import Key, given, once, refused_once
from actions.inputs import refuse
from actions.states import BOOKED, move
from errors import HoldExpired, ServiceNotFound, SlotTaken, TooManyBookings, TooManyHolds
from lib import codes, phone, search
from lib.ids import uuid7
from lib.money import share
from models import Booking
from queries import availability
from queries.asked import asked
from queries.availability import Ask
from queries.booking import BookingCard, card, resources_of
from queries.business import BusinessCard
from queries.offer import Offer, ServiceCard, load


def create(
    business: BusinessCard, data: BookingInput, *, now: int, caps: Caps, key: Key | None = None,
    source: Source = "api", locale: str | None = None, new_code: Callable[[], str] = codes.new_code,
) -> BookingCard:  # fmt: skip
    """Book at once (S3). Raises Invalid, SlotTaken with the nearest starts, TooManyBookings, KeyReused."""
    if (answer := given(business.id, key)) is not None:
        return answer
    offer = load(business)
    ask, start = asked_for(offer, data, now, email=data.customer.email)
    details = DetailsInput.model_construct(
        **contact(data.customer, business), sms=data.notifications.sms, message=data.message,
        answers=answers.read(asked(business, ask.service), data.answers, demand=False),
    )  # fmt: skip

    def effect(code: str) -> BookingCard:
        placement = take(ask, start)
        row = new_row(ask, placement, code=code, status=_first_status(business), source=source, now=now)
        row.any_resource = data.resource_id is None
        row.locale = locale or business.locale
        fill(row, details, notify_email=data.notifications.email)
        row.client_id = client_of(row, caps, now)
        Booking.insert(row.__data__).execute()
        claim(placement, row.id)
        outbox.announce(business, row, _first_event(row), now=now)
        return card(offer, row, resources_in(placement))

    def run() -> BookingCard:
        return or_nearest(ask, start, lambda: in_transaction(business, key, now, effect, new_code))

    return refused_once(business.id, key, now, run)


def hold(
    business: BusinessCard, data: TimeInput, *, now: int, caps: Caps, held_by: str, source: Source = "website",
    locale: str | None = None, instead_of: UUID | None = None, new_code: Callable[[], str] = codes.new_code,
) -> BookingCard:  # fmt: skip
    """Keep a time while the client types. `held_by` names the visitor; `instead_of` is the visitor's earlier hold,
    given back in the same transaction. Raises Invalid, SlotTaken, TooManyHolds."""
    offer = load(business)
    ask, start = asked_for(offer, data, now, ignore=instead_of)

    def effect(code: str) -> BookingCard:
        placement = take(ask, start)
        if instead_of is not None:
            free_holds([instead_of], now=None)
        _cap_holds(held_by, caps, now)
        row = new_row(ask, placement, code=code, status="held", source=source, now=now)
        row.any_resource = data.resource_id is None
        row.locale = locale or business.locale
        row.held_by = held_by
        row.held_until = at(now + caps.hold_seconds)
        Booking.insert(row.__data__).execute()
        claim(placement, row.id)
        return card(offer, row, resources_in(placement))

    return or_nearest(ask, start, lambda: in_transaction(business, None, now, effect, new_code))


def extend(business: BusinessCard, hold_id: UUID, *, now: int, caps: Caps) -> BookingCard:
    """Give a live hold its time again, once (WCAG 2.2.1). Raises HoldExpired."""
    offer = load(business)
    with db.writing(business.id):
        row = locked(hold_id)
        if row is None or row.status != "held" or row.extended:
            raise HoldExpired
        row.held_until, row.extended = at(now + caps.hold_seconds), True
        save(row, "held_until", "extended", now=now)
        return card(offer, row, resources_of(row))


def release(business: BusinessCard, hold_id: UUID) -> None:
    """Give a held time back. A hold that is gone already needs nothing."""
    with db.writing(business.id):
        free_holds([hold_id], now=None)


def note_details(
    business: BusinessCard, hold_id: UUID, data: DetailsInput, *, now: int, demand: bool = False
) -> BookingCard:
    """Keep what was typed with the hold, for the page that shows it again before the end; `demand` the required answers
    when the end is next. Raises HoldExpired, Invalid."""
    offer = load(business)
    details = data.model_copy(update=contact(data, business))
    with db.writing(business.id):
        row = locked(hold_id)
        if row is None or row.status != "held":
            raise HoldExpired
        fill(row, _with_answers(offer, row, details, demand=demand), notify_email=True)
        save(row, "name", "email", "phone", "message", "answers", "notify_email", "notify_sms", now=now)
        return card(offer, row, resources_of(row))


def confirm(
    business: BusinessCard, hold_id: UUID, data: DetailsInput, *, now: int, caps: Caps, locale: str | None = None
) -> BookingCard:
    """Turn a hold into a booking, whose client reads `locale` when it is given. A hold past its deadline is confirmed
    all the same while nobody else has taken the place, unless its hour has come or, swept away, it no longer tells
    which practitioner was chosen. Sent twice by the same person it answers the same booking. Raises Invalid (an answer
    is wrong or missing), SlotTaken, HoldExpired, TooManyBookings."""
    offer = load(business)
    details = data.model_copy(update=contact(data, business))
    lost: list[tuple[Ask, int]] = []

    def run() -> BookingCard:
        with db.writing(business.id):
            db.handle.lock([line_of_client(business.id, details.email)])
            row = locked(hold_id)
            if row is None:
                raise HoldExpired
            if row.status in BOOKED and hmac.compare_digest(row.email, details.email):
                return card(offer, row, resources_of(row))
            if row.status not in ("held", "lapsed") or seconds(row.starts_at) <= now:
                raise HoldExpired
            filled = _with_answers(offer, row, details, demand=True)
            if row.status == "lapsed":
                ask = _ask_again(offer, row, now, email=details.email)
                lost[:] = [(ask, seconds(row.starts_at))]
                if not row.any_resource and len(ask.resources) > 1:
                    raise HoldExpired
                placement = take(ask, seconds(row.starts_at))
                claim(placement, row.id)
                row.status = "held"
            elif business.client_limits:
                ask = replace(_ask_again(offer, row, now, email=details.email), ignore=row.id)
                lost[:] = [(ask, seconds(row.starts_at))]
                _within_client_limits(*lost[0])
            service = offer.service_by_id(row.service_id)
            row.status = move(row.status, _first_status(business))
            row.price_cents, row.deposit_cents, row.deposit_bp = _money(service, row.party_size)
            row.held_until, row.held_by = None, None
            row.locale = locale or row.locale
            fill(row, filled, notify_email=True)
            row.client_id = client_of(row, caps, now)
            save(
                row, "status", "price_cents", "deposit_cents", "deposit_bp", "held_until", "held_by", "name", "email",
                "phone", "message", "answers", "notify_email", "notify_sms", "client_id", "locale", now=now,
            )  # fmt: skip
            outbox.announce(business, row, _first_event(row), now=now)
            return card(offer, row, resources_of(row))

    try:
        return run()
    except SlotTaken:
        raise with_nearest(*lost[0]) from None


def lapse(business: BusinessCard, *, now: int) -> int:
    """Sweep every hold past its deadline; returns how many. Only tidying: no place waits for it."""
    with db.writing(business.id):
        rows = Booking.select(Booking.id).where(Booking.status == "held", Booking.held_until <= at(now)).tuples()
        return len(free_holds([booking_id for (booking_id,) in rows], now=now))


def asked_for(
    offer: Offer, data: TimeInput, now: int, *, email: str | None = None, ignore: UUID | None = None,
    only: UUID | None = None,
) -> tuple[Ask, int]:  # fmt: skip
    """The engine's question and the start that were typed; `only` narrows what the input leaves open."""
    try:
        service = offer.service(data.service_id)
    except ServiceNotFound:
        raise refuse("serviceId", "slug") from None
    whom = only or chosen_resource(offer, data.resource_id)
    ask = Ask(offer, service, now, data.party_size, whom, ignore, email)
    start = wall_instant(offer, data.date, data.time, data.fold, now, field="date")
    if start is None:
        raise SlotTaken
    return ask, start


def in_transaction(
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


def or_nearest(ask: Ask, start: int, run: Callable[[], BookingCard]) -> BookingCard:
    try:
        return run()
    except SlotTaken:
        raise with_nearest(ask, start) from None


def _ask_again(offer: Offer, row: Any, now: int, *, email: str) -> Ask:
    return Ask(offer, offer.service_by_id(row.service_id), now, row.party_size, None, None, email)


def _within_client_limits(ask: Ask, start: int) -> None:
    """A hold was taken before the client was known: only now can the client's own limits speak."""
    if any(reason.code.startswith("limit_client") for reason in availability.explain(ask, start)):
        raise SlotTaken


def _cap_holds(held_by: str, caps: Caps, now: int) -> None:
    if caps.max_holds is None:
        return
    live = Booking.select().where(
        Booking.status == "held", Booking.held_by == held_by, Booking.held_until > at(now),
        Booking.starts_at > at(now),
    )  # fmt: skip
    if live.count() >= caps.max_holds:
        raise TooManyHolds


def new_row(ask: Ask, placement: slots.Placement, *, code: str, status: str, source: str, now: int) -> Any:
    price_cents, deposit_cents, deposit_bp = _money(ask.service, ask.party)
    return Booking(
        id=uuid7(), code=code, service_id=ask.service.id, status=status, party_size=ask.party, source=source,
        starts_at=at(placement.starts_at), ends_at=at(placement.ends_at), price_cents=price_cents,
        deposit_cents=deposit_cents, deposit_bp=deposit_bp, created_at=at(now), updated_at=at(now),
    )  # fmt: skip


def _money(service: ServiceCard, party: int) -> tuple[int, int, int]:
    """Price, deposit, rate: from the service, never from the caller. A group service is priced per person."""
    price = service.price_cents * (party if service.rules.capacity > 1 else 1)
    return price, share(price, service.deposit_bp), service.deposit_bp


def contact(data: CustomerInput | StaffCustomerInput, business: BusinessCard) -> dict[str, Any]:
    try:
        number = phone.normalise(data.phone, business.country) if data.phone else None
    except phone.BadNumber:
        raise refuse("phone" if isinstance(data, DetailsInput) else "customer.phone", "phone") from None
    return {"name": data.name, "email": data.email or "", "phone": number}


def _with_answers(offer: Offer, row: Any, details: DetailsInput, *, demand: bool) -> DetailsInput:
    fields = asked(offer.business, offer.service_by_id(row.service_id))
    return details.model_copy(update={"answers": answers.read(fields, details.answers, demand=demand)})


def fill(row: Any, details: DetailsInput, *, notify_email: bool) -> None:
    """`answers` have been read already."""
    row.name, row.email, row.phone = details.name, details.email, details.phone
    row.message, row.answers = details.message or "", details.answers or None
    row.notify_email, row.notify_sms = notify_email, details.sms


def client_of(row: Any, caps: Caps, now: int) -> UUID:
    """The business's client with this e-mail, made when new and never changed by a later booking. The same statement
    counts the bookings that the address still has to come."""
    mark = db.handle.param
    open_statuses = ", ".join(f"'{status}'" for status in sorted(BOOKED))
    sql = f"""
        INSERT INTO client (business_id, id, email, name, phone, notes, vip, sought, created_at)
        VALUES ({", ".join([mark] * 9)})
        ON CONFLICT (business_id, email) WHERE email <> '' DO UPDATE SET email = excluded.email
        RETURNING id, (SELECT count(*) FROM booking WHERE business_id = {mark} AND email = {mark}
            AND starts_at > {mark} AND status IN ({open_statuses}))"""
    tenant, moment = db.id_value(db.tenant()), db.instant_value(at(now))
    values = (
        tenant,
        db.id_value(uuid7()),
        row.email,
        row.name,
        row.phone,
        "",
        False,
        search.sought(row.name, row.email, row.phone),
        moment,
        tenant,
        row.email,
        moment,
    )
    client_id, open_bookings = db.handle.execute_sql(sql, values).fetchone()
    if caps.max_open_bookings is not None and open_bookings >= caps.max_open_bookings:
        raise TooManyBookings
    return cast(UUID, db.as_uuid(client_id))


def _first_status(business: BusinessCard) -> str:
    return "pending" if business.approves_by_hand else "confirmed"


def _first_event(row: Any) -> str:
    return "requested" if row.status == "pending" else "confirmed"
