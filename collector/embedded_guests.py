"""Who is inside the embedded broker, and how many places one account, one address and all together may take.

One account must not keep the others out: a device that reconnects without end and never says goodbye would, and so
would somebody who means it ill. What belongs to the kit, agents and collectors, has places that nobody else takes.
"""

from dataclasses import dataclass
from typing import Any

from contract.words import Words

MOST = 256
RESERVED = 64
"""Of these, so many are for ids of the kit only (``kojo:…``; with accounts, only theirs may have one)."""
OF_ONE_ACCOUNT = 32
OF_ONE_ADDRESS = 64
"""A room of devices behind one router. The kit's ids are not counted: a laptop may run many agents."""
_KIT = "kojo:"
UNAVAILABLE, BAD_ID = 3, 2
"""CONNACK codes (MQTT 3.1.1, table 3.1): no place; an id that is somebody else's."""


@dataclass(frozen=True, slots=True)
class Guest:
    """One connection that has said who it is."""

    user: str | None
    client_id: str
    address: str

    @property
    def is_of_the_kit(self) -> bool:
        """Whether its id is one of the kit's."""
        return self.client_id.startswith(_KIT)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a guest does not come in: ``code`` for its CONNACK, ``why`` for the log."""

    code: int
    why: Words


class Guests:
    """``shared``: other machines come here, with accounts. Otherwise all are of this machine, and nobody is asked."""

    def __init__(self, shared: bool) -> None:
        self._shared = shared
        self._inside: dict[Any, Guest] = {}

    def gone(self, who: Any) -> None:
        """The connection of this peer name ended."""
        self._inside.pop(who, None)

    def come(self, who: Any, guest: Guest) -> Refusal | None:
        """Let ``guest`` in as the connection ``who``, or say why not.

        One that comes again under its own id takes its own place, so it is never too many.
        """
        refusal = self._not_its_own(guest) or self._no_place(guest)
        if refusal is None:
            self._inside[who] = guest
        return refusal

    def _not_its_own(self, guest: Guest) -> Refusal | None:
        if not self._shared or not guest.client_id:
            return None
        for other in self._inside.values():
            if other.client_id == guest.client_id and other.user != guest.user:
                return Refusal(
                    BAD_ID,
                    Words(
                        f"名のった id は「{other.user}」の機器が使っています。機器ごとに違う id にしてください。",
                        f"its id is in use by a device of {other.user}: give each device an id of its own.",
                    ),
                )
        return None

    def _no_place(self, guest: Guest) -> Refusal | None:
        others = [other for other in self._inside.values() if not guest.client_id or other.client_id != guest.client_id]
        if self._shared:
            of_account = sum(other.user == guest.user for other in others)
            if of_account >= OF_ONE_ACCOUNT:
                return _full("1つのアカウント", "one account", OF_ONE_ACCOUNT)
            of_address = sum(other.address == guest.address and not other.is_of_the_kit for other in others)
            if not guest.is_of_the_kit and of_address >= OF_ONE_ADDRESS:
                return _full("1つの番地", "one address", OF_ONE_ADDRESS)
        if len(others) >= MOST:
            return _full("全体", "all together", MOST)
        devices = sum(not other.is_of_the_kit for other in others)
        if not guest.is_of_the_kit and devices >= MOST - RESERVED:
            return _full("キット以外の機器", "devices that are not the kit's", MOST - RESERVED)
        return None


def _full(ja: str, en: str, most: int) -> Refusal:
    return Refusal(
        UNAVAILABLE,
        Words(
            f"{ja}の接続は {most} までです。つなぎっぱなしの機器を止めてください。",
            f"no more than {most} connections of {en}: end devices that stay connected for nothing.",
        ),
    )
