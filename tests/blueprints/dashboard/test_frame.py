"""Entering the pages of a business: signed in, with a part in it, and with a role that may."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.cast import Cast, make_business
from tests.staff import api, staff

PAGES = ("", "/agenda", "/clients", "/prestations", "/horaires", "/equipe", "/site", "/reglages")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_for_its_owner(app: Flask, cast: Cast, path: str) -> None:
    answer = staff(app, cast).get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", PAGES)
def test_nobody_enters_without_signing_in(client: FlaskClient, cast: Cast, path: str) -> None:
    for slug in (cast.slug, "no-such-business"):
        answer = client.get(f"/pro/{slug}{path}")
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/connexion?suite=")


def test_another_business_is_as_if_it_were_not_there(app: Flask, cast: Cast) -> None:
    browser, other = staff(app, cast), make_business()
    foreign = browser.client.get(f"/pro/{other.slug}")
    unknown = browser.client.get("/pro/no-such-business")
    assert foreign.status_code == unknown.status_code == 404


def test_the_api_knows_its_token(app: Flask, cast: Cast, client: FlaskClient) -> None:
    assert client.get("/api/nothing").status_code == 401
    assert api(app, cast).open("/nothing").status_code == 404
