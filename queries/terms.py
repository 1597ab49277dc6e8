"""What a cancellation costs, in instants and cents: the policy applied to one booking."""

from dataclasses import dataclass

from lib.money import share
from lib.refund import HOUR
from queries.booking import BookingCard
from queries.offer import ServiceCard


@dataclass(frozen=True, slots=True)
class Terms:
    """Instants in UTC epoch seconds. Until `full_until` the whole deposit is free, until `partial_until` a part;
    `refund_cents` is what goes back now of what was paid, `due_cents` what stays owed now of what was not."""

    deposit_cents: int
    full_until: int
    full_hours: int
    partial_until: int
    partial_cents: int
    is_paid: bool
    refund_cents: int
    due_cents: int
    now: int

    @property
    def is_full(self) -> bool:
        return self.now <= self.full_until

    @property
    def is_partial(self) -> bool:
        return not self.is_full and self.has_part and self.now <= self.partial_until

    @property
    def has_part(self) -> bool:
        return self.partial_cents > 0 and self.partial_until > self.full_until


def terms(service: ServiceCard, card: BookingCard, *, now: int) -> Terms:
    policy, start = service.policy, int(card.start.timestamp())
    free = policy.refund_cents(card.deposit_cents, starts_at=start, now=now)
    kept = card.deposit_cents - free
    is_paid = card.payment_status in ("authorized", "captured")
    return Terms(
        deposit_cents=card.deposit_cents, full_until=start - policy.full_hours * HOUR, full_hours=policy.full_hours,
        partial_until=start - policy.partial_hours * HOUR, partial_cents=share(card.deposit_cents, policy.partial_bp),
        is_paid=is_paid, refund_cents=free if is_paid else 0, due_cents=0 if is_paid else kept, now=now,
    )  # fmt: skip
