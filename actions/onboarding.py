"""Setting a business up: each step of ten is one action, saved at once; what is skipped stays to be done.

The inputs are those of forms: numbers and ticks come as text. Their errors are named as the fields are
(`services.0.name`).
"""

import datetime as dt
import re
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

import db
import sectors
from actions import audit
from actions.access import Actor, demand
from actions.business import minutes, own_texts
from actions.inputs import PHONE_LENGTH, Date, Input, Name, OptionalMessage, OptionalSlug, Time, problem, refuse
from errors import Invalid, Problem
from lib import money, phone, slugs
from lib.ids import uuid7
from lib.languages import Translations
from models import BreakRule, Business, Claim, OpeningRule, Resource, ScheduleException, Service, ServiceResource
from queries import offer as offers
from queries.business import BusinessCard
from sectors import ACCENTS

STEPS = 10
ZONES = {"BE": "Europe/Brussels", "FR": "Europe/Paris"}
POSTCODES = {"BE": r"[1-9][0-9]{3}", "FR": r"[0-9]{5}"}
LONGEST_ABSENCE = 92  # days that one closure may last here


class MarkInput(Input):
    """`PATCH /api/site/onboarding` (S0)."""

    step: Annotated[int, Field(ge=1, le=STEPS)]


def mark(business: BusinessCard, by: Actor, step: int, *, now: int) -> list[int]:
    """Note a step (1 to 10) as done; returns the steps done, rising. A step that was done stays so."""
    demand(by, "settings.write")
    assert 1 <= step <= STEPS, step
    with db.writing(business.id):
        row = Business.select(Business.onboarding).where(Business.id == business.id).get()
        done = sorted({*row.onboarding, step})
        if step not in row.onboarding:
            Business.update(onboarding=done).where(Business.id == business.id).execute()
            audit.note(by, "onboarding.marked", business.id, now=now, step=step)
    return done


# --- what forms send -----------------------------------------------------------------------------------------------


def _whole(value: Any) -> Any:
    text = value.strip() if isinstance(value, str) else value
    if text in (None, ""):
        raise PydanticCustomError("missing", "refused")
    return int(text) if isinstance(text, str) and re.fullmatch(r"[0-9]{1,6}", text, re.ASCII) else text


def _price(value: Any) -> Any:
    try:
        return money.read_cents(value) if isinstance(value, str) else value
    except ValueError:
        raise PydanticCustomError("price", "refused") from None


def _absent(value: Any) -> Any:
    return None if value == "" else value


Whole = Annotated[int, BeforeValidator(_whole)]
Ticked = Annotated[bool, BeforeValidator(lambda value: value in (True, "oui"))]
Cents = Annotated[int, Field(ge=0, le=1_000_000), BeforeValidator(_price)]
OptionalTime = Annotated[Time | None, BeforeValidator(_absent)]
OptionalDate = Annotated[Date | None, BeforeValidator(_absent)]
Key = Annotated[str, StringConstraints(max_length=63)]


# --- 3: where clients are received ---------------------------------------------------------------------------------


class PlaceInput(Input):
    """`place` sets that of every service; empty: each keeps its own."""

    street: Name
    postcode: Name
    town: Name
    country: Literal["BE", "FR"] = "BE"
    phone: Annotated[Name, Field(max_length=PHONE_LENGTH)]
    place: Literal["", "on_site", "at_client", "video"] = ""


def receive(business: BusinessCard, by: Actor, data: PlaceInput, *, now: int) -> None:
    """Address and phone. The first time it puts the page on line: from then on it takes bookings."""
    demand(by, "settings.write")
    problems = _place_problems(data)
    if problems:
        raise Invalid(problems)
    values: dict[str, Any] = {
        "street": data.street, "postcode": data.postcode, "town": data.town, "country": data.country,
        "timezone": ZONES[data.country], "phone": phone.normalise(data.phone, data.country),
    }  # fmt: skip
    opens = 3 not in business.onboarding
    with db.writing(business.id):
        Business.update(**values, **({"public": True} if opens else {})).where(Business.id == business.id).execute()
        if data.place:
            Service.update(place=data.place).execute()
        audit.note(by, "business.opened" if opens else "business.changed", business.id, now=now, changed=sorted(values))
        mark(business, by, 3, now=now)


def _place_problems(data: PlaceInput) -> dict[str, Problem]:
    problems: dict[str, Problem] = {}
    if not re.fullmatch(POSTCODES[data.country], data.postcode, re.ASCII):
        problems["postcode"] = problem("postcode", f"postcode_{data.country}")
    try:
        phone.normalise(data.phone, data.country)
    except phone.BadNumber:
        problems["phone"] = problem("phone", "phone")
    return problems


# --- 4: services ---------------------------------------------------------------------------------------------------


class ServiceLine(Input):
    """Without `slug` a new one."""

    slug: OptionalSlug = None
    name: Name
    minutes: Annotated[Whole, Field(ge=5, le=720)]
    price: Cents
    active: Ticked = False


class ServicesInput(Input):
    services: Annotated[list[ServiceLine], Field(max_length=60)]


def choose_services(business: BusinessCard, by: Actor, data: ServicesInput, *, now: int) -> None:
    """Names, lengths and prices; what is not ticked is archived. Raises Invalid when nothing is left to book."""
    demand(by, "services.write")
    if not any(line.active for line in data.services):
        raise refuse("services.0.active", "nothing_offered")
    known = {card.slug: card for card in offers.load(business).services}
    with db.writing(business.id):
        for line in data.services:
            if line.slug in known:
                _change_service(known[line.slug], line)
            elif line.slug is None:
                _add_service(business, line)
        audit.note(by, "services.chosen", now=now, names=[line.name for line in data.services if line.active])
        mark(business, by, 4, now=now)


def _change_service(card: offers.ServiceCard, line: ServiceLine) -> None:
    values: dict[str, Any] = {
        "name": line.name, "duration_minutes": line.minutes, "price_cents": line.price, "active": line.active,
    }  # fmt: skip
    if line.name != card.name:  # the template's translations say something else now
        values["translations"] = _without(card.translations, "name")
    Service.update(**values).where(Service.id == card.id).execute()


def _without(translations: Translations, field: str) -> dict[str, dict[str, str]]:
    left = {
        tongue: {name: text for name, text in said.items() if name != field} for tongue, said in translations.items()
    }
    return {tongue: said for tongue, said in left.items() if said}


def _add_service(business: BusinessCard, line: ServiceLine) -> None:
    sector, key = sectors.get(business.sector), uuid7()
    rows = list(Service.select(Service.slug, Service.position, Service.place).order_by(Service.position))
    Service.insert(
        id=key, slug=_free({row.slug for row in rows}, line.name, "prestation"), name=line.name, active=line.active,
        duration_minutes=line.minutes, price_cents=line.price, deposit_bp=sector.rules.deposit.rate_bp,
        place=rows[0].place if rows else "on_site", position=max((row.position for row in rows), default=-1) + 1,
    ).execute()  # fmt: skip
    bookable = [row.id for row in Resource.select(Resource.id).where(Resource.active)]
    _offer([key], bookable)


def _offer(service_ids: list[UUID], resource_ids: list[UUID]) -> None:
    pairs = [{"service_id": one, "resource_id": other} for one in service_ids for other in resource_ids]
    if pairs:
        ServiceResource.insert_many(pairs).execute()


def _free(taken: set[str], name: str, otherwise: str) -> str:
    first = slugs.propose(name)[:50].strip("-") or otherwise
    numbered = (first if n == 1 else f"{first}-{n}" for n in range(1, len(taken) + 2))
    return next(each for each in numbered if each not in taken)


# --- 5: hours ------------------------------------------------------------------------------------------------------


class DayInput(Input):
    """An end before its start is of the next morning. The pause is optional."""

    open: Ticked = False
    start: OptionalTime = None
    end: OptionalTime = None
    pause_start: OptionalTime = None
    pause_end: OptionalTime = None


class WeekInput(Input):
    """From Sunday (0) on, as S3 counts."""

    days: Annotated[list[DayInput], Field(min_length=7, max_length=7)]


def open_hours(business: BusinessCard, by: Actor, data: WeekInput, *, now: int) -> None:
    """The week of the whole business. Raises Invalid per day, and when no day is open."""
    demand(by, "hours.write", None)
    problems: dict[str, Problem] = {}
    rows = [row for number, day in enumerate(data.days) for row in _day_rows(number, day, problems)]
    if problems:
        raise Invalid(problems)
    if not rows:
        raise refuse("days.1.open", "nothing_open")
    with db.writing(business.id):
        OpeningRule.delete().where(OpeningRule.resource_id.is_null()).execute()
        OpeningRule.insert_many(rows).execute()
        audit.note(by, "hours.changed", now=now, week=[[row[name] for name in rows[0]] for row in rows])
        mark(business, by, 5, now=now)


def _day_rows(number: int, day: DayInput, problems: dict[str, Problem]) -> list[dict[str, int]]:
    if not day.open:
        return []
    field = f"days.{number}"
    for name in ("start", "end"):
        if getattr(day, name) is None:
            problems[f"{field}.{name}"] = problem(name, "time")
    if (day.pause_start is None) != (day.pause_end is None):
        missing = "pause_start" if day.pause_start is None else "pause_end"
        problems[f"{field}.{missing}"] = problem(missing, "pause_half")
    if any(name.startswith(field) for name in problems):
        return []
    ranges = _ranges(day)
    if any(start >= end for start, end in ranges):
        problems[f"{field}.pause_start"] = problem("pause_start", "pause_outside")
        return []
    return [{"day_of_week": number, "start_minutes": start, "end_minutes": end} for start, end in ranges]


def _ranges(day: DayInput) -> list[tuple[int, int]]:
    assert day.start is not None
    assert day.end is not None
    start = minutes(day.start)
    end = _after(minutes(day.end), start)
    if day.pause_start is None or day.pause_end is None:
        return [(start, end)]
    pause = _after(minutes(day.pause_start), start)
    return [(start, pause), (_after(minutes(day.pause_end), pause), end)]


def _after(moment: int, start: int) -> int:
    """The same hour of the next morning where it would not come after `start`."""
    return moment if moment > start else moment + 24 * 60


# --- 6: rules ------------------------------------------------------------------------------------------------------


class RulesInput(Input):
    """Buffer and deposit: empty leaves each service its own."""

    notice_minutes: Annotated[Whole, Field(ge=0, le=43_200)]
    horizon_days: Annotated[Whole, Field(ge=1, le=730)]
    buffer_minutes: Annotated[Annotated[Whole, Field(ge=0, le=240)] | None, BeforeValidator(_absent)] = None
    cancellation_hours: Annotated[Whole, Field(ge=0, le=336)]
    approval: Literal["auto", "hand"]
    deposit_percent: Annotated[Annotated[Whole, Field(ge=0, le=100)] | None, BeforeValidator(_absent)] = None


def set_rules(business: BusinessCard, by: Actor, data: RulesInput, *, now: int) -> None:
    """Another delay of cancellation gives half of the deposit back until half of that delay."""
    demand(by, "settings.write")
    values: dict[str, Any] = {
        "notice_minutes": data.notice_minutes, "horizon_days": data.horizon_days,
        "approves_by_hand": data.approval == "hand",
    }  # fmt: skip
    if data.cancellation_hours != business.cancellation.full_hours:
        hours = data.cancellation_hours
        values["cancellation"] = {"full_hours": hours, "partial_hours": hours // 2, "partial_bp": 5_000}
    of_services: dict[str, int] = {}
    if data.buffer_minutes is not None:
        of_services["buffer_after"] = data.buffer_minutes
    if data.deposit_percent is not None:
        of_services["deposit_bp"] = data.deposit_percent * 100
    with db.writing(business.id):
        Business.update(**values).where(Business.id == business.id).execute()
        if of_services:
            Service.update(**of_services).execute()
        audit.note(by, "settings.changed", business.id, now=now, **values, **of_services)
        mark(business, by, 6, now=now)


# --- 7: people, or tables ------------------------------------------------------------------------------------------


class PeopleInput(Input):
    """New people, by name; each offers every service and works by the hours of the business."""

    people: Annotated[list[Name], Field(max_length=30)]


def add_people(business: BusinessCard, by: Actor, data: PeopleInput, *, now: int) -> None:
    demand(by, "team.write")
    sector = sectors.get(business.sector)
    with db.writing(business.id):
        offered = [row.id for row in Service.select(Service.id)]
        for name in data.people:
            key, taken = uuid7(), {row.slug for row in Resource.select(Resource.slug)}
            Resource.insert(
                id=key, slug=_free(taken, name, "personne"), name=name, position=len(taken),
                **own_texts(business.locale, title=sector.name),
            ).execute()  # fmt: skip
            _offer(offered, [key])
            audit.note(by, "resource.created", key, now=now, name=name)
        mark(business, by, 7, now=now)


class TableLine(Input):
    slug: Key
    name: Name
    seats: Annotated[Whole, Field(ge=1, le=60)]
    active: Ticked = False


class TablesInput(Input):
    """Besides the tables there are, `more` new ones of `more_seats`."""

    tables: Annotated[list[TableLine], Field(max_length=200)]
    more: Annotated[Whole, Field(ge=0, le=50)] = 0
    more_seats: Annotated[Whole, Field(ge=1, le=60)] = 2


def set_tables(business: BusinessCard, by: Actor, data: TablesInput, *, now: int) -> None:
    """Raises Invalid when no table is left, and for one that is given up while it is booked."""
    demand(by, "team.write")
    if not data.more and not any(line.active for line in data.tables):
        raise refuse("tables.0.active", "no_table")
    cards = {card.slug: card for card in offers.load(business).resources if card.kind == "table"}
    with db.writing(business.id):
        for number, line in enumerate(data.tables):
            if line.slug in cards:
                _change_table(cards[line.slug], line, number, now)
        for _ in range(data.more):
            _add_table(data.more_seats)
        audit.note(by, "tables.changed", now=now, added=data.more, seats=data.more_seats if data.more else 0)
        mark(business, by, 7, now=now)


def _change_table(card: offers.ResourceCard, line: TableLine, number: int, now: int) -> None:
    if card.active and not line.active and _is_claimed(card.id, now):
        raise refuse(f"tables.{number}.active", "table_booked")
    values: dict[str, Any] = {"name": line.name, "seats": line.seats, "active": line.active}
    values["min_seats"] = min(card.rules.min_seats, line.seats)
    if line.name != card.name:
        values["translations"] = _without(card.translations, "name")
    Resource.update(**values).where(Resource.id == card.id).execute()


def _is_claimed(resource_id: UUID, now: int) -> bool:
    moment = dt.datetime.fromtimestamp(now, dt.UTC)
    return bool(Claim.select(Claim.unit).where(Claim.resource_id == resource_id, Claim.ends_at > moment).first())


def _add_table(seats: int) -> None:
    rows = list(Resource.select(Resource.slug, Resource.position))
    number = sum(row.slug.startswith("table") for row in rows) + 1
    key, slug = uuid7(), _free({row.slug for row in rows}, f"table-{number}", "table")
    Resource.insert(
        id=key, slug=slug, kind="table", name=f"Table {number}", seats=seats, min_seats=1 if seats <= 2 else seats // 2,
        position=max((row.position for row in rows), default=-1) + 1,
    ).execute()  # fmt: skip
    _offer([row.id for row in Service.select(Service.id)], [key])


# --- 8: the calendar of today, absences ----------------------------------------------------------------------------

HOMES = ("paper", "google", "outlook", "apple", "software", "none")


class AbsencesInput(Input):
    """A weekly absence wants day and hours, a closure its first day; both are optional."""

    home: Literal["", "paper", "google", "outlook", "apple", "software", "none"] = ""
    break_day: Annotated[Annotated[Whole, Field(ge=0, le=6)] | None, BeforeValidator(_absent)] = None
    break_start: OptionalTime = None
    break_end: OptionalTime = None
    closed_from: OptionalDate = None
    closed_to: OptionalDate = None
    closed_label: OptionalMessage = None


def tell_absences(business: BusinessCard, by: Actor, data: AbsencesInput, *, now: int) -> None:
    demand(by, "hours.write", None)
    demand(by, "settings.write")
    _check_absences(data)
    with db.writing(business.id):
        Business.update(calendar_home=data.home).where(Business.id == business.id).execute()
        if data.break_day is not None and data.break_start and data.break_end:
            BreakRule.insert(
                day_of_week=data.break_day, start_minutes=minutes(data.break_start), end_minutes=minutes(data.break_end)
            ).execute()
            audit.note(by, "hours.changed", now=now, day=data.break_day, start=data.break_start, end=data.break_end)
        if data.closed_from:
            _close(business, by, data.closed_from, data.closed_to or data.closed_from, data.closed_label or "", now)
        audit.note(by, "settings.changed", business.id, now=now, calendar_home=data.home)
        mark(business, by, 8, now=now)


def _check_absences(data: AbsencesInput) -> None:
    problems: dict[str, Problem] = {}
    parts = {"break_day": data.break_day, "break_start": data.break_start, "break_end": data.break_end}
    if any(value is not None for value in parts.values()):
        problems = {name: problem(name, "break_part") for name, value in parts.items() if value is None}
    if data.break_start and data.break_end and data.break_end <= data.break_start:
        problems["break_end"] = problem("break_end", "before_start")
    if data.closed_to and not data.closed_from:
        problems["closed_from"] = problem("closed_from", "date")
    if data.closed_from and data.closed_to:
        days = (data.closed_to - data.closed_from).days
        if not 0 <= days < LONGEST_ABSENCE:
            problems["closed_to"] = problem(
                "closed_to", "before_start" if days < 0 else "too_far", days=LONGEST_ABSENCE
            )
    if problems:
        raise Invalid(problems)


def _close(business: BusinessCard, by: Actor, first: dt.date, last: dt.date, label: str, now: int) -> None:
    """A day that is closed already stays as it is. Raises Invalid when somebody has booked meanwhile."""
    zone = offers.load(business).zone
    starts = dt.datetime.combine(first, dt.time(), zone).astimezone(dt.UTC)
    ends = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), zone).astimezone(dt.UTC)
    booked = Claim.select(Claim.unit).where(
        Claim.booking_id.is_null(False), Claim.ends_at > starts, Claim.starts_at < ends
    )
    if booked.first():
        raise refuse("closed_from", "days_booked")
    dates = {first + dt.timedelta(days=count) for count in range((last - first).days + 1)}
    there = ScheduleException.select(ScheduleException.date).where(
        ScheduleException.resource_id.is_null(), ScheduleException.kind == "closure"
    )
    for date in sorted(dates - {row.date for row in there}):
        ScheduleException.insert(date=date, kind="closure", label=label).execute()
    audit.note(by, "days.closed", now=now, first=first.isoformat(), last=last.isoformat(), label=label)


# --- 9: reminders --------------------------------------------------------------------------------------------------


class ReminderInput(Input):
    shows_phone: Ticked = False


def show_phone(business: BusinessCard, by: Actor, data: ReminderInput, *, now: int) -> None:
    """Whether pages and mails tell the number."""
    demand(by, "settings.write")
    with db.writing(business.id):
        Business.update(shows_phone=data.shows_phone).where(Business.id == business.id).execute()
        audit.note(by, "settings.changed", business.id, now=now, shows_phone=data.shows_phone)
        mark(business, by, 9, now=now)


# --- 10: looks -----------------------------------------------------------------------------------------------------


class LookInput(Input):
    """`motif`: the profession whose drawing stands on the page; empty: the own one."""

    accent: str
    motif: str = ""
    bio: OptionalMessage = None


def choose_look(business: BusinessCard, by: Actor, data: LookInput, *, now: int) -> None:
    demand(by, "site.write")
    if data.accent not in ACCENTS:
        raise refuse("accent", "choice")
    if data.motif and data.motif not in sectors.ids():
        raise refuse("motif", "choice")
    motif = "" if data.motif == business.sector else data.motif
    values: dict[str, Any] = {"accent": data.accent, "motif": motif, "bio": data.bio or ""}
    if values["bio"] != business.bio:
        values["translations"] = _without(business.translations, "bio")
    with db.writing(business.id):
        Business.update(**values).where(Business.id == business.id).execute()
        audit.note(by, "site.changed", business.id, now=now, accent=data.accent, motif=motif)
        mark(business, by, 10, now=now)
