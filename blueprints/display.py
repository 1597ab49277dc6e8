"""What templates may call: dates, hours and amounts in the words of the business."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from flask import Flask, g, request, url_for
from flask_babel import gettext
from markupsafe import Markup, escape

import sectors
from blueprints import context
from blueprints.hosts import without_slug
from errors import Unavailable
from lib import dates, phone, prices, rich_text, spoken
from lib.languages import LANGUAGES, NAMES, Wording, locale_of, wording
from lib.links import Links
from lib.text import french
from queries.business import BusinessCard
from queries.content import PictureCard
from queries.site import sections
from sectors import Said


def init_app(app: Flask) -> None:
    app.jinja_env.filters |= {
        "long_day": long_day, "short_day": short_day, "weekday": weekday, "hour": hour, "local": local,
        "amount": amount, "minutes": minutes, "clock": dates.clock, "upfirst": upfirst, "phone": national,
        "initials": initials, "week_title": week_title, "own": own,
        "own_text": lambda card, field: own_text(card, field).text, "said": said,
        "languages": languages, "rich": rich, "plain": rich_text.plain,
    }  # fmt: skip
    app.jinja_env.globals |= {
        "zone_words": zone_words, "near_day": near_day, "lang": lang, "drawing": drawing, "logo": logo,
        "picture_path": picture_path, "sections": sections, "about": about,
        "tongues": tongues, "alternates": alternates, "front_door": front_door, "same_page": same_page,
        "fixed_language": context.fixed_language,
    }  # fmt: skip
    app.context_processor(_of_business)


def same_page() -> str:
    """The address that was asked, as this host knows it, to ask it again."""
    return "/" + without_slug(request.full_path).removesuffix("?").lstrip("/")


def lang() -> str:
    return _locale().replace("_", "-")


@dataclass(frozen=True)
class Tongue:
    """A language that a page can be read in: its code, its own name, the page's address in it."""

    language: str
    name: str
    href: str
    is_current: bool


def tongues() -> list[Tongue]:
    """The page at hand in each language; none where the address alone does not lead back to it."""
    if request.method not in ("GET", "HEAD") or request.endpoint is None:
        return []
    return [Tongue(each, NAMES[each], _here(each), each == context.language()) for each in LANGUAGES]


@dataclass(frozen=True)
class Alternates:
    """Absolute addresses of an indexable page, by PUBLIC_URL or the business's own domain: in each language, without
    one, and the one that stands for the page at hand."""

    by_language: dict[str, str]
    plain: str
    canonical: str


def alternates() -> Alternates:
    business, path = g.get("business"), quote(request.path)
    links = Links(context.settings().base_url, context.signer())
    plain = links.page(business.slug, business.domain, path) if business else links.base_url + path
    by_language = {each: f"{plain}?lang={each}" for each in LANGUAGES}
    return Alternates(by_language, plain, by_language.get(context.fixed_language() or "", plain))


def front_door() -> str:
    """The platform's first page; also where no address can be built: under a host name that is none."""
    fixed = context.fixed_language()
    return f"/?lang={fixed}" if fixed else "/"


def _here(language: str) -> str:
    """The key of a booking stays out of the page: who has proved the e-mail needs it no more, who has not is asked."""
    asked = [(name, value) for name, value in request.args.items(multi=True) if name not in ("lang", "cle")]
    return without_slug(f"{quote(request.path)}?{urlencode([*asked, ('lang', language)])}")


def said(text: Said) -> str:
    """A sector's text in the page's language."""
    return _typeset(text.in_(context.language()), context.language())


def about(business: BusinessCard, caller: Callable[[], Markup]) -> Markup:
    """A part of a page of ours that speaks of one business: `{% call about(card) %}` gives what stands in it that
    business's money, hours and addresses."""
    g.business = business
    try:
        return caller()
    finally:
        del g.business


def own_text(card: Any, field: str) -> Wording:
    """A text of the business in the page's language where it has one, else as it was written."""
    source = context.business().locale
    found = wording(getattr(card, field), card.translations, field, wanted=context.language(), source=source)
    return Wording(_typeset(found.text, found.language), found.language)


def own(card: Any, field: str) -> Markup:
    """The same for a page: a text that is left in another language says so (WCAG 3.1.2)."""
    text, language = own_text(card, field)
    if language == context.language() or not text:
        return escape(text)
    return Markup('<span lang="{}">{}</span>').format(language, text)


def rich(card: Any, field: str) -> Markup:
    """A long text of the business with its few marks (`lib.rich_text`), which nh3 has sanitised."""
    text, language = own_text(card, field)
    made = Markup(rich_text.html(text))  # noqa: S704 - what nh3 lets through
    return made if language == context.language() else Markup('<div lang="{}">{}</div>').format(language, made)


def picture_path(picture: PictureCard) -> str:
    """One of the draft is shown to the business's own people alone, and so are all while the site is off line."""
    return url_for("my_site.picture" if context.previews() else "site.picture", picture_id=picture.id)


@lru_cache(maxsize=4_096)
def _typeset(text: str, language: str) -> str:
    return french(text) if language == "fr" else text


def drawing(sector_id: str) -> Markup:
    """The shapes of a profession's motif, printed as they stand: the schema lets nothing but shapes in (`sectors`)."""
    return Markup(sectors.get(sector_id).motif)  # noqa: S704 - a file of ours, its elements and attributes listed


def logo() -> PictureCard | None:
    """The business's own; an error page shows the monogram while the database is away."""
    try:
        return context.content().picture("logo")
    except Unavailable:
        return None


def languages(codes: Sequence[str]) -> str:
    """`français, néerlandais et anglais`"""
    return spoken.names(tuple(codes), _locale())


def local(instant: int) -> dt.datetime:
    """UTC epoch seconds as the business's wall clock."""
    return dt.datetime.fromtimestamp(instant, _zone())


def hour(moment: dt.datetime) -> str:
    return f"{moment:%H:%M}"


def long_day(moment: dt.date) -> str:
    return dates.long_day(_date(moment), _locale(), today=_today())


def short_day(moment: dt.date) -> str:
    return dates.short_day(_date(moment), _locale())


def near_day(date: dt.date) -> str:
    """`Aujourd’hui, lundi 23 novembre`, `Demain, …`, else the day alone."""
    name = long_day(date)
    ahead = (_date(date) - _today()).days
    if ahead == 0:
        return str(gettext("Aujourd’hui, %(day)s", day=name))
    return str(gettext("Demain, %(day)s", day=name)) if ahead == 1 else upfirst(name)


def weekday(moment: dt.date, short: bool = False) -> str:
    return (dates.short_weekday if short else dates.weekday)(_date(moment), _locale())


def week_title(monday: dt.date) -> str:
    return dates.week_title(monday, _locale())


def zone_words(moment: dt.datetime) -> str:
    """`Bruxelles (UTC+1)`, as it is on that day."""
    return f"{dates.place_of(_zone().key, _locale())} ({dates.offset(moment.astimezone(_zone()))})"


def minutes(count: int) -> str:
    return dates.length(count, _locale())


def amount(cents: int) -> str:
    return prices.amount(cents, _business().currency, _locale())


@cache
def _national(number: str, country: str) -> str:
    return phone.national(number, country)


def national(number: str) -> str:
    return _national(number, _business().country).replace(" ", "\xa0")


def upfirst(text: str) -> str:
    return text[:1].upper() + text[1:]


def initials(name: str) -> str:
    return " ".join(f"{word[0].upper()}." for word in name.split() if word[0].isalnum()) or "…"


def _of_business() -> dict[str, Any]:
    """What every template knows: the business of the address and its profession, where there is one, and who frames
    the page."""
    business = g.get("business")
    sector = sectors.get(business.sector) if business else None
    return {"business": business, "sector": sector, "framed": context.framed()}


def _business() -> BusinessCard:
    return context.business()


def _locale() -> str:
    business = g.get("business")
    return locale_of(context.language(), business.country if business else "BE")


def _zone() -> ZoneInfo:
    return ZoneInfo(_business().timezone)


def _today() -> dt.date:
    return local(context.now()).date()


def _date(moment: dt.date) -> dt.date:
    return moment.astimezone(_zone()).date() if isinstance(moment, dt.datetime) else moment
