"""The bell counts what clients did, not what staff did themselves."""

import datetime as dt
from uuid import UUID

from actions import booking
from actions.booking import by_staff
from actions.inputs import read
from queries import news
from tests.cast import MONDAY_8, TUESDAY, Cast, body, make_business
from tests.staff import member

WEDNESDAY = TUESDAY + dt.timedelta(days=1)


def test_only_what_clients_did_is_news(cast: Cast) -> None:
    by = member(cast)
    booked = cast.book("09:00")
    other = cast.book("10:00", now=MONDAY_8 + 60)
    move = read(booking.MoveInput, {"email": booked.email, "newDate": WEDNESDAY.isoformat(), "newTime": "09:00"})
    booking.reschedule(cast.business, UUID(booked.id), move, now=MONDAY_8 + 120)
    by_staff.change_status(cast.business, by, UUID(other.id), "cancelled", now=MONDAY_8 + 180)
    taken = {**body("14:00"), "customer": {"name": "Au téléphone"}}
    by_staff.take_for_client(cast.business, by, read(booking.StaffBookingInput, taken), now=MONDAY_8 + 240)
    make_business().book()

    now = MONDAY_8 + 300
    found = news.latest(cast.business, by, dt.datetime.fromtimestamp(MONDAY_8 + 60, dt.UTC), now=now)
    assert [(each.event, each.booking.code, each.is_new) for each in found] == [
        ("rescheduled", booked.code, True), ("confirmed", other.code, False), ("confirmed", booked.code, False),
    ]  # fmt: skip
    assert found[0].before is not None and found[0].before.timestamp() == MONDAY_8 + 25 * 3600
    assert news.count(cast.business, by, None, now=now) == 3
    assert news.count(cast.business, by, dt.datetime.fromtimestamp(MONDAY_8 + 120, dt.UTC), now=now) == 0


def test_the_count_stops_where_it_says_no_more_and_is_one_s_own(cast: Cast) -> None:
    for number in range(12):
        cast.book(f"{9 + number % 3:02}:00", TUESDAY + dt.timedelta(days=number // 3 * 7), resourceId="r1")
    assert news.count(cast.business, member(cast), None, now=MONDAY_8) == news.MOST_COUNTED
    keys = {each.slug: each.id for each in cast.offer.resources}
    for slug, counted in (("r1", news.MOST_COUNTED), ("r2", 0)):
        actor = member(cast, "practitioner", resource_id=keys[slug])
        assert news.count(cast.business, actor, None, now=MONDAY_8) == counted
