"""Money in integer cents; rates in basis points (3,000 = 30 %)."""

BASIS = 10_000


def share(cents: int, basis_points: int) -> int:
    """A part of an amount, halves rounded up: share(4000, 3000) == 1200."""
    return (cents * basis_points + BASIS // 2) // BASIS
