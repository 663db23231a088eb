"""An edge counts once and is dated at its first contact."""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from queue import Queue
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.debounce import Change, Contact, Debounce, edge_ns
from edge.system_clock import SystemClock

START_NS = 1_795_000_000_000_000_000
MS = 1_000_000
S = 1_000_000_000

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


# ---- on a pin ----


@pytest.fixture
def clock() -> HandClock:
    return HandClock(START_NS)


@pytest.fixture
def bench(clock: HandClock) -> Bench:
    return Bench(clock)


def contact(bench: Bench, **settings: Any) -> tuple[Contact, list[Change]]:
    changes: list[Change] = []
    return Contact(bench, 17, changed=changes.append, **settings), changes


def test_a_bouncing_press_is_one_change_dated_at_the_first_touch(bench: Bench, clock: HandClock) -> None:
    _, changes = contact(bench)
    clock.turn(1)
    bench.bounce(17, False)
    clock.turn(1)
    bench.bounce(17, True)
    clock.turn(1)
    assert changes == [Change(True, 1 * S), Change(False, 2 * S)]


def test_active_high_has_a_pull_down_and_counts_the_other_way(bench: Bench, clock: HandClock) -> None:
    held, changes = contact(bench, active="high")
    assert not held.active
    bench.drive(17, True)
    clock.turn(1)
    assert changes == [Change(True, 0)]


def test_a_contact_that_is_on_at_the_start_is_no_change(bench: Bench, clock: HandClock) -> None:
    bench.drive(17, False)
    held, changes = contact(bench)
    clock.turn(1)
    assert held.active
    assert changes == []


def test_fractions_of_a_millisecond_are_kept(bench: Bench, clock: HandClock) -> None:
    _, changes = contact(bench, debounce_ms=0.25)
    bench.drive(17, False)
    clock.turn(0.0003)
    assert changes == [Change(True, 0)]


def test_a_rejected_glitch_is_in_the_health(bench: Bench, clock: HandClock) -> None:
    held, changes = contact(bench)
    bench.bounce(17, True, edges=6, within_ms=3.0)
    clock.turn(1)
    assert changes == []
    assert held.health() == {"glitches": 1, "lost_edges": 0}


def test_the_pin_is_read_again_when_the_last_edge_of_a_burst_was_lost(bench: Bench, clock: HandClock) -> None:
    held, changes = contact(bench)
    bench.drive(17, False)
    bench.lose_edges(17)
    clock.turn(0.005)
    bench.drive(17, True)
    clock.turn(1)
    assert changes == []
    assert held.health() == {"glitches": 1, "lost_edges": 1}


def test_an_edge_that_was_lost_in_silence_is_found_by_the_next_check(bench: Bench, clock: HandClock) -> None:
    held, changes = contact(bench)
    bench.lose_edges(17)
    bench.drive(17, False)
    clock.turn(3)
    assert changes == []
    held.check()
    clock.turn(1)
    assert [change.active for change in changes] == [True]
    assert held.health()["lost_edges"] == 1


def test_a_flood_is_looked_at_in_one_go_and_settles(bench: Bench, clock: HandClock) -> None:
    held, changes = contact(bench)
    bench.drive(17, False)
    for _ in range(6_000):
        bench.drive(17, True)
        bench.drive(17, False)
    clock.turn(1)
    assert changes
    assert changes[0].active
    assert held.health()["lost_edges"] == 12_001 - 10_000


def test_a_pin_that_cannot_be_had_is_a_sensor_error_and_is_given_back(bench: Bench) -> None:
    with pytest.raises(SensorError, match="GPIO2"):
        Contact(bench, 2, active="high", changed=lambda _: None)  # its pull-up is soldered on
    assert bench.pin(2)


def test_closing_gives_the_pin_back_and_ends_the_changes(bench: Bench, clock: HandClock) -> None:
    held, changes = contact(bench)
    bench.drive(17, False)
    held.close()
    held.close()
    clock.turn(1)
    assert changes == []
    assert bench.pin(17)


def test_an_open_contact_listens_even_if_nobody_keeps_it(bench: Bench, clock: HandClock) -> None:
    changes: list[Change] = []
    Contact(bench, 17, changed=changes.append)
    gc.collect()
    bench.drive(17, False)
    clock.turn(1)
    assert changes == [Change(True, 0)]


def test_on_a_real_clock_it_is_the_same_contact() -> None:
    clock, seen = SystemClock(), Queue[Change]()
    bench = Bench(clock)
    held = Contact(bench, 17, debounce_ms=2, changed=seen.put)
    try:
        bench.drive(17, False)
        pressed = seen.get(timeout=10)
        bench.drive(17, True)
        released = seen.get(timeout=10)
    finally:
        held.close()
        clock.close()
    assert (pressed.active, released.active) == (True, False)
    assert pressed.at_ns + 2 * MS <= released.at_ns


class BrokenPin:
    """A pin whose chip is gone after it was opened."""

    function = pull = edges = heard_by = None
    when_changed: Callable[[float, bool], None] | None = None
    broken = False

    @property
    def state(self) -> bool:
        if self.broken:
            raise RuntimeError("GPIO chip is gone")
        return True

    def close(self) -> None:
        pass


class OnePin:
    """A board with one pin."""

    def __init__(self, clock: HandClock, pin: BrokenPin) -> None:
        self.clock, self._pin = clock, pin

    def pin(self, number: int) -> BrokenPin:
        return self._pin


def test_a_pin_that_breaks_later_is_told_by_check_and_disturbs_no_lane(clock: HandClock) -> None:
    pin = BrokenPin()
    held = Contact(OnePin(clock, pin), 17, changed=lambda _: None)  # type: ignore[arg-type]  # only its pin is asked for
    held.check()
    pin.broken = True
    assert pin.when_changed is not None
    pin.when_changed(0.0, False)
    clock.turn(1)
    with pytest.raises(SensorError, match="GPIO chip is gone"):
        held.check()


# ---- which clock an edge was dated by ----


@given(age_ns=st.integers(0, 60 * S), uptime_ns=st.integers(60 * S, 10**16))
def test_an_edge_dated_by_either_clock_of_linux_comes_out_monotonic(age_ns: int, uptime_ns: int) -> None:
    clock = HandClock(START_NS, monotonic_ns=uptime_ns)
    by_monotonic, by_wall = (uptime_ns - age_ns) / S, (START_NS - age_ns) / S
    assert abs(edge_ns(clock, by_monotonic) - (uptime_ns - age_ns)) < 1000
    assert abs(edge_ns(clock, by_wall) - (uptime_ns - age_ns)) < 1000


def test_an_edge_is_never_dated_after_now() -> None:
    clock = HandClock(START_NS, monotonic_ns=S)
    assert edge_ns(clock, 1.5) == S
