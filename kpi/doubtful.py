"""Which doubtful sensors are worth a word beside a figure, and which sensors cannot test themselves.

`kpi.doubt` finds the stretches without a piece; here those are taken out that are explained: a reason was said, nobody
saw the station (no data is no sensor's fault), or it had a break while the next one went on. The next station is read
only where this one stood so long that ten pieces could have been made meanwhile.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from contract.line import Line, Sensor
from contract.words import Words
from kpi.basis import both
from kpi.doubt import MANY, Doubt, doubts
from kpi.ledger import Ledger
from kpi.spans import NS, Spans, times

CODE = "doubtful_sensor"
NOT_SELF_TESTED = Words("断線と停止を区別できません", "cannot tell a broken wire from a stop")
UNTOLD = Words("センサー疑い: 数えるべき時に数えていないようです。", "Doubtful sensor: it seems not to count.")
"""Of a person's station: without when and how long."""

FASTER = 0.5
"""The next station may take this share of its ideal."""

LONGEST_DAYS = 8


def doubtful(line: Line, ledger: Ledger, start: int, end: int, beside: Callable[[str], Ledger]) -> list[Doubt]:
    """Unexplained stretches of [start, end) in which a station's counter is doubtful, in time order.

    ``beside`` gives the ledger of another station, of the same window; it is asked only where that can matter.
    """
    if ledger.record.pieces is None or end <= start or end - start > LONGEST_DAYS * 86400 * NS:
        return []
    far = _could_make_many(line, ledger, start, end)
    # its own ledger holds no piece inside its own gaps: nothing to doubt, and nothing more to read
    found = doubts(ledger, line, start, end, beside if far else lambda _: ledger)
    return [doubt for doubt in found if not _explained(ledger, doubt)]


def told(found: list[Doubt], *, veil: bool) -> dict[str, Any] | None:
    """The newest doubt as a warning of a figure's basis; None without one."""
    return {"code": CODE, **both(UNTOLD if veil else found[-1].words)} if found else None


def tests_itself(sensor: Sensor) -> bool | None:
    """Whether a sensor says when it is broken: a chip on I2C must answer, a contact is silent either way.

    None where another device publishes it, and we do not know.
    """
    return None if sensor.type == "external" else "address" in sensor.settings


def _could_make_many(line: Line, ledger: Ledger, start: int, end: int) -> bool:
    """Whether this station stood so long, and nobody said why, that the next one could have made many pieces."""
    settings, stations = ledger.record.settings, line.stations
    after = [stations[f.target] for f in line.flow if f.source == settings.station and f.target in stations]
    if not after or ledger.gaps is None:
        return False
    a, b = np.maximum(ledger.gaps.start, start), np.minimum(ledger.gaps.end, end)
    known = [(s.start, s.end) for s in ledger.stops if s.reason is not None or s.mode]
    unexplained = ledger.observed - Spans.pairs(known)
    longest = float(unexplained.within(a, np.maximum(a, b)).max(initial=0)) / NS
    least = min((s.ideal_cycle_s or 0.0) for s in after)
    return longest > max(MANY * FASTER * least, settings.at(end - 1).stop_after_s or 0.0)


def _explained(ledger: Ledger, doubt: Doubt) -> bool:
    span = times([doubt.start]), times([doubt.end])
    if int(ledger.record.silent.within(*span)[0]) > 0:
        return True
    moment = max(doubt.start, doubt.end - 1)
    limit = ledger.record.settings.at(moment).stop_after_s or 0.0
    if float(ledger.observed.within(*span)[0]) / NS <= limit:
        return True
    told = (stop for stop in ledger.stops if stop.reason is not None or stop.mode)
    return any(stop.start < doubt.end and stop.end > doubt.start for stop in told)
