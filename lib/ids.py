"""UUID version 7 (RFC 9562, 5.7): keys that sort by the time they were made, so that indexes grow at one end."""

import os
import threading
import time
import uuid

_turn = threading.Lock()
_last = (0, 0)  # millisecond and count of the latest key of this process


def uuid7(milliseconds: int | None = None) -> uuid.UUID:
    """48 bits of Unix milliseconds, then version, variant, a count of 12 bits and 62 random ones. Keys that one process
    makes sort as they were made, within a millisecond too (RFC 9562, 6.2, method 1); `milliseconds` gives another time,
    and then no such promise."""
    stamp, count = _next() if milliseconds is None else (milliseconds, int.from_bytes(os.urandom(2), "big") & 0xFFF)
    value = (stamp & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | count << 64 | 0x2 << 62
    return uuid.UUID(int=value | int.from_bytes(os.urandom(8), "big") >> 2)


def _next() -> tuple[int, int]:
    """A count begins low in its millisecond and rises; where it is full, the next millisecond is taken early."""
    global _last
    with _turn:
        stamp, (before, count) = time.time_ns() // 1_000_000, _last
        if stamp > before:
            _last = stamp, int.from_bytes(os.urandom(1), "big")
        else:
            _last = (before, count + 1) if count < 0xFFF else (before + 1, 0)
        return _last
