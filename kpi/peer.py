"""Who is at the other end of a connection, as far as its address tells: which stranger, or this machine itself."""

import ipaddress


def household(peer: str) -> str:
    """What is counted as one: an IPv4 address, however it is written, or the /64 of an IPv6 address.

    Whoever has one address of an IPv6 /64 has them all. All of this machine's own addresses are one, too.
    """
    found = _address(peer)
    if found is None:
        return peer[:64]
    if found.is_loopback:
        return "127.0.0.1"
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((found, 64), strict=False))
    return str(found)


def is_this_machine(peer: str) -> bool:
    """Whether somebody on this machine itself asks."""
    found = _address(peer)
    return found is not None and found.is_loopback


def _address(peer: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
