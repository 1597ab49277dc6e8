"""The languages that people speak, in the words of a language. `locale` is a Babel identifier such as `fr_BE`."""

from functools import lru_cache

from babel import Locale
from babel.lists import format_list


@lru_cache(maxsize=1_024)
def names(codes: tuple[str, ...], locale: str) -> str:
    """`français, néerlandais et anglais` of ISO 639 codes; a code that Babel does not know stays as it is."""
    known = Locale.parse(locale).languages
    return str(format_list([known.get(code, code) for code in codes], locale=locale))
