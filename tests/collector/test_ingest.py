"""What the collector believes, stores, repeats, keeps apart and confirms. Sections 2 and 3 of the contract."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collector.ingest import Ingest
from collector.store import FLAG_OUT_OF_RANGE, Rows, Work
from collector.store.duck import DuckStore
from contract.errors import StoreAway, StoreRefused
from contract.reading import Series
from contract.words import Words
from tests.collector.desk import NOW, Desk
from tests.collector.example import (
    DONE,
    LINE,
    REASON,
    START,
    TEMPERATURE,
    TEXT,
    WASH,
    WEIGHT,
    S,
    batch,
    line,
    topic,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.store.close()


# ---------------------------------------------------------------------- once


def test_a_repeated_message_is_stored_once(desk: Desk) -> None:
    desk.send(batch(1, [1, 2, 3]), batch(1, [1, 2, 3]))
    assert desk.stored() == [1, 2, 3]
    assert desk.counts("received", "stored", "duplicates", "quarantined") == (6, 3, 3, 0)


def test_of_an_overlapping_batch_only_the_new_is_stored(desk: Desk) -> None:
    desk.send(batch(1, [1, 2, 3]), batch(2, [2, 3, 4]))
    assert desk.stored() == [1, 2, 3, 4]
    assert desk.counts("received", "stored", "duplicates") == (6, 4, 2)


def test_messages_that_overtake_each_other_are_neither_dropped_nor_doubled(desk: Desk) -> None:
    desk.send(batch(4, [4, 5]), batch(1, [1, 2, 3]), batch(4, [4, 5]))
    assert desk.stored() == [1, 2, 3, 4, 5]
    assert desk.confirmed() == 5


def test_a_repeat_after_a_restart_is_stored_once(desk: Desk) -> None:
    desk.send(batch(1, [1, 2, 3]))
    desk.restart()
    desk.send(batch(1, [1, 2, 3]), batch(3, [3, 4]))
    assert desk.stored() == [1, 2, 3, 4]
    assert desk.counts("received", "stored", "duplicates") == (8, 4, 4)


def test_two_streams_of_one_topic_have_their_own_numbers(desk: Desk) -> None:
    desk.send(batch(1, [1, 2]), batch(1, [1, 2], stream="s2", t=[START + 9 * S, START + 10 * S]))
    assert desk.stored() == [1, 2, 1, 2]
    assert (desk.confirmed(), desk.confirmed(stream="s2")) == (2, 2)


def test_what_is_committed_is_handed_on_as_stored(desk: Desk) -> None:
    desk.take(batch(1, [1, 2]))
    rows = desk.ingest.commit()
    assert [(r.series, r.seq, list(r.v)) for r in rows] == [(DONE, 1, [1, 2])]
    assert desk.ingest.commit() == []


# ---------------------------------------------------------------------- confirmation


def test_nothing_is_confirmed_before_its_commit(desk: Desk) -> None:
    desk.take(batch(1, [1, 2]))
    assert desk.ingest.acks("pi-1").streams == {}
    desk.ingest.commit()
    assert desk.ingest.acks("pi-1").streams == {"s1": {"washer/done/count": 2}}
    assert desk.ingest.acks("pi-1").store == desk.store.id


def test_a_gap_holds_up_what_is_confirmed_at_any_age(desk: Desk) -> None:
    desk.send(batch(1, [1]), batch(3, [3]))
    desk.now += 86_400 * S
    assert desk.confirmed() == 1


def test_from_passes_over_what_the_agent_gave_up(desk: Desk) -> None:
    desk.send(batch(11, [11], lowest=11))
    assert desk.confirmed() == 11
    assert desk.counts("missing") == (10,)


def test_a_number_given_up_that_comes_after_all_is_stored_and_no_longer_missing(desk: Desk) -> None:
    desk.send(batch(11, [11], lowest=11), batch(4, [4, 5]))
    assert desk.counts("missing", "stored") == (8, 3)
    desk.restart()
    desk.send(batch(6, [6]))
    assert desk.counts("missing") == (7,)
    assert desk.confirmed() == 11


def test_from_passes_over_no_other_gap(desk: Desk) -> None:
    desk.send(batch(3, [3], lowest=3), batch(5, [5], lowest=3))
    assert desk.confirmed() == 3


def test_an_agent_is_told_of_its_own_streams_only(desk: Desk) -> None:
    desk.send(batch(1, [1], agent="pi-9"), batch(1, [1], stream="s2", agent=None))
    assert desk.ingest.acks("pi-9").streams == {"s1": {"washer/done/count": 1}}
    assert desk.ingest.acks("pi-1").streams == {"s2": {"washer/done/count": 1}}


def test_a_station_without_an_agent_is_stored_and_not_confirmed(desk: Desk) -> None:
    desk.send(batch(1, ["changeover"], agent=None), series=REASON)
    assert desk.stored(REASON) == ["changeover"]
    assert desk.ingest.acks("pi-1").streams == {}


def test_every_agent_of_the_line_is_told_even_when_nothing_is_known_of_it(desk: Desk) -> None:
    assert desk.ingest.agents() == ("pi-1",)
    assert desk.ingest.acks("pi-1").streams == {}


def test_a_stream_not_heard_for_thirty_days_leaves_the_confirmation_but_never_the_ranges(desk: Desk) -> None:
    desk.send(batch(1, [1]))
    desk.now += 31 * 86_400 * S
    assert desk.ingest.acks("pi-1").streams == {}
    desk.send(batch(1, [1]))
    assert desk.counts("stored", "duplicates") == (1, 1)
    assert desk.confirmed() == 1


# ---------------------------------------------------------------------- missing


def test_a_gap_is_missing_only_a_minute_after_a_higher_number(desk: Desk) -> None:
    desk.send(batch(1, [1]), batch(4, [4]))
    assert desk.counts("missing") == (0,)
    desk.now += 60 * S
    assert desk.counts("missing") == (2,)


def test_missing_falls_when_a_late_one_arrives(desk: Desk) -> None:
    desk.send(batch(1, [1]), batch(5, [5]))
    desk.now += 61 * S
    desk.send(batch(3, [3]))
    assert desk.counts("missing") == (2,)
    desk.send(batch(2, [2]), batch(4, [4]))
    assert desk.counts("missing") == (0,)


def test_missing_survives_a_restart(desk: Desk) -> None:
    desk.send(batch(1, [1]), batch(4, [4]))
    desk.now += 3600 * S
    desk.restart()
    assert desk.counts("missing") == (2,)


# ---------------------------------------------------------------------- conflicts


def test_other_content_under_a_used_number_is_quarantined_each_time(desk: Desk) -> None:
    desk.send(batch(1, [1, 2]), batch(1, [1, 3]), batch(1, [1, 3]))
    assert desk.stored() == [1, 2]
    assert desk.reasons() == ["conflict", "conflict"]
    assert desk.counts("received", "duplicates") == (2, 0)


def test_another_time_under_a_used_number_is_a_conflict(desk: Desk) -> None:
    desk.send(batch(1, [1]), batch(1, [1], t=[START + 50 * S]))
    assert desk.reasons() == ["conflict"]


def test_the_new_numbers_of_a_conflicting_message_count_as_seen(desk: Desk) -> None:
    desk.send(batch(1, [1, 2]), batch(2, [7, 8]))
    assert desk.confirmed() == 3
    desk.send(batch(3, [3]))
    assert desk.stored() == [1, 2]
    assert desk.counts("received", "duplicates", "quarantined") == (3, 1, 1)


def test_true_and_one_are_the_same_on_a_level(desk: Desk) -> None:
    desk.send(batch(1, [True, 0]), batch(1, [1, False]), series=WASH)
    assert desk.counts("duplicates", "quarantined") == (2, 0)


# ---------------------------------------------------------------------- totals


def test_a_total_that_falls_is_quarantined_and_its_last_value_is_the_new_floor(desk: Desk) -> None:
    desk.send(batch(1, [411, 412]), batch(3, [5, 6]), batch(5, [7]), batch(6, [6]))
    assert desk.reasons() == ["total_fell", "total_fell"]
    assert desk.stored() == [411, 412, 7]
    assert desk.confirmed() == 6


def test_the_floor_survives_a_restart(desk: Desk) -> None:
    desk.send(batch(1, [412]), batch(2, [5]))
    desk.restart()
    desk.send(batch(3, [4]), batch(4, [8]))
    assert desk.reasons() == ["total_fell", "total_fell"]
    assert desk.stored() == [412, 8]


def test_a_late_batch_is_held_against_the_nearest_lower_number(desk: Desk) -> None:
    desk.send(batch(1, [1, 2]), batch(10, [100]), batch(3, [3, 4]), batch(5, [1]))
    assert desk.stored() == [1, 2, 3, 4, 100]
    assert desk.reasons() == ["total_fell"]


def test_a_total_that_falls_within_one_batch_is_quarantined(desk: Desk) -> None:
    desk.send(batch(1, [5, 6, 3]))
    assert desk.reasons() == ["total_fell"]


@pytest.mark.parametrize("value", [-1, 1.5])
def test_a_total_is_whole_and_not_negative(desk: Desk, value: float) -> None:
    desk.send(batch(1, [value]))
    assert desk.reasons() == ["not_a_total"]


# ---------------------------------------------------------------------- kinds and ranges


def test_a_value_out_of_range_is_stored_and_flagged(desk: Desk) -> None:
    desk.send(batch(1, [5, 200, -1.5]), series=WEIGHT)
    track = desk.store.readings(WEIGHT)
    assert track.v.tolist() == [5, 200, -1.5]
    assert track.flag.tolist() == [0, FLAG_OUT_OF_RANGE, FLAG_OUT_OF_RANGE]


def test_true_and_false_are_one_and_zero_on_a_level(desk: Desk) -> None:
    desk.send(batch(1, [True, False, 1, 0]), series=WASH)
    assert desk.stored(WASH) == [1, 0, 1, 0]


def test_a_number_on_a_text_measure_is_stored_as_its_digits(desk: Desk) -> None:
    desk.send(batch(1, ["changeover", 7, 4901234567894, 1.5]), series=REASON)
    assert desk.stored(REASON) == ["changeover", "7", "4901234567894", "1.5"]


@pytest.mark.parametrize(
    ("series", "value", "reason"),
    [
        (WASH, 2, "level"),
        (WASH, "1", "wrong_kind"),
        (WEIGHT, True, "wrong_kind"),
        (WEIGHT, "5", "wrong_kind"),
        (REASON, True, "wrong_kind"),
        (Series("nobody", "done", "count"), 1, "unknown_station"),
        (Series("washer", "nothing", "count"), 1, "unknown_sensor"),
        (Series("washer", "done", "rpm"), 1, "unknown_measure"),
    ],
)
def test_what_the_line_does_not_believe_is_quarantined_and_counts_as_seen(
    desk: Desk, series: Series, value: Any, reason: str
) -> None:
    desk.send(batch(1, [value]), batch(1, [value]), series=series)
    assert desk.reasons() == [reason]
    assert desk.counts("received", "duplicates", "quarantined") == (1, 1, 1)
    assert desk.confirmed(series) == 1


@pytest.mark.parametrize(
    ("t", "reason"), [(START - 7 * 365 * 86_400 * S, "too_old"), (NOW + 86_401 * S, "ahead"), (1, "too_old")]
)
def test_a_time_that_cannot_be_is_quarantined(desk: Desk, t: int, reason: str) -> None:
    desk.send(batch(1, [1], t=[t]))
    assert desk.reasons() == [reason]


@pytest.mark.parametrize(
    "payload",
    [
        b"", b"nope", b"\xff\xfe", b"\xef\xbb\xbf1", b"NaN", b"[1]", b"{}", b'{"v":null}', b'{"v":1,"t":null}',
        b'{"v":1,"t":1e18}', b'{"seq":1}', b"[" * 5000, b"1" * 300_000, b'{"v":"' + b"x" * 257 + b'"}', b"-1e999",
        b'{"v":9007199254740993}', b"\x00", b'{"v":1,"t":"2026-11-18T10:00:00"}', b"9" * 5000,
    ],
)  # fmt: skip
def test_a_bad_payload_is_quarantined_and_disturbs_nobody(desk: Desk, payload: bytes) -> None:
    desk.send(payload, b"23.5", series=TEMPERATURE)
    assert desk.stored(TEMPERATURE) == [23.5]
    assert desk.counts("quarantined", "received") == (1, 1)
    assert desk.store.quarantine()[0].payload == payload


@pytest.mark.parametrize(
    "wrong",
    [
        {"t": []}, {"v": []}, {"t": [START, START]}, {"t": [2.0, 3.0]}, {"clock": "fast"}, {"clock": None},
        {"from": 0}, {"from": "1"}, {"agent": "PI 1"}, {"clock": "unsynced"}, {"v": [1, "x" * 300]},
    ],
)  # fmt: skip
def test_the_numbers_of_a_broken_batch_count_as_seen_where_they_can_be_read(desk: Desk, wrong: dict[str, Any]) -> None:
    broken = json.loads(batch(1, [1, 2])) | wrong
    if wrong.get("clock", "") is None:
        del broken["clock"]
    desk.send(json.dumps(broken).encode(), json.dumps(broken).encode())
    assert desk.counts("quarantined", "duplicates", "stored") == (1, 2, 0)
    assert desk.confirmed() == 2


# ---------------------------------------------------------------------- topics


def test_other_shapes_under_the_line_are_counted_and_other_lines_are_not(desk: Desk) -> None:
    base = LINE.topics.base
    for shape in (
        f"{base}/washer/done",
        f"{base}/x",
        f"{base}/a/b/c/d",
        f"{base}/_set/washer/lamp",
        "kojo/v1/o/x/y/z/a",
    ):
        desk.ingest.take(shape, b"1", desk.now)
    desk.ingest.commit()
    assert desk.counts("ignored", "quarantined", "received") == (3, 0, 0)


# ---------------------------------------------------------------------- singles


def test_a_single_without_a_time_is_stamped_at_its_arrival_uniquely(desk: Desk) -> None:
    desk.send(b"1.5", b"2.5", b'{"v":3.5}', series=TEMPERATURE)
    track = desk.store.readings(TEMPERATURE)
    assert track.t.tolist() == [NOW, NOW + 1, NOW + 2]
    assert track.v.tolist() == [1.5, 2.5, 3.5]


def test_arrival_stamps_stay_unique_over_a_restart_and_beside_given_times(desk: Desk) -> None:
    desk.send(b"1", b'{"v":2,"t":%d}' % (NOW + 1), series=TEMPERATURE)
    desk.restart()
    desk.send(b"3", b"4", series=TEMPERATURE)
    assert desk.store.readings(TEMPERATURE).t.tolist() == [NOW, NOW + 1, NOW + 2, NOW + 3]


def test_a_single_with_its_time_is_one_reading_however_often_it_comes(desk: Desk) -> None:
    single = b'{"v":2,"t":"2026-11-18T10:00:00+09:00"}'
    desk.send(single, single, series=TEMPERATURE)
    desk.send(single, series=TEMPERATURE)
    assert desk.counts("received", "stored", "duplicates") == (3, 1, 2)


def test_the_same_time_with_another_value_is_a_conflict(desk: Desk) -> None:
    desk.send(b'{"v":2,"t":%d}' % NOW, b'{"v":3,"t":%d}' % NOW, series=TEMPERATURE)
    desk.send(b'{"v":3,"t":%d}' % NOW, series=TEMPERATURE)
    assert desk.stored(TEMPERATURE) == [2]
    assert desk.reasons() == ["conflict", "conflict"]


def test_a_retained_single_counts_only_with_its_time(desk: Desk) -> None:
    desk.take(b"5", TEMPERATURE, retained=True)
    desk.take(b'{"v":6,"t":%d}' % NOW, TEMPERATURE, retained=True)
    desk.ingest.commit()
    assert desk.stored(TEMPERATURE) == [6]


def test_a_device_without_a_stream_may_start_its_total_afresh(desk: Desk) -> None:
    desk.send(b'{"v":7,"t":%d}' % NOW, b'{"v":1,"t":%d}' % (NOW + 1))
    assert desk.stored() == [7, 1]


# ---------------------------------------------------------------------- versions of the line


def test_a_batch_is_judged_by_every_version_in_force_at_or_after_its_last_time(desk: Desk) -> None:
    without = line(TEXT.replace("[stations.washer.sensors.scale]", "[stations.washer.sensors.balance]"))
    desk.ingest.new_line(without, START + 100 * S)
    desk.send(batch(1, [1], t=[START + 50 * S]), series=WEIGHT)
    desk.send(batch(2, [2], t=[START + 150 * S]), series=WEIGHT)
    desk.send(batch(1, [3], t=[START + 50 * S]), series=Series("washer", "balance", "weight"))
    assert desk.stored(WEIGHT) == [1]
    assert desk.reasons() == ["unknown_sensor"]
    assert desk.stored(Series("washer", "balance", "weight")) == [3]


# ---------------------------------------------------------------------- replay


def test_a_replay_after_the_line_is_corrected_stores_each_reading_once(desk: Desk) -> None:
    balance = Series("washer", "balance", "weight")
    desk.send(batch(1, [1, 2]), batch(1, [1, 2]), series=balance)
    (refused,) = desk.store.quarantine()
    assert desk.ingest.replay([refused.id], desk.now) == {"stored": 0, "still": 1}
    desk.ingest.new_line(line(TEXT.replace("sensors.scale", "sensors.balance")), NOW)
    assert desk.ingest.replay([refused.id], desk.now) == {"stored": 1, "still": 0}
    assert desk.ingest.replay([refused.id], desk.now) == {"stored": 0, "still": 0}
    desk.send(batch(1, [1, 2]), series=balance)
    assert desk.stored(balance) == [1, 2]
    assert desk.store.quarantine() == []
    assert desk.counts("received", "stored", "duplicates", "in_quarantine") == (6, 2, 4, 0)


def test_a_replayed_arrival_keeps_its_time(desk: Desk) -> None:
    balance = Series("washer", "balance", "weight")
    desk.send(b"7", series=balance)
    desk.ingest.new_line(line(TEXT.replace("sensors.scale", "sensors.balance")), 0)
    desk.now += 5 * S
    desk.ingest.replay([desk.store.quarantine()[0].id], desk.now)
    assert desk.store.readings(balance).t.tolist() == [NOW]


def test_a_time_that_was_ahead_can_be_replayed_once_it_has_come(desk: Desk) -> None:
    desk.send(batch(1, [1], t=[NOW + 2 * 86_400 * S]))
    desk.now += 2 * 86_400 * S
    assert desk.ingest.replay([desk.store.quarantine()[0].id], desk.now) == {"stored": 1, "still": 0}
    assert desk.stored() == [1]


# ---------------------------------------------------------------------- clocks that were never set


def unsynced(seq: int, behind: int, at: int, **more: Any) -> bytes:
    """Sent at ``at`` by an agent whose clock is ``behind`` nanoseconds late."""
    return batch(seq, [seq], t=[at - behind - S], clock="unsynced", sent=at - behind, **more)


def test_an_unsynced_stream_is_kept_and_shifted_by_the_smallest_delay_of_its_first_ten_seconds(desk: Desk) -> None:
    late = 1000 * S
    for seq, delay in ((1, 3), (2, 1), (3, 2)):
        at = desk.now
        desk.now += delay * S
        desk.take(unsynced(seq, late, at))
    desk.ingest.commit()
    assert desk.counts("stored", "waiting_for_clock") == (0, 3)
    assert desk.confirmed() is None
    desk.now += 10 * S
    desk.ingest.settle(desk.now)
    desk.ingest.commit()
    assert desk.confirmed() == 3
    assert desk.ingest.status()["shifted"] == {"s1": late + S}
    assert desk.store.readings(DONE).t.tolist() == [NOW, NOW + 3 * S, NOW + 4 * S]


def test_kept_batches_survive_a_restart_and_the_shift_never_changes_after(desk: Desk) -> None:
    desk.send(unsynced(1, 100 * S, desk.now))
    desk.restart()
    assert desk.counts("waiting_for_clock") == (1,)
    desk.now += 11 * S
    desk.ingest.settle(desk.now)
    desk.send(unsynced(2, 50 * S, desk.now))
    desk.restart()
    desk.now += 30 * S
    desk.send(unsynced(3, 70 * S, desk.now))
    assert desk.ingest.status()["shifted"] == {"s1": 100 * S}
    assert desk.counts("stored", "waiting_for_clock") == (3, 0)


def test_what_may_have_been_queued_counts_only_when_there_is_nothing_else(desk: Desk) -> None:
    desk.take(unsynced(1, 100 * S, desk.now - 50 * S), subscribed_ns=desk.now - S)
    desk.now += 60 * S
    desk.ingest.settle(desk.now)
    assert desk.counts("stored") == (0,)
    desk.now += 60 * S
    desk.ingest.settle(desk.now)
    desk.ingest.commit()
    assert desk.ingest.status()["shifted"] == {"s1": 150 * S}


def test_a_repeat_of_a_kept_batch_is_stored_once(desk: Desk) -> None:
    desk.send(unsynced(1, 100 * S, desk.now), unsynced(1, 100 * S, desk.now))
    desk.now += 11 * S
    desk.ingest.settle(desk.now)
    desk.ingest.commit()
    assert desk.counts("received", "stored", "duplicates") == (2, 1, 1)


def test_a_corrected_batch_is_taken_as_it_is(desk: Desk) -> None:
    desk.send(batch(1, [1], clock="corrected"))
    assert desk.stored() == [1]


# ---------------------------------------------------------------------- a store that fails


class AwayStore(DuckStore):
    """A store whose server is away while ``away`` is set."""

    away = False

    def commit(self, work: Work) -> None:
        if self.away:
            raise StoreAway(Words("保存先が見えません。", "The store is away."))
        super().commit(work)


def test_while_the_store_is_away_nothing_is_lost_and_nothing_is_confirmed(tmp_path: Path) -> None:
    store = AwayStore(tmp_path / "line.duckdb", threads=1, memory_mb=128)
    ingest = Ingest(store, [(0, LINE)], "one", now_ns=lambda: NOW)
    store.away = True
    ingest.take(topic(DONE), batch(1, [1, 2]), NOW)
    with pytest.raises(StoreAway):
        ingest.commit()
    assert ingest.acks("pi-1").streams == {}
    with pytest.raises(StoreAway):
        ingest.take(topic(DONE), batch(2, [2, 3]), NOW)
    store.away = False
    ingest.take(topic(DONE), batch(2, [2, 3]), NOW)
    rows: list[Rows] = ingest.commit()
    assert [list(r.v) for r in rows] == [[1, 2], [3]]
    assert ingest.acks("pi-1").streams == {"s1": {"washer/done/count": 3}}
    assert ingest.status()["stored"] == 3
    store.close()


class PickyStore(DuckStore):
    """A store that will never take the value 13."""

    def commit(self, work: Work) -> None:
        if any(13 in rows.v for rows in work.rows):
            raise StoreRefused(Words("13 は受け付けません。", "13 is never taken."))
        super().commit(work)


def test_what_the_store_refuses_for_good_is_halved_until_it_is_found_and_quarantined(tmp_path: Path) -> None:
    store = PickyStore(tmp_path / "line.duckdb", threads=1, memory_mb=128)
    ingest = Ingest(store, [(0, LINE)], "one", now_ns=lambda: NOW)
    ingest.take(topic(DONE), batch(1, [1, 2, 3]), NOW)
    ingest.take(topic(WEIGHT), batch(1, [11, 12, 13, 14, 15]), NOW)
    ingest.take(topic(TEMPERATURE), b'{"v":13,"t":%d}' % NOW, NOW)
    rows = ingest.commit()
    assert sorted(v for part in rows for v in part.v) == [1, 2, 3, 11, 12, 14, 15]
    assert store.readings(WEIGHT).v.tolist() == [11, 12, 14, 15]
    assert [one.reason for one in store.quarantine()] == ["store_refused", "store_refused"]
    status = ingest.status()
    assert (status["received"], status["stored"], status["quarantined"]) == (7, 7, 2)
    assert ingest.acks("pi-1").streams["s1"] == {"washer/done/count": 3, "washer/scale/weight": 5}
    assert store.remembered().counters["stored"] == 7
    ingest.take(topic(WEIGHT), batch(1, [11, 12, 13, 14, 15]), NOW)
    ingest.commit()
    assert ingest.status()["duplicates"] == 5
    store.close()


def test_at_the_bound_a_batch_is_neither_quarantined_nor_confirmed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.ingest = Ingest(desk.store, [(0, LINE)], "one", now_ns=lambda: NOW, quarantine_bound=(2, 10_000))
    desk.send(batch(1, [-1]), batch(2, [-1]), batch(3, [-1]))
    assert desk.confirmed() == 2
    assert desk.counts("quarantined", "quarantine_refused", "quarantine_full") == (2, 1, True)
    desk.send(batch(3, [3]))
    assert desk.stored() == [3]
    desk.store.close()


def test_a_hole_that_counted_goes_on_counting_when_the_clock_is_put_back(desk: Desk) -> None:
    desk.send(batch(1, [1, 2, 3]), batch(11, [11]))
    assert desk.counts("missing") == (0,)
    desk.now += 100 * S
    desk.send(batch(12, [12]))
    assert desk.counts("missing") == (7,)
    desk.now -= 86_400 * S
    desk.send(batch(13, [13]))
    assert desk.counts("missing") == (7,)
    desk.restart()
    assert desk.counts("missing") == (7,)
    desk.send(batch(4, [4, 5, 6, 7, 8, 9, 10]))
    assert desk.counts("missing") == (0,)


def test_a_hole_from_before_the_clock_was_put_back_counts_at_once(desk: Desk) -> None:
    desk.send(batch(1, [1]), batch(5, [5]))
    desk.now -= 86_400 * S
    assert desk.counts("missing") == (3,), "how long it has been open nobody can tell, and it must not wait a day"
