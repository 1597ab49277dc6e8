"""What was changed, by whom and when, newest first, in sentences. `MESSAGES` is the one place that knows the words of
an action; a test compares it with what the actions note."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import db
from models import Audit, Booking, Client, Resource, User
from queries.business import BusinessCard

PAGE = 50
CLIENT = "client"
MOST_CHANGES = 8

# gettext msgids by action; `subject` is the name of what was changed, the others stand in the row's data.
MESSAGES = {
    "booking.created": "Rendez-vous pris : %(subject)s",
    "booking.moved": "Rendez-vous déplacé : %(subject)s",
    "booking.status_changed": "État du rendez-vous changé : %(subject)s",
    "booking.noted": "Note du rendez-vous changée : %(subject)s",
    "booking.cancelled": "Rendez-vous annulé : %(subject)s",
    "block.created": "Temps bloqué",
    "block.removed": "Temps débloqué",
    "business.changed": "Réglages modifiés",
    "business.created": "Établissement créé",
    "business.handed_over": "Établissement rejoint par le compte de son adresse e-mail",
    "business.moved": "Adresse web changée : %(before)s devient %(after)s",
    "business.opened": "Page mise en ligne",
    "client.created": "Client ajouté : %(subject)s",
    "client.changed": "Fiche du client modifiée : %(subject)s",
    "days.closed": "Fermeture ajoutée du %(first)s au %(last)s",
    "days.set": "Horaires de jours particuliers modifiés",
    "days.cleared": "Jours particuliers retirés",
    "frames.allowed": "Intégration permise sur %(origin)s",
    "frames.forbidden": "Intégration retirée de %(origin)s",
    "hours.changed": "Horaires modifiés",
    "hours.replaced": "Semaine d’ouverture remplacée",
    "identity.changed": "Mentions légales modifiées",
    "invitation.revoked": "Invitation retirée : %(email)s",
    "member.invited": "Invitation envoyée : %(email)s",
    "member.joined": "Arrivée dans l’équipe : %(subject)s",
    "member.role_changed": "Rôle changé : %(subject)s",
    "member.dismissed": "Accès retiré : %(subject)s",
    "member.left": "Départ de l’équipe : %(subject)s",
    "onboarding.marked": "Mise en route : étape %(step)s faite",
    "picture.shown": "Image ajoutée",
    "picture.removed": "Image retirée",
    "resource.created": "Ajout à l’équipe : %(name)s",
    "resource.archived": "Départ de l’équipe : %(name)s",
    "resource.changed": "Fiche modifiée : %(subject)s",
    "resource.reordered": "Ordre de l’équipe changé",
    "resource.restored": "Retour dans l’équipe : %(name)s",
    "service.created": "Prestation « %(name)s » ajoutée",
    "service.changed": "Prestation « %(name)s » modifiée",
    "service.archived": "Prestation « %(name)s » archivée",
    "service.restored": "Prestation « %(name)s » restaurée",
    "service.reordered": "Ordre des prestations changé",
    "services.chosen": "Prestations choisies",
    "settings.changed": "Réglages modifiés",
    "site.changed": "Apparence du site modifiée",
    "site.published": "Site publié",
    "site.discarded": "Brouillon du site abandonné",
    "site.put_online": "Site mis en ligne",
    "site.taken_offline": "Site mis hors ligne",
    "specialization.added": "Spécialisation ajoutée : %(name)s",
    "specialization.changed": "Spécialisation modifiée",
    "specialization.removed": "Spécialisation retirée",
    "tables.changed": "Tables modifiées",
    "testimonial.added": "Témoignage ajouté : %(author)s",
    "testimonial.changed": "Témoignage modifié",
    "testimonial.removed": "Témoignage retiré",
}
OTHER = "Modification enregistrée (%(action)s)"

Kind = Literal["text", "cents", "rate", "minutes", "days", "switch", "list", "instant", "status", "place", "silent"]

# What a column is called: gettext msgids.
FIELD_MESSAGES = {
    "name": "nom",
    "description": "description",
    "duration_minutes": "durée",
    "price_cents": "prix",
    "deposit_bp": "acompte",
    "step_minutes": "intervalle",
    "buffer_before": "battement avant",
    "buffer_after": "battement après",
    "notice_minutes": "délai minimum",
    "horizon_days": "réservable jusqu’à",
    "capacity": "places",
    "turn_minutes": "durées par taille de groupe",
    "limits": "limites",
    "place": "lieu",
    "form_fields": "questions",
    "cancellation": "conditions d’annulation",
    "active": "en vente",
    "services": "prestations",
    "kind": "sorte",
    "notes": "notes",
    "vip": "client VIP",
    "units": "places en parallèle",
    "seats": "couverts",
    "min_seats": "couverts au moins",
    "resources": "proposée par",
    "translations": "traductions",
    "email": "e-mail",
    "phone": "téléphone",
    "shows_phone": "téléphone visible",
    "street": "rue",
    "postcode": "code postal",
    "town": "ville",
    "access": "accès",
    "country": "pays",
    "timezone": "fuseau horaire",
    "locale": "langue",
    "languages": "langues",
    "tight_packing": "agenda serré",
    "public": "site en ligne",
    "approves_by_hand": "accord à la main",
    "client_limits": "limites par client",
    "accent": "couleur",
    "headline": "titre",
    "lead": "introduction",
    "bio": "présentation",
    "starts_at": "heure",
    "status": "état",
    "title": "titre",
    "motif": "dessin",
    "slug": "adresse",
    "sections": "rubriques",
}
# How its value is read; what is not listed says only that it changed.
KINDS: dict[Kind, tuple[str, ...]] = {
    "text": (
        "name",
        "capacity",
        "email",
        "phone",
        "street",
        "postcode",
        "town",
        "country",
        "timezone",
        "locale",
        "accent",
        "title",
        "motif",
        "slug",
    ),
    "minutes": ("duration_minutes", "step_minutes", "buffer_before", "buffer_after", "notice_minutes"),
    "cents": ("price_cents",),
    "rate": ("deposit_bp",),
    "days": ("horizon_days",),
    "place": ("place",),
    "switch": ("active", "shows_phone", "tight_packing", "public", "approves_by_hand"),
    "list": ("resources", "languages"),
    "instant": ("starts_at",),
    "status": ("status",),
}
_KIND_OF: dict[str, Kind] = {name: kind for kind, names in KINDS.items() for name in names}
_PLACES = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Change:
    """`field` is a gettext msgid."""

    field: str
    kind: Kind
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class Line:
    """`at` in UTC epoch seconds; `message` is a gettext msgid with its `values`. `actor` None: a client. `code` leads
    to the booking."""

    id: UUID
    at: int
    actor: str | None
    message: str
    values: dict[str, str]
    changes: tuple[Change, ...]
    code: str | None = None
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """`next` asks for what is older, None at the end."""

    lines: list[Line]
    next: UUID | None


def newest(business: BusinessCard, *, before: UUID | None = None, amount: int = PAGE) -> Part:
    """At most five statements, however many lines."""
    with db.reading(business.id):
        query = Audit.select().order_by(Audit.id.desc()).limit(amount + 1)
        rows = list(query if before is None else query.where(Audit.id < before))
        names, codes = _names(rows[:amount])
    lines = [_line(row, names, codes) for row in rows[:amount]]
    return Part(lines, lines[-1].id if len(rows) > amount else None)


def _names(rows: list[Any]) -> tuple[dict[UUID, str], dict[UUID, str]]:
    """What the subjects are called today, and the codes of bookings among them."""
    bookings = _subjects(rows, "booking.")
    found = Booking.select(Booking.id, Booking.code, Booking.name).where(Booking.id.in_(bookings)) if bookings else []
    booked = {row.id: (row.code, row.name) for row in found}
    names = {key: f"{name}, {code}" if name else code for key, (code, name) in booked.items()}
    for prefix, model in (("client.", Client), ("member.", User), ("resource.", Resource)):
        keys = _subjects(rows, prefix)
        if keys:
            names |= {row.id: row.name for row in model.select(model.id, model.name).where(model.id.in_(keys))}
    return names, {key: code for key, (code, _) in booked.items()}


def _subjects(rows: Iterable[Any], prefix: str) -> list[UUID]:
    return list({row.subject for row in rows if row.subject and row.action.startswith(prefix)})


def _line(row: Any, names: dict[UUID, str], codes: dict[UUID, str]) -> Line:
    data = row.data if isinstance(row.data, dict) else {}
    given = {name: str(value) for name, value in data.items() if isinstance(value, str | int)}
    given |= {"subject": names.get(row.subject, "…"), "action": row.action}
    message = MESSAGES.get(row.action, OTHER)
    at = row.created_at if isinstance(row.created_at, dt.datetime) else dt.datetime.fromtimestamp(0, dt.UTC)
    return Line(
        row.id, int(at.timestamp()), None if row.actor == CLIENT else row.actor, message,
        {name: given.get(name, "…") for name in _PLACES.findall(message)}, tuple(_changes(data))[:MOST_CHANGES],
        codes.get(row.subject), bool(data.get("undone")),
    )  # fmt: skip


def _changes(data: dict[str, Any]) -> Iterable[Change]:
    """`changed` names columns, with before and after where these were kept; a booking keeps both whole."""
    changed = data.get("changed", data.get("fields", {}))
    pairs = dict(changed) if isinstance(changed, dict) else {name: [] for name in changed if isinstance(name, str)}
    before, after = data.get("before"), data.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        pairs |= {name: [before[name], after[name]] for name in before if before[name] != after.get(name)}
    for name, pair in pairs.items():
        if name in FIELD_MESSAGES:
            words, kind = FIELD_MESSAGES[name], _KIND_OF.get(name, "silent")
            whole = isinstance(pair, list) and len(pair) == 2
            yield Change(words, kind, *pair) if whole and kind != "silent" else Change(words, "silent")
