"""Days drawn from the virtual floor's own distributions: what `floor.washing` draws for each wash, a day at a time.

A wash lasts median x (how warm the water is today) + spread x a clipped normal; see `floor.washing.Washer._wash_ns`.
Drawn here for whole arrays at once; `test_evaluation_proof` holds the two together by one run of the floor itself.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from contract.line import load
from edge.sensors import catalogue
from floor.washing import IMPROVED, recipe
from kpi.evaluation.judgement import Days

LINE = load(Path(__file__).parents[2] / "hardware/lines/washing.toml", catalogue())
RECIPE = recipe(LINE, "washer", LINE.products["a-100"], 0)
WATER = 0.003
CLIP = (-2.5, 3.5)
IMPROVED_SPREAD = 0.2
WASHES = 300
"""A short day's; more only make the days' medians more alike."""

EFFECT_S = RECIPE.wash_s * (IMPROVED - 1)
Floats = npt.NDArray[np.float64]


def medians(random: np.random.Generator, seeds: int, n: int, *, improved: bool = False, rho: float = 0.0) -> Floats:
    """Median washes (s) of n days of many seeds; ``rho``: how much a day's water resembles the day before's."""
    water = random.standard_normal((seeds, n))
    for day in range(1, n):
        water[:, day] = rho * water[:, day - 1] + np.sqrt(1 - rho * rho) * water[:, day]
    each = np.clip(random.standard_normal((seeds, n, WASHES), np.float32), *CLIP)
    middle = RECIPE.wash_s * (IMPROVED if improved else 1.0) * (1 + WATER * water)
    spread = RECIPE.spread_s * (IMPROVED_SPREAD if improved else 1.0)
    found: Floats = middle + spread * np.median(each, axis=2)
    return found


def days(values: Floats, first: int = 0) -> Days:
    """Days that follow each other."""
    return Days(first + np.arange(len(values), dtype=np.float64), values)
