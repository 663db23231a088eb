"""What else moved: the main KPIs of the same days that got worse, the line's last station, the next bottleneck."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose
from statistics import median

from kpi.answers import Answers, Place
from kpi.evaluation.asking import Question
from kpi.evaluation.days import Day, group
from kpi.evaluation.judgement import LEAST_DAYS, Days, judge
from kpi.evaluation.paths import Figure, figure
from kpi.evaluation.statement import Compared

MAIN = (
    "oee", "availability", "effectiveness", "quality_ratio", "first_pass_ratio", "throughput_per_h", "cycle_time_s",
    "stops.minor.total_s", "stops.downtime.total_s", "idling_s",
)  # fmt: skip
"""What is looked at beside the evaluated figure, and every phase of the station."""


def others_got_worse(
    asked: Question, name: str, before: Sequence[Day], after: Sequence[Day]
) -> tuple[list[Compared], int]:
    """The figures whose median moved to the bad side, the worst first; and how many were looked at.

    Worse is what is confirmed before what is not, then what moved most of its days (how often a day after is on the
    bad side of a day before), which needs no common unit.
    """
    found: list[tuple[bool, float, Compared]] = []
    looked_at = 0
    for wanted in _others(asked.figure, [*before, *after]):
        asked.go_on()
        a, b = group(before, wanted), group(after, wanted)
        if min(len(a), len(b)) < LEAST_DAYS:
            continue
        looked_at += 1
        if not _is_worse(a, b, wanted):
            continue
        told = Compared(name, wanted, a.median, b.median, judge(a, b, wanted.better), (len(a), len(b)))
        found.append((told.judged.verdict != "worse", -_share_of_bad_days(a, b, wanted), told))
    return [told for _, _, told in sorted(found, key=lambda one: one[:2])], looked_at


def _others(asked: Figure, days: Sequence[Day]) -> list[Figure]:
    phases = sorted({f"phases.{name}" for day in days for name in (day.figures.get("phases") or {})})
    return [figure(kpi) for kpi in (*MAIN, *phases) if kpi != asked.kpi]


def _is_worse(before: Days, after: Days, wanted: Figure) -> bool:
    a, b = before.median, after.median
    if a is None or b is None or isclose(a, b, rel_tol=1e-9, abs_tol=1e-9):
        return False
    return (b > a) == (wanted.better == "lower")


def _share_of_bad_days(before: Days, after: Days, wanted: Figure) -> float:
    """Of all pairs of a day after and a day before, how many are worse; a tie is half."""
    sign = 1.0 if wanted.better == "lower" else -1.0
    apart = sign * (after.values[:, None] - before.values[None, :])
    return float((apart > 0).mean() + (apart == 0).mean() / 2)


@dataclass(frozen=True, slots=True)
class NextNeck:
    """The line after the measure: where its output is counted, and which station is slowest now."""

    answers: Answers
    place: Place
    end: int
    after: Sequence[Day]

    @property
    def last(self) -> Place | None:
        """The one station at which the flow ends."""
        line = self.answers.line
        sources = {flow.source for flow in line.flow}
        ends = list(dict.fromkeys(flow.target for flow in line.flow if flow.target not in sources))
        return self.answers.place(ends[0]) if len(ends) == 1 else None

    @property
    def name(self) -> str | None:
        """Another station of the flow whose ideal is now longer than the best cycles (5 %) of the evaluated one."""
        stations = dict.fromkeys(s for flow in self.answers.line.flow for s in (flow.source, flow.target))
        best = [((day.figures.get("cycle_time_s") or {}).get("p05")) for day in self.after]
        mine = [float(value) for value in best if value is not None]
        if self.place.id not in stations or not mine:
            return None
        ideals = {s: self.answers.place(s).settings.ideal_since(self.end - 1, 0)[0] for s in stations}
        ideals[self.place.id] = median(mine)
        if any(ideal is None for ideal in ideals.values()):
            return None
        slowest = max(ideals, key=lambda station: ideals[station] or 0.0)
        return None if slowest == self.place.id else self.answers.place(slowest).name
