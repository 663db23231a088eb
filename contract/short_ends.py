"""Two programs with one id take the connection from each other: how agents and collectors notice it.

The broker ends the older of two connections with one id. So a connection that ends within ten seconds, twice a minute,
speaks of a second program. A broker that itself goes away ends connections, too: an end after which it cannot be
reached counts for nothing. One that is back within the half second before the next attempt cannot be told apart,
which is why the message names both causes.
"""

import time
from collections import deque
from collections.abc import Callable

from contract.words import Words

SHORT_S = 10.0
WITHIN_S = 60.0


class ShortEnds:
    """The connections of one id that ended too soon. ``monotonic``: seconds."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._began: float | None = None
        self._unsure: float | None = None
        self._short: deque[float] = deque(maxlen=2)
        self._told = False

    def began(self) -> None:
        """A connection was made: the broker is there, so an end before it was none of its own."""
        self.sure()
        self._began = self._monotonic()

    def ended(self) -> None:
        """The connection ended. Whether it counts is known by what comes next."""
        now = self._monotonic()
        self._unsure = now if self._began is not None and now - self._began < SHORT_S else None
        self._began = None

    def sure(self) -> None:
        """The broker is there: the last end counts."""
        if self._unsure is not None:
            self._short.append(self._unsure)
            self._unsure = None

    def away(self) -> None:
        """The broker cannot be reached, or refuses us: the last end was its doing."""
        self._unsure = None

    @property
    def conflict(self) -> bool:
        """Whether two connections ended too soon within the last minute."""
        return len(self._short) == 2 and self._monotonic() - self._short[0] < WITHIN_S

    def news(self) -> bool | None:
        """True: a conflict has begun since it was last asked. False: it is over. None: nothing new."""
        before, self._told = self._told, self.conflict
        return None if before == self._told else self._told


_OR_BROKER = Words(
    "ほかに動いていないなら、ブローカーが起動し直しを繰り返しています。そのログを見てください。",
    "If there is no other, the broker starts anew again and again: look at its log.",
)


def rival_agent(agent: str) -> Words:
    """What an agent says whose connections end at once."""
    return Words(
        f"接続がすぐに切られます(1分に2回)。「{agent}」という名前のエージェントがもう1台動いているなら、片方を止めてください"
        f"(SDカードや --data を写した Pi はありませんか)。測定値は残しています。{_OR_BROKER.ja}",
        f"Connections end at once, twice a minute. If another agent runs under the name {agent} (a Pi whose card or "
        f"--data was copied), stop one of the two. Readings are kept. {_OR_BROKER.en}",
    )


def rival_collector(client_id: str) -> Words:
    """What a collector says whose connections end at once."""
    return Words(
        f"接続がすぐに切られます(1分に2回)。ほかのプログラム(--data を写した kojo serve など)が"
        f"同じ id {client_id} を使っているなら、片方を止めてください。{_OR_BROKER.ja}",
        f"Connections end at once, twice a minute. If another program uses the id {client_id} (a kojo serve with a "
        f"copied --data), stop one of the two. {_OR_BROKER.en}",
    )


def two_agents(agent: str) -> Words:
    """What the collector says of an agent whose last will it hears again and again."""
    return Words(
        f"エージェント {agent} の id を二つのプログラムが使い、接続を取り合っているようです。"
        "片方の kojo edge を止めてください。1台しか動いていないなら、その Pi のネットワークを確かめてください。",
        f"Two programs seem to use the id of agent {agent} and take the connection from each other: stop one of "
        "them. If there is only one, see to the network of its Pi.",
    )


def no_rival(id: str) -> Words:
    """That it is over."""
    return Words(f"{id} の接続の取り合いは終わりました。", f"The connections of {id} are no longer taken away.")
