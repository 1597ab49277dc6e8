"""When it can be booked: the week, breaks, exceptions."""

from flask import Response

from blueprints.answers import page
from blueprints.guards import needs
from blueprints.members import of_members

bp = of_members("hours", __name__, "/horaires")


@bp.get("")
@needs("hours.read")
def show() -> Response:
    return page("dashboard/hours.html")
