"""Bursts over whole periods of the mains, true RMS, and turns on one converter."""

from collections.abc import Iterator
from math import pi, sin, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.analogue import WINDOW_NS, ConverterSettings, Sample, Wave, burst, scan, true_rms
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.paced import Paced
from tests.edge.sensors.models.ads1115 import Ads1115, Input
from tests.edge.sensors.models.mcp3008 import Mcp3008

START_NS = 1_795_000_000_000_000_000
S = 1_000_000_000


def mains(hz: float, *harmonics: tuple[int, float, float], middle: float = 1.65, peak: float = 1.0) -> Input:
    """A voltage about the middle: a sine and its harmonics (number, amplitude, phase)."""

    def volts(at: float) -> float:
        return middle + peak * sum(a * sin(2 * pi * hz * n * at + p) for n, a, p in ((1, 1.0, 0.0), *harmonics))

    return volts


def rms_of(*amplitudes: float) -> float:
    return sqrt(sum(a * a for a in amplitudes) / 2)


def samples_of(volts: Input, times: list[float]) -> list[Sample]:
    return [Sample(round(t * S), volts(t)) for t in times]


def even(count: int, begin: float = 0.0) -> list[float]:
    return [begin + 0.2 * i / count for i in range(count + 1)]


@pytest.mark.parametrize("hz", [50, 60])
@pytest.mark.parametrize("count", [67, 101])
@given(begin=st.floats(0, 1), phase=st.floats(0, 6.28), third=st.floats(0, 1), nth=st.integers(4, 30))
@settings(max_examples=12, deadline=None)
def test_the_rms_of_a_burst_is_exact_for_every_harmonic_and_both_mains(
    hz: int, count: int, begin: float, phase: float, third: float, nth: int
) -> None:
    """A prime number of samples in 10 or 12 periods: no two harmonics up to half of it fall on each other."""
    wave = true_rms(samples_of(mains(hz, (3, third, phase), (nth, 0.4, 1.0)), even(count, begin)))
    assert wave is not None
    assert wave.rms == pytest.approx(rms_of(1, third, 0.4), rel=1e-5)
    assert wave.mean == pytest.approx(1.65, abs=1e-6)


@given(
    jitter=st.lists(st.floats(0, 0.0015), min_size=101, max_size=101),
    hz=st.sampled_from([50, 60]),
    begin=st.floats(0, 1),
)
@settings(max_examples=12, deadline=None)
def test_samples_that_come_late_by_up_to_a_millisecond_and_a_half_cost_seven_percent_at_most(
    jitter: list[float], hz: int, begin: float
) -> None:
    times = [t + late for t, late in zip(even(101, begin), [0.0, *jitter], strict=True)]
    wave = true_rms(samples_of(mains(hz), sorted(times)))
    assert wave is not None
    assert wave.rms == pytest.approx(rms_of(1), rel=0.07)  # 6.4 % where all that is late is late in one phase


def test_a_burst_with_a_gap_or_one_that_ends_too_soon_is_no_wave() -> None:
    times = even(101)
    assert true_rms(samples_of(mains(50), times[:40] + times[45:])) is None
    assert true_rms(samples_of(mains(50), times[:-1])) is None
    assert true_rms(samples_of(mains(50), times)) is not None


def test_what_lies_beyond_the_window_does_not_count() -> None:
    late = [*even(101)[:-1], 0.2039]
    wave = true_rms(samples_of(mains(50), late))
    assert wave is not None
    assert wave.rms == pytest.approx(rms_of(1), rel=0.01)


def test_a_steady_voltage_has_no_rms() -> None:
    wave = true_rms(samples_of(lambda _: 2.5, even(67)))
    assert wave is not None
    assert wave.mean == pytest.approx(2.5)
    assert wave.rms == pytest.approx(0)
    assert (wave.lowest, wave.highest) == (2.5, 2.5)


def wave_through(converter: str, volts: Input) -> Wave:
    clock = HandClock(START_NS)
    bench = Bench(clock)
    bench.i2c_chip(1, 0x48, Ads1115(clock, volts, ppm=50_000))
    bench.spi_chip(0, 0, Mcp3008(lambda: volts(clock.monotonic_ns() / S)))
    opened = ConverterSettings(converter=converter).converter_on(bench, (0,))
    found: list[Wave | None] = []

    def work() -> Iterator[float]:
        found.append(true_rms((yield from burst(opened, clock, 0))))

    Paced(clock, work())
    clock.turn(0.25)
    (wave,) = found
    assert wave is not None
    return wave


@pytest.mark.parametrize("hz", [50, 60])
def test_a_sine_through_either_converter(hz: int) -> None:
    """An ADS1115 averages over its conversion, sin(x)/x with x = pi hz / 860: 0.6 % low at 50 Hz, 0.8 % at 60."""
    assert wave_through("mcp3008", mains(hz)).rms == pytest.approx(rms_of(1), rel=0.003)
    assert wave_through("ads1115", mains(hz)).rms == pytest.approx(rms_of(1), rel=0.011)
    assert wave_through("ads1115", mains(hz)).rms < rms_of(1)


@pytest.mark.parametrize("hz", [50, 60])
def test_an_inverters_current_is_what_it_is_through_an_mcp3008_and_low_through_an_ads1115(hz: int) -> None:
    """A six-pulse rectifier: fifth, seventh, eleventh, thirteenth harmonic."""
    parts = ((5, 0.6, 3.1), (7, 0.4, 0.1), (11, 0.1, 3.0), (13, 0.07, 0.2))
    true = rms_of(0.6, *(0.6 * a for _, a, _ in parts))
    assert wave_through("mcp3008", mains(hz, *parts, peak=0.6)).rms == pytest.approx(true, rel=0.005)
    low = wave_through("ads1115", mains(hz, *parts, peak=0.6)).rms
    assert 0.90 * true < low < 0.97 * true


def test_two_bursts_on_one_chip_do_not_mix() -> None:
    """The model refuses a conversion that is started in the middle of another one."""
    clock = HandClock(START_NS)
    bench = Bench(clock)
    bench.i2c_chip(1, 0x48, Ads1115(clock, mains(50), mains(60, peak=0.5)))
    found: dict[int, float] = {}

    def work(channel: int) -> Iterator[float]:
        opened = ConverterSettings().converter_on(bench, (channel,))
        wave = true_rms((yield from burst(opened, clock, channel)))
        assert wave is not None
        found[channel] = wave.rms

    for channel in (0, 1):
        Paced(clock, work(channel))
    clock.turn(0.21)
    assert set(found) == {0}
    clock.turn(0.21)
    assert found == {0: pytest.approx(rms_of(1), rel=0.01), 1: pytest.approx(rms_of(0.5), rel=0.01)}


def test_a_scan_gives_one_value_for_each_channel_in_its_order() -> None:
    clock = HandClock(START_NS)
    bench = Bench(clock)
    bench.spi_chip(0, 1, Mcp3008(*(lambda v=v: v / 10 for v in range(8))))
    opened = ConverterSettings(converter="mcp3008", chip=1).converter_on(bench, (0,))
    with pytest.raises(StopIteration) as done:
        next(scan(opened, (7, 0, 3)))
    assert done.value.value == pytest.approx((0.7, 0.0, 0.3), abs=0.004)


@pytest.mark.parametrize(("converter", "channel"), [("ads1115", 4), ("mcp3008", 8)])
def test_an_input_the_converter_does_not_have_is_refused(converter: str, channel: int) -> None:
    bench = Bench(HandClock(START_NS))
    with pytest.raises(SensorError, match=str(channel)):
        ConverterSettings(converter=converter).converter_on(bench, (0, channel))


def test_the_window_is_ten_periods_of_50_hz_and_twelve_of_60() -> None:
    assert WINDOW_NS * 50 == 10 * S
    assert WINDOW_NS * 60 == 12 * S
