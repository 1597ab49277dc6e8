"""Every link of every public page of the default run leads somewhere: none is dead, none is missing its place."""

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

import migrations
from actions import demo
from config import Settings
from queries.business import demos
from tests.cast import MONDAY_8, Clock
from tests.conftest import new_database
from tests.pages import Page, Visitor
from tests.security.edge import variant

OUTSIDE = re.compile(
    r"(?:https?://[a-z0-9.-]+\.[a-z]{2,}(?:[/?#]\S*)?|mailto:\S+@\S+\.\S+|tel:\+\d{8,15}|geo:\S+)", re.IGNORECASE
)
LINKS = {"a": "href", "area": "href", "link": "href", "img": "src", "script": "src", "iframe": "src", "source": "src",
         "use": "href", "image": "href", "form": "action"}  # fmt: skip


class Found(HTMLParser):
    """The addresses that a page names, and the places in it that may be named."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: set[str] = set()
        self.ids: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given["id"]} if "id" in given else set()
        named = given.get(LINKS.get(tag, ""))
        if named is not None and not (tag == "form" and given.get("method", "get").lower() != "get"):
            self.addresses.add(named)


class Walk:
    """Visits what it finds, each address once, and keeps what is wrong with it."""

    def __init__(self, app: Flask, client: FlaskClient, home: str) -> None:
        self.app, self.client, self.home = app, client, home
        self.faults: list[tuple[str, str, object]] = []
        self.seen: dict[str, set[str]] = {}  # the ids of each page visited
        self.kinds: Counter[object] = Counter()
        self.waiting: list[tuple[str, str]] = []
        self.outside: set[str] = set()

    def page(self, where: str, html: str) -> None:
        """A page that was reached otherwise: its links count too."""
        self._read(where, html)
        self._go_on()

    def visit(self, path: str) -> None:
        self.waiting.append(("the start", path))
        self._go_on()

    def _go_on(self) -> None:
        while self.waiting:
            where, address = self.waiting.pop()
            path, _, fragment = address.partition("#")
            if path not in self.seen and self._is_new_kind(path):
                answer = self.client.get(path)
                self.seen[path] = set()
                if answer.status_code != 200:
                    self.faults.append((where, path, answer.status_code))
                elif answer.content_type.startswith("text/html"):
                    self._read(path, answer.text)
            if fragment and path in self.seen and unquote(fragment) not in self.seen[path]:
                self.faults.append((where, address, "no such place"))

    def _read(self, where: str, html: str) -> None:
        found = Found(html)
        self.seen[where] = found.ids
        for address in found.addresses:
            parts = urlsplit(address)
            if address.startswith(self.home + "/"):
                self.waiting.append((where, address.removeprefix(self.home)))
            elif parts.scheme or parts.netloc:
                self.outside.add(address)
                if not OUTSIDE.fullmatch(address):
                    self.faults.append((where, address, "not the form of an address"))
            elif address.startswith("#"):
                if unquote(address[1:]) not in found.ids:
                    self.faults.append((where, address, "no such place"))
            elif address.startswith("/"):
                self.waiting.append((where, address))
            else:
                self.faults.append((where, address, "neither whole nor from the root"))

    def _is_new_kind(self, path: str) -> bool:
        """Each service counts; of other parameters, as of hundreds of slots, the names alone."""
        parts = urlsplit(path)
        try:
            endpoint, values = self.app.url_map.bind("localhost").match(unquote(parts.path))
        except HTTPException:
            return True
        said = sorted(parse_qsl(parts.query, keep_blank_values=True))
        kind = (
            endpoint,
            *sorted(values.items()),
            *(said if [*dict(said)] == ["prestation"] else [name for name, _ in said]),
        )
        self.kinds[kind] += 1
        return self.kinds[kind] == 1


@pytest.fixture(scope="module")
def there(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The default run: an empty folder, the demo in it."""
    folder: Path = tmp_path_factory.mktemp("links")
    with new_database(engine, folder) as fresh:
        migrations.migrate(fresh)
        with variant(fresh, Clock()) as app:
            demo.load(now=MONDAY_8)
            yield app


def test_every_link_of_every_public_page_answers(there: Flask) -> None:
    home = Settings().base_url
    walk = Walk(there, there.test_client(), home)
    walk.visit("/")
    slugs = [card.slug for card in demos()]
    for slug in slugs:
        for path in (f"/{slug}", f"/{slug}/rdv", f"/{slug}/rdv/acces"):
            assert path in walk.seen, path  # nothing lies aside
    for path, status in _wrong(slugs[0]):
        answer = walk.client.get(path)
        assert answer.status_code == status
        walk.page(path, answer.text)
    for slug in slugs:
        for where, page in _a_booking(walk.client, slug):
            walk.page(where, page.html)
    assert not walk.faults
    assert len(walk.seen) > 20 * len(slugs)
    assert walk.outside


def test_the_walk_sees_what_is_wrong(there: Flask) -> None:
    """Else the walk above would prove nothing."""
    walk = Walk(there, there.test_client(), Settings().base_url)
    slug = demos()[0].slug
    good = f"<a href=/{slug}>a</a><a href=#x id=x>b</a><a href=https://example.be/x>c</a><form method=post action=/no></form>"
    walk.page("/good", good)
    assert walk.faults == []
    bad = ["/nowhere/at/all", f"/{slug}#nowhere", "#nowhere", "relative", "https://", "mailto:x", "javascript:alert(1)"]
    walk.page("/bad", "".join(f'<a href="{each}">x</a>' for each in bad) + "<form action=/no/where/else></form>")
    assert sorted(address for _, address, _ in walk.faults) == sorted([*bad, "/no/where/else"])


def _wrong(slug: str) -> list[tuple[str, int]]:
    """Every kind of error page."""
    return [
        ("/nobody", 404), (f"/{slug}/x/y", 404), (f"/{slug}/rdv?prestation=rien", 404), (f"/{slug}/rdv/retenu/abc", 410),
        (f"/{slug}/rdv/AC-ZZZZZ9?cle=x", 410), (f"/embed/{slug}/rdv/retenu/abc", 410), ("/embed/nobody/rdv", 404),
    ]  # fmt: skip


def _a_booking(client: FlaskClient, slug: str) -> Iterator[tuple[str, Page]]:
    """The pages that only a form leads to."""
    visitor = Visitor(client, slug)
    hero = visitor.get("")
    chosen = hero.form("/rdv")
    page = visitor.follow(visitor.send(chosen, debut=chosen.buttons[0][1]))
    yield f"{slug}: details", page
    details = page.form("coordonnees")
    yield f"{slug}: wrong details", visitor.send(details, name="", email="x")
    asked = Demanded(page.html).answers
    sent = visitor.send(details, **asked | {"name": "Zoé Lambert", "email": "zoe@example.be"})
    page = visitor.follow(sent)
    if "verifier" in page.ids:
        yield f"{slug}: check", page
        page = visitor.follow(visitor.send(page.form("verifier")))
    assert any("/agenda.ics" in link for link in page.links)
    yield f"{slug}: booked", page


class Demanded(HTMLParser):
    """An answer to each question of a form that must be answered."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.answers: dict[str, str] = {}
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "select":
            self._select = given["name"] if "required" in given else ""
        if tag == "option" and self._select and given.get("value"):
            self.answers.setdefault(self._select, given["value"])
        if tag in ("input", "textarea") and "required" in given:
            plain = {"date": "2027-01-20", "number": given.get("min") or "1"}.get(given.get("type", ""), "Oui")
            self.answers.setdefault(given["name"], given.get("value") or plain)
