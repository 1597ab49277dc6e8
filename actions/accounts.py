"""People and what they may enter: signing up. Each public function is one transaction."""

import datetime as dt
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

import peewee
from pydantic import Field

import db
from actions import business as making
from actions.inputs import Email, Input, Name, OptionalSlug, refuse
from lib import slugs
from lib.ids import uuid7
from lib.tokens import Signer
from models import Membership, User

TRIES = 50  # proposals that may be taken already


class SignUpInput(Input):
    """What is asked before there is an account: the business, the person, the e-mail. Without `slug` one is made from
    the name. `sector` is the name of a file in `sectors/`."""

    sector: str
    business_name: Name = Field(alias="businessName")
    name: Name
    email: Email
    slug: OptionalSlug = None


@dataclass(frozen=True, slots=True)
class SignedUp:
    user_id: UUID
    business_id: UUID


def sign_up(data: SignUpInput, *, now: int, locale: str, signer: Signer) -> SignedUp:
    """A user whose e-mail is not proved yet, and the business that is theirs, off line until it can be found. Raises
    Invalid when the wanted slug is taken or reserved."""
    for slug in islice([making.wanted_slug(data.slug)] if data.slug else slugs.proposals(data.business_name), TRIES):
        try:
            return _sign_up(data, slug, now, locale)
        except peewee.IntegrityError as error:
            if "slug" not in str(error):
                raise
    raise refuse("slug", "slug_taken")


def _sign_up(data: SignUpInput, slug: str, now: int, locale: str) -> SignedUp:
    business_id, user_id, moment = uuid7(), uuid7(), dt.datetime.fromtimestamp(now, dt.UTC)
    with db.writing(business_id):
        User.insert(id=user_id, email=data.email, name=data.name, locale=locale, created_at=moment).execute()
        values: dict[str, Any] = {
            "slug": slug, "name": data.business_name, "sector": data.sector, "email": data.email, "locale": locale,
            "timezone": "Europe/Brussels", "public": False, "onboarding": [1, 2],
        }  # fmt: skip
        making.create(values, person=data.name, business_id=business_id)
        Membership.insert(user_id=user_id, role="owner", created_at=moment).execute()
    return SignedUp(user_id, business_id)
