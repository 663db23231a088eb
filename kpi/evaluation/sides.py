"""The days of a station before and after, and a figure compared by them; perhaps against a control station."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kpi.evaluation.days import Day, bases, differences, group
from kpi.evaluation.judgement import Days, judge
from kpi.evaluation.paths import Figure
from kpi.evaluation.statement import Compared


@dataclass(frozen=True, slots=True)
class Sides:
    """The days of a station before and after."""

    before: list[Day]
    after: list[Day]

    def groups(self, wanted: Figure, *, single: bool = False) -> tuple[Days, Days]:
        """What counts of them for a figure."""
        return group(self.before, wanted, single=single), group(self.after, wanted, single=single)

    def bases(self, wanted: Figure) -> set[str]:
        """By which formulas their days were computed; more than one compares nothing."""
        return bases(self.before, wanted) | bases(self.after, wanted)


def compared(name: str, wanted: Figure, sides: Sides, other: Sides | None, *, single: bool = False) -> Compared:
    """A figure of both sides and its judgement; against a control station by the differences of the days.

    Days of several formulas (`Figure.basis`) confirm nothing: contract section 5, the same formula before and after.
    """
    one_formula = all(len(side.bases(wanted)) <= 1 for side in (sides, other) if side is not None)
    told = _compared(name, wanted, sides, other, single=single)
    return told if one_formula else replace(told, judged=told.judged.unconfirmed, one_formula=False)


def _compared(name: str, wanted: Figure, sides: Sides, other: Sides | None, *, single: bool) -> Compared:
    before, after = sides.groups(wanted, single=single)
    if other is None:
        judged = judge(before, after, wanted.better)
        return Compared(name, wanted, before.median, after.median, judged, (len(before), len(after)))
    apart = differences(sides.before, other.before, wanted), differences(sides.after, other.after, wanted)
    judged = judge(*apart, wanted.better)
    mine = [_of_dates(group, pair) for group, pair in zip((before, after), apart, strict=True)]
    return Compared(name, wanted, mine[0].median, mine[1].median, judged, (len(apart[0]), len(apart[1])), indirect=True)


def _of_dates(days: Days, pairs: Days) -> Days:
    """The days that also count at the control station."""
    kept = [i for i, day in enumerate(days.ordinals) if day in pairs.ordinals]
    return Days(days.ordinals[kept], days.values[kept])


def why_not(day: Day, other: Sequence[Day] | None, wanted: Figure, *, single: bool = False) -> str | None:
    """Why a day does not count, its pair at the control station included."""
    mine = day.why_not(wanted, single=single)
    if mine is not None or other is None:
        return mine
    pair = next((one for one in other if one.date == day.date), None)
    return "control_dropped" if pair is None or pair.why_not(wanted) is not None else None
