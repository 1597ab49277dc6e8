"""The words of the pages in each language, from `translations/<language>/LC_MESSAGES/messages.po`.

A catalogue is read when its language is first asked for and stays in memory: no compiled file can be stale. French
is the source: its messages are their own translation, with French spaces.
"""

import io
from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations

from lib.languages import LANGUAGES
from lib.text import french

FOLDER = Path(__file__).resolve().parent.parent / "translations"
SOURCE = "fr"


def path_of(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


@cache
def catalogue(language: str) -> NullTranslations:
    """What gettext asks. French where a language has no catalogue."""
    return _read(language) if language in LANGUAGES and language != SOURCE else French()


class French(NullTranslations):
    """The messages themselves. French counts 0 with the singular."""

    def ugettext(self, message: str) -> str:
        return _spaced(message)

    def ungettext(self, singular: str, plural: str, number: int) -> str:
        return _spaced(singular if number < 2 else plural)


_spaced = cache(french)  # messages are our own: as many as the code holds


def _read(language: str) -> Translations:
    from babel.messages.mofile import write_mo  # the reader's tools: a process that speaks French needs none of them
    from babel.messages.pofile import read_po

    with path_of(language).open("rb") as file:
        found = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, found)
    compiled.seek(0)
    return Translations(compiled)
