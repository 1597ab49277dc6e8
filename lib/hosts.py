"""Names of this very machine."""

import ipaddress
import re

LAST_PORT = 65_535
_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_AUTHORITY = re.compile(
    rf"(?:(?P<name>(?=[^:]{{1,253}}(?::|$)){_LABEL}(?:\.{_LABEL})*)|\[(?P<address>[0-9a-f:.]{{2,45}})\])(?::(?P<port>[0-9]{{1,5}}))?",
    re.ASCII,
)


def without_port(host: str) -> str:
    """The name of a Host header (RFC 9110, 7.2) in lower case: `name:8000` and `[::1]:8000` without the port. Empty
    when it is not the form of one: what `a@b`, `a:80@b` or `a/.b` name depends on who reads it."""
    found = _AUTHORITY.fullmatch(host.lower())
    if found is None or int(found["port"] or 0) > LAST_PORT:
        return ""
    return found["name"] or found["address"]


def is_loopback(name: str) -> bool:
    """`localhost`, `*.localhost` (RFC 6761), 127.0.0.0/8 and ::1. `name` carries no port."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def network_of(address: str) -> str:
    """What one visitor is counted by: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
