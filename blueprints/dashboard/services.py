"""What can be booked."""

from flask import Response

from blueprints.answers import page
from blueprints.guards import needs
from blueprints.members import of_members

bp = of_members("services", __name__, "/prestations")


@bp.get("")
@needs("services.read")
def show() -> Response:
    return page("dashboard/services.html")
