"""What the platform's front door shows: the professions, each with its demo, and one of these as it stands now."""

from collections.abc import Hashable
from dataclasses import dataclass

import sectors
from queries import site
from queries.business import BusinessCard, any_exists, demos
from queries.offer import load
from queries.site import Look
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
    look: Look


@dataclass(frozen=True, slots=True)
class Landing:
    """`empty`: no business at all, not even a demo."""

    trades: tuple[Trade, ...]
    proof: Proof | None
    empty: bool

    @property
    def key(self) -> Hashable | None:
        """Equal keys give equal pages; None where that cannot be told (`Look`)."""
        shown = tuple((each.demo.id, each.demo.revision) for each in self.trades if each.demo)
        look = self.proof.look.key if self.proof else "none"
        return None if look is None else ("landing", shown, look, self.empty)


def landing(now: int) -> Landing:
    """Three statements once the proof's offer is kept; what they find is worked out by `site.front`."""
    found: dict[str, BusinessCard] = {}
    for card in demos():
        if card.public:
            found.setdefault(card.sector, card)
    trades = tuple(Trade(each, found.get(each.id)) for each in sectors.every())
    proof = _proof(trades, now)
    return Landing(trades, proof, empty=proof is None and not any_exists())


def _proof(trades: tuple[Trade, ...], now: int) -> Proof | None:
    shown = sorted((each for each in trades if each.demo), key=lambda each: each.sector.id != PROOF)
    if not shown or shown[0].demo is None:
        return None
    return Proof(shown[0].sector, shown[0].demo, site.look(load(shown[0].demo), now))
