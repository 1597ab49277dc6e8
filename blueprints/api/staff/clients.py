"""`/api/clients` (S0): who comes, found by name, e-mail or telephone number."""

from typing import Annotated, TypedDict
from uuid import UUID

from flask import Response
from pydantic import BeforeValidator, Field

from actions.inputs import cleaned
from blueprints import context
from blueprints.answers import json_answer
from blueprints.api import contract
from blueprints.api.contract import operation
from blueprints.api.shapes import Instant
from blueprints.api.staff.frame import PageInput, item, next_of, of_staff, place_of, row_id
from blueprints.guards import needs
from errors import NotFound
from queries import clients
from queries.clients import ClientCard

bp = of_staff("clients", __name__)

NAME = "clients"
Sought = Annotated[Annotated[str, Field(max_length=clients.LONGEST)] | None, BeforeValidator(cleaned())]


class SearchInput(PageInput):
    """`q`: words of name or e-mail in any order, or digits of a number."""

    q: Sought = None


class StaffClient(TypedDict):
    """`email` is empty, `phone` null for who gave none."""

    id: str
    name: str
    email: str
    phone: str | None
    notes: str
    vip: bool
    createdAt: Instant


class StaffClientAnswer(TypedDict):
    client: StaffClient


class StaffClients(TypedDict):
    """`next` is what `after` takes for the next page, null at the end."""

    clients: list[StaffClient]
    next: str | None


@bp.get("/clients")
@needs("clients.read")
@operation("The clients, by name", StaffClients, query=SearchInput)
def index() -> Response:
    page = contract.query(SearchInput)
    after = place_of(NAME, page)
    found = clients.page(
        context.business(), page.q or "", after=UUID(after[0]) if after else None, limit=page.limit
    )  # fmt: skip
    following = next_of(NAME, [str(found.next)]) if found.next else None
    return json_answer({NAME: [shape(each) for each in found.clients], "next": following})


@bp.get("/clients/<client_id>")
@needs("clients.read")
@operation("One client", StaffClientAnswer, versioned=True, errors=(NotFound,))
def show(client_id: str) -> Response:
    return item("client", shape(clients.by_id(context.business(), row_id(client_id))))


def shape(found: ClientCard) -> StaffClient:
    return {
        "id": str(found.id),
        "name": found.name,
        "email": found.email,
        "phone": found.phone,
        "notes": found.notes,
        "vip": found.vip,
        "createdAt": found.created_at.astimezone(context.offer().zone).isoformat(),
    }
