"""The JSON-LD node: what schema.org's types take, made of what the page shows."""

from typing import Any

import pytest
from flask import Flask

import db
from models import MenuItem, OpeningRule, Resource, ScheduleException
from queries import api, schema_org
from queries.content import load
from tests.cast import MONDAY_8, Cast, make_business

AT = schema_org.Addresses(
    page="https://bookt.example/b", booking="https://bookt.example/b/rdv", picture="https://bookt.example/b/og.png"
)


def node(cast: Cast, language: str = "fr", at: schema_org.Addresses = AT) -> dict[str, Any]:
    found = api.mini_site(cast.offer, load(cast.business), MONDAY_8)
    return schema_org.business(found, at, language=language)


@pytest.fixture
def cast(app: Flask) -> Cast:
    return make_business(
        lead="Trois praticiens.", translations={"nl": {"lead": "Drie behandelaars."}},
        services={"diag": {"description": "Bilan", "place": "on_site", "price_cents": 3805}, "video": {"place": "video"}},
    )  # fmt: skip


def test_who_and_where(cast: Cast) -> None:
    found = node(cast)
    assert found["@context"] == "https://schema.org"
    assert found["@type"] == load(cast.business).sector.schema_type[0]
    assert found["name"] == "Cabinet d’essai"
    assert found["telephone"] == "+3225550142"
    assert found["url"] == AT.page
    assert found["image"] == AT.picture
    assert found["address"] == {
        "@type": "PostalAddress", "streetAddress": "Rue Haute 1", "postalCode": "1000", "addressLocality": "Bruxelles",
        "addressCountry": "BE",
    }  # fmt: skip
    assert [person["name"] for person in found["employee"]] == ["Praticien 1", "Praticien 2"]
    assert "aggregateRating" not in str(found)
    assert "review" not in str(found).lower()
    assert cast.business.email not in str(found)


def test_each_service_is_an_offer_with_its_price_and_its_door(cast: Cast) -> None:
    offers = node(cast)["hasOfferCatalog"]["itemListElement"]
    assert offers[0] == {
        "@type": "Offer", "price": "38.05", "priceCurrency": "EUR", "url": "https://bookt.example/b/rdv?prestation=diag",
        "itemOffered": {"@type": "Service", "name": "Prestation diag", "description": "Bilan"},
    }  # fmt: skip
    fixed = schema_org.Addresses(AT.page, f"{AT.booking}?lang=nl", AT.picture)
    assert node(cast, "nl", fixed)["hasOfferCatalog"]["itemListElement"][0]["url"].endswith(
        "/rdv?lang=nl&prestation=diag"
    )
    action = node(cast, "nl")["potentialAction"]
    assert action["@type"] == "ReserveAction"
    assert action["target"] == {"@type": "EntryPoint", "urlTemplate": AT.booking, "inLanguage": "nl"}


def test_texts_are_in_the_language(cast: Cast) -> None:
    assert node(cast, "nl")["description"] == "Drie behandelaars."
    assert node(cast, "de")["description"] == "Trois praticiens."


def test_hours_of_the_week_and_days_that_differ(cast: Cast) -> None:
    with db.writing(cast.id):
        OpeningRule.insert(day_of_week=6, start_minutes=1200, end_minutes=1500).execute()
        OpeningRule.insert(day_of_week=0, start_minutes=0, end_minutes=1440).execute()
        ScheduleException.insert(date="2027-01-20", kind="closure").execute()
        ScheduleException.insert(date="2027-01-21", kind="override", ranges=[[600, 720], [780, 900]]).execute()
    weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    kind = {"@type": "OpeningHoursSpecification"}
    hours = node(cast)["openingHoursSpecification"]
    assert kind | {"dayOfWeek": weekdays, "opens": "08:30", "closes": "12:00"} in hours
    assert kind | {"dayOfWeek": weekdays, "opens": "13:00", "closes": "18:00"} in hours
    assert kind | {"dayOfWeek": ["Saturday"], "opens": "20:00", "closes": "01:00"} in hours
    assert kind | {"dayOfWeek": ["Sunday"], "opens": "00:00", "closes": "23:59"} in hours
    special = [each for each in hours if "validFrom" in each]
    assert special == [
        kind | {"validFrom": "2027-01-20", "validThrough": "2027-01-20", "opens": "00:00", "closes": "00:00"},
        kind | {"validFrom": "2027-01-21", "validThrough": "2027-01-21", "opens": "10:00", "closes": "15:00"},
    ]


def test_who_comes_to_clients_says_where(app: Flask, cast: Cast) -> None:
    assert "areaServed" not in node(cast)
    visiting = make_business(services={"depannage": {"place": "at_client"}})
    assert node(visiting)["areaServed"] == {"@type": "City", "name": "Bruxelles"}


def test_a_menu_keeps_its_sections(cast: Cast) -> None:
    with db.writing(cast.id):
        MenuItem.insert(section="Entrées", name="Croquettes", price_cents=1450).execute()
        MenuItem.insert(section="Plats", name="Moules", position=1, price_cents=None).execute()
    sections = node(cast)["hasMenu"]["hasMenuSection"]
    assert [section["name"] for section in sections] == ["Entrées", "Plats"]
    assert sections[0]["hasMenuItem"][0]["offers"] == {"@type": "Offer", "price": "14.50", "priceCurrency": "EUR"}
    assert "offers" not in sections[1]["hasMenuItem"][0]


def test_what_is_not_known_is_left_out(app: Flask) -> None:
    bare = make_business(resources=0, phone=None, street="", town="", services={"ancien": {"active": False}})
    found = node(bare)
    absent = {"telephone", "address", "employee", "hasOfferCatalog", "potentialAction", "hasMenu", "areaServed"}
    assert absent.isdisjoint(found)
    with db.writing(bare.id):
        Resource.insert(slug="table", name="Table 1", kind="table").execute()
    assert "employee" not in node(bare)  # a table is nobody
