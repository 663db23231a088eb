"""What of the truth can be seen from the pieces alone: the ledger's gap rule, laid on the exact times.

    seen = see(line, truth, "washer", start_ns, end_ns)
    seen.gaps                   # the stops a perfect counter would report
    seen.invisible              # what really stood, and is in none of them

A gap between pieces whose planned seconds exceed ``stop_after_s`` is one stop, from the first piece, less one ideal
cycle before the next; time without a shift ends it (contract, section 4). Settings are those of the piece that ends it.
It is written apart from the ledger in `kpi` on purpose, so that one can find the other's mistakes.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby, pairwise

from contract.line import Line, ProductAtStation
from contract.reading import NS_PER_S
from floor.records import Period, Piece
from floor.shifts import DAY, Look, Roster, Window
from floor.truth import Truth


@dataclass(frozen=True, slots=True)
class Gap:
    """A stop as the pieces show it. ``piece_ns`` is the piece that ended it, None if a shift's end or nothing did."""

    start_ns: int
    end_ns: int
    piece_ns: int | None
    planned_s: float


@dataclass(frozen=True, slots=True)
class Real:
    """What really stood, how much of it in planned time, and the gap that shows it."""

    period: Period
    planned_s: float
    gap: Gap | None


@dataclass(frozen=True, slots=True)
class Seen:
    """Both sides of a station's stops in a window, in order of time."""

    gaps: tuple[Gap, ...]
    real: tuple[Real, ...]

    @property
    def visible(self) -> tuple[Real, ...]:
        """What really stood and is in a gap."""
        return tuple(real for real in self.real if real.gap)

    @property
    def invisible(self) -> tuple[Real, ...]:
        """What really stood, too short for the pieces to show."""
        return tuple(real for real in self.real if not real.gap)


def see(
    line: Line, truth: Truth, station: str, start_ns: int, end_ns: int, silences: Sequence[Window] = ()
) -> Seen:  # fmt: skip
    """Gaps and real periods that begin in [start, end). ``silences``: when nothing was heard of the station."""
    roster = Roster(line, line.stations[station])
    gaps = [gap for gap in gaps_of(line, truth, station, end_ns, silences) if start_ns <= gap.start_ns < end_ns]
    real = [
        Real(period, roster.planned_ns(period.start_ns, period.end_ns) / NS_PER_S, _showing(gaps, period))
        for period in truth.periods(station, start_ns, end_ns)
        if period.end_ns is not None
    ]
    return Seen(tuple(gaps), tuple(real))


def gaps_of(
    line: Line, truth: Truth, station: str, end_ns: int, silences: Sequence[Window] = ()
) -> Iterable[Gap]:  # fmt: skip
    """Every stop the pieces show up to ``end_ns``, from the first piece on; the last may still be open."""
    roster = Roster(line, line.stations[station])
    tests_count = not line.stations[station].with_role("mode")
    pieces = [p for p in truth.pieces(station, None, end_ns, tests=tests_count) if p.counted]
    for before, after in pairwise(pieces):
        yield from _between(line, roster, silences, before.at_ns, after, after.at_ns)
    if pieces:
        yield from _between(line, roster, silences, pieces[-1].at_ns, replace(pieces[-1], at_ns=0), end_ns)


def settings(line: Line, station: str, product: str, at_ns: int) -> tuple[float | None, float | None]:
    """Ideal cycle and ``stop_after_s`` in force for a product's count at that time (both in seconds, None = unset)."""
    local = datetime.fromtimestamp(at_ns // NS_PER_S, line.zone)
    day = local.date() if local.time() >= line.day_starts else local.date() - DAY
    here = line.stations[station].on(day)
    described = line.products.get(product)
    own = described.stations.get(station, ProductAtStation()) if described else ProductAtStation()
    own = own.on(day)
    ideal_s = own.ideal_cycle_s or here.ideal_cycle_s
    if here.stop_after_is_written or ideal_s is None:
        return ideal_s, here.stop_after_s
    return ideal_s, 2 * ideal_s * (own.pieces_per_count or here.pieces_per_count)


def _between(
    line: Line, roster: Roster, silences: Sequence[Window], start_ns: int, ends: Piece, end_ns: int
) -> Iterable[Gap]:
    """The stops in one gap, that ``ends`` ends; its time is 0 if nothing ended it yet."""
    ideal_s, stop_after_s = settings(line, ends.station, ends.product, ends.at_ns or end_ns)
    if stop_after_s is None or end_ns - start_ns <= stop_after_s * NS_PER_S:
        return
    for first_ns, last_ns in _in_shifts(roster, start_ns, end_ns):
        planned_ns = roster.planned_ns(first_ns, last_ns) - sum(
            roster.planned_ns(max(first_ns, a), min(last_ns, b)) for a, b in silences if a < last_ns and b > first_ns
        )
        if planned_ns > stop_after_s * NS_PER_S:
            ended = last_ns == end_ns and ends.at_ns > 0
            left_ns = int((ideal_s or 0.0) * NS_PER_S) if ended else 0
            yield Gap(first_ns, last_ns - left_ns, end_ns if ended else None, planned_ns / NS_PER_S)


def _in_shifts(roster: Roster, start_ns: int, end_ns: int) -> Iterable[Window]:
    """The window without the time that no shift has."""

    def in_shift(look: Look) -> bool:
        return look.kind != "no_shift"

    for within, looks in groupby(roster.looks(start_ns, end_ns), key=in_shift):
        stretch = list(looks)
        if within:
            yield max(start_ns, stretch[0].since_ns), min(end_ns, stretch[-1].until_ns)


def _showing(gaps: Sequence[Gap], period: Period) -> Gap | None:
    """Gaps follow one another, so only the last that begins before the period's end can hold any of it."""
    place = bisect_left(gaps, period.end_ns or period.start_ns, key=lambda gap: gap.start_ns)
    if place == 0:
        return None
    gap = gaps[place - 1]
    return gap if period.start_ns < (gap.piece_ns or gap.end_ns) else None
