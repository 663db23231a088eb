"""A flow of two stations, washer to packer, for the tests of line figures: what each made on Monday from 8:30 on."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from contract.line import Flow, Line, Sensor, Station
from tests.kpi.desks import Service
from tests.kpi.lines import CYCLE, REASON, SCRAP, WASH, at, line, sensor, shift, station
from tests.kpi.memory_store import MemoryStore
from tests.kpi.test_ledger import REASONS

PACKER = "packer"


def packer(*more: Sensor, **settings: Any) -> Station:
    """The second station: its own counter, an ideal of 18 s."""
    told = station(sensor("done", "cycle", "total", station=PACKER), *more, **({"ideal": 18.0} | settings))
    return replace(
        told, id=PACKER, name="梱包", sensors={s.id: replace(s, station=PACKER) for s in told.sensors.values()}
    )


def washer(*more: Sensor, **settings: Any) -> Station:
    """The first station: counter, scrap, wash, reasons; an ideal of 27 s."""
    return station(CYCLE, SCRAP, WASH, REASON, *more, **({"ideal": 27.0, "stop_after_s": 60.0} | settings))


def two(first: Station | None = None, second: Station | None = None, **more: Any) -> Line:
    """The line; both stations work from 8:30 to 17:15."""
    alone = line(first or washer(), shift("08:30-17:15", "12:00-13:00"), reasons=REASONS, **more)
    return replace(alone, stations={**alone.stations, PACKER: second or packer()}, flow=(Flow("washer", PACKER),))


def counted(store: MemoryStore, station: str, moments: Sequence[int]) -> None:
    """Pieces of a station as a running total."""
    store.put(f"{station}/done/count", [(t, n) for n, t in enumerate(moments, 1)])


def service(directory: Path, of: Line, now: str = "9:30", **made: Sequence[int]) -> Service:
    """The service at a moment of that Monday; ``washer=`` and ``packer=`` are moments of pieces."""
    told = Service(of, directory, at(now))
    for name, moments in made.items():
        counted(told.store, name, moments)
    return told
