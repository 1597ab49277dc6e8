"""A business's public face: the shape of what the mini-site shows, over JSON."""

from typing import Annotated, Literal, NotRequired, TypedDict

from blueprints import context
from blueprints.api.shapes import Cents, LocalDate, Minutes, Service, Words, service, text_of
from lib.languages import LANGUAGES
from lib.rich_text import plain
from queries.api import MiniSite, SpecialDay, WeeklyOpening
from queries.content import MenuItemCard
from queries.offer import ResourceCard
from sectors import FormField

Language = Annotated[str, Words(enum=list(LANGUAGES))]


class Address(TypedDict):
    street: str
    postcode: str
    town: str
    country: str


class TeamMember(TypedDict):
    """`id` is what `resourceId` takes; `languages` are ISO 639 codes."""

    id: str
    name: str
    title: str
    bio: str
    languages: list[str]


class OpeningHours(TypedDict):
    """A weekly range, pauses left out; `dayOfWeek` 0 is Sunday."""

    dayOfWeek: Literal[0, 1, 2, 3, 4, 5, 6]
    startMinutes: Minutes
    endMinutes: Minutes


class OpeningRange(TypedDict):
    startMinutes: Minutes
    endMinutes: Minutes


class OpeningException(TypedDict):
    """A date of the coming 30 days whose hours are not those of its weekday; no ranges: closed. `label` says why."""

    date: LocalDate
    label: str
    ranges: list[OpeningRange]


class Value(TypedDict):
    title: str
    text: str


class Testimonial(TypedDict):
    author: str
    text: str


class Question(TypedDict):
    question: str
    answer: str


class MenuItem(TypedDict):
    """`priceCents` is null where the menu names no price."""

    section: str
    name: str
    description: str
    priceCents: Cents | None


class FormOption(TypedDict):
    value: str
    label: str


class Field(TypedDict):
    """What is asked of every client, by `key`; `options` where `type` is select or radio."""

    key: str
    type: Literal["text", "textarea", "select", "radio", "boolean", "number", "date"]
    label: str
    required: bool
    help: NotRequired[str]
    options: NotRequired[list[FormOption]]
    maxLength: NotRequired[int]
    minimum: NotRequired[int]
    maximum: NotRequired[int]


class Site(TypedDict):
    """The mini-site. `language` is that of the answer; a text that has no version in it comes as it was written.
    `testimonials` is empty where the profession's rules forbid them."""

    name: str
    slug: str
    sector: str
    headline: str
    bio: str
    address: Address
    phone: str | None
    timezone: str
    services: list[Service]
    team: list[TeamMember]
    openingHours: list[OpeningHours]
    exceptions: list[OpeningException]
    specializations: list[str]
    values: list[Value]
    testimonials: list[Testimonial]
    faq: list[Question]
    menu: list[MenuItem]
    formFields: list[Field]
    language: Language


def site(found: MiniSite) -> Site:
    business, content = found.business, found.content
    return {
        "name": business.name,
        "slug": business.slug,
        "sector": business.sector,
        "headline": text_of(business, "headline"),
        "bio": plain(text_of(business, "bio")) or text_of(business, "lead"),
        "address": {
            "street": business.street,
            "postcode": business.postcode,
            "town": business.town,
            "country": business.country,
        },
        "phone": business.shown_phone,
        "timezone": business.timezone,
        "services": [service(card) for card in found.services],
        "team": [_member(card) for card in found.team],
        "openingHours": [_hours(each) for each in found.hours],
        "exceptions": [_exception(each) for each in found.special_days],
        "specializations": [text_of(card, "name") for card in content.specializations],
        "values": [{"title": text_of(card, "title"), "text": text_of(card, "text")} for card in content.values],
        "testimonials": [{"author": card.author, "text": text_of(card, "text")} for card in content.testimonials],
        "faq": [
            {"question": text_of(card, "question"), "answer": plain(text_of(card, "answer"))}
            for card in content.questions
        ],
        "menu": [_dish(card) for card in content.menu],
        "formFields": [_field(field) for field in found.fields],
        "language": context.language(),
    }


def _member(card: ResourceCard) -> TeamMember:
    return {
        "id": card.slug,
        "name": card.name,
        "title": text_of(card, "title"),
        "bio": text_of(card, "bio"),
        "languages": list(card.languages),
    }


def _hours(each: WeeklyOpening) -> OpeningHours:
    return {"dayOfWeek": each[0], "startMinutes": each[1], "endMinutes": each[2]}  # type: ignore[typeddict-item] # 0 to 6


def _exception(day: SpecialDay) -> OpeningException:
    ranges: list[OpeningRange] = [{"startMinutes": start, "endMinutes": end} for start, end in day.ranges]
    return {"date": day.date.isoformat(), "label": day.label, "ranges": ranges}


def _dish(card: MenuItemCard) -> MenuItem:
    return {
        "section": text_of(card, "section"),
        "name": text_of(card, "name"),
        "description": text_of(card, "description"),
        "priceCents": card.price_cents,
    }


def _field(field: FormField) -> Field:
    """Bounds belong to text and numbers alone."""
    language = context.language()
    shown: Field = {
        "key": field.key,
        "type": field.type,
        "label": field.label.in_(language),
        "required": field.required,
    }
    if field.help:
        shown["help"] = field.help.in_(language)
    if field.options:
        shown["options"] = [{"value": each.value, "label": each.label.in_(language)} for each in field.options]
    if field.type in ("text", "textarea"):
        shown["maxLength"] = field.max_length
    if field.type == "number" and field.min is not None:
        shown["minimum"] = field.min
    if field.type == "number" and field.max is not None:
        shown["maximum"] = field.max
    return shown
