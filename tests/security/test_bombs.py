"""Bodies and addresses that are too much: refused in bounded work, by a server in a process of its own."""

import gzip
import json
import time
import zlib

import pytest

from config import Settings
from lib.tokens import Signer
from tests.cast import Cast
from tests.security.edge import Server, changed, dump

MEGABYTE = 1_000_000
LONGEST = 2.0  # seconds; a refusal takes milliseconds, a bomb that goes off takes minutes
GROWTH = 50 * MEGABYTE


def _request(path: str, body: bytes, *headers: str) -> bytes:
    head = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def _multipart(parts: int, *, size: int = 1) -> bytes:
    one = '--b\r\nContent-Disposition: form-data; name="f{n}"\r\n\r\n{value}\r\n'
    return (
        "".join(one.replace("{n}", str(n)).replace("{value}", "x" * size) for n in range(parts)) + "--b--\r\n"
    ).encode()


def _deep(levels: int, opening: str, closing: str) -> bytes:
    return (f'{{"customer": {opening * levels}{closing * levels}}}').encode()


JSON = "Content-Type: application/json"
FORM = "Content-Type: application/x-www-form-urlencoded"
PARTS = "Content-Type: multipart/form-data; boundary=b"
BOMBS = {
    "1 MB and one byte": (b"x" * (MEGABYTE + 1), [JSON], {413}),
    "8 MB of JSON": (json.dumps({"message": "x" * 8 * MEGABYTE}).encode(), [JSON], {413}),
    "10,000 objects deep": (_deep(10_000, '{"a":', "}"), [JSON], {400}),
    "10,000 lists deep": (_deep(10_000, "[", "]"), [JSON], {400}),
    "400,000 lists deep, open": (b"[" * 400_000, [JSON], {400}),
    "a number of 900,000 digits": (b'{"partySize": ' + b"9" * 900_000 + b"}", [JSON], {400}),
    "an exponent without end": (b'{"partySize": 1e999999999}', [JSON], {400}),
    "300,000 names": (("{" + ",".join(f'"{n}":1' for n in range(90_000)) + "}").encode(), [JSON], {400}),
    "one name 80,000 times": (("{" + ",".join(['"a":1'] * 80_000) + "}").encode(), [JSON], {400}),
    "a gzip of 100 MB": (gzip.compress(b"{" + b" " * 100 * MEGABYTE + b"}"), [JSON, "Content-Encoding: gzip"], {400, 415}),
    "a deflate of 100 MB": (zlib.compress(b" " * 100 * MEGABYTE), [JSON, "Content-Encoding: deflate"], {400, 415}),
    "1,001 form parts": (_multipart(1_001), [PARTS], {400, 413}),
    "9,000 form parts": (_multipart(9_000), [PARTS], {400, 413}),
    "one part of 900 kB": (_multipart(1, size=900_000), [PARTS], {400, 413}),
    "a boundary that never ends": (b"--b\r\n" * 150_000, [PARTS], {400, 413}),
    "a part with 90,000 headers": (b"--b\r\n" + b"a: b\r\n" * 90_000 + b"\r\n\r\n--b--", [PARTS], {400, 413}),
    "200,000 fields": (b"&".join(b"a=%d" % n for n in range(120_000)), [FORM], {400, 413}),
    "nothing but &": (b"&" * 990_000, [FORM], {400, 413}),
    "percent signs": (b"a=" + b"%" * 900_000, [FORM], {400, 413}),
    "a length that lies": (b"{}", [JSON, "Content-Length: 99999999999"], {400, 413}),
    "a negative length": (b"{}", [JSON, "Content-Length: -1"], {400}),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_bombs(server: Server, settings: Settings, cast: Cast, name: str) -> None:
    """On the API and on a form: 4xx, soon, with little memory, and nothing stored."""
    body, headers, expected = BOMBS[name]
    before, memory = dump(settings), server.memory()
    for path in (f"/{cast.slug}/api/bookings", f"/{cast.slug}/rdv", f"/{cast.slug}/rdv/acces"):
        if "Content-Length" in str(headers):
            request = _request(path, body, *headers).replace(b"Content-Length: 2\r\n", b"", 1)
        else:
            request = _request(path, body, *headers)
        begun = time.monotonic()
        status, answer = server.ask(request)
        assert time.monotonic() - begun < LONGEST
        assert status in expected, (path, answer[:400])
        assert "Traceback" not in answer
    assert server.memory() - memory < GROWTH
    assert changed(before, dump(settings)) == {}
    assert server.get("/health")[0] == 200


def test_bombs_in_chunks(server: Server, cast: Cast) -> None:
    """No Content-Length tells how much is to come: counting stops it."""
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    head = f"POST /{cast.slug}/api/bookings HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    memory = server.memory()
    status, _ = server.ask(head.encode() + chunk * 160 + b"0\r\n\r\n")
    assert status in (0, 400, 413)
    assert server.memory() - memory < GROWTH
    assert server.get("/health")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/?" + "a=1&" * 900, "/" + "a" * 100_000, "/" + "a/" * 1_900, "/" + "%2e%2e/" * 500, "/?" + "x" * 1_000_000,
        "/{slug}/api/availability?" + "&".join(f"serviceId=s{n}" for n in range(200)),
        "/{slug}/api/availability?serviceId=diag&date=" + "9" * 3_000,
        "/{slug}/rdv?personnes=" + "9" * 3_000, "/{slug}/rdv?jour=" + "9" * 3_000 + "&prestation=diag&avec=r1",
        "/{slug}/rdv/retenu/" + "." * 3_000, "/{slug}/rdv/retenu/.eJ" + "A" * 3_000 + ".A.A",
    ],
    ids=lambda path: path[:40],
)  # fmt: skip
def test_bombs_in_addresses(server: Server, cast: Cast, path: str) -> None:
    memory, begun = server.memory(), time.monotonic()
    status, answer = server.get(path.replace("{slug}", cast.slug))
    assert time.monotonic() - begun < LONGEST
    assert status in (0, 200, 303, 400, 404, 410, 414), answer[:300]
    assert server.memory() - memory < GROWTH
    assert server.get("/health")[0] == 200


def test_bombs_in_heads(server: Server) -> None:
    for head in (
        "X: " + "a" * 100_000,
        "\r\n".join(f"X-{n}: a" for n in range(2_000)),
        "Cookie: " + "a=b; " * 1_500,
        "Cookie: bookt_proof=" + "A" * 8_000,
    ):
        status, _ = server.ask(f"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{head}\r\n\r\n".encode())
        assert status in (0, 200, 400, 431)
    assert server.get("/health")[0] == 200


def test_two_requests_in_one_are_told_apart(server: Server, cast: Cast) -> None:
    """Request smuggling: a body whose length is told twice is one message or none (ASVS 4.2.1)."""
    hidden = "GET /hidden HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    path = f"POST /{cast.slug}/api/bookings HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    for lengths in (
        f"Content-Length: {len(hidden) + 5}\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Content-Length: 5\r\nContent-Length: 6", "Transfer-Encoding: xchunked", "Transfer-Encoding : chunked",
        "Content-Length: 0x5", "Content-Length: +5",
    ):  # fmt: skip
        status, answer = server.ask(f"{path}{lengths}\r\n\r\n0\r\n\r\n{hidden}".encode())
        assert status in (400, 501), (lengths, answer[:200])
        assert answer.count("HTTP/1.1 ") == 1


def test_a_good_token_among_200_000_fields(server: Server, cast: Cast) -> None:
    """The parts of a multipart body are counted, the fields of a plain one are not: their work is bounded all the
    same by the body's megabyte."""
    token = str(Signer("k" * 40).sign("form", str(cast.id), timed=True))
    body, memory = f"form_token={token}&".encode() + b"a=1&" * 200_000, server.memory()
    begun = time.monotonic()
    status, _ = server.ask(_request(f"/{cast.slug}/rdv/acces", body, FORM))
    assert status == 422
    assert time.monotonic() - begun < LONGEST
    assert server.memory() - memory < 2 * GROWTH
