"""A business's own page: who, what, when, where, and the next free times."""

from flask import Response

from blueprints import context
from blueprints.answers import page
from blueprints.guards import public
from blueprints.packing import kept
from blueprints.tenant import of_business
from queries import site

bp = of_business("site", __name__)


@bp.get("", strict_slashes=False)
@public("read")
def home() -> Response:
    look = site.look(context.offer(), context.now())
    return kept(look.key, lambda: page("site/home.html", front=site.front(look)))
