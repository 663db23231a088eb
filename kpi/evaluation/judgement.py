"""The judgement of two groups of days: difference of medians, interval, rank test, verdict.

- interval: percentile bootstrap of whole days, 10,000 resamples, fixed seed (Efron & Tibshirani 1993, ch. 13);
- p: two-sided rank test of the days (Mann & Whitney 1947; scipy);
- a trend (Kendall 1938; scipy) or a positive lag-1 correlation of the days with p < 0.1 widens the interval: circular
  block bootstrap (Politis & Romano 1992) with blocks of n^(1/3) days, rounded up; a trend of the days before also by
  what it would have brought alone (Theil-Sen slope; scipy), see docs/decisions/evaluation.md.

scipy is imported where it is needed: it takes a second and 60 MB that a serving process should not pay at its start.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from kpi.evaluation.paths import Side

Floats = npt.NDArray[np.float64]
Verdict = Literal["better", "worse", "not_confirmed", "not_judged"]

RESAMPLES = 10_000
SEED = 20260401
LEAST_DAYS = 5
SUSPICIOUS_P = 0.1
SURE_P = 0.05
GRID = 1024
"""Values between the lowest and the highest median of a day at which pooled cycles are counted."""

SEEN_IN_80_PERCENT = 1.96 + 0.84
"""Standard errors of a difference that a two-sided test at 5 % finds in 80 % of cases."""


@dataclass(frozen=True, slots=True)
class Days:
    """The days of one side in time order: ordinals of their dates, one value each; perhaps their single cycles."""

    ordinals: Floats
    values: Floats
    cycles: tuple[Floats, ...] = ()

    def __len__(self) -> int:
        return len(self.values)

    @property
    def pooled(self) -> Floats:
        """What the median is of: the days' values, or all their cycles."""
        return np.concatenate(self.cycles) if self.cycles else self.values

    @property
    def median(self) -> float | None:
        """None without days."""
        return float(np.median(self.pooled)) if len(self) else None


@dataclass(frozen=True, slots=True)
class Order:
    """What the order of a side's days says: p of a trend and its slope, the lag-1 correlation and its p.

    None: cannot be told; the slope is of a trend only.
    """

    trend_p: float | None = None
    slope_per_day: float | None = None
    lag1: float | None = None
    lag1_p: float | None = None

    @property
    def has_trend(self) -> bool:
        """Whether the days rise or fall."""
        return self.trend_p is not None and self.trend_p < SUSPICIOUS_P

    @property
    def is_correlated(self) -> bool:
        """Whether a day resembles the day before."""
        return self.lag1_p is not None and self.lag1_p < SUSPICIOUS_P


@dataclass(frozen=True, slots=True)
class Judgement:
    """``difference``: median of after - median of before; ``interval``: its 90 % interval, widened where it must be.

    ``plain``: the interval before widening; ``detectable``: the smallest difference that so many days show in four
    cases of five; ``drift``: what the trend before would have brought without any measure.
    """

    difference: float | None
    interval: tuple[float, float] | None
    plain: tuple[float, float] | None
    p_value: float | None
    verdict: Verdict
    detectable: float | None = None
    before: Order = field(default_factory=Order)
    after: Order = field(default_factory=Order)
    drift: float | None = None

    @property
    def unconfirmed(self) -> "Judgement":
        """The same without an effect: where days of another formula would be one by themselves."""
        return self if self.verdict == "not_judged" else replace(self, verdict="not_confirmed", detectable=None)

    @property
    def widened(self) -> bool:
        """Whether the days' order widened the interval."""
        return any(order.has_trend or order.is_correlated for order in (self.before, self.after))


def judge(before: Days, after: Days, better: Side) -> Judgement:
    """The judgement of two sides; ``not_judged`` where one has fewer than five days."""
    a, b = before.median, after.median
    difference = None if a is None or b is None else b - a
    if difference is None or min(len(before), len(after)) < LEAST_DAYS:
        return Judgement(difference, None, None, None, "not_judged")
    orders = order_of(before), order_of(after)
    drawn = _differences(before, after, 1, 1)
    plain = _interval(drawn)
    interval, drift = plain, None
    if any(order.has_trend or order.is_correlated for order in orders):
        interval = _hull(plain, _interval(_differences(before, after, _block(before), _block(after))))
    if orders[0].has_trend and orders[0].slope_per_day is not None:
        drift = orders[0].slope_per_day * float(np.median(after.ordinals) - np.median(before.ordinals))
        interval = _hull(interval, (interval[0] - drift, interval[1] - drift))
    p = rank_p(before.values, after.values)
    detectable = SEEN_IN_80_PERCENT * float(drawn.std())
    return Judgement(difference, interval, plain, p, _verdict(interval, p, better), detectable, *orders, drift)


def _verdict(interval: tuple[float, float], p: float, better: Side) -> Verdict:
    if p >= SURE_P or interval[0] <= 0 <= interval[1]:
        return "not_confirmed"
    return "better" if (interval[1] < 0) == (better == "lower") else "worse"


def rank_p(before: Floats, after: Floats) -> float:
    """The p of the two-sided rank test; 1 where all values are one and the same."""
    from scipy.stats import mannwhitneyu

    if np.ptp(np.concatenate((before, after))) == 0:
        return 1.0
    return float(mannwhitneyu(before, after, alternative="two-sided").pvalue)


def order_of(days: Days) -> Order:
    """Whether the days of one side have a trend, or each resembles the one before."""
    from scipy.special import ndtr
    from scipy.stats import kendalltau, theilslopes

    n = len(days)
    if n < LEAST_DAYS or np.ptp(days.values) == 0:
        return Order()
    trend_p = float(kendalltau(days.ordinals, days.values).pvalue)
    slope = float(theilslopes(days.values, days.ordinals).slope) if trend_p < SUSPICIOUS_P else None
    away = days.values - days.values.mean()
    lag1 = float((away[:-1] * away[1:]).sum() / (away * away).sum())
    # Moran 1948: mean and variance of the lag-1 correlation of n independent values
    mean, std = -1 / n, (n - 2) / (n * np.sqrt(n - 1))
    return Order(trend_p, slope, lag1, float(ndtr((mean - lag1) / std)))


def _block(days: Days) -> int:
    return max(2, int(np.ceil(round(len(days) ** (1 / 3), 9))))


def _differences(before: Days, after: Days, block_before: int, block_after: int) -> Floats:
    """10,000 differences of medians of resampled days."""
    drawn: Floats = resampled(after, block_after, side=1) - resampled(before, block_before, side=0)
    return drawn


def resampled(days: Days, block: int, side: int = 0) -> Floats:
    """Medians of 10,000 draws of the days, in (circular) blocks of so many days. ``side``: whose chance it is."""
    n = len(days)
    drawn = picks(n, block, side)
    if days.cycles:
        return _pooled_medians(days.cycles, drawn)
    # of whole numbers a median is found several times as fast as of floats, so the ranks of the values are drawn
    order = np.argsort(days.values, kind="stable")
    rank = np.empty(n, np.int16)
    rank[order] = np.arange(n, dtype=np.int16)
    low, high = (n - 1) // 2, n // 2
    middle = np.partition(rank[drawn], sorted({low, high}), axis=1)
    ordered = days.values[order]
    medians: Floats = (ordered[middle[:, low]] + ordered[middle[:, high]]) / 2
    return medians


@lru_cache(maxsize=4)
def picks(n: int, block: int, side: int) -> npt.NDArray[np.int16]:
    """Which of n days each draw holds; the same for every figure of the same days."""
    random = np.random.default_rng([SEED, side])
    first = random.integers(0, n, (RESAMPLES, -(-n // block)), dtype=np.int16)
    drawn = ((first[:, :, None] + np.arange(block, dtype=np.int16)) % n).reshape(RESAMPLES, -1)[:, :n]
    return np.ascontiguousarray(drawn)


def _pooled_medians(cycles: Sequence[Floats], picked: npt.NDArray[np.int16]) -> Floats:
    """The median of all cycles of each draw of days: by counting, because days weigh by how often they are drawn.

    A pooled median lies between the lowest and the highest median of its days, so it is looked for on a grid of the
    values in between.
    """
    ordered = [np.sort(day) for day in cycles]
    middle = [float(np.median(day)) for day in ordered]
    pooled = np.unique(np.concatenate(ordered))
    near = pooled[(pooled >= min(middle)) & (pooled <= max(middle))]
    grid = np.unique(np.concatenate((near, [min(middle), max(middle)])))
    if len(grid) > GRID:
        grid = np.quantile(grid, np.linspace(0, 1, GRID))
    below = np.stack([np.searchsorted(day, grid, "left") for day in ordered]).astype(np.float32)
    until = np.stack([np.searchsorted(day, grid, "right") for day in ordered]).astype(np.float32)
    sizes = np.array([len(day) for day in ordered], np.float32)
    found = np.empty(len(picked))
    for start in range(0, len(picked), 500):
        part = picked[start : start + 500]
        weight = np.zeros((len(part), len(cycles)), np.float32)
        np.add.at(weight, (np.arange(len(part))[:, None], part), 1.0)
        half = (weight @ sizes / 2)[:, None]
        low = np.argmax(weight @ until >= half, axis=1)
        high = len(grid) - 1 - np.argmax((weight @ below <= half)[:, ::-1], axis=1)
        found[start : start + 500] = (grid[low] + grid[np.maximum(low, high)]) / 2
    return found


def _interval(drawn: Floats) -> tuple[float, float]:
    low, high = np.percentile(drawn, [5, 95])
    return float(low), float(high)


def _hull(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return min(one[0], other[0]), max(one[1], other[1])
