import datetime as dt
from typing import Any

import brotli
from flask import Flask, before_render_template, template_rendered
from flask.testing import FlaskClient

import db
import sectors
from blueprints import packing
from models import Service
from queries import site
from tests.cast import MONDAY_8, Cast, Clock, make_business
from tests.pages import Visitor
from tests.showcase import add_picture, practice, restaurant


def counted(run: Any) -> tuple[Any, list[str]]:
    """What `run` answers, and the statements it took."""
    seen: list[str] = []

    def hook(*args: Any, **kwargs: Any) -> Any:
        seen.append(str(args))
        return None

    handle = db.handle.obj
    handle.query_hooks.append(hook)
    try:
        return run(), seen
    finally:
        handle.query_hooks.remove(hook)


def test_the_page_shows_next_times_prices_people_and_hours(client: FlaskClient, cast: Cast) -> None:
    page = Visitor(client, cast.slug).get("")
    assert page.status == 200
    for words in ("Prochains créneaux", "Prestation diag", "40,00\xa0€", "Praticien 2", "08:30 – 12:00", "Rue Haute 1"):
        assert words in page.html, words
    assert "ancien" not in page.html  # an archived service is not offered


def test_a_time_of_the_hero_is_two_taps_from_booked(client: FlaskClient) -> None:
    visitor = Visitor(client, make_business(services={"libre": {"deposit_bp": 0}}).slug)
    hero = visitor.get("").form("/rdv")
    details = visitor.follow(visitor.send(hero, debut=hero.buttons[0][1]))
    booked = visitor.follow(visitor.send(details.form("coordonnees"), name="Zoé", email="zoe@example.be"))
    assert "Rendez-vous confirmé" in booked.text


def test_today_is_marked_and_coming_special_days_are_told(client: FlaskClient) -> None:
    page = Visitor(client, practice().slug).get("")
    assert "Lundi (aujourd’hui)" in page.text
    assert "Mercredi 20 janvier Formation Fermé" in page.text
    assert "Vendredi 22 janvier 10:00 – 12:00" in page.text
    assert "Fermé, ouvre à 08:30" in page.text  # it is 08:00


def test_a_business_without_services_or_people_still_stands(client: FlaskClient) -> None:
    cast = make_business(resources=0, phone=None, street="", services={"ancien": {"active": False}})
    page = Visitor(client, cast.slug).get("")
    assert page.status == 200
    assert "Rien de libre en ligne" in page.text


def test_what_a_business_tells_stands_in_its_order(client: FlaskClient) -> None:
    page = Visitor(client, practice().slug).get("")
    told = [
        "Sur rendez-vous · Bruxelles", "Retrouver le mouvement", "Langues parlées : français et néerlandais", "Chez vous",
        "Prochains créneaux", "Prestations et tarifs", "ancienne imprimerie", "L’équipe", "Horaires et accès",
        "Tram 81", "Spécialisations", "Rééducation sportive", "Le temps qu’il faut", "On m’a écoutée.",
        "Faut-il une prescription ?", "Contact",
    ]  # fmt: skip
    main = page.text[page.text.index("Appeler le") :]
    assert [main.find(words) for words in told] == sorted(main.find(words) for words in told)
    assert -1 not in [main.find(words) for words in told]
    assert page.html.count("/images/") == 3
    assert page.html.count('loading="lazy"') == 2  # the portrait, and the code for paper
    assert 'alt="La salle de soins"' in page.html


def test_a_business_without_content_shows_no_empty_section(client: FlaskClient, cast: Cast) -> None:
    page = Visitor(client, cast.slug).get("")
    assert {each for each in page.ids if not each.startswith(("t-", "m-"))} == {
        "contenu", "motif", "prestations", "equipe", "infos", "contact",
    }  # fmt: skip
    assert "/images/" not in page.html
    assert sectors.get("other").lead.fr in page.text
    assert sectors.get("other").headline.fr in page.text


def test_a_text_left_in_another_language_says_so(client: FlaskClient) -> None:
    page = Visitor(client, practice().slug).get("?lang=nl")
    assert "Weer bewegen, op uw tempo." in page.html
    assert '<span lang="fr">Deux kinésithérapeutes' in page.html
    assert "Is een voorschrift nodig?" in page.html


def test_one_person_is_presented_with_the_practice(client: FlaskClient) -> None:
    page = Visitor(client, make_business(resources=1).slug).get("")
    assert "equipe" not in page.ids
    assert "apropos" in page.ids
    assert "Praticien 1" in page.text


def test_a_restaurant_shows_its_card_and_asks_how_many(client: FlaskClient) -> None:
    visitor = Visitor(client, restaurant().slug)
    page = visitor.get("")
    text = page.text[page.text.index("Aller au contenu") :]
    assert "La carte" in text
    assert text.index("Entrées") < text.index("Moules marinières 26,50 €") < text.index("Vol-au-vent")
    assert "Une table" not in text[text.index("Entrées") :]
    four = visitor.get("?personnes=4")
    assert four.form("/rdv").values["personnes"] == "4"
    details = visitor.follow(visitor.send(four.form("/rdv"), debut=four.form("/rdv").buttons[0][1]))
    assert "4 personnes" in details.text
    assert visitor.get("?personnes=999").html.count("aria-current") == visitor.get("?personnes=x").html.count(
        "aria-current"
    )


def test_a_picture_is_kept_for_ever_and_asked_again_costs_nothing(client: FlaskClient) -> None:
    cast = practice()
    path = next(part for part in Visitor(client, cast.slug).get("").html.split('"') if "/images/" in part)
    answer = client.get(path)
    assert answer.content_type == "image/png"
    assert answer.data.startswith(b"\x89PNG")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(path.replace(cast.slug, make_business().slug)).status_code == 404
    assert client.get(f"/{cast.slug}/images/{cast.id}").status_code == 404


def test_a_picture_that_could_hold_script_is_not_sent(client: FlaskClient, cast: Cast) -> None:
    with db.writing(cast.id):
        key = add_picture("logo", media_type="image/svg+xml")
    assert client.get(f"/{cast.slug}/images/{key}").status_code == 404


def test_the_legal_page_tells_what_is_known_and_hides_what_is_not(client: FlaskClient) -> None:
    page = Visitor(client, practice().slug).get("/mentions-legales")
    for words in (
        "0745.832.604",
        "RPM Bruxelles",
        "Kinésithérapeute",
        "Rue Haute 1, 1000 Bruxelles",
        "02 555 01 42",
    ):
        assert words in page.text, words
    assert 'href="https://example.be/regles"' in page.html
    assert "Ordre ou association" not in page.text
    assert "INAMI" not in page.text
    bare = Visitor(client, make_business(identity={"rules_url": "javascript:alert(1)"}).slug).get("/mentions-legales")
    assert "Cabinet d’essai" in bare.text
    assert 'href="javascript' not in bare.html


def test_the_privacy_page_is_built_from_the_profile(client: FlaskClient) -> None:
    belgian = Visitor(client, practice().slug).get("/confidentialite").text
    assert "Cabinet Vandenbroucke" in belgian
    assert "36 mois" in belgian
    assert "rue de la Presse 35, 1000 Bruxelles" in belgian
    assert "art. 9.2.h" not in belgian
    french = (
        Visitor(client, make_business(country="FR", identity={"host": "Hôte SAS, Paris"}).slug)
        .get("/confidentialite")
        .text
    )
    assert "CNIL" in french
    assert "Hébergeur : Hôte SAS, Paris." in french


def test_care_says_what_it_does_with_health(client: FlaskClient) -> None:
    page = Visitor(client, make_business(sector="physio").slug).get("/confidentialite")
    assert "art. 9.2.h" in page.text


def test_the_sheet_holds_what_paper_needs(client: FlaskClient) -> None:
    visitor = Visitor(client, practice().slug)
    sheet = visitor.get("/imprimer")
    for words in ("Cabinet Vandenbroucke", "Rue Haute 1", "08:30 – 12:00", "Prestation diag", "30 min, 40,00 €"):
        assert words in sheet.text, words
    assert f"127.0.0.1:8000/{visitor.root[1:]}" in sheet.text
    assert "aujourd’hui" not in sheet.text
    code = client.get(f"{visitor.root}/qr.svg")
    assert code.content_type == "image/svg+xml"
    assert code.data.startswith(b"<?xml")
    assert b"<script" not in code.data


def test_every_page_leads_to_the_legal_ones(client: FlaskClient, cast: Cast) -> None:
    for path in ("", "/rdv", "/rdv/acces", "/mentions-legales", "/nulle-part"):
        links = Visitor(client, cast.slug).get(path).links
        assert f"/{cast.slug}/mentions-legales" in links or path == "/nulle-part", path
        assert f"/{cast.slug}/confidentialite" in links or path == "/nulle-part", path


def test_unknown_business_is_404(client: FlaskClient) -> None:
    assert client.get("/nulle-part").status_code == 404
    assert client.get("/NULLE%00PART").status_code == 404


def test_names_with_html_stay_text(client: FlaskClient) -> None:
    cast = make_business(name="<script>alert(1)</script>", headline='"><img src=x onerror=alert(1)>')
    page = Visitor(client, cast.slug).get("")
    assert "<script>alert" not in page.html
    assert "<img src=x" not in page.html


def test_statements_are_few_and_do_not_grow_with_what_is_offered(app: Flask, client: FlaskClient) -> None:
    small = make_business()
    large = make_business(resources=6, services={f"s{n}": {} for n in range(9)})
    counts = []
    for cast in (small, large):
        client.get(f"/{cast.slug}")  # the offer is read once and kept
        answer, seen = counted(lambda cast=cast: client.get(f"/{cast.slug}"))
        assert answer.status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 5, counts


def test_no_template_asks_the_database(app: Flask, client: FlaskClient) -> None:
    cast = make_business()
    paths = ["", "/rdv", "/rdv?prestation=diag", "/rdv?prestation=diag&avec=r1", "/rdv/acces", "/rdv?prestation=rien"]
    paths += ["/mentions-legales", "/confidentialite", "/imprimer"]
    while_drawing: list[str] = []
    for path in paths:
        client.get(f"/{cast.slug}{path}")
        _, seen = counted(lambda path=path: client.get(f"/{cast.slug}{path}"))
        drawn: list[int] = []

        def remember(sender: Any, drawn: list[int] = drawn, **_: Any) -> None:
            drawn.append(len(running))

        running: list[str] = []
        packing.forget()

        def hook(*args: Any, running: list[str] = running, **_: Any) -> None:
            running.append(str(args))

        db.handle.obj.query_hooks.append(hook)
        try:
            with before_render_template.connected_to(remember), template_rendered.connected_to(remember):
                client.get(f"/{cast.slug}{path}")
        finally:
            db.handle.obj.query_hooks.remove(hook)
        assert len(drawn) == 2, path
        if drawn[0] != drawn[1]:
            while_drawing.append(path)
        assert len(running) == len(seen)
    assert not while_drawing


def test_no_cookie_no_inline_style_or_script(client: FlaskClient, cast: Cast) -> None:
    answer = client.get(f"/{cast.slug}")
    html = answer.get_data(as_text=True)
    assert "Set-Cookie" not in answer.headers
    assert "style=" not in html
    assert "<style" not in html
    assert "onclick" not in html
    assert "<script" not in html.replace('<script type="application/ld+json">', "")  # data, never run
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_static_files_may_be_kept_for_ever_and_are_small(client: FlaskClient, cast: Cast) -> None:
    page = Visitor(client, cast.slug).get("/rdv?prestation=diag&avec=peu-importe")
    paths = {path for path in page.html.split('"') if path.startswith("/static/")}
    assert len(paths) == 5
    sizes = {}
    for path in paths:
        answer = client.get(path, headers={"Accept-Encoding": "br"})
        assert "immutable" in answer.headers["Cache-Control"], path
        sizes[path.split("?")[0]] = len(answer.data)
    assert sizes["/static/app.js"] <= 3_000
    assert sizes["/static/app.css"] + sizes["/static/tokens.css"] <= 6 * 1024
    assert sum(sizes.values()) <= 28_000


def test_a_page_is_made_once_and_again_when_anything_changes(client: FlaskClient, cast: Cast, clock: Clock) -> None:
    """Kept for everybody, so never older than what it shows: a booking, a price, a minute, another language."""
    made = []

    def shown(path: str = "") -> str:
        answer = client.get(f"/{cast.slug}{path}")
        return answer.get_data(as_text=True)

    def remember(*_: Any, **__: Any) -> None:
        made.append(1)

    with template_rendered.connected_to(remember):
        first = shown()
        assert shown() == first
        assert len(made) == 1
        cast.book("08:30", dt.date(2027, 1, 11))
        cast.book("08:30", dt.date(2027, 1, 11), customer={"name": "B", "email": "b@example.com"})
        later = shown()
        assert later != first
        assert "2027-01-11T08:30" in first
        assert "2027-01-11T08:30" not in later
        with db.writing(cast.id):
            Service.update(price_cents=4321).where(Service.slug == "diag").execute()
        assert "43,21" in shown()
        clock.now += 61
        shown()
        shown("?lang=nl")
        assert len(made) == 5
        clock.now += 60
        shown()
        assert len(made) == 6


def test_a_time_that_ends_within_the_minute_is_not_shown(client: FlaskClient, cast: Cast, clock: Clock) -> None:
    clock.now = MONDAY_8 + 30 * 60 - 30  # 08:29:30: at 08:30 it is too late for the page of this minute's end
    assert "2027-01-11T08:30" in client.get(f"/{cast.slug}").get_data(as_text=True)
    clock.now = MONDAY_8 + 30 * 60 + 1
    assert "2027-01-11T08:30" not in client.get(f"/{cast.slug}").get_data(as_text=True)


def test_a_hold_leaves_the_kept_page_the_second_it_ends(client: FlaskClient, clock: Clock) -> None:
    alone = make_business(resources=1)
    alone.hold("08:30", dt.date(2027, 1, 11), now=MONDAY_8 - 570)
    clock.now = MONDAY_8 + 29
    assert "2027-01-11T08:30" not in client.get(f"/{alone.slug}").get_data(as_text=True)
    clock.now = MONDAY_8 + 31
    assert "2027-01-11T08:30" in client.get(f"/{alone.slug}").get_data(as_text=True)


def test_with_limits_the_page_is_made_each_time(client: FlaskClient) -> None:
    """What is left of a limit depends on visits that the week does not show."""
    cast = make_business(services={"diag": {"limits": {"per_day": 1}}})
    assert site.look(cast.offer, MONDAY_8).key is None
    cast.book("09:00", dt.date(2027, 1, 11))
    assert "2027-01-11T10:00" not in client.get(f"/{cast.slug}").get_data(as_text=True)


def test_kept_pages_and_files_are_packed_once(client: FlaskClient, cast: Cast) -> None:
    plain = client.get(f"/{cast.slug}")
    packed = client.get(f"/{cast.slug}", headers={"Accept-Encoding": "gzip, deflate, br"})
    assert packed.headers["Content-Encoding"] == "br"
    assert brotli.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in packed.headers["Vary"]
    with client.application.test_request_context():
        address = packing.asset("app.css")
    file = client.get(address, headers={"Accept-Encoding": "gzip, deflate, br"})
    assert brotli.decompress(file.data) == (packing.STATIC / "app.css").read_bytes()
    assert "immutable" in file.headers["Cache-Control"]
