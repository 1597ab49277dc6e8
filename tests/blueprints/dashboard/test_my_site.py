"""Mon site: a form beside the page, a draft that is published whole, facts that act at once."""

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import db
import models
from models import Audit, Picture, Question, SiteDraft
from queries import my_site
from tests.cast import Cast, make_business
from tests.security.edge import statements
from tests.showcase import png, practice, restaurant
from tests.staff import staff

PAGES = (
    "", "/textes", "/recherche", "/photos", "/specialisations", "/valeurs", "/temoignages", "/questions", "/carte",
    "/apparence", "/sections", "/mentions", "/partager", "/en-ligne", "/annuler", "/apercu",
)  # fmt: skip


def text(answer: Any) -> str:
    """With plain spaces."""
    return str(answer.get_data(as_text=True)).replace("\xa0", " ").replace("\u202f", " ")


def public(client: FlaskClient, cast: Cast) -> str:
    return text(client.get(f"/{cast.slug}"))


@pytest.mark.parametrize("kind", ["bare", "full", "restaurant", "off line"])
def test_each_page_opens_empty_and_full(app: Flask, kind: str) -> None:
    made = {"bare": make_business, "full": practice, "restaurant": restaurant}
    cast = made[kind]() if kind in made else make_business(public=False)
    owner = staff(app, cast)
    for path in PAGES:
        answer = owner.get(f"/site{path}")
        assert answer.status_code == 200, path
        if path not in ("/en-ligne", "/annuler", "/apercu"):
            assert "frame-src 'self'" in answer.headers["Content-Security-Policy"], path


def test_what_is_drafted_is_seen_by_the_own_people_until_it_is_published(
    app: Flask, client: FlaskClient, cast: Cast
) -> None:
    owner = staff(app, cast)
    first = text(owner.get("/site"))
    assert "Tout est publié." in first and "Modifications non publiées" not in first
    saved = owner.post("/site/textes", {"headline": "Un titre neuf", "bio": "**Bonjour**\n- un", "bio-nl": "Dag"})
    assert (saved.status_code, saved.location) == (303, f"/pro/{cast.slug}/site/textes")
    assert "Modifications non publiées" in text(owner.get("/site"))
    assert "Un titre neuf" in text(owner.get("/site/apercu"))
    assert "Un titre neuf" not in public(client, cast)
    told = owner.post("/site/publier", follow_redirects=True)
    assert "Vous avez publié : Textes." in text(told) and "Tout est publié." in text(told)
    page = public(client, cast)
    assert "Un titre neuf" in page
    assert '<div class="prose"><p><strong>Bonjour</strong></p><ul class="next-steps"><li>un</li></ul></div>' in page
    assert "<p>Dag</p>" in text(client.get(f"/{cast.slug}?lang=nl"))
    assert "**Bonjour" not in text(client.get(f"/{cast.slug}.md"))
    with db.reading(cast.id):
        row = Audit.get(Audit.action == "site.published")
        assert (row.data, SiteDraft.select().count()) == ({"parts": ["texts"]}, 0)


def test_a_text_as_it_was_is_no_change_and_a_draft_can_be_dropped(app: Flask, client: FlaskClient, cast: Cast) -> None:
    owner = staff(app, cast)
    owner.post("/site/textes", {"headline": "Autre"})
    owner.post("/site/textes", {"headline": ""})
    assert "Tout est publié." in text(owner.get("/site"))
    owner.post("/site/textes", {"headline": "Autre"})
    asked = text(owner.get("/site/annuler"))
    assert "Ces parties redeviennent comme sur votre page." in asked and "<li>Textes</li>" in asked
    owner.post("/site/annuler")
    assert "Tout est publié." in text(owner.get("/site")) and "Autre" not in text(owner.get("/site/apercu"))
    assert "rien à publier" in text(owner.post("/site/publier", follow_redirects=True))


def test_a_list_is_merged_with_what_others_changed_meanwhile(app: Flask, client: FlaskClient) -> None:
    cast = practice()
    owner = staff(app, cast)
    with db.writing(cast.id):
        Question.insert_many([{"question": f"{n} ?", "answer": "Oui.", "position": n} for n in (1, 2, 3)]).execute()
        rows = [row.id for row in Question.select().order_by(Question.position)]
    first = my_site.own_site(cast.business).content.questions
    owner.post(f"/site/questions/{rows[0]}", {"question": "Changée ?", "answer": "Oui."})
    owner.post("/site/questions", {"question": "Nouvelle ?", "answer": "[Oui](https://a.example)."})
    new = my_site.own_site(cast.business).content.questions[-1].id
    owner.post(f"/site/questions/{new}/deplacer", {"vers": "haut"})
    removed = owner.post(f"/site/questions/{rows[-1]}/retirer", follow_redirects=True)
    assert "Retiré du brouillon." in text(removed) and "Rétablir" in text(removed)
    with db.writing(cast.id):  # as the staff API does
        Question.insert(question="Par l’API ?", answer="Oui.", position=99).execute()
    owner.post("/site/publier")
    asked = [card.question for card in my_site.own_site(cast.business).live_content.questions]
    left = [card.question for card in first[1:-1]]
    assert sorted(asked) == sorted(["Changée ?", "Nouvelle ?", "Par l’API ?", *left])
    assert asked.index("Nouvelle ?") < len(asked) - 1
    assert '<a href="https://a.example" rel="noopener noreferrer">Oui</a>' in public(client, cast)


def test_what_was_taken_away_comes_back_as_it_was(app: Flask, cast: Cast) -> None:
    owner = staff(app, cast)
    owner.post("/site/valeurs", {"title": "Écoute", "text": "Toujours."})
    key = my_site.own_site(cast.business).content.values[0].id
    owner.post(f"/site/valeurs/{key}/retirer")
    assert my_site.own_site(cast.business).content.values == () and owner.get(f"/site/valeurs/{key}").status_code == 404
    owner.post(f"/site/valeurs/{key}/retablir")
    assert my_site.own_site(cast.business).content.values[0].text == "Toujours."
    assert owner.post(f"/site/valeurs/{cast.id}/retirer").status_code == 404


def test_what_is_wrong_is_said_beside_its_field(app: Flask, cast: Cast) -> None:
    owner = staff(app, cast)
    answer = owner.post("/site/questions", {"question": "", "answer": "x" * 2_001, "question-nl": "x" * 301})
    page = text(answer)
    assert answer.status_code == 422 and "<title>Erreur :" in page
    assert 'id="question-erreur"' in page and 'id="answer-erreur"' in page and 'id="question-nl-erreur"' in page
    wrong = owner.post("/site/carte", {"section": "Plats", "name": "Sole", "price": "cher"})
    assert wrong.status_code == 422 and 'id="price-erreur"' in text(wrong)
    owner.post("/site/carte", {"section": "Plats", "name": "Sole", "price": "24,5 €"})
    assert [dish.price_cents for dish in my_site.own_site(cast.business).content.menu] == [2450]


def test_testimonials_that_may_not_be_shown_are_kept_and_say_why(app: Flask, client: FlaskClient) -> None:
    cast = make_business(sector="doctor")
    owner = staff(app, cast)
    owner.post("/site/temoignages", {"author": "M. K.", "text": "Un cabinet attentif."})
    owner.post("/site/publier")
    with db.reading(cast.id):
        assert models.Testimonial.select().count() == 1
    page = text(owner.get("/site/temoignages"))
    assert "Votre profession ne montre pas de témoignages" in page and "art. 37" in page and "M. K." in page
    assert "attentif" not in public(client, cast) and "attentif" not in text(owner.get("/site/apercu"))


def test_sections_are_hidden_and_moved(app: Flask, client: FlaskClient) -> None:
    cast = practice()
    owner = staff(app, cast)
    before = public(client, cast)
    assert before.index('id="valeurs"') < before.index('id="questions"')
    for _ in range(9):
        owner.post("/site/sections", {"section": "questions", "vers": "haut"})
    owner.post("/site/sections", {"section": "services", "montrer": "non"})
    owner.post("/site/sections", {"section": "values", "montrer": "non"})
    assert public(client, cast) == before
    owner.post("/site/publier")
    after = public(client, cast)
    assert after.index('id="questions"') < after.index('id="infos"')
    assert 'id="valeurs"' not in after and "#prestations" not in after
    assert client.get(f"/{cast.slug}/api/public").get_json().get("values") in (None, [])
    assert owner.post("/site/sections", {"section": "hero", "montrer": "non"}).status_code == 404


def test_colour_and_drawing(app: Flask, client: FlaskClient, cast: Cast) -> None:
    owner = staff(app, cast)
    owner.post("/site/apparence", {"accent": "prune", "motif": "plumber"})
    assert 'data-accent="prune"' in text(owner.get("/site/apercu")) and 'data-accent="prune"' not in public(
        client, cast
    )
    owner.post("/site/publier")
    assert (cast.business.accent, cast.business.motif) == ("prune", "plumber")
    assert owner.post("/site/apparence", {"accent": "#f00", "motif": ""}).status_code == 404


def test_the_preview_stands_in_our_frames_alone_and_nothing_in_it_acts(app: Flask, cast: Cast) -> None:
    owner = staff(app, cast)
    policy = owner.get("/site/apercu").headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy and policy.endswith("; sandbox allow-same-origin")
    assert owner.get("/site/apercu").headers["X-Robots-Tag"] == "noindex"
    assert "frame-ancestors 'none'" in owner.get("/site").headers["Content-Security-Policy"]
    assert app.test_client().get(f"/pro/{cast.slug}/site/apercu").status_code == 303
    assert text(owner.get("/site/apercu?partie=../../frame")).count("<main") == 1


def test_off_line_nobody_sees_the_page_and_the_booked_keep_theirs(app: Flask, client: FlaskClient, cast: Cast) -> None:
    owner = staff(app, cast)
    booked = cast.book()
    assert "tiennent" in text(owner.get("/site/en-ligne"))
    owner.post("/site/hors-ligne")
    lost = client.get(f"/{cast.slug}")
    assert lost.status_code == 404 and "Vous y avez rendez-vous ?" in text(lost)
    assert client.get(f"/{cast.slug}/rdv").status_code == 404
    assert client.get(f"/{cast.slug}/rdv/{booked.code}").status_code == 200
    assert f"/{cast.slug}<" not in text(client.get("/sitemap.xml"))
    assert owner.get("/site/apercu").status_code == 200 and "Hors ligne" in text(owner.get("/site"))
    owner.post("/site/en-ligne")
    assert client.get(f"/{cast.slug}").status_code == 200 and f"/{cast.slug}<" in text(client.get("/sitemap.xml"))
    with db.reading(cast.id):
        told = [row.action for row in Audit.select().order_by(Audit.id)]
    assert told == ["site.taken_offline", "site.put_online"]


def test_numbers_of_the_law_are_checked_by_their_digits(app: Flask, client: FlaskClient) -> None:
    cast = make_business(sector="physio", country="BE", identity={"rpps": "ancien"})
    owner = staff(app, cast)
    assert "à compléter" in text(owner.get("/site/mentions"))
    wrong = owner.post("/site/mentions", {"enterprise_number": "0745.832.605", "rpps": "ancien"})
    assert wrong.status_code == 422 and 'id="enterprise_number-erreur"' in text(wrong)
    right = {"enterprise_number": "0745.832.604", "rpps": "ancien", "inami": "5-12345-99-000"}
    told = text(owner.post("/site/mentions", right, follow_redirects=True))
    assert "Mentions légales enregistrées" in told and "Vérifiez ce numéro INAMI" in told
    assert cast.business.identity == right
    assert "0745.832.604" in text(client.get(f"/{cast.slug}/mentions-legales"))


def test_sites_that_may_show_the_booking(app: Flask, cast: Cast) -> None:
    owner = staff(app, cast)
    for typed in (
        "https://Www.Cabinet.example/contact",
        "http://cabinet.example",
        "https://a.example/*",
        "javascript:x",
    ):
        owner.post("/site/partager", {"address": typed})
    assert cast.business.frame_ancestors == ["https://www.cabinet.example", "https://a.example"]
    owner.post("/site/partager/retirer", {"address": "https://a.example"})
    owner.get("/site")  # which tells it once
    page = text(owner.get("/site/partager"))
    assert cast.business.frame_ancestors == ["https://www.cabinet.example"] and "https://a.example" not in page
    assert f"data-bookt=&#34;{cast.slug}&#34;" in page
    assert owner.get("/site/qr.svg").data.startswith(b"<svg") or b"<svg" in owner.get("/site/qr.svg").data


def test_typing_keeps_the_draft_and_says_nothing_of_it(app: Flask, cast: Cast) -> None:
    owner = staff(app, cast)
    answer = owner.post("/site/textes", {"headline": "En cours"}, headers={"HX-Request": "true"}, follow_redirects=True)
    page = text(answer)
    assert 'id="site-etat"' in page and 'id="site-vue"' in page and "Enregistré" not in page
    assert my_site.own_site(cast.business).business.headline == "En cours"


@pytest.mark.parametrize("role", ["practitioner", "reception", "read_only"])
def test_the_site_is_for_who_leads(app: Flask, cast: Cast, role: str) -> None:
    other = staff(app, cast, role)
    assert {other.get(f"/site{path}").status_code for path in PAGES} == {403}
    assert other.post("/site/textes", {"headline": "x"}).status_code == 403


def sent(size: tuple[int, int] = (300, 150), **more: str) -> dict[str, Any]:
    return {"file": (io.BytesIO(png(*size)), "photo.png")} | more


def waiting(cast: Cast) -> int:
    with db.reading(cast.id):
        return int(Picture.select().where(Picture.waiting).count())


def test_a_picture_waits_for_the_draft_to_be_published(app: Flask, client: FlaskClient, cast: Cast) -> None:
    owner = staff(app, cast)
    owner.post("/site/photos", sent(place="photo"), content_type="multipart/form-data")
    owner.post("/site/photos", sent((200, 200), place="photo"), content_type="multipart/form-data")
    assert waiting(cast) == 1  # the first has made room
    owner.post("/site/photos/decrire", {"place": "photo", "alt": "La salle"})
    drafted = my_site.own_site(cast.business).content.picture("photo")
    assert drafted and (drafted.media_type, drafted.width, drafted.alt) == ("image/webp", 200, "La salle")
    assert owner.get(f"/site/images/{drafted.id}").status_code == 200
    assert client.get(f"/{cast.slug}/images/{drafted.id}").status_code == 404
    assert f"/site/images/{drafted.id}" in text(owner.get("/site/apercu")) and 'class="photo"' not in public(
        client, cast
    )
    owner.post("/site/publier")
    assert f'/{cast.slug}/images/{drafted.id}" width="200" height="200" alt="La salle"' in public(client, cast)
    owner.post("/site/photos/retirer", {"place": "photo"})
    assert f"images/{drafted.id}" in public(client, cast)
    owner.post("/site/annuler")
    assert my_site.own_site(cast.business).content.picture("photo") is not None
    owner.post("/site/photos/retirer", {"place": "photo"})
    owner.post("/site/publier")
    assert (
        'class="photo"' not in public(client, cast)
        and client.get(f"/{cast.slug}/images/{drafted.id}").status_code == 404
    )


def test_portraits_and_logo_have_places_of_their_own(app: Flask, client: FlaskClient, cast: Cast) -> None:
    owner = staff(app, cast)
    for place in ({"place": "logo"}, {"place": "portrait", "who": "r1"}, {"place": "portrait", "who": "r2"}):
        answer = owner.post("/site/photos", sent(**place), content_type="multipart/form-data")
        assert answer.status_code == 303
    assert "modifications" in text(owner.get("/site")).lower() and waiting(cast) == 3
    owner.post("/site/annuler")
    assert waiting(cast) == 0
    for refused in ({"place": "portrait", "who": "nobody"}, {"place": "portrait"}, {"place": "banner"}):
        answer = owner.post("/site/photos", sent(**refused), content_type="multipart/form-data")
        assert answer.status_code == 404
    wrong = owner.post("/site/photos", {"place": "portrait", "who": "r1", "file": (io.BytesIO(b"GIF89a"), "x.png")},
                       content_type="multipart/form-data")  # fmt: skip
    assert wrong.status_code == 422 and 'id="portrait-r1-erreur"' in text(wrong) and "JPEG, PNG ou WebP" in text(wrong)


def test_a_page_of_the_editor_asks_little_of_the_database(app: Flask) -> None:
    owner = staff(app, practice())
    owner.post("/site/textes", {"headline": "Autre"})
    for path in ("", "/textes", "/questions", "/apercu"):
        owner.get(f"/site{path}")
        with statements() as asked:
            owner.get(f"/site{path}")
        assert len([each for each in asked if each.startswith("SELECT")]) <= 8, asked
