"""The slot kernel, 30 days and 200 blocks, against a plain sorted merge. As a script it prints the ratio."""

import random
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

from slots import Range, free_starts, grid

DAYS, BLOCKS, LENGTH, STEP, BUFFER = 30, 200, 3600, 1800, 600
MOST = 3.0  # goal G2: at most so many times the reference

Interval = tuple[int, int]


def measure(rounds: int = 300) -> dict[str, float]:
    """Best times in milliseconds, taken in turns, and their ratio. Raises if the two do not agree on every start."""
    opening, blocks = month()
    ranges = [(lo, hi, lo, hi) for lo, hi in opening]
    if kernel(ranges, blocks) != reference(opening, blocks):
        raise AssertionError("the kernel and the reference disagree")
    ours = theirs = float("inf")
    for _ in range(rounds):
        ours = min(ours, timed(lambda: kernel(ranges, blocks)))
        theirs = min(theirs, timed(lambda: reference(opening, blocks)))
    return {"kernel_ms": ours * 1000, "reference_ms": theirs * 1000, "ratio": ours / theirs, "most": MOST}


def month() -> tuple[list[Interval], list[Interval]]:
    """Mornings and afternoons of a month, and blocks of all lengths, many of them overlapping."""
    dice = random.Random(1)
    midnights = [n * 86_400 for n in range(DAYS)]
    opening = [(m + lo * 60, m + hi * 60) for m in midnights for lo, hi in ((510, 720), (780, 1080))]
    starts = sorted(dice.randrange(DAYS * 1440) * 60 for _ in range(BLOCKS))
    return opening, [(start, start + dice.choice((15, 30, 60, 90, 240)) * 60) for start in starts]


def kernel(ranges: list[Range], blocks: list[Interval]) -> list[int]:
    starts, ends = [lo for lo, _ in blocks], [hi for _, hi in blocks]
    return free_starts(grid(ranges, step=STEP, length=LENGTH), starts, ends, before=BUFFER, after=LENGTH + BUFFER)


def reference(opening: list[Interval], blocks: list[Interval]) -> list[int]:
    """Merge the widened blocks, then walk grid and blocks side by side: the plain way, nothing but loops."""
    merged: list[list[int]] = []
    for lo, hi in sorted(blocks):
        lo, hi = lo - BUFFER, hi + BUFFER
        if merged and lo <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], hi)
        else:
            merged.append([lo, hi])
    free, i = [], 0
    for lo, hi in opening:
        start = lo
        while start + LENGTH <= hi:
            while i < len(merged) and merged[i][1] <= start:
                i += 1
            if i == len(merged) or start + LENGTH <= merged[i][0]:
                free.append(start)
            start += STEP
    return free


def timed(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


if __name__ == "__main__":
    figures = measure()
    print("  ".join(f"{name} {value:.3f}" for name, value in figures.items()))
    sys.exit(figures["ratio"] > MOST)
