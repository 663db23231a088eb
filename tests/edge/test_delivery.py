from pathlib import Path

import pytest

from contract.line import OutboxLimits
from contract.payload import Acks, decode, encode
from contract.reading import MAX_SENT_BYTES, MAX_SENT_READINGS, NS_PER_S, Batch, Series
from edge.bench_clock import HandClock
from edge.delivery import MAX_AGAIN, MAX_AGAIN_OF_RUN, Delivery
from edge.outbox import Outbox

START_NS = 1_795_000_000 * NS_PER_S
AIR = Series("washer", "air", "temperature")
DONE = Series("washer", "done", "count")
NAME = Series("packer", "card", "pressed")


class Kit:
    """An outbox and its delivery on a hand-turned clock."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.clock = HandClock(START_NS)
        self.limits = OutboxLimits()
        self.start()

    def start(self) -> None:
        self.outbox = Outbox(self.directory / "outbox.sqlite", "pi-1", self.clock, self.limits)
        self.delivery = Delivery(self.outbox, self.clock)

    def restart(self) -> None:
        self.outbox.close()
        self.clock.turn(1.0)
        self.start()

    def read(self, count: int = 1, series: Series = AIR) -> None:
        for number in range(count):
            self.outbox.put(series, number, self.clock.monotonic_ns() + number)
        self.outbox.commit()

    def hear(self, confirmed: dict[Series, int], store: str = "store-1", *, retained: bool = False) -> None:
        streams = {self.outbox.stream: {str(series): number for series, number in confirmed.items()}}
        self.delivery.hear(Acks(store, streams), retained=retained)

    def due(self, limit: int | None = None) -> list[tuple[str, int, int]]:
        """What is due: (series, first number, last number)."""
        return [(str(b.series), b.seq, b.last) for b in self.delivery.due(limit)]


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


def test_only_what_is_on_disk_is_given_out_and_only_once(kit: Kit) -> None:
    kit.outbox.put(AIR, 1, 0)
    assert kit.due() == []
    kit.outbox.commit()
    assert kit.due() == [(str(AIR), 1, 1)]
    assert kit.due() == []


def test_a_batch_says_all_that_the_contract_asks(kit: Kit) -> None:
    kit.outbox.put(AIR, 23.5, 5)
    kit.outbox.put(AIR, True, 6)
    kit.outbox.commit()
    (batch,) = kit.delivery.due()
    assert batch == Batch(AIR, kit.outbox.stream, 1, [START_NS + 5, START_NS + 6], [23.5, 1], "synced", "pi-1", 1)
    assert decode(encode(batch), AIR) == batch


def test_a_batch_holds_at_most_a_thousand_readings(kit: Kit) -> None:
    kit.read(2500)
    assert kit.due() == [(str(AIR), 1, 1000), (str(AIR), 1001, 2000), (str(AIR), 2001, 2500)]


@pytest.mark.parametrize("text", ["x" * 256, "洗" * 256, "\x01" * 256, '"' * 256])
def test_a_batch_holds_at_most_64_kib(kit: Kit, text: str) -> None:
    for number in range(600):
        kit.outbox.put(NAME, text, number)
    kit.outbox.commit()
    batches = kit.delivery.due()
    assert sum(len(batch.t) for batch in batches) == 600
    assert all(len(encode(batch)) <= MAX_SENT_BYTES for batch in batches)
    assert all(len(encode(batch)) > MAX_SENT_BYTES / 2 for batch in batches[:-1])


def test_the_longest_numbers_fit_as_well(kit: Kit) -> None:
    for number in range(MAX_SENT_READINGS):
        kit.outbox.put(AIR, -1.2345678901234567e-300, number)
    kit.outbox.commit()
    (batch,) = kit.delivery.due()
    assert len(encode(batch)) <= MAX_SENT_BYTES


def test_a_limit_leaves_the_rest_for_the_next_time(kit: Kit) -> None:
    kit.read(2500)
    assert kit.due(2) == [(str(AIR), 1, 1000), (str(AIR), 1001, 2000)]
    assert kit.due(2) == [(str(AIR), 2001, 2500)]


def test_a_backlog_larger_than_one_chunk_comes_whole_and_in_order(kit: Kit) -> None:
    for _ in range(25):
        kit.read(500, AIR)
        kit.clock.turn(1.0)
        kit.read(500, DONE)
        kit.clock.turn(1.0)
    seen = {AIR: 0, DONE: 0}
    for batch in kit.delivery.due():
        assert batch.seq == seen[batch.series] + 1
        seen[batch.series] = batch.last
    assert seen == {AIR: 12_500, DONE: 12_500}


def test_without_confirmations_nothing_is_sent_twice_across_restarts_too(kit: Kit) -> None:
    kit.read(10)
    assert kit.due() == [(str(AIR), 1, 10)]
    for _ in range(5):
        kit.clock.turn(1000.0)
        kit.restart()
        assert kit.due() == []
    kit.read(1)
    assert kit.due() == [(str(AIR), 1, 1)]


def test_after_a_restart_what_was_sent_before_it_is_waited_for_as_if_sent_then(kit: Kit) -> None:
    kit.read(10)
    kit.due()
    kit.restart()
    kit.clock.turn(29.0)
    kit.hear({})
    assert kit.due() == []
    kit.clock.turn(1.0)
    kit.hear({})
    assert kit.due() == [(str(AIR), 1, 10)]


def test_live_commits_mark_what_is_sent_at_once(kit: Kit) -> None:
    kit.delivery.is_live = True
    kit.read(10)
    assert kit.outbox.sent_row == 10
    assert kit.due() == [(str(AIR), 1, 10)]


def test_a_live_commit_behind_a_backlog_does_not_mark_the_backlog(kit: Kit) -> None:
    kit.read(10)
    kit.delivery.is_live = True
    kit.read(10)
    assert kit.outbox.sent_row == 0
    kit.restart()
    assert kit.due() == [(str(AIR), 1, 20)]


def test_a_fresh_confirmation_heard_thirty_seconds_after_the_sending_sends_again(kit: Kit) -> None:
    kit.read(10)
    kit.due()
    kit.clock.turn(29.9)
    kit.hear({AIR: 4})
    assert kit.due() == []
    kit.clock.turn(0.1)
    assert kit.due() == []
    kit.hear({AIR: 4})
    assert kit.due() == [(str(AIR), 5, 10)]
    assert kit.due() == []


def test_what_was_sent_again_waits_as_long_before_it_is_sent_a_third_time(kit: Kit) -> None:
    kit.read(10)
    kit.due()
    kit.clock.turn(30.0)
    kit.hear({})
    assert kit.due() == [(str(AIR), 1, 10)]
    kit.clock.turn(29.0)
    kit.hear({AIR: 2})
    assert kit.due() == []
    kit.clock.turn(1.0)
    kit.hear({AIR: 2})
    assert kit.due() == [(str(AIR), 3, 10)]
    kit.hear({AIR: 10})
    kit.clock.turn(100.0)
    kit.hear({AIR: 10})
    assert kit.due() == []


def test_a_batch_that_left_late_is_waited_for_from_then_on(kit: Kit) -> None:
    kit.read(1)
    (batch,) = kit.delivery.due()
    kit.clock.turn(20.0)
    kit.delivery.sent(batch)
    kit.clock.turn(20.0)
    kit.hear({})
    assert kit.due() == []
    kit.clock.turn(10.0)
    kit.hear({})
    (batch,) = kit.delivery.due()
    kit.clock.turn(20.0)
    kit.delivery.sent(batch)
    kit.clock.turn(20.0)
    kit.hear({})
    assert kit.due() == []


def test_what_left_before_a_late_batch_does_not_wait_for_it(kit: Kit) -> None:
    kit.read(1)
    kit.due()
    kit.clock.turn(10.0)
    kit.read(1)
    (late,) = kit.delivery.due()
    kit.read(1)
    kit.due()
    kit.clock.turn(25.0)
    kit.delivery.sent(late)
    kit.hear({})
    assert kit.due() == [(str(AIR), 1, 1)]
    kit.clock.turn(30.0)
    kit.hear({AIR: 1})
    assert kit.due() == [(str(AIR), 2, 3)], "what was given out after it left after it, too"


def test_a_batch_sent_again_that_left_late_is_waited_for_although_part_of_it_was_confirmed(kit: Kit) -> None:
    kit.read(10)
    kit.due()
    kit.clock.turn(30.0)
    kit.hear({})
    (again,) = kit.delivery.due()
    kit.hear({AIR: 4})
    kit.clock.turn(25.0)
    kit.delivery.sent(again)
    kit.clock.turn(25.0)
    kit.hear({AIR: 4})
    assert kit.due() == []
    kit.clock.turn(5.0)
    kit.hear({AIR: 4})
    assert kit.due() == [(str(AIR), 5, 10)]


def test_a_retained_confirmation_sends_nothing_again(kit: Kit) -> None:
    kit.read(10)
    kit.due()
    kit.hear({AIR: 3})
    kit.clock.turn(60.0)
    kit.hear({AIR: 3}, retained=True)
    assert kit.due() == []
    assert kit.outbox.backlog == 7
    kit.hear({AIR: 5}, retained=True)
    assert kit.outbox.backlog == 5
    kit.hear({AIR: 1}, retained=True)
    assert kit.outbox.backlog == 5


def test_a_retained_confirmation_of_another_store_counts_for_nothing(kit: Kit) -> None:
    kit.read(10)
    kit.due()
    kit.hear({AIR: 10}, "store-0", retained=True)
    assert kit.outbox.backlog == 10
    kit.hear({AIR: 4}, "store-1")
    kit.hear({AIR: 10}, "store-0", retained=True)
    assert kit.outbox.backlog == 6


def test_the_store_last_heard_is_remembered_across_a_restart(kit: Kit) -> None:
    kit.read(10)
    kit.due()
    kit.hear({AIR: 4})
    stream = kit.outbox.stream
    kit.restart()
    kit.delivery.hear(Acks("store-1", {stream: {str(AIR): 9}}), retained=True)
    assert kit.outbox.backlog == 1


def test_a_new_store_gets_again_what_is_still_held(kit: Kit) -> None:
    kit.read(10)
    kit.due()
    kit.hear({AIR: 10})
    kit.clock.turn(60.0)
    kit.hear({}, "store-2")
    assert kit.due() == [(str(AIR), 1, 10)]


def test_a_lower_number_of_the_same_store_gets_again_what_it_lost(kit: Kit) -> None:
    kit.read(10)
    kit.due()
    kit.hear({AIR: 10})
    kit.clock.turn(60.0)
    kit.hear({AIR: 6})
    assert kit.due() == [(str(AIR), 7, 10)]


@pytest.mark.parametrize("store", ["store-1", "store-2"], ids=["the same store, set back", "a new store"])
def test_what_was_looked_through_before_is_looked_through_again(kit: Kit, store: str) -> None:
    kit.read(10)
    kit.due()
    kit.clock.turn(60.0)
    kit.hear({AIR: 10})
    kit.read(5)
    kit.due()
    kit.clock.turn(60.0)
    kit.hear({AIR: 15})
    kit.hear({AIR: 3}, store)
    assert kit.due() == [(str(AIR), 4, 15)]


@pytest.mark.parametrize("store", ["store-1", "store-2"])
@pytest.mark.slow
def test_what_is_sent_again_when_the_store_loses_more_gives_way_to_what_lies_below_it(kit: Kit, store: str) -> None:
    kit.read(12_000)
    assert len(kit.due()) == 12
    kit.clock.turn(31.0)
    kit.hear({AIR: 6000})
    assert kit.due()[0] == (str(AIR), 6001, 7000), "sent again, and not confirmed any more"
    kit.clock.turn(20.0)
    kit.hear({AIR: 0}, store)
    assert kit.due() == [], "what is under way is waited for as long as ever"
    kit.clock.turn(11.0)
    kit.hear({AIR: 0}, store)
    assert kit.due()[0] == (str(AIR), 1, 1000)
    stored = 0
    while stored < 12_000:
        stored += 1000
        kit.hear({AIR: stored}, store)
        kit.clock.turn(31.0)
        kit.hear({AIR: stored}, store)
        assert stored == 12_000 or (str(AIR), stored + 1, stored + 1000) in kit.due()


@pytest.mark.slow
def test_a_new_store_gets_a_great_deal_again_twenty_batches_at_a_time(kit: Kit) -> None:
    all_series = [Series("washer", f"s{n}", "x") for n in range(10)]
    for series in all_series:
        kit.read(3000, series)
    kit.due()
    kit.clock.turn(60.0)
    stored = dict.fromkeys(all_series, 0)
    kit.hear({}, "store-2")
    rounds = 0
    while due := kit.delivery.due():
        assert len(due) <= MAX_AGAIN
        assert kit.due() == []
        for batch in due:
            assert batch.seq <= stored[batch.series] + 1
            stored[batch.series] = max(stored[batch.series], batch.last)
        kit.hear(stored, "store-2")
        rounds += 1
        assert rounds < 100
    assert set(stored.values()) == {3000}


@pytest.mark.slow
def test_never_more_than_twenty_batches_that_were_sent_again_are_under_way(kit: Kit) -> None:
    for n in range(30):
        kit.read(1000, Series("washer", f"s{n}", "x"))
    kit.due()
    under_way = set()
    for _ in range(50):
        kit.clock.turn(10.0)
        kit.hear({})
        under_way |= set(kit.due())
    assert len(under_way) == MAX_AGAIN


def test_a_series_that_is_never_confirmed_does_not_stop_the_others(kit: Kit) -> None:
    kit.read(20_000, AIR)
    kit.read(3000, DONE)
    kit.due()
    done = 0
    for _ in range(10):
        kit.clock.turn(30.0)
        kit.hear({DONE: done})
        due = kit.due()
        assert len([d for d in due if d[0] == str(AIR)]) <= MAX_AGAIN_OF_RUN
        done = max([done, *(last for series, _, last in due if series == str(DONE))])
    assert done == 3000
    kit.hear({DONE: 3000, AIR: 5000})
    sent: set[int] = set()
    confirmed = 5000
    while due := kit.due():
        sent |= {n for _, first, last in due for n in range(first, last + 1)}
        confirmed = max(sent)
        kit.hear({DONE: 3000, AIR: confirmed})
    assert confirmed == 20_000
    assert sent == set(range(5001, 20_001))


@pytest.mark.slow
def test_what_is_taken_while_much_is_sent_again_goes_out_as_well(kit: Kit) -> None:
    kit.read(30_000)
    kit.due()
    kit.clock.turn(30.0)
    kit.hear({})
    kit.read(1, DONE)
    assert (str(DONE), 1, 1) in kit.due()


def test_from_says_what_can_still_be_sent(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    kit.outbox.close()
    kit.limits = OutboxLimits(max_readings=100)
    kit.start()
    kit.read(100)
    kit.due()
    kit.read(50, DONE)
    (fresh,) = kit.delivery.due()
    assert (fresh.series, fresh.lowest) == (DONE, 1)
    kit.clock.turn(30.0)
    kit.hear({DONE: 50})
    (again,) = kit.delivery.due()
    assert (again.seq, again.last, again.lowest) == (51, 100, 51)


def test_what_was_forgotten_is_not_sent_again(kit: Kit) -> None:
    kit.outbox.close()
    kit.limits = OutboxLimits(keep_s=0.0)
    kit.start()
    kit.read(10)
    kit.due()
    kit.hear({AIR: 10})
    kit.clock.turn(60.0)
    kit.read(1, DONE)
    assert kit.due() == [(str(DONE), 1, 1)]
    kit.clock.turn(60.0)
    kit.hear({}, "store-2")
    assert kit.due() == [(str(DONE), 1, 1)]


@pytest.mark.slow
def test_a_long_silence_of_the_store_keeps_the_memory_small(kit: Kit) -> None:
    kit.delivery.is_live = True
    for _ in range(1200):
        kit.clock.turn(2.0)
        kit.read(1)
        kit.due()
    assert len(kit.delivery._log) <= 1001
    kit.clock.turn(30.0)
    kit.hear({})
    again = kit.due()
    assert again[0][1] == 1
    assert again[-1][2] == 1200
