"""Bad input: a clear 4xx in French, nothing stored, never a 500; what is odd but well-formed stays text."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.cast import Cast, body, make_business
from tests.contract.conftest import Api, error_of, rows
from tests.contract.test_s3 import move

pytestmark = pytest.mark.contract

DEEP = 100_000
NO_OBJECT = [
    b"", b" ", b"null", b"[]", b'"text"', b"12", b"true", b"{", b"{'a': 1}", b"a=1&b=2", b"\xff\xfe", b"\xef\xbb\xbf{}",
    '{"serviceId": "diag"}'.encode("utf-16"), b'{"a": NaN}', b'{"a": Infinity}', b'{"a": -Infinity}',
    b'{"a": {"b": 1, "b": 2}}', b'{"a": ' + b"9" * 5_000 + b"}", b"[" * DEEP, b'{"a": ' * DEEP, b'{"a": "\xc3\x28"}',
    b'{"a": ' + b"[" * 21 + b"]" * 21 + b"}", b"{}{}", b'{"a": "\x00"}', b'{"a": 1, "a": 2}',
]  # fmt: skip
WRONG = [None, 1, 1.5, True, [], {}, ["x"], "", "   ", "\u0000", "a\u0000b", "a\r\nb", "\ud800", "2\u20289", 10**400]
TIMES = [
    "24:00", "9:00", "09:0", "09:00:00", "09.00", " 09:00", "09:00 ", "09:60", "-9:00", "٠٩:٠٠", "09:00Z", 900, 9.0,
    None, "", "T09:00", "noon",
]  # fmt: skip
DATES = [
    "2027-1-12", "12/01/2027", "2027-02-29", "2027-13-01", "2027-00-10", "20270112", "2027-W02-2", "2027-01-12T09:00",
    " 2027-01-12", "2027-01-12\n", "0000-01-01", "10000-01-01", "٢٠٢٧-٠١-١٢", 20270112, None, "", "demain",
]  # fmt: skip
EMAILS = [
    "jean", "jean@", "@example.com", "jean@example", "jean@@example.com", "jean@exa mple.com", "a@b.c, d@e.f",
    "jean@example.com\r\nBcc: x@y.z", "jean@example.com\u0000", "x" * 250 + "@example.com", "jean@[127.0.0.1]", 7,
    "<jean@example.com>", "je\u2028an@example.com",
]  # fmt: skip
PHONES = ["call me", "+", "1", "+33 6 12 34 56 78 90 12 34 56", 33612345678, "x" * 40, "\u0000"]


@pytest.fixture
def unchanged(cast: Cast) -> Any:
    """Whatever the test sends, no table of the business gains or loses a row."""
    before = rows(cast)
    yield
    assert rows(cast) == before


@pytest.mark.parametrize("raw", NO_OBJECT, ids=range(len(NO_OBJECT)))
@pytest.mark.usefixtures("unchanged")
def test_a_body_that_is_no_object(api: Api, raw: bytes) -> None:
    for path in ("/bookings", "/bookings/AC-AAAAAA/cancel", "/bookings/AC-AAAAAA/reschedule"):
        answer = api.post(path, raw)
        assert error_of(answer) == (400, "INVALID_BODY")
        assert "field" not in answer.json["error"]


def test_the_content_type_counts_for_nothing(client: FlaskClient, cast: Cast) -> None:
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/json; charset=x",
    ):
        data = json.dumps(body()).encode()
        answer = client.post(f"/{cast.slug}/api/bookings", data=data, content_type=kind)
        assert answer.status_code in (201, 409)  # two practitioners: the third finds nobody
        wrong = client.post(f"/{cast.slug}/api/bookings", data=b"a=1", content_type=kind)
        assert error_of(wrong) == (400, "INVALID_BODY")


@pytest.mark.usefixtures("unchanged")
def test_a_body_that_is_too_large(api: Api) -> None:
    huge = json.dumps(body(message="x" * 1_000_000)).encode()
    for path in ("/bookings", "/bookings/AC-AAAAAA/cancel", "/bookings/AC-AAAAAA/reschedule"):
        assert error_of(api.post(path, huge)) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize("field", ["serviceId", "date", "time", "customer", "customer.name", "customer.email"])
@pytest.mark.usefixtures("unchanged")
def test_required_fields_of_wrong_kinds(api: Api, field: str) -> None:
    leaf = field.rpartition(".")[2]
    for value in WRONG:
        data = body()
        (data["customer"] if "." in field else data)[leaf] = value
        refused(api.post("/bookings", data), field, value)
    data = body()
    del (data["customer"] if "." in field else data)[leaf]
    refused(api.post("/bookings", data), field, "nothing")


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("notifications", [None, 1, "x", [], True]),
        ("notifications.email", [None, 1, 0, "true", [], {}]),
        ("notifications.sms", [None, 1, "yes"]),
        ("partySize", [None, 0, -1, 101, 1.5, "1", True, 10**30, float("1e300"), []]),
        ("fold", [None, 2, -1, "0", 0.5, True]),
        ("resourceId", [1, [], "r9", "x" * 64, "a\u0000"]),
        ("message", [1, [], "x" * 2_001, "a\u0000b", "\ud800", "a\u2028b"]),
        ("customer.phone", PHONES),
        ("customer.name", ["x" * 121, "a\tb"]),
        ("customer.email", EMAILS),
        ("time", TIMES),
        ("date", DATES),
    ],
)
@pytest.mark.usefixtures("unchanged")
def test_values_of_wrong_kinds(api: Api, field: str, values: list[Any]) -> None:
    for value in values:
        data = body()
        parent, _, leaf = field.rpartition(".")
        (data[parent] if parent else data)[leaf] = value
        refused(api.post("/bookings", data), field, value)


@pytest.mark.parametrize(("field", "values"), [("newDate", DATES), ("newTime", TIMES), ("email", EMAILS + WRONG)])
def test_moves_of_wrong_kinds(api: Api, cast: Cast, field: str, values: list[Any]) -> None:
    code = api.book()
    before = rows(cast)
    for value in values:
        refused(api.post(f"/bookings/{code}/reschedule", move("2027-01-13", "09:00") | {field: value}), field, value)
        if field == "email":
            refused(api.post(f"/bookings/{code}/cancel", {"email": value}), field, value)
    assert rows(cast) == before


@pytest.mark.usefixtures("unchanged")
def test_queries_of_wrong_kinds(api: Api) -> None:
    good = {"serviceId": "diag", "date": "2027-01-12"}
    for field, values in {
        "serviceId": ["", "  ", "x" * 64, "a\u0000", "a\nb"],
        "date": [value for value in DATES if isinstance(value, str)],
        "resourceId": ["r9", "\u0000"],
        "partySize": ["0", "101", "x", "1.0", "+1", "٣", "1e1", "9" * 5_000, " 1"],
    }.items():
        for value in values:
            refused(api.get("/availability", **good | {field: value}), field, value)
    assert api.get("/availability", **good | {"resourceId": "", "partySize": " "}).status_code == 200


@pytest.mark.usefixtures("unchanged")
def test_repeated_parameters(api: Api) -> None:
    twice = api.client.get(api.mount + "/availability?serviceId=diag&date=2027-01-12&date=2027-01-13")
    assert error_of(twice) == (400, "INVALID_DATE")
    pair = api.client.get(api.mount + "/bookings/public?code=AC-AAAAAA&email=a@example.com&email=b@example.com")
    assert error_of(pair) == (400, "INVALID_EMAIL")


@pytest.mark.usefixtures("unchanged")
def test_broken_octets_in_addresses(api: Api) -> None:
    for tail in ("/availability?serviceId=%ff%fe&date=2027-01-12", "/availability?serviceId=%00&date=2027-01-12"):
        assert api.client.get(api.mount + tail).status_code in (400, 404)
    for tail in ("/bookings/%00/cancel", "/bookings/AC-%0d%0aX/cancel", "/bookings/%ff/cancel", "/%0d%0aSet-Cookie:x"):
        answer = api.post(tail, {"email": "jean@example.com"})
        assert answer.status_code in (400, 404)
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\r\nSet-Cookie: x=1", "a\tb", "a\x7f", "\x00"])
@pytest.mark.usefixtures("unchanged")
def test_malformed_keys(api: Api, key: str) -> None:
    for path, data in (
        ("/bookings", body()),
        ("/bookings/AC-AAAAAA/cancel", {"email": "jean@example.com"}),
        ("/bookings/AC-AAAAAA/reschedule", move("2027-01-13", "09:00")),
    ):
        sent = {"HTTP_IDEMPOTENCY_KEY": key}
        answer = api.client.post(api.mount + path, json=data, environ_overrides=sent)
        assert error_of(answer) == (400, "INVALID_IDEMPOTENCY_KEY")
        assert "Set-Cookie" not in answer.headers


def test_names_of_another_business(api: Api, cast: Cast) -> None:
    other = make_business(services={"secret": {}})
    before = rows(cast, other)
    assert error_of(api.get("/availability", serviceId="secret", date="2027-01-12")) == (404, "SERVICE_NOT_FOUND")
    assert error_of(api.post("/bookings", body(serviceId="secret"))) == (400, "INVALID_SERVICE_ID")
    for kept in (str(other.id), str(other.offer.services[0].id), str(other.offer.resources[0].id)):
        assert error_of(api.post("/bookings", body(serviceId=kept))) == (400, "INVALID_SERVICE_ID")
        assert error_of(api.post("/bookings", body(resourceId=kept))) == (400, "INVALID_RESOURCE_ID")
    code = other.book(serviceId="secret").code
    after = rows(cast, other)
    assert error_of(api.post(f"/bookings/{code}/cancel", {"email": "jean@example.com"})) == (404, "BOOKING_NOT_FOUND")
    assert rows(cast, other) == after
    assert before != after  # the other business's own booking


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>", "\"'`; DROP TABLE booking; --", "=HYPERLINK(\"x\")", "{{ 7 * 7 }}", "%s %(x)s",
        "Zoë 🙂", "a\u202eb", "ﬁ",
    ],
)  # fmt: skip
def test_odd_text_stays_text(api: Api, text: str) -> None:
    customer = {"name": text, "email": "jean@example.com"}
    answer = api.post("/bookings", body(customer=customer, message=text))
    assert answer.json["booking"]["customer"]["name"] == text
    code = answer.json["booking"]["publicCode"]
    found = api.get("/bookings/public", code=code, email="jean@example.com")
    assert found.json["booking"]["customer"]["name"] == text
    assert found.content_type == "application/json"


def test_blank_counts_as_absent(api: Api) -> None:
    customer = {"name": "Ada", "email": "ada@example.com", "phone": "  "}
    answer = api.post("/bookings", body(customer=customer, message="", resourceId=" "))
    assert answer.status_code == 201
    assert "phone" not in answer.json["booking"]["customer"]


def test_text_is_trimmed_and_composed(api: Api) -> None:
    customer = {"name": "  Zoe\u0308 \n", "email": " Jean@EXAMPLE.com "}
    shown = api.post("/bookings", body(customer=customer)).json["booking"]["customer"]
    assert shown == {"name": "Zoë", "email": "jean@example.com"}


def refused(answer: Any, field: str, value: Any) -> None:
    assert answer.status_code == 400, (field, value, answer.text)
    error = answer.json["error"]
    assert error["code"].startswith("INVALID_"), (field, value, error)
    assert error["field"].startswith(field), (field, value, error)
    assert len(error["message"]) > 10
    assert set(error) == {"code", "message", "field"}
