"""Dates, hours and lengths as people of a place write them. `locale` is a Babel identifier such as `fr_BE`."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_location

# What Babel has no ready format for: a day without its year, and a day alone.
_LONG = {"de": "EEEE, d. MMMM"}
_SHORT = {"de": "EEE, d. MMM"}
_DAY = {"de": "d."}
_DAY_OF_MONTH = {"de": "d. MMMM"}

# hours and minutes, whole hours, minutes
_LENGTHS = {
    "fr": ("{h} h {m:02}", "{h} h", "{m} min"),
    "nl": ("{h} u {m:02}", "{h} uur", "{m} min"),
    "en": ("{h} hr {m} min", "{h} hr", "{m} min"),
    "de": ("{h} Std. {m} Min.", "{h} Std.", "{m} Min."),
}  # fmt: skip


def long_day(date: dt.date, locale: str, *, today: dt.date | None = None) -> str:
    """`mardi 24 novembre`, `Dienstag, 24. November`; the year joins in when it is not today's."""
    if today is None or today.year == date.year:
        return _written(date, _LONG.get(locale[:2], "EEEE d MMMM"), locale)
    return _written(date, "full", locale)


def short_day(date: dt.date, locale: str) -> str:
    """`mar. 24 nov.`, `Di., 24. Nov.`"""
    return _written(date, _SHORT.get(locale[:2], "EEE d MMM"), locale)


def full_date(date: dt.date, locale: str) -> str:
    """`24 novembre 2026`"""
    return _written(date, "long", locale)


def weekday(date: dt.date, locale: str) -> str:
    return format_date(date, "EEEE", locale=locale)


def short_weekday(date: dt.date, locale: str) -> str:
    return format_date(date, "EEE", locale=locale)


def week_title(monday: dt.date, locale: str) -> str:
    """`23 – 29 novembre`, `30 novembre – 6 décembre`, `23. – 29. November`."""
    sunday = monday + dt.timedelta(days=6)
    last = _DAY_OF_MONTH.get(locale[:2], "d MMMM")
    first = _DAY.get(locale[:2], "d") if monday.month == sunday.month else last
    return f"{_written(monday, first, locale)} – {_written(sunday, last, locale)}"


def _written(date: dt.date, form: str, locale: str) -> str:
    """As Babel writes it, but for the first of the month, which French counts: `mardi 1er décembre`."""
    text = format_date(date, form, locale=locale)
    return re.sub(r"\b1\b", "1er", text, count=1) if date.day == 1 and locale.startswith("fr") else text


def clock(minutes: int) -> str:
    """Minutes from local 00:00 as `08:30`; an end past midnight shows the next day's hour."""
    hours, rest = divmod(minutes % 1440, 60)
    return f"{hours:02}:{rest:02}"


def length(minutes: int, locale: str) -> str:
    """`45 min`, `1 h`, `1 h 30`; `1 u 30`, `1 hr 30 min`, `1 Std. 30 Min.`, with no-break spaces."""
    hours, rest = divmod(minutes, 60)
    both, whole, short = _LENGTHS[locale[:2]]
    form = short if not hours else both if rest else whole
    return form.format(h=hours, m=rest).replace(" ", "\xa0")


def place_of(zone: str, locale: str) -> str:
    """The city that names a time zone: `Bruxelles`."""
    return str(get_timezone_location(ZoneInfo(zone), locale=locale, return_city=True))


def offset(moment: dt.datetime) -> str:
    """`UTC+1`, `UTC+5:30`."""
    delta = moment.utcoffset() or dt.timedelta()
    sign = "-" if delta < dt.timedelta() else "+"
    hours, minutes = divmod(abs(delta) // dt.timedelta(minutes=1), 60)
    return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")
