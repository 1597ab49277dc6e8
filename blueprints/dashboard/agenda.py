"""The agenda: a day or a week of everybody, drawn by the server; what stands in it besides bookings, and why a time is
not on offer."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for
from flask_babel import gettext

import sectors
from blueprints import context, members
from blueprints.answers import page
from blueprints.guards import needs
from blueprints.members import of_members
from errors import NotFound
from queries import agenda
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
        said = {"vue": self.mode, "date": self.date, "avec": self.whom.slug if self.whom else None} | changes
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
    )  # fmt: skip


def _view() -> View:
    offer, asked = context.offer(), request.args
    today = offer.local_date(context.now())
    every = agenda.shown(offer, members.actor().only)
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
