"""The pages' language: what decides it, what keeps it, and that no French shows through."""

import datetime as dt
import html
import re
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale

import db
from lib.languages import LANGUAGES
from lib.links import Links
from models import Booking, Message, Service
from queries import letter
from tests.cast import MONDAY_8, Cast, Clock, make_business
from tests.pages import Page, Visitor, plain
from tests.security.edge import Places, open_routes
from tools.translations import extracted, stored, translated

TAGS = {"fr": "fr-BE", "nl": "nl-BE", "en": "en-GB", "de": "de-BE"}
MAILS = sorted(path.stem for path in Path("templates/mail").glob("[cp]*_*.txt"))
REFUSED = {
    "details, wrong": 422, "lost": 409, "expired": 409, "cancel, wrong": 422, "access, wrong": 404, "no service": 404,
    "no link": 410, "no form token": 400, "no page": 404,
}  # fmt: skip
LONG = 12  # a shorter French word may be one of a name or of the other language


messages = cache(extracted)


@cache
def french_pieces(language: str) -> tuple[str, ...]:
    """What stands between the placeholders of each message that the language says otherwise."""
    catalogue, pieces = stored(language), set()
    for message in messages():
        for text in [message] if isinstance(message, str) else message:
            entry = catalogue.get(message if isinstance(message, str) else message[0])
            said = entry.string if entry and isinstance(entry.string, str) else " ".join(entry.string) if entry else ""
            parts = [part.strip() for part in re.split(r"%(?:\(\w+\))?[sd%]", plain(text))]
            pieces |= {part for part in parts if len(part) > LONG and part not in plain(said)}
    return tuple(pieces)


def french_in(text: str, language: str) -> list[str]:
    shown = " ".join(plain(html.unescape(text)).split())
    near = (piece for piece in french_pieces(language) if piece in shown)
    return [piece for piece in near if re.search(rf"(?<!\w){re.escape(piece)}(?!\w)", shown)]


class Walk:
    """One visitor in one language from the front page to a cancelled appointment, by the links and forms of the pages."""

    def __init__(self, client: FlaskClient, clock: Clock, cast: Cast, language: str) -> None:
        self.cast, self.clock, self.language, self.visitor = cast, clock, language, Visitor(client, cast.slug)

    def all(self) -> dict[str, Page]:
        return dict((*self._choosing(), *self._holding(), *self._managing(), *self._failing()))

    def _choosing(self) -> Iterator[tuple[str, Page]]:
        home = self.visitor.get(f"?lang={self.language}")
        yield "mini-site", home
        service = self._open(home, "/rdv?lang=")
        yield "service", service
        whom = self._open(service, "prestation=diag")
        yield "whom", whom
        self.moment = self._open(whom, "avec=r1")
        yield "moment", self.moment
        yield "another week", self._open(self.moment, "semaine=2027-01-18")
        yield "closed day", self.visitor.get(f"/rdv?prestation=diag&avec=r1&jour=2027-01-17&lang={self.language}")
        yield "past date", self.visitor.get(f"/rdv?prestation=diag&avec=r1&jour=2026-01-01&lang={self.language}")

    def _holding(self) -> Iterator[tuple[str, Page]]:
        details = self._after(self.visitor.send(self.moment.form("creneaux"), debut="2027-01-11T09:00"))
        yield "details", details
        yield "details, wrong", self.visitor.send(details.form("coordonnees"), name="", email="a@b")
        typed = details.form("coordonnees")
        self.check = self._after(self.visitor.send(typed, name="Zoé Lambert", email="zoe@example.be"))
        yield "check", self.check
        yield "moment, held", self._after(self.visitor.send(typed, email="", suite="moment"))
        yield "lost", self._stranger().send(self.moment.form("creneaux"), debut="2027-01-11T09:00")
        late = self._stranger()
        held = late.follow(late.send(self.moment.form("creneaux"), debut="2027-01-11T11:00"))
        self.clock.now = MONDAY_8 + 700
        yield "expired", late.get(held.form("coordonnees").action)
        self.clock.now = MONDAY_8
        full = make_business(services={"diag": {"notice_minutes": 100 * 1440}})
        yield "nothing free", Visitor(self.visitor.client, full.slug).get(f"/rdv?avec=r1&lang={self.language}")

    def _managing(self) -> Iterator[tuple[str, Page]]:
        given = self.visitor.send(self.check.form("verifier"))
        self.key = parse_qs(urlsplit(given.response.headers["Location"]).query)["cle"][0]
        shown = self._after(given)
        yield "confirmed", shown
        move = self._open(shown, "/deplacement")
        yield "move", move
        yield "moved", self._after(self.visitor.send(move.form("creneaux"), debut="2027-01-11T10:00"))
        cancel = self._open(shown, "/annulation")
        yield "cancel", cancel
        yield "cancel, wrong", self.visitor.send(cancel.form("annuler"), reason="x" * 2001)
        yield "cancelled", self._after(self.visitor.send(cancel.form("annuler"), reason="Grippe"))
        self.code = urlsplit(given.response.headers["Location"]).path.rpartition("/")[2]

    def _failing(self) -> Iterator[tuple[str, Page]]:
        stranger = self._stranger()
        access = stranger.get(f"/rdv/acces?lang={self.language}")
        yield "access", access
        yield "access, wrong", stranger.send(access.form("acces"), code="AC-AAAAAA", email="x@example.be")
        yield "link", stranger.get(f"/rdv/{self.code}?cle={self.key}&lang={self.language}")
        yield "no service", stranger.get(f"/rdv?prestation=rien&lang={self.language}")
        yield "no link", stranger.get(f"/rdv/retenu/abc?lang={self.language}")
        yield "no form token", stranger.post(f"/rdv?lang={self.language}", {})
        client = self.visitor.client
        yield "platform", Page(client.get(f"/?lang={self.language}"))
        yield "no page", Page(client.get(f"/x/y/z?lang={self.language}"))

    def _stranger(self) -> Visitor:
        return Visitor(self.visitor.client.application.test_client(), self.cast.slug)

    def _open(self, page: Page, fragment: str) -> Page:
        return self.visitor.get(next(link for link in page.links if fragment in link))

    def _after(self, answer: Page) -> Page:
        assert f"lang={self.language}" in answer.response.headers["Location"]
        return self.visitor.follow(answer)


@pytest.mark.parametrize("language", translated())
def test_the_whole_flow_speaks_one_language(client: FlaskClient, clock: Clock, cast: Cast, language: str) -> None:
    pages = Walk(client, clock, cast, language).all()
    assert {name: page.status for name, page in pages.items() if page.status != 200} == REFUSED
    for name, page in pages.items():
        assert french_in(page.html, language) == [], name
        assert f'<html lang="{TAGS[language]}"' in page.html, name
        assert page.response.headers["Content-Language"] == language, name
        assert "Accept-Language" in page.response.headers["Vary"], name
        for link in page.links:
            assert not link.startswith("/") or "lang=" in link, (name, link)
        for form in page.forms:
            kept = form.values if form.method == "get" else parse_qs(urlsplit(form.action).query)
            assert kept["lang"] in (language, [language]), (name, form.action)
    with db.reading(cast.id):
        assert {row.locale for row in Booking.select()} == {language}
        assert {
            row.template: row.locale for row in Message.select() if row.template.startswith("client_")
        } == dict.fromkeys(("client_confirmed", "client_rescheduled", "client_cancelled"), language)


@pytest.mark.parametrize("language", translated())
def test_no_address_shows_french_in_another_language(app: Flask, cast: Cast, language: str) -> None:
    places, seen = Places.of(app, cast), set()
    client = places.proved(app)
    for rule in open_routes(app, "GET"):
        for query in places.queries(rule):
            answer = client.get(f"{places.path(rule)}?{query}&lang={language}".replace("?&", "?"))
            if answer.content_type.startswith(("text/html", "text/markdown")) and not rule.endpoint.startswith("dev."):
                assert french_in(answer.text, language) == [], (rule.rule, query)
                seen.add(rule.endpoint)
    assert len(seen) > 20


@pytest.mark.parametrize("language", translated())
def test_each_mail_speaks_the_language_of_its_reader(app: Flask, cast: Cast, language: str) -> None:
    card = cast.book(date=dt.date(2027, 1, 15))
    links = Links("https://bookt.example", app.extensions["bookt_signer"])
    with db.writing(cast.id):
        Service.update(translations={language: {"name": "Xyz"}}).where(Service.slug == "diag").execute()
        db.handle.execute_sql("UPDATE business SET revision = revision + 1")
    data = {"from": "2027-01-14T08:00:00+00:00"}
    for by in ("professional", "client"):
        for template in MAILS:
            with app.app_context(), force_locale(language):
                mail = letter.write(
                    app.jinja_env, links, business_id=cast.id, booking_id=uuid.UUID(card.id), template=template,
                    locale=language, data=data | {"by": by}, now=MONDAY_8, even_if_late=True,
                )  # fmt: skip
            for text in (mail.subject, mail.text, mail.html, mail.calendar.decode().replace("\r\n ", "")):
                assert french_in(text, language) == [], template
            assert "Xyz" in mail.text
            assert f'<html lang="{language}"' in mail.html
            assert " :" not in plain(mail.text)
            if template.startswith("client_"):
                assert f"lang={language}" in mail.text


def test_the_check_for_french_finds_french(client: FlaskClient, cast: Cast) -> None:
    page = Visitor(client, cast.slug).get("?lang=fr")
    for language in translated():
        assert "Prochains créneaux" in french_in(page.html, language)


# --- what decides ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "header", "own", "language"),
    [
        ("", None, "fr", "fr"),
        ("", None, "de", "de"),
        ("", "nl-BE,fr;q=0.5", "fr", "nl"),
        ("", "it,pt", "de", "de"),
        ("?lang=en", "nl", "fr", "en"),
        ("?lang=xx", "nl", "fr", "nl"),
        ("?lang=", None, "nl", "nl"),
    ],
)
def test_a_page_answers_itself_in_the_best_language(
    client: FlaskClient, query: str, header: str | None, own: str, language: str
) -> None:
    slug = make_business(locale=own).slug
    answer = client.get(f"/{slug}{query}", headers={"Accept-Language": header} if header else {})
    assert answer.status_code == 200
    assert (answer.headers["Content-Language"], f'lang="{TAGS[language]}"' in answer.text) == (language, True)
    assert "Accept-Language" in answer.headers["Vary"]


@pytest.mark.parametrize(("header", "words"), [(None, "Cette prestation n’est pas proposée."), ("de", "Diese Leistung wird nicht angeboten."), ("en-GB,fr;q=0.9", "This service is not on offer.")])  # fmt: skip
def test_json_errors_follow_the_header_and_default_to_french(
    client: FlaskClient, cast: Cast, header: str | None, words: str
) -> None:
    headers = {"Accept-Language": header} if header else {}
    answer = client.get(f"/{cast.slug}/api/availability?serviceId=rien&date=2027-01-12", headers=headers)
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["error"]["message"] == words
    assert "Accept-Language" in answer.headers["Vary"]
    assert "Accept-Language" in client.get(f"/{cast.slug}/api/services").headers["Vary"]


def test_a_booking_by_json_is_written_to_in_the_caller_s_language(client: FlaskClient, cast: Cast) -> None:
    body = {
        "serviceId": "diag",
        "date": "2027-01-12",
        "time": "09:00",
        "customer": {"name": "Zoé", "email": "z@example.be"},
    }
    answer = client.post(f"/{cast.slug}/api/bookings", json=body, headers={"Accept-Language": "nl"})
    assert answer.status_code == 201
    with db.reading(cast.id):
        assert {row.template: row.locale for row in Message.select()}["client_confirmed"] == "nl"
        assert {row.template: row.locale for row in Message.select()}["professional_confirmed"] == "fr"


# --- what is said about it -------------------------------------------------------------------------------------------


def test_the_footer_leads_to_the_same_page_in_each_language(client: FlaskClient, cast: Cast) -> None:
    page = Visitor(client, cast.slug).get("/rdv?prestation=diag&avec=r1&lang=de&lang=fr&x=%22%3E%C3%A9")
    links = re.findall(r'<a href="([^"]+)" lang="(\w+)" hreflang="(\w+)">(\w+)</a>', page.html)
    assert [(language, name) for _, language, _, name in links] == [
        ("fr", "Français"),
        ("nl", "Nederlands"),
        ("en", "English"),
    ]
    assert '<b lang="de" aria-current="true">Deutsch</b>' in page.html
    for url, language, hreflang, _ in links:
        split = urlsplit(html.unescape(url))
        assert (split.path, hreflang) == (f"/{cast.slug}/rdv", language)
        assert parse_qs(split.query) == {"prestation": ["diag"], "avec": ["r1"], "x": ['">é'], "lang": [language]}
    other = Visitor(client, cast.slug).get(html.unescape(links[1][0]))
    assert "Welk moment past u?" in other.text


def test_no_switch_where_the_address_alone_does_not_lead_back(client: FlaskClient, cast: Cast) -> None:
    visitor = Visitor(client, cast.slug)
    details = visitor.hold("2027-01-15T09:00")
    for page in (visitor.get("/rdv?prestation=rien"), visitor.send(details.form("coordonnees"), name="")):
        assert page.status in (404, 422)
        assert "hreflang" not in page.html


def test_a_booking_s_key_is_not_repeated_in_the_page(client: FlaskClient, cast: Cast) -> None:
    page = Visitor(client, cast.slug).get("/rdv/acces?cle=abc")
    assert "hreflang" in page.html
    assert "abc" not in page.html


def test_indexable_pages_name_their_translations_and_their_one_address(
    app: Flask, client: FlaskClient, cast: Cast
) -> None:
    base = app.extensions["bookt_settings"].base_url
    domain = f"{uuid.uuid4().hex[:8]}.example"
    own = make_business(domain=domain)
    for path, plain_url in (
        (f"/{cast.slug}", f"{base}/{cast.slug}"),
        ("/", f"{base}/"),
        (f"/{own.slug}", f"http://{domain}/"),
        (f"/{own.slug}/mentions-legales", f"http://{domain}/mentions-legales"),
    ):
        for language in (None, *LANGUAGES):
            text = client.get(path, query_string={"lang": language} if language else {"utm": "x"}).text
            found = dict(re.findall(r'<link rel="alternate" hreflang="([\w-]+)" href="([^"]+)">', text))
            assert found == {each: f"{plain_url}?lang={each}" for each in LANGUAGES} | {"x-default": plain_url}
            assert re.findall(r'<link rel="canonical" href="([^"]+)">', text) == [found[language or "x-default"]]
    assert f'href="http://{domain}/"' in client.get("/", headers={"Host": domain}).text


def test_french_is_set_with_its_spaces_also_in_a_business_s_own_words(client: FlaskClient) -> None:
    own = {"name": "Mal au dos ? Venez !", "description": "Dès 30 € : « tout compris »"}
    cast = make_business(services={"dos": own, "autre": {}})
    shown = Visitor(client, cast.slug).get("/rdv").html
    assert "Mal au dos\u202f? Venez\u202f!" in shown
    assert "Dès 30\u00a0€\u00a0: «\u202ftout compris\u202f»" in shown
    assert "Besoin d’aide\u202f?" in shown
    dutch = Visitor(client, cast.slug).get("/rdv?lang=nl").html
    assert '<span lang="fr">Mal au dos\u202f? Venez\u202f!</span>' in dutch
