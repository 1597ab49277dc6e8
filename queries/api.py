"""What the public API shows that no page shows in this form: a day out of reach, a business's public face."""

import datetime as dt
from dataclasses import dataclass

import slots
from queries import availability
from queries.availability import Ask
from queries.business import BusinessCard
from queries.offer import Offer, ResourceCard, ServiceCard

KNOWN_YEARS = 5  # around today; further away nobody's hours are known

WeeklyOpening = tuple[int, int, int]  # day of week (0 = Sunday), start and end in minutes


@dataclass(frozen=True, slots=True)
class MiniSite:
    """A business as anyone may see it."""

    business: BusinessCard
    services: tuple[ServiceCard, ...]
    team: tuple[ResourceCard, ...]
    hours: tuple[WeeklyOpening, ...]


def day(ask: Ask, date: dt.date) -> slots.Day:
    """The positions of a date. Out of reach (past, beyond the horizon) there are none, only the hours are told,
    no statement is sent, and no year is too far."""
    if ask.today <= date <= ask.last_date:
        return availability.day(ask, date)
    if abs(date.year - ask.today.year) > KNOWN_YEARS:
        return slots.Day(date, None, None, ())
    resources = [card.rules for card in ask.resources]
    return slots.day(ask.service.rules, resources, date, now=ask.now, party=ask.party)


def mini_site(offer: Offer) -> MiniSite:
    """The public face: no statement beyond those that load the offer."""
    team = tuple(card for card in offer.resources if card.active and card.kind == "practitioner")
    return MiniSite(offer.business, offer.active_services, team, weekly_hours(offer.schedule))


def weekly_hours(schedule: slots.Schedule) -> tuple[WeeklyOpening, ...]:
    """The weekly rules less their pauses, from Sunday on."""
    found: list[WeeklyOpening] = []
    for day_of_week, opens, closes in sorted(schedule.opening):
        start = opens
        for _, pause, resumes in sorted(each for each in schedule.breaks if each[0] == day_of_week):
            if pause < closes and resumes > start:
                if pause > start:
                    found.append((day_of_week, start, pause))
                start = resumes
        if start < closes:
            found.append((day_of_week, start, closes))
    return tuple(found)
