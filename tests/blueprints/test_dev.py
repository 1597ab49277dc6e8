"""The mails of a development run, read in the browser; closed in production."""

import dataclasses
import re
import uuid

import pytest
import vobject
from flask.testing import FlaskClient

import db
from bookt import create_app
from config import Settings
from models import AccountMessage, Message
from tests.cast import MONDAY_8, Cast


@pytest.fixture(autouse=True)
def _own_outbox(cast: Cast) -> None:
    with db.door("outbox"):
        Message.everywhere().delete().execute()
    with db.platform():
        AccountMessage.delete().execute()


def test_the_list_names_each_mail_before_any_delivery(client: FlaskClient, cast: Cast) -> None:
    assert "Aucun mail" in client.get("/dev/mails").text
    cast.book()
    page = client.get("/dev/mails").text
    assert "Confirmé\u00a0: mar. 12 janv. à 09:00, Cabinet d’essai" in page
    assert "Nouveau rendez-vous\u00a0: mar. 12 janv. à 09:00, Jean Martin" in page
    assert page.count("· due") == 2


def test_one_mail_shows_its_text_with_a_link_that_can_be_followed(client: FlaskClient, cast: Cast) -> None:
    card = cast.book()
    page = client.get(_address(client, "client_confirmed")).text
    assert card.code in page
    assert re.search(rf'<a href="[^"]*/{cast.slug}/rdv/{card.code}\?cle=', page)


def test_the_html_is_shown_under_a_policy_of_its_own_and_the_calendar_as_such(client: FlaskClient, cast: Cast) -> None:
    cast.book()
    address = _address(client, "client_confirmed")
    html = client.get(f"{address}/html")
    assert html.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert "mardi 12 janvier 2027" in html.text
    calendar = client.get(f"{address}/rendez-vous.ics")
    assert calendar.mimetype == "text/calendar"
    assert vobject.readOne(calendar.text).vevent.dtstart.value.timestamp() == MONDAY_8 + 25 * 3600


def test_hostile_names_stay_text(client: FlaskClient, cast: Cast) -> None:
    cast.book(customer={"name": "<script>alert(1)</script>", "email": "x@example.com"})
    address = _address(client, "professional_confirmed")
    for path in ("/dev/mails", address, f"{address}/html"):
        assert "<script>alert" not in client.get(path).text


@pytest.mark.parametrize("tail", ["", "/html", "/rendez-vous.ics"])
def test_an_unknown_mail_is_not_found(client: FlaskClient, tail: str) -> None:
    assert client.get(f"/dev/mails/{uuid.uuid4()}{tail}").status_code == 404
    assert client.get(f"/dev/mails/none{tail}").status_code == 404


@pytest.mark.usefixtures("cast")
def test_production_does_not_know_these_pages(settings: Settings, client: FlaskClient, cast: Cast) -> None:
    cast.book()
    addresses = [
        "/dev/mails",
        *(_address(client, "client_confirmed") + tail for tail in ("", "/html", "/rendez-vous.ics")),
    ]
    production = dataclasses.replace(settings, bookt_env="production", public_url="http://localhost")
    closed = create_app(production).test_client()
    assert [closed.get(address).status_code for address in addresses] == [404] * 4


def _address(client: FlaskClient, template: str) -> str:
    found = re.search(
        rf'href="(/dev/mails/[0-9a-f-]+)">[^<]*</a><br>\s*<span[^>]*>[^<]*{template}', client.get("/dev/mails").text
    )
    assert found is not None
    return found[1]
