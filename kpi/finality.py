"""速報 or 確定: whether late data can still change the figures of a window.

A window is final when it is over and nothing of it can still be on its way:

1. The station's agent was heard (`_agent/alive`, stored) :data:`MARGIN_NS` after the window's end. An agent sends what
   it holds in the order in which it was taken, so what it took before is here.
2. In the :data:`WAIT_NS` after its end no number is missing: a gap may still be filled.
3. A station without an agent waits :data:`WAIT_NS`: nobody knows what another device still holds.
4. An agent that stays away for :data:`GIVEN_UP_NS` has nothing left: its outbox keeps no reading for longer.

What people enter later (corrections, reasons, plans) still counts in a final window, with its trace in /entries.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contract.line import Line
from contract.reading import Series
from contract.topics import AGENT_SENSOR, ALIVE
from contract.words import Words
from kpi.desk import Desk

MARGIN_NS = 120 * 10**9
WAIT_NS = 24 * 3600 * 10**9
GIVEN_UP_NS = 30 * WAIT_NS
LATEST = 2**63 - 1

_OVER = Words(
    "確定: この時間のデータはそろいました。これから変わるのは、訂正・停止理由・計画の記入だけです。",
    "Final: all data of this time are here. Only corrections, reasons and plans entered later change it.",
)
_RUNNING = Words("速報: まだ終わっていない時間です。", "Preliminary: this time is not over.")
_OTHERS = Words(
    "速報: エージェントのない工程です。ほかの機器のデータが遅れて届くことがあるので、終わりから 24 時間待ちます。",
    "Preliminary: this station has no agent. Other devices may send late, so 24 hours are waited after its end.",
)


@dataclass(frozen=True, slots=True)
class Finality:
    """``final``: nothing on its way can change it any more; ``why`` says so in words."""

    final: bool
    why: Words

    def body(self) -> dict[str, Any]:
        """As an answer holds it."""
        return {"final": self.final, "final_why": {"ja": self.why.ja, "en": self.why.en}}

    def basis(self) -> dict[str, Any]:
        """As the basis of figures holds it."""
        return {"preliminary": not self.final, "final_why": {"ja": self.why.ja, "en": self.why.en}}


@dataclass(frozen=True, slots=True)
class Underway:
    """What may still come of one station at ``now``: asked once, and told of every window of a question.

    ``heard``: when its agent was heard last, None where it never was. ``missing``: numbers the collector lacks.
    """

    agent: str | None
    heard: int | None
    missing: Callable[[], int]
    now: int

    def of(self, end: int) -> Finality:
        """Whether a window that ends at ``end`` is final."""
        over = self.now - end
        if over <= 0:
            return Finality(False, _RUNNING)
        if over >= GIVEN_UP_NS:
            return Finality(True, _OVER)
        if self.agent is None:
            return Finality(over >= WAIT_NS, _OVER if over >= WAIT_NS else _OTHERS)
        if self.heard is None or self.heard < end + MARGIN_NS:
            return Finality(False, _away(self.agent))
        if over < WAIT_NS and (missing := self.missing()):
            return Finality(False, _missing(missing))
        return Finality(True, _OVER)


def underway(desk: Desk, line: Line, station: str, now: int) -> Underway:
    """What may still come of a station."""
    agent = line.stations[station].agent
    alive = () if agent is None else desk.store.before(Series(station, AGENT_SENSOR, ALIVE), LATEST).t

    def missing() -> int:
        return int(desk.ingest.status().get("ingest", {}).get("missing", 0))

    return Underway(agent, int(max(alive)) if len(alive) else None, missing, now)


def finality(desk: Desk, line: Line, stations: list[str], end: int, now: int) -> Finality:
    """Whether a window that ends at ``end`` is final at these stations together."""
    found = (underway(desk, line, station, now).of(end) for station in stations)
    return next((one for one in found if not one.final), Finality(True, _OVER))


def _away(agent: str) -> Words:
    return Words(
        f"速報: {agent} から、この時間より後のデータがまだ届いていません。届くと数字が変わることがあります。",
        f"Preliminary: nothing of {agent} from after this time is here yet; what comes may change the figures.",
    )


def _missing(many: int) -> Words:
    return Words(
        f"速報: 番号の抜けが {many} 件あります(遅れて届くことがあります)。終わりから 24 時間で確定とします。",
        f"Preliminary: {many} numbers are missing and may still come; 24 hours after its end it is final.",
    )
