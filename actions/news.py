"""What a member of a business has looked at."""

import datetime as dt

import db
from actions.access import Actor, demand
from models import Membership
from queries.business import BusinessCard


def mark_seen(business: BusinessCard, by: Actor, *, now: int) -> None:
    """All that clients have done until now. It is each member's own mark, so it needs no trace."""
    demand(by, "agenda.read")
    with db.writing(business.id):
        Membership.update(news_seen_at=dt.datetime.fromtimestamp(now, dt.UTC)).where(
            Membership.user_id == by.user_id
        ).execute()
