"""Finding a booking, moving it, giving it back. Each public function is one transaction."""

import hmac
from typing import Any
from uuid import UUID

import db
from actions import audit, limits, outbox
from actions.booking.inputs import Caps, MoveInput, PairInput
from actions.booking.steps import (
    at,
    chosen_resource,
    claim,
    line_of_client,
    locked,
    resources_in,
    save,
    seconds,
    snapshot,
    take,
    wall_instant,
    with_nearest,
)
from actions.idempotency import Key, given, once, refused_once
from actions.states import move
from errors import BookingNotFound, NotChangeable, SlotTaken
from models import Booking, Claim
from queries.availability import Ask
from queries.booking import BookingCard, card, resources_of
from queries.business import BusinessCard
from queries.offer import Offer, load

CODE_TRIES_WINDOW = 3600  # seconds


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
        row = found(booking_id)
        resource_ids = resources_of(row)
        before = snapshot(row, resource_ids)
        row.status = move(row.status, "cancelled")
        if not by_professional:
            _still_ahead(row, now)
        row.refund_cents = refund(offer, row, now=now, by_professional=by_professional)
        row.cancel_reason, row.sequence = reason, row.sequence + 1
        save(row, "status", "refund_cents", "cancel_reason", "sequence", now=now)
        Claim.delete().where(Claim.booking_id == row.id).execute()
        outbox.drop_reminders(row.id)
        outbox.announce(
            business, row, "cancelled", now=now, data={"by": "professional" if by_professional else "client"}
        )
        if not by_professional:
            audit.note_client("booking.cancelled", row.id, now=now, before=before, after=snapshot(row, resource_ids))
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
    wanted = wall_instant(offer, data.new_date, data.new_time, data.fold, now, field="newDate")
    only = chosen_resource(offer, data.resource_id)
    lost: list[Ask] = []

    def effect() -> BookingCard:
        db.handle.lock([line_of_client(business.id, data.email)])  # before the row: the order of `confirm`
        row = found(booking_id)
        status = move(row.status, "rescheduled")
        _still_ahead(row, now)
        before = resources_of(row)
        if seconds(row.starts_at) == wanted and only in (None, *before):
            row.status = status
            save(row, "status", now=now)
            return card(offer, row, before)
        stays_with = before[0] if not row.any_resource and before else None
        service = offer.service_by_id(row.service_id)
        ask = Ask(offer, service, now, row.party_size, only or stays_with, row.id, row.email)
        lost[:] = [ask]
        if wanted is None:
            raise SlotTaken
        told = snapshot(row, before)
        after = shift(business, row, ask, wanted, status=status, now=now)
        audit.note_client("booking.moved", row.id, now=now, before=told, after=snapshot(row, after))
        return card(offer, row, after)

    def run() -> BookingCard:
        try:
            with db.writing(business.id):
                return once(key, now, effect)
        except SlotTaken:
            if wanted is None or not lost:
                raise
            raise with_nearest(lost[0], wanted) from None

    return refused_once(business.id, key, now, run)


def shift(
    business: BusinessCard, row: Any, ask: Ask, start: int, *, status: str, now: int, override: bool = False
) -> tuple[UUID, ...]:
    """Inside the transaction: give the row another place and tell both sides. The old one is free only once the new one
    is had. Raises SlotTaken."""
    placement = take(ask, start, override=override)
    moved_from = row.starts_at.isoformat()
    row.status, row.sequence = status, row.sequence + 1
    row.starts_at, row.ends_at = at(placement.starts_at), at(placement.ends_at)
    Claim.delete().where(Claim.booking_id == row.id).execute()
    claim(placement, row.id)
    save(row, "status", "sequence", "starts_at", "ends_at", now=now)
    outbox.drop_reminders(row.id)
    outbox.announce(business, row, "rescheduled", now=now, data={"from": moved_from})
    return resources_in(placement)


def refund(offer: Offer, row: Any, *, now: int, by_professional: bool = False) -> int:
    """Cents that go back if the booking (row or card) is cancelled now; what was never paid is not given back."""
    if row.payment_status not in ("authorized", "captured"):
        return 0
    service = offer.any_service(row.service_id) if isinstance(row, BookingCard) else offer.service_by_id(row.service_id)
    starts_at = row.start if isinstance(row, BookingCard) else row.starts_at
    return service.policy.refund_cents(
        row.deposit_cents, starts_at=seconds(starts_at), now=now, by_professional=by_professional
    )


def found(booking_id: UUID) -> Any:
    row = locked(booking_id)
    if row is None or row.status in ("held", "lapsed"):
        raise BookingNotFound
    return row


def _still_ahead(row: Any, now: int) -> None:
    if seconds(row.starts_at) <= now:
        raise NotChangeable
