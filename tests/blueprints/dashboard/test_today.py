"""The page of the day, pressed with and without htmx; the bell; and what a look costs."""

import datetime as dt
import re
from typing import Any

import pytest
from flask import Flask

import db
from models import Booking, Membership
from queries.booking import BookingCard
from tests.cast import MONDAY_8, TUESDAY, Cast, Clock, make_business
from tests.pages import plain
from tests.staff import browser_of, member, staff

HOUR = 3600
TUESDAY_8 = MONDAY_8 + 24 * HOUR
HTMX = {"HX-Request": "true"}
OTHER = {"customer": {"name": "Ana Pires", "email": "ana@example.com"}}


@pytest.fixture(autouse=True)
def _on_tuesday(clock: Clock, app: Flask) -> None:
    clock.now = TUESDAY_8


def status_of(cast: Cast, card: BookingCard) -> str:
    with db.reading(cast.id):
        return str(Booking.get(Booking.code == card.code).status)


def test_a_press_says_what_became_of_the_visit_and_can_be_taken_back(app: Flask, cast: Cast, clock: Clock) -> None:
    card, browser = cast.book("09:00"), staff(app, cast, now=TUESDAY_8)
    clock.now = TUESDAY_8 + HOUR + 60
    shown = browser.get().text
    assert "Attendu depuis 1\xa0min" in shown
    done = browser.post(f"/aujourdhui/{card.code}", {"status": "no_show"})
    assert (done.status_code, status_of(cast, card)) == (303, "no_show")
    after = browser.client.get(done.headers["Location"])
    assert "absence notée" in after.text
    assert re.search(rf'id="v-{card.code}" tabindex="-1" autofocus', after.text)
    back = browser.client.post(
        re.search(r'action="([^"]+/retour)"', after.text)[1], data={"csrf_token": browser.csrf}, headers=HTMX
    )
    part = browser.client.get(back.headers["Location"], headers=HTMX).text
    assert status_of(cast, card) == "confirmed"
    assert part.lstrip().startswith('<div id="annonces" role="status" hx-swap-oob="true">')
    assert "rétabli comme avant" in part
    assert "<html" not in part
    again = browser.get("", headers=HTMX).text
    assert "annonces" not in again  # what was said stays while nothing new is
    assert browser.post(f"/aujourdhui/{card.code}", {"status": "cancelled"}).status_code == 400


def test_a_request_is_confirmed_at_once_and_declined_after_a_word(app: Flask) -> None:
    cast = make_business(approves_by_hand=True)
    first, second = cast.book("09:00", now=TUESDAY_8), cast.book("10:00", now=TUESDAY_8)
    browser = staff(app, cast, now=TUESDAY_8)
    assert "2 rendez-vous, 2 à confirmer" in plain(browser.get().text)
    browser.post(f"/aujourdhui/{first.code}", {"status": "confirmed"})
    asked = browser.get(f"/aujourdhui/{second.code}/refus").text
    assert "recevra un e-mail" in asked
    assert status_of(cast, second) == "pending"
    assert browser.post(f"/aujourdhui/{second.code}/refus", {"reason": "x" * 2_001}).status_code == 422
    browser.post(f"/aujourdhui/{second.code}/refus", {"reason": "Complet"})
    assert (status_of(cast, first), status_of(cast, second)) == ("confirmed", "declined")
    late = browser.post(f"/aujourdhui/{second.code}", {"status": "confirmed"})
    assert "a changé entre-temps" in browser.client.get(late.headers["Location"]).text


def test_a_practitioner_presses_in_the_own_day_alone(app: Flask, cast: Cast) -> None:
    keys = {each.slug: each.id for each in cast.offer.resources}
    own, other = cast.book("09:00", resourceId="r1"), cast.book("09:00", resourceId="r2", **OTHER)
    browser = browser_of(app, cast, member(cast, "practitioner", resource_id=keys["r1"]), now=TUESDAY_8)
    assert "Ana Pires" not in browser.get().text
    assert browser.post(f"/aujourdhui/{other.code}", {"status": "arrived"}).status_code == 403
    assert browser.get(f"/aujourdhui/{other.code}/refus").status_code == 403
    browser.post(f"/aujourdhui/{own.code}", {"status": "arrived"})
    assert (status_of(cast, own), status_of(cast, other)) == ("arrived", "confirmed")


def test_an_empty_day_says_what_to_do_next(app: Flask, cast: Cast) -> None:
    empty = staff(app, cast, now=TUESDAY_8).get().text
    assert f"/{cast.slug}/qr.svg" in empty
    assert "Ajouter un rendez-vous" in empty
    reader = staff(app, cast, "read_only", now=TUESDAY_8)
    assert "Ajouter un rendez-vous" not in reader.get().text
    cast.book("09:00", TUESDAY + dt.timedelta(days=2), now=TUESDAY_8)
    later = reader.get().text
    assert "qr.svg" not in later
    assert "Jeudi 14 janvier, 09:00" in later
    assert "Jean Martin" in reader.get("?date=2027-01-14").text
    assert reader.get("?date=2027-99-14").status_code == 200


def test_the_bell_counts_until_all_is_seen(app: Flask, cast: Cast, clock: Clock) -> None:
    cast.book("09:00")
    browser = staff(app, cast, now=TUESDAY_8)
    assert "Nouveautés, 1" in browser.get("/clients").text
    assert "Jean Martin a réservé" in browser.get("/nouveautes").text
    browser.post("/nouveautes")
    assert "Nouveautés, 1" not in browser.get().text
    clock.now += 60
    cast.book("10:00", now=int(clock.now), **OTHER)
    assert "Nouveautés, 1" in browser.get().text
    with db.reading(cast.id):
        assert Membership.select().where(Membership.news_seen_at.is_null(False)).count() == 1


@pytest.mark.parametrize("path", ["", "/clients", "/nouveautes"])
def test_a_look_takes_eight_statements_at_most_however_much_there_is(
    app: Flask, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = make_business(resources=1, approves_by_hand=True)
    browser = staff(app, cast, now=TUESDAY_8)
    cast.book("09:00")
    few = statements(browser, path, monkeypatch)
    for number in range(9):
        person = {"customer": {"name": f"Client {number}", "email": f"c{number}@example.com"}}
        cast.book(f"{9 + number % 3:02}:30", TUESDAY + dt.timedelta(days=number // 3), **person)
    assert statements(browser, path, monkeypatch) == few <= 8


def statements(browser: Any, path: str, monkeypatch: pytest.MonkeyPatch) -> int:
    browser.get(path)
    seen: list[str] = []
    real = db.handle.obj.execute_sql

    def counted(sql: str, *args: Any, **more: Any) -> Any:
        seen.append(sql)
        return real(sql, *args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(db.handle.obj, "execute_sql", counted)
        assert browser.get(path).status_code == 200
    return len(seen)
