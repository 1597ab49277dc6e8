"""`python -m bench [--only G1,G5] [--quick] [--engine sqlite]`: every figure beside the limit of the same run.

Exit code 0 whatever the figures say; 1 when the product did something wrong (a strange status, a slot sold twice).
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from bench import booking, costs, dashboard, reading
from bench.harness import QUICK, Bench, Scale
from bench.load import Broken, Load
from bench.report import ENGINES, Figure, table
from bench.serve import cores
from tools import processes

GOALS: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "G1": reading.day,
    "G2": reading.month,
    "G3": reading.growth,
    "G4": reading.statements,
    "G8": reading.page,
    "G9": dashboard.pages,
    "G5": booking.alone,
    "G6": booking.one_slot,
    "G7": booking.many_slots,
    "G11": costs.memory,
    "G12": costs.start,
    "G13": costs.sizes,
    "G14": costs.storage,
}


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    began, figures, broken = time.monotonic(), list[Figure](), list[str]()
    with processes.interruptible():
        for engine in options.engines:
            run(engine, options.scale, options.goals, figures, broken)
    print("\n" + table(sorted(figures, key=lambda each: int(each.goal[1:]))))
    missed = sum(each.met is False for each in figures)
    print(f"\n{len(figures)} figures, {missed} missed, in {time.monotonic() - began:.0f} s")
    print("\n".join(f"BROKEN: {each}" for each in broken), end="\n" if broken else "", file=sys.stderr)
    return 1 if broken else 0


def run(engine: str, scale: Scale, goals: list[str], figures: list[Figure], broken: list[str]) -> None:
    """Appends what is measured, and what went wrong; a goal that breaks does not keep the next from its turn."""
    with ExitStack() as stack:
        load = Load(cores()[1])
        stack.callback(load.stop)
        bench = Bench(engine, scale, load, stack)
        for goal in goals:
            try:
                for figure in GOALS[goal](bench):
                    figures.append(figure)
                    line = f"{figure.goal:<4}{ENGINES[engine]:<12}{figure.work}: {figure.found}  {figure.asked}"
                    print(line.rstrip(), flush=True)
            except Broken as error:
                broken.append(f"{goal} on {ENGINES[engine]}: {error}")
                print(f"{goal:<4}{ENGINES[engine]:<12}BROKEN: {error}", flush=True)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", help="goals, comma-separated: G1,G5")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: whether it runs, not what it costs")
    parser.add_argument("--engine", choices=ENGINES, help="one engine instead of both")
    options = parser.parse_args(arguments)
    asked = options.only.upper().split(",") if options.only else list(GOALS)
    unknown = [goal for goal in asked if goal not in GOALS]
    if unknown:
        parser.error(f"no such goal here: {', '.join(unknown)}; there are {', '.join(GOALS)}")
    options.goals = [goal for goal in GOALS if goal in asked]
    options.engines = [options.engine] if options.engine else list(ENGINES)
    options.scale = QUICK if options.quick else Scale()
    if "postgresql" in options.engines and not os.environ.get("BOOKT_TEST_POSTGRES"):
        parser.error("BOOKT_TEST_POSTGRES names no PostgreSQL: use `make bench`, or --engine sqlite")
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
