"""So many new desks in a minute for one machine of the hall: a script with the class's code may not take them all."""

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

from contract.words import Words
from edge.bench_guard import Refusal
from edge.bench_room import household

MOST_A_MINUTE: Final = 40
"""A whole class of 30 behind one router, which is one address here, still gets its desks at once."""
MINUTE_S: Final = 60
MOST_PEERS: Final = 1024


class Newcomers:
    """Who has taken a new desk lately. ``now_s`` gives seconds; not safe from several threads at once."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def come(self, peer: str) -> None:
        """A machine takes a new desk. Raises Refusal (429) while it has taken enough."""
        now_s, who = self._now_s(), household(peer)
        times = self._times.setdefault(who, deque())
        self._times.move_to_end(who)
        if len(self._times) > MOST_PEERS:
            self._times.popitem(last=False)
        while times and not 0 <= now_s - times[0] < MINUTE_S:
            times.popleft()
        if len(times) >= MOST_A_MINUTE:
            raise _wait(max(1, round(MINUTE_S - (now_s - times[0]))))
        times.append(now_s)


def _wait(wait_s: int) -> Refusal:
    return Refusal(
        429,
        "too-many-new-desks",
        Words("このパソコンから、続けてたくさんの席が作られました。", "This machine has taken many desks just now."),
        Words(
            f"{wait_s} 秒たってから、もう一度「始める」を押してください。書いたものは消えません。",
            f"Please try again in {wait_s} s; nothing that was written is lost.",
        ),
        after_s=wait_s,
    )
