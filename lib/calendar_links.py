"""Addresses that open an online calendar with an event filled in. Instants are aware datetimes."""

import datetime as dt
from urllib.parse import urlencode


def google(title: str, start: dt.datetime, end: dt.datetime, place: str) -> str:
    span = f"{start.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}/{end.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
    values = {"action": "TEMPLATE", "text": title, "dates": span, "location": place}
    return f"https://calendar.google.com/calendar/render?{urlencode(values)}"


def outlook(title: str, start: dt.datetime, end: dt.datetime, place: str) -> str:
    values = {"path": "/calendar/action/compose", "rru": "addevent", "subject": title, "location": place}
    values |= {"startdt": _utc(start), "enddt": _utc(end)}
    return f"https://outlook.live.com/calendar/0/deeplink/compose?{urlencode(values)}"


def _utc(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
