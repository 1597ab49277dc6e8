"""Hostile text in every field that holds text, opened in a real browser on every page: it stays text."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import peewee
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, Route
from werkzeug.routing import Rule

import db
import models
from actions import booking
from blueprints.context import FRAMED
from lib.identity import KEYS
from lib.languages import LANGUAGES
from models import (
    MODELS,
    Base,
    Booking,
    Business,
    BusinessValue,
    Membership,
    MenuItem,
    Question,
    Resource,
    Service,
    Specialization,
    TenantModel,
    User,
)  # fmt: skip
from queries import business as businesses
from tests.cast import MONDAY_8, Cast, body, make_business
from tests.security.edge import Places, form_token, forms, guard_of, is_api, is_file, routes, text_of
from tests.security.payloads import XSS
from tests.staff import staff

pytestmark = pytest.mark.browser

HERE = "http://localhost"
ALL = "".join(XSS)
SAID = dict.fromkeys(LANGUAGES, ALL)

# Texts that are words of ours, never anybody's own; every other text column of the models is attacked.
OURS = {
    "business": {
        "slug",
        "domain",
        "timezone",
        "locale",
        "country",
        "currency",
        "plan",
        "sector",
        "accent",
        "motif",
        "calendar_home",
    },
    "resource": {"slug", "kind", "join_group"},
    "service": {"slug", "place"},
    "schedule_exception": {"kind"},
    "booking": {"code", "status", "source", "locale", "payment_status", "held_by"},
    "busy_block": {"provider", "uid"},
    "message": {"channel", "template", "locale", "dedupe_key", "state"},
    "idempotency": {"key_hash", "body_hash", "answer"},
    "membership": {"role"},
    "invitation": {"hash", "role"},
    "picture": {"kind", "media_type"},
    "rate_counter": {"key"},
    "lease": {"name", "holder"},
}

WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", e => violations.push(e.violatedDirective + " " + e.blockedURI));
"""
FOREIGN_PARTS = """() => [...document.querySelectorAll("*")].filter(e =>
    e.matches("xss-probe, iframe:not([src^='/pro/']), object, embed, base[href], marquee, math, script:not([src], [type='application/ld+json']), style, template, meta[http-equiv]")
    || [...e.attributes].some(a => /^(on|hx-on|data-hx-on)/.test(a.name)
        || (/^(href|src|action|formaction|data|xlink:href)$/.test(a.name) && /^[\\s\\x00-\\x20]*(javascript|data|vbscript):/i.test(a.value)))
).map(e => e.outerHTML.slice(0, 200))"""


TAKEN = ("name", "message", "reason")  # what is accepted whatever it says, and so ends the hold: tried last


class Shown:
    """A page of the browser whose every request the application answers, with what happens on it."""

    def __init__(self, page: Page, answer: Callable[[Route], None]) -> None:
        self.page, self.dialogs = page, list[str]()
        self.errors: list[str] = []
        page.on("dialog", self._dialog)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.add_init_script(WATCH)
        page.route("**/*", answer)

    def look(self, url: str) -> tuple[list[str], list[str], list[str]]:
        """Dialogs, breaches of the content policy, and parts that no page of ours has."""
        self.dialogs.clear()
        self.page.goto(url, wait_until="load")
        return [*self.dialogs], self.page.evaluate("window.violations || []"), self.page.evaluate(FOREIGN_PARTS)

    def _dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


def _answering(client: FlaskClient, kept: dict[str, Any]) -> Callable[[Route], None]:
    """Requests to `/kept/…` get an answer that was made before, everything else goes to the application; redirects
    are followed here, since the browser would follow them past us."""

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(HERE)
        if path.startswith("/static/") and route.request.resource_type == "stylesheet":
            return route.fulfill(status=200, content_type="text/css", body="")  # looks say nothing here
        if not route.request.url.startswith(f"{HERE}/"):
            return route.abort()
        made = kept[path] if path in kept else client.get(path, follow_redirects=True)
        headers = {name: value for name, value in made.headers if name != "Content-Length"}
        route.fulfill(status=made.status_code, headers=headers, body=made.get_data())
        made.close()
        return None

    return answer


def _poison(cast: Cast) -> None:
    """Every text column of the models in every row of this business, written past the actions."""
    with db.writing(cast.id):
        for model in MODELS:
            name = model._meta.table_name
            theirs = issubclass(model, TenantModel) or model is Business
            texts = {f.name: _text(f.name) for f in model._meta.sorted_fields if type(f) is peewee.TextField}
            for ours in OURS.get(name, set()):
                del texts[ours]
            if theirs and texts:
                _update(model, texts, cast)
        User.update(name=ALL).where(User.id << Membership.select(Membership.user_id)).execute()
        _poison_what_is_told()


def _poison_what_is_told() -> None:
    """The texts that stand inside JSON, and a row of each kind of the mini-site's content; in French and in Dutch."""
    question = {"key": "q", "type": "radio", "label": SAID, "help": SAID, "options": [{"value": "a", "label": SAID}]}
    note = {"key": "n", "type": "text", "label": SAID, "help": SAID}
    for model in (Business, Service, Resource, Specialization, BusinessValue, models.Testimonial, Question, MenuItem):
        name = model._meta.table_name
        texts = {f.name for f in model._meta.sorted_fields if type(f) is peewee.TextField} - OURS.get(name, set())
        translations = {language: dict.fromkeys(texts, ALL) for language in ("nl", "en", "de")}
        if model in (Business, Service, Resource):
            chosen = model.update(translations=translations)
            (chosen.where(Business.id == db.tenant()) if model is Business else chosen).execute()
        else:
            model.insert(**dict.fromkeys(texts, ALL), translations=translations).execute()
    Business.update(identity=dict.fromkeys(KEYS, ALL), form_fields=[question, note]).where(
        Business.id == db.tenant()
    ).execute()
    Resource.update(languages=[ALL]).execute()
    Booking.update(answers={"n": ALL, ALL: ALL}).execute()


def _text(column: str) -> str:
    return ALL + f"{column}@example.com" if column == "email" else ALL


def _update(model: type[Base], texts: dict[str, str], cast: Cast) -> None:
    if model is Business:
        Business.update(**texts).where(Business.id == cast.id).execute()
    elif model._meta.table_name == "client":
        model.update(**{name: text for name, text in texts.items() if name != "email"}).execute()
    else:
        model.update(**texts).execute()


@pytest.fixture
def page(chromium: Browser) -> Any:
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def test_there_are_enough_payloads() -> None:
    assert len(set(XSS)) >= 60


def test_the_eye_sees_what_it_should(page: Page) -> None:
    """Without escaping and policy the payloads run; with our policy alone the browser reports them."""
    from blueprints.answers import CONTENT_POLICY

    raw = f"<!doctype html><title>x</title><body>{XSS[0]}{XSS[1]}{XSS[4]}{XSS[7]}<a href='javascript:alert(1)'>x</a>"

    def answer(route: Route) -> None:
        policy = {"Content-Security-Policy": CONTENT_POLICY} if "guarded" in route.request.url else {}
        route.fulfill(status=200, headers={"Content-Type": "text/html", **policy}, body=raw)

    shown = Shown(page, answer)
    dialogs, violations, parts = shown.look(f"{HERE}/bare")
    assert len(dialogs) >= 3
    assert len(parts) >= 4
    dialogs, violations, parts = shown.look(f"{HERE}/guarded")
    assert dialogs == []
    assert len(violations) >= 3
    assert len(parts) >= 4


def test_xss(app: Flask, cast: Cast, page: Page) -> None:
    """Every page that a browser shows, as a stranger and as the client, with every stored text hostile."""
    places = Places.of(app, cast)
    cancelled = cast.book("14:00")
    booking.cancel(cast.business, UUID(cancelled.id), now=MONDAY_8, reason="x")
    _poison(cast)
    assert ALL in businesses.by_id(cast.id).name
    seen, found = set(), {}
    proved = places.proved(app, also=[f"{cancelled.id}.1"])
    inside = staff(app, cast).client
    visits = (
        (app.test_client(), _for_anybody(app)), (proved, _for_the_client(app)), (inside, _for_the_staff(app)),
    )  # fmt: skip
    for client, rules in visits:
        shown = Shown(page, _answering(client, {}))
        for rule in rules:
            if is_file(rule):
                continue
            data = rule.endpoint.partition(".")[0] in ("api", "public_api")
            one = guard_of(app, rule)[0] != "public"
            asked = [""] if one else places.queries(rule)[1:2] if data else places.queries(rule)[::2]
            for query in [*asked, "lang=nl"] if rule.endpoint.startswith(("site.", "manage.")) else asked:
                url = f"{HERE}{places.path(rule)}?{query}"
                seen.add(rule.endpoint)
                if any(trouble := shown.look(url)):
                    found[url] = trouble
        for end in ("", "/deplacement", "/annulation"):
            url = f"{HERE}/{places.slug}/rdv/{cancelled.code}{end}"
            if any(trouble := shown.look(url)):
                found[url] = trouble
        assert shown.errors == []
        page.unroute_all()
    assert found == {}
    assert len(seen) >= 15


def _for_anybody(app: Flask) -> list[Rule]:
    return [rule for rule in routes(app, "GET") if guard_of(app, rule)[0] == "public"]


def _for_the_staff(app: Flask) -> list[Rule]:
    """What asks for a session; the staff's JSON is no page."""
    return [rule for rule in routes(app, "GET") if guard_of(app, rule)[0] != "public" and not is_api(rule)]


def _for_the_client(app: Flask) -> list[Rule]:
    """The pages that show more to who has proved a booking."""
    return [rule for rule in routes(app, "GET") if rule.endpoint.partition(".")[0] == "manage"]


def test_the_hostile_text_is_really_shown(app: Flask, cast: Cast) -> None:
    """Else the pages above would be clean because they are empty."""
    places = Places.of(app, cast)
    _poison(cast)
    client = places.proved(app)
    answers = {rule.endpoint: client.get(f"{places.path(rule)}?cle={places.key}") for rule in routes(app, "GET")}
    told = {endpoint: answer.text for endpoint, answer in answers.items() if answer.mimetype == "text/html"}
    escaped = "&lt;script&gt;alert(1)&lt;/script&gt;"
    wanted = {
        "site.home",
        "site.notice",
        "site.privacy",
        "booking.flow",
        "booking.held",
        "booking.check",
        "manage.show",
        "manage.move",
        "manage.cancellation",
        "dev.mail",
        "dev.mail_html",
    }
    assert {endpoint for endpoint in wanted if escaped not in told[endpoint]} == set()
    assert [endpoint for endpoint, text in told.items() if "<xss-probe>" in text] == []


def test_xss_in_what_is_typed(app: Flask, page: Page) -> None:
    """Forms that come back with what was typed, and addresses whose every parameter is hostile."""
    kept: dict[str, Any] = {}
    for n, rule in enumerate(each for each in forms(app) if not each.endpoint.startswith(f"{FRAMED}.")):  # same views
        for m, text in enumerate([ALL, ALL[:100]]):
            cast = make_business()
            places = Places.of(app, cast)
            for name in ("", *sorted(places.typed, key=TAKEN.__contains__)):
                typed = places.typed | ({name: text} if name else dict.fromkeys(places.typed, text))
                data = typed | {"form_token": form_token(app, cast.id)}
                answer = places.proved(app).post(places.path(rule), data=data)
                assert answer.status_code < 500
                if answer.status_code != 303:
                    kept[f"/kept/{n}/{m}/{name}"] = answer
    cast = make_business()
    places = Places.of(app, cast)
    names = (
        "prestation",
        "avec",
        "personnes",
        "retenu",
        "jour",
        "semaine",
        "debut",
        "fold",
        "cle",
        "code",
        "email",
        "serviceId",
        "date",
        "x",
    )
    for n, rule in enumerate(routes(app, "GET")):
        if not is_file(rule):
            for name in names if "slug" in rule.arguments else names[:1]:
                answer = places.proved(app).get(
                    places.path(rule), query_string={"prestation": "diag", "avec": "r1", name: ALL[:6_000]}
                )
                kept[f"/kept/get/{n}/{name}"] = answer
    shown_bodies = {answer.get_data(): path for path, answer in kept.items() if "alert(" in text_of(answer)}
    shown = Shown(page, _answering(app.test_client(), kept))
    found = {path: trouble for path in shown_bodies.values() if any(trouble := shown.look(HERE + path))}
    assert found == {}
    assert len(shown_bodies) >= 5


def test_what_a_client_types_is_stored_as_typed(client: FlaskClient, cast: Cast) -> None:
    """Escaping is for pages: nothing is cut out or turned into entities on the way in."""
    times = ("08:30", "09:00", "09:30", "10:00", "10:30", "11:00")
    fits = [each for each in XSS if len(each) <= 120 and "\n" not in each and "\t" not in each][: len(times)]
    for time, text in zip(times, fits, strict=True):
        who = {"name": text, "email": "jean@example.com"}
        answer = client.post(f"/{cast.slug}/api/bookings", json=body(time, customer=who, message=text))
        assert answer.status_code == 201
        assert answer.json["booking"]["customer"]["name"] == text.strip()
        with db.reading(cast.id):
            assert Booking.get(Booking.code == answer.json["booking"]["publicCode"]).message == text.strip()
