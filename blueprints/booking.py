"""The booking flow: service, with whom, moment, details, check. A GET writes nothing; a time is held by POST."""

import datetime as dt
from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from actions import booking as bookings
from actions.booking import answers
from actions.inputs import problem, read
from blueprints import context, proofs
from blueprints.answers import page
from blueprints.forms import Form, see_other
from blueprints.guards import form, public
from blueprints.tenant import of_business
from blueprints.visit import shown
from blueprints.wish import ANYONE, Wish, steps
from errors import HoldExpired, Invalid, LinkExpired, Problem, SlotTaken, TooManyBookings
from lib import phone, wall
from lib.links import hold_token, manage_token, read_hold_token
from lib.tokens import BadToken
from queries import booking as kept
from queries import picker
from queries.asked import asked
from queries.booking import BookingCard
from queries.offer import ServiceCard
from sectors import FormField

bp = of_business("booking", __name__)

DETAILS = ("name", "email", "phone", "message")
SAME_SITTING = 15 * 60  # seconds in which a repeated click still belongs to the booking just made


@bp.get("/rdv")
@public("read")
def flow() -> Response:
    wish = Wish.read(context.offer(), request.args)
    if wish.service is None:
        return page("booking/service.html", wish=wish, link=_link(wish), steps=steps(wish.offer, None))
    if wish.must_say_whom:
        return _whom(wish)
    return _moment(wish)


@bp.post("/rdv")
@public("write")
@form
def hold() -> Response:
    wish = Wish.read(context.offer(), request.form)
    date, time, fold = wall.read(request.form.get("debut", ""))
    try:
        wanted = read(bookings.TimeInput, _time_input(wish, date, time, fold))
        card = bookings.hold(
            context.business(), wanted, now=context.now(), caps=context.caps(), held_by=context.visitor_mark(),
            source="website" if context.framed() is None else "embed", instead_of=wish.hold_id,
            locale=context.language(),
        )  # fmt: skip
    except SlotTaken as lost:
        return _lost(wish, lost, date, _typed(wish.service))
    except Invalid:
        if wish.service is None:
            raise
        return _moment(wish, problem="unreadable", status=422)
    _carry(card, wish)
    return see_other(_held_url(card))


@bp.get("/rdv/retenu/<token>")
@public("read")
def held(token: str) -> Response:
    card = _hold(token)
    if card.status not in ("held", "lapsed"):
        return see_other(url_for("manage.show", code=card.code)) if context.framed() is None else _done(card)
    if not _is_alive(card):
        return _expired(card, token)
    return _details(card, token, _noted_before(card))


@bp.post("/rdv/retenu/<token>")
@public("write")
@form
def details(token: str) -> Response:
    card = _hold(token)
    typed = _typed(_service(card))
    if request.form.get("suite") == "moment":
        return _change_time(card, token, typed)
    try:
        data = _input(card, typed)
        if card.deposit_cents:
            bookings.note_details(context.business(), UUID(card.id), data, now=context.now(), demand=True)
            return see_other(url_for(".check", token=token))
        return _booked(_confirm(card, data))
    except Invalid as error:
        typed.refuse(error.problems | _phone_problem(typed) | _answer_problems(card, typed))
        return _details(card, token, typed, status=422)
    except TooManyBookings as error:
        typed.general = error.message
        return _details(card, token, typed, status=error.status)
    except SlotTaken as lost:
        return _lost(_wish_of(card), lost, card.start.date().isoformat(), typed)
    except HoldExpired:
        return _expired(card, token, typed)


@bp.get("/rdv/retenu/<token>/verification")
@public("read")
def check(token: str) -> Response:
    card = _hold(token)
    if card.status not in ("held", "lapsed") or not card.email:
        return see_other(url_for(".held", token=token))
    return _check(card, token) if _is_alive(card) else _expired(card, token)


@bp.post("/rdv/retenu/<token>/verification")
@public("write")
@form
def confirm(token: str) -> Response:
    card = _hold(token)
    if not card.email or not (card.status in ("held", "lapsed") or _is_fresh(card)):
        return see_other(url_for(".held", token=token))
    try:
        data = read(bookings.DetailsInput, {name: getattr(card, name) for name in (*DETAILS, "answers")})
        return _booked(_confirm(card, data))
    except Invalid as error:  # the questions have changed since
        typed = _noted_before(card)
        typed.refuse(error.problems)
        return _details(card, token, typed, status=422)
    except TooManyBookings as error:
        return _check(card, token, general=error.message, status=error.status)
    except SlotTaken as lost:
        return _lost(_wish_of(card, token), lost, card.start.date().isoformat(), Form())
    except HoldExpired:
        return _expired(card, token)


@bp.post("/rdv/retenu/<token>/prolongation")
@public("write")
@form
def extension(token: str) -> Response:
    """More time, once (WCAG 2.2.1). What is typed so far stays, right or wrong."""
    card = _hold(token)
    typed = _typed(_service(card))
    try:
        card = bookings.extend(context.business(), UUID(card.id), now=context.now(), caps=context.caps())
    except HoldExpired:
        return see_other(url_for(".held", token=token))
    if not any(typed.values.values()) or _noted(card, typed):
        return see_other(url_for(".check" if request.form.get("suite") == "check" else ".held", token=token))
    return _details(card, token, Form(typed.values))


@bp.post("/rdv/retenu/<token>/liberation")
@public("write")
@form
def release(token: str) -> Response:
    card = _hold(token)
    bookings.release(context.business(), UUID(card.id))
    return see_other(url_for(".flow", **_wish_of(card).params(), jour=card.start.date().isoformat()))


# --- screens -----------------------------------------------------------------------------------------------------


def _whom(wish: Wish) -> Response:
    ask = wish.ask()
    first = picker.first_by_resource(ask)
    return page(
        "booking/whom.html", wish=wish, link=_link(wish), steps=steps(wish.offer, wish.service),
        choices=[(each, first.get(str(each.id))) for each in wish.people], soonest=first.get(picker.ANY),
    )  # fmt: skip


def _moment(wish: Wish, *, problem: str = "", status: int = 200, typed: Form | None = None, **more: Any) -> Response:
    """The slot picker: by itself, after a lost race, or after a hold that ran out."""
    ask = wish.ask()
    debut = _wanted()
    date, week, trouble = picker.asked_dates(
        ask, request.args.get("jour", "") or debut[:10], request.args.get("semaine", "")
    )
    shown = picker.picker(ask, date=more.pop("date", date), week=week, wanted=debut)
    answer = page(
        "booking/moment.html", part="booking/_picker.html", status=status, wish=wish, picker=shown, link=_link(wish),
        steps=steps(wish.offer, wish.service), problem=problem or trouble, action=url_for(".hold"),
        kept=_hidden(wish, typed), held=_live_hold(wish), **more,
    )  # fmt: skip
    return proofs.private(answer) if wish.hold_id or typed else answer


def _lost(wish: Wish, lost: SlotTaken, date: str, typed: Form) -> Response:
    near = picker.near_times(wish.ask(), lost.nearest)
    around = near[0].date if near else None
    return _moment(
        wish, problem="lost", status=lost.status, typed=typed, near=near, date=_near_date(wish, date, around)
    )


def _expired(card: BookingCard, token: str, typed: Form | None = None) -> Response:
    wish = _wish_of(card, token)
    start = wall.write(card.start.date().isoformat(), f"{card.start:%H:%M}", card.start.fold)
    shown = _near_date(wish, card.start.date().isoformat(), None)
    return _moment(wish, problem="expired", status=HoldExpired.status, typed=typed, date=shown, lapsed=start, card=card)


def _details(card: BookingCard, token: str, typed: Form, *, status: int = 200) -> Response:
    if card.deadline is None:  # sent again after the end: swept, or a booking since
        return _expired(card, token, typed) if card.status == "lapsed" else see_other(url_for(".held", token=token))
    service = _service(card)
    return proofs.private(page(
        "booking/details.html", status=status, token=token, form=typed, steps=steps(context.offer(), service),
        fields={answers.name(each): each for each in _asked(service)}, **shown(card),
    ))  # fmt: skip


def _check(card: BookingCard, token: str, *, general: str = "", status: int = 200) -> Response:
    return proofs.private(page(
        "booking/check.html", status=status, token=token, form=Form(general=general),
        steps=steps(context.offer(), _service(card)), **shown(card),
    ))  # fmt: skip


def _booked(card: BookingCard) -> Response:
    """To the lasting page. A frame neither shows that one nor keeps a cookie: it says the essential itself."""
    if context.framed() is not None:
        return proofs.private(see_other(_held_url(card)))
    business = context.business()
    key = manage_token(context.signer(), business.id, UUID(card.id), card.link_version)
    return proofs.private(proofs.give(see_other(url_for("manage.show", code=card.code, cle=key)), card))


def _done(card: BookingCard) -> Response:
    """What a frame says of the booking just made, and only while it is: the hold's address opens nothing later."""
    fresh = card.status in ("confirmed", "pending") and _is_fresh(card)
    return proofs.private(page("booking/done.html", fresh=fresh, **shown(card)))


# --- steps -------------------------------------------------------------------------------------------------------


def _time_input(wish: Wish, date: str, time: str, fold: int) -> dict[str, Any]:
    return {
        "serviceId": wish.service.slug if wish.service else None, "date": date, "time": time, "fold": fold,
        "resourceId": wish.only.slug if wish.only else None, "partySize": wish.party,
    }  # fmt: skip


def _hold(token: str) -> BookingCard:
    """The hold that a token names, whatever became of it."""
    try:
        hold_id = read_hold_token(context.signer(), token, context.business().id)
    except BadToken:
        raise LinkExpired from None
    card = kept.by_id(context.offer(), hold_id)
    if card is None:
        raise LinkExpired
    return card


def _live_hold(wish: Wish) -> BookingCard | None:
    card = kept.by_id(wish.offer, wish.hold_id) if wish.hold_id else None
    return card if card and _is_alive(card) else None


def _is_alive(card: BookingCard) -> bool:
    return card.status == "held" and card.deadline is not None and card.deadline.timestamp() > context.now()


def _is_fresh(card: BookingCard) -> bool:
    return context.now() - dt.datetime.fromisoformat(card.updated_at).timestamp() < SAME_SITTING


def _confirm(card: BookingCard, data: bookings.DetailsInput) -> BookingCard:
    return bookings.confirm(
        context.business(), UUID(card.id), data, now=context.now(), caps=context.caps(), locale=context.language()
    )


def _service(card: BookingCard) -> ServiceCard:
    return kept.service_of(context.offer(), card)


def _asked(service: ServiceCard) -> tuple[FormField, ...]:
    return asked(context.business(), service)


def _typed(service: ServiceCard | None) -> Form:
    """What the details page sent, or carries along while another time is looked for."""
    return Form.typed(*DETAILS, *(map(answers.name, _asked(service)) if service else ()))


def _noted_before(card: BookingCard) -> Form:
    """What was kept with the hold, as it was typed."""
    details = {name: getattr(card, name) or "" for name in DETAILS}
    return Form(details | answers.to_page(_asked(_service(card)), card.answers))


def _input(card: BookingCard, typed: Form) -> bookings.DetailsInput:
    """Raises Invalid."""
    said = answers.from_page(_asked(_service(card)), typed.values)
    return read(bookings.DetailsInput, {**typed.values, "answers": said})


def _answer_problems(card: BookingCard, typed: Form) -> dict[str, Problem]:
    """Told together with what is wrong elsewhere; the action has the last word."""
    fields = _asked(_service(card))
    try:
        answers.read(fields, answers.from_page(fields, typed.values), demand=True)
    except Invalid as error:
        return error.problems
    return {}


def _phone_problem(typed: Form) -> dict[str, Problem]:
    """The number is judged by the country, inside the action; the page tells it together with the rest."""
    try:
        if typed.values["phone"].strip():
            phone.normalise(typed.values["phone"], context.business().country)
    except phone.BadNumber:
        return {"phone": problem("phone", "phone")}
    return {}


def _change_time(card: BookingCard, token: str, typed: Form) -> Response:
    _noted(card, typed)
    day = card.start.date().isoformat()
    return see_other(url_for(".flow", **_wish_of(card, token).params(), jour=day))


def _noted(card: BookingCard, typed: Form) -> bool:
    """Keep what was typed with the hold, when it can be kept."""
    try:
        bookings.note_details(context.business(), UUID(card.id), _input(card, typed), now=context.now())
    except (Invalid, HoldExpired):
        return False
    return True


def _carry(card: BookingCard, wish: Wish) -> None:
    """What the client has typed before goes along to the new hold: from the form, else from the earlier hold."""
    typed = _typed(wish.service)
    if not typed.values["email"] and wish.hold_id:
        before = kept.by_id(wish.offer, wish.hold_id)
        if before and before.status in ("held", "lapsed"):
            typed = _noted_before(before)
    if typed.values["email"]:
        _noted(card, typed)


def _wish_of(card: BookingCard, token: str = "") -> Wish:
    whom = ANYONE if card.any_resource or not card.resource_ids else card.resource_ids[0]
    typed = {"prestation": card.service_id, "avec": whom, "personnes": str(card.party_size), "retenu": token}
    return Wish.read(context.offer(), typed)


def _held_url(card: BookingCard) -> str:
    return url_for(".held", token=hold_token(context.signer(), context.business().id, UUID(card.id)))


def _link(wish: Wish) -> Any:
    return lambda **changes: url_for(".flow", **wish.params() | changes)


def _hidden(wish: Wish, typed: Form | None) -> dict[str, str]:
    carried = {name: value for name, value in typed.values.items() if value} if typed else {}
    return wish.params() | carried


def _wanted() -> str:
    """The start that a deep link names, in the form of the buttons; empty when it names none."""
    found = wall.read(request.args.get("debut", ""), request.args.get("fold", ""))
    return wall.write(*found) if found[0] else ""


def _near_date(wish: Wish, date: str, otherwise: dt.date | None) -> dt.date | None:
    """The day that was lost, while it can still be shown."""
    found, _, trouble = picker.asked_dates(wish.ask(), date, "")
    return otherwise if trouble else found
