"""What a business tells about itself beside its offer: kept in memory by the business's revision, as the offer is."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import db
import sectors
from lib.languages import Translations
from models import BusinessValue, MenuItem, Picture, Question, Specialization, Testimonial
from queries.business import BusinessCard
from queries.kept import ByRevision


@dataclass(frozen=True, slots=True)
class SpecializationCard:
    id: UUID
    name: str
    translations: Translations


@dataclass(frozen=True, slots=True)
class ValueCard:
    id: UUID
    title: str
    text: str
    translations: Translations


@dataclass(frozen=True, slots=True)
class TestimonialCard:
    id: UUID
    author: str
    text: str
    translations: Translations


@dataclass(frozen=True, slots=True)
class QuestionCard:
    id: UUID
    question: str
    answer: str
    translations: Translations


@dataclass(frozen=True, slots=True)
class MenuItemCard:
    id: UUID
    section: str
    name: str
    description: str
    price_cents: int | None
    translations: Translations


@dataclass(frozen=True, slots=True)
class PictureCard:
    """Without its bytes: `picture(business, id)` reads these."""

    id: UUID
    kind: str
    resource_id: UUID | None
    media_type: str
    width: int
    height: int
    alt: str
    translations: Translations


@dataclass(frozen=True, slots=True)
class Content:
    """`testimonials` is empty where the profession's rules forbid them, whatever is stored."""

    sector: sectors.Sector
    specializations: tuple[SpecializationCard, ...]
    values: tuple[ValueCard, ...]
    testimonials: tuple[TestimonialCard, ...]
    questions: tuple[QuestionCard, ...]
    menu: tuple[MenuItemCard, ...]
    pictures: tuple[PictureCard, ...]

    def picture(self, kind: str, resource_id: UUID | None = None) -> PictureCard | None:
        return next((each for each in self.pictures if (each.kind, each.resource_id) == (kind, resource_id)), None)


def load(business: BusinessCard) -> Content:
    """The content at the business's revision; six statements the first time, none while nothing changes."""
    return _contents.of(business)


def picture(business: BusinessCard, picture_id: UUID, *, waiting: bool = False) -> tuple[str, bytes] | None:
    """Media type and bytes of one picture; one that still waits only where it is wanted."""
    with db.reading(business.id):
        found = Picture.select(Picture.media_type, Picture.data).where(Picture.id == picture_id)
        row = (found if waiting else found.where(~Picture.waiting)).first()
    return (row.media_type, bytes(row.data)) if row else None


def _read(business: BusinessCard) -> Content:
    sector = sectors.get(business.sector)
    return Content(
        sector=sector,
        specializations=cards(Specialization, SpecializationCard),
        values=cards(BusinessValue, ValueCard),
        testimonials=cards(Testimonial, TestimonialCard) if sector.rules.testimonials.allowed else (),
        questions=cards(Question, QuestionCard),
        menu=cards(MenuItem, MenuItemCard),
        pictures=pictures(),
    )


def pictures(*, waiting: bool = False) -> tuple[PictureCard, ...]:
    """Inside the business's scope: those that are shown, or those of the draft."""
    return cards(Picture, PictureCard, Picture.waiting == waiting)


def cards(model: Any, card: Any, *conditions: Any) -> tuple[Any, ...]:
    """Inside the business's scope: the rows of a model as cards, in the order of the page."""
    names = list(card.__dataclass_fields__)
    order = (model.position, model.id) if hasattr(model, "position") else (model.id,)
    found = model.select(*(getattr(model, name) for name in names))
    rows = (found.where(*conditions) if conditions else found).order_by(*order)
    return tuple(card(**{name: getattr(row, name) for name in names}) for row in rows)


_contents = ByRevision(_read)
