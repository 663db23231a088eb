"""A floor of an example line without wires: only what happens."""

from edge.bench_clock import HandClock
from floor.fitting import fitting
from floor.shop import Shop
from tests.floor.small_line import at
from tests.rig import LINES, loaded

EIGHT = at("2026-10-05T08:00")
"""A Monday."""


def lived(name: str, hours: float, seed: int, improved: bool = False) -> Shop:
    """The floor of ``hardware/lines/{name}.toml`` after so many hours from Monday at eight on."""
    line, clock = loaded(LINES / f"{name}.toml"), HandClock(EIGHT)
    floor = fitting(line)(line, {}, clock, seed, EIGHT, improved)
    floor.start()
    clock.turn(hours * 3600)
    return floor
