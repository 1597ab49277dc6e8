"""What templates may call: dates, hours and amounts in the words of the business."""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, g
from flask_babel import gettext
from markupsafe import Markup, escape

import sectors
from blueprints import context
from errors import Unavailable
from lib import dates, phone, prices, spoken
from lib.languages import Wording, locale_of, wording
from queries.business import BusinessCard
from queries.content import PictureCard
from sectors import Said


def init_app(app: Flask) -> None:
    app.jinja_env.filters |= {
        "long_day": long_day, "short_day": short_day, "weekday": weekday, "hour": hour, "local": local,
        "amount": amount, "minutes": dates.length, "clock": dates.clock, "upfirst": upfirst, "phone": national,
        "initials": initials, "week_title": week_title, "own": own,
        "own_text": lambda card, field: own_text(card, field).text, "said": said,
        "languages": languages,
    }  # fmt: skip
    app.jinja_env.globals |= {
        "zone_words": zone_words, "near_day": near_day, "lang": lang, "drawing": drawing, "logo": logo,
    }  # fmt: skip
    app.context_processor(_of_business)


def lang() -> str:
    return _locale().replace("_", "-")


def said(text: Said) -> str:
    """A sector's text in the page's language."""
    return text.in_(context.language())


def drawing(sector_id: str) -> Markup:
    """The shapes of a profession's motif, printed as they stand: the schema lets nothing but shapes in (`sectors`)."""
    return Markup(sectors.get(sector_id).motif)  # noqa: S704 - a file of ours, its elements and attributes listed


def own_text(card: Any, field: str) -> Wording:
    """A text of the business in the page's language where it has one, else as it was written."""
    source = context.business().locale
    return wording(getattr(card, field), card.translations, field, wanted=context.language(), source=source)


def own(card: Any, field: str) -> Markup:
    """The same for a page: a text that is left in another language says so (WCAG 3.1.2)."""
    text, language = own_text(card, field)
    if language == context.language() or not text:
        return escape(text)
    return Markup('<span lang="{}">{}</span>').format(language, text)


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
    """What every template knows: the business of the address and its profession, where there is one."""
    business = g.get("business")
    return {"business": business, "sector": sectors.get(business.sector) if business else None}


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
