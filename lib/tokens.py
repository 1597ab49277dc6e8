"""Signed texts that are keys: each purpose has its own salt, so that no token opens another door."""

import hashlib
import hmac
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer


class BadToken(ValueError):
    """Forged, cut, expired, or made for another purpose."""


class Signer:
    """Bound to the application's key; `purpose` is the salt."""

    def __init__(self, key: str) -> None:
        self._key = key

    def sign(self, purpose: str, value: Any, *, timed: bool = False) -> str:
        return str(self._serializer(purpose, timed).dumps(value))

    def read(self, purpose: str, token: str, *, max_age: int | None = None) -> Any:
        """The signed value. With `max_age` (seconds) the token must have been signed `timed`. Raises BadToken."""
        serializer = self._serializer(purpose, max_age is not None)
        try:
            return serializer.loads(token) if max_age is None else serializer.loads(token, max_age=max_age)
        except BadSignature:
            raise BadToken from None

    def derive(self, purpose: str, text: str) -> bytes:
        """32 bytes that only the holder of the key can work out, the same each time: a nonce that is stored nowhere."""
        return hmac.new(self._key.encode(), f"bookt.{purpose}:{text}".encode(), hashlib.sha256).digest()

    def _serializer(self, purpose: str, timed: bool) -> Any:
        kind = URLSafeTimedSerializer if timed else URLSafeSerializer
        return kind(self._key, salt=f"bookt.{purpose}")
