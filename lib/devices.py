"""What a browser calls itself, in two words that its owner knows."""

import re

# In this order: many name others of the list besides themselves.
_BROWSERS = {
    "Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet", "Firefox": "Firefox", "FxiOS": "Firefox",
    "CriOS": "Chrome", "Chrome": "Chrome", "Safari": "Safari",
}  # fmt: skip
_SYSTEMS = {
    "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "CrOS": "ChromeOS", "Windows": "Windows",
    "Mac OS X": "Mac", "Linux": "Linux",
}  # fmt: skip


def browser(agent: str) -> str:
    """`Firefox`; the first word of a program that is none of the browsers (`curl`), or empty."""
    found = next((name for mark, name in _BROWSERS.items() if f"{mark}/" in agent), "")
    word = re.match(r"[A-Za-z][\w.-]{0,30}", agent)
    return found or (word[0] if word and word[0] != "Mozilla" else "")


def system(agent: str) -> str:
    """`Windows`, `iPhone`, or empty."""
    return next((name for mark, name in _SYSTEMS.items() if mark in agent), "")
