"""Who is told what: one row per message, never two for one event."""

import peewee
import pytest

import db
from actions import outbox
from models import Booking, Message
from tests.cast import MONDAY_8, TUESDAY, Cast


def row_of(cast: Cast) -> Booking:
    return Booking.select().first()


def test_both_sides_are_told_in_their_own_language(cast: Cast) -> None:
    cast.book()
    with db.writing(cast.id):
        told = {m.template: (m.recipient, m.locale, m.channel, m.state) for m in Message.select()}
    assert told == {
        "professional_confirmed": (cast.business.email, "fr", "mail", "due"),
        "client_confirmed": ("jean@example.com", "fr", "mail", "due"),
    }


def test_one_event_is_announced_once(cast: Cast) -> None:
    cast.book()
    with pytest.raises(peewee.IntegrityError), db.writing(cast.id):
        outbox.announce(cast.business, row_of(cast), "confirmed", now=MONDAY_8)


@pytest.mark.parametrize(("hours_before", "reminded"), [(26.01, 1), (26, 0), (25, 0), (3, 0)])
def test_who_books_shortly_before_needs_no_reminder(cast: Cast, hours_before: float, reminded: int) -> None:
    start = MONDAY_8 + 73 * 3600  # Thursday 09:00
    cast.book("09:00", TUESDAY.replace(day=14), now=int(start - hours_before * 3600))
    with db.reading(cast.id):
        assert Message.select().where(Message.template == "client_reminder").count() == reminded


def test_a_reminder_that_has_left_is_not_called_back(cast: Cast) -> None:
    cast.book("09:00", TUESDAY.replace(day=14))
    with db.writing(cast.id):
        Message.update(state="sent").where(Message.template == "client_reminder").execute()
        outbox.drop_reminders(row_of(cast).id)
        assert {m.state for m in Message.select().where(Message.template == "client_reminder")} == {"sent"}
