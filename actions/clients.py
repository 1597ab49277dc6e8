"""The clients of a business: written down and corrected by who works there. Each public function is one transaction."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

import peewee
from pydantic import Field

import db
from actions import audit
from actions.access import Actor, demand
from actions.inputs import MESSAGES, Input, Name, OptionalEmail, OptionalMessage, OptionalPhone, refuse
from errors import Invalid, NotFound, Problem, StaleVersion
from lib import phone, search
from lib.ids import uuid7
from models import Client
from queries.business import BusinessCard
from queries.clients import ClientCard, client_card, version_of


class ClientInput(Input):
    """Who someone is for the business. `notes` are the business's own: the client never reads them."""

    name: Name
    email: OptionalEmail = None
    phone: OptionalPhone = None
    notes: OptionalMessage = None
    vip: Annotated[bool, Field(description="Someone whom the business marks out.")] = False


class EmailTaken(Invalid):
    """The address is that of another client of the business: `client_id`."""

    def __init__(self, other: Any) -> None:
        super().__init__({"email": Problem("EMAIL_TAKEN", MESSAGES["email_taken"], name=other.name)})
        self.client_id = UUID(str(other.id))


def create(business: BusinessCard, by: Actor, data: ClientInput, *, now: int) -> ClientCard:
    """Raises NotAllowed, Invalid, EmailTaken."""
    demand(by, "clients.write")
    values, key = _values(business, data), uuid7()

    def run() -> ClientCard:
        with db.writing(business.id):
            _refuse_taken(values["email"], key)
            row = Client.create(id=key, created_at=dt.datetime.fromtimestamp(now, dt.UTC), **values)
            audit.note(by, "client.created", key, now=now)
            return client_card(row)

    return _again_if_taken(run)


def change(
    business: BusinessCard, by: Actor, client_id: UUID, data: ClientInput, *, now: int, expected: str | None = None
) -> ClientCard:
    """All fields at once; bookings keep what was typed for them. Raises NotAllowed, NotFound, StaleVersion, Invalid,
    EmailTaken."""
    demand(by, "clients.write")
    values = _values(business, data)

    def run() -> ClientCard:
        with db.writing(business.id):
            before = _current(client_id, expected)
            _refuse_taken(values["email"], client_id)
            after = replace(before, **{name: value for name, value in values.items() if name != "sought"})
            if after != before:
                Client.update(**values).where(Client.id == client_id).execute()
                fields = [name for name in values if name != "sought" and getattr(before, name) != values[name]]
                audit.note(by, "client.changed", client_id, now=now, fields=fields)
            return after

    return _again_if_taken(run)


def _again_if_taken(run: Callable[[], ClientCard]) -> ClientCard:
    """An address that someone else wrote down a moment ago is found by looking again."""
    try:
        return run()
    except peewee.IntegrityError as error:
        if "client_email" not in str(error) and "client.email" not in str(error):
            raise
    return run()


def _values(business: BusinessCard, data: ClientInput) -> dict[str, Any]:
    email, number = data.email or "", _number(business, data.phone)
    return {
        "name": data.name, "email": email, "phone": number, "notes": data.notes or "", "vip": data.vip,
        "sought": search.sought(data.name, email, number),
    }  # fmt: skip


def _number(business: BusinessCard, typed: str | None) -> str | None:
    try:
        return phone.normalise(typed, business.country) if typed else None
    except phone.BadNumber:
        raise refuse("phone", "phone") from None


def _refuse_taken(email: str, client_id: UUID) -> None:
    other = Client.find(email=email) if email else None
    if other is not None and other.id != client_id:
        raise EmailTaken(other)


def _current(client_id: UUID, expected: str | None) -> ClientCard:
    """Kept from others until the transaction ends."""
    query = Client.select().where(Client.id == client_id)
    row = (query if db.is_sqlite() else query.for_update()).first()
    if row is None:
        raise NotFound
    found = client_card(row)
    if expected is not None and expected != version_of(found):
        raise StaleVersion
    return found
