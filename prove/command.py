"""One proof from beginning to end: scratch database, server, clients, kills, oracle, report."""

import argparse
import random
import secrets
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from config import Settings, SettingsError
from prove import oracle, report, scratch
from prove.crowd import Crowd
from prove.faults import FAULTS
from prove.scratch import NoScratch, Scratch
from prove.server import Server
from tools import processes


def main(arguments: list[str]) -> int:
    chosen = _options().parse_args(arguments)
    try:
        settings = Settings.from_environment()
        with processes.interruptible(), tempfile.TemporaryDirectory(prefix="bookt-prove-") as folder:
            with scratch.made(settings, Path(folder)) as place:
                return prove(place, chosen)
    except (NoScratch, SettingsError) as error:
        print(f"prove: {error}", file=sys.stderr)
        return 2


def prove(place: Scratch, chosen: argparse.Namespace) -> int:
    seed = secrets.randbelow(1_000_000) if chosen.seed is None else chosen.seed
    print(report.opening(place.engine, chosen.clients, chosen.seconds, chosen.kills, seed), flush=True)
    fault = FAULTS.get(chosen.fault)
    if fault:
        print(f"planted fault: {fault.meaning}", flush=True)
        fault.plant(place)
    with Server(place, fault.application if fault else "bookt:create_app()") as server:
        crowd = Crowd(place, server.port, chosen.clients, seed)
        try:
            with crowd:
                _kill_at_random(server, chosen.kills, chosen.seconds, random.Random(seed))
                logs = crowd.logs()
        except subprocess.TimeoutExpired:
            print("the clients did not come back; the server says:", server.says(), sep="\n")
            return 1
    verdict = oracle.judge(oracle.read(place), logs, kills=server.kills)
    print(report.closing(verdict, server, place.engine))
    if verdict.broken:
        print(server.says(), file=sys.stderr)
    return int(verdict.broken)


def _kill_at_random(server: Server, kills: int, seconds: float, chance: random.Random) -> None:
    """Let the server work for so many seconds, cut into pieces by the kills; while it is away no second is counted."""
    cuts = sorted(chance.uniform(0.1, 0.9) * seconds for _ in range(kills))
    for begin, end in pairwise([0.0, *cuts, seconds]):
        if begin:
            server.kill_and_restart()
        time.sleep(end - begin)


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="bookt.py prove", description=main.__doc__)
    options.add_argument("--clients", type=_at_least(1), default=60, help="how many at once (60)")
    options.add_argument(
        "--seconds", type=float, default=12, help="how long the server works for them, its absences not counted (12)"
    )
    options.add_argument("--kills", type=_at_least(0), default=5, help="how often the server is killed (5)")
    options.add_argument("--seed", type=int, help="of the clients' and the killer's choices; printed by each run")
    options.add_argument("--fault", choices=sorted(FAULTS), help="plant a fault: the proof must fail")
    return options


def _at_least(least: int) -> "type[int]":
    def number(text: str) -> int:
        value = int(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"{least} or more")
        return value

    return number  # type: ignore[return-value]
