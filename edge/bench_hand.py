"""A person's hand at one contact of the bench: press, hold, let it bounce, pull its wire out.

What a virtual floor does to the same contact meanwhile has to wait, and is so again once the hand lets go.
"""

import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Literal

from contract.reading import NS_PER_S
from edge.bench import Bench
from edge.clock import Timer

LANE: Final = "hand"
PRESSED_AT_MOST_S: Final = 30.0
"""A press whose end was never told (the browser is gone) ends by itself; a hold does not."""
PRESS_S: Final = 0.1
MARGIN_S: Final = 0.002
LONGEST_BURST_MS: Final = 50.0
"""No burst that a hand makes takes longer."""

Doing = Literal["press", "hold", "repeat", "bounce", "glitch"]


class HandContact:
    """One contact on one pin. ``settle_s``: how long its sensor wants quiet before it believes a change.

    Whoever calls holds ``lock``, which its own later doings take, too.
    """

    def __init__(self, bench: Bench, pin: int, on_level: bool, settle_s: float, lock: threading.RLock) -> None:
        self.pin, self.wired = pin, True
        self.doing: Doing | None = None
        self._bench, self._on_level, self._settle_s, self._lock = bench, on_level, settle_s, lock
        self._on: bool | None = None
        self._edges: Timer | None = None
        self._turn = 0
        self._tapped_ns = 0

    def state(self) -> Mapping[str, Any]:
        """How it is now: ``on`` as the pin's voltage says."""
        on = self._bench.level(self.pin) == self._on_level
        changes = self._bench.changes(self.pin)
        return {"pin": self.pin, "on": on, "changes": changes, "doing": self.doing, "wired": self.wired}

    def press(self) -> None:
        """A finger presses it, until :meth:`let_go`, and as long at least as a finger's tap lasts."""
        turn = self._begin("press", on=True)
        self._tapped_ns = self._now_ns + round((PRESS_S + min(self._settle_s, PRESS_S)) * NS_PER_S)
        self._later(PRESSED_AT_MOST_S, turn, self.let_go)

    def hold(self) -> None:
        """It is held on, until :meth:`let_go`."""
        self._begin("hold", on=True)

    def let_go(self) -> None:
        """It opens, and is the floor's again."""
        if self.doing == "press" and self._now_ns < self._tapped_ns:
            self._later((self._tapped_ns - self._now_ns) / NS_PER_S, self._turn, self.let_go)
            return
        if self._on is not None:
            self._begin(None, on=False)
        self._leave()

    def bounce(self, edges: int, within_ms: float) -> None:
        """It is pressed once and let go, and bounces both times: so many edges within so many milliseconds.

        It is done once its sensor believes that it is open, so that whoever waits for that may press again at once.
        """
        turn, burst_s = self._begin("bounce", on=None), within_ms / 1000 + MARGIN_S

        def open_again() -> None:
            self._burst(False, edges, within_ms)
            # From when it really opened: on a busy computer that is later than it was due.
            self._later(burst_s + self._settle_s, turn, self.let_go)

        self._burst(True, edges, within_ms)
        self._later(burst_s + PRESS_S + 2 * self._settle_s, turn, open_again)

    def glitch(self, within_ms: float) -> None:
        """A spike on the wire, back again within so many milliseconds: no press."""
        after = self.doing if self.doing == "hold" else None
        turn = self._begin("glitch", on=None)
        if self.wired:
            self._edges = self._bench.bounce_in_hand(self.pin, self._bench.level(self.pin), 4, within_ms, LANE)
        self._later(within_ms / 1000 + MARGIN_S, turn, partial(self._be, after))

    def repeat(self, every_s: float) -> None:
        """It is pressed again and again, half of the time on, until :meth:`let_go`."""
        turn = self._begin("repeat", on=None)
        self._swing(turn, every_s / 2, True)

    def put(self, wired: bool) -> None:
        """Its wire is put in, or comes out: then the pull decides, whatever the contact does."""
        self.wired = wired
        self._apply()

    def _begin(self, doing: Doing | None, on: bool | None) -> int:
        """From now on only this counts; what was under way ends."""
        self._turn += 1
        if self._edges is not None:
            self._edges.cancel()
        self.doing, self._on, self._edges = doing, on if on is not None else self._on, None
        self._apply()
        return self._turn

    def _be(self, doing: Doing | None) -> None:
        self.doing = doing
        self._apply()

    def _leave(self) -> None:
        self.doing, self._on = None, None
        self._apply()

    def _burst(self, on: bool, edges: int, within_ms: float) -> None:
        self._on = on
        if self.wired:
            self._edges = self._bench.bounce_in_hand(self.pin, self._level(on), edges, within_ms, LANE)

    def _swing(self, turn: int, half_s: float, on: bool) -> None:
        self._on = on
        self._apply()
        self._later(half_s, turn, partial(self._swing, turn, half_s, not on))

    def _apply(self) -> None:
        """Let the pin be as the hand has it, or as the floor has it."""
        if self._bench.is_output(self.pin):
            return
        if not self.wired:
            self._bench.take(self.pin, None)
        elif self._on is not None:
            self._bench.take(self.pin, self._level(self._on))
        else:
            self._bench.leave(self.pin)

    def _level(self, on: bool) -> bool:
        return on == self._on_level

    @property
    def _now_ns(self) -> int:
        return self._bench.clock.monotonic_ns()

    def _later(self, seconds: float, turn: int, action: Callable[[], None]) -> None:
        due_ns = self._now_ns + round(seconds * NS_PER_S)
        self._bench.clock.at(due_ns, partial(self._act, turn, action), LANE)

    def _act(self, turn: int, action: Callable[[], None]) -> None:
        """What belongs to an earlier doing has no place any more."""
        with self._lock:
            if turn == self._turn:
                action()
