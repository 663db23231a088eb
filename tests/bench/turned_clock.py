"""A clock whose time is turned by hand and whose lanes are real threads: an hour of an agent's memory in a minute."""

import heapq
import threading
from dataclasses import dataclass
from itertools import count

from contract.reading import NS_PER_S
from edge.clock import Action, Port, Timer
from edge.system_clock import SystemClock

WITHIN_S = 20.0


@dataclass(eq=False, slots=True)
class _Due:
    action: Action
    lane: str
    period_ns: int = 0
    on: bool = True

    def cancel(self) -> None:
        self.on = False


class TurnedClock:
    """`edge.system_clock.SystemClock`, but time passes only in :meth:`turn`.

    Every action runs on the thread that its lane would have on a Pi, and a port is watched as on a Pi, so threads,
    stacks and the allocator's arenas are the real ones. What another thread asks for at once (the network's) is done at
    once, at the time the clock stands at.
    """

    def __init__(self, start_ns: int) -> None:
        self._system = SystemClock()
        self._wall_minus_now = start_ns
        self._now = 0
        self._heap: list[tuple[int, int, _Due]] = []
        self._order = count()
        self._idle = threading.Condition()
        self._busy = 0

    def time_ns(self) -> int:
        """Wall clock, nanoseconds since 1970 UTC."""
        return self._now + self._wall_minus_now

    def monotonic_ns(self) -> int:
        """Nanoseconds turned so far."""
        return self._now

    def at(self, due_ns: int, action: Action, lane: str = "edges") -> _Due:
        """Call once on the lane's thread: now if that time has passed, else when it is turned to."""
        due = _Due(action, lane)
        if due_ns <= self._now:
            self._hand_over(due)
        else:
            self._put(due_ns, due)
        return due

    def every(self, period_s: float, action: Action, lane: str) -> _Due:
        """Call on the lane's thread at the next turn, and then every ``period_s``."""
        due = _Due(action, lane, round(period_s * NS_PER_S))
        self._put(self._now, due)
        return due

    def watch(self, port: Port, action: Action, lane: str) -> Timer:
        """Call on the lane's thread whenever there are bytes."""
        return self._system.watch(port, action, lane)

    def turn(self, seconds: float) -> None:
        """Let time pass. Each action is waited for before the time goes on."""
        end_ns = self._now + round(seconds * NS_PER_S)
        while due := self._next(end_ns):
            self._hand_over(due)
            self.settle()
        self._now = end_ns

    def settle(self) -> None:
        """Wait until no lane has anything to do."""
        with self._idle:
            assert self._idle.wait_for(lambda: not self._busy, WITHIN_S), "a lane hangs"

    def close(self) -> None:
        """End the lanes."""
        self._system.close()

    def _put(self, due_ns: int, due: _Due) -> None:
        with self._idle:
            heapq.heappush(self._heap, (due_ns, next(self._order), due))

    def _next(self, end_ns: int) -> _Due | None:
        with self._idle:
            while self._heap and self._heap[0][0] <= end_ns:
                due_ns, _, due = heapq.heappop(self._heap)
                if not due.on:
                    continue
                self._now = max(self._now, due_ns)
                if due.period_ns:
                    heapq.heappush(self._heap, (due_ns + due.period_ns, next(self._order), due))
                return due
        return None

    def _hand_over(self, due: _Due) -> None:
        with self._idle:
            self._busy += 1

        def act() -> None:
            try:
                if due.on:
                    due.action()
            finally:
                with self._idle:
                    self._busy -= 1
                    self._idle.notify_all()

        self._system.at(0, act, due.lane)
