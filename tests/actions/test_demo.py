"""The demo businesses: one per profession, complete, made once, the same every time, with bookings to come."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import db
import migrations
import models
import sectors
from actions import demo
from lib.languages import LANGUAGES
from models import Booking, Business, Client, MenuItem
from queries import availability, content
from queries.business import BusinessCard, by_slug
from queries.offer import Offer, load
from sectors import Misfit, Said
from tests.cast import MONDAY_8
from tests.conftest import new_database

DAY = 86_400
SLUGS = [each.slug for each in demo.every()]
OPEN_DAYS, WITHIN = 14, 28  # days


class Loaded:
    """A database of its own, for the demo's fixed slugs, loaded at `now`."""

    def __init__(self, handle: object, now: int, made: list[str]) -> None:
        self.handle, self.now, self.made = handle, now, made


@pytest.fixture(scope="module", params=(0, 5), ids=("monday", "saturday"))
def loaded(request: pytest.FixtureRequest, engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    ours, now = db.handle.obj, MONDAY_8 + request.param * DAY
    with new_database(engine, tmp_path_factory.mktemp("demo")) as settings:
        migrations.migrate(settings)
        db.connect(settings)
        handle = db.handle.obj
        yield Loaded(handle, now, demo.load(now=now))
        db.handle.initialize(handle)
        handle.close()
        if engine == "postgresql":
            handle.close_all()
        db.handle.initialize(ours)


@pytest.fixture
def there(app: object, loaded: Loaded) -> Iterator[Loaded]:
    """The handle on the demo's database for one test."""
    ours = db.handle.obj
    db.handle.initialize(loaded.handle)
    yield loaded
    db.release()
    db.handle.initialize(ours)


def test_it_makes_one_business_per_profession_and_makes_it_once(there: Loaded) -> None:
    assert there.made == SLUGS
    with db.looking():
        rows = [(row.slug, row.sector, row.revision) for row in Business.select().order_by(Business.slug)]
    assert sorted(sector for _, sector, _ in rows) == list(sectors.ids())
    assert {"cabinet-delvaux", "marc-dupont-plomberie", "chez-leon"} <= {slug for slug, _, _ in rows}
    assert demo.load(now=there.now + DAY) == []
    with db.looking():
        assert [(row.slug, row.sector, row.revision) for row in Business.select().order_by(Business.slug)] == rows


@pytest.mark.parametrize("slug", SLUGS)
def test_it_is_complete(there: Loaded, slug: str) -> None:
    business = by_slug(slug)
    offer, shown = load(business), content.load(business)
    assert all((business.headline, business.lead, business.bio, business.street, business.access, business.phone))
    assert business.identity["legal_name"]
    assert business.identity["siret" if business.country == "FR" else "enterprise_number"]
    assert 3 <= len(offer.services) <= 6
    assert len(shown.values) == 3
    assert 3 <= len(shown.questions) <= 5
    assert 4 <= len(shown.specializations) <= 6
    assert any(card.kind == "practitioner" and card.title and card.bio for card in offer.resources)
    with db.reading(business.id):
        assert models.Testimonial.select().count() == 0  # no client has given one
        assert (MenuItem.select().count() > 0) == (slug == "chez-leon")


@pytest.mark.parametrize("slug", SLUGS)
def test_it_speaks_every_language(there: Loaded, slug: str) -> None:
    business = by_slug(slug)
    others = set(LANGUAGES) - {business.locale}
    for language in others:
        assert {"headline", "lead", "bio"} <= set(business.translations[language])
    for service in load(business).services:
        assert {language for language in others if service.translations[language].get("name")} == others


@pytest.mark.parametrize("slug", SLUGS)
def test_its_pages_answer(there: Loaded, client: FlaskClient, slug: str) -> None:
    for language in LANGUAGES:
        assert client.get(f"/{slug}?lang={language}").status_code == 200
    assert client.get(f"/{slug}/rdv").status_code in (200, 302)


@pytest.mark.parametrize("slug", SLUGS)
def test_it_has_bookings_to_come(there: Loaded, slug: str) -> None:
    business = by_slug(slug)
    wanted = next(each.bookings for each in demo.every() if each.slug == slug)
    known = {field.key for field in sectors.get(business.sector).fields}
    with db.reading(business.id):
        starts = [row.starts_at.timestamp() for row in Booking.select()]
        assert Client.select().count() == len(starts)
    assert min(starts) > there.now
    assert max(starts) > there.now + 3 * DAY
    assert len(wanted) - 3 <= len(starts) <= len(wanted)  # those on days when the person is away are left out
    assert {key for each in wanted for key in each.answers} <= known


@pytest.mark.parametrize("slug", SLUGS)
def test_at_least_half_of_each_day_is_free(there: Loaded, slug: str) -> None:
    """Of the positions that a resource offers on a day, all its services together."""
    offer = load(by_slug(slug))
    positions: dict[tuple[str, dt.date], list[bool]] = defaultdict(list)
    for service in offer.active_services:
        for resource in offer.able(service):
            ask = availability.Ask(offer, service, there.now, party=resource.rules.min_seats, only=resource.id)
            for day in availability.span(ask, ask.today + dt.timedelta(days=1), ask.today + dt.timedelta(days=WITHIN)):
                if day.slots:
                    positions[resource.slug, day.date] += [slot.available for slot in day.slots]
    dates = sorted({date for _, date in positions})[:OPEN_DAYS]
    assert len(dates) == OPEN_DAYS
    shares = {key: sum(found) / len(found) for key, found in positions.items() if key[1] in dates}
    assert min(shares.values()) >= 0.5, {key: share for key, share in shares.items() if share < 0.5}
    assert min(shares.values()) < 1  # something is taken


def test_the_plumber_is_that_of_the_contract(there: Loaded) -> None:
    offer = load(by_slug("marc-dupont-plomberie"))
    told = {
        s.slug: (s.duration_minutes, s.price_cents, s.deposit_bp, s.active, s.rules.before, s.rules.after, s.rules.step)
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
    with db.reading(offer.business.id):
        starts = sorted(row.starts_at for row in Booking.select())
    assert [start.hour for start in starts[:2]] == [9, 13]  # 10:00 and 14:00 in Paris, in winter


def test_the_restaurant_seats_its_parties(there: Loaded) -> None:
    """Nine people need tables that join; a party of two stays longer than the lunch dish alone."""
    offer = load(by_slug("chez-leon"))
    service, horizon = offer.service("table"), dt.timedelta(days=WITHIN)
    seats = {card.slug: card.rules.seats for card in offer.resources if card.kind == "table"}
    assert sum(seats.values()) == 24
    today = offer.local_date(there.now)
    for party, minutes in ((2, 90), (4, 105), (6, 120), (9, 150)):
        ask = availability.Ask(offer, service, there.now, party=party)
        first = next(s for day in availability.span(ask, today, today + horizon) for s in day.slots if s.available)
        with db.reading(offer.business.id):
            placed = availability.place(ask, first.starts_at, availability.taken_around(ask, first.starts_at))
        assert (placed.ends_at - placed.starts_at) // 60 == minutes
        assert sum(seats[offer.resource(_uuid(offer, key)).slug] for key, _ in placed.claims) >= party


def _uuid(offer: Offer, key: str) -> object:
    return next(card.id for card in offer.resources if str(card.id) == key)


@pytest.mark.parametrize("days", range(7))
def test_from_every_weekday_it_finds_open_dates(there: Loaded, days: int) -> None:
    now = MONDAY_8 + days * DAY
    for slug, closed in (("marc-dupont-plomberie", {5, 6}), ("chez-leon", {0, 5, 6})):
        offer = load(by_slug(slug))
        dates = demo._open_weekdays(offer, now)[:8]
        assert dates == sorted(set(dates))
        assert not {date.weekday() for date in dates} & closed
        assert dt.timedelta(0) < dates[0] - offer.local_date(now) <= dt.timedelta(days=4)
        assert dates[7] - offer.local_date(now) <= dt.timedelta(days=15)


def test_a_time_that_is_taken_is_passed_over(there: Loaded) -> None:
    business = by_slug("marc-dupont-plomberie")
    dupont = next(each for each in demo.every() if each.slug == business.slug)
    before = _bookings_of(business)
    demo._book(business, dupont.bookings[:1], there.now)
    assert _bookings_of(business) == before


def _bookings_of(business: BusinessCard) -> int:
    with db.reading(business.id):
        return int(Booking.select().count())


GOOD = (demo.FOLDER / "claire-fontanel-coaching.toml").read_text()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (GOOD.replace("[business]", "[business]\nstars = 5"), "business.stars"),
        (GOOD.replace('person = "claire"', 'person = "camille"'), "nobody here is called camille"),
        (GOOD.replace("claire@claire-fontanel-coaching.example", "claire@gmail.com"), "business.email"),
        (GOOD.replace("days_ahead = 20", "days_ahead = -1"), "closures.0.days_ahead"),
        (GOOD + "[", "claire-fontanel-coaching.toml"),
    ],
)
def test_a_file_that_breaks_the_schema_is_refused_with_its_fault(tmp_path: Path, wrong: str, told: str) -> None:
    path = tmp_path / "claire-fontanel-coaching.toml"
    path.write_text(wrong)
    with pytest.raises(Misfit, match=told.replace(".", r"\.")):
        sectors.read(path, demo.DemoBusiness, slug=path.stem)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_texts_keep_to_the_typography_of_their_language(language: str) -> None:
    """Curly apostrophes, one space at a time, nothing shouted; French sets a space before : ; ? and the others none."""
    texts = [text for each in (*demo.every(), *sectors.every()) for text in _texts(each, language)]
    assert len(texts) > 400
    assert [text for text in texts if re.search(r"['\"!\u00a0\u202f]|  | [,.]", text)] == []
    misplaced = r"[^\s\d][:;?»](\s|$)|«\S" if language == "fr" else r"\s[:;?]"
    assert [text for text in texts if re.search(misplaced, text)] == []


def _texts(part: object, language: str) -> Iterator[str]:
    if isinstance(part, Said):
        yield part.in_(language)
    elif isinstance(part, sectors.Part):
        yield from (text for name in type(part).model_fields for text in _texts(getattr(part, name), language))
    elif isinstance(part, tuple):
        yield from (text for each in part for text in _texts(each, language))
