"""Time taken or opened by the professional's own hand."""

import datetime as dt
from uuid import UUID

import db
from actions.booking import lapse
from lib.ids import uuid7
from models import BusyBlock, Claim
from queries.business import BusinessCard
from queries.offer import load

BY_HAND = "bookt"


def block(
    business: BusinessCard,
    resource_id: UUID,
    *,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    summary: str,
    now: int,
) -> UUID:
    """Take a resource's time on all its lanes; returns the block's id. Raises SlotTaken when a booking is in it."""
    lapse(business, now=now)
    card = load(business).resource(resource_id)
    block_id = uuid7()
    with db.writing(business.id):
        db.handle.lock([resource_id])
        BusyBlock.insert(
            id=block_id,
            resource_id=resource_id,
            starts_at=starts_at,
            ends_at=ends_at,
            provider=BY_HAND,
            summary=summary,
        ).execute()
        Claim.insert_many(
            {
                "resource_id": resource_id,
                "unit": unit,
                "starts_at": starts_at,
                "ends_at": ends_at,
                "block_id": block_id,
            }
            for unit in range(card.rules.units)
        ).execute()
    return block_id


def unblock(business: BusinessCard, block_id: UUID) -> None:
    """Give the time back."""
    with db.writing(business.id):
        Claim.delete().where(Claim.block_id == block_id).execute()
        BusyBlock.delete().where(BusyBlock.id == block_id, BusyBlock.provider == BY_HAND).execute()
