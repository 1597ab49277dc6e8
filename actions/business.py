"""A business comes into being: its own row, and what its profession brings along; and it changes its address."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import peewee

import db
import sectors
from actions import audit
from actions.access import Actor, demand
from actions.inputs import refuse
from lib import slugs
from lib.ids import uuid7
from lib.languages import LANGUAGES
from models import (
    BreakRule,
    Business,
    BusinessValue,
    OpeningRule,
    Question,
    Resource,
    Service,
    ServiceResource,
    Specialization,
)
from queries.business import BusinessCard
from sectors import Hours, QuestionTemplate, Room, Said, Sector, ServiceTemplate, ValueTemplate


def create(values: dict[str, Any], *, person: str, business_id: UUID | None = None) -> UUID:
    """A new business that can be booked at once: `values` are columns of `business` (slug, name, sector, e-mail, time
    zone at least), `person` is who works there. Headline, services, hours, texts and questions come from the sector,
    in all languages. Returns its id. Raises peewee.IntegrityError when the slug or the domain is taken."""
    sector, business_id = sectors.get(values["sector"]), business_id or uuid7()
    locale = values.get("locale", "fr")
    with db.writing(business_id):
        Business.insert(id=business_id, **_first_row(sector, locale, values)).execute()
        bookable = add_rooms(sector.rooms, locale) if sector.books_tables else [_practitioner(sector, locale, person)]
        for position, each in enumerate(sector.services):
            add_service(each, bookable, sector=sector, locale=locale, position=position)
        add_hours(OpeningRule, sector.hours)
        add_specializations(sector.specializations, locale)
        add_values(sector.values, locale)
        add_questions(sector.questions, locale)
    return business_id


def change_slug(business: BusinessCard, by: Actor, slug: str, *, now: int) -> None:
    """Another name in addresses; the old ones lead to it for ever. Raises Invalid on `slug`: not of the form, reserved,
    or somebody else's, be it from long ago."""
    demand(by, "settings.write")
    wanted = wanted_slug(slug)
    if wanted == business.slug:
        return
    try:
        with db.writing(business.id):
            Business.update(slug=wanted).where(Business.id == business.id).execute()
            audit.note(by, "business.moved", business.id, now=now, before=business.slug, after=wanted)
    except peewee.IntegrityError as error:
        if "slug" not in str(error):
            raise
        raise refuse("slug", "slug_taken") from None


def wanted_slug(text: str) -> str:
    """What was typed as an address, as it is kept. Raises Invalid on `slug`."""
    slug = text.strip().lower()
    if not slugs.FORM.fullmatch(slug):
        raise refuse("slug", "slug_form")
    if slug in slugs.RESERVED:
        raise refuse("slug", "slug_taken")
    return slug


def _first_row(sector: Sector, locale: str, values: dict[str, Any]) -> dict[str, Any]:
    """What is given, and the sector's words only where nothing is: a text and its translations belong together."""
    words = {"headline": sector.headline, "lead": sector.lead}
    texts = own_texts(locale, **{name: text for name, text in words.items() if not values.get(name)})
    given: dict[str, dict[str, str]] = values.get("translations", {})
    translations = {each: texts["translations"].get(each, {}) | given.get(each, {}) for each in LANGUAGES}
    told = {"locale": locale, "translations": {each: said for each, said in translations.items() if said}}
    return defaults(sector) | texts | values | told


def defaults(sector: Sector) -> dict[str, Any]:
    """Columns of `business` as the profession suggests them."""
    return {
        "accent": sector.accent, "step_minutes": sector.step_minutes, "notice_minutes": sector.notice_minutes,
        "locale": "fr",
    }  # fmt: skip


def own_texts(locale: str, **said: Said | str | None) -> dict[str, Any]:
    """Columns for texts: the business's own in its language, and the translations of those said in every language.
    A plain text has none."""
    texts = {name: text for name, text in said.items() if text is not None}
    own = {name: text.in_(locale) if isinstance(text, Said) else text for name, text in texts.items()}
    translations = {
        language: {name: text.in_(language) for name, text in texts.items() if isinstance(text, Said)}
        for language in LANGUAGES if language != locale
    }  # fmt: skip
    return own | {"translations": {language: found for language, found in translations.items() if found}}


def _practitioner(sector: Sector, locale: str, name: str) -> UUID:
    key = uuid7()
    Resource.insert(id=key, slug="1", name=name, **own_texts(locale, title=sector.name)).execute()
    return key


def add_rooms(rooms: Iterable[Room], locale: str) -> list[UUID]:
    """Inside `db.writing`, as all that follows. The new resources' ids."""
    keys = []
    for position, room in enumerate(rooms):
        keys.append(uuid7())
        Resource.insert(
            id=keys[-1], slug=f"table-{position + 1}", kind="table", position=position, seats=room.seats,
            min_seats=room.min_seats, join_group=room.join_group, **own_texts(locale, name=room.name),
        ).execute()  # fmt: skip
    return keys


def add_service(
    template: ServiceTemplate, by: Sequence[UUID], *, sector: Sector, locale: str, position: int, **more: Any
) -> None:
    """`by`: the resources that offer it; `more`: further columns of `service`."""
    key = uuid7()
    deposit = sector.rules.deposit.rate_bp if template.deposit_bp is None else template.deposit_bp
    Service.insert(
        id=key, slug=template.slug, duration_minutes=template.minutes, price_cents=template.price_cents,
        deposit_bp=deposit, buffer_after=template.buffer_after, place=template.place, position=position,
        turn_minutes=[list(turn) for turn in template.turn_minutes],
        **own_texts(locale, name=template.name, description=template.description), **more,
    ).execute()  # fmt: skip
    ServiceResource.insert_many([{"service_id": key, "resource_id": each} for each in by]).execute()


def add_hours(
    rule: type[OpeningRule] | type[BreakRule], week: Iterable[Hours], resource_id: UUID | None = None
) -> None:
    """Opening or pauses, of the whole business or of one resource."""
    rows = [
        {"day_of_week": day, "start_minutes": minutes(start), "end_minutes": minutes(end), "resource_id": resource_id}
        for hours in week for day in hours.days for start, end in hours.ranges
    ]  # fmt: skip
    if rows:
        rule.insert_many(rows).execute()


def add_specializations(names: Iterable[Said], locale: str) -> None:
    for position, name in enumerate(names):
        Specialization.insert(position=position, **own_texts(locale, name=name)).execute()


def add_values(values: Iterable[ValueTemplate], locale: str) -> None:
    for position, value in enumerate(values):
        BusinessValue.insert(position=position, **own_texts(locale, title=value.title, text=value.text)).execute()


def add_questions(lines: Iterable[QuestionTemplate], locale: str) -> None:
    for position, line in enumerate(lines):
        texts = own_texts(locale, question=line.question, answer=line.answer)
        Question.insert(position=position, **texts).execute()


def minutes(clock: str) -> int:
    """`08:30` as minutes from 00:00; `24:30` is half past midnight of the next day."""
    hours, rest = clock.split(":")
    return int(hours) * 60 + int(rest)
