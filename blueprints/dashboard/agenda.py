"""The agenda: a day or a week of everybody, drawn by the server; what stands in it besides bookings, and why a time is
not on offer."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from flask_babel import gettext

import sectors
import slots
from actions import blocks
from actions.inputs import read
from blueprints import context, members
from blueprints.answers import page, text_of
from blueprints.dashboard import reasons
from blueprints.dashboard.toasts import done
from blueprints.forms import Form, see_other
from blueprints.guards import needs
from blueprints.members import of_members
from errors import Invalid, NotFound
from lib import wall
from lib.links import Links
from queries import agenda
from queries.availability import Ask
from queries.offer import ResourceCard

bp = of_members("agenda", __name__, "/agenda")

DAY, WEEK = "jour", "semaine"
FARTHEST = dt.timedelta(days=3 * 366)


@dataclass(frozen=True)
class View:
    """What an address asks of the agenda; what cannot be understood counts as not said."""

    mode: str
    date: dt.date
    today: dt.date
    whom: ResourceCard | None
    all: tuple[ResourceCard, ...]

    @property
    def first(self) -> dt.date:
        return self.date - dt.timedelta(days=self.date.weekday()) if self.mode == WEEK else self.date

    @property
    def last(self) -> dt.date:
        return self.first + dt.timedelta(days=6 if self.mode == WEEK else 0)

    @property
    def step(self) -> dt.timedelta:
        return dt.timedelta(days=7 if self.mode == WEEK else 1)

    @property
    def resources(self) -> tuple[ResourceCard, ...]:
        return (self.whom,) if self.whom else self.all

    @property
    def has_today(self) -> bool:
        return self.first <= self.today <= self.last

    @property
    def previous(self) -> dt.date:
        return self.date - self.step

    @property
    def following(self) -> dt.date:
        return self.date + self.step

    def link(self, **changes: Any) -> str:
        """The address of this view with something else; today needs no date."""
        said: dict[str, Any] = {
            "vue": self.mode,
            "date": self.date,
            "avec": self.whom.slug if self.whom else None,
        } | changes
        date = said["date"]
        return url_for("agenda.show", **said | {"date": None if date in (None, self.today) else date.isoformat()})


@bp.get("")
@needs("agenda.read")
def show() -> Response:
    offer, view = context.offer(), _view()
    books_tables = sectors.get(context.business().sector).books_tables
    found = agenda.days(
        offer, view.first, view.last, view.resources, now=context.now(), apart=view.mode == DAY and not books_tables
    )
    return page(
        "dashboard/agenda.html", part="dashboard/_agenda.html", view=view, agenda=found, by_table=books_tables,
        tables=_by_seats(view.resources) if books_tables else [],
        share_url=Links(context.settings().base_url, context.signer()).site(context.business().slug),
    )  # fmt: skip


@bp.get("/seance")
@needs("agenda.read")
def session() -> Response:
    """Who comes to one group session."""
    offer = context.offer()
    date, time, fold = wall.read(request.args.get("debut", ""))
    resource = next((each for each in _agendas() if each.slug == request.args.get("avec")), None)
    service = next((each for each in offer.services if each.slug == request.args.get("prestation")), None)
    start = _instant(date, time, fold)
    if resource is None or service is None or start is None:
        raise NotFound
    rows = agenda.session(offer, service, resource, start)
    return page(
        "dashboard/agenda_session.html", service=service, resource=resource, rows=rows, start=start,
        party=sum(row.party_size for row in rows),
    )  # fmt: skip


@bp.get("/pourquoi")
@needs("agenda.read")
def why() -> Response:
    """Why a time is not on offer, with the repair beside each reason."""
    offer, asked = context.offer(), request.args
    own = members.actor().only
    services = [each for each in offer.services if own is None or own in each.resource_ids]
    service = next((each for each in services if each.slug == asked.get("prestation")), None)
    whom = next((each for each in _agendas() if each.slug == asked.get("avec")), None)
    form = Form({name: asked.get(name, "") for name in ("prestation", "date", "heure", "avec")})
    if not form.values["date"]:
        form.values = dict(form.values) | {"date": offer.local_date(context.now()).isoformat()}
    answer = None
    if service is not None and form.values["heure"]:
        only = own or (whom.id if whom else None)
        answer = reasons.of(Ask(offer, service, context.now(), 1, only), form.values["date"], form.values["heure"])
    return page(
        "dashboard/agenda_why.html", form=form, services=services, people=_agendas(), service=service, whom=whom,
        answer=answer, asked=bool(form.values["heure"]),
    )  # fmt: skip


# --- time kept for something else ------------------------------------------------------------------------------------

BLOCK = {
    "resourceId": "avec",
    "date": "jour",
    "time": "heure",
    "endDate": "jusqu",
    "endTime": "fin",
    "summary": "motif",
}


@bp.get("/bloquer")
@needs("bookings.write")
def block() -> Response:
    day = _date(request.args.get("date", ""), context.offer().local_date(context.now())).isoformat()
    typed = {"avec": request.args.get("avec", ""), "jour": day, "heure": "", "jusqu": day, "fin": "", "motif": ""}
    return _block(Form(typed))


@bp.post("/bloquer")
@needs("bookings.write")
def keep_block() -> Response:
    typed = Form.typed(*BLOCK.values())
    body = {name: typed.values[field] for name, field in BLOCK.items()}
    body["endDate"] = body["endDate"] or body["date"]
    try:
        data = read(blocks.BlockInput, body)
        block_id = blocks.block(context.business(), members.actor(), data, now=context.now())
    except Invalid as error:
        typed.refuse({BLOCK.get(name, name): problem for name, problem in error.problems.items()})
        return _block(typed, status=422)
    except blocks.BookingInTheWay as error:
        typed.general = text_of(error)
        return _block(typed, status=error.status, in_the_way=error.bookings)
    done(str(gettext("Temps bloqué.")), undo=url_for(".unblock", block_id=block_id))
    return see_other(url_for(".show", vue=DAY, date=data.date.isoformat()))


@bp.get("/bloquer/<uuid:block_id>")
@needs("agenda.read")
def blocked(block_id: UUID) -> Response:
    found = agenda.blocked(context.offer(), block_id)
    if found is None or members.actor().only not in (None, found.resource.id):
        raise NotFound
    return page("dashboard/agenda_blocked.html", block=found)


@bp.post("/bloquer/<uuid:block_id>")
@needs("bookings.write")
def unblock(block_id: UUID) -> Response:
    found = agenda.blocked(context.offer(), block_id)
    blocks.unblock(context.business(), members.actor(), block_id, now=context.now())
    done(str(gettext("Temps débloqué.")))
    return see_other(url_for(".show", vue=DAY, date=found.starts.date().isoformat() if found else None))


def _block(typed: Form, *, status: int = 200, in_the_way: tuple[str, ...] = ()) -> Response:
    return page("dashboard/agenda_block.html", status=status, form=typed, people=_agendas(), in_the_way=in_the_way)


# --- what an address says --------------------------------------------------------------------------------------------


def _agendas() -> tuple[ResourceCard, ...]:
    return agenda.shown(context.offer(), members.actor().only)


def _instant(date: str, time: str, fold: int) -> int | None:
    try:
        return slots.to_instant(context.business().timezone, dt.date.fromisoformat(date), time, fold) if date else None
    except (ValueError, OverflowError):
        return None


def _view() -> View:
    offer, asked = context.offer(), request.args
    today = offer.local_date(context.now())
    every = _agendas()
    whom = next((each for each in every if each.slug == asked.get("avec")), None)
    usual = WEEK if len(every) == 1 or whom else DAY
    mode = asked.get("vue", "") if asked.get("vue") in (DAY, WEEK) else usual
    return View(mode, _date(asked.get("date", ""), today), today, whom, every)


def _date(text: str, today: dt.date) -> dt.date:
    """As far as anybody plans or looks back; anything else is today."""
    try:
        date = dt.date.fromisoformat(text) if len(text) == 10 else today
    except ValueError:
        return today
    return date if abs(date - today) <= FARTHEST else today


def _by_seats(tables: tuple[ResourceCard, ...]) -> list[ResourceCard]:
    """Small tables first."""
    return sorted(tables, key=lambda card: (card.rules.seats or 0, card.rules.position, card.slug))
