"""A business as schema.org describes it (JSON-LD 1.1): what search engines and assistants read of its page.

Only what the page itself shows; no ratings.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lib.dates import clock
from lib.languages import wording
from queries.api import MiniSite, SpecialDay, WeeklyOpening
from queries.content import Content, MenuItemCard
from queries.offer import ResourceCard, ServiceCard
from queries.site import menu

DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
WHOLE_DAY = 1440

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Absolute: the page itself, the way into a booking, the picture."""

    page: str
    booking: str
    picture: str


def business(found: MiniSite, at: Addresses, *, language: str) -> Node:
    """The whole node, ready to be written as JSON; what is not known is left out."""
    words = _Words(found, language)
    card, content = found.business, found.content
    types = content.sector.schema_type
    node: Node = {
        "@context": "https://schema.org",
        "@type": list(types) if len(types) > 1 else types[0],
        "name": card.name,
        "description": words.of(card, "lead") or words.of(card, "headline"),
        "url": at.page,
        "image": at.picture,
        "telephone": card.shown_phone,
        "address": _address(found),
        "areaServed": _area(found),
        "openingHoursSpecification": [*_weekly(found.hours), *map(_special, found.special_days)],
        "hasOfferCatalog": _catalogue(found, words, at),
        "employee": [_person(each, words) for each in found.team],
        "hasMenu": _menu(content, card.currency, words),
        "acceptsReservations": content.sector.books_tables or None,
        "potentialAction": _reserve(at, content, language) if found.services else None,
    }
    return _known(node)


class _Words:
    """The business's texts in one language, as far as they exist in it."""

    def __init__(self, found: MiniSite, language: str) -> None:
        self.language, self._source = language, found.business.locale

    def of(self, card: Any, field: str) -> str:
        own = getattr(card, field)
        return wording(own, card.translations, field, wanted=self.language, source=self._source).text


def _known(node: Node) -> Node:
    return {name: value for name, value in node.items() if value not in (None, "", [], {})}


def _address(found: MiniSite) -> Node | None:
    card = found.business
    if not (card.street or card.town):
        return None
    return _known({
        "@type": "PostalAddress", "streetAddress": card.street, "postalCode": card.postcode,
        "addressLocality": card.town, "addressCountry": card.country,
    })  # fmt: skip


def _area(found: MiniSite) -> Node | None:
    """Where it comes to: told by who visits clients at home."""
    visits = any(service.place == "at_client" for service in found.services)
    return {"@type": "City", "name": found.business.town} if visits and found.business.town else None


# --- hours ---------------------------------------------------------------------------------------------------------


def _weekly(hours: Iterable[WeeklyOpening]) -> list[Node]:
    """One node for each range of the day, with all the days that have it."""
    days: dict[tuple[int, int], list[str]] = defaultdict(list)
    for day, start, end in hours:
        days[start, end].append(DAYS[day])
    return [{"@type": "OpeningHoursSpecification", "dayOfWeek": names, **_range(*each)} for each, names in days.items()]


def _special(day: SpecialDay) -> Node:
    """Closed is `00:00` to `00:00`, as search engines read it. A pause of that one day has no form: its ends count."""
    date = day.date.isoformat()
    ends = _range(day.ranges[0][0], day.ranges[-1][1]) if day.ranges else {"opens": "00:00", "closes": "00:00"}
    return {"@type": "OpeningHoursSpecification", "validFrom": date, "validThrough": date, **ends}


def _range(start: int, end: int) -> Node:
    """An end past midnight is before its start; 24:00 would be read as closed."""
    return {"opens": clock(start), "closes": "23:59" if end == WHOLE_DAY else clock(end)}


# --- offers --------------------------------------------------------------------------------------------------------


def _catalogue(found: MiniSite, words: _Words, at: Addresses) -> Node | None:
    if not found.services:
        return None
    name = found.content.sector.vocabulary.services.in_(words.language)
    offers = [_offer(service, found.business.currency, words, at) for service in found.services]
    return {"@type": "OfferCatalog", "name": name, "itemListElement": offers}


def _offer(service: ServiceCard, currency: str, words: _Words, at: Addresses) -> Node:
    described = {"@type": "Service", "name": words.of(service, "name"), "description": words.of(service, "description")}
    join = "&" if "?" in at.booking else "?"
    return {
        "@type": "Offer",
        **(_price(service.price_cents, currency) if service.price_cents else {}),  # the page says no price either
        "url": f"{at.booking}{join}prestation={service.slug}",
        "itemOffered": _known(described),
    }


def _price(cents: int, currency: str) -> Node:
    return {"price": f"{cents // 100}.{cents % 100:02}", "priceCurrency": currency}


def _person(card: ResourceCard, words: _Words) -> Node:
    return _known({
        "@type": "Person", "name": card.name, "jobTitle": words.of(card, "title"),
        "knowsLanguage": list(card.languages),
    })  # fmt: skip


def _menu(content: Content, currency: str, words: _Words) -> Node | None:
    if not content.menu:
        return None
    sections = [
        {
            "@type": "MenuSection",
            "name": words.of(dishes[0], "section"),
            "hasMenuItem": [_dish(dish, currency, words) for dish in dishes],
        }
        for dishes in menu(content)
    ]
    return {"@type": "Menu", "hasMenuSection": sections}


def _dish(card: MenuItemCard, currency: str, words: _Words) -> Node:
    price = None if card.price_cents is None else {"@type": "Offer", **_price(card.price_cents, currency)}
    return _known({
        "@type": "MenuItem", "name": words.of(card, "name"), "description": words.of(card, "description"),
        "offers": price,
    })  # fmt: skip


def _reserve(at: Addresses, content: Content, language: str) -> Node:
    result = "FoodEstablishmentReservation" if content.sector.books_tables else "Reservation"
    target = {"@type": "EntryPoint", "urlTemplate": at.booking, "inLanguage": language}
    name = content.sector.vocabulary.book.in_(language)
    return {"@type": "ReserveAction", "target": target, "result": {"@type": result, "name": name}}
