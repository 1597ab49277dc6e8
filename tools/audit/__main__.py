"""Look at the default run as a demanding visitor does: `python -m tools.audit`, alone on the machine.

Lighthouse on the landing page, a mini-site and its slot page (phone and desktop, the first 100 of at most three runs),
once on the other mini-sites; what a first visit weighs; axe on the pages of every profession at three widths, light
and dark, in every language and in forced colours; then on every state of the flow and of the dashboard. Pictures go to
`var/audit/`. Fails when a figure is missed.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import sectors
from actions import demo
from tools import processes, system
from tools.audit import lighthouse, pages

ROOT = Path(__file__).resolve().parent.parent.parent
PICTURES = ROOT / "var" / "audit"
BUSINESS = "cabinet-delvaux"
SLUGS = [each.slug for each in demo.every()]
START = 60  # seconds that the server may take to load the demo


def main(arguments: list[str]) -> int:
    parts = {"lighthouse": run_lighthouse, "weight": run_weight, "axe": run_axe, "states": run_states}
    chosen = [name for name in parts if not arguments or name in arguments]
    with processes.interruptible(), default_run() as address:
        failed = [name for name in chosen if not parts[name](address)]
    print(f"\naudit: {', '.join(failed)} failed" if failed else "\naudit: all clear")
    return int(bool(failed))


@contextlib.contextmanager
def default_run() -> Iterator[str]:
    """`bookt.py serve` on an empty folder, as anybody starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://localhost:{port}"
    with tempfile.TemporaryDirectory(prefix="bookt-audit-") as folder:
        settings = {"BOOKT_DATA": folder, "PORT": str(port), "PUBLIC_URL": address, "RATE_LIMIT_READ": "off"}
        server = subprocess.Popen(
            [sys.executable, "bookt.py", "serve"], cwd=ROOT, env=os.environ | settings, stdout=subprocess.DEVNULL
        )
        try:
            wait_for(f"{address}/health")
            yield address
        finally:
            processes.stop(server, signal.SIGTERM)


def wait_for(url: str) -> None:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.2)
    sys.exit(f"the server did not answer within {START} s")


def run_lighthouse(address: str) -> bool:
    main_pages = {
        "landing": "/", "mini-site": f"/{BUSINESS}",
        "slot page": f"/{BUSINESS}/rdv?prestation=seance&avec=peu-importe",
    }  # fmt: skip
    others = [slug for slug in SLUGS if slug != BUSINESS]
    print(
        "| page | device | run | perf | a11y | best | SEO | LCP | TBT | CLS |",
        "|---" * 10 + "|",
        sep="\n",
    )
    met = [
        lighthouse.reaches_100(name, address + path, device)
        for name, path in main_pages.items() for device in ("mobile", "desktop")
    ]  # fmt: skip
    once = [lighthouse.once(slug, f"{address}/{slug}") for slug in others]
    return all(met) and all(once)


def run_axe(address: str) -> bool:
    print(f"\n{len(sectors.ids())} professions, {len(SLUGS)} demo businesses")
    PICTURES.mkdir(parents=True, exist_ok=True)
    return pages.look(address, SLUGS, str(system.chromium()), PICTURES)


def run_weight(_address: str) -> bool:
    """Bodies, requests and cookies of a first visit, printed by the tests that hold them to their limits."""
    return run_tests("-rP", "tests/blueprints/test_weight.py")


def run_states(_address: str) -> bool:
    """Every state of the flow and of the dashboard, in the widths and schemes that the tests leave out."""
    return run_tests(*(f"tests/browser/test_{name}.py" for name in ("every_page", "desk", "my_site", "agenda")))


def run_tests(*arguments: str) -> bool:
    environment = os.environ | {"BOOKT_AUDIT": "1", "CHROMIUM": str(system.chromium())}
    command = [sys.executable, "-m", "pytest", "-q", "--engine", "sqlite", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
