"""The agenda: a day or a week of everybody, drawn by the server."""

from flask import Response

from blueprints.answers import page
from blueprints.guards import needs
from blueprints.members import of_members

bp = of_members("agenda", __name__, "/agenda")


@bp.get("")
@needs("agenda.read")
def show() -> Response:
    return page("dashboard/agenda.html")
