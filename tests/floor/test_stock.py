"""Buffer, material, trays."""

from random import Random

import pytest

from edge.bench_clock import HandClock
from floor.stock import Buffer, Material, Trays, Work


def test_a_buffer_gives_the_oldest_rings_at_each_change_and_is_never_overfull() -> None:
    rings = []
    buffer = Buffer(2, lambda: rings.append(1))
    assert buffer.empty
    buffer.put(Work(1, "a"))
    buffer.put(Work(2, "a"))
    assert buffer.full
    assert buffer.crowded
    with pytest.raises(AssertionError):
        buffer.put(Work(3, "a"))
    assert buffer.take().number == 1
    assert len(rings) == 3


class Time:
    def __init__(self) -> None:
        self.clock = HandClock(0)

    @property
    def now_ns(self) -> int:
        return self.clock.monotonic_ns()

    def after(self, ns: int, action) -> None:  # type: ignore[no-untyped-def]
        self.clock.at(self.now_ns + ns, action)


def test_material_runs_out_when_nobody_brings_it_and_rings_when_it_comes() -> None:
    time, rings = Time(), list[int]()
    material = Material(time, Random(1), lambda: rings.append(1))
    while material:
        material.take()
    assert not rings
    time.clock.turn(4 * 3600)
    assert rings == [1]
    assert material


def test_rework_waits_for_its_own_product() -> None:
    trays = Trays()
    trays.put(Work(5, "b", good=False))
    assert not trays.has("a")
    again = trays.take("b")
    assert (again.number, again.rework, again.good) == (5, True, True)
    assert len(trays) == 0
