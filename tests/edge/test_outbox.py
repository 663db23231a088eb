import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from contract.errors import InUse, NotAllowed, OutboxError
from contract.line import OutboxLimits
from contract.reading import NS_PER_S, Series
from edge.bench_clock import HandClock
from edge.delivery import Delivery
from edge.outbox import Outbox
from edge.timekeeping import Timekeeping

START_NS = 1_795_000_000 * NS_PER_S
DAY_S = 86_400.0
AIR = Series("washer", "air", "temperature")
DONE = Series("washer", "done", "count")


@pytest.fixture
def clock() -> HandClock:
    return HandClock(START_NS)


def _open(directory: Path, clock: HandClock, **limits: float) -> Outbox:
    return Outbox(directory / "outbox.sqlite", "pi-1", clock, OutboxLimits(**limits))  # type: ignore[arg-type]


def _kill(directory: Path, to: Path) -> Path:
    """What is on disk at this moment, as a killed agent leaves it."""
    to.mkdir()
    for file in directory.glob("outbox.sqlite*"):
        shutil.copy(file, to)
    return to


def _readings(outbox: Outbox, clock: HandClock) -> list[tuple[str, str, int, int, object]]:
    """Everything that is given out: (stream, series, number, t, v)."""
    return [
        (batch.stream, str(batch.series), batch.seq + i, t, v)
        for batch in Delivery(outbox, clock).due()
        for i, (t, v) in enumerate(zip(batch.t, batch.v, strict=True))
    ]


def test_readings_are_numbered_from_one_in_each_series(tmp_path: Path, clock: HandClock) -> None:
    outbox = _open(tmp_path, clock)
    assert [outbox.put(AIR, v, 0) for v in (1.5, 2.5)] == [1, 2]
    assert outbox.add(DONE, 1, 0) == 1
    outbox.commit()
    outbox.close()


def test_equal_times_are_moved_by_a_nanosecond(tmp_path: Path, clock: HandClock) -> None:
    outbox = _open(tmp_path, clock)
    for at in (5, 5, 4):
        outbox.put(AIR, 1, at)
    outbox.commit()
    assert [t for *_, t, _ in _readings(outbox, clock)] == [START_NS + 5, START_NS + 6, START_NS + 7]
    outbox.close()


def test_a_total_runs_through_its_stream(tmp_path: Path, clock: HandClock) -> None:
    outbox = _open(tmp_path, clock)
    for rise in (1, 0, 3):
        outbox.add(DONE, rise, 0)
    outbox.commit()
    assert [v for *_, v in _readings(outbox, clock)] == [1, 1, 4]
    outbox.close()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53 + 1, "x" * 257])
def test_what_no_reading_can_hold_is_refused(tmp_path: Path, clock: HandClock, value: float | str) -> None:
    outbox = _open(tmp_path, clock)
    with pytest.raises(ValueError, match="washer/air/temperature"):
        outbox.put(AIR, value, 0)
    outbox.close()


def test_every_life_begins_a_new_stream_after_a_clean_stop_too(tmp_path: Path, clock: HandClock) -> None:
    outbox = _open(tmp_path, clock)
    outbox.add(DONE, 2, 0)
    old = outbox.stream
    outbox.close()
    again = _open(tmp_path, clock)
    assert again.stream != old
    assert again.add(DONE, 1, 1) == 1
    again.commit()
    assert [(s, number, v) for s, _, number, _, v in _readings(again, clock)] == [(old, 1, 2), (again.stream, 1, 1)]
    again.close()


def test_streams_in_which_nothing_was_read_are_forgotten(tmp_path: Path, clock: HandClock) -> None:
    for _ in range(5):
        _open(tmp_path, clock).close()
    outbox = _open(tmp_path, clock)
    outbox.commit()
    with sqlite3.connect(tmp_path / "outbox.sqlite") as db:
        assert [name for (name,) in db.execute("SELECT name FROM stream")] == [outbox.stream]
    db.close()
    outbox.close()


def test_a_kill_begins_a_new_stream_and_what_was_committed_goes_under_its_old_name(
    tmp_path: Path, clock: HandClock
) -> None:
    outbox = _open(tmp_path, clock)
    outbox.add(DONE, 1, 0)
    outbox.commit()
    outbox.add(DONE, 1, 1)
    old, killed = outbox.stream, _kill(tmp_path, tmp_path / "killed")
    outbox.close()
    again = _open(killed, clock)
    again.add(DONE, 1, 2)
    again.commit()
    assert [(s, number, v) for s, _, number, _, v in _readings(again, clock)] == [(old, 1, 1), (again.stream, 1, 1)]
    assert again.stream != old
    again.close()


def test_an_object_dropped_without_closing_lets_the_next_one_open(tmp_path: Path, clock: HandClock) -> None:
    outbox = _open(tmp_path, clock)
    outbox.put(AIR, 1, 0)
    outbox.commit()
    old = outbox.stream
    del outbox
    again = _open(tmp_path, clock)
    assert again.stream != old
    assert again.backlog == 1
    again.close()


@pytest.mark.parametrize("step_s", [-3600.0, -2.1, 2.1, 86_400.0])
def test_a_clock_step_begins_a_new_stream_and_moves_no_reading_before_it(
    tmp_path: Path, clock: HandClock, step_s: float
) -> None:
    outbox = _open(tmp_path, clock)
    outbox.add(DONE, 1, 0)
    old = outbox.stream
    clock.turn(1.0)
    clock.step(step_s)
    outbox.add(DONE, 1, clock.monotonic_ns())
    outbox.commit()
    step_ns = round(step_s * NS_PER_S)
    assert [(s, n, t, v) for s, _, n, t, v in _readings(outbox, clock)] == [
        (old, 1, START_NS, 1),
        (outbox.stream, 1, START_NS + NS_PER_S + step_ns, 1),
    ]
    outbox.close()


def test_a_clock_that_is_slewed_stays_in_its_stream(tmp_path: Path, clock: HandClock) -> None:
    outbox = _open(tmp_path, clock)
    old = outbox.stream
    for _ in range(20):
        clock.turn(30.0)
        clock.step(-0.5)
        outbox.put(AIR, 1, clock.monotonic_ns())
        outbox.commit()
    assert outbox.stream == old
    outbox.close()


def test_what_was_written_before_the_clock_was_set_is_put_right(tmp_path: Path) -> None:
    clock = HandClock(1000 * NS_PER_S)
    outbox = _open(tmp_path, clock)
    outbox.put(AIR, 1, clock.monotonic_ns())
    clock.turn(10.0)
    outbox.put(AIR, 2, clock.monotonic_ns())
    outbox.commit()
    assert Delivery(outbox, clock).due() == []
    clock.step(START_NS / NS_PER_S - 1010.0)
    outbox.put(AIR, 3, clock.monotonic_ns())
    outbox.commit()
    first, second = Delivery(outbox, clock).due()
    assert (first.clock, list(first.t)) == ("corrected", [START_NS - 10 * NS_PER_S, START_NS])
    assert (second.clock, list(second.t)) == ("synced", [START_NS])
    assert first.stream != second.stream
    outbox.close()


def test_what_was_taken_before_the_clock_was_set_is_put_right_even_if_it_was_not_yet_on_disk(tmp_path: Path) -> None:
    clock = HandClock(1000 * NS_PER_S)
    outbox = _open(tmp_path, clock)
    outbox.put(AIR, 1, clock.monotonic_ns())
    clock.turn(1.0)
    clock.step(START_NS / NS_PER_S - 1001.0)
    outbox.commit()
    (batch,) = Delivery(outbox, clock).due()
    assert (batch.clock, list(batch.t)) == ("corrected", [START_NS - NS_PER_S])
    outbox.close()


def test_what_was_written_before_the_clock_was_set_is_put_right_after_a_kill_too(tmp_path: Path) -> None:
    timekeeping = Timekeeping(boot="this-boot")
    clock = HandClock(1000 * NS_PER_S)
    outbox = Outbox(tmp_path / "outbox.sqlite", "pi-1", clock, timekeeping=timekeeping)
    outbox.put(AIR, 1, clock.monotonic_ns())
    outbox.commit()
    killed = _kill(tmp_path, tmp_path / "killed")
    outbox.close()
    clock.turn(5.0)
    again = Outbox(killed / "outbox.sqlite", "pi-1", clock, timekeeping=timekeeping)
    clock.step(START_NS / NS_PER_S - 1005.0)
    again.put(AIR, 2, clock.monotonic_ns())
    again.commit()
    assert [(b.clock, list(b.t)) for b in Delivery(again, clock).due()] == [
        ("corrected", [START_NS - 5 * NS_PER_S]),
        ("synced", [START_NS]),
    ]
    again.close()


def test_readings_under_a_clock_that_is_never_set_go_as_they_are_with_the_agents_own_clock(tmp_path: Path) -> None:
    clock = HandClock(1000 * NS_PER_S)
    outbox = _open(tmp_path, clock)
    outbox.put(AIR, 1, clock.monotonic_ns())
    outbox.commit()
    delivery = Delivery(outbox, clock)
    assert delivery.due() == []
    clock.turn(30.0)
    (batch,) = delivery.due()
    assert (batch.clock, list(batch.t), batch.sent) == ("unsynced", [1000 * NS_PER_S], 1030 * NS_PER_S)
    clock.step(START_NS / NS_PER_S)
    outbox.put(AIR, 2, clock.monotonic_ns())
    outbox.commit()
    assert [b.clock for b in delivery.due()] == ["synced"]
    outbox.close()


def test_a_clock_that_turns_out_right_begins_a_stream_that_is_believed(tmp_path: Path, clock: HandClock) -> None:
    found: list[bool] = []
    timekeeping = Timekeeping(synced=lambda: bool(found))
    outbox = Outbox(tmp_path / "outbox.sqlite", "pi-1", clock, timekeeping=timekeeping)
    outbox.put(AIR, 1, 0)
    found.append(True)
    clock.turn(1.0)
    outbox.put(AIR, 2, clock.monotonic_ns())
    outbox.commit()
    assert outbox.clock_state == "synced"
    assert [b.clock for b in Delivery(outbox, clock).due()] == ["corrected", "synced"]
    outbox.close()


def test_a_second_agent_on_the_same_directory_is_told_so(tmp_path: Path, clock: HandClock) -> None:
    outbox = _open(tmp_path, clock)
    with pytest.raises(InUse) as refused:
        _open(tmp_path, clock)
    assert str(os.getpid()) in refused.value.say("ja")
    outbox.close()
    _open(tmp_path, clock).close()


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path, clock: HandClock) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(NotAllowed) as refused:
        _open(tmp_path / "file", clock)
    assert str(tmp_path / "file") in refused.value.say("ja")


def test_damage_found_while_running_costs_only_what_was_on_disk(tmp_path: Path, clock: HandClock) -> None:
    outbox = _open(tmp_path, clock)
    outbox.add(DONE, 5, 0)
    outbox.commit()
    old = outbox.stream
    with sqlite3.connect(tmp_path / "outbox.sqlite") as db:
        db.execute("DROP TABLE reading")
    db.close()
    outbox.add(DONE, 2, 1)
    outbox.put(AIR, 1, 1)
    assert outbox.commit() == 2
    assert outbox.stream != old
    assert (outbox.set_aside, outbox.dropped) == (1, 1)
    assert sorted((series, n, v) for _, series, n, _, v in _readings(outbox, clock)) == [
        (str(AIR), 1, 1),
        (str(DONE), 1, 2),
    ]
    outbox.close()


def test_what_cannot_be_written_now_is_written_later(tmp_path: Path, clock: HandClock) -> None:
    outbox = _open(tmp_path, clock)
    outbox.put(AIR, 1, 0)
    other = sqlite3.connect(tmp_path / "outbox.sqlite", isolation_level=None, timeout=0)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("BEGIN IMMEDIATE")
    outbox._file._db.execute("PRAGMA busy_timeout = 0")
    with pytest.raises(OutboxError):
        outbox.commit()
    outbox.put(AIR, 2, 1)
    other.execute("ROLLBACK")
    other.close()
    assert outbox.commit() == 2
    assert [(n, v) for _, _, n, _, v in _readings(outbox, clock)] == [(1, 1), (2, 2)]
    outbox.close()


def test_what_is_taken_while_others_are_written_is_not_missed_after_a_kill(tmp_path: Path, clock: HandClock) -> None:
    outbox = _open(tmp_path, clock, max_readings=10)
    outbox.put(AIR, 1, 1)
    outbox.commit()
    outbox.confirm("store-1", {outbox.stream: {str(AIR): 1}})

    def meanwhile() -> None:
        outbox.put(AIR, 3, 3)

    outbox.listen(meanwhile)
    for number in range(10):
        outbox.put(DONE, number, number)
    outbox.commit()  # it lets the confirmed one go, and writes its series down
    again = _open(_kill(tmp_path, tmp_path / "killed"), clock)
    assert (again.held, again.backlog) == (10, 10)
    assert len(_readings(again, clock)) == 10
    again.close()
    outbox.close()


def test_a_full_outbox_gives_up_the_oldest_and_says_so(tmp_path: Path, clock: HandClock) -> None:
    outbox = _open(tmp_path, clock, max_readings=100)
    for number in range(1, 251):
        outbox.put(AIR, number, number)
        outbox.commit()
    assert outbox.held == 100
    assert outbox.dropped == 150
    (batch,) = Delivery(outbox, clock).due()
    assert (batch.seq, batch.last, batch.lowest) == (151, 250, 151)
    outbox.close()
    again = _open(tmp_path, clock, max_readings=100)
    assert (again.held, again.dropped) == (100, 150)
    again.close()


def test_a_full_outbox_lets_go_of_what_is_stored_before_it_gives_anything_up(tmp_path: Path, clock: HandClock) -> None:
    outbox = _open(tmp_path, clock, max_readings=100)
    for number in range(40):
        outbox.put(DONE, number, number)
        outbox.put(AIR, number, number)
    outbox.commit()
    outbox.confirm("store", {outbox.stream: {str(AIR): 40}})
    for number in range(40, 75):
        outbox.put(DONE, number, number)
    outbox.commit()
    assert (outbox.held, outbox.backlog, outbox.dropped) == (100, 75, 0)
    for number in range(75, 110):
        outbox.put(DONE, number, number)
    outbox.commit()
    assert (outbox.held, outbox.backlog, outbox.dropped) == (100, 100, 10)
    outbox.close()


def test_readings_too_old_are_given_up_and_counted(tmp_path: Path, clock: HandClock) -> None:
    outbox = _open(tmp_path, clock, max_age_days=1.0)
    outbox.put(AIR, 1, clock.monotonic_ns())
    outbox.commit()
    clock.turn(0.9 * DAY_S)
    outbox.put(AIR, 2, clock.monotonic_ns())
    outbox.commit()
    assert outbox.dropped == 0
    clock.turn(0.2 * DAY_S)
    outbox.put(AIR, 3, clock.monotonic_ns())
    outbox.commit()
    assert (outbox.dropped, outbox.held) == (1, 2)
    (batch,) = Delivery(outbox, clock).due()
    assert (batch.lowest, list(batch.v)) == (2, [2, 3])
    outbox.close()


def test_a_clock_set_forward_by_years_makes_nothing_too_old(tmp_path: Path, clock: HandClock) -> None:
    outbox = _open(tmp_path, clock, max_age_days=1.0)
    outbox.put(AIR, 1, clock.monotonic_ns())
    outbox.commit()
    clock.step(400 * DAY_S)
    for _ in range(3):
        clock.turn(700.0)
        outbox.put(AIR, 2, clock.monotonic_ns())
        outbox.commit()
    assert outbox.dropped == 0
    outbox.close()


def test_what_is_stored_is_kept_for_keep_s_and_then_forgotten(tmp_path: Path, clock: HandClock) -> None:
    outbox = _open(tmp_path, clock, keep_s=3600.0)
    for number in range(100):
        outbox.put(AIR, number, clock.monotonic_ns() + number)
    outbox.commit()
    outbox.confirm("store", {outbox.stream: {str(AIR): 100}})
    clock.turn(3000.0)
    outbox.put(DONE, 1, clock.monotonic_ns())
    outbox.commit()
    clock.turn(3000.0)
    outbox.put(DONE, 2, clock.monotonic_ns())
    outbox.commit()
    assert outbox.held == 102
    clock.turn(1000.0)
    outbox.put(DONE, 3, clock.monotonic_ns())
    outbox.commit()
    assert (outbox.held, outbox.backlog, outbox.dropped) == (3, 3, 0)
    outbox.close()


def test_what_the_store_lost_is_not_forgotten(tmp_path: Path, clock: HandClock) -> None:
    outbox = _open(tmp_path, clock, keep_s=3600.0)
    outbox.put(AIR, 1, clock.monotonic_ns())
    outbox.commit()
    outbox.confirm("store", {outbox.stream: {str(AIR): 1}})
    clock.turn(1800.0)
    outbox.put(DONE, 1, clock.monotonic_ns())
    outbox.commit()
    outbox.confirm("another store", {})
    for number in range(5):
        clock.turn(1800.0)
        outbox.put(DONE, number, clock.monotonic_ns())
        outbox.commit()
    assert (outbox.held, outbox.backlog) == (7, 7)
    outbox.close()


def test_streams_of_earlier_lives_leave_when_their_readings_do(tmp_path: Path, clock: HandClock) -> None:
    limits = {"keep_s": 0.0}
    outbox = _open(tmp_path, clock, **limits)
    outbox.put(AIR, 1, clock.monotonic_ns())
    outbox.commit()
    old, killed = outbox.stream, _kill(tmp_path, tmp_path / "killed")
    outbox.close()
    again = _open(killed, clock, **limits)
    again.confirm("store", {old: {str(AIR): 1}})
    clock.turn(60.0)
    again.put(AIR, 1, clock.monotonic_ns())
    again.commit()
    assert again.held == 1
    with sqlite3.connect(killed / "outbox.sqlite") as db:
        assert [name for (name,) in db.execute("SELECT name FROM stream")] == [again.stream]
    db.close()
    again.close()


@pytest.mark.parametrize("series", [AIR, DONE], ids=["a higher number", "a series unknown to us"])
def test_a_store_that_has_more_than_we_ever_gave_makes_a_new_stream(
    tmp_path: Path, clock: HandClock, series: Series
) -> None:
    outbox = _open(tmp_path, clock)
    outbox.put(AIR, 1, 0)
    outbox.commit()
    old = outbox.stream
    outbox.confirm("store", {old: {str(series): 500}})
    assert outbox.stream != old
    assert outbox.put(AIR, 2, 1) == 1
    outbox.close()


def test_every_commit_waits_for_the_disk(tmp_path: Path, clock: HandClock) -> None:
    outbox = _open(tmp_path, clock)
    asked = [outbox._file._db.execute(f"PRAGMA {what}").fetchone()[0] for what in ("synchronous", "journal_mode")]
    assert asked == [2, "wal"]
    outbox.close()


def test_listeners_hear_of_each_commit_that_wrote_something(tmp_path: Path, clock: HandClock) -> None:
    outbox = _open(tmp_path, clock)
    heard: list[int] = []
    outbox.listen(lambda: heard.append(outbox.backlog))
    outbox.commit()
    outbox.put(AIR, 1, 0)
    outbox.commit()
    outbox.commit()
    assert heard == [1]
    outbox.close()


def test_a_commit_ends_with_its_block_of_the_card(tmp_path: Path, clock: HandClock) -> None:
    outbox = _open(tmp_path, clock)
    outbox.put(AIR, 1, 0)
    outbox.commit()
    log = (tmp_path / "outbox.sqlite-wal").read_bytes()
    frames = [log[at : at + 4120] for at in range(32, len(log), 4120)]
    pages = [frame[:4] for frame in frames]
    assert pages[-1] == pages[-2], "the last page is written once more, beyond the block in which the commit ended"
    outbox.close()
