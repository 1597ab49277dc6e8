"""Ten steps from a profession to a page that takes bookings: what each shows, refuses and does."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

import db
import sectors
from models import BreakRule, Business, OpeningRule, User
from queries.business import by_slug
from tests.cast import Cast, make_business
from tests.pages import Form, Page, plain
from tests.staff import Staff, browser_of, member, staff

YOU = {"businessName": "Cabinet du Parc", "name": "Ada Peeters", "email": "ada@example.be"}
PLACE = {
    "street": "Avenue du Parc 7",
    "postcode": "1060",
    "town": "Saint-Gilles",
    "phone": "02 555 01 77",
    "country": "BE",
}


def begin(client: FlaskClient, sector: str = "physio", **more: str) -> Page:
    form = Page(client.get(f"/demarrer/2?metier={sector}")).form("etape")
    return Page(client.post(form.action, data=form.values | YOU | more))


def new(app: Flask, sector: str = "physio") -> tuple[Cast, Staff]:
    """A business as sign-up leaves it, and its owner's browser."""
    with app.test_client() as client:
        slug = begin(client, sector).response.headers["Location"].split("/")[2]
    cast = Cast(by_slug(slug).id)
    return cast, browser_of(app, cast, member(cast, proved=False))


def form_of(page: Page) -> Form:
    return page.form("etape")


def send(browser: Staff, step: int, **values: str) -> Page:
    """The step's form as its page holds it, with other values."""
    form = form_of(Page(browser.get(f"/demarrer/{step}")))
    kept = {name: value for name, value in form.values.items() if name != "csrf_token"}
    return Page(browser.post(f"/demarrer/{step}", kept | values))


# --- 1 and 2 -------------------------------------------------------------------------------------------------------


def test_ten_professions_by_picture(client: FlaskClient) -> None:
    page = Page(client.get("/demarrer"))
    assert page.status == 200
    assert [link for link in page.links if "metier=" in link] == [
        f"/demarrer/2?metier={each.id}" for each in sectors.every()
    ]
    assert page.html.count("<svg viewBox=") >= 10
    assert client.get("/demarrer?metier=kiné").headers["Location"] == "/demarrer/2?metier=physio"
    assert client.get("/demarrer/2?metier=astronaut").headers["Location"] == "/demarrer"


def test_signing_up_begins_the_session_and_leads_on(client: FlaskClient) -> None:
    page = begin(client)
    assert page.status == 303
    where = page.response.headers["Location"]
    assert re.fullmatch(r"/pro/cabinet-du-parc(-\d+)?/demarrer/3", where)
    slug = where.split("/")[2]
    made = by_slug(slug)
    assert (made.name, made.sector, made.public, made.onboarding) == ("Cabinet du Parc", "physio", False, [1, 2])
    assert client.get(where).status_code == 200
    assert client.get(f"/{slug}").status_code == 404  # not before the third step
    assert client.get("/demarrer/7").headers["Location"] == f"/pro/{slug}/demarrer/7"  # from any device, by signing in
    assert client.get(f"/pro/{slug}/demarrer/7").headers["Location"] == where  # nothing before the page is on line


def test_what_is_missing_is_told_and_what_was_typed_is_kept(client: FlaskClient) -> None:
    with db.looking():
        before = User.select().count()
    page = begin(client, businessName=" ", email="a@b", slug="Pro")
    assert page.status == 422
    assert page.title.startswith("Erreur :")
    values = form_of(page).values
    assert (values["email"], values["name"]) == ("a@b", "Ada Peeters")
    assert "Indiquez le nom de votre établissement" in page.text
    assert "Indiquez votre e-mail" in page.text
    with db.looking():
        assert User.select().count() == before
    taken = begin(client, slug="pro")
    assert taken.status == 422
    assert "Cette adresse est déjà prise." in taken.text


def test_the_address_is_proposed_and_checked_while_typing(client: FlaskClient) -> None:
    ask = {"metier": "physio", "businessName": "Chez l’Œuf & Cie", "slug": "", "proposed": ""}
    headers = {"HX-Request": "true"}
    proposed = Page(client.get("/demarrer/adresse", query_string=ask, headers=headers))
    assert "<html" not in proposed.html
    assert 'value="chez-l-oeuf-cie"' in proposed.html
    assert "Cette adresse est libre." in proposed.text
    own = Page(client.get("/demarrer/adresse", query_string=ask | {"slug": "a-moi", "proposed": "x"}, headers=headers))
    assert 'value="a-moi"' in own.html  # what was typed by hand stays
    taken = make_business().slug
    for slug, words in ((taken, "déjà prise"), ("pro", "déjà prise"), ("é", "minuscules"), ("libre-7", "libre")):
        state = Page(client.get("/demarrer/adresse", query_string={"slug": slug, "part": "state"}, headers=headers))
        assert words in state.text, slug


def test_the_form_of_another_site_makes_nobody(client: FlaskClient) -> None:
    with db.looking():
        before = Business.select().count()
    data = {"metier": "physio", **YOU, "form_token": "forged"}
    assert client.post("/demarrer/2", data=data).status_code == 400
    with db.looking():
        assert Business.select().count() == before


@pytest.mark.parametrize("sector", [each.id for each in sectors.every()])
def test_every_profession_can_be_booked_after_the_third_step(app: Flask, sector: str) -> None:
    cast, browser = new(app, sector)
    answer = send(browser, 3, **PLACE)
    assert answer.response.headers["Location"].endswith("/demarrer/4?ouverte=1")
    visitor = app.test_client()
    home = Page(visitor.get(f"/{cast.slug}"))
    assert any(name == "debut" for form in home.forms for name, _ in form.buttons)
    assert "Votre page est en ligne" in Page(browser.get("/demarrer/4?ouverte=1")).text
    profile = sectors.get(sector)
    content = visitor.get(f"/api/public/{cast.slug}").get_json()
    assert len(content["services"]) == len(profile.services)
    assert len(content["specializations"]) == len(profile.specializations)
    assert len(content["values"]) == len(profile.values)


# --- 3 to 10 -------------------------------------------------------------------------------------------------------


def test_the_third_step_sets_the_place(app: Flask) -> None:
    cast, browser = new(app)
    wrong = send(browser, 3, **PLACE | {"postcode": "75011", "phone": "abc", "street": ""})
    assert wrong.status == 422
    assert "Indiquez la rue et le numéro" in wrong.text
    both = send(browser, 3, **PLACE | {"postcode": "75011", "phone": "abc"})
    assert "Indiquez un code postal de 4 chiffres" in both.text
    assert "numéro de téléphone complet" in both.text
    assert not cast.business.public
    send(browser, 3, **PLACE | {"country": "FR", "postcode": "75011", "phone": "01 99 00 12 34", "place": "video"})
    made = cast.business
    assert (made.public, made.timezone, made.phone) == (True, "Europe/Paris", "+33199001234")
    assert {card.place for card in cast.offer.services} == {"video"}


def test_off_line_by_choice_it_stays_so(app: Flask) -> None:
    cast, browser = new(app)
    send(browser, 3, **PLACE)
    with db.writing(cast.id):
        Business.update(public=False).where(Business.id == cast.id).execute()
    send(browser, 3, **PLACE | {"town": "Forest"})
    assert (cast.business.town, cast.business.public) == ("Forest", False)
    assert "hors ligne" in Page(browser.get("/demarrer/fin")).text


def open_business(app: Flask, sector: str = "physio") -> tuple[Cast, Staff]:
    cast, browser = new(app, sector)
    send(browser, 3, **PLACE)
    return cast, browser


def test_services_are_chosen_changed_and_added(app: Flask) -> None:
    cast, browser = open_business(app)
    first, second = cast.offer.services[:2]
    form = form_of(Page(browser.get("/demarrer/4")))
    kept = {name: value for name, value in form.values.items() if name != "services.1.active"}
    new_one = f"services.{len(cast.offer.services)}"
    answer = browser.post("/demarrer/4", kept | {
        "services.0.name": "Séance du soir", "services.0.price": "32,5", "encore": "1",
        f"{new_one}.name": "Suivi", f"{new_one}.minutes": "25", f"{new_one}.price": "18",
    })  # fmt: skip
    assert answer.headers["Location"].endswith("/demarrer/4")
    offer = cast.offer
    changed = offer.service(first.slug)
    assert (changed.name, changed.price_cents, changed.translations.get("nl", {}).get("name")) == (
        "Séance du soir",
        3250,
        None,
    )
    assert changed.translations["nl"]["description"]
    assert not offer.any_service(second.slug).active
    assert (offer.service("suivi").duration_minutes, offer.able(offer.service("suivi"))) == (25, offer.able(changed))
    for values, words in (
        ({"services.0.price": "gratuit"}, "par exemple 30 ou 38,50"),
        ({"services.0.minutes": "3"}, "5"),
        ({"services.0.minutes": "une heure"}, "nombre entier"),
        ({f"services.{len(offer.services)}.name": "Sans prix"}, "obligatoire"),
    ):
        refused = send(browser, 4, **values)
        assert refused.status == 422, values
        assert words in refused.text
        assert all(form_of(refused).values[name] == value for name, value in values.items())
    none = {name: value for name, value in form.values.items() if not name.endswith(".active")}
    assert "Gardez au moins une prestation" in Page(browser.post("/demarrer/4", none)).text


def test_the_week_is_set_from_a_preset_or_copied(app: Flask) -> None:
    cast, browser = open_business(app)
    page = Page(browser.get("/demarrer/5?modele=samedi"))
    values = form_of(page).values
    assert (values["days.6.start"], values["days.6.pause_start"], values.get("days.1.open")) == ("09:00", "12:30", None)
    assert cast.business.onboarding == [1, 2, 3]  # looking saves nothing
    typed = {"days.1.open": "oui", "days.1.start": "07:30", "days.1.end": "15:00", "days.4.open": "oui"}
    copied = form_of(Page(browser.post("/demarrer/5", typed | {"copier": "1"}))).values
    assert (copied["days.4.start"], copied["days.4.end"], copied.get("days.5.start", "")) == ("07:30", "15:00", "")
    saved = browser.post("/demarrer/5", {name: copied[name] for name in copied if name.startswith("days.")})
    assert saved.status_code == 303
    with db.reading(cast.id):
        rows = sorted(
            OpeningRule.select(OpeningRule.day_of_week, OpeningRule.start_minutes, OpeningRule.end_minutes).tuples()
        )
    assert rows == [(1, 450, 900), (4, 450, 900)]
    for wrong, words in (
        ({"days.1.open": "oui", "days.1.start": "09:00", "days.1.end": ""}, "HH:MM"),
        ({**typed, "days.4.open": "", "days.1.pause_start": "12:00"}, "la fin de la pause"),
        (
            {**typed, "days.4.open": "", "days.1.pause_start": "16:00", "days.1.pause_end": "17:00"},
            "en dehors des heures",
        ),
        ({"days.1.open": ""}, "Ouvrez au moins un jour"),
    ):
        refused = Page(browser.post("/demarrer/5", wrong))
        assert refused.status == 422, wrong
        assert words in refused.text


def test_a_night_ends_on_the_next_morning(app: Flask) -> None:
    cast, browser = open_business(app, "restaurant")
    browser.post("/demarrer/5", {
        "days.5.open": "oui", "days.5.start": "12:00", "days.5.end": "00:30", "days.5.pause_start": "14:30",
        "days.5.pause_end": "18:30",
    })  # fmt: skip
    assert tuple(sorted(cast.offer.schedule.opening)) == ((5, 720, 870), (5, 1110, 1470))
    again = form_of(Page(browser.get("/demarrer/5"))).values
    assert (again["days.5.end"], again["days.5.pause_end"]) == ("00:30", "18:30")


def test_rules_hold_for_all_or_leave_each_its_own(app: Flask) -> None:
    cast, browser = open_business(app)
    buffers = [card.rules.after for card in cast.offer.services]
    assert len(set(buffers)) > 1
    send(browser, 6, notice_minutes="1440", horizon_days="30", cancellation_hours="24", approval="hand")
    made = cast.business
    assert (made.notice_minutes, made.horizon_days, made.approves_by_hand) == (1440, 30, True)
    assert (made.cancellation.full_hours, made.cancellation.partial_hours) == (24, 12)
    assert [card.rules.after for card in cast.offer.services] == buffers
    send(browser, 6, buffer_minutes="15", deposit_percent="20")
    assert {(card.rules.after, card.deposit_bp) for card in cast.offer.services} == {(15, 2_000)}
    assert send(browser, 6, horizon_days="0").status == 422


def test_people_get_an_agenda_each(app: Flask) -> None:
    cast, browser = open_business(app)
    page = Page(browser.get("/demarrer/7"))
    assert "attendent que votre adresse soit confirmée" in page.text
    send(browser, 7, **{"people.0.name": " ", "people.2.name": "Lou Maes"})
    assert [card.name for card in cast.offer.resources] == ["Ada Peeters", "Lou Maes"]
    assert len(cast.offer.able(cast.offer.active_services[0])) == 2
    assert 7 in cast.business.onboarding


def test_a_restaurant_counts_its_tables(app: Flask, cast: Cast) -> None:
    made, browser = open_business(app, "restaurant")
    page = Page(browser.get("/demarrer/7"))
    assert "Quelles tables avez-vous" in plain(page.text)
    form = form_of(page)
    kept = {name: value for name, value in form.values.items() if name != "tables.0.active"}
    browser.post("/demarrer/7", kept | {"tables.1.seats": "3", "more": "2", "more_seats": "8"})
    tables = made.offer.resources
    assert not tables[0].active
    assert [table.rules.seats for table in tables[1:2] + tables[-2:]] == [3, 8, 8]
    assert tables[-1] in made.offer.able(made.offer.active_services[0])
    off = {name: value for name, value in kept.items() if not name.endswith(".active")}
    assert "Gardez au moins une table" in Page(browser.post("/demarrer/7", off)).text


def test_absences_close_the_time_they_name(app: Flask) -> None:
    cast, browser = open_business(app)
    send(
        browser, 8, home="paper", break_day="3", break_start="12:30", break_end="18:00", closed_from="2027-02-01",
        closed_to="2027-02-03", closed_label="Carnaval",
    )  # fmt: skip
    assert cast.business.calendar_home == "paper"
    with db.reading(cast.id):
        assert [(row.day_of_week, row.start_minutes, row.end_minutes) for row in BreakRule.select()] == [(3, 750, 1080)]
    assert [(day.date.isoformat(), day.label) for day in cast.offer.special_days] == [
        (f"2027-02-0{day}", "Carnaval") for day in (1, 2, 3)
    ]
    shown = Page(browser.get("/demarrer/8"))
    assert "Mercredi" in shown.text
    assert "Carnaval" in shown.text
    for wrong, words in (
        ({"break_day": "3"}, "laissez les trois vides"),
        ({"break_day": "3", "break_start": "18:00", "break_end": "12:00"}, "La fin vient avant le début"),
        ({"closed_from": "2027-02-05", "closed_to": "2027-02-01"}, "La fin vient avant le début"),
        ({"closed_from": "2027-02-05", "closed_to": "2028-02-01"}, "92 jours"),
    ):
        refused = send(browser, 8, **wrong)
        assert refused.status == 422, wrong
        assert words in refused.text


def test_nobody_who_booked_is_shut_out(app: Flask) -> None:
    cast, browser = open_business(app)
    service = cast.offer.active_services[0].slug
    cast.book("09:00", serviceId=service)
    refused = send(browser, 8, closed_from="2027-01-11", closed_to="2027-01-15")
    assert "Des rendez-vous sont pris" in refused.text
    assert not cast.offer.special_days


def test_the_phone_is_shown_or_kept(app: Flask) -> None:
    cast, browser = open_business(app)
    client, number = app.test_client(), "02 555 01 77"
    places = (
        f"/{cast.slug}",
        f"/{cast.slug}/rdv",
        f"/{cast.slug}/mentions-legales",
        f"/{cast.slug}.md",
        f"/{cast.slug}/confidentialite",
    )
    mail = plain(browser.get("/demarrer/courriel").text)
    assert number in mail
    assert "Bonjour Personne owner" in mail
    assert all("+3225550177" in client.get(path).text for path in places)
    browser.post("/demarrer/9", {})
    assert not cast.business.shows_phone
    assert number not in plain(browser.get("/demarrer/courriel").text)
    assert not [path for path in places if "+3225550177" in client.get(path).text]
    assert client.get(f"/api/public/{cast.slug}").get_json()["phone"] is None


def test_looks_end_the_way(app: Flask) -> None:
    cast, browser = open_business(app)
    answer = send(browser, 10, accent="prune", motif="garage", bio="Je soigne.\n\nDepuis longtemps.")
    assert answer.response.headers["Location"].endswith("/demarrer/fin")
    made = cast.business
    assert (made.accent, made.motif, made.bio) == ("prune", "garage", "Je soigne.\n\nDepuis longtemps.")
    home = app.test_client().get(f"/{cast.slug}").text
    assert 'data-accent="prune"' in home
    assert sectors.get("garage").motif in home
    send(browser, 10, motif="physio")
    assert cast.business.motif == ""
    assert send(browser, 10, accent="neon").status == 422
    end = Page(browser.get("/demarrer/fin"))
    assert f"/{cast.slug}/rdv" in end.links
    assert f'src="/{cast.slug}/qr.svg"' in end.html
    assert "Il reste 6 étapes" in end.text


# --- the frame -----------------------------------------------------------------------------------------------------


def test_progress_is_told_and_what_was_saved(app: Flask) -> None:
    cast, browser = open_business(app)
    page = Page(browser.get("/demarrer/5"))
    assert "5 sur 10 · encore 5 min" in plain(page.text)
    assert "Enregistré 08:00" in page.text
    assert f"/pro/{cast.slug}/demarrer/4" in page.links  # back
    assert f"/pro/{cast.slug}/demarrer/6" in page.links  # skip
    assert not [link for link in Page(browser.get("/demarrer/3")).links if link.endswith("/demarrer/4")]


def test_the_preview_is_the_page_with_what_is_typed(app: Flask) -> None:
    cast, browser = new(app)
    seen = browser.get("/demarrer/apercu?town=Namur&accent=rose&motif=garage&bio=<b>Moi</b>&phone=<x>")
    assert 'data-accent="rose"' in seen.text
    assert "Namur" in seen.text
    assert "<b>Moi" not in seen.text
    assert "frame-ancestors 'self'" in seen.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in seen.headers
    step = browser.get("/demarrer/3")
    assert "frame-src 'self'" in step.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in step.headers["Content-Security-Policy"]
    assert step.headers["X-Frame-Options"] == "DENY"
    frame = Page(browser.get("/demarrer/apercu/cadre?town=Namur&csrf_token=x"))
    assert "town=Namur" in frame.html
    assert "csrf_token" not in frame.html
    assert cast.business.town == ""


@pytest.mark.parametrize("role", ["practitioner", "reception", "read_only"])
def test_only_who_leads_sets_up(app: Flask, cast: Cast, role: str) -> None:
    browser = staff(app, cast, role)
    for path in ("/demarrer", "/demarrer/3", "/demarrer/fin", "/demarrer/apercu", "/demarrer/courriel"):
        assert browser.get(path).status_code == 403
    assert browser.post("/demarrer/3", PLACE).status_code == 403
    assert cast.business.town == "Bruxelles"


def test_unknown_steps_are_no_pages(app: Flask, cast: Cast) -> None:
    browser = staff(app, cast)
    for step in (0, 1, 2, 11):
        assert browser.get(f"/demarrer/{step}").status_code == 404
        assert browser.post(f"/demarrer/{step}").status_code == 404
    assert browser.get("/demarrer").headers["Location"].endswith("/demarrer/3")
