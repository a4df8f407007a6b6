"""Where events may be sent: to public addresses, whatever name leads there."""

import ipaddress
import socket
from collections.abc import Callable, Sequence

import httpx

from app.errors import Unreadable

LONGEST = 2_000
"""Characters of an address that anybody means."""

UNICAST = ipaddress.ip_network("2000::/3")
"""The only part of IPv6 that is given out to the internet."""

REFUSED = tuple(
    ipaddress.ip_network(one)
    for one in (
        "192.0.0.0/24",  # the IETF's, with another cloud's in it
        "168.63.129.16/32",  # a cloud's own services, at a public address
        "192.88.99.0/24",  # whoever has relayed IPv6 there
        "2002::/16",  # IPv4 inside IPv6, whichever it is
        "2001::/32",
    )
)

PORTS = range(1, 1 << 16)

Resolve = Callable[[str, int], Sequence[str]]
"""Gives the addresses of a host and port; raises `OSError` if it has none."""


class Unreachable(Exception):
    """Nothing may be sent there, or nothing is there."""


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def checked(url: str, *, takes_loopback: bool) -> httpx.URL:
    """Read a subscriber's address.

    Args:
        url: As somebody typed it.
        takes_loopback: http will do; where it leads is found out when something is sent.

    Raises:
        Unreadable: If it is none, not https, or carries a name and password.
    """
    try:
        found = httpx.URL(url)
        host, port = found.host, found.port
    except (httpx.InvalidURL, UnicodeError):  # the name is no name
        host, port = "", None
    schemes = ("https", "http") if takes_loopback else ("https",)
    if not host or found.scheme not in schemes or len(url) > LONGEST:
        raise Unreadable("A subscriber's address begins with https:// and names a host.")
    if port is not None and port not in PORTS:
        raise Unreadable("A subscriber's port is a number from 1 to 65535.")
    if found.userinfo or found.fragment:
        raise Unreadable("A subscriber's address has no user, password or fragment.")
    return found


def is_public(address: str) -> bool:
    """Whether an IP address is reached over the internet, and is one that is told as it is."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    is_refused = any(found.version == one.version and found in one for one in REFUSED)
    is_refused |= isinstance(found, ipaddress.IPv6Address) and found not in UNICAST
    return found.is_global and not (found.is_multicast or is_refused)


def addresses(url: httpx.URL, resolving: Resolve, *, takes_loopback: bool) -> Sequence[str]:
    """Find where a subscriber is, for one attempt.

    Raises:
        Unreachable: If it is nowhere, or any of its addresses is not public.
    """
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    try:
        found = resolving(url.host, port)
    except (OSError, UnicodeError) as error:
        raise Unreachable("Its name leads nowhere.") from error
    is_open = all(is_public(one) or (takes_loopback and _is_loopback(one)) for one in found)
    if not found or not is_open:
        raise Unreachable("Its name leads to an address that is not public; nothing was sent.")
    if url.scheme == "http" and not all(map(_is_loopback, found)):
        raise Unreachable("Only on this machine does http do; nothing was sent.")
    return found


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address).is_loopback
