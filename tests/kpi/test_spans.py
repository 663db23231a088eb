import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from kpi.spans import NOTHING, Spans, times

MOST = 40
pairs = st.lists(st.tuples(st.integers(0, MOST), st.integers(0, MOST)), max_size=8)


def moments(spans: Spans) -> set[int]:
    return {t for a, b in spans for t in range(a, b)}


def moments_of(drawn: list[tuple[int, int]]) -> set[int]:
    return {t for a, b in drawn for t in range(a, b)}


@given(pairs, pairs)
def test_the_algebra_is_that_of_sets_of_moments(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    a, b = Spans.pairs(one), Spans.pairs(other)
    assert moments(a) == moments_of(one)
    assert moments(a | b) == moments_of(one) | moments_of(other)
    assert moments(a & b) == moments_of(one) & moments_of(other)
    assert moments(a - b) == moments_of(one) - moments_of(other)


@given(pairs, pairs)
def test_spans_stay_sorted_disjoint_and_apart(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    for made in (Spans.pairs(one), Spans.pairs(one) | Spans.pairs(other), Spans.pairs(one) - Spans.pairs(other)):
        assert (made.end > made.start).all()
        assert (made.start[1:] > made.end[:-1]).all()


@given(pairs, st.integers(0, MOST), st.integers(0, MOST))
def test_measuring_and_cutting_agree(drawn: list[tuple[int, int]], a: int, b: int) -> None:
    spans, (low, high) = Spans.pairs(drawn), sorted((a, b))
    inside = {t for t in moments_of(drawn) if low <= t < high}
    assert int(spans.within(low, high)) == len(inside)
    assert moments(spans.clip(low, high)) == inside
    assert spans.clip(low, high).total == len(inside)


@given(pairs)
def test_it_knows_what_it_holds(drawn: list[tuple[int, int]]) -> None:
    spans, every = Spans.pairs(drawn), np.arange(MOST + 1)
    assert set(every[spans.holds(every)].tolist()) == moments_of(drawn)
    index = spans.index(every)
    assert all((i >= 0) == (t in moments_of(drawn)) for t, i in zip(every.tolist(), index.tolist(), strict=True))


def test_nothing_is_nothing() -> None:
    assert NOTHING.total == 0
    assert (NOTHING | NOTHING) == NOTHING
    assert not NOTHING.holds(times([1, 2])).any()
    assert Spans.one(5, 5) == NOTHING
