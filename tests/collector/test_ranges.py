"""Ranges are a set of numbers, kept as runs; the plain set is the model."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.ranges import Ranges, settled

pytestmark = pytest.mark.slow

NUMBER = st.integers(1, 60)
RUN = st.tuples(NUMBER, NUMBER).map(lambda two: (min(two), max(two)))
STEPS = st.lists(st.tuples(st.sampled_from(["add", "remove"]), RUN), max_size=30)


def walk(steps: list[tuple[str, tuple[int, int]]]) -> tuple[Ranges, set[int]]:
    ranges, model = Ranges(), set[int]()
    for step, (first, last) in steps:
        if step == "add":
            ranges.add(first, last)
            model |= set(range(first, last + 1))
        else:
            ranges.remove(first, last)
            model -= set(range(first, last + 1))
    return ranges, model


def numbers(runs: object) -> set[int]:
    return {n for first, last in runs for n in range(first, last + 1)}  # type: ignore[attr-defined]


@given(STEPS)
def test_ranges_hold_what_was_put_in_and_not_taken_out(steps: list[tuple[str, tuple[int, int]]]) -> None:
    ranges, model = walk(steps)
    assert numbers(ranges) == model
    assert ranges.count() == len(model)
    assert ranges.top == max(model, default=0)


@given(STEPS)
def test_no_two_runs_touch_or_overlap(steps: list[tuple[str, tuple[int, int]]]) -> None:
    runs = walk(steps)[0].runs
    assert all(first <= last for first, last in runs)
    assert all(one[1] + 1 < next_one[0] for one, next_one in pairwise(runs))


@given(STEPS, RUN)
def test_missing_is_what_is_not_there(steps: list[tuple[str, tuple[int, int]]], asked: tuple[int, int]) -> None:
    ranges, model = walk(steps)
    missing = ranges.missing_in(*asked)
    assert numbers(missing) == set(range(asked[0], asked[1] + 1)) - model
    assert missing == sorted(missing)


@given(STEPS, STEPS)
def test_settled_stops_at_the_first_number_neither_seen_nor_given_up(
    seen_steps: list[tuple[str, tuple[int, int]]], given_steps: list[tuple[str, tuple[int, int]]]
) -> None:
    seen, seen_model = walk(seen_steps)
    given_up, given_model = walk(given_steps)
    whole = seen_model | given_model
    assert settled(seen, given_up) == next(n for n in range(100) if n + 1 not in whole)
    assert seen.upto() == next(n for n in range(100) if n + 1 not in seen_model)


def test_the_readme_example_holds() -> None:
    seen = Ranges([(1, 10), (21, 30)])
    assert seen.missing_in(5, 25) == [(11, 20)]
    assert seen.upto() == 10
    assert Ranges(seen.runs) == seen
    assert Ranges().missing_in(3, 2) == []
