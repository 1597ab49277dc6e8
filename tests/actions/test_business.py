"""A new business: what it is given, what its profession brings along, and that it can be booked at once."""

import uuid
from typing import Any

import peewee
import pytest

import db
import sectors
from actions import business
from lib.languages import LANGUAGES
from models import Business, OpeningRule
from queries.content import load as content_of
from tests.cast import Cast


@pytest.fixture(autouse=True)
def _database(app: object) -> None:
    """A business is made in the tests' own."""


def values(sector: str = "physio", **more: Any) -> dict[str, Any]:
    tag = uuid.uuid4().hex[:10]
    return {
        "slug": f"b-{tag}", "name": "Cabinet Lenoir", "sector": sector, "timezone": "Europe/Brussels",
        "email": "a@lenoir.example", **more,
    }  # fmt: skip


def make(sector: str = "physio", **more: Any) -> Cast:
    return Cast(business.create(values(sector, **more), person="Anne Lenoir"))


@pytest.mark.parametrize("sector_id", sectors.ids())
def test_it_can_be_booked_at_once_in_every_profession(sector_id: str) -> None:
    cast, sector = make(sector_id), sectors.get(sector_id)
    assert [each.slug for each in cast.offer.active_services] == [each.slug for each in sector.services]
    assert all(cast.offer.able(each) for each in cast.offer.active_services)
    content = content_of(cast.business)
    assert len(content.specializations) == len(sector.specializations)
    assert len(content.values) == len(sector.values)
    assert [each.question for each in content.questions] == [each.question.fr for each in sector.questions]
    assert cast.business.accent == sector.accent
    service = sector.services[0]
    days = [hours for hours in sector.hours if 2 in hours.days]  # the first Tuesday of the tests
    if days and not sector.books_tables:
        assert cast.book(days[0].ranges[0][0], serviceId=service.slug).price_cents == service.price_cents


def test_its_page_speaks_before_the_owner_does() -> None:
    cast, sector = make("lawyer"), sectors.get("lawyer")
    card = cast.business
    assert (card.headline, card.lead) == (sector.headline.fr, sector.lead.fr)
    assert card.translations["nl"] == {"headline": sector.headline.nl, "lead": sector.lead.nl}
    assert set(card.translations) == {"nl", "en", "de"}
    person = cast.offer.resources[0]
    assert (person.name, person.title) == ("Anne Lenoir", "Avocat")
    assert person.translations["en"] == {"title": "Lawyer"}


def test_a_business_that_writes_dutch_starts_in_dutch() -> None:
    cast, sector = make("dentist", locale="nl"), sectors.get("dentist")
    assert cast.business.headline == sector.headline.nl
    assert set(cast.business.translations) == set(LANGUAGES) - {"nl"}
    service = cast.offer.active_services[0]
    assert service.name == sector.services[0].name.nl
    assert service.translations["fr"]["name"] == sector.services[0].name.fr
    assert content_of(cast.business).questions[0].translations["de"]["answer"] == sector.questions[0].answer.de


def test_what_is_given_wins_and_takes_its_translations_along() -> None:
    given = {"headline": "Chez Anne.", "translations": {"nl": {"headline": "Bij Anne."}}, "accent": "rose"}
    card = make("coach", **given).business
    sector = sectors.get("coach")
    assert (card.headline, card.accent, card.lead) == ("Chez Anne.", "rose", sector.lead.fr)
    assert card.translations["nl"] == {"headline": "Bij Anne.", "lead": sector.lead.nl}
    assert card.translations["en"] == {"lead": sector.lead.en}  # the sector's headline would contradict Anne's


def test_a_restaurant_opens_with_tables_and_no_person() -> None:
    cast = make("restaurant")
    assert {each.kind for each in cast.offer.resources} == {"table"}
    assert len(cast.offer.resources) == len(sectors.get("restaurant").rooms)


def test_the_hours_keep_the_pause() -> None:
    cast = make("physio")
    tuesday = [rule for rule in business_hours(cast) if rule[0] == 2]
    assert tuesday == [(2, 480, 740), (2, 780, 1140)]


def business_hours(cast: Cast) -> list[tuple[int, int, int]]:
    with db.reading(cast.id):
        return sorted((row.day_of_week, row.start_minutes, row.end_minutes) for row in OpeningRule.select())


def test_a_taken_address_leaves_nothing_behind() -> None:
    first = values("doctor")
    business.create(first, person="Anne Lenoir")
    with db.looking():
        before = Business.select().count()
    with pytest.raises(peewee.IntegrityError):
        business.create(first, person="Anne Lenoir")
    with db.looking():
        assert Business.select().count() == before


def test_no_deposit_is_asked_where_the_rules_ask_none_and_the_usual_one_elsewhere() -> None:
    assert {each.deposit_bp for each in make("doctor").offer.services} == {0}
    plumber = sectors.get("plumber")
    asked = {each.slug: each.deposit_bp for each in make("plumber").offer.services}
    for service in plumber.services:
        wanted = plumber.rules.deposit.rate_bp if service.deposit_bp is None else service.deposit_bp
        assert asked[service.slug] == wanted


def test_the_clock_of_a_sector_may_pass_midnight() -> None:
    assert (business.minutes("08:30"), business.minutes("25:30")) == (510, 1530)
