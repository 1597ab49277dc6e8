"""What a first visit costs on a bad line: bodies as the default run sends them to a browser that takes brotli.
1 KB is 1,024 bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import brotli
import pytest
from flask import Flask

from tests.cast import Clock
from tests.demo import default_run

KB = 1024
TEXT, CSS, WHOLE, REQUESTS = 12 * KB, 6 * KB, 30 * KB, 5
PAGES = {
    "landing": "/",
    "mini-site": "/cabinet-delvaux",
    "slot page": "/cabinet-delvaux/rdv?prestation=seance&avec=peu-importe",
}


@pytest.fixture(scope="module")
def demo_app(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with default_run(engine, tmp_path_factory.mktemp("demo"), Clock()) as app:
        yield app


@dataclass
class Load:
    """One visit: the bytes of each body by kind, the requests, the cookies."""

    html: int
    css: int
    script: int
    requests: int
    cookies: list[str]
    foreign: list[str]
    fonts: int


class Parts(HTMLParser):
    """What a browser fetches by itself for a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = dict(attributes)
        if tag == "script" and named.get("src"):
            self.found.append(("script", str(named["src"])))
            if named.get("data-then"):  # fetched by the first one
                self.found.append(("script", str(named["data-then"])))
        elif tag == "link" and named.get("rel") in ("stylesheet", "icon", "preload", "prefetch", "manifest"):
            self.found.append((str(named["rel"]), str(named["href"])))
        elif tag in ("img", "iframe", "source", "video") and named.get("src"):
            self.found.append((tag, str(named["src"])))


def visit(app: Flask, path: str) -> Load:
    client = app.test_client()
    parts = Parts()
    answer = client.get(path, headers={"Accept-Encoding": "gzip, deflate, br"})
    assert answer.status_code == 200
    cookies = answer.headers.getlist("Set-Cookie")
    parts.feed(unpacked(answer).decode())
    sizes = {"html": len(answer.data), "stylesheet": 0, "script": 0}
    foreign = [url for _, url in parts.found if urlsplit(urljoin("http://localhost/", url)).netloc != "localhost"]
    fonts = 0
    for kind, url in parts.found:
        if url in foreign:
            continue
        part = client.get(url, headers={"Accept-Encoding": "gzip, deflate, br"})
        assert part.status_code == 200, url
        cookies += part.headers.getlist("Set-Cookie")
        sizes[kind] = sizes.get(kind, 0) + len(part.data)
        fonts += kind == "stylesheet" and unpacked(part).count(b"@font-face")
    fetched = [kind for kind, _ in parts.found if kind != "icon"]  # a browser asks for the icon when all else is there
    return Load(
        sizes["html"], sizes["stylesheet"], sizes["script"], 1 + len(fetched), cookies, foreign, fonts,
    )  # fmt: skip


def unpacked(answer: object) -> bytes:
    headers, data = answer.headers, answer.data  # type: ignore[attr-defined] # werkzeug's test response
    return brotli.decompress(data) if headers.get("Content-Encoding") == "br" else bytes(data)


@pytest.mark.parametrize("name", PAGES)
def test_a_first_visit_is_light(demo_app: Flask, name: str) -> None:
    load = visit(demo_app, PAGES[name])
    sizes = {"HTML": load.html, "CSS": load.css, "scripts": load.script}
    print(f"{name}: {load.requests} requests,", ", ".join(f"{kind} {size / KB:.1f} KB" for kind, size in sizes.items()))
    assert load.css <= CSS
    assert load.html + load.css <= TEXT
    assert load.html + load.css + load.script <= WHOLE
    assert load.requests <= REQUESTS
    assert load.foreign == []
    assert load.fonts == 0
    assert load.cookies == []


def test_the_measure_sees_what_it_should(demo_app: Flask) -> None:
    parts = Parts()
    parts.feed('<link rel="stylesheet" href="/a.css"><script src="https://x.example/b.js"></script><img src="c.png">')
    assert parts.found == [("stylesheet", "/a.css"), ("script", "https://x.example/b.js"), ("img", "c.png")]
    assert visit(demo_app, "/cabinet-delvaux").css > KB
