from typing import Any

from flask import Flask, before_render_template, template_rendered
from flask.testing import FlaskClient

import db
from models import ScheduleException
from tests.cast import Cast, make_business
from tests.pages import Visitor


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


def test_today_is_marked_and_a_coming_closure_is_told(client: FlaskClient, cast: Cast) -> None:
    with db.writing(cast.id):
        ScheduleException.insert(date="2027-01-20", kind="closure").execute()
    page = Visitor(client, cast.slug).get("")
    assert "Lundi (aujourd’hui)" in page.text
    assert "Fermé exceptionnellement le mercredi 20 janvier." in page.text
    assert "Fermé, ouvre à 08:30" in page.text  # it is 08:00


def test_a_business_without_services_or_people_still_stands(client: FlaskClient) -> None:
    cast = make_business(resources=0, phone=None, street="", services={"ancien": {"active": False}})
    page = Visitor(client, cast.slug).get("")
    assert page.status == 200
    assert "Rien de libre en ligne" in page.text


def test_unknown_business_is_404(client: FlaskClient) -> None:
    assert client.get("/nulle-part").status_code == 404
    assert client.get("/NULLE%00PART").status_code == 404


def test_names_with_html_stay_text(client: FlaskClient) -> None:
    cast = make_business(name="<script>alert(1)</script>", headline='"><img src=x onerror=alert(1)>')
    page = Visitor(client, cast.slug).get("")
    assert "<script>alert" not in page.html
    assert "<img" not in page.html


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
    while_drawing: list[str] = []
    for path in paths:
        client.get(f"/{cast.slug}{path}")
        _, seen = counted(lambda path=path: client.get(f"/{cast.slug}{path}"))
        drawn: list[int] = []

        def remember(sender: Any, drawn: list[int] = drawn, **_: Any) -> None:
            drawn.append(len(running))

        running: list[str] = []

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
    assert sizes["/static/app.css"] + sizes["/static/tokens.css"] <= 6_500
    assert sum(sizes.values()) <= 28_000
