"""What a business tells of itself as its own people see it: what is published, and what stands in the draft."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import db
import sectors
from lib.languages import Translations
from lib.versions import version
from models import BusinessValue, MenuItem, Question, SiteDraft, Specialization, Testimonial
from queries.business import BusinessCard
from queries.content import (
    Content,
    MenuItemCard,
    PictureCard,
    QuestionCard,
    SpecializationCard,
    TestimonialCard,
    ValueCard,
    cards,
    load,
    pictures,
)


@dataclass(frozen=True, slots=True)
class OwnTestimonial:
    """`shown` is False where the profession's rules forbid it; `source` says which rule that is."""

    id: UUID
    author: str
    text: str
    translations: Translations
    shown: bool
    source: str


def testimonials(business: BusinessCard) -> tuple[OwnTestimonial, ...]:
    """All that are kept, shown or not, in the order of the page."""
    with db.reading(business.id):
        return tuple(own_testimonial(business, card) for card in cards(Testimonial, TestimonialCard))


def own_testimonial(business: BusinessCard, card: TestimonialCard) -> OwnTestimonial:
    rule = sectors.get(business.sector).rules.testimonials
    return OwnTestimonial(card.id, card.author, card.text, card.translations, rule.allowed, rule.source)


def specializations(business: BusinessCard) -> tuple[SpecializationCard, ...]:
    with db.reading(business.id):
        return tuple(cards(Specialization, SpecializationCard))


def version_of(card: OwnTestimonial | SpecializationCard) -> str:
    """What `expected` is compared with (`If-Match`)."""
    said = {name: getattr(card, name) for name in ("author", "text", "name") if hasattr(card, name)}
    return version({"id": card.id} | said)


# --- the draft -----------------------------------------------------------------------------------------------------

TEXTS = ("headline", "lead", "bio", "seo_title", "seo_description")


@dataclass(frozen=True, slots=True)
class Kept:
    """One of the lists of a site: its rows, their cards, their columns, and which of these may be translated."""

    model: Any
    card: Any
    names: tuple[str, ...]
    translated: tuple[str, ...]


LISTS = {
    "specializations": Kept(Specialization, SpecializationCard, ("name",), ("name",)),
    "values": Kept(BusinessValue, ValueCard, ("title", "text"), ("title", "text")),
    "testimonials": Kept(Testimonial, TestimonialCard, ("author", "text"), ("text",)),
    "questions": Kept(Question, QuestionCard, ("question", "answer"), ("question", "answer")),
    "menu": Kept(
        MenuItem, MenuItemCard, ("section", "name", "description", "price_cents"), ("section", "name", "description")
    ),
}


@dataclass(frozen=True, slots=True)
class OwnSite:
    """`live` is what visitors see; `business`, `content` what they will see once the draft is published, here with the
    testimonials that the profession may not show. `parts` differ between the two."""

    live: BusinessCard
    live_content: Content
    business: BusinessCard
    content: Content
    parts: tuple[str, ...]
    draft: dict[str, Any]

    def as_shown(self) -> Content:
        allowed = self.content.sector.rules.testimonials.allowed
        return self.content if allowed else replace(self.content, testimonials=())


def own_site(business: BusinessCard) -> OwnSite:
    with db.reading(business.id):
        row = SiteDraft.find()
        return drafted(business, row.data if row else {})


def drafted(business: BusinessCard, draft: dict[str, Any]) -> OwnSite:
    """Inside the business's scope: the site with these changes."""
    told = load(business)
    live = replace(told, testimonials=tuple(cards(Testimonial, TestimonialCard)))
    changed: dict[str, Any] = {name: merged(name, getattr(live, name), draft) for name in LISTS}
    changed["pictures"] = _pictures(live.pictures, draft.get("pictures", {}))
    return OwnSite(
        live=business, live_content=live, business=_business(business, draft), content=replace(live, **changed),
        parts=parts(draft), draft=draft,
    )  # fmt: skip


def parts(draft: dict[str, Any]) -> tuple[str, ...]:
    """What the draft changes, in the order of the page: fields (those of all texts as `texts` and `seo`), lists,
    pictures."""
    fields = {*draft.get("fields", {}), *(name for texts in draft.get("translations", {}).values() for name in texts)}
    found = {
        "texts": fields & {"headline", "lead", "bio"}, "pictures": draft.get("pictures"),
        **{name: _differs(draft.get("lists", {}).get(name, {})) for name in LISTS},
        "seo": fields & {"seo_title", "seo_description"},
        "look": fields & {"accent", "motif"}, "sections": fields & {"sections"},
    }  # fmt: skip
    return tuple(name for name, value in found.items() if value)


def _differs(change: dict[str, Any]) -> bool:
    return bool(change.get("items") or change.get("order"))


def merged(name: str, rows: tuple[Any, ...], draft: dict[str, Any]) -> tuple[Any, ...]:
    """A list with what the draft changes of it, by id: what others add or take away meanwhile stays so."""
    change = draft.get("lists", {}).get(name, {})
    items: dict[str, Any] = change.get("items", {})
    found = [_edited(card, items.get(str(card.id), {})) for card in rows if items.get(str(card.id), {}) is not None]
    there = {str(card.id) for card in rows}
    found += [_made(name, key, item) for key, item in items.items() if item and item.get("new") and key not in there]
    order = {key: place for place, key in enumerate(change.get("order", []))}
    return tuple(sorted(found, key=lambda card: order.get(str(card.id), len(order))))


def _edited(card: Any, item: dict[str, Any]) -> Any:
    return replace(card, **{name: value for name, value in item.items() if name != "new"})


def _made(name: str, key: str, item: dict[str, Any]) -> Any:
    kept = LISTS[name]
    values = {each: item.get(each) for each in kept.names}
    return kept.card(id=UUID(key), translations=item.get("translations", {}), **values)


def _business(business: BusinessCard, draft: dict[str, Any]) -> BusinessCard:
    texts = {language: dict(found) for language, found in business.translations.items()}
    for language, found in draft.get("translations", {}).items():
        texts[language] = texts.get(language, {}) | found
    told = {each: {name: text for name, text in found.items() if text} for each, found in texts.items()}
    return replace(
        business, **draft.get("fields", {}), translations={each: found for each, found in told.items() if found}
    )


def _pictures(live: tuple[PictureCard, ...], changes: dict[str, Any]) -> tuple[PictureCard, ...]:
    """`changes` by place: the picture that takes it, with its description, or None for none."""
    if not changes:
        return live
    known = {str(card.id): card for card in (*live, *pictures(waiting=True))}
    taken = [known[each["id"]] for each in changes.values() if each and each["id"] in known]
    said = {each["id"]: each["alt"] for each in changes.values() if each}
    left = [card for card in live if place_of(card) not in changes]
    return (*left, *(replace(card, alt=said[str(card.id)]) for card in taken))


def place_of(card: PictureCard) -> str:
    """Where a picture belongs: `logo`, `photo`, `portrait:<resource's id>`."""
    return f"{card.kind}:{card.resource_id}" if card.resource_id else card.kind
