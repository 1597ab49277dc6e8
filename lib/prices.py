"""Amounts as people of a place write them. `locale` is a Babel identifier such as `fr_BE`."""

from decimal import Decimal

from babel.numbers import format_currency


def amount(cents: int, currency: str, locale: str) -> str:
    """`30,00 €`, with the no-break spaces of the language."""
    return format_currency(Decimal(cents) / 100, currency, locale=locale)
