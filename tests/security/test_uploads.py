"""Pictures that are none, or too much: refused in bounded work, by a server in a process of its own."""

import io
import struct
import time
import zlib

from flask import Flask
from PIL import Image

from config import Settings
from tests.cast import Cast
from tests.security.edge import Server, changed, dump
from tests.staff import staff

MEGABYTE = 1_000_000
LONGEST = 2.0  # seconds
GROWTH = 50 * MEGABYTE


def _png(width: int, height: int, *more: bytes) -> bytes:
    """A PNG of one colour, written as it is packed: nothing here ever holds its pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    row = b"\0" * (width // 8 + 1)
    rows = b"".join(packer.compress(row * 100) for _ in range(height // 100)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(more) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(out, "JPEG")
    return out.getvalue()


ZIPPED_TEXT = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 60 * MEGABYTE))
PROFILE = _chunk(b"iCCP", b"p\0\0" + zlib.compress(b"x" * 60 * MEGABYTE))
BOMBS = {
    "PNG 30,000²": (_png(30_000, 30_000), 422),
    "PNG of 41 million pixels": (_png(6_400, 6_500), 422),
    "60 MB of text in a PNG": (_png(100, 100, ZIPPED_TEXT), 422),
    "60 MB of profile in a PNG": (_png(100, 100, PROFILE), 422),
    "a JPEG cut short": (_jpeg()[:300], 422),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", 422),
    "HTML": (b"<!doctype html><script>alert(1)</script>", 422),
    "GIF": (b"GIF89a" + b"\0" * 200, 422),
    "PDF": (b"%PDF-1.7\n" + b"\0" * 200, 422),
    "nothing": (b"", 422),
    "8 MB and more": (b"\xff\xd8\xff" + b"x" * 9 * MEGABYTE, 413),
}


def _upload(path: str, cookie: str, csrf: str, sent: bytes, name: str = "a.png", kind: str = "photo") -> bytes:
    fields = {"csrf_token": csrf, "place": kind}
    parts = [f'--b\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()]
    file = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: image/png\r\n\r\n'
    body = "".join(parts).encode() + file.encode() + sent + b"\r\n--b--\r\n"
    head = [
        f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", f"Cookie: bookt={cookie}",
        "Content-Type: multipart/form-data; boundary=b", f"Content-Length: {len(body)}",
    ]  # fmt: skip
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def test_bombs(server: Server, settings: Settings, app: Flask, cast: Cast) -> None:
    """4xx, soon, with little memory; nothing of them is stored."""
    signed = staff(app, cast, now=int(time.time()))
    cookie = signed.client.get_cookie("bookt")
    assert cookie is not None

    def send(sent: bytes, kind: str = "photo") -> tuple[int, str]:
        return server.ask(_upload(signed.path("/site/photos"), cookie.value, signed.csrf, sent, kind=kind))

    assert send(_png(200, 100), "logo")[0] == 303  # the way is open, and Pillow is loaded
    before, memory = dump(settings), server.memory()
    for name, (sent, expected) in BOMBS.items():
        begun = time.monotonic()
        status, answer = send(sent)
        assert time.monotonic() - begun < LONGEST, name
        assert status == expected, (name, answer[:600])
        assert "Traceback" not in answer and "Erreur" in answer, name
        assert 'id="photo-erreur"' in answer or status == 413, name
        assert server.memory() - memory < GROWTH, name
    assert changed(before, dump(settings)) == {}


def test_what_a_polyglot_says_beside_its_image_is_not_kept(app: Flask, cast: Cast) -> None:
    """A name that lies, a script behind the image: what is stored is our WebP of the image alone."""
    signed = staff(app, cast)
    sent = _jpeg() + b"<?php system('id') ?><script>alert(document.cookie)</script>"
    data = {"place": "photo", "file": (io.BytesIO(sent), "../../x.html\0.png")}
    assert signed.post("/site/photos", data, content_type="multipart/form-data").status_code == 303
    signed.post("/site/publier")
    page = signed.client.get(f"/{cast.slug}").get_data(as_text=True)
    address = page.split('class="photo" src="')[1].split('"')[0]
    answer = signed.client.get(address)
    assert answer.content_type == "image/webp" and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"script" not in answer.data and b"php" not in answer.data


def test_only_who_may_write_may_send_so_much(app: Flask, cast: Cast) -> None:
    """A stranger is led to the door, and who may not write is refused, before the body is read."""
    large = b"--b\r\n" + b"x" * 2 * MEGABYTE
    parts = "multipart/form-data; boundary=b"
    answer = app.test_client().post(f"/pro/{cast.slug}/site/photos", data=large, content_type=parts)
    assert answer.status_code == 303 and "/connexion" in answer.location
    other = staff(app, cast, "reception")
    assert other.client.post(other.path("/site/photos"), data=large, content_type=parts).status_code == 403
    owner = staff(app, cast)
    assert owner.post("/site/textes", {"bio": "x" * 1_100_000}).status_code == 413  # elsewhere a body has its megabyte
