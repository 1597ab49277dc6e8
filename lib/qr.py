"""An address as a QR code."""

import io
from functools import lru_cache

BORDER = 4  # modules of quiet zone (ISO/IEC 18004, 9.1)


@lru_cache(maxsize=256)
def svg(text: str) -> bytes:
    """An SVG document, black on white whatever the page's scheme, without a size of its own."""
    import segno  # only a page on paper needs it

    out = io.BytesIO()
    segno.make_qr(text, error="m").save(
        out, kind="svg", border=BORDER, light="#fff", omitsize=True, svgclass=None, lineclass=None, nl=False
    )
    return out.getvalue()
