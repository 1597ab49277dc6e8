"""Who is being visited: a business by its address."""

import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import db
from errors import BusinessNotFound
from lib.languages import Translations
from lib.refund import Policy
from models import Business, KeptSlug

KEPT = 4_096  # a row of a few hundred bytes each
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
    bio: str
    seo_title: str
    seo_description: str
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
    identity: dict[str, str]
    form_fields: list[dict[str, Any]] | None
    frame_ancestors: list[str]
    public: bool
    onboarding: list[int]
    sections: list[dict[str, Any]]
    motif: str
    languages: list[str]
    shows_phone: bool
    calendar_home: str
    translations: Translations
    revision: int

    @property
    def shown_phone(self) -> str | None:
        """As pages, mails and the public API tell it: None where the business keeps its number to itself."""
        return self.phone if self.shows_phone else None

    @property
    def legal_phone(self) -> str | None:
        """As the legal notice tells it: in France it names the number all the same (loi 2004-575)."""
        return self.phone if self.country == "FR" else self.shown_phone


def by_slug(slug: str) -> BusinessCard:
    """Raises BusinessNotFound; a text that cannot be a slug never reaches the database."""
    if not SLUG.fullmatch(slug):
        raise BusinessNotFound
    return _card("slug", slug)


def by_former_slug(slug: str) -> BusinessCard:
    """By any slug that the business ever had. Raises BusinessNotFound."""
    if not SLUG.fullmatch(slug):
        raise BusinessNotFound
    with db.looking():
        row = KeptSlug.select(KeptSlug.business_id).where(KeptSlug.slug == slug).tuples().first()
    if row is None:
        raise BusinessNotFound
    return by_id(row[0])


def by_domain(host: str) -> BusinessCard | None:
    """The business that answers on a host name of its own, if any. `host` carries no port."""
    try:
        return _card("domain", host)
    except BusinessNotFound:
        return None


def by_id(business_id: UUID) -> BusinessCard:
    return _card("id", db.id_value(business_id))


def any_exists() -> bool:
    with db.looking():
        return bool(Business.select(Business.id).limit(1).tuples().first())


def all_cards() -> list[BusinessCard]:
    """Every business by name; for the default run's front page."""
    with db.looking():
        return [_from_row(row) for row in Business.select().order_by(Business.name)]


def demos() -> list[BusinessCard]:
    """The demo businesses: those at home on this machine under their own name, first made first."""
    with db.looking():
        of_demo = Business.domain == Business.slug.concat(".localhost")
        return [_from_row(row) for row in Business.select().where(of_demo).order_by(Business.id)]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a business answers."""

    slug: str
    domain: str | None


def count() -> int:
    """Of the businesses that are on line."""
    with db.looking():
        return int(Business.select().where(Business.public).count())


def places(first: int, amount: int) -> list[Place]:
    """A part of the businesses that are on line, by slug, from number `first` on (0 is the first)."""
    with db.looking():
        found = Business.select(Business.slug, Business.domain).where(Business.public)
        rows: Any = found.order_by(Business.slug).offset(first).limit(amount)
        return [Place(slug, domain) for slug, domain in rows.tuples()]


_kept: OrderedDict[tuple[UUID, int], BusinessCard] = OrderedDict()


def _card(column: str, value: Any) -> BusinessCard:
    """One small statement finds key and revision; the row itself is read once per revision."""
    with db.looking():
        sql = f"SELECT id, revision FROM business WHERE {column} = {db.handle.param}"
        found = db.handle.execute_sql(sql, (value,)).fetchone()
        if found is None:
            raise BusinessNotFound
        key = db.as_uuid(found[0]), int(found[1])
        card = _kept.get(key)
        if card is None:
            card = _from_row(Business.get_by_id(key[0]))
            _kept[card.id, card.revision] = card
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
    return card


def _from_row(row: Any) -> BusinessCard:
    plain = {name: getattr(row, name) for name in BusinessCard.__dataclass_fields__}
    return BusinessCard(**plain | {"cancellation": Policy.from_json(row.cancellation)})
