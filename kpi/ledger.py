"""The time ledger: every second of a station falls in exactly one bucket, the first that applies.

    no_shift · planned_stop (break, calendar) · no_data · planned_stop (planned reason) · downtime or minor_stop · run

There is one ledger of all that is stored; a window is its cut. A window needs what lies round it: the stop it begins in
began earlier, and its class is known when the next piece comes. :func:`observe` looks back and ahead, within the
unbroken shift time, until nothing that is missing can change the window. Source: contract section 4.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from kpi.cycles import Cycles, Phase, counted, phases
from kpi.record import Reading, Record
from kpi.spans import NOTHING, NS, Spans, Times, times
from kpi.stops import (
    Block,
    Gaps,
    Standing,
    Stop,
    Surroundings,
    classed,
    from_gaps,
    from_running,
    gaps,
    reasoned,
)

BUCKETS = ("run", "minor_stop", "downtime", "planned_stop", "no_shift", "no_data")
HOUR_NS = 3600 * NS
WHOLE_BLOCK_NS = 36 * HOUR_NS
"""Shift time no longer than this is read whole; of longer one, only what can change the window."""

FIRST_STEP_NS = 2 * HOUR_NS
"""How far round the window longer shift time is read at first."""

GROWS = 4
"""What was too short is read again, so many times as long."""

LONG_NS = 40 * 86400 * NS
"""Of a longer window, how far to read round it is found out first, without reading the window itself."""

LATE_WORD_NS = 7 * 86400 * NS
"""A reason said later than this after what was read is not looked for."""


class Ledger:
    """The ledger of what a record saw. ``buckets``: six disjoint spans that cover [start, end)."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.start, self.end = record.start, record.end
        self.observed = record.planned - record.silent
        self.gaps = _gaps(record)
        self.stops = _stops(record, self.gaps, self.observed)
        self.buckets = self._buckets()

    def _buckets(self) -> Mapping[str, Spans]:
        record, observed = self.record, self.observed
        start, end = self.stop_times
        named = np.array([stop.bucket for stop in self.stops], object)
        of = {
            name: Spans.of(start[named == name], end[named == name]) & observed
            for name in ("planned_stop", "downtime", "minor_stop")
        }
        return {
            "run": observed - Spans.of(start, end),
            "minor_stop": of["minor_stop"],
            "downtime": of["downtime"],
            "planned_stop": record.rest | of["planned_stop"],
            "no_shift": Spans.one(self.start, self.end) - record.work,
            "no_data": record.planned & record.silent,
        }

    @cached_property
    def cycles(self) -> Cycles:
        """The cycles that count."""
        return counted(self.record, self.gaps, self.buckets["run"], self.phases)

    @cached_property
    def phases(self) -> dict[str, Phase]:
        """The phases that count."""
        return phases(self.record)

    @cached_property
    def stop_times(self) -> tuple[Times, Times]:
        """When each stop begins and ends."""
        return times([stop.start for stop in self.stops]), times([stop.end for stop in self.stops])

    def intervals(self, start: int, end: int) -> list[tuple[int, int, str, Stop | None]]:
        """(start, end, bucket, stop) of every unbroken part of the ledger in [start, end), in time order."""
        found: list[tuple[int, int, str, Stop | None]] = []
        for bucket in ("run", "no_shift", "no_data"):
            found += [(a, b, bucket, None) for a, b in self.buckets[bucket].clip(start, end)]
        found += [(a, b, "planned_stop", None) for a, b in self.record.rest.clip(start, end)]
        for stop in self.stops:
            if stop.start < end and stop.end > start:
                seen = self.observed.clip(max(start, stop.start), min(end, stop.end))
                found += [(a, b, stop.bucket, stop) for a, b in seen]
        return sorted(found, key=lambda part: part[0])


def observe(
    reading: Reading,
    start: int,
    end: int,
    whole_ns: int = WHOLE_BLOCK_NS,
    step_ns: int = FIRST_STEP_NS,
    long_ns: int = LONG_NS,
) -> Ledger:
    """The ledger of (at least) [start, end), which must not lie beyond now; right in all of [start, end)."""
    floor, ceiling = reading.borders(start, end)
    back = floor if start - floor <= whole_ns else start - step_ns
    ahead = ceiling if ceiling - end <= whole_ns else end + step_ns
    if end - start <= long_ns:
        ledger = Ledger(reading.record(back, ahead, floor, ceiling))
        lacks_before = back > floor and not _known(ledger.record, back, start, start)
        lacks_after = ahead < ceiling and not _settled(ledger, reading, end, ceiling)
        if not lacks_before and not lacks_after:
            return ledger
    while back > floor and not _known(reading.record(back, start + 1, floor, ceiling), back, start, start):
        back = max(floor, start - GROWS * (start - back))
    while ahead < ceiling:
        beyond = Ledger(reading.record(end - 1, ahead, floor, ceiling))
        if _settled(beyond, reading, end, ceiling):
            break
        ahead = min(ceiling, end + GROWS * (ahead - end))
    return Ledger(reading.record(back, ahead, floor, ceiling))


def _settled(ledger: Ledger, reading: Reading, end: int, ceiling: int) -> bool:
    """Whether nothing beyond what a ledger was read of can change what lies before ``end``."""
    if not _known(ledger.record, end, ledger.end, end - 1):
        return False
    since = end
    if ledger.record.pieces is not None:
        made = ledger.record.pieces.t[~ledger.record.pieces.test]
        since = int(next(iter(made[made >= end]), ledger.end))
    if any(since <= stop.start < _told_until(ledger.record) for stop in ledger.stops):
        return True
    return _last_word(ledger, reading, ceiling) or ledger.end - end >= LATE_WORD_NS


def _known(record: Record, start: int, end: int, moment: int) -> bool:
    """Whether what lies in [start, end) settles the gap that holds ``moment``, so that nothing beyond matters."""
    block = next((b for b in record.blocks if b.start <= moment < b.end), None)
    if block is None or (block.ends if moment < start else block.begins):
        return True
    if record.pieces is not None:
        made = record.pieces.t[~record.pieces.test]
        if not ((made >= start) & (made < end)).any():
            return False
    return record.running is None or bool(len(record.running.ones.clip(start, end)))


def _last_word(ledger: Ledger, reading: Reading, ceiling: int) -> bool:
    """Whether nobody said a reason later, which could belong to a stop that touches the window."""
    return not reading.said(_told_until(ledger.record), min(ceiling, ledger.end + LATE_WORD_NS))


def _told_until(record: Record) -> int:
    """Up to where all stops are told: a stop that began later may end beyond what was read."""
    until = record.end
    if record.pieces is not None:
        made = record.pieces.t[~record.pieces.test]
        until = min(until, int(made[-1])) if len(made) else record.start
    if record.running is not None and len(record.running.zeros) and int(record.running.zeros.end[-1]) >= record.end:
        until = min(until, int(record.running.zeros.start[-1]))
    return until


def _gaps(record: Record) -> Gaps | None:
    """The gaps between pieces of production; None without a cycle sensor."""
    if record.pieces is None:
        return None
    made: Any = slice(None) if not record.pieces.test.any() else ~record.pieces.test
    return gaps(
        record.blocks,
        record.pieces.t[made],
        record.pieces.ends[made],
        record.pieces.product[made],
        record.settings,
        record.last_product,
    )


def _stops(record: Record, told: Gaps | None, observed: Spans) -> list[Stop]:
    found: list[Standing] = []
    if told is not None:
        stands, ends, mode = from_gaps(told, observed, record.away)
        chosen = stands if record.running is None else mode
        at = np.flatnonzero(chosen & (ends > told.start))
        judged = np.where(told.piece[at], told.end[at], told.end[at] - 1)
        each = (told.start[at], ends[at], judged, mode[at])
        found = list(map(Standing, *(values.tolist() for values in each)))
    elif record.running is not None:
        found = [Standing(a, b, b - 1, True) for a, b in _in_blocks(record.away, record.blocks)]
    if record.running is not None:
        stood = from_running(record.running, record.blocks, observed, record.settings, record.last_product)
        apart = stood - Spans.of([f.start for f in found], [f.end for f in found])
        found += [Standing(a, b, b - 1) for a, b in _in_blocks(apart, record.blocks)]
        found.sort(key=lambda f: f.start)
    around = Surroundings(
        record.blocks, observed, record.rest, record.edges, record.away, record.maintenance, record.settings, record.now
    )
    return reasoned(classed(found, around), record.said, record.reasons, record.blocks)


def _in_blocks(spans: Spans, blocks: Sequence[Block]) -> list[tuple[int, int]]:
    return [pair for block in blocks for pair in spans.clip(block.start, block.end)]


def idling(ledger: Ledger) -> Spans:
    """空転: run time without a piece for longer than `stop_after_s`, less one ideal cycle before the next piece."""
    told = ledger.gaps
    if told is None:
        return NOTHING
    run = ledger.buckets["run"]
    long = (told.limit >= 0) & (run.within(told.start, told.end) > told.limit)
    return run & Spans.of(told.start[long], np.maximum(told.start, told.end - told.off)[long])
