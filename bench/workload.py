"""Workload W2: one professional with N bookings among fifty other businesses, the same at every run.

Rows go in over a raw connection, in the columns and with the guards of the migrated tables; what the product itself
would have written (client, claim, reminder) stands beside each booking.
"""

import datetime as dt
import json
import random
import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import psycopg2
import psycopg2.extras

import db
import migrations
from config import Settings
from lib.search import sought
from models import (
    Booking,
    BreakRule,
    Business,
    BusyBlock,
    Claim,
    Client,
    Message,
    OpeningRule,
    Resource,
    Service,
    ServiceResource,
)  # fmt: skip

ZONE = ZoneInfo("Europe/Brussels")
TODAY = dt.date(2027, 1, 11)  # a Monday
NOW = int(dt.datetime(2027, 1, 11, 8, 0, tzinfo=ZONE).timestamp())
SLUG, SERVICE = "atelier-w2", "visite"
HORIZON_DAYS, AHEAD, BLOCKS, BLOCK_DAYS = 90, 400, 200, 30
SERVICES = 10
STARTS = (*range(510, 720, 30), *range(780, 1080, 30))  # minutes of the day at which a visit of 30 can begin

GIVEN = ("Ada", "Bart", "Chloé", "Dirk", "Elise", "Farid", "Greet", "Hugo", "Inès", "Jan", "Karima", "Léon")
FAMILY = ("Dubois", "Janssens", "Lambert", "Maes", "Peeters", "Renard", "Willems", "Leroy", "Claes", "Nguyen")


@dataclass(frozen=True)
class Size:
    """How much stands in the database: bookings of the professional; other businesses and the bookings of each."""

    bookings: int
    others: int = 50
    bookings_of_others: int = 200


def fill(settings: Settings, size: Size) -> None:
    """Migrate an empty database and fill it. Points the handle at it."""
    migrations.migrate(settings)
    db.connect(settings)
    with Raw(settings) as raw:
        add_business(raw, SLUG, size.bookings, seed=f"professional {size.bookings}", blocks=BLOCKS)
        for n in range(size.others):
            add_business(raw, other_slug(n), size.bookings_of_others, seed=f"other {n} of {size.bookings}")
    tidy(settings)


def other_slug(number: int) -> str:
    return f"voisin-{number + 1}"


def add_business(raw: "Raw", slug: str, bookings: int, *, seed: str, blocks: int = 0) -> None:
    """One professional, ten services, seven days 08:30–12:00 and 13:00–18:00."""
    dice = random.Random(seed)
    business_id, resource_id = key(dice), key(dice)
    tenant = {"business_id": business_id}
    raw.insert(Business, [{
        "id": business_id, "slug": slug, "name": f"Atelier {slug}", "sector": "other", "timezone": "Europe/Brussels",
        "headline": "Sur rendez-vous, sept jours sur sept", "lead": "Un accueil calme, des heures tenues.",
        "email": f"{slug}@example.com", "phone": "+3225550142", "street": "Rue Haute 1", "postcode": "1000",
        "town": "Bruxelles", "notice_minutes": 0, "horizon_days": HORIZON_DAYS,
    }])  # fmt: skip
    raw.insert(Resource, [tenant | {"id": resource_id, "slug": "sam", "name": "Sam Peeters"}])
    services = [key(dice) for _ in range(SERVICES)]
    raw.insert(Service, [tenant | _service(n, service_id) for n, service_id in enumerate(services)])
    raw.insert(ServiceResource, [tenant | {"service_id": each, "resource_id": resource_id} for each in services])
    week = [tenant | {"id": key(dice), "day_of_week": day} for day in range(7)]
    raw.insert(OpeningRule, [day | {"start_minutes": 510, "end_minutes": 1080} for day in week])
    raw.insert(BreakRule, [day | {"start_minutes": 720, "end_minutes": 780} for day in week])
    add_bookings(raw, business_id, resource_id, services[0], starts(bookings, dice), dice)
    raw.insert(BusyBlock, [tenant | {"resource_id": resource_id} | block for block in _blocks(blocks, dice)])


def starts(bookings: int, dice: random.Random) -> list[dt.datetime]:
    """At most 400 spread over the coming horizon, the rest in the past at twelve a day; no two at one time."""
    ahead = [(day, minute) for day in range(HORIZON_DAYS) for minute in STARTS if (day, minute) > (0, 540)]
    coming = dice.sample(ahead, min(bookings, AHEAD))
    past_days = -(-(bookings - len(coming)) // 12)
    past = [(-day, minute) for day in range(1, past_days + 1) for minute in dice.sample(STARTS, 12)]
    return sorted(_local(day, minute) for day, minute in coming + past[: bookings - len(coming)])


def add_bookings(
    raw: "Raw", business_id: uuid.UUID, resource_id: uuid.UUID, service_id: uuid.UUID,
    times: list[dt.datetime], dice: random.Random,
) -> None:  # fmt: skip
    """Each with a client, a claim, a reminder and a code of its own; keys in the order in which they were made."""
    now, tenant = dt.datetime.fromtimestamp(NOW, dt.UTC), {"business_id": business_id}
    made = sorted((min(at, now) - dt.timedelta(minutes=dice.randrange(60, 60 * 24 * 30)), at) for at in times)
    rows: dict[Any, list[dict[str, Any]]] = {Client: [], Booking: [], Claim: [], Message: []}
    for (made_at, at), code in zip(made, _codes(len(made), dice), strict=True):
        booking_id, client_id = key(dice, made_at), key(dice, made_at)
        who = _person(dice)
        booked = {
            "id": booking_id, "code": code, "service_id": service_id, "client_id": client_id, "source": "api",
            "status": "confirmed" if at > now else "completed", "starts_at": at,
            "ends_at": at + dt.timedelta(minutes=30), "price_cents": 4_000, "deposit_cents": 1_200, "deposit_bp": 3_000,
            "created_at": made_at, "updated_at": made_at,
        }  # fmt: skip
        claim = {"resource_id": resource_id, "starts_at": at, "ends_at": booked["ends_at"], "booking_id": booking_id}
        reminder = {
            "id": key(dice, made_at), "booking_id": booking_id, "template": "client_reminder",
            "recipient": who["email"], "dedupe_key": f"{code}:client_reminder:0", "due_at": at - dt.timedelta(hours=24),
            "state": "due" if at > now else "sent", "sent_at": None if at > now else at - dt.timedelta(hours=24),
        }  # fmt: skip
        found_by = sought(who["name"], who["email"], who["phone"])
        rows[Client].append(tenant | who | {"id": client_id, "sought": found_by, "created_at": made_at})
        rows[Booking].append(tenant | who | booked)
        rows[Claim].append(tenant | claim)
        rows[Message].append(tenant | reminder)
    for model, found in rows.items():
        raw.insert(model, found)


def key(dice: random.Random, made_at: dt.datetime | None = None) -> uuid.UUID:
    """UUID version 7 of a moment, the same at every run."""
    moment = made_at or dt.datetime.fromtimestamp(NOW, dt.UTC)
    value = int(moment.timestamp() * 1000) << 80 | 0x7 << 76 | dice.getrandbits(76)
    return uuid.UUID(int=value & ~(0x3 << 62) & ~(0xF << 76) | 0x2 << 62 | 0x7 << 76)


def tidy(settings: Settings) -> None:
    """What a database has after its first night: statistics, and no rows waiting to be frozen or checkpointed."""
    if settings.engine == "sqlite":
        with sqlite3.connect(sqlite_file(settings)) as connection:
            connection.execute("ANALYZE")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return
    connection = psycopg2.connect(settings.database_url)
    connection.autocommit = True
    connection.cursor().execute("VACUUM (ANALYZE)")
    connection.close()


def sqlite_file(settings: Settings) -> str:
    return str(settings.data / "bookt.sqlite3")


def _local(day: int, minute: int) -> dt.datetime:
    wall = dt.datetime.combine(TODAY + dt.timedelta(days=day), dt.time(minute // 60, minute % 60), ZONE)
    return wall.astimezone(dt.UTC)


def _service(number: int, service_id: uuid.UUID) -> dict[str, Any]:
    return {
        "id": service_id, "slug": f"soin-{number}" if number else SERVICE, "name": f"Prestation {number + 1}",
        "description": "Ce qui est fait, en une phrase, avec ce qu’il faut apporter.", "position": number,
        "duration_minutes": 30 * (1 + number % 3), "price_cents": 4_000 + 500 * number,
    }  # fmt: skip


def _blocks(count: int, dice: random.Random) -> list[dict[str, Any]]:
    """Busy time of an outside calendar, 15 to 90 minutes, over the next month; it may lie over bookings."""
    found = []
    for _ in range(count):
        begins = _local(dice.randrange(BLOCK_DAYS), 15 * dice.randrange(30, 76))
        ends = begins + dt.timedelta(minutes=15 * dice.randrange(1, 7))
        found.append({"id": key(dice), "starts_at": begins, "ends_at": ends, "provider": "google", "summary": "Occupé"})
    return found


def _person(dice: random.Random) -> dict[str, Any]:
    given, family, number = dice.choice(GIVEN), dice.choice(FAMILY), dice.randrange(10_000_000)
    email = f"{given}.{family}.{number}@example.com".lower()
    return {"name": f"{given} {family}", "email": email, "phone": f"+3247{number:07}"}


def _codes(count: int, dice: random.Random) -> list[str]:
    found: set[str] = set()
    while len(found) < count:
        found.add("AC-" + "".join(dice.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=6)))
    return sorted(found, key=lambda code: code[::-1])


# --- rows in bulk --------------------------------------------------------------------------------------------------


class Raw:
    """A raw connection of the database's owner; one transaction."""

    def __init__(self, settings: Settings) -> None:
        self.sqlite = settings.engine == "sqlite"
        self.connection: Any = (
            sqlite3.connect(sqlite_file(settings)) if self.sqlite else psycopg2.connect(settings.database_url)
        )

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, kind: Any, *rest: object) -> None:
        if kind is None:
            self.connection.commit()
        self.connection.close()

    def insert(self, model: Any, rows: list[dict[str, Any]]) -> None:
        fields = model._meta.sorted_fields
        table, names = model._meta.table_name, ", ".join(field.column_name for field in fields)
        values = list(self._values(model, fields, rows))
        if self.sqlite:
            marks = ", ".join("?" * len(fields))
            self.connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)
        elif values:
            with self.connection.cursor() as cursor:
                statement = f"INSERT INTO {table} ({names}) VALUES %s"
                psycopg2.extras.execute_values(cursor, statement, values, page_size=500)

    def fetched(self, query: str) -> list[Any]:
        cursor = self.connection.cursor()
        cursor.execute(query)
        rows: list[Any] = cursor.fetchall()
        return rows

    @staticmethod
    def _values(model: Any, fields: Any, rows: Iterable[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
        """What a row leaves out has the model's default."""
        template = {name: value() if callable(value) else value for name, value in _defaults(model)}
        for row in rows:
            full = template | row
            yield tuple(_stored(field, full[field.name]) for field in fields)


def _defaults(model: Any) -> list[tuple[str, Any]]:
    given = [(f.name, f.default) for f in model._meta.sorted_fields]
    return [(name, None if name in ("business_id", "id") else value) for name, value in given]


def _stored(field: Any, value: Any) -> Any:
    if isinstance(value, dt.datetime | uuid.UUID):
        return field.db_value(value)
    return psycopg2.extras.Json(value) if isinstance(value, dict | list) and not db.is_sqlite() else _text(value)


def _text(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value
