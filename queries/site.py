"""A business's own page: one reading of the week ahead, or two, however many people and services."""

import datetime as dt
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import slots
from lib.languages import Translations
from queries import availability, picker
from queries.availability import Ask, Glance
from queries.business import BusinessCard
from queries.content import Content, MenuItemCard
from queries.offer import Offer, ResourceCard, ServiceCard
from queries.picker import NEAR_DAYS, Time

HERO_DAYS, HERO_TIMES = 3, 3
SOON_DAYS = 7
KEPT = 1_024
NOTICE_DAYS = 30  # how far ahead a day that differs is announced

Minutes = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Person:
    card: ResourceCard
    service: ServiceCard | None
    first: Time | None


@dataclass(frozen=True, slots=True)
class DayHours:
    date: dt.date
    ranges: tuple[Minutes, ...]
    is_today: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether it is open now: until which instant, or from which one on (within a week)."""

    until: int | None
    since: int | None


@dataclass(frozen=True, slots=True)
class Special:
    """A coming date on which the hours are not those of its weekday; no ranges: closed. `label` may be empty."""

    date: dt.date
    ranges: tuple[Minutes, ...]
    label: str

    @property
    def translations(self) -> Translations:
        """None yet: the label is shown as it was written, with its language."""
        return {}


@dataclass(frozen=True, slots=True)
class Front:
    """`service` is what the hero's times are for, `party` how many come. `languages` are spoken by the team, `places`
    those of its services (`on_site`, `at_client`, …)."""

    service: ServiceCard | None
    party: int
    next: tuple[tuple[dt.date, tuple[Time, ...]], ...]
    services: tuple[ServiceCard, ...]
    people: tuple[Person, ...]
    languages: tuple[str, ...]
    places: tuple[str, ...]
    week: tuple[DayHours, ...]
    alternates: bool
    opening: Opening
    special: tuple[Special, ...]
    today: dt.date


@dataclass(frozen=True, slots=True)
class Look:
    """What a page is made of: the offer, the moment, and all that is taken in the days that it may show. Looks with
    equal keys give equal fronts; `key` is None where that cannot be told."""

    asks: tuple[Ask, ...]
    offer: Offer
    now: int
    last: dt.date
    seen: Glance

    @property
    def party(self) -> int:
        return self.asks[0].party if self.asks else 1

    @property
    def key(self) -> Hashable | None:
        if any(availability.counts_visits(ask) for ask in self.asks):
            return None
        return self.offer.business.id, self.offer.business.revision, self.party, self.now, self.last, self.seen


def look(offer: Offer, now: int, *, party: int = 1) -> Look:
    """One statement: a week ahead, or three where a week was found too short lately. The moment is the next full
    minute, so that what is worked out serves all who come in this one and never offers what is over."""
    days = NEAR_DAYS if offer.business.id in _short_weeks else SOON_DAYS
    return _look(offer, now, -(-now // 60) * 60, days, party)


def front(look: Look) -> Front:
    """A second statement where the week holds too few times."""
    times = _times(look)
    if look.last < _last(look, NEAR_DAYS) and not all(_is_enough(ask, times[ask.service.id]) for ask in look.asks):
        _remember_short_week(look.offer)
        look = _look(look.offer, look.now, look.now, NEAR_DAYS, look.party)
        times = _times(look)
    return _front(look, times)


def _front(look: Look, times: dict[UUID, list[Time]]) -> Front:
    offer = look.offer
    services = offer.active_services
    today = offer.local_date(look.now)
    first_service = services[0] if services else None
    people = tuple(_person(offer, card, times) for card in offer.resources if card.active and _is_person(card))
    ahead = picker.by_date(times[first_service.id]) if first_service else {}
    return Front(
        service=first_service,
        party=look.party,
        next=tuple((date, _spread(found)) for date, found in list(ahead.items())[:HERO_DAYS]),
        services=services,
        people=people,
        languages=tuple(dict.fromkeys(each for person in people for each in person.card.languages)),
        places=tuple(dict.fromkeys(service.place for service in services)),
        week=_week(offer, today),
        alternates=offer.schedule.recurs,
        opening=_opening(offer, look.now),
        special=_special(offer, today),
        today=today,
    )


# The parts of a page that may be hidden and moved, in the order in which a page begins. What stands at its head and its
# contact stay: they say whose page it is.
SECTIONS = ("services", "practice", "team", "infos", "specializations", "values", "testimonials", "questions")


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    on: bool


def sections(business: BusinessCard) -> tuple[Section, ...]:
    """All of them, as the business has ordered them; one that it has not placed comes last, shown."""
    chosen = {each["id"]: bool(each.get("on", True)) for each in business.sections if each.get("id") in SECTIONS}
    return tuple(Section(key, chosen.get(key, True)) for key in dict.fromkeys((*chosen, *SECTIONS)))


def shown(content: Content, business: BusinessCard) -> Content:
    """Without the lists whose sections the business has hidden: what the page does not say, its twins do not either."""
    hidden = {each.id for each in sections(business) if not each.on}
    gone: dict[str, Any] = {name: () for name in hidden if hasattr(content, name)}
    return replace(content, **gone, menu=() if "services" in hidden else content.menu)


def menu(content: Content) -> list[tuple[MenuItemCard, ...]]:
    """The dishes, one tuple for each section, in the order of the card."""
    sections: dict[str, list[MenuItemCard]] = {}
    for dish in content.menu:
        sections.setdefault(dish.section, []).append(dish)
    return [tuple(dishes) for dishes in sections.values()]


def _look(offer: Offer, now: int, minute: int, days: int, party: int) -> Look:
    asks = tuple(Ask(offer, service, now, party) for service in _services_to_read(offer))
    if not asks:
        return Look((), offer, minute, offer.local_date(minute), ())
    today = asks[0].today
    last = min(today + dt.timedelta(days=days), max(ask.last_date for ask in asks))
    seen = availability.glance(asks, today - dt.timedelta(days=1), last)
    return Look(tuple(replace(ask, now=minute) for ask in asks), offer, minute, last, seen)


def _last(look: Look, days: int) -> dt.date:
    """The last date that can be shown so many days ahead."""
    furthest = max((ask.last_date for ask in look.asks), default=look.last)
    return min(look.offer.local_date(look.now) + dt.timedelta(days=days), furthest)


_short_weeks: OrderedDict[UUID, None] = OrderedDict()


def _remember_short_week(offer: Offer) -> None:
    _short_weeks[offer.business.id] = None
    while len(_short_weeks) > KEPT:
        _short_weeks.popitem(last=False)


def _is_person(card: ResourceCard) -> bool:
    return card.kind == "practitioner"


def _services_to_read(offer: Offer) -> list[ServiceCard]:
    """The hero's service, and the first one of each person who does not offer that."""
    wanted = list(offer.active_services[:1])
    for card in offer.resources:
        service = _main_service(offer, card)
        if service and service not in wanted:
            wanted.append(service)
    return wanted


def _main_service(offer: Offer, card: ResourceCard) -> ServiceCard | None:
    return next((each for each in offer.active_services if card in offer.able(each)), None)


def _times(look: Look) -> dict[UUID, list[Time]]:
    """The free times of each service in the days looked at."""
    if not look.asks:
        return {}
    days = availability.spans(look.asks, look.asks[0].today - dt.timedelta(days=1), look.last, look.seen)
    return {ask.service.id: picker.free_times(ask, each) for ask, each in zip(look.asks, days, strict=True)}


def _is_enough(ask: Ask, times: list[Time]) -> bool:
    """Days for the hero, and a first start for everyone."""
    found = {resource for time in times for resource in time.resources}
    return len({time.date for time in times}) >= HERO_DAYS and found >= {str(card.id) for card in ask.resources}


def _spread(times: list[Time]) -> tuple[Time, ...]:
    """The first time of each part of the day, filled up with the next ones: three in a row would say one thing."""
    firsts = [part.times[0] for part in picker.parts(times)]
    rest = [time for time in times if time not in firsts]
    return tuple(sorted([*firsts, *rest][:HERO_TIMES], key=lambda time: time.starts_at))


def _person(offer: Offer, card: ResourceCard, times: dict[UUID, list[Time]]) -> Person:
    service = _main_service(offer, card)
    found = times[service.id] if service else []
    return Person(card, service, next((time for time in found if str(card.id) in time.resources), None))


# --- hours ---------------------------------------------------------------------------------------------------------


def _week(offer: Offer, today: dt.date) -> tuple[DayHours, ...]:
    """Monday to Sunday as they usually are, today as it really is."""
    schedule, usual = offer.schedule, offer.usual_schedule
    monday = today - dt.timedelta(days=today.weekday())
    dates = [monday + dt.timedelta(days=n) for n in range(7)]
    return tuple(
        DayHours(each, _minutes(offer, schedule if each == today else usual, each), each == today) for each in dates
    )


def _minutes(offer: Offer, schedule: slots.Schedule, date: dt.date) -> tuple[Minutes, ...]:
    def minute(instant: int) -> int:
        at = dt.datetime.fromtimestamp(instant, offer.zone)
        return at.hour * 60 + at.minute

    return tuple((minute(start), minute(end)) for start, end in slots.open_ranges(schedule, date))


def _opening(offer: Offer, now: int) -> Opening:
    today = offer.local_date(now)
    ranges = [each for n in range(-1, 8) for each in slots.open_ranges(offer.schedule, today + dt.timedelta(days=n))]
    until = next((end for start, end in ranges if start <= now < end), None)
    since = next((start for start, _ in sorted(ranges) if start > now), None)
    return Opening(until, since)


def _special(offer: Offer, today: dt.date) -> tuple[Special, ...]:
    """One for each date, though a holiday and a closure may name the same."""
    last = today + dt.timedelta(days=NOTICE_DAYS)
    named = {day.date: day.label for day in sorted(offer.special_days, key=lambda day: bool(day.label))}
    coming = ((date, _minutes(offer, offer.schedule, date)) for date in sorted(named) if today <= date <= last)
    return tuple(
        Special(date, ranges, named[date])
        for date, ranges in coming
        if ranges != _minutes(offer, offer.usual_schedule, date)
    )
