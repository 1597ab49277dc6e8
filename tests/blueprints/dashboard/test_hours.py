"""The hours page: the week as a form, days that differ, and no booking left outside unseen."""

import datetime as dt
import re
from typing import Any

import pytest
from flask import Flask

from queries import hours
from tests.cast import TUESDAY, Cast, make_business
from tests.staff import Staff, staff


@pytest.fixture
def cast(app: Flask) -> Cast:
    return make_business(resources=2, locale="fr", country="BE")


@pytest.fixture
def owner(app: Flask, cast: Cast) -> Staff:
    return staff(app, cast)


def fields(page: str) -> dict[str, str]:
    """What the form of the week would send: its times, rhythms and hidden values."""
    form = page[page.index('id="semaine"') : page.index('class="keep"')]
    sent = dict(re.findall(r'name="((?:[op]\d-\d+-\w+)|version|de)"[^>]*value="([^"]*)"', form))
    for name, options in re.findall(r'<select[^>]*name="([op]\d-\d+-rythme)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        sent[name] = chosen[1] if chosen else "1"
    return sent


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def opening(cast: Cast, day: int) -> list[tuple[int, int, int]]:
    rules = hours.week(cast.business).opening_rules
    return [(each.start_minutes, each.end_minutes, each.every_weeks) for each in rules if each.day_of_week == day]


def test_what_the_page_shows_is_what_it_saves(cast: Cast, owner: Staff) -> None:
    before = hours.week(cast.business).version
    assert owner.post("/horaires", fields(text(owner.get("/horaires")))).status_code == 303
    assert hours.week(cast.business).version == before


def test_buttons_change_the_form_and_only_saving_keeps_it(cast: Cast, owner: Staff) -> None:
    sent = fields(text(owner.get("/horaires")))
    page = owner.post("/horaires", sent | {"faire": "ajouter:o:6"})
    assert 'name="o6-0-debut" value="09:00"' in text(page)
    sent = fields(text(owner.post("/horaires", fields(text(page)) | {"faire": "copier:6", "copier-6": "0"})))
    sent = fields(text(owner.post("/horaires", sent | {"faire": "retirer:p:1:0"})))
    assert opening(cast, 6) == opening(cast, 0) == []
    assert owner.post("/horaires", sent | {"o6-0-rythme": "2:2027-01-18"}).status_code == 303
    assert opening(cast, 6) == [(540, 780, 2)]
    assert opening(cast, 0) == [(540, 780, 1)]
    assert [each.day_of_week for each in hours.week(cast.business).break_rules] == [2, 3, 4, 5]
    assert "1 semaine sur 2, dès le lun. 18 janv." in text(owner.get("/horaires"))


def test_htmx_gets_the_week_alone(owner: Staff) -> None:
    part = owner.post("/horaires", {"faire": "type:coupure"}, headers={"HX-Request": "true"})
    assert "<html" not in text(part)
    assert 'name="o1-1-fin" value="18:00"' in text(part)


def test_an_end_past_midnight_is_the_next_day_s(cast: Cast, owner: Staff) -> None:
    sent = {"o5-0-debut": "18:00", "o5-0-fin": "01:30", "p5-0-debut": "00:15", "p5-0-fin": "00:30"}
    assert owner.post("/horaires", sent).status_code == 303
    assert opening(cast, 5) == [(1080, 1530, 1)]
    assert [(each.start_minutes, each.end_minutes) for each in hours.week(cast.business).break_rules] == [(1455, 1470)]
    assert "Jusqu’au lendemain." in text(owner.get("/horaires"))


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"o1-0-debut": "09:00", "o1-0-fin": "12:00", "o1-1-debut": "11:00", "o1-1-fin": "13:00"}, "chevauche"),
        ({"o1-0-debut": "9 heures", "o1-0-fin": "12:00"}, "format HH:MM"),
        ({"o1-0-debut": "09:00", "o1-0-fin": "09:00"}, "la même heure"),
    ],
)
def test_a_crooked_week_stays_as_typed_with_the_error_beside(
    cast: Cast, owner: Staff, sent: dict[str, str], told: str
) -> None:
    before = hours.week(cast.business)
    answer = owner.post("/horaires", sent)
    assert answer.status_code == 422
    assert "<title>Erreur" in text(answer)
    assert told in text(answer)
    assert (
        fields(text(answer)).items() >= {name: value for name, value in sent.items() if "heures" not in value}.items()
    )
    assert hours.week(cast.business) == before


def test_a_week_changed_meanwhile_is_not_overwritten(cast: Cast, owner: Staff) -> None:
    sent = fields(text(owner.get("/horaires")))
    owner.post("/horaires", {"o1-0-debut": "10:00", "o1-0-fin": "12:00"})
    assert owner.post("/horaires", sent).status_code == 412
    assert opening(cast, 1) == [(600, 720, 1)]


def test_bookings_left_outside_are_shown_before_and_kept(cast: Cast, owner: Staff) -> None:
    booked = cast.book("17:00")
    sent = {"o2-0-debut": "08:30", "o2-0-fin": "12:00"}
    asked = owner.post("/horaires", sent)
    assert "Un rendez-vous tombe en dehors de ces horaires" in text(asked)
    assert booked.code in text(asked)
    assert len(opening(cast, 1)) == 1
    back = owner.post("/horaires", sent | {"faire": "revoir"})
    assert fields(text(back))["o2-0-fin"] == "12:00"
    assert owner.post("/horaires", sent | {"garder": "oui"}).status_code == 303
    assert (opening(cast, 1), opening(cast, 2)) == ([], [(510, 720, 1)])
    assert [each.code for each in hours.to_come(cast.offer, 0)] == [booked.code]


def test_a_person_gets_hours_of_their_own_and_gives_them_back(cast: Cast, owner: Staff) -> None:
    assert "Suit les horaires de l’établissement." in text(owner.get("/horaires?de=r1"))
    sent = fields(text(owner.get("/horaires?de=r1&propres=1")))
    assert sent["de"] == "r1"
    assert owner.post("/horaires", sent | {"o1-0-fin": "12:00"}).status_code == 303
    r1 = cast.offer.resource_by_slug("r1")
    assert hours.week(cast.business, r1).is_own
    assert owner.post("/horaires", {"de": "r1"}).status_code == 422
    assert owner.post("/horaires/suivre", {"de": "r1"}).status_code == 303
    assert not hours.week(cast.business, r1).is_own


def test_a_range_of_days_is_added_after_its_bookings_were_seen_and_taken_back(cast: Cast, owner: Staff) -> None:
    cast.book("09:00")
    sent = {"quoi": "ferme", "du": "2027-01-12", "au": "2027-01-15", "motif": "Congés"}
    assert "Un rendez-vous tombe en dehors" in text(owner.post("/horaires/jours", sent))
    assert hours.stretches(cast.offer, TUESDAY) == []
    assert owner.post("/horaires/jours", sent | {"garder": "oui"}).status_code == 303
    page = text(owner.get("/horaires"))
    assert "4 jours particuliers ajoutés." in page
    assert "Du mardi 12 janvier au vendredi 15 janvier" in page
    undo = re.search(r'name="ids" value="([^"]+)"', page)
    assert undo is not None
    owner.post("/horaires/jours/retirer", {"ids": undo[1]})
    assert hours.stretches(cast.offer, TUESDAY) == []
    again = re.findall(r'<div class="toast">.*?</div>', text(owner.get("/horaires")), re.DOTALL)[-1]
    owner.post("/horaires/jours", dict(re.findall(r'name="(\w+)" value="([^"]*)"', again)))
    assert len(hours.stretches(cast.offer, TUESDAY)[0].ids) == 4


def test_wrong_days_keep_what_was_typed(owner: Staff) -> None:
    answer = owner.post("/horaires/jours", {"quoi": "autres", "du": "2027-01-12", "debut": "14:00", "fin": "x"})
    assert answer.status_code == 422
    assert 'value="2027-01-12"' in text(answer)
    assert owner.post("/horaires/jours", {"quoi": "ferme", "du": "2020-01-01"}).status_code == 422


def test_holidays_are_suggested_and_those_decided_are_marked(cast: Cast, owner: Staff) -> None:
    page = text(owner.get("/horaires"))
    assert page.count('name="jour"') == 10
    assert owner.post("/horaires/feries", {"jour": ["2027-05-06", "2027-05-07"]}).status_code == 303
    (ascension,) = hours.stretches(cast.offer, TUESDAY)
    assert (ascension.kind, ascension.first, ascension.label) == ("holiday", dt.date(2027, 5, 6), "Ascension")
    assert text(owner.get("/horaires")).count('name="jour"') == 9


def test_closed_today_in_two_taps_with_an_undo(cast: Cast, owner: Staff) -> None:
    booked = cast.book("17:00", date=dt.date(2027, 1, 11))
    asked = text(owner.get("/horaires/fermer"))
    assert booked.code in asked
    assert owner.post("/horaires/fermer").status_code == 303
    (today,) = hours.stretches(cast.offer, dt.date(2027, 1, 11))
    assert (today.kind, today.first, today.last) == ("closure", dt.date(2027, 1, 11), dt.date(2027, 1, 11))
    assert "Rétablir" in text(owner.get("/horaires"))
    assert "déjà fermé" in text(owner.get("/horaires/fermer"))


def test_a_practitioner_has_the_own_hours_and_nobody_else_s(app: Flask, cast: Cast) -> None:
    r1 = cast.offer.resource_by_slug("r1")
    assert r1 is not None
    mine = staff(app, cast, "practitioner", resource_id=r1.id)
    page = text(mine.get("/horaires"))
    assert "Suit les horaires de l’établissement." in page
    assert "Praticien 2" not in page
    assert mine.get("/horaires?de=r2").status_code == 403
    assert mine.post("/horaires/jours", {"quoi": "ferme", "du": "2027-01-12", "de": "r2"}).status_code == 403
    assert mine.post("/horaires/fermer").status_code == 303
    assert [each.resource and each.resource.slug for each in hours.stretches(cast.offer, TUESDAY.replace(day=1))] == [
        "r1"
    ]
    assert mine.post("/horaires/feries", {"jour": "2027-05-06"}).status_code == 403
    lost = text(staff(app, cast, "practitioner").get("/horaires"))
    assert "Aucun agenda ne vous est encore attribué." in lost


def test_who_only_reads_sees_the_week_and_no_form(app: Flask, cast: Cast) -> None:
    page = text(staff(app, cast, "read_only").get("/horaires"))
    assert "08:30 – 18:00" in page
    assert "Enregistrer" not in page
    assert staff(app, cast).get("/horaires?de=inconnu").status_code == 404
