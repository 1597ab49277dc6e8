"""Why a start is not on offer, and whether staff may take it all the same."""

from dataclasses import dataclass

import db
import slots
from queries import availability
from queries.availability import Ask
from queries.offer import ResourceCard


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason, once for all the resources that it holds for; `resources` is empty when it holds for everybody."""

    reason: slots.Reason
    resources: tuple[ResourceCard, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """`obstacles` are empty for a start that is free. `may_pass`: staff may take it by overriding."""

    start: int
    obstacles: tuple[Obstacle, ...]
    may_pass: bool

    @property
    def is_free(self) -> bool:
        return not self.obstacles


def why(ask: Ask, start: int) -> Why:
    with db.reading(ask.offer.business.id):
        reasons = availability.explain(ask, start)
        forced = availability.place(ask, start, availability.taken_around(ask, start), override=True)
    return Why(start, _grouped(ask, reasons), bool(reasons) and isinstance(forced, slots.Placement))


def _grouped(ask: Ask, reasons: tuple[slots.Reason, ...]) -> tuple[Obstacle, ...]:
    found: dict[tuple[str, slots.Cause | None, str], list[slots.Reason]] = {}
    for reason in reasons:
        found.setdefault((reason.code, reason.cause, reason.detail), []).append(reason)
    cards = {card.rules.id: card for card in ask.resources}
    every = len(cards)
    return tuple(
        Obstacle(
            each[0],
            () if (len(each) == every and every > 1) or each[0].resource_id is None
            else tuple(cards[one.resource_id] for one in each if one.resource_id in cards),
        )
        for each in found.values()
    )  # fmt: skip
