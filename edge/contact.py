"""A contact on a GPIO pin: debounced, dated, counted; and the settings that every contact has.

When a burst has settled the pin is read once more, because a kernel may drop edges of a fast one: if it says otherwise,
and no late edge explains it, the pin is right.

No contact bounces a thousand times. A pin that does so (a broken wire beside a motor, an oscillating input) is not
listened to for a second at a time, so that it takes nothing from the others; what it then does is dated as always.
"""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from contract.catalogue import setting
from contract.reading import NS_PER_S
from contract.words import Words
from edge import troubles
from edge.board import Board, Pull
from edge.clock import Clock, Timer
from edge.debounce import Change, Debounce
from edge.seldom import Seldom

NS_PER_MS = 1_000_000

LATE_NS = 50 * NS_PER_MS
"""So late an edge may still come out of the kernel and lgpio's thread on a busy Pi Zero."""

MANY = 10_000
"""Edges that may wait to be looked at; what comes beyond it is dropped and counted."""

FLOOD = 1000
"""More edges than this in one burst are no bouncing."""

DEAF_NS = NS_PER_S
"""So long a flooding pin is not listened to."""

log = logging.getLogger(__name__)


class Contact:
    """A debounced contact on a GPIO pin.

    Contact(board, 17, active="low", debounce_ms=20, changed=lambda change: …)

    :param active: the level that means "on": ``low`` (contact to GND, the default everywhere) or ``high``
    :param pull: ``up``, ``down`` or ``none``; None: up for low, down for high
    :param debounce_ms: quiet needed for "on"; fractions are fine, 0 believes every edge
    :param release_ms: quiet needed for "off"; None: as debounce_ms
    :param changed: called on the clock's lane ``edges`` with each Change; must be quick

    Raises SensorError if the pin cannot be had. ``glitches``, ``lost``, ``dropped`` and ``floods`` count what a
    technician wants to know: bursts rejected, edges the kernel never told, edges too many to look at, bursts that did
    not end.
    """

    def __init__(
        self,
        board: Board,
        pin: int,
        *,
        active: str = "low",
        pull: Pull | None = None,
        debounce_ms: float = 20.0,
        release_ms: float | None = None,
        changed: Callable[[Change], None],
    ) -> None:
        self.lost = 0
        self.dropped = self.floods = 0
        self._bearable = FLOOD
        self._deaf = False
        self._said = Seldom(board.clock)
        self._clock = board.clock
        self._changed = changed
        self._high_is_on = active == "high"
        self._waiting: deque[tuple[float, bool]] = deque()
        self._called = self._doubt = False
        self._broken: Exception | None = None
        self._timer: Timer | None = None
        self._number = pin
        self._pin = board.pin(pin)
        try:
            self._pin.function = "input"
            self._pin.pull = _pull(active, pull)
            self._pin.edges = "both"
            off_ms = debounce_ms if release_ms is None else release_ms
            self._debounce = Debounce(round(debounce_ms * NS_PER_MS), round(off_ms * NS_PER_MS), self._is_on())
            self._pin.heard_by = self  # gpiozero holds callbacks weakly; an open contact listens until it is closed
            self._pin.when_changed = self._heard
        except Exception as error:  # gpiozero's and lgpio's own errors have no common root
            self.close()
            raise troubles.pin_refused(pin, str(error)) from error

    @property
    def active(self) -> bool:
        """Whether the contact is on, as last settled."""
        return self._debounce.active

    @property
    def settled(self) -> bool:
        """Whether nothing is bouncing, so that no change dated before now can come."""
        return self._debounce.due_ns is None and not self._waiting

    @property
    def glitches(self) -> int:
        """Bursts that were rejected."""
        return self._debounce.glitches

    def health(self) -> dict[str, int]:
        """The counters, as a Listening tells them."""
        told = {"glitches": self.glitches, "lost_edges": self.lost + self.dropped}
        return told | {"floods": self.floods} if self.floods else told

    def check(self) -> None:
        """Raises SensorError if the pin could not be read. Has it compared, too, in case an edge was lost."""
        if self._broken is not None:
            raise troubles.pin_refused(self._number, str(self._broken)) from self._broken
        self._clock.at(self._clock.monotonic_ns(), self._compare)

    def close(self) -> None:
        """Stop listening and give the pin back."""
        pin, self._pin = self._pin, None
        if self._timer is not None:
            self._timer.cancel()
        if pin is not None:
            pin.when_changed = pin.heard_by = None
            pin.close()

    def _is_on(self) -> bool:
        pin = self._pin
        return (bool(pin.state) == self._high_is_on) if pin is not None else self._debounce.raw

    def _heard(self, ticks: float, state: Any) -> None:
        """On the pin library's thread: note it, and have it looked at."""
        if len(self._waiting) >= MANY:
            self.dropped += 1  # the newest: where the contact ends is read from the pin
            return
        self._waiting.append((ticks, bool(state) == self._high_is_on))
        if not self._called:
            self._called = True
            self._clock.at(self._clock.monotonic_ns(), self._look)

    def _look(self) -> None:
        self._called = False
        while self._waiting:
            ticks, on = self._waiting.popleft()
            self._doubt = False
            self._say(self._debounce.edge(edge_ns(self._clock, ticks), on))
            if self._debounce.edges == 1:
                self._bearable = FLOOD
            elif self._debounce.edges > self._bearable and not self._deaf:
                self._guarded(self._turn_deaf)
        self._guarded(self._settle)

    def _turn_deaf(self) -> None:
        self._pin.when_changed = None
        self._deaf = True
        self.floods += 1
        self.dropped += len(self._waiting)
        self._waiting.clear()
        if self._said.may_say():
            log.warning(
                Words(
                    f"GPIO{self._number} の信号が絶え間なく変化しています。配線とノイズを確認してください。",
                    f"GPIO{self._number} changes without end. Hint: look at its wire, and for noise.",
                ).say()
            )
        self._clock.at(self._clock.monotonic_ns() + DEAF_NS, self._try_again)

    def _try_again(self) -> None:
        self._guarded(self._listen_again)

    def _listen_again(self) -> None:
        self._deaf, self._bearable = False, self._debounce.edges + FLOOD
        self._pin.when_changed = self._heard
        self._debounce.unheard(self._clock.monotonic_ns())
        self._settle()

    def _settle(self) -> None:
        due_ns, now_ns = self._debounce.due_ns, self._clock.monotonic_ns()
        if due_ns is None or self._deaf:
            return
        if now_ns < due_ns:
            self._wake(due_ns)
        elif self._is_on() == self._debounce.raw:
            self._say(self._debounce.settle(now_ns))
        elif not self._doubt:
            self._doubt = True
            self._wake(now_ns + LATE_NS)
        else:
            self._doubt = False
            self.lost += 1
            self._debounce.correct(self._is_on())
            self._settle()

    def _compare(self) -> None:
        if self._guarded(self._differs):
            self._clock.at(self._clock.monotonic_ns() + LATE_NS, self._believe_the_pin)

    def _differs(self) -> bool:
        return not self._waiting and self._debounce.due_ns is None and self._is_on() != self._debounce.active

    def _believe_the_pin(self) -> None:
        if self._guarded(self._differs):
            self.lost += 1
            self._debounce.edge(self._clock.monotonic_ns(), not self._debounce.active)
            self._guarded(self._settle)

    def _guarded(self, action: Callable[[], bool | None]) -> bool | None:
        """Run what reads the pin; keep its error for `check`, so that the lane, which is everybody's, goes on."""
        if self._pin is None:
            return None
        try:
            return action()
        except Exception as error:  # noqa: BLE001 - gpiozero's and lgpio's own errors have no common root
            self._broken = error
            return None

    def _wake(self, due_ns: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._clock.at(due_ns, self._look)

    def _say(self, change: Change | None) -> None:
        if change is not None:
            self._changed(change)


@dataclass(frozen=True, kw_only=True)
class ContactSettings:
    """The settings of every sensor that is one contact on one pin; a sensor's own come after them."""

    pin: int = setting(Words("ピン番号(BCM)", "BCM pin number"), "pin")
    active: str = setting(
        Words("オンのときの電圧(low: GND につながる)", "level when on (low: connected to GND)"),
        "choice",
        default="low",
        choices=("low", "high"),
    )
    pull: str | None = setting(
        Words(
            "Pi の中の抵抗(省略時: low なら up、high なら down)",
            "the Pi's own resistor (default up for low, down for high)",
        ),
        "choice",
        default=None,
        choices=("up", "down", "none"),
    )
    debounce_ms: float = setting(
        Words("オンと認めるまでの静かな時間", "quiet needed to believe on"),
        "number",
        default=20.0,
        unit="ms",
        low=0,
        high=10_000,
    )
    release_ms: float | None = setting(
        Words("オフと認めるまでの静かな時間(省略時: 同じ)", "quiet needed to believe off (default: the same)"),
        "number",
        default=None,
        unit="ms",
        low=0,
        high=60_000,
    )

    @property
    def on_level(self) -> bool:
        """The voltage on the pin when the contact is on: True is 3.3 V."""
        return self.active == "high"

    @property
    def settle_s(self) -> float:
        """Seconds after which any burst of up to 10 ms has settled: for rehearsals."""
        return 0.02 + max(self.debounce_ms, self.release_ms or 0.0) / 1000

    def contact(self, board: Board, changed: Callable[[Change], None]) -> Contact:
        """The contact, listening. Raises SensorError."""
        return Contact(
            board,
            self.pin,
            active=self.active,
            pull=cast("Pull | None", self.pull),
            debounce_ms=self.debounce_ms,
            release_ms=self.release_ms,
            changed=changed,
        )


def edge_ns(clock: Clock, ticks: float) -> int:
    """The monotonic time of an edge that a pin dated ``ticks`` seconds, never after now.

    Linux dates GPIO edges by CLOCK_MONOTONIC since 5.7 and by CLOCK_REALTIME before, and lgpio hands that on; so the
    clock that it lies nearer to is the one it was read from.
    """
    ticks_ns, now_ns = round(ticks * NS_PER_S), clock.monotonic_ns()
    age_ns = min(now_ns - ticks_ns, clock.time_ns() - ticks_ns, key=abs)
    return now_ns - max(0, age_ns)


def _pull(active: str, pull: Pull | None) -> str:
    if pull is None:
        return "up" if active == "low" else "down"
    return "floating" if pull == "none" else pull
