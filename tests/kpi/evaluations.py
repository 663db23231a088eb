"""A washer whose days are known: so many pieces a day at so many seconds, and the question what changed."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from contract.line import Line, Station
from tests.kpi.desks import Service
from tests.kpi.lines import CYCLE, MONDAY, NS, WASH, WORKDAYS, at, line, shift, station
from tests.kpi.memory_store import MemoryStore

FIRST = MONDAY - timedelta(days=28)
"""A Monday: two working weeks before, two after."""
SPLIT = FIRST + timedelta(days=14)
NOW = at("12:00", FIRST + timedelta(days=28))
SHIFT = shift("08:30-09:30", days=WORKDAYS)
PIECES = 60
DAY = timedelta(days=1)


def washer(*sensors: Any, **more: Any) -> Station:
    return station(CYCLE, WASH, *sensors, stop_after_s=60.0, **more)


OF = line(washer(), SHIFT)


def span(first: date, days: int) -> str:
    return f"{first.isoformat()}T00:00:00+09:00/{(first + days * DAY).isoformat()}T00:00:00+09:00"


BEFORE, AFTER = span(FIRST, 14), span(SPLIT, 14)


def working_days(first: date = FIRST, weeks: int = 2) -> list[date]:
    return [first + n * DAY for n in range(7 * weeks) if (first + n * DAY).weekday() < 5]


def make(
    store: MemoryStore,
    days: Mapping[date, float],
    few: Mapping[date, int] | None = None,
    station: str = "washer",
    wash: float = 0.5,
) -> None:
    """Each day 60 pieces (or ``few``), so many seconds apart; the wash is that share of it."""
    done: list[int] = []
    washing: list[tuple[int, int]] = []
    for day, cycle_s in sorted(days.items()):
        start = at("8:30", day)
        pieces = (few or {}).get(day, PIECES)
        ends = start + (np.arange(1, pieces + 1) * cycle_s * NS).astype(np.int64)
        done += ends.tolist()
        for end in ends.tolist():
            washing += [(end - round(wash * cycle_s * NS), 1), (end - 1, 0)]
    counted = len(store.rows.get(_series(station, "done", "count"), []))
    store.put(f"{station}/done/count", [(t, counted + i + 1) for i, t in enumerate(done)], seq=counted + 1)
    store.put(f"{station}/wash/state", washing, stream=f"w{counted}")


def _series(*parts: str) -> Any:
    from tests.kpi.memory_store import series_of

    return series_of("/".join(parts))


def noisy(first: date, middle: float, seed: int = 1, spread: float = 0.1, weeks: int = 2) -> dict[date, float]:
    """Working days whose cycles vary a little from day to day, without a trend."""
    days = working_days(first, weeks)
    steps = np.random.default_rng(seed).permutation(np.linspace(-1, 1, len(days)))
    return {day: middle + spread * float(step) for day, step in zip(days, steps, strict=True)}


def service(tmp_path: Path, store: MemoryStore, of: Line = OF, now: int = NOW, **more: Any) -> Service:
    return Service(of, tmp_path, now, store, **more)


def ask(desk: Service, kpi: str = "cycle_time_s", **more: Any) -> Any:
    return desk.get("/evaluation", **{"station": "washer", "kpi": kpi, "before": BEFORE, "after": AFTER} | more)


def codes(told: Any) -> list[str]:
    return [caveat["code"] for caveat in told["caveats"]]


def values(told: Any, side: str) -> Sequence[float]:
    return [day["value"] for day in told[side]["days"]]
