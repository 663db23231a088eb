"""An HX711 that converts all the time, read or not, from its data sheet alone (tables 1 and 3, figures 2 and 3).

A beat every 100 ms ends a conversion: an unread word is replaced (DOUT goes up and down again). The pulses since the
last beat choose the multiplexer and the gain; after such a change four beats pass before an output is valid, and what
comes meanwhile is rubbish on purpose. More than 27 pulses between two beats break the protocol and are refused.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge.bench import Bench

PERIOD_S = 0.1
SLEEP_NS = 60_000
RUBBISH = 0x2AAAAA


class Hx711:
    """``bridge`` and ``second`` are the converter's inputs in steps at gain 1.

    ``stall``: called while SCK is high with the pulse's number since the start; a busy Pi lets time pass there.
    """

    def __init__(self, bench: "Bench", dout: int, sck: int) -> None:
        self.bridge, self.second = 0, 0
        self.stall: Callable[[int], None] = lambda pulse: None
        self.pulses = 0
        self.sleeps = 0
        self._bench, self._dout = bench, dout
        self._mux = (0, 128)
        self._since_beat = 0
        self._settling = 4
        self._shift: list[int] = []
        self._high_ns: int | None = None
        bench.attach(sck, self._edge)
        bench.drive(dout, True)
        self._beat_timer = bench.clock.every(PERIOD_S, self._beat, "bench")
        self._first = True

    def stop(self) -> None:
        """Take its supply away."""
        self._beat_timer.cancel()

    def _beat(self) -> None:
        if self._first:  # the clock beats once at the start
            self._first = False
            return
        if self._high_ns is not None:
            return  # asleep
        if self._since_beat:
            mux = {25: (0, 128), 26: (1, 32), 27: (0, 64)}.get(self._since_beat)
            assert mux is not None, f"{self._since_beat} pulses are no reading"
            if mux != self._mux:
                self._mux, self._settling = mux, 4
            self._since_beat = 0
        self._settling = max(0, self._settling - 1)
        if self._settling and self._mux == (0, 128) and not self._shift:
            return  # after power-up nothing is said before it is settled
        self._shift = self._word()
        self._bench.drive(self._dout, True)
        self._bench.drive(self._dout, False)

    def _word(self) -> list[int]:
        channel, gain = self._mux
        steps = (self.second if channel else self.bridge) * gain
        steps = RUBBISH if self._settling else max(-0x800000, min(0x7FFFFF, steps))
        return [int(digit) for digit in format(steps % 0x1000000, "024b")]

    def _edge(self, at_ns: int, high: bool) -> None:
        if high:
            self._rise(at_ns)
            return
        rose_ns, self._high_ns = self._high_ns, None
        if rose_ns is not None and at_ns - rose_ns > SLEEP_NS:
            self._wake()

    def _rise(self, at_ns: int) -> None:
        self._high_ns = at_ns
        self.pulses += 1
        self._since_beat += 1
        assert self._since_beat <= 27, "more than 27 pulses in one conversion period"
        if not self._shift:
            return  # nothing is ready: the driver puts it to sleep
        if self._since_beat <= 24:
            self._bench.drive(self._dout, bool(self._shift[self._since_beat - 1]))
        else:
            self._bench.drive(self._dout, True)
        self.stall(self.pulses)

    def _wake(self) -> None:
        self.sleeps += 1
        self._mux, self._settling, self._since_beat, self._shift = (0, 128), 4, 0, []
        self._bench.drive(self._dout, True)
