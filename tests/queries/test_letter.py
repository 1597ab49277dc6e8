"""What the mails say, for each event, from the booking as it stands; hostile names stay text."""

import datetime as dt
import email.policy
import html
import re
import uuid
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
import vobject
from flask import Flask
from flask_babel import force_locale

import db
from actions import booking
from actions.inputs import read
from lib.links import Links, read_day_token, read_manage_token
from models import Booking, Business, Resource, Service
from providers.mail import Mail, written
from queries import letter
from queries.booking import BookingCard
from queries.letter import Letter
from tests.cast import MONDAY_8, Cast, body, make_business, question
from tests.pages import plain

TEMPLATES = sorted(path.stem for path in Path("templates/mail").glob("*_*.txt") if not path.stem.startswith("_"))
CLIENT = [name for name in TEMPLATES if name.startswith("client_")]
HOSTILE = "<script>alert(1)</script> & \"Co\" 'x' {{ 7*7 }} %(x)s"
Write = Callable[..., Letter]


@pytest.fixture
def write(app: Flask, cast: Cast) -> Iterator[Write]:
    links = Links("https://bookt.example", app.extensions["bookt_signer"])

    def run(
        card: BookingCard, template: str, *, now: float = MONDAY_8, late: bool = False, locale: str = "fr",
        of: Cast = cast, **data: str,
    ) -> Letter:  # fmt: skip
        with force_locale(locale):
            return letter.write(
                app.jinja_env, links, business_id=of.id, booking_id=uuid.UUID(card.id), template=template,
                locale=locale, data=data, now=now, even_if_late=late,
            )  # fmt: skip

    with app.app_context():
        yield run


def test_there_is_a_template_for_every_message_that_actions_announce() -> None:
    events = ("confirmed", "requested", "rescheduled", "cancelled")
    assert set(TEMPLATES) == {f"{who}_{event}" for who in ("client", "professional") for event in events} | {
        "client_reminder", "client_declined",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("template", "subject"),
    [
        ("client_confirmed", "Confirmé : mar. 12 janv. à 09:00, Cabinet d’essai"),
        ("client_requested", "Demande reçue : mar. 12 janv. à 09:00, Cabinet d’essai"),
        ("client_rescheduled", "Déplacé : mar. 12 janv. à 09:00, Cabinet d’essai"),
        ("client_cancelled", "Annulé : mar. 12 janv. à 09:00, Cabinet d’essai"),
        ("client_declined", "Demande refusée : mar. 12 janv. à 09:00, Cabinet d’essai"),
        ("client_reminder", "Demain 09:00, Cabinet d’essai"),
        ("professional_confirmed", "Nouveau rendez-vous : mar. 12 janv. à 09:00, Jean Martin"),
        ("professional_requested", "À accepter : mar. 12 janv. à 09:00, Jean Martin"),
        ("professional_rescheduled", "Déplacé : mar. 12 janv. à 09:00, Jean Martin"),
        ("professional_cancelled", "Annulé : mar. 12 janv. à 09:00, Jean Martin"),
    ],
)
def test_subjects(cast: Cast, write: Write, template: str, subject: str) -> None:
    assert plain(write(cast.book(), template).subject) == subject


@pytest.mark.parametrize("template", CLIENT)
def test_a_client_reads_the_date_first_then_place_policy_code_and_one_button(
    cast: Cast, write: Write, template: str
) -> None:
    card = cast.book()
    found = write(card, template)
    for text in (plain(found.text), plain(_visible(found.html))):
        for said in (
            "mardi 12 janvier 2027",
            "09:00 – 09:30",
            "Rue Haute 1, 1000 Bruxelles",
            card.code,
            "12,00",
            "40,00",
        ):
            assert said in text
        assert "un acompte payé est rendu en entier jusqu’à 48 h avant, à 50 % jusqu’à 24 h avant, puis gardé" in text
    assert found.text.index("mardi 12 janvier") < found.text.index("Rue Haute")
    links = re.findall(r'href="([^"]+)"', found.html)
    assert sum("/rdv/" in link for link in links) == 1
    assert len(found.html.encode()) <= 30_000
    assert "<img" not in found.html
    assert found.sender_name == "Cabinet d’essai"
    assert found.reply_to == cast.business.email


def test_the_button_opens_this_booking(app: Flask, cast: Cast, write: Write) -> None:
    card = cast.book()
    found = write(card, "client_confirmed")
    (link,) = {html.unescape(link) for link in re.findall(r'href="([^"]+/rdv/[^"]+)"', found.html)}
    assert link in found.text
    address, _, token = link.partition("?cle=")
    assert address == f"https://bookt.example/{cast.slug}/rdv/{card.code}"
    signer = app.extensions["bookt_signer"]
    assert read_manage_token(signer, token) == (cast.id, uuid.UUID(card.id), card.link_version)


def test_the_professional_reads_who_comes_and_gets_the_key_of_the_day_alone(
    app: Flask, cast: Cast, write: Write
) -> None:
    card = cast.book(message="J’ai mal au dos")
    for template in set(TEMPLATES) - set(CLIENT):
        found = write(card, template)
        for text in (plain(found.text), plain(_visible(found.html))):
            for said in ("Jean Martin", "jean@example.com", "+33612345678", "J’ai mal au dos", card.code):
                assert said in text
        whole = found.text + found.html + found.calendar.decode().replace("\r\n ", "")
        assert f"/rdv/{card.code}" not in whole
        assert "cle=" not in found.calendar.decode().replace("\r\n ", "")
        keys = set(re.findall(rf"/admin/bookings/{card.id}\?cle=([\w.-]+)", found.text + found.html))
        assert len(keys) == 1
        assert read_day_token(app.extensions["bookt_signer"], keys.pop())[0] == cast.id
        assert found.reply_to == "jean@example.com"


def test_a_move_names_the_hour_that_is_left(cast: Cast, write: Write) -> None:
    card = cast.book()
    before = card.start.astimezone(dt.UTC).isoformat()
    move = read(booking.MoveInput, {"email": card.email, "newDate": "2027-01-13", "newTime": "14:00"})
    moved = booking.reschedule(cast.business, uuid.UUID(card.id), move, now=MONDAY_8)
    for template in ("client_rescheduled", "professional_rescheduled"):
        found = write(moved, template, **{"from": before})
        assert "mercredi 13 janvier 2027, 14:00" in found.text
        assert "mardi 12 janvier 2027 à 09:00" in found.text
        assert vobject.readOne(found.calendar.decode()).vevent.sequence.value == "1"


def test_a_cancellation_says_by_whom_and_takes_the_visit_out_of_the_calendar(cast: Cast, write: Write) -> None:
    card = cast.book()
    gone = booking.cancel(cast.business, uuid.UUID(card.id), now=MONDAY_8)
    by_client, by_professional = (write(gone, "client_cancelled", by=who) for who in ("client", "professional"))
    assert "votre annulation est enregistrée" in by_client.text
    assert "a dû annuler" in by_professional.text
    assert "Prendre rendez-vous" in by_client.text
    assert "cle=" not in by_client.text
    read_back = vobject.readOne(by_client.calendar.decode())
    assert (read_back.method.value, read_back.vevent.status.value) == ("CANCEL", "CANCELLED")
    first = vobject.readOne(write(card, "client_confirmed", late=True).calendar.decode())
    assert first.vevent.uid.value == read_back.vevent.uid.value


@pytest.mark.parametrize("template", TEMPLATES)
def test_hostile_text_stays_text_in_every_mail(cast: Cast, write: Write, template: str) -> None:
    customer = body()["customer"] | {"name": HOSTILE[:100]}
    with db.writing(cast.id):
        Business.update(name=HOSTILE, street=HOSTILE, town=HOSTILE).where(Business.id == cast.id).execute()
        Service.update(name=HOSTILE).where(Service.slug == "diag").execute()
    card = cast.book(customer=customer, message=HOSTILE)
    found = write(card, template, **{"from": "2027-01-11T08:00:00+00:00"})
    assert "<script" not in found.html
    assert "49" not in re.sub(r"[?&]cle=\S+", "", found.subject)
    assert "{{ 7*7 }}" in found.text
    assert HOSTILE in html.unescape(found.html)
    assert "\n" not in found.subject
    mail = written(_mail(found))
    again = email.message_from_bytes(bytes(mail), policy=email.policy.default)
    assert again["Subject"] == found.subject
    assert again["Bcc"] is None


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\u2028", "\x0b"])
def test_a_line_break_that_got_into_a_row_adds_no_header(cast: Cast, write: Write, break_: str) -> None:
    card = cast.book()
    with db.writing(cast.id):
        Booking.update(name=f"Jean{break_}Bcc: evil@example.com").execute()
    found = write(card, "professional_confirmed")
    assert written(_mail(found))["Bcc"] is None
    assert len(found.subject.splitlines()) == 1


def test_news_that_is_no_longer_true_stays_silent(cast: Cast, write: Write) -> None:
    card = cast.book()
    start = card.start.timestamp()
    with pytest.raises(letter.Silent, match="has begun"):
        write(card, "client_reminder", now=start)
    booking.cancel(cast.business, uuid.UUID(card.id), now=MONDAY_8)
    for template in TEMPLATES:
        if template.endswith(("_cancelled", "_declined")):
            assert write(card, template).subject
        else:
            with pytest.raises(letter.Silent, match="cancelled"):
                write(card, template)


@pytest.mark.parametrize(
    ("ahead", "begins"), [(1, "Demain 09:00"), (0, "Aujourd’hui 09:00"), (3, "Rappel : ven. 15 janv.")]
)
def test_a_reminder_counts_local_days(cast: Cast, write: Write, ahead: int, begins: str) -> None:
    card = cast.book(date=dt.date(2027, 1, 15))
    moment = card.start - dt.timedelta(days=ahead) - dt.timedelta(hours=1)
    assert plain(write(card, "client_reminder", now=moment.timestamp()).subject).startswith(begins)


def test_an_hour_that_comes_twice_says_which(cast: Cast, write: Write) -> None:
    card = cast.book()
    for at, said in (
        (dt.datetime(2027, 10, 31, 0, 30, tzinfo=dt.UTC), "02:30 (UTC+2)"),
        (dt.datetime(2027, 10, 31, 1, 30, tzinfo=dt.UTC), "02:30 (UTC+1)"),
    ):
        with db.writing(cast.id):
            Booking.update(starts_at=at, ends_at=at + dt.timedelta(minutes=30)).execute()
        assert said in plain(write(card, "client_confirmed").text)


def test_a_visit_at_the_client_s_names_no_address_of_ours(cast: Cast, write: Write) -> None:
    with db.writing(cast.id):
        Service.update(place="at_client").where(Service.slug == "diag").execute()
    found = write(cast.book(), "client_confirmed")
    assert "Nous venons chez vous" in found.text
    assert "Rue Haute" not in found.text + found.calendar.decode()


ANSWERS = {"motif": "Dos & “nuque” 'bloqués', " + "x" * 150, "first": True, "zone": "knee"}


@pytest.fixture
def asking(app: Flask) -> Cast:
    """Asks, is written in French, and has a service with a Dutch name."""
    fields = [
        question("motif", "textarea"),
        question("first", "boolean"),
        question("zone", "select", options=("knee",)),
    ]
    services = {"diag": {"translations": {"nl": {"name": "Eerste gesprek"}}}}
    return make_business(form_fields=fields, services=services, access="Sonnez deux fois")


def test_the_professional_reads_the_answers_in_the_business_s_language_and_the_client_shortened_in_theirs(
    asking: Cast, write: Write
) -> None:
    card = asking.book(answers=ANSWERS)
    to_professional = write(card, "professional_confirmed", of=asking)
    for text in (to_professional.text, _visible(to_professional.html)):
        for said in ("motif fr", ANSWERS["motif"], "zone fr", "knee fr", "first fr"):
            assert said in text
    assert "first fr : Oui" in plain(to_professional.text)
    to_client = write(card, "client_confirmed", of=asking, locale="nl")
    for text in (to_client.text, _visible(to_client.html)):
        for said in ("motif nl", "Dos & “nuque” 'bloqués'", "knee nl"):
            assert said in text
        assert "x" * 120 not in text


def test_a_table_is_for_the_business_to_know(write: Write) -> None:
    cast = make_business(resources=1)
    with db.writing(cast.id):
        Resource.update(kind="table", seats=2, name="Table ronde").execute()
    card = cast.book()
    assert "Lieu : Table ronde" in plain(write(card, "professional_confirmed", of=cast).text)
    assert "Table ronde" not in write(card, "client_confirmed", of=cast).text


def test_an_answer_whose_question_is_gone_is_told_by_its_key(asking: Cast, write: Write) -> None:
    card = asking.book(answers=ANSWERS)
    with db.writing(asking.id):
        Business.update(form_fields=[]).where(Business.id == asking.id).execute()
    assert "zone : knee" in plain(write(card, "professional_confirmed", of=asking).text)


def test_no_calendar_tells_an_answer(asking: Cast, write: Write) -> None:
    card = asking.book(answers=ANSWERS)
    for template in ("client_confirmed", "professional_confirmed"):
        calendar = write(card, template, of=asking).calendar.decode().replace("\r\n ", "")
        assert "SUMMARY:Prestation diag" in calendar
        assert not re.search("motif|zone|knee|first|bloqué", calendar)


def test_a_discreet_profession_names_the_visit_neutrally_to_calendars_and_in_subjects(
    discreet_sector: str, write: Write
) -> None:
    cast = make_business(sector=discreet_sector)
    card = cast.book(message="J’ai mal au dos")
    for template in TEMPLATES:
        found = write(card, template, of=cast)
        calendar = found.calendar.decode().replace("\r\n ", "")
        assert "SUMMARY:Discret\\, " in calendar
        for secret in ("Prestation diag", "mal au dos"):
            assert secret not in calendar + found.subject
        assert "Prestation diag" in found.text
    assert "SUMMARY:Discreet" in write(card, "client_confirmed", of=cast, locale="nl").calendar.decode()


def test_a_client_s_mail_is_in_the_booking_s_language_as_far_as_there_are_words(asking: Cast, write: Write) -> None:
    card = asking.book()
    found = write(card, "client_confirmed", of=asking, locale="nl")
    assert '<html lang="nl">' in found.html
    for text in (found.text, found.html):
        for said in ("dinsdag 12 januari 2027", "Eerste gesprek", "€ 40,00"):
            assert said in text.replace("\xa0", " ")
    assert re.search(r'<td [^>]*lang="fr">Sonnez deux fois', found.html)
    assert '"fr">Eerste' not in found.html
    links = {html.unescape(link) for link in re.findall(r'href="([^"]+)"', found.html)}
    assert len(links) == 2
    assert all(re.search(r"[?&]lang=nl$", link) for link in links)
    assert "&lang=nl" in found.calendar.decode().replace("\r\n ", "")
    at_home = write(card, "client_confirmed", of=asking)
    assert "lang=nl" not in at_home.html + at_home.calendar.decode()


def test_the_professional_learns_in_which_language_the_client_reads(asking: Cast, write: Write) -> None:
    data = read(booking.BookingInput, body())
    card = booking.create(asking.business, data, now=MONDAY_8, caps=booking.Caps(), locale="nl")
    found = write(card, "professional_confirmed", of=asking)
    assert "Langue : Nederlands" in plain(found.text)
    assert "Prestation diag" in found.text
    assert "lang=" not in found.text
    assert "Langue" not in write(asking.book("10:00"), "professional_confirmed", of=asking).text


def test_writing_a_letter_costs_a_fixed_number_of_statements(
    cast: Cast, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = cast.book()
    write(card, "client_confirmed")
    seen: list[str] = []
    real = db.handle.obj.execute_sql
    monkeypatch.setattr(db.handle.obj, "execute_sql", lambda sql, *more: seen.append(sql) or real(sql, *more))
    write(card, "client_confirmed")
    first = len(seen)
    cast.book("10:00"), cast.book("11:00")
    seen.clear()
    write(card, "client_confirmed")
    assert len(seen) == first <= 4


def _mail(found: Letter) -> Mail:
    return Mail(
        sender="rdv@bookt.localhost", sender_name=found.sender_name, reply_to="pro@example.com",
        recipient="jean@example.com", subject=found.subject, text=found.text, html=found.html, key="k",
        calendar=found.calendar, calendar_method=found.calendar_method,
    )  # fmt: skip


def _visible(page: str) -> str:
    pieces: list[str] = []
    parser = HTMLParser()
    parser.handle_data = pieces.append  # type: ignore[method-assign]
    parser.feed(page)
    return " ".join("".join(pieces).split())
