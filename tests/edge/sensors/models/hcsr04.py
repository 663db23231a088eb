"""An HC-SR04 as the little controller on it: idle, sending, listening; from its data sheet and makers' notes alone.

It looks at TRIG, sends eight periods of 40 kHz after it fell, raises ECHO and lowers it when the sound comes back; a
new trigger while it listens is ignored; without an echo it gives up after ``gives_up_ms``.
"""

from typing import Literal

from edge.bench import Bench

MICROSECOND = 1_000
SOUND_UM_PER_S = 343_215_000
"""Dry air at 20 °C (Kaye & Laby: 331.3 m/s at 0 °C)."""


class HcSr04:
    """``target_um``: micrometres to what sends the echo back, None for nothing."""

    def __init__(self, bench: Bench, trig: int, echo: int, target_um: int | None = 1_000_000) -> None:
        self.target_um = target_um
        self.gives_up_ms = 38
        self.ignored = self.too_short = 0
        self.pulses: list[int] = []
        self._bench, self._echo = bench, echo
        self._state: Literal["idle", "armed", "sending", "listening"] = "idle"
        self._since = 0
        bench.drive(echo, False)
        bench.attach(trig, self._trig)

    def _trig(self, at_ns: int, high: bool) -> None:
        if high and self._state == "idle":
            self._state, self._since = "armed", at_ns
        elif high:
            self.ignored += 1
        elif self._state == "armed":
            if at_ns - self._since < 10 * MICROSECOND:
                self._state = "idle"
                self.too_short += 1
                return
            self._state = "sending"
            self._bench.clock.at(at_ns + 8 * 25 * MICROSECOND, self._listen)

    def _listen(self) -> None:
        self._state = "listening"
        self._bench.drive(self._echo, True)
        way_ns = self.gives_up_ms * 1_000_000
        if self.target_um is not None:
            way_ns = 2 * self.target_um * 1_000_000_000 // SOUND_UM_PER_S
        self.pulses.append(way_ns)
        self._bench.clock.at(self._bench.clock.monotonic_ns() + way_ns, self._done)

    def _done(self) -> None:
        self._state = "idle"
        self._bench.drive(self._echo, False)
