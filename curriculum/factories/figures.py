"""The book's figures of one day, from the truth alone: what a perfect measurement would say.

    of_day(truth, line, Figure("packer", "throughput_per_h"), start, end)

The same words as GET /evaluation and the same definitions, computed apart from `kpi` on purpose. A worn switch is no
part of the truth: its factory's true effect is none.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from contract.line import Line, Span
from contract.reading import NS_PER_S
from curriculum.factories.book import Figure
from floor.records import Period, SetUp
from floor.truth import Truth

Value = float | None


def of_day(truth: Truth, line: Line, figure: Figure, start: int, end: int) -> Value:
    """The figure of a day; None where it is undefined or the truth is not asked for it (`KNOWN`)."""
    head = figure.path.partition(".")[0] if figure.path.startswith("phases.") else figure.path
    found = KNOWN.get(head)
    return None if found is None else found(truth, line, figure, start, end)


def _phase(truth: Truth, line: Line, figure: Figure, start: int, end: int) -> Value:  # noqa: ARG001 - one shape
    times = [(p.ended_ns - p.began_ns) / NS_PER_S for p in truth.phases(figure.station, figure.path[7:], start, end)]
    return median(times) if times else None


def _cycle(truth: Truth, line: Line, figure: Figure, start: int, end: int) -> Value:  # noqa: ARG001 - one shape
    done = [p.at_ns for p in truth.pieces(figure.station, start, end) if p.counted]
    gaps = [(b - a) / NS_PER_S for a, b in pairwise(done)]
    return median(gaps) if gaps else None


def _throughput(truth: Truth, line: Line, figure: Figure, start: int, end: int) -> Value:
    return _good(truth, line, figure, start, end) / planned_h(line, figure.station)


def _good(truth: Truth, line: Line, figure: Figure, start: int, end: int) -> float:
    made = sum(p.counted for p in truth.pieces(figure.station, start, end))
    scrap = sum(v.verdict == "scrap" and v.pressed for v in truth.verdicts(figure.station, start, end))
    return made - scrap if line.stations[figure.station].scrap_is_counted else made


def _quality(truth: Truth, line: Line, figure: Figure, start: int, end: int) -> Value:
    good = _good(truth, line, figure, start, end)
    scrap = sum(v.verdict == "scrap" for v in truth.verdicts(figure.station, start, end))
    return good / (good + scrap) if good + scrap else None


def _minor(truth: Truth, line: Line, figure: Figure, start: int, end: int) -> list[Period]:
    station = line.stations[figure.station]
    stood = truth.periods(figure.station, start, end, least_s=station.stop_after_s or 0.0)
    return [p for p in stood if p.seconds() < station.downtime_after_s and p.loss != "setup"]


def _minor_s(truth: Truth, line: Line, figure: Figure, start: int, end: int) -> Value:
    return sum(p.seconds() for p in _minor(truth, line, figure, start, end))


def _minor_count(truth: Truth, line: Line, figure: Figure, start: int, end: int) -> Value:
    return float(len(_minor(truth, line, figure, start, end)))


def _set_up(truth: Truth, line: Line, figure: Figure, start: int, end: int) -> Value:  # noqa: ARG001 - one shape
    """Set-ups less the breaks in them."""
    done: list[SetUp] = [s for s in truth.of(SetUp, figure.station) if start <= s.start_ns < end]
    rests = truth.periods(figure.station, start, end, kinds=("break", "no_shift", "planned_stop"))
    rested = sum(min(r.end_ns or end, s.end_ns) - r.start_ns for s in done for r in rests if _inside(r, s))
    return (sum(s.end_ns - s.start_ns for s in done) - rested) / NS_PER_S


def _inside(rest: Period, set_up: SetUp) -> bool:
    return set_up.start_ns <= rest.start_ns < set_up.end_ns


KNOWN: Mapping[str, Callable[[Truth, Line, Figure, int, int], Value]] = {
    "phases": _phase,
    "cycle_time_s": _cycle,
    "throughput_per_h": _throughput,
    "quality_ratio": _quality,
    "stops.minor.total_s": _minor_s,
    "stops.minor.count": _minor_count,
    "losses_s.downtime.setup": _set_up,
}


def planned_h(line: Line, station: str) -> float:
    """Hours a day that a station is planned to work, by line.toml."""
    own = line.stations[station].breaks
    return sum(_h(shift.hours) - sum(map(_h, shift.breaks if own is None else own)) for shift in line.shifts)


def _h(span: Span) -> float:
    first, last = (datetime.combine(datetime.min, t) for t in (span.start, span.end))
    return ((last - first) % timedelta(days=1)) / timedelta(hours=1)
