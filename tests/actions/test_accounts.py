"""Signing up, showing whose an address is, and passwords."""

import threading
import uuid
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask

import db
from actions import accounts, login_links, sessions
from actions.access import NotProved
from actions.accounts import AddressInput, AddressTaken, NotFresh, SignedUp, SignUpInput
from actions.inputs import read
from errors import AccountExists, Invalid, LinkExpired
from jobs import housekeeping
from lib import keys
from lib.tokens import Signer
from models import AccountMessage, LoginLink, Membership, Session, User
from queries import accounts as known
from queries.business import by_id
from tests.cast import MONDAY_8
from tests.letters import Read, letter_to, letters_to

DAY, MINUTE = 86_400, 60
PHRASE = "quatre mots bien rangés"


@pytest.fixture
def signer(app: Flask) -> Signer:
    found: Signer = app.extensions["bookt_signer"]
    return found


@pytest.fixture
def email() -> str:
    """An address nobody has written to yet."""
    return f"lea.{uuid.uuid4().hex[:10]}@example.com"


def sign_up(signer: Signer, email: str, *, now: int = MONDAY_8, **more: Any) -> SignedUp:
    data = {"sector": "physio", "businessName": "Cabinet Léa", "name": "Léa", "email": email}
    return accounts.sign_up(read(SignUpInput, data), now=now, locale="fr", signer=signer, **more)


def ask(app: Flask, email: str, *, now: int = MONDAY_8, browser: str = "mark") -> Read:
    accounts.ask_login(email, now=now, locale="fr", browser=browser, signer=app.extensions["bookt_signer"])
    return letter_to(app, email)


def use(app: Flask, letter: Read, *, now: int = MONDAY_8) -> uuid.UUID:
    return accounts.open_link(letter.token, now=now, signer=app.extensions["bookt_signer"]).user_id


def enter(app: Flask, email: str, code: str, *, now: int = MONDAY_8, browser: str = "mark") -> uuid.UUID:
    signer = app.extensions["bookt_signer"]
    return accounts.open_code(email, code, browser=browser, now=now, signer=signer).user_id


def begin(user_id: uuid.UUID) -> uuid.UUID:
    return sessions.begin(user_id, now=MONDAY_8, agent="tests", network="127.0.0.1")


def is_alive(session_id: uuid.UUID) -> bool:
    return known.signed_in(session_id, "browser", now=MONDAY_8) is not None


def test_a_sign_up_makes_user_and_business_off_line_and_writes_once(app: Flask, signer: Signer, email: str) -> None:
    made = sign_up(signer, email)
    card = by_id(made.business_id)
    assert (card.sector, card.public, card.onboarding, card.email) == ("physio", False, [1, 2], email)
    part = known.membership(card.id, made.user_id)
    assert part
    assert part.role == "owner"
    assert not known.account(made.user_id).proved
    assert [each.template for each in letters_to(app, email)] == ["account_welcome"]
    assert "Cabinet Léa" in letter_to(app, email).text


def test_two_sign_ups_of_one_address_are_two_users_until_one_is_proved(app: Flask, signer: Signer, email: str) -> None:
    """Whoever typed it first has no right to it, and the second is told nothing."""
    first, second = sign_up(signer, email), sign_up(signer, email, now=MONDAY_8 + 1)
    assert first.user_id != second.user_id
    letter = letters_to(app, email)[0]
    assert use(app, letter) == first.user_id
    assert not known.account(second.user_id).proved


def test_the_welcome_accepts_exactly_its_sign_up(app: Flask, signer: Signer, email: str) -> None:
    made = sign_up(signer, email, password=PHRASE)
    session = begin(made.user_id)
    assert use(app, letter_to(app, email), now=MONDAY_8 + 6 * DAY) == made.user_id
    assert known.account(made.user_id).proved
    assert is_alive(session)
    assert accounts.by_password(email, PHRASE, now=MONDAY_8) == made.user_id


def test_a_later_business_of_a_known_address_goes_to_its_account(app: Flask, signer: Signer, email: str) -> None:
    own = sign_up(signer, email)
    use(app, letter_to(app, email))
    later = sign_up(signer, email, now=MONDAY_8 + 1)
    session = begin(later.user_id)
    assert use(app, letter_to(app, email)) == own.user_id
    assert {each.business.id for each in known.workplaces(own.user_id)} == {own.business_id, later.business_id}
    assert not is_alive(session)
    assert User.get_or_none(User.id == later.user_id) is None


def test_a_first_login_by_mail_ends_what_an_impostor_has_set_up(app: Flask, signer: Signer, email: str) -> None:
    made = sign_up(signer, email, password=PHRASE)
    session, letter = begin(made.user_id), letter_to(app, email)
    assert use(app, ask(app, email)) == made.user_id
    assert not is_alive(session)
    assert accounts.by_password(email, PHRASE, now=MONDAY_8) is None
    with pytest.raises(LinkExpired):  # the welcome of an account that is proved is no second key
        use(app, letter)


def test_a_login_finds_the_proved_user_before_any_other(app: Flask, signer: Signer, email: str) -> None:
    proved = sign_up(signer, email)
    use(app, letter_to(app, email))
    squatter = sign_up(signer, email, now=MONDAY_8 + 1, password=PHRASE)
    assert use(app, ask(app, email)) == proved.user_id
    assert accounts.by_password(email, PHRASE, now=MONDAY_8) is None
    assert not known.account(squatter.user_id).proved


def test_a_link_is_good_once_and_for_a_quarter_of_an_hour(app: Flask, signer: Signer, email: str) -> None:
    sign_up(signer, email)
    late, used = ask(app, email, now=MONDAY_8), None
    with pytest.raises(LinkExpired):
        use(app, late, now=MONDAY_8 + 15 * MINUTE)
    used = ask(app, email, now=MONDAY_8 + 1)
    assert use(app, used, now=MONDAY_8 + 15 * MINUTE)
    for letter in (used, late):  # and a newer one voids the one before
        with pytest.raises(LinkExpired):
            use(app, letter)


def test_forty_at_once_make_one_login(app: Flask, signer: Signer, email: str) -> None:
    sign_up(signer, email)
    letter, start, won = ask(app, email), threading.Barrier(40), []

    def go() -> None:
        start.wait()
        try:
            won.append(use(app, letter))
        except LinkExpired:
            pass
        finally:
            db.release()

    threads = [threading.Thread(target=go) for _ in range(40)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(won) == 1


def test_two_sign_ups_proved_at_once_end_in_one_account(app: Flask, signer: Signer, email: str) -> None:
    made = [sign_up(signer, email, now=MONDAY_8 + n) for n in range(2)]
    letters, start, opened = letters_to(app, email), threading.Barrier(2), []

    def go(letter: Read) -> None:
        start.wait()
        opened.append(use(app, letter))
        db.release()

    threads = [threading.Thread(target=go, args=(letter,)) for letter in letters]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(opened) == 2
    assert len(set(opened)) == 1
    assert {each.business.id for each in known.workplaces(opened[0])} == {each.business_id for each in made}


def test_a_code_serves_the_browser_that_asked_and_five_tries(app: Flask, signer: Signer, email: str) -> None:
    sign_up(signer, email)
    letter = ask(app, email)
    wrong = f"{(int(letter.code) + 1) % 1_000_000:06}"
    for mark in ("another", ""):
        with pytest.raises(LinkExpired):
            enter(app, email, letter.code, browser=mark)
    for _ in range(4):
        with pytest.raises(LinkExpired):
            enter(app, email, wrong)
    assert enter(app, email, letter.code)
    again = ask(app, email)
    for _ in range(5):
        with pytest.raises(LinkExpired):
            enter(app, email, wrong)
    with pytest.raises(LinkExpired):
        enter(app, email, again.code)


def test_an_unknown_address_gets_a_mail_without_a_key(app: Flask, signer: Signer, email: str) -> None:
    letter = ask(app, email)
    assert (letter.template, letter.path, letter.code) == ("account_unknown", "/demarrer", "")
    assert "n’a pas de compte" in letter.text
    row = LoginLink.get(LoginLink.email == email)
    with pytest.raises(LinkExpired):
        enter(app, email, keys.code(signer, row.id))


def test_no_key_of_a_mail_is_at_rest(app: Flask, signer: Signer, email: str) -> None:
    sign_up(signer, email)
    letter = ask(app, email)
    link, mail = (
        LoginLink.get(LoginLink.email == email, LoginLink.purpose == "login"),
        AccountMessage.get(AccountMessage.recipient == email, AccountMessage.template == "account_login"),
    )
    kept = repr([link.__data__, mail.__data__])
    assert letter.code not in kept.replace(str(link.id), "").replace(link.hash, "").replace(link.browser, "")
    assert letter.token not in kept
    assert mail.data == {"link": str(link.id)}


def test_five_mails_an_hour_to_one_address(app: Flask, signer: Signer, email: str) -> None:
    for n in range(7):
        ask(app, email, now=MONDAY_8 + n)
    assert len(letters_to(app, email)) == login_links.MAILS.amount
    ask(app, email, now=MONDAY_8 + 3_601)
    assert len(letters_to(app, email)) == login_links.MAILS.amount + 1


def test_a_new_address_waits_for_proof_a_fresh_login_and_its_own_link(app: Flask, signer: Signer, email: str) -> None:
    made, new = sign_up(signer, email), f"new.{email}"

    def change(*, is_fresh: bool = True) -> None:
        data = read(AddressInput, {"email": new})
        accounts.ask_address(made.user_id, data, now=MONDAY_8, is_fresh=is_fresh, signer=signer)

    with pytest.raises(NotProved):
        change()
    use(app, letter_to(app, email))
    with pytest.raises(NotFresh):
        change(is_fresh=False)
    pending = ask(app, email)
    change()
    assert known.account(made.user_id).email == email
    with pytest.raises(LinkExpired):  # it changes an address and lets nobody in
        accounts.open_login(letter_to(app, new).token, now=MONDAY_8, signer=signer)
    use(app, letter_to(app, new))
    assert known.account(made.user_id).email == new
    assert letter_to(app, email).template == "account_email_changed"
    with pytest.raises(LinkExpired):
        use(app, pending)


def test_an_address_of_another_account_is_not_taken_over(app: Flask, signer: Signer, email: str) -> None:
    made, new = sign_up(signer, email), f"other.{email}"
    use(app, letter_to(app, email))
    sign_up(signer, new)
    use(app, letter_to(app, new))
    data = read(AddressInput, {"email": new})
    accounts.ask_address(made.user_id, data, now=MONDAY_8, is_fresh=True, signer=signer)
    with pytest.raises(AddressTaken):
        use(app, letter_to(app, new))
    assert known.account(made.user_id).email == email


def test_passwords_are_set_changed_removed_and_kept_as_argon2id(app: Flask, signer: Signer, email: str) -> None:
    made = sign_up(signer, email)
    with pytest.raises(NotProved):
        accounts.set_password(made.user_id, PHRASE, is_fresh=True)
    use(app, letter_to(app, email))
    with pytest.raises(NotFresh):
        accounts.set_password(made.user_id, PHRASE, is_fresh=False)
    for poor in ("court", "motdepasse1", "x" * 257, email):
        with pytest.raises(Invalid) as refused:
            accounts.set_password(made.user_id, poor, is_fresh=True)
        assert refused.value.code == "INVALID_PASSWORD"
    accounts.set_password(made.user_id, PHRASE, is_fresh=True)
    assert User.get_by_id(made.user_id).password_hash.startswith("$argon2id$")
    assert accounts.by_password(email, PHRASE, now=MONDAY_8) == made.user_id
    for wrong in ("", PHRASE + "x", PHRASE + "x" * 500_000, "\ud800"):
        assert accounts.by_password(email, wrong, now=MONDAY_8) is None
    accounts.remove_password(made.user_id, is_fresh=True)
    assert accounts.by_password(email, PHRASE, now=MONDAY_8) is None


def test_a_password_is_hashed_anew_when_the_figures_change(signer: Signer, email: str) -> None:
    made = sign_up(signer, email, password=PHRASE)
    old = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PHRASE)
    User.update(password_hash=old).where(User.id == made.user_id).execute()
    assert accounts.by_password(email, PHRASE, now=MONDAY_8) == made.user_id
    assert "m=19456,t=2" in User.get_by_id(made.user_id).password_hash


def test_twenty_wrong_passwords_close_that_way_for_an_hour(signer: Signer, email: str) -> None:
    made = sign_up(signer, email, password=PHRASE)
    for _ in range(accounts.WRONG_PASSWORDS.amount):
        assert accounts.by_password(email, "faux", now=MONDAY_8) is None
    assert accounts.by_password(email, PHRASE, now=MONDAY_8 + 60) is None
    assert accounts.by_password(email, PHRASE, now=MONDAY_8 + 3_700) == made.user_id


def test_the_api_refuses_a_known_address(signer: Signer, email: str) -> None:
    sign_up(signer, email)
    with pytest.raises(AccountExists):
        sign_up(signer, email, by_api=True)


def test_a_wanted_slug_that_is_taken_is_refused_and_leaves_nothing(signer: Signer, email: str) -> None:
    taken = by_id(sign_up(signer, email).business_id).slug
    data = {"sector": "other", "businessName": "B", "name": "B", "email": f"b.{email}", "slug": taken}
    with pytest.raises(Invalid):
        accounts.sign_up(read(SignUpInput, data), now=MONDAY_8, locale="fr", signer=signer)
    assert not User.select().where(User.email == f"b.{email}").exists()


def test_housekeeping_forgets_what_is_over_and_nothing_else(app: Flask, signer: Signer, email: str) -> None:
    made = sign_up(signer, email)
    ended, alive = begin(made.user_id), begin(made.user_id)
    sessions.end(made.user_id, ended, now=MONDAY_8)
    ask(app, email)
    housekeeping.forget(now=MONDAY_8 + 2 * DAY)
    assert [each.purpose for each in LoginLink.select().where(LoginLink.email == email)] == ["welcome"]
    assert Session.select().where(Session.user_id == made.user_id).count() == 2
    sessions_left = {alive}
    housekeeping.forget(now=MONDAY_8 + 30 * DAY - 1)
    assert {row.id for row in Session.select().where(Session.user_id == made.user_id)} == sessions_left | {ended}
    housekeeping.forget(now=MONDAY_8 + 30 * DAY)
    assert {row.id for row in Session.select().where(Session.user_id == made.user_id)} == sessions_left
    with db.reading(made.business_id):
        assert Membership.select().count() == 1
