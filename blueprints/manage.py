"""A client's own booking: seen by its link or by code and e-mail; moved and cancelled by who proved the e-mail."""

import datetime as dt
from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from flask_babel import gettext

from actions import booking as bookings
from actions.inputs import read
from blueprints import context, proofs
from blueprints.answers import page, text_of
from blueprints.forms import Form, see_other
from blueprints.guards import form, public
from blueprints.tenant import of_business
from blueprints.visit import shown
from errors import AlreadyCancelled, BookingNotFound, Invalid, LinkExpired, NotChangeable, NotFound, SlotTaken
from lib import calendar_links, codes, ics, wall
from lib.links import Links, read_manage_token
from lib.tokens import BadToken
from queries import booking as kept
from queries import picker
from queries.availability import Ask
from queries.booking import BookingCard
from queries.offer import ServiceCard

bp = of_business("manage", __name__, offline=True)

LINK_LIFE = 30 * 24 * 3600  # seconds after the end of the visit
FRESH = 15 * 60


class NoProof(Exception):
    """The browser has not shown yet that it is the client's."""


@bp.errorhandler(NoProof)
def _ask_for_proof(_: NoProof) -> Response:
    code, key = (request.view_args or {})["code"], request.args.get("cle")
    return proofs.private(see_other(url_for("manage.show", code=code, cle=key)))


@bp.get("/rdv/acces")
@public("read")
def access() -> Response:
    return _access(Form({"code": "", "email": ""}))


@bp.post("/rdv/acces")
@public("lookup")
@form
def look_up() -> Response:
    code = request.form.get("code", "").strip().upper()
    typed = Form({"code": code, "email": request.form.get("email", "")})
    try:
        pair = typed.read(bookings.PairInput)
        card = bookings.look_up(context.business(), pair, now=context.now(), caps=context.caps())
    except Invalid:
        return _access(typed, status=422)
    except BookingNotFound as error:
        typed.general = text_of(error)
        return _access(typed, status=error.status)
    return proofs.give(see_other(url_for("manage.show", code=card.code)), card)


@bp.get("/rdv/<code>")
@public("read")
def show(code: str) -> Response:
    linked = _linked(code)
    card = linked or _known(code)
    if card and proofs.holds(card):
        return _whole(card)
    if linked is None:
        return _access(Form({"code": code, "email": ""}))
    return proofs.private(page("manage/link.html", card=linked, form=Form({"code": code, "email": ""})))


@bp.get("/rdv/<code>/deplacement")
@public("read")
def move(code: str) -> Response:
    return _move(_proved(code))


@bp.post("/rdv/<code>/deplacement")
@public("write")
@form
def reschedule(code: str) -> Response:
    card = _proved(code)
    date, time, fold = wall.read(request.form.get("debut", ""))
    body = {"email": card.email, "newDate": date, "newTime": time, "fold": fold}
    try:
        bookings.reschedule(context.business(), UUID(card.id), read(bookings.MoveInput, body), now=context.now())
    except SlotTaken as lost:
        near = picker.near_times(_ask(card), lost.nearest)
        return _move(card, problem="lost", status=lost.status, near=near, lost=date)
    except Invalid:
        return _move(card, problem="unreadable", status=422)
    return see_other(url_for(".show", code=code))


@bp.get("/rdv/<code>/annulation")
@public("read")
def cancellation(code: str) -> Response:
    return _cancellation(_proved(code), Form({"reason": ""}))


@bp.post("/rdv/<code>/annulation")
@public("write")
@form
def cancel(code: str) -> Response:
    card, typed = _proved(code), Form.typed("reason")
    try:
        reason = typed.read(bookings.ReasonInput).reason
    except Invalid:
        return _cancellation(card, typed, status=422)
    bookings.cancel(context.business(), UUID(card.id), now=context.now(), reason=reason)
    return see_other(url_for(".show", code=code))


@bp.get("/rdv/<code>/agenda.ics")
@public("read")
def calendar_file(code: str) -> Response:
    card = _linked(code) or _proved(code)
    answer = Response(ics.calendar(_event(card)), content_type="text/calendar; charset=utf-8; method=PUBLISH")
    answer.headers["Content-Disposition"] = f'attachment; filename="{card.code}.ics"'
    return proofs.private(answer)


# --- who may see it ------------------------------------------------------------------------------------------------


def _proved(code: str) -> BookingCard:
    """The booking, for the browser that proved to be its client's. Raises NoProof, the same for unknown codes."""
    card = _known(code)
    if card is None or not proofs.holds(card):
        raise NoProof
    return card


def _known(code: str) -> BookingCard | None:
    if not codes.is_code(code):
        raise NotFound
    if not proofs.any_given():
        return None
    try:
        return kept.by_code(context.offer(), code)
    except BookingNotFound:
        return None


def _linked(code: str) -> BookingCard | None:
    """The booking of the signed link. Raises LinkExpired for an older or a foreign one, or one past its time."""
    if not request.args.get("cle"):
        return None
    try:
        business_id, booking_id, version = read_manage_token(context.signer(), request.args["cle"])
    except (BadToken, ValueError, TypeError):
        raise LinkExpired from None
    card = kept.by_id(context.offer(), booking_id) if business_id == context.business().id else None
    if card is None or card.code != code or card.link_version != version:
        raise LinkExpired
    if context.now() > card.end.timestamp() + LINK_LIFE:
        raise LinkExpired
    return card


# --- screens -------------------------------------------------------------------------------------------------------


def _access(typed: Form, *, status: int = 200) -> Response:
    return proofs.private(page("manage/access.html", status=status, form=typed))


def _whole(card: BookingCard) -> Response:
    return proofs.private(page(
        "manage/show.html", changeable=_is_changeable(card), calendars=_calendars(card), fresh=_is_fresh(card),
        over=card.end.timestamp() <= context.now(), **shown(card),
    ))  # fmt: skip


def _move(card: BookingCard, *, problem: str = "", status: int = 200, lost: str = "", **more: Any) -> Response:
    _must_be_changeable(card)
    if card.status == "pending":
        raise NotChangeable
    ask = _ask(card)
    date, week, trouble = picker.asked_dates(ask, request.args.get("jour", "") or lost, request.args.get("semaine", ""))
    return proofs.private(page(
        "manage/move.html", part="booking/_picker.html", status=status,
        picker=picker.picker(ask, date=date, week=week), problem=problem or trouble, kept={}, held=None,
        link=lambda **changes: url_for("manage.move", code=card.code, **changes),
        action=url_for(".reschedule", code=card.code), current=card.start.timestamp(), **shown(card), **more,
    ))  # fmt: skip


def _cancellation(card: BookingCard, typed: Form, *, status: int = 200) -> Response:
    _must_be_changeable(card)
    return proofs.private(page("manage/cancel.html", status=status, form=typed, **shown(card)))


# --- steps ---------------------------------------------------------------------------------------------------------


def _ask(card: BookingCard) -> Ask:
    """As the move itself asks: the same person when one was chosen, blind to the booking's own claim."""
    offer = context.offer()
    person = None if card.any_resource or not card.resource_ids else offer.resource_by_slug(card.resource_ids[0])
    only = person.id if person else None
    return Ask(offer, _service(card), context.now(), card.party_size, only, UUID(card.id), card.email)


def _service(card: BookingCard) -> ServiceCard:
    return kept.service_of(context.offer(), card)


def _calendars(card: BookingCard) -> dict[str, str]:
    """Where the appointment can be added, by the name shown."""
    event = (_title(card), card.start, card.end, _place(_service(card)))
    return {
        "Apple, ICS": url_for("manage.calendar_file", code=card.code),
        "Google": calendar_links.google(*event),
        "Outlook": calendar_links.outlook(*event),
    }


def _event(card: BookingCard) -> ics.Event:
    """Whoever holds the link may take the file, so it says no more than when, where and what."""
    business = context.business()
    links = Links(context.settings().base_url, context.signer())
    status: dict[str, ics.Status] = {"cancelled": "CANCELLED", "declined": "CANCELLED", "pending": "TENTATIVE"}
    return ics.Event(
        uid=ics.uid(card.code, business.id), sequence=card.sequence, starts_at=card.start, ends_at=card.end,
        stamp=dt.datetime.fromisoformat(card.updated_at), summary=_title(card),
        description=str(gettext("Code %(code)s. Déplacer ou annuler : lien ci-joint.", code=card.code)),
        location=_place(_service(card)), organizer_name=business.name, organizer_email=business.email,
        url=links.manage(
            business.slug, card.code, business.id, UUID(card.id), card.link_version,
            language=card.locale if card.locale != business.locale else "",
        ),
        status=status.get(card.status, "CONFIRMED"),
    )  # fmt: skip


def _title(card: BookingCard) -> str:
    return f"{kept.title(context.offer(), card, language=context.language())}, {context.business().name}"


def _place(service: ServiceCard) -> str:
    business = context.business()
    return (
        f"{business.street}, {business.postcode} {business.town}"
        if service.place == "on_site" and business.street
        else ""
    )


def _is_changeable(card: BookingCard) -> bool:
    return card.status in ("confirmed", "rescheduled", "pending") and card.start.timestamp() > context.now()


def _must_be_changeable(card: BookingCard) -> None:
    if card.status == "cancelled":
        raise AlreadyCancelled
    if not _is_changeable(card):
        raise NotChangeable


def _is_fresh(card: BookingCard) -> bool:
    """What was just done is said large; a bookmark shows the same page calmly later."""
    return context.now() - _moment(card.updated_at) < FRESH


def _moment(iso: str) -> float:
    return dt.datetime.fromisoformat(iso).timestamp()
