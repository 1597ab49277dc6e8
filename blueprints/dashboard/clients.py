"""The clients of a business."""

from flask import Response

from blueprints.answers import page
from blueprints.guards import needs
from blueprints.members import of_members

bp = of_members("clients", __name__, "/clients")


@bp.get("")
@needs("clients.read")
def show() -> Response:
    return page("dashboard/clients.html")
