"""The day at a glance: what is next, what waits for an answer, what is left to set up; and what clients did since."""

import datetime as dt
from uuid import UUID

from flask import Response, flash, g, request, url_for
from flask_babel import gettext

from actions import booking
from actions.access import demand
from actions.booking import ReasonInput
from actions.inputs import DATE_FORM
from actions.news import mark_seen
from blueprints import context
from blueprints.answers import page
from blueprints.forms import Form, see_other
from blueprints.guards import needs
from blueprints.members import actor, of_members
from errors import AlreadyCancelled, Invalid, NotChangeable, SlotTaken
from lib.links import Links
from queries import asked, legal, news, onboarding, today
from queries import booking as kept
from queries.asked import Told
from queries.booking import BookingCard
from queries.today import Visit

bp = of_members("today", __name__)

ANSWERS = ("confirmed", "arrived", "seated", "completed", "no_show")


@bp.get("")
@needs("agenda.read")
def show() -> Response:
    business, date = context.business(), _date()
    found = today.day(business, actor(), date, now=context.now())
    return page(
        "dashboard/today.html", part="dashboard/_today_day.html", day=found, before=date - dt.timedelta(days=1),
        after=date + dt.timedelta(days=1), done=request.args.get("fait", ""), now=context.now(), told=_told,
        left=onboarding.left(business), missing=legal.missing(business) if business.public else (),
        address=Links(context.settings().base_url, context.signer()).site(business.slug),
        several=len(today.working(context.offer())) > 1, today_date=context.offer().local_date(context.now()),
    )  # fmt: skip


@bp.post("/aujourdhui/<code>")
@needs("bookings.write")
def answer(code: str) -> Response:
    """What became of the visit, or yes to a request; a no has a page of its own."""
    card, status = _booking(code), request.form.get("status", "")
    if status not in ANSWERS:
        raise Invalid
    _change(card, status)
    return _back(code)


@bp.post("/aujourdhui/<code>/retour")
@needs("bookings.write")
def take_back(code: str) -> Response:
    card = _booking(code)
    try:
        booking.undo(context.business(), actor(), UUID(card.id), now=context.now())
    except SlotTaken:
        _warn(gettext("L’heure a été prise entre-temps : rien n’a été rétabli."))
    except NotChangeable:
        _warn(_changed())
    else:
        flash(gettext("%(name)s : rétabli comme avant.", name=card.name))
    return _back(code)


@bp.get("/aujourdhui/<code>/refus")
@needs("bookings.write")
def refusal(code: str) -> Response:
    card = _booking(code)
    demand(actor(), "bookings.write", *_agendas(card))
    return _refusal(card, Form({"reason": ""}))


@bp.post("/aujourdhui/<code>/refus")
@needs("bookings.write")
def decline(code: str) -> Response:
    card, typed = _booking(code), Form.typed("reason")
    try:
        reason = typed.read(ReasonInput).reason
    except Invalid:
        return _refusal(card, typed, status=422)
    _change(card, "declined", reason)
    return _back(code)


@bp.get("/nouveautes")
@needs("agenda.read")
def whats_new() -> Response:
    seen = g.membership.news_seen_at
    found = news.latest(context.business(), actor(), seen, now=context.now())
    return page("dashboard/news.html", news=found, service_of=lambda card: kept.service_of(context.offer(), card))


@bp.post("/nouveautes")
@needs("agenda.read")
def all_seen() -> Response:
    mark_seen(context.business(), actor(), now=context.now())
    flash(gettext("Tout est noté comme vu."))
    return see_other(url_for(".whats_new"))


@bp.app_template_global()
def news_count() -> int:
    """For the bell of every page."""
    return news.count(context.business(), actor(), g.membership.news_seen_at, now=context.now())


def _date() -> dt.date:
    """The day asked for; what is no date means the present day of the place."""
    typed = request.values.get("date", "")
    try:
        return dt.date.fromisoformat(typed if DATE_FORM.fullmatch(typed) else "")
    except ValueError:
        return context.offer().local_date(context.now())


def _told(visit: Visit) -> tuple[Told, ...]:
    return asked.told(context.business(), visit.service, visit.booking.answers, language=context.language())


def _booking(code: str) -> BookingCard:
    """Raises BookingNotFound. Whose agenda it is in is for the action to judge."""
    return kept.by_code(context.offer(), code)


def _agendas(card: BookingCard) -> list[UUID | None]:
    return [each.id for each in context.offer().resources if each.slug in card.resource_ids] or [None]


def _change(card: BookingCard, status: str, reason: str | None = None) -> None:
    """Done, with the way back; or told that somebody else was quicker."""
    try:
        booking.change_status(context.business(), actor(), UUID(card.id), status, now=context.now(), reason=reason)
    except (AlreadyCancelled, NotChangeable):
        _warn(_changed())
        return
    undo = {"href": url_for(".take_back", code=card.code), "fields": {"date": request.form.get("date", "")}}
    flash({"text": _said(status, card.name), "undo": undo})  # type: ignore[arg-type]  # our toasts take both


def _warn(text: str) -> None:
    flash({"text": text, "bad": True})  # type: ignore[arg-type]  # our toasts take both


def _changed() -> str:
    return str(gettext("Ce rendez-vous a changé entre-temps. Vérifiez son état avant de recommencer."))


def _said(status: str, name: str) -> str:
    said = {
        "confirmed": gettext("%(name)s : rendez-vous confirmé.", name=name),
        "declined": gettext("%(name)s : demande refusée.", name=name),
        "arrived": gettext("%(name)s : arrivée notée.", name=name),
        "seated": gettext("%(name)s : installation notée.", name=name),
        "completed": gettext("%(name)s : visite terminée.", name=name),
        "no_show": gettext("%(name)s : absence notée.", name=name),
    }
    return str(said[status])


def _refusal(card: BookingCard, typed: Form, status: int = 200) -> Response:
    service = kept.service_of(context.offer(), card)
    return page("dashboard/today_refusal.html", card=card, service=service, form=typed, status=status)


def _back(code: str) -> Response:
    """To the day that the form came from, at the line that was changed."""
    asked_day = request.form.get("date") or None
    return see_other(url_for(".show", date=asked_day, fait=code, _anchor=f"v-{code}"))
