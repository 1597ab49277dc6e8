"""The day at a glance: what is next, what waits for an answer, what is left to set up."""

from flask import Response

from blueprints.answers import page
from blueprints.guards import needs
from blueprints.members import of_members

bp = of_members("today", __name__)


@bp.get("")
@needs("agenda.read")
def show() -> Response:
    return page("dashboard/today.html")
