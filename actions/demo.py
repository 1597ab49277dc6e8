"""Two believable businesses for the default run: the same every time, with dates relative to today."""

import datetime as dt
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import db
from actions import booking
from actions.inputs import read
from errors import SlotTaken
from lib.ids import uuid7
from models import BreakRule, Business, OpeningRule, Resource, ScheduleException, Service, ServiceResource
from queries.business import BusinessCard, by_slug

SUNDAY, MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY = range(7)
WEEKDAYS = (MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY)

DELVAUX: dict[str, Any] = {
    "slug": "cabinet-delvaux", "domain": "cabinet-delvaux.localhost", "name": "Cabinet Delvaux", "sector": "physio",
    "headline": "Retrouver le mouvement, à votre rythme.",
    "lead": "Trois kinésithérapeutes vous reçoivent près de la place Flagey, du lundi au samedi.",
    "timezone": "Europe/Brussels", "locale": "fr", "country": "BE", "accent": "petrole",
    "email": "bonjour@cabinet-delvaux.example", "phone": "+3225550142", "street": "Rue du Belvédère 18",
    "postcode": "1050", "town": "Ixelles",
    "access": "Trams 81 et bus 38, 59, 71 : arrêt Flagey, 3 minutes à pied. Rez-de-chaussée, sonnette « Kiné ».",
    "step_minutes": 20, "notice_minutes": 120, "horizon_days": 90,
    "cancellation": {"full_hours": 24, "partial_hours": 24, "partial_bp": 0},
}  # fmt: skip

DUPONT: dict[str, Any] = {
    "slug": "marc-dupont-plomberie", "domain": "marc-dupont-plomberie.localhost", "name": "Marc Dupont - Plomberie",
    "sector": "plumber", "headline": "Une fuite, une panne, un projet : je viens.",
    "lead": "Plombier indépendant, j’interviens chez vous du lundi au vendredi, avec un prix connu d’avance.",
    "timezone": "Europe/Paris", "locale": "fr", "country": "FR", "accent": "ocre",
    "email": "marc@marc-dupont-plomberie.example", "phone": "+33142685300", "street": "12 rue des Boulets",
    "postcode": "75011", "town": "Paris", "access": "Déplacement compris dans Paris et la petite couronne.",
    "step_minutes": 30, "notice_minutes": 120, "horizon_days": 90,
}  # fmt: skip


def load(*, now: int) -> list[str]:
    """Make the demo businesses that are missing, with a few coming bookings; returns the slugs made."""
    makers = {DELVAUX["slug"]: _delvaux, DUPONT["slug"]: _dupont}
    made = [slug for slug in makers if not _exists(slug)]
    for slug in made:
        makers[slug](now)
    return made


def _exists(slug: str) -> bool:
    with db.looking():
        return bool(Business.select(Business.id).where(Business.slug == slug).first())


def _delvaux(now: int) -> None:
    business_id = uuid7()
    with db.writing(business_id):
        Business.insert(id=business_id, created_at=_moment(now), **DELVAUX).execute()
        camille = _resource(
            "camille",
            "Camille Delvaux",
            0,
            "Kinésithérapeute, fondatrice",
            "Thérapie manuelle, dos et nuque. Français, anglais.",
        )
        youssef = _resource(
            "youssef",
            "Youssef Benali",
            1,
            "Kinésithérapeute du sport",
            "Genou, cheville, course à pied. Français, néerlandais, arabe.",
        )
        lotte = _resource(
            "lotte",
            "Lotte Maes",
            2,
            "Kinésithérapeute périnatale",
            "Grossesse, post-partum, plancher pelvien. Néerlandais, français.",
        )
        _service(
            "seance",
            "Séance individuelle",
            "Dos, nuque, épaule, genou, suite d’opération. Remboursée sur prescription.",
            30,
            3000,
            0,
            (camille, youssef, lotte),
            buffer_after=10,
        )
        _service(
            "bilan",
            "Bilan de première visite",
            "Examen, objectifs et plan de traitement. Prenez votre prescription.",
            45,
            3850,
            1,
            (camille, youssef, lotte),
            buffer_after=15,
        )
        _service(
            "sport",
            "Kiné du sport",
            "Entorse, tendinite, reprise de la course. Test d’effort sur tapis.",
            40,
            4200,
            2,
            (youssef,),
            buffer_after=20,
        )
        _service(
            "perinatal",
            "Rééducation périnatale",
            "Suivi de grossesse et post-partum, en salle fermée.",
            40,
            3600,
            3,
            (lotte,),
            buffer_after=20,
        )
        _week(OpeningRule, (MONDAY, TUESDAY, THURSDAY), 8 * 60, 19 * 60)
        _week(OpeningRule, (WEDNESDAY,), 9 * 60, 19 * 60)
        _week(OpeningRule, (FRIDAY,), 8 * 60, 17 * 60)
        _week(OpeningRule, (SATURDAY,), 9 * 60, 13 * 60)
        _week(BreakRule, WEEKDAYS, 12 * 60 + 20, 13 * 60)
        _week(OpeningRule, (MONDAY, WEDNESDAY, FRIDAY), 9 * 60, 17 * 60, lotte)
        _week(BreakRule, (MONDAY, WEDNESDAY, FRIDAY), 12 * 60 + 20, 13 * 60, lotte)
        closed = _today(DELVAUX, now) + dt.timedelta(days=17)
        ScheduleException.insert(date=closed, kind="closure", label="Journée de formation").execute()
    clients = (
        (1, "seance", "09:00", "camille", "Nadia Bensaïd", "nadia.bensaid@example.be"),
        (1, "seance", "10:20", "camille", "Pierre Vandamme", "pierre.vandamme@example.be"),
        (1, "sport", "14:00", "youssef", "Élise Moreau", "elise.moreau@example.be"),
        (2, "bilan", "11:00", "lotte", "Sofie Claes", "sofie.claes@example.be"),
        (2, "seance", "15:00", "youssef", "Marc Lambert", "marc.lambert@example.be"),
        (4, "perinatal", "10:20", "lotte", "Anna Peeters", "anna.peeters@example.be"),
    )  # fmt: skip
    _bookings(by_slug(DELVAUX["slug"]), now, clients)


def _dupont(now: int) -> None:
    business_id = uuid7()
    with db.writing(business_id):
        Business.insert(id=business_id, created_at=_moment(now), **DUPONT).execute()
        marc = _resource("marc", "Marc Dupont", 0, "Plombier-chauffagiste", "Vingt ans de métier, assurance décennale.")
        _service(
            "diag",
            "Diagnostic et audit complet",
            "Diagnostic plomberie avec rapport détaillé",
            30,
            4000,
            0,
            (marc,),
            deposit_bp=3000,
            place="at_client",
        )
        _service(
            "urgence",
            "Intervention urgente",
            "Dépannage sous 2 heures",
            45,
            12000,
            1,
            (marc,),
            deposit_bp=4000,
            place="at_client",
        )
        _service(
            "entretien",
            "Entretien de chaudière",
            "Contrôle annuel et nettoyage",
            60,
            9500,
            2,
            (marc,),
            deposit_bp=3000,
            place="at_client",
            active=False,
        )
        _week(OpeningRule, WEEKDAYS, 8 * 60 + 30, 18 * 60)
        _week(BreakRule, WEEKDAYS, 12 * 60, 13 * 60)
    clients = (
        (1, "diag", "10:00", "marc", "Hélène Roux", "helene.roux@example.com"),
        (2, "urgence", "14:00", "marc", "Karim Haddad", "karim.haddad@example.com"),
    )
    _bookings(by_slug(DUPONT["slug"]), now, clients)


def _resource(slug: str, name: str, position: int, title: str, bio: str) -> UUID:
    key = uuid7()
    Resource.insert(id=key, slug=slug, name=name, position=position, title=title, bio=bio).execute()
    return key


def _service(
    slug: str,
    name: str,
    description: str,
    minutes: int,
    price_cents: int,
    position: int,
    by: tuple[UUID, ...],
    **more: Any,
) -> None:
    key = uuid7()
    values: dict[str, Any] = {"deposit_bp": 0, **more}
    Service.insert(
        id=key, slug=slug, name=name, description=description, duration_minutes=minutes, price_cents=price_cents,
        position=position, **values,
    ).execute()  # fmt: skip
    ServiceResource.insert_many([{"service_id": key, "resource_id": each} for each in by]).execute()


def _week(rule: Any, days: tuple[int, ...], start: int, end: int, resource_id: UUID | None = None) -> None:
    rows = [
        {"day_of_week": day, "start_minutes": start, "end_minutes": end, "resource_id": resource_id} for day in days
    ]
    rule.insert_many(rows).execute()


def _bookings(business: BusinessCard, now: int, clients: tuple[tuple[int, str, str, str, str, str], ...]) -> None:
    """The n-th next weekday each; a day that the demo's hours leave closed simply gets none."""
    today = dt.datetime.fromtimestamp(now, ZoneInfo(business.timezone)).date()
    for ahead, service, time, resource, name, email in clients:
        body = {
            "serviceId": service, "date": _weekday(today, ahead).isoformat(), "time": time, "resourceId": resource,
            "customer": {"name": name, "email": email}, "notifications": {"email": False},
        }  # fmt: skip
        try:
            booking.create(business, read(booking.BookingInput, body), now=now, caps=booking.Caps(), source="phone")
        except SlotTaken:
            continue


def _weekday(today: dt.date, ahead: int) -> dt.date:
    date = today
    while ahead:
        date += dt.timedelta(days=1)
        ahead -= date.weekday() < 5
    return date


def _today(business: dict[str, Any], now: int) -> dt.date:
    return dt.datetime.fromtimestamp(now, ZoneInfo(business["timezone"])).date()


def _moment(now: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(now, dt.UTC)
