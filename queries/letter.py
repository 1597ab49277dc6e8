"""One mail about one booking: what its reader sees, as the booking stands when the mail is written."""

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from jinja2 import Environment

import sectors
from lib import dates, ics, phone, prices
from lib.languages import NAMES, Wording, locale_of, wording
from lib.links import Links, day_token
from lib.money import share
from lib.refund import Policy
from lib.text import french
from queries import booking
from queries.asked import Told, told
from queries.booking import BookingCard
from queries.business import BusinessCard, by_id
from queries.offer import Offer, load
from sectors import Sector

ACTIVE = ("pending", "confirmed", "rescheduled", "arrived", "seated")
Method = Literal["PUBLISH", "REQUEST", "CANCEL"]


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str
    sender_name: str
    reply_to: str
    calendar: bytes
    calendar_method: Method


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant as its place writes it: `mardi 24 novembre 2026`, `mar. 24 nov.`, `10:20`."""

    day: str
    short_day: str
    time: str


@dataclass(frozen=True, slots=True)
class Visit:
    """What the templates get: plain values in the reader's language, or with the language that they are left in.
    `title` is what calendars say. `days_ahead` counts local days from the writing to the visit."""

    business: BusinessCard
    booking: BookingCard
    to_client: bool
    active: bool
    language: str
    sector: Sector
    title: str
    service: Wording
    people: tuple[Wording, ...]
    rooms: tuple[Wording, ...]
    access: Wording
    answers: tuple[Told, ...]
    client_speaks: str
    place: str
    policy: Policy
    starts: Moment
    ends: Moment
    moved_from: Moment | None
    days_ahead: int
    cancelled_by: str
    reason: str
    price: str
    deposit: str
    refund: str
    address: str
    phone: str
    manage_url: str
    day_url: str
    site_url: str


class Silent(Exception):
    """The message has nothing true or useful to say any more; its text says why."""


def write(
    env: Environment, links: Links, *, business_id: UUID, booking_id: UUID, template: str, locale: str,
    data: dict[str, Any], now: float, even_if_late: bool = False,
) -> Letter:  # fmt: skip
    """Raises Silent when it comes too late: a reminder of a visit that has begun, news of a booking that is off since.
    `even_if_late` writes it all the same. Words come from gettext: the caller has chosen the language."""
    business = by_id(business_id)
    offer = load(business)
    card = booking.by_id(offer, booking_id)
    if card is None:
        raise Silent("the booking is gone")
    if not even_if_late:
        _still_true(card, template, now)
    visit = _visit(links, offer, card, template, locale, data, now)
    return _letter(env, _words(env, template, visit), visit, locale, now)


def sample(env: Environment, links: Links, offer: Offer, *, name: str, now: float) -> Letter:
    """What a client of this name gets who has booked the first service: the mail as it would leave, about a booking
    that nobody has made. Its links lead nowhere. Words come from gettext: the caller has chosen the language."""
    business, service = offer.business, (offer.active_services or offer.services)[0]
    day = offer.local_date(int(now)) + dt.timedelta(days=2)
    start = dt.datetime.combine(day, dt.time(10), offer.zone)
    price = service.price_cents
    card = BookingCard(
        id=str(UUID(int=0)), code="AC-K7P2QX", status="confirmed", service_id=service.slug, resource_ids=(),
        starts_at=start.isoformat(), ends_at=(start + dt.timedelta(minutes=service.duration_minutes)).isoformat(),
        duration_minutes=service.duration_minutes, party_size=1, any_resource=True, source="website", name=name,
        email=business.email, phone=None, notify_email=True, notify_sms=False, message="", answers={},
        locale=business.locale, price_cents=price, deposit_cents=share(price, service.deposit_bp),
        deposit_bp=service.deposit_bp, payment_status="pending", refund_cents=None, sequence=0, link_version=1,
        held_until=None, extended=False, created_at=start.isoformat(), updated_at=start.isoformat(),
    )  # fmt: skip
    template = "client_requested" if business.approves_by_hand else "client_confirmed"
    visit = replace(_visit(links, offer, card, template, business.locale, {}, now), manage_url="#", site_url="#")
    return _letter(env, _words(env, template, visit), visit, business.locale, now)


def _still_true(card: BookingCard, template: str, now: float) -> None:
    if not template.endswith(("_cancelled", "_declined")) and card.status not in ACTIVE:
        raise Silent(f"the booking is {card.status}")
    if template.endswith("_reminder") and card.start.timestamp() <= now:
        raise Silent("the visit has begun")


def _visit(
    links: Links, offer: Offer, card: BookingCard, template: str, language: str, data: dict[str, Any], now: float
) -> Visit:
    def own(text: Any, field: str) -> Wording:
        said = wording(getattr(text, field), text.translations, field, wanted=language, source=business.locale)
        return Wording(french(said.text), "fr") if said.language == "fr" else said

    def money(cents: int | None) -> str:
        return prices.amount(cents, business.currency, locale) if cents else ""

    def moment(at: dt.datetime) -> Moment:
        return _moment(at.astimezone(offer.zone), locale)

    business, service = offer.business, booking.service_of(offer, card)
    locale = locale_of(language, business.country)
    elsewhere = language if template.startswith("client_") and language != business.locale else ""
    moved_from = dt.datetime.fromisoformat(data["from"]) if "from" in data else None
    return Visit(
        business=business, booking=card, to_client=template.startswith("client_"), active=card.status in ACTIVE,
        language=language, sector=sectors.get(business.sector),
        title=booking.title(offer, card, language=language), service=own(service, "name"),
        people=tuple(own(each, "name") for each in booking.people_of(offer, card)), access=own(business, "access"),
        rooms=tuple(own(each, "name") for each in booking.rooms_of(offer, card)),
        answers=told(business, service, card.answers, language=language),
        client_speaks=NAMES.get(card.locale, "") if card.locale != business.locale else "",
        place=service.place, policy=service.policy, starts=moment(card.start), ends=moment(card.end),
        moved_from=moment(moved_from) if moved_from else None,
        days_ahead=(offer.local_date(int(card.start.timestamp())) - offer.local_date(int(now))).days,
        cancelled_by=data.get("by", ""), reason=data.get("reason", ""),
        price=money(card.price_cents), deposit=money(card.deposit_cents),
        refund=money(card.refund_cents), address=_address(business),
        site_url=links.site(business.slug, language=elsewhere),
        phone=phone.national(business.shown_phone, business.country) if business.shown_phone else "",
        day_url=links.day(UUID(card.id), day_token(links.signer, business.id, business.email, now=now)),
        manage_url=links.manage(
            business.slug, card.code, business.id, UUID(card.id), card.link_version, language=elsewhere
        ),
    )  # fmt: skip


def _letter(env: Environment, words: dict[str, Any], visit: Visit, locale: str, now: float) -> Letter:
    business = visit.business
    return Letter(
        subject=words["subject"], text=env.get_template("mail/letter.txt").render(words),
        html=env.get_template("mail/letter.html").render(words, lang=locale), sender_name=business.name,
        reply_to=business.email if visit.to_client else visit.booking.email or business.email,
        calendar=ics.calendar(_event(visit, words, now), method=_method(visit)), calendar_method=_method(visit),
    )  # fmt: skip


def _address(business: BusinessCard) -> str:
    return ", ".join(filter(None, (business.street, f"{business.postcode} {business.town}".strip())))


def _moment(at: dt.datetime, locale: str) -> Moment:
    """An hour that the clocks go through twice says which of the two it is (domain rule 4)."""
    twice = at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset()
    day = dates.long_day(at.date(), locale, today=dt.date.min)  # a mail is read again years later: always with the year
    return Moment(day, dates.short_day(at.date(), locale), f"{at:%H:%M}" + (f" ({dates.offset(at)})" if twice else ""))


def _words(env: Environment, template: str, visit: Visit) -> dict[str, Any]:
    """Subject, heading and first sentences from the message's own template; facts, policy and button from the one
    that all share. Plain text: the HTML page escapes it."""
    values: dict[str, Any] = {"visit": visit, "booking": visit.booking, "business": visit.business}
    own = env.get_template(f"mail/{template}.txt").make_module(values)
    shared = env.get_template("mail/_content.txt").make_module(values | {"to_client": visit.to_client})
    lines = {name: _line(getattr(own, name)) for name in ("subject", "heading", "lead")}
    made: Any = shared
    return (
        values | lines | {"policy": _line(made.policy), "facts": made.facts, "noted": made.noted, "button": made.button}
    )


def _line(text: Any) -> str:
    """On one line; the no-break spaces of French stay."""
    return re.sub(r"[^\S\u00a0\u202f]+", " ", str(text)).strip()


def _method(visit: Visit) -> Method:
    """The client is invited; the professional's copy is one to keep."""
    if not visit.active:
        return "CANCEL"
    return "REQUEST" if visit.to_client else "PUBLISH"


def _event(visit: Visit, words: dict[str, Any], now: float) -> ics.Event:
    """The professional's copy carries no key to the client's own page; no copy carries an answer."""
    card, business = visit.booking, visit.business
    return ics.Event(
        uid=ics.uid(card.code, business.id), sequence=card.sequence, starts_at=card.start, ends_at=card.end,
        stamp=dt.datetime.fromtimestamp(now, dt.UTC),
        summary=f"{visit.title}, {business.name if visit.to_client else card.name}",
        description="\n".join(words["noted"]),
        location=visit.address if visit.place == "on_site" else "",
        url=visit.manage_url if visit.to_client else visit.site_url, organizer_name=business.name,
        organizer_email=business.email, attendee_name=card.name,
        attendee_email=card.email if visit.to_client else None,
        status="TENTATIVE" if card.status == "pending" else "CONFIRMED",
    )  # fmt: skip
