import sqlite3
from pathlib import Path

import pytest

from contract.errors import OutboxError
from contract.reading import NS_PER_S, Series
from edge.bench_clock import HandClock
from edge.group_commit import GroupCommit, Patience
from edge.outbox import Outbox

AIR = Series("washer", "air", "temperature")


class Kit:
    """A group commit that notes when the outbox was written."""

    def __init__(self, directory: Path) -> None:
        self.clock = HandClock(1_795_000_000 * NS_PER_S)
        self.outbox = Outbox(directory / "outbox.sqlite", "pi-1", self.clock)
        self.group = GroupCommit(self.outbox, self.clock, Patience())
        self.written: list[float] = []
        self.outbox.listen(lambda: self.written.append(self.clock.monotonic_ns() / NS_PER_S))

    def take(self, *, event: bool) -> None:
        self.outbox.put(AIR, 1, self.clock.monotonic_ns())
        self.group.note(event=event)

    def take_at(self, seconds: float, *, event: bool) -> None:
        self.clock.at(round(seconds * NS_PER_S), lambda: self.take(event=event))


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


def test_an_event_after_quiet_is_written_at_once(kit: Kit) -> None:
    kit.take_at(5.0, event=True)
    kit.take_at(6.0, event=True)
    kit.clock.turn(10.0)
    assert kit.written == [5.0, 6.0]


def test_events_that_are_no_burst_do_not_wait(kit: Kit) -> None:
    for n in range(10):
        kit.take_at(5.0 + n * 0.3, event=True)
    kit.clock.turn(10.0)
    assert kit.written == pytest.approx([5.0 + n * 0.3 for n in range(10)])


def test_a_burst_is_gathered_for_two_tenths_of_a_second_at_most(kit: Kit) -> None:
    for n in range(100):
        kit.take_at(5.0 + n * 0.01, event=True)
    kit.clock.turn(10.0)
    assert kit.written == pytest.approx([5.0, 5.21, 5.42, 5.63, 5.84, 6.05])
    assert kit.outbox.held == 100


def test_polled_readings_are_gathered_for_two_seconds_at_most(kit: Kit) -> None:
    for n in range(40):
        kit.take_at(1.0 + n * 0.1, event=False)
    kit.clock.turn(10.0)
    assert kit.written == pytest.approx([3.0, 5.1])


def test_an_event_takes_the_polled_readings_along(kit: Kit) -> None:
    kit.take_at(1.0, event=False)
    kit.take_at(1.5, event=True)
    kit.clock.turn(10.0)
    assert kit.written == [1.5]


def test_a_disk_that_fails_is_tried_again_and_said_once(
    kit: Kit, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = sqlite3.connect(tmp_path / "outbox.sqlite", isolation_level=None)
    kit.outbox._file._db.execute("PRAGMA busy_timeout = 0")
    other.execute("BEGIN IMMEDIATE")
    kit.take(event=True)
    kit.clock.turn(5.0)
    assert kit.group.trouble is not None
    assert kit.written == []
    assert len(caplog.records) == 1
    other.execute("ROLLBACK")
    other.close()
    kit.clock.turn(1.0)
    assert kit.group.trouble is None
    assert len(kit.written) == 1


def test_whatever_is_raised_the_readings_are_kept_and_written_later_and_it_is_said_once(
    kit: Kit, caplog: pytest.LogCaptureFixture
) -> None:
    kit.outbox.confirm("\ud800", {})  # no text that a file can hold
    kit.take(event=True)
    kit.clock.turn(3.0)
    kit.take(event=True)
    kit.clock.turn(3.0)
    assert kit.group.trouble is not None
    assert "UnicodeEncodeError" in kit.group.trouble.say("en")
    assert len(caplog.records) == 1
    assert (kit.written, kit.outbox.backlog) == ([], 2)
    with pytest.raises(OutboxError, match="UnicodeEncodeError"):
        kit.group.finish()
    kit.outbox.confirm("store", {})
    kit.take(event=True)
    kit.clock.turn(1.0)
    assert kit.group.trouble is None
    assert len(kit.written) == 1
    assert [(number, value) for _, _, number, _, value in kit.outbox.rows(0, 100, 100)] == [(1, 1), (2, 1), (3, 1)]


def test_the_last_readings_are_written_at_the_end(kit: Kit) -> None:
    kit.take(event=False)
    kit.group.finish()
    assert kit.written == [0.0]
    kit.clock.turn(5.0)
    assert kit.written == [0.0]
