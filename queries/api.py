"""What the public API shows that no page shows in this form: a day out of reach, a business's public face."""

import datetime as dt
from dataclasses import dataclass

import slots
from queries import asked, availability, site
from queries.availability import Ask
from queries.business import BusinessCard
from queries.content import Content
from queries.offer import Offer, ResourceCard, ServiceCard
from sectors import FormField

KNOWN_YEARS = 5  # around today; further away nobody's hours are known
NOTICE_DAYS = 30  # how far ahead a date that differs is told

WeeklyOpening = tuple[int, int, int]  # day of week (0 = Sunday), start and end in minutes
Minutes = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A coming date whose hours are not those of its weekday. No ranges: closed. `label` says why, or is empty."""

    date: dt.date
    ranges: tuple[Minutes, ...]
    label: str


@dataclass(frozen=True, slots=True)
class MiniSite:
    """A business as anyone may see it. `fields` are asked of every client; a service may ask more."""

    business: BusinessCard
    content: Content
    services: tuple[ServiceCard, ...]
    team: tuple[ResourceCard, ...]
    hours: tuple[WeeklyOpening, ...]
    special_days: tuple[SpecialDay, ...]
    fields: tuple[FormField, ...]


def day(ask: Ask, date: dt.date) -> slots.Day:
    """The positions of a date. Out of reach (past, beyond the horizon) there are none, only the hours are told,
    no statement is sent, and no year is too far."""
    if ask.today <= date <= ask.last_date:
        return availability.day(ask, date)
    if abs(date.year - ask.today.year) > KNOWN_YEARS:
        return slots.Day(date, None, None, ())
    resources = [card.rules for card in ask.resources]
    return slots.day(ask.service.rules, resources, date, now=ask.now, party=ask.party)


def mini_site(offer: Offer, content: Content, now: int) -> MiniSite:
    """The public face: no statement beyond those that load the offer and the content."""
    return MiniSite(
        business=offer.business,
        content=site.shown(content, offer.business),
        services=offer.active_services,
        team=tuple(card for card in offer.resources if card.active and card.kind == "practitioner"),
        hours=weekly_hours(offer.schedule, offer.local_date(now)),
        special_days=special_days(offer, offer.local_date(now)),
        fields=asked.general(offer.business),
    )


def special_days(offer: Offer, today: dt.date) -> tuple[SpecialDay, ...]:
    """Those of the coming NOTICE_DAYS, from today on, whose hours are not what `weekly_hours` tells of their weekday:
    of two that name one date the one with a label, and the dates of other weeks where these are not alike."""
    labels = {day.date: day.label for day in sorted(offer.special_days, key=lambda day: bool(day.label))}
    coming = [today + dt.timedelta(days=n) for n in range(NOTICE_DAYS)]
    told = {date.weekday(): _minutes(offer, offer.usual_schedule, date) for date in _week_of(today)}
    differs = labels if not offer.schedule.recurs else coming
    days = (
        SpecialDay(each, _minutes(offer, offer.schedule, each), labels.get(each, ""))
        for each in coming
        if each in differs
    )
    return tuple(day for day in days if day.ranges != told[day.date.weekday()])


def weekly_hours(schedule: slots.Schedule, today: dt.date) -> tuple[WeeklyOpening, ...]:
    """The weekly rules less their pauses, from Sunday on, as they are in the week of `today`."""
    week = slots.week_number(today)
    opening, breaks = slots.holding(schedule.opening, week), slots.holding(schedule.breaks, week)
    found: list[WeeklyOpening] = []
    for day_of_week, opens, closes in sorted(opening):
        start = opens
        for _, pause, resumes in sorted(each for each in breaks if each[0] == day_of_week):
            if pause < closes and resumes > start:
                if pause > start:
                    found.append((day_of_week, start, pause))
                start = resumes
        if start < closes:
            found.append((day_of_week, start, closes))
    return tuple(found)


def _week_of(date: dt.date) -> list[dt.date]:
    monday = date - dt.timedelta(days=date.weekday())
    return [monday + dt.timedelta(days=n) for n in range(7)]


def _minutes(offer: Offer, schedule: slots.Schedule, date: dt.date) -> tuple[Minutes, ...]:
    """From 00:00 of the date by the clock on the wall; an end may pass 1440."""

    def minute(instant: int) -> int:
        at = dt.datetime.fromtimestamp(instant, offer.zone)
        return (at.date() - date).days * 1440 + at.hour * 60 + at.minute

    return tuple((minute(start), minute(end)) for start, end in slots.open_ranges(schedule, date))
