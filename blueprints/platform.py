"""The platform's own pages: the front door and the health check."""

from flask import Blueprint, Response

import db
from blueprints import context
from blueprints.answers import json_answer, page
from blueprints.guards import public
from queries import platform

bp = Blueprint("platform", __name__)


@bp.get("/")
@public("read")
def home() -> Response:
    return page("platform/home.html", landing=platform.landing(context.now()))


@bp.get("/health")
@public("none")
def health() -> Response:
    with db.looking():
        db.handle.execute_sql("SELECT 1 FROM business LIMIT 1").fetchall()
    return json_answer({"status": "ok"})
