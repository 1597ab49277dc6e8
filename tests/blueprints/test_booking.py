import dataclasses
import datetime as dt
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

import db
from bookt import create_app
from config import Settings
from lib.ids import uuid7
from lib.links import hold_token
from models import Booking, Business, Client, OpeningRule, Resource, ServiceResource
from tests.blueprints.test_site import counted
from tests.cast import MONDAY_8, Cast, Clock, make_business
from tests.pages import Visitor

NINE = "2027-01-12T09:00"
LONG = {"name": "n" * 121, "email": "e" * 250 + "@x.be", "phone": "0" * 33, "message": "m" * 2_001}


@pytest.fixture
def free(app: Flask) -> Cast:
    """Two practitioners; one service without a deposit, one with."""
    return make_business(services={"libre": {"deposit_bp": 0}, "diag": {}})


@pytest.fixture
def visitor(client: FlaskClient, free: Cast) -> Visitor:
    return Visitor(client, free.slug)


def rows(cast: Cast, status: str) -> list[Booking]:
    with db.reading(cast.id):
        return list(Booking.select().where(Booking.status == status))


# --- choosing --------------------------------------------------------------------------------------------------------


def test_the_first_screen_asks_the_service_the_second_with_whom(visitor: Visitor) -> None:
    services = visitor.get("/rdv")
    assert "De quoi avez-vous besoin" in services.text
    assert "Étape 1 sur 5" in services.text
    whom = visitor.get("/rdv?prestation=libre")
    assert "Avec qui" in whom.text
    assert "Dès lun. 11 janv. à 08:30" in whom.text
    assert "Quel moment" in visitor.get("/rdv?prestation=libre&avec=r2").text


def test_a_screen_with_one_answer_is_skipped_and_stated(client: FlaskClient) -> None:
    alone = make_business(resources=1, services={"diag": {}})
    page = Visitor(client, alone.slug).get("/rdv")
    assert "Quel moment" in page.text
    assert "Praticien 1" in page.text
    assert "Étape 1 sur 3" in page.text


def test_a_person_chosen_first_narrows_the_services(client: FlaskClient) -> None:
    cast = make_business(services={"libre": {}, "diag": {}})
    page = Visitor(client, cast.slug).get("/rdv?avec=r1")
    assert "Avec Praticien 1." in page.text
    assert all("avec=r1" in link for link in page.links if "prestation=" in link)


def test_the_picker_opens_on_the_first_free_day_with_times_in_parts(visitor: Visitor) -> None:
    page = visitor.get("/rdv?prestation=libre&avec=peu-importe")
    assert "Aujourd’hui, lundi 11 janvier" in page.text
    assert page.starts[0] == "2027-01-11T08:30"
    assert [part for part in ("Matin", "Après-midi", "Fin de journée") if part in page.text] == [
        "Matin",
        "Après-midi",
        "Fin de journée",
    ]
    assert "Heures affichées à Bruxelles (UTC+1)" in page.text
    assert page.text.count("UTC+1") == 1
    assert "lundi 11 janvier , aujourd’hui , 17 créneaux , jour affiché" in page.text.replace(",", " ,")


def test_weeks_go_on_to_the_horizon_and_no_further(visitor: Visitor) -> None:
    page = visitor.get("/rdv?prestation=libre&avec=r1&semaine=2027-01-18")
    assert "18 – 24 janvier" in page.text
    assert any("semaine=2027-01-25" in link for link in page.links)
    last = visitor.get("/rdv?prestation=libre&avec=r1&jour=2028-01-01")  # the horizon is 11 April 2027
    assert "n’est pas encore ouverte" in last.text
    assert [link[-10:] for link in last.links if "semaine=" in link] == ["2027-03-29"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("jour=2027-01-10", "Cette date est passée"), ("jour=2027-02-30", "Cette date n’est pas lisible"),
        ("jour=demain", "Cette date n’est pas lisible"), ("semaine=%00", "Cette date n’est pas lisible"),
        ("jour=9999-12-31", "n’est pas encore ouverte"), ("jour=0001-01-01", "Cette date est passée"),
        ("semaine=0001-01-01", "Quel moment"), ("debut=2027-01-12T25:99", "Quel moment"), ("avec=inconnu", "Avec qui"),
        ("personnes=-3", "Quel moment"), ("personnes=999999999", "Quel moment"), ("retenu=faux", "Quel moment"),
        ("fold=9", "Quel moment"), ("debut=%3Cb%3E", "Quel moment"), ("jour=&semaine=", "Quel moment"),
    ],
)  # fmt: skip
def test_what_an_address_says_wrongly_is_told_or_ignored(visitor: Visitor, query: str, words: str) -> None:
    whom = "" if query.startswith("avec") else "&avec=r1"
    page = visitor.get(f"/rdv?prestation=libre{whom}&{query}")
    assert page.status == 200
    assert words in page.text


def test_unknown_service_is_404_with_a_way_back(visitor: Visitor) -> None:
    page = visitor.get("/rdv?prestation=ailleurs")
    assert page.status == 404
    assert "Voir les prestations" in page.text


def test_a_deep_link_shows_its_time_as_one_button_and_writes_nothing(visitor: Visitor, free: Cast) -> None:
    page = visitor.get(f"/rdv?prestation=libre&avec=r1&debut={NINE}")
    first = next(form for form in page.forms if form.id != "creneaux" and form.method == "post")
    assert first.buttons == [("debut", NINE)]
    assert "Votre choix" in page.text
    assert not rows(free, "held")


def test_an_empty_week_leads_to_the_next_free_day_and_no_day_at_all_to_the_phone(
    client: FlaskClient, cast: Cast
) -> None:
    late = make_business(services={"diag": {"notice_minutes": 40 * 1440}})
    page = Visitor(client, late.slug).get("/rdv?avec=r1&jour=2027-01-13")
    assert "Prochain jour libre : lundi 22 février" in page.text
    never = make_business(services={"diag": {"notice_minutes": 100 * 1440}})
    page = Visitor(client, never.slug).get("/rdv?avec=r1")
    assert "Aucun moment n’est libre en ligne" in page.text
    assert "tel:+3225550142" in page.links


def test_a_time_that_exists_twice_is_told_apart_and_both_can_be_held(
    client: FlaskClient, app: Flask, clock: Clock
) -> None:
    clock.now = int(dt.datetime(2026, 10, 24, 10, tzinfo=dt.UTC).timestamp())
    night = make_business(resources=1, services={"veille": {"duration_minutes": 30}})
    with db.writing(night.id):
        OpeningRule.insert(day_of_week=0, start_minutes=60, end_minutes=300).execute()
    visitor = Visitor(client, night.slug)
    page = visitor.get("/rdv?jour=2026-10-25")
    assert {"2026-10-25T02:30", "2026-10-25T02:30;fold=1"} <= set(page.starts)
    assert "02:30 heure d’été" in page.text
    assert "02:30 heure d’hiver" in page.text
    held = visitor.follow(visitor.send(page.form("creneaux"), debut="2026-10-25T02:30;fold=1"))
    assert "02:30" in held.text
    (row,) = rows(night, "held")
    assert row.starts_at == dt.datetime(2026, 10, 25, 1, 30, tzinfo=dt.UTC)
    linked = visitor.get("/rdv?debut=2026-10-25T02:30")
    assert "Votre choix" in linked.text


def test_a_party_is_asked_where_it_makes_sense_and_travels_along(client: FlaskClient) -> None:
    house = make_business(resources=0, services={"diner": {"deposit_bp": 0, "duration_minutes": 90}})
    with db.writing(house.id):
        for number, seats in enumerate((2, 4)):
            key = uuid7()
            Resource.insert(id=key, slug=f"t{number}", name=f"Table {number}", kind="table", seats=seats).execute()
            service = house.offer.services[0].id
            ServiceResource.insert(service_id=service, resource_id=key).execute()
    visitor = Visitor(client, house.slug)
    page = visitor.get("/rdv?personnes=4")
    assert "Combien de personnes" in page.text
    assert "Table 0" not in page.text
    details = visitor.follow(visitor.send(page.form("creneaux"), debut=NINE))
    assert "4 personnes" in details.text
    assert "Aucun moment" in visitor.get("/rdv?personnes=9").text


def test_picker_takes_at_most_four_statements_wherever_it_looks(client: FlaskClient, free: Cast) -> None:
    late = make_business(services={"diag": {"notice_minutes": 60 * 1440}})
    Visitor(client, late.slug).get("/rdv")
    for cast, service in ((free, "libre"), (late, "diag")):
        visitor = Visitor(client, cast.slug)
        visitor.get("/rdv")
        for query in ("", "&jour=2027-01-12", "&semaine=2027-03-01", "&jour=2027-04-11", "&jour=2028-01-01", "&jour=x"):
            page, seen = counted(lambda v=visitor, s=service, q=query: v.get(f"/rdv?prestation={s}&avec=r1{q}"))
            assert page.status == 200
            assert len(seen) <= 4, (service, query, seen)


def test_a_part_is_served_to_htmx_and_the_whole_page_to_its_history(visitor: Visitor) -> None:
    path = "/rdv?prestation=libre&avec=r1&jour=2027-01-12"
    part = visitor.get(path, **{"HX-Request": "true"})
    assert part.html.lstrip().startswith('<div class="stack" id="choix"')
    assert "HX-Request" in part.response.headers["Vary"]
    whole = visitor.get(path, **{"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<!doctype html>" in whole.html
    assert part.html.strip() in whole.html or "choix" in whole.ids


# --- holding ---------------------------------------------------------------------------------------------------------


def test_a_held_time_prints_its_deadline_and_forbids_indexing(visitor: Visitor, free: Cast) -> None:
    page = visitor.hold(NINE, "libre")
    assert "vous est réservé jusqu’à 08:10" in page.text
    assert len(rows(free, "held")) == 1
    headers = page.response.headers
    assert (headers["Referrer-Policy"], headers["Cache-Control"], headers["X-Robots-Tag"]) == (
        "no-referrer",
        "no-store",
        "noindex",
    )
    assert "Set-Cookie" not in headers


def test_only_two_fields_are_required(visitor: Visitor) -> None:
    assert visitor.hold(NINE, "libre").html.count(" required") == 2


def test_a_lost_race_at_the_hold_offers_three_near_times_of_one_tap(visitor: Visitor, client: FlaskClient) -> None:
    alone = make_business(resources=1, services={"diag": {}})
    first, second = Visitor(client, alone.slug), Visitor(client, alone.slug)
    page = second.get(f"/rdv?jour={NINE[:10]}")
    first.hold(NINE)
    lost = second.send(page.form("creneaux"), debut=NINE)
    assert lost.status == 409
    assert "Ce créneau vient d’être pris" in lost.text
    near = lost.forms[0]
    assert [value for _, value in near.buttons] == ["2027-01-12T08:30", "2027-01-12T09:30", "2027-01-12T10:00"]
    assert NINE not in lost.starts
    assert 'id="alerte" tabindex="-1" autofocus' in lost.html
    assert "Vos coordonnées" in second.follow(second.send(near, debut=near.buttons[1][1])).text


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("debut", "", 422), ("debut", "demain", 422), ("debut", "2027-01-12T24:00", 422),
        ("debut", "2020-01-01T09:00", 422),
        ("debut", "2027-01-12T09:07", 409), ("debut", "2099-01-12T09:00", 409), ("debut", "\x00", 422),
        ("prestation", "ailleurs", 404), ("prestation", "", 400), ("avec", "inconnu", 303), ("personnes", "x", 303),
        ("personnes", "900", 422), ("retenu", "faux", 303), ("form_token", "faux", 400), ("form_token", "", 400),
    ],
)  # fmt: skip
def test_bad_input_of_a_hold_is_a_clear_4xx(visitor: Visitor, free: Cast, field: str, value: str, status: int) -> None:
    form = visitor.get("/rdv?prestation=libre&avec=r1&jour=2027-01-12").form("creneaux")
    answer = visitor.send(form, **{"debut": NINE} | {field: value})
    assert answer.status == status, answer.text[:200]
    assert len(rows(free, "held")) == int(status == 303)


def test_another_time_releases_the_one_before_and_keeps_what_was_typed(visitor: Visitor, free: Cast) -> None:
    details = visitor.hold(NINE, "libre")
    back = visitor.follow(visitor.send(details.form("coordonnees"), name="Zoé", email="zoe@example.be", suite="moment"))
    assert "Un autre choix le libère" in back.text
    assert NINE in back.starts  # a hold blocks nobody less than its holder
    again = visitor.follow(visitor.send(back.form("creneaux"), debut="2027-01-12T10:00"))
    assert again.form("coordonnees").values["email"] == "zoe@example.be"
    assert [row.starts_at.hour for row in rows(free, "held")] == [9]


def test_a_held_time_is_extended_once_and_what_is_typed_stays(visitor: Visitor, free: Cast, clock: Clock) -> None:
    details = visitor.hold(NINE, "libre")
    clock.now = MONDAY_8 + 300
    form = details.form("coordonnees")
    extended = visitor.post(form.action + "/prolongation", form.values | {"name": "Zoé", "email": "pas fini"})
    assert extended.status == 200
    assert "08:15" in extended.text
    assert extended.form("coordonnees").values["email"] == "pas fini"
    assert "Garder 10 min de plus" not in extended.text
    once_more = visitor.post(form.action + "/prolongation", form.values)
    assert "08:15" in visitor.follow(once_more).text


def test_a_released_time_is_free_at_once(visitor: Visitor, free: Cast) -> None:
    details = visitor.hold(NINE, "libre")
    back = visitor.follow(visitor.send(details.form("liberer")))
    assert NINE in back.starts
    assert not rows(free, "held")


def test_a_hold_that_ran_out_says_so_and_can_be_taken_again(visitor: Visitor, clock: Clock) -> None:
    details = visitor.hold(NINE, "libre")
    token = details.form("coordonnees").action
    clock.now = MONDAY_8 + 601
    page = visitor.get(token)
    assert page.status == 409
    assert "Le délai est dépassé" in page.text
    again = visitor.follow(visitor.send(page.forms[0], debut=page.forms[0].buttons[0][1]))
    assert "Mardi 12 janvier à 09:00 vous est réservé jusqu’à 08:20" in again.text


# --- details ---------------------------------------------------------------------------------------------------------


def test_confirmed_in_one_go_without_a_deposit(visitor: Visitor, free: Cast) -> None:
    details = visitor.hold(NINE, "libre")
    answer = visitor.send(
        details.form("coordonnees"), name="Zoé Lambert", email=" ZOE@example.be ", phone="0470 12 34 56"
    )
    assert answer.status == 303
    assert "HttpOnly; Path=/; SameSite=Lax" in answer.response.headers["Set-Cookie"]
    (row,) = rows(free, "confirmed")
    assert (row.name, row.email, row.phone, row.any_resource) == ("Zoé Lambert", "zoe@example.be", "+32470123456", True)
    page = visitor.follow(answer)
    assert "Rendez-vous confirmé" in page.text
    assert row.code in page.text


def test_a_second_click_gives_the_same_booking(visitor: Visitor, free: Cast) -> None:
    form = visitor.hold(NINE, "libre").form("coordonnees")
    answers = [visitor.send(form, name="Zoé", email="zoe@example.be") for _ in range(2)]
    assert answers[0].response.headers["Location"] == answers[1].response.headers["Location"]
    assert len(rows(free, "confirmed")) == 1


def test_a_deposit_is_checked_before_it_is_promised(visitor: Visitor, free: Cast) -> None:
    details = visitor.hold("2027-01-15T09:00", "diag")
    check = visitor.follow(
        visitor.send(details.form("coordonnees"), name="Zoé", email="zoe@example.be", message="2e étage\n<b>")
    )
    for words in (
        "Étape 5 sur 5",
        "Acompte de 12,00 €, à régler sur place",
        "Jusqu’au mercredi 13 janvier à 09:00 : annulation sans frais",
        "6,00 € d’acompte restent dus",
        "2e étage <b>",
    ):
        assert words in check.text.replace("\xa0", " "), words
    assert not rows(free, "confirmed")
    done = visitor.send(check.form("verifier"))
    assert "Rendez-vous confirmé" in visitor.follow(done).text
    assert visitor.send(check.form("verifier")).response.headers["Location"] == done.response.headers["Location"]
    assert len(rows(free, "confirmed")) == 1


def test_the_check_page_cannot_be_reached_before_the_details(visitor: Visitor) -> None:
    action = visitor.hold(NINE, "diag").form("coordonnees").action
    assert visitor.get(action + "/verification").status == 303
    token = visitor.get(action).form("coordonnees").values["form_token"]
    assert visitor.post(action + "/verification", {"form_token": token}).status == 303


def test_an_old_hold_token_opens_no_booking(visitor: Visitor, client: FlaskClient, free: Cast, clock: Clock) -> None:
    details = visitor.hold("2027-01-15T09:00", "diag")
    check = visitor.follow(visitor.send(details.form("coordonnees"), name="Zoé", email="zoe@example.be"))
    visitor.send(check.form("verifier"))
    clock.now = MONDAY_8 + 3600
    stranger = Visitor(create_client(client), free.slug)
    assert "cle=" not in stranger.get(details.form("coordonnees").action).response.headers["Location"]
    late = stranger.send(check.form("verifier"))
    assert "Set-Cookie" not in late.response.headers
    assert "cle=" not in late.response.headers["Location"]


def create_client(client: FlaskClient) -> FlaskClient:
    return client.application.test_client()


@pytest.mark.parametrize("suffix", ["", "/prolongation", "/liberation", "/verification"])
def test_a_forged_hold_is_410_and_anothers_too(visitor: Visitor, app: Flask, free: Cast, suffix: str) -> None:
    token = visitor.get("/rdv/acces").form("acces").values["form_token"]
    other = make_business()
    theirs = hold_token(app.extensions["bookt_signer"], other.id, other.id)
    for forged in ("abc", "a.b.c", theirs):
        answer = visitor.post(f"/rdv/retenu/{forged}{suffix}", {"form_token": token})
        assert answer.status == 410


@pytest.mark.parametrize("field", ["name", "email", "phone", "message"])
@pytest.mark.parametrize("value", ["", "   ", "\x00", "ligne\x07", "trop"])
def test_bad_details_come_back_with_what_was_typed(visitor: Visitor, free: Cast, field: str, value: str) -> None:
    form = visitor.hold(NINE, "libre").form("coordonnees")
    good = {"name": "Zoé", "email": "zoe@example.be", "phone": "0470123456", "message": "bonjour"}
    answer = visitor.post(form.action, form.values | good | {field: LONG[field] if value == "trop" else value})
    if not value.strip() and field in ("phone", "message"):
        assert answer.status == 303  # blank is absent
        return
    assert answer.status == 422
    assert answer.title.startswith("Erreur :")
    assert f'href="#{field}"' in answer.html
    assert (
        f'aria-describedby="{field}-aide {field}-erreur"' in answer.html
        or f'aria-describedby="{field}-erreur"' in answer.html
    )
    kept = answer.form("coordonnees").values
    assert all(kept[name] == text for name, text in good.items() if name != field)
    assert not rows(free, "confirmed")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("email", "pas un mail", "par exemple nom@exemple.be"), ("email", "a@b", "par exemple nom@exemple.be"),
        ("email", "a@b.be\r\nBcc: x@y.be", "caractère qui ne peut pas être enregistré"),
        ("phone", "12", "par exemple 0470 12 34 56"), ("phone", "rue Haute", "par exemple 0470 12 34 56"),
        ("name", "\r\n\r\n", "Indiquez votre nom"), ("message", "m" * 2001, "2000 caractères au plus"),
    ],
)  # fmt: skip
def test_malformed_details_say_how_to_fix_them(visitor: Visitor, field: str, value: str, words: str) -> None:
    form = visitor.hold(NINE, "libre").form("coordonnees")
    answer = visitor.send(form, **{"name": "Zoé", "email": "zoe@example.be"} | {field: value})
    assert answer.status == 422
    assert words in answer.text


def test_html_quotes_and_formulas_stay_text_everywhere(visitor: Visitor, free: Cast) -> None:
    evil = {
        "name": """<img src=x onerror="alert(1)">'&""",
        "message": '=HYPERLINK("http://x")\n</textarea><script>1</script>',
    }
    form = visitor.hold("2027-01-15T09:00", "diag").form("coordonnees")
    wrong = visitor.send(form, email="non", **evil)
    assert wrong.form("coordonnees").values["name"] == evil["name"]
    assert wrong.form("coordonnees").values["message"] == evil["message"]
    check = visitor.follow(visitor.send(form, email="zoe@example.be", **evil))
    booked = visitor.follow(visitor.send(check.form("verifier")))
    for page in (wrong, check, booked):
        assert "<img" not in page.html
        assert "<script>1" not in page.html
    (row,) = rows(free, "confirmed")
    assert (row.name, row.message) == (evil["name"], evil["message"])


def test_a_lost_race_at_the_end_keeps_what_was_typed(client: FlaskClient, clock: Clock) -> None:
    alone = make_business(resources=1, services={"libre": {"deposit_bp": 0}})
    slow, quick = Visitor(client, alone.slug), Visitor(client.application.test_client(), alone.slug)
    form = slow.hold(NINE, "libre").form("coordonnees")
    clock.now = MONDAY_8 + 700
    quick.hold(NINE, "libre")
    lost = slow.send(form, name="Zoé Lambert", email="zoe@example.be", phone="0470123456", message="au calme")
    assert lost.status == 409
    assert "Ce créneau vient d’être pris" in lost.text
    near = lost.forms[0]
    assert len(near.buttons) == 3
    again = slow.follow(slow.send(near, debut=near.buttons[0][1]))
    kept = again.form("coordonnees").values
    assert (kept["name"], kept["email"], kept["message"]) == ("Zoé Lambert", "zoe@example.be", "au calme")
    assert "zoe@example.be" not in again.response.request.url


def test_a_hold_past_its_deadline_is_confirmed_while_nobody_else_came(visitor: Visitor, clock: Clock) -> None:
    form = visitor.hold(NINE, "libre").form("coordonnees")
    clock.now = MONDAY_8 + 3000
    assert "Rendez-vous confirmé" in visitor.follow(visitor.send(form, name="Zoé", email="zoe@example.be")).text


def test_caps_are_told_and_nothing_typed_is_lost(settings: Settings, clock: Clock) -> None:
    strict = create_app(
        dataclasses.replace(settings, rate_limit_write="1000/minute", max_holds=2, max_open_bookings=1), clock=clock
    )
    cast = make_business(services={"libre": {"deposit_bp": 0}})
    visitor = Visitor(strict.test_client(), cast.slug)
    visitor.book("2027-01-12T09:00", "libre")
    form = visitor.hold("2027-01-12T10:00", "libre").form("coordonnees")
    refused = visitor.send(form, name="Zoé", email="zoe@example.be")
    assert refused.status == 409
    assert "plusieurs rendez-vous à venir" in refused.text
    assert refused.form("coordonnees").values["name"] == "Zoé"
    visitor.hold("2027-01-12T11:00", "libre")
    page = visitor.get("/rdv?prestation=libre&avec=peu-importe&jour=2027-01-13")
    assert visitor.send(page.form("creneaux"), debut="2027-01-13T09:00").status == 429


# --- doors -----------------------------------------------------------------------------------------------------------


def test_a_form_of_another_site_or_of_another_business_is_refused(
    visitor: Visitor, client: FlaskClient, free: Cast
) -> None:
    form = visitor.get("/rdv?prestation=libre&avec=r1&jour=2027-01-12").form("creneaux")
    assert visitor.post(form.action, form.values | {"debut": NINE}, Origin="https://evil.example").status == 403
    assert visitor.post(form.action, form.values | {"debut": NINE}, **{"Sec-Fetch-Site": "cross-site"}).status == 403
    other = Visitor(client, make_business(services={"libre": {}}).slug)
    foreign = other.get("/rdv?avec=r1&jour=2027-01-12").form("creneaux").values["form_token"]
    assert visitor.post(form.action, form.values | {"debut": NINE, "form_token": foreign}).status == 400
    assert not rows(free, "held")


def test_a_get_writes_nothing(visitor: Visitor, free: Cast) -> None:
    details = visitor.hold(NINE, "libre").form("coordonnees").action
    before = everything(free)
    for path in (
        "", "/rdv", f"/rdv?prestation=libre&avec=r1&debut={NINE}", details, details + "/verification", "/rdv/acces",
        "/rdv/AC-AAAAAA", "/rdv/AC-AAAAAA/deplacement", "/rdv/AC-AAAAAA/annulation", "/rdv/AC-AAAAAA/agenda.ics",
    ):  # fmt: skip
        visitor.get(path)
        visitor.client.head(visitor._path(path))
    assert everything(free) == before


def everything(cast: Cast) -> list[dict[str, object]]:
    with db.reading(cast.id):
        return [row for model in (Booking, Client) for row in model.select().order_by(model.id).dicts()]


def test_a_host_of_its_own_loses_the_slug(client: FlaskClient) -> None:
    domain = f"{uuid.uuid4().hex[:8]}.example"
    cast = make_business(services={"libre": {"deposit_bp": 0}}, domain=domain)
    with db.looking():
        assert Business.select().where(Business.domain == domain).exists()
    visitor = Visitor(client, "", Host=domain)
    visitor.root = ""
    home = visitor.get("/")
    assert home.status == 200
    assert all(cast.slug not in link for link in home.links)
    assert home.form("/rdv").action == "/rdv"
    page = visitor.get("/rdv?jour=2027-01-12&avec=r1")
    booked = visitor.send(page.form("creneaux"), debut=NINE)
    assert urlsplit(booked.response.headers["Location"]).path.startswith("/rdv/retenu/")
    assert parse_qs(urlsplit(booked.response.headers["Location"]).query) == {}
