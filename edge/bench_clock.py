"""A clock turned by hand: no thread, no sleep, every run alike.

    clock = HandClock(start_ns=1_795_000_000_000_000_000)
    clock.every(1.0, beat, "beats")
    clock.turn(3600)                 # an hour of the floor, in an instant

What is due runs in the order of its time, and in the order it was asked for where times are equal, all on the thread
that turns. Lanes have no meaning here: nothing runs beside anything. An exception goes to whoever turns the clock.
"""

import heapq
import select
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from contract.reading import NS_PER_S
from edge.clock import Action, Port

STUCK_AFTER = 100_000
"""So many actions without the time moving on are a loop, not work."""


@dataclass(eq=False, slots=True)
class _Due:
    action: Action
    period_ns: int = 0
    on: bool = True

    def cancel(self) -> None:
        self.on = False


@dataclass(eq=False, slots=True)
class _Watch:
    port: Port
    action: Action
    forget: Callable[["_Watch"], None] = field(repr=False)

    def cancel(self) -> None:
        self.forget(self)


class HandClock:
    """A Clock whose time stands still until :meth:`turn` or :meth:`turn_to`.

    ``start_ns`` is the wall clock's time at the start (nanoseconds since 1970 UTC), ``monotonic_ns`` the other one's.
    """

    def __init__(self, start_ns: int, monotonic_ns: int = 0) -> None:
        self._now = monotonic_ns
        self._wall_minus_now = start_ns - monotonic_ns
        self._heap: list[tuple[int, int, _Due]] = []
        self._order = count()
        self._watches: list[_Watch] = []
        self._turning = False

    def time_ns(self) -> int:
        """Wall clock, nanoseconds since 1970 UTC."""
        return self._now + self._wall_minus_now

    def monotonic_ns(self) -> int:
        """Nanoseconds, never stepped."""
        return self._now

    def at(self, due_ns: int, action: Action, lane: str = "edges") -> _Due:  # noqa: ARG002 - no lanes by hand
        """Call once when the clock is turned to ``due_ns``; a time that has passed is due now."""
        return self._put(max(due_ns, self._now), _Due(action))

    def every(self, period_s: float, action: Action, lane: str) -> _Due:  # noqa: ARG002 - no lanes by hand
        """Call now (at the next turn) and then every ``period_s``."""
        period_ns = round(period_s * NS_PER_S)
        if period_ns <= 0:
            raise ValueError(f"a period of {period_s} s")
        return self._put(self._now, _Due(action, period_ns))

    def watch(self, port: Port, action: Action, lane: str) -> _Watch:  # noqa: ARG002 - no lanes by hand
        """Call whenever ``port`` has bytes: as the bench types them, or at the next turn if they are there already."""
        watch = _Watch(port, action, self._forget)
        self._watches.append(watch)
        return watch

    def turn(self, seconds: float) -> None:
        """Let ``seconds`` pass; ``turn(0)`` runs what is due now."""
        self._turn_to(self._now + round(seconds * NS_PER_S))

    def turn_to(self, time_ns: int) -> None:
        """Let time pass until the wall clock shows ``time_ns``. Steps made on the way move the end with the clock."""
        self._turn_to(time_ns - self._wall_minus_now)

    def step(self, seconds: float) -> None:
        """Make the wall clock jump, as NTP does; monotonic time and what is due know nothing of it."""
        self._wall_minus_now += round(seconds * NS_PER_S)

    @property
    def next_due_ns(self) -> int | None:
        """Monotonic time of the next thing due, or None."""
        while self._heap and not self._heap[0][2].on:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def pump(self) -> bool:
        """Call the actions of the watched ports that have bytes (or were pulled out), once; False if there is none."""
        ready = self._ready()
        for watch in ready:
            if watch in self._watches:
                watch.action()
        return bool(ready)

    def _put(self, due_ns: int, due: _Due) -> _Due:
        heapq.heappush(self._heap, (due_ns, next(self._order), due))
        return due

    def _forget(self, watch: _Watch) -> None:
        if watch in self._watches:
            self._watches.remove(watch)

    def _ready(self) -> list[_Watch]:
        if not self._watches:
            return []
        by_number = {watch.port.fileno(): watch for watch in self._watches}
        ready, _, _ = select.select(list(by_number), [], [], 0)
        return [by_number[number] for number in ready]

    def _turn_to(self, end_ns: int) -> None:
        if self._turning:
            raise RuntimeError("the clock is being turned already: an action may not turn it")
        self._turning = True
        try:
            self.pump()
            self._run_until(end_ns)
            self._now = max(self._now, end_ns)
            self.pump()
        finally:
            self._turning = False

    def _run_until(self, end_ns: int) -> None:
        still, heap = 0, self._heap
        while heap and heap[0][0] <= end_ns:
            due_ns, _, due = heapq.heappop(heap)
            if not due.on:
                continue
            still = still + 1 if due_ns == self._now else 0
            if still > STUCK_AFTER:
                raise RuntimeError(f"the clock does not get past {due_ns} ns: something is due again and again")
            self._now = due_ns
            if due.period_ns:
                self._put(due_ns + due.period_ns, due)
            due.action()
