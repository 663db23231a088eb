"""What a stretch of vibration is like: how strong, how spiky, and at which frequency. Standard library only.

    features([0.1, -0.2, …], rate_hz=400.0)          # 512 samples in m/s² -> Features

Rolling bearings announce themselves as spikes long before they get loud: the kurtosis rises from 3 (noise of all
kinds) towards 10 while the RMS is still what it was, and falls again when everything rattles. A trend on one machine,
not a diagnosis.
"""

import cmath
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

STANDS_OUT: Final = 12.0
"""So many times the mean line of the spectrum a line must be to be called a frequency: of pure noise, 512 samples long,
254 lines times e^-12, 2 stretches in 1,000, have such a line by chance."""

FIRST_LINE: Final = 2
"""The lines below hold what is left of the mean (a Hann window spreads it over the first)."""


@dataclass(frozen=True, slots=True)
class Features:
    """``rms`` and ``peak`` in the unit of the samples, ``main_frequency`` in Hz; None: a still machine has none."""

    rms: float
    peak: float
    crest_factor: float | None = None
    kurtosis: float | None = None
    main_frequency: float | None = None


def features(samples: Sequence[float], rate_hz: float) -> Features:
    """Of samples taken ``rate_hz`` times a second, as many as a power of two; their mean (gravity) is taken off.

    RMS; peak: the largest distance from the mean; crest factor: peak / RMS; kurtosis: fourth moment / RMS^4 (a sine
    1.5, noise 3); main frequency: the highest line of the spectrum, if it stands out.
    """
    mean = math.fsum(samples) / len(samples)
    swing = [sample - mean for sample in samples]
    squares = [x * x for x in swing]
    power = math.fsum(squares) / len(squares)
    peak = max(map(abs, swing))
    if power == 0.0:
        return Features(0.0, 0.0)
    rms = math.sqrt(power)
    fourth = math.fsum(x * x for x in squares) / len(squares)
    return Features(rms, peak, peak / rms, fourth / (power * power), main_frequency(swing, rate_hz))


def main_frequency(swing: Sequence[float], rate_hz: float) -> float | None:
    """Hz of the highest line of samples whose mean is 0; None where none stands out.

    Through a Hann window, between the lines by the ratio of the two highest neighbours (exact for a lone sine).
    """
    count = len(swing)
    lines = [abs(line) for line in fourier([x * w for x, w in zip(swing, hann(count), strict=True)])[: count // 2]]
    found = range(FIRST_LINE, len(lines))
    highest = max(found, key=lines.__getitem__)
    mean_power = math.fsum(lines[k] ** 2 for k in found) / len(found)
    if lines[highest] ** 2 < STANDS_OUT * mean_power:
        return None
    above = lines[highest + 1] if highest + 1 < len(lines) else 0.0
    below = lines[highest - 1]
    ratio = max(above, below) / lines[highest]
    shift = (2.0 * ratio - 1.0) / (1.0 + ratio)
    return (highest + (shift if above > below else -shift)) * rate_hz / count


def fourier(samples: Sequence[complex]) -> list[complex]:
    """The discrete Fourier transform of 2, 4, 8 … samples (Cooley and Tukey 1965, radix 2)."""
    count = len(samples)
    if count == 2:
        return [samples[0] + samples[1], samples[0] - samples[1]]
    even, odd = fourier(samples[::2]), fourier(samples[1::2])
    turned = [turn * line for turn, line in zip(turns(count), odd, strict=True)]
    return [a + b for a, b in zip(even, turned, strict=True)] + [a - b for a, b in zip(even, turned, strict=True)]


@cache
def turns(count: int) -> tuple[complex, ...]:
    """e^(-2πik/count) for the first half of the circle."""
    return tuple(cmath.rect(1.0, -2.0 * math.pi * k / count) for k in range(count // 2))


@cache
def hann(count: int) -> tuple[float, ...]:
    """The Hann window, periodic."""
    return tuple(0.5 - 0.5 * math.cos(2.0 * math.pi * k / count) for k in range(count))
