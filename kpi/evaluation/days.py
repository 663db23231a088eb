"""A business day's figures, or why the day drops out.

A window's days are those that *begin* in it; each counts whole, as the KPIs of that business day. A day drops out
without planned time, with coverage below 0.95, under 30 pieces (for a phase: under 30 of them), while it is not over,
where the figure is undefined, or where its readings are gone and what was kept of it holds another ideal.
Source: contract section 5, "Evaluation".
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from contract.words import Words
from kpi.answers import Answers, Asked, Place
from kpi.evaluation.judgement import Days, Floats
from kpi.evaluation.paths import Figure
from kpi.facts import Facts
from kpi.figures import LOW_COVERAGE, Figures, figures
from kpi.kept_days import kept_days
from kpi.privacy import whole_hours
from kpi.spans import times

LEAST_PIECES = 30
AT_ONCE_DAYS = 32
"""So many days are read at once."""

REASONS: Mapping[str, Words] = {
    "no_planned_time": Words("計画した稼働時間がない日", "no planned time"),
    "not_over": Words("まだ終わっていない日", "the day is not over"),
    "low_coverage": Words("データ取得率が 95 % 未満", "data coverage below 95 %"),
    "few_pieces": Words("30 個未満", "fewer than 30 pieces"),
    "few_phases": Words("この要素の記録が 30 回未満", "fewer than 30 of this phase"),
    "undefined": Words("この指標が計算できない日", "this figure is undefined"),
    "readings_gone": Words(
        "生データの保存期間が過ぎ、基準サイクルや品番をそろえて計算できない日",
        "its readings are past keeping, so it cannot be computed with the same ideal, product or cycles",
    ),
    "control_dropped": Words("比較工程の方が使えない日", "the control station's day dropped out"),
}


@dataclass(frozen=True, slots=True)
class Day:
    """One business day of a station: its figures, or why it drops out. ``made``: pieces by product, where known."""

    date: date
    start: int
    end: int
    figures: Figures
    cycles: Mapping[str, Floats]
    coverage: float | None = None
    made: Mapping[str | None, int] | None = None
    dropped: str | None = None

    @property
    def pieces(self) -> int | None:
        """What was produced."""
        found = self.figures.get("produced_quantity")
        return None if found is None else int(found)

    def why_not(self, figure: Figure, *, single: bool = False) -> str | None:
        """Why this day does not count for a figure; None where it does. ``single``: its single cycles are needed."""
        if self.dropped is not None:
            return self.dropped
        if self.coverage is not None and self.coverage < LOW_COVERAGE:
            return "low_coverage"
        if figure.phase is not None:
            if self.phase_count(figure.phase) < LEAST_PIECES:
                return "few_phases"
        elif self.pieces is not None and self.pieces < LEAST_PIECES:
            return "few_pieces"
        if single and not len(self.cycles.get(figure.kpi, ())):
            return "readings_gone" if "kept" in self.figures else "undefined"
        if figure.of(self.figures) is None:
            return "readings_gone" if "kept" in self.figures else "undefined"
        return None

    def phase_count(self, phase: str) -> int:
        """How often a phase was seen."""
        return int(((self.figures.get("phases") or {}).get(phase) or {}).get("count") or 0)


@dataclass(frozen=True, slots=True)
class Seeking:
    """How a station's days are looked at.

    ``place`` holds the ideals that are to count; ``kept_ideal`` whether a kept day was made with the same ones;
    ``veiled``: whole hours only (see `kpi.privacy`); ``single``: figures whose single cycles are wanted.
    """

    answers: Answers
    place: Place
    now: int
    go_on: Callable[[], None]
    product: str | None = None
    veiled: bool = False
    single: tuple[Figure, ...] = ()

    def days(self, start: int, end: int) -> list[Day]:
        """Every business day that begins in [start, end), up to now."""
        kept = kept_days(self.answers.desk.store, start, min(end, self.now), self.now).get(self.place.id, {})
        found: list[Day] = []
        for part in _parts(self._dates(start, end), AT_ONCE_DAYS):
            self.go_on()
            wanted = [span for span in part if span[0].isoformat() not in kept and span[2] <= self.now]
            told = self._read(wanted) if any(self._planned(span) for span in wanted) else {}
            for one in part:
                found.append(self._day(one, kept.get(one[0].isoformat()), told.get(one[0])))
        return found

    def _dates(self, start: int, end: int) -> list["Span"]:
        """(date, start, end) of every business day that begins in [start, end) and has begun."""
        calendar = self.place.calendar
        day, found = calendar.day_of(start), []
        while (span := calendar.day(day))[0] < min(end, self.now + 1):
            if span[0] >= start:
                found.append((day, *span))
            day += timedelta(days=1)
        return found

    def _planned(self, span: "Span") -> bool:
        calendar = self.place.calendar
        return (calendar.work(*span[1:]) - calendar.rest(*span[1:])).total > 0

    def _day(self, span: "Span", kept: Mapping[str, Any] | None, told: "Day | None") -> Day:
        if told is not None:
            return told
        if span[2] > self.now:
            return Day(*span, {}, {}, dropped="not_over")
        if kept is not None and self._planned(span):
            return self._of_kept(span, kept)
        return Day(*span, {}, {}, dropped="no_planned_time")

    def _of_kept(self, span: "Span", kept: Mapping[str, Any]) -> Day:
        figures = {**kept, "kept": True}
        if self.product is not None or not self._same_ideals(span):
            figures = {key: value for key, value in figures.items() if key not in _WITH_IDEAL}
        dropped = "readings_gone" if self.product is not None else None
        dropped = dropped or (None if kept["planned_time_s"] else "no_planned_time")
        return Day(*span, figures, {}, kept["coverage"], None, dropped)

    def _same_ideals(self, span: "Span") -> bool:
        """Whether the ideals that count are those that were in force on a day."""
        usual, fixed = self.answers.place(self.place.id).settings, self.place.settings
        moments = times([span[1], span[2] - 1])
        products = [np.full(2, number) for number in range(len(usual.products))]
        return all(np.array_equal(usual.ideal_s(moments, p), fixed.ideal_s(moments, p), True) for p in products)

    def _read(self, spans: Sequence["Span"]) -> dict[date, Day]:
        """The days of a stretch, each from one ledger of all of them."""
        start, end = spans[0][1], spans[-1][2]
        ledger = self.answers.ledger(self.place, start, end, self.now)
        entries = self.answers.entries(start, end)
        found = {}
        for span in spans:
            self.go_on()
            a, b = whole_hours(*span[1:]) if self.veiled else span[1:]
            asked = Asked(a, b, self.product)
            facts = self.answers.facts(self.place, ledger, asked, a, b, entries, self.now)
            whole = facts
            if self.product is not None:
                whole = self.answers.facts(self.place, ledger, Asked(a, b), a, b, entries, self.now)
            found[span[0]] = self._told(span, facts, whole)
        return found

    def _told(self, span: "Span", facts: Facts, whole: Facts) -> Day:
        told = figures(facts)
        day = told if whole is facts else figures(whole)
        made = None if facts.made is None else {m.product: m.produced for m in facts.made}
        dropped = None if day["planned_time_s"] else "no_planned_time"
        cycles = {figure.kpi: _cycles(figure, facts) for figure in self.single}
        return Day(*span, told, cycles, day["coverage"], made, dropped)


Span = tuple[date, int, int]
"""A business day: its date, its beginning and its end (ns)."""

_WITH_IDEAL = frozenset(
    {"oee", "kadoritsu", "effectiveness", "utilization", "losses_s", "availability", "actual_production_time_s",
     "stops", "cycle_time_s", "idling_s", "ledger"}
)  # fmt: skip
"""KPIs that an ideal cycle enters, as a value or by telling what a stop is."""


def _cycles(figure: Figure, facts: Facts) -> Floats:
    """The single cycles, or the single times of a phase."""
    if figure.phase is None:
        return np.zeros(0) if facts.cycles_s is None else facts.cycles_s
    found = facts.phase_times.get(figure.phase)
    return np.zeros(0) if found is None else found.seconds


def _parts(spans: Sequence[Span], size: int) -> Iterator[Sequence[Span]]:
    for first in range(0, len(spans), size):
        yield spans[first : first + size]


def group(days: Sequence[Day], figure: Figure, *, single: bool = False) -> Days:
    """The days that count for a figure, as the judgement takes them."""
    kept = [day for day in days if day.why_not(figure, single=single) is None]
    values = [figure.of(day.figures) for day in kept]
    return Days(
        np.array([float(day.date.toordinal()) for day in kept]),
        np.array([value for value in values if value is not None], np.float64),
        tuple(day.cycles[figure.kpi] for day in kept) if single else (),
    )


def differences(days: Sequence[Day], control: Sequence[Day], figure: Figure) -> Days:
    """The station's value less the control station's, of each day that counts at both."""
    other = {day.date: figure.of(day.figures) for day in control if day.why_not(figure) is None}
    pairs = [
        (day.date.toordinal(), mine - theirs)
        for day in days
        if day.why_not(figure) is None
        and (mine := figure.of(day.figures)) is not None
        and (theirs := other.get(day.date)) is not None
    ]
    return Days(np.array([float(n) for n, _ in pairs]), np.array([value for _, value in pairs], np.float64))


def bases(days: Sequence[Day], figure: Figure) -> set[str]:
    """By which formulas the days that count were computed; empty for a figure that has one only."""
    told = (figure.basis(day.figures) for day in days if day.why_not(figure) is None)
    return {basis for basis in told if basis is not None}
