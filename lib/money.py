"""Money in integer cents; rates in basis points (3,000 = 30 %)."""

import re

BASIS = 10_000


def share(cents: int, basis_points: int) -> int:
    """A part of an amount, halves rounded up: share(4000, 3000) == 1200."""
    return (cents * basis_points + BASIS // 2) // BASIS


def read_cents(text: str) -> int:
    """What people type: `30`, `38,50`, `38.5`, `1 200 €`. Raises ValueError."""
    found = re.fullmatch(r"([0-9]{1,7})(?:[.,]([0-9]{1,2}))?", re.sub(r"[\s€]", "", text), re.ASCII)
    if found is None:
        raise ValueError(text)
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
