"""The ledger again, slow and plain: tick by tick of ten seconds, straight from section 4 of the contract.

It shares nothing with `kpi`: a scenario in ticks goes in, the bucket of each tick comes out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

TICK_S = 10


@dataclass
class Scenario:
    """Times in ticks from the horizon's start; lengths in ticks too. ``work``/``rest``: (start, end) pairs."""

    ticks: int
    work: list[tuple[int, int]]
    rest: list[tuple[int, int]]
    pieces: list[int]
    heard: list[int]
    ideal: int = 2
    stop_after: int = 4
    downtime_after: int = 30
    silence_after: int = 0
    begins: int | None = None
    running: list[tuple[int, int]] | None = None
    modes: list[tuple[int, str]] = field(default_factory=list)
    said: list[tuple[int, str]] = field(default_factory=list)

    def inside(self, pairs: list[tuple[int, int]], tick: int) -> bool:
        return any(a <= tick < b for a, b in pairs)


PLANNED, FAILURE = "no-order", "breakdown"


def buckets(of: Scenario) -> list[str]:
    """The bucket of every tick."""
    found = []
    planned = [of.inside(of.work, t) and not of.inside(of.rest, t) for t in range(of.ticks)]
    silent = [_silent(of, t) for t in range(of.ticks)]
    observed = [p and not s for p, s in zip(planned, silent, strict=True)]
    stops = list(_stops(of, observed))
    for t in range(of.ticks):
        if not of.inside(of.work, t):
            found.append("no_shift")
        elif of.inside(of.rest, t):
            found.append("planned_stop")
        elif silent[t]:
            found.append("no_data")
        else:
            found.append(next((bucket for a, b, bucket in stops if a <= t < b), "run"))
    return found


def _silent(of: Scenario, tick: int) -> bool:
    if not of.heard:
        return True
    first = min(of.heard)
    if of.silence_after == 0:
        return tick < first and tick < _shift_of(of, first)
    if tick < first:
        return True
    before = max(h for h in of.heard if h <= tick)
    after = min([h for h in of.heard if h > tick] + [of.ticks])
    return after - before > of.silence_after


def _shift_of(of: Scenario, tick: int) -> int:
    """Where the shift (or the day) that holds a tick begins."""
    if of.begins is not None:
        return of.begins
    return next((a for a, b in of.work if a <= tick < b), tick)


def _blocks(of: Scenario) -> Iterator[tuple[int, int]]:
    """Unbroken shift time."""
    start = None
    for t in range(of.ticks + 1):
        working = t < of.ticks and of.inside(of.work, t)
        if working and start is None:
            start = t
        if not working and start is not None:
            yield start, t
            start = None


def _away(of: Scenario, tick: int) -> bool:
    said = [mode for t, mode in of.modes if t <= tick]
    return bool(said) and said[-1] != "production"


def _stops(of: Scenario, observed: list[bool]) -> Iterator[tuple[int, int, str]]:
    told = []
    for block in _blocks(of):
        for start, end, mode in _standing(of, block, observed):
            if end > start:
                told.append((start, end, mode, block))
    told.sort()
    for i, (start, end, mode, block) in enumerate(told):
        following = [s for s, _, _, b in told[i + 1 :] if b == block]
        until = following[0] if following else block[1]
        words = [reason for t, reason in of.said if start <= t < until and (t < end or t < block[1])]
        long = mode or sum(observed[start:end]) >= of.downtime_after
        reason = words[-1] if words else None
        if reason == PLANNED:
            yield start, end, "planned_stop"
        elif long or reason == FAILURE:
            yield start, end, "downtime"
        else:
            yield start, end, "minor_stop"


def _standing(of: Scenario, block: tuple[int, int], observed: list[bool]) -> Iterator[tuple[int, int, bool]]:
    made = [p for p in sorted(of.pieces) if block[0] <= p < block[1] and not _away(of, p)]
    taken: list[tuple[int, int]] = []
    marks = [(block[0], False), *((p, True) for p in made), (block[1], False)]
    for (start, _), (end, piece) in pairwise(marks):
        mode = any(_away(of, t) for t in range(start, end))
        long = sum(observed[start:end]) > of.stop_after
        if mode or (long and of.running is None):
            stop = max(start, end - of.ideal) if piece else end
            taken.append((start, stop))
            yield start, stop, mode
    if of.running is not None:
        for start, end in _zeros(of, block):
            if sum(observed[start:end]) > of.stop_after:
                yield from ((a, b, False) for a, b in _without(start, end, taken))


def _zeros(of: Scenario, block: tuple[int, int]) -> Iterator[tuple[int, int]]:
    start = None
    for t in range(block[0], block[1] + 1):
        state = [v for at, v in of.running or [] if at <= t]
        zero = t < block[1] and bool(state) and state[-1] == 0
        if zero and start is None:
            start = t
        if not zero and start is not None:
            yield start, t
            start = None


def _without(start: int, end: int, taken: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    here = None
    for t in range(start, end + 1):
        free = t < end and not any(a <= t < b for a, b in taken)
        if free and here is None:
            here = t
        if not free and here is not None:
            yield here, t
            here = None
