"""Clocks that are stepped by a day, begin in 1970, are set late or never."""

import time
from itertools import groupby, pairwise
from pathlib import Path

import pytest

from tests.faults.clocks import SINCE_1970, WrongClock
from tests.faults.numbers import AT_LEAST, Reading
from tests.faults.processes import Plant
from tests.faults.table import record

pytestmark = [pytest.mark.faults, pytest.mark.mosquitto]

DAY_NS = 86_400 * 10**9
STEPS = ("+1d", "+0", "-1d", "+0")


def test_the_clock_steps_by_a_day_and_back(tmp_path: Path) -> None:
    clock = WrongClock(tmp_path / "clock", "+0")
    with Plant(tmp_path) as plant:
        plant.server.start().healthy()
        pi = plant.agent()
        pi.environment = clock.environment
        pi.start()
        pi.type(1_000_000)
        streams = []
        for by in STEPS:
            pi.more(4000)
            streams.append(pi.stands["stream"])
            clock.set(by)
            pi.wait(lambda: pi.stands["stream"] != streams[-1], "a new stream")
        pi.reaches(AT_LEAST)
        pi.hush()
        plant.settle()
        record(plant.outcome("clock stepped by a day forward, back, back, forward", "each step a new stream"))

        by_number = sorted(plant.stored(), key=lambda reading: reading.number)
        days = [round((reading.t - time.time_ns()) / DAY_NS) for reading in by_number]
        stood = [day for day, _ in groupby(days)]
        rising = all(b.t > a.t for (a, b), (day, next_) in zip(pairwise(by_number), pairwise(days), strict=True)
                     if day == next_)  # fmt: skip
        assert stood == [0, 1, 0, -1, 0], "each stretch is dated by the clock it was taken under"
        assert rising, "in the order in which they were taken"


def test_the_collectors_clock_steps_by_a_day_and_back(tmp_path: Path) -> None:
    clock = WrongClock(tmp_path / "clock", "+0")
    with Plant(tmp_path) as plant:
        plant.server.environment = clock.environment
        plant.server.start().healthy()
        pi = plant.agent().start()
        pi.type(1_000_000)
        for by in STEPS:
            pi.more(4000)
            clock.set(by)
        pi.reaches(AT_LEAST)
        pi.hush()
        plant.settle()
        record(plant.outcome("the collector's clock stepped by a day forward, back, back, forward"))


def test_a_start_in_1970_is_put_right_or_shifted(tmp_path: Path) -> None:
    clock, never = WrongClock(tmp_path / "clock", SINCE_1970), WrongClock(tmp_path / "never", SINCE_1970)
    with Plant(tmp_path, {"pi-1": 1, "pi-2": 1}) as plant:
        plant.server.start().healthy()
        late, lost = plant.agent("pi-1"), plant.agent("pi-2")
        late.environment, lost.environment = clock.environment, never.environment
        began_ns = time.time_ns()
        for agent in (late, lost):
            agent.start().type(AT_LEAST + 1, per_s=1500.0)
        late.reaches(AT_LEAST // 2)
        assert (late.stands["clock"], lost.stands["clock"]) == ("unsynced", "unsynced")
        assert plant.server.pages.ingest()["received"] == 0, "what was taken waits for the clock"
        clock.set("+0")
        late.wait(lambda: late.stands["clock"] == "synced", "its clock is set")
        lost.reaches(AT_LEAST)
        lost.confirmed()
        ended_ns = time.time_ns()
        pages = plant.server.pages
        shifted = pages.ingest()["shifted"]
        plant.settle()
        note = "one clock was set later (corrected), the other never (shifted)"
        record(plant.outcome("two agents start in 1970", note, times=False))

        stored = plant.stored()
        assert among(late.on_disk(), stored) == set(late.on_disk()), "put right by the agent, and stored so"
        ((stream, shift),) = shifted.items()
        assert stream == lost.stands["stream"]
        moved = {Reading(r.t + shift, r.number) for r in lost.on_disk()}
        assert among(lost.on_disk(), stored) == moved, "shifted once, and by one amount"
        in_order = sorted(stored, key=lambda reading: reading.number)
        assert all(began_ns < reading.t < ended_ns + 10**9 for reading in stored), "when they were really taken"
        for mine in (late, lost):
            wanted = set(mine.said)
            times = [r.t for r in in_order if r.number in wanted]
            assert all(a < b for a, b in pairwise(times)), "in the order in which they were taken"


def among(readings: list[Reading], stored: list[Reading]) -> set[Reading]:
    wanted = {reading.number for reading in readings}
    return {reading for reading in stored if reading.number in wanted}
