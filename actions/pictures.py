"""Logo, photo and portraits: sent by the business's people, made anew by us (`lib.pictures`). Each upload is a new row,
because a picture never changes under its address."""

from uuid import UUID

import db
from actions import audit
from actions.access import Actor, demand
from actions.inputs import NAME_LENGTH
from errors import Invalid, NotFound, Problem
from lib import pictures
from lib.ids import uuid7
from lib.pictures import Kind
from lib.text import clean
from models import Picture, Resource
from queries.business import BusinessCard
from queries.content import PictureCard

MESSAGES = {
    "format": "Choisissez une image JPEG, PNG ou WebP.",
    "too_heavy": "Ce fichier dépasse 8 Mo. Choisissez-en un plus léger.",
    "too_large": "Cette image dépasse 40 millions de pixels. Réduisez-la d’abord.",
    "broken": "Ce fichier est abîmé ou incomplet. Exportez l’image à nouveau, puis renvoyez-la.",
    "none": "Choisissez d’abord un fichier.",
}


def upload(
    business: BusinessCard, by: Actor, kind: Kind, data: bytes, *, now: int, resource_slug: str | None = None,
    alt: str = "", waiting: bool = False,
) -> PictureCard:  # fmt: skip
    """A portrait is that of the resource. It takes the place of the one before at once, or waits for the draft to be
    published. Raises Invalid with a problem of `file`, NotFound."""
    demand(by, "site.write")
    if not data:
        raise _refused("none")
    try:
        made = pictures.made(data, kind)
    except pictures.Refused as error:
        raise _refused(error.why) from None
    with db.writing(business.id):
        resource_id, key, text = of_resource(kind, resource_slug), uuid7(), clean(alt)[:NAME_LENGTH]
        if not waiting:
            remove_rows(kind, resource_id)
        Picture.insert(
            id=key, kind=kind, resource_id=resource_id, media_type=made.media_type, width=made.width,
            height=made.height, alt=text, data=made.data, waiting=waiting,
        ).execute()  # fmt: skip
        if not waiting:
            audit.note(by, "picture.shown", key, now=now, kind=kind)
    return PictureCard(key, kind, resource_id, made.media_type, made.width, made.height, text, {})


def remove(business: BusinessCard, by: Actor, kind: Kind, *, now: int, resource_slug: str | None = None) -> None:
    """The one that is shown; where there is none nothing happens. Raises NotFound for an unknown resource."""
    demand(by, "site.write")
    with db.writing(business.id):
        if remove_rows(kind, of_resource(kind, resource_slug)):
            audit.note(by, "picture.removed", now=now, kind=kind, of=resource_slug)


def of_resource(kind: Kind, slug: str | None) -> UUID | None:
    """Inside the business's scope: whose portrait it is. Raises NotFound."""
    if kind != "portrait":
        return None
    row = Resource.find(slug=slug or "")
    if row is None:
        raise NotFound
    return row.id  # type: ignore[no-any-return]  # rows have no types


def remove_rows(kind: str, resource_id: UUID | None) -> int:
    """Inside `db.writing`: those shown in this place."""
    of_it = Picture.resource_id == resource_id if resource_id else Picture.resource_id.is_null()
    return int(Picture.delete().where(Picture.kind == kind, of_it, ~Picture.waiting).execute())


def _refused(why: str) -> Invalid:
    return Invalid({"file": Problem("INVALID_FILE", MESSAGES[why])})
