"""The booking inside other sites' pages: the script that places it, and the framed twin of the booking's pages.

`/embed/<slug>/rdv…` answers with the views of `blueprints/booking.py` under the name `embed`. A framed page sets and
reads no cookie, shows in a frame of the business's `frame_ancestors` alone (`answers.py`) and carries no header of
ours; whatever is not the booking itself opens at the top.
"""

import hashlib

from flask import Blueprint, Flask, Response, request

from blueprints import booking
from blueprints.context import FRAMED
from blueprints.guards import public
from blueprints.packing import STATIC

bp = Blueprint("embedding", __name__)

SCRIPT = (STATIC / "e.js").read_bytes()
HOUR = 3_600


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.register_blueprint(booking.bp, name=FRAMED, url_prefix="/embed/<slug>")


@bp.get("/e.js")
@public("none")
def script() -> Response:
    """The same bytes for everyone; any site may load them."""
    answer = Response(SCRIPT, content_type="text/javascript; charset=utf-8")
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["Cache-Control"] = f"public, max-age={HOUR}"
    answer.set_etag(hashlib.sha256(SCRIPT).hexdigest()[:24])
    answer.make_conditional(request)
    return answer
