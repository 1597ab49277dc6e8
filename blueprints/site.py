"""A business's own pages: who, what, when, where and the next free times; its legal facts; the sheet for paper."""

import hashlib
from uuid import UUID

from flask import Response, request

from blueprints import context
from blueprints.answers import page
from blueprints.guards import public
from blueprints.packing import YEAR, kept
from blueprints.tenant import of_business
from blueprints.wish import Wish
from errors import NotFound
from lib import qr
from lib.links import Links
from queries import content as texts
from queries import legal, site
from queries.site import Look

bp = of_business("site", __name__)

PICTURES = {"image/avif", "image/jpeg", "image/png", "image/webp"}  # never a type that can hold script
AT_TABLE = 2  # how many come to a restaurant while nobody says


@bp.get("", strict_slashes=False)
@public("read")
def home() -> Response:
    party, largest = _party()
    look = site.look(context.offer(), context.now(), party=party)
    return kept(look.key, lambda: _home(look, largest))


@bp.get("/mentions-legales")
@public("read")
def notice() -> Response:
    return page("site/legal.html", notice=legal.notice(context.business()))


@bp.get("/confidentialite")
@public("read")
def privacy() -> Response:
    return page("site/privacy.html", privacy=legal.privacy(context.offer(), context.content()))


@bp.get("/imprimer")
@public("read")
def sheet() -> Response:
    front = site.front(site.look(context.offer(), context.now()))
    return page("site/print.html", front=front, menu=site.menu(context.content()), address=_address())


@bp.get("/qr.svg")
@public("read")
def code() -> Response:
    """The page's address for a phone's camera; a link with `download` keeps it as a file."""
    answer = Response(qr.svg(_address()), content_type="image/svg+xml")
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


@bp.get("/images/<uuid:picture_id>")
@public("read")
def picture(picture_id: UUID) -> Response:
    """A picture never changes under its id: another one is another row."""
    found = texts.picture(context.business(), picture_id)
    if found is None or found[0] not in PICTURES:
        raise NotFound
    answer = Response(found[1], content_type=found[0])
    answer.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    answer.set_etag(hashlib.sha256(found[1]).hexdigest()[:16])
    answer.make_conditional(request)
    return answer


def _home(look: Look, largest: int) -> Response:
    content = context.content()
    return page("site/home.html", front=site.front(look), content=content, menu=site.menu(content), largest=largest)


def _party() -> tuple[int, int]:
    """How many come to the hero's service, and how many may: at a table two, unless the address says otherwise."""
    offer = context.offer()
    if not offer.active_services:
        return 1, 1
    asked = {"personnes": str(AT_TABLE)} if context.content().sector.books_tables else {}
    asked |= {"prestation": offer.active_services[0].slug}
    asked |= {name: value for name, value in request.args.items() if name == "personnes"}
    wish = Wish.read(offer, asked)
    return min(wish.party, wish.largest_party), wish.largest_party


def _address() -> str:
    """As search engines and mails know it: never a host that the visitor sent."""
    business = context.business()
    links = Links(context.settings().base_url, context.signer())
    return links.page(business.slug, business.domain, f"/{business.slug}").rstrip("/")
