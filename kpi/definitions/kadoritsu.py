"""可動率(べきどうりつ): how well the station did its work in the time it was wanted, stops included.

As OEE, but stops of the losses in `kadoritsu_excludes` (none unless the line says so; e.g. no material) are taken out
of the time. It is over 負荷時間. It is not 稼働率 (demand over capacity), which sounds the same.
Source: TPS; contract section 4.
"""

from collections.abc import Sequence

from contract.words import Words
from kpi.definition import Example, ratio
from kpi.facts import StopPart
from kpi.published import WORKED_DAY

TITLE = Words("可動率(べきどうりつ)", "Operational availability (bekidōritsu, TPS)")
UNIT = "ratio"
FORMULA = Words("基準CT × 良品数 ÷ 動くべき時間", "ideal cycle x good / time it was wanted")
BETTER = "higher"
EXAMPLE = Example(
    {"value_s": 21200.0, "planned_busy_time_s": 26700.0, "stop_parts": (), "excluded_losses": ()},
    21200 / 26700,
    WORKED_DAY + ": 79.4 %",
)


def kadoritsu(
    value_s: float, planned_busy_time_s: float, stop_parts: Sequence[StopPart], excluded_losses: Sequence[str]
) -> float | None:
    """A fraction."""
    return ratio(value_s, planned_busy_time_s - excused_s(stop_parts, excluded_losses))


def excused_s(stop_parts: Sequence[StopPart], excluded_losses: Sequence[str]) -> float:
    """Seconds of the stops that are taken out: those told to be of such a loss."""
    told = [part for part in stop_parts if part.stop.reason or part.stop.mode]
    return sum(part.seconds for part in told if part.stop.loss in excluded_losses)
