"""S4's minimal page: the bookings of the day, confirm, cancel, and nothing else. Opened by the key of a notice mail, by
who is signed in, or by a token of the API; a look changes nothing, so a mail scanner may look too."""

import datetime as dt
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext

from actions import booking
from actions.access import Actor
from blueprints import context, proofs, signed_in
from blueprints.answers import page, text_of
from blueprints.forms import see_other
from blueprints.guards import capability
from blueprints.members import SignInFirst, actor
from errors import AlreadyCancelled, BookingNotFound, Invalid, NotChangeable, NotFound, SlotTaken
from lib import links
from lib.tokens import BadToken
from queries import accounts, business, today
from queries import booking as kept
from queries.accounts import SignedIn
from queries.booking import BookingCard
from queries.business import BusinessCard
from queries.offer import load

bp = Blueprint("admin", __name__, url_prefix="/admin")
bp.after_request(proofs.private)

HOLDER = "lien du jour"
CALENDAR = "https://calendar.google.com/calendar/r/day/{:%Y/%m/%d}"
DEEDS = ("confirmed", "cancelled", "undo")


@bp.url_value_preprocessor
def _enter(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """By name where there is one, so that the audit tells who it was; else by the key."""
    booking_id, linked = (values or {}).get("booking_id"), _linked()
    found = signed_in.by_token() or signed_in.current()
    if found is not None and _as_member(found, booking_id, linked):
        return
    if linked is not None:
        g.business, g.by_link = linked, True
        g.actor = Actor(linked.id, None, HOLDER, "reception")
    elif found is None:
        raise SignInFirst
    else:
        raise NotFound


@bp.get("")
@capability("day")
def show() -> Response:
    if "places" in g:
        return page("admin/choose.html", places=g.places)
    return _day(context.offer().local_date(context.now()))


@bp.get("/bookings/<uuid:booking_id>")
@capability("day")
def show_booking(booking_id: UUID) -> Response:
    return _around(_booking(booking_id))


@bp.post("/bookings/<uuid:booking_id>")
@capability("day")
def answer(booking_id: UUID) -> Response:
    deed = request.form.get("action", "")
    if deed not in DEEDS:
        raise Invalid
    card, now = _booking(booking_id), context.now()
    try:
        if deed == "undo":
            booking.undo(context.business(), actor(), booking_id, now=now)
        else:
            booking.change_status(context.business(), actor(), booking_id, deed, now=now)
    except SlotTaken as error:
        return _around(card, gettext("L’heure a été prise entre-temps : rien n’a été rétabli."), error.status)
    except (AlreadyCancelled, NotChangeable) as error:
        return _around(_booking(booking_id), text_of(error), error.status)
    return see_other(url_for(".show_booking", booking_id=booking_id, cle=_key(), fait=deed))


def _around(card: BookingCard, problem: str = "", status: int = 200) -> Response:
    """The day of one booking, with it whatever became of it."""
    return _day(card.start.date(), card, problem, status)


def _day(date: dt.date, card: BookingCard | None = None, problem: str = "", status: int = 200) -> Response:
    found = [each.booking for each in today.bookings(context.business(), actor(), date)]
    if card is not None and card.id not in {each.id for each in found}:
        found = sorted([*found, card], key=lambda each: each.start)
    return page(
        "admin/day.html", date=date, bookings=found, card=card, problem=problem, status=status, key=_key(),
        done=request.args.get("fait", ""), now=context.now(), calendar=CALENDAR.format(date),
    )  # fmt: skip


def _booking(booking_id: UUID) -> BookingCard:
    """One that the actor may see. Raises BookingNotFound."""
    offer, only = context.offer(), actor().only
    card = kept.by_id(offer, booking_id)
    if card is None or card.status in ("held", "lapsed"):
        raise BookingNotFound
    if only is not None and only not in {each.id for each in offer.resources if each.slug in card.resource_ids}:
        raise BookingNotFound
    return card


def _key() -> str | None:
    """What goes on with links and forms, for who has nothing else."""
    return request.values.get("cle") if g.get("by_link") else None


def _linked() -> BusinessCard | None:
    """The business whose key was sent."""
    signer = context.signer()
    try:
        business_id, mark, until = links.read_day_token(signer, request.values.get("cle", ""))
        found = business.by_id(business_id)
    except (BadToken, NotFound):
        return None
    return found if links.opens(signer, found.email, mark, until, now=context.now()) else None


def _as_member(found: SignedIn, booking_id: UUID | None, linked: BusinessCard | None) -> bool:
    """Enter the one business that is meant: the token's, the key's, the booking's, the one asked for, the only one."""
    if found.kind == "api":
        places = [business.by_id(found.business_id)] if found.business_id else []
    else:
        places = [each.business for each in accounts.workplaces(found.user_id)]
    if linked is not None:
        places = [each for each in places if each.id == linked.id]
    elif booking_id is not None:
        places = [each for each in places if kept.by_id(load(each), booking_id) is not None]
    elif len(places) > 1:
        asked = request.args.get("etablissement")
        chosen = [each for each in places if each.slug == asked]
        if not chosen:
            g.places = places
            return True
        places = chosen
    if not places:
        return False
    g.language = context.fixed_language() or found.locale
    g.business = places[0]
    signed_in.act(found)
    return True
