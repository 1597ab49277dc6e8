"""Believable businesses for the default run, one file each beside this one: the same every time, with dates relative
to the day of loading. Each shows what its profession's file brings along, with words of its own."""

import datetime as dt
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import db
import sectors
import slots
from actions import booking
from actions import business as making
from actions.business import own_texts
from actions.demo.schema import DemoBooking, DemoBusiness, Dish, Person, Profile
from actions.inputs import read
from actions.onboarding import STEPS
from errors import SlotTaken
from lib.ids import uuid7
from models import (
    ROLES,
    BreakRule,
    Business,
    Membership,
    MenuItem,
    OpeningRule,
    Resource,
    ScheduleException,
    Testimonial,
    User,
)
from queries.business import BusinessCard, by_slug
from queries.offer import Offer
from queries.offer import load as load_offer
from sectors import Sector

FOLDER = Path(__file__).parent
ROLE_NAMES = {
    "owner": "Propriétaire (démo)", "admin": "Administrateur (démo)", "practitioner": "Praticien (démo)",
    "reception": "Accueil (démo)", "read_only": "Lecture (démo)",
}  # fmt: skip


def load(*, now: int) -> list[str]:
    """Make the demo businesses that are missing, with a few coming bookings; returns the slugs made. Raises
    sectors.Misfit when a file breaks the schema."""
    made = [each for each in every() if not _exists(each.slug)]
    for each in made:
        business_id = uuid7()
        with db.writing(business_id):  # with its bookings or not at all; one commit, because serving waits for this
            _make(each, business_id, now)
            _book(by_slug(each.slug), each.bookings, now)
    return [each.slug for each in made]


def every() -> list[DemoBusiness]:
    """The files, by slug."""
    return [sectors.read(path, DemoBusiness, slug=path.stem) for path in sorted(FOLDER.glob("*.toml"))]


def _exists(slug: str) -> bool:
    with db.looking():
        return bool(Business.select(Business.id).where(Business.slug == slug).first())


def _make(each: DemoBusiness, business_id: UUID, now: int) -> None:
    sector, locale = sectors.get(each.business.sector), each.business.locale
    Business.insert(id=business_id, created_at=_moment(now), **_columns(each, sector)).execute()
    people = {person.slug: _person(person, position, locale) for position, person in enumerate(each.people)}
    _services(each, sector, people, _rooms(each, sector) if sector.books_tables else [*people.values()])
    making.add_hours(OpeningRule, sector.hours if each.hours is None else each.hours)
    making.add_hours(BreakRule, each.breaks)
    _closures(each, now)
    _texts(each, sector)
    _members(each, people, locale, now)


def _members(each: DemoBusiness, people: dict[str, UUID], locale: str, now: int) -> None:
    """One user per role, proved, without a password: the development's door lets them in."""
    for role in ROLES:
        user_id = uuid7()
        User.insert(
            id=user_id, email=f"{role.replace('_', '-')}@{each.slug}.example", name=ROLE_NAMES[role],
            locale=locale, verified_at=_moment(now), created_at=_moment(now),
        ).execute()  # fmt: skip
        own = next(iter(people.values()), None) if role == "practitioner" else None
        Membership.insert(user_id=user_id, role=role, resource_id=own, created_at=_moment(now)).execute()


def _columns(each: DemoBusiness, sector: Sector) -> dict[str, Any]:
    profile = each.business
    said = {"headline", "lead", "bio", "seo_title", "seo_description", "access"}
    plain = {name: getattr(profile, name) for name in Profile.model_fields if name not in said}
    given = {name: value for name, value in plain.items() if value is not None}
    texts = own_texts(profile.locale, **{name: getattr(profile, name) for name in sorted(said)})
    address = {"slug": each.slug, "domain": f"{each.slug}.localhost", "onboarding": list(range(1, STEPS + 1))}
    return making.defaults(sector) | given | {"frame_ancestors": list(profile.frame_ancestors)} | texts | address


def _person(person: Person, position: int, locale: str) -> UUID:
    key = uuid7()
    Resource.insert(
        id=key, slug=person.slug, name=person.name, position=position, languages=list(person.languages),
        **own_texts(locale, title=person.title, bio=person.bio),
    ).execute()  # fmt: skip
    making.add_hours(OpeningRule, person.hours, key)
    making.add_hours(BreakRule, person.breaks, key)
    return key


def _rooms(each: DemoBusiness, sector: Sector) -> list[UUID]:
    return making.add_rooms(sector.rooms if each.rooms is None else each.rooms, each.business.locale)


def _services(each: DemoBusiness, sector: Sector, people: dict[str, UUID], everyone: list[UUID]) -> None:
    add = partial(making.add_service, sector=sector, locale=each.business.locale)
    if each.services is None:
        for position, template in enumerate(sector.services):
            add(template, everyone, position=position)
        return
    for position, service in enumerate(each.services):
        by = [people[slug] for slug in service.by] or everyone
        add(service, by, position=position, buffer_before=service.buffer_before, active=service.active)


def _closures(each: DemoBusiness, now: int) -> None:
    today = dt.datetime.fromtimestamp(now, ZoneInfo(each.business.timezone)).date()
    for closure in each.closures:
        date = today + dt.timedelta(days=closure.days_ahead)
        ScheduleException.insert(date=date, kind="closure", label=closure.label).execute()


def _texts(each: DemoBusiness, sector: Sector) -> None:
    locale = each.business.locale
    making.add_specializations(sector.specializations if each.specializations is None else each.specializations, locale)
    making.add_values(sector.values if each.values is None else each.values, locale)
    making.add_questions(sector.questions if each.questions is None else each.questions, locale)
    for position, dish in enumerate(each.menu):
        _dish(dish, position, locale)
    for position, words in enumerate(each.testimonials):
        Testimonial.insert(author=words.author, position=position, **own_texts(locale, text=words.text)).execute()


def _dish(dish: Dish, position: int, locale: str) -> None:
    texts = own_texts(locale, section=dish.section, name=dish.name, description=dish.description)
    MenuItem.insert(price_cents=dish.price_cents, position=position, **texts).execute()


def _book(business: BusinessCard, wanted: tuple[DemoBooking, ...], now: int) -> None:
    """A time that is not on offer, on a day when that person does not work say, simply gets none."""
    dates = _open_weekdays(load_offer(business), now)
    for each in wanted:
        body = {
            "serviceId": each.service, "date": dates[each.ahead - 1].isoformat(), "time": each.time,
            "resourceId": each.person, "partySize": each.party, "answers": each.answers,
            "customer": {"name": each.name, "email": each.email}, "notifications": {"email": False},
        }  # fmt: skip
        try:
            booking.create(business, read(booking.BookingInput, body), now=now, caps=booking.Caps(), source="phone")
        except SlotTaken:
            continue


def _open_weekdays(offer: Offer, now: int) -> list[dt.date]:
    """The days from Monday to Friday, after today and within the horizon, on which the business opens."""
    ahead = range(1, offer.business.horizon_days + 1)
    dates = [offer.local_date(now) + dt.timedelta(days=n) for n in ahead]
    return [date for date in dates if date.weekday() < 5 and slots.open_ranges(offer.schedule, date)]


def _moment(now: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(now, dt.UTC)
