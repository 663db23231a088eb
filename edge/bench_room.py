"""How many connections a page has room for, and how many of them one machine may hold.

    room = Room(64)
    if room.enter("192.168.4.7"): …; room.leave("192.168.4.7")

Whoever sits at the machine itself always finds one of a few places kept for it, however full the rest is.
"""

import ipaddress
import threading
from collections import Counter
from typing import Final

LEAST_SHARE: Final = 24
"""Four browsers of one machine; each opens six connections."""
KEPT_HERE: Final = 4
"""Places that only the machine itself may take."""


class Room:
    """So many places; a share of them for each other machine: a quarter, and at least :data:`LEAST_SHARE`.

    ``share``: another share, where many machines are one address.
    """

    def __init__(self, most: int, share: int | None = None) -> None:
        self.most, self.share = most, share or max(LEAST_SHARE, most // 4)
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()

    def enter(self, peer: str) -> bool:
        """Take a place; False if there is none for that peer."""
        who, here = household(peer), is_here(peer)
        with self._lock:
            free = self.most - self._held.total()
            if free <= (0 if here else KEPT_HERE) or (not here and self._held[who] >= self.share):
                return False
            self._held[who] += 1
            return True

    def leave(self, peer: str) -> None:
        """Give a place back."""
        who = household(peer)
        with self._lock:
            self._held[who] -= 1
            if self._held[who] <= 0:
                del self._held[who]


def household(peer: str) -> str:
    """Whom an address belongs to: a network of IPv6 addresses (/64) is one machine's, for whoever has one has all."""
    found = _address(peer)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((found, 64), strict=False))
    return str(found) if found else peer[:64]


def is_here(peer: str) -> bool:
    """Whether it is this machine's own address."""
    found = _address(peer)
    return found is not None and found.is_loopback


def _address(peer: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, ipaddress.IPv6Address) else found
