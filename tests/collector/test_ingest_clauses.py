"""Sections 2 and 3 of the contract, the clauses that a hostile program would try."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.payload import READABLE_BYTES
from contract.reading import MAX_NUMBER, MAX_TAKEN_BYTES, Series
from tests.collector.desk import NOW, Desk
from tests.collector.example import DONE, REASON, START, TEMPERATURE, TEXT, WASH, WEIGHT, S, batch, line

pytestmark = pytest.mark.slow

BALANCE = Series("washer", "balance", "weight")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.store.close()


def with_text(seq: int, v: list[Any], old: bytes, new: bytes, **more: Any) -> bytes:
    """A batch whose text was changed by hand, as no encoder would."""
    text = batch(seq, v, **more)
    assert old in text
    return text.replace(old, new)


# ---------------------------------------------------------------------- numbers of what is not believed


@pytest.mark.parametrize(
    "broken",
    [
        with_text(1, [1, 77], b"77", b"NaN"),
        with_text(1, [1, 77], b"77", b"Infinity"),
        with_text(1, [1, 77], b"77", b"1E400"),
        with_text(1, [1, 77], b"77", b"7" * 5000),
        with_text(1, [1, 77], b"77", b'"\\ud800"'),
        with_text(1, [1, 77], b"77", b'"\xff"'),
        b"\xef\xbb\xbf" + batch(1, [1, 2]),
        batch(1, [1, 2], more=[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]),
        batch(1, [1, 2], more="x" * MAX_TAKEN_BYTES),
    ],
    ids=["NaN", "Infinity", "1E400", "digits", "half a letter", "no UTF-8", "BOM", "nested 17", "too large"],
)
def test_whatever_is_wrong_with_a_batch_its_readable_numbers_count_as_seen(desk: Desk, broken: bytes) -> None:
    desk.send(broken)
    assert desk.counts("quarantined", "received", "duplicates", "stored") == (1, 0, 0, 0)
    assert desk.confirmed() == 2
    desk.send(broken)
    desk.send(batch(1, [1, 2]))
    assert desk.counts("quarantined", "received", "duplicates", "stored") == (1, 4, 4, 0)
    (refused,) = desk.refused()
    assert (refused.payload, refused.stream) == (broken, "s1")


def test_of_a_message_of_many_mebibytes_nothing_is_read(desk: Desk) -> None:
    desk.send(batch(1, [1], more="x" * READABLE_BYTES))
    assert desk.confirmed() is None
    assert desk.reasons() == ["too_large"]


def test_a_broken_batch_is_confirmed_to_the_agent_that_sent_it_and_its_from_holds(desk: Desk) -> None:
    desk.send(batch(11, [1, 2], t=[START, START], agent="pi-9", lowest=11))
    assert desk.ingest.acks("pi-9").streams == {"s1": {str(DONE): 12}}
    assert desk.ingest.acks("pi-1").streams == {}
    assert "pi-9" in desk.ingest.agents()
    assert desk.counts("missing") == (10,)


def test_a_batch_that_names_no_agent_is_confirmed_to_its_stations_though_another_of_the_stream_named_one(
    desk: Desk,
) -> None:
    desk.send(batch(1, [1], agent="pi-9"))
    desk.send(batch(1, [1], agent=None), series=WEIGHT)
    told = {"pi-9": {"s1": {str(DONE): 1}}, "pi-1": {"s1": {str(WEIGHT): 1}}}
    assert {agent: desk.ingest.acks(agent).streams for agent in told} == told
    desk.restart()
    desk.send(batch(1, [1], agent=None), series=WEIGHT)
    assert {agent: desk.ingest.acks(agent).streams for agent in told} == told
    desk.send(batch(2, [2], agent=None))
    assert desk.ingest.acks("pi-1").streams == {"s1": {str(DONE): 2, str(WEIGHT): 1}}


def test_of_unequal_arrays_the_longer_one_counts(desk: Desk) -> None:
    desk.send(batch(1, [1, 2, 3], t=[START]))
    assert desk.confirmed() == 3


def test_a_broken_batch_over_a_stored_number_is_quarantined_each_time_it_comes(desk: Desk) -> None:
    desk.send(batch(1, [1]))
    broken = batch(1, [1, 2], clock="fast")
    desk.send(broken, broken)
    assert desk.counts("quarantined", "received", "duplicates") == (2, 1, 0)
    assert desk.confirmed() == 2


def test_a_message_with_a_stream_stays_though_its_numbers_cannot_be_read(tmp_path: Path) -> None:
    desk = Desk(tmp_path, bound=(2, 10_000))
    desk.send(b'{"stream":"s1","v":[1]}', b"warm", b"hot")
    assert [refused.stream for refused in desk.refused()] == ["s1", None]
    assert [refused.payload for refused in desk.refused()] == [b'{"stream":"s1","v":[1]}', b"hot"]
    assert desk.counts("quarantined", "quarantine_dropped") == (3, 1)
    desk.store.close()


# ---------------------------------------------------------------------- overlaps


def test_a_partly_stored_batch_with_other_content_in_one_reading_goes_whole_and_its_new_numbers_are_seen(
    desk: Desk,
) -> None:
    desk.send(batch(1, [1, 2, 3]))
    desk.send(batch(2, [2, 33, 4, 5]))
    assert desk.stored() == [1, 2, 3]
    assert desk.reasons() == ["conflict"]
    assert desk.confirmed() == 5
    desk.send(batch(4, [44, 55]), batch(4, [-1, 5.5]))
    assert desk.counts("received", "stored", "duplicates", "quarantined") == (7, 3, 4, 1)
    desk.restart()
    desk.send(batch(4, ["whatever", True]))
    assert desk.counts("received", "stored", "duplicates", "quarantined") == (9, 3, 6, 1)


def test_a_batch_over_stored_and_quarantined_numbers_is_known_whatever_it_holds_of_the_latter(desk: Desk) -> None:
    desk.send(batch(1, [1]), batch(2, [-2]), batch(3, [3]))
    desk.send(batch(1, [1, 999, 3]))
    assert desk.counts("stored", "duplicates", "quarantined") == (2, 3, 1)
    desk.send(batch(1, [1, 999, 4]))
    assert desk.counts("stored", "duplicates", "quarantined") == (2, 3, 2)


def test_overlaps_of_every_shape_are_stored_once(desk: Desk) -> None:
    for first, last in ((5, 8), (1, 2), (4, 5), (2, 6), (1, 10), (10, 12), (3, 3)):
        desk.send(batch(first, list(range(first, last + 1))))
    assert desk.stored() == list(range(1, 13))
    received, stored, duplicates = desk.counts("received", "stored", "duplicates")
    assert (received, stored, duplicates) == (4 + 2 + 2 + 5 + 10 + 3 + 1, 12, 15)


def test_the_same_number_written_otherwise_is_the_same_content(desk: Desk) -> None:
    desk.send(batch(1, [5, 0.5, 0]), with_text(1, [5.0, 0.5, 0], b"0.5, 0]", b"5e-1, -0.0]"), series=WEIGHT)
    assert desk.counts("stored", "duplicates", "quarantined") == (3, 3, 0)


@pytest.mark.parametrize(
    ("series", "stored", "again"),
    [(WEIGHT, 1, True), (DONE, 1, True), (REASON, 1, True), (WASH, 1, "1"), (WEIGHT, 1, "1")],
)
def test_true_and_text_are_other_content_than_the_number_that_is_stored(
    desk: Desk, series: Series, stored: Any, again: Any
) -> None:
    desk.send(batch(1, [stored]), batch(1, [again]), series=series)
    assert desk.reasons() == ["conflict"]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (7, "7"), (7.0, "7"), (1.5, "1.5"), (1e-7, "0.0000001"), (1e15, "1" + "0" * 15), (-0.25, "-0.25"),
        (MAX_NUMBER, str(MAX_NUMBER)),
    ],
)  # fmt: skip
def test_a_number_on_a_text_measure_is_kept_as_its_digits_and_both_are_one_content(
    desk: Desk, value: Any, kept: str
) -> None:
    desk.send(batch(1, [value]), batch(1, [value]), batch(1, [kept]), series=REASON)
    assert desk.stored(REASON) == [kept]
    assert desk.counts("stored", "duplicates", "quarantined") == (1, 2, 0)


@pytest.mark.parametrize("seq", [MAX_NUMBER - 1, MAX_NUMBER])
def test_numbers_reach_to_two_to_the_53rd_and_no_further(desk: Desk, seq: int) -> None:
    desk.send(batch(seq, [1, 2], t=[START, START + 1]))
    beyond = seq == MAX_NUMBER
    assert desk.counts("stored", "quarantined") == ((0, 1) if beyond else (2, 0))
    desk.send(batch(MAX_NUMBER, [2], t=[START + 1]))
    assert desk.counts("stored", "duplicates") == ((1, 0) if beyond else (2, 1))


# ---------------------------------------------------------------------- from, gaps, missing


def test_from_passes_over_exactly_the_holes_below_it(desk: Desk) -> None:
    desk.send(batch(1, [1]), batch(3, [3]), batch(6, [6]), batch(9, [9]))
    assert (desk.confirmed(), desk.counts("missing")) == (1, (0,))
    desk.send(batch(6, [6], lowest=3))
    assert (desk.confirmed(), desk.counts("missing")) == (3, (1,))
    desk.send(batch(6, [6], lowest=6))
    assert (desk.confirmed(), desk.counts("missing")) == (6, (3,))
    desk.send(batch(6, [6], lowest=2))
    assert (desk.confirmed(), desk.counts("missing")) == (6, (3,))
    desk.now += 3600 * S
    assert (desk.confirmed(), desk.counts("missing")) == (6, (5,))
    desk.restart()
    assert (desk.confirmed(), desk.counts("missing")) == (6, (5,))


def test_from_beyond_the_batch_passes_over_what_was_never_sent(desk: Desk) -> None:
    desk.send(batch(1, [1, 2], lowest=10))
    assert (desk.confirmed(), desk.counts("missing")) == (9, (7,))
    desk.send(batch(5, [5], lowest=10))
    assert (desk.confirmed(), desk.counts("missing", "stored")) == (9, (6, 3))


def test_from_of_one_topic_says_nothing_of_another(desk: Desk) -> None:
    desk.send(batch(11, [11], lowest=11))
    desk.send(batch(11, [11]), series=WEIGHT)
    assert (desk.confirmed(), desk.confirmed(WEIGHT)) == (11, 0)


def test_a_restart_neither_counts_a_gap_early_nor_forgets_that_it_was_counted(desk: Desk) -> None:
    desk.send(batch(1, [1]))
    desk.now += 50 * S
    desk.send(batch(4, [4]))
    desk.now += 15 * S
    desk.restart()
    assert desk.counts("missing") == (0,), "the higher number came 15 s ago"
    desk.now += 45 * S
    assert desk.counts("missing") == (2,)
    desk.now += 100 * S
    desk.send(batch(5, [5]))
    desk.send(batch(8, [8]))
    desk.restart()
    assert desk.counts("missing") == (2,), "counted before the restart, and still missing"
    desk.send(batch(2, [2]))
    assert desk.counts("missing") == (1,)
    desk.now += 60 * S
    assert desk.counts("missing") == (3,)


def test_what_came_is_what_was_stored_and_repeated_at_every_moment(desk: Desk) -> None:
    bad = [batch(2, [9, 9]), b"warm", batch(5, [-5]), b'{"v":4,"t":null}']
    for n, payload in enumerate([batch(1, [1, 2]), batch(2, [2, 3]), *bad, batch(5, [5]), batch(2, [2])]):
        desk.take(payload)
        if n % 2:
            desk.ingest.commit()
        received, stored, duplicates = desk.counts("received", "stored", "duplicates")
        assert received == stored + duplicates
    desk.restart()
    assert desk.counts("received", "stored", "duplicates", "quarantined") == (6, 3, 3, 4)


# ---------------------------------------------------------------------- totals


def test_a_late_batch_between_two_stored_ones_is_held_against_the_lower_of_them_only(desk: Desk) -> None:
    desk.send(batch(1, [10]), batch(9, [20]))
    desk.send(batch(5, [99]), batch(3, [9]), batch(7, [98]))
    assert desk.stored() == [10, 99, 20]
    assert desk.reasons() == ["total_fell", "total_fell"]
    desk.send(batch(4, [8]), batch(8, [98]))
    assert desk.reasons() == ["total_fell"] * 3, "8 lies below 9, which is the floor now; 98 does not lie below 98"
    assert desk.stored() == [10, 99, 98, 20]


def test_a_total_that_falls_between_the_new_numbers_of_one_message_is_seen_though_a_quarantined_one_parts_them(
    desk: Desk,
) -> None:
    desk.send(batch(3, [-1]), batch(2, [20, 30, 15]))
    assert desk.reasons() == ["not_a_total", "total_fell"]
    assert desk.stored() == []


def test_only_the_batch_that_falls_is_quarantined(desk: Desk) -> None:
    desk.send(batch(1, [411, 412]), batch(3, [5, 6]), batch(5, [6, 7]), batch(7, [411]))
    assert desk.stored() == [411, 412, 6, 7, 411]
    assert desk.counts("quarantined", "received") == (1, 5)


def test_zero_is_a_total_and_less_than_nothing_is_not(desk: Desk) -> None:
    desk.send(with_text(1, [0, 0], b"[0, 0]", b"[-0.0, 0]"), batch(3, [-1]))
    assert desk.stored() == [0, 0]
    assert desk.reasons() == ["not_a_total"]


# ---------------------------------------------------------------------- singles


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('"2026-11-18T10:06:40Z"', "1794996400000000000"),
        ('"2026-11-18T10:06:40Z"', '"2026-11-18T19:06:40.000+09:00"'),
    ],
)
def test_one_time_in_two_spellings_is_one_reading(desk: Desk, one: str, other: str) -> None:
    for t in (one, other):
        desk.send(f'{{"v":2,"t":{t}}}'.encode(), series=TEMPERATURE)
    assert desk.counts("received", "stored", "duplicates") == (2, 1, 1)


def test_a_conflicting_single_is_quarantined_each_time_and_after_a_restart_too(desk: Desk) -> None:
    one, other = (b'{"v":%d,"t":%d}' % (v, NOW) for v in (1, 2))
    desk.send(one, other, series=TEMPERATURE)
    desk.restart()
    desk.send(other, one, series=TEMPERATURE)
    assert desk.stored(TEMPERATURE) == [1]
    assert desk.reasons() == ["conflict", "conflict"]
    assert desk.counts("received", "duplicates") == (2, 1)


def test_topics_that_nobody_knows_take_no_memory_of_their_own(desk: Desk) -> None:
    for n in range(50):
        desk.take(b"1", Series("washer", f"x{n}", "y"))
    assert desk.counts("received") == (0,)
    assert desk.ingest.status()["in_quarantine"] == 50


# ---------------------------------------------------------------------- versions of the line


@pytest.mark.parametrize(
    ("t", "believed"), [(START + 99 * S, True), (START + 100 * S, False), (START + 101 * S, False)]
)
def test_a_version_that_was_in_force_at_the_last_time_or_after_it_judges(desk: Desk, t: int, believed: bool) -> None:
    desk.correct(line(TEXT.replace("sensors.scale", "sensors.balance")), START + 100 * S)
    desk.send(batch(1, [1, 2], t=[START, t]), b'{"v":3,"t":%d}' % t, series=WEIGHT)
    assert len(desk.stored(WEIGHT)) == (3 if believed else 0)
    desk.send(batch(1, [1, 2], t=[START, t]), b'{"v":3,"t":%d}' % t, series=BALANCE)
    assert len(desk.stored(BALANCE)) == 3, "the newest version is in force after every time"


# ---------------------------------------------------------------------- quarantine


def test_a_quarantined_message_says_in_both_languages_what_is_wrong(desk: Desk) -> None:
    desk.send(b"1", series=BALANCE)
    (refused,) = desk.refused()
    assert refused.detail == "工程 washer にセンサー balance はありません。 / Station washer has no sensor balance."


def test_ids_rise_though_the_clock_falls_back_and_the_collector_restarts(desk: Desk) -> None:
    desk.send(b"warm", b"hot")
    desk.now -= 86_400 * S
    desk.restart()
    desk.send(b"cold", b"warm")
    assert [refused.payload for refused in desk.refused()] == [b"warm", b"hot", b"cold", b"warm"]
    assert len({refused.id for refused in desk.refused()}) == 4


def test_at_its_bound_batches_wait_with_their_agent_and_come_in_when_there_is_room_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path, bound=(2, 100_000))
    bad = [batch(n, [-n]) for n in (1, 2, 3)]
    desk.send(*bad)
    assert desk.confirmed() == 2
    assert desk.counts("quarantined", "quarantine_refused", "quarantine_full", "in_quarantine") == (2, 1, True, 2)
    desk.send(bad[2])
    assert (desk.confirmed(), desk.counts("received", "duplicates")) == (2, (0, 0))
    assert desk.ingest.discard([desk.refused()[0].id]) == 1
    assert desk.counts("quarantine_full", "in_quarantine") == (False, 1)
    desk.send(bad[2])
    assert desk.confirmed() == 3
    assert [refused.payload for refused in desk.refused()] == bad[1:]
    desk.restart()
    desk.send(*bad)
    assert desk.counts("received", "duplicates", "in_quarantine") == (3, 3, 2), "what was let go stays seen"
    desk.store.close()


def test_a_large_batch_that_finds_no_room_is_said_though_small_ones_still_fit(tmp_path: Path) -> None:
    desk = Desk(tmp_path, bound=(100, 1000))
    desk.send(batch(1, [-1], more="x" * 600), batch(2, [-2], more="x" * 600))
    assert desk.counts("quarantine_full", "in_quarantine", "quarantine_refused") == (True, 1, 1)
    desk.send(batch(3, [-3]))
    assert desk.counts("quarantine_full", "in_quarantine") == (True, 2)
    assert desk.confirmed() == 1
    desk.ingest.discard([refused.id for refused in desk.refused()])
    assert desk.counts("quarantine_full", "in_quarantine", "quarantine_bytes") == (False, 0, 0)
    desk.store.close()


def test_everything_in_quarantine_can_be_taken_out_as_a_copy(desk: Desk) -> None:
    payloads = [b"%d warm " % n + b"x" * 200_000 for n in range(12)]
    desk.send(*payloads)
    copies = list(desk.ingest.export())
    assert [copy.payload for copy in copies] == payloads
    assert [copy.id for copy in desk.ingest.export([copies[7].id, "nobody", copies[2].id])] == [
        copies[2].id,
        copies[7].id,
    ]
    assert desk.counts("in_quarantine") == (12,)


def test_what_is_let_go_twice_or_unknown_is_not_counted(desk: Desk) -> None:
    desk.send(b"warm")
    (refused,) = desk.refused()
    assert desk.ingest.discard([refused.id, refused.id, "nobody"]) == 1
    assert desk.ingest.discard([refused.id]) == 0
    assert desk.ingest.replay([refused.id], desk.now) == {"stored": 0, "still": 0}


def test_a_repeat_of_a_replayed_batch_is_a_duplicate_and_other_content_a_conflict(desk: Desk) -> None:
    desk.send(batch(1, [1, 2]), series=BALANCE)
    desk.correct(line(TEXT.replace("sensors.scale", "sensors.balance")), NOW)
    assert desk.replay() == {"stored": 1, "still": 0}
    desk.send(batch(1, [1, 2]), batch(2, [3]), series=BALANCE)
    assert desk.counts("received", "stored", "duplicates", "in_quarantine") == (4, 2, 2, 1)


def test_of_two_quarantined_messages_with_one_number_a_replay_stores_it_once(desk: Desk) -> None:
    desk.send(batch(1, [1, 2]), batch(2, [2, 3]), batch(3, [4]), series=BALANCE)
    assert desk.counts("quarantined", "duplicates") == (2, 1)
    desk.correct(line(TEXT.replace("sensors.scale", "sensors.balance")), NOW)
    assert desk.replay() == {"stored": 2, "still": 0}
    assert desk.stored(BALANCE) == [1, 2, 3]
    assert desk.counts("received", "stored", "duplicates") == (5, 3, 2)


# ---------------------------------------------------------------------- clocks that were never set


def unsynced(seq: int, behind: int, at: int, **more: Any) -> bytes:
    return batch(seq, [seq], t=[at - behind - S], clock="unsynced", sent=at - behind, **more)


def test_only_batches_of_the_first_ten_seconds_settle_the_shift(desk: Desk) -> None:
    desk.take(unsynced(1, 100 * S, desk.now - 3 * S))
    desk.now += 9 * S
    desk.take(unsynced(2, 100 * S, desk.now - 2 * S))
    desk.now += 2 * S
    desk.take(unsynced(3, 100 * S, desk.now))
    desk.ingest.settle(desk.now)
    desk.ingest.commit()
    assert desk.ingest.status()["shifted"] == {"s1": 102 * S}
    assert desk.counts("stored") == (3,)


def test_what_may_have_been_queued_never_settles_while_there_is_something_else(desk: Desk) -> None:
    desk.take(unsynced(1, 100 * S, desk.now - 9 * S), subscribed_ns=desk.now - S)
    desk.now += 5 * S
    desk.take(unsynced(2, 100 * S, desk.now - 4 * S), subscribed_ns=NOW - S)
    for wait, known in ((9, 0), (1, 2)):
        desk.now += wait * S
        desk.ingest.settle(desk.now)
        desk.ingest.commit()
        assert desk.counts("stored") == (known,)
    assert desk.ingest.status()["shifted"] == {"s1": 104 * S}


def test_whether_it_may_have_been_queued_is_remembered_over_a_restart(desk: Desk) -> None:
    desk.take(unsynced(1, 100 * S, desk.now - 50 * S), subscribed_ns=desk.now - S)
    desk.ingest.commit()
    desk.now += 60 * S
    desk.restart()
    desk.ingest.settle(desk.now)
    assert desk.counts("waiting_for_clock", "stored") == (1, 0)
    desk.take(unsynced(2, 100 * S, desk.now - S))
    desk.now += 10 * S
    desk.ingest.settle(desk.now)
    desk.ingest.commit()
    assert desk.ingest.status()["shifted"] == {"s1": 101 * S}


def test_what_waits_for_its_clock_is_kept_on_disk_and_not_confirmed(desk: Desk) -> None:
    desk.send(unsynced(1, 100 * S, desk.now))
    assert [kept.payload for kept in desk.store.remembered().pending] == [unsynced(1, 100 * S, desk.now)]
    assert (desk.confirmed(), desk.counts("received")) == (None, (0,))


def test_a_stream_without_a_clock_may_say_any_time(desk: Desk) -> None:
    desk.send(batch(1, [1], t=[5], clock="unsynced", sent=6 * S))
    desk.now += 10 * S
    desk.ingest.settle(desk.now)
    desk.ingest.commit()
    assert desk.store.readings(DONE).t.tolist() == [NOW - 6 * S + 5]
    desk.send(batch(2, [2], t=[10 * 366 * 86_400 * S], clock="unsynced", sent=7 * S))
    assert desk.counts("stored", "quarantined") == (2, 0)


def test_a_stream_whose_clock_is_beyond_any_calendar_is_quarantined_and_holds_nobody_up(desk: Desk) -> None:
    for seq, sent, t in ((1, 2**70, 5), (2, 0, 2**70), (3, 0, 7)):
        desk.send(batch(seq, [seq], t=[t], clock="unsynced", sent=sent))
    desk.now += 10 * S
    desk.ingest.settle(desk.now)
    assert desk.reasons() == ["sent", "time"]
    assert desk.stored() == [3]
    assert desk.confirmed() == 3


def test_one_line_of_json_with_everything_in_it(desk: Desk) -> None:
    told = json.loads(batch(1, [1])) | {"clock": "corrected", "sent": "later", "unit": None, "n": [{"deep": [1]}]}
    desk.send(json.dumps(told).encode())
    assert desk.stored() == [1]


# ---------------------------------------------------------------------- times, from batch to batch


def at(*seconds: float) -> list[int]:
    return [START + round(n * S) for n in seconds]


@pytest.mark.parametrize("forget", [False, True])
@pytest.mark.parametrize("t", [5.0, 4.5, 10.0])
def test_a_time_that_does_not_rise_from_batch_to_batch_goes_to_quarantine(desk: Desk, t: float, forget: bool) -> None:
    desk.send(batch(1, list(range(1, 11))))
    if forget:
        desk.forget()
    desk.send(batch(13, [13], t=at(t)))
    assert desk.reasons() == ["time_order"]
    desk.send(batch(14, [14]))
    assert desk.stored() == [*range(1, 11), 14]
    desk.send(batch(11, [11, 12]))
    assert desk.counts("stored", "in_quarantine", "missing") == (13, 1, 0)
    assert desk.confirmed() == 14


def test_a_batch_that_was_overtaken_is_stored_and_one_dated_after_its_follower_is_not(desk: Desk) -> None:
    desk.send(batch(1, [1, 2]), batch(21, [21, 22]), batch(11, [11, 12]))
    assert desk.stored() == [1, 2, 11, 12, 21, 22]
    desk.send(batch(15, [15, 16], t=at(15, 21)))
    assert desk.reasons() == ["time_order"]
    desk.send(batch(17, [17, 18]))
    assert desk.stored() == [1, 2, 11, 12, 17, 18, 21, 22]


def test_times_rise_within_a_topic_and_a_stream_not_across_them(desk: Desk) -> None:
    desk.send(batch(1, [1, 2], t=at(100, 101)))
    desk.send(batch(1, [1, 2], t=at(5, 6), stream="s2"))
    desk.send(batch(1, [1, 0], t=at(5, 6)), series=WASH)
    assert desk.reasons() == []


def test_what_is_open_counts_like_what_is_stored(desk: Desk) -> None:
    desk.take(batch(1, [1, 2, 3]))
    desk.take(batch(4, [4], t=at(2.5)))
    desk.take(batch(9, [9]))
    desk.take(batch(6, [6], t=at(9.5)))
    assert desk.reasons() == ["time_order", "time_order"]
    assert desk.replay() == {"stored": 0, "still": 2}
