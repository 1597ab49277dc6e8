"""For whose eyes something is read."""

from typing import Protocol
from uuid import UUID


class Viewer(Protocol):
    """Who works in a business (`actions.access.Actor`)."""

    @property
    def only(self) -> UUID | None:
        """The one resource whose agenda they see; None: all of them."""
