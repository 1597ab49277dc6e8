"""What is read of a business once and kept in memory while its revision stays: never stale, because every change of the
tables concerned raises the revision in the database."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar
from uuid import UUID

import db
from queries.business import BusinessCard

T = TypeVar("T")

MOST = 512  # businesses


class ByRevision(Generic[T]):
    """`read` runs inside the business's scope."""

    def __init__(self, read: Callable[[BusinessCard], T]) -> None:
        self._read = read
        self._kept: OrderedDict[tuple[UUID, int], T] = OrderedDict()

    def of(self, business: BusinessCard) -> T:
        key = business.id, business.revision
        found = self._kept.get(key)
        if found is None:
            with db.reading(business.id):
                found = self._kept[key] = self._read(business)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return found
