"""What a proof prints."""

from prove.oracle import Verdict
from prove.server import Server

EXAMPLES = 3  # shown of each broken promise


def opening(engine: str, clients: int, seconds: float, kills: int, seed: int) -> str:
    return f"{engine}: {clients} clients for {seconds:g} s, {kills} kills, seed {seed}"


def closing(verdict: Verdict, server: Server, engine: str) -> str:
    away = max((seconds for _, seconds in server.kills), default=0.0)
    figures = {
        "attempts": verdict.attempts, "sold": verdict.sold, "of which held first, by forms": verdict.held,
        "refused": verdict.refused, "answers won back by a repeat": verdict.won_back,
    }  # fmt: skip
    lines = [f"  {name:<32}{count:>8}" for name, count in figures.items()]
    for promise, broken in verdict.broken_promises.items():
        lines.append(f"  {promise:<32}{len(broken):>8}")
        lines += [f"      {example}" for example in broken[:EXAMPLES]]
    lines.append(f"  {'slowest answer':<32}{verdict.slowest_ms:>8.0f} ms")
    lines.append(f"  {'longest away after a kill':<32}{away * 1000:>8.0f} ms")
    if verdict.idle:
        lines.append("  nothing was sold or nothing refused: this run proves nothing")
    lines.append(f"{engine}: {'BROKEN' if verdict.broken else 'every promise held'}")
    return "\n".join(lines)
