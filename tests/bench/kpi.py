"""How fast /kpi answers over a day, a year and a month of ten stations, beside plain pandas from CSV files.

Each question goes through the whole service in this process, HTTP to JSON; days differ, so nothing is at hand from the
question before. The peer reads a CSV file of just that window and computes availability, OEE, cycle and phase figures.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from collector.store.duck import DuckStore
from kpi.desk import Desk
from kpi.service import create
from kpi.spans import NS
from kpi.tokens import Tokens
from tests.bench.figures import Figure
from tests.bench.kpi_year import (
    DAY_NS,
    DOWNTIME_AFTER_S,
    IDEAL_S,
    MONTH_DAYS,
    START_NS,
    STOP_AFTER_S,
    TEN,
    YEAR_DAYS,
    Made,
    everything,
    filled,
    line,
    station_ids,
)
from tests.kpi.desks import FakeIngest

DAY_LIMIT_S, LONG_LIMIT_S = 0.050, 1.0
SLACK = 1.25
"""A doubled window may take so much more than twice as long before growth is worse than linear: machines waver."""

ASKED_DAYS = range(40, 60)
TIMES = 3
DOUBLING = (23, 46, 91, 183, 365)
PLANNED_S = 86400 - 3 * 600


def measure() -> list[Figure]:
    """A day, a year, ten stations by day for a month, and how it grows."""
    with tempfile.TemporaryDirectory() as scratch:
        parts = everything()
        store = filled(Path(scratch) / "line.duckdb", parts)
        with ExitStack() as open_:
            open_.callback(store.close)
            year, *ten = station_ids()
            one, many = (open_.enter_context(Asking(store, stations, Path(scratch))) for stations in ([year], ten))
            _took(lambda: one.ask(20, 1))
            days = [_took(partial(one.ask, day, 1)) for day in ASKED_DAYS]
            grown = [min(_took(partial(one.ask, 0, n)) for _ in range(TIMES)).clock_s for n in DOUBLING]
            years = [_took(lambda: one.ask(0, YEAR_DAYS)) for _ in range(TIMES)]
            months = [_took(lambda: many.ask(0, MONTH_DAYS, by="day")) for _ in range(TIMES)]
        size = (Path(scratch) / "line.duckdb").stat().st_size
        peers = _peers(parts, Path(scratch))
    told = f"{len(parts[0].pieces):,} pieces and {len(parts[0].edges):,} edges in the year, {size / 1e6:.0f} MB in all"
    steps = [later / earlier for earlier, later in pairwise(grown)]
    return [
        _figure("/kpi of one day", days, peers["day"], DAY_LIMIT_S),
        _figure("/kpi of one year", years, peers["year"], LONG_LIMIT_S),
        _figure("/kpi of ten stations by day for a month", months, peers["month"], LONG_LIMIT_S),
        Figure(
            f"/kpi as the window doubles: {', '.join(map(str, DOUBLING))} days",
            " / ".join(f"{s * 1000:.0f}" for s in grown) + " ms",
            "x " + " / ".join(f"{s:.2f}" for s in steps),
            "linear: from the first to the last x 16",
            grown[-1] / grown[0] <= DOUBLING[-1] / DOUBLING[0] * SLACK,
        ),
        Figure("the store of it", told),
    ]


class Asking:
    """The service of some stations, asked over HTTP in this process by one client that stays."""

    def __init__(self, store: DuckStore, stations: Sequence[str], directory: Path) -> None:
        of = line(stations)

        def now() -> int:
            return START_NS + (YEAR_DAYS + 10) * DAY_NS

        app = create(Desk(store, lambda: [(0, of)], FakeIngest(), Tokens(directory, now), now))
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 50000))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    def __enter__(self) -> "Asking":
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()

    def ask(self, first_day: int, days: int, **more: str) -> None:
        """/kpi of so many days; what comes must be whole."""
        start = datetime.fromtimestamp(START_NS // NS, UTC) + timedelta(days=first_day)
        asked = {"start": start.isoformat(), "end": (start + timedelta(days=days)).isoformat(), **more}
        answer = self._runner.run(self._client.get("/api/v1/kpi", params=asked))
        for station in answer.json()["stations"]:
            assert station["produced_quantity"] > 4000 * days
            assert station["coverage"] == 1.0
            assert not more or len(station["buckets"]) == days + 1, "business days begin at 6"


@dataclass(frozen=True, order=True, slots=True)
class Took:
    """Seconds by the clock, and of processors; on a busy machine the second tells more."""

    clock_s: float
    processor_s: float


def _took(ask: Callable[[], object]) -> Took:
    began, worked = time.perf_counter(), time.process_time()
    ask()
    return Took(time.perf_counter() - began, time.process_time() - worked)


def _figure(name: str, took: Sequence[Took], peer_s: float, limit_s: float) -> Figure:
    clock = [one.clock_s for one in took]
    usual, worked = statistics.median(clock), statistics.median(one.processor_s for one in took)
    told = f"{usual * 1000:.0f} ms ({min(clock) * 1000:.0f} to {max(clock) * 1000:.0f}, {len(took)} asked)"
    return Figure(
        name,
        f"{told}; processors {worked * 1000:.0f} ms",
        f"pandas from CSV: {peer_s * 1000:.0f} ms; ratio {usual / peer_s:.2f}",
        f"{limit_s * 1000:.0f} ms",
        usual < limit_s,
    )


def _peers(parts: Sequence[Made], scratch: Path) -> dict[str, float]:
    """Seconds that plain pandas takes from a CSV file of just that window; the best of three."""
    year, *ten = parts
    whole = [_csv(year, START_NS, START_NS + YEAR_DAYS * DAY_NS, scratch / "year")]
    day = [_csv(year, START_NS + 50 * DAY_NS, START_NS + 51 * DAY_NS, scratch / "day")]
    month = [_csv(made, START_NS, START_NS + MONTH_DAYS * DAY_NS, scratch / f"month{n}") for n, made in enumerate(ten)]
    assert len(month) == TEN

    def best(files: Sequence[tuple[Path, Path]], *, by_day: bool, times: int = 3) -> float:
        read = [_took(lambda: [_with_pandas(*pair, by_day=by_day) for pair in files]) for _ in range(times)]
        return min(read).clock_s

    return {"day": best(day, by_day=False), "year": best(whole, by_day=False), "month": best(month, by_day=True)}


def _csv(made: Made, start: int, end: int, name: Path) -> tuple[Path, Path]:
    import pandas as pd

    pieces, edges = name.with_suffix(".pieces.csv"), name.with_suffix(".edges.csv")
    inside = (made.edges >= start) & (made.edges < end)
    state = np.tile([1, 0], len(made.edges) // 2)[inside]
    pd.DataFrame({"t": made.pieces[(made.pieces >= start) & (made.pieces < end)]}).to_csv(pieces, index=False)
    pd.DataFrame({"t": made.edges[inside], "v": state}).to_csv(edges, index=False)
    return pieces, edges


def _with_pandas(pieces: Path, edges: Path, *, by_day: bool) -> Any:
    """The figures as anybody would write them: no calendar, no silence, no settings with dates."""
    import pandas as pd

    made = pd.read_csv(pieces)
    made["gap"] = made["t"].diff() / NS
    made["stop"] = (made["gap"] - IDEAL_S).where(made["gap"] > STOP_AFTER_S)
    made["day"] = pd.to_datetime(made["t"]).dt.date if by_day else 0
    wash = pd.read_csv(edges)
    wash["seconds"] = wash["t"].diff() / NS
    wash["day"] = pd.to_datetime(wash["t"]).dt.date if by_day else 0
    lasted = wash[wash["v"] == 0].groupby("day")["seconds"]
    cycles = made[made["stop"].isna()].groupby("day")["gap"]
    told = pd.DataFrame({"pieces": made.groupby("day").size()})
    told["downtime"] = made["stop"].where(made["stop"] >= DOWNTIME_AFTER_S).groupby(made["day"]).sum()
    told["minor"] = made["stop"].where(made["stop"] < DOWNTIME_AFTER_S).groupby(made["day"]).sum()
    told["availability"] = (PLANNED_S - told["downtime"]) / PLANNED_S
    told["oee"] = told["pieces"] * IDEAL_S / PLANNED_S
    for name, grouped in (("cycle", cycles), ("wash", lasted)):
        told[[f"{name}_{key}" for key in ("p05", "median", "p95")]] = grouped.quantile([0.05, 0.5, 0.95]).unstack()
        told[f"{name}_mean"], told[f"{name}_std"] = grouped.mean(), grouped.std()
    return told
