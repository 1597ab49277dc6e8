"""What staff do with bookings: taking, answering, moving, taking back; who may, and what the audit tells of it."""

from typing import Any
from uuid import UUID

import pytest

import db
from actions import booking
from actions.access import Actor
from actions.inputs import read
from errors import AlreadyCancelled, BookingNotFound, Invalid, NotAllowed, NotChangeable, SlotTaken, StaleVersion
from lib.ids import uuid7
from models import Audit, Business, Claim, Client, Message, Service
from queries.booking import BookingCard, version_of
from tests.cast import MONDAY_8, TUESDAY, Cast, body
from tests.staff import member

HOUR = 3600


def take(cast: Cast, by: Actor, time: str = "09:00", *, now: int = MONDAY_8, **more: Any) -> BookingCard:
    typed = body(time, **{"customer": {"name": "Ida Morel"}} | more)
    return booking.take_for_client(cast.business, by, read(booking.StaffBookingInput, typed), now=now)


def shift(cast: Cast, by: Actor, card: BookingCard, time: str, *, now: int = MONDAY_8, **more: Any) -> BookingCard:
    typed = {"newDate": TUESDAY.isoformat(), "newTime": time} | more
    return booking.move(cast.business, by, UUID(card.id), read(booking.StaffMoveInput, typed), now=now)


def status(cast: Cast, by: Actor, card: BookingCard, to: str, *, now: int = MONDAY_8, **more: Any) -> BookingCard:
    return booking.change_status(cast.business, by, UUID(card.id), to, now=now, **more)


def undo(cast: Cast, by: Actor, card: BookingCard, *, now: int = MONDAY_8) -> BookingCard:
    return booking.undo(cast.business, by, UUID(card.id), now=now)


def messages(cast: Cast, state: str = "due") -> list[str]:
    with db.reading(cast.id):
        return sorted(row.template for row in Message.select().where(Message.state == state))


def deeds(cast: Cast) -> list[tuple[str, Any]]:
    with db.reading(cast.id):
        return [(row.action, row.data) for row in Audit.select().order_by(Audit.id)]


def by_hand(cast: Cast) -> None:
    with db.writing(cast.id):
        Business.update(approves_by_hand=True).where(Business.id == cast.id).execute()


def test_who_calls_needs_no_address_and_waits_for_no_approval(cast: Cast) -> None:
    by_hand(cast)
    card = take(cast, member(cast, "reception"), customer={"name": "Ida Morel", "phone": "0470 12 34 56"})
    again = take(cast, member(cast, "reception"), "10:00", customer={"name": "Ida Morel", "phone": "0470 12 34 56"})
    assert (card.status, card.source, card.email, card.phone) == ("confirmed", "phone", "", "+32470123456")
    assert card.client_id == again.client_id
    assert messages(cast) == ["professional_confirmed"] * 2
    assert deeds(cast)[0][0] == "booking.created"


def test_a_known_client_is_named_by_id_and_never_renamed(cast: Cast) -> None:
    known = UUID(str(cast.book().client_id))
    owner = member(cast)
    card = take(cast, owner, "10:00", customer=None, clientId=str(known))
    assert (card.name, card.email, card.client_id) == ("Jean Martin", "jean@example.com", str(known))
    take(cast, owner, "11:00", customer={"name": "J. M.", "email": "jean@example.com"})
    with db.reading(cast.id):
        assert [(row.id, row.name) for row in Client.select()] == [(known, "Jean Martin")]
    with pytest.raises(Invalid) as refused:
        take(cast, owner, "14:00", customer=None, clientId=str(uuid7()))
    assert refused.value.field == "clientId"


def test_an_override_passes_over_hours_and_step_and_never_over_what_is_claimed(cast: Cast) -> None:
    owner = member(cast)
    for time in ("12:10", "19:00"):
        with pytest.raises(SlotTaken):
            take(cast, owner, time)
    assert take(cast, owner, "12:10", override=True, resourceId="r1").resource_ids == ("r1",)
    assert deeds(cast)[-1][1]["overridden"]
    with pytest.raises(SlotTaken) as lost:
        take(cast, owner, "12:20", override=True, resourceId="r1")
    assert lost.value.nearest
    with pytest.raises(Invalid) as past:
        take(cast, owner, "09:00", now=MONDAY_8 + 26 * HOUR, override=True)
    assert (past.value.field, past.value.code) == ("time", "INVALID_TIME")


def test_a_practitioner_touches_the_own_agenda_alone(cast: Cast) -> None:
    own, other = (cast.offer.resource_by_slug(slug) for slug in ("r1", "r2"))
    assert own and other
    practitioner, owner = member(cast, "practitioner", resource_id=own.id), member(cast)
    assert take(cast, practitioner).resource_ids == ("r1",)
    foreign = take(cast, owner, "09:00", resourceId="r2")
    with pytest.raises(NotAllowed):
        take(cast, practitioner, "10:00", resourceId="r2")
    with pytest.raises(NotAllowed):
        shift(cast, practitioner, foreign, "10:00")
    with pytest.raises(NotAllowed):
        status(cast, practitioner, foreign, "cancelled")
    status(cast, owner, foreign, "cancelled")
    with pytest.raises(NotAllowed):
        undo(cast, practitioner, foreign)
    with pytest.raises(NotAllowed):
        booking.note(cast.business, practitioner, UUID(foreign.id), "x", now=MONDAY_8)
    with pytest.raises(NotAllowed):
        take(cast, member(cast, "read_only"))
    with pytest.raises(BookingNotFound):
        booking.note(cast.business, owner, uuid7(), "x", now=MONDAY_8)


def test_a_request_is_answered_and_its_client_told(cast: Cast) -> None:
    by_hand(cast)
    owner, asked, other = member(cast), cast.book(date=TUESDAY.replace(day=15)), cast.book("10:00")
    assert status(cast, owner, asked, "confirmed").status == "confirmed"
    assert [each for each in messages(cast) if each.endswith(("_confirmed", "_reminder"))] == [
        "client_confirmed", "client_reminder",
    ]  # fmt: skip
    assert status(cast, owner, other, "declined", reason="Congé").status == "declined"
    assert "client_declined" in messages(cast)
    with db.reading(cast.id):
        assert not Claim.select().where(Claim.booking_id == UUID(other.id)).count()
    assert undo(cast, owner, other).status == "pending"
    assert "client_declined" in messages(cast, "dropped")
    assert undo(cast, owner, asked).status == "pending"
    assert not [each for each in messages(cast) if each.endswith(("_confirmed", "_reminder"))]
    assert status(cast, owner, asked, "confirmed").status == "confirmed"


def test_the_table_of_states_is_asked(cast: Cast) -> None:
    owner, card = member(cast), cast.book()
    for wrong in ("seated", "completed", "declined"):
        with pytest.raises(NotChangeable):
            status(cast, owner, card, wrong)
    with pytest.raises(Invalid):
        status(cast, owner, card, "held")
    for step in ("arrived", "seated", "completed"):
        assert status(cast, owner, card, step).status == step
    assert undo(cast, owner, card).status == "seated"
    with pytest.raises(NotChangeable):  # what was taken back is not taken back again
        undo(cast, owner, card)
    other = cast.book("10:00")
    status(cast, owner, other, "cancelled")
    with pytest.raises(AlreadyCancelled):
        status(cast, owner, other, "cancelled")


def test_a_slip_is_taken_back_within_a_day_and_by_a_client_never(cast: Cast) -> None:
    owner, card, other = member(cast), cast.book(), cast.book("10:00")
    status(cast, owner, card, "no_show")
    with pytest.raises(NotChangeable):
        undo(cast, owner, card, now=MONDAY_8 + 25 * HOUR)
    assert undo(cast, owner, card, now=MONDAY_8 + 23 * HOUR).status == "confirmed"
    booking.cancel(cast.business, UUID(other.id), now=MONDAY_8)
    with pytest.raises(NotChangeable):
        undo(cast, owner, other)


def test_a_cancellation_is_taken_back_while_its_place_is_free(cast: Cast) -> None:
    owner, card = member(cast), cast.book(resourceId="r1")
    status(cast, owner, card, "cancelled", reason="Malade")
    back = undo(cast, owner, card)
    assert (back.status, back.resource_ids, back.refund_cents, back.cancel_reason) == ("confirmed", ("r1",), None, None)
    assert messages(cast, "dropped") == ["client_cancelled", "professional_cancelled"]
    status(cast, owner, card, "cancelled")
    cast.book(resourceId="r1")
    with pytest.raises(SlotTaken):
        undo(cast, owner, card)


def test_a_move_keeps_the_code_tells_the_client_and_can_be_taken_back(cast: Cast) -> None:
    owner, card = member(cast), cast.book(resourceId="r1")
    moved = shift(cast, owner, card, "19:00", resourceId="r2", override=True)
    assert (moved.code, moved.status, moved.start.hour, moved.resource_ids) == (card.code, "rescheduled", 19, ("r2",))
    assert "client_rescheduled" in messages(cast)
    same = shift(cast, owner, card, "19:00")
    assert same.sequence == moved.sequence
    back = undo(cast, owner, card)
    assert (back.starts_at, back.resource_ids, back.status) == (card.starts_at, ("r1",), "confirmed")
    cast.book("11:00", resourceId="r1")
    with pytest.raises(SlotTaken) as lost:
        shift(cast, owner, card, "11:00")
    assert lost.value.nearest


def test_a_request_moves_and_stays_one(cast: Cast) -> None:
    by_hand(cast)
    owner, card = member(cast), cast.book()
    assert shift(cast, owner, card, "11:00").status == "pending"


def test_who_saw_an_older_version_changes_nothing(cast: Cast) -> None:
    owner, card = member(cast), cast.book()
    seen = version_of(card)
    noted = booking.note(cast.business, owner, UUID(card.id), "Porte gauche", now=MONDAY_8, expected=seen)
    assert (noted.note, version_of(noted) == seen) == ("Porte gauche", False)
    with pytest.raises(StaleVersion):
        status(cast, owner, card, "cancelled", expected=seen)
    with pytest.raises(StaleVersion):
        booking.note(cast.business, owner, UUID(card.id), "", now=MONDAY_8, expected=seen)
    with pytest.raises(StaleVersion):
        booking.undo(cast.business, owner, UUID(card.id), now=MONDAY_8, expected=seen)
    assert deeds(cast)[-1] == ("booking.noted", {"before": "", "after": "Porte gauche"})


def test_what_was_booked_of_an_archived_service_still_moves(cast: Cast) -> None:
    owner, card = member(cast), cast.book()
    with db.writing(cast.id):
        Service.update(active=False).where(Service.slug == "diag").execute()
    assert shift(cast, owner, card, "11:00").service_id == "diag"
    with pytest.raises(Invalid):
        take(cast, owner, "14:00")
