"""What the collector knows of one series of one stream: which numbers it has, where its total stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from collector.ranges import Ranges, settled
from collector.store import Interval
from contract.reading import NS_PER_S, Series

MISSING_AFTER_NS = 60 * NS_PER_S
BEFORE_ALL_NS = -(2**63)


@dataclass(slots=True)
class Hole:
    """Numbers that had not come when a higher one did, at ``since`` (ns).

    ``late``: they counted as missing once, and do until they come, wherever the clock is put.
    """

    first: int
    last: int
    since: int
    late: bool = False

    def is_late(self, now_ns: int) -> bool:
        """Whether they count as missing. A clock that is a minute behind ``since`` was put back: it says nothing."""
        self.late = self.late or abs(now_ns - self.since) >= MISSING_AFTER_NS
        return self.late


@dataclass(slots=True)
class Floor:
    """The value of a total at the highest number that was stored, or quarantined because it fell."""

    number: int
    value: float


@dataclass(slots=True)
class StreamState:
    """One series of one stream. ``seen``: stored and quarantined numbers; ``given_up``: passed over by ``from``.

    ``floor`` None: not asked of the store yet, nor ``newest``: the time of the highest stored number.
    ``falls``: last number and value of each batch whose total fell.
    ``confirmed``: the number up to which all is settled and committed; ``told``: what another collector says of that.
    """

    stream: str
    series: Series
    seen: Ranges = field(default_factory=Ranges)
    given_up: Ranges = field(default_factory=Ranges)
    holes: list[Hole] = field(default_factory=list)
    floor: Floor | None = None
    newest: int | None = None
    falls: list[tuple[int, float]] = field(default_factory=list)
    confirmed: int = 0
    told: int = 0
    saved_given_up: tuple[Interval, ...] = ()
    agent: str | None = None
    """Whom its latest batch named; "" where it left that out, None where none came since the start."""
    lost_top: int = 0
    """The highest number that was stored once and whose reading is gone."""

    def __post_init__(self) -> None:
        if not self.seen:
            self.floor = Floor(0, 0.0)
            self.newest = BEFORE_ALL_NS
        self.confirmed = self.settled()

    @staticmethod
    def recalled(stream: str, series: Series, seen: Sequence[Interval], given_up: Sequence[Interval]) -> "StreamState":
        """As a store remembers it."""
        return StreamState(stream, series, Ranges(seen), Ranges(given_up), saved_given_up=tuple(given_up))

    def settled(self) -> int:
        """The number up to which every number was stored, quarantined or given up, committed or not."""
        return settled(self.seen, self.given_up, self.told)

    def see(self, runs: Iterable[Interval], now_ns: int) -> None:
        """Numbers came in."""
        for first, last in runs:
            top = max(self.seen.top, self.lost_top)
            if first > top + 1:
                self.holes.append(Hole(top + 1, first - 1, now_ns))
            self.seen.add(first, last)
            if self.given_up:
                self.given_up.remove(first, last)

    def give_up_below(self, lowest: int) -> bool:
        """Numbers below ``lowest`` that did not come never will; whether that is news."""
        if lowest <= 1 or self.confirmed >= lowest - 1 or self.settled() >= lowest - 1:
            return False
        for run in self.seen.missing_in(1, lowest - 1):
            self.given_up.add(*run)
        return True

    def recall_holes(self, since: int, lost: Sequence[Interval] = ()) -> None:
        """After a start: the gaps that are there, as if known since ``since``; what is ``lost`` was there long ago."""
        gaps = Ranges(self.seen.missing_in(1, self.seen.top))
        for first, last in lost:
            gaps.remove(first, last)
            self.lost_top = max(self.lost_top, last)
        self.holes = [Hole(first, last, since) for first, last in gaps]
        self.holes += [Hole(first, last, 0) for first, last in lost]

    def recall_missing(self, now_ns: int, counted: int) -> int:
        """After a start: so many numbers in holes were counted as missing before; how many of them are left over.

        When a hole was opened is remembered no better than when its stream was last heard.
        """
        for hole in self.holes:
            many = sum(last - first + 1 for first, last in self._left_of(hole))
            if not hole.is_late(now_ns) and many <= counted:
                hole.late, counted = True, counted - many
        return counted

    def has_new_hole(self, now_ns: int) -> bool:
        """Whether a hole was opened at ``now_ns``: when it was must be remembered."""
        return bool(self.holes) and self.holes[-1].since == now_ns

    def missing(self, now_ns: int) -> int:
        """How many numbers are missing: given up, or passed a minute ago or longer by a higher one."""
        late = (hole for hole in self.holes if hole.is_late(now_ns))
        return self.given_up.count() + sum(last - first + 1 for hole in late for first, last in self._left_of(hole))

    def forget_filled_holes(self) -> None:
        """Holes that nothing is left of."""
        self.holes = [hole for hole in self.holes if self._left_of(hole)]

    def _left_of(self, hole: Hole) -> list[Interval]:
        unseen = self.seen.missing_in(hole.first, hole.last)
        return [part for run in unseen for part in self.given_up.missing_in(*run)]

    def fallen_floor(self, below: int) -> tuple[int, float] | None:
        """The nearest fallen batch's last number and value below a number."""
        return max((fall for fall in self.falls if fall[0] < below), default=None)


def first_fall(values: Sequence[float], floor: float) -> bool:
    """Whether a running total falls below where it stood, or within itself."""
    return values[0] < floor or (len(values) > 1 and sorted(values) != list(values))
