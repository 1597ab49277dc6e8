"""Amounts as people of a place write them. `locale` is a Babel identifier such as `fr_BE`."""

import re
from decimal import Decimal

from babel.numbers import format_currency

_AMOUNT = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,2})?", re.ASCII)


def amount(cents: int, currency: str, locale: str) -> str:
    """`30,00 €`, with the no-break spaces of the language."""
    return format_currency(Decimal(cents) / 100, currency, locale=locale)


def cents(typed: str) -> int | None:
    """What is typed as an amount of euros: `35`, `35,5`, `35.50 €` and `1 200` are 3500, 3550, 3550 and 120000. None
    when it is no amount: three decimals are more than a cent, a sign is a slip."""
    text = "".join(char for char in typed if not char.isspace()).removesuffix("€").replace(",", ".")
    return int(Decimal(text) * 100) if _AMOUNT.fullmatch(text) else None
