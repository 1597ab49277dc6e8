"""The place of a proof: a database of its own on the configured engine, with one business of few times.

SQLite: a file in a temporary folder. PostgreSQL: a database made beside the configured one and dropped at the end.
Nothing that exists is read or written.
"""

import contextlib
import dataclasses
import secrets
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2

import db
import migrations
from config import Settings
from lib.ids import uuid7
from models import Business, OpeningRule, Resource, Service, ServiceResource

SLUG = "epreuve"
ZONE = "Europe/Brussels"
OPENING, CLOSING = 9 * 60, 12 * 60

# What a visit of each service is: the fewer the times, the fiercer the races.
SERVICES: dict[str, dict[str, Any]] = {
    "court": {"duration_minutes": 30, "step_minutes": 15, "deposit_bp": 0},
    "long": {"duration_minutes": 45, "step_minutes": 15, "buffer_after": 10, "deposit_bp": 3000},
    "table": {"duration_minutes": 60, "step_minutes": 30, "deposit_bp": 0, "turn_minutes": [[4, 60], [12, 90]]},
    "groupe": {"duration_minutes": 45, "step_minutes": 45, "capacity": 6, "deposit_bp": 0},
}
PARTIES = {"court": 1, "long": 1, "table": 8, "groupe": 3}
TABLES = (4, 4, 2, 2)


class NoScratch(Exception):
    """No database can be made here; its text says what to do."""


@dataclasses.dataclass(frozen=True)
class Scratch:
    """`settings` point at the scratch database; `owner_url` is for the oracle and the faults (empty on SQLite)."""

    settings: Settings
    owner_url: str
    business_id: uuid.UUID
    slug: str = SLUG

    @property
    def engine(self) -> str:
        return self.settings.engine

    @property
    def file(self) -> Path:
        return self.settings.data / "bookt.sqlite3"

    def environment(self) -> dict[str, str]:
        """What the server is told."""
        chosen = self.settings
        return {
            "BOOKT_ENV": "development", "BOOKT_DATA": chosen.bookt_data, "DATABASE_URL": chosen.database_url,
            "SECRET_KEY": chosen.secret_key, "SCHEDULER": "off", "DEMO": "off", "RATE_LIMIT_READ": "off",
            "RATE_LIMIT_WRITE": "off", "RATE_LIMIT_LOOKUP": "off",
        }  # fmt: skip


@contextlib.contextmanager
def made(settings: Settings, folder: Path) -> Iterator[Scratch]:
    """A migrated database with the business in it. Raises NoScratch."""
    ours = dataclasses.replace(settings, bookt_data=str(folder / "data"), secret_key=secrets.token_urlsafe(40))
    ours.data.mkdir()
    with _database(ours) as (ready, owner_url):
        migrations.migrate(ready)
        db.connect(ready)
        business_id = _business()
        db.disconnect()
        yield Scratch(ready, owner_url, business_id)


@contextlib.contextmanager
def _database(settings: Settings) -> Iterator[tuple[Settings, str]]:
    if settings.engine == "sqlite":
        yield settings, ""
        return
    owner, name = settings.database_owner_url or settings.database_url, f"bookt_prove_{secrets.token_hex(6)}"
    connection = psycopg2.connect(owner)
    connection.autocommit = True
    cursor = connection.cursor()
    try:
        try:
            cursor.execute(f"CREATE DATABASE {name}")
        except psycopg2.errors.InsufficientPrivilege:
            raise NoScratch(
                "the role of DATABASE_OWNER_URL (else DATABASE_URL) may not make a database: ALTER ROLE … CREATEDB"
            ) from None
        try:
            moved = dataclasses.replace(
                settings, database_url=_named(settings.database_url, name), database_owner_url=_named(owner, name)
            )
            yield moved, moved.database_owner_url
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        connection.close()


def _named(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _business() -> uuid.UUID:
    key = uuid7()
    with db.writing(key):
        Business.insert(
            id=key, slug=SLUG, name="Épreuve", sector="other", timezone=ZONE, email="pro@example.com", notice_minutes=0
        ).execute()
        people = [_resource(f"p{number}", number, kind="practitioner") for number in (1, 2)]
        room = _resource("salle", 3, kind="room", units=SERVICES["groupe"]["capacity"])
        tables = [
            _resource(f"t{number}", 3 + number, kind="table", seats=seats, join_group="terrasse")
            for number, seats in enumerate(TABLES, start=1)
        ]
        given_by = {"court": people, "long": people, "table": tables, "groupe": [room]}
        for position, (slug, values) in enumerate(SERVICES.items()):
            _service(slug, position, given_by[slug], values)
        OpeningRule.insert_many(
            {"day_of_week": day, "start_minutes": OPENING, "end_minutes": CLOSING} for day in range(7)
        ).execute()
    return key


def _resource(slug: str, position: int, **values: Any) -> uuid.UUID:
    key = uuid7()
    Resource.insert(id=key, slug=slug, name=slug, position=position, **values).execute()
    return key


def _service(slug: str, position: int, given_by: list[uuid.UUID], values: dict[str, Any]) -> None:
    key = uuid7()
    Service.insert(id=key, slug=slug, name=slug, position=position, price_cents=4000, **values).execute()
    ServiceResource.insert_many({"service_id": key, "resource_id": each} for each in given_by).execute()
