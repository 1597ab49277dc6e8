"""The platform's own pages: the front door and the health check."""

from flask import Blueprint, Response

import db
from blueprints import context
from blueprints.answers import json_answer, page
from blueprints.guards import public
from blueprints.packing import kept
from queries import platform, site
from queries.platform import Landing

bp = Blueprint("platform", __name__)


@bp.get("/")
@public("read")
def home() -> Response:
    found = platform.landing(context.now())
    return kept(found.key, lambda: _home(found))


@bp.get("/health")
@public("none")
def health() -> Response:
    with db.looking():
        db.handle.execute_sql("SELECT 1 FROM business LIMIT 1").fetchall()
    return json_answer({"status": "ok"})


def _home(found: Landing) -> Response:
    front = site.front(found.proof.look) if found.proof else None
    return page("platform/home.html", landing=found, front=front)
