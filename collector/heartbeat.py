"""Signs of life to the broker while the collector's one thread waits for a store that hangs.

    with heartbeat.kept():
        store.commit(work)

An InfluxDB that does not answer holds a request up for seconds; several requests in a row may outlast the keep-alive,
and the broker would end the connection and give everything out again. Meanwhile a thread of its own sends PINGREQ.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator


class Heartbeat:
    """Of one connection. ``beat`` sends one sign of life; it is called only while the block is entered."""

    def __init__(
        self, beat: Callable[[], None], every_s: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._beat, self._every_s, self._monotonic = beat, every_s, monotonic
        self._since: float | None = None
        self._turn = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begin to look every ``every_s`` seconds whether a block lasts so long."""
        self._thread.start()

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Beat for as long as the block lasts, if it lasts long. It is entered often, so it costs next to nothing."""
        self._since = self._monotonic()
        try:
            yield
        finally:
            with self._turn:  # a beat under way ends first: two threads may not write at once
                self._since = None

    def look(self) -> None:
        """Beat, if the block that is entered has lasted so long."""
        with self._turn:
            if self._since is not None and self._monotonic() - self._since >= self._every_s:
                with contextlib.suppress(OSError):  # the connection's own thread will find out
                    self._beat()

    def end(self) -> None:
        """No more. May be called when it was never started."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._every_s):
            self.look()
