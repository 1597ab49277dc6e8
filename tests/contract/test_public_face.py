"""`GET /api/public/{slug}`: what the mini-site shows, as JSON, in the language that is asked for."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

import db
import models
from models import BusinessValue, MenuItem, Question, Resource, ScheduleException, Specialization
from tests.cast import Cast, make_business
from tests.contract.conftest import error_of

pytestmark = pytest.mark.contract

NL = {"nl": {"bio": "Sinds 2009.", "headline": "Weer bewegen."}}
FIELDS = [
    {
        "key": "plate", "type": "text", "required": True, "max_length": 12,
        "label": {"fr": "Plaque", "nl": "Nummerplaat", "en": "Number plate", "de": "Kennzeichen"},
    },
    {
        "key": "fuel", "type": "radio", "label": {"fr": "Moteur", "nl": "Motor", "en": "Engine", "de": "Motor"},
        "help": {"fr": "Si vous savez", "nl": "Als u het weet", "en": "If you know", "de": "Falls bekannt"},
        "options": [
            {"value": "petrol", "label": {"fr": "Essence", "nl": "Benzine", "en": "Petrol", "de": "Benzin"}},
            {"value": "diesel", "label": {"fr": "Diesel", "nl": "Diesel", "en": "Diesel", "de": "Diesel"}},
        ],
    },
    {
        "key": "km", "type": "number", "min": 0, "max": 999999,
        "label": {"fr": "Kilométrage", "nl": "Kilometerstand", "en": "Mileage", "de": "Kilometerstand"},
    },
]  # fmt: skip


@pytest.fixture
def full() -> Cast:
    made = make_business(
        bio="Depuis 2009.", headline="Retrouver le mouvement.", lead="Trois praticiens.", translations=NL,
        form_fields=FIELDS, identity={"national_number": "85.07.30-033.61", "enterprise_number": "0123.456.749"},
        frame_ancestors=["https://secret.example"],
    )  # fmt: skip
    with db.writing(made.id):
        Resource.update(title="Kiné", bio="Dos.", languages=["fr", "nl"], translations={"nl": {"bio": "Rug."}}).where(
            Resource.slug == "r1"
        ).execute()
        Specialization.insert(name="Dos", translations={"nl": {"name": "Rug"}}).execute()
        BusinessValue.insert(title="À l’heure", text="Toujours.", translations={"nl": {"title": "Op tijd"}}).execute()
        models.Testimonial.insert(author="Zoé", text="Merci.").execute()
        Question.insert(question="Où ?", answer="Ici.", translations={"nl": {"question": "Waar?"}}).execute()
        MenuItem.insert(section="Plats", name="Moules", description="Frites", price_cents=2450).execute()
        MenuItem.insert(section="Plats", name="Selon arrivage", position=1, price_cents=None).execute()
        ScheduleException.insert(date="2027-01-20", kind="closure", label="Congé").execute()
        ScheduleException.insert(date="2027-01-23", kind="override", ranges=[[600, 720], [780, 1500]]).execute()
        ScheduleException.insert(date="2027-01-17", kind="closure").execute()  # a Sunday, closed anyhow
        ScheduleException.insert(date="2027-02-10", kind="closure").execute()  # day 31
    return made


def face(client: FlaskClient, cast: Cast, query: str = "", **headers: str) -> Any:
    answer = client.get(f"/api/public/{cast.slug}{query}", headers=headers)
    assert answer.status_code == 200
    return answer.json


def test_it_carries_what_the_mini_site_shows(client: FlaskClient, full: Cast) -> None:
    found = face(client, full, "?lang=fr")
    assert (found["headline"], found["bio"]) == ("Retrouver le mouvement.", "Depuis 2009.")
    member = {"id": "r1", "name": "Praticien 1", "title": "Kiné", "bio": "Dos.", "languages": ["fr", "nl"]}
    assert found["team"][0] == member
    assert found["specializations"] == ["Dos"]
    assert found["values"] == [{"title": "À l’heure", "text": "Toujours."}]
    assert found["testimonials"] == [{"author": "Zoé", "text": "Merci."}]
    assert found["faq"] == [{"question": "Où ?", "answer": "Ici."}]
    assert found["menu"] == [
        {"section": "Plats", "name": "Moules", "description": "Frites", "priceCents": 2450},
        {"section": "Plats", "name": "Selon arrivage", "description": "", "priceCents": None},
    ]
    assert found["exceptions"] == [
        {"date": "2027-01-20", "label": "Congé", "ranges": []},
        {
            "date": "2027-01-23",
            "label": "",
            "ranges": [{"startMinutes": 600, "endMinutes": 720}, {"startMinutes": 780, "endMinutes": 1500}],
        },
    ]


def test_what_is_asked_of_clients_comes_with_its_labels(client: FlaskClient, full: Cast) -> None:
    plate, fuel, km = face(client, full, "?lang=de")["formFields"]
    assert plate == {"key": "plate", "type": "text", "label": "Kennzeichen", "required": True, "maxLength": 12}
    assert fuel["help"] == "Falls bekannt"
    assert fuel["options"][0] == {"value": "petrol", "label": "Benzin"}
    assert "maxLength" not in fuel
    assert (km["minimum"], km["maximum"]) == (0, 999_999)
    with_none = make_business(form_fields=[])
    assert face(client, with_none)["formFields"] == []


def test_texts_come_in_the_language_asked_for_where_there_is_one(client: FlaskClient, full: Cast) -> None:
    for query, headers in (("?lang=nl", {}), ("", {"Accept-Language": "nl-BE,fr;q=0.5"})):
        found = face(client, full, query, **headers)
        assert found["language"] == "nl"
        assert found["bio"] == "Sinds 2009."
        assert found["team"][0]["bio"] == "Rug."
        assert found["team"][0]["title"] == "Kiné"  # left as it was written
        assert found["specializations"] == ["Rug"]
        assert found["values"] == [{"title": "Op tijd", "text": "Toujours."}]
        assert found["faq"] == [{"question": "Waar?", "answer": "Ici."}]
    answer = client.get(f"/api/public/{full.slug}?lang=nl")
    assert answer.headers["Content-Language"] == "nl"
    assert "Accept-Language" in answer.headers["Vary"]
    assert face(client, full, "?lang=")["language"] == "fr"


def test_an_unknown_language_is_refused(client: FlaskClient, cast: Cast) -> None:
    for query in ("?lang=xx", "?lang=FR", "?lang=fr&lang=nl"):
        assert error_of(client.get(f"/api/public/{cast.slug}{query}")) == (400, "INVALID_LANG")


def test_testimonials_are_silent_where_the_profession_forbids_them(client: FlaskClient) -> None:
    """The stored words stay, the rules decide."""
    cast = make_business(sector="doctor")
    with db.writing(cast.id):
        models.Testimonial.insert(author="Zoé", text="Merci.").execute()
    assert face(client, cast)["testimonials"] == []


def test_nothing_private_is_told(client: FlaskClient, full: Cast) -> None:
    text = client.get(f"/api/public/{full.slug}").text
    with db.reading(full.id):
        keys = [str(row.id) for row in Resource.select()]
    private = (full.business.email, "85.07.30", "0123.456.749", "secret.example", str(full.id), *keys)
    assert [each for each in private if each in text] == []
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", text)


def test_search_engines_leave_it_alone(client: FlaskClient, cast: Cast) -> None:
    for path in (f"/api/public/{cast.slug}", f"/{cast.slug}/api/services"):
        assert client.get(path).headers["X-Robots-Tag"] == "noindex"
