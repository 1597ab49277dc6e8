"""Who may do what: one table, asked by every route and by every action of the dashboard and of the staff API."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from errors import NotAllowed
from models import ROLES

Role = Literal["owner", "admin", "practitioner", "reception", "read_only"]

_LEADS = frozenset({"owner", "admin"})
_WORKS = _LEADS | {"practitioner", "reception"}
_ALL = frozenset(ROLES)

# What is asked, by name: `noun.read` shows, `noun.write` changes.
MAY: dict[str, frozenset[str]] = {
    "agenda.read": _ALL,
    "bookings.write": _WORKS,
    "clients.read": _ALL,
    "clients.write": _WORKS,
    "services.read": _ALL,
    "services.write": _LEADS,
    "hours.read": _ALL,
    "hours.write": _LEADS | {"practitioner"},
    "team.read": _ALL,
    "team.write": _LEADS,
    "members.write": _LEADS,
    "site.read": _LEADS,
    "site.write": _LEADS,
    "settings.read": _LEADS,
    "settings.write": _LEADS,
    "audit.read": _LEADS,
    "owner.write": frozenset({"owner"}),  # what only an owner gives or takes: the role of owner
}

# A practitioner does these with the own agenda alone.
OWN = frozenset({"agenda.read", "bookings.write", "hours.write"})

# What waits until the address of who signed up is proved.
PROVED = frozenset({"members.write"})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts in one business. `user_id` None: the holder of the link of the day. `resource_id` is the agenda that is
    a practitioner's own. `proved`: the address has been shown to be theirs."""

    business_id: UUID
    user_id: UUID | None
    name: str
    role: Role
    resource_id: UUID | None = None
    proved: bool = True

    @property
    def only(self) -> UUID | None:
        """The one resource whose agenda this actor sees and changes; None: all of them. A practitioner without an
        agenda of their own sees that of nobody."""
        return (self.resource_id or _NOBODY) if self.role == "practitioner" else None


_NOBODY = UUID(int=0)


class NotProved(NotAllowed):
    code = "EMAIL_NOT_PROVED"
    message = "Confirmez d’abord votre adresse e-mail : le lien vous attend dans votre boîte."


def may(actor: Actor, action: str) -> bool:
    """Whether the role allows it at all; rows are for `demand` to judge."""
    return actor.role in MAY[action]


def demand(actor: Actor, action: str, *resource_ids: UUID | None) -> None:
    """Raises NotAllowed. `resource_ids` are the agendas that the act touches (None: the whole business's); a
    practitioner touches none but their own."""
    if not may(actor, action):
        raise NotAllowed
    if action in PROVED and not actor.proved:
        raise NotProved
    if action in OWN and actor.only is not None and any(each != actor.only for each in resource_ids):
        raise NotAllowed
