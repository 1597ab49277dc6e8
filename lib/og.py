"""The picture that a link to a business shows where it is shared: PNG, 1200 × 630, drawn from its name alone.

The fonts beside this module are for these pictures; no browser is ever sent one. Pillow is imported at the first
picture: it is slow to load, and most processes draw none for hours.
"""

import io
import math
import unicodedata
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

SIZE = WIDTH, HEIGHT = 1200, 630
FONTS = Path(__file__).parent / "fonts"
SERIF, SANS = FONTS / "Literata-Medium.ttf", FONTS / "Inter-Medium.ttf"

MARGIN = 80
PANEL = 820  # where the drawing begins
COLUMN = PANEL - 2 * MARGIN  # width of the text
LINES = 3
BUTTON = 76
KEPT = 160  # characters of a text that are looked at
LARGEST, SMALLEST = 92, 44  # pixels of the name
SMOOTH = 2  # shapes are drawn so much larger, then reduced: Pillow's own edges are jagged
PAPER, INK = "#faf8f4", "#1b2320"

# The accents of tokens.css: hue and chroma; a test compares them.
CHROMA = 0.09
HUES: dict[str, tuple[float, float]] = {
    "petrole": (186, CHROMA), "foret": (152, CHROMA), "olive": (118, CHROMA), "ocre": (82, CHROMA),
    "terre": (50, CHROMA), "brique": (30, CHROMA), "rose": (5, CHROMA), "prune": (335, CHROMA),
    "lilas": (305, CHROMA), "nuit": (275, CHROMA), "marine": (250, CHROMA), "ardoise": (240, 0.035),
}  # fmt: skip

# What the fonts can draw (they were cut to these).
DRAWN = {
    *range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x218, 0x21C), 0x1E9E, 0x2010, *range(0x2012, 0x2016),
    *range(0x2018, 0x201B), *range(0x201C, 0x201F), *range(0x2020, 0x2023),
    0x2026, 0x2030, 0x2039, 0x203A, 0x20AC, 0x2116, 0x2122, 0x2212,
} - {0xAD, 0x149, 0x17F}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Face:
    """What the picture says: `line` above the name, `call` on the button below it. `sector` chooses the drawing."""

    name: str
    line: str
    call: str
    accent: str
    sector: str


@lru_cache(maxsize=128)
def png(face: Face) -> bytes:
    """The file; about 30 kB. Any text will do: what the fonts cannot draw is left out, what is long is broken, then
    set smaller, then cut."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", SIZE, PAPER)
    image.paste(_panel(face), (PANEL, 0))
    draw = ImageDraw.Draw(image)
    _write(draw, face)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def readable(text: str) -> str:
    """The text in the letters that the fonts have: `ạ` becomes `a`, an emoji goes."""
    return " ".join("".join(map(_drawable, unicodedata.normalize("NFC", text))).split())


def colour(accent: str, lightness: float, share: float = 1.0) -> tuple[int, int, int]:
    """An accent of tokens.css (OKLCH) in sRGB; `share` of its chroma. What sRGB has not is clipped."""
    hue, chroma = HUES.get(accent, HUES["petrole"])
    a, b = (chroma * share * f(math.radians(hue)) for f in (math.cos, math.sin))
    long, medium, short = (
        (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3,
        (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3,
        (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3,
    )
    return (
        _channel(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        _channel(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        _channel(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )


def _channel(linear: float) -> int:
    """IEC 61966-2-1."""
    kept = min(1.0, max(0.0, linear))
    encoded = 12.92 * kept if kept <= 0.0031308 else 1.055 * kept ** (1 / 2.4) - 0.055
    return round(encoded * 255)


# --- the words -----------------------------------------------------------------------------------------------------


def _write(draw: Any, face: Face) -> None:
    """One block, line, name and button, in the middle of the height."""
    name = readable(face.name[:KEPT]) or readable(face.line[:KEPT]) or "Bookt"
    small, button = _font(SANS, 32), _font(SANS, 32)
    font, lines = _fitted(name)
    above, call = (_cut(readable(text[:KEPT]), small, COLUMN - BUTTON) for text in (face.line, face.call))
    step, accent = round(font.size * 1.16), colour(face.accent, 0.44)
    height = (len(lines) - 1) * step + font.size
    top = (HEIGHT - (64 + height + 64 + BUTTON)) // 2
    draw.text((MARGIN, top), above, font=small, fill=accent, anchor="lt")
    for number, line in enumerate(lines):
        baseline = top + 64 + font.size * 0.8 + number * step
        draw.text((MARGIN, baseline), line, font=font, fill=INK, anchor="ls")
    _button(draw, top + 64 + round(height) + 64, call, button, accent)


def _fitted(name: str) -> tuple[Any, list[str]]:
    """The largest font in which the name stands on LINES lines without a broken word; the smallest breaks words."""
    for size in range(LARGEST, SMALLEST, -6):
        font = _font(SERIF, size)
        words_fit = all(font.getlength(word) <= COLUMN for word in name.split())
        if words_fit and len(lines := _lines(name, font)) <= LINES:
            return font, lines
    font = _font(SERIF, SMALLEST)
    lines = _lines(" ".join(_parts(name, font)), font)
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], _cut(" ".join(lines[LINES - 1 :]), font, COLUMN)]
    return font, lines


def _lines(text: str, font: Any) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > COLUMN:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _parts(name: str, font: Any) -> list[str]:
    """The words; one wider than the column in pieces."""
    parts: list[str] = []
    for word in name.split():
        while font.getlength(word) > COLUMN:
            end = next(n for n in range(len(word), 0, -1) if font.getlength(word[:n]) <= COLUMN)
            parts.append(word[:end])
            word = word[end:]
        parts.append(word)
    return parts


def _cut(text: str, font: Any, width: float) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(f"{text}…") > width:
        text = text[:-1].rstrip()
    return f"{text}…"


def _button(draw: Any, top: int, text: str, font: Any, fill: tuple[int, int, int]) -> None:
    if not text:
        return
    right = MARGIN + font.getlength(text) + BUTTON
    draw.rounded_rectangle((MARGIN, top, right, top + BUTTON), radius=14, fill=fill)
    draw.text((MARGIN + BUTTON // 2, top + BUTTON // 2), text, font=font, fill="#ffffff", anchor="lm")


def _drawable(char: str) -> str:
    if ord(char) in DRAWN:
        return char
    if char.isspace():
        return " "
    base = unicodedata.normalize("NFKD", char)
    return "".join(each for each in base if ord(each) in DRAWN) if base != char else ""


def _font(path: Path, size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.truetype(str(path), size)  # one per use: a face is not safe to share between threads


# --- the drawing ---------------------------------------------------------------------------------------------------


def _panel(face: Face) -> Any:
    """The right third in the accent, with one of a few drawings; which one hangs on the sector's name."""
    from PIL import Image, ImageDraw

    width, height = (WIDTH - PANEL) * SMOOTH, HEIGHT * SMOOTH
    panel = Image.new("RGB", (width, height), colour(face.accent, 0.44))
    tones = colour(face.accent, 0.52), colour(face.accent, 0.82, 0.66)
    drawings = (_tiles, _steps, _arches, _waves, _rings)
    drawings[zlib.adler32(face.sector.encode()) % len(drawings)](ImageDraw.Draw(panel), width, height, tones)
    return panel.resize((width // SMOOTH, height // SMOOTH), Image.Resampling.LANCZOS)


Tones = tuple[tuple[int, int, int], tuple[int, int, int]]


def _arches(draw: Any, width: int, height: int, tones: Tones) -> None:
    radius, step = width * 0.36, width * 0.4
    for number in range(5):
        top = number * step - radius * 0.4
        box = (width / 2 - radius, top, width / 2 + radius, top + 2 * radius)
        draw.arc(box, 180, 360, fill=tones[number % 2], width=round(width * 0.07))


def _rings(draw: Any, width: int, height: int, tones: Tones) -> None:
    for number, radius in enumerate((0.95, 0.74, 0.53, 0.32)):
        reach = width * radius
        box = (width - reach, height * 0.52 - reach, width + reach, height * 0.52 + reach)
        draw.ellipse(box, outline=tones[number % 2], width=round(width * 0.07))


def _waves(draw: Any, width: int, height: int, tones: Tones) -> None:
    reach = width * 0.03
    for number in range(7):
        middle = height * (number + 0.5) / 7
        for x in range(-8, width + 8, 5):  # a row of discs: the joints of a thick line show
            y = middle + height * 0.032 * math.sin(x / width * math.tau * 1.5 + number)
            draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=tones[number % 3 == 1])


def _tiles(draw: Any, width: int, height: int, tones: Tones) -> None:
    side, gap = width * 0.24, width * 0.07
    for row in range(6):
        for column in range(3):
            left, top = gap + column * (side + gap), gap + row * (side + gap)
            box = (left, top, left + side, top + side)
            if (row + column) % 3 == 1:
                draw.ellipse(box, fill=tones[1])
            else:
                draw.rounded_rectangle(box, radius=side * 0.2, fill=tones[0])


def _steps(draw: Any, width: int, height: int, tones: Tones) -> None:
    for number in range(6):
        top = height * (0.1 + number * 0.145)
        right = width * (0.38 + 0.1 * number)
        box = (-60, top, right, top + height * 0.08)
        draw.rounded_rectangle(box, radius=height * 0.04, fill=tones[number % 3 == 2])
