"""Of each half minute two times are enough to know every silence."""

import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
from hypothesis import given

from collector.store.heard import GRAIN_NS, thinned

S = 10**9


def gaps(t: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    """What is further apart than a silence may be short, between neighbours."""
    pairs = zip(t[:-1].tolist(), t[1:].tolist(), strict=True)
    return [(a, b) for a, b in pairs if b - a >= GRAIN_NS]


@given(st.lists(st.sampled_from([1, S // 10, S, 7 * S, 29 * S, 30 * S, 31 * S, 90 * S, 200 * S]), max_size=80))
def test_every_gap_of_half_a_minute_stays_where_it_was(steps: list[int]) -> None:
    t = 1_795_000_003 * S + np.cumsum(np.array([0, *steps], np.int64))
    kept = thinned(t)
    assert gaps(kept) == gaps(t)
    assert (kept[0], kept[-1]) == (t[0], t[-1])
    assert set(kept.tolist()) <= set(t.tolist())
    assert thinned(kept).tolist() == kept.tolist()


def test_a_day_of_dense_readings_is_two_times_for_each_half_minute() -> None:
    assert len(thinned(np.arange(0, 86_400 * S, S // 10, dtype=np.int64))) == 2 * 2880


def test_nothing_heard_is_nothing() -> None:
    assert len(thinned(np.empty(0, np.int64))) == 0
