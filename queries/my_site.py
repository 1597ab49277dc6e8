"""What a business tells of itself as its own people see it: what is published, and what stands in the draft."""

from dataclasses import dataclass
from uuid import UUID

import db
import sectors
from lib.languages import Translations
from lib.versions import version
from models import Specialization, Testimonial
from queries.business import BusinessCard
from queries.content import SpecializationCard, TestimonialCard, cards


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
