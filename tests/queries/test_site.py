import datetime as dt

import db
from models import BreakRule, OpeningRule, Resource, ScheduleException
from queries.content import load as load_content
from queries.site import Special, front, look, menu
from tests.cast import MONDAY_8, Cast
from tests.showcase import restaurant

MORNING = (510, 720)


def seen(cast: Cast, now: int = MONDAY_8):
    return front(look(cast.offer, now))


def test_languages_and_places_are_named_once(cast: Cast) -> None:
    with db.writing(cast.id):
        Resource.update(languages=["fr", "nl"]).where(Resource.slug == "r1").execute()
        Resource.update(languages=["nl", "ar"]).where(Resource.slug == "r2").execute()
    found = seen(cast)
    assert found.languages == ("fr", "nl", "ar")
    assert found.places == ("on_site",)


def test_special_days_are_those_that_differ_within_thirty_days(cast: Cast) -> None:
    with db.writing(cast.id):
        ScheduleException.insert_many([
            {"date": "2027-01-20", "kind": "holiday", "label": "Fête", "ranges": []},
            {"date": "2027-01-20", "kind": "closure", "label": "", "ranges": []},
            {"date": "2027-01-16", "kind": "override", "label": "Portes ouvertes", "ranges": [[600, 720]]},
            {"date": "2027-01-17", "kind": "closure", "label": "dimanche", "ranges": []},
            {"date": "2027-02-20", "kind": "closure", "label": "trop loin", "ranges": []},
        ]).execute()  # fmt: skip
    assert seen(cast).special == (
        Special(dt.date(2027, 1, 16), ((600, 720),), "Portes ouvertes"),
        Special(dt.date(2027, 1, 20), (), "Fête"),
    )


def test_open_now_and_until_when(cast: Cast) -> None:
    ten = MONDAY_8 + 2 * 3600
    assert seen(cast, ten).opening.until == MONDAY_8 + 4 * 3600  # the pause at noon
    assert seen(cast).opening.since == MONDAY_8 + 1800
    with db.writing(cast.id):
        BreakRule.delete().execute()
        OpeningRule.delete().execute()
    assert seen(cast).opening == type(seen(cast).opening)(None, None)


def test_today_as_it_is_and_the_rest_as_usual(cast: Cast) -> None:
    with db.writing(cast.id):
        ScheduleException.insert_many([
            {"date": "2027-01-11", "kind": "override", "label": "", "ranges": [[600, 660]]},
            {"date": "2027-01-12", "kind": "closure", "label": "", "ranges": []},
        ]).execute()  # fmt: skip
    week = seen(cast).week
    assert week[0].ranges == ((600, 660),)
    assert week[1].ranges[0] == MORNING
    assert week[6].ranges == ()


def test_the_card_keeps_its_sections(app: object) -> None:
    cast = restaurant()
    sections = menu(load_content(cast.business))
    assert [(dishes[0].section, len(dishes)) for dishes in sections] == [("Entrées", 1), ("Plats", 2)]


def test_tables_are_no_team_and_a_large_party_needs_joined_ones(app: object) -> None:
    cast = restaurant()
    assert seen(cast).people == ()
    assert front(look(cast.offer, MONDAY_8, party=4)).next
    assert not front(look(cast.offer, MONDAY_8, party=5)).next
