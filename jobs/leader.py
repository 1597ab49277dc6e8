"""Who runs the jobs: one process at a time, by a lease in the database, the same on both engines.

Two may still lead for a moment (a stopped process, a clock that jumps). Every job is right all the same; the lease
only saves work.
"""

import datetime as dt
import os
import secrets
import socket

import db

LEASE_SECONDS = 15
RENEW_SECONDS = 5


class Leader:
    """One process's claim to lead. `now` is UTC epoch seconds everywhere."""

    def __init__(self, name: str = "jobs", holder: str | None = None) -> None:
        self.name = name
        self.holder = holder or f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._epoch: int | None = None
        self._until = 0.0

    def renew(self, *, now: float) -> int | None:
        """Take or keep the lead; the epoch, or None while another leads. A lease that reaches further ahead than its
        own length was written by a wrong clock and counts as expired."""
        mark = db.handle.param
        moment, until = (_instant(each) for each in (now, now + LEASE_SECONDS))
        sql = f"""
            INSERT INTO lease AS held (name, holder, until, epoch) VALUES ({mark}, {mark}, {mark}, 1)
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until,
                epoch = held.epoch + CASE WHEN held.holder = excluded.holder THEN 0 ELSE 1 END
            WHERE held.holder = excluded.holder OR held.until <= {mark} OR held.until > excluded.until
            RETURNING epoch"""
        with db.platform():
            row = db.handle.execute_sql(sql, (self.name, self.holder, until, moment)).fetchone()
        self._epoch, self._until = (row[0], now + LEASE_SECONDS) if row else (None, 0.0)
        return self._epoch

    def leads(self, *, now: float) -> bool:
        """Without asking the database: what the last renewal said, as long as it holds."""
        return self._epoch is not None and now < self._until

    def resign(self) -> None:
        """Let the next one lead at once."""
        mark = db.handle.param
        with db.platform():
            db.handle.execute_sql(
                f"DELETE FROM lease WHERE name = {mark} AND holder = {mark}", (self.name, self.holder)
            )
        self._epoch, self._until = None, 0.0


def _instant(seconds: float) -> object:
    return db.instant_value(dt.datetime.fromtimestamp(seconds, dt.UTC))
