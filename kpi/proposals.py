"""When a shift's plan is reached and the station stops, "no order" is proposed as the reason; it is never applied."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from collector.store import Entry
from contract.line import Line, Reason
from contract.words import Words
from kpi.ledger import Ledger
from kpi.plans import quantity_of
from kpi.record import Pieces
from kpi.stops import Stop

_NO_ORDER = re.compile(
    r"no[ _-]?(order|work|demand)"
    r"|(受注|注文|オーダー|仕事|計画|予定)(数)?(が)?\s*(なし|無し|ナシ|無|待ち|切れ|達成|完了|終了)",
    re.IGNORECASE,
)
REACHED = Words("計画達成(受注なし)", "plan reached (no order)")


class Proposals:
    """What is proposed for the stops of one station's ledger."""

    def __init__(self, line: Line, ledger: Ledger, entries: Sequence[Entry]) -> None:
        self._history, self._station = ledger.record.settings.history, ledger.record.settings.station
        self._ledger = ledger
        self._entries = entries
        self._reason = no_order(line)
        self._reached: dict[int, int | None] = {}

    def of(self, stop: Stop) -> dict[str, Any] | None:
        """{"reason": id or None, "ja", "en"} for a stop that nobody gave a reason for, or None."""
        if stop.reason or stop.mode or self._ledger.record.pieces is None:
            return None
        for shift in self._ledger.record.calendar.shifts(stop.start, stop.start + 1):
            if shift.start not in self._reached:
                plan = quantity_of(self._history, self._entries, self._station, shift)
                self._reached[shift.start] = None if not plan else self._moment(plan, shift.start, shift.end)
            reached = self._reached[shift.start]
            if reached is not None and reached <= stop.start:
                words = REACHED if self._reason is None else Words(self._reason.name, self._reason.name)
                return {"reason": self._reason.id if self._reason else None, "ja": words.ja, "en": words.en}
        return None

    def _moment(self, plan: int, start: int, end: int) -> int | None:
        """When the good pieces of a shift reached its plan; None where they did not, or not all of it was read."""
        record = self._ledger.record
        if record.start > start or record.pieces is None:
            return None
        made, many = _signed(record.pieces, 1)
        if record.scraps is not None:
            counted = record.settings.scrap_is_counted(record.scraps.t)
            bad, off = _signed(record.scraps, -1)
            made, many = np.concatenate((made, bad[counted])), np.concatenate((many, off[counted]))
        put = sum(self._put_right(entry, start, end) for entry in self._entries)
        inside = (made >= start) & (made < end)
        order = np.argsort(made[inside], kind="stable")
        t, good = made[inside][order], put + np.cumsum(many[inside][order])
        at = np.flatnonzero(good >= plan)
        return int(t[at[0]]) if len(at) else None

    def _put_right(self, entry: Entry, start: int, end: int) -> int:
        if entry.kind != "correction" or entry.body.get("station") != self._station or not start <= entry.at < end:
            return 0
        return int(entry.body["delta"]) * {"produced": 1, "scrap": -1}.get(str(entry.body.get("quantity")), 0)


def no_order(line: Line) -> Reason | None:
    """The line's own reason for "no order", by its id or name; a planned one first."""
    found = [r for r in line.reasons.values() if _NO_ORDER.search(r.id) or _NO_ORDER.search(r.name)]
    return next((r for r in found if r.planned), found[0] if found else None)


def _signed(pieces: Pieces, sign: int) -> tuple[Any, Any]:
    many = np.where(pieces.test, 0, pieces.ends * (pieces.each if sign > 0 else 1)) * sign
    return pieces.t, many
