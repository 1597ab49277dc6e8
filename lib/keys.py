"""Links and codes that open an account: worked out from a row's id and the application's key, so that nothing at rest
opens anything. What a row keeps is the hash of the nonce."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from lib.tokens import BadToken, Signer

DAY = 24 * 3600
# Seconds that a link lives, by its purpose.
LIFE = {"login": 15 * 60, "welcome": 7 * DAY, "email": DAY}
INVITATION_LIFE = 7 * DAY
CODE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Key:
    """What a link's token says: which row, and the hash that the row must have."""

    purpose: str
    id: UUID
    hash: str


@dataclass(frozen=True, slots=True)
class InvitationKey:
    business_id: UUID
    id: UUID
    hash: str


def token(signer: Signer, purpose: str, link_id: UUID) -> str:
    """What stands in the mail's link; `purpose` is the salt, so that no link opens another door."""
    return signer.sign(f"link.{purpose}", [str(link_id), _nonce(signer, purpose, link_id)], timed=True)


def read(signer: Signer, text: str) -> Key:
    """Raises BadToken."""
    for purpose, life in LIFE.items():
        try:
            link_id, nonce = signer.read(f"link.{purpose}", text, max_age=life)
        except BadToken:
            continue
        return Key(purpose, UUID(link_id), _hashed(nonce))
    raise BadToken


def link_hash(signer: Signer, purpose: str, link_id: UUID) -> str:
    """What the row keeps of a link."""
    return _hashed(_nonce(signer, purpose, link_id))


def code(signer: Signer, link_id: UUID) -> str:
    """Six digits, for mail that is read on another device than the one which asked."""
    number = int.from_bytes(signer.derive("code", str(link_id))[:8], "big")
    return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def browser_hash(mark: str) -> str:
    """What a row keeps of the mark of the browser that asked."""
    return _hashed(mark)


def same_code(given: str, right: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())


def invitation_token(signer: Signer, business_id: UUID, invitation_id: UUID) -> str:
    nonce = _nonce(signer, "invitation", invitation_id)
    return signer.sign("link.invitation", [str(business_id), str(invitation_id), nonce], timed=True)


def read_invitation(signer: Signer, text: str) -> InvitationKey:
    """Raises BadToken."""
    business_id, invitation_id, nonce = signer.read("link.invitation", text, max_age=INVITATION_LIFE)
    return InvitationKey(UUID(business_id), UUID(invitation_id), _hashed(nonce))


def _nonce(signer: Signer, purpose: str, row_id: UUID) -> str:
    return base64.urlsafe_b64encode(signer.derive(purpose, str(row_id))).decode().rstrip("=")


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
