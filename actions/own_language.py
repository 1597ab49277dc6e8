"""The language in which a business writes: when it changes, each of its texts changes places with its translation."""

from typing import Any

import db
from models import (
    Business,
    BusinessValue,
    MenuItem,
    Picture,
    Question,
    Resource,
    Service,
    Specialization,
    Testimonial,
)

TEXTS: dict[Any, tuple[str, ...]] = {
    Business: ("headline", "lead", "bio", "seo_title", "seo_description", "access"),
    Resource: ("name", "title", "bio"), Service: ("name", "description"), Specialization: ("name",),
    BusinessValue: ("title", "text"), Testimonial: ("text",), Question: ("question", "answer"),
    MenuItem: ("section", "name", "description"), Picture: ("alt",),
}  # fmt: skip


def change(before: str, after: str) -> None:
    """Inside `db.writing`. A text without a translation stays as it is, and is kept for readers of `before` too."""
    for model, names in TEXTS.items():
        columns = [getattr(model, name) for name in ("id", "translations", *names)]
        found = model.select(*columns)
        for row in found.where(Business.id == db.tenant()) if model is Business else found:
            values = _turned(row, names, before, after)
            if values:
                model.update(**values).where(model.id == row.id).execute()


def _turned(row: Any, names: tuple[str, ...], before: str, after: str) -> dict[str, Any]:
    """Columns that change."""
    kept = {language: dict(texts) for language, texts in row.translations.items()}
    coming, leaving, values = kept.pop(after, {}), kept.pop(before, {}), {}
    for name in names:
        own, translated = getattr(row, name), coming.get(name)
        if translated and translated != own:
            values[name] = translated
        if own and translated != own:
            leaving[name] = own
    translations = kept | ({before: leaving} if leaving else {})
    return values | ({"translations": translations} if translations != row.translations else {})
