"""What machines read: a business's picture, address card and Markdown twin, the maps for search engines and agents."""

import hashlib
import re
from typing import Any

from flask import Blueprint, Flask, Response, g, render_template, request, url_for

import sectors
from blueprints import context
from blueprints.display import said
from blueprints.guards import public
from blueprints.site import AT_TABLE
from blueprints.tenant import of_business
from errors import NotFound
from lib import markdown, og, vcard
from lib.languages import LANGUAGES, locale_of
from lib.links import Links, own_root
from lib.money import share
from queries import api, business, legal, platform, schema_org, site
from queries.offer import Offer, ServiceCard, load
from queries.site import Front

bp = Blueprint("discovery", __name__)
part = of_business("business_discovery", __name__)
twin = of_business("twin", __name__, "/<slug>.md")

DAY, HOUR = 86_400, 3_600
SITEMAP_PART = 1_000  # businesses; the protocol's limit is 50,000 addresses, and each business has five
COUNTRIES = {"BE": "Belgique", "FR": "France"}


def init_app(app: Flask) -> None:
    app.jinja_env.filters |= {"md": markdown.inline, "md_paragraphs": markdown.paragraphs}
    app.jinja_env.globals |= {
        "home": home, "here": here, "structured_data": structured_data, "picture_address": picture_address,
        "twin_path": twin_path, "other_locales": other_locales, "deposit": deposit,
        "fixed_language": context.fixed_language, "LANGUAGES": LANGUAGES,
    }  # fmt: skip
    # `tojson` escapes what could end a script element; the rest may stay as it is
    app.jinja_env.policies["json.dumps_kwargs"] = {
        "ensure_ascii": False, "separators": (",", ":"), "sort_keys": False,
    }  # fmt: skip


# --- of one business -----------------------------------------------------------------------------------------------


@part.get("/og.png")
@public("read")
def picture() -> Response:
    card, sector = context.business(), context.content().sector
    line = " · ".join(filter(None, (said(sector.trade), card.town)))
    drawn = og.png(og.Face(card.name, line, said(sector.vocabulary.book), card.accent, sector.id))
    answer = _answer(drawn, "image/png", kept=DAY)
    answer.set_etag(hashlib.sha256(drawn).hexdigest()[:16])
    answer.make_conditional(request)
    return answer


@part.get("/contact.vcf")
@public("read")
def contact() -> Response:
    card, sector = context.business(), context.content().sector
    written = vcard.card(vcard.Contact(
        name=card.name, trade=sector.trade.in_(context.language()), phone=card.shown_phone, email=card.email,
        street=card.street, town=card.town, postcode=card.postcode, country=COUNTRIES.get(card.country, card.country),
        url=home(), zone=card.timezone, language=card.locale,
    ))  # fmt: skip
    answer = _answer(written, "text/vcard; charset=utf-8", kept=HOUR)
    answer.headers["Content-Disposition"] = f'attachment; filename="{card.slug}.vcf"'
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@part.get("/index.md")
@twin.get("")
@public("read")
def page_twin() -> Response:
    front = _front(context.offer())
    found = api.mini_site(context.offer(), context.content(), context.now())
    text = render_template(
        "discovery/business.txt", front=front, found=found, content=found.content, menu=site.menu(found.content)
    )
    return _markdown(text, home(page_language=True))


@part.get("/mentions-legales.md")
@public("read")
def notice_twin() -> Response:
    found = legal.notice(context.business())
    return _markdown(
        render_template("discovery/legal.txt", notice=found), home("/mentions-legales", page_language=True)
    )


@part.get("/confidentialite.md")
@public("read")
def privacy_twin() -> Response:
    found = legal.privacy(context.offer(), context.content())
    return _markdown(
        render_template("discovery/privacy.txt", privacy=found), home("/confidentialite", page_language=True)
    )


@part.get("/llms.txt")
@public("read")
def business_guide() -> Response:
    return _guide(context.offer())


@part.get("/sitemap.xml")
@public("read")
def own_sitemap() -> Response:
    _only_on_own_host()
    return _sitemap([here(path) for path in ("/", "/mentions-legales", "/confidentialite")])


@part.get("/robots.txt")
@public("read")
def own_robots() -> Response:
    _only_on_own_host()
    return _robots("", here("/sitemap.xml"))


# --- of the platform -----------------------------------------------------------------------------------------------


@bp.get("/index.md")
@public("read")
def front_twin() -> Response:
    base = context.settings().base_url
    text = render_template("discovery/platform.txt", base=base, landing=platform.landing(context.now()))
    fixed = context.fixed_language()
    return _markdown(text, f"{base}/?lang={fixed}" if fixed else f"{base}/")


@bp.get("/llms.txt")
@public("read")
def guide() -> Response:
    return _guide(_demo_offer())


@bp.get("/sitemap.xml")
@public("read")
def sitemap() -> Response:
    """The front page and every business that has no public host of its own; in parts when there are many."""
    base, number = context.settings().base_url, request.args.get("part", 0, int)
    parts = -(-business.count() // SITEMAP_PART)
    if parts > 1 and not number:
        return _xml("discovery/sitemaps.xml", addresses=[f"{base}/sitemap.xml?part={n + 1}" for n in range(parts)])
    if not 0 <= number <= max(parts, 1):
        raise NotFound
    places = business.places(max(number - 1, 0) * SITEMAP_PART, SITEMAP_PART)
    homes = (_links().page(place.slug, place.domain, f"/{place.slug}") for place in places)
    front = [f"{base}/"] if number < 2 else []
    return _sitemap([*front, *(each for each in homes if each.startswith(f"{base}/"))])


@bp.get("/robots.txt")
@public("read")
def robots() -> Response:
    return _robots("/*", f"{context.settings().base_url}/sitemap.xml")


# --- addresses -----------------------------------------------------------------------------------------------------


def home(path: str = "", *, page_language: bool = False) -> str:
    """The business's page, or one below it, as search engines shall know it; with the language when the address fixes
    one."""
    card, fixed = context.business(), context.fixed_language()
    address = _links().page(card.slug, card.domain, f"/{card.slug}{path}")
    return f"{address}?lang={fixed}" if page_language and fixed else address


def here(path: str) -> str:
    """A path of the business on the host that is being asked, by the name that we know: none that a visitor sent."""
    card, base = context.business(), context.settings().base_url
    return (own_root(base, card.domain) if _is_own_host() and card.domain else f"{base}/{card.slug}") + path


def picture_address() -> str:
    return f"{home('/og.png')}?lang={context.language()}"


def twin_path() -> str:
    """Where the Markdown twin of the business's page is, on this host."""
    return url_for("business_discovery.page_twin" if _is_own_host() else "twin.page_twin")


def other_locales() -> list[str]:
    """Of the languages that this page is not in, as Open Graph writes them: `nl_BE`."""
    country = context.business().country
    return [locale_of(each, country) for each in LANGUAGES if each != context.language()]


def structured_data() -> dict[str, Any]:
    """The page's JSON-LD; offer and content are in memory already."""
    found = api.mini_site(context.offer(), context.content(), context.now())
    at = schema_org.Addresses(
        page=home(page_language=True), booking=home("/rdv", page_language=True), picture=picture_address()
    )
    return schema_org.business(found, at, language=context.language())


def _front(offer: Offer) -> Front:
    """For as many as the page itself asks for while nobody says."""
    party = AT_TABLE if sectors.get(offer.business.sector).books_tables else 1
    return site.front(site.look(offer, context.now(), party=party))


def deposit(service: ServiceCard) -> int:
    """What is asked beforehand of one person, in cents."""
    return share(service.price_cents, service.deposit_bp)


def _links() -> Links:
    return Links(context.settings().base_url, context.signer())


def _is_own_host() -> bool:
    return "bookt.slug" in request.environ


def _only_on_own_host() -> None:
    """Below a path of the platform's host nobody looks for these files."""
    if not _is_own_host():
        raise NotFound


# --- answers -------------------------------------------------------------------------------------------------------


def _guide(offer: Offer | None) -> Response:
    """In English, whoever asks; with the ids and a free time of `offer` where there is one."""
    settings = context.settings()
    front = _front(offer) if offer else None
    root = here("") if "business" in g else f"{settings.base_url}/{offer.business.slug if offer else '{slug}'}"
    text = render_template("discovery/guide.txt", front=front, root=root, settings=settings, base=settings.base_url)
    answer = _answer(text, "text/plain; charset=utf-8", kept=HOUR)
    answer.content_language.add("en")
    return answer


def _demo_offer() -> Offer | None:
    """A business to try it on. In production they are real, and none of them is there for that."""
    found = [] if context.settings().production else [card for card in business.demos() if card.public]
    return load(found[0]) if found else None


def _robots(prefix: str, sitemap_address: str) -> Response:
    text = render_template("discovery/robots.txt", prefix=prefix, sitemap=sitemap_address)
    return _answer(text, "text/plain; charset=utf-8", kept=HOUR)


def _sitemap(addresses: list[str]) -> Response:
    return _xml("discovery/sitemap.xml", addresses=addresses)


def _xml(template: str, **values: Any) -> Response:
    return _answer(render_template(template, **values), "application/xml; charset=utf-8", kept=HOUR)


def _markdown(text: str, canonical: str) -> Response:
    """A twin is for readers; search engines shall keep to the page itself (RFC 6596)."""
    tidy = re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)).strip() + "\n"
    answer = _answer(tidy, "text/markdown; charset=utf-8")
    answer.headers["Link"] = f'<{canonical}>; rel="canonical"'
    answer.content_language.add(context.language())
    return answer


def _answer(body: bytes | str, content_type: str, *, kept: int = 0) -> Response:
    answer = Response(body, content_type=content_type)
    answer.vary.add("Accept-Language")
    if kept:
        answer.headers["Cache-Control"] = f"public, max-age={kept}"
    return answer
