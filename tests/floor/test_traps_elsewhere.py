"""The traps of the washing line work on every floor: what is wrong is in the answer book, and the truth is not."""

import pytest

from contract.errors import NotThere
from contract.reading import NS_PER_S
from edge.bench import Bench
from edge.bench_clock import HandClock
from floor.fitting import fitting
from floor.records import Deceit, Phase, PowerCut
from floor.traps import CountsTwice, DeadWire, NoData, PowerCutAt, Trap
from tests.floor.lived import EIGHT
from tests.floor.pins import closings
from tests.rig import LINES, loaded

HALF_NS = 1800 * NS_PER_S
HOUR_NS = 2 * HALF_NS


def closed(name: str, station: str, trap: Trap) -> tuple[int, int]:
    """How often the cycle contact closed in an hour, as a careful counter sees it, and how many pieces there were."""
    line, clock = loaded(LINES / f"{name}.toml"), HandClock(EIGHT)
    bench = Bench(clock)
    edges = bench.record(17)
    floor = fitting(line)(line, {"pi-1": bench}, clock, 3, EIGHT, traps=[trap])
    floor.start()
    clock.turn(3600)
    bench.close()
    assert floor.truth.of(Deceit, station)
    return closings(edges), len(floor.truth.pieces(station, tests=True))


def test_a_worn_lever_counts_twice() -> None:
    counted, made = closed("packing", "packing", CountsTwice("packing", "done", EIGHT, EIGHT + HOUR_NS, share=0.2))
    assert made * 1.1 < counted < made * 1.35


def test_a_wire_that_is_off_counts_nothing() -> None:
    counted, made = closed("hand-assembly", "assembly", DeadWire("assembly", "done", EIGHT, EIGHT + HALF_NS))
    assert 0 < counted < made


def test_power_fails_in_a_cut_and_the_cut_is_made_again() -> None:
    line, clock = loaded(LINES / "lathe.toml"), HandClock(EIGHT)
    floor = fitting(line)(line, {}, clock, 2, EIGHT, traps=[PowerCutAt("lathe", EIGHT + HALF_NS, 45.0)])
    floor.start()
    clock.turn(3600)
    assert floor.truth.of(PowerCut, "lathe")
    assert [phase for phase in floor.truth.of(Phase, "lathe") if not phase.whole]


def test_a_station_without_a_machine_has_no_plug_to_pull() -> None:
    line = loaded(LINES / "cold-store.toml")
    with pytest.raises(NotThere, match="cold"):
        fitting(line)(line, {}, HandClock(EIGHT), 2, EIGHT, traps=[NoData("cold", EIGHT, EIGHT + HOUR_NS)])
