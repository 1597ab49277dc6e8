"""A business that says everything there is to say of itself, and a restaurant with its card."""

import struct
import zlib
from typing import Any
from uuid import UUID

import db
from lib.ids import uuid7
from models import (
    BusinessValue,
    MenuItem,
    Picture,
    Question,
    Resource,
    ScheduleException,
    Service,
    Specialization,
    Testimonial,
)
from tests.cast import Cast, make_business

IDENTITY = {
    "legal_name": "Cabinet Vandenbroucke", "legal_form": "SRL", "enterprise_number": "0745.832.604",
    "register": "RPM Bruxelles", "title": "Kinésithérapeute", "title_country": "Belgique",
    "rules_url": "https://example.be/regles",
}  # fmt: skip


def practice(**values: Any) -> Cast:
    """Every section of the mini-site, with logo, photo and one portrait; its identity lacks the `order`."""
    defaults: dict[str, Any] = {
        "name": "Cabinet Vandenbroucke", "headline": "Retrouver le mouvement, à votre rythme.",
        "lead": "Deux kinésithérapeutes vous reçoivent près de la place Flagey.",
        "bio": "Le cabinet a ouvert en 2009 dans une ancienne imprimerie.\n\nChaque séance se passe à une personne à la "
               "fois, en salle fermée.",
        "access": "Tram 81, arrêt Flagey.", "identity": IDENTITY,
        "translations": {"nl": {"headline": "Weer bewegen, op uw tempo."}},
    }  # fmt: skip
    cast = make_business(**defaults | values)
    with db.writing(cast.id):
        first = _resource("r1").id
        Resource.update(title="Kinésithérapeute", bio="Dos et nuque.", languages=["fr", "nl"]).where(
            Resource.id == first
        ).execute()
        Service.update(place="at_client", description="À domicile.").where(Service.slug == "urgence").execute()
        for name in ("Thérapie manuelle", "Rééducation sportive", "Périnatalité"):
            Specialization.insert(id=uuid7(), name=name).execute()
        BusinessValue.insert(id=uuid7(), title="Le temps qu’il faut", text="Trente minutes pleines.").execute()
        Testimonial.insert(id=uuid7(), author="Nadia B.", text="On m’a écoutée.").execute()
        Question.insert(
            id=uuid7(), question="Faut-il une prescription ?", answer="Pour être remboursé, oui.",
            translations={"nl": {"question": "Is een voorschrift nodig?", "answer": "Voor terugbetaling wel."}},
        ).execute()  # fmt: skip
        ScheduleException.insert(id=uuid7(), date="2027-01-20", kind="closure", label="Formation").execute()
        ScheduleException.insert(id=uuid7(), date="2027-01-22", kind="override", ranges=[[600, 720]]).execute()
        add_picture("logo", size=(64, 64))
        add_picture("photo", size=(320, 160), alt="La salle de soins")
        add_picture("portrait", resource_id=first)
    return cast


def restaurant(**values: Any) -> Cast:
    """Two tables and a card of two sections. The sector is made to seat parties by its tables alone."""
    services = {"table": {"name": "Une table", "price_cents": 0, "deposit_bp": 0, "duration_minutes": 90}}
    cast = make_business(**{"name": "Chez Léon", "services": services} | values)
    with db.writing(cast.id):
        Resource.update(kind="table", seats=4).where(Resource.slug << ["r1", "r2"]).execute()
        for position, (section, name, cents) in enumerate(
            [("Entrées", "Croquettes aux crevettes", 1600), ("Plats", "Moules marinières", 2650), ("Plats", "Vol-au-vent", None)]
        ):  # fmt: skip
            MenuItem.insert(
                id=uuid7(), section=section, name=name, description="Frites.", price_cents=cents, position=position
            ).execute()
    return cast


def add_picture(
    kind: str,
    *,
    size: tuple[int, int] = (144, 144),
    resource_id: UUID | None = None,
    alt: str = "",
    media_type: str = "image/png",
) -> UUID:
    """Inside `db.writing`: a plain picture; its id."""
    key = uuid7()
    Picture.insert(
        id=key, kind=kind, resource_id=resource_id, media_type=media_type, width=size[0], height=size[1], alt=alt,
        data=png(*size),
    ).execute()  # fmt: skip
    return key


def png(width: int, height: int) -> bytes:
    """One colour (W3C PNG, 11.2)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\x00" + b"\x6a\x8f\x8c" * width) * height
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _resource(slug: str) -> Resource:
    found = Resource.find(slug=slug)
    assert found
    return found
