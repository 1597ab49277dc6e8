"""Prestations: the list, the editor, the questions, as they are used without JavaScript."""

from typing import Any

import pytest
from flask import Flask

from queries.asked import asked
from tests.cast import Cast, make_business
from tests.staff import Staff, staff

FORM = {
    "name": "Suivi", "durationMinutes": "45", "basePriceCents": "35,50", "depositRate": "12,5", "place": "video",
    "resourceIds": ["r1", "r2"], "capacity": "1",
}  # fmt: skip


@pytest.fixture
def owner(app: Flask, cast: Cast) -> Staff:
    return staff(app, cast)


def names(page: Any) -> list[str]:
    """The services in the order of the page."""
    text = page.get_data(as_text=True)
    found = {each: text.find(f"Prestation {each}") for each in ("diag", "urgence", "ancien")}
    return sorted((each for each, at in found.items() if at >= 0), key=lambda each: found[each])


def test_what_is_typed_in_euros_and_percent_is_kept_in_cents_and_basis_points(owner: Staff, cast: Cast) -> None:
    answer = owner.post("/prestations", FORM | {"translations.nl.name": "Opvolging", "slotStepMinutes": "15"})
    assert answer.status_code == 303
    card = cast.offer.service("suivi")
    assert (card.price_cents, card.deposit_bp, card.place, card.duration_minutes) == (3550, 1250, "video", 45)
    assert (card.translations, card.rules.step) == ({"nl": {"name": "Opvolging"}}, 15)
    page = owner.get("/prestations/suivi").get_data(as_text=True)
    assert 'value="35,50"' in page
    assert 'value="12,5"' in page
    assert owner.post("/prestations/suivi", FORM | {"basePriceCents": "40"}).status_code == 303
    card = cast.offer.service("suivi")
    assert (card.price_cents, card.rules.step) == (4000, 30), "an empty step is the business's again"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"basePriceCents": "trente"}, "Indiquez un prix en euros"),
        ({"basePriceCents": ""}, "Indiquez un prix en euros"),
        ({"durationMinutes": ""}, "Indiquez une durée en minutes"),
        ({"durationMinutes": "3"}, "Indiquez 5 ou plus."),
        ({"depositRate": "130"}, "Indiquez un pourcentage"),
        ({"name": ""}, "Donnez un nom"),
        ({"resourceIds": []}, "Choisissez au moins une personne"),
        ({"cancellationPolicy": "own", "cancellationPolicy.fullRefundHours": "12",
          "cancellationPolicy.partialRefundHours": "24", "cancellationPolicy.partialRefundRate": "50"},
         "Le remboursement entier"),
    ],
)  # fmt: skip
def test_an_error_names_the_fix_and_keeps_what_was_typed(
    owner: Staff, cast: Cast, typed: dict[str, Any], said: str
) -> None:
    answer = owner.post("/prestations", FORM | {"description": "Gardez ceci"} | typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert "<title>Erreur" in page
    assert "Gardez ceci" in page
    assert len(cast.offer.services) == 3


def test_up_and_down_without_and_with_htmx(owner: Staff, cast: Cast) -> None:
    answer = owner.post("/prestations/ordre", {"service": "urgence", "sens": "up"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/pro/{cast.slug}/prestations#p-urgence")
    assert names(owner.get("/prestations")) == ["urgence", "diag", "ancien"]
    part = owner.post("/prestations/ordre", {"service": "diag", "sens": "up"}, headers={"HX-Request": "true"})
    assert names(part) == ["diag", "urgence", "ancien"], "the part shows the new order"
    assert "<html" not in part.get_data(as_text=True)
    assert owner.post("/prestations/ordre", {"service": "diag", "sens": "x"}).status_code == 404
    assert owner.post("/prestations/ordre", {"service": "no", "sens": "up"}).status_code == 404


def test_archiving_says_what_stays_and_can_be_taken_back(owner: Staff, cast: Cast) -> None:
    cast.book()
    owner.post("/prestations/diag/archive")
    page = owner.get("/prestations").get_data(as_text=True)
    assert "Son rendez-vous à venir est maintenu." in page
    assert f'action="/pro/{cast.slug}/prestations/diag/remise"' in page
    owner.post("/prestations/diag/remise")
    assert cast.offer.service("diag").active


def test_an_empty_list_says_what_to_do(app: Flask) -> None:
    bare = make_business(services={"ancien": {"active": False}})
    page = staff(app, bare).get("/prestations").get_data(as_text=True)
    assert "Ajoutez ce que vos clients peuvent réserver" in page


def test_a_service_of_nobody_or_of_another_business_is_not_there(owner: Staff) -> None:
    other = make_business(services={"autre": {}})
    for path in ("/prestations/autre", "/prestations/autre/questions"):
        assert owner.get(path).status_code == owner.post(path, FORM).status_code == 404
    for path in ("/prestations/autre/archive", "/prestations/autre/remise"):
        assert owner.post(path).status_code == 404
    assert other.offer.service("autre").active


@pytest.mark.parametrize("role", ["practitioner", "reception", "read_only"])
def test_who_does_not_lead_reads_the_list_alone(app: Flask, cast: Cast, role: str) -> None:
    browser = staff(app, cast, role)
    page = browser.get("/prestations")
    assert page.status_code == 200
    assert "Modifier" not in page.get_data(as_text=True)
    assert browser.get("/prestations/diag").status_code == 403
    assert browser.post("/prestations/diag/archive").status_code == 403


def test_questions_are_written_moved_and_taken_back(owner: Staff, cast: Cast) -> None:
    here = "/prestations/diag/questions"

    def keys() -> list[str]:
        return [field.key for field in asked(cast.business, cast.offer.service("diag"))]

    before = keys()
    sport = {
        "acte": "enregistrer",
        "label": "Quel sport ?",
        "type": "radio",
        "options": "Course\nVélo",
        "required": "oui",
    }
    assert owner.post(here, sport).status_code == 303
    owner.post(here, {"acte": "enregistrer", "label": "Poids", "type": "number", "min": "20", "label.nl": "Gewicht"})
    assert keys() == [*before, "quel_sport", "poids"]
    owner.post(here, {"acte": "monter", "question": "poids"})
    assert keys() == [*before, "poids", "quel_sport"]
    owner.post(here, sport | {"question": "quel_sport", "options": "Course à pied\nVélo"})
    field = asked(cast.business, cast.offer.service("diag"))[-1]
    assert [(each.value, each.label.fr) for each in field.options] == [("course", "Course à pied"), ("velo", "Vélo")]
    assert field.required
    owner.post(here, {"acte": "retirer", "question": "quel_sport"})
    assert keys() == [*before, "poids"]
    assert "Quel sport" in owner.get(here).get_data(as_text=True), "the way back names it"
    owner.post(here, {"acte": "remettre", "question": "quel_sport"})
    assert keys() == [*before, "poids", "quel_sport"]
    page = owner.get(f"{here}?question=poids").get_data(as_text=True)
    assert 'value="Gewicht"' in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"label": "", "type": "text"}, "Écrivez la question"),
        ({"label": "Choix", "type": "select", "options": " \n"}, "Écrivez un choix par ligne"),
        ({"label": "Poids", "type": "number", "min": "beaucoup"}, "Ce champ attend un nombre entier."),
    ],
)
def test_a_question_that_cannot_be_is_refused(owner: Staff, typed: dict[str, str], said: str) -> None:
    answer = owner.post("/prestations/diag/questions", {"acte": "enregistrer"} | typed)
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
