"""Which host names are ours: the platform's, and those that businesses own.

A business's own host serves the same routes without the slug: the path gains it on the way in, `url_for` loses it on
the way out. Any other name is refused, so that no link ever carries a name that a stranger chose. Who sends a token to
`/api/…` there speaks to the staff's API, whose paths name no business: the token does.
"""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, has_request_context, request

from config import Settings
from errors import Invalid, Unavailable
from lib.hosts import is_loopback, without_port
from queries.business import by_domain

HEALTH = "/health"  # who watches over a process asks it by its address, whatever the name
SHARED_PATHS = ("/static/", HEALTH)
API = "/api"


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
        if not name or _asks_elsewhere(environ):
            environ["bookt.strange"] = True
        elif name not in self._platform:
            self._resolve(environ, name)
        return self._app(environ, start_response)

    def _resolve(self, environ: dict[str, Any], name: str) -> None:
        loopback = is_loopback(name) and not self._settings.production
        if loopback and not name.endswith(".localhost"):
            return
        try:
            owner = by_domain(name)
        except Unavailable as error:
            environ["bookt.unavailable"] = error  # answered inside, where answers have their form
            return
        if owner is not None:
            environ["bookt.slug"] = owner.slug
            path = environ.get("PATH_INFO", "/")
            if not path.startswith(SHARED_PATHS) and not _speaks_for_the_staff(environ, path):
                environ["PATH_INFO"] = f"/{owner.slug}{'' if path == '/' else path}"
        elif not loopback:
            environ["bookt.strange"] = True


def init_app(app: Flask, settings: Settings) -> None:
    app.wsgi_app = OwnHosts(app.wsgi_app, settings)  # type: ignore[method-assign]
    app.url_map.merge_slashes = False  # its redirect would name the host that the visitor sent
    app.url_value_preprocessor(_refuse_strangers)  # before any blueprint looks its business up


def sends_token(authorization: str) -> bool:
    """Whether the header names the bearer scheme, with a token or without one."""
    return authorization.partition(" ")[0].lower() == "bearer"


def without_slug(url: str) -> str:
    """A path of the business as its own host knows it."""
    slug = request.environ.get("bookt.slug") if has_request_context() else None
    prefix = f"/{slug}"
    if slug and (url == prefix or url.startswith((prefix + "/", prefix + "?", prefix + "#"))):
        rest = url[len(prefix) :]
        return rest if rest.startswith("/") else f"/{rest}"
    return url


def _speaks_for_the_staff(environ: dict[str, Any], path: str) -> bool:
    return (path == API or path.startswith(f"{API}/")) and sends_token(environ.get("HTTP_AUTHORIZATION", ""))


def _asks_elsewhere(environ: dict[str, Any]) -> bool:
    """A request line with a whole address (RFC 9112, 3.2.2) outranks the Host header: they must say the same."""
    target = environ.get("RAW_URI", "")
    _, found, rest = target.partition("://")
    if target.startswith(("/", "*")) or not found:
        return False
    return bool(rest.partition("/")[0].lower() != environ.get("HTTP_HOST", "").lower())


def _refuse_strangers(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    if request.environ.get("bookt.strange") and request.path != HEALTH:
        raise StrangeHost
    if "bookt.unavailable" in request.environ:
        raise request.environ["bookt.unavailable"]
