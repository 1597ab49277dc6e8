"""What the nouns of the staff API share: their blueprint, pages of lists, versions of items."""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID

from flask import Blueprint, Response, request
from pydantic import Field

from actions.inputs import Input, refuse
from blueprints import context
from blueprints.answers import json_answer
from blueprints.api.contract import VERSION_HEADER
from blueprints.members import kept_private
from errors import NotFound, StaleVersion, Unavailable
from lib.cursor import BadCursor, cursor, place
from lib.versions import version

Item = TypeVar("Item")
Key = Sequence[int | str]

TRIES = 4
STALE = "-"  # no version has this form
CURSOR_LENGTH = 500
Limit = Annotated[int, Field(ge=1, le=100)]


class PageInput(Input):
    """`after` is the `next` of the page before."""

    after: Annotated[str, Field(max_length=CURSOR_LENGTH)] | None = None
    limit: Limit = 50


def of_staff(noun: str, import_name: str) -> Blueprint:
    """A blueprint under `/api` on every host; `platform.py` has asked for the token before."""
    bp = Blueprint(f"staff_{noun}", import_name, url_prefix="/api")
    bp.after_request(kept_private)
    return bp


def item(name: str, shape: Any, *, seen: str | None = None, status: int = 200, at: str | None = None) -> Response:
    """One item under its singular, with its ETag (`seen`: its version where an action knows it; else that of what is
    sent); `at` is a new one's address."""
    answer = json_answer({name: shape}, status)
    answer.set_etag(seen or version(shape))
    if at is not None:
        answer.headers["Location"] = at
    return answer


def gone() -> Response:
    return Response(status=204)


def wanted(current: str) -> str | None:
    """The version that the caller says to have read: None where no If-Match, or `*`, lets the change apply whatever is
    there. Of several tags the one that is current counts. A weak tag never matches (RFC 9110, 13.1.1)."""
    sent = request.headers.get(VERSION_HEADER)
    if sent is None or sent.strip() == "*":
        return None
    tags = [tag.strip() for tag in sent.split(",")]
    return current if f'"{current}"' in tags else STALE


def changed(read: Callable[[], Item], version_of: Callable[[Item], str], apply: Callable[[Item, str], Item]) -> Item:
    """Change a part of what is there, for actions that replace the whole: `apply` gets what was read and its version,
    and what somebody else writes in between is read anew, unless the caller asked for one version. Raises
    StaleVersion."""
    for _ in range(TRIES):
        found = read()
        asked = wanted(version_of(found))
        try:
            return apply(found, asked or version_of(found))
        except StaleVersion:
            if asked is not None:
                raise
    raise Unavailable


def pages(
    name: str, items: Iterable[Item], page: PageInput, *, key: Callable[[Item], str]
) -> tuple[list[Item], str | None]:
    """A part of a short list that is read as a whole, and where it goes on. Behind one that was dropped since there is
    no place any more: the list is over."""
    listed = list(items)
    after = place_of(name, page)
    if after is not None:
        keys = [[key(each)] for each in listed]
        listed = listed[keys.index(after) + 1 :] if after in keys else []
    return cut(name, listed[: page.limit + 1], lambda each: (key(each),), page)


def cut(name: str, items: Sequence[Item], key: Callable[[Item], Key], page: PageInput) -> tuple[list[Item], str | None]:
    """At most `page.limit` of up to one more, and where the list goes on: None at its end."""
    shown = list(items[: page.limit])
    return shown, next_of(name, key(shown[-1])) if len(items) > page.limit else None


def next_of(name: str, key: Key) -> str:
    return cursor(context.signer(), name, key)


def place_of(name: str, page: PageInput) -> list[Any] | None:
    """Raises Invalid for what is no cursor of this list."""
    if page.after is None:
        return None
    try:
        return place(context.signer(), name, page.after)
    except BadCursor:
        raise refuse("after", "slug") from None


def row_id(text: str, missing: type[NotFound] = NotFound) -> UUID:
    """Of a path. Raises `missing`: what cannot be an id names nothing."""
    try:
        return UUID(text)
    except ValueError:
        raise missing from None
