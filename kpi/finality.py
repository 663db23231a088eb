"""速報 or 確定: whether late data can still change the figures of a window.

A window is final when it is over and nothing of it can still be on its way:

1. The station's agent was heard (`_agent/alive`, stored) :data:`MARGIN_NS` after the window's end. An agent sends what
   it holds in the order in which it was taken, so what it took before is here.
2. In the :data:`WAIT_NS` after its end no number is missing: a gap may still be filled.
3. A station without an agent waits :data:`WAIT_NS`: nobody knows what another device still holds.
4. An agent that stays away for :data:`GIVEN_UP_NS` has nothing left: its outbox keeps no reading for longer.

What people enter later (corrections, reasons, plans) still counts in a final window, with its trace in /entries.
"""

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


def finality(desk: Desk, line: Line, stations: list[str], end: int, now: int) -> Finality:
    """Whether a window that ends at ``end`` is final at these stations together."""
    found = [_of(desk, line, station, end, now) for station in stations]
    return next((one for one in found if not one.final), Finality(True, _OVER))


def _of(desk: Desk, line: Line, station: str, end: int, now: int) -> Finality:
    if end >= now:
        return Finality(False, _RUNNING)
    agent = line.stations[station].agent
    if now - end >= GIVEN_UP_NS:
        return Finality(True, _OVER)
    if agent is None:
        return Finality(now - end >= WAIT_NS, _OVER if now - end >= WAIT_NS else _OTHERS)
    if not len(desk.store.after(Series(station, AGENT_SENSOR, ALIVE), end + MARGIN_NS)):
        return Finality(False, _away(agent))
    missing = int(desk.ingest.status().get("ingest", {}).get("missing", 0)) if now - end < WAIT_NS else 0
    if missing:
        return Finality(False, _missing(missing))
    return Finality(True, _OVER)


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
