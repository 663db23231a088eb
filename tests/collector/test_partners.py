"""Collectors that share a store: with a fake second writer, what one knows of the other."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import pytest

from collector.ingest import Ingest
from collector.store import NO_STREAM, Interval, Kept, Refused, Remembered, StreamNews, Work
from collector.store.duck import DuckStore
from collector.store.shared import Others, SharedStore
from contract.payload import Acks
from contract.reading import Series, Value
from tests.collector.example import DONE, LINE, START, TEMPERATURE, S, batch, topic

pytestmark = pytest.mark.slow

NOW = START + 3600 * S
Key = tuple[str, Series]


class Pair(DuckStore):
    """A store in which another collector, "two", writes what a test says."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, threads=1, memory_mb=128)
        self.theirs: dict[Key, tuple[Interval, ...]] = {}
        self.given_up: dict[Key, tuple[Interval, ...]] = {}
        self.streams: dict[str, StreamNews] = {}
        self.counted: dict[str, int] = {}
        self.shifts: dict[str, int] = {}
        self.refused: list[Refused] = []
        self.put: list[Kept] = []
        self.gone: set[str] = set()
        self.there = True
        self.expected = False
        self.asked = 0

    def wrote(self, series: Series, *runs: Interval, stream: str = "s1") -> None:
        self.theirs[stream, series] = runs
        self.streams[stream] = StreamNews("pi-1", NOW)

    def expect_others(self) -> None:
        self.expected = True

    def others(self) -> Others:
        counted, self.counted = self.counted, {}
        return Others(frozenset({"two"} if self.there else ()), dict(self.streams), counted)

    def numbers_of_others(self, streams: Collection[str]) -> Remembered:
        self.asked += 1

        def of(kept: dict[Key, tuple[Interval, ...]]) -> dict[Key, tuple[Interval, ...]]:
            return {key: runs for key, runs in kept.items() if key[0] in streams}

        return Remembered(ranges=of(self.theirs), given_up=of(self.given_up))

    def shifts_of_others(self, stream: str) -> dict[str, int]:
        return dict(self.shifts)

    def refused_of_others(self, stream: str, reason: str) -> Sequence[Refused]:
        return [one for one in self.refused if (one.stream, one.reason) == (stream, reason)]

    def in_quarantine(self) -> Sequence[Kept]:
        return [one for one in (*self.remembered().quarantined, *self.put) if one.id not in self.gone]

    def newest(self, since: int) -> Sequence[tuple[Series, int, Value]]:
        return []


class Desk:
    """Collector "one" of the pair."""

    def __init__(self, path: Path) -> None:
        self.store = Pair(path / "line.duckdb")
        self.now = NOW
        self.ingest = Ingest(self.store, [(0, LINE)], "one", lambda: self.now)

    def take(self, payload: bytes, series: Series = DONE) -> None:
        self.ingest.take(topic(series), payload, self.now)

    def commit(self) -> None:
        self.ingest.commit()

    def upto(self, series: Series = DONE, stream: str = "s1") -> int | None:
        return self.ingest.acks("pi-1").streams.get(stream, {}).get(str(series))

    def counts(self) -> tuple[int, int, int]:
        status = self.ingest.status()
        return status["received"], status["stored"], status["duplicates"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.store.close()


def test_the_pair_is_a_store_that_can_be_shared_and_a_file_is_not(desk: Desk, tmp_path: Path) -> None:
    assert isinstance(desk.store, SharedStore)
    alone = DuckStore(tmp_path / "alone.duckdb", threads=1, memory_mb=128)
    assert not isinstance(alone, SharedStore)
    alone.close()


def test_what_both_stored_is_confirmed_once_the_gap_is_read_from_the_store(desk: Desk) -> None:
    desk.take(batch(1, [1, 2]))
    desk.take(batch(5, [5, 6]))
    desk.commit()
    assert desk.upto() == 2
    desk.store.wrote(DONE, (3, 4))
    desk.ingest.refresh()
    assert desk.upto() == 6


def test_what_the_other_stored_is_a_repeat_here_and_is_not_stored_again(desk: Desk) -> None:
    desk.store.wrote(DONE, (1, 3))
    desk.take(batch(1, [1, 2, 3, 4]))
    desk.commit()
    assert desk.counts() == (4, 1, 3)
    assert desk.upto() == 4


def test_the_others_numbers_are_asked_for_once_in_a_commit(desk: Desk) -> None:
    before = desk.store.asked
    for n in range(1, 11):
        desk.take(batch(n, [n]))
    assert desk.store.asked == before + 1
    desk.commit()
    desk.take(batch(11, [11]))
    assert desk.store.asked == before + 2


def test_nobody_is_asked_where_nobody_else_is(tmp_path: Path) -> None:
    store = Pair(tmp_path / "line.duckdb")
    store.there = False
    ingest = Ingest(store, [(0, LINE)], "one", lambda: NOW)
    ingest.take(topic(DONE), batch(1, [1]), NOW)
    ingest.refresh()
    assert (store.asked, store.expected) == (0, False)
    ingest.hear_collector("one")
    assert not store.expected
    ingest.hear_collector("two")
    assert store.expected
    ingest.take(topic(DONE), batch(2, [2]), NOW)
    assert store.asked == 1
    store.close()


def test_what_the_other_wrote_late_is_no_longer_missing(desk: Desk) -> None:
    desk.take(batch(1, [1]))
    desk.take(batch(5, [5]))
    desk.commit()
    desk.now += 61 * S
    assert desk.ingest.status()["missing"] == 3
    desk.store.wrote(DONE, (2, 3))
    desk.ingest.refresh()
    assert desk.ingest.status()["missing"] == 1


def test_a_gap_below_what_the_other_stored_is_missing_too(desk: Desk) -> None:
    desk.take(batch(1, [1]))
    desk.commit()
    desk.store.wrote(DONE, (11, 20))
    desk.ingest.refresh()
    desk.now += 61 * S
    assert (desk.upto(), desk.ingest.status()["missing"]) == (1, 9)


def test_what_the_other_gave_up_is_passed_over_and_counted_once(desk: Desk) -> None:
    desk.take(batch(8, [8, 9]))
    desk.commit()
    desk.store.wrote(DONE)
    desk.store.given_up["s1", DONE] = ((1, 7),)
    desk.ingest.refresh()
    assert (desk.upto(), desk.ingest.status()["missing"]) == (9, 7)


def test_what_is_open_here_is_not_confirmed_by_what_the_other_stored(desk: Desk) -> None:
    desk.take(batch(3, [3, 4]))
    desk.store.wrote(DONE, (1, 2))
    desk.ingest.refresh()
    assert desk.upto() is None
    desk.commit()
    assert desk.upto() == 4


def test_a_confirmation_of_the_other_is_never_gone_below_and_carries_further(desk: Desk) -> None:
    desk.take(batch(101, [101, 102]))
    desk.commit()
    assert desk.upto() == 0
    mine = desk.store.id
    assert not desk.ingest.hear_acks("pi-1", Acks(mine, {"s1": {str(DONE): 60, str(TEMPERATURE): 5}}))
    assert (desk.upto(), desk.upto(TEMPERATURE)) == (60, 5)
    assert not desk.ingest.hear_acks("pi-1", Acks(mine, {"s1": {str(DONE): 40}, "s2": {str(DONE): 3}}))
    assert (desk.upto(), desk.upto(stream="s2")) == (60, 3)
    assert desk.ingest.hear_acks("pi-1", Acks(mine, {"s1": {str(DONE): 100}})), "we know of more than it did"
    assert desk.upto() == 102


def test_a_confirmation_under_another_store_id_or_without_sense_says_nothing(desk: Desk) -> None:
    assert not desk.ingest.hear_acks("pi-1", Acks("another", {"s1": {str(DONE): 60}}))
    assert not desk.ingest.hear_acks("pi-1", Acks(desk.store.id, {"s 1": {str(DONE): 1}, "s1": {"done": 60}}))
    assert desk.ingest.acks("pi-1").streams == {}


def test_the_counters_are_those_of_both(desk: Desk) -> None:
    desk.take(batch(1, [1, 2]))
    desk.commit()
    desk.store.counted = {"received": 10, "stored": 7, "duplicates": 3}
    desk.ingest.refresh()
    assert desk.counts() == (12, 9, 3)
    desk.ingest.refresh()
    assert desk.counts() == (12, 9, 3)


def test_a_total_is_judged_by_the_others_reading_before_it_not_by_our_own_older_one(desk: Desk) -> None:
    desk.take(batch(1, [10]))
    desk.commit()
    desk.store.commit(Work(rows=[]))
    desk.store.wrote(DONE, (2, 2))
    fallen = batch(2, [3])
    desk.store.refused.append(Refused("1-two", NOW, topic(DONE), "total_fell", "", fallen, "s1"))
    desk.take(batch(3, [4]))
    desk.commit()
    assert desk.ingest.status()["in_quarantine"] == 0, "it rises from where the other's total fell to"
    assert desk.upto() == 3


def test_a_total_that_falls_below_every_floor_is_still_refused(desk: Desk) -> None:
    desk.take(batch(1, [10]))
    desk.commit()
    desk.take(batch(2, [9]))
    desk.commit()
    assert desk.ingest.status()["in_quarantine"] == 1


def settled(desk: Desk) -> int | None:
    desk.take(batch(1, [1], clock="unsynced", sent=START))
    desk.commit()
    desk.now += 11 * S
    desk.ingest.settle(desk.now)
    desk.commit()
    shift: int | None = desk.ingest.status()["shifted"].get("s1")
    return shift


def test_a_clock_shift_the_other_has_settled_is_taken_over(desk: Desk) -> None:
    desk.store.shifts = {"two": 5 * S}
    assert settled(desk) == 5 * S


def test_a_clock_shift_that_nobody_has_settled_is_written_down_before_it_is_used(desk: Desk) -> None:
    assert settled(desk) == NOW - START
    assert desk.store.remembered().streams["s1"].shift == NOW - START


def test_the_quarantine_is_that_of_both(desk: Desk) -> None:
    desk.take(b"not json")
    desk.commit()
    (ours,) = desk.store.in_quarantine()
    desk.store.put = [Kept("1-two", 7, "not_json", "s9")]
    desk.take(b"nor this")
    desk.ingest.refresh()
    assert desk.ingest.status()["in_quarantine"] == 3
    desk.store.gone = {ours.id, "1-two"}
    desk.ingest.refresh()
    desk.commit()
    assert desk.ingest.status()["in_quarantine"] == 1, "what is open here stays"
    desk.ingest.refresh()
    assert desk.ingest.status()["in_quarantine"] == 1


def test_single_readings_are_nobodys_stream(desk: Desk) -> None:
    desk.ingest.take(topic(TEMPERATURE), b"23.5", NOW)
    desk.commit()
    assert desk.store.readings(TEMPERATURE).streams == (NO_STREAM,)
