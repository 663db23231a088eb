"""An edge counts once and is dated at its first contact."""

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.debounce import Change, Debounce

MS = 1_000_000

Edge = tuple[int, bool]


def fed(edges: list[Edge], on_ns: int, off_ns: int, looks: list[int]) -> tuple[list[Change], int]:
    """The changes of a debounce whose timer runs at ``looks``, and its glitches; everything has settled at the end."""
    debounce, changes = Debounce(on_ns, off_ns), []
    end = max([at for at, _ in edges], default=0) + on_ns + off_ns
    moments = sorted([(at, 0, on) for at, on in edges] + [(at, 1, False) for at in looks] + [(end, 1, False)])
    for at_ns, is_look, on in moments:
        change = debounce.settle(at_ns) if is_look else debounce.edge(at_ns, on)
        if change:
            changes.append(change)
    return changes, debounce.glitches


@st.composite
def noise(draw: st.DrawFn) -> list[Edge]:
    """Edges that alternate, at distinct times."""
    times = sorted(draw(st.sets(st.integers(0, 10_000), max_size=40)))
    return [(at, i % 2 == 0) for i, at in enumerate(times)]


@given(noise(), st.integers(0, 500), st.integers(0, 500), st.lists(st.integers(0, 12_000)))
def test_what_is_said_does_not_depend_on_when_the_timer_runs(
    edges: list[Edge], on_ns: int, off_ns: int, looks: list[int]
) -> None:
    assert fed(edges, on_ns, off_ns, looks) == fed(edges, on_ns, off_ns, [])


@given(noise(), st.integers(0, 500), st.integers(0, 500))
def test_changes_alternate_in_time_and_are_dated_at_edges_to_their_level(
    edges: list[Edge], on_ns: int, off_ns: int
) -> None:
    changes, glitches = fed(edges, on_ns, off_ns, [])
    assert [change.active for change in changes] == [i % 2 == 0 for i in range(len(changes))]
    assert all(early.at_ns < late.at_ns for early, late in pairwise(changes))
    assert all((change.at_ns, change.active) in edges for change in changes)
    assert len(changes) + glitches <= len(edges)


@dataclass(frozen=True)
class Truth:
    """What a person did, and the edges a bouncing contact made of it."""

    changes: list[Change]
    edges: list[Edge]


@st.composite
def bouncing(draw: st.DrawFn, on_ns: int = 20 * MS, off_ns: int = 35 * MS, bounce_ns: int = 5 * MS) -> Truth:
    """Presses held for longer than a bounce and the quiet after it, and glitches shorter than the quiet."""
    at_ns, changes, edges = 100 * MS, list[Change](), list[Edge]()
    for i in range(draw(st.integers(0, 8))):
        on = i % 2 == 0
        changes.append(Change(on, at_ns))
        edges.append((at_ns, on))
        times = sorted(draw(st.sets(st.integers(1, bounce_ns), max_size=6)))
        for k, after in enumerate(times[: len(times) // 2 * 2]):
            edges.append((at_ns + after, on if k % 2 else not on))
        at_ns += bounce_ns + max(on_ns, off_ns) + draw(st.integers(1, 10**10))
        if draw(st.booleans()):
            length = draw(st.integers(1, (off_ns if on else on_ns) - 1))
            edges += [(at_ns, not on), (at_ns + length, on)]
            at_ns += length + max(on_ns, off_ns) + draw(st.integers(1, 10**10))
    return Truth(changes, edges)


@given(bouncing())
@pytest.mark.slow
def test_however_it_bounces_each_change_is_seen_once_at_its_first_contact(truth: Truth) -> None:
    changes, _ = fed(truth.edges, 20 * MS, 35 * MS, [])
    assert changes == truth.changes


@given(st.integers(1, 19 * MS))
def test_a_pulse_shorter_than_the_debounce_is_a_glitch(length_ns: int) -> None:
    assert fed([(0, True), (length_ns, False)], 20 * MS, 20 * MS, []) == ([], 1)


def test_on_and_off_have_their_own_times() -> None:
    edges = [(0, True), (100, False), (130, True), (500, False)]
    assert fed(edges, 10, 50, [])[0] == [Change(True, 0), Change(False, 500)]
    assert fed(edges, 10, 10, [])[0] == [Change(True, 0), Change(False, 100), Change(True, 130), Change(False, 500)]


def test_a_glitch_long_before_does_not_date_the_real_edge_early() -> None:
    """Off takes 200, but a glitch is over after the shorter time of quiet."""
    assert fed([(0, True), (1, False), (100, True)], 20, 200, [])[0] == [Change(True, 100)]


def test_without_debounce_every_edge_is_believed() -> None:
    assert fed([(5, True), (6, False), (7, True)], 0, 0, [])[0] == [Change(True, 5), Change(False, 6), Change(True, 7)]


def test_half_an_edge_that_the_kernel_missed_is_a_glitch() -> None:
    debounce = Debounce(10, 10)
    assert debounce.edge(100, False) is None
    assert debounce.glitches == 1
    assert debounce.due_ns is None
