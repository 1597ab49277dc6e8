"""Which host names are ours: the platform's, and those that businesses own.

A business's own host serves the same routes without the slug: the path gains it on the way in, `url_for` loses it on
the way out. Any other name is refused, so that no link ever carries a name that a stranger chose.
"""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, g, has_request_context, request

from config import Settings
from errors import Invalid
from lib.hosts import is_loopback, without_port
from queries.business import by_domain

SHARED_PATHS = ("/static/", "/health")


class StrangeHost(Invalid):
    code = "INVALID_HOST"
    message = "Ce nom d’hôte n’est pas connu ici."


class OwnHosts:
    """WSGI middleware: marks the request `bookt.slug` on a business's own host, `bookt.strange` on no host of ours."""

    def __init__(self, app: Callable[..., Iterable[bytes]], settings: Settings) -> None:
        self._app = app
        self._settings = settings
        listed = [name.strip().lower() for name in settings.trusted_hosts.split(",") if name.strip()]
        self._platform = {without_port(settings.base_url.partition("://")[2].partition("/")[0]), *listed}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        name = without_port(environ.get("HTTP_HOST", ""))
        if name not in self._platform:
            self._resolve(environ, name)
        return self._app(environ, start_response)

    def _resolve(self, environ: dict[str, Any], name: str) -> None:
        loopback = is_loopback(name) and not self._settings.production
        if loopback and not name.endswith(".localhost"):
            return
        owner = by_domain(name) if name else None
        if owner is not None:
            environ["bookt.slug"] = owner.slug
            path = environ.get("PATH_INFO", "/")
            if not path.startswith(SHARED_PATHS):
                environ["PATH_INFO"] = f"/{owner.slug}{'' if path == '/' else path}"
        elif not loopback:
            environ["bookt.strange"] = True


def init_app(app: Flask, settings: Settings) -> None:
    app.wsgi_app = OwnHosts(app.wsgi_app, settings)  # type: ignore[method-assign]
    app.before_request(_refuse_strangers)


def without_slug(url: str) -> str:
    """A path of the business as its own host knows it."""
    slug = request.environ.get("bookt.slug") if has_request_context() else None
    prefix = f"/{slug}"
    if slug and (url == prefix or url.startswith((prefix + "/", prefix + "?", prefix + "#"))):
        rest = url[len(prefix) :]
        return rest if rest.startswith("/") else f"/{rest}"
    return url


def _refuse_strangers() -> None:
    if request.environ.get("bookt.strange"):
        g.business = None
        raise StrangeHost
