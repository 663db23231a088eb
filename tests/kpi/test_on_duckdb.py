"""The same figures from the store that is shipped as from the one in memory."""

from pathlib import Path

from collector.store import Rows, Work
from collector.store.duck import DuckStore
from contract.reading import Series
from kpi.answers import Answers, Asked
from kpi.desk import Desk
from tests.kpi.desks import Service
from tests.kpi.lines import CYCLE, NS, PRODUCT, WASH, at, line, shift, station
from tests.kpi.memory_store import MemoryStore
from tests.kpi.test_facts import PRODUCTS
from tests.kpi.test_ledger import every


def morning() -> list[Work]:
    """Two streams, a late batch, a product, phases, a device without a stream."""
    first, second = every(20, at("8:30"), at("9:00")), every(25, at("9:05"), at("9:40"))
    done, wash = Series("washer", "done", "count"), Series("washer", "wash", "state")
    edges = [edge for t in first for edge in (t - 9 * NS, t - NS)]
    return [
        Work(rows=[Rows(done, "s2", 1, second, [float(i + 1) for i in range(len(second))])]),
        Work(rows=[Rows(Series("washer", "product", "pressed"), "-", None, [at("8:00")], ["A-100"])]),
        Work(rows=[Rows(wash, "s1", 1, edges, [1.0, 0.0] * len(first))]),
        Work(rows=[Rows(done, "s1", 1, first, [float(i + 1) for i in range(len(first))])]),
    ]


def test_the_figures_are_the_same(tmp_path: Path) -> None:
    of = line(station(CYCLE, WASH, PRODUCT, silence_after_s=120.0), shift("08:30-12:00"), products=PRODUCTS)
    memory, duck = MemoryStore(), DuckStore(tmp_path / "line.duckdb")
    service = Service(of, tmp_path, at("9:45"))
    try:
        told = []
        for store in (memory, duck):
            desk = Desk(store, lambda: [(0, of)], service.ingest, service.tokens, lambda: at("9:45"))
            answers = Answers(desk)
            for work in morning():
                store.commit(work)
                answers.shelf.heard_of(
                    {"station": r.series.station, "sensor": r.series.sensor, "measure": r.series.measure, "t": r.t[0]}
                    for r in work.rows
                )
                answers.kpi(Asked(at("8:30"), at("9:45")))
            told.append(answers.kpi(Asked(at("8:30"), at("9:45"), by="hour")))
    finally:
        duck.close()
    assert told[0] == told[1]
    assert told[0]["stations"][0]["produced_quantity"] == 90 + 84
