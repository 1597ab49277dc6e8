"""From a profession to a page that takes bookings, in ten steps: the first two make the account (`/demarrer`), the others
belong to the business (`/pro/<slug>/demarrer/<step>`)."""

from flask import Blueprint, Response

from blueprints.answers import page
from blueprints.guards import needs, public
from blueprints.members import of_members

start = Blueprint("start", __name__, url_prefix="/demarrer")
bp = of_members("onboarding", __name__, "/demarrer")


@start.get("")
@public("read")
def sector() -> Response:
    return page("onboarding/sector.html")


@bp.get("/<int:step>")
@needs("settings.read")
def step(step: int) -> Response:
    return page("onboarding/step.html", step=step)
