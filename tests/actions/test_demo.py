"""The demo businesses: made once, the same every time, with bookings to come."""

import datetime as dt

import pytest

import db
import migrations
from actions import demo
from models import Booking, Client
from queries.business import by_slug
from queries.offer import load
from tests.cast import MONDAY_8
from tests.conftest import new_database

DAY = 86_400


@pytest.fixture
def empty(engine: str, app: object, tmp_path_factory: pytest.TempPathFactory) -> object:
    """A database of its own, for the demo's fixed slugs; the handle goes back to the tests' afterwards."""
    ours = db.handle.obj
    with new_database(engine, tmp_path_factory.mktemp("demo")) as settings:
        migrations.migrate(settings)
        db.connect(settings)
        yield settings
        db.handle.obj.close()
        if engine == "postgresql":
            db.handle.obj.close_all()
        db.handle.initialize(ours)


def test_it_makes_two_businesses_once(empty: object) -> None:
    assert demo.load(now=MONDAY_8) == ["cabinet-delvaux", "marc-dupont-plomberie"]
    assert demo.load(now=MONDAY_8 + DAY) == []
    found = []
    for slug in ("cabinet-delvaux", "marc-dupont-plomberie"):
        business = by_slug(slug)
        offer = load(business)
        with db.reading(business.id):
            found.append(
                (
                    len(offer.resources),
                    len(offer.active_services),
                    Booking.select().count(),
                    Client.select().count(),
                )
            )
            assert all(row.starts_at.timestamp() > MONDAY_8 for row in Booking.select())
    assert found == [(3, 4, 6, 6), (1, 2, 2, 2)]


@pytest.mark.parametrize("days", range(7))
def test_on_every_weekday_it_finds_its_times(empty: object, days: int) -> None:
    demo.load(now=MONDAY_8 + days * DAY)
    business = by_slug("marc-dupont-plomberie")
    with db.reading(business.id):
        starts = sorted(row.starts_at for row in Booking.select())
    assert [start.hour for start in starts] == [9, 13]  # 10:00 and 14:00 in Paris, in winter
    assert all(start.weekday() < 5 for start in starts)
    assert starts[0] - dt.datetime.fromtimestamp(MONDAY_8 + days * DAY, dt.UTC) <= dt.timedelta(days=4)


def test_the_plumber_is_that_of_the_contract(empty: object) -> None:
    demo.load(now=MONDAY_8)
    offer = load(by_slug("marc-dupont-plomberie"))
    told = {
        s.slug: (
            s.duration_minutes,
            s.price_cents,
            s.deposit_bp,
            s.active,
            s.rules.before,
            s.rules.after,
            s.rules.step,
        )
        for s in offer.services
    }
    assert told == {
        "diag": (30, 4000, 3000, True, 0, 0, 30),
        "urgence": (45, 12000, 4000, True, 0, 0, 30),
        "entretien": (60, 9500, 3000, False, 0, 0, 30),
    }
    assert (offer.business.timezone, offer.business.notice_minutes, offer.business.horizon_days) == (
        "Europe/Paris",
        120,
        90,
    )


def test_a_time_that_is_taken_is_passed_over(empty: object) -> None:
    demo.load(now=MONDAY_8)
    business = by_slug("marc-dupont-plomberie")
    with db.writing(business.id):
        before = Booking.select().count()
    dupont = next(each for each in demo.every() if each.slug == "marc-dupont-plomberie")
    demo._book(business, dupont.bookings[:1], MONDAY_8)
    with db.reading(business.id):
        assert Booking.select().count() == before
