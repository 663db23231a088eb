"""Which numbers were received: sorted, unbroken runs, because messages overtake each other.

>>> seen = Ranges([(1, 10), (21, 30)])
>>> seen.missing_in(5, 25)
[(11, 20)]
>>> seen.upto()
10
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

from collector.store import Interval


class Ranges:
    """A set of whole numbers from 1 as runs, first and last included; no two runs touch."""

    __slots__ = ("_firsts", "_lasts")

    def __init__(self, runs: Iterable[Interval] = ()) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        for first, last in runs:
            self.add(first, last)

    def __iter__(self) -> Iterator[Interval]:
        return iter(zip(self._firsts, self._lasts, strict=True))

    def __bool__(self) -> bool:
        return bool(self._firsts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ranges) and self._firsts == other._firsts and self._lasts == other._lasts

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Ranges({list(self)})"

    @property
    def runs(self) -> tuple[Interval, ...]:
        """The runs, lowest first."""
        return tuple(zip(self._firsts, self._lasts, strict=True))

    @property
    def top(self) -> int:
        """The highest number, 0 when there is none."""
        return self._lasts[-1] if self._lasts else 0

    def count(self) -> int:
        """How many numbers."""
        return sum(self._lasts) - sum(self._firsts) + len(self._firsts)

    def upto(self) -> int:
        """The number up to which all from 1 on are there, 0 when 1 is not."""
        return self._lasts[0] if self._firsts and self._firsts[0] == 1 else 0

    def missing_in(self, first: int, last: int) -> list[Interval]:
        """The runs of first..last that are not there."""
        if first > self.top:
            return [(first, last)] if first <= last else []
        missing, at = [], bisect_left(self._lasts, first)
        while first <= last and at < len(self._firsts):
            if self._firsts[at] > last:
                break
            if self._firsts[at] > first:
                missing.append((first, self._firsts[at] - 1))
            first = self._lasts[at] + 1
            at += 1
        if first <= last:
            missing.append((first, last))
        return missing

    def add(self, first: int, last: int) -> None:
        """Put first..last in."""
        if first > last:
            return
        lasts = self._lasts
        if lasts and first == lasts[-1] + 1:
            lasts[-1] = last
            return
        low = bisect_left(lasts, first - 1)
        high = bisect_right(self._firsts, last + 1)
        if low < high:
            first, last = min(first, self._firsts[low]), max(last, lasts[high - 1])
        self._firsts[low:high] = [first]
        lasts[low:high] = [last]

    def remove(self, first: int, last: int) -> None:
        """Take first..last out."""
        low, high = bisect_left(self._lasts, first), bisect_right(self._firsts, last)
        if low >= high or first > last:
            return
        left = [(self._firsts[low], first - 1)] if self._firsts[low] < first else []
        right = [(last + 1, self._lasts[high - 1])] if self._lasts[high - 1] > last else []
        self._firsts[low:high] = [run[0] for run in left + right]
        self._lasts[low:high] = [run[1] for run in left + right]


def settled(seen: Ranges, given_up: Ranges, number: int = 0) -> int:
    """The number up to which every number from 1 on was seen or given up; all up to ``number`` is known to be."""
    if not given_up and not number:
        return seen.upto()
    for first, last in sorted((*seen, *given_up)):
        if first > number + 1:
            break
        number = max(number, last)
    return number
