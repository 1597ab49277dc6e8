"""The agenda and its bookings as pages: what each role sees, takes, moves, ends, and how few statements that costs."""

import datetime as dt
import re
import secrets
from typing import Any
from uuid import uuid4

import brotli
import pytest
from flask import Flask

import db
from lib import codes
from models import Booking, BusyBlock, Claim, Resource
from tests.blueprints.test_site import counted
from tests.cast import TUESDAY, Cast, make_business
from tests.staff import Staff, staff

DAY = f"/agenda?vue=jour&date={TUESDAY}"
WEEK = f"/agenda?vue=semaine&date={TUESDAY}"


def typed(**more: str) -> dict[str, str]:
    return {
        "prestation": "diag", "jour": TUESDAY.isoformat(), "heure": "09:00", "avec": "r1", "personnes": "",
        "client": "", "name": "Ida Morel", "email": "", "phone": "0470 12 34 56", "avertir": "oui",
    } | more  # fmt: skip


def bookings(cast: Cast) -> list[Any]:
    with db.reading(cast.id):
        return list(Booking.select().order_by(Booking.id))


def html(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


@pytest.mark.parametrize("path", [DAY, WEEK])
def test_the_agenda_shows_who_comes_when(app: Flask, cast: Cast, path: str) -> None:
    card = cast.book("09:00", resourceId="r1")
    page = html(staff(app, cast).get(path))
    assert f"/rendez-vous/{card.code}" in page
    assert "Jean Martin" in page
    assert "Praticien 1" in page
    assert "style=" not in page


def test_an_empty_week_says_what_to_do(app: Flask, cast: Cast) -> None:
    page = html(staff(app, cast).get(WEEK))
    assert "Rien de prévu cette semaine" in page
    assert f"/{cast.slug}" in page
    partial = staff(app, cast).get(WEEK, headers={"HX-Request": "true"})
    assert html(partial).lstrip().startswith('<div class="agenda"')


@pytest.mark.parametrize(
    "query", ["?date=2027-99-99", "?date=9999-12-31", "?vue=siecle", "?avec=personne", "?date=0001-01-01"]
)
def test_an_address_that_says_nonsense_shows_today(app: Flask, cast: Cast, query: str) -> None:
    answer = staff(app, cast).get(f"/agenda{query}")
    assert answer.status_code == 200


def test_a_practitioner_sees_the_own_agenda_alone(app: Flask, cast: Cast) -> None:
    mine, other = cast.book("09:00", resourceId="r1"), cast.book("10:00", resourceId="r2")
    own = cast.offer.resource_by_slug("r1")
    assert own
    browser = staff(app, cast, "practitioner", resource_id=own.id)
    for path in (DAY, WEEK, f"{DAY}&avec=r2"):
        page = html(browser.get(path))
        assert mine.code in page
        assert other.code not in page
        assert "Praticien 2" not in page
    for path in ("", "/annulation", "/refus", "/deplacement"):
        assert browser.get(f"/rendez-vous/{other.code}{path}").status_code == 404
    for path in ("etat", "retour", "note", "annulation", "refus", "deplacement"):
        assert browser.post(f"/rendez-vous/{other.code}/{path}", {"etat": "arrived"}).status_code == 404
    assert browser.post("/rendez-vous/nouveau", typed(avec="r2")).status_code == 403


def test_who_only_reads_is_offered_no_act(app: Flask, cast: Cast) -> None:
    card, reader = cast.book(), staff(app, cast, "read_only")
    assert "/rendez-vous/nouveau" not in html(reader.get(DAY))
    assert '<form method="post" action="/pro/' not in html(reader.get(f"/rendez-vous/{card.code}")).split("<main")[1]
    assert reader.get("/rendez-vous/nouveau").status_code == 403
    assert reader.post(f"/rendez-vous/{card.code}/annulation").status_code == 403


def test_the_statements_stay_few_and_the_page_light_however_full_the_week(app: Flask, cast: Cast) -> None:
    def look() -> tuple[int, bytes]:
        answer, seen = counted(lambda: browser.get(WEEK))
        return len([each for each in seen if "SELECT" in each]), answer.data

    browser = staff(app, cast)
    cast.book("09:00", resourceId="r1")
    browser.get(WEEK)
    few, _ = look()
    names = [secrets.token_hex(8) for _ in range(200)]  # nothing in them that packs well
    with db.writing(cast.id):
        row = Booking.select().first()
        for n, name in enumerate(names):
            start = row.starts_at + dt.timedelta(days=n % 4, minutes=n // 4 * 5)
            end, key = start + dt.timedelta(minutes=5), uuid4()
            values = row.__data__ | {"id": key, "code": codes.new_code(), "name": name, "starts_at": start}
            Booking.insert(values | {"ends_at": end}).execute()
            resource = cast.offer.resources[1].id
            Claim.insert(resource_id=resource, starts_at=start, ends_at=end, booking_id=key).execute()
    many, page = look()
    assert many == few <= 8
    assert all(name in page.decode() for name in names)
    assert len(brotli.compress(page, brotli.MODE_TEXT, 5)) <= 40_000


def test_three_actions_take_someone_who_calls(app: Flask, cast: Cast) -> None:
    browser = staff(app, cast, "reception")
    blank = html(browser.get(f"/rendez-vous/nouveau?debut={TUESDAY}T09:00&avec=r1"))
    assert f'value="{TUESDAY}"' in blank
    assert 'value="09:00"' in blank
    assert '<option value="r1" selected>' in blank
    answer = browser.post("/rendez-vous/nouveau", typed())
    assert answer.status_code == 303
    (row,) = bookings(cast)
    assert (row.name, row.source, row.status, row.phone) == ("Ida Morel", "phone", "confirmed", "+32470123456")
    found = html(browser.get("/rendez-vous/nouveau/clients?name=mor"))
    assert "Ida Morel" in found
    searched = html(browser.post("/rendez-vous/nouveau", typed(name="4701234", chercher="1")))
    key = re.findall(r'name="choisir" value="([^"]+)"', searched)[0]
    chosen = html(browser.post("/rendez-vous/nouveau", typed(choisir=key, heure="10:00")))
    assert f'name="client" value="{key}"' in chosen
    assert browser.post("/rendez-vous/nouveau", typed(client=key, name="", heure="10:00")).status_code == 303
    assert [str(each.client_id) for each in bookings(cast)] == [key, key]


def test_what_is_wrong_keeps_what_was_typed(app: Flask, cast: Cast) -> None:
    browser = staff(app, cast)
    answer = browser.post("/rendez-vous/nouveau", typed(name="", phone="12", heure="25:00"))
    assert answer.status_code == 422
    page = html(answer)
    assert "<title>Erreur" in page
    for name in ("name", "heure"):
        assert f'id="{name}-erreur"' in page
    assert 'value="12"' in page
    past = browser.post("/rendez-vous/nouveau", typed(jour="2027-01-04"))
    assert past.status_code == 422
    assert "Cette date est passée" in html(past)
    assert not bookings(cast)


def test_a_time_that_is_not_offered_is_explained_and_may_be_taken_all_the_same(app: Flask, cast: Cast) -> None:
    browser = staff(app, cast)
    answer = browser.post("/rendez-vous/nouveau", typed(heure="12:10"))
    assert answer.status_code == 409
    page = html(answer)
    assert "pause" in page
    assert "Prendre quand même" in page
    assert 'value="Ida Morel"' in page
    assert 'name="debut"' in page
    assert browser.post("/rendez-vous/nouveau", typed(heure="12:10", quand_meme="1")).status_code == 303
    taken = browser.post("/rendez-vous/nouveau", typed(heure="12:10"))
    assert "Prendre quand même" not in html(taken)  # what is claimed stays claimed
    near = browser.post("/rendez-vous/nouveau", typed(heure="12:10", debut=f"{TUESDAY}T14:00"))
    assert near.status_code == 303


def test_a_booking_tells_its_history_and_is_marked_step_by_step(app: Flask, cast: Cast, clock: Any) -> None:
    card, browser = cast.book("09:00"), staff(app, cast)
    page = html(browser.get(f"/rendez-vous/{card.code}"))
    assert 'name="etat"' not in page  # nobody arrives the day before
    assert browser.post(f"/rendez-vous/{card.code}/note", {"note": "Porte gauche"}).status_code == 303
    clock.now = card.start.timestamp()
    browser = staff(app, cast, now=int(clock.now))
    assert browser.post(f"/rendez-vous/{card.code}/etat", {"etat": "arrived"}).status_code == 303
    page = html(browser.get(f"/rendez-vous/{card.code}"))
    for words in ("Arrivé", "Porte gauche", "Note changée", "Confirmation", "jean@example.com", "Rétablir"):
        assert words in page, words
    assert browser.post(f"/rendez-vous/{card.code}/retour").status_code == 303
    assert bookings(cast)[0].status == "confirmed"
    assert browser.post(f"/rendez-vous/{card.code}/retour").status_code == 409
    assert browser.post(f"/rendez-vous/{card.code}/etat", {"etat": "held"}).status_code == 400
    assert browser.get("/rendez-vous/AC-ZZZZZZ").status_code == 404
    assert browser.get("/rendez-vous/nothing").status_code == 404


def test_a_cancellation_says_what_it_does_and_can_be_taken_back(app: Flask, cast: Cast) -> None:
    card, browser = cast.book("09:00"), staff(app, cast)
    with db.writing(cast.id):
        Booking.update(payment_status="captured").where(Booking.code == card.code).execute()
    asked = html(browser.get(f"/rendez-vous/{card.code}/annulation"))
    assert "12,00\xa0€" in asked
    assert "jean@example.com" in asked
    assert browser.post(f"/rendez-vous/{card.code}/annulation", {"reason": "Grippe"}).status_code == 303
    (row,) = bookings(cast)
    assert (row.status, row.refund_cents, row.cancel_reason) == ("cancelled", 1200, "Grippe")
    toast = html(browser.get(DAY))
    version = re.findall(r'name="version" value="(\w+)"', toast)[0]
    assert browser.post(f"/rendez-vous/{card.code}/retour", {"version": version}).status_code == 303
    assert bookings(cast)[0].status == "confirmed"
    assert browser.get(f"/rendez-vous/{card.code}/refus").status_code == 409


def test_a_request_is_declined_with_its_reason(app: Flask) -> None:
    cast = make_business(approves_by_hand=True)
    card, browser = cast.book("09:00"), staff(app, cast)
    assert "Refuser" in html(browser.get(f"/rendez-vous/{card.code}"))
    assert browser.post(f"/rendez-vous/{card.code}/refus", {"reason": "Complet"}).status_code == 303
    assert bookings(cast)[0].status == "declined"
    other = cast.book("10:00")
    assert browser.post(f"/rendez-vous/{other.code}/etat", {"etat": "confirmed"}).status_code == 303


def test_a_move_is_asked_back_then_done_then_taken_back(app: Flask, cast: Cast) -> None:
    card, browser = cast.book("09:00", resourceId="r1"), staff(app, cast)
    path = f"/rendez-vous/{card.code}/deplacement"
    assert f'value="{TUESDAY}T11:00"' in html(browser.get(f"{path}?jour={TUESDAY}"))
    asked = browser.post(path, {"debut": f"{TUESDAY}T11:00"})
    assert asked.headers["Location"].endswith(f"debut={TUESDAY}T11:00")
    sheet = html(browser.client.get(asked.headers["Location"]))
    assert "jean@example.com" in sheet
    assert 'name="confirmer"' in sheet
    assert bookings(cast)[0].starts_at == card.start
    moved = browser.post(path, {"debut": f"{TUESDAY}T11:00", "confirmer": "oui"})
    assert moved.headers["Location"].endswith(f"#b-{card.code}")
    assert bookings(cast)[0].status == "rescheduled"
    version = re.findall(r'name="version" value="(\w+)"', html(browser.get(DAY)))[0]
    assert browser.post(f"/rendez-vous/{card.code}/retour", {"version": version}).status_code == 303
    assert bookings(cast)[0].starts_at == card.start
    late = html(browser.get(f"{path}?debut={TUESDAY}T19:00"))
    assert 'value="quand_meme"' in late
    cast.book("10:00", resourceId="r1")
    lost = browser.post(path, {"debut": f"{TUESDAY}T10:00", "confirmer": "quand_meme"})
    assert lost.status_code == 409
    assert browser.post(path, {"debut": "hier", "confirmer": "oui"}).status_code == 400


def test_each_reason_leads_to_its_repair(app: Flask, cast: Cast) -> None:
    in_the_way, browser = cast.book("09:00", resourceId="r1"), staff(app, cast)

    def why(date: str, time: str, **more: str) -> str:
        query = "&".join(f"{name}={value}" for name, value in ({"prestation": "diag", "avec": "r1"} | more).items())
        return html(browser.get(f"/agenda/pourquoi?{query}&date={date}&heure={time}"))

    assert f"/rendez-vous/{in_the_way.code}" in why(str(TUESDAY), "09:00")
    closed = why("2027-01-17", "09:00")
    assert "/horaires?de=r1&amp;ouvrir=2027-01-17#jours" in closed
    assert "Prendre quand même" in closed
    assert 'value="2027-01-17"' in html(browser.get("/horaires?ouvrir=2027-01-17"))
    assert "/reglages#rythme" in why("2027-01-12", "09:10")
    assert "Cette heure est proposée" in why(str(TUESDAY), "11:00")
    assert "archivée" in why(str(TUESDAY), "11:00", prestation="ancien")
    assert "Indiquez un jour et une heure" in why("demain", "tôt")
    reader = staff(app, cast, "read_only")
    seen = html(reader.get("/agenda/pourquoi?prestation=diag&date=2027-01-17&heure=09:00"))
    assert "Fermé" in seen
    assert "Ouvrir ce jour" not in seen


def test_time_is_blocked_by_hand_and_given_back(app: Flask, cast: Cast) -> None:
    browser = staff(app, cast)
    day = TUESDAY.isoformat()
    form = {"avec": "r1", "jour": day, "heure": "14:00", "jusqu": day, "fin": "15:30", "motif": "Réunion"}
    assert browser.post("/agenda/bloquer", form).status_code == 303
    assert "Réunion" in html(browser.get(DAY))
    with db.reading(cast.id):
        block = BusyBlock.select().first()
    assert "Débloquer" in html(browser.get(f"/agenda/bloquer/{block.id}"))
    card = cast.book("16:00", resourceId="r1")
    refused = browser.post("/agenda/bloquer", form | {"heure": "15:45", "fin": "17:00"})
    assert refused.status_code == 409
    assert card.code in html(refused)
    assert browser.post("/agenda/bloquer", form | {"fin": "13:00"}).status_code == 422
    own = cast.offer.resource_by_slug("r2")
    assert own
    other = staff(app, cast, "practitioner", resource_id=own.id)
    assert other.get(f"/agenda/bloquer/{block.id}").status_code == 404
    assert other.post(f"/agenda/bloquer/{block.id}").status_code == 403
    assert browser.post(f"/agenda/bloquer/{block.id}").status_code == 303
    assert browser.post(f"/agenda/bloquer/{block.id}").status_code == 404


def test_a_group_session_lists_who_comes(app: Flask) -> None:
    cast = make_business(resources=1, services={"yoga": {"capacity": 5}})
    with db.writing(cast.id):
        Resource.update(units=5).execute()
    cast.book("10:00", serviceId="yoga")
    browser: Staff = staff(app, cast)
    page = html(browser.get(DAY))
    link = re.findall(r'href="([^"]+/seance[^"]+)"', page)[0].replace("&amp;", "&")
    assert "Jean Martin" in html(browser.client.get(link))
    assert browser.get("/agenda/seance?prestation=yoga&debut=x&avec=r1").status_code == 404
