"""Days of the virtual washing line as the store would hold them: what really happened, seen by perfect sensors."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from contract.line import Line, load
from contract.reading import NS_PER_S
from edge.bench_clock import HandClock
from edge.sensors import catalogue
from floor.records import Press
from floor.truth import Truth
from floor.washing import WashingLine
from tests.floor.small_line import at
from tests.kpi.memory_store import MemoryStore

LINE = Path(__file__).parents[2] / "hardware" / "lines" / "washing.toml"
START = at("2026-10-05T08:00")
DAY_S = 86400


def washing(**changed: object) -> Line:
    """The example line, of which no silence is judged: nobody plays the agent's sign of life here."""
    line = load(LINE, catalogue())
    stations = {s.id: replace(s, silence_after_s=0.0) for s in line.stations.values()}
    return replace(line, stations=stations, **changed)  # type: ignore[arg-type]


def lived(line: Line, days: float, seed: int = 1, *, improved: bool = False) -> Truth:
    """What happened on the floor in so many days from Monday at eight on."""
    clock = HandClock(START)
    floor = WashingLine(line, {}, clock, seed, START, improved)
    floor.start()
    clock.turn(days * DAY_S)
    return floor.truth


def seen(truth: Truth) -> MemoryStore:
    """The readings of that time: totals of pieces and scrap, the wash as a level, buttons as they were pressed."""
    store = MemoryStore()
    for station in ("washer", "packer"):
        done = [p for p in truth.pieces(station, tests=True) if p.counted]
        store.put(f"{station}/done/count", [(p.at_ns, n) for n, p in enumerate(done, 1)])
        rows = [(t, v) for p in truth.phases(station, "wash") for t, v in ((p.began_ns, 1), (p.ended_ns, 0))]
        if rows:
            store.put(f"{station}/wash/state", rows)
    pressed: dict[str, list[tuple[int, object]]] = defaultdict(list)
    for press in truth.of(Press):
        if press.role == "scrap":
            name = f"{press.station}/{press.sensor}/count"
            pressed[name].append((press.at_ns, len(pressed[name]) + 1))
        else:
            pressed[f"{press.station}/{press.sensor}/pressed"].append((press.at_ns, press.says))
    for name, said in pressed.items():
        store.put(name, said)
    return store


def end_of(days: float) -> int:
    """When so many days are over (ns)."""
    return START + round(days * DAY_S) * NS_PER_S
