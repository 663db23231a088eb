"""When the outbox is written: at once where somebody waits for it, together where that spares the flash card.

An event 0.2 s or more after the one before is written at once: whoever pressed is looking at the wall. A burst of
events is gathered for at most 0.2 s, what was polled for at most 2 s. Asking for a second of quiet would spare the card
little (docs/bench.md): events further apart than they are gathered for are a commit each anyway.
"""

import logging
import threading
from dataclasses import dataclass
from typing import Final

from contract.errors import OutboxError
from contract.reading import NS_PER_S
from contract.words import Words
from edge.clock import Clock, Timer
from edge.outbox import Outbox
from edge.seldom import Seldom

log = logging.getLogger(__name__)

LANE: Final = "outbox"
RETRY_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long readings may wait, in seconds: after ``quiet_s`` without an event the next one does not wait at all."""

    quiet_s: float = 0.2
    burst_s: float = 0.2
    polled_s: float = 2.0


class GroupCommit:
    """Commits an outbox on its own lane, as soon as the patience with what was taken ends."""

    def __init__(self, outbox: Outbox, clock: Clock, patience: Patience) -> None:
        self.trouble: OutboxError | None = None
        """Why the last commit failed; None if it did not."""
        self._outbox, self._clock = outbox, clock
        self._quiet_ns = round(patience.quiet_s * NS_PER_S)
        self._burst_ns = round(patience.burst_s * NS_PER_S)
        self._polled_ns = round(patience.polled_s * NS_PER_S)
        self._lock = threading.Lock()
        self._event_ns: int | None = None
        self._due_ns: int | None = None
        self._timer: Timer | None = None
        self._said = Seldom(clock)

    def note(self, *, event: bool) -> None:
        """A reading was taken: an event, or a polled one."""
        with self._lock:
            now = self._clock.monotonic_ns()
            self._plan(now + (self._patience_with_event(now) if event else self._polled_ns))

    def finish(self) -> None:
        """Commit now, on this thread, what is left. Raises OutboxError, whatever went wrong."""
        with self._lock:
            if self._timer:
                self._timer.cancel()
            self._due_ns = self._timer = None
        try:
            self._outbox.commit()
        except Exception as error:
            raise _in_words(error) from error

    def _patience_with_event(self, now: int) -> int:
        quiet = self._event_ns is None or now - self._event_ns >= self._quiet_ns
        self._event_ns = now
        return 0 if quiet else self._burst_ns

    def _plan(self, due_ns: int) -> None:
        if self._due_ns is not None and self._due_ns <= due_ns:
            return
        if self._timer:
            self._timer.cancel()
        self._due_ns = due_ns
        self._timer = self._clock.at(due_ns, self._commit, LANE)

    def _commit(self) -> None:
        with self._lock:
            self._due_ns = self._timer = None
        try:
            self._outbox.commit()
        except Exception as error:  # noqa: BLE001 - the outbox kept the readings: whatever it was, they are tried again
            self.trouble = _in_words(error)
            if self._said.may_say():
                log.error(self.trouble.say())
            with self._lock:
                self._plan(self._clock.monotonic_ns() + round(RETRY_S * NS_PER_S))
        else:
            if self.trouble:
                log.warning(Words("記録を書けるようになりました。", "The outbox can be written again.").say())
            self.trouble = None
            self._said.forget()


def _in_words(error: Exception) -> OutboxError:
    if isinstance(error, OutboxError):
        return error
    said = f"{type(error).__name__}: {error}"
    return OutboxError(
        Words(
            f"記録の書き込み中に予期しない誤りがありました({said})。測定値は残っており、1秒ごとにやり直します。",
            f"Something unexpected while the outbox was written: {said}. Its readings are kept and tried again.",
        )
    )
