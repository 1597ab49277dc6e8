"""How the business works."""

from flask import Response

from blueprints.answers import page
from blueprints.guards import needs
from blueprints.members import of_members

bp = of_members("settings", __name__, "/reglages")


@bp.get("")
@needs("settings.read")
def show() -> Response:
    return page("dashboard/settings.html")
