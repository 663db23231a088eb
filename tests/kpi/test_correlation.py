"""Correlation against scipy, against the lesson's published figures, and against what chance alone brings about."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kpi.analysis import correlation, lags
from kpi.analysis.correlation import Floats, differences, interval, strength
from kpi.analysis.correlation_told import picked
from kpi.analysis.table import read

pytestmark = pytest.mark.slow  # scipy takes a second to import

METI = Path(__file__).parents[2] / "curriculum" / "data" / "meti_correlation.csv"


def in_order(columns: Floats) -> "np.ndarray[tuple[int], np.dtype[np.intp]]":
    return np.arange(len(columns))


def like_before(n: int, phi: float, rng: np.random.Generator) -> Floats:
    """A series of which each value resembles the one before by ``phi``."""
    found = np.zeros(n)
    steps = rng.normal(size=n)
    found[0] = steps[0] / (1 - phi**2) ** 0.5
    for i in range(1, n):
        found[i] = phi * found[i - 1] + steps[i]
    return found


def test_the_lessons_table_gives_the_published_correlations() -> None:
    """METI Tohoku's slide prints 0.53 and -0.18, cut off and not rounded; the lesson gives five digits."""
    table = read(METI.read_bytes())
    assert table.names == ("球速", "遠投", "懸垂", "握力")
    found = correlation.of(table.values)
    assert found.n == 20
    assert found.pearson[0, 1] == pytest.approx(0.53918, abs=5e-6)
    assert found.pearson[1, 2] == pytest.approx(-0.18731, abs=5e-6)
    assert (int(found.pearson[0, 1] * 100), int(found.pearson[1, 2] * 100)) == (53, -18)
    assert strength(found.pearson[0, 1]) == "correlated"
    assert strength(found.pearson[1, 2]) == "none"
    assert not found.few.any(), "20 rows are not below 20"


def test_the_lessons_table_as_scipy_computes_it() -> None:
    values = read(METI.read_bytes()).values
    found = correlation.of(values)
    ranks = stats.spearmanr(values).statistic
    for i in range(4):
        for j in range(4):
            assert found.spearman[i, j] == pytest.approx(ranks[i, j], abs=1e-12)
            if i != j:
                theirs = stats.pearsonr(values[:, i], values[:, j])
                low, high = theirs.confidence_interval(0.90)
                assert found.pearson[i, j] == pytest.approx(theirs.statistic, abs=1e-12)
                assert (found.low[i, j], found.high[i, j]) == pytest.approx((low, high), abs=1e-12)


@pytest.mark.parametrize(
    ("r", "word"),
    [(0.8, "strong"), (0.79, "correlated"), (0.5, "correlated"), (0.3, "weak"), (0.29, "none"), (-0.85, "strong"),
     (0.1 + 0.2, "weak"), (0.8 - 1e-14, "strong"), (0.0, "none"), (-1.0, "strong")],
)  # fmt: skip
def test_a_bound_belongs_to_the_stronger_word_and_the_sign_does_not_matter(r: float, word: str) -> None:
    assert strength(r) == word


def test_a_constant_column_has_no_correlation_not_even_with_itself() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=50)
    wobble = 23.1 * (1 + 1e-15 * np.arange(50) % 3)
    found = correlation.of(np.column_stack((x, np.full(50, 7.0), wobble)), in_order(x))
    assert found.pearson[0, 0] == 1.0
    assert np.isnan(found.pearson[1:]).all(), "rounding is no change"
    assert np.isnan(found.pearson[:, 1:]).all()
    assert np.isnan(found.spearman[0, 1])
    assert np.isnan(found.low[0, 1])


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 4])
def test_few_rows_make_no_figure_that_is_not_one(rows: int) -> None:
    values = np.arange(2.0 * rows).reshape(rows, 2) ** 2
    found = correlation.of(values, in_order(values))
    assert found.n == rows
    assert np.isnan(found.low).all() == (rows < 4)
    if rows < 2:
        assert np.isnan(found.pearson).all()


@pytest.mark.slow
@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300)), max_size=30))
def test_no_values_make_a_correlation_beyond_one(pairs: list[tuple[float, float]]) -> None:
    values = np.array(pairs, np.float64).reshape(len(pairs), 2)
    found = correlation.of(values, in_order(values))
    for matrix in (found.pearson, found.spearman, found.low, found.high):
        assert (np.abs(matrix[np.isfinite(matrix)]) <= 1.0).all()
        assert not np.isinf(matrix).any()
    assert (found.n_effective <= max(1, found.n)).all()


def test_rows_that_resemble_the_ones_before_weigh_less() -> None:
    """Of two series that resemble themselves by 0.8 a step, the sum over lags is (1 + 0.64) / (1 - 0.64): Bretherton et
    al. (1999), section 5, for red noise."""
    rng = np.random.default_rng(2)
    long = np.column_stack((like_before(20_000, 0.8, rng), like_before(20_000, 0.8, rng)))
    found = correlation.of(long, in_order(long))
    assert found.n_effective[0, 1] == pytest.approx(20_000 * 0.36 / 1.64, rel=0.1)
    white = rng.normal(size=(2000, 2))
    assert 1800 < correlation.of(white, in_order(white)).n_effective[0, 1] <= 2000


def test_a_wave_beneath_noise_is_seen_too() -> None:
    """Two unrelated waves of a day for a week: 10,080 minutes that tell as much as a handful of rows."""
    t = np.arange(7 * 1440)
    rng = np.random.default_rng(3)
    waves = [np.sin(2 * np.pi * (t / 1440 + turn)) + 0.5 * rng.normal(size=len(t)) for turn in (0.0, 0.15)]
    found = correlation.of(np.column_stack(waves), t)
    assert found.pearson[0, 1] > 0.3
    assert found.n_effective[0, 1] < 20
    assert found.few[0, 1]


def test_missing_steps_are_no_neighbours() -> None:
    """The same column with holes resembles itself as much as without them: numpy's own sums, step by step."""
    rng = np.random.default_rng(4)
    whole = like_before(400, 0.7, rng)
    at = np.flatnonzero(rng.random(400) < 0.6)
    column = whole[at] - whole[at].mean()
    known = dict(zip(at.tolist(), column.tolist(), strict=True))
    slow = [
        np.mean([known[i] * known[i + j] for i in known if i + j in known]) / np.mean(column**2) for j in range(1, 6)
    ]
    assert correlation.itself_later(whole[at], at, 5) == pytest.approx(slow)


@pytest.mark.slow
def test_the_interval_covers_what_is_true_of_series_that_resemble_themselves() -> None:
    """200 draws of two series without relation (phi 0.8, 300 rows): 90 % is kept, and would be missed without n eff."""
    rng = np.random.default_rng(3)
    kept = naive = 0
    for _ in range(200):
        pair = np.column_stack((like_before(300, 0.8, rng), like_before(300, 0.8, rng)))
        found = correlation.of(pair, in_order(pair))
        kept += bool(found.low[0, 1] <= 0 <= found.high[0, 1])
        low, high = interval(found.pearson, np.full((2, 2), 300.0))
        naive += bool(low[0, 1] <= 0 <= high[0, 1])
    assert 0.85 <= kept / 200 <= 0.96
    assert naive / 200 < 0.70


def test_a_common_drift_is_gone_in_the_differences() -> None:
    rng = np.random.default_rng(4)
    drift = np.linspace(0, 20, 200)
    pair = np.column_stack((drift + rng.normal(size=200), drift + rng.normal(size=200)))
    found = correlation.of(pair, in_order(pair))
    changes = correlation.of(*differences(pair, in_order(pair)))
    assert found.pearson[0, 1] > 0.9
    assert abs(changes.pearson[0, 1]) < 0.2
    assert found.few[0, 1], "a drift is hardly more than one observation"


def test_differences_are_taken_only_between_steps_that_follow_each_other() -> None:
    values = np.array([[0.0, 1.0], [1.0, 1.0], [9.0, 2.0], [10.0, 4.0], [12.0, 5.0]])
    found, at = differences(values, np.array([0, 1, 7, 8, 9]))
    assert found == pytest.approx(np.array([[1.0, 0.0], [1.0, 2.0], [2.0, 1.0]]) / [12.0, 5.0])
    assert at.tolist() == [1, 8, 9]


# ------------------------------------------------------------------ lags


def test_a_series_that_follows_another_is_found_at_its_lag() -> None:
    rng = np.random.default_rng(5)
    first = rng.normal(size=300)
    second = np.roll(first, 7) + 0.5 * rng.normal(size=300)
    second[40:50] = np.nan
    found = lags.search(first, second, 20)
    assert found.best is not None
    assert found.steps[found.best] == 7
    assert found.beyond
    assert found.tried == 41
    back = lags.search(second, first, 20)
    assert back.best is not None
    assert back.steps[back.best] == -7
    a, b = first[:-7], second[7:]
    whole = np.isfinite(b)
    assert found.r[found.best] == pytest.approx(stats.pearsonr(a[whole], b[whole]).statistic, abs=1e-12)


def test_the_threshold_is_sidaks_for_the_number_of_lags() -> None:
    found = lags.search(np.sin(np.arange(103.0) ** 2), np.cos(np.arange(103.0) ** 2 * 1.7), 0)
    one = np.tanh(stats.norm.ppf(0.975) / np.sqrt(found.n_effective[0] - 3))
    assert found.threshold[0] == pytest.approx(one)
    many = lags.search(np.sin(np.arange(103.0) ** 2), np.cos(np.arange(103.0) ** 2 * 1.7), 10)
    each = 1 - 0.95 ** (1 / 21)
    assert many.threshold[10] == pytest.approx(
        np.tanh(stats.norm.ppf(1 - each / 2) / np.sqrt(many.n_effective[10] - 3))
    )


@pytest.mark.slow
@pytest.mark.parametrize("phi", [0.0, 0.7])
def test_chance_alone_is_rarely_beyond_the_threshold(phi: float) -> None:
    """100 draws without relation, 21 lags each; uncorrected, a third or more would show "something"."""
    rng = np.random.default_rng(6)
    beyond = single = 0
    for _ in range(100):
        found = lags.search(like_before(200, phi, rng), like_before(200, phi, rng), 10)
        beyond += found.beyond
        single += bool((np.abs(found.r) > np.tanh(1.96 / np.sqrt(found.n_effective - 3))).any())
    assert beyond / 100 <= 0.10
    assert single / 100 > 0.2


@pytest.mark.parametrize("length", [0, 1, 5])
def test_too_short_series_have_no_best_lag(length: int) -> None:
    found = lags.search(np.arange(float(length)), np.arange(float(length)), 0)
    assert found.best is None
    assert not found.beyond
    assert np.isnan(found.threshold).all()


def test_of_many_points_the_outermost_are_always_shown() -> None:
    rng = np.random.default_rng(7)
    x, y = rng.normal(size=5000), rng.normal(size=5000)
    kept = picked(5000, 100, (x, y))
    assert len(kept) == 100
    assert {x.argmin(), x.argmax(), y.argmin(), y.argmax()} <= set(kept.tolist())
    assert kept.tolist() == picked(5000, 100, (x, y)).tolist()
