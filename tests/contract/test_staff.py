"""The staff's API: each line of S0's table as the requirement writes it, and what holds for all of them."""

import datetime as dt
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import db
import models
from lib.ids import uuid7
from models import Audit, Booking, Claim, Client, Membership, Message, Specialization
from tests.cast import MONDAY_8, Cast, body, make_business
from tests.contract.conftest import error_of, rows
from tests.staff import Api, api

pytestmark = pytest.mark.contract

NOBODY = "01900000-0000-7000-8000-000000000000"
ITEMS = ("bookings", "services", "clients", "site/testimonials", "site/specializations")
PATHS = (
    "/dashboard/summary", "/bookings", "/services", "/clients", "/availabilities", "/business", "/site/testimonials",
    "/site/specializations", "/site/onboarding",
)  # fmt: skip
S3_BOOKING = {
    "publicCode", "status", "startDateTime", "durationMinutes", "serviceId", "customer", "deposit", "notifications",
}  # fmt: skip
S3_SERVICE = {"id", "name", "description", "durationMinutes", "basePriceCents", "depositRate", "isActive"}
WEEK = {
    "openingRules": [{"dayOfWeek": 2, "startMinutes": 540, "endMinutes": 720}],
    "breakRules": [{"dayOfWeek": 2, "startMinutes": 600, "endMinutes": 615}],
}


@pytest.fixture
def caller(app: Flask, cast: Cast) -> Api:
    return api(app, cast)


def send(caller: Api, method: str, path: str, data: Any = None, **headers: str) -> Any:
    more: dict[str, Any] = {} if data is None else {"data": data if isinstance(data, bytes) else json.dumps(data)}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return caller.open(path, method, headers=named, **more)


# --- S0's table -----------------------------------------------------------------------------------------------------


def test_dashboard_summary(caller: Api, cast: Cast) -> None:
    cast.book("10:00", dt.date(2027, 1, 11))
    cast.book("11:00")
    answer = send(caller, "GET", "/dashboard/summary")
    assert answer.status_code == 200
    assert [each["startDateTime"] for each in answer.json["today"]] == ["2027-01-11T10:00:00+01:00"]
    assert answer.json["stats"] == {"today": 1, "week": 2, "toConfirm": 0, "newClients": 1, "noShows": 0}
    assert answer.json["date"] == "2027-01-11"


def test_bookings(caller: Api, cast: Cast) -> None:
    made = send(caller, "POST", "/bookings", body("09:00", resourceId="r2", message="Sonnez"))
    assert made.status_code == 201
    booking = made.json["booking"]
    assert booking.keys() >= S3_BOOKING | {"id", "resourceIds", "priceCents", "createdAt", "updatedAt"}
    assert (booking["status"], booking["resourceIds"], booking["source"]) == ("confirmed", ["r2"], "api")
    assert booking["startDateTime"] == "2027-01-12T09:00:00+01:00"
    assert (booking["customer"]["email"], booking["message"]) == ("jean@example.com", "Sonnez")
    assert made.headers["Location"] == f"/api/bookings/{booking['id']}"

    listed = send(caller, "GET", "/bookings")
    assert listed.json == {"bookings": [booking], "next": None}
    by_id, by_code = (send(caller, "GET", f"/bookings/{booking[name]}") for name in ("id", "publicCode"))
    assert by_id.json == by_code.json == {"booking": booking}

    moved = send(caller, "PATCH", f"/bookings/{booking['id']}", {"date": "2027-01-13", "time": "10:00"})
    assert moved.status_code == 200
    assert moved.json["booking"]["startDateTime"] == "2027-01-13T10:00:00+01:00"
    assert (moved.json["booking"]["status"], moved.json["booking"]["publicCode"]) == (
        "rescheduled", booking["publicCode"],
    )  # fmt: skip
    arrived = send(caller, "PATCH", f"/bookings/{booking['publicCode']}", {"status": "arrived"})
    assert arrived.json["booking"]["status"] == "arrived"
    assert error_of(send(caller, "DELETE", f"/bookings/{booking['id']}")) == (409, "NOT_CHANGEABLE")


def test_deleting_a_booking_cancels_it_as_the_professional(caller: Api, cast: Cast) -> None:
    card = cast.book(date=dt.date(2027, 1, 11), time="09:00")  # in an hour: a client would get nothing back
    with db.writing(cast.id):
        Booking.update(payment_status="captured").where(Booking.code == card.code).execute()
    answer = send(caller, "DELETE", f"/bookings/{card.code}")
    assert answer.status_code == 200
    booking = answer.json["booking"]
    assert (booking["status"], booking["refundCents"], booking["resourceIds"]) == ("cancelled", 1200, ["r1"])
    assert error_of(send(caller, "DELETE", f"/bookings/{card.code}")) == (409, "ALREADY_CANCELLED")
    assert send(caller, "GET", f"/bookings/{card.code}").json["booking"]["status"] == "cancelled"
    with db.reading(cast.id):
        assert (Booking.select().count(), Claim.select().count()) == (1, 0)
        assert Message.select().where(Message.template == "client_cancelled").count() == 1
        assert [row.action for row in Audit.select()] == ["booking.status_changed"]


def test_only_staff_pass_over_hours_and_nobody_over_what_is_taken(caller: Api, cast: Cast) -> None:
    late = body("20:00", resourceId="r1")
    refused = send(caller, "POST", "/bookings", late)
    assert error_of(refused) == (409, "SLOT_UNAVAILABLE")
    assert len(refused.json["error"]["nearest"]) == 3
    assert send(caller, "POST", "/bookings", late | {"override": True}).status_code == 201
    again = send(caller, "POST", "/bookings", late | {"override": True})
    assert error_of(again) == (409, "SLOT_UNAVAILABLE")
    known = send(caller, "GET", "/clients").json["clients"][0]["id"]
    called = body("09:00", clientId=known)
    del called["customer"]
    assert send(caller, "POST", "/bookings", called).json["booking"]["clientId"] == known
    nameless = send(caller, "POST", "/bookings", {**body("09:30"), "customer": {"name": "Au téléphone"}})
    assert (nameless.status_code, nameless.json["booking"]["customer"]) == (201, {"name": "Au téléphone", "email": ""})


def test_a_repeated_key_books_once(caller: Api, cast: Cast) -> None:
    answers = [send(caller, "POST", "/bookings", body(), Idempotency_Key="k1") for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].data == answers[1].data
    assert error_of(send(caller, "POST", "/bookings", body("10:00"), Idempotency_Key="k1")) == (
        409, "IDEMPOTENCY_KEY_REUSED",
    )  # fmt: skip
    with db.reading(cast.id):
        assert Booking.select().count() == 1


def test_bookings_are_found_by_date_status_resource_and_client(caller: Api, cast: Cast) -> None:
    first = cast.book("09:00", resourceId="r1")
    other = {"name": "Ada Peeters", "email": "ada@example.com"}
    second = cast.book("10:00", dt.date(2027, 1, 13), resourceId="r2", customer=other)
    send(caller, "DELETE", f"/bookings/{first.code}")

    def found(**query: str) -> list[str]:
        answer = caller.open("/bookings", query_string=query)
        assert answer.status_code == 200, answer.text
        return [each["publicCode"] for each in answer.json["bookings"]]

    assert found() == [first.code, second.code]
    assert found(**{"from": "2027-01-12", "to": "2027-01-12"}) == [first.code]
    assert found(**{"from": "2027-01-13"}) == found(status="confirmed") == found(resourceId="r2") == [second.code]
    assert found(status="cancelled") == [first.code]
    assert found(clientId=str(second.client_id)) == [second.code]
    assert found(**{"from": "0001-01-01", "to": "9999-12-31"}) == [first.code, second.code]
    assert found(**{"from": "2027-02-01", "to": "2027-01-01"}) == []


def test_services(caller: Api, cast: Cast) -> None:
    required = {"name": "Contrôle", "durationMinutes": 20, "basePriceCents": 3500}
    made = send(caller, "POST", "/services", required)
    assert made.status_code == 201
    service = made.json["service"]
    assert service.keys() >= S3_SERVICE
    assert (service["id"], service["isActive"], service["resourceIds"]) == ("controle", True, ["r1", "r2"])
    assert made.headers["Location"] == "/api/services/controle"
    assert send(caller, "GET", "/services/controle").json == {"service": service}
    changed = send(caller, "PATCH", "/services/controle", {"basePriceCents": 4000})
    assert changed.json == {"service": service | {"basePriceCents": 4000}}
    gone = send(caller, "DELETE", "/services/controle")
    assert (gone.status_code, gone.json["service"]["isActive"]) == (200, False)
    listed = send(caller, "GET", "/services").json
    assert listed["next"] is None
    assert [(each["id"], each["isActive"]) for each in listed["services"]] == [
        ("diag", True), ("urgence", True), ("ancien", False), ("controle", False),
    ]  # fmt: skip
    for name in required:
        assert error_of(send(caller, "POST", "/services", {**required, name: None}))[0] == 400
    for sent in (service, changed.json["service"]):  # what was read can be sent back
        assert send(caller, "PATCH", "/services/controle", sent).status_code == 200


def test_clients(caller: Api, cast: Cast) -> None:
    cast.book()
    listed = send(caller, "GET", "/clients").json
    assert listed["next"] is None
    (client,) = listed["clients"]
    assert (client["name"], client["email"], client["phone"]) == ("Jean Martin", "jean@example.com", "+33612345678")
    assert send(caller, "GET", f"/clients/{client['id']}").json == {"client": client}
    for q, count in (("martin jean", 1), ("0612345678", 1), ("06 12 34 56 78", 1), ("nobody", 0), ("%", 0), ("_", 0)):
        assert len(caller.open("/clients", query_string={"q": q}).json["clients"]) == count, q
    assert error_of(caller.open("/clients", query_string={"q": "a\0b"})) == (400, "INVALID_Q")


def test_availabilities(caller: Api, cast: Cast) -> None:
    whole = send(caller, "GET", "/availabilities")
    assert whole.json["resourceId"] is None
    assert [(each["dayOfWeek"], each["startMinutes"]) for each in whole.json["openingRules"]] == [
        (day, 510) for day in range(1, 6)
    ]
    assert all(each["id"] for each in whole.json["openingRules"] + whole.json["breakRules"])
    replaced = send(caller, "POST", "/availabilities", WEEK)
    assert replaced.status_code == 200
    assert send(caller, "GET", "/availabilities").json == replaced.json
    (opening,) = replaced.json["openingRules"]
    assert opening.items() >= WEEK["openingRules"][0].items()
    assert [each["startMinutes"] for each in replaced.json["breakRules"]] == [600]

    own = send(caller, "POST", "/availabilities", WEEK | {"resourceId": "r1", "breakRules": []})
    assert (own.json["resourceId"], own.json["isOwn"], own.json["breakRules"]) == ("r1", True, [])
    other = caller.open("/availabilities", query_string={"resourceId": "r2"}).json
    assert (other["isOwn"], len(other["breakRules"])) == (False, 1)
    for wrong, code in (
        ({}, "INVALID_OPENING_RULES"),
        ({"openingRules": [{"dayOfWeek": 7, "startMinutes": 0, "endMinutes": 60}]}, "INVALID_DAY_OF_WEEK"),
        ({"openingRules": [{"dayOfWeek": 1, "startMinutes": 60, "endMinutes": 60}]}, "INVALID_END_MINUTES"),
        (WEEK | {"resourceId": "r9"}, "INVALID_RESOURCE_ID"),
    ):
        assert error_of(send(caller, "POST", "/availabilities", wrong)) == (400, code)


def test_business(caller: Api, cast: Cast) -> None:
    before = send(caller, "GET", "/business")
    assert before.json["business"]["id"] == str(cast.id)
    after = send(caller, "PATCH", "/business", {"name": "Cabinet neuf", "horizonDays": 30})
    assert after.status_code == 200
    assert after.json["business"] == before.json["business"] | {"name": "Cabinet neuf", "horizonDays": 30}
    assert send(caller, "PATCH", "/business", after.json["business"]).json == after.json
    assert (cast.business.name, cast.business.horizon_days) == ("Cabinet neuf", 30)
    for wrong, code in (
        ({"email": "nobody"}, "INVALID_EMAIL"), ({"timezone": "Mars/North"}, "INVALID_TIMEZONE"),
        ({"horizonDays": "30"}, "INVALID_HORIZON_DAYS"),
    ):  # fmt: skip
        assert error_of(send(caller, "PATCH", "/business", wrong)) == (400, code)


@pytest.mark.parametrize("sector", ["other", "doctor"])
def test_testimonials(app: Flask, sector: str) -> None:
    cast = make_business(sector=sector)
    caller, shown = api(app, cast), sector == "other"
    made = send(caller, "POST", "/site/testimonials", {"author": "Léa", "text": "Ponctuel."})
    assert made.status_code == 201
    item = made.json["testimonial"]
    assert item.items() >= {"author": "Léa", "text": "Ponctuel.", "shown": shown}.items()
    path = f"/site/testimonials/{item['id']}"
    assert made.headers["Location"] == f"/api{path}"
    assert send(caller, "GET", path).json == {"testimonial": item}
    changed = send(caller, "PATCH", path, {"text": "Très ponctuel."})
    assert changed.json == {"testimonial": item | {"text": "Très ponctuel."}}
    assert send(caller, "GET", "/site/testimonials").json == {
        "testimonials": [changed.json["testimonial"]], "next": None,
    }  # fmt: skip
    public = app.test_client().get(f"/api/public/{cast.slug}").json["testimonials"]
    assert [each["author"] for each in public] == (["Léa"] if shown else [])
    assert send(caller, "DELETE", path).status_code == 204
    assert error_of(send(caller, "DELETE", path)) == (404, "NOT_FOUND")


def test_specializations(caller: Api) -> None:
    made = send(caller, "POST", "/site/specializations", {"name": "Dos"})
    assert made.status_code == 201
    item = made.json["specialization"]
    path = f"/site/specializations/{item['id']}"
    assert item["name"] == "Dos"
    changed = send(caller, "PATCH", path, {"name": "Dos et nuque"})
    assert changed.json == send(caller, "GET", path).json == {"specialization": item | {"name": "Dos et nuque"}}
    assert send(caller, "GET", "/site/specializations").json["specializations"] == [changed.json["specialization"]]
    assert send(caller, "DELETE", path).status_code == 204
    assert send(caller, "GET", "/site/specializations").json == {"specializations": [], "next": None}


def test_onboarding(caller: Api, cast: Cast) -> None:
    assert send(caller, "PATCH", "/site/onboarding", {"step": 4}).json == {"onboarding": {"done": [4]}}
    for _ in range(2):
        answer = send(caller, "PATCH", "/site/onboarding", {"step": 3})
        assert (answer.status_code, answer.json) == (200, {"onboarding": {"done": [3, 4]}})
    for wrong in (0, 11, "3", 3.5, True, None):
        assert error_of(send(caller, "PATCH", "/site/onboarding", {"step": wrong})) == (400, "INVALID_STEP")
    assert cast.business.onboarding == [3, 4]


# --- what holds for all ---------------------------------------------------------------------------------------------


def test_without_a_token_all_is_refused_before_anything_else(client: FlaskClient, app: Flask, cast: Cast) -> None:
    """Whatever the method, the id or the body: the same answer, byte for byte."""
    dismissed = api(app, cast)
    with db.writing(cast.id):
        Membership.delete().execute()
    paths = [
        *PATHS,
        *(f"/{noun}/{key}" for noun in ITEMS for key in (NOBODY, "%ff", "AC-AAAAAA", "'")),
        "",
        "/",
        "/nowhere",
    ]
    bodies: tuple[bytes, ...] = (b"", b"{", b'{"step": 99}')
    wrong = (None, "Bearer", "Bearer x", "Basic eDp5", f"Token {dismissed.token}")
    before, seen = rows(cast), set()
    for path in paths:
        for method in ("GET", "POST", "PATCH", "DELETE", "PUT"):
            for sent in bodies if method != "GET" else bodies[:1]:
                for header in wrong if path in PATHS[:2] else wrong[:1]:
                    headers = {"Authorization": header} if header else {}
                    answer = client.open(f"/api{path}", method=method, data=sent, headers=headers)
                    seen.add((answer.status_code, answer.data, answer.headers["WWW-Authenticate"]))
                    assert "Set-Cookie" not in answer.headers
    assert len(seen) == 1
    assert seen.pop()[0] == 401
    assert rows(cast) == before
    assert error_of(send(dismissed, "GET", "/services")) == (403, "FORBIDDEN")


@pytest.fixture
def foreign(app: Flask) -> dict[str, str]:
    """Ids of another business, by the noun under which they would be looked for."""
    other = make_business(resources=1)
    card = other.book()
    theirs = api(app, other)
    testimonial = send(theirs, "POST", "/site/testimonials", {"author": "A", "text": "B"}).json["testimonial"]["id"]
    name = send(theirs, "POST", "/site/specializations", {"name": "A"}).json["specialization"]["id"]
    service = send(theirs, "POST", "/services", {"name": "Secret", "durationMinutes": 30, "basePriceCents": 0})
    return {
        "bookings": card.code, "bookings by id": card.id, "services": service.json["service"]["id"],
        "clients": str(card.client_id), "site/testimonials": testimonial, "site/specializations": name,
    }  # fmt: skip


def test_what_is_foreign_or_unknown_is_not_found(caller: Api, cast: Cast, foreign: dict[str, str]) -> None:
    cast.book()
    before = rows(cast)
    for named, key in foreign.items():
        noun = named.partition(" ")[0]
        unknown = {"AC-": "AC-ZZZZZZ"}.get(key[:3], "nothing" if noun == "services" else NOBODY)
        for method, data in (
            ("GET", None),
            ("PATCH", {"name": "x", "author": "x", "status": "arrived"}),
            ("DELETE", None),
        ):
            if noun == "clients" and method != "GET":
                continue
            answers = [send(caller, method, f"/{noun}/{each}", data) for each in (key, unknown, "%27", "x" * 300)]
            assert {each.status_code for each in answers} == {404}, (method, named)
            assert len({each.data for each in answers}) == 1, (method, named)
    for query in (f"resourceId=r1&clientId={foreign['clients']}", "resourceId=r9", f"clientId={NOBODY}", "clientId=x"):
        assert caller.open(f"/bookings?{query}").status_code == 400
    assert error_of(send(caller, "POST", "/bookings", body(clientId=foreign["clients"]))) == (400, "INVALID_CLIENT_ID")
    assert error_of(send(caller, "POST", "/bookings", body(serviceId=foreign["services"]))) == (
        400, "INVALID_SERVICE_ID",
    )  # fmt: skip
    assert error_of(send(caller, "PATCH", "/services/diag", {"resourceIds": ["r1", "r9"]})) == (
        400, "INVALID_RESOURCE_IDS",
    )  # fmt: skip
    assert rows(cast) == before


def test_a_stale_version_changes_nothing(caller: Api, cast: Cast) -> None:
    card = cast.book()
    testimonial = send(caller, "POST", "/site/testimonials", {"author": "A", "text": "B"}).json["testimonial"]["id"]
    name = send(caller, "POST", "/site/specializations", {"name": "A"}).json["specialization"]["id"]
    for path, method, data in (
        (f"/bookings/{card.id}", "PATCH", {"date": "2027-01-13", "time": "10:00"}),
        ("/services/diag", "PATCH", {"name": "Autre"}),
        ("/business", "PATCH", {"name": "Autre"}),
        ("/availabilities", "POST", WEEK),
        (f"/site/testimonials/{testimonial}", "PATCH", {"text": "C"}),
        (f"/site/specializations/{name}", "PATCH", {"name": "C"}),
    ):
        first = send(caller, "GET", path).headers["ETag"]
        changed = send(caller, method, path, data, If_Match=first)
        assert (changed.status_code, changed.headers["ETag"] != first) == (200, True), path
        assert send(caller, "GET", path).headers["ETag"] == changed.headers["ETag"], path
        now = changed.headers["ETag"]
        for stale in (first, f"W/{now}", "x", '"', "", f"{first}, {first}"):
            assert error_of(send(caller, method, path, data, If_Match=stale)) == (412, "STALE_VERSION"), (path, stale)
        if method == "PATCH" and path != "/business":
            assert error_of(send(caller, "DELETE", path, If_Match=first)) == (412, "STALE_VERSION")
        assert send(caller, "GET", path).headers["ETag"] == now
        for good in ("*", f"{first}, {now}"):
            assert send(caller, method, path, data, If_Match=good).status_code == 200, (path, good)


def test_lists_go_on_where_they_stopped_in_a_fixed_number_of_statements(
    caller: Api, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """120 rows of each, some at the same moment and under the same name."""
    with db.writing(cast.id):
        _store_many(cast)
    for path in ("/bookings", "/clients", "/site/testimonials", "/site/specializations"):
        noun, counts = path.rpartition("/")[2], set()
        caller.open(path)  # what is kept in memory by revision is read now
        seen: list[str] = []
        after: dict[str, str] = {}
        while len(seen) <= 120:
            with Statements(monkeypatch) as asked:
                page = caller.open(path, query_string={"limit": 30} | after).json
            counts.add(asked.count)
            seen += [each["id"] for each in page[noun]]
            if page["next"] is None:
                break
            assert len(page[noun]) == 30
            after = {"after": page["next"]}
        assert len(seen) == len(set(seen)) == 120, path
        assert max(counts) <= 6, counts
        assert len(caller.open(path).json[noun]) == 50
        assert len(caller.open(path, query_string={"limit": 100}).json[noun]) == 100
        with Statements(monkeypatch) as one:
            caller.open(path, query_string={"limit": 1})
        with Statements(monkeypatch) as many:
            caller.open(path, query_string={"limit": 100})
        assert one.count == many.count
        for wrong in ({"limit": "0"}, {"limit": "101"}, {"limit": "x"}):
            assert error_of(caller.open(path, query_string=wrong)) == (400, "INVALID_LIMIT")
        for forged in ("x", after["after"][:-1], "W10.x", "\0"):
            assert error_of(caller.open(path, query_string={"after": forged})) == (400, "INVALID_AFTER")
    elsewhere = caller.open("/clients", query_string={"limit": 1}).json["next"]
    assert error_of(caller.open("/bookings", query_string={"after": elsewhere})) == (400, "INVALID_AFTER")


def test_a_practitioner_sees_and_changes_the_own_agenda_alone(app: Flask, cast: Cast) -> None:
    own, other = (cast.offer.resource_by_slug(slug) for slug in ("r1", "r2"))
    assert own is not None
    assert other is not None
    mine, theirs = cast.book("09:00", resourceId="r1"), cast.book("10:00", resourceId="r2")
    caller = api(app, cast, "practitioner", resource_id=own.id)
    assert [each["publicCode"] for each in send(caller, "GET", "/bookings").json["bookings"]] == [mine.code]
    assert send(caller, "GET", f"/bookings/{mine.code}").status_code == 200
    for method, data in (("GET", None), ("PATCH", {"status": "arrived"}), ("DELETE", None)):
        assert error_of(send(caller, method, f"/bookings/{theirs.id}", data)) == (404, "BOOKING_NOT_FOUND")
    assert error_of(caller.open("/bookings?resourceId=r2")) == (403, "FORBIDDEN")
    assert error_of(send(caller, "POST", "/bookings", body("11:00", resourceId="r2"))) == (403, "FORBIDDEN")
    move = {"date": "2027-01-13", "time": "09:00", "resourceId": "r2"}
    assert error_of(send(caller, "PATCH", f"/bookings/{mine.id}", move)) == (403, "FORBIDDEN")
    assert error_of(send(caller, "POST", "/availabilities", WEEK)) == (403, "FORBIDDEN")
    assert error_of(send(caller, "POST", "/availabilities", WEEK | {"resourceId": "r2"})) == (403, "FORBIDDEN")
    assert send(caller, "POST", "/availabilities", WEEK | {"resourceId": "r1"}).status_code == 200
    assert send(caller, "POST", "/bookings", body("09:30")).json["booking"]["resourceIds"] == ["r1"]
    assert send(caller, "DELETE", f"/bookings/{mine.id}").status_code == 200
    assert error_of(send(caller, "DELETE", f"/bookings/{mine.id}")) == (409, "ALREADY_CANCELLED")
    assert send(caller, "GET", "/dashboard/summary").json["stats"]["week"] == 1


def test_roles(app: Flask, cast: Cast) -> None:
    """What a role may not do is 403, before ids and bodies are judged."""
    code = cast.book().code
    calls = (
        ("POST", "/bookings"), ("PATCH", f"/bookings/{code}"), ("POST", "/services"), ("PATCH", "/services/x"),
        ("DELETE", "/services/diag"), ("POST", "/availabilities"), ("PATCH", "/business"), ("GET", "/business"),
        ("GET", "/site/testimonials"), ("POST", "/site/specializations"), ("PATCH", "/site/onboarding"),
    )  # fmt: skip
    before = rows(cast)
    for role, allowed in (("read_only", ()), ("reception", calls[:2])):
        caller = api(app, cast, role)
        for method, path in calls:
            status = send(caller, method, path, b"{" if method != "GET" else None).status_code
            assert status == (400 if (method, path) in allowed else 403), (role, method, path)
        for path in ("/dashboard/summary", "/bookings", "/services", "/clients", "/availabilities"):
            assert send(caller, "GET", path).status_code == 200, (role, path)
    assert rows(cast) | {f"Membership {cast.slug}": 0} == before | {f"Membership {cast.slug}": 0}


def test_bad_bodies(caller: Api, cast: Cast) -> None:
    code = cast.book().code
    made = send(caller, "POST", "/site/specializations", {"name": "A"}).json["specialization"]["id"]
    before = rows(cast)
    for method, path in (
        ("POST", "/bookings"), ("PATCH", f"/bookings/{code}"), ("POST", "/services"), ("PATCH", "/services/diag"),
        ("POST", "/availabilities"), ("PATCH", "/business"), ("POST", "/site/testimonials"),
        ("PATCH", f"/site/specializations/{made}"), ("PATCH", "/site/onboarding"),
    ):  # fmt: skip
        for raw in (b"", b"[]", b"null", b"{", b'{"a": NaN}', b"\xff", b'{"a": 1, "a": 2}', b'{"a":' * 30):
            assert error_of(send(caller, method, path, raw)) == (400, "INVALID_BODY"), (path, raw)
        large = json.dumps({"name": "x" * 1_000_000}).encode()
        assert error_of(send(caller, method, path, large)) == (413, "BODY_TOO_LARGE")
    for data, code_ in (
        ({}, "INVALID_STATUS"), ({"status": "held"}, "INVALID_STATUS"), ({"date": "2027-01-13"}, "INVALID_TIME"),
        ({"time": "09:00"}, "INVALID_DATE"), ({"date": "2027-1-13", "time": "09:00"}, "INVALID_DATE"),
        ({"date": "2027-01-10", "time": "09:00"}, "INVALID_DATE"), ({"date": "2027-01-11", "time": "07:30"}, "INVALID_TIME"),
        ({"status": "arrived", "date": "2027-01-13", "time": "09:00"}, "INVALID_STATUS"),
        ({"date": "2027-01-13", "time": "09:00", "override": 1}, "INVALID_OVERRIDE"),
    ):  # fmt: skip
        answer = send(caller, "PATCH", f"/bookings/{code}", data)
        assert error_of(answer) == (400, code_), data
        assert answer.json["error"]["field"] in ("status", "date", "time", "override")
    assert rows(cast) == before


def test_on_its_own_host_a_business_answers_its_own_token_alone(app: Flask) -> None:
    host = f"own-{uuid7().hex[-12:]}.example"
    cast, other = make_business(domain=host), make_business()
    ours, theirs = api(app, cast), api(app, other)
    at = {"environ_overrides": {"HTTP_HOST": host}}
    staff = ours.open("/services", **at)
    assert "ancien" in [each["id"] for each in staff.json["services"]]
    public = app.test_client().get("/api/services", **at)
    assert [each["id"] for each in public.json["services"]] == ["diag", "urgence"]
    for path in ("/services", "/bookings", "/auth/me", f"/public/{cast.slug}", "/nowhere"):
        for token in (theirs, Api(app.test_client(), "x")):
            assert error_of(token.open(path, **at)) == (401, "UNAUTHORIZED"), path
    made = send(
        Api(ours.client, ours.token), "POST", "/services", {"name": "A", "durationMinutes": 5, "basePriceCents": 0}
    )
    assert made.headers["Location"] == "/api/services/a"


# --- helpers --------------------------------------------------------------------------------------------------------


class Statements:
    """Counts what reaches the engine."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch, self.count = monkeypatch, 0

    def __enter__(self) -> "Statements":
        send_on = db.handle.obj.execute_sql

        def counted(*args: Any, **more: Any) -> Any:
            self.count += 1
            return send_on(*args, **more)

        self.monkeypatch.setattr(db.handle.obj, "execute_sql", counted)
        return self

    def __exit__(self, *_: object) -> None:
        self.monkeypatch.undo()


def _store_many(cast: Cast) -> None:
    """Inside `db.writing`."""
    service, moment = cast.offer.service("diag"), dt.datetime.fromtimestamp(MONDAY_8, dt.UTC)
    resources = [each.id for each in cast.offer.resources]
    clients = [
        {"id": uuid7(), "email": f"c{n}@example.com", "name": f"Nom {n % 7}", "sought": "", "created_at": moment}
        for n in range(120)
    ]
    booked = [
        {
            "id": uuid7(), "code": f"AC-{n:06d}", "service_id": service.id, "client_id": clients[n]["id"],
            "status": "confirmed", "starts_at": moment + dt.timedelta(hours=n // 2),
            "ends_at": moment + dt.timedelta(hours=n // 2, minutes=30), "price_cents": 4000, "created_at": moment,
            "updated_at": moment,
        }
        for n in range(120)
    ]  # fmt: skip
    claims = [
        {
            "resource_id": resources[n % 2],
            "starts_at": row["starts_at"],
            "ends_at": row["ends_at"],
            "booking_id": row["id"],
        }
        for n, row in enumerate(booked)
    ]
    many: dict[Any, list[dict[str, Any]]] = {
        Client: clients, Booking: booked, Claim: claims,
        models.Testimonial: [{"author": "A", "text": "B", "position": n // 3} for n in range(120)],
        Specialization: [{"name": "A", "position": n // 3} for n in range(120)],
    }  # fmt: skip
    for model, stored in many.items():
        model.insert_many(stored).execute()
