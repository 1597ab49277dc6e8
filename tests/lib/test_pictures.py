"""Pictures are made anew: of bounded size, upright, and with nothing of the file but the image."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageCms

from lib import pictures
from lib.pictures import Refused, made


def encoded(image: Image.Image, format_: str = "JPEG", **more: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format_, **more)
    return out.getvalue()


def shown(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def photo(size: tuple[int, int] = (400, 200), mode: str = "RGB") -> Image.Image:
    left = Image.new(mode, size, "red" if mode != "L" else 40)
    left.paste("blue" if mode != "L" else 200, (size[0] // 2, 0, *size))
    return left


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_the_three_formats_become_webp_no_larger_than_their_place(format_: str) -> None:
    found = made(encoded(photo((2_400, 800)), format_), "photo")
    assert (found.media_type, found.width, found.height) == ("image/webp", 1_600, 533)
    assert shown(found.data).size == (1_600, 533) and shown(found.data).format == "WEBP"
    small = made(encoded(photo((40, 20)), format_), "photo")
    assert (small.width, small.height) == (40, 20)


def test_what_the_camera_wrote_is_gone_and_the_image_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    sent = encoded(photo(), exif=exif, comment=b"SecretComment")
    assert b"SecretCamera" in sent
    found = made(sent, "photo")
    assert (found.width, found.height) == (200, 400)
    assert b"Secret" not in found.data and not shown(found.data).getexif() and set(shown(found.data).info) <= {
        "loop", "background", "timestamp", "duration",
    }  # fmt: skip
    red, _, blue = shown(found.data).convert("RGB").getpixel((100, 20))  # type: ignore[misc]  # three of them
    assert red > 200 > 60 > blue


def test_what_is_hidden_behind_the_image_is_gone() -> None:
    sent = encoded(photo(), "PNG") + b"<script>alert(1)</script>"
    assert b"script" not in made(sent, "logo").data


def test_colours_are_said_in_srgb() -> None:
    grey = photo(mode="L")
    assert shown(made(encoded(grey, "PNG"), "logo").data).mode == "RGB"
    assert made(encoded(photo(mode="CMYK")), "photo").media_type == "image/webp"
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for profile in (lab, b"none at all", ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()):
        found = made(encoded(photo(), "PNG", icc_profile=profile), "photo")
        assert "icc_profile" not in shown(found.data).info


def test_what_is_clear_stays_clear() -> None:
    clear = Image.new("RGBA", (60, 60), (255, 0, 0, 0))
    pixel = shown(made(encoded(clear, "PNG"), "logo").data).convert("RGBA").getpixel((30, 30))
    assert pixel is not None and pixel[3] == 0  # type: ignore[index]  # four of them


def _headed(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    body = b"IDAT" + zlib.compress(b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(each) - 4) + each + struct.pack(">I", zlib.crc32(each)) for each in (chunk, body, b"IEND")
    )


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"", "format"), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "format"), (b"%PDF-1.7", "format"),
        (encoded(photo().convert("P"), "GIF"), "format"), (encoded(photo(), "BMP"), "format"),
        (encoded(photo(), "TIFF"), "format"), (encoded(photo(), "PNG")[:60], "broken"), (encoded(photo())[:300], "broken"),
        (_headed(30_000, 30_000), "too_large"), (_headed(8_000, 5_001), "too_large"), (_headed(200, 200), "broken"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "format"), (b"x" * (pictures.LARGEST_FILE + 1), "too_heavy"),
    ],
    ids=range(13),
)  # fmt: skip
def test_what_is_no_picture_is_refused(sent: bytes, why: str) -> None:
    with pytest.raises(Refused) as refused:
        made(sent, "photo")
    assert refused.value.why == why
