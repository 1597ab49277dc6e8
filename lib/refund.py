"""What of a deposit goes back when a booking is cancelled (S3, "Politique d'annulation")."""

from dataclasses import dataclass
from typing import Any, Self

from lib.money import share

HOUR = 3600


@dataclass(frozen=True, slots=True)
class Policy:
    """Full at `full_hours` or more before the start, `partial_bp` from `partial_hours` on, nothing after."""

    full_hours: int = 48
    partial_hours: int = 24
    partial_bp: int = 5_000

    @classmethod
    def from_json(cls, data: dict[str, Any] | None) -> Self:
        return cls(**(data or {}))

    def refund_cents(self, deposit_cents: int, *, starts_at: int, now: int, by_professional: bool = False) -> int:
        """Cents to give back; instants are UTC epoch seconds. The professional's own cancellation refunds all."""
        ahead = starts_at - now
        if by_professional or ahead >= self.full_hours * HOUR:
            return deposit_cents
        if ahead >= self.partial_hours * HOUR:
            return share(deposit_cents, self.partial_bp)
        return 0
