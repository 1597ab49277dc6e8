"""The languages of the pages, and a business's own texts in them."""

from collections.abc import Mapping
from typing import NamedTuple

from werkzeug.datastructures import LanguageAccept

LANGUAGES = ("fr", "nl", "en", "de")
NAMES = {"fr": "Français", "nl": "Nederlands", "en": "English", "de": "Deutsch"}  # each in itself

Translations = Mapping[str, Mapping[str, str]]


class Wording(NamedTuple):
    """A text and the language it is in."""

    text: str
    language: str


def best(accepted: LanguageAccept, otherwise: str) -> str:
    """The best of LANGUAGES for an `Accept-Language` header (RFC 9110, 12.5.4; RFC 4647, 3.4: `nl-BE` is served by
    `nl`); `otherwise` when none is wanted, or any will do."""
    for tag, quality in sorted(accepted, key=lambda range_: -range_[1]):
        language = tag.partition("-")[0].lower()
        if quality > 0 and (language in LANGUAGES or tag == "*"):
            return language if language in LANGUAGES else otherwise
    return otherwise


def locale_of(language: str, country: str) -> str:
    """The Babel locale that writes a language's dates and amounts for a country: `fr_BE`, `en_GB`."""
    at_home = {"nl": "nl_BE", "en": "en_GB", "fr": "fr_FR" if country == "FR" else "fr_BE"}
    return at_home.get(language, "de_BE" if country == "BE" else "de_DE")


def wording(own: str, translations: Translations, field: str, *, wanted: str, source: str) -> Wording:
    """A text of a business in the wanted language where there is one, else as it was written in `source`."""
    translated = translations.get(wanted, {}).get(field)
    return Wording(translated, wanted) if translated and wanted != source else Wording(own, source)
