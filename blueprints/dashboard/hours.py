"""When it can be booked: the week, the days that differ, the legal holidays. What leaves a booking outside the hours
is shown first, and nothing is cancelled by it."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for
from flask_babel import gettext, ngettext

import sectors
from actions import schedule
from actions.access import may
from actions.inputs import read, refuse
from blueprints import context
from blueprints.answers import page, text_of
from blueprints.dashboard.week_form import DAYS, Draft, minutes_of, near, rhythms
from blueprints.forms import Form, see_other
from blueprints.guards import needs
from blueprints.members import actor, of_members
from errors import Invalid, NotAllowed, NotFound, StaleVersion
from lib import holidays
from lib.dates import clock
from queries import hours
from queries.hours import Stretch, Visit
from queries.offer import ResourceCard

bp = of_members("hours", __name__, "/horaires")

AHEAD = 365  # days in which holidays are suggested
SHOWN_MONDAY = dt.date(2024, 1, 1)  # any Monday, to name the days of the week
DAYS_FIELDS = ("quoi", "du", "au", "debut", "fin", "debut2", "fin2", "motif")


@bp.get("")
@needs("hours.read")
def show() -> Response:
    return _page()


@bp.post("")
@needs("hours.write")
def save_week() -> Response:
    """The one form of the week: its buttons change what is typed, and the last of them keeps it."""
    whose, draft = _whose(), Draft.typed(request.form)
    act = request.form.get("faire", "enregistrer")
    if act != "enregistrer":
        draft.change(act, _copies(), sectors.get(context.business().sector).hours)
        return _page(draft, own=whose is not None, part="dashboard/_week.html")
    body = draft.body()
    if whose is not None and draft.is_empty and not draft.is_wrong:
        draft.general = str(gettext("Laissez au moins une plage, ou reprenez les horaires de l’établissement."))
    if draft.is_wrong:
        return _page(draft, own=whose is not None, status=422)
    try:
        return _keep_week(read(schedule.WeekInput, body), whose)
    except Invalid as error:
        draft.refuse(error.problems)
        return _page(draft, own=whose is not None, status=422)
    except StaleVersion as error:
        draft.general = text_of(error)
        return _page(draft, own=whose is not None, status=412)


@bp.post("/suivre")
@needs("hours.write")
def follow() -> Response:
    """A resource gives its own week up and has that of the business again."""
    whose = _whose()
    if whose is None:
        raise NotFound
    return _keep_week(read(schedule.WeekInput, {"openingRules": [], "breakRules": []}), whose)


@bp.post("/jours")
@needs("hours.write")
def set_days() -> Response:
    whose, form = _whose(), Form.typed(*DAYS_FIELDS)
    try:
        data = _days_typed(form)
    except Invalid as error:
        form.refuse({_field_of(name): problem for name, problem in error.problems.items()})
        return _page(days=form, status=422)
    try:
        found = schedule.days_in_conflict(context.business(), actor(), data, now=context.now(), resource=whose)
        if found and "garder" not in request.form:
            return _ask_first(found, whose)
        ids = schedule.set_days(context.business(), actor(), data, now=context.now(), resource=whose)
    except Invalid as error:
        form.refuse({_field_of(name): problem for name, problem in error.problems.items()})
        return _page(days=form, status=422)
    count = len(ids)
    told = ngettext("Un jour particulier ajouté.", "%(num)s jours particuliers ajoutés.", count)
    _flash_added(told, ids, whose)
    return _back(whose, "jours")


@bp.post("/jours/retirer")
@needs("hours.write")
def clear_days() -> Response:
    ids = _ids()
    today = context.offer().local_date(context.now())
    gone = [each for each in hours.stretches(context.offer(), today) if set(each.ids) & set(ids)]
    schedule.clear_days(context.business(), actor(), ids, now=context.now())
    if gone:
        each = gone[0]
        text = str(gettext("Jour particulier retiré : vos horaires habituels reprennent."))
        undo = {"href": url_for("hours.set_days"), "fields": _typed_again(each)}
        flash({"text": text, "undo": undo})  # type: ignore[arg-type]  # told by _toasts.html
    return _back(_whose(), "jours")


@bp.post("/feries")
@needs("hours.write")
def close_holidays() -> Response:
    """The checked ones, and never a day that the law does not name."""
    names = dict(_holidays())
    chosen = [date for date in names if date.isoformat() in request.form.getlist("jour")]
    business, by, now = context.business(), actor(), context.now()
    inputs = [read(schedule.DaysInput, {"date": date.isoformat(), "label": names[date]}) for date in chosen]
    found = [visit for data in inputs for visit in schedule.days_in_conflict(business, by, data, now=now)]
    if found and "garder" not in request.form:
        return _ask_first(found, None)
    ids = [each for data in inputs for each in schedule.set_days(business, by, data, now=now, kind="holiday")]
    if ids:
        told = ngettext("Un jour férié fermé.", "%(num)s jours fériés fermés.", len(ids))
        _flash_added(told, ids, None)
    return _back(None, "feries")


@bp.get("/fermer")
@needs("hours.write")
def ask_to_close() -> Response:
    """What closing today means; the second tap does it."""
    whose = _whose()
    data = _today_closed()
    found = schedule.days_in_conflict(context.business(), actor(), data, now=context.now(), resource=whose)
    today = context.offer().local_date(context.now())
    closed = any(
        each.first <= today <= each.last and not each.ranges and each.resource in (None, whose)
        for each in hours.stretches(context.offer(), today, of=whose.id if whose else None)
    )
    return page("dashboard/hours_close.html", visits=found, whose=whose, today=today, closed=closed)


@bp.post("/fermer")
@needs("hours.write")
def close_today() -> Response:
    whose = _whose()
    ids = schedule.set_days(context.business(), actor(), _today_closed(), now=context.now(), resource=whose)
    _flash_added(str(gettext("Fermé aujourd’hui : plus rien ne se réserve en ligne.")), ids, whose)
    return _back(whose, "jours")


# --- the page --------------------------------------------------------------------------------------------------------


def _page(
    draft: Draft | None = None, *, own: bool = False, days: Form | None = None, part: str | None = None,
    status: int = 200,
) -> Response:  # fmt: skip
    """`own`: the draft makes a week of its own for a resource that may still follow the business."""
    offer, today = context.offer(), context.offer().local_date(context.now())
    if _is_lost():
        return page("dashboard/hours_none.html")
    whose = _whose()
    week = hours.week(context.business(), whose)
    own = own or week.is_own or "propres" in request.args
    mine = actor().only
    return page(
        "dashboard/hours.html", part=part, status=status,
        whose=whose, week=week, own=own, today=today,
        draft=_near(draft or Draft.of(week), today), writes=may(actor(), "hours.write"),
        version=request.form.get("version") or week.version,
        order=DAYS, day_names={day: SHOWN_MONDAY + dt.timedelta(days=(day - 1) % 7) for day in DAYS},
        rhythms=lambda kept: rhythms(today, kept),
        people=[each for each in offer.resources if each.active and mine in (None, each.id) and _works(each)],
        places=[each for each in offer.resources if each.active and mine in (None, each.id) and not _works(each)],
        stretches=hours.stretches(offer, today, of=whose.id if whose else None),
        days=days or Form(dict.fromkeys(DAYS_FIELDS, "") | {"quoi": "ferme", "du": ""}),
        holidays=_suggested(today) if whose is None and may(actor(), "hours.write") and mine is None else [],
    )  # fmt: skip


def _near(draft: Draft, today: dt.date) -> Draft:
    for each in draft.days.values():
        for line in (*each.opening, *each.breaks):
            line.rhythm = near(line.rhythm, today)
    return draft


def _works(card: ResourceCard) -> bool:
    return card.kind == "practitioner"


def _suggested(today: dt.date) -> list[tuple[dt.date, str, Stretch | None]]:
    """The legal holidays to come, each with what has been decided of it."""
    decided = hours.stretches(context.offer(), today)
    return [
        (date, name, next((e for e in decided if e.resource is None and e.first <= date <= e.last), None))
        for date, name in _holidays()
    ]


def _holidays() -> list[tuple[dt.date, str]]:
    business, today = context.business(), context.offer().local_date(context.now())
    last = today + dt.timedelta(days=AHEAD)
    return holidays.coming(business.country, business.postcode, today, last, business.locale)


# --- what is asked ---------------------------------------------------------------------------------------------------


def _whose() -> ResourceCard | None:
    """None: the whole business. A practitioner has one answer: their own agenda."""
    slug, mine, offer = request.values.get("de", ""), actor().only, context.offer()
    if not slug and mine is None:
        return None
    found = offer.resource_by_slug(slug) if slug else next((e for e in offer.resources if e.id == mine), None)
    if found is None:
        raise NotFound
    if mine not in (None, found.id):
        raise NotAllowed
    return found


def _is_lost() -> bool:
    """A practitioner to whom no agenda has been given yet."""
    return actor().only is not None and actor().resource_id is None


def _copies() -> dict[int, list[int]]:
    chosen = {day: request.form.getlist(f"copier-{day}") for day in DAYS}
    return {day: [int(each) for each in found if each.isdecimal()] for day, found in chosen.items()}


def _ids() -> list[UUID]:
    found = []
    for each in request.form.get("ids", "").split(","):
        try:
            found.append(UUID(each))
        except ValueError:
            raise NotFound from None
    return found


def _days_typed(form: Form) -> schedule.DaysInput:
    """Raises Invalid by the fields of `DaysInput`."""
    values = form.values
    spans = []
    if values["quoi"] == "autres":
        for start, end in (("debut", "fin"), ("debut2", "fin2")):
            if values[start].strip() or values[end].strip() or start == "debut":
                lo, hi = minutes_of(values[start].strip()), minutes_of(values[end].strip())
                if lo is None or hi is None:
                    raise refuse(start, "time")
                spans.append({"startMinutes": lo, "endMinutes": hi + 1440 * (hi < lo or hi == lo == 0)})
    until = values["au"].strip() or None
    body = {"date": values["du"].strip(), "until": until, "ranges": spans, "label": values["motif"]}
    return read(schedule.DaysInput, body)


def _field_of(name: str) -> str:
    kind, _, rest = name.partition(".")
    if kind == "ranges":
        return "debut2" if rest.startswith("1") else "debut"
    return {"date": "du", "until": "au", "label": "motif"}.get(kind, kind)


def _today_closed() -> schedule.DaysInput:
    return read(schedule.DaysInput, {"date": context.offer().local_date(context.now()).isoformat()})


# --- what is done ----------------------------------------------------------------------------------------------------


def _keep_week(data: schedule.WeekInput, whose: ResourceCard | None) -> Response:
    business, by, now = context.business(), actor(), context.now()
    found = schedule.week_in_conflict(business, by, data, now=now, resource=whose)
    if found and "garder" not in request.form:
        return _ask_first(found, whose)
    schedule.replace_week(business, by, data, now=now, resource=whose, expected=request.form.get("version"))
    flash(str(gettext("Horaires enregistrés.")))
    return _back(whose)


def _ask_first(found: Sequence[Visit], whose: ResourceCard | None) -> Response:
    """The bookings left outside, and the form once more to be sent as it was."""
    sent = [(name, value) for name, value in request.form.items(multi=True) if name not in ("csrf_token", "garder")]
    visits = list({visit.id: visit for visit in found}.values())
    goes_back = request.endpoint == "hours.save_week"
    return page("dashboard/hours_conflicts.html", visits=visits, sent=sent, whose=whose, goes_back=goes_back)


def _flash_added(text: str, ids: Sequence[UUID], whose: ResourceCard | None) -> None:
    fields = {"ids": ",".join(map(str, ids)), "de": whose.slug if whose else ""}
    undo = {"href": url_for("hours.clear_days"), "fields": fields}
    flash({"text": text, "undo": undo})  # type: ignore[arg-type]  # told by _toasts.html


def _typed_again(each: Stretch) -> dict[str, Any]:
    """The fields that set a stretch of days as it was."""
    typed: dict[str, Any] = {
        "quoi": "autres" if each.ranges else "ferme", "du": each.first.isoformat(), "au": each.last.isoformat(),
        "motif": each.label, "de": each.resource.slug if each.resource else "", "garder": "oui",
    }  # fmt: skip
    for (start, end), (lo, hi) in zip((("debut", "fin"), ("debut2", "fin2")), each.ranges, strict=False):
        typed |= {start: clock(lo), end: clock(hi)}
    return typed


def _back(whose: ResourceCard | None, anchor: str = "") -> Response:
    return see_other(url_for("hours.show", de=whose.slug if whose else None, _anchor=anchor or None))
