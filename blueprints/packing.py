"""What is made once and sent often: static files under a hash of their content, and pages that come out the same for
everybody who asks in the same minute. Both are kept with their compressed form."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import brotli
from flask import Flask, Response, request
from flask_compress import Compress

from blueprints import context

STATIC = Path(__file__).resolve().parent.parent / "static"
YEAR = 31_536_000
PAGES = 128  # some 50 kB each, compressed form included
FILE_LEVEL, PAGE_LEVEL, ANSWER_LEVEL = 11, 9, 5  # brotli's, by how often the work is done


def init_app(app: Flask) -> None:
    app.jinja_env.globals["asset"] = asset
    app.config |= {
        "COMPRESS_REGISTER": False, "COMPRESS_BR_LEVEL": ANSWER_LEVEL, "COMPRESS_ALGORITHM": ["br", "gzip"],
    }  # fmt: skip
    compress = Compress(app)
    # run in reverse: what is kept for ever is packed and marked first
    app.after_request(lambda answer: answer if _is_secret(answer) else compress.after_request(answer))
    app.after_request(_keep_static)


@cache
def asset(path: str) -> str:
    """A static file's address with a hash of its content, so that it may be kept for ever."""
    digest = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]
    return f"/static/{path}?v={digest}"


@dataclass(slots=True)
class _Page:
    body: bytes
    headers: list[tuple[str, str]]
    packed: bytes | None = None


_pages: OrderedDict[Hashable, _Page] = OrderedDict()


def kept(key: Hashable | None, make: Callable[[], Response]) -> Response:
    """The page that `make` gave the last time for this key, language and kind of host. `key` None: always a new one.
    Nothing of a single visitor may stand in such a page."""
    if key is None:
        return make()
    key = key, context.language(), context.fixed_language(), "bookt.slug" in request.environ
    page = _pages.get(key)
    if page is None:
        made = make()
        page = _pages[key] = _Page(made.get_data(), [*made.headers.items()])
        while len(_pages) > PAGES:
            _pages.popitem(last=False)
    return _answer(page)


def forget() -> None:
    """Drop every kept page."""
    _pages.clear()


def _answer(page: _Page) -> Response:
    if not _takes_brotli():
        return Response(page.body, headers=page.headers)
    if page.packed is None:
        page.packed = brotli.compress(page.body, brotli.MODE_TEXT, PAGE_LEVEL)
    return _packed(Response(headers=page.headers), page.packed)


def _keep_static(answer: Response) -> Response:
    if request.endpoint != "static" or not request.args.get("v") or answer.status_code != 200:
        return answer
    answer.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    answer.direct_passthrough = False
    whole = answer.get_data()  # small files: read at once and closed, so that they can be compressed
    answer.close()
    answer.set_data(whole)
    if _takes_brotli() and str(answer.mimetype).startswith(("text/", "image/svg")):
        del answer.headers["ETag"]  # it names the bytes of the other form
        return _packed(answer, _packed_file(hashlib.sha256(whole).digest(), whole))
    return answer


_files: dict[bytes, bytes] = {}


def _packed_file(digest: bytes, whole: bytes) -> bytes:
    if digest not in _files:
        _files[digest] = brotli.compress(whole, brotli.MODE_TEXT, FILE_LEVEL)
    return _files[digest]


def _packed(answer: Response, packed: bytes) -> Response:
    answer.set_data(packed)
    answer.headers["Content-Encoding"] = "br"
    answer.vary.add("Accept-Encoding")
    return answer


def _takes_brotli() -> bool:
    accepted = request.accept_encodings
    return accepted.quality("br") >= max([quality for _, quality in accepted], default=1)


def _is_secret(answer: Response) -> bool:
    """A page with a key in it is sent as it is: its length shall not tell what it holds (BREACH)."""
    return "no-store" in answer.headers.get("Cache-Control", "")
