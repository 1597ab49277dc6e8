import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import db
import migrations
import sectors
from tests.blueprints.test_site import counted
from tests.cast import Cast, Clock, make_business
from tests.conftest import new_database
from tests.pages import Page, Visitor
from tests.security.edge import variant

PLANS = {
    "Gratuit": ("0", ("Page professionnelle", "un praticien", "Confirmations par e-mail")),
    "Pro": ("39", ("Praticiens en nombre illimité", "Filtre d’appels", "Rappels par SMS", "Statistiques")),
    "Team": ("59", ("Nom de domaine personnalisé", "Plusieurs utilisateurs", "rôles", "Export")),
}


@pytest.fixture(scope="module")
def there(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application with a demo business of each profession, and one that is none."""
    with new_database(engine, tmp_path_factory.mktemp("landing")) as fresh:
        migrations.migrate(fresh)
        with variant(fresh, Clock()) as app:
            app.extensions["bookt_home"] = db.handle.obj
            make_business(slug="kept-apart", sector="physio")
            for each in sectors.every():
                make_business(
                    slug=f"demo-{each.id}", domain=f"demo-{each.id}.localhost", sector=each.id, name=f"Chez {each.id}",
                    headline=f"Bonjour {each.id}", services={"seance": {"name": "Séance unique", "deposit_bp": 0}},
                )  # fmt: skip
            yield app


@pytest.fixture
def client(there: Flask) -> FlaskClient:
    db.handle.initialize(there.extensions["bookt_home"])
    return there.test_client()


@pytest.fixture
def landing(client: FlaskClient) -> Page:
    return Page(client.get("/"))


def test_it_promises_what_bookt_promises(landing: Page) -> None:
    assert landing.status == 200
    assert "<h1>Votre cabinet en ligne en 10 minutes.</h1>" in landing.html
    for block in ("Un mini-site", "Des rendez-vous jour et nuit", "Un filtre d’appels"):
        assert block in landing.text, block


def test_each_profession_opens_its_demo(landing: Page) -> None:
    tiles = landing.html.split('<ul class="trades">')[1].split("</ul>")[0].split("<li ")[1:]
    assert len(tiles) == 10
    for tile, sector in zip(tiles, sectors.every(), strict=True):
        assert f'href="/demo-{sector.id}"' in tile
        assert sector.name.fr in tile
        assert f'data-accent="{sector.accent}"' in tile


def test_the_proof_is_a_page_as_it_stands_now(client: FlaskClient, landing: Page) -> None:
    shown = landing.html.split('aria-labelledby="t-proof"')[1].split("</section>")[0]
    for words in (
        "Chez physio",
        "Bonjour physio",
        "Kinésithérapie, Bruxelles",
        "Fermé, ouvre à 08:30",
        "Séance unique",
    ):
        assert words in shown, words
    assert "40,00\xa0€" in shown
    starts = [link for link in landing.links if "debut=" in link]
    assert len(starts) == 9
    moment = Visitor(client, "demo-physio").get(starts[0].replace("&amp;", "&"))
    assert "Votre choix" in moment.text
    assert starts[0].partition("debut=")[2][:16].replace("%3A", ":") in moment.html


def test_a_time_of_the_proof_that_is_taken_leaves_it(client: FlaskClient) -> None:
    def starts() -> list[str]:
        return re.findall(r"debut=(2027-01-1\dT\d\d:\d\d)", client.get("/").text.replace("%3A", ":"))

    first = starts()[0]
    visitor = Visitor(client, "demo-physio")
    for whom in ("r1", "r2"):
        visitor.hold(first, "seance", whom)
    assert first not in starts()


def test_the_three_plans(landing: Page) -> None:
    shown = landing.html.split('id="tarifs"')[1].split("</section>")[0]
    cards = dict(re.findall(r"<h3>(\w+)</h3>(.*?)(?=<h3>|$)", shown, re.DOTALL))
    assert list(cards) == list(PLANS)
    for name, (price, contents) in PLANS.items():
        assert f"<b>{price}\xa0€</b>" in cards[name]
        assert ("par mois" in cards[name]) == (price != "0")
        for each in contents:
            assert each in cards[name], (name, each)


def test_one_field_leads_to_a_page_of_ones_own(client: FlaskClient, landing: Page) -> None:
    form = landing.form("/demarrer")
    assert form.method == "get"
    assert form.values == {"metier": "physio"}
    for sector in sectors.every():
        assert f'<option value="{sector.id}"' in landing.html
    assert client.get("/demarrer?metier=lawyer").headers["Location"] == "/demarrer/2?metier=lawyer"
    assert "/connexion" in landing.links


def test_nothing_is_announced_that_does_not_exist(landing: Page) -> None:
    """Until portals and directory exist there is no button for them."""
    assert len(landing.forms) == 1
    paths = {link.partition("?")[0] for link in landing.links}
    assert not [path for path in paths if re.match(r"/(annuaire|kines|inscription)", path)]
    assert not re.search(r"témoignage|avis|★|note moyenne", landing.text)


def test_who_is_no_demo_is_not_shown(landing: Page) -> None:
    assert "kept-apart" not in landing.html


def test_before_any_demo(engine: str, tmp_path: Path) -> None:
    """Without a business at all, then with one that did not ask to be shown: the professions are no links."""
    with new_database(engine, tmp_path) as empty:
        migrations.migrate(empty)
        production = {"bookt_env": "production", "public_url": "https://bookt.example"}
        with variant(empty, Clock(), **production) as app:
            first = Page(app.test_client().get("/", base_url="https://bookt.example"))
            cast = make_business(sector="physio")
            then = Page(app.test_client().get("/", base_url="https://bookt.example"))
    assert "Aucun établissement n’est encore ouvert ici." in first.text
    assert "Aucun établissement" not in then.text
    for page in (first, then):
        assert page.status == 200
        assert page.html.count("data-accent=") == 10
        assert "t-proof" not in page.html
        assert {link.partition("?")[0] for link in page.links} == {"#contenu", "#tarifs", "/", "/connexion"}
    assert str(cast.id) not in then.html


def test_statements_are_few(client: FlaskClient) -> None:
    client.get("/")  # the proof's offer is read once and kept
    answer, seen = counted(lambda: client.get("/"))
    assert answer.status_code == 200
    assert len(seen) <= 5, seen


def test_errors_share_the_frame_and_offer_one_way_on(app: Flask, cast: Cast) -> None:
    client = app.test_client()
    for path, status in (
        ("/x/y/z", 404),
        (f"/{cast.slug}/rdv?prestation=rien", 404),
        (f"/{cast.slug}/rdv/retenu/abc", 410),
    ):
        answer = client.get(path)
        html = answer.get_data(as_text=True)
        assert answer.status_code == status
        assert 'class="skip"' in html
        assert html.split("<main")[1].count('class="btn"') == 1
