"""A profession's questions on the pages, without a script: asked, refused in place, kept, shown; and the language that
a booking keeps from the first page to the last mail."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar

import db
from models import Booking, Message, Resource
from tests.cast import MONDAY_8, Cast, make_business, question
from tests.pages import Page, Visitor

NINE, TEN = "2027-01-12T09:00", "2027-01-12T10:00"
QUESTIONS = [
    question("motif", "textarea", required=True, help={each: f"aide {each}" for each in ("fr", "nl", "en", "de")}),
    question("zone", "select", options=("back", "knee")),
    question("side", "radio", options=("left", "right")),
    question("first_visit", "boolean"),
    question("adult", "boolean", required=True),
    question("weeks", "number", min=1),
    question("operated_on", "date"),
]
SAID = {
    "answers.motif": "Dos\nbloqué", "answers.zone": "knee", "answers.side": "left", "answers.first_visit": "oui",
    "answers.adult": "non", "answers.weeks": "3", "answers.operated_on": "2026-10-01",
}  # fmt: skip
KEPT = {
    "motif": "Dos\nbloqué", "zone": "knee", "side": "left", "first_visit": True, "adult": False, "weeks": 3,
    "operated_on": "2026-10-01",
}  # fmt: skip
WHO = {"name": "Zoé Lambert", "email": "zoe@example.be"}
TOLD = ("Dos bloqué", "knee fr", "left fr", "first_visit fr Oui", "adult fr Non", "weeks fr 3", "1er octobre 2026")


@pytest.fixture
def asking(app: Flask) -> Cast:
    """One service without a deposit, one with."""
    translations = {"nl": {"name": "Gratis"}}
    return make_business(
        services={"libre": {"deposit_bp": 0, "translations": translations}, "diag": {}}, form_fields=QUESTIONS
    )


@pytest.fixture
def visitor(client: FlaskClient, asking: Cast) -> Visitor:
    return Visitor(client, asking.slug)


def row(cast: Cast, status: str = "confirmed") -> Any:
    with db.reading(cast.id):
        return Booking.select().where(Booking.status == status).get()


def assert_told(page: Page) -> None:
    for said in TOLD:
        assert said in page.text, said


def test_each_type_has_its_input_with_label_help_and_whether_it_may_be_left(visitor: Visitor) -> None:
    page = visitor.hold(NINE, "libre")
    assert [name for name in page.ids if name.startswith("answers.")]
    for key in KEPT:
        assert f"{key} fr" in page.text
        assert f'id="answers.{key}"' in page.html
    assert re.search(r'<textarea[^>]* name="answers\.motif" required aria-describedby="answers\.motif-aide"', page.html)
    assert page.html.count("<fieldset") == page.html.count("<legend>") == 2  # the side, and the demanded yes or no
    assert page.html.count(" required") == 2 + 1 + 2
    assert page.text.count("(facultatif)") == 2 + 4
    assert "fields.css" in page.html


def test_nothing_is_asked_and_nothing_more_loaded_where_nobody_asks(client: FlaskClient, app: Flask) -> None:
    page = Visitor(client, make_business(form_fields=[]).slug).hold(NINE)
    assert "answers." not in page.html
    assert "fields.css" not in page.html


def test_wrong_and_missing_answers_are_told_in_place_with_all_else_and_nothing_is_lost(
    visitor: Visitor, asking: Cast
) -> None:
    form = visitor.hold(NINE, "libre").form("coordonnees")
    typed = SAID | {"answers.weeks": "beaucoup", "answers.zone": "head", "answers.adult": "", "name": " "}
    page = visitor.send(form, **WHO | typed)
    assert page.status == 422
    assert page.title.startswith("Erreur :")
    assert [link for link in page.links if link.startswith("#")][1:] == [
        "#name", "#answers.zone", "#answers.adult", "#answers.weeks",
    ]  # fmt: skip
    assert "Il reste 4 choses à corriger" in page.text
    for name in ("answers.zone", "answers.adult", "answers.weeks"):
        assert f"{name}-erreur" in page.ids
    again = page.form("coordonnees").values
    assert {name: again.get(name, "") for name in typed} == typed | {"answers.zone": ""}  # no such option to show
    assert row(asking, "held").answers is None


def test_answers_are_stored_and_shown_to_their_client(visitor: Visitor, asking: Cast) -> None:
    page = visitor.book(NINE, **SAID)
    assert "Rendez-vous confirmé" in page.text
    assert_told(page)
    assert row(asking).answers == KEPT


def test_with_a_deposit_they_are_checked_before_the_end(visitor: Visitor, asking: Cast) -> None:
    form = visitor.hold(NINE, "diag").form("coordonnees")
    assert visitor.send(form, **WHO).status == 422
    check = visitor.follow(visitor.send(form, **WHO | SAID))
    assert "Tout est juste" in check.text
    assert_told(check)
    assert_told(visitor.follow(visitor.send(check.form("verifier"))))
    assert row(asking).answers == KEPT


def test_the_last_click_cannot_skip_what_is_demanded(visitor: Visitor, asking: Cast) -> None:
    details = visitor.hold(NINE, "diag")
    partly = WHO | {"answers.side": "right"}
    visitor.send(details.form("coordonnees"), **partly, suite="moment")  # kept with the hold, complete or not
    page = visitor.post(details.form("coordonnees").action + "/verification", visitor_token(details))
    assert page.status == 422
    assert "Il reste 2 choses à corriger" in page.text
    assert page.form("coordonnees").values["answers.side"] == "right"
    assert row(asking, "held").answers == {"side": "right", "first_visit": False}


def test_answers_go_along_to_another_time(visitor: Visitor, asking: Cast) -> None:
    details = visitor.hold(NINE, "libre")
    back = visitor.follow(visitor.send(details.form("coordonnees"), **WHO | SAID, suite="moment"))
    moved = visitor.follow(visitor.send(back.form("creneaux"), debut=TEN))
    assert {name: moved.form("coordonnees").values[name] for name in SAID} == SAID


def test_answers_go_along_when_the_time_is_lost(client: FlaskClient, app: Flask) -> None:
    alone = make_business(resources=1, services={"libre": {"deposit_bp": 0}}, form_fields=QUESTIONS)
    visitor = Visitor(client, alone.slug)
    form = visitor.hold(NINE, "libre").form("coordonnees")
    with db.writing(alone.id):
        Booking.update(held_until=Booking.created_at).execute()
    alone.book(serviceId="libre", now=MONDAY_8 + 1)
    lost = visitor.send(form, **WHO | SAID)
    assert lost.status == 409
    near = lost.forms[0]
    again = visitor.follow(visitor.send(near, debut=near.buttons[0][1]))
    assert {name: again.form("coordonnees").values[name] for name in SAID} == SAID


def test_more_time_keeps_answers_right_or_wrong(visitor: Visitor) -> None:
    page = visitor.hold(NINE, "libre")
    form = page.form("coordonnees")
    extension = next(url for url in re.findall(r'formaction="([^"]+)"', page.html))
    kept = visitor.follow(visitor.post(extension, form.values | WHO | SAID))
    assert kept.form("coordonnees").values["answers.motif"].strip() == SAID["answers.motif"]


def test_hostile_answers_stay_text(visitor: Visitor) -> None:
    page = visitor.book(NINE, **SAID | {"answers.motif": "<script>alert(1)</script>{{ 7*7 }}"})
    assert "<script>alert" not in page.html
    assert "{{ 7*7 }}" in page.text


# --- the visitor's language ------------------------------------------------------------------------------------------


def test_the_language_of_the_address_is_kept_from_the_first_page_to_the_mails(visitor: Visitor, asking: Cast) -> None:
    page = visitor.get("/rdv?lang=nl&prestation=libre&avec=peu-importe&jour=2027-01-12")
    assert 'lang="nl-BE"' in page.html
    assert all("lang=" in link for link in page.links if "/rdv" in link and not link.startswith("http"))
    assert all("lang=nl" in form.action or form.values.get("lang") == "nl" for form in page.forms)
    held = visitor.follow(visitor.send(page.form("creneaux"), debut=NINE))
    assert "Gratis" in held.text
    assert "motif nl" in held.text
    booked = visitor.follow(visitor.send(held.form("coordonnees"), **WHO | SAID))
    assert "Dinsdag 12 januari" in booked.text
    assert "knee nl" in booked.text
    assert row(asking).locale == "nl"
    with db.reading(asking.id):
        assert {each.template: each.locale for each in Message.select()} == {
            "client_confirmed": "nl", "professional_confirmed": "fr",
        }  # fmt: skip


def test_the_browser_s_language_counts_and_a_switch_on_the_way_wins(visitor: Visitor, asking: Cast) -> None:
    page = visitor.get("/rdv?prestation=libre&avec=r1&jour=2027-01-12", **{"Accept-Language": "de, en;q=0.5"})
    form = page.form("creneaux")
    german = {"Accept-Language": "de"}
    answer = visitor.post(form.action, form.values | {"debut": NINE}, **german)
    assert row(asking, "held").locale == "de"
    held = visitor.get(answer.response.headers["Location"] + "?lang=en")
    assert visitor.send(held.form("coordonnees"), **WHO | SAID).status == 303
    assert row(asking).locale == "en"


def test_a_text_left_in_another_language_says_so(visitor: Visitor) -> None:
    page = visitor.get("/rdv?lang=de")
    assert '<span lang="fr">Prestation libre</span>' in page.html


@pytest.mark.parametrize(("discreet", "title"), [(False, "Prestation libre"), (True, "Discret")])
def test_calendars_keep_the_reason_of_a_visit_to_themselves_where_the_profession_does(
    client: FlaskClient, discreet_sector: str, discreet: bool, title: str
) -> None:
    cast = make_business(
        services={"libre": {"deposit_bp": 0}}, form_fields=QUESTIONS, sector=discreet_sector if discreet else "other"
    )
    visitor = Visitor(client, cast.slug)
    page = visitor.book(NINE, **SAID)
    google, outlook = ([link for link in page.links if host in link] for host in ("google", "outlook"))
    for link in (*google, *outlook):
        assert title.replace(" ", "+") in link
        assert ("Prestation" in link) != discreet
    file = visitor.get(next(link for link in page.links if link.endswith(".ics"))).html
    (event,) = Calendar.from_ical(file).walk("VEVENT")
    assert event["summary"] == f"{title}, Cabinet d’essai"
    assert not any(said in file for said in ("motif", "Dos", "knee"))


def test_who_books_tables_confirms_and_cancels_a_reservation(client: FlaskClient, discreet_sector: str) -> None:
    cast = make_business(services={"libre": {"deposit_bp": 0}}, form_fields=[], sector=discreet_sector)
    with db.writing(cast.id):
        Resource.update(kind="table", seats=2).execute()
    visitor = Visitor(client, cast.slug)
    page = visitor.hold(NINE, "libre")
    assert "Confirmer la réservation" in page.text
    page = visitor.follow(visitor.send(page.form("coordonnees"), **WHO))
    assert "Réservation confirmée" in page.text
    assert "Praticien 1" not in page.text  # a table is assigned by the house
    assert "Annuler la réservation" in visitor.get(f"/rdv/{row(cast).code}/annulation").text


def visitor_token(page: Page) -> dict[str, str]:
    return {"form_token": page.form("coordonnees").values["form_token"]}
