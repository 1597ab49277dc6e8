"""Who is being visited: a business by its address."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import db
from errors import BusinessNotFound
from lib.refund import Policy
from models import Business

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class BusinessCard:
    """A business's own row. `revision` rises with every change of what it offers."""

    id: UUID
    slug: str
    domain: str | None
    name: str
    sector: str
    headline: str
    lead: str
    timezone: str
    locale: str
    country: str
    currency: str
    plan: str
    accent: str
    email: str
    phone: str | None
    street: str
    postcode: str
    town: str
    access: str
    step_minutes: int
    tight_packing: bool
    notice_minutes: int
    horizon_days: int
    approves_by_hand: bool
    cancellation: Policy
    client_limits: dict[str, int | None]
    revision: int


def by_slug(slug: str) -> BusinessCard:
    """Raises BusinessNotFound; a text that cannot be a slug never reaches the database."""
    if not SLUG.fullmatch(slug):
        raise BusinessNotFound
    return _card(Business.slug == slug)


def by_domain(host: str) -> BusinessCard | None:
    """The business that answers on a host name of its own, if any. `host` carries no port."""
    try:
        return _card(Business.domain == host)
    except BusinessNotFound:
        return None


def by_id(business_id: UUID) -> BusinessCard:
    return _card(Business.id == business_id)


def any_exists() -> bool:
    with db.looking():
        return bool(Business.select(Business.id).limit(1).tuples().first())


def all_cards() -> list[BusinessCard]:
    """Every business by name; for the default run's front page."""
    with db.looking():
        return [_from_row(row) for row in Business.select().order_by(Business.name)]


def _card(condition: Any) -> BusinessCard:
    with db.looking():
        row = Business.select().where(condition).first()
    if row is None:
        raise BusinessNotFound
    return _from_row(row)


def _from_row(row: Any) -> BusinessCard:
    plain = {name: getattr(row, name) for name in BusinessCard.__dataclass_fields__}
    return BusinessCard(**plain | {"cancellation": Policy.from_json(row.cancellation)})
