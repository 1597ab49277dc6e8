"""Finding clients: by any word or digits, a page at a time, those of one business alone."""

import datetime as dt

import pytest

import db
from errors import NotFound
from lib.ids import uuid7
from lib.search import sought
from models import Booking, Client
from queries import clients
from tests.cast import MONDAY_8, TUESDAY, Cast, make_business


def add(cast: Cast, name: str, email: str = "", phone: str | None = None, **more: object) -> Client:
    values = {"sought": sought(name, email, phone)} | more
    with db.writing(cast.id):
        return Client.create(id=uuid7(), name=name, email=email, phone=phone, **values)


def names(cast: Cast, text: str) -> list[str]:
    return [each.name for each in clients.find(cast.business, text)]


def test_a_client_is_found_by_any_word_without_accents(cast: Cast) -> None:
    add(cast, "Hélène Ångström", "helene@example.com")
    add(cast, "Jean Martin", "jean@example.com")
    add(make_business(), "Hélène d’ailleurs")
    for text in ("helene", "ANGSTROM hél", "helene@exa"):
        assert names(cast, text) == ["Hélène Ångström"], text
    assert names(cast, "helene martin") == names(cast, "   ") == []
    assert names(cast, "100%") == names(cast, "_") == []  # no wildcard of ours


@pytest.mark.parametrize(
    "typed", ["0470 12 34 56", "+32 470 12 34", "0032470123456", "+32 (0)470/12.34.56", "12 34 56"]
)
def test_a_number_is_found_however_it_is_typed(cast: Cast, typed: str) -> None:
    add(cast, "Nadia", phone="+32470123456")
    add(cast, "Autre", phone="+32499000000")
    assert names(cast, typed) == ["Nadia"]


def test_rows_that_nothing_was_kept_for_are_found_all_the_same(cast: Cast) -> None:
    add(cast, "Paul Vieux", "paul@example.com", "+3225550142", sought="")
    for text in ("paul", "VIEUX", "paul@example.com", "02 555 01 42"):
        assert names(cast, text) == ["Paul Vieux"], text


def test_pages_follow_one_another_without_gap_or_repetition(cast: Cast) -> None:
    for number in range(7):
        add(cast, f"Client {number // 2}", vip=number == 3)
    seen, after = [], None
    while True:
        found = clients.page(cast.business, after=after, limit=3)
        seen += [each.id for each in found.clients]
        after = found.next
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 7
    assert [each.name for each in clients.page(cast.business, vip=True).clients] == ["Client 1"]
    add(cast, "Édith")
    add(cast, "alain")
    assert [each.name for each in clients.page(cast.business).clients][::8] == ["alain", "Édith"]
    assert clients.page(cast.business, after=uuid7()).clients == ()


def test_a_record_tells_visits_and_who_stayed_away(cast: Cast) -> None:
    past = cast.book("09:00")
    cast.book("10:00")
    client_id = clients.find(cast.business, "jean")[0].id
    with db.writing(cast.id):
        Booking.update(status="no_show").where(Booking.code == past.code).execute()
    now = MONDAY_8 + 25 * 3600 + 1800  # Tuesday 09:30
    found = clients.record(cast.offer, client_id, now=now)
    assert [each.start.hour for each in found.visits] == [10, 9]
    assert (found.standing.visits, found.standing.no_shows) == (0, 1)
    assert found.next is not None
    assert found.next.start == found.standing.next == dt.datetime.combine(TUESDAY, dt.time(10), cast.offer.zone)
    with pytest.raises(NotFound):
        clients.record(make_business().offer, client_id, now=now)
