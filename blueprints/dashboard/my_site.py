"""What the business shows of itself: a draft, its preview, publishing."""

from flask import Response

from blueprints.answers import page
from blueprints.guards import needs
from blueprints.members import of_members

bp = of_members("my_site", __name__, "/site")


@bp.get("")
@needs("site.read")
def show() -> Response:
    return page("dashboard/my_site.html")
