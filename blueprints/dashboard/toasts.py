"""What has just been done, told once on the next page (`dashboard/_toasts.html`)."""

from typing import Any

from flask import flash


def done(text: str, *, undo: str = "", fields: dict[str, str] | None = None) -> None:
    """`undo` is the address that takes it back, `fields` what is sent there."""
    told: Any = {"text": text, "undo": {"href": undo, "fields": fields or {}}} if undo else text
    flash(told)
