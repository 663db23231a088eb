"""A year of one station at a 20 s cycle and a month of ten, in a DuckDB store and as CSV beside it.

Round the clock, three shifts with a break each; one cycle in 150 holds a stop. Of each piece its count and the two
edges of its wash, of each agent a heartbeat every 30 s.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path

import numpy as np
import numpy.typing as npt

from collector.store import Rows, Work
from collector.store.duck import DuckStore
from contract.line import Line
from contract.reading import Series
from kpi.spans import NS, Times, times
from tests.kpi.lines import CYCLE, WASH, shift
from tests.kpi.lines import station as station_of

DAY_NS = 86400 * NS
START_NS = int(datetime(2025, 4, 1, tzinfo=UTC).timestamp()) * NS
YEAR_DAYS, MONTH_DAYS, TEN = 365, 30, 10
AT_ONCE = 100_000
IDEAL_S, STOP_AFTER_S, DOWNTIME_AFTER_S = 18.0, 40.0, 600.0
BREAKS = ("10:00-10:10", "18:00-18:10", "02:00-02:10")

SHIFTS = tuple(
    shift(hours, rest, name=name)
    for name, hours, rest in zip("ABC", ("06:00-14:00", "14:00-22:00", "22:00-06:00"), BREAKS, strict=True)
)


@dataclass(frozen=True, slots=True)
class Made:
    """What one station did, int64 ns: ``pieces``; ``edges`` of its wash, 1 and 0 in turn."""

    station: str
    pieces: Times
    edges: Times


def station_ids() -> list[str]:
    """The station of the year first, then the ten of the month."""
    return ["year", *(f"m{number}" for number in range(TEN))]


def line(stations: Sequence[str]) -> Line:
    """Those stations on one line."""
    described = {}
    for name in stations:
        sensors = {
            sensor.id: type(sensor)(name, sensor.id, sensor.type, {}, sensor.measures, sensor.role)
            for sensor in (CYCLE, WASH)
        }
        base = station_of(
            ideal=IDEAL_S, stop_after_s=STOP_AFTER_S, downtime_after_s=DOWNTIME_AFTER_S, silence_after_s=120.0
        )
        described[name] = type(base)(
            name, name, "pi-1", IDEAL_S, stop_after_s=STOP_AFTER_S, stop_after_is_written=True,
            downtime_after_s=DOWNTIME_AFTER_S, silence_after_s=120.0, sensors=sensors,
        )  # fmt: skip
    return Line("akita", "wash", "測定", "UTC", day_starts=time(6), shifts=SHIFTS, stations=described)


def made(station: str, days: int, seed: int) -> Made:
    """What a station does in so many days, and in the day after them: a store goes on after the window."""
    days += 1
    dice = np.random.default_rng(seed)
    count = round(days * 86400 / 19.0)
    gaps = dice.normal(19.2, 0.5, count).clip(15.0, 30.0)
    stops = dice.random(count) < 1 / 150
    gaps[stops] += dice.lognormal(4.4, 0.9, int(stops.sum()))
    end = times(np.rint(np.cumsum(gaps) * NS)) + START_NS
    end = end[end < START_NS + days * DAY_NS]
    wash = times(np.rint(dice.normal(12.0, 0.1, len(end)).clip(10.0, 14.0) * NS))
    edges = np.column_stack((end - wash - NS, end - NS)).reshape(-1)
    return Made(station, end, edges)


def everything() -> list[Made]:
    """The year, and the ten stations of the month."""
    year, *ten = station_ids()
    return [made(year, YEAR_DAYS, 1), *(made(name, MONTH_DAYS, 2 + n) for n, name in enumerate(ten))]


def filled(path: Path, parts: list[Made]) -> DuckStore:
    """A store that holds it all."""
    store = DuckStore(path)
    for part in parts:
        days = round((int(part.pieces[-1]) - START_NS) / DAY_NS)
        alive = np.arange(START_NS, START_NS + days * DAY_NS, 30 * NS)
        state = np.tile([1.0, 0.0], len(part.pieces))
        for series, t, v in (
            (Series(part.station, "done", "count"), part.pieces, np.arange(1.0, len(part.pieces) + 1)),
            (Series(part.station, "wash", "state"), part.edges, state),
            (Series(part.station, "_agent", "alive"), alive, (alive - START_NS) / NS),
        ):
            for rows in _rows(series, t, v):
                store.commit(Work(rows=[rows]))
    store.fold()
    return store


def _rows(series: Series, t: Times, v: npt.NDArray[np.float64]) -> Iterator[Rows]:
    for first in range(0, len(t), AT_ONCE):
        cut = slice(first, first + AT_ONCE)
        yield Rows(series, "s1", first + 1, t[cut].tolist(), v[cut].tolist())
