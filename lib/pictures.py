"""Pictures as people send them, made into pictures that we send: of three formats, of bounded size, without anything
that the camera wrote beside the image. Pillow is imported at the first one: most processes see none for hours."""

import io
import threading
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["logo", "photo", "portrait"]

FORMATS = ("JPEG", "PNG", "WEBP")
LARGEST_FILE = 8_000_000  # bytes
LARGEST_IMAGE = 40_000_000  # pixels, read from the head of the file before anything is decoded
EDGES: dict[Kind, int] = {"logo": 480, "photo": 1_600, "portrait": 320}  # pixels of the longer side as sent
QUALITY = 82

_one_at_a_time = threading.Lock()  # a large image takes some 160 MB while it is made smaller


class Refused(ValueError):
    """`why` is `format`, `too_heavy`, `too_large` or `broken`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Made:
    media_type: str
    width: int
    height: int
    data: bytes


def made(data: bytes, kind: Kind) -> Made:
    """The image of a file, upright, in sRGB, no larger than its place asks, as WebP. Whatever stands before, behind or
    beside the image in the file is gone. Raises Refused."""
    if len(data) > LARGEST_FILE:
        raise Refused("too_heavy")
    with _one_at_a_time:
        return _made(data, EDGES[kind])


def _made(data: bytes, edge: int) -> Made:
    from PIL import Image, ImageOps

    with _opened(data) as image:
        if image.width * image.height > LARGEST_IMAGE:
            raise Refused("too_large")
        image.draft("RGB", (edge, edge))  # a JPEG is decoded no larger than need be
        try:
            upright = ImageOps.exif_transpose(image)
            small = _in_srgb(_reduced(upright, edge))
        except (OSError, ValueError, SyntaxError, IndexError, Image.DecompressionBombError) as error:
            raise Refused("broken") from error
    out = io.BytesIO()
    small.save(out, "WEBP", quality=QUALITY, method=4)
    return Made("image/webp", small.width, small.height, out.getvalue())


def _opened(data: bytes) -> Any:
    """The head of the file is read, no pixel yet."""
    import warnings

    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # we count the pixels ourselves
            return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise Refused("format") from None
    except Image.DecompressionBombError:
        raise Refused("too_large") from None
    except (OSError, ValueError, SyntaxError) as error:
        raise Refused("broken") from error


def _reduced(image: Any, edge: int) -> Any:
    clear = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    profile = image.info.get("icc_profile")
    reduced = image if image.mode in ("RGB", "RGBA", "CMYK") else image.convert("RGBA" if clear else "RGB")
    reduced.thumbnail((edge, edge))
    reduced.info = {"icc_profile": profile} if profile else {}
    return reduced


def _in_srgb(image: Any) -> Any:
    """By its profile where it has a readable one."""
    from PIL import ImageCms

    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    profile = image.info.pop("icc_profile", None)
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            changed: Any = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
            changed.info = {}
            return changed
        except (ImageCms.PyCMSError, OSError):
            pass  # a profile of another kind of image, or none at all
    return image.convert(mode)
