"""Réglages: each section by its own form, what risky ones say, and the way back."""

import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.cast import Cast
from tests.staff import Staff, staff


@pytest.fixture
def owner(app: Flask, cast: Cast) -> Staff:
    return staff(app, cast)


def test_a_section_saves_its_own_inputs_and_no_others(owner: Staff, cast: Cast) -> None:
    answer = owner.post("/reglages", {
        "section": "identite", "name": "Cabinet Nord", "email": "nord@example.com", "phone": "0470 12 34 56",
        "street": "", "postcode": "5000", "town": "Namur", "access": "", "country": "BE", "timezone": "Europe/Paris",
    })  # fmt: skip
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/pro/{cast.slug}/reglages#identite")
    card = cast.business
    assert (card.name, card.phone, card.street, card.town, card.shows_phone) == (
        "Cabinet Nord", "+32470123456", "", "Namur", False,
    )  # fmt: skip
    assert card.timezone == "Europe/Brussels"


def test_what_was_saved_can_be_taken_back(owner: Staff, cast: Cast) -> None:
    cast.book()
    owner.post("/reglages", {"section": "heure", "timezone": "Europe/Lisbon", "locale": "fr"})
    page = owner.get("/reglages").get_data(as_text=True)
    assert "Les rendez-vous pris gardent leur instant" in page
    toast = page[page.index('class="toast"') : page.index("Rétablir")]
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', toast))
    assert fields["timezone"] == "Europe/Brussels"
    owner.post("/reglages", {name: html.unescape(value) for name, value in fields.items() if name != "csrf_token"})
    assert cast.business.timezone == "Europe/Brussels"


def test_what_stays_as_it_is_says_so(owner: Staff, cast: Cast) -> None:
    revision = cast.business.revision
    owner.post("/reglages", {"section": "confirmation", "approvesByHand": ""})
    assert "Rien n’a changé." in owner.get("/reglages").get_data(as_text=True)
    assert cast.business.revision == revision


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"section": "identite", "name": "", "email": "a@example.com", "country": "BE"}, "Donnez un nom"),
        ({"section": "heure", "timezone": "Mars/Olympus", "locale": "fr"}, "Choisissez un fuseau horaire"),
        ({"section": "annulation", "cancellationPolicy.fullRefundHours": "24",
          "cancellationPolicy.partialRefundHours": "48", "cancellationPolicy.partialRefundRate": "50"},
         "Le remboursement entier"),
        ({"section": "limites", "clientLimits.perDay": "0"}, "Indiquez 1 ou plus."),
        ({"section": "adresse-web", "slug": "Pas bon"}, "Indiquez une adresse en minuscules"),
        ({"section": "adresse-web", "slug": "admin"}, "Cette adresse est déjà prise"),
    ],
)  # fmt: skip
def test_an_error_names_the_fix(owner: Staff, cast: Cast, typed: dict[str, str], said: str) -> None:
    answer = owner.post("/reglages", typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert "<title>Erreur" in page
    assert cast.business.name == "Cabinet d’essai"


def test_an_old_address_goes_on_leading_here(owner: Staff, cast: Cast, client: FlaskClient) -> None:
    old = cast.slug
    answer = owner.post("/reglages", {"section": "adresse-web", "slug": f"{old}-neuf"})
    assert answer.headers["Location"] == f"/pro/{old}-neuf/reglages#adresse-web"
    assert client.get(f"/{old}").headers["Location"].endswith(f"/{old}-neuf")


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (("48", "24", "50"), "Annulation gratuite jusqu’à 48\xa0h avant. Ensuite, jusqu’à 24\xa0h avant, "
         "50\xa0% de l’acompte sont rendus. Plus tard, l’acompte reste dû."),
        (("72", "72", "50"), "Annulation gratuite jusqu’à 3 jours avant. Plus tard, l’acompte reste dû."),
        (("24", "0", "25"), "Annulation gratuite jusqu’à 24\xa0h avant. Ensuite, jusqu’au début, "
         "25\xa0% de l’acompte sont rendus."),
        (("0", "0", "0"), "Annulation gratuite jusqu’au début du rendez-vous."),
        (("12", "24", "50"), "Indiquez des heures entières"),
    ],
)  # fmt: skip
def test_the_sentence_of_the_client_follows_the_typing(owner: Staff, hours: tuple[str, ...], said: str) -> None:
    names = ("fullRefundHours", "partialRefundHours", "partialRefundRate")
    asked = {f"cancellationPolicy.{name}": value for name, value in zip(names, hours, strict=True)}
    text = re.sub(r"<[^>]+>", "", owner.get("/reglages/phrase", query_string=asked).get_data(as_text=True))
    assert said in re.sub(r"[ \n]+", " ", text)


def test_the_business_starts_from_the_questions_of_its_profession(app: Flask, cast: Cast, owner: Staff) -> None:
    here = "/reglages/questions"
    owner.post(here, {"acte": "enregistrer", "label": "Comment nous avez-vous connus ?", "type": "text"})
    own = cast.business.form_fields
    assert own is not None
    assert own[-1]["key"] == "comment_nous_avez_vous_connus"
    owner.post(here, {"acte": "metier"})
    assert [row["key"] for row in cast.business.form_fields or [] if row.get("archived")] == [own[-1]["key"]]


@pytest.mark.parametrize("role", ["practitioner", "reception", "read_only"])
def test_who_does_not_lead_sees_no_settings(app: Flask, cast: Cast, role: str) -> None:
    browser = staff(app, cast, role)
    for path in ("/reglages", "/reglages/questions", "/reglages/historique", "/reglages/phrase"):
        assert browser.get(path).status_code == 403
    assert browser.post("/reglages", {"section": "confirmation", "approvesByHand": "oui"}).status_code == 403
