"""That an agent came or went stands in the log, once each, and not without end for one that comes and goes."""

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from contract.short_ends import no_rival
from contract.words import Words

log = logging.getLogger(__name__)

MOST, WITHIN_S = 6, 600.0
"""So many lines about one agent within ten minutes; the last of them says that no more follow."""


class ComingsAndGoings:
    """Of the agents of one line. ``monotonic``: seconds."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._said: dict[str, deque[float]] = {}
        self._silenced: set[str] = set()

    def tell(self, agent: str, before: Mapping[str, Any], now: Mapping[str, Any], *, twice: bool = False) -> None:
        """``agent`` said ``before``, and says ``now``; an empty ``before``: nothing was heard of it yet.

        ``twice``: two programs are known to use its id. After a time without lines its state is said once more.
        """
        if before.get("state") == now["state"] and agent not in self._silenced:
            return
        if not self._may_say(agent, twice):
            return
        level, words = _words(agent, before, now)
        log.log(level, "%s", words)

    def over(self, agent: str, now: Mapping[str, Any]) -> None:
        """Two programs used the id of ``agent``, and now one is left."""
        self._silenced.discard(agent)
        self._said.pop(agent, None)
        _, is_now = _words(agent, now, now)
        done = no_rival(agent)
        log.info("%s", Words(f"{done.ja}{is_now.ja}", f"{done.en} {is_now.en}"))

    def _may_say(self, agent: str, twice: bool) -> bool:
        now = self._monotonic()
        said = self._said.setdefault(agent, deque(maxlen=MOST))
        if len(said) < MOST or now - said[0] >= WITHIN_S:
            said.append(now)
            self._silenced.discard(agent)
            return True
        if agent not in self._silenced:
            self._silenced.add(agent)
            log.warning("%s", _no_more_lines(agent, twice))
        return False


def _no_more_lines(agent: str, twice: bool) -> Words:
    do = (
        Words("同じ id で動いている kojo edge の片方を止めてください。", "Stop one of the two that use its id.")
        if twice
        else Words("ネットワークと電源を確かめてください。", "See to its network and power.")
    )
    return Words(
        f"エージェント {agent} の接続が何度も切れたりつながったりしています。{do.ja}"
        "測定値はその Pi に残り、届いた分は保存しています。"
        "同じ知らせが続くので、つながった・切れたの行は10分ほど出しません。",
        f"Agent {agent} comes and goes again and again. {do.en} Its readings are kept there, and what comes is stored. "
        "That it comes and goes is not said again for about ten minutes.",
    )


def _words(agent: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[int, Words]:
    if now["state"] == "online":
        waiting = _waiting(now)
        return logging.INFO, Words(
            f"エージェント {agent} がつながりました{waiting.ja}。", f"Agent {agent} is connected{waiting.en}."
        )
    if now.get("clean") is True:
        waiting = _waiting(now)
        return logging.INFO, Words(
            f"エージェント {agent} が終了しました{waiting.ja}。", f"Agent {agent} was ended{waiting.en}."
        )
    # A last will was written when the connection began: what was heard since knows more.
    waiting = _waiting(before)
    return logging.WARNING, Words(
        f"エージェント {agent} との接続が切れました{waiting.ja}。電源とネットワークを確かめてください。"
        "測定値はその Pi に残り、つながれば届きます。",
        f"Agent {agent} is cut off{waiting.en}. See to its power and network; its readings are kept there and come "
        "once it is back.",
    )


def _waiting(said: Mapping[str, Any]) -> Words:
    backlog = said.get("backlog")
    if not isinstance(backlog, int):
        return Words("", "")
    return Words(f"(未確認 {backlog:,} 件)", f" ({backlog:,} readings not confirmed)")
