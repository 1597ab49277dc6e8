"""`python -m tests.newcomer` plays somebody who has never been here, over plain HTTP and without script: from the front
door to a page on line, a booking on it, and on through all ten steps. It prints how many answers were demanded and how
many seconds went by until the first booking, and fails when that is too much."""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from tests.pages import Form, Page, plain

ROOT = Path(__file__).resolve().parent.parent
MOST_ANSWERS, MOST_SECONDS = 9, 60.0
ANSWERS = {
    "businessName": "Cabinet du Parc", "name": "Ada Peeters", "email": "ada@example.be",
    "street": "Avenue du Parc 7", "postcode": "1060", "town": "Saint-Gilles", "phone": "02 555 01 77",
}  # fmt: skip


@dataclass
class Played:
    """`demanded`: each answer without which it would not go on, in order. Seconds count from the front door."""

    demanded: list[str] = field(default_factory=list)
    online: float = 0
    booked: float = 0
    address: str = ""
    steps: list[int] = field(default_factory=list)


def play(base: str, sector: str = "physio") -> Played:
    """Raises AssertionError where the way is blocked."""
    played, began = Played(), time.monotonic()
    browser = Browser(base)
    front = browser.get("/")
    you = browser.send(front.form("/demarrer"), metier=sector)
    played.demanded.append("metier")
    place = _answer(browser, you, played)
    services = _answer(browser, place, played)
    played.online = time.monotonic() - began
    assert "Votre page est en ligne" in services.text, services.text[:300]
    played.address = next(link for link in services.links if re.fullmatch(r"/[a-z0-9-]+", link))
    confirmed = _book(Browser(base), played.address)
    played.booked = time.monotonic() - began
    assert "confirmé" in confirmed.text, confirmed.text[:300]
    played.steps = [3, *_finish(browser, services, played)]
    return played


def _answer(browser: "Browser", page: Page, played: Played) -> Page:
    """Fill what the page demands and nothing else."""
    form = page.form("etape")
    wanted = [name for name in form.required if not form.values.get(name)]
    played.demanded += wanted
    return browser.send(form, **{name: ANSWERS[name] for name in wanted})


def _book(client: "Browser", address: str) -> Page:
    """As a client who comes to the page: its first time, a name, an e-mail."""
    page = client.get(address)
    times = next(form for form in page.forms if any(name == "debut" for name, _ in form.buttons))
    start = next(value for name, value in times.buttons if name == "debut")
    details = client.send(times, debut=start)
    return client.send(details.form("coordonnees"), name="Zoé Lambert", email="zoe@example.be")


def _finish(browser: "Browser", page: Page, played: Played) -> Iterator[int]:
    """The steps that are left, as they are filled in."""
    while "/demarrer/fin" not in page.response.url:
        yield int(re.search(r"/demarrer/([0-9]+)", page.response.url)[1])
        page = _answer(browser, page, played)
        assert page.status == 200, page.text[:300]
    assert "Votre page est prête" in page.text


class Browser:
    """One browser without script: it keeps cookies and follows redirects."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._opener.addheaders = [("Accept-Language", "fr"), ("User-Agent", "newcomer")]

    def get(self, path: str) -> Page:
        return self._open(urllib.request.Request(urllib.parse.urljoin(self.base, path)))

    def send(self, form: Form, **values: str) -> Page:
        data, url = urllib.parse.urlencode(form.values | values), urllib.parse.urljoin(self.base, form.action)
        if form.method == "post":
            return self._open(urllib.request.Request(url, data.encode()))
        return self._open(urllib.request.Request(f"{url}?{data}"))

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            with self._opener.open(request, timeout=20) as answer:
                return _page(answer.status, answer.url, answer.read())
        except urllib.error.HTTPError as error:
            return _page(error.code, request.full_url, error.read())


class _Answer:
    def __init__(self, status: int, url: str, body: bytes) -> None:
        self.status_code, self.url, self._body = status, url, body

    def get_data(self, *, as_text: bool) -> str:
        assert as_text
        return plain(self._body.decode())


def _page(status: int, url: str, body: bytes) -> Page:
    answer: Any = _Answer(status, url, body)
    return Page(answer)


@contextmanager
def server() -> Iterator[str]:
    """A server of its own, in a process of its own, on an empty database. Gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        settings = {"BOOKT_DATA": folder, "PORT": str(port), "HOST": "127.0.0.1", "DEMO": "off", "DATABASE_URL": ""}
        process = subprocess.Popen(
            [sys.executable, "bookt.py", "serve"], cwd=ROOT, env=os.environ | settings, stdout=subprocess.DEVNULL
        )
        try:
            base = f"http://127.0.0.1:{port}"
            _wait(base, process)
            yield base
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait(base: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None, "the server has ended"
        try:
            urllib.request.urlopen(f"{base}/health", timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


def main() -> int:
    with server() as base:
        played = play(base)
    print(f"answers demanded: {len(played.demanded)} ({', '.join(played.demanded)}), at most {MOST_ANSWERS}")
    print(
        f"page on line after {played.online:.2f} s, first booking after {played.booked:.2f} s, at most {MOST_SECONDS:.0f} s"
    )
    print(f"steps walked: 1, 2, {', '.join(map(str, played.steps))}")
    return int(len(played.demanded) > MOST_ANSWERS or played.booked > MOST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
