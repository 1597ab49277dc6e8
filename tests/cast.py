"""The people and places of the tests: each test makes a business of its own."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import db
from actions import booking
from actions.inputs import read
from lib.ids import uuid7
from lib.languages import LANGUAGES
from models import BreakRule, Business, OpeningRule, Resource, Service, ServiceResource
from queries import availability
from queries.booking import BookingCard
from queries.business import BusinessCard, by_id
from queries.offer import Offer, load

# Monday 11 January 2027, 08:00 in Brussels
MONDAY_8 = int(dt.datetime(2027, 1, 11, 7, 0, tzinfo=dt.UTC).timestamp())
TUESDAY = dt.date(2027, 1, 12)
NO_CAPS = booking.Caps(max_holds=None, max_open_bookings=None)


class Clock:
    """The time at the edge of HTTP; the domain gets `now` as an argument."""

    now: float = MONDAY_8

    def __call__(self) -> float:
        return self.now


@dataclass
class Cast:
    """`slug` and `id` of a business made for one test; cards are read afresh at each use."""

    id: UUID

    @property
    def business(self) -> BusinessCard:
        return by_id(self.id)

    @property
    def slug(self) -> str:
        return self.business.slug

    @property
    def offer(self) -> Offer:
        return load(self.business)

    def ask(self, service: str = "diag", now: int = MONDAY_8, **more: Any) -> availability.Ask:
        return availability.Ask(self.offer, self.offer.service(service), now, **more)

    def book(self, time: str = "09:00", date: dt.date = TUESDAY, now: int = MONDAY_8, **more: Any) -> BookingCard:
        return booking.create(
            self.business, read(booking.BookingInput, body(time, date, **more)), now=now, caps=NO_CAPS
        )

    def hold(
        self,
        time: str = "09:00",
        date: dt.date = TUESDAY,
        now: int = MONDAY_8,
        held_by: str = "visitor",
        **more: Any,
    ) -> BookingCard:
        data = read(booking.TimeInput, body(time, date, **more))
        return booking.hold(self.business, data, now=now, caps=NO_CAPS, held_by=held_by)


def body(time: str = "09:00", date: dt.date = TUESDAY, **more: Any) -> dict[str, Any]:
    """S3's body of `POST /api/bookings`."""
    return {
        "serviceId": "diag", "date": date.isoformat(), "time": time,
        "customer": {"name": "Jean Martin", "email": "jean@example.com", "phone": "+33612345678"},
        "notifications": {"email": True, "sms": True},
    } | more  # fmt: skip


def make_business(*, resources: int = 2, services: dict[str, dict[str, Any]] | None = None, **values: Any) -> Cast:
    """`services` by slug: values beside the defaults (30 minutes, 40,00 €, deposit 30 %)."""
    business_id = uuid7()
    tag = uuid.uuid4().hex[:10]
    defaults: dict[str, Any] = {
        "slug": f"b-{tag}", "name": "Cabinet d’essai", "sector": "other", "timezone": "Europe/Brussels",
        "email": f"pro-{tag}@example.com", "phone": "+3225550142", "notice_minutes": 0, "street": "Rue Haute 1",
        "postcode": "1000", "town": "Bruxelles",
    }  # fmt: skip
    with db.writing(business_id):
        Business.insert(id=business_id, **defaults | values).execute()
        keys = [uuid7() for _ in range(resources)]
        for position, key in enumerate(keys):
            Resource.insert(
                id=key, slug=f"r{position + 1}", name=f"Praticien {position + 1}", position=position
            ).execute()
        offered = services or {
            "diag": {},
            "urgence": {"duration_minutes": 45, "price_cents": 12000, "deposit_bp": 4000},
            "ancien": {"active": False},
        }
        for position, (slug, more) in enumerate(offered.items()):
            add_service(slug, keys, position=position, **more)
        for day in range(1, 6):
            OpeningRule.insert(day_of_week=day, start_minutes=510, end_minutes=1080).execute()
            BreakRule.insert(day_of_week=day, start_minutes=720, end_minutes=780).execute()
    return Cast(business_id)


def question(key: str, type: str = "text", *, options: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:  # noqa: A002 - the word of the field
    """A question as it is stored (`form_fields`): `motif` is labelled `motif fr`, `motif nl`, …"""

    def said(text: str) -> dict[str, str]:
        return {language: f"{text} {language}" for language in LANGUAGES}

    made = {"key": key, "type": type, "label": said(key)} | more
    return made | ({"options": [{"value": each, "label": said(each)} for each in options]} if options else {})


def add_service(slug: str, resource_ids: list[UUID], **values: Any) -> UUID:
    """Inside `db.writing`: a service that these resources offer."""
    key = uuid7()
    defaults: dict[str, Any] = {
        "name": f"Prestation {slug}",
        "duration_minutes": 30,
        "price_cents": 4000,
        "deposit_bp": 3000,
    }
    Service.insert(id=key, slug=slug, **defaults | values).execute()
    ServiceResource.insert_many([{"service_id": key, "resource_id": each} for each in resource_ids]).execute()
    return key
