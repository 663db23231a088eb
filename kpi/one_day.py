"""「同じ1日、五つの率」: the worked day, as facts, and what becomes of it in other cases. docs/kpi.md shows it.

Attendance 525 min, 負荷 445, long stops 40, チョコ停 30, ideal 20 s, 1,080 pieces of which 20 bad, demand 1,200.
"""

from dataclasses import dataclass, replace

import numpy as np

from kpi.facts import Facts, Hours, Made, StopPart
from kpi.stops import Stop

IDEAL_S = 20.0
ATTENDANCE_S = 525 * 60.0
BREAKS_S = 80 * 60.0


@dataclass(frozen=True, slots=True)
class Day:
    """One day in minutes and pieces."""

    long_min: float = 40.0
    short_min: float = 30.0
    overtime_min: float = 0.0
    silent_min: float = 0.0
    pieces: int = 1080
    bad: int = 20
    demand: float = 1200.0

    @property
    def run_s(self) -> float:
        """Seconds that it ran and was seen to."""
        stood = self.long_min + self.short_min + self.silent_min
        return ATTENDANCE_S - BREAKS_S + (self.overtime_min - stood) * 60

    def facts(self) -> Facts:
        """The day as the KPI files want it."""
        planned_s = ATTENDANCE_S - BREAKS_S + self.overtime_min * 60
        long_s, short_s = self.long_min * 60, self.short_min * 60
        stops = [_stop(long_s, long=True)] if long_s else []
        stops += [_stop(60.0, long=False)] * round(self.short_min)
        return Facts(
            bucket_s={
                "run": self.run_s,
                "minor_stop": short_s,
                "downtime": long_s,
                "planned_stop": BREAKS_S,
                "no_shift": 0.0,
                "no_data": self.silent_min * 60,
            },
            made=(Made(None, self.pieces, self.bad, 0, self.pieces * IDEAL_S),),
            cycles_s=np.empty(0),
            phase_times={},
            stop_parts=tuple(stops),
            unplaced=0,
            tested=0,
            outside=0,
            idle_s=None,
            demand=self.demand,
            regular_s=ATTENDANCE_S - BREAKS_S,
            elapsed_planned_s=planned_s,
            whole_planned_s=planned_s,
            ideal_mean_s=IDEAL_S,
            people=1.0,
            excluded_losses=(),
            hours=Hours(ATTENDANCE_S, self.overtime_min * 60, BREAKS_S, 0.0),
        )


def _stop(seconds: float, *, long: bool) -> StopPart:
    stop = Stop(0, round(seconds * 10**9), seconds, long=long, edge=False, open=False, block=0)
    return StopPart(stop, seconds, begins=True)


THE_DAY = Day()
AS_SHORT_STOPS = replace(THE_DAY, long_min=0.0, short_min=70.0)
WITH_OVERTIME = replace(THE_DAY, overtime_min=120.0, pieces=1400)
WITHOUT_DATA = replace(THE_DAY, silent_min=45.0, pieces=970)
