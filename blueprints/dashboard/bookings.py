"""One booking as the business sees it: its history, and all that can be done with it."""

from flask import Response

from blueprints.answers import page
from blueprints.guards import needs
from blueprints.members import of_members

bp = of_members("bookings", __name__, "/rendez-vous")


@bp.get("")
@needs("agenda.read")
def show() -> Response:
    return page("dashboard/bookings.html")
