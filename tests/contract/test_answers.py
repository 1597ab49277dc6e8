"""The optional `answers` of a booking over JSON, under both prefixes; S3's own bodies stay good in every profession."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import db
import sectors
from models import Booking, Message
from tests.cast import Cast, body, make_business, question
from tests.contract.conftest import Api, error_of

pytestmark = pytest.mark.contract

FIELDS = [question("motif", required=True), question("weeks", "number", min=1), question("first", "boolean")]


@pytest.fixture
def asking(app: Flask) -> Cast:
    return make_business(form_fields=FIELDS)


@pytest.fixture(params=["/{}/api", "/api/public/{}"])
def api(request: pytest.FixtureRequest, client: FlaskClient, asking: Cast) -> Api:
    return Api(client, request.param.format(asking.slug))


def stored(cast: Cast) -> list[Any]:
    with db.reading(cast.id):
        return [row.answers for row in Booking.select()]


def test_answers_are_kept_and_no_answer_of_the_api_repeats_them(api: Api, client: FlaskClient, asking: Cast) -> None:
    given = {"motif": " dos ", "weeks": 3, "first": True, "unasked": [1]}
    answer = api.post("/bookings", body(answers=given))
    assert answer.status_code == 201
    assert stored(asking) == [{"motif": "dos", "weeks": 3, "first": True}]
    plain = Api(client, f"/{asking.slug}/api").post("/bookings", body("10:00"))
    assert plain.status_code == 201
    assert answer.json["booking"].keys() == plain.json["booking"].keys()
    assert "dos" not in answer.text


@pytest.mark.parametrize("given", [{}, {"motif": None}, {"motif": ""}, {"weeks": 2}])
def test_nothing_is_demanded(api: Api, given: dict[str, Any]) -> None:
    assert api.post("/bookings", body(answers=given)).status_code == 201


@pytest.mark.parametrize("sector", sectors.ids())
def test_a_body_as_s3_writes_it_is_good_in_every_profession(client: FlaskClient, sector: str) -> None:
    cast = make_business(sector=sector)
    assert Api(client, f"/{cast.slug}/api").post("/bookings", body()).status_code == 201
    assert stored(cast) == [None]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"motif": 1}, "answers.motif"), ({"motif": "x" * 301}, "answers.motif"), ({"motif": "\x00"}, "answers.motif"),
        ({"motif": {"a": 1}}, "answers.motif"), ({"weeks": "3"}, "answers.weeks"), ({"weeks": 0}, "answers.weeks"),
        ({"weeks": 1e400}, None), ({"first": "oui"}, "answers.first"), ([], "answers"), ("dos", "answers"),
        (None, "answers"), (3, "answers"),
    ],
)  # fmt: skip
def test_wrong_answers_are_400_and_name_their_field(api: Api, asking: Cast, given: Any, field: str | None) -> None:
    answer = api.post("/bookings", body(answers=given))
    assert error_of(answer) == (400, "INVALID_ANSWERS" if field else "INVALID_BODY")
    assert answer.json["error"].get("field") == field
    assert stored(asking) == []


def test_a_key_answers_once_and_other_answers_are_another_body(api: Api, asking: Cast) -> None:
    first = api.post("/bookings", body(answers={"motif": "dos"}), Idempotency_Key="k")
    again = api.post("/bookings", body(answers={"motif": "dos"}), Idempotency_Key="k")
    assert (first.status_code, first.data) == (again.status_code, again.data)
    other = api.post("/bookings", body(answers={"motif": "genou"}), Idempotency_Key="k")
    assert error_of(other) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert len(stored(asking)) == 1


def test_the_document_describes_them(app: Flask, client: FlaskClient) -> None:
    document = client.get("/api/openapi.json").json
    schema = document["components"]["schemas"]["BookingInput"]
    assert schema["properties"]["answers"]["type"] == "object"
    assert "answers" not in schema["required"]
    refusal = document["paths"]["/{slug}/api/bookings"]["post"]["responses"]["400"]
    assert "INVALID_ANSWERS" in refusal["description"]


@pytest.mark.parametrize(
    ("header", "locale"), [(None, "en"), ("nl-BE, fr;q=0.5", "nl"), ("es, de;q=0.1", "de"), ("es", "en"), ("*", "en")]
)
def test_the_mails_are_in_the_language_that_the_caller_accepts(
    client: FlaskClient, header: str | None, locale: str
) -> None:
    cast = make_business(locale="en")
    headers = {"Accept_Language": header} if header else {}
    assert Api(client, f"/{cast.slug}/api").post("/bookings", body(), **headers).status_code == 201
    with db.reading(cast.id):
        assert Booking.select().get().locale == locale
        assert {row.template: row.locale for row in Message.select()} == {
            "client_confirmed": locale, "professional_confirmed": "en",
        }  # fmt: skip
