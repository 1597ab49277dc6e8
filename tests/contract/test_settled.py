"""Where the sources clash: each settled line is one test."""

import datetime as dt
from typing import Any

import pytest
from flask.testing import FlaskClient

import db
from lib.ids import uuid7
from models import Business, OpeningRule, Service
from tests.cast import Cast, Clock, body, make_business
from tests.contract.conftest import Api, error_of
from tests.contract.test_s3 import block, move

pytestmark = pytest.mark.contract

SUNDAY = "2027-01-17"


# --- paths ---------------------------------------------------------------------------------------------------


def test_the_same_calls_answer_on_the_business_s_own_host(client: FlaskClient, cast: Cast) -> None:
    host = own_host(cast)
    own = Api(client, f"http://{host}/api")
    code = own.book("09:00")
    assert own.get("/services").json == Api(client, f"/{cast.slug}/api").get("/services").json
    assert own.get("/bookings/public", code=code, email="jean@example.com").status_code == 200
    assert own.post(f"/bookings/{code}/reschedule", move("2027-01-13", "10:00")).status_code == 200
    assert own.post(f"/bookings/{code}/cancel", {"email": "jean@example.com"}).status_code == 200
    assert error_of(own.get("/nothing")) == (404, "NOT_FOUND")
    assert len(own.slots()) == 17


def test_the_platform_s_public_part_gives_s3_s_answers(client: FlaskClient, cast: Cast) -> None:
    api, part = Api(client, f"/{cast.slug}/api"), Api(client, f"/api/public/{cast.slug}")
    asked = {"serviceId": "diag", "date": "2027-01-12", "resourceId": "r2", "partySize": "1"}
    assert part.get("/slots", **asked).get_data() == api.get("/availability", **asked).get_data()
    answer = part.post("/bookings", body("09:00"))
    assert answer.status_code == 201
    code = answer.json["booking"]["publicCode"]
    found = api.get("/bookings/public", code=code, email="jean@example.com")
    assert found.json == answer.json
    assert error_of(part.post("/bookings", body("09:00", serviceId="x"))) == (400, "INVALID_SERVICE_ID")
    assert error_of(part.get("/slots", serviceId="x", date="2027-01-12")) == (404, "SERVICE_NOT_FOUND")


def test_the_public_face_tells_nothing_private(client: FlaskClient, cast: Cast) -> None:
    client.post(f"/{cast.slug}/api/bookings", json=body())
    answer = client.get(f"/api/public/{cast.slug}")
    assert answer.status_code == 200
    assert list(answer.json) == [
        "name", "slug", "sector", "headline", "bio", "address", "phone", "timezone", "services", "team", "openingHours",
        "exceptions", "specializations", "values", "testimonials", "faq", "menu", "formFields", "language",
    ]  # fmt: skip
    assert answer.json["address"] == {"street": "Rue Haute 1", "postcode": "1000", "town": "Bruxelles", "country": "BE"}
    assert [service["id"] for service in answer.json["services"]] == ["diag", "urgence"]
    assert [member["id"] for member in answer.json["team"]] == ["r1", "r2"]
    monday = [
        {"dayOfWeek": 1, "startMinutes": 510, "endMinutes": 720},
        {"dayOfWeek": 1, "startMinutes": 780, "endMinutes": 1080},
    ]
    assert answer.json["openingHours"][:2] == monday
    for private in (cast.business.email, "jean@example.com", "Jean Martin", str(cast.id), "AC-"):
        assert private not in answer.text


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_the_staff_s_api_asks_for_a_token(client: FlaskClient, method: str) -> None:
    paths = ("", "/", "/bookings", "/bookings/1", "/services", "/rdv", "/public", "/api/services", "//x")
    for path in paths:
        for token in ({}, {"Authorization": "Bearer"}, {"Authorization": "Bearer ' or 1=1"}):
            answer = client.open("/api" + path, method=method, headers=token, data=b"{broken")
            assert answer.status_code == 401, path
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert method == "HEAD" or answer.json["error"]["code"] == "UNAUTHORIZED"


def test_a_business_called_api_opens_no_door(client: FlaskClient, cast: Cast) -> None:
    with db.writing(cast.id):
        Business.update(slug="api").where(Business.id == cast.id).execute()
    try:
        assert client.get("/api/api/services").status_code == 401
    finally:
        with db.writing(cast.id):
            Business.update(slug=f"b-{cast.id.hex}").where(Business.id == cast.id).execute()


def test_the_description_is_open(client: FlaskClient) -> None:
    assert client.get("/api/openapi.json").status_code == 200
    assert client.get("/api/docs").content_type.startswith("text/html")


def test_unknown_paths_and_businesses_are_404_in_json(client: FlaskClient, cast: Cast) -> None:
    for path in (f"/{cast.slug}/api", f"/{cast.slug}/api/x/y", f"/api/public/{cast.slug}/x", "/nobody/api/x"):
        assert error_of(client.get(path)) == (404, "NOT_FOUND")
    for path in ("/nobody/api/services", "/Nobody!/api/services", "/api/public/nobody", f"/{'x' * 64}/api/services"):
        assert error_of(client.get(path)) == (404, "BUSINESS_NOT_FOUND")
    assert error_of(client.delete(f"/{cast.slug}/api/services")) == (405, "METHOD_NOT_ALLOWED")


# --- states, codes of answers --------------------------------------------------------------------------------


def test_a_moved_booking_claims_as_a_confirmed_one_does(client: FlaskClient) -> None:
    api = alone(client)
    code = api.book("09:00")
    api.post(f"/bookings/{code}/reschedule", move("2027-01-12", "10:00"))
    taken = [slot["time"] for slot in api.slots() if not slot["available"]]
    assert taken == ["10:00"]
    assert error_of(api.post("/bookings", body("10:00"))) == (409, "SLOT_UNAVAILABLE")


def test_codes_are_of_one_business(client: FlaskClient, api: Api) -> None:
    other = alone(client)
    code = api.book()
    assert error_of(other.get("/bookings/public", code=code, email="jean@example.com")) == (404, "BOOKING_NOT_FOUND")
    assert error_of(other.post(f"/bookings/{code}/cancel", {"email": "jean@example.com"})) == (404, "BOOKING_NOT_FOUND")
    assert api.get("/bookings/public", code=code, email="jean@example.com").json["booking"]["status"] == "confirmed"


def test_a_past_date(api: Api) -> None:
    assert error_of(api.post("/bookings", body(date=dt.date(2027, 1, 8)))) == (400, "INVALID_DATE")
    code = api.book()
    assert error_of(api.post(f"/bookings/{code}/reschedule", move("2027-01-08", "09:00"))) == (400, "INVALID_NEW_DATE")
    assert api.slots("2027-01-08") == []


@pytest.mark.parametrize("date", ["0001-01-01", "1970-01-01", "2027-12-31", "2031-02-03", "9999-12-31"])
def test_dates_out_of_reach_are_an_empty_day(api: Api, date: str) -> None:
    answer = api.get("/availability", serviceId="diag", date=date)
    assert answer.status_code == 200
    assert answer.json["slots"] == []
    status = 409 if date > "2027" else 400
    assert api.post("/bookings", body("09:00") | {"date": date}).status_code == status


@pytest.mark.parametrize("time", ["08:29", "12:00", "17:45", "09:07", "00:00", "23:59"])
def test_a_time_that_is_not_on_offer(api: Api, time: str) -> None:
    assert error_of(api.post("/bookings", body(time))) == (409, "SLOT_UNAVAILABLE")


@pytest.mark.parametrize("service", ["ancien", "nothing"])
def test_a_service_that_is_not_on_offer(api: Api, service: str) -> None:
    assert error_of(api.get("/availability", serviceId=service, date="2027-01-12")) == (404, "SERVICE_NOT_FOUND")
    assert error_of(api.post("/bookings", body(serviceId=service))) == (400, "INVALID_SERVICE_ID")


def test_an_unknown_resource(api: Api) -> None:
    answer = api.get("/availability", serviceId="diag", date="2027-01-12", resourceId="r9")
    assert error_of(answer) == (400, "INVALID_RESOURCE_ID")
    assert error_of(api.post("/bookings", body(resourceId="r9"))) == (400, "INVALID_RESOURCE_ID")


@pytest.mark.parametrize("code", ["AC-12345", "ac-abcdef", "AC-ABCDE!", "XX-ABCDEF", "AC-ABCDEÉ", "AC-******"])
def test_a_malformed_code(api: Api, code: str) -> None:
    for answer in (
        api.get("/bookings/public", code=code, email="jean@example.com"),
        api.post(f"/bookings/{code}/cancel", {"email": "jean@example.com"}),
        api.post(f"/bookings/{code}/reschedule", move("2027-01-13", "09:00")),
    ):
        assert error_of(answer) == (400, "INVALID_CODE")


def test_what_is_cancelled_stays_so(api: Api) -> None:
    code = api.book()
    api.post(f"/bookings/{code}/cancel", {"email": "jean@example.com"})
    assert error_of(api.post(f"/bookings/{code}/cancel", {"email": "jean@example.com"})) == (409, "ALREADY_CANCELLED")
    moved = api.post(f"/bookings/{code}/reschedule", move("2027-01-13", "09:00"))
    assert error_of(moved) == (409, "ALREADY_CANCELLED")


def test_a_visit_that_has_begun_is_not_changed(api: Api, clock: Clock) -> None:
    code = api.book("09:00")
    clock.now += 26 * 3600
    assert error_of(api.post(f"/bookings/{code}/cancel", {"email": "jean@example.com"})) == (409, "NOT_CHANGEABLE")


def test_an_error_carries_four_words_at_most(api: Api) -> None:
    api.book("09:00", resourceId="r1")
    lost = api.post("/bookings", body("09:00", resourceId="r1")).json["error"]
    assert set(lost) == {"code", "message", "nearest"}
    bad = api.post("/bookings", body() | {"date": "tomorrow"}).json["error"]
    assert bad["field"] == "date"
    assert set(bad) == {"code", "message", "field"}
    nested = api.post("/bookings", body(customer={"name": "A", "email": "x"})).json["error"]
    assert (nested["code"], nested["field"]) == ("INVALID_EMAIL", "customer.email")


def test_unknown_keys_are_ignored(api: Api) -> None:
    assert api.post("/bookings", body(surprise={"deep": [1, 2]}) | {"\u0000": "\ud800"}).status_code == 201


# --- slots ---------------------------------------------------------------------------------------------------


def test_a_closed_day(api: Api) -> None:
    answer = api.get("/availability", serviceId="diag", date=SUNDAY)
    assert answer.json == {"serviceId": "diag", "date": SUNDAY, "opening": None, "slots": []}


def test_a_day_without_a_pause(api: Api, cast: Cast) -> None:
    with db.writing(cast.id):
        OpeningRule.insert(id=uuid7(), day_of_week=6, start_minutes=540, end_minutes=600).execute()
    answer = api.get("/availability", serviceId="diag", date="2027-01-16")
    assert answer.json["opening"] == {
        "startMinutes": 540, "endMinutes": 600, "breakStartMinutes": None, "breakEndMinutes": None,
    }  # fmt: skip


def test_what_s3_has_no_word_for_leaves_the_position_out(client: FlaskClient) -> None:
    api = alone(client, notice_minutes=240)
    assert api.slots("2027-01-11")[0]["time"] == "13:00"


def test_a_hold_and_a_block_by_hand_are_named(client: FlaskClient) -> None:
    made = make_business(resources=1)
    api = Api(client, f"/{made.slug}/api")
    made.hold("09:00")
    block(made, "10:00", "10:30", provider="google", summary="Privé")
    found = {slot["time"]: slot["blockedBy"] for slot in api.slots()}
    masked = {"type": "booking", "bookingPublicCode": "AC-******", "summary": "Réservé"}
    assert found["09:00"] == [masked]
    assert found["10:00"] == [{"type": "calendar", "providerId": "google", "summary": "Indisponible"}]


def test_with_several_resources_a_start_is_free_while_one_is(api: Api) -> None:
    api.book("09:00")
    first = next(slot for slot in api.slots() if slot["time"] == "09:00")
    assert first == {"time": "09:00", "available": True, "blockedBy": []}
    api.book("09:00")
    both = next(slot for slot in api.slots() if slot["time"] == "09:00")
    assert both["available"] is False
    assert len(both["blockedBy"]) == 2


def test_a_resource_narrows_the_call(api: Api) -> None:
    api.book("09:00", resourceId="r1")
    assert {slot["time"]: slot["available"] for slot in api.slots(resourceId="r1")}["09:00"] is False
    assert {slot["time"]: slot["available"] for slot in api.slots(resourceId="r2")}["09:00"] is True
    assert error_of(api.post("/bookings", body("09:00", resourceId="r1"))) == (409, "SLOT_UNAVAILABLE")
    assert api.post("/bookings", body("09:00", resourceId="r2")).status_code == 201


def test_day_0_is_sunday(api: Api, cast: Cast) -> None:
    with db.writing(cast.id):
        OpeningRule.insert(id=uuid7(), day_of_week=0, start_minutes=600, end_minutes=660).execute()
    assert [slot["time"] for slot in api.slots(SUNDAY)] == ["10:00", "10:30"]


def test_a_time_that_exists_twice(client: FlaskClient) -> None:
    """31 October 2027, 03:00 summer time is 02:00 winter time: 02:00 and 02:30 come twice."""
    api = night(client, "2027-10-29T08:00+02:00")
    found = [(slot["time"], slot.get("fold", 0)) for slot in api.slots("2027-10-31")]
    assert found[4:10] == [("02:00", 0), ("02:30", 0), ("02:00", 1), ("02:30", 1), ("03:00", 0), ("03:30", 0)]
    sunday = dt.date(2027, 10, 31)
    second = api.post("/bookings", body("02:00", sunday, fold=1)).json["booking"]
    assert second["startDateTime"] == "2027-10-31T02:00:00+01:00"
    first = api.post("/bookings", body("02:00", sunday)).json["booking"]
    assert first["startDateTime"] == "2027-10-31T02:00:00+02:00"


def test_a_time_that_does_not_exist(client: FlaskClient) -> None:
    api = night(client, "2027-03-26T08:00+01:00")
    times = [slot["time"] for slot in api.slots("2027-03-28")]
    assert "02:00" not in times
    assert "02:30" not in times
    assert error_of(api.post("/bookings", body("02:30", dt.date(2027, 3, 28)))) == (409, "SLOT_UNAVAILABLE")


def test_a_service_that_nobody_gives_has_no_slots(api: Api, cast: Cast) -> None:
    with db.writing(cast.id):
        Service.insert(id=uuid7(), slug="vide", name="Vide", duration_minutes=30, price_cents=0).execute()
    assert "vide" not in [service["id"] for service in api.get("/services").json["services"]]
    assert api.slots(service="vide") == []
    assert error_of(api.post("/bookings", body(serviceId="vide"))) == (409, "SLOT_UNAVAILABLE")


def own_host(made: Cast) -> str:
    host = f"{made.slug}.localhost"
    with db.writing(made.id):
        Business.update(domain=host).where(Business.id == made.id).execute()
    return host


def alone(client: FlaskClient, **values: Any) -> Api:
    return Api(client, f"/{make_business(resources=1, **values).slug}/api")


def night(client: FlaskClient, now: str) -> Api:
    """A business that works on Sundays from midnight to 06:00, at another moment."""
    made = make_business(resources=1)
    with db.writing(made.id):
        OpeningRule.insert(id=uuid7(), day_of_week=0, start_minutes=0, end_minutes=360).execute()
    clock = client.application.extensions["bookt_clock"]
    clock.now = int(dt.datetime.fromisoformat(now).timestamp())
    return Api(client, f"/{made.slug}/api")
