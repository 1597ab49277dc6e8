"""Dates, hours and lengths as people of a place write them. `locale` is a Babel identifier such as `fr_BE`."""

import datetime as dt
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_location


def long_day(date: dt.date, locale: str, *, today: dt.date | None = None) -> str:
    """`mardi 24 novembre`; the year joins in when it is not today's."""
    skeleton = "EEEE d MMMM" if today is None or today.year == date.year else "EEEE d MMMM y"
    return format_date(date, skeleton, locale=locale)


def short_day(date: dt.date, locale: str) -> str:
    """`mar. 24 nov.`"""
    return format_date(date, "EEE d MMM", locale=locale)


def full_date(date: dt.date, locale: str) -> str:
    """`24 novembre 2026`"""
    return format_date(date, "long", locale=locale)


def weekday(date: dt.date, locale: str) -> str:
    return format_date(date, "EEEE", locale=locale)


def short_weekday(date: dt.date, locale: str) -> str:
    return format_date(date, "EEE", locale=locale)


def week_title(monday: dt.date, locale: str) -> str:
    """`23 – 29 novembre`, `30 novembre – 6 décembre`."""
    sunday = monday + dt.timedelta(days=6)
    first = format_date(monday, "d" if monday.month == sunday.month else "d MMMM", locale=locale)
    return f"{first} – {format_date(sunday, 'd MMMM', locale=locale)}"


def clock(minutes: int) -> str:
    """Minutes from local 00:00 as `08:30`; an end past midnight shows the next day's hour."""
    hours, rest = divmod(minutes % 1440, 60)
    return f"{hours:02}:{rest:02}"


def length(minutes: int) -> str:
    """`45 min`, `1 h`, `1 h 30`, with no-break spaces."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}\xa0min"
    return f"{hours}\xa0h" + (f"\xa0{rest:02}" if rest else "")


def place_of(zone: str, locale: str) -> str:
    """The city that names a time zone: `Bruxelles`."""
    return str(get_timezone_location(ZoneInfo(zone), locale=locale, return_city=True))


def offset(moment: dt.datetime) -> str:
    """`UTC+1`, `UTC+5:30`."""
    delta = moment.utcoffset() or dt.timedelta()
    sign = "-" if delta < dt.timedelta() else "+"
    hours, minutes = divmod(abs(delta) // dt.timedelta(minutes=1), 60)
    return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")
