"""A caller's bytes, and how long one waits for them: in all, not only from one byte to the next.

sent = Patient(connection, silence_s=15.0)
head = io.BufferedReader(sent)
sent.within(10.0)
head.readline()                    # TimeoutError after 10 s, however the bytes trickle
"""

import io
import socket
import time
from collections.abc import Callable
from typing import Any


class Patient(io.RawIOBase):
    """See above. TimeoutError, too, where nothing at all came for ``silence_s``. ``now_s`` counts seconds."""

    def __init__(
        self, connection: socket.socket, silence_s: float, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._connection, self._silence_s, self._now_s = connection, silence_s, now_s
        self._until_s = now_s() + silence_s

    def within(self, seconds: float) -> None:
        """From now on so long, and no longer, for all that is read until this is said again."""
        self._until_s = self._now_s() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left_s = self._until_s - self._now_s()
        if left_s <= 0:
            raise TimeoutError("the caller is too slow")
        self._connection.settimeout(min(left_s, self._silence_s))
        try:
            return self._connection.recv_into(buffer)
        finally:
            self._connection.settimeout(self._silence_s)
