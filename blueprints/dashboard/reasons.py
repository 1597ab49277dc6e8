"""Why a time is not on offer, in words, each with the page where it can be changed."""

import datetime as dt
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext

import slots
from actions.access import may
from blueprints import members
from blueprints.display import minutes, own_text
from queries import why as because
from queries.availability import Ask
from queries.why import Obstacle


@dataclass(frozen=True, slots=True)
class Line:
    """`href` leads to the repair, which `act` names; empty where there is none, or where the role may not."""

    text: str
    act: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    start: int | None
    is_free: bool
    may_pass: bool
    lines: tuple[Line, ...]


def of(ask: Ask, date: str, time: str, fold: int = 0) -> Answer | None:
    """None for what is no time at all."""
    try:
        start = slots.to_instant(ask.offer.business.timezone, dt.date.fromisoformat(date), time, fold)
    except (ValueError, IndexError):
        return None
    if start is None:
        return Answer(
            None, False, False, (Line(str(gettext("Cette heure n’existe pas : les montres avancent cette nuit-là."))),)
        )
    found = because.why(ask, start)
    return Answer(start, found.is_free, found.may_pass, tuple(_line(ask, each, start) for each in found.obstacles))


def _line(ask: Ask, obstacle: Obstacle, start: int) -> Line:
    text, act, href, role = _words(ask, obstacle, start)
    who = ", ".join(own_text(each, "name").text for each in obstacle.resources)
    told = str(gettext("%(who)s : %(text)s", who=who, text=text)) if who else text[:1].upper() + text[1:]
    return Line(told, act, href) if href and may(members.actor(), role) else Line(told)


def _words(ask: Ask, obstacle: Obstacle, start: int) -> tuple[str, str, str, str]:
    """The reason, the repair, its address, and what the repair demands of the role."""
    reason, date = obstacle.reason, ask.offer.local_date(start).isoformat()
    whose = obstacle.resources[0].slug if len(obstacle.resources) == 1 else None
    hours = url_for("hours.show", de=whose, jour=date)
    rules = ask.service.rules
    if reason.code == "booking":
        return _booking_in_the_way(reason)
    if reason.code == "calendar":
        return _block_in_the_way(reason, date, whose)
    if reason.code == "closed":
        words = {
            "closure": gettext("fermé exceptionnellement ce jour-là"), "holiday": gettext("férié, donc fermé"),
            "override": gettext("fermé à cette heure-là par un horaire particulier"),
        }  # fmt: skip
        text = words.get(reason.detail) or gettext("fermé ce jour de la semaine")
        return str(text), str(gettext("Ouvrir ce jour")), hours, "hours.write"
    if reason.code in ("outside_hours", "break"):
        text = (
            gettext("c’est la pause") if reason.code == "break" else gettext("la visite déborde des heures d’ouverture")
        )
        return str(text), str(gettext("Changer les horaires")), hours, "hours.write"
    if reason.code == "off_grid":
        text = gettext("les heures sont proposées toutes les %(step)s", step=minutes(rules.step))
        return str(text), str(gettext("Changer le pas")), _settings(), "settings.write"
    if reason.code == "too_soon":
        text = gettext("trop tôt : il faut prévenir %(notice)s à l’avance", notice=minutes(rules.notice))
        return str(text), str(gettext("Changer le préavis")), _settings(), "settings.write"
    if reason.code == "beyond_horizon":
        text = gettext("trop loin : les réservations ouvrent %(days)s jours à l’avance", days=rules.horizon)
        return str(text), str(gettext("Ouvrir plus loin")), _settings(), "settings.write"
    if reason.code == "past":
        return str(gettext("cette heure est passée")), "", "", "agenda.read"
    return _others(reason)


def _booking_in_the_way(reason: slots.Reason) -> tuple[str, str, str, str]:
    cause = reason.cause
    if cause is None or cause.code is None:
        return str(gettext("un rendez-vous s’y trouve")), "", "", "agenda.read"
    text = gettext("un rendez-vous s’y trouve (%(what)s, %(code)s)", what=cause.summary, code=cause.code)
    return str(text), str(gettext("Voir ce rendez-vous")), url_for("bookings.show", code=cause.code), "agenda.read"


def _block_in_the_way(reason: slots.Reason, date: str, whose: str | None) -> tuple[str, str, str, str]:
    cause = reason.cause
    see = url_for("agenda.show", vue="jour", date=date, avec=whose)
    if cause is not None and cause.provider == "bookt":
        text = gettext("ce temps est bloqué (%(what)s)", what=cause.summary or gettext("sans motif"))
        return str(text), str(gettext("Débloquer")), see, "bookings.write"
    text = gettext("occupé dans l’agenda %(name)s", name=(cause.provider or "").capitalize() if cause else "")
    return str(text), str(gettext("Voir la journée")), see, "agenda.read"


def _others(reason: slots.Reason) -> tuple[str, str, str, str]:
    if reason.code in ("party_too_large", "party_too_small"):
        large, small = gettext("trop de personnes pour la place"), gettext("trop peu de personnes pour cette table")
        text = large if reason.code == "party_too_large" else small
        return str(text), str(gettext("Voir les places")), url_for("team.show"), "team.read"
    if reason.code == "no_resource":
        text = gettext("personne ne propose cette prestation")
        return str(text), str(gettext("Dire qui la propose")), url_for("services.show"), "services.write"
    whose, period = reason.code.split("_")[1:]
    words = {"day": gettext("par jour"), "week": gettext("par semaine"), "month": gettext("par mois")}
    if whose == "client":
        text = gettext("ce client a atteint sa limite de rendez-vous %(period)s", period=words[period])
        return str(text), str(gettext("Changer la limite")), _settings(), "settings.write"
    if whose == "service":
        text = gettext("la prestation a atteint sa limite %(period)s", period=words[period])
        return str(text), str(gettext("Changer la limite")), url_for("services.show"), "services.write"
    text = gettext("limite de rendez-vous %(period)s atteinte", period=words[period])
    return str(text), str(gettext("Changer la limite")), url_for("team.show"), "team.write"


def _settings() -> str:
    return url_for("settings.show")
