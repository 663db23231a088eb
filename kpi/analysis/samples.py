"""The values of a control chart or a capability study, in time order: of a KPI or of a plain series.

By piece: single cycle times, phases, readings. By hour, shift or day: the KPI of each whole bucket that is over; of a
series its mean, its count or its share there. Buckets without planned time, with too little data (coverage below 0.95)
or without a value drop out and are listed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from contract.words import Words
from kpi import slices, windows
from kpi.analysis.chosen import Chosen, choose
from kpi.analysis.correlation import Floats
from kpi.analysis.grid import GoOn, Grid, Steps
from kpi.answers import Answers, Asked, Place
from kpi.definition import UNITS
from kpi.evaluation.paths import Figure, figure
from kpi.figures import LOW_COVERAGE
from kpi.line_told import both
from kpi.privacy import FEW, HOUR_NS, refuse, veiled, whole_hours
from kpi.problems import Problem, unknown
from kpi.spans import NS, Times, times
from kpi.times import parse
from kpi.tokens import Role

By = Literal["piece", "hour", "shift", "day"]

MOST_SINGLE = 50_000
LONGEST_SINGLE_DAYS = 93
_WIDER = 3 * 86400 * NS

WHY = {
    "no_planned_time": Words("計画時間なし", "no planned time"),
    "low_coverage": Words("データ取得率 95 % 未満", "data coverage below 95 %"),
    "no_value": Words("値なし", "no value"),
}
"""Why a bucket is no point."""


@dataclass(frozen=True, slots=True)
class AskedSamples:
    """What was asked: a window, and a KPI of a station or a series."""

    start: int
    end: int
    station: str | None
    kpi: str | None
    series: str | None
    by: By | None
    role: Role
    go_on: GoOn


@dataclass(frozen=True, slots=True)
class Dropped:
    """A bucket that is no point, and why: "no_planned_time", "low_coverage" or "no_value"."""

    start: int
    end: int
    why: str


@dataclass(frozen=True, slots=True)
class Samples:
    """Values at ``t`` (ns): the end of a piece, the beginning of a bucket."""

    t: Times
    values: Floats
    dropped: tuple[Dropped, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What the values are of. Either ``figure`` or ``chosen``."""

    place: Place
    title: Words
    unit: Words
    by: By
    veiled: bool
    figure: Figure | None = None
    chosen: Chosen | None = None

    @property
    def drawn(self) -> dict[str, Any]:
        """How a page writes the values: title, unit, their kind ("ratio" is a fraction) and decimals where known."""
        measure = None if self.chosen is None else self.chosen.measure
        kind = self.figure.unit if self.figure is not None else measure.kind if measure is not None else ""
        decimals = None if measure is None else measure.decimals
        return {"title": both(self.title), "unit": both(self.unit), "kind": kind, "decimals": decimals}


def subject(answers: Answers, asked: AskedSamples, *, single: bool = False) -> Subject:
    """What is asked about. ``single``: single values are needed whatever ``by`` says. Raises Problem."""
    if (asked.kpi is None) == (asked.series is None) or (asked.kpi is not None and asked.station is None):
        raise _which()
    found = _of_kpi(answers, asked, single) if asked.kpi is not None else _of_series(answers, asked, single)
    if found.veiled and (single or found.by == "piece"):
        refuse(answers.line.stations[found.place.id], asked.role)
    if single or found.by == "piece":
        _not_too_long(asked, answers.desk.now_ns())
    return found


def of(answers: Answers, found: Subject, start: int, end: int, asked: AskedSamples) -> Samples:
    """The values of the buckets, or the single values, of a window."""
    if found.by == "piece":
        return singles(answers, found, start, end, asked.go_on)
    now = answers.desk.now_ns()
    end = min(windows.bounded(start, end, now), max(start, now))
    buckets = _buckets(found, start, end, now)
    if not buckets:
        return Samples(times([]), np.zeros(0))
    if found.figure is not None:
        return _of_buckets(answers, found, buckets, asked)
    assert found.chosen is not None
    steps = Steps(times([b.start for b in buckets]), times([b.end for b in buckets]))
    grid = Grid(answers.desk.store, answers.history, now, asked.go_on)
    values = grid.values(found.chosen, steps, FEW if found.veiled else 1)
    seen = np.isfinite(values)
    dropped = [Dropped(b.start, b.end, "no_value") for b, known in zip(buckets, seen, strict=True) if not known]
    return Samples(steps.start[seen], values[seen], tuple(dropped))


def singles(answers: Answers, found: Subject, start: int, end: int, go_on: GoOn) -> Samples:
    """Single cycle times, phases or readings of a window, in the order of their ends. Raises Problem (422)."""
    now = answers.desk.now_ns()
    end = min(windows.bounded(start, end, now), now)
    if end <= start:
        return Samples(times([]), np.zeros(0))
    if found.chosen is not None:
        held: list[Any] = []
        for track in slices.parts(answers.desk.store, found.chosen.series, start, end):
            go_on()
            held.append(track)
            _not_too_many(sum(map(len, held)))
        whole = slices.joined(held)
        good = whole.flag == 0
        return Samples(whole.t[good], whole.v[good].astype(np.float64))
    assert found.figure is not None
    ledger = answers.ledger(found.place, start, end, now)
    go_on()
    if found.figure.phase is None:
        cycles = ledger.cycles.cut(start, end)
        t, values = cycles.end, cycles.seconds
    else:
        phase = ledger.phases.get(found.figure.phase)
        ended, begun = (times([]), times([])) if phase is None else (phase.ended, phase.begun)
        a, b = (int(i) for i in np.searchsorted(ended, [start, end]))
        t, values = ended[a:b], (ended[a:b] - begun[a:b]) / NS
    _not_too_many(len(t))
    return Samples(t, values)


def blocks(found: Subject, t: Times, start: int, end: int) -> "np.ndarray[tuple[int], np.dtype[np.intp]]":
    """Of each moment, the number of its bucket (-1: in none); by piece the window is one block."""
    if found.by == "piece":
        return np.zeros(len(t), np.intp)
    buckets = windows.buckets(found.by, start, end, found.place.calendar, end)
    steps = Steps(times([b.start for b in buckets]), times([b.end for b in buckets]))
    at = steps.places(t)
    return np.where(at < len(steps), at, -1)


def window_of(answers: Answers, text: str, name: str) -> tuple[int, int]:
    """A window written as "start/end". Raises Problem (422)."""
    first, slash, second = text.partition("/")
    if not slash:
        raise Problem(
            422,
            "bad-window",
            Words(f"{name} は「開始/終了」の形で書きます。", f"{name} is written start/end."),
            Words(
                f"例: {name}=2026-04-01T00:00:00+09:00/2026-04-15T00:00:00+09:00",
                f"Such as {name}=2026-04-01T00:00:00+09:00/2026-04-15T00:00:00+09:00",
            ),
        )
    zone = answers.line.zone
    start, end = parse(first, name, zone), parse(second, name, zone)
    windows.ordered(start, end)
    return start, end


def _of_kpi(answers: Answers, asked: AskedSamples, single: bool) -> Subject:
    assert asked.kpi is not None
    assert asked.station is not None
    place, figured = answers.place(asked.station), figure(asked.kpi)
    station = answers.line.stations[place.id]
    if figured.phase is not None:
        known = sorted(s.role.name for s in station.sensors.values() if s.role and s.role.kind == "phase")
        if figured.phase not in known:
            raise unknown("要素", "phase", figured.phase, known)
    by = asked.by or "day"
    if (single or by == "piece") and not figured.per_piece:
        raise _no_singles()
    hidden = veiled(station, asked.role)
    if hidden and figured.nearly_single:
        refuse(station, asked.role)
    unit = UNITS[figured.unit] if figured.unit in UNITS else Words("回", "times")  # type: ignore[index]
    return Subject(place, figured.title, unit, by, hidden, figure=figured)


def _of_series(answers: Answers, asked: AskedSamples, single: bool) -> Subject:
    assert asked.series is not None
    chosen = choose(answers.history, asked.series, 1, 1)[0]
    by = asked.by or "hour"
    if (single or by == "piece") and chosen.measure.kind != "number":
        raise _no_singles()
    place = answers.place(chosen.series.station)
    unit = Words(chosen.measure.unit, chosen.measure.unit) if by == "piece" else chosen.unit
    return Subject(place, chosen.title, unit, by, chosen.is_veiled(answers.line, asked.role), chosen=chosen)


def _buckets(found: Subject, start: int, end: int, now: int) -> list[windows.Bucket]:
    """The whole buckets that lie in the window and are over."""
    assert found.by != "piece"
    if end <= start:
        return []
    listed = windows.buckets(found.by, start - _WIDER, end + _WIDER, found.place.calendar, min(end, now))
    whole = [b for b in listed if start <= b.start and b.end <= min(end, now)]
    if found.veiled and found.by != "hour":
        whole = [
            replace(b, start=a, end=z) for b in whole for a, z in [whole_hours(b.start, b.end)] if z - a >= HOUR_NS
        ]
    return whole


def _of_buckets(answers: Answers, found: Subject, buckets: Sequence[windows.Bucket], asked: AskedSamples) -> Samples:
    assert found.figure is not None
    assert found.by != "piece"
    question = Asked(buckets[0].start, buckets[-1].end, by=found.by, go_on=asked.go_on)
    bodies = answers.kpi(question, found.place.id, asked.role)["stations"][0]["buckets"]
    t, values, dropped = [], [], []
    for body in bodies:
        start, end = parse(body["start"]), parse(body["end"])
        value = found.figure.of(body)
        why = _why_not(body, value)
        if why is not None:
            dropped.append(Dropped(start, end, why))
        elif value is not None:
            t.append(start)
            values.append(value)
    return Samples(times(t), np.array(values, np.float64), tuple(dropped))


def _why_not(body: dict[str, Any], value: float | None) -> str | None:
    if not body.get("planned_time_s"):
        return "no_planned_time"
    if body.get("coverage") is None or body["coverage"] < LOW_COVERAGE:
        return "low_coverage"
    return "no_value" if value is None else None


def _not_too_long(asked: AskedSamples, now: int) -> None:
    windows.ordered(asked.start, asked.end)
    if min(asked.end, now) - asked.start > LONGEST_SINGLE_DAYS * 86400 * NS:
        raise Problem(
            422,
            "bad-window",
            Words(
                f"1個ずつの値は {LONGEST_SINGLE_DAYS} 日までです。",
                f"Single values are told for at most {LONGEST_SINGLE_DAYS} days.",
            ),
            Words("期間を短くするか、by=day にしてください。", "Ask for a shorter window, or by=day."),
        )


def _not_too_many(count: int) -> None:
    if count > MOST_SINGLE:
        raise Problem(
            422,
            "too-many",
            Words(f"値が {MOST_SINGLE:,} 個を超えます。", f"There are more than {MOST_SINGLE:,} values."),
            Words("期間を短くするか、by=hour にしてください。", "Ask for a shorter window, or by=hour."),
        )


def _which() -> Problem:
    return Problem(
        422,
        "bad-parameters",
        Words(
            "station と kpi、または series のどちらか一方を指定してください。",
            "Name either a station and a kpi, or a series.",
        ),
        Words(
            "例: station=washer&kpi=cycle_time_s、または series=washer/air/temperature",
            "Such as station=washer&kpi=cycle_time_s, or series=washer/air/temperature",
        ),
    )


def _no_singles() -> Problem:
    return Problem(
        422,
        "no-single-values",
        Words(
            "1個ずつの値があるのは cycle_time_s、phases.…、測定値の系列だけです。",
            "Only cycle_time_s, phases.… and series of measurements have single values.",
        ),
        Words(
            "by=day か by=hour を使ってください(管理図は chart=individuals)。",
            "Use by=day or by=hour (a chart: chart=individuals).",
        ),
    )
