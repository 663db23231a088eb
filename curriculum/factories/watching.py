"""What one sees standing there with a stopwatch: element times of some cycles, as two people would write them on S4.

    seen = watch(Day("washing", date(2026, 10, 5), seed=1, side="before"), line, cycles=20)
    seen.cycles[3].readings["wash"].seconds
    sheets(seen, begun)                     # filled S4, ten cycles each

A hand on a stopwatch adds its own scatter. What stopped the work is marked with its reason and never left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from statistics import median

from contract.line import Line
from contract.reading import NS_PER_S
from contract.words import Words
from curriculum.factories.book import Factory
from curriculum.factories.day import Day
from curriculum.sheets.printed import Value, Written
from edge.bench_clock import HandClock
from floor.records import Period
from floor.truth import Truth

BEGIN_S = 3600
"""People come an hour after work began."""
REACTION_S = 0.15
"""How far a thumb on a stopwatch is off (estimate)."""
NOTICED_S = 3.0
"""Work that rests for less is part of the next element."""
UNUSUAL = 1.7
PATIENCE = 8
"""So many times the wanted cycles somebody stays to see something unusual."""
FEW = 0.25
A_SHEET = 10
MACHINE = ("wash", "cut", "stroke")

WHY: Mapping[str, Words] = {
    "jam": Words("引っかかり", "jam"), "chip_in_fixture": Words("治具に切りくず", "chip in the fixture"),
    "door_sensor": Words("扉センサー", "door sensor"), "nozzle_clogged": Words("ノズル詰まり", "nozzle clogged"),
    "no_material": Words("材料待ち", "no material"), "starved": Words("品物待ち", "waits for goods"),
    "blocked": Words("置き場がいっぱい", "no room after"), "changeover": Words("段取り", "set-up"),
    "operator_elsewhere": Words("作業者が席を外す", "operator elsewhere"),
    "slug_pulled_up": Words("かす上がり", "slug"),
    "misfeed": Words("送りミス", "misfeed"), "chute_full": Words("シュート満杯", "chute full"),
    "coil_change": Words("コイル交換", "coil change"), "die_change": Words("型替え", "die change"),
    "no_goods": Words("品物待ち", "waits for goods"), "tape_change": Words("テープ交換", "tape change"),
    "label_again": Words("ラベル貼り直し", "label again"), "tool_change": Words("刃物交換", "tool change"),
    "chips_wound_up": Words("切りくず巻き付き", "chips wound up"), "power_cut": Words("停電", "power cut"),
}  # fmt: skip
STOPPED = Words("止まった", "stopped")
SLIPPED = Words("落とした・やり直し", "dropped, done again")


@dataclass(frozen=True, slots=True)
class Reading:
    """One element of one cycle, seconds to a tenth; ``why`` it was unusual, if it was."""

    seconds: float
    why: Words | None = None


@dataclass(frozen=True, slots=True)
class Cycle:
    """One piece: its product, and what was read of each element."""

    product: str
    readings: Mapping[str, Reading]

    @property
    def is_unusual(self) -> bool:
        """Whether a reading of it bears a mark."""
        return any(reading.why is not None for reading in self.readings.values())


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a station."""

    book: Factory
    station: str
    name: str
    day: date
    cycles: tuple[Cycle, ...]

    def kept(self, element: str) -> list[float]:
        """The readings of an element that were not unusual."""
        return [c.readings[element].seconds for c in self.cycles if c.readings[element].why is None]

    def median_s(self, element: str) -> float | None:
        """Of what was kept; None where nothing was."""
        found = self.kept(element)
        return median(found) if found else None


def watch(day: Day, line: Line, cycles: int) -> Seen:
    """Stand at the factory's station until so many cycles were seen."""
    book = day.book
    start, end = day.span(line)
    clock = HandClock(start)
    elements = [name for name, _ in book.elements]
    found: list[tuple[str, int, int]] = []

    def see(station: str, element: str, began: int, ended: int) -> None:
        if station == book.station and element in elements and began >= start + BEGIN_S * NS_PER_S:
            found.append((element, began, ended))

    floor = day.floor(line, {}, clock)
    floor.watch(see)
    floor.start()
    while clock.time_ns() < end and len(found) < (PATIENCE * cycles + 2) * len(elements):
        clock.turn(60)
    floor.stop()
    random = Random(f"{day.seed}/{day.date}/thumb")
    seen = [_cycle(one, before, floor.truth, book.station, random) for before, one in _whole(found, elements)]
    return Seen(
        book, book.station, line.stations[book.station].name, day.date, _telling(_slips(seen, elements), cycles)
    )


Step = tuple[str, int, int]


def _whole(found: list[Step], elements: list[str]) -> list[tuple[int, list[Step]]]:
    """Every cycle of which all elements were seen, with the end of what was seen before it."""
    starts = [n for n, step in enumerate(found) if step[0] == elements[0]]
    cut = [(n, found[n : n + len(elements)]) for n in starts]
    return [
        (found[n - 1][2] if n else steps[0][1], steps) for n, steps in cut if [step[0] for step in steps] == elements
    ]  # fmt: skip


def _cycle(steps: list[Step], before: int, truth: Truth, station: str, random: Random) -> Cycle:
    readings = {}
    for element, began, ended in steps:
        why = _why(truth, station, before, began) if began - before > NOTICED_S * NS_PER_S else None
        seconds = (ended - before) / NS_PER_S + random.gauss(0.0, REACTION_S)
        readings[element] = Reading(round(max(0.1, seconds), 1), why)
        before = ended
    pieces = truth.pieces(station, steps[-1][2], steps[-1][2] + NS_PER_S, tests=True)
    return Cycle(pieces[0].product if pieces else "", readings)


def _why(truth: Truth, station: str, start: int, end: int) -> Words:
    stood: list[Period] = truth.periods(station, start, end)
    longest = max(stood, key=lambda period: period.seconds(), default=None)
    return STOPPED if longest is None else WHY.get(longest.cause, STOPPED)


def _telling(cycles: list[Cycle], count: int) -> tuple[Cycle, ...]:
    """So many in a row, the first in which something unusual happens but not all the time."""
    windows = [cycles[n : n + count] for n in range(max(1, len(cycles) - count + 1))]
    unusual = ([cycle.is_unusual for cycle in window] for window in windows)
    telling = (window for window, marks in zip(windows, unusual, strict=True) if 0 < sum(marks) <= FEW * count)
    return tuple(next(telling, windows[0]))


def _slips(cycles: list[Cycle], elements: list[str]) -> list[Cycle]:
    """Who stands there also sees what was dropped."""
    usual = {e: median([c.readings[e].seconds for c in cycles]) for e in elements} if cycles else {}
    return [Cycle(c.product, {e: _slip(reading, usual[e]) for e, reading in c.readings.items()}) for c in cycles]


def _slip(reading: Reading, usual_s: float) -> Reading:
    if reading.why is None and reading.seconds > UNUSUAL * usual_s:
        return Reading(reading.seconds, SLIPPED)
    return reading


def sheets(seen: Seen, begun: datetime) -> list[Written]:
    """What stands on the S4, ten cycles a sheet."""
    parts = [seen.cycles[n : n + A_SHEET] for n in range(0, len(seen.cycles), A_SHEET)]
    return [_sheet(seen, part, begun) for part in parts]


def _sheet(seen: Seen, cycles: tuple[Cycle, ...], begun: datetime) -> Written:
    products = dict.fromkeys(cycle.product for cycle in cycles if cycle.product)
    head: dict[str, Value] = {
        "station": seen.name, "product": "・".join(products), "operator": "A", "observer": "1", "date": begun.date(),
        "at": begun.time().replace(second=0, microsecond=0, tzinfo=None), "method": "each", "unit": "s",
    }  # fmt: skip
    rows: list[dict[str, Value]] = []
    for element, name in seen.book.elements:
        readings = [cycle.readings[element] for cycle in cycles]
        row: dict[str, Value] = {"element": name.ja, "kind": "machine" if element in MACHINE else "human"}
        row |= {f"r{n}": f"{r.seconds:.1f}{'*' if r.why else ''}" for n, r in enumerate(readings, 1)}
        row["why"] = ";".join(f"{n}:{r.why.ja}" for n, r in enumerate(readings, 1) if r.why)
        rows.append(row)
    return Written(head, {"elements": rows}, virtual=True)
