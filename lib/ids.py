"""UUID version 7 (RFC 9562, 5.7): keys that sort by the time they were made, so that indexes grow at one end."""

import os
import time
import uuid


def uuid7(milliseconds: int | None = None) -> uuid.UUID:
    """48 bits of Unix milliseconds, then version, variant and 74 random bits."""
    stamp = time.time_ns() // 1_000_000 if milliseconds is None else milliseconds
    value = (stamp & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    return uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62)
