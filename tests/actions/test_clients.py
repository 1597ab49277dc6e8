"""Clients are written down and corrected, by who may, with a trace; an address has one."""

import pytest

import db
from actions import clients
from actions.clients import ClientInput, EmailTaken
from actions.inputs import read
from errors import Invalid, NotAllowed, NotFound, StaleVersion
from lib.ids import uuid7
from models import Audit
from queries import clients as found
from tests.cast import MONDAY_8, Cast, make_business
from tests.staff import member

HELENE = {"name": "Hélène", "email": "Helene@Example.com", "phone": "0470 12 34 56", "notes": "Dos", "vip": True}


def typed(**values: object) -> ClientInput:
    return read(ClientInput, HELENE | values)


def test_a_client_is_written_down_corrected_and_found(cast: Cast) -> None:
    by = member(cast, "reception")
    made = clients.create(cast.business, by, typed(), now=MONDAY_8)
    assert (made.email, made.phone, made.vip) == ("helene@example.com", "+32470123456", True)
    changed = clients.change(cast.business, by, made.id, typed(name="Hélène Roy", email=None), now=MONDAY_8 + 5)
    assert found.find(cast.business, "roy 0470") == (changed,) == (found.by_id(cast.business, made.id),)
    clients.change(cast.business, by, made.id, typed(name="Hélène Roy", email=""), now=MONDAY_8 + 9)
    with db.reading(cast.id):
        told = [(row.action, row.by_user, row.data) for row in Audit.select().where(Audit.subject == made.id)]
    assert told == [
        ("client.created", by.user_id, {}), ("client.changed", by.user_id, {"fields": ["name", "email"]}),
    ]  # fmt: skip


def test_an_address_is_one_client_s_and_the_refusal_says_whose(cast: Cast) -> None:
    by = member(cast)
    first = clients.create(cast.business, by, typed(), now=MONDAY_8)
    other = clients.create(cast.business, by, typed(name="Ana", email=None), now=MONDAY_8)
    clients.create(cast.business, by, typed(name="Ana", email=None), now=MONDAY_8)
    for attempt in (
        lambda: clients.create(cast.business, by, typed(name="Autre"), now=MONDAY_8),
        lambda: clients.change(cast.business, by, other.id, typed(name="Ana"), now=MONDAY_8),
    ):
        with pytest.raises(EmailTaken) as refused:
            attempt()
        assert (refused.value.client_id, refused.value.values) == (first.id, {"name": "Hélène"})
    elsewhere = make_business()
    assert clients.create(elsewhere.business, member(elsewhere), typed(), now=MONDAY_8).email == first.email


def test_who_may_not_or_comes_too_late_changes_nothing(cast: Cast) -> None:
    made = clients.create(cast.business, member(cast), typed(), now=MONDAY_8)
    with pytest.raises(NotAllowed):
        clients.change(cast.business, member(cast, "read_only"), made.id, typed(name="X"), now=MONDAY_8)
    with pytest.raises(NotFound):
        clients.change(cast.business, member(cast), uuid7(), typed(), now=MONDAY_8)
    with pytest.raises(StaleVersion):
        clients.change(cast.business, member(cast), made.id, typed(name="X"), now=MONDAY_8, expected="0" * 16)
    with pytest.raises(Invalid) as refused:
        clients.create(cast.business, member(cast), typed(email=None, phone="12"), now=MONDAY_8)
    assert refused.value.code == "INVALID_PHONE"
    assert found.by_id(cast.business, made.id) == made
    fresh = found.version_of(made)
    assert (
        clients.change(cast.business, member(cast), made.id, typed(vip=False), now=MONDAY_8, expected=fresh).vip
        is False
    )
