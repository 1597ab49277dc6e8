"""Each JSON example of S3, with dates of the test's calendar: names, nesting, statuses, values."""

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient

import db
from lib.ids import uuid7
from models import BusyBlock
from tests.cast import Cast, body, make_business
from tests.contract.conftest import Api, error_of

pytestmark = pytest.mark.contract

CODE = re.compile(r"AC-[A-Z0-9]{6}")
MISSING = "AC-ZZZZZZ"


@pytest.fixture
def plumber(client: FlaskClient) -> tuple[Api, Cast]:
    """S3's artisan: alone, with `diag`, `urgence` and an archived service."""
    services = {
        "diag": {"name": "Diagnostic et audit complet", "description": "Diagnostic plomberie avec rapport détaillé"},
        "urgence": {
            "name": "Intervention urgente", "description": "Dépannage sous 2 heures", "duration_minutes": 45,
            "price_cents": 12000, "deposit_bp": 4000,
        },
        "entretien": {"active": False},
    }  # fmt: skip
    made = make_business(resources=1, services=services, timezone="Europe/Paris", country="FR")
    return Api(client, f"/{made.slug}/api"), made


def test_services(plumber: tuple[Api, Cast]) -> None:
    answer = plumber[0].get("/services")
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    assert answer.json == {
        "services": [
            {
                "id": "diag", "name": "Diagnostic et audit complet",
                "description": "Diagnostic plomberie avec rapport détaillé", "durationMinutes": 30,
                "basePriceCents": 4000, "depositRate": 0.3, "isActive": True,
            },
            {
                "id": "urgence", "name": "Intervention urgente", "description": "Dépannage sous 2 heures",
                "durationMinutes": 45, "basePriceCents": 12000, "depositRate": 0.4, "isActive": True,
            },
        ]
    }  # fmt: skip


def test_availability(plumber: tuple[Api, Cast]) -> None:
    api, made = plumber
    api.book("14:00")
    block(made, "11:30", "12:00", provider="google", summary="Chantier Google")
    answer = api.get("/availability", serviceId="diag", date="2027-01-12")
    assert answer.status_code == 200
    assert list(answer.json) == ["serviceId", "date", "opening", "slots"]
    assert answer.json["serviceId"] == "diag"
    assert answer.json["date"] == "2027-01-12"
    assert answer.json["opening"] == {
        "startMinutes": 510, "endMinutes": 1080, "breakStartMinutes": 720, "breakEndMinutes": 780,
    }  # fmt: skip
    slots = {slot["time"]: slot for slot in answer.json["slots"]}
    assert slots["09:00"] == {"time": "09:00", "available": True, "blockedBy": []}
    assert slots["11:30"] == {
        "time": "11:30", "available": False,
        "blockedBy": [{"type": "calendar", "providerId": "google", "summary": "Indisponible"}],
    }  # fmt: skip
    assert slots["14:00"] == {
        "time": "14:00", "available": False,
        "blockedBy": [{"type": "booking", "bookingPublicCode": "AC-******", "summary": "Réservé"}],
    }  # fmt: skip
    assert list(slots) == [f"{hour:02}:{minute}" for hour in range(8, 18) for minute in ("00", "30") if hour != 12][1:]


def test_every_cause_is_listed(plumber: tuple[Api, Cast]) -> None:
    api, made = plumber
    api.book("09:00")
    block(made, "09:30", "10:00", provider="outlook", summary="Dentiste")
    found = {slot["time"]: slot["blockedBy"] for slot in api.slots(service="urgence")}
    assert [each["type"] for each in found["09:00"]] == ["booking", "calendar"]
    assert "Dentiste" not in str(found)


def test_create(plumber: tuple[Api, Cast]) -> None:
    answer = plumber[0].post("/bookings", body("09:00"))
    assert answer.status_code == 201
    code = answer.json["booking"]["publicCode"]
    assert CODE.fullmatch(code)
    assert answer.json == {"booking": shown(code, "confirmed", "2027-01-12T09:00:00+01:00")}


def test_create_in_summer_time(plumber: tuple[Api, Cast]) -> None:
    answer = plumber[0].post("/bookings", body("09:00", dt.date(2027, 6, 1)))
    assert answer.status_code == 409  # beyond the horizon of 90 days
    answer = plumber[0].post("/bookings", body("09:00", dt.date(2027, 4, 1)))
    assert answer.json["booking"]["startDateTime"] == "2027-04-01T09:00:00+02:00"


def test_create_on_a_taken_slot(plumber: tuple[Api, Cast]) -> None:
    api, _ = plumber
    api.book("09:00")
    answer = api.post("/bookings", body("09:00"))
    assert answer.status_code == 409
    assert answer.json == {
        "error": {
            "code": "SLOT_UNAVAILABLE",
            "message": "Le créneau sélectionné n’est plus disponible. Merci de choisir un autre horaire.",
            "nearest": [f"2027-01-12T{time}:00+01:00" for time in ("08:30", "09:30", "10:00")],
        }
    }


def test_look_up(plumber: tuple[Api, Cast]) -> None:
    api, _ = plumber
    code = api.book("09:00")
    answer = api.get("/bookings/public", code=code, email="jean@example.com")
    assert answer.status_code == 200
    assert answer.json == {"booking": shown(code, "confirmed", "2027-01-12T09:00:00+01:00")}


@pytest.mark.parametrize("email", ["JEAN@Example.COM", "  jean@example.com ", "\tJean@example.com"])
def test_the_email_is_compared_without_case_and_spaces(api: Api, email: str) -> None:
    code = api.book()
    assert api.get("/bookings/public", code=code, email=email).status_code == 200
    assert api.post(f"/bookings/{code}/cancel", {"email": email}).status_code == 200


def test_cancel(api: Api) -> None:
    code = api.book("09:00")
    answer = api.post(f"/bookings/{code}/cancel", {"email": "jean@example.com"})
    assert answer.status_code == 200
    assert answer.json == {"booking": {"publicCode": code, "status": "cancelled"}}
    assert api.get("/bookings/public", code=code, email="jean@example.com").json["booking"]["status"] == "cancelled"
    again = api.post(f"/bookings/{code}/cancel", {"email": "jean@example.com"})
    assert error_of(again) == (409, "ALREADY_CANCELLED")


def test_reschedule(api: Api) -> None:
    code = api.book("09:00")
    answer = api.post(f"/bookings/{code}/reschedule", move("2027-01-15", "11:30"))
    assert answer.status_code == 200
    start = "2027-01-15T11:30:00+01:00"
    assert answer.json == {"booking": {"publicCode": code, "status": "rescheduled", "startDateTime": start}}
    assert api.get("/bookings/public", code=code, email="jean@example.com").json == {
        "booking": shown(code, "rescheduled", start)
    }


def test_reschedule_onto_itself_and_within_itself(plumber: tuple[Api, Cast]) -> None:
    api, _ = plumber
    code = api.book("09:00", serviceId="urgence")
    assert api.post(f"/bookings/{code}/reschedule", move("2027-01-12", "09:00")).status_code == 200
    assert api.post(f"/bookings/{code}/reschedule", move("2027-01-12", "09:30")).status_code == 200
    assert slot_at(api, "09:00")["available"] is True


def test_reschedule_onto_a_taken_slot(plumber: tuple[Api, Cast]) -> None:
    api, _ = plumber
    api.book("10:00")
    code = api.book("09:00")
    answer = api.post(f"/bookings/{code}/reschedule", move("2027-01-12", "10:00"))
    assert error_of(answer) == (409, "SLOT_UNAVAILABLE")
    assert answer.json["error"]["nearest"]
    assert slot_at(api, "09:00")["available"] is False


def test_an_unknown_pair_says_nothing(api: Api) -> None:
    code = api.book()
    for answer in (
        api.get("/bookings/public", code=MISSING, email="jean@example.com"),
        api.get("/bookings/public", code=code, email="paul@example.com"),
        api.post(f"/bookings/{MISSING}/cancel", {"email": "jean@example.com"}),
        api.post(f"/bookings/{code}/reschedule", move("2027-01-13", "09:00") | {"email": "paul@example.com"}),
    ):
        assert answer.status_code == 404
        assert answer.json == {
            "error": {
                "code": "BOOKING_NOT_FOUND",
                "message": "Réservation introuvable. Vérifiez le code et l’adresse e-mail.",
            }
        }


@pytest.mark.parametrize("email", ["", "jean", None])
def test_the_look_up_names_what_is_missing(api: Api, email: str | None) -> None:
    answer = api.get("/bookings/public", code=MISSING, **({} if email is None else {"email": email}))
    assert error_of(answer) == (400, "INVALID_EMAIL")
    assert error_of(api.get("/bookings/public", email="jean@example.com")) == (400, "INVALID_CODE")


def test_amounts_of_the_caller_count_for_nothing(api: Api) -> None:
    cheap = {"basePriceCents": 1, "deposit": {"amountCents": 0, "rate": 0.0}, "durationMinutes": 5, "status": "x"}
    answer = api.post("/bookings", body("09:00", **cheap))
    assert answer.json["booking"]["deposit"]["amountCents"] == 1200
    assert answer.json["booking"]["durationMinutes"] == 30


def test_a_customer_without_telephone(api: Api) -> None:
    customer = {"name": "Ada", "email": "ada@example.com"}
    data = body("09:00", customer=customer)
    del data["notifications"]
    answer = api.post("/bookings", data)
    assert answer.status_code == 201
    assert answer.json["booking"]["customer"] == customer
    assert answer.json["booking"]["notifications"] == {"email": True, "sms": False}


def block(made: Cast, start: str, end: str, *, provider: str, summary: str) -> None:
    def at(time: str) -> dt.datetime:
        return dt.datetime.fromisoformat(f"2027-01-12T{time}:00+01:00")

    with db.writing(made.id):
        BusyBlock.insert(
            id=uuid7(), resource_id=made.offer.resources[0].id, starts_at=at(start), ends_at=at(end),
            provider=provider, summary=summary,
        ).execute()  # fmt: skip


def slot_at(api: Api, time: str) -> dict[str, object]:
    return next(slot for slot in api.slots() if slot["time"] == time)


def move(date: str, time: str) -> dict[str, str]:
    return {"email": "jean@example.com", "newDate": date, "newTime": time}


def shown(code: str, status: str, start: str) -> dict[str, object]:
    return {
        "publicCode": code,
        "status": status,
        "startDateTime": start,
        "durationMinutes": 30,
        "serviceId": "diag",
        "customer": {"name": "Jean Martin", "email": "jean@example.com", "phone": "+33612345678"},
        "deposit": {"amountCents": 1200, "currency": "EUR", "rate": 0.3, "paymentStatus": "pending"},
        "notifications": {"email": True, "sms": True},
    }
