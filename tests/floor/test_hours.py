"""An hour of the example lines without a test of their own: the washing line, the hygiene door, the andon."""

from collections.abc import Iterator

import pytest

from floor.records import Press
from tests.floor.an_hour import (
    Hour,
    an_hour,
    buckets_are_right,
    nothing_is_wrong,
    pieces_are_exact,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def washing() -> Iterator[Hour]:
    with an_hour("washing", seed=3) as lived_hour:
        yield lived_hour


@pytest.mark.parametrize("station", ["washer", "packer"])
def test_an_hour_of_the_washing_line_is_measured_as_it_was(washing: Hour, station: str) -> None:
    nothing_is_wrong(washing)
    pieces_are_exact(washing, station)
    buckets_are_right(washing, station)


@pytest.mark.parametrize(("name", "station"), [("hygiene-door", "entry"), ("andon-call", "assembly")])
def test_every_press_is_heard_and_answered_by_the_rules(name: str, station: str) -> None:
    with an_hour(name, seed=3) as hour:
        nothing_is_wrong(hour)
        for sensor in hour.line.stations[station].sensors:
            pressed = [p.at_ns for p in hour.floor.truth.of(Press, station) if p.sensor == sensor]
            heard = [at_ns for at_ns, value in hour.told(f"{station}/{sensor}/pressed") if value]
            assert len(pressed) > 5
            assert len(heard) == len(pressed)
            assert max(abs(a - b) for a, b in zip(heard, pressed, strict=True)) < 25_000_000
        assert hour.kpi(station)["produced_quantity"] is None


def test_the_door_opens_once_for_each_cleaning_that_is_followed_by_the_button() -> None:
    with an_hour("hygiene-door", seed=3) as hour:
        presses = sorted((p.at_ns, p.sensor) for p in hour.floor.truth.of(Press, "entry"))
        opened = [at_ns for at_ns, value in hour.told("entry/door/state") if value]
        allowed = []
        cleaned_ns: int | None = None
        for at_ns, sensor in presses:
            if sensor == "cleaned":
                cleaned_ns = at_ns
            elif cleaned_ns is not None and at_ns - cleaned_ns <= 30 * 10**9:
                allowed.append(at_ns)
                cleaned_ns = None
        assert len(allowed) > 5
        assert len(opened) == len(allowed)
        assert all(0 <= a - b < 10**9 for a, b in zip(opened, allowed, strict=True))
