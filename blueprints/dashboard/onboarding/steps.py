"""Steps 3 to 10: what each shows, reads and does."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash
from flask_babel import gettext

import sectors
from actions import members as inviting
from actions import onboarding as doing
from actions.access import Actor
from actions.inputs import Input, read
from blueprints import context, members
from blueprints.answers import text_of
from blueprints.dashboard.onboarding.fields import flat, nested, ticked, typed
from errors import BooktError
from queries import onboarding
from queries.business import BusinessCard
from queries.offer import ServiceCard
from sectors import ACCENTS, Hours

Values = dict[str, str]
OFFERED_NOTICE = (0, 60, 120, 240, 720, 1440, 2880, 10080)
OFFERED_HORIZON = (30, 60, 90, 180, 365)
OFFERED_BUFFER = (0, 5, 10, 15, 20, 30, 45)
OFFERED_CANCELLATION = (0, 12, 24, 48, 72)
OFFERED_DEPOSIT = (0, 10, 20, 30, 50, 100)
NEW_PEOPLE = 3


@dataclass(frozen=True)
class Step:
    """`fields`: names of its fields, or what these begin with. `values`: as they are stored. `more`: what else the page
    needs. `prepare` turns what was typed into what the input reads."""

    template: str
    fields: tuple[str, ...]
    kind: type[Input]
    act: Callable[..., None]
    values: Callable[[], Values]
    more: Callable[[], dict[str, Any]] = dict
    prepare: Callable[[dict[str, Any]], dict[str, Any]] = lambda values: values

    def save(self, values: Values) -> None:
        """Raises Invalid."""
        data = read(self.kind, self.prepare(nested(values)))
        self.act(context.business(), members.actor(), data, now=context.now())

    def typed(self) -> Values:
        return typed(*self.fields)


def of(step: int) -> Step:
    if step == 7 and context.content().sector.books_tables:
        return TABLES
    return STEPS[step]


# --- 3 -------------------------------------------------------------------------------------------------------------


def _place() -> Values:
    business, places = context.business(), {card.place for card in context.offer().services}
    return {
        "street": business.street, "postcode": business.postcode, "town": business.town, "country": business.country,
        "phone": business.phone or "", "place": places.pop() if len(places) == 1 else "",
    }  # fmt: skip


def _places() -> dict[str, Any]:
    places = {card.place for card in context.offer().services}
    return {"mixed": len(places) > 1 or not places <= {"on_site", "at_client", "video"}}


# --- 4 -------------------------------------------------------------------------------------------------------------


def _services() -> Values:
    lines = [
        {"slug": card.slug, "name": card.name, "minutes": str(card.duration_minutes),
         "price": _euros(card.price_cents), "active": ticked(card.active)}
        for card in context.offer().services
    ]  # fmt: skip
    return flat("services", lines)


def _filled_services(values: dict[str, Any]) -> dict[str, Any]:
    """The line for a new one may stay empty."""
    lines = values.get("services", [])
    new = [line for line in lines if not line.get("slug")]
    blank = [line for line in new if not (line.get("name", "").strip() or line.get("price", "").strip())]
    return {"services": [line for line in lines if line not in blank]}


def _turns() -> dict[str, Any]:
    """Services whose length hangs on how many come."""
    return {"turns": {card.slug: card.rules.turn for card in context.offer().services if card.rules.turn}}


def _euros(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02}" if cents % 100 else str(cents // 100)


# --- 5 -------------------------------------------------------------------------------------------------------------


def _week() -> Values:
    return _days([[*day] for day in onboarding.week(context.business()).days])


def presets() -> dict[str, tuple[Hours, ...]]:
    """Weeks to begin with; `metier` is the profession's own."""
    return {
        "metier": context.content().sector.hours,
        "bureau": (Hours(days=(1, 2, 3, 4, 5), ranges=(("09:00", "12:30"), ("13:30", "17:30"))),),
        "samedi": (Hours(days=(2, 3, 4, 5, 6), ranges=(("09:00", "12:30"), ("13:30", "18:30"))),),
    }


def preset(name: str) -> Values | None:
    hours = presets().get(name)
    if hours is None:
        return None
    days: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for each in hours:
        for day in each.days:
            days[day] += [(_minutes(start), _minutes(end)) for start, end in each.ranges]
    return _days(days)


def copied(values: Values, source: str) -> Values:
    """The hours of one day on all the other days that are open."""
    names = ("start", "end", "pause_start", "pause_end")
    is_open = [day for day in range(7) if values.get(f"days.{day}.open")]
    return values | {f"days.{day}.{name}": values.get(f"days.{source}.{name}", "") for day in is_open for name in names}


def _days(days: list[list[tuple[int, int]]]) -> Values:
    names = ("start", "pause_start", "pause_end", "end")
    lines = []
    for ranges in days:
        moments = [_clock(moment) for both in ranges for moment in both]
        shown = moments if len(moments) == 4 else [*moments[:1], "", "", *moments[-1:]]
        lines.append({"open": ticked(bool(ranges))} | dict.fromkeys(names, "") | dict(zip(names, shown, strict=False)))
    return flat("days", lines)


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _hours() -> dict[str, Any]:
    return {"plain": onboarding.week(context.business()).plain, "presets": list(presets()), "weekdays": _weekdays()}


def _weekdays() -> list[tuple[int, dt.date]]:
    """Monday first, each with a date of its name."""
    return [((number + 1) % 7, dt.date(2024, 1, 1) + dt.timedelta(days=number)) for number in range(7)]


def _all_days(values: dict[str, Any]) -> dict[str, Any]:
    lines = values.get("days", [])
    return {"days": lines + [{} for _ in range(7 - len(lines))]}


# --- 6 -------------------------------------------------------------------------------------------------------------


def _rules() -> Values:
    business, services = context.business(), context.offer().services
    return {
        "notice_minutes": str(business.notice_minutes), "horizon_days": str(business.horizon_days),
        "buffer_minutes": _common(services, lambda card: card.rules.after),
        "cancellation_hours": str(business.cancellation.full_hours),
        "approval": "hand" if business.approves_by_hand else "auto",
        "deposit_percent": _common(services, lambda card: card.deposit_bp // 100),
    }  # fmt: skip


def _common(services: tuple[ServiceCard, ...], value: Callable[[ServiceCard], int]) -> str:
    found = {value(card) for card in services}
    return str(found.pop()) if len(found) == 1 else ""


def _offered() -> dict[str, Any]:
    now = _rules()
    lists = {
        "notice_minutes": OFFERED_NOTICE, "horizon_days": OFFERED_HORIZON, "buffer_minutes": OFFERED_BUFFER,
        "cancellation_hours": OFFERED_CANCELLATION, "deposit_percent": OFFERED_DEPOSIT,
    }  # fmt: skip
    return {
        "offered": {name: sorted({*each, *([int(now[name])] if now[name] else [])}) for name, each in lists.items()},
        "priced": any(card.price_cents for card in context.offer().active_services),
    }


# --- 7 -------------------------------------------------------------------------------------------------------------


def _people() -> Values:
    return flat("people", [{"name": "", "email": "", "role": "practitioner"} for _ in range(NEW_PEOPLE)])


def _add_people(business: BusinessCard, by: Actor, data: doing.PeopleInput, *, now: int) -> None:
    """Who could not be invited is told; everybody else has been."""
    for invitation in doing.add_people(business, by, data, now=now):
        try:
            inviting.invite(business, by, invitation, now=now, **context.mailing())
        except BooktError as error:
            why = {"email": invitation.email, "why": text_of(error)}
            said: Any = {"text": gettext("%(email)s n’est pas invité : %(why)s", **why), "bad": True}
            flash(said)


def _team() -> dict[str, Any]:
    return {"there": [card for card in context.offer().resources if card.active], "proved": members.actor().proved}


def _tables() -> Values:
    lines = [
        {"slug": card.slug, "name": card.name, "seats": str(card.rules.seats or 1), "active": ticked(card.active)}
        for card in context.offer().resources if card.kind == "table"
    ]  # fmt: skip
    return flat("tables", lines) | {"more": "0", "more_seats": "4"}


def _lines_of_tables(values: dict[str, Any]) -> dict[str, Any]:
    return {"tables": []} | values


# --- 8, 9, 10 ------------------------------------------------------------------------------------------------------


def _absences() -> Values:
    names = ("break_day", "break_start", "break_end", "closed_from", "closed_to", "closed_label")
    return {"home": context.business().calendar_home} | dict.fromkeys(names, "")


def _absent() -> dict[str, Any]:
    today = context.offer().local_date(context.now())
    return {
        "breaks": onboarding.week(context.business()).breaks, "weekdays": _weekdays(), "today": today,
        "closed": [day for day in context.offer().special_days if day.kind == "closure" and day.date >= today],
    }  # fmt: skip


def _reminders() -> Values:
    return {"shows_phone": ticked(context.business().shows_phone)}


def _look() -> Values:
    business = context.business()
    return {"accent": business.accent, "motif": business.motif or business.sector, "bio": business.bio}


def _looks() -> dict[str, Any]:
    return {"accents": ACCENTS, "sectors": sectors.every()}


TABLES = Step(
    "tables", ("tables", "more", "more_seats"), doing.TablesInput, doing.set_tables, _tables, prepare=_lines_of_tables
)
STEPS: dict[int, Step] = {
    3: Step("place", ("street", "postcode", "town", "country", "phone", "place"), doing.PlaceInput, doing.receive,
            _place, _places),
    4: Step("services", ("services",), doing.ServicesInput, doing.choose_services, _services, _turns,
            _filled_services),
    5: Step("hours", ("days",), doing.WeekInput, doing.open_hours, _week, _hours, _all_days),
    6: Step("rules", ("notice_minutes", "horizon_days", "buffer_minutes", "cancellation_hours", "approval",
                      "deposit_percent"), doing.RulesInput, doing.set_rules, _rules, _offered),
    7: Step("people", ("people",), doing.PeopleInput, _add_people, _people, _team),
    8: Step("absences", ("home", "break_day", "break_start", "break_end", "closed_from", "closed_to", "closed_label"),
            doing.AbsencesInput, doing.tell_absences, _absences, _absent),
    9: Step("reminders", ("shows_phone",), doing.ReminderInput, doing.show_phone, _reminders),
    10: Step("look", ("accent", "motif", "bio"), doing.LookInput, doing.choose_look, _look, _looks),
}  # fmt: skip
