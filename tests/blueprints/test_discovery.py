"""What machines read of a business and of the platform."""

import dataclasses
import html
import io
import json
import re
import shlex
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

import db
import migrations
import sectors
from actions import demo
from blueprints import discovery
from config import Settings
from models import Business, MenuItem, Question
from queries import business
from tests.cast import MONDAY_8, Cast, Clock, make_business
from tests.security.edge import variant

BASE = "http://127.0.0.1:8000"
SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def own(cast: Cast, domain: str = "") -> str:
    """Gives the business a host of its own; the host."""
    host = domain or f"{cast.slug}.localhost"
    with db.writing(cast.id):
        Business.update(domain=host).where(Business.id == cast.id).execute()
    return host


def at(client: FlaskClient, host: str, path: str) -> TestResponse:
    return client.get(path, environ_overrides={"HTTP_HOST": host})


def commands(text: str) -> list[list[str]]:
    return [shlex.split(line) for line in text.splitlines() if line.startswith("    curl ")]


def run(client: FlaskClient, command: list[str], **said: str) -> TestResponse:
    """What curl would send: an address, headers, and a body that makes it a POST; nothing else is understood."""
    program, address, *options = command
    assert program == "curl"
    headers, body = {}, None
    for option, value in zip(options[::2], options[1::2], strict=True):
        assert option in ("-H", "-d")
        for word, meant in said.items():
            value = value.replace(word, meant)
        if option == "-H":
            headers[value.partition(": ")[0]] = value.partition(": ")[2]
        else:
            body = value
    host, _, path = address.partition("://")[2].partition("/")
    method = "GET" if body is None else "POST"
    return client.open(f"/{path}", method=method, headers=headers, data=body, environ_overrides={"HTTP_HOST": host})


# --- the picture, the card ---------------------------------------------------------------------------------------


def test_the_picture_is_kept_and_asked_for_once(client: FlaskClient, cast: Cast) -> None:
    answer = client.get(f"/{cast.slug}/og.png?lang=nl")
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    assert Image.open(io.BytesIO(answer.data)).size == (1200, 630)
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    again = client.get(f"/{cast.slug}/og.png?lang=nl", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(f"/{cast.slug}/og.png?lang=de").headers["ETag"] != answer.headers["ETag"]
    with db.writing(cast.id):
        Business.update(name="Autre nom").where(Business.id == cast.id).execute()
    assert client.get(f"/{cast.slug}/og.png?lang=nl").headers["ETag"] != answer.headers["ETag"]


def test_the_card_is_a_file_with_the_business_s_name(client: FlaskClient, cast: Cast) -> None:
    answer = client.get(f"/{cast.slug}/contact.vcf")
    assert answer.content_type == "text/vcard; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{cast.slug}.vcf"'
    for line in ("FN:Cabinet d’essai", f"URL:{BASE}/{cast.slug}", f"EMAIL;TYPE=work:{cast.business.email}"):
        assert f"{line}\r\n" in answer.text


# --- the page's head ---------------------------------------------------------------------------------------------


def structured(page: str) -> Any:
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return json.loads(found)


def meta(page: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<meta (?:property|name)="((?:og|twitter):[^"]+)" content="([^"]*)">', page):
        found.setdefault(name, []).append(value)
    return found


def test_a_shared_link_has_title_text_and_picture(client: FlaskClient) -> None:
    cast = make_business(lead="Trois praticiens.", seo_title="Essai à Bruxelles", locale="fr")
    found = meta(client.get(f"/{cast.slug}?lang=nl").text)
    assert found["og:title"] == ["Essai à Bruxelles"]
    assert found["og:description"] == ["Trois praticiens."]
    assert found["og:type"] == ["website"]
    assert found["og:url"] == [f"{BASE}/{cast.slug}?lang=nl"]
    assert found["og:locale"] == ["nl_BE"]
    assert found["og:locale:alternate"] == ["fr_BE", "en_GB", "de_BE"]
    assert found["og:image"] == [f"{BASE}/{cast.slug}/og.png?lang=nl"]
    assert (found["og:image:width"], found["og:image:height"]) == (["1200"], ["630"])
    assert "Cabinet d’essai" in found["og:image:alt"][0]
    assert found["twitter:card"] == ["summary_large_image"]


HOSTILE = ["</script><script>alert(1)</script>", "<!--<script>", "]]>", "\u2028'\"\\", "&lt;"]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_name_stays_data(client: FlaskClient, hostile: str) -> None:
    cast = make_business(name=hostile, lead=hostile, services={"diag": {"name": hostile}})
    page = client.get(f"/{cast.slug}").text
    assert page.count("<script") == 1
    assert page.count("</script>") == 1
    assert "<!--" not in page
    found = structured(page)
    assert found["name"] == found["description"] == hostile
    assert found["hasOfferCatalog"]["itemListElement"][0]["itemOffered"]["name"] == hostile


def test_addresses_are_those_of_the_public_host(client: FlaskClient, cast: Cast) -> None:
    """A name of this very machine is nobody else's; a real one takes the platform's place. No host of a visitor's."""
    host = own(cast)
    assert structured(at(client, host, "/?lang=de").text)["url"] == f"{BASE}/{cast.slug}?lang=de"
    host = own(cast, f"{cast.slug}.example")
    for answer in (client.get(f"/{cast.slug}"), at(client, host, "/"), at(client, f"{host}:9999", "/")):
        assert structured(answer.text)["url"] == f"http://{host}/"
        assert meta(answer.text)["og:image"] == [f"http://{host}/og.png?lang=fr"]
        assert "9999" not in answer.text


def test_the_head_points_to_the_markdown(client: FlaskClient, cast: Cast) -> None:
    host = own(cast)
    link = re.compile(r'<link rel="alternate" type="text/markdown" href="([^"]+)">')
    for answer, ask in (
        (client.get(f"/{cast.slug}?lang=en"), client.get),
        (at(client, host, "/?lang=en"), lambda path: at(client, host, path)),
    ):
        (path,) = link.findall(answer.text)
        twin = ask(path)
        assert (twin.status_code, twin.mimetype) == (200, "text/markdown")
        assert twin.headers["Content-Language"] == "en"
    assert path == "/index.md?lang=en"


# --- Markdown ----------------------------------------------------------------------------------------------------


def test_the_twin_says_what_the_page_says(client: FlaskClient) -> None:
    cast = make_business(
        lead="Trois *praticiens*.", services={"diag": {"description": "Bilan <b>", "deposit_bp": 3000}}
    )
    with db.writing(cast.id):
        Question.insert(question="Où ?", answer="Ici.\n\n- là").execute()
        MenuItem.insert(section="Plats", name="Moules", price_cents=2450).execute()
    text = client.get(f"/{cast.slug}.md").text.replace("\xa0", " ").replace("\u202f", " ")
    for words in (
        "# Cabinet d’essai\n", "Trois \\*praticiens\\*.", "- **Prestation diag** (`diag`): 30 min, 40,00 € (dont 12,00 € d’acompte). Bilan \\<b\\>",
        "- **Praticien 2** (`r2`)", "- Lundi: 08:30 – 12:00, 13:00 – 18:00", "- Dimanche: fermé",
        "### Où ?\n\nIci.\n\n\\- là", "- **Moules**, 24,50 €", "(2027-01-11): [",
        f"({BASE}/{cast.slug}/rdv?prestation=diag&avec=peu-importe&debut=2027-01-11T", "+3225550142",
    ):  # fmt: skip
        assert words in text, words
    assert not re.search(r"\n{3}|[ \t]$", text, re.MULTILINE)


def test_the_twin_s_commands_find_a_time_and_book_it(client: FlaskClient, cast: Cast) -> None:
    host = own(cast)
    for text in (client.get(f"/{cast.slug}.md").text, at(client, host, "/index.md").text):
        ask, book = commands(text)
        day = run(client, ask)
        assert any(slot["available"] for slot in day.json["slots"])
        assert run(client, book).status_code == 400  # nobody books in the name of a placeholder
        booked = run(client, book, NOM="Zoé Lambert", **{"E-MAIL": "zoe@example.be", "UUID": f"k-{cast.slug}"})
        assert booked.status_code == 201
        taken = json.loads(book[book.index("-d") + 1])["time"]
        slots = {slot["time"]: slot["available"] for slot in run(client, ask).json["slots"]}
        assert taken in slots


def test_the_links_of_the_twin_open_the_booking_at_their_time(client: FlaskClient, cast: Cast) -> None:
    links = re.findall(rf"\]\({BASE}(/[^)]+/rdv\?[^)]+)\)", client.get(f"/{cast.slug}.md").text)
    assert len(links) >= 3
    assert client.get(links[0]).status_code == 200


def test_a_business_with_nothing_to_book_has_a_twin(client: FlaskClient) -> None:
    cast = make_business(resources=0, phone=None, street="", services={"ancien": {"active": False}})
    answer = client.get(f"/{cast.slug}.md")
    assert answer.status_code == 200
    assert "curl" not in answer.text


def test_the_twin_is_no_page_of_its_own_to_search_engines(client: FlaskClient, cast: Cast) -> None:
    answer = client.get(f"/{cast.slug}.md?lang=nl")
    assert answer.headers["Link"] == f'<{BASE}/{cast.slug}?lang=nl>; rel="canonical"'
    assert client.get("/index.md").headers["Link"] == f'<{BASE}/>; rel="canonical"'
    assert client.get("/nulle-part.md").status_code == 404


# --- maps for search engines and agents ------------------------------------------------------------------------------


def locations(answer: TestResponse) -> dict[str, dict[str, str]]:
    assert answer.content_type == "application/xml; charset=utf-8"
    return {
        url.findtext("s:loc", "", SITEMAP): {
            link.attrib["hreflang"]: link.attrib["href"] for link in url.iterfind("x:link", SITEMAP)
        }
        for url in ET.fromstring(answer.data).iterfind("s:url", SITEMAP)
    }


def test_the_sitemap_lists_every_business_in_every_language(
    client: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "SITEMAP_PART", 1_000_000)
    elsewhere = make_business()
    own(elsewhere, f"{elsewhere.slug}.example")
    found = locations(client.get("/sitemap.xml"))
    page = f"{BASE}/{cast.slug}"
    alternates = {"x-default": page} | {each: f"{page}?lang={each}" for each in ("fr", "nl", "en", "de")}
    assert all(found[address] == alternates for address in alternates.values())
    assert f"{BASE}/" in found
    assert f"{BASE}/{elsewhere.slug}" not in found
    for path in ("/sitemap.xml?part=9999", "/sitemap.xml?part=-1"):
        assert client.get(path).status_code == 404


def test_a_long_sitemap_comes_in_parts(client: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    make_business()
    monkeypatch.setattr(discovery, "SITEMAP_PART", 1_000_000)
    whole = locations(client.get("/sitemap.xml"))
    amount = len(business.places(0, 1_000_000))
    monkeypatch.setattr(discovery, "SITEMAP_PART", -(-amount // 2))
    parts = re.findall(rf"<loc>{BASE}(/sitemap.xml\?part=\d+)</loc>", client.get("/sitemap.xml").text)
    assert parts == ["/sitemap.xml?part=1", "/sitemap.xml?part=2"]
    first, second = (locations(client.get(path)) for path in parts)
    assert first | second == whole
    assert first and second and first.keys().isdisjoint(second)


def test_an_own_host_lists_its_own_pages_alone(client: FlaskClient, cast: Cast) -> None:
    host = own(cast, f"{cast.slug}.example")
    found = locations(at(client, host, "/sitemap.xml"))
    assert found and all(address.startswith(f"http://{host}/") for address in found)
    assert f"Sitemap: http://{host}/sitemap.xml" in at(client, host, "/robots.txt").text
    for path in ("robots.txt", "sitemap.xml"):
        assert client.get(f"/{cast.slug}/{path}").status_code == 404


def test_robots_may_read_pages_and_free_times_alone(client: FlaskClient, cast: Cast) -> None:
    host = own(cast)
    for prefix, answer in (("/cabinet", client.get("/robots.txt")), ("", at(client, host, "/robots.txt"))):
        allowed = Robots(answer.text)
        for path in ("", "/", "/rdv?prestation=diag", "/index.md", "/og.png", "/api/services", "/api/availability?x"):
            assert allowed(prefix + path or "/"), path
        for path in ("/rdv/retenu/abc", "/rdv/AC-AB12CD", "/rdv/acces", "/api/bookings"):
            assert not allowed(prefix + path), path
    platform = Robots(client.get("/robots.txt").text)
    assert platform("/api/public/cabinet") and platform("/llms.txt") and platform("/static/app.css")
    assert not [path for path in ("/api/staff", "/dev/mails", "/embed/cabinet/rdv") if platform(path)]


class Robots:
    """RFC 9309: of the rules that match, the longest decides; an equal `Allow` wins."""

    def __init__(self, text: str) -> None:
        rules = re.findall(r"^(Allow|Disallow): (\S+)$", text, re.MULTILINE)
        self._rules = [(len(path), kind == "Allow", re.escape(path).replace(r"\*", ".*")) for kind, path in rules]

    def __call__(self, path: str) -> bool:
        found = [(length, allow) for length, allow, pattern in self._rules if re.match(pattern, path)]
        return max(found)[1] if found else True


def test_the_guide_books_at_the_demo(settings: Settings, clock: Clock, tmp_path: Path) -> None:
    changes = {"database_url": "", "bookt_data": str(tmp_path)}
    migrations.migrate(dataclasses.replace(settings, **changes))
    with variant(settings, clock, **changes) as there:
        demo.load(now=MONDAY_8)
        client = there.test_client()
        answer = client.get("/llms.txt", headers={"Accept-Language": "fr"})
        ask, book = commands(answer.text)
        assert any(slot["available"] for slot in run(client, ask).json["slots"])
        booked = run(client, book)
        assert booked.status_code == 201
        assert booked.json["booking"]["customer"]["email"] == "jean@example.com"
        assert run(client, book).data == booked.data  # the same key gives the same answer
        trades = re.findall(rf"<{BASE}(/\S+\.md)>", client.get("/index.md").text)
        assert len(trades) == len(sectors.every())
        assert {client.get(path).status_code for path in trades} == {200}
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["Content-Language"] == "en"
    assert "reading off, booking, moving and cancelling off" in answer.text  # what is set here


def test_the_guide_of_a_business_speaks_of_its_own_host(client: FlaskClient, cast: Cast) -> None:
    host = own(cast)
    text = at(client, host, "/llms.txt").text
    assert f"http://{host}:8000/api/availability?" in text
    assert f"/{cast.slug}/api" not in text
    ask, book = commands(text)
    assert run(client, ask).status_code == 200
    said = {"NAME": "Zoé Lambert", "EMAIL": "zoe@example.be", "UUID": "k"}
    assert run(client, book, **said).status_code == 201


def test_in_production_the_guide_names_no_business(settings: Settings, clock: Clock, cast: Cast) -> None:
    with variant(settings, clock, bookt_env="production", public_url="https://bookt.example") as there:
        text = there.test_client().get("/llms.txt", base_url="https://bookt.example").text
    assert "https://bookt.example/{slug}/api/availability?serviceId=SERVICE_ID&date=YYYY-MM-DD" in text
    assert "/b-" not in text


def test_every_address_of_the_guide_answers(client: FlaskClient, cast: Cast) -> None:
    text = client.get("/llms.txt").text.partition("## Calls")[0]
    addresses = {each.rstrip(".,)") for each in re.findall(rf"{BASE}(/\S*)", text)}
    assert {"/sitemap.xml", "/api/openapi.json", "/api/docs"} <= addresses
    for path in addresses:
        assert client.get(path.replace("{slug}", cast.slug)).status_code == 200, path


def test_the_legal_pages_have_twins_that_say_the_same(client: FlaskClient) -> None:
    """Every sentence of the page, but for the way to another page."""
    cast = make_business(
        sector="doctor", identity={"legal_name": "Cabinet * SRL", "inami": "1-23456-78-001", "host": "Hôte SA"}
    )
    for name in ("mentions-legales", "confidentialite"):
        page, twin = client.get(f"/{cast.slug}/{name}"), client.get(f"/{cast.slug}/{name}.md")
        assert twin.headers["Link"] == f'<{BASE}/{cast.slug}/{name}>; rel="canonical"'
        said = plain(twin.text.replace("\\", ""))
        main = page.text[page.text.index("<main") : page.text.index("</main>")]
        parts = [plain(each) for each in re.split(r"<[^>]+>", main)]
        left = [part for part in parts if part and part not in said]
        phone_and_links = {"02 555 01 42", "autoriteprotectiondonnees.be", "Ce que deviennent vos données"}
        assert set(left) <= phone_and_links, name
    assert "Cabinet \\* SRL" in client.get(f"/{cast.slug}/mentions-legales.md").text


def plain(text: str) -> str:
    """Without entities, and with plain spaces."""
    return " ".join(html.unescape(text).split()).strip(" .,")


def test_a_pair_of_a_business_and_a_file_is_no_slug(client: FlaskClient, cast: Cast) -> None:
    host = own(cast)
    assert at(client, host, f"/{cast.slug}.md").status_code == 404
    assert client.get("/index.md").text.startswith("# Bookt")
