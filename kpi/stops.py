"""Gaps become stops: how long the station stood, from when to when, of which class, and why.

A gap between pieces whose planned, observed seconds exceed `stop_after_s` is one stop, from the first piece to one
ideal cycle before the next; the beginning and the end of shift time are such ends too. Where a `running` sensor is, it
decides.
Source: contract section 4; classes after TPM (チョコ停 are performance, long stops availability losses).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from contract.line import Loss, Reason
from kpi.phases import Level
from kpi.settings import Indexes, Settings, to_ns
from kpi.spans import NOTHING, NS, Spans, Times, distinct, times

LONG_AT_ANY_LENGTH = frozenset({"failure", "setup", "tool", "startup"})
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Block:
    """Unbroken shift time that was read. Not ``begins``/``ends``: it goes on where nothing was read."""

    start: int
    end: int
    begins: bool
    ends: bool


@dataclass(frozen=True, slots=True)
class Gaps:
    """Gaps between pieces, blocks' edges included, in time order: int64 ns, equal lengths.

    ``ends`` counts end it; ``piece``: a piece ends it (not the block). ``off`` is what is taken off before that piece.
    ``limit``: its longest time that is no stop, -1 where none is told. ``follows``: a piece begins it.
    """

    start: Times
    end: Times
    ends: Times
    off: Times
    limit: Times
    piece: Mask
    follows: Mask


class Stop(NamedTuple):
    """One stop. ``seconds`` are planned and observed ones; ``open``: it still stands. Times in ns."""

    start: int
    end: int
    seconds: float
    long: bool
    edge: bool
    open: bool
    block: int
    mode: bool = False
    reason: str | None = None
    loss: Loss = "none"
    planned: bool = False

    @property
    def explained(self) -> bool:
        """Whether a reason was given, or a mode (set-up, trial, maintenance) is the reason."""
        return bool(self.reason) or self.mode

    @property
    def bucket(self) -> str:
        """Where its seconds lie in the ledger."""
        if self.planned:
            return "planned_stop"
        return "downtime" if self.long else "minor_stop"


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody said why it stood: at ``at``, of the time ``of``."""

    of: int
    at: int
    reason: str


def gaps(blocks: Sequence[Block], t: Times, ends: Times, product: Indexes, settings: Settings, last: int) -> Gaps:
    """The gaps of the pieces ``t`` within the blocks. ``last``: the product in force at the end of each block."""
    if not blocks:
        empty = times([])
        return Gaps(empty, empty, empty, empty, empty, np.zeros(0, bool), np.zeros(0, bool))
    spans = Spans(times([b.start for b in blocks]), times([b.end for b in blocks]))
    where = spans.index(t)
    inside = where >= 0
    if not inside.all():
        t, ends, product, where = t[inside], ends[inside], product[inside], where[inside]
    follows = np.concatenate(([False], where[1:] == where[:-1])) if len(t) else np.zeros(0, bool)
    start = np.where(follows, np.concatenate((t[:1], t[:-1])), spans.start[where])
    off = settings.count_ns(t, product) * ends
    limit = settings.limit_ns(t, product) * ends
    told = Gaps(start, t, ends, off, limit, np.ones(len(t), bool), follows)
    whole = follows | np.array([b.begins for b in blocks], bool)[where]
    if not whole.all():
        told = Gaps(*(getattr(told, name)[whole] for name in Gaps.__slots__))
    after = _after_last(blocks, t, where)
    tail = times([blocks[number].end for number, _, _ in after])
    none = np.zeros(len(after), np.int64)
    tails = Gaps(
        times([begins for _, begins, _ in after]),
        tail,
        none + 1,
        none,
        settings.limit_ns(tail - 1, np.full(len(tail), last, np.intp)),
        none > 0,
        np.array([follows for _, _, follows in after], bool),
    )
    place = np.searchsorted(where[whole], [number for number, _, _ in after], "right")
    return Gaps(*(np.insert(getattr(told, name), place, getattr(tails, name)) for name in Gaps.__slots__))


def _after_last(blocks: Sequence[Block], t: Times, where: Indexes) -> list[tuple[int, int, bool]]:
    """Each block's last gap: the block's number, where the gap begins, whether a piece begins it."""
    lasts = np.searchsorted(where, np.arange(len(blocks)), "right") - 1
    found = []
    for number, block in enumerate(blocks):
        at = int(lasts[number])
        has_piece = at >= 0 and int(where[at]) == number
        if block.ends and (has_piece or block.begins):
            found.append((number, int(t[at]) if has_piece else block.start, has_piece))
    return found


def from_gaps(told: Gaps, observed: Spans, away: Spans) -> tuple[Mask, Times, Mask]:
    """Which gaps are stops, where each would end, and which hold time outside production."""
    seconds = observed.within(told.start, told.end)
    mode = away.within(told.start, told.end) > 0
    stands = mode | ((told.limit >= 0) & (seconds > told.limit))
    return stands, np.maximum(told.start, told.end - told.off), mode


def from_running(running: Level, blocks: Sequence[Block], observed: Spans, settings: Settings, product: int) -> Spans:
    """Zeros of a running sensor longer than `stop_after_s`, each cut by the blocks."""
    start, end = [], []
    for block in blocks:
        here = running.zeros.clip(block.start, block.end)
        limit = settings.limit_ns(here.end - 1, np.full(len(here), product, np.intp))
        long = (limit >= 0) & (observed.within(here.start, here.end) > limit)
        start.append(here.start[long])
        end.append(here.end[long])
    return Spans.of(np.concatenate(start), np.concatenate(end)) if start else NOTHING


class Standing(NamedTuple):
    """A stop as found, not yet classed: the settings of the moment ``judged`` apply."""

    start: int
    end: int
    judged: int
    mode: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stops are classed by: ``rest`` are breaks and calendar stops, ``edges`` every shift's beginning and end."""

    blocks: Sequence[Block]
    observed: Spans
    rest: Spans
    edges: Times
    away: Spans
    maintenance: Spans
    settings: Settings
    now: int


def classed(found: Sequence[Standing], around: Surroundings) -> list[Stop]:
    """Stops in time order, each with its length, class, and whether it touches a break or a shift's edge."""
    if not found:
        return []
    start, end = times([f.start for f in found]), times([f.end for f in found])
    length = around.observed.within(start, end)
    long = length >= to_ns(around.settings.downtime_after_s(times([f.judged for f in found])))
    limits = distinct(np.concatenate((around.rest.start, around.rest.end, around.edges)))
    touched = np.searchsorted(limits, end, "right") > np.searchsorted(limits, start, "left")
    blocks = Spans(times([b.start for b in around.blocks]), times([b.end for b in around.blocks]))
    in_block = blocks.index(start)
    at_work = around.away - around.maintenance
    each = (length / NS, long, touched, in_block)
    return [
        Stop(
            f.start,
            f.end,
            seconds,
            is_long or f.mode,
            edge,
            f.end >= around.now,
            block,
            f.mode,
            None,
            "setup" if f.mode and at_work.clip(f.start, f.end).total else "none",
        )
        for f, seconds, is_long, edge, block in zip(found, *(values.tolist() for values in each), strict=True)
    ]


def reasoned(
    stops: Sequence[Stop], said: Sequence[Said], reasons: Mapping[str, Reason], blocks: Sequence[Block]
) -> list[Stop]:
    """The stops with what was said of them: of the stop it was said in, else of the last before it in the same block.

    ``reasons`` by id and by name, in small letters.
    """
    told = list(stops)
    starts = times([stop.start for stop in stops])
    for word in sorted(said, key=lambda word: word.at):
        at = meant(told, starts, word.of, blocks)
        if at is None:
            continue
        stop = told[at]
        reason = reasons.get(word.reason.strip().casefold())
        loss: Loss = reason.loss if reason else "none"
        known = reason.id if reason else word.reason
        told[at] = stop._replace(reason=known, loss=loss, planned=bool(reason and reason.planned))
    return [_classed(stop) if stop.loss in LONG_AT_ANY_LENGTH else stop for stop in told]


def meant(stops: Sequence[Stop], starts: Times, of: int, blocks: Sequence[Block]) -> int | None:
    """Which stop a word about the time ``of`` means: the one it lies in, else the last before it in the same block."""
    at = int(np.searchsorted(starts, of, "right")) - 1
    return at if at >= 0 and _same_time(stops[at], of, blocks) else None


def _same_time(stop: Stop, at: int, blocks: Sequence[Block]) -> bool:
    if stop.start <= at < stop.end:
        return True
    block = blocks[stop.block] if stop.block >= 0 else None
    return block is not None and block.start <= at and (at < block.end or not block.ends)


def _classed(stop: Stop) -> Stop:
    return stop if stop.long else stop._replace(long=True)
