"""The door, invitations and one's own account, as a browser without script meets them."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from actions import accounts as people
from actions import members
from actions.accounts import SignUpInput
from actions.inputs import read
from actions.members import InviteInput
from models import Session, User
from queries import accounts
from queries.business import by_id
from tests.cast import MONDAY_8, Cast, Clock
from tests.letters import letter_to, letters_to
from tests.pages import Page, Visitor, plain
from tests.staff import browser_with, member, staff

PHRASE = "quatre mots bien rangés"


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    return Visitor(client, "")


@pytest.fixture
def owner(app: Flask) -> Any:
    """Someone with a proved account and one business: user id, e-mail, slug."""
    return signed_up(app)


def signed_up(app: Flask, *, proved: bool = True) -> tuple[uuid.UUID, str, str]:
    email = f"lea.{uuid.uuid4().hex[:10]}@example.com"
    data = read(SignUpInput, {"sector": "physio", "businessName": "Cabinet Léa", "name": "Léa", "email": email})
    signer = app.extensions["bookt_signer"]
    made = people.sign_up(data, now=MONDAY_8, locale="fr", signer=signer)
    if proved:
        people.open_link(letter_to(app, email).token, now=MONDAY_8, signer=signer)
    return made.user_id, email, by_id(made.business_id).slug


def ask(visitor: Visitor, email: str, path: str = "/connexion") -> Page:
    """The page that says where to look."""
    return visitor.follow(visitor.send(visitor.get(path).form("connexion"), email=email))


def log_in(app: Flask, visitor: Visitor, email: str, path: str = "/connexion") -> Page:
    """What stands after the link's button."""
    ask(visitor, email, path)
    return visitor.send(visitor.get(letter_to(app, email).path).form("ouvrir"))


def location(page: Page) -> str:
    assert page.status == 303, page.text[:300]
    return str(page.response.headers["Location"])


def test_a_link_by_mail_leads_to_the_page_that_was_asked(app: Flask, visitor: Visitor, owner: Any) -> None:
    _, email, slug = owner
    door = visitor.get(f"/pro/{slug}/agenda?vue=semaine")
    assert location(door).startswith("/connexion?suite=")
    sent = ask(visitor, email, location(door))
    assert email in sent.text
    assert "15 minutes" in plain(sent.text)
    page = visitor.get(letter_to(app, email).path)
    assert [button for form in page.forms for button in form.buttons] == []
    assert location(visitor.send(page.form("ouvrir"))) == f"/pro/{slug}/agenda?vue=semaine"
    assert visitor.get(f"/pro/{slug}/depart").status == 200


def test_a_code_typed_where_it_was_asked_signs_in_too(app: Flask, visitor: Visitor, owner: Any) -> None:
    _, email, slug = owner
    sent = ask(visitor, email)
    code = letter_to(app, email).code
    assert 'autocomplete="one-time-code"' in sent.html
    assert 'inputmode="numeric"' in sent.html
    wrong = visitor.send(sent.form("code-recu"), code="x")
    assert wrong.status == 422
    assert wrong.title.startswith("Erreur")
    assert location(visitor.send(wrong.form("code-recu"), code=f"{code[:3]} {code[3:]}")) == "/pro"
    assert location(visitor.get("/pro")) == f"/pro/{slug}"


def test_the_password_stands_on_the_same_page(app: Flask, visitor: Visitor, owner: Any) -> None:
    user_id, email, _ = owner
    people.set_password(user_id, PHRASE, is_fresh=True)
    form = visitor.get("/connexion").form("connexion")
    wrong = visitor.send(form, email=email, password="faux")
    assert wrong.status == 422
    assert "faux" not in wrong.html
    assert location(visitor.send(wrong.form("connexion"), password=PHRASE)) == "/pro"


def test_an_address_that_is_none_is_told_beside_the_field(visitor: Visitor) -> None:
    page = visitor.send(visitor.get("/connexion").form("connexion"), email="lea")
    assert page.status == 422
    assert "email-erreur" in page.ids


def test_without_smtp_the_page_says_where_the_mail_is(app: Flask, visitor: Visitor, owner: Any) -> None:
    page = ask(visitor, owner[1])
    assert "/dev/mails" in page.links
    mails = visitor.get("/dev/mails")
    shown = next(link for link in mails.links if link.startswith("/dev/mails/"))
    page = visitor.get(shown)
    letter = letter_to(app, owner[1])
    assert letter.code in page.text
    assert letter.token.partition(".")[0] in page.html  # what is signed; the moment of signing follows it
    assert letter.code in visitor.get(f"{shown}/html").html
    assert visitor.get(f"{shown}/rendez-vous.ics").status == 404


def test_a_welcome_confirms_and_signs_in_on_any_device(app: Flask, visitor: Visitor) -> None:
    user_id, email, slug = signed_up(app, proved=False)
    page = visitor.get(letter_to(app, email).path)
    assert "Confirmer mon adresse" in page.text
    assert location(visitor.send(page.form("ouvrir"))) == "/pro"
    assert accounts.account(user_id).proved
    assert visitor.get(f"/pro/{slug}").status == 200


def test_who_waits_for_proof_sees_it_and_can_end_it_by_code(app: Flask) -> None:
    user_id, email, _ = signed_up(app, proved=False)
    own = signed_in(app, user_id)
    page = own.get("/compte")
    assert "Confirmez votre adresse e-mail" in page.text
    assert email in page.text
    sent = own.send(page.form("/compte/lien"))
    assert "Le mail est parti" in plain(own.follow(sent).text)
    assert len(letters_to(app, email)) == 2
    wrong = own.send(page.form("/compte/code"), code="12")
    assert wrong.status == 422
    right = own.send(wrong.form("/compte/code"), code=letter_to(app, email).code, retour="//evil.example")
    assert location(right) == "/compte"
    assert "Confirmez votre adresse e-mail" not in own.get("/compte").text


def test_the_account_changes_name_language_and_password(app: Flask, owner: Any) -> None:
    user_id, email, _ = owner
    own = signed_in(app, user_id)
    blank = own.send(own.get("/compte").form("profil"), name=" ")
    assert blank.status == 422
    assert "name-erreur" in blank.ids
    own.send(blank.form("profil"), name="Léa Simon", locale="nl")
    assert (accounts.account(user_id).name, accounts.account(user_id).locale) == ("Léa Simon", "nl")
    assert 'lang="nl' in own.get("/compte").html
    own.send(own.get("/compte").form("profil"), locale="fr")
    weak = own.send(own.get("/compte").form("secret"), password="12345678")
    assert weak.status == 422
    assert "12345678" not in weak.html
    own.send(weak.form("secret"), password=PHRASE)
    assert people.by_password(email, PHRASE, now=MONDAY_8) == user_id
    own.send(own.get("/compte").form("/compte/mot-de-passe/fin"))
    assert not accounts.account(user_id).has_password


def test_what_a_borrowed_browser_shall_not_do_asks_for_a_new_login(app: Flask, clock: Clock, owner: Any) -> None:
    own = signed_in(app, owner[0])
    page = own.get("/compte")
    clock.now += 601
    for name, values in (("adresse", {"email": "x@example.com"}), ("secret", {"password": PHRASE})):
        answer = own.send(page.form(name), **values)
        assert "Reconnectez-vous d’abord" in own.follow(answer).text
    later = own.get("/compte")
    assert {form.id for form in later.forms} & {"adresse", "secret"} == set()
    assert any(link.startswith("/connexion?suite=") for link in later.links)
    assert not accounts.account(owner[0]).has_password


def test_a_new_address_is_proved_by_its_own_link(app: Flask, visitor: Visitor, owner: Any) -> None:
    user_id, email, _ = owner
    own, new = signed_in(app, user_id), f"new.{email}"
    own.send(own.get("/compte").form("adresse"), email=new)
    page = visitor.get(letter_to(app, new).path)
    assert location(visitor.send(page.form("ouvrir"))) == "/connexion"
    assert accounts.account(user_id).email == new
    assert new in letter_to(app, email).text


def test_devices_are_listed_in_words_and_closed(app: Flask, owner: Any) -> None:
    user_id, _, _ = owner
    own, other = signed_in(app, user_id), signed_in(app, user_id)
    Session.update(agent="Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0").where(
        Session.user_id == user_id
    ).execute()
    page = own.get("/compte")
    assert page.text.count("Firefox sur Windows") >= 2
    assert page.text.count("cet appareil") == 1
    one = next(form for form in page.forms if re.search(r"/compte/sessions/[0-9a-f-]{36}/fin", form.action))
    own.send(one)
    assert location(other.get("/compte")).startswith("/connexion")
    third = signed_in(app, user_id)
    own.send(own.get("/compte").form("/compte/sessions/autres/fin"))
    assert third.get("/compte").status == 303
    assert own.get("/compte").status == 200


def test_one_ends_no_session_of_another(app: Flask, owner: Any) -> None:
    stranger = signed_up(app)
    own = signed_in(app, owner[0])
    signed_in(app, stranger[0])
    theirs = Session.get(Session.user_id == stranger[0])
    form = own.get("/compte").form("profil")
    own.post(f"/compte/sessions/{theirs.id}/fin", form.values)
    assert Session.get_by_id(theirs.id).ended_at is None


def test_leaving_is_confirmed_and_the_last_owner_cannot(app: Flask, cast: Cast) -> None:
    last = staff(app, cast, "owner")
    page = Page(last.get("/depart"))
    assert "nouvelle invitation" in page.text
    refused = last.post("/depart")
    assert refused.status_code == 409
    assert "au moins un propriétaire" in refused.text
    other = staff(app, cast, "reception")
    assert other.post("/depart").status_code == 303
    assert other.get().status_code == 404


def test_several_businesses_are_offered_and_none_says_what_next(app: Flask, cast: Cast, owner: Any) -> None:
    own = signed_in(app, owner[0])
    token = invited(app, cast, owner[1])
    assert location(own.send(own.get(f"/invitation/{token}").form("rejoindre"))) == f"/pro/{cast.slug}"
    page = own.get("/pro")
    assert {f"/pro/{cast.slug}", f"/pro/{owner[2]}"} <= set(page.links)
    nobody = signed_in(app, new_user())
    assert "aucun établissement" in nobody.get("/pro").text


# --- invitations -----------------------------------------------------------------------------------------------------


def test_a_new_colleague_says_their_name_and_is_in(app: Flask, visitor: Visitor, cast: Cast) -> None:
    email = f"new.{cast.slug}@example.com"
    page = visitor.get(f"/invitation/{invited(app, cast, email)}")
    assert cast.business.name in page.text
    assert "accueil" in page.text
    blank = visitor.send(page.form("rejoindre"), name="")
    assert blank.status == 422
    assert location(visitor.send(blank.form("rejoindre"), name="Zoé")) == f"/pro/{cast.slug}"
    assert visitor.get(f"/pro/{cast.slug}").status == 200
    user = User.get(User.email == email)
    assert (user.name, user.verified_at is not None) == ("Zoé", True)


def test_an_invitation_for_somebody_else_says_so(app: Flask, cast: Cast, owner: Any) -> None:
    own = signed_in(app, owner[0])
    token = invited(app, cast, f"other.{owner[1]}")
    page = own.get(f"/invitation/{token}")
    assert f"vous êtes connecté avec {owner[1]}" in page.text
    assert "rejoindre" not in {form.id for form in page.forms}


def test_a_withdrawn_invitation_and_a_forged_one_are_gone(app: Flask, visitor: Visitor, cast: Cast) -> None:
    by = member(cast)
    token = invited(app, cast, f"gone.{cast.slug}@example.com", by=by)
    key = accounts.team(cast.business, now=MONDAY_8).invitations[0].id
    members.revoke(cast.business, by, key, now=MONDAY_8)
    for each in (token, "x", token[:-1]):
        assert visitor.get(f"/invitation/{each}").status == 410


# --- helpers ---------------------------------------------------------------------------------------------------------


def signed_in(app: Flask, user_id: uuid.UUID) -> Visitor:
    """A browser in which somebody is signed in."""
    return Visitor(browser_with(app, user_id), "")


def new_user() -> uuid.UUID:
    user_id = uuid.uuid4()
    moment = dt.datetime.fromtimestamp(MONDAY_8, dt.UTC)
    User.insert(id=user_id, email=f"{user_id}@example.com", name="N", verified_at=moment).execute()
    return user_id


def invited(app: Flask, cast: Cast, email: str, *, by: Any = None) -> str:
    data = read(InviteInput, {"email": email, "role": "reception"})
    signer = app.extensions["bookt_signer"]
    members.invite(cast.business, by or member(cast), data, now=MONDAY_8, signer=signer)
    return letter_to(app, email).token
