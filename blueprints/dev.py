"""Development only: the mails that would have left. Production does not register these pages."""

from uuid import UUID

from flask import Blueprint, Response, current_app, url_for
from flask_babel import force_locale

from blueprints import context, signed_in
from blueprints.answers import page
from blueprints.forms import see_other
from blueprints.guards import form, public
from errors import NotFound
from lib.links import Links
from queries import account_letter, letter, outbox
from queries.account_letter import AccountLetter
from queries.accounts import DemoPerson, demo_people
from queries.letter import Letter, Silent
from queries.outbox import OutboxCard

bp = Blueprint("dev", __name__, url_prefix="/dev")

# A mail styles its elements one by one, as mail programs want it; nothing else may load or run.
LETTER_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"


@bp.get("/mails")
@public("none")
def mails() -> Response:
    shown = [(card, _letter(card)) for card in outbox.latest()]
    return page("dev/mails.html", mails=[(card, found.subject) for card, found in shown if found])


@bp.get("/mails/<uuid:message_id>")
@public("none")
def mail(message_id: UUID) -> Response:
    card, found = _found(message_id)
    return page("dev/mail.html", card=card, letter=found)


@bp.get("/mails/<uuid:message_id>/html")
@public("none")
def mail_html(message_id: UUID) -> Response:
    answer = Response(_found(message_id)[1].html)
    answer.headers["Content-Security-Policy"] = LETTER_POLICY
    return answer


@bp.get("/mails/<uuid:message_id>/rendez-vous.ics")
@public("none")
def mail_calendar(message_id: UUID) -> Response:
    found = _found(message_id)[1]
    if not isinstance(found, Letter):
        raise NotFound
    return Response(found.calendar, content_type="text/calendar; charset=utf-8")


@bp.get("/connexion")
@public("none")
def sign_in() -> Response:
    return page("dev/sign_in.html", people=_demo_people())


@bp.post("/connexion/<uuid:user_id>")
@public("none")
@form
def enter(user_id: UUID) -> Response:
    """Only those of the demo: nobody else has a door without a key."""
    found = next((each for each in _demo_people() if each.user_id == user_id), None)
    if found is None:
        raise NotFound
    signed_in.begin(user_id)
    return see_other(url_for("today.show", slug=found.business.slug))


def _demo_people() -> list[DemoPerson]:
    """Nobody where the demo is switched off, whatever an earlier run has loaded."""
    return demo_people() if context.settings().demo else []


def _found(message_id: UUID) -> tuple[OutboxCard, Letter | AccountLetter]:
    card = outbox.by_id(message_id)
    found = _letter(card) if card else None
    if card is None or found is None:
        raise NotFound
    return card, found


def _letter(card: OutboxCard) -> Letter | AccountLetter | None:
    """Written anew from what it is about, as that stands: the outbox keeps no texts. None when that is gone."""
    try:
        return _written(card)
    except Silent:
        return None


def _written(card: OutboxCard) -> Letter | AccountLetter | None:
    links = Links(context.settings().base_url, context.signer())
    when = (card.sent_at or card.due_at).timestamp()
    with force_locale(card.locale):
        if card.business_id is None:
            return account_letter.write(
                current_app.jinja_env, links, template=card.template, recipient=card.recipient, locale=card.locale,
                data=card.data, now=when, even_if_late=True,
            )  # fmt: skip
        if card.booking_id is None:
            return None
        return letter.write(
            current_app.jinja_env, links, business_id=card.business_id, booking_id=card.booking_id,
            template=card.template, locale=card.locale, data=card.data, now=when, even_if_late=True,
        )  # fmt: skip
