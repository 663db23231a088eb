"""SIGTERM and Ctrl-C as something to wait for, so that what was begun is ended in order, whenever they come.

A threading.Event would not do: two signals close together run one handler inside the other, and the inner one would
wait for a lock that the outer one holds, for ever. A SimpleQueue may be put into from anywhere.
"""

import contextlib
import queue
import signal
from collections.abc import Iterator


class Ending:
    """Whether somebody asked for the end."""

    def __init__(self) -> None:
        self._asked: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._is_asked = False

    def ask(self, *_signal: object) -> None:
        """Ask; from a signal handler or any thread, as often as one likes."""
        self._asked.put(None)

    def wait(self, timeout_s: float) -> bool:
        """Whether the end was asked for, waiting for it so long at most. One thread waits."""
        with contextlib.suppress(queue.Empty):
            self._is_asked = self._is_asked or self._asked.get(timeout=timeout_s) is None
        return self._is_asked


@contextlib.contextmanager
def listening() -> Iterator[Ending]:
    """The same for as long as it lasts: what has nothing to end in order afterwards is ended by them as ever."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield asked_to_end()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def asked_to_end() -> Ending:
    """Asked by SIGTERM or Ctrl-C from now on. Main thread; before heavy imports, some of which Ctrl-C would tear."""
    end = Ending()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end.ask)
    return end
