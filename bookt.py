"""Bookt: the application factory and the command line (`python bookt.py help`)."""

import dataclasses
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import peewee
from flask import Flask, Request
from werkzeug.exceptions import BadHost
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import MapAdapter

import db
from blueprints import answers, discovery, display, guards, hosts, members, packing, signed_in, tenant, wording
from config import Settings, SettingsError, markdown_table
from errors import Unavailable
from lib.tokens import Signer

ROOT = Path(__file__).resolve().parent
SHOWN = 12  # businesses whose addresses `serve` prints


class Bookt(Flask):
    """Flask, with addresses that lose the slug on a business's own host."""

    def url_for(self, endpoint: str, **values: Any) -> str:
        return hosts.without_slug(super().url_for(endpoint, **values))

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """A host that has not even the form of a name is refused all the same, by a page that can have links."""
        try:
            return super().create_url_adapter(request)
        except BadHost as error:
            assert request is not None
            request.routing_exception = error
            return self.url_map.bind("localhost", path_info=request.path, default_method=request.method)


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
    wording.init_app(app)
    answers.init_app(app, settings)
    display.init_app(app)
    packing.init_app(app)
    discovery.init_app(app)
    hosts.init_app(app, settings)
    tenant.init_app(app)
    signed_in.init_app(app, settings)
    members.init_app(app)
    _register(app, settings)
    guards.init_app(app)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app


def _register(app: Flask, settings: Settings) -> None:
    from blueprints import accounts, admin, booking, dashboard, embed, manage, platform, site
    from blueprints.api import auth
    from blueprints.api import business as api
    from blueprints.api import platform as platform_api
    from blueprints.api import staff

    pages = platform.bp, site.bp, booking.bp, manage.bp
    for blueprint in (*pages, discovery.bp, discovery.part, discovery.twin, platform_api.bp, api.bp, api.part):
        app.register_blueprint(blueprint)
    staff.init_app(app)
    embed.init_app(app)
    app.register_blueprint(auth.bp)
    app.register_blueprint(accounts.bp)
    app.register_blueprint(accounts.leaving)
    app.jinja_env.globals["unproved_email"] = accounts.unproved_email
    app.register_blueprint(admin.bp)
    dashboard.init_app(app)
    if not settings.production:
        from blueprints import dev

        app.register_blueprint(dev.bp)


# --- the command line ------------------------------------------------------------------------------------------------


def main(arguments: list[str]) -> int:
    """Run one command; returns the exit code: 2 for a wrong command or setting, 1 for a database that is away."""
    name, *rest = arguments or ["help"]
    command = COMMANDS.get(name)
    if command is None or (rest and name not in TAKE_ARGUMENTS):
        asked = name in ("help", "-h", "--help")
        print(_usage(), file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    try:
        return command(*rest) or 0
    except SettingsError as error:
        print(f"bookt: {error}", file=sys.stderr)
        return 2
    except (Unavailable, peewee.OperationalError) as error:
        print(f"bookt: the database does not answer: {error.__cause__ or error}".strip(), file=sys.stderr)
        return 1


def serve() -> None:
    """migrate, load the demo when the database is empty, serve"""
    settings = Settings.from_environment()
    _prepare(settings)
    print(_addresses(settings), flush=True)
    _server(settings).run()


def migrate() -> None:
    """bring the database up to date"""
    applied = _migrate(Settings.from_environment())
    print("\n".join(applied) or "nothing to do")


def demo() -> None:
    """load the demo businesses that are missing"""
    settings = Settings.from_environment()
    _migrate(settings)
    made = _load_demo(settings, only_if_empty=False)
    print("\n".join(settings.base_url + f"/{slug}" for slug in made) or "the demo businesses are there already")


def worker() -> None:
    """run the jobs alone, in the foreground"""
    import signal
    import threading

    from jobs import scheduler

    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    running = scheduler.start(create_app(dataclasses.replace(Settings.from_environment(), scheduler=True)))
    assert running is not None
    print("jobs are running; Ctrl-C ends them", flush=True)
    stopped.wait()
    running.stop()


def routes() -> None:
    """write docs/routes.md: every address, who may, which view and template"""
    from tools.routes import DOCUMENT, table

    DOCUMENT.write_text(table(create_app(Settings(scheduler=False, secret_key="-" * 32))))
    print(DOCUMENT.relative_to(ROOT))


def prove(*arguments: str) -> int:
    """race and crash the promise on this database (--clients N)"""
    import importlib

    return int(importlib.import_module("prove").main(list(arguments)) or 0)


def shell() -> None:
    """Python with the application at hand; open reading(id) or writing(id) first"""
    import code

    import models

    app = create_app()
    with app.app_context():
        code.interact(local={"app": app, "db": db, **vars(models)}, banner="app, db and the models are here")


def settings_table() -> None:
    """print the configuration table of the README"""
    print(markdown_table(), end="")


COMMANDS: dict[str, Callable[..., int | None]] = {
    "serve": serve, "migrate": migrate, "demo": demo, "worker": worker, "routes": routes, "prove": prove,
    "shell": shell, "settings": settings_table,
}  # fmt: skip
TAKE_ARGUMENTS = {"prove"}


def _usage() -> str:
    lines = [f"  {name:<9} {command.__doc__}" for name, command in COMMANDS.items()]
    return "\n".join(["usage: python bookt.py COMMAND", "", *lines])


def _prepare(settings: Settings) -> None:
    _migrate(settings)
    if settings.demo and not settings.production:
        _load_demo(settings, only_if_empty=True)


def _migrate(settings: Settings) -> list[str]:
    import migrations  # the runner's tools are slow to import, and a serving process needs none of them

    return migrations.migrate(settings)


def _load_demo(settings: Settings, *, only_if_empty: bool) -> list[str]:
    """Under the lock of the migrations: of two processes that start at once, one loads. Leaves no connection open,
    since the server forks after this."""
    import migrations
    from actions import demo as demo_businesses
    from queries.business import any_exists

    db.connect(settings)
    with migrations.alone(settings):
        made = [] if only_if_empty and any_exists() else demo_businesses.load(now=int(time.time()))
    db.disconnect()
    return made


def _addresses(settings: Settings) -> str:
    from queries.business import all_cards

    db.connect(settings)
    port = f":{settings.port}"
    lines = [f"Bookt: {settings.base_url}"]
    for card in all_cards()[:SHOWN]:
        own = f"   http://{card.domain}{port}" if card.domain and card.domain.endswith(".localhost") else ""
        lines.append(f"  {card.name:<24} {settings.base_url}/{card.slug}{own}")
    if not settings.production:
        lines.append(f"  {'Mails':<24} {settings.base_url}/dev/mails")
    db.disconnect()
    return "\n".join(lines)


def _server(settings: Settings) -> Any:
    """gunicorn with the settings of `deploy/`; in development one process that says little."""
    from gunicorn.app.base import Application

    class Server(Application):  # type: ignore[misc]
        def load_config(self) -> None:
            self.load_config_from_file(str(ROOT / "deploy" / "gunicorn.conf.py"))
            if not settings.production:
                self.cfg.set("workers", 1)
                self.cfg.set("loglevel", "warning")

        def load(self) -> Flask:
            return create_app(settings)

    return Server()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
