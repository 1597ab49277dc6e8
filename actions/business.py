"""A business comes into being: its own row, and what its profession brings along."""

from typing import Any
from uuid import UUID

import db
import sectors
from lib.ids import uuid7
from lib.languages import LANGUAGES
from models import (
    Business,
    BusinessValue,
    OpeningRule,
    Question,
    Resource,
    Service,
    ServiceResource,
    Specialization,
)
from sectors import Said, Sector


def create(values: dict[str, Any], *, person: str) -> UUID:
    """A new business that can be booked at once: `values` are columns of `business` (slug, name, sector, e-mail, time
    zone at least), `person` is who works there. Headline, services, hours, texts and questions come from the sector,
    in all languages. Returns its id. Raises peewee.IntegrityError when the slug or the domain is taken."""
    sector, business_id = sectors.get(values["sector"]), uuid7()
    locale = values.get("locale", "fr")
    row = _first_row(sector, locale, values)
    with db.writing(business_id):
        Business.insert(id=business_id, **row).execute()
        bookable = _rooms(sector, locale) if sector.books_tables else [_practitioner(sector, locale, person)]
        _services(sector, locale, bookable)
        _hours(sector)
        _texts(sector, locale)
    return business_id


def _first_row(sector: Sector, locale: str, values: dict[str, Any]) -> dict[str, Any]:
    """What is given, and the sector's words only where nothing is: a text and its translations belong together."""
    words = {"headline": sector.headline, "lead": sector.lead}
    texts = own_texts(locale, **{name: text for name, text in words.items() if not values.get(name)})
    given: dict[str, dict[str, str]] = values.get("translations", {})
    translations = {each: texts["translations"].get(each, {}) | given.get(each, {}) for each in LANGUAGES}
    defaults = {
        "accent": sector.accent, "step_minutes": sector.step_minutes, "notice_minutes": sector.notice_minutes,
        "locale": locale,
    }  # fmt: skip
    return defaults | texts | values | {"translations": {each: said for each, said in translations.items() if said}}


def own_texts(locale: str, **said: Said | None) -> dict[str, Any]:
    """Columns for texts that a sector says in every language: the business's own, and the translations."""
    texts = {name: text for name, text in said.items() if text is not None}
    translations = {
        language: {name: text.in_(language) for name, text in texts.items()}
        for language in LANGUAGES if language != locale
    }  # fmt: skip
    return {name: text.in_(locale) for name, text in texts.items()} | {"translations": translations}


def _practitioner(sector: Sector, locale: str, name: str) -> UUID:
    key = uuid7()
    Resource.insert(id=key, slug="1", name=name, **own_texts(locale, title=sector.name)).execute()
    return key


def _rooms(sector: Sector, locale: str) -> list[UUID]:
    keys = []
    for position, room in enumerate(sector.rooms):
        keys.append(uuid7())
        Resource.insert(
            id=keys[-1], slug=f"table-{position + 1}", kind="table", position=position, seats=room.seats,
            min_seats=room.min_seats, join_group=room.join_group, **own_texts(locale, name=room.name),
        ).execute()  # fmt: skip
    return keys


def _services(sector: Sector, locale: str, by: list[UUID]) -> None:
    for position, each in enumerate(sector.services):
        key = uuid7()
        deposit = sector.rules.deposit.rate_bp if each.deposit_bp is None else each.deposit_bp
        Service.insert(
            id=key, slug=each.slug, duration_minutes=each.minutes, price_cents=each.price_cents, deposit_bp=deposit,
            buffer_after=each.buffer_after, place=each.place, position=position,
            turn_minutes=[list(turn) for turn in each.turn_minutes],
            **own_texts(locale, name=each.name, description=each.description),
        ).execute()  # fmt: skip
        ServiceResource.insert_many([{"service_id": key, "resource_id": one} for one in by]).execute()


def _hours(sector: Sector) -> None:
    rows = [
        {"day_of_week": day, "start_minutes": minutes(opens), "end_minutes": minutes(closes)}
        for hours in sector.hours for day in hours.days for opens, closes in hours.ranges
    ]  # fmt: skip
    if rows:
        OpeningRule.insert_many(rows).execute()


def _texts(sector: Sector, locale: str) -> None:
    for position, name in enumerate(sector.specializations):
        Specialization.insert(position=position, **own_texts(locale, name=name)).execute()
    for position, value in enumerate(sector.values):
        BusinessValue.insert(position=position, **own_texts(locale, title=value.title, text=value.text)).execute()
    for position, line in enumerate(sector.questions):
        texts = own_texts(locale, question=line.question, answer=line.answer)
        Question.insert(position=position, **texts).execute()


def minutes(clock: str) -> int:
    """`08:30` as minutes from 00:00; `24:30` is half past midnight of the next day."""
    hours, rest = clock.split(":")
    return int(hours) * 60 + int(rest)
