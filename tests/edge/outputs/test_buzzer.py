"""A buzzer that sounds in its pattern, and is still at once."""

import pytest

from contract.errors import PayloadError, SensorError
from contract.reading import NS_PER_S
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.outputs.buzzer import PATTERNS, Output

MS = NS_PER_S // 1000


@pytest.fixture
def clock() -> HandClock:
    return HandClock(1_795_000_000_000_000_000)


@pytest.fixture
def bench(clock: HandClock) -> Bench:
    return Bench(clock)


@pytest.mark.parametrize(
    ("pattern", "changes_ms"),
    [
        ("steady", [0]),
        ("beep", [0, 200, 1000, 1200, 2000]),
        ("slow", [0, 500, 1000, 1500, 2000]),
        ("fast", [*range(0, 2001, 100)]),
        ("double", [0, 100, 200, 300, 1000, 1100, 1200, 1300, 2000]),
    ],
)
def test_it_sounds_in_its_pattern_to_the_millisecond(
    clock: HandClock, bench: Bench, pattern: str, changes_ms: list[int]
) -> None:
    buzzer = Output(pin=26, pattern=pattern).open(bench)
    changes = bench.record(26)
    buzzer.set(1)
    clock.turn(2.0)
    assert changes == [(at * MS, index % 2 == 0) for index, at in enumerate(changes_ms)]
    assert buzzer.state() == 1


def test_every_pattern_is_whole_beats_of_on_and_off() -> None:
    assert all(len(beats) % 2 == 0 and sum(beats) in (0, 200, 1000) for beats in PATTERNS.values())


def test_it_is_still_at_once_in_the_middle_of_a_beat(clock: HandClock, bench: Bench) -> None:
    buzzer = Output(pin=26, pattern="fast", active="low").open(bench)
    assert bench.level(26)
    buzzer.set(1)
    clock.turn(0.05)
    assert not bench.level(26)
    buzzer.set(0)
    assert (bench.level(26), buzzer.state()) == (True, 0)
    changes = bench.record(26)
    clock.turn(10.0)
    assert changes == []
    assert clock.next_due_ns is None


def test_to_be_told_again_does_not_begin_the_pattern_anew(clock: HandClock, bench: Bench) -> None:
    buzzer = Output(pin=26).open(bench)
    buzzer.set(1)
    changes = bench.record(26)
    for _ in range(10):
        clock.turn(0.1)
        buzzer.set(1)
    assert len(changes) == 2


def test_closed_it_is_still_for_ever(clock: HandClock, bench: Bench) -> None:
    buzzer = Output(pin=26).open(bench)
    buzzer.set(1)
    buzzer.close()
    clock.turn(5.0)
    assert (bench.level(26), buzzer.state()) == (False, 0)
    with pytest.raises(SensorError):
        buzzer.set(1)
    assert buzzer.state() == 0


def test_a_pattern_is_no_value(bench: Bench) -> None:
    with pytest.raises(PayloadError) as refused:
        Output(pin=26).open(bench).set("beep")
    assert "ブザーは 0 か 1" in refused.value.say("ja")
