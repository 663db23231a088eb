"""paho's client, fed with the packets that were cut from what the broker sent (see `collector.publications`)."""

import select
from typing import Any

PINGREQ = b"\xc0\x00"


def bulk_client(client: Any) -> Any:
    """The client of paho, reading from what it is fed instead of from its socket (see `collector.publications`)."""

    class Bulk(client):  # type: ignore[misc]
        def __init__(self, *told: Any, **more: Any) -> None:
            super().__init__(*told, **more)
            self._fed: bytes | None = b""

        def receive(self, size: int) -> bytes:
            """What the broker sent, at most ``size`` bytes. Raises BlockingIOError when there is nothing, OSError."""
            said: bytes = super()._sock_recv(size)
            return said

        def feed(self, packet: bytes) -> None:
            """Let paho judge one packet."""
            self._fed = packet
            while self._fed:
                left = len(self._fed)
                self.loop_read()
                if self._fed is not None and len(self._fed) == left:
                    break

        def beat(self) -> None:
            """Say that we live, past paho, whose thread waits; not into the middle of what it has begun to write."""
            wire = self.socket()
            if wire is not None and not self.want_write() and select.select([], [wire], [], 0)[1]:
                wire.send(PINGREQ)

        def hang_up(self) -> None:
            """The connection is gone: let paho find that out."""
            self._fed = None
            self.loop_read()

        def _sock_recv(self, bufsize: int) -> bytes:
            if self._fed is None:
                return b""
            if not self._fed:
                raise BlockingIOError
            said, self._fed = self._fed[:bufsize], self._fed[bufsize:]
            return said

    return Bulk
