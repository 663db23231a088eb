"""創出時間 (hours freed, no yen) apart from 実効果 (what the host ticks and documents); yearly, and from the weak end.

Hours freed = pieces x difference of the median time of a piece. The weak end of the interval is the end nearer to 0:
what may be claimed even if we were unlucky. Source: contract section 5, "Money".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from collector.store import Entry
from kpi.calendar import Calendar
from kpi.evaluation.days import Day
from kpi.evaluation.judgement import Judgement
from kpi.evaluation.paths import Figure
from kpi.spans import times


@dataclass(frozen=True, slots=True)
class Freed:
    """創出時間: seconds a piece, how many pieces a year, and the hours that makes; ``weak_`` from the weak end."""

    seconds_each: float
    weak_seconds_each: float
    pieces_a_year: float
    working_days_a_year: int

    @property
    def hours(self) -> float:
        """Hours a year."""
        return self.seconds_each * self.pieces_a_year / 3600

    @property
    def weak_hours(self) -> float:
        """Hours a year, from the weak end."""
        return self.weak_seconds_each * self.pieces_a_year / 3600


def freed(figure: Figure, judged: Judgement, after: Sequence[Day], calendar: Calendar, end: int) -> Freed | None:
    """創出時間 of a confirmed gain in the time of a piece; None of any other figure or verdict."""
    if not figure.per_piece or judged.verdict != "better" or judged.difference is None or judged.interval is None:
        return None
    days = [day for day in after if day.why_not(figure) is None]
    phase = figure.phase
    made = [float(day.phase_count(phase)) if phase is not None else float(day.pieces or 0) for day in days]
    working = working_days(calendar, end)
    return Freed(-judged.difference, weak_end(judged), sum(made) / len(made) * working, working)


def weak_end(judged: Judgement) -> float:
    """How much of the difference remains at the interval's end nearer to 0; 0 where the interval holds it."""
    if judged.interval is None or judged.interval[0] <= 0 <= judged.interval[1]:
        return 0.0
    return min(abs(judged.interval[0]), abs(judged.interval[1]))


def weak_share(judged: Judgement) -> float:
    """The weak end as a share of the difference."""
    if judged.verdict != "better" or not judged.difference:
        return 0.0
    return min(1.0, weak_end(judged) / abs(judged.difference))


def working_days(calendar: Calendar, end: int) -> int:
    """Business days with planned time in the year before a moment, by the calendar."""
    last = calendar.day_of(end)
    edges = times([calendar.day(last - timedelta(days=back))[0] for back in range(365, -1, -1)])
    planned = calendar.work(int(edges[0]), int(edges[-1])) - calendar.rest(int(edges[0]), int(edges[-1]))
    return int((planned.within(edges[:-1], edges[1:]) > 0).sum())


def yen_a_year(effects: Sequence[Entry]) -> int:
    """What the host ticked, together."""
    return sum(int(entry.body["yen_per_year"] or 0) for entry in effects)
