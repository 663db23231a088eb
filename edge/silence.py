"""A broker that is there while nobody confirms: said plainly, because nothing else on the Pi shows it.

silence = Silence(clock, backlog=lambda: outbox.backlog)
silence.begin()      # connected
silence.look()       # now and then
silence.heard()      # a fresh confirmation
silence.end()        # the connection is gone
"""

import logging
from collections.abc import Callable
from typing import Final

from contract.reading import NS_PER_S
from contract.words import Words
from edge.clock import Clock
from edge.seldom import Seldom

log = logging.getLogger(__name__)

SILENT_S: Final = 60.0
"""A collector confirms every five seconds; so long without it is no matter of a slow line."""
AGAIN_S: Final = 3600.0


class Silence:
    """Of one link, on its lane. ``backlog``: how many readings the store has not confirmed."""

    def __init__(self, clock: Clock, backlog: Callable[[], int]) -> None:
        self._clock, self._backlog = clock, backlog
        self._since_ns: int | None = None
        self._seldom = Seldom(clock, AGAIN_S)

    def begin(self) -> None:
        """The broker is there: confirmations may be expected."""
        self._since_ns = self._clock.monotonic_ns()

    def end(self) -> None:
        """It is gone: nothing is expected of the collector. What was said stays said until somebody confirms."""
        self._since_ns = None

    def heard(self) -> None:
        """A fresh confirmation came."""
        self._since_ns = self._clock.monotonic_ns()
        if self._seldom.forget():
            log.info(
                Words(
                    "コレクターからの確認がまた来ています。", "The collector confirms again what it has stored."
                ).say()
            )

    def look(self) -> None:
        """Say it where it has lasted, once, and then each hour."""
        trouble = self.trouble
        if trouble is not None and self._seldom.may_say():
            log.warning(trouble.say())

    @property
    def trouble(self) -> Words | None:
        """What is wrong, or None: nobody has confirmed for a minute what waits to be confirmed."""
        since = self._since_ns
        if since is None or self._clock.monotonic_ns() - since < SILENT_S * NS_PER_S:
            return None
        waiting = self._backlog()
        if not waiting:
            return None
        return Words(
            f"コレクターから確認が来ません(未確認 {waiting} 件)。kojo serve を確かめてください。"
            "測定値はこのPiに残しています。",
            f"The collector confirms nothing ({waiting} readings wait for it). See whether kojo serve runs. "
            "The readings are kept on this Pi.",
        )
