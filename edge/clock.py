"""The clock an agent lives by, and the only place where it waits.

A *lane* is a thread with a list of due actions: what hangs delays its own lane and no other. The bench has the same
verbs on a hand-turned clock without any thread (`edge.bench_clock.HandClock`), so the same agent runs a week in a
minute.
"""

from collections.abc import Callable
from typing import Protocol

Action = Callable[[], None]


class Timer(Protocol):
    """Something that is due, and can be called off."""

    def cancel(self) -> None:
        """Call it off; it is no mistake to do so twice or too late."""


class Port(Protocol):
    """Something that bytes arrive at: it has a file number to wait on."""

    def fileno(self) -> int:
        """The file number."""


class Clock(Protocol):
    """What time it is, and who is to be called when."""

    def time_ns(self) -> int:
        """Wall clock: nanoseconds since 1970 UTC. May be wrong, may step."""

    def monotonic_ns(self) -> int:
        """Nanoseconds since some moment; never steps. Pins date their edges in it."""

    def at(self, due_ns: int, action: Action, lane: str = "edges") -> Timer:
        """Call ``action`` once, on ``lane``, at the monotonic time ``due_ns`` (now, if that has passed)."""

    def every(self, period_s: float, action: Action, lane: str) -> Timer:
        """Call ``action`` on ``lane`` now and then every ``period_s``; a late call does not bunch the next ones."""

    def watch(self, port: Port, action: Action, lane: str) -> Timer:
        """Call ``action`` on ``lane`` whenever ``port`` has bytes to read."""
