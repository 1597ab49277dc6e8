"""What a business tells of itself, changed by its own people. What the staff API changes acts at once; the pages change
a draft (`actions.drafting`) and publish it whole."""

from typing import Any, TypeVar
from uuid import UUID

import db
from actions import audit
from actions.access import Actor, demand
from actions.inputs import LINE_LENGTH, MESSAGES, Input, Name, Text
from errors import Invalid, NotFound, Problem, StaleVersion
from lib.ids import uuid7
from lib.numbers import CHECKS
from lib.origins import origin
from models import Business, Specialization, Testimonial
from queries import my_site
from queries.business import BusinessCard, by_id
from queries.content import SpecializationCard, TestimonialCard
from queries.my_site import OwnTestimonial, own_testimonial, version_of

MOST_SITES = 20
NO_ORIGIN = "Indiquez l’adresse d’un site, par exemple https://www.cabinet.example."
TOO_MANY_SITES = "Vingt sites au plus. Retirez-en un d’abord."
NO_LINK = "Indiquez une adresse qui commence par https://."

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


# --- facts: what acts at once on the pages too ---------------------------------------------------------------------


def put_online(business: BusinessCard, by: Actor, *, now: int) -> None:
    _set_public(business, by, True, now)


def take_offline(business: BusinessCard, by: Actor, *, now: int) -> None:
    """The page and its booking answer as if they were not there (S1 `public`); what is booked stays, and can still be
    looked at, moved and cancelled."""
    _set_public(business, by, False, now)


def change_identity(business: BusinessCard, by: Actor, facts: dict[str, str], *, now: int) -> None:
    """`facts` by the keys of `lib.identity`; those that are not among them stay. A number that is new is checked by its
    digits. Raises Invalid with a problem per key."""
    demand(by, "site.write")
    changed = {key: text for key, text in facts.items() if text != business.identity.get(key, "")}
    problems = {key: problem for key, text in changed.items() if (problem := _problem_of(key, text))}
    if problems:
        raise Invalid(problems)
    if not changed:
        return
    with db.writing(business.id):
        kept = {key: text for key, text in (by_id(business.id).identity | changed).items() if text}
        Business.update(identity=kept).where(Business.id == business.id).execute()
        audit.note(by, "identity.changed", now=now, keys=sorted(changed))


def allow_frames(business: BusinessCard, by: Actor, address: str, *, now: int) -> str:
    """One more site that may show the booking in a frame; returns its origin. Raises Invalid."""
    demand(by, "site.write")
    found = origin(_as_origin(address))
    if found is None:
        raise Invalid({"address": Problem("INVALID_ADDRESS", NO_ORIGIN)})
    with db.writing(business.id):
        listed = [*dict.fromkeys([*by_id(business.id).frame_ancestors, found])]
        if len(listed) > MOST_SITES:
            raise Invalid({"address": Problem("INVALID_ADDRESS", TOO_MANY_SITES)})
        Business.update(frame_ancestors=listed).where(Business.id == business.id).execute()
        audit.note(by, "frames.allowed", now=now, origin=found)
    return found


def forbid_frames(business: BusinessCard, by: Actor, address: str, *, now: int) -> None:
    demand(by, "site.write")
    with db.writing(business.id):
        listed = [each for each in by_id(business.id).frame_ancestors if each != address]
        Business.update(frame_ancestors=listed).where(Business.id == business.id).execute()
        audit.note(by, "frames.forbidden", now=now, origin=address[:LINE_LENGTH])


def _set_public(business: BusinessCard, by: Actor, public: bool, now: int) -> None:
    demand(by, "site.write")
    with db.writing(business.id):
        changed = Business.update(public=public).where(Business.id == business.id, Business.public != public).execute()
        if changed:
            audit.note(by, "site.put_online" if public else "site.taken_offline", now=now)


def _problem_of(key: str, text: str) -> Problem | None:
    if len(text) > LINE_LENGTH:
        return Problem("INVALID_IDENTITY", MESSAGES["too_long"], max_length=LINE_LENGTH)
    if key == "rules_url" and text and not text.startswith(("https://", "http://")):
        return Problem("INVALID_IDENTITY", NO_LINK)
    check = CHECKS.get(key)
    return Problem("INVALID_IDENTITY", check[1]) if text and check and not check[0](text) else None


def _as_origin(address: str) -> str:
    """What people copy from their browser: the path is not part of it."""
    scheme, mark, rest = address.strip().partition("://")
    return f"{scheme}://{rest.partition('/')[0]}" if mark else f"https://{scheme.partition('/')[0]}"


# --- rows ----------------------------------------------------------------------------------------------------------


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
