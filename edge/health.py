"""How one sensor or output is: what a technician reads in the agent's state."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any, Literal

from contract.errors import KojoError
from contract.reading import NS_PER_S
from contract.words import Words
from edge.clock import Clock
from edge.moments import rfc3339

log = logging.getLogger(__name__)

State = Literal["starting", "ok", "broken", "hanging"]

HANGING = Words("応答がないまま止まっています。", "It hangs: a call to it does not come back.")
RECOVERED = Words("直りました。", "It works again.")


class Health:
    """The state of one of them; every change is logged once. ``changed`` is called after each."""

    def __init__(self, name: str, clock: Clock, changed: Callable[[], None]) -> None:
        self._name, self._clock, self._changed = name, clock, changed
        self._lock = threading.Lock()
        self._state: State = "starting"
        self._since_ns = clock.time_ns()
        self._why: Words | None = None
        self._busy_ns: int | None = None
        self._troubles = 0
        self._refused = 0

    @property
    def state(self) -> State:
        """Its state now."""
        return self._state

    def begin(self) -> None:
        """A call to it begins, that may hang."""
        self._busy_ns = self._clock.monotonic_ns()

    def end(self) -> None:
        """The call came back."""
        self._busy_ns = None

    def look(self, patience_s: float) -> None:
        """See whether the call that is being made hangs."""
        busy_ns = self._busy_ns
        if busy_ns is not None and self._clock.monotonic_ns() - busy_ns > patience_s * NS_PER_S:
            self._turn("hanging", HANGING)

    def ok(self) -> None:
        """It works."""
        self._turn("ok", None)

    def broken(self, error: Exception) -> None:
        """It does not work, for this reason."""
        with self._lock:
            self._troubles += 1
        if not self._turn("broken", why(error)):
            self._changed()  # once more, for the same reason: what it read in between counts no more

    def refuse(self, what: Words) -> None:
        """It said something that no reading can hold."""
        with self._lock:
            self._refused += 1
            first = self._refused == 1
        if first:
            log.warning("%s: %s", self._name, what)

    def tell(self, counters: Mapping[str, int]) -> dict[str, Any]:
        """``{"state", "since", "why_ja", "why_en", "troubles", "refused", …}``; without a reason no ``why``."""
        with self._lock:
            told: dict[str, Any] = {"state": self._state, "since": rfc3339(self._since_ns)}
            if self._why:
                told |= {"why_ja": self._why.ja, "why_en": self._why.en}
            told |= {"troubles": self._troubles} if self._troubles else {}
            told |= {"refused": self._refused} if self._refused else {}
        return told | dict(counters)

    def _turn(self, state: State, why: Words | None) -> bool:
        """Whether that is news."""
        with self._lock:
            before, same = self._state, (state, why) == (self._state, self._why)
            if state != before:
                self._since_ns = self._clock.time_ns()
            self._state, self._why = state, why
        if same:
            return False
        if why:
            log.warning("%s: %s", self._name, why)
        elif before != "starting":
            log.warning("%s: %s", self._name, RECOVERED)
        self._changed()
        return True


def why(error: Exception) -> Words:
    """What went wrong, in words; the hint belongs to it."""
    if isinstance(error, KojoError):
        return Words(error.say("ja"), error.say("en"))
    said = f"{type(error).__name__}: {error}"
    return Words(f"予期しない誤りです({said})。", f"Something unexpected: {said}")
