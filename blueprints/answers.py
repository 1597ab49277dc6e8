"""How answers leave: a page or its partial, JSON, and every error as either; with the headers that all carry."""

import json
from typing import Any

from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import gettext
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as WerkzeugMethodNotAllowed

import errors
from blueprints import context, framing
from config import Settings
from errors import BooktError

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
BY_STATUS = {
    404: errors.NotFound, 413: errors.BodyTooLarge, 401: errors.Unauthorized, 403: errors.NotAllowed,
}  # fmt: skip


class MethodNotAllowed(BooktError):
    status = 405
    code = "METHOD_NOT_ALLOWED"
    message = "Cette adresse n’accepte pas cette méthode."


def init_app(app: Flask, settings: Settings) -> None:
    app.register_error_handler(BooktError, answer_error)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_crash)
    app.after_request(_headers)
    app.extensions["bookt_hsts"] = settings.base_url.startswith("https:")


def page(template: str, *, part: str | None = None, status: int = 200, **values: Any) -> Response:
    """The whole page, or its partial when htmx asks for one; a restored history entry gets the whole page."""
    wants_part = part is not None and request.headers.get("HX-Request") == "true"
    wants_part = wants_part and request.headers.get("HX-History-Restore-Request") != "true"
    answer = make_response(render_template(part if wants_part and part else template, **values), status)
    answer.vary.add("HX-Request")
    return _in_its_language(answer)


def json_answer(data: Any, status: int = 200) -> Response:
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    answer = Response(body, status=status, content_type="application/json")
    answer.vary.add("Accept-Language")  # messages and names are said in the caller's language
    return answer


def wants_json() -> bool:
    """Everything under an `api` segment speaks JSON, errors too."""
    return "api" in request.path.split("/", 3)[1:3]


def answer_error(error: BooktError) -> Response:
    answer = json_answer(error_json(error), error.status) if wants_json() else _error_page(error)
    if hasattr(error, "retry_after"):
        answer.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, errors.Unauthorized):
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def error_json(error: BooktError) -> dict[str, Any]:
    """S3: `{"error": {"code", "message"}}`; beside them only `field` and `nearest`."""
    body: dict[str, Any] = {"code": error.code, "message": text_of(error)}
    if error.field:
        body["field"] = error.field
    if isinstance(error, errors.SlotTaken) and error.nearest:
        body["nearest"] = [local_iso(start) for start in error.nearest]
    return {"error": body}


def text_of(error: BooktError | errors.Problem) -> str:
    return str(gettext(error.message, **error.values))


def local_iso(start: int) -> str:
    """An instant as ISO 8601 with the business's offset."""
    import datetime as dt

    return dt.datetime.fromtimestamp(start, context.offer().zone).isoformat()


def _error_page(error: BooktError) -> Response:
    business = g.get("business")
    html = render_template("errors/error.html", error=error, message=text_of(error), business=business)
    return _in_its_language(make_response(html, error.status))


def _in_its_language(answer: Response) -> Response:
    answer.vary.add("Accept-Language")
    answer.content_language.add(context.language())
    return answer


def _answer_http(error: HTTPException) -> Response:
    if isinstance(error, WerkzeugMethodNotAllowed):
        answer = answer_error(MethodNotAllowed())
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        return answer
    if error.code is not None and error.code < 400:
        return Response(status=error.code, headers=error.get_headers())
    return answer_error(BY_STATUS.get(error.code or 500, errors.Invalid if (error.code or 500) < 500 else BooktError)())


def _answer_crash(error: Exception) -> Response:
    from flask import current_app

    current_app.logger.exception("unexpected error")
    return answer_error(BooktError())


def _headers(answer: Response) -> Response:
    from flask import current_app

    listed = context.framed() or framing.framed_by_us()
    if listed:
        policy = CONTENT_POLICY.replace("frame-ancestors 'none'", f"frame-ancestors {' '.join(listed)}")
        answer.headers.setdefault("Content-Security-Policy", policy)
    if framing.frames_ours():
        answer.headers.setdefault("Content-Security-Policy", f"{CONTENT_POLICY}; frame-src 'self'")
    for name, value in HEADERS.items():
        if not (listed and name == "X-Frame-Options"):  # it knows no list; the policy above does
            answer.headers.setdefault(name, value)
    if current_app.extensions["bookt_hsts"]:
        answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return answer
