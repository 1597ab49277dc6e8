"""An address that a business had before leads to the present one for ever."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

import db
from actions.business import change_slug
from models import Business
from tests.cast import MONDAY_8, Cast, body, make_business
from tests.staff import browser_of, member


@pytest.fixture
def old(cast: Cast) -> str:
    """The slug that `cast` had until now, through two changes."""
    first, owner = cast.slug, member(cast)
    change_slug(cast.business, owner, f"{first}-b", now=MONDAY_8)
    change_slug(cast.business, owner, f"{first}-c", now=MONDAY_8)
    return first


PATHS = (
    "/{}", "/{}/rdv?prestation=diag&avec=r1", "/{}/mentions-legales?lang=nl", "/{}/qr.svg", "/{}.md", "/{}/og.png",
    "/embed/{}/rdv?prestation=diag", "/{}/api/services", "/api/public/{}/slots?serviceId=diag&date=2027-01-12",
    "/{}/rdv/AC-K7P2QX?cle=abc%2Bd",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_every_page_and_call_moves_with_its_query(client: FlaskClient, cast: Cast, old: str, path: str) -> None:
    for slug in (old, f"{old}-b"):
        answer = client.get(path.format(slug))
        assert answer.status_code == 301
        assert answer.headers["Location"] == path.format(cast.slug)
        assert answer.headers["Cache-Control"] in ("no-cache", "no-store")
    assert client.get(path.format(cast.slug)).status_code != 301


def test_a_call_that_changes_something_keeps_its_method(client: FlaskClient, cast: Cast, old: str) -> None:
    answer = client.post(f"/{old}/api/bookings", json=body())
    assert answer.status_code == 308
    assert client.post(answer.headers["Location"], json=body()).status_code == 201


def test_off_line_it_is_as_if_it_were_not_there(client: FlaskClient, cast: Cast, old: str) -> None:
    with db.writing(cast.id):
        Business.update(public=False).where(Business.id == cast.id).execute()
    for path in PATHS[:-1]:
        moved, unknown = client.get(path.format(old)), client.get(path.format("nobody-has-this"))
        assert moved.status_code == unknown.status_code == 404
        assert "Location" not in moved.headers
        assert cast.slug.encode() not in moved.data


def test_who_works_there_is_led_on_and_nobody_else(app: Flask, cast: Cast, old: str) -> None:
    inside = browser_of(app, cast, member(cast))
    answer = inside.client.get(f"/pro/{old}/agenda?vue=semaine")
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"/pro/{cast.slug}/agenda?vue=semaine"
    stranger = browser_of(app, other := make_business(), member(other))
    assert stranger.client.get(f"/pro/{old}/agenda").status_code == 404
    assert app.test_client().get(f"/pro/{old}/agenda").status_code == 303
