"""One class per answer the product can give, with its HTTP status and public code.

Each is turned into HTTP once (`blueprints/answers.py`), for HTML and JSON alike. `message` is a gettext msgid in
French, the source language; it never carries a technical detail.
"""

from typing import Any, ClassVar


class BooktError(Exception):
    """`values` fill the message's placeholders; `field` names the input at fault; `nearest` are ISO starts."""

    status: ClassVar[int] = 500
    code: str = "INTERNAL_ERROR"
    message: str = "Un problème technique est survenu. Merci de réessayer dans un instant."

    def __init__(self, message: str | None = None, **values: Any) -> None:
        self.message = message or self.message
        self.values = values
        self.field: str | None = None
        super().__init__(self.message)


class Invalid(BooktError):
    """Malformed input: 400 with `INVALID_<FIELD>` (S3). `problems` maps each field to its message."""

    status = 400
    code = "INVALID_BODY"
    message = "La demande n’est pas lisible."

    def __init__(self, problems: dict[str, "Problem"] | None = None, message: str | None = None) -> None:
        super().__init__(message)
        self.problems = problems or {}
        if self.problems:
            self.field, first = next(iter(self.problems.items()))
            self.code, self.message, self.values = first.code, first.message, first.values


class Problem:
    """What is wrong with one field: a public code, a gettext msgid and the values it names."""

    def __init__(self, code: str, message: str, **values: Any) -> None:
        self.code, self.message, self.values = code, message, values

    def __repr__(self) -> str:
        return f"Problem({self.code}, {self.message!r})"


class BodyTooLarge(BooktError):
    status = 413
    code = "BODY_TOO_LARGE"
    message = "La demande est trop volumineuse."


class Unauthorized(BooktError):
    status = 401
    code = "UNAUTHORIZED"
    message = "Identifiez-vous pour continuer."


class NotAllowed(BooktError):
    status = 403
    code = "FORBIDDEN"
    message = "Cette action n’est pas permise."


class NotFound(BooktError):
    status = 404
    code = "NOT_FOUND"
    message = "Cette page n’existe pas."


class BusinessNotFound(NotFound):
    code = "BUSINESS_NOT_FOUND"
    message = "Aucun établissement à cette adresse."


class ServiceNotFound(NotFound):
    code = "SERVICE_NOT_FOUND"
    message = "Cette prestation n’est pas proposée."


class BookingNotFound(NotFound):
    """The same answer for a wrong code, a wrong e-mail, a braked code (S3: it discloses nothing)."""

    code = "BOOKING_NOT_FOUND"
    message = "Réservation introuvable. Vérifiez le code et l’adresse e-mail."


class LinkExpired(BooktError):
    status = 410
    code = "LINK_EXPIRED"
    message = "Ce lien n’est plus valable."


class SlotTaken(BooktError):
    """A lost race or a time not on offer: 409 with the nearest free starts (instants, UTC epoch seconds)."""

    status = 409
    code = "SLOT_UNAVAILABLE"
    message = "Le créneau sélectionné n’est plus disponible. Merci de choisir un autre horaire."

    def __init__(self, nearest: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.nearest = nearest


class AlreadyCancelled(BooktError):
    status = 409
    code = "ALREADY_CANCELLED"
    message = "Ce rendez-vous est déjà annulé."


class NotChangeable(BooktError):
    """The state table refuses the move (a past or finished booking)."""

    status = 409
    code = "NOT_CHANGEABLE"
    message = "Ce rendez-vous ne peut plus être modifié."


class HoldExpired(BooktError):
    status = 409
    code = "HOLD_EXPIRED"
    message = "Le délai est dépassé : ce créneau n’est plus retenu pour vous."


class TooManyHolds(BooktError):
    status = 429
    code = "TOO_MANY_HOLDS"
    message = "Plusieurs créneaux sont déjà retenus depuis votre connexion. Terminez ou libérez-en un."
    retry_after = 60  # seconds; a hold ends within ten minutes, often sooner


class TooManyBookings(BooktError):
    status = 409
    code = "TOO_MANY_BOOKINGS"
    message = "Cette adresse e-mail a déjà plusieurs rendez-vous à venir. Annulez-en un ou appelez-nous."


class KeyReused(BooktError):
    """The same Idempotency-Key with another body."""

    status = 409
    code = "IDEMPOTENCY_KEY_REUSED"
    message = "Cette clé d’idempotence a déjà servi pour une autre demande."


class StaleVersion(BooktError):
    """`If-Match` names a version that is no longer the current one (RFC 9110, 13.1.1)."""

    status = 412
    code = "STALE_VERSION"
    message = "Quelqu’un d’autre a modifié ceci entre-temps. Rechargez la page et recommencez."


class AccountExists(BooktError):
    status = 409
    code = "ACCOUNT_EXISTS"
    message = "Un compte existe déjà pour cette adresse e-mail. Connectez-vous."


class RateLimited(BooktError):
    """`retry_after` in seconds."""

    status = 429
    code = "RATE_LIMITED"
    message = "Trop de demandes. Réessayez dans %(seconds)s secondes."

    def __init__(self, retry_after: int) -> None:
        super().__init__(seconds=retry_after)
        self.retry_after = retry_after


class Unavailable(BooktError):
    """The database does not answer; nothing was written. `retry_after` in seconds."""

    status = 503
    code = "UNAVAILABLE"
    message = "Le service est momentanément indisponible. Rien n’a été enregistré : réessayez dans un instant."
    retry_after = 5
