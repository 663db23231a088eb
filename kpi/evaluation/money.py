"""創出時間 (hours freed, no yen) apart from 実効果 (what the host ticks and documents); yearly, and from the weak end.

Hours freed a year = difference of the median time of a piece x pieces a day before the measure x working days. What is
made more since then is no part of it. Working days are those of the windows: of each weekday the share on which
something was made, a weekday in neither window counting as free; never more than the calendar has. The weak end of the
interval is the end nearer to 0: what may be claimed even if we were unlucky. Source: contract section 5, "Money".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from collector.store import Entry
from contract.words import Words
from kpi.calendar import Calendar
from kpi.evaluation.days import Day
from kpi.evaluation.judgement import Judgement
from kpi.evaluation.paths import Figure
from kpi.evaluation.sides import Sides
from kpi.spans import times


@dataclass(frozen=True, slots=True)
class Freed:
    """創出時間: seconds a piece, pieces a day before, days a year, the hours that makes; ``weak_``: the weak end."""

    seconds_each: float
    weak_seconds_each: float
    pieces_a_day: float
    working_days_a_year: int

    @property
    def pieces_a_year(self) -> float:
        """As many as before the measure."""
        return self.pieces_a_day * self.working_days_a_year

    @property
    def hours(self) -> float:
        """Hours a year."""
        return self.seconds_each * self.pieces_a_year / 3600

    @property
    def weak_hours(self) -> float:
        """Hours a year, from the weak end."""
        return self.weak_seconds_each * self.pieces_a_year / 3600

    @property
    def basis(self) -> Words:
        """How the hours came about."""
        return Words(
            f"1個あたりの短縮 × 対策前の1日 {self.pieces_a_day:,.0f} 個 × 年 {self.working_days_a_year} 日。"
            "日数は、前後の期間で生産した曜日の割合から出し、カレンダーの稼働日数を超えません。増産の分は含みません。",
            f"Time saved on a piece x {self.pieces_a_day:,.0f} pieces a day as before the measure x "
            f"{self.working_days_a_year} days a year: by the weekdays on which something was made in both windows, "
            "never more than the calendar's working days. What is made more since then is not in it.",
        )


def freed(figure: Figure, judged: Judgement, sides: Sides, calendar: Calendar, end: int) -> Freed | None:
    """創出時間 of a confirmed gain in the time of a piece; None of any other figure or verdict."""
    if not figure.per_piece or judged.verdict != "better" or judged.difference is None or judged.interval is None:
        return None
    days = [day for day in sides.before if day.why_not(figure) is None]
    phase = figure.phase
    made = [float(day.phase_count(phase)) if phase is not None else float(day.pieces or 0) for day in days]
    working = min(worked_days([*sides.before, *sides.after]), working_days(calendar, end))
    return Freed(-judged.difference, weak_end(judged), sum(made) / len(made), working)


def worked_days(days: Sequence[Day]) -> int:
    """Days a year on which something is made, if the year goes as these days did, weekday by weekday."""
    share = 0.0
    for weekday in range(7):
        seen = [bool(day.pieces) for day in days if day.date.weekday() == weekday and day.dropped != "not_over"]
        share += sum(seen) / len(seen) if seen else 0.0
    return int(share * 365 / 7 + 1e-9)


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
