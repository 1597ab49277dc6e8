"""The pages of the clients: found while a name is typed, written down, refused in words that help."""

from uuid import UUID

from flask import Flask

from queries import clients
from tests.cast import Cast, make_business
from tests.pages import plain
from tests.staff import staff

NADIA = {
    "name": "Nadia Bensaïd",
    "email": "nadia@example.com",
    "phone": "0470 12 34 56",
    "notes": "Épaule",
    "vip": "oui",
}


def test_a_client_is_written_down_corrected_and_found(app: Flask, cast: Cast) -> None:
    browser = staff(app, cast)
    made = browser.post("/clients/nouveau", NADIA)
    (client,) = clients.find(cast.business, "nadia")
    assert made.headers["Location"].endswith(f"/clients/{client.id}")
    shown = browser.get(f"/clients/{client.id}").text
    for said in ("Nadia Bensaïd", "tel:+32470123456", "Épaule", "VIP", f"nouveau?client={client.id}"):
        assert said in shown, said
    form = browser.get(f"/clients/{client.id}/modifier").text
    assert 'value="0470 12 34 56"' in form
    assert browser.post(f"/clients/{client.id}/modifier", NADIA | {"name": "Nadia B.", "vip": ""}).status_code == 303
    assert not clients.by_id(cast.business, client.id).vip
    for path in ("?q=0470123456", "?q=nadia+b", "?q=NADIA%40example"):
        assert "Nadia B." in browser.get(f"/clients{path}").text, path
    assert "Personne pour" in browser.get("/clients?q=zzz").text
    part = browser.get("/clients?q=nadia", headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div class="stack" id="liste"')


def test_what_is_wrong_is_said_beside_what_was_typed(app: Flask, cast: Cast) -> None:
    browser = staff(app, cast)
    browser.post("/clients/nouveau", NADIA)
    (known,) = clients.find(cast.business, "nadia")
    twice = browser.post("/clients/nouveau", NADIA | {"name": "Autre"})
    assert twice.status_code == 422
    assert "Cet e-mail est déjà celui de Nadia Bensaïd." in twice.text
    assert f"/clients/{known.id}" in twice.text
    wrong = browser.post("/clients/nouveau", {"name": " ", "email": "x", "notes": "gardé"})
    assert wrong.status_code == 422
    assert "<title>Erreur" in wrong.text
    for said in ("Indiquez un nom.", "Indiquez un e-mail", "gardé"):
        assert said in wrong.text, said
    assert "numéro de téléphone complet" in browser.post("/clients/nouveau", {"name": "Ana", "phone": "12"}).text
    reader = staff(app, cast, "read_only")
    assert reader.get("/clients/nouveau").status_code == 403
    assert reader.post("/clients/nouveau", NADIA).status_code == 403


def test_a_code_leads_to_its_booking_and_a_name_to_nobody_else(app: Flask, cast: Cast) -> None:
    card, browser = cast.book(), staff(app, cast)
    for typed in (card.code, card.code.lower()):
        assert browser.get(f"/clients?q={typed}").headers["Location"] == f"/pro/{cast.slug}/rendez-vous/{card.code}"
    live = browser.get(f"/clients?q={card.code}", headers={"HX-Request": "true"})
    assert live.headers["HX-Redirect"].endswith(card.code)
    elsewhere = staff(app, make_business())
    assert elsewhere.get(f"/clients?q={card.code}").status_code == 200
    (client,) = clients.find(cast.business, "jean")
    for path in (f"/clients/{client.id}", f"/clients/{client.id}/modifier", f"/clients/{UUID(int=1)}"):
        assert elsewhere.get(path).status_code == 404, path
    assert elsewhere.post(f"/clients/{client.id}/modifier", NADIA).status_code == 404


def test_a_record_and_the_list_tell_what_a_client_has_booked(app: Flask, cast: Cast) -> None:
    card, browser = cast.book(), staff(app, cast)
    (client,) = clients.find(cast.business, "jean")
    record = plain(browser.get(f"/clients/{client.id}").text)
    for said in ("Prochain rendez-vous", "Mardi 12 janvier, 09:00", "Prestation diag", "Praticien 1"):
        assert said in record, said
    assert "mar. 12 janv." in browser.get("/clients").text
    assert "Aucun client n’est marqué VIP" in browser.get("/clients?vip=oui").text
    assert card.code in browser.get(f"/clients/{client.id}").text
