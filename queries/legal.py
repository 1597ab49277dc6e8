"""What a business has to say of itself and of its clients' data, out of its profile."""

from collections.abc import Iterable
from dataclasses import dataclass

from lib import identity
from lib.identity import MESSAGES, PROFESSION, SITE, Missing
from queries.asked import asked
from queries.business import BusinessCard
from queries.content import Content
from queries.offer import Offer
from sectors import FormField

Facts = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """Known facts alone, each as key, label (a msgid) and value."""

    publisher: Facts
    profession: Facts
    site: Facts


@dataclass(frozen=True, slots=True)
class Privacy:
    """`controller` answers for the data; `fields` are asked beside name, e-mail, phone and message."""

    controller: str
    fields: tuple[FormField, ...]
    months: int
    host: str
    is_care: bool


def notice(business: BusinessCard) -> Notice:
    """The page of legal facts: what is not known is left out."""
    publisher = tuple(key for key in identity.KEYS if key not in PROFESSION + SITE)
    return Notice(_facts(business, publisher), _facts(business, PROFESSION), _facts(business, SITE))


def missing(business: BusinessCard) -> tuple[Missing, ...]:
    """What the owner should still fill in; shown to nobody else."""
    return identity.missing(business.identity, business.country, business.sector)


def privacy(offer: Offer, content: Content) -> Privacy:
    business = offer.business
    return Privacy(
        controller=identity.known(business.identity, "legal_name") or business.name,
        fields=tuple(_fields(offer)),
        months=content.sector.rules.retention.months,
        host=identity.known(business.identity, "host"),
        is_care=identity.kind_of(business.sector) == "care",
    )


def _facts(business: BusinessCard, keys: Iterable[str]) -> Facts:
    found = ((key, MESSAGES[key], identity.known(business.identity, key)) for key in keys)
    return tuple(fact for fact in found if fact[2])


def _fields(offer: Offer) -> Iterable[FormField]:
    """The questions of every service, once each."""
    return {field.key: field for service in offer.active_services for field in asked(offer.business, service)}.values()
