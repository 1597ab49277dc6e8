"""Bookt: the application factory and the command line.

python bookt.py serve | migrate | demo | worker | routes | prove | shell | settings
"""

import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_babel import Babel
from werkzeug.middleware.proxy_fix import ProxyFix

import db
from blueprints import answers, guards, hosts
from config import Settings
from lib.tokens import Signer


class Bookt(Flask):
    """Flask, with addresses that lose the slug on a business's own host."""

    def url_for(self, endpoint: str, **values: Any) -> str:
        return hosts.without_slug(super().url_for(endpoint, **values))


def create_app(settings: Settings | None = None, *, clock: Callable[[], float] = time.time) -> Flask:
    """The application on its settings (default: the environment's). `clock` gives UTC epoch seconds."""
    settings = settings or Settings.from_environment()
    app = Bookt(__name__)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.config["MAX_FORM_PARTS"] = 1_000
    app.config["SECRET_KEY"] = settings.signing_key()
    app.extensions["bookt_settings"] = settings
    app.extensions["bookt_clock"] = clock
    app.extensions["bookt_signer"] = Signer(settings.signing_key())
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    db.connect(settings)
    app.teardown_appcontext(lambda _: db.release())
    Babel(app, default_locale="fr", locale_selector=lambda: "fr")
    answers.init_app(app, settings)
    hosts.init_app(app, settings)
    _register(app)
    guards.init_app(app)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app


def _register(app: Flask) -> None:
    from blueprints import platform
    from blueprints.api import business as api
    from blueprints.api import platform as platform_api

    app.register_blueprint(platform.bp)
    app.register_blueprint(platform_api.bp)
    app.register_blueprint(api.bp)
    app.register_blueprint(api.part)
