"""Who works here, and the rooms, bays and tables."""

from flask import Response

from blueprints.answers import page
from blueprints.guards import needs
from blueprints.members import of_members

bp = of_members("team", __name__, "/equipe")


@bp.get("")
@needs("team.read")
def show() -> Response:
    return page("dashboard/team.html")
