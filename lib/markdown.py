"""A business's own texts inside Markdown (CommonMark 0.31): shown as they were typed, never read as marks."""

import re

MARKS = re.compile(r"([\\`*_{}\[\]<>#|~&])")
LINE_MARKS = re.compile(r"^([-+=]|\d{1,9}(?=[.)](?:\s|$)))")


def inline(text: str) -> str:
    """On one line, every character that Markdown could take for a mark with a backslash before it (2.4)."""
    plain = MARKS.sub(r"\\\1", " ".join(text.split()))
    return LINE_MARKS.sub(_first, plain)


def paragraphs(text: str) -> str:
    """The same, paragraph by paragraph; a line's end inside one is a space."""
    return "\n\n".join(inline(each) for each in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if each.strip())


def _first(found: re.Match[str]) -> str:
    """A hyphen or a number with its point would begin a list; a digit cannot be escaped, its point can."""
    mark = found[0]
    return f"{mark}\\" if mark.isdigit() else f"\\{mark}"
