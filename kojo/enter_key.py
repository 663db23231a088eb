"""Enter on a terminal, heard beside everything else, by a thread that ends when it is told to.

A thread that waits in ``sys.stdin`` cannot be ended: at the interpreter's end it still holds what it was given, and
with it the store's library, which then complains of what was never let go.
"""

import os
import select
import threading
from collections.abc import Callable

PIECE_BYTES = 1024


class EnterKey:
    """Calls ``pressed`` for each line typed at the file ``number`` (a terminal's), until it ends or `stop`."""

    def __init__(self, number: int, pressed: Callable[[], None]) -> None:
        self._number, self._pressed = number, pressed
        self._told_to_end, self._end = os.pipe()
        self._thread = threading.Thread(target=self._listen, name="enter key", daemon=True)

    def start(self) -> None:
        """Listen from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Listen no more. May be called twice."""
        if self._end < 0:
            return
        os.close(self._end)
        self._end = -1
        if self._thread.ident is not None:
            self._thread.join()
        os.close(self._told_to_end)

    def _listen(self) -> None:
        while True:
            ready, _, _ = select.select([self._number, self._told_to_end], [], [])
            if self._told_to_end in ready:
                return
            try:
                typed = os.read(self._number, PIECE_BYTES)
            except OSError:  # the terminal is gone
                return
            if not typed:
                return
            for _ in range(typed.count(b"\n")):
                self._pressed()
