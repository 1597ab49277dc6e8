"""What a business tells of itself, changed by its own people. What the staff API changes acts at once; the pages change
a draft (`actions.drafting`) and publish it whole."""

from typing import Any, TypeVar
from uuid import UUID

import db
from actions import audit
from actions.access import Actor, demand
from actions.inputs import Input, Name, Text
from errors import NotFound, StaleVersion
from lib.ids import uuid7
from models import Specialization, Testimonial
from queries import my_site
from queries.business import BusinessCard
from queries.content import SpecializationCard, TestimonialCard
from queries.my_site import OwnTestimonial, own_testimonial, version_of

CardT = TypeVar("CardT", OwnTestimonial, SpecializationCard)


class TestimonialInput(Input):
    """S0 `/api/site/testimonials`. `author` as the page shows it, a first name will do."""

    author: Name
    text: Text


class SpecializationInput(Input):
    """S0 `/api/site/specializations`."""

    name: Name


def add_testimonial(business: BusinessCard, by: Actor, data: TestimonialInput, *, now: int) -> OwnTestimonial:
    """Kept in every sector; `shown` of the answer says whether the page shows it."""
    key = _add(business, by, Testimonial, "testimonial", data.model_dump(), now)
    return own_testimonial(business, TestimonialCard(key, data.author, data.text, {}))


def change_testimonial(
    business: BusinessCard, by: Actor, key: UUID, data: TestimonialInput, *, now: int, expected: str | None = None
) -> OwnTestimonial:
    """Raises NotFound, StaleVersion."""
    demand(by, "site.write")
    with db.writing(business.id):
        card = _one(my_site.testimonials(business), key, expected)
        _change(by, Testimonial, "testimonial", card, data.model_dump(), now)
        return _one(my_site.testimonials(business), key, None)


def remove_testimonial(
    business: BusinessCard, by: Actor, key: UUID, *, now: int, expected: str | None = None
) -> None:  # fmt: skip
    """Raises NotFound, StaleVersion."""
    demand(by, "site.write")
    with db.writing(business.id):
        card = _one(my_site.testimonials(business), key, expected)
        _remove(by, Testimonial, "testimonial", card.id, now)


def add_specialization(
    business: BusinessCard, by: Actor, data: SpecializationInput, *, now: int
) -> SpecializationCard:  # fmt: skip
    key = _add(business, by, Specialization, "specialization", data.model_dump(), now)
    return SpecializationCard(key, data.name, {})


def change_specialization(
    business: BusinessCard, by: Actor, key: UUID, data: SpecializationInput, *, now: int, expected: str | None = None
) -> SpecializationCard:
    """Raises NotFound, StaleVersion."""
    demand(by, "site.write")
    with db.writing(business.id):
        card = _one(my_site.specializations(business), key, expected)
        _change(by, Specialization, "specialization", card, data.model_dump(), now)
        return _one(my_site.specializations(business), key, None)


def remove_specialization(
    business: BusinessCard, by: Actor, key: UUID, *, now: int, expected: str | None = None
) -> None:  # fmt: skip
    """Raises NotFound, StaleVersion."""
    demand(by, "site.write")
    with db.writing(business.id):
        card = _one(my_site.specializations(business), key, expected)
        _remove(by, Specialization, "specialization", card.id, now)


def _add(business: BusinessCard, by: Actor, model: Any, noun: str, values: dict[str, Any], now: int) -> UUID:
    demand(by, "site.write")
    key = uuid7()
    with db.writing(business.id):
        last = model.select(model.position).order_by(model.position.desc()).first()
        model.insert(id=key, position=last.position + 1 if last else 0, **values).execute()
        audit.note(by, f"{noun}.added", key, now=now, **values)
    return key


def _change(by: Actor, model: Any, noun: str, card: Any, values: dict[str, Any], now: int) -> None:
    """A text that says something else leaves its translations behind: they would still say the old."""
    changed = {name for name, value in values.items() if getattr(card, name) != value}
    kept = {
        language: {name: text for name, text in texts.items() if name not in changed}
        for language, texts in card.translations.items()
    }
    translations = {language: texts for language, texts in kept.items() if texts}
    model.update(**values, translations=translations).where(model.id == card.id).execute()
    audit.note(by, f"{noun}.changed", card.id, now=now, **values)


def _remove(by: Actor, model: Any, noun: str, key: UUID, now: int) -> None:
    model.delete().where(model.id == key).execute()
    audit.note(by, f"{noun}.removed", key, now=now)


def _one(cards: tuple[CardT, ...], key: UUID, expected: str | None) -> CardT:
    card = next((each for each in cards if each.id == key), None)
    if card is None:
        raise NotFound
    if expected is not None and expected != version_of(card):
        raise StaleVersion
    return card
