"""Where a list goes on: the sort key of the last item sent, signed, so that nobody asks for a place we did not name."""

from collections.abc import Sequence
from typing import Any

from lib.tokens import BadToken, Signer


class BadCursor(ValueError):
    """Not a cursor of this list."""


def cursor(signer: Signer, of: str, key: Sequence[int | str]) -> str:
    """`of` names the list; `key` is plain JSON, in the order in which the list is sorted."""
    return signer.sign(_purpose(of), list(key))


def place(signer: Signer, of: str, text: str) -> list[Any]:
    """The key of a cursor of the same list. Raises BadCursor."""
    try:
        found = signer.read(_purpose(of), text)
    except BadToken:
        raise BadCursor from None
    if not isinstance(found, list):
        raise BadCursor
    return found


def _purpose(of: str) -> str:
    return f"after.{of}"
