"""What effect to expect, by many seeds of the truth: written by a command, never by hand, and compared by a slow test.

    python -m curriculum.factories.expected [washing press packing lathe]

Of each state of a floor (no measure, each improvement, each side of each trap) ``DAYS`` days are lived, each of another
seed. A team sees ten days of each; ``DRAWS`` times ten are drawn from either pool, and 98 of 100 of the differences of
their medians lie between ``low`` and ``high``.
"""

import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from random import Random
from statistics import median

from curriculum.factories.book import FOLDER, Factory, Figure, Side, factories
from curriculum.factories.day import Day, line_of, working_days
from curriculum.factories.figures import KNOWN, of_day
from edge.bench_clock import HandClock

EXPECTED = FOLDER / "expected"
FIRST = date(2026, 4, 6)
DAYS, A_SIDE, DRAWS = 12, 10, 400


@dataclass(frozen=True, slots=True)
class Expected:
    """One figure: medians of days before and after, their difference, and where that of ten and ten days lies."""

    before: float
    after: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """After less before."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Case:
    """What a team may do: an improvement, perhaps with a trap."""

    factory: Factory
    improvement: str
    trap: str | None = None

    @property
    def key(self) -> str:
        """Its name in the file."""
        return self.trap or self.improvement

    def figures(self) -> list[Figure]:
        """What the book gives of it: as far as the truth is asked for it."""
        own = [] if self.trap is None else [self.factory.trap(self.trap).figure]
        found = dict.fromkeys([*own, *self.factory.figures])
        return [f for f in found if f.path in KNOWN or f.path.startswith("phases.")]

    def expected(self) -> Iterator[tuple[Figure, Expected]]:
        """Each figure with what to expect of it."""
        before, after = self._pool("before"), self._pool("after")
        for figure in self.figures():
            a, b = ([v for v in pool[figure] if v is not None] for pool in (before, after))
            if len(a) >= A_SIDE and len(b) >= A_SIDE:
                yield figure, _expected(a, b, f"{self.factory.id}/{self.key}/{figure.station}/{figure.path}")

    def _pool(self, side: Side) -> Mapping[Figure, Sequence[float | None]]:
        days = pool_days(self.factory, side, self.improvement if side == "after" else None, self.trap)
        every = tuple(dict.fromkeys([*self.factory.figures, *(trap.figure for trap in self.factory.traps)]))
        lived = [values(day, every) for day in days]
        return {figure: [found[n] for found in lived] for n, figure in enumerate(every)}


def cases(factory: Factory) -> list[Case]:
    """Every improvement alone, and every trap with what it is played with."""
    return [
        *(Case(factory, one.id) for one in factory.improvements),
        *(Case(factory, one.played_with, one.id) for one in factory.traps),
    ]


def pool_days(factory: Factory, side: Side, improvement: str | None, trap: str | None) -> list[Day]:
    """The days of a state; a trap that is not laid on this side is none."""
    laid = trap if trap is not None and any(side in one.sides for one in factory.trap(trap).laid) else None
    dates = working_days(line_of(factory.id), FIRST, DAYS)
    shift = 0 if side == "before" else 1000
    return [Day(factory.id, day, shift + n, side, improvement, laid) for n, day in enumerate(dates)]


@lru_cache(maxsize=4096)
def values(day: Day, figures: tuple[Figure, ...]) -> tuple[float | None, ...]:
    """Live a day without wires, and read the figures off its truth."""
    line = line_of(day.factory)
    start, end = day.span(line)
    clock = HandClock(start)
    floor = replace(day, trap=_of_truth(day)).floor(line, {}, clock)
    floor.start()
    clock.turn_to(end)
    floor.stop()
    return tuple(of_day(floor.truth, line, figure, start, end) for figure in figures)


def _of_truth(day: Day) -> str | None:
    """What only deceives the measuring is no part of the truth."""
    if day.trap is not None and {one.kind for one in day.book.trap(day.trap).laid} <= {"worn", "no_data"}:
        return None
    return day.trap


def _expected(before: Sequence[float], after: Sequence[float], seed: str) -> Expected:
    random = Random(seed)
    drawn = sorted(
        median(random.choices(after, k=A_SIDE)) - median(random.choices(before, k=A_SIDE)) for _ in range(DRAWS)
    )
    one_in_100 = DRAWS // 100
    return Expected(median(before), median(after), drawn[one_in_100], drawn[-1 - one_in_100])


def written(factory: Factory) -> str:
    """The text of a factory's file."""
    rows = [
        "# python -m curriculum.factories.expected が書きます。手で直しません。",
        f"# Made by that command from the truth of {DAYS} days of each state; not written by hand.",
    ]
    for case in cases(factory):
        for figure, found in case.expected():
            rows += [
                "", f'[{case.key}."{figure.station}/{figure.path}"]',
                *(f"{name} = {getattr(found, name):.4f}" for name in ("before", "after", "low", "high")),
            ]  # fmt: skip
    return "\n".join(rows) + "\n"


def file_of(factory: Factory) -> Path:
    """Where it stands."""
    return EXPECTED / f"{factory.id}.toml"


@cache
def _read(file: Path) -> Mapping[str, Mapping[str, Mapping[str, float]]]:
    return tomllib.loads(file.read_text("utf-8"))


def expected(case: Case) -> Mapping[Figure, Expected]:
    """What the file says of a case, in the file's order."""
    told = _read(file_of(case.factory)).get(case.key, {})
    return {Figure(*name.split("/", 1)): Expected(**numbers) for name, numbers in told.items()}


if __name__ == "__main__":
    EXPECTED.mkdir(exist_ok=True)
    for one in factories():
        if not sys.argv[1:] or one.id in sys.argv[1:]:
            file_of(one).write_text(written(one), "utf-8")
