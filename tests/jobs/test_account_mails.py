"""Mails about accounts go the same way as the others: leased, tried again, given up, dropped when they say nothing."""

import uuid
from typing import Any

import pytest
from flask import Flask

from actions import accounts, members
from actions.accounts import AddressInput, SignUpInput
from actions.inputs import read
from actions.members import InviteInput
from jobs import delivery as job
from models import AccountMessage, User
from providers.mail import Mail, Refused, Unreachable
from tests.cast import MONDAY_8, Cast, Clock
from tests.letters import letter_to
from tests.staff import member

DAY = 86_400


class Server:
    """A mail server in memory: what it accepted, and what it raises."""

    def __init__(self) -> None:
        self.accepted: list[Mail] = []
        self.raises: Exception | None = None

    def send(self, mail: Mail) -> None:
        if self.raises:
            raise self.raises
        self.accepted.append(mail)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def email() -> str:
    return f"mail.{uuid.uuid4().hex[:10]}@example.com"


def deliver(app: Flask, server: Any, clock: Clock) -> int:
    return job.run(app, server, clock=clock, jitter=lambda: 0.0)


def ask(app: Flask, email: str, now: int = MONDAY_8) -> None:
    accounts.ask_login(email, now=now, locale="fr", browser="mark", signer=app.extensions["bookt_signer"])


def row(email: str) -> AccountMessage:
    return AccountMessage.get(AccountMessage.recipient == email)


def test_who_waits_at_the_door_goes_first(app: Flask, cast: Cast, clock: Clock, server: Server, email: str) -> None:
    cast.book()
    ask(app, email)
    assert deliver(app, server, clock) == 3
    first = server.accepted[0]
    assert (first.recipient, first.calendar, first.sender_name) == (email, None, "Bookt")
    assert row(email).state == "sent"
    assert deliver(app, server, clock) == 0


def test_one_that_does_not_get_through_is_tried_again_until_it_says_nothing(
    app: Flask, clock: Clock, server: Server, cast: Cast
) -> None:
    actor = member(cast)
    email = User.get_by_id(actor.user_id).email
    ask(app, email)
    server.raises = Unreachable("away")
    deliver(app, server, clock)
    assert (row(email).state, row(email).attempts) == ("due", 1)
    server.raises, clock.now = None, MONDAY_8 + 60
    assert deliver(app, server, clock) == 1
    ask(app, email, MONDAY_8 + 61)
    clock.now = MONDAY_8 + 61 + 15 * 60
    assert deliver(app, server, clock) == 0
    states = [each.state for each in AccountMessage.select().where(AccountMessage.recipient == email)]
    assert sorted(states) == ["dropped", "sent"]


def test_one_that_is_refused_is_dead(app: Flask, clock: Clock, server: Server, email: str) -> None:
    ask(app, email)
    server.raises = Refused("550 no such user")
    assert deliver(app, server, clock) == 0
    assert (row(email).state, row(email).error) == ("dead", "550 no such user")


def test_one_that_fails_for_a_day_is_given_up(app: Flask, clock: Clock, server: Server, email: str) -> None:
    ask(app, email)
    server.raises = Unreachable("away")
    deliver(app, server, clock)
    clock.now = MONDAY_8 + DAY + 1_000
    deliver(app, server, clock)
    assert row(email).state == "dead"


def test_every_mail_has_its_words_its_button_and_no_markup_of_others(app: Flask, cast: Cast, email: str) -> None:
    """Names are typed by strangers: in a mail they stay text."""
    signer, name = app.extensions["bookt_signer"], "<b>Léa</b>"
    data = {"sector": "other", "businessName": name, "name": name, "email": email}
    made = accounts.sign_up(read(SignUpInput, data), now=MONDAY_8, locale="fr", signer=signer)
    letters = [letter_to(app, email)]
    accounts.open_link(letters[0].token, now=MONDAY_8, signer=signer)
    ask(app, email, MONDAY_8 + 1)
    letters.append(letter_to(app, email))
    accounts.ask_address(
        made.user_id, read(AddressInput, {"email": f"new.{email}"}), now=MONDAY_8, is_fresh=True, signer=signer
    )
    letters.append(letter_to(app, f"new.{email}"))
    accounts.open_link(letters[-1].token, now=MONDAY_8, signer=signer)
    letters.append(letter_to(app, email))
    ask(app, email, MONDAY_8 + 2)
    letters.append(letter_to(app, email))
    invited = read(InviteInput, {"email": f"team.{email}", "role": "admin"})
    members.invite(cast.business, member(cast), invited, now=MONDAY_8, signer=signer)
    letters.append(letter_to(app, f"team.{email}"))
    assert [each.template for each in letters] == [
        "account_welcome", "account_login", "account_email_change", "account_email_changed", "account_unknown",
        "account_invitation",
    ]  # fmt: skip
    for each in letters:
        assert "<b>" not in each.html
        assert "&amp;lt;" not in each.html
        assert len(each.subject) < 90
        assert each.html.count("<a ") == (0 if each.template == "account_email_changed" else 1)
        assert "\n\n\n" not in each.text
    assert "&lt;b&gt;Léa&lt;/b&gt;" in letters[0].html
    assert "administrateur" in letters[-1].text
