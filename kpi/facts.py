"""The sums of one window at one station: all that a KPI file may ask for, by name.

A KPI's function names its inputs; each is a field or property of :class:`Facts`, or another KPI. Seconds are floats,
quantities whole; None means that it cannot be known here, and whatever needs it is null.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from collector.store import Entry
from contract.line import Loss
from kpi.calendar import Calendar
from kpi.ledger import BUCKETS, Ledger, idling
from kpi.record import Pieces, Record
from kpi.spans import NS, Spans, Times, times
from kpi.stops import Stop

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a window [start, end), cut at now; ``whole_end`` is where it was meant to end.

    ``product``: only what was made of that product number, in the time that belongs to it.
    """

    start: int
    end: int
    whole_end: int
    product: int | None = None
    demand: float | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of one product. ``ideal_s``: ideal seconds of its pieces placed in planned time, None unknown."""

    product: str | None
    produced: int
    scrap: int = 0
    rework: int = 0
    ideal_s: float | None = 0.0

    @property
    def good(self) -> int:
        """Produced less scrap; negative where scrap came later than its piece."""
        return self.produced - self.scrap

    @property
    def below_zero(self) -> bool:
        """Whether more was put right by hand than was counted: no sensor counts below zero."""
        return self.produced < 0 or self.scrap < 0 or self.rework < 0


class StopPart(NamedTuple):
    """A stop as far as it lies in the window; ``begins``: it is counted here."""

    stop: Stop
    seconds: float
    begins: bool


@dataclass(frozen=True, slots=True)
class Hours:
    """How 計画負荷時間 came about, in seconds: regular + overtime - breaks - planned stops.

    ``overtime_s``: whatever is worked beside regular hours (overtime, early, holiday work, shifts that are not
    regular). ``planned_stop_s``: stops of the calendar outside breaks, and those whose reason is planned.
    """

    regular_s: float = 0.0
    overtime_s: float = 0.0
    break_s: float = 0.0
    planned_stop_s: float = 0.0


@dataclass(frozen=True, slots=True)
class PhaseTimes:
    """Durations of a phase that ended in the window, and its share of the counted cycles' seconds."""

    seconds: Floats
    share: float | None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the KPIs of one window are computed from."""

    bucket_s: Mapping[str, float]
    made: tuple[Made, ...] | None
    cycles_s: Floats | None
    phase_times: Mapping[str, PhaseTimes]
    stop_parts: tuple[StopPart, ...] | None
    """None where no stop can be told: without cycle and running sensor, or without `stop_after_s`."""
    unplaced: int | None
    tested: int | None
    outside: int | None
    idle_s: float | None
    demand: float | None
    regular_s: float
    elapsed_planned_s: float
    whole_planned_s: float
    ideal_mean_s: float | None
    people: float
    excluded_losses: tuple[Loss, ...]
    hours: "Hours"
    put_right: int = 0
    """By how many produced pieces people put the count right."""

    @property
    def beyond_count(self) -> bool:
        """Whether corrections took away more than was counted, of any product."""
        made = self.made or ()
        good = sum(m.good for m in made)
        return any(m.below_zero for m in made) or (good < 0 and self.put_right < 0 <= good - self.put_right)

    @property
    def long_stop_s(self) -> float | None:
        """Seconds of long stops, None where no stop can be told."""
        return None if self.stop_parts is None else self.bucket_s["downtime"]

    @property
    def ideal_time_s(self) -> float | None:
        """Sum over products of ideal x pieces placed in planned time."""
        if self.made is None or self.ideal_mean_s is None or any(m.ideal_s is None for m in self.made):
            return None
        return sum((m.ideal_s for m in self.made if m.ideal_s is not None), 0.0)

    @property
    def value_s(self) -> float | None:
        """Ideal seconds of what became good: sum over products of ideal x pieces x (good / produced).

        None where the good pieces are below zero, or corrections took away more than was counted.
        """
        if self.made is None or self.ideal_time_s is None or self.beyond_count or sum(m.good for m in self.made) < 0:
            return None
        return sum((m.ideal_s or 0.0) * m.good / m.produced for m in self.made if m.produced > 0)


def measured(spans: Spans, cut: Spans) -> float:
    """Seconds of a set of time that lie in another."""
    if len(cut) == 1:
        return spans.between(int(cut.start[0]), int(cut.end[0])) / NS
    return float(spans.within(cut.start, cut.end).sum()) / NS


def of(ledger: Ledger, question: Question, corrections: Sequence[Entry] = ()) -> Facts:
    """The facts of a window from a ledger that covers it."""
    record = ledger.record
    cut = time_of(ledger, question)
    seconds = {bucket: measured(ledger.buckets[bucket], cut) for bucket in BUCKETS}
    pieces, scraps, reworks = (
        None if p is None else _chosen(p, question) for p in (record.pieces, record.scraps, record.reworks)
    )
    planned = record.planned
    window = Spans.one(question.start, question.end)
    whole = Spans.one(question.start, question.whole_end)
    calendar = record.calendar
    ahead = Spans.one(max(question.start, record.end), question.whole_end)
    station = record.settings.at(max(question.start, question.end - 1))
    has_stops = record.pieces is not None or record.running is not None
    told = has_stops and _stop_after_known(record, question)
    cycles = ledger.cycles.cut(question.start, question.end, question.product)
    return Facts(
        seconds,
        None if pieces is None else _made(record, pieces, scraps, reworks, corrections, question),
        None if record.pieces is None else cycles.seconds,
        {name: PhaseTimes(p.seconds(cut), cycles.share(name)) for name, p in ledger.phases.items()},
        _stop_parts(ledger, cut) if told else None,
        None if pieces is None else int(pieces.unplaced[~pieces.test].sum()),
        None if pieces is None else int((pieces.ends * pieces.each)[pieces.test].sum()),
        None if pieces is None else _outside(record, pieces, scraps),
        None if record.running is None or record.pieces is None else measured(idling(ledger), cut),
        question.demand,
        measured(calendar.regular(question.start, question.whole_end), whole),
        measured(planned, window),
        measured(planned, whole) + _planned_s(calendar, ahead),
        _ideal_mean(record, pieces, question),
        station.people,
        station.kadoritsu_excludes,
        _hours(record, cut, seconds),
        int(_corrections(record, corrections, question)["produced"].sum()) if pieces is not None else 0,
    )


def _hours(record: Record, cut: Spans, bucket_s: Mapping[str, float]) -> Hours:
    if not len(cut):
        return Hours()
    first, last = int(cut.start[0]), int(cut.end[-1])
    work, breaks = measured(record.work, cut), measured(record.calendar.breaks(first, last), cut)
    regular = measured(record.calendar.usual(first, last), cut)
    return Hours(regular, work - regular, breaks, bucket_s["planned_stop"] - breaks)


def _planned_s(calendar: Calendar, ahead: Spans) -> float:
    """Planned seconds of time that no record reaches."""
    return sum((calendar.work(a, b) - calendar.rest(a, b)).seconds for a, b in ahead)


def time_of(ledger: Ledger, question: Question) -> Spans:
    """The time a question is about: its window, or what of it belongs to a product."""
    if question.product is None:
        return Spans.one(question.start, question.end)
    record = ledger.record
    t = record.pieces.t if record.pieces is not None else times([])
    product = record.pieces.product if record.pieces is not None else np.zeros(0, np.intp)
    edges = np.concatenate(([question.start], np.clip(t, question.start, question.end), [question.end]))
    owner = np.concatenate((product, [record.last_product]))
    mine = owner == question.product
    return Spans.of(edges[:-1][mine], edges[1:][mine])


def _stop_after_known(record: Record, question: Question) -> bool:
    last = times([max(question.start, question.end - 1)])
    return not bool(np.isnan(record.settings.stop_after_s(last, np.array([record.last_product]))).any())


def _chosen(pieces: Pieces, question: Question) -> Pieces:
    """The pieces of the window, and of the product if one is asked for."""
    a, b = (int(i) for i in np.searchsorted(pieces.t, [question.start, question.end]))
    here = pieces.of(slice(a, b))
    return here if question.product is None else here.of(here.product == question.product)


def _outside(record: Record, pieces: Pieces, scraps: Pieces | None) -> int:
    """Pieces of production made in breaks or outside shifts, scrap that does not pass the cycle sensor included."""
    found = int(pieces.each[~(pieces.test | pieces.planned)].sum())
    if scraps is None:
        return found
    uncounted = ~record.settings.scrap_is_counted(scraps.t) & ~scraps.test
    return found + int((uncounted & ~scraps.planned).sum())


def _made(
    record: Record,
    pieces: Pieces,
    scraps: Pieces | None,
    reworks: Pieces | None,
    corrections: Sequence[Entry],
    question: Question,
) -> tuple[Made, ...]:
    """Per product: what was produced, scrapped, reworked, and the ideal seconds of what has its place."""
    settings, count = record.settings, len(record.settings.products)
    produced, ideal = _quantities(pieces, pieces.ideal_s, count, pieces.each)
    scrap, rework = np.zeros(count, np.int64), np.zeros(count, np.int64)
    if scraps is not None:
        one = np.ones(len(scraps), np.int64)
        scrap, _ = _quantities(scraps, np.zeros(len(scraps)), count, one)
        apart = scraps.of(~settings.scrap_is_counted(scraps.t))
        more, more_ideal = _quantities(apart, apart.ideal_s, count, one[: len(apart)])
        produced, ideal = produced + more, ideal + more_ideal
    if reworks is not None:
        rework, _ = _quantities(reworks, np.zeros(len(reworks)), count, np.ones(len(reworks), np.int64))
    put = _corrections(record, corrections, question)
    produced, scrap, rework = (
        a + put[name] for a, name in ((produced, "produced"), (scrap, "scrap"), (rework, "rework"))
    )
    return tuple(
        Made(
            settings.products[i],
            int(produced[i]),
            int(scrap[i]),
            int(rework[i]),
            None if np.isnan(ideal[i]) else float(ideal[i]),
        )
        for i in range(count)
        if produced[i] or scrap[i] or rework[i] or ideal[i] != 0
    )


def _quantities(pieces: Pieces, ideal_s: Floats, count: int, each: Times) -> tuple[Times, Floats]:
    """Pieces of production by product, and the ideal seconds of those placed in planned time."""
    placed = pieces.planned
    if pieces.test.any():
        made = ~pieces.test
        placed = placed & made
        quantity = np.bincount(pieces.product[made], (pieces.ends * each)[made], count)
    else:
        quantity = np.bincount(pieces.product, pieces.ends * each, count)
    if placed.all():
        ideal = np.bincount(pieces.product, ideal_s * each, count)
    else:
        ideal = np.bincount(pieces.product[placed], (ideal_s * each)[placed], count)
    return times(np.rint(quantity)), ideal.astype(np.float64)


def _corrections(record: Record, corrections: Sequence[Entry], question: Question) -> dict[str, Times]:
    """What people put right in the window, by product (without one: the product made then)."""
    put = {name: np.zeros(len(record.settings.products), np.int64) for name in ("produced", "scrap", "rework")}
    for entry in corrections:
        body = entry.body
        inside = question.start <= entry.at < question.end and body.get("station") == record.settings.station
        quantity, delta = body.get("quantity"), body.get("delta")
        if inside and quantity in put and isinstance(delta, int):
            product = product_of(record, entry)
            if question.product in (None, product):
                put[str(quantity)][product] += delta
    return put


def product_of(record: Record, correction: Entry) -> int:
    """The number of the product that a correction is about."""
    named = correction.body.get("product")
    return record.settings.product_number(str(named)) if named else int(record.product_at(times([correction.at]))[0])


def _stop_parts(ledger: Ledger, cut: Spans) -> tuple[StopPart, ...]:
    """The stops that count or have seconds in the window; those with a planned reason are none."""
    if not ledger.stops or not len(cut):
        return ()
    start, end = ledger.stop_times
    near = np.flatnonzero((start < cut.end[-1]) & (end > cut.start[0]))
    if len(cut) == 1:
        low, high = np.maximum(start[near], cut.start[0]), np.minimum(end[near], cut.end[-1])
        seconds = (ledger.observed.within(low, high) / NS).tolist()
    else:
        stops = (ledger.stops[i] for i in near)
        seconds = [measured(ledger.observed, cut.clip(stop.start, stop.end)) for stop in stops]
    begins = cut.holds(start[near]).tolist()
    parts = []
    for i, here, begun in zip(near.tolist(), seconds, begins, strict=True):
        stop = ledger.stops[i]
        if not stop.planned and (here or begun):
            parts.append(StopPart(stop, here, begun))
    return tuple(parts)


def _ideal_mean(record: Record, pieces: Pieces | None, question: Question) -> float | None:
    """The mean ideal of what was made; before anything is made, the one in force."""
    settings = record.settings
    if pieces is not None and len(pieces):
        made = pieces.of(~pieces.test) if pieces.test.any() else pieces
        weight = made.ends * made.each
        if whole := int(weight.sum()):
            mean = float((made.ideal_s * weight).sum() / whole)
            return None if np.isnan(mean) else mean
    product = record.last_product if question.product is None else question.product
    ideal, _ = settings.ideal_since(max(question.start, question.end - 1), product)
    return ideal
