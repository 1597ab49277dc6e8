"""One start in an address or a form: `2026-11-24T10:20`; the second of a time that exists twice ends in `;fold=1`
(PEP 495)."""

import re

FORM = re.compile(r"(?P<date>\d{4}-\d{2}-\d{2})T(?P<time>\d{2}:\d{2})(?:;fold=(?P<fold>[01]))?", re.ASCII)


def write(date: str, time: str, fold: int = 0) -> str:
    return f"{date}T{time}" + (";fold=1" if fold else "")


def read(text: str, fold: str = "") -> tuple[str, str, int]:
    """Date, time, fold, not yet judged; texts that are no start come back empty. `fold` may also stand apart."""
    found = FORM.fullmatch(text.strip())
    if found is None:
        return "", "", 0
    return found["date"], found["time"], int(found["fold"] or (fold == "1"))
