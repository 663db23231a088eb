"""What a stretch of vibration is like: closed forms, and numpy, which the Pi does not have."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.vibration import features, fourier, hann

RATE_HZ = 400.0
COUNT = 512


def sine(frequency: float, swing: float = 1.0, count: int = COUNT, phase: float = 0.3) -> list[float]:
    return [swing * math.sin(2 * math.pi * frequency * k / RATE_HZ + phase) for k in range(count)]


def test_a_sine_has_its_textbook_numbers() -> None:
    """RMS 1/√2, crest factor √2, kurtosis 3/2; 25 Hz is 32 whole turns in 512 samples."""
    found = features(sine(25.0, 2.0, phase=0.0), RATE_HZ)
    assert found.rms == pytest.approx(math.sqrt(2))
    assert found.peak == pytest.approx(2.0)
    assert found.crest_factor == pytest.approx(math.sqrt(2))
    assert found.kurtosis == pytest.approx(1.5)
    assert found.main_frequency == pytest.approx(25.0, abs=1e-6)


@settings(max_examples=12)
@given(st.floats(5, 190), st.floats(0.1, 50), st.floats(0, 6))
def test_a_frequency_between_the_lines_is_found(frequency: float, swing: float, phase: float) -> None:
    found = features(sine(frequency, swing, phase=phase), RATE_HZ)
    assert found.main_frequency == pytest.approx(frequency, abs=0.02)  # the lines are 0.78 Hz apart


def test_gravity_is_no_vibration() -> None:
    tilted = [9.8 + x for x in sine(60.0, 0.5)]
    assert features(tilted, RATE_HZ).rms == pytest.approx(features(sine(60.0, 0.5), RATE_HZ).rms, rel=1e-3)
    still = features([9.8] * COUNT, RATE_HZ)
    assert (still.rms, still.peak) == (0.0, 0.0)
    assert still.crest_factor is still.kurtosis is still.main_frequency is None


def test_a_square_wave_has_kurtosis_1_and_one_spike_a_very_large_one() -> None:
    assert features([1.0, -1.0] * (COUNT // 2), RATE_HZ).kurtosis == pytest.approx(1.0)
    spike = features([1.0] + [0.0] * (COUNT - 1), RATE_HZ)
    assert spike.kurtosis == pytest.approx(COUNT, rel=0.01)
    assert spike.crest_factor == pytest.approx(math.sqrt(COUNT), rel=0.01)


def test_noise_has_kurtosis_3_and_seldom_a_frequency() -> None:
    chance = random.Random(7)
    found = [features([chance.gauss(0, 1) for _ in range(COUNT)], RATE_HZ) for _ in range(20)]
    assert sum(one.kurtosis or 0 for one in found) / len(found) == pytest.approx(3.0, abs=0.12)
    assert sum(one.main_frequency is not None for one in found) <= 1


def test_a_line_in_noise_three_times_as_strong_is_found() -> None:
    chance = random.Random(8)
    noisy = [x + chance.gauss(0, 3 / math.sqrt(2)) for x in sine(33.0)]
    assert features(noisy, RATE_HZ).main_frequency == pytest.approx(33.0, abs=0.5)


@settings(max_examples=15)
@given(st.integers(1, 10), st.integers(0, 2**32))
def test_the_transform_is_numpys(power: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    samples = list(chance.normal(size=2**power) + 1j * chance.normal(size=2**power))
    assert np.allclose(fourier(samples), np.fft.fft(samples), rtol=1e-12, atol=1e-12 * 2**power)


@settings(max_examples=8)
@given(st.integers(0, 2**32), st.sampled_from([512, 1024]))
def test_the_moments_are_numpys(seed: int, count: int) -> None:
    samples = np.random.default_rng(seed).normal(3, 2, size=count)
    swing = samples - samples.mean()
    found = features(list(samples), RATE_HZ)
    assert found.rms == pytest.approx(swing.std(), rel=1e-12)
    assert found.peak == pytest.approx(abs(swing).max(), rel=1e-12)
    assert found.kurtosis == pytest.approx((swing**4).mean() / swing.var() ** 2, rel=1e-12)


def test_the_window_is_the_periodic_hann() -> None:
    assert hann(8) == pytest.approx(np.hanning(9)[:8])
