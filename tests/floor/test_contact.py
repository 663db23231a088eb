"""Contacts bounce, and end where they should."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.bench_clock import HandClock
from floor.contact import Contact
from tests.floor.small_line import wire

MS = 1_000_000


class Stage:
    """A contact's time and pin: the clock is the hand-turned one, the pin a list of what it was driven to."""

    def __init__(self, seed: int = 1, closed_high: bool = False) -> None:
        self.clock = HandClock(0)
        self.edges: list[tuple[int, bool]] = []
        self.contact = Contact(wire("washer", "done", 17, "cycle"), self._drive, closed_high, Random(seed), self)
        self.contact.rest()

    @property
    def now_ns(self) -> int:
        return self.clock.monotonic_ns()

    def after(self, ns: int, action) -> None:  # type: ignore[no-untyped-def]
        self.clock.at(self.now_ns + ns, action)

    def _drive(self, level: bool) -> None:
        self.edges.append((self.now_ns, level))

    def turn_ms(self, ms: float) -> None:
        self.clock.turn(ms / 1000)

    @property
    def level(self) -> bool:
        return self.edges[-1][1]


@given(
    seed=st.integers(0, 10**6),
    closed_high=st.booleans(),
    gaps_ms=st.lists(st.floats(0.01, 60.0), min_size=1, max_size=12),
)
def test_however_fast_it_is_moved_it_ends_at_the_right_level(
    seed: int, closed_high: bool, gaps_ms: list[float]
) -> None:
    stage = Stage(seed, closed_high)
    for gap_ms in gaps_ms:
        (stage.contact.open if stage.contact.closed else stage.contact.close)()
        stage.turn_ms(gap_ms)
    stage.turn_ms(20)
    assert stage.level == (stage.contact.closed == closed_high)


def test_a_move_has_one_to_five_edges_within_milliseconds() -> None:
    counts, longest_ms = set(), 0.0
    for seed in range(300):
        stage = Stage(seed)
        before = len(stage.edges)
        stage.contact.close()
        stage.turn_ms(50)
        edges = stage.edges[before:]
        counts.add(len(edges))
        longest_ms = max(longest_ms, (edges[-1][0] - edges[0][0]) / MS)
        assert edges[0][0] == 0
        assert all(a[1] != b[1] and a[0] < b[0] for a, b in pairwise(edges))
    assert counts == {1, 3, 5}
    assert 4 < longest_ms <= 12.1


def test_a_press_lets_go_again() -> None:
    stage = Stage()
    stage.contact.press(200 * MS)
    stage.turn_ms(100)
    assert stage.level is False
    stage.turn_ms(200)
    assert stage.level is True


def test_a_spike_comes_back_within_a_millisecond_and_never_beside_a_move() -> None:
    stage = Stage()
    assert stage.contact.glitch(MS // 2)
    assert stage.level is False
    stage.turn_ms(1)
    assert stage.level is True
    stage.turn_ms(100)
    stage.contact.close()
    stage.turn_ms(10)
    assert not stage.contact.glitch(MS // 2)


def test_a_worn_switch_is_open_long_enough_in_between_to_count_twice() -> None:
    stage = Stage()
    stage.contact.worn = 1.0
    stage.contact.press(300 * MS)
    levels = []
    for _ in range(30):
        stage.turn_ms(14)
        levels.append(stage.level)
    closings = sum(a and not b for a, b in zip([True, *levels], levels, strict=False))
    assert closings == 2
    assert stage.level is True


@pytest.mark.parametrize(("fault", "level"), [("unplugged", True), ("stuck", False)])
def test_a_broken_wire_says_the_same_for_ever_and_the_truth_when_mended(fault: str, level: bool) -> None:
    stage = Stage()
    stage.contact.close()
    stage.turn_ms(50)
    stage.contact.fault = fault  # type: ignore[assignment]
    stage.contact.open()
    stage.turn_ms(50)
    stage.contact.close()
    stage.turn_ms(50)
    assert stage.level is level
    stage.contact.open()
    stage.turn_ms(50)
    stage.contact.fault = ""
    assert stage.level is True


def test_what_is_not_wired_moves_no_pin() -> None:
    stage = Stage()
    loose = Contact(wire("washer", "done", 17, "cycle"), None, False, Random(1), stage)
    loose.press(100)
    assert loose.closed
    assert not loose.wired
    assert not loose.glitch(100)
