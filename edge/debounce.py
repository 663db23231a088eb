"""Contacts bounce: an edge counts once, and is dated at its first contact. Pure; `edge.contact` puts it on a pin.

Edges with their times in, changes out, whenever the timers run. Of a burst of edges (each closer to the one before than
the time below) the *first* is the moment of the change:

    held off, now on   ──┐ ┌┐ ┌────────────  debounce_ms of quiet, then: on, dated at the first fall
                         └─┘└─┘
    held on, now off   the same with release_ms
    back where it was  a glitch: the shorter of the two times of quiet, then it is counted and forgotten
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """The contact is now ``active`` (or not), and has been since ``at_ns`` (monotonic)."""

    active: bool
    at_ns: int


class Debounce:
    """Edges in, changes out. Times are monotonic nanoseconds that do not fall.

    ``on_ns``: quiet needed to believe that it became active; ``off_ns``: that it ceased to be. ``glitches`` counts
    bursts that ended where they began, ``edges`` the edges of the present burst.
    """

    def __init__(self, on_ns: int, off_ns: int, active: bool = False) -> None:
        self.active = active
        self.glitches = self.edges = 0
        self._quiet = {True: on_ns, False: off_ns}
        self._back_ns = min(on_ns, off_ns)
        self._raw = active
        self._first_ns: int | None = None
        self._last_ns = 0

    @property
    def raw(self) -> bool:
        """Where the last edge left the contact."""
        return self._raw

    @property
    def due_ns(self) -> int | None:
        """When the burst will have settled if no edge comes; None without a burst."""
        if self._first_ns is None:
            return None
        back = self._raw == self.active
        return self._last_ns + (self._back_ns if back else self._quiet[self._raw])

    def edge(self, at_ns: int, active: bool) -> Change | None:
        """An edge to ``active``. Returns the change that had settled before it, if any."""
        at_ns = max(at_ns, self._last_ns)
        settled = self.settle(at_ns)
        if self._first_ns is None:
            if active == self.active:  # its way there was too short for the kernel
                self.glitches += 1
                return settled
            self._first_ns, self.edges = at_ns, 0
        self.edges += 1
        self._raw, self._last_ns = active, at_ns
        return settled

    def settle(self, now_ns: int) -> Change | None:
        """End the burst if it has been quiet for long enough by ``now_ns``; returns the change, if it was one."""
        due_ns, first_ns = self.due_ns, self._first_ns
        if due_ns is None or first_ns is None or now_ns < due_ns:
            return None
        self._first_ns = None
        if self._raw == self.active:
            self.glitches += 1
            return None
        self.active = self._raw
        return Change(self.active, first_ns)

    def unheard(self, until_ns: int) -> None:
        """Nobody listened until then: the quiet of a burst counts from there."""
        self._last_ns = max(self._last_ns, until_ns)

    def correct(self, active: bool) -> None:
        """The burst's last edge was lost: the contact is at ``active``."""
        self._raw = active
