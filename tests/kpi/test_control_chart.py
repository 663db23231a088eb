"""Control charts against worked examples: NIST/SEMATECH e-Handbook of Statistical Methods (public domain), and
D. C. Montgomery, Introduction to Statistical Quality Control (7th ed.). Each test names section or table."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.analysis import capability, cusum, ewma, individuals, nelson, subgroups
from kpi.analysis.constants import constants
from kpi.analysis.correlation import Floats
from kpi.analysis.limits import Limits, three_sigma

FLOW = np.array([49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1])
"""NIST 6.3.2.2: ten batches of a flow rate."""

VISCOSITY = np.array([33.75, 33.05, 34.00, 33.81, 33.46, 34.02, 33.68, 33.27, 33.49, 33.20, 33.62, 33.00, 33.54, 33.12,
                      33.84])  # fmt: skip
"""Montgomery, example 6.5: viscosity of aircraft primer paint."""

SHIFTED = np.array([9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.20, 10.34, 9.03, 11.47, 10.51, 9.40, 10.08,
                    9.37, 10.62, 10.31, 8.52, 10.84, 10.90, 9.33, 12.29, 11.50, 10.60, 11.08, 10.38, 11.62, 11.31,
                    10.52])  # fmt: skip
"""Montgomery, table 9.1: twenty values of mean 10 and ten of mean 11, sigma 1."""

OF_EWMA = np.array([52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5, 49.6, 47.6, 49.9, 51.3, 47.8, 51.2,
                    52.6, 52.4, 53.6, 52.1])  # fmt: skip
"""NIST 6.3.2.4."""

OF_CUSUM = np.array([324.925, 324.675, 324.725, 324.350, 325.350, 325.225, 324.125, 324.525, 325.225, 324.600, 324.625,
                     325.150, 328.325, 327.250, 327.825, 328.500, 326.675, 327.775, 326.875, 328.350])  # fmt: skip
"""NIST 6.3.2.3: means of twenty samples, target 325."""

FLOW_WIDTH = np.array([
    [1.3235, 1.4128, 1.6744, 1.4573, 1.6914], [1.4314, 1.3592, 1.6075, 1.4666, 1.6109],
    [1.4284, 1.4871, 1.4932, 1.4324, 1.5674], [1.5028, 1.6352, 1.3841, 1.2831, 1.5507],
    [1.5604, 1.2735, 1.5265, 1.4363, 1.6441], [1.5955, 1.5451, 1.3574, 1.3281, 1.4198],
    [1.6274, 1.5064, 1.8366, 1.4177, 1.5144], [1.4190, 1.4303, 1.6637, 1.6067, 1.5519],
    [1.3884, 1.7277, 1.5355, 1.5176, 1.3688], [1.4039, 1.6697, 1.5089, 1.4627, 1.5220],
    [1.4158, 1.7667, 1.4278, 1.5928, 1.4181], [1.5821, 1.3355, 1.5777, 1.3908, 1.7559],
    [1.2856, 1.4106, 1.4447, 1.6398, 1.1928], [1.4951, 1.4036, 1.5893, 1.6458, 1.4969],
    [1.3589, 1.2863, 1.5996, 1.2497, 1.5471], [1.5747, 1.5301, 1.5171, 1.1839, 1.8662],
    [1.3680, 1.7269, 1.3957, 1.5014, 1.4449], [1.4163, 1.3864, 1.3057, 1.6210, 1.5573],
    [1.5796, 1.4185, 1.6541, 1.5116, 1.7247], [1.7106, 1.4412, 1.2361, 1.3820, 1.7601],
    [1.4371, 1.5051, 1.3485, 1.5670, 1.4880], [1.4738, 1.5936, 1.6583, 1.4973, 1.4720],
    [1.5917, 1.4333, 1.5551, 1.5295, 1.6866], [1.6399, 1.5243, 1.5705, 1.5563, 1.5530],
    [1.5797, 1.3663, 1.6240, 1.3732, 1.6887],
])  # fmt: skip
"""Montgomery, table 6.1: flow width of the hard-bake process, 25 samples of five wafers."""


# ------------------------------------------------------------------ constants

APPENDIX_VI = {  # m: d2, d3, A2, D3, D4
    2: (1.128, 0.853, 1.880, 0, 3.267),
    3: (1.693, 0.888, 1.023, 0, 2.574),
    4: (2.059, 0.880, 0.729, 0, 2.282),
    5: (2.326, 0.864, 0.577, 0, 2.114),
    6: (2.534, 0.848, 0.483, 0, 2.004),
    7: (2.704, 0.833, 0.419, 0.076, 1.924),
    8: (2.847, 0.820, 0.373, 0.136, 1.864),
    9: (2.970, 0.808, 0.337, 0.184, 1.816),
    10: (3.078, 0.797, 0.308, 0.223, 1.777),
    15: (3.472, 0.756, 0.223, 0.347, 1.653),
    20: (3.735, 0.729, 0.180, 0.415, 1.585),
    25: (3.931, 0.708, 0.153, 0.459, 1.541),
}


@pytest.mark.parametrize("size", APPENDIX_VI)
def test_the_constants_are_those_of_the_published_table(size: int) -> None:
    """Montgomery, Appendix VI; the same in ASTM E2587 table 1. D4 of three is printed 2.574 and 2.575."""
    found = constants(size)
    d2, d3, a2, lower, upper = APPENDIX_VI[size]
    assert found.d2 == pytest.approx(d2, abs=6e-4)
    assert found.d3 == pytest.approx(d3, abs=6e-4)
    assert found.a2 == pytest.approx(a2, abs=6e-4)
    assert found.lower == pytest.approx(lower, abs=6e-4)
    assert found.upper == pytest.approx(upper, abs=1.1e-3)


def test_the_constant_of_two_values_is_exact() -> None:
    assert constants(2).d2 == pytest.approx(2 / np.pi**0.5, abs=1e-9)
    assert constants(2).d3 == pytest.approx((2 - 4 / np.pi) ** 0.5, abs=1e-8)


# ------------------------------------------------------------------ Shewhart


def test_individuals_of_the_handbook() -> None:
    """NIST 6.3.2.2: mean 50.81, moving range 1.8778, limits 45.8159 and 55.8041 (with d2 rounded to 1.128)."""
    assert individuals.moving_ranges(FLOW).round(1).tolist() == [2.0, 2.3, 1.4, 3.5, 3.4, 1.4, 0.2, 1.2, 1.5]
    assert individuals.moving_ranges(FLOW).mean() == pytest.approx(1.8778, abs=5e-5)
    limits = individuals.of_values(FLOW)
    assert limits.centre == pytest.approx(50.81)
    assert (limits.lower, limits.upper) == pytest.approx((45.8159, 55.8041), abs=3e-3)
    assert not any(where.any() for where in nelson.broken(FLOW, limits).values())


def test_individuals_of_the_primer_paint() -> None:
    """Montgomery, example 6.5: mean 33.52, moving range 0.48, limits 32.24 and 34.80; D4 x 0.48 = 1.57."""
    limits, ranges = individuals.of_values(VISCOSITY), individuals.of_ranges(VISCOSITY)
    assert limits.centre == pytest.approx(33.52, abs=5e-3)
    assert ranges.centre == pytest.approx(0.48, abs=5e-3)
    assert (limits.lower, limits.upper) == pytest.approx((32.24, 34.80), abs=1e-2)
    assert (ranges.lower, ranges.upper) == pytest.approx((0.0, 1.57), abs=1e-2)


def test_x_bar_and_r_of_the_hard_bake_process() -> None:
    """Montgomery, example 6.1: means 1.5056 and 0.32521, limits 1.31795 and 1.69325, of the range 0.68749."""
    limits, ranges = subgroups.of_means(FLOW_WIDTH), subgroups.of_ranges(FLOW_WIDTH)
    assert limits.centre == pytest.approx(1.5056, abs=5e-5)
    assert ranges.centre == pytest.approx(0.32521, abs=5e-6)
    assert (limits.lower, limits.upper) == pytest.approx((1.31795, 1.69325), abs=2e-4)
    assert (ranges.lower, ranges.upper) == pytest.approx((0.0, 0.68749), abs=2e-4)
    assert not nelson.broken(subgroups.means(FLOW_WIDTH), limits)[1].any(), "the book finds it in control"
    assert not ranges.beyond(subgroups.ranges(FLOW_WIDTH)).any()


def test_subgroups_lie_within_a_block_and_what_is_left_over_is_in_none() -> None:
    block = np.array([0] * 7 + [-1] * 3 + [1] * 4 + [2] * 2)
    assert subgroups.grouped(block, 3).tolist() == [[0, 1, 2], [3, 4, 5], [10, 11, 12]]
    assert subgroups.grouped(np.array([], np.intp), 3).shape == (0, 3)


# ------------------------------------------------------------------ Nelson's rules

FAR = [
    (1, [0, 0, 3.01]),
    (2, [0.5] * 9),
    (3, [-1, -0.5, 0, 0.5, 1, 1.5]),
    (4, [0.5, -0.5] * 7),
    (5, [2.1, 0, 2.1]),
    (6, [1.1, 1.1, 0, 1.1, 1.1]),
    (7, [0.5, -0.4, 0.3] * 5),
    (8, [1.5, -1.5, 1.2, -1.2, 1.3, -1.3, -1.4, 1.2]),
]
"""The shortest row that breaks each rule (Nelson 1984), in sigmas from the centre."""


@pytest.mark.parametrize(("rule", "row"), FAR)
@pytest.mark.parametrize("sign", [1, -1])
def test_each_rule_is_broken_at_the_point_that_completes_its_pattern(rule: int, row: list[float], sign: int) -> None:
    values = sign * np.array(row)
    found = nelson.broken(values, Limits(0.0, -3.0, 3.0, 1.0))
    assert found[rule].tolist() == [False] * (len(row) - 1) + [True]
    less = nelson.broken(values[1:], Limits(0.0, -3.0, 3.0, 1.0))
    assert not less[rule].any() or rule == 1


def test_a_point_on_a_limit_or_on_the_centre_breaks_nothing() -> None:
    limits = Limits(0.0, -3.0, 3.0, 1.0)
    assert not any(where.any() for where in nelson.broken(np.array([3.0, -3.0]), limits).values())
    assert not nelson.broken(np.array([0.5] * 8 + [0.0] + [0.5] * 8), limits)[2].any()
    assert not nelson.broken(np.array([1.0, 2, 3, 3, 4, 5]) / 10, limits)[3].any(), "a tie is no rise"
    assert not nelson.broken(np.array([2.1, 0, -2.1]), limits)[5].any(), "on one side"
    assert not nelson.broken(np.array([2.1, 2.1, 0.0]), limits)[5][2], "the point itself must lie out there"


@settings(max_examples=40)
@given(st.lists(st.floats(-1e6, 1e6), max_size=40), st.floats(-10, 10), st.floats(0, 10))
def test_the_rules_mirror_and_never_fail(values: list[float], centre: float, sigma: float) -> None:
    row = np.array(values, np.float64)
    found = nelson.broken(row, three_sigma(centre, sigma))
    mirrored = nelson.broken(-row, three_sigma(-centre, sigma))
    assert set(found) == set(range(1, 9))
    for rule, where in found.items():
        assert len(where) == len(row)
        assert where.tolist() == mirrored[rule].tolist()


# ------------------------------------------------------------------ EWMA


def test_ewma_of_the_handbook() -> None:
    """NIST 6.3.2.4: lambda 0.3, target 50, s 2.0539: limits 47.4115 and 52.5884, no point outside."""
    found = ewma.of(OF_EWMA, 50.0, 2.0539, 0.3, 3.0)
    assert found.z.round(2).tolist() == [50.60, 49.52, 50.56, 50.18, 50.16, 49.21, 49.75, 49.85, 50.26, 50.33, 50.11,
                                         49.36, 49.52, 50.05, 49.38, 49.92, 50.73, 51.23, 51.94, 51.99]  # fmt: skip
    assert (found.settled.lower, found.settled.upper) == pytest.approx((47.4115, 52.5884), abs=1e-4)
    assert not found.settled.beyond(found.z).any()


def test_ewma_of_the_shifted_process() -> None:
    """Montgomery, example 9.2 (lambda 0.1, L 2.7): 9.945, 9.7495, 9.70355 …; limits 9.73, 10.27 … 9.38, 10.62."""
    found = ewma.of(SHIFTED, 10.0, 1.0, 0.1, 2.7)
    assert found.z[:4] == pytest.approx([9.945, 9.7495, 9.70355, 9.8992], abs=5e-6)
    assert (found.lower[0], found.upper[0]) == pytest.approx((9.73, 10.27))
    assert (found.lower[1], found.upper[1]) == pytest.approx((9.64, 10.36), abs=5e-3)
    assert (found.settled.lower, found.settled.upper) == pytest.approx((9.38, 10.62), abs=5e-3)
    outside = np.flatnonzero((found.z > found.upper) | (found.z < found.lower)) + 1
    assert outside.tolist() == [29, 30], "beyond 10.62, in both of the last two"


# ------------------------------------------------------------------ CUSUM


def test_cusum_of_the_shifted_process() -> None:
    """Montgomery, example 9.1, table 9.2 (k 0.5, h 5): C+ is 5.28 at 29, seven points long; the mean is near 11.25."""
    found = cusum.of(SHIFTED, 10.0, 1.0, 0.5, 5.0)
    high = [0, 0, 0, 1.16, 2.82, 2.50, 0.04, 1.00, 0, 0, 0, 0.97, 0.98, 0, 0, 0, 0.12, 0, 0, 0.34, 0.74, 0, 1.79, 2.79,
            2.89, 3.47, 3.35, 4.47, 5.28, 5.30]  # fmt: skip
    assert found.high.round(2).tolist() == high
    assert found.low[:4].round(2).tolist() == [0.05, 1.56, 1.77, 0]
    assert found.shift is not None
    assert (found.shift.at + 1, found.shift.since + 1, found.shift.upward) == (29, 23, True)
    assert found.shift.mean == pytest.approx(11.25, abs=5e-3)


def test_cusum_of_the_handbook() -> None:
    """NIST 6.3.2.3: target 325, k 0.3175, h 4.1959: out of control from sample 14 on."""
    found = cusum.of(OF_CUSUM, 325.0, 0.635, 0.3175 / 0.635, 4.1959 / 0.635)
    assert found.limit == pytest.approx(4.1959)
    assert found.high[12:] == pytest.approx([3.01, 4.94, 7.45, 10.63, 11.99, 14.44, 16.00, 19.04], abs=5.1e-3)
    outside = np.flatnonzero(found.limits.beyond(found.high) | found.limits.beyond(found.low)) + 1
    assert outside.tolist() == list(range(14, 21))
    assert found.shift is not None
    assert found.shift.since + 1 == 13


def test_cusum_looks_downward_too() -> None:
    found = cusum.of(20.0 - SHIFTED, 10.0, 1.0, 0.5, 5.0)
    assert found.shift is not None
    assert (found.shift.at + 1, found.shift.upward) == (29, False)
    assert found.shift.mean == pytest.approx(8.75, abs=5e-3)


def test_cusum_without_a_signal_names_no_shift() -> None:
    assert cusum.of(SHIFTED[:20], 10.0, 1.0, 0.5, 5.0).shift is None
    assert cusum.of(np.full(5, 3.0), 3.0, 0.0, 0.5, 5.0).shift is None


# ------------------------------------------------------------------ capability


def test_the_interval_of_cp() -> None:
    """Montgomery, example 8.4: limits 38 and 62, s 1.75, n 20: Cp 2.29, 95 % interval 1.57 to 3.01."""
    found = capability.both_sides(1.75, 19, 38.0, 62.0, 0.95)
    assert found.value == pytest.approx(2.29, abs=5e-3)
    assert found.interval == pytest.approx((1.57, 3.01), abs=6e-3), "the book rounds Cp first"


def test_the_interval_of_cpk() -> None:
    """Montgomery, example 8.5: Cpk 1.33 of n 20: 95 % interval 0.88 to 1.78."""
    found = capability.nearer_side(0.0, 1.0, 20, 19, None, 3 * 1.33, 0.95)
    assert found.value == pytest.approx(1.33)
    assert found.interval == pytest.approx((0.88, 1.78), abs=5e-3)


def test_the_nearer_side_counts() -> None:
    """NIST 6.1.6: limits 8 and 20, mean 16, sigma 2: Cp 1.0, Cpk 0.6667."""
    assert capability.both_sides(2.0, 10, 8.0, 20.0).value == pytest.approx(1.0)
    assert capability.nearer_side(16.0, 2.0, 50, 49, 8.0, 20.0).value == pytest.approx(0.6667, abs=5e-5)


def test_capability_tells_short_term_spread_from_the_whole() -> None:
    rng = np.random.default_rng(8)
    drifting = np.linspace(-3, 3, 500) + rng.normal(size=500)
    found = capability.of(drifting, -6.0, 6.0)
    assert found.sigma_within == pytest.approx(1.0, rel=0.1)
    assert found.sigma_overall == pytest.approx(2.0, rel=0.1)
    assert found.cp.value is not None
    assert found.pp.value is not None
    assert found.cp.value > 1.8 * found.pp.value
    steady = capability.of(rng.normal(size=500), -3.0, 3.0)
    assert steady.normal_p is not None
    assert steady.normal_p > 0.05
    assert steady.below + steady.above > 0


def coverage(sigma: float, runs: int, rng: np.random.Generator) -> float:
    def covers() -> bool:
        pair = capability.of(sigma * rng.normal(size=40), -3.0 * sigma, 3.0 * sigma).cp.interval
        return pair is not None and pair[0] <= 1.0 <= pair[1]

    return sum(covers() for _ in range(runs)) / runs


@pytest.mark.slow
def test_the_interval_of_cp_from_moving_ranges_covers_the_truth() -> None:
    """0.62 (n - 1) degrees of freedom (Wheeler 1995): 400 draws of 40 values, 90 % asked."""
    assert 0.86 <= coverage(0.2, 400, np.random.default_rng(9)) <= 0.94


@pytest.mark.parametrize("values", [[5.0] * 20, [1.0, 2.0], [-1e300, 1e300, 0.0]])
def test_odd_values_make_no_figure_that_is_not_one(values: list[float]) -> None:
    row: Floats = np.array(values)
    if np.abs(row).max() > 1e15:
        row = row / 1e290
    found = capability.of(row, 0.0, 10.0)
    for index in (found.cp, found.cpk, found.pp, found.ppk):
        assert index.value is None or np.isfinite(index.value)
    assert (found.cp.value is None) == (found.sigma_within == 0)
