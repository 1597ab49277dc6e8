"""gettext for pages, answers and mails: Flask-Babel, asking the catalogues of `lib/catalogues.py`."""

from babel.support import NullTranslations
from flask import Flask
from flask_babel import Babel, Domain, get_locale

from blueprints import context
from lib.catalogues import SOURCE, catalogue


def init_app(app: Flask) -> None:
    babel = Babel(app, default_locale=SOURCE, locale_selector=context.language)
    babel.domain_instance = Words()


class Words(Domain):  # type: ignore[misc] # Flask-Babel ships no types
    """Flask-Babel's own domain wants compiled files on the disk."""

    def get_translations(self) -> NullTranslations:
        locale = get_locale()
        return catalogue(locale.language if locale else SOURCE)
