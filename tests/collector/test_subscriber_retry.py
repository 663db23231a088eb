"""How soon the collector tries its broker again."""

import pytest

from collector.subscriber import AT_LEAST_EVERY_S, RETRY_S, pause_s


def test_the_first_attempts_follow_each_other_quickly() -> None:
    assert max(pause_s(attempt, 0.0) for attempt in range(1, 100)) <= 2.4
    assert sum(RETRY_S[:3]) <= 2.5


@pytest.mark.parametrize("spent_s", [0.0, 3.0, 4.2, 60.0])
def test_two_attempts_begin_at_most_five_seconds_apart(spent_s: float) -> None:
    for attempt in range(1, 10):
        assert pause_s(attempt, spent_s) <= max(0.1, AT_LEAST_EVERY_S - spent_s)


def test_a_connection_that_ended_after_hours_is_not_made_anew_without_a_breath() -> None:
    assert pause_s(0, 7200.0) >= 0.4
