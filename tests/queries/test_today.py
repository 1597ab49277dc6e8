"""The day of a business: in its own zone, for who may see it, with what waits and where there is room."""

import datetime as dt
from typing import Any

import db
from actions import schedule
from models import Booking
from queries import today
from tests.cast import MONDAY_8, TUESDAY, Cast, make_business
from tests.staff import member

HOUR = 3600
TUESDAY_8 = MONDAY_8 + 24 * HOUR
OTHER = {"customer": {"name": "Ana Pires", "email": "ana@example.com"}}


def set_status(cast: Cast, booked: Any, status: str) -> None:
    with db.writing(cast.id):
        Booking.update(status=status).where(Booking.code == booked.code).execute()


def test_the_day_lists_its_visits_and_names_the_next(cast: Cast) -> None:
    first, second = cast.book("09:00"), cast.book("10:00", **OTHER)
    gone = cast.book("11:00")
    later = cast.book("09:00", TUESDAY + dt.timedelta(days=1))
    set_status(cast, first, "arrived")
    set_status(cast, gone, "cancelled")
    found = today.day(cast.business, member(cast), TUESDAY, now=TUESDAY_8)
    assert [each.booking.code for each in found.visits] == [first.code, second.code]
    assert found.next is not None and found.next.booking.code == second.code
    assert found.later is not None and found.later.booking.code == later.code
    assert [each.first for each in found.visits] == [True, True]
    assert not found.later.first
    assert found.gaps == ()  # two people: whose room would it be
    elsewhere = today.day(make_business().business, member(cast), TUESDAY, now=TUESDAY_8)
    assert (elsewhere.visits, elsewhere.later, elsewhere.requests) == ((), None, ())


def test_what_waits_for_an_answer_comes_whatever_its_day() -> None:
    cast = make_business(approves_by_hand=True)
    far, near = cast.book("09:00", TUESDAY + dt.timedelta(days=9)), cast.book("15:00")
    found = today.day(cast.business, member(cast), TUESDAY, now=TUESDAY_8)
    assert [each.booking.code for each in found.requests] == [near.code, far.code]
    too_late = today.day(cast.business, member(cast), TUESDAY, now=TUESDAY_8 + 8 * HOUR)
    assert [each.booking.code for each in too_late.requests] == [far.code]


def test_who_has_an_agenda_of_their_own_sees_that_one(cast: Cast) -> None:
    own, other = cast.book("09:00", resourceId="r1"), cast.book("09:00", resourceId="r2", **OTHER)
    mine = next(each.id for each in cast.offer.resources if each.slug == "r1")
    actor = member(cast, "practitioner", resource_id=mine)
    found = today.day(cast.business, actor, TUESDAY, now=TUESDAY_8)
    assert [each.booking.code for each in found.visits] == [own.code]
    assert [(each.start.hour, each.end.hour) for each in found.gaps] == [(8, 9), (9, 12), (13, 18)]
    homeless = member(cast, "practitioner")
    assert today.day(cast.business, homeless, TUESDAY, now=TUESDAY_8).visits == ()
    assert today.summary(cast.business, actor, TUESDAY_8).stats.week == 1
    assert {each.code for each in today.summary(cast.business, member(cast), TUESDAY_8).today} == {own.code, other.code}


def test_room_is_what_nothing_takes_from_now_on() -> None:
    cast = make_business(resources=1)
    cast.book("09:00")
    person = cast.offer.resources[0].id
    schedule.block(cast.business, person, starts_at=at(10), ends_at=at(18), summary="", now=MONDAY_8)
    found = today.day(cast.business, member(cast), TUESDAY, now=TUESDAY_8 + HOUR // 4)
    assert [(f"{gap.start:%H:%M}", f"{gap.end:%H:%M}") for gap in found.gaps] == [
        ("08:30", "09:00"),
        ("09:30", "10:00"),
    ]


def at(hour: int) -> dt.datetime:
    return dt.datetime.combine(TUESDAY, dt.time(hour), dt.timezone(dt.timedelta(hours=1)))


def test_a_late_hour_belongs_to_the_day_of_the_place() -> None:
    cast = make_business(timezone="Pacific/Auckland")
    booked = cast.book("08:30")  # 19:30 of the day before, in UTC
    assert [each.booking.code for each in today.day(cast.business, member(cast), TUESDAY, now=MONDAY_8).visits] == [
        booked.code
    ]


def test_the_summary_counts_in_the_same_statements_however_much_there_is(cast: Cast, monkeypatch: Any) -> None:
    actor = member(cast)
    few = statements(monkeypatch, lambda: today.summary(cast.business, actor, TUESDAY_8))
    for hour in ("09:00", "10:00", "11:00"):
        cast.book(hour)
    stayed_away = cast.book("14:00")
    set_status(cast, stayed_away, "no_show")
    cast.book("09:00", TUESDAY + dt.timedelta(days=7))
    assert statements(monkeypatch, lambda: today.summary(cast.business, actor, TUESDAY_8)) == few
    stats = today.summary(cast.business, actor, TUESDAY_8).stats
    assert stats == today.Stats(today=4, week=4, to_confirm=0, new_clients=1, no_shows=1)


def statements(monkeypatch: Any, run: Any) -> int:
    """How many statements a look takes, once the offer is in memory."""
    run()
    seen: list[str] = []
    real = db.handle.obj.execute_sql

    def counted(sql: str, *args: Any, **more: Any) -> Any:
        seen.append(sql)
        return real(sql, *args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(db.handle.obj, "execute_sql", counted)
        run()
    return len(seen)
