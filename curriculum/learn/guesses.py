"""Wrong keys of desks. A key has four digits, so whoever has been wrong often waits even with the right one.

guesses = Guesses(time.monotonic)
guesses.may_try("ab12cd34", "192.168.4.7")      # raises Refusal while it must wait
guesses.wrong("ab12cd34", "192.168.4.7")
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from contract.words import Words
from edge.bench_guard import Refusal
from edge.bench_room import household

MOST: Final = 20
"""Wrong keys of one desk from one address within :data:`FORGET_S`; from everywhere together three times as many."""
MOST_OF_ALL: Final = 60
FORGET_S: Final = 300
"""All 9000 keys of a desk take 37 hours from one address, 12 from many."""


class Guesses:
    """Counts by desk: a guesser locks nobody out of another desk. ``now_s``: seconds of a clock nobody sets.

    Not safe from several threads at once. A desk's last :data:`MOST_OF_ALL` are kept, and there are few desks.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._of: dict[str, deque[tuple[float, str]]] = {}

    def may_try(self, desk: str, peer: str) -> None:
        """Raises Refusal (429) while an address, or everybody, has been wrong too often at that desk."""
        now_s, wrong = self._now_s(), self._of.get(desk, deque())
        while wrong and now_s - wrong[0][0] >= FORGET_S:
            wrong.popleft()
        own = [at_s for at_s, who in wrong if who == household(peer)]
        if len(own) >= MOST:
            raise _wait(own[0] + FORGET_S - now_s)
        if len(wrong) >= MOST_OF_ALL:
            raise _wait(wrong[0][0] + FORGET_S - now_s)

    def wrong(self, desk: str, peer: str) -> None:
        """A key that is not the desk's was given."""
        self._of.setdefault(desk, deque(maxlen=MOST_OF_ALL)).append((self._now_s(), household(peer)))


def _wait(left_s: float) -> Refusal:
    wait_s = max(1, round(left_s))
    return Refusal(
        429,
        "too-many-wrong-keys",
        Words("この席のカギの間違いが続きました。", "Wrong keys were given for this desk again and again."),
        Words(
            f"{wait_s} 秒たつと、また入れられます。急ぐときは講師に知らせてください。",
            f"It can be tried again in {wait_s} s. Tell the tutor if it cannot wait.",
        ),
        after_s=wait_s,
    )
