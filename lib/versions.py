"""The version of something that may be changed, for `If-Match` (RFC 9110, 13.1.1) and for forms."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def version(values: Mapping[str, Any]) -> str:
    """The same for equal values, whatever their order: 16 hex digits."""
    text = json.dumps(values, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
