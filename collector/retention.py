"""Raw readings are kept so many days (`[store] retain_days`); older ones go in small slices, so that nobody waits.

Before a day's readings go, whoever makes figures of them is told (``before``), and nothing is deleted while that fails.
Entries, versions of the line and the ranges of received numbers stay: a reading that is sent again after its retention
is known as a duplicate, never stored or missed anew.
"""

import logging
import threading
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from contract.errors import KojoError
from contract.words import Words

log = logging.getLogger(__name__)

SLICE = 20_000
"""Readings deleted in one step; what is being stored waits for it, a few milliseconds."""
PAUSE_S = 0.25
"""Between two steps: a year that goes at once takes hours, and is not felt."""
EVERY_S = 3600.0


@runtime_checkable
class Forgetting(Protocol):
    """A store that deletes readings itself (a server does it by its own settings)."""

    def forget_before(self, t: int, at_most: int) -> int:
        """Delete about ``at_most`` readings with a time below ``t`` (ns); how many. 0: there are no more of them."""


class Retention:
    """Keeps a store within its days, on a thread of its own. ``cut``: what lies before it (ns) goes."""

    def __init__(self, store: object, cut: Callable[[], int], before: Callable[[int], object]) -> None:
        self._store, self._cut, self._before = store, cut, before
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin: a round now and each hour."""
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)
        self._thread.start()

    def stopping(self) -> bool:
        """Whether it is to end; ``before`` may take long, and looks."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """End after the step that is being done."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def round(self, pause: Callable[[float], object] = lambda _: None) -> int:
        """Delete all that is too old, step by step; how many readings. Raises StoreError.

        ``pause`` is waited between two steps; a true value ends the round.
        """
        cut = self._cut()
        self._before(cut)
        gone = 0
        if self.stopping():
            return gone
        if not isinstance(self._store, Forgetting):
            return gone
        while many := self._store.forget_before(cut, SLICE):
            gone += many
            if pause(PAUSE_S):
                break
        return gone

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                gone = self.round(self._stopping.wait)
            except KojoError as error:
                log.warning("%s", error)
            except Exception:  # nobody must wait for a round that fails; the next one is in an hour
                log.exception("old readings could not be deleted")
            else:
                if gone:
                    log.info(
                        "%s",
                        Words(f"保存期間を過ぎた測定値 {gone} 件を消しました。", f"{gone} readings were past keeping."),
                    )
            self._stopping.wait(EVERY_S)
