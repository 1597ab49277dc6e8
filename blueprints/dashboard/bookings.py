"""One booking as the business sees it: taken on the phone, its history, and all that can be done with it."""

import datetime as dt
from typing import Any
from uuid import UUID

from flask import Response, current_app, request, url_for
from flask_babel import gettext

import sectors
from actions import booking as acts
from actions.access import may
from actions.inputs import read
from actions.states import BACK, MOVES
from blueprints import context, members
from blueprints.answers import page, text_of
from blueprints.dashboard import reasons
from blueprints.dashboard.toasts import done
from blueprints.display import hour, local, near_day, short_day
from blueprints.forms import Form, see_other
from blueprints.guards import needs
from blueprints.members import of_members
from blueprints.wish import largest_party
from errors import AlreadyCancelled, BooktError, Invalid, NotChangeable, NotFound, SlotTaken
from lib import codes, wall
from queries import asked, booking, clients, picker
from queries.availability import Ask
from queries.booking import BookingCard
from queries.offer import ServiceCard

bp = of_members("bookings", __name__, "/rendez-vous")

TYPED = ("prestation", "jour", "heure", "avec", "personnes", "client", "name", "email", "phone", "note", "avertir")
# The names of S3 as the page calls its fields.
FIELDS = {
    "serviceId": "prestation", "date": "jour", "time": "heure", "fold": "heure", "resourceId": "avec",
    "partySize": "personnes", "customer.name": "name", "customer.email": "email", "customer.phone": "phone",
    "customer": "name", "clientId": "client", "note": "note",
}  # fmt: skip
FOUND = 6  # clients that the lookup shows


# --- taking ----------------------------------------------------------------------------------------------------------


@bp.get("/nouveau")
@needs("bookings.write")
def new() -> Response:
    date, time, _ = wall.read(request.args.get("debut", ""))
    known = {name: request.args.get(name, "") for name in ("prestation", "avec", "client")}
    day = date or request.args.get("debut", "")[:10] or context.offer().local_date(context.now()).isoformat()
    return _new(Form(dict.fromkeys(TYPED, "") | known | {"jour": day, "heure": time, "avertir": "oui"}))


@bp.get("/nouveau/clients")
@needs("bookings.write")
def lookup() -> Response:
    """Who may be meant, while the name is typed."""
    return page("dashboard/booking_found.html", found=_found(request.args.get("name", "")))


@bp.post("/nouveau")
@needs("bookings.write")
def take() -> Response:
    typed = Form.typed(*TYPED)
    if "chercher" in request.form or "choisir" in request.form:
        typed.values = dict(typed.values) | {"client": request.form.get("choisir", "")}
        return _new(typed, found=_found(typed.values["name"]) if "chercher" in request.form else ())
    if "debut" in request.form:  # one of the times proposed instead
        date, time, _ = wall.read(request.form["debut"])
        typed.values = dict(typed.values) | {"jour": date, "heure": time}
    try:
        data = read(acts.StaffBookingInput, _body(typed))
        card = acts.take_for_client(context.business(), members.actor(), data, now=context.now())
    except Invalid as error:
        typed.refuse({FIELDS.get(name, name): problem for name, problem in error.problems.items()})
        return _new(typed, status=422)
    except SlotTaken as lost:
        return _new(typed, status=lost.status, lost=lost)
    done(str(gettext("Rendez-vous de %(name)s noté : %(day)s à %(time)s.", **_said(card))))
    return see_other(_in_agenda(card))


def _body(typed: Form) -> dict[str, Any]:
    values = typed.values
    party = values["personnes"]
    body: dict[str, Any] = {
        "serviceId": values["prestation"], "date": values["jour"], "time": values["heure"],
        "resourceId": values["avec"] or None, "partySize": int(party) if party.isascii() and party.isdigit() else 1,
        "notifications": {"email": values["avertir"] == "oui"}, "override": "quand_meme" in request.form,
    }  # fmt: skip
    if values["client"]:
        return body | {"clientId": values["client"]}
    return body | {"customer": {name: values[name] for name in ("name", "email", "phone")}}


def _new(typed: Form, *, status: int = 200, found: Any = (), lost: SlotTaken | None = None) -> Response:
    offer, only = context.offer(), members.actor().only
    services = [each for each in offer.active_services if only is None or only in each.resource_ids]
    service = next((each for each in services if each.slug == typed.values["prestation"]), None)
    if service is None and len(services) == 1:
        service = services[0]
        typed.values = dict(typed.values) | {"prestation": service.slug}
    people = [each for each in offer.resources if each.active and (only is None or each.id == only)]
    people = [each for each in people if any(each.id in one.resource_ids for one in services)]
    near, why = [], None
    if lost is not None and service is not None:
        ask = _ask(service, typed)
        near = picker.near_times(ask, lost.nearest)
        why = reasons.of(ask, typed.values["jour"], typed.values["heure"])
    return page(
        "dashboard/booking_new.html", status=status, form=typed, services=services, people=people, found=found,
        chosen=_client(typed.values["client"]), near=near, why=why, lost=lost is not None,
        most=max((largest_party(offer, each) for each in services), default=1),
    )  # fmt: skip


def _ask(service: ServiceCard, typed: Form) -> Ask:
    offer = context.offer()
    only = offer.resource_by_slug(typed.values["avec"])
    party = typed.values["personnes"]
    known = _client(typed.values["client"])
    email = known.email if known else ""
    count = int(party) if party.isascii() and party.isdigit() else 1
    mine = members.actor().only or (only.id if only else None)
    return Ask(offer, service, context.now(), count, mine, None, email or None)


def _found(text: str) -> tuple[clients.ClientCard, ...]:
    return clients.find(context.business(), text, FOUND) if len(text.strip()) > 1 else ()


def _client(key: str) -> clients.ClientCard | None:
    try:
        return clients.by_id(context.business(), UUID(key)) if key else None
    except (ValueError, NotFound):
        return None


# --- one booking -----------------------------------------------------------------------------------------------------


@bp.get("/<code>")
@needs("agenda.read")
def show(code: str) -> Response:
    return _whole(_booking(code))


@bp.post("/<code>/etat")
@needs("bookings.write")
def mark(code: str) -> Response:
    """Confirm a request, or say what became of the visit."""
    card, to = _booking(code), request.form.get("etat", "")
    if to not in ("confirmed", "arrived", "seated", "completed", "no_show"):
        raise Invalid
    changed = acts.change_status(context.business(), members.actor(), UUID(card.id), to, now=context.now())
    words = {
        "confirmed": gettext("Demande de %(name)s confirmée.", name=card.name),
        "arrived": gettext("%(name)s : arrivée notée.", name=card.name),
        "seated": gettext("%(name)s : installation notée.", name=card.name),
        "completed": gettext("%(name)s : rendez-vous terminé.", name=card.name),
        "no_show": gettext("%(name)s : absence notée.", name=card.name),
    }  # fmt: skip
    _flash_undo(str(words[to]), changed)
    return see_other(_back(card))


@bp.post("/<code>/retour")
@needs("bookings.write")
def undo(code: str) -> Response:
    card = _booking(code)
    try:
        found = acts.undo(
            context.business(), members.actor(), UUID(card.id), now=context.now(),
            expected=request.form.get("version") or None,
        )  # fmt: skip
    except BooktError as error:
        return _whole(card, problem=text_of(error), status=error.status)
    done(str(gettext("Rétabli : %(name)s, %(day)s à %(time)s.", **_said(found))))
    return see_other(url_for(".show", code=code))


@bp.post("/<code>/note")
@needs("bookings.write")
def note(code: str) -> Response:
    card, typed = _booking(code), Form.typed("note")
    try:
        text = typed.read(acts.NoteInput).note
    except Invalid:
        return _whole(card, form=typed, status=422)
    acts.note(context.business(), members.actor(), UUID(card.id), text, now=context.now())
    done(str(gettext("Note enregistrée.")))
    return see_other(url_for(".show", code=code))


@bp.get("/<code>/annulation")
@needs("bookings.write")
def cancelling(code: str) -> Response:
    return _ending(_booking(code), "cancelled")


@bp.post("/<code>/annulation")
@needs("bookings.write")
def cancel(code: str) -> Response:
    return _end(_booking(code), "cancelled")


@bp.get("/<code>/refus")
@needs("bookings.write")
def declining(code: str) -> Response:
    return _ending(_booking(code), "declined")


@bp.post("/<code>/refus")
@needs("bookings.write")
def decline(code: str) -> Response:
    return _end(_booking(code), "declined")


def _ending(card: BookingCard, to: str, *, form: Form | None = None, status: int = 200) -> Response:
    """What it will mean, before it is done."""
    _must_allow(card, to)
    offer = context.offer()
    return page(
        "dashboard/booking_end.html", status=status, to=to, card=card, form=form or Form({"reason": ""}),
        service=booking.service_of(offer, card), people=booking.people_of(offer, card),
        refund=acts.refund(offer, card, now=context.now(), by_professional=True),
    )  # fmt: skip


def _end(card: BookingCard, to: str) -> Response:
    typed = Form.typed("reason")
    try:
        reason = typed.read(acts.ReasonInput).reason
    except Invalid:
        return _ending(card, to, form=typed, status=422)
    ended = acts.change_status(
        context.business(), members.actor(), UUID(card.id), to, now=context.now(), reason=reason
    )  # fmt: skip
    words = gettext("Rendez-vous de %(name)s annulé.", name=card.name)
    if to == "declined":
        words = gettext("Demande de %(name)s refusée.", name=card.name)
    _flash_undo(str(words), ended)
    return see_other(_in_agenda(card))


# --- moving ----------------------------------------------------------------------------------------------------------


@bp.get("/<code>/deplacement")
@needs("bookings.write")
def moving(code: str) -> Response:
    """The client's own picker; with `debut`, the sheet that says what moving there means."""
    card = _booking(code)
    _must_be_movable(card)
    if request.args.get("debut"):
        return _sheet(card)
    return _picker(card)


@bp.post("/<code>/deplacement")
@needs("bookings.write")
def move(code: str) -> Response:
    """A time alone, as the picker sends it, is asked back first; the sheet's own button confirms."""
    card = _booking(code)
    debut, whom = request.form.get("debut", ""), request.form.get("avec") or None
    if "confirmer" not in request.form:
        return see_other(url_for(".moving", code=code, debut=debut, avec=whom))
    date, time, fold = wall.read(debut)
    body = {"newDate": date, "newTime": time, "fold": fold, "resourceId": whom}
    try:
        data = read(acts.StaffMoveInput, body | {"override": request.form["confirmer"] == "quand_meme"})
        moved = acts.move(context.business(), members.actor(), UUID(card.id), data, now=context.now())
    except (Invalid, SlotTaken) as error:
        return _sheet(card, problem=text_of(error), status=error.status)
    told = gettext("%(name)s déplacé : %(day)s à %(time)s.", **_said(moved))
    _flash_undo(str(told), moved)
    return see_other(_in_agenda(moved))


def _picker(card: BookingCard) -> Response:
    ask = _ask_again(card, request.args.get("avec"))
    date, week, trouble = picker.asked_dates(ask, request.args.get("jour", ""), request.args.get("semaine", ""))
    whom = request.args.get("avec") or None
    return page(
        "dashboard/booking_move.html", part="booking/_picker.html", picker=picker.picker(ask, date=date, week=week),
        problem=trouble, kept={"csrf_token": _csrf()} | ({"avec": whom} if whom else {}), held=None, card=card,
        link=lambda **changes: url_for(".moving", code=card.code, **{"avec": whom} | changes),
        action=url_for(".move", code=card.code), current=card.start.timestamp(), whom=whom,
        people=ask.offer.able(ask.service) if members.actor().only is None else (), service=ask.service,
    )  # fmt: skip


def _sheet(card: BookingCard, *, problem: str = "", status: int = 200) -> Response:
    values = request.values
    date, time, fold = wall.read(values.get("debut", ""))
    ask = _ask_again(card, values.get("avec"))
    why = reasons.of(ask, date, time, fold)
    stays = card.start.strftime("%Y-%m-%dT%H:%M") == f"{date}T{time}"
    whom = ask.offer.resource_by_slug(values.get("avec", ""))
    return page(
        "dashboard/booking_moving.html", status=status, card=card, why=why, problem=problem, stays=stays, whom=whom,
        debut=values.get("debut", ""), service=ask.service, near=_near(ask, why),
    )  # fmt: skip


def _near(ask: Ask, why: Any) -> list[picker.Time]:
    from queries import availability

    if why is None or why.is_free:
        return []
    return picker.near_times(ask, tuple(slot.starts_at for slot in availability.nearest(ask, why.start)))


def _ask_again(card: BookingCard, whom: str | None) -> Ask:
    """As the move itself asks: with whom it is when its client chose, or whom the address names."""
    offer, only = context.offer(), members.actor().only
    asked = offer.resource_by_slug(whom) if whom else None
    stays = None if card.any_resource or len(card.resource_ids) != 1 else offer.resource_by_slug(card.resource_ids[0])
    chosen = asked or stays
    service = booking.service_of(offer, card)
    return Ask(
        offer, service, context.now(), card.party_size, only or (chosen.id if chosen else None), UUID(card.id),
        card.email or None,
    )  # fmt: skip


# --- steps -----------------------------------------------------------------------------------------------------------


def _booking(code: str) -> BookingCard:
    """Of the actor's own agenda, where they have but one. Raises NotFound."""
    if not codes.is_code(code):
        raise NotFound
    card, resource_ids = booking.for_staff(context.offer(), code)
    only = members.actor().only
    if only is not None and only not in resource_ids:
        raise NotFound
    return card


def _whole(card: BookingCard, *, form: Form | None = None, problem: str = "", status: int = 200) -> Response:
    offer = context.offer()
    service, events = booking.service_of(offer, card), booking.history(offer, UUID(card.id))
    return page(
        "dashboard/booking.html", status=status, card=card, service=service, people=booking.people_of(offer, card),
        rooms=booking.rooms_of(offer, card), events=events, problem=problem,
        answers=asked.told(context.business(), service, card.answers, language=context.language()),
        moves=_moves(card), form=form or Form({"note": card.note}), can_undo=_can_undo(card),
        version=booking.version_of(card), made=dt.datetime.fromisoformat(card.created_at), moment=_moment,
        undoable=_is_undoable(events), client_url=_client_url(card),
    )  # fmt: skip


def _moves(card: BookingCard) -> frozenset[str]:
    """What the table of states allows, and the hour: nobody arrives the day before."""
    allowed = MOVES[card.status]
    if card.start.date() > context.offer().local_date(context.now()):
        allowed = allowed - {"arrived", "no_show"}
    if not sectors.get(context.business().sector).books_tables:
        allowed = allowed - {"seated"}
    return allowed if may(members.actor(), "bookings.write") else frozenset()


def _is_undoable(events: tuple[booking.Event, ...]) -> bool:
    """Whether staff did the last of it, and it has not been taken back already."""
    deeds = [each for each in events if each.what == "audit" and each.name != "booking.noted"]
    last = deeds[0] if deeds else None
    if last is None or last.name not in ("booking.moved", "booking.status_changed") or last.data.get("undone"):
        return False
    return last.actor != "client" and context.now() - last.at.timestamp() <= acts.SLIP


def _client_url(card: BookingCard) -> str:
    known = card.client_id and "clients.detail" in current_app.view_functions
    return url_for("clients.detail", client_id=card.client_id) if known else ""


def _moment(start: int) -> str:
    at = local(start)
    return f"{short_day(at)} {hour(at)}"


def _can_undo(card: BookingCard) -> bool:
    return card.status in BACK and may(members.actor(), "bookings.write")


def _must_allow(card: BookingCard, to: str) -> None:
    if to not in MOVES[card.status]:
        raise AlreadyCancelled if card.status == "cancelled" else NotChangeable


def _must_be_movable(card: BookingCard) -> None:
    if card.status != "pending":
        _must_allow(card, "rescheduled")


def _flash_undo(text: str, card: BookingCard) -> None:
    done(text, undo=url_for("bookings.undo", code=card.code), fields={"version": booking.version_of(card)})


def _said(card: BookingCard) -> dict[str, str]:
    return {"name": card.name, "day": near_day(card.start).lower(), "time": hour(card.start)}


def _in_agenda(card: BookingCard) -> str:
    return url_for("agenda.show", vue="jour", date=card.start.date().isoformat(), _anchor=f"b-{card.code}")


def _back(card: BookingCard) -> str:
    """Where the button stood."""
    return url_for("today.show") if request.form.get("de") == "jour" else url_for(".show", code=card.code)


def _csrf() -> str:
    from flask_wtf.csrf import generate_csrf  # type: ignore[import-untyped]  # has no types

    return str(generate_csrf())
