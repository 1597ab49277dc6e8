"""The addresses that leave the house in mails and calendars, and the signed key of a client's own booking."""

import hmac
import re
from dataclasses import dataclass
from uuid import UUID

from lib.hosts import is_loopback
from lib.tokens import BadToken, Signer

MANAGE = "manage"
HOLD = "hold"
DAY = "day"
DAY_LIFE = 24 * 3600  # seconds


@dataclass(frozen=True, slots=True)
class Links:
    """`base_url` is PUBLIC_URL: never a host name that a visitor sent."""

    base_url: str
    signer: Signer

    def page(self, slug: str, domain: str | None, path: str) -> str:
        """The one absolute address of a business's page: on its own domain, unless that name is this very machine's and
        says nothing to anybody else. `path` begins with the slug, as the routes know it."""
        if not domain or is_loopback(domain):
            return self.base_url + path
        return f"{self.base_url.partition('://')[0]}://{domain}{path.removeprefix(f'/{slug}') or '/'}"

    def site(self, slug: str, *, language: str = "") -> str:
        """`language`: where the reader's is not the one that the address shows by itself."""
        return f"{self.base_url}/{slug}" + (f"?lang={language}" if language else "")

    def booking(self, slug: str) -> str:
        return f"{self.base_url}/{slug}/rdv"

    def account(self, token: str) -> str:
        """A link that opens an account, whatever it is for: the token knows."""
        return f"{self.base_url}/connexion/{token}"

    def invitation(self, token: str) -> str:
        return f"{self.base_url}/invitation/{token}"

    def sign_in(self) -> str:
        return f"{self.base_url}/connexion"

    def sign_up(self) -> str:
        return f"{self.base_url}/demarrer"

    def manage(
        self, slug: str, code: str, business_id: UUID, booking_id: UUID, version: int, *, language: str = ""
    ) -> str:
        """With a language the page opens in it, as the mail that holds the link was written."""
        key = manage_token(self.signer, business_id, booking_id, version)
        return f"{self.base_url}/{slug}/rdv/{code}?cle={key}" + (f"&lang={language}" if language else "")

    def day(self, booking_id: UUID, key: str) -> str:
        """The page of the day for who works there, at one booking; `key` is a `day_token`."""
        return f"{self.base_url}/admin/bookings/{booking_id}?cle={key}"


def manage_token(signer: Signer, business_id: UUID, booking_id: UUID, version: int) -> str:
    """Opens one booking while its `link_version` stays; how long after the visit is for the page to judge."""
    return signer.sign(MANAGE, [str(business_id), str(booking_id), version])


def read_manage_token(signer: Signer, token: str) -> tuple[UUID, UUID, int]:
    """Business, booking, version. Raises BadToken."""
    business_id, booking_id, version = signer.read(MANAGE, token)
    return UUID(business_id), UUID(booking_id), int(version)


def day_token(signer: Signer, business_id: UUID, email: str, *, now: float) -> str:
    """Opens the days of one business until DAY_LIFE is over or its e-mail, where the key was sent, has changed."""
    return signer.sign(DAY, [str(business_id), _mark(signer, email), int(now) + DAY_LIFE])


def read_day_token(signer: Signer, token: str) -> tuple[UUID, str, int]:
    """Business, mark of the e-mail it was sent to, end (UTC epoch seconds): `opens` judges them. Raises BadToken."""
    try:
        business_id, mark, until = signer.read(DAY, token)
        return UUID(business_id), str(mark), int(until)
    except (TypeError, ValueError):
        raise BadToken from None


def opens(signer: Signer, email: str, mark: str, until: int, *, now: float) -> bool:
    """Whether a key of the day still counts for the business that reads mail at `email`."""
    return now < until and hmac.compare_digest(mark.encode(), _mark(signer, email).encode())


def _mark(signer: Signer, email: str) -> str:
    return signer.derive(DAY, email).hex()[:16]


def hold_token(signer: Signer, business_id: UUID, hold_id: UUID) -> str:
    """The holder's only proof: a field of the form, no cookie."""
    return signer.sign(HOLD, [str(business_id), str(hold_id)])


def read_hold_token(signer: Signer, token: str, business_id: UUID) -> UUID:
    """The hold's id. Raises BadToken, also when it was made for another business."""
    owner, hold_id = signer.read(HOLD, token)
    if owner != str(business_id):
        raise BadToken
    return UUID(hold_id)


def own_root(base_url: str, domain: str) -> str:
    """A business's own host as its visitors reach it: on this very machine by the platform's port. No slash at the
    end."""
    scheme, _, host = base_url.partition("://")
    port = re.search(r":\d+$", host) if is_loopback(domain) else None
    return f"{scheme}://{domain}{port[0] if port else ''}"
