"""One booking as its pages show it: its service, whom it is with, its terms, and its answers in words."""

from typing import Any

from blueprints import context
from queries import booking as kept
from queries.asked import told
from queries.booking import BookingCard
from queries.terms import terms


def shown(card: BookingCard) -> dict[str, Any]:
    offer = context.offer()
    service = kept.service_of(offer, card)
    return {
        "card": card, "service": service, "people": kept.people_of(offer, card),
        "terms": terms(service, card, now=context.now()),
        "told": told(offer.business, service, card.answers, language=context.language()),
    }  # fmt: skip
