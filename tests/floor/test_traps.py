"""What deceives on purpose, and what the truth says of it."""

from typing import Any

import pytest

from contract.errors import NotThere
from edge.bench import Bench
from edge.bench_clock import HandClock
from floor.records import Deceit, PowerCut
from floor.traps import CountsTwice, DeadWire, NoData, PowerCutAt, Trap
from floor.washing import WashingLine
from tests.floor.pins import closings
from tests.floor.small_line import at, washing_line

EIGHT = at("2026-10-05T08:00")
MINUTE = 60 * 10**9


def run(*traps: Trap, minutes: int = 60, power: Any = None) -> tuple[WashingLine, list[tuple[int, bool]]]:
    clock = HandClock(EIGHT)
    bench = Bench(clock)
    floor = WashingLine(washing_line(), {"pi-1": bench}, clock, 11, EIGHT, power=power, traps=traps)
    edges = bench.record(17)
    floor.start()
    clock.turn(minutes * 60)
    bench.close()
    return floor, edges


def test_a_worn_switch_counts_more_than_there_were() -> None:
    floor, edges = run(CountsTwice("washer", "done", EIGHT, EIGHT + 60 * MINUTE, share=0.2))
    honest = len(floor.truth.pieces("washer", tests=True))
    assert 1.05 * honest < closings(edges) < 1.4 * honest
    assert floor.truth.of(Deceit)[0].trap == "counts_twice"


def test_an_unplugged_sensor_is_silent_while_the_pieces_go_on() -> None:
    floor, edges = run(DeadWire("washer", "done", EIGHT + 20 * MINUTE, EIGHT + 40 * MINUTE))
    missed = floor.truth.pieces("washer", EIGHT + 20 * MINUTE, EIGHT + 40 * MINUTE, tests=True)
    assert len(missed) > 15
    assert closings(edges) == len(floor.truth.pieces("washer", tests=True)) - len(missed)


def test_two_hours_without_data_take_the_pi_and_leave_the_machine() -> None:
    told = []
    trap = NoData("washer", EIGHT + 10 * MINUTE, EIGHT + 130 * MINUTE)
    floor, _ = run(trap, minutes=140, power=lambda *call: told.append(call))
    assert told[:2] == [("pi-1", False, True), ("pi-1", True, True)]
    assert len(floor.truth.pieces("washer", trap.start_ns, trap.end_ns)) > 150


@pytest.mark.parametrize("with_pi", [True, False])
def test_power_fails_when_it_is_asked_to(with_pi: bool) -> None:
    told: list[Any] = []
    floor, _ = run(
        PowerCutAt("washer", EIGHT + 10 * MINUTE, 60.0, with_pi), minutes=20, power=lambda *c: told.append(c)
    )
    (cut,) = floor.truth.of(PowerCut)
    assert cut.with_pi is with_pi
    assert cut.end_ns - cut.start_ns == 60 * 10**9
    assert told == [("pi-1", False, with_pi), ("pi-1", True, with_pi)]
    (broken,) = [phase for phase in floor.truth.phases("washer", "wash", broken=True) if not phase.whole]
    assert broken.ended_ns == cut.start_ns


def test_with_nobody_to_tell_the_pi_keeps_its_power() -> None:
    floor, _ = run(PowerCutAt("washer", EIGHT + 10 * MINUTE, 60.0, with_pi=True), minutes=20)
    assert [cut.with_pi for cut in floor.truth.of(PowerCut)] == [False]


@pytest.mark.parametrize("trap", [NoData("kitchen", 0, 1), DeadWire("washer", "nose", 0, 1)])
def test_a_trap_for_something_that_is_not_there_is_refused(trap: Trap) -> None:
    with pytest.raises(NotThere):
        run(trap, minutes=0)
