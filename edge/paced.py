"""Work with pauses in it, that nobody waits for: a chip is told to measure, and asked when it is done.

    def measure() -> Iterator[float]:
        while True:
            start()
            yield 0.02        # seconds; the lane is free meanwhile
            fetch()
            yield 1.0

    work = Paced(board.clock, measure())
    work.close()

A sensor may not sleep: its lane would hang on a Pi, and on a hand-turned clock the time would not pass.
"""

from collections.abc import Iterator

from contract.reading import NS_PER_S
from edge.clock import Clock, Timer


class Paced:
    """Runs an iterator that yields the seconds until it wants to go on; the first stretch runs at once.

    What the first stretch raises is raised here, what a later one raises goes to whoever runs the clock's actions (a
    sensor's keeper takes it for the sensor's failure). After either, it has ended.
    """

    def __init__(self, clock: Clock, work: Iterator[float]) -> None:
        self._clock = clock
        self._work = work
        self._timer: Timer | None = None
        self._closed = False
        self._go_on()

    def _go_on(self) -> None:
        pause_s = next(self._work, None)
        if pause_s is not None and not self._closed:
            due_ns = self._clock.monotonic_ns() + round(pause_s * NS_PER_S)
            self._timer = self._clock.at(due_ns, self._go_on)

    def close(self) -> None:
        """End it; may be called twice."""
        self._closed = True
        timer, self._timer = self._timer, None
        if timer:
            timer.cancel()
