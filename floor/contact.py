"""A switch, relay or button on a wire: closes and opens, and bounces each time, as every contact does.

One to five edges within 0.2 to 5 ms (Ganssle, *A Guide to Debouncing*: 1.6 ms on average over 18 switches, 6.2 ms at
most), one in fifty lasts up to 12 ms. The bounce is the contact's own and knows nothing of the debouncing in line.toml:
whoever sets that too short counts twice, here as in life.
"""

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Literal, Protocol

from contract.line import Sensor

MS = 1_000_000
EDGES = (1, 3, 3, 5)
"""How many edges a move has: always odd, so that it ends where it should."""
SHORTEST_MS, USUAL_MS, LONGEST_MS = 0.2, 5.0, 12.0
LONG_ONES = 0.02
QUIET_NS = 50 * MS
"""A spike this near to a move would be part of it."""
SPRINGS_BACK_NS = 50 * MS
"""How long a worn switch stays closed, and then open, before it closes again: longer than usual debouncing."""

Fault = Literal["", "unplugged", "stuck"]


class Time(Protocol):
    """The floor's time."""

    @property
    def now_ns(self) -> int:
        """Now."""

    def after(self, ns: int, action: Callable[[], object]) -> None:
        """Call ``action`` so much later."""


class Contact:
    """One wire. ``drive`` moves the pin, True for 3.3 V; None where nothing is wired."""

    def __init__(
        self, sensor: Sensor, drive: Callable[[bool], None] | None, closed_high: bool, chance: Random, time: Time
    ) -> None:
        self.sensor = sensor
        self.closed = False
        self.worn = 0.0
        """Share of closings after which the spring throws it open once more (a trap)."""
        self._fault: Fault = ""
        self._drive = drive
        self._closed_high = closed_high
        self._chance = chance
        self._time = time
        self._turn = 0
        self._moved_ns = -QUIET_NS

    @property
    def wired(self) -> bool:
        """Whether a pin follows it."""
        return self._drive is not None

    @property
    def fault(self) -> Fault:
        """What is wrong with the wire: ``unplugged`` reads open for ever, ``stuck`` closed (traps)."""
        return self._fault

    @fault.setter
    def fault(self, fault: Fault) -> None:
        self._fault = fault
        self._turn += 1
        self._set(self.closed)

    def rest(self) -> None:
        """Bring the pin to where the contact stands, without a bounce."""
        self._set(self.closed)

    def close(self) -> None:
        """Touch."""
        self._move(True)
        if self.worn and self._chance.random() < self.worn:
            self._later(SPRINGS_BACK_NS, False)
            self._later(2 * SPRINGS_BACK_NS, True)

    def open(self) -> None:
        """Let go."""
        self._move(False)

    def press(self, hold_ns: int) -> None:
        """Touch, and let go after a while."""
        self.close()
        self._time.after(hold_ns, self.open)

    def glitch(self, width_ns: int) -> bool:
        """A spike the other way. False, and nothing, if no pin follows or the contact has just moved."""
        if not self.wired or self._fault or self._time.now_ns - self._moved_ns < QUIET_NS:
            return False
        self._set(not self.closed)
        self._later(width_ns, self.closed)
        return True

    def _move(self, closed: bool) -> None:
        self._turn += 1
        self._moved_ns = self._time.now_ns
        self.closed = closed
        self._set(closed)
        edges = self._chance.choice(EDGES)
        if edges == 1 or not self.wired:
            return
        longest_ms = LONGEST_MS if self._chance.random() < LONG_ONES else USUAL_MS
        span_ns = self._chance.uniform(SHORTEST_MS, longest_ms) * MS
        for edge, part in enumerate(sorted(self._chance.random() for _ in range(edges - 1))):
            self._later(edge + 1 + int(part * span_ns), closed if edge % 2 else not closed)

    def _later(self, ns: int, closed: bool) -> None:
        self._time.after(ns, partial(self._edge, self._turn, closed))

    def _edge(self, turn: int, closed: bool) -> None:
        """An edge that belongs to an earlier move has no place any more."""
        if turn == self._turn:
            self._set(closed)

    def _set(self, closed: bool) -> None:
        if self._drive is not None:
            really = self._fault == "stuck" if self._fault else closed
            self._drive(really == self._closed_high)
