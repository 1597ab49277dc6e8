"""Rates as people write them: `10/minute`, `100 per hour`, `20 per 5 minutes`, `off`."""

import re

UNITS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
FORM = re.compile(r"([1-9]\d{0,8})\s*(?:/|per)\s*(?:([1-9]\d{0,5})\s*)?(second|minute|hour|day)s?", re.ASCII)


def parse(text: str) -> tuple[int, int] | None:
    """How many in how many seconds; None for `off`. Raises ValueError."""
    text = text.strip().lower()
    if text == "off":
        return None
    found = FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"not a rate: {text}")
    amount, several, unit = found.groups()
    return int(amount), int(several or 1) * UNITS[unit]
