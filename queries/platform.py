"""What the platform's front door shows: the professions, each with its demo, and one of these as it stands now."""

from dataclasses import dataclass

import sectors
from queries import site
from queries.business import BusinessCard, any_exists, demos
from queries.offer import load
from queries.site import Front
from sectors import Sector

PROOF = "physio"  # the profession whose demo is shown, where it has one


@dataclass(frozen=True, slots=True)
class Trade:
    """`demo` is None where nobody shows the profession yet."""

    sector: Sector
    demo: BusinessCard | None


@dataclass(frozen=True, slots=True)
class Proof:
    sector: Sector
    business: BusinessCard
    front: Front


@dataclass(frozen=True, slots=True)
class Landing:
    """`empty`: no business at all, not even a demo."""

    trades: tuple[Trade, ...]
    proof: Proof | None
    empty: bool


def landing(now: int) -> Landing:
    """At most four statements once the proof's offer is kept."""
    found: dict[str, BusinessCard] = {}
    for card in demos():
        found.setdefault(card.sector, card)
    trades = tuple(Trade(each, found.get(each.id)) for each in sectors.every())
    proof = _proof(trades, now)
    return Landing(trades, proof, empty=proof is None and not any_exists())


def _proof(trades: tuple[Trade, ...], now: int) -> Proof | None:
    shown = sorted((each for each in trades if each.demo), key=lambda each: each.sector.id != PROOF)
    if not shown or shown[0].demo is None:
        return None
    return Proof(shown[0].sector, shown[0].demo, site.front(load(shown[0].demo), now))
