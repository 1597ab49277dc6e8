"""What a client has chosen so far, as it travels in addresses and hidden fields of the booking flow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from blueprints import context
from lib.links import read_hold_token
from lib.tokens import BadToken
from queries.availability import Ask
from queries.offer import Offer, ResourceCard, ServiceCard

ANYONE = "peu-importe"
LARGEST_PARTY = 12


@dataclass(frozen=True)
class Wish:
    """`whom` is a resource's slug, ANYONE, or empty while nothing was said; `hold` the token of an earlier hold."""

    offer: Offer
    service: ServiceCard | None
    whom: str
    party: int
    hold: str = ""
    only: ResourceCard | None = None

    @classmethod
    def read(cls, offer: Offer, typed: Mapping[str, str]) -> Self:
        """What cannot be understood counts as not said, but for a service: ServiceNotFound."""
        person = offer.resource_by_slug(typed.get("avec", ""))
        services = [each for each in offer.active_services if person is None or offer.able(each, person.id)]
        slug = typed.get("prestation", "")
        service = offer.service(slug) if slug else services[0] if len(services) == 1 else None
        if person and service and not offer.able(service, person.id):
            person = None
        whom = person.slug if person else ANYONE if typed.get("avec") == ANYONE else ""
        number = typed.get("personnes", "")
        party = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 1
        return cls(offer, service, whom, max(1, party), typed.get("retenu", ""), person)

    @property
    def services(self) -> list[ServiceCard]:
        """Those on offer, or those of the person chosen first."""
        return [each for each in self.offer.active_services if not self.only or self.offer.able(each, self.only.id)]

    @property
    def people(self) -> tuple[ResourceCard, ...]:
        return people_of(self.offer, self.service) if self.service else ()

    @property
    def must_say_whom(self) -> bool:
        return not self.whom and len(self.people) > 1

    @property
    def hold_id(self) -> UUID | None:
        """The visitor's earlier hold, given back when another time is taken."""
        try:
            return read_hold_token(context.signer(), self.hold, self.offer.business.id) if self.hold else None
        except BadToken:
            return None

    @property
    def largest_party(self) -> int:
        return largest_party(self.offer, self.service) if self.service else 1

    def ask(self) -> Ask:
        if self.service is None:
            raise ValueError("no service is chosen yet")
        only = self.only.id if self.only else None
        return Ask(self.offer, self.service, context.now(), self.party, only, self.hold_id)

    def params(self) -> dict[str, Any]:
        """For addresses and hidden fields; what says nothing is left out."""
        said = {
            "prestation": self.service.slug if self.service else "", "avec": self.whom,
            "personnes": str(self.party) if self.party > 1 else "", "retenu": self.hold if self.hold_id else "",
        }  # fmt: skip
        return {name: value for name, value in said.items() if value}


def people_of(offer: Offer, service: ServiceCard) -> tuple[ResourceCard, ...]:
    """Those one may choose among: practitioners, never tables or rooms."""
    return tuple(card for card in offer.able(service) if card.kind == "practitioner")


def largest_party(offer: Offer, service: ServiceCard) -> int:
    """How many may come together; 1 where the question makes no sense."""
    if service.rules.capacity > 1:
        return min(service.rules.capacity, LARGEST_PARTY)
    tables = [card.rules for card in offer.able(service) if card.rules.seats]
    joined = {
        table.join: sum(each.seats or 0 for each in tables if each.join == table.join) for table in tables if table.join
    }
    return min(max([*(table.seats or 0 for table in tables), *joined.values(), 1]), LARGEST_PARTY)


def steps(offer: Offer, service: ServiceCard | None) -> list[str]:
    """The screens that this business's clients pass; those with one possible answer are no step."""
    services = [service] if service else list(offer.active_services)
    screens = {
        "service": len(offer.active_services) > 1,
        "whom": any(len(people_of(offer, each)) > 1 for each in services),
        "moment": True,
        "details": True,
        "check": any(each.deposit_bp and each.price_cents for each in services),
    }
    return [name for name, applies in screens.items() if applies]
