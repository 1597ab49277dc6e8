"""The team's pages: who joins, who leaves, who has access."""

import io
import re
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from tests.cast import MONDAY_8, Cast, make_business
from tests.staff import Staff, browser_of, member, staff


@pytest.fixture
def cast(app: Flask) -> Cast:
    return make_business(resources=2)


@pytest.fixture
def owner(app: Flask, cast: Cast) -> Staff:
    return staff(app, cast)


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


NEW = {"nom": "Ana Öz", "genre": "practitioner", "titre": "Kiné", "langues": ["fr", "tr"], "prestations": ["diag"]}


def test_a_person_joins_is_changed_and_stands_in_the_list(cast: Cast, owner: Staff) -> None:
    answer = owner.post("/equipe/nouveau", NEW)
    assert answer.headers["Location"].endswith("/equipe/ana-oz")
    page = text(owner.get("/equipe/ana-oz"))
    assert 'value="tr" checked' in page
    version = re.search(r'name="version" value="(\w+)"', page)
    assert version is not None
    changed = NEW | {"nom": "Ana", "prestations": ["diag", "urgence"], "version": version[1]}
    assert owner.post("/equipe/ana-oz", changed).status_code == 303
    listed = text(owner.get("/equipe"))
    assert ">Ana</a>" in listed
    assert "Kiné · 2 prestations" in listed
    assert owner.post("/equipe/ana-oz", changed).status_code == 412
    assert owner.post("/equipe/ana-oz/ordre", {"sens": "monter"}).status_code == 303
    assert [each.slug for each in cast.offer.resources] == ["r1", "ana-oz", "r2"]


def test_a_wrong_form_comes_back_as_typed(cast: Cast, owner: Staff) -> None:
    answer = owner.post("/equipe/nouveau", NEW | {"nom": " ", "titre": "Ostéopathe"})
    assert answer.status_code == 422
    assert "<title>Erreur" in text(answer)
    assert 'value="Ostéopathe"' in text(answer)
    table = owner.post("/equipe/nouveau", {"nom": "T9", "genre": "table", "places": "deux"})
    assert table.status_code == 422
    assert 'value="deux"' in text(table)
    assert len(cast.offer.resources) == 2


def test_a_portrait_is_shown_and_taken_away(owner: Staff) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (400, 400), "teal").save(picture, "PNG")
    picture.seek(0)
    sent = {"photo": (picture, "moi.png")}
    assert owner.post("/equipe/r1/photo", sent, content_type="multipart/form-data").status_code == 303
    assert "<img" in text(owner.get("/equipe/r1"))
    assert owner.post("/equipe/r1/photo/retirer").status_code == 303
    assert "<img" not in text(owner.get("/equipe/r1"))
    refused = owner.post(
        "/equipe/r1/photo", {"photo": (io.BytesIO(b"GIF89a"), "x.gif")}, content_type="multipart/form-data"
    )
    assert refused.status_code == 422
    assert "Choisissez une image JPEG, PNG ou WebP." in text(refused)


def test_before_one_leaves_bookings_are_given_to_someone_else(cast: Cast, owner: Staff) -> None:
    one, two = cast.book("09:00", resourceId="r1"), cast.book("10:00", resourceId="r1")
    page = text(owner.get("/equipe/r1/depart"))
    assert one.code in page
    assert "Confier à Praticien 2" in page
    assert owner.post("/equipe/r1/depart").status_code == 409
    answer = owner.post("/equipe/r1/depart", {"tous": "r2", f"pour-{two.code}": "annuler"})
    assert answer.status_code == 303
    listed = text(owner.get("/equipe"))
    assert "Un rendez-vous confié." in listed
    assert "Un rendez-vous annulé." in listed
    assert [each.slug for each in cast.offer.resources if each.active] == ["r2"]
    assert owner.post("/equipe/r1/retour").status_code == 303
    assert len([each for each in cast.offer.resources if each.active]) == 2


def test_who_leaves_alone_is_told_what_nobody_offers_any_more(app: Flask) -> None:
    alone = make_business(resources=1)
    page = text(staff(app, alone).get("/equipe/r1/depart"))
    assert "Prestation diag, Prestation urgence." in page


def test_access_is_given_changed_and_taken(app: Flask, cast: Cast, owner: Staff) -> None:
    assert owner.post("/equipe/acces", {"email": "lea@example.com", "role": "reception"}).status_code == 303
    page = text(owner.get("/equipe"))
    assert "lea@example.com" in page
    twice = owner.post("/equipe/acces", {"email": "lea@example.com", "role": "reception"})
    assert twice.status_code == 409
    assert "Une invitation attend déjà" in text(twice)
    revoke = re.search(r"/equipe/invitations/[0-9a-f-]+/retirer", page)
    assert revoke is not None
    assert owner.post(revoke[0].partition(cast.slug)[2] or revoke[0]).status_code == 303
    assert "lea@example.com" not in text(owner.get("/equipe#")).split('id="annonces"')[1].split('id="acces"')[1]
    wrong = owner.post("/equipe/acces", {"email": "lea", "role": "reception"})
    assert wrong.status_code == 422
    assert 'value="lea"' in text(wrong)

    other = member(cast, "reception")
    seen = browser_of(app, cast, other, now=MONDAY_8)
    role = {"role": "practitioner", "agenda": "r1"}
    assert owner.post(f"/equipe/acces/{other.user_id}", role).status_code == 303
    assert "agenda de Praticien 1" in text(owner.get("/equipe"))
    assert "n’ouvrira plus cet espace" in text(owner.get(f"/equipe/acces/{other.user_id}/retirer"))
    assert owner.post(f"/equipe/acces/{other.user_id}/retirer").status_code == 303
    assert seen.get("/equipe").status_code == 404


def test_the_last_owner_stays(cast: Cast, owner: Staff) -> None:
    page = text(owner.get("/equipe"))
    me = re.search(r"/equipe/acces/([0-9a-f-]{36})\"", page)
    assert me is not None
    answer = owner.post(f"/equipe/acces/{me[1]}", {"role": "admin"})
    assert answer.status_code == 409
    assert "garde au moins un propriétaire" in text(answer)


def test_invitations_wait_for_the_proof_and_roles_see_what_they_may(app: Flask, cast: Cast) -> None:
    waiting = staff(app, cast, "owner", proved=False)
    assert "confirmez d’abord votre adresse e-mail" in text(waiting.get("/equipe"))
    assert waiting.post("/equipe/acces", {"email": "lea@example.com", "role": "reception"}).status_code == 403
    reader = text(staff(app, cast, "reception").get("/equipe"))
    assert "Praticien 1" in reader
    assert "Qui a accès" not in reader
    assert "/equipe/nouveau" not in reader
