"""/correlation of six series over a week on the DuckDB store: a mean of four sensors, a count, a level, at 60 s.

One station round the clock: a bme280 and a clamp every 10 s (60,480 readings each), a piece every 20 s with both edges
of its wash, a sign of life every 30 s. The window doubles from half a week to four weeks, to see how it grows.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from collector.store import Rows, Work
from collector.store.duck import DuckStore
from contract.catalogue import Measure
from contract.line import Sensor
from contract.reading import Series
from contract.words import Words
from kpi.analysis.chart_told import Design, chart
from kpi.analysis.samples import AskedSamples
from kpi.analysis.series_told import AskedSeries, correlated, lagged
from kpi.answers import Answers
from kpi.desk import Desk
from kpi.spans import NS
from kpi.tokens import Tokens
from tests.bench.figures import Figure, spread
from tests.kpi.desks import FakeIngest
from tests.kpi.lines import CYCLE, WASH, line, station

START = int(datetime(2026, 4, 1, tzinfo=UTC).timestamp()) * NS
DAY_NS = 86400 * NS
DAYS = 28
LIMIT_S = 2.0
UNITS = {"temperature": "°C", "humidity": "%", "pressure": "hPa"}
AIR = [Measure(key, Words(key, key), unit) for key, unit in UNITS.items()]
SIX = ("washer/air/temperature,washer/air/humidity,washer/air/pressure,washer/load/current,washer/done/count,"
       "washer/wash/state")  # fmt: skip
OF = line(
    station(
        CYCLE,
        WASH,
        Sensor("washer", "air", "bme280", {}, tuple(AIR)),
        Sensor("washer", "load", "external", {}, (Measure("current", Words("電流", "current"), "A"),)),
        silence_after_s=120.0,
    )
)


def measure() -> list[Figure]:
    """How long the answers take."""
    with tempfile.TemporaryDirectory() as directory:
        store = DuckStore(Path(directory) / "line.duckdb")
        try:
            for work in four_weeks():
                store.commit(work)
            return _measured(store, Path(directory))
        finally:
            store.close()


def four_weeks() -> Iterator[Work]:
    """Everything the station said, a day a commit."""
    dice = np.random.default_rng(1)
    for day in range(DAYS):
        start = START + day * DAY_NS
        slow = start + np.arange(8640) * 10 * NS
        work = Work()
        for name in SIX.split(",")[:4]:
            drift = 20 + np.cumsum(dice.normal(size=8640)) / 50
            work.rows.append(_rows(name, slow, drift, day * 8640))
        pieces = start + np.arange(4320) * 20 * NS + dice.integers(0, 2 * NS, 4320)
        edges = np.column_stack((pieces - 15 * NS, pieces - 2 * NS)).ravel()
        work.rows.append(_rows("washer/done/count", pieces, day * 4320 + np.arange(1, 4321), day * 4320))
        work.rows.append(_rows("washer/wash/state", edges, np.tile([1.0, 0.0], 4320), day * 8640))
        work.rows.append(_rows("washer/_agent/alive", start + np.arange(2880) * 30 * NS, np.arange(2880), day * 2880))
        yield work


def _rows(name: str, t: "np.ndarray", v: "np.ndarray", seq: int) -> Rows:
    return Rows(Series(*name.split("/")), "s1", seq + 1, t.tolist(), v.astype(float).tolist())


def _measured(store: DuckStore, directory: Path) -> list[Figure]:
    now = START + DAYS * DAY_NS
    answers = Answers(
        Desk(store, lambda: [(0, OF)], FakeIngest(), Tokens(directory, lambda: now), lambda: now, live=False)
    )

    def asked(days: float, series: str = SIX, every_s: float = 60.0) -> AskedSeries:
        return AskedSeries(START, START + int(days * DAY_NS), every_s, series, "all", "operator", lambda: None)

    pair = ",".join(SIX.split(",")[:2])
    piece = AskedSamples(START, START + DAY_NS, "washer", "phases.wash", None, "piece", "operator", lambda: None)
    return [
        *(_figure(f"/correlation, 6 series at 60 s, {days:g} days", partial(correlated, answers, asked(days)))
          for days in (3.5, 7, 14, 28)),
        _figure("/correlation/lags, 2 series, a week at 60 s, 121 lags", lambda: lagged(answers, asked(7, pair), 60)),
        _figure("/control-chart, 4,320 single washes of a day", lambda: chart(answers, piece, Design(), None)),
    ]  # fmt: skip


def _figure(name: str, work: Callable[[], object]) -> Figure:
    """The median and range of five."""
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    limit = LIMIT_S if "28" not in name else None
    median = statistics.median(taken)
    told = "" if limit is None else f"< {limit:g} s"
    return Figure(name, f"{spread(taken)} s", "", told, None if limit is None else median < limit)
