"""The HX711: bits, gains, sleeps, and a second chip that converts all the time."""

import contextlib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from contract.reading import Value
from edge import rehearsal, sensors
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.sensors import hx711
from edge.sensors.hx711 import Chip, Sensor, place, signed
from tests.edge.sensors.models.hx711 import Hx711
from tests.edge.sensors.stage import START_NS

CELL = Sensor(data_pin=5, clock_pin=6, tare=1000, counts_per_g=400.0)


@pytest.fixture
def clock() -> HandClock:
    return HandClock(START_NS)


@pytest.fixture
def bench(clock: HandClock) -> Iterator[Bench]:
    bench = Bench(clock)
    yield bench
    bench.close()


def test_the_ends_of_the_range_are_those_of_the_data_sheet() -> None:
    """ "Output data": 800000h is the lowest, 7FFFFFh the highest."""
    assert signed(0x800000) == -8388608
    assert signed(0x7FFFFF) == 8388607
    assert signed(0xFFFFFF) == -1


@settings(max_examples=30)
@given(st.integers(-(2**23), 2**23 - 1))
def test_every_value_comes_back_from_its_24_bits(value: int) -> None:
    assert signed(value & 0xFFFFFF) == value


def test_grams_follow_from_tare_and_scale() -> None:
    assert CELL.values(1000) == {"weight": 0.0, "raw": 1000}
    assert CELL.values(401_000) == {"weight": 1000.0, "raw": 401_000}
    upside_down = Sensor(data_pin=5, clock_pin=6, counts_per_g=-2.0)
    assert upside_down.values(-300)["weight"] == 150.0
    assert Sensor(data_pin=5, clock_pin=6).values(7) == {"raw": 7}


@pytest.mark.parametrize("chosen", ["A128", "A64", "B32"])
def test_each_input_rehearses(chosen: str) -> None:
    settings = {"data_pin": 20, "clock_pin": 21, "input": chosen, "counts_per_g": 10.0}
    result = rehearsal.rehearse("hx711", sensors.modules()["hx711"], settings)
    assert result.passed, result.say("en")


def test_the_chips_weight_is_in_grams(bench: Bench) -> None:
    chip = place(CELL, bench)
    chip.weight = 250.0
    assert chip.raw == 101_000
    assert chip.weight == 250.0


def test_a_second_pin_that_is_taken_gives_the_first_one_back(bench: Bench) -> None:
    bench.hold(6)
    with pytest.raises(SensorError) as taken:
        CELL.open(bench)
    assert "GPIO6" in taken.value.say("en")
    assert bench.pin(5)


def test_data_on_a_wire_that_never_rises_is_stuck(bench: Bench, clock: HandClock) -> None:
    cell = CELL.open(bench)
    bench.drive(5, False)
    clock.turn(0.5)
    with pytest.raises(SensorError) as stuck:
        cell.read()
    assert "DT stays low" in stuck.value.say("en")


def test_no_chip_at_all_is_reported_after_two_seconds(bench: Bench, clock: HandClock) -> None:
    cell = CELL.open(bench)
    assert cell.read() == {}
    clock.turn(2.1)
    with pytest.raises(SensorError) as silent:
        cell.read()
    assert "GPIO5" in silent.value.say("ja")
    assert "swapped" in silent.value.say("en")
    cell.close()
    with pytest.raises(SensorError):
        cell.read()


# ---- the second chip ----


def read_until_told(clock: HandClock, cell: sensors.Polled, tries: int = 20) -> dict[str, Value]:
    for _ in range(tries):
        clock.turn(0.25)
        told = dict(cell.read())
        if told:
            return told
    return {}


@pytest.mark.parametrize(("chosen", "raw"), [("A128", 128 * 321), ("A64", 64 * 321), ("B32", 32 * -77)])
def test_the_pulses_choose_input_and_gain_and_nothing_unsettled_is_told(
    bench: Bench, clock: HandClock, chosen: str, raw: int
) -> None:
    chip = Hx711(bench, 5, 6)
    chip.bridge, chip.second = 321, -77
    cell = Sensor(data_pin=5, clock_pin=6, input=chosen).open(bench)
    heard = []
    for _ in range(20):
        clock.turn(0.25)
        heard.append(cell.read().get("raw"))
    assert set(heard) == {None, raw}
    assert heard[-10:] == [raw] * 10


def test_a_reading_is_the_newest_conversion_and_none_is_told_twice(bench: Bench, clock: HandClock) -> None:
    chip = Hx711(bench, 5, 6)
    cell = CELL.open(bench)
    read_until_told(clock, cell)
    for pause_s, bridge in ((0.5, 50), (1.0, 60), (7.0, -70), (0.95, 0)):
        chip.bridge = bridge
        clock.turn(pause_s)
        assert cell.read()["raw"] == 128 * bridge
        assert cell.read() == {}


@pytest.mark.parametrize("bridge", [10**6, -(10**6)])
def test_a_cell_beyond_its_range_is_refused(bench: Bench, clock: HandClock, bridge: int) -> None:
    chip = Hx711(bench, 5, 6)
    cell = CELL.open(bench)
    read_until_told(clock, cell)
    chip.bridge = bridge
    clock.turn(0.5)
    with pytest.raises(SensorError) as beyond:
        cell.read()
    assert "振り切れ" in beyond.value.say("ja")
    assert "E+" in beyond.value.say("en")


class BusyClock(HandClock):
    """A clock of a Pi that is sometimes busy with other things."""

    def stall(self, microseconds: float) -> None:
        self._now += round(microseconds * 1000)


@pytest.fixture
def busy() -> BusyClock:
    return BusyClock(START_NS)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(20, 200)), max_size=12), st.sampled_from(["A128", "A64"]))
def test_however_busy_the_pi_is_no_wrong_weight_is_told(stalls: list[tuple[int, int]], chosen: str) -> None:
    busy = BusyClock(START_NS)
    bench = Bench(busy)
    chip = Hx711(bench, 5, 6)
    chip.bridge, lasting = 0x5555, dict(stalls)
    chip.stall = lambda pulse: busy.stall(lasting.get(pulse, 1.0))
    cell = Sensor(data_pin=5, clock_pin=6, input=chosen).open(bench)
    told: list[Value | None] = []
    for _ in range(12):
        busy.turn(1.0)
        with contextlib.suppress(SensorError):  # that it is too slow for two seconds
            told.append(cell.read().get("raw"))
    gain = 128 if chosen == "A128" else 64
    assert set(told) <= {None, gain * 0x5555}
    assert told[-1] == gain * 0x5555
    bench.close()


@pytest.mark.parametrize("stalled", [1, 12, 24, 25])
def test_a_pulse_in_which_the_pi_was_busy_puts_it_to_sleep_and_the_next_conversion_is_whole(
    busy: BusyClock, stalled: int
) -> None:
    bench = Bench(busy)
    chip = Hx711(bench, 5, 6)
    chip.bridge = 99
    cell = CELL.open(bench)
    read_until_told(busy, cell)
    sleeps, stalling = chip.sleeps, chip.pulses + stalled
    chip.stall = lambda pulse: busy.stall(70 if pulse == stalling else 0)
    assert read_until_told(busy, cell)["raw"] == 128 * 99
    assert chip.sleeps == sleeps + 2  # by itself, and in earnest


def test_a_pi_that_is_always_too_slow_is_reported(busy: BusyClock) -> None:
    bench = Bench(busy)
    chip = Hx711(bench, 5, 6)
    chip.stall = lambda pulse: busy.stall(70)
    cell = CELL.open(bench)
    with pytest.raises(SensorError) as slow:
        read_until_told(busy, cell)
    assert "60 µs" in slow.value.say("ja")
    assert "Pi 4" in slow.value.say("en")


def test_a_chip_whose_supply_stops_is_reported(bench: Bench, clock: HandClock) -> None:
    chip = Hx711(bench, 5, 6)
    cell = CELL.open(bench)
    read_until_told(clock, cell)
    chip.stop()
    clock.turn(0.5)
    cell.read()
    clock.turn(2.5)
    with pytest.raises(SensorError):
        cell.read()


def test_the_modules_own_chip_sleeps_too(bench: Bench, clock: HandClock) -> None:
    chip = Chip(CELL, bench)
    clock.turn(0.5)
    pin = bench.pin(6)
    pin.output_with_state(False)
    pin.state = True
    clock.turn(100e-6)
    pin.state = False
    assert bench.level(5)
    clock.turn(0.39)
    assert bench.level(5)
    clock.turn(0.02)
    assert not bench.level(5)
    assert chip.weight == 0.0


def test_what_a_hand_turns_is_what_is_read(bench: Bench, clock: HandClock) -> None:
    part = place(CELL, bench)
    cell = CELL.open(bench)
    by_key = {handle.key: handle for handle in hx711.handles(CELL, bench, part)}
    by_key["weight"].turn(750.0)  # type: ignore[union-attr]
    assert by_key["weight"].now() == 750.0  # type: ignore[union-attr]
    assert read_until_told(clock, cell)["weight"] == 750.0
    by_key["overload"].push()  # type: ignore[union-attr]
    clock.turn(0.5)
    with pytest.raises(SensorError):
        cell.read()


def test_without_a_scale_a_hand_turns_the_raw_value(bench: Bench, clock: HandClock) -> None:
    bare = Sensor(data_pin=5, clock_pin=6)
    part = place(bare, bench)
    cell = bare.open(bench)
    by_key = {handle.key: handle for handle in hx711.handles(bare, bench, part)}
    by_key["raw"].turn(12345.4)  # type: ignore[union-attr]
    assert read_until_told(clock, cell) == {"raw": 12345}
