"""The picture of a shared link: the right size, with the words in it, whatever the words are."""

import io
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageFont

from lib import og

ROOT = Path(__file__).resolve().parents[2]
DELVAUX = og.Face("Cabinet Delvaux", "Kinésithérapie · Ixelles", "Prendre rendez-vous", "petrole", "physio")
ODD = [
    "", " ", "W" * 4_000, "Chez Léon 🍽️", "日本料理", "مطعم", "\u202e\u0000\ufffe", "é" * 90, "Ngô Thị Ạnh", "a\u0301" * 500,
    "Rechtsanwaltskanzlei Donaudampfschifffahrtsgesellschaft & Söhne – Wirtschaftsrecht", "\U0001f468\u200d\U0001f469",
]  # fmt: skip


def opened(face: og.Face) -> Image.Image:
    return Image.open(io.BytesIO(og.png(face))).convert("RGB")


def ink(image: Image.Image, box: tuple[int, int, int, int]) -> int:
    """How many pixels of a part are dark enough to be letters of the name."""
    part = image.crop(box).convert("L")
    return sum(part.histogram()[:64])


def test_the_picture_has_the_size_that_networks_ask_for() -> None:
    image = Image.open(io.BytesIO(og.png(DELVAUX)))
    assert (image.format, image.size) == ("PNG", (1200, 630))
    assert len(og.png(DELVAUX)) < 120_000


def test_name_line_and_button_are_drawn_inside_the_column() -> None:
    blank, drawn = opened(og.Face("·", "", "", "petrole", "physio")), opened(DELVAUX)
    column = (0, 0, og.PANEL, og.HEIGHT)
    left, _, right, _ = ImageChops.difference(drawn, blank).crop(column).getbbox() or (0, 0, 0, 0)
    assert left >= og.MARGIN - 4
    assert right <= og.PANEL - og.MARGIN + 4
    assert ink(drawn, column) > 5_000 > ink(blank, column)
    for name, other in (("name", "Cabinet Delveaux"), ("line", "Kinésithérapie · Uccle"), ("call", "Réserver")):
        changed = opened(og.Face(**{**{f: getattr(DELVAUX, f) for f in DELVAUX.__slots__}, name: other}))
        assert ImageChops.difference(drawn, changed).crop(column).getbbox(), name


def test_accent_and_sector_change_the_drawing() -> None:
    panel = (og.PANEL, 0, og.WIDTH, og.HEIGHT)
    other_accent = opened(og.Face("Cabinet Delvaux", "", "", "brique", "physio"))
    other_sector = opened(og.Face("Cabinet Delvaux", "", "", "petrole", "accountant"))
    for other in (other_accent, other_sector):
        assert ImageChops.difference(opened(DELVAUX).crop(panel), other.crop(panel)).getbbox()


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_any_text_is_drawn_within_the_column(text: str) -> None:
    image = opened(og.Face(text, text, text, "ocre", "other"))
    assert ink(image, (0, 0, og.PANEL, og.HEIGHT)) > 500  # at least one word stands there
    assert ink(image, (og.PANEL - og.MARGIN + 6, 0, og.PANEL, og.HEIGHT)) == 0


def test_it_is_drawn_in_less_than_a_fifth_of_a_second() -> None:
    """The slowest drawing, by the clock of its own thread: the machine has others to serve."""
    spent = []
    for number in range(3):
        begun = time.thread_time()
        og.png(og.Face(f"Cabinet Delvaux {number}", "Kinésithérapie", "Prendre rendez-vous", "rose", "coach"))
        spent.append(time.thread_time() - begun)
    assert min(spent) < 0.2


def test_both_fonts_have_every_letter_that_counts_as_drawable() -> None:
    for path in (og.SERIF, og.SANS):
        font = ImageFont.truetype(str(path), 40)
        missing = bytes(font.getmask("\ue000"))
        blank = [chr(n) for n in og.DRAWN if not chr(n).isspace() and bytes(font.getmask(chr(n))) == missing]
        assert blank == [], path.name
        assert path.stat().st_size <= 60_000
    assert sorted(path.name for path in og.FONTS.glob("*.txt")) == ["Inter-OFL.txt", "Literata-OFL.txt"]


def test_what_the_fonts_lack_becomes_what_they_have() -> None:
    assert og.readable("Ngô  Thị Ạnh 🍽️ ﬁn") == "Ngô Thi Anh fin"
    assert og.readable("日本") == ""


def test_accents_are_those_of_the_style_sheet() -> None:
    css = (ROOT / "static" / "tokens.css").read_text()
    found = re.findall(r'\[data-accent="(\w+)"\] \{ --hue: (\d+)(?:; --chroma: ([.\d]+))? \}', css)
    assert {name: (float(hue), float(chroma or og.CHROMA)) for name, hue, chroma in found} == og.HUES


@pytest.mark.parametrize(
    ("accent", "lightness", "share", "drawn_by_chromium"),
    [
        ("petrole", 0.44, 1, (0, 98, 90)), ("ocre", 0.82, 0.66, (216, 193, 153)), ("ardoise", 0.44, 1, (65, 85, 100)),
        ("brique", 0.52, 1, (150, 84, 73)),
    ],
)  # fmt: skip
def test_colours_are_those_of_the_page(
    accent: str, lightness: float, share: float, drawn_by_chromium: tuple[int, int, int]
) -> None:
    """What Chromium 156 paints for `oklch(lightness chroma hue)`."""
    assert og.colour(accent, lightness, share) == drawn_by_chromium


def test_pillow_is_loaded_with_the_first_picture_only() -> None:
    script = "import sys, lib.og; print('PIL' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
