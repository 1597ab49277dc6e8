"""`GET /api/dashboard/summary` (S0): the bookings of the day, and what there is to count."""

from typing import TypedDict

from flask import Response

from blueprints import context, members
from blueprints.answers import json_answer
from blueprints.api.contract import operation
from blueprints.api.shapes import LocalDate
from blueprints.api.staff import bookings
from blueprints.api.staff.bookings import StaffBooking
from blueprints.api.staff.frame import of_staff
from blueprints.guards import needs
from queries import today

bp = of_staff("dashboard", __name__)


class Stats(TypedDict):
    """Visits of the day and of its week (Monday to Sunday), requests to answer, clients new in its month, people who
    stayed away in its month."""

    today: int
    week: int
    toConfirm: int
    newClients: int
    noShows: int


class Summary(TypedDict):
    """`date` is the present one where the business is; what was cancelled is left out."""

    date: LocalDate
    today: list[StaffBooking]
    stats: Stats


@bp.get("/dashboard/summary")
@needs("agenda.read")
@operation("Today, and the figures", Summary)
def summary() -> Response:
    found = today.summary(context.business(), members.actor(), context.now())
    return json_answer(
        {
            "date": found.date.isoformat(),
            "today": [bookings.shape(each) for each in found.today],
            "stats": {
                "today": found.stats.today,
                "week": found.stats.week,
                "toConfirm": found.stats.to_confirm,
                "newClients": found.stats.new_clients,
                "noShows": found.stats.no_shows,
            },
        }
    )
