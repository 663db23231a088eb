"""What an InfluxDB loses after it acknowledged it is noticed, said, and asked for again; a sound one is left alone."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collector.ingest import Ingest
from collector.store import Rows, Work
from collector.store.influx import InfluxStore
from collector.store.influx_care import Aside, Care, gone
from contract.errors import StoreError
from contract.line import Line, load
from contract.payload import encode
from contract.reading import NS_PER_S, Batch, Series
from contract.topics import Topics
from edge.sensors import catalogue
from tests.influx_server import LINE, SITE, InfluxServer, influx_server

pytestmark = pytest.mark.influx

DONE, ALIVE = Series("washer", "done", "count"), Series("washer", "_agent", "alive")
START = 1_794_787_200 * NS_PER_S
DAY = 86_400 * NS_PER_S


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    with influx_server(tmp_path_factory.mktemp("influx")) as running:
        yield running


@pytest.fixture(scope="module")
def line() -> Line:
    return load(Path(__file__).parents[2] / "hardware" / "lines" / "washing.toml", catalogue())


class Shop:
    """Collectors on one bucket, by name, and a clock that goes on by a second whenever it is looked at."""

    def __init__(self, server: InfluxServer, line: Line) -> None:
        self.server, self.line = server, line
        self.bucket = server.new_bucket()
        self.now = START + 3600 * NS_PER_S
        self.stores: list[InfluxStore] = []

    def collector(self, name: str = "one", mends: bool = True, shared: bool = False) -> tuple[Ingest, InfluxStore]:
        store = self.server.store(self.bucket, name)
        self.stores.append(store)
        return Ingest(store, [(0, self.line)], name, self._clock, shared=shared, mends=mends), store

    def _clock(self) -> int:
        self.now += NS_PER_S
        return self.now

    def send(self, ingest: Ingest, first: int, size: int = 100, series: Series = DONE, **more: Any) -> int:
        """Numbers from ``first`` on, one a second; how many rows were stored by it."""
        ingest.take(Topics(SITE, LINE).reading(series), batch(first, size, series, **more), self.now)
        return sum(len(rows.t) for rows in ingest.commit())

    def numbers(self, series: Series = DONE) -> list[int]:
        return [int(n) for n in self.stores[0].readings(series).seq]

    def delete(self, what: str) -> None:
        """Behind our back."""
        self.server.run(what, self.bucket)


def batch(first: int, size: int, series: Series = DONE, stream: str = "s1", off: int = 0, lowest: int = 1) -> bytes:
    numbers = range(first, first + size)
    t = [START + n * NS_PER_S for n in numbers]
    return encode(Batch(series, stream, first, t, [n + off for n in numbers], "synced", "pi-1", lowest))


@pytest.fixture
def shop(server: InfluxServer, line: Line) -> Iterator[Shop]:
    made = Shop(server, line)
    yield made
    for store in made.stores:
        store.close()


def confirmed(ingest: Ingest, series: Series = DONE, stream: str = "s1") -> int | None:
    return ingest.acks("pi-1").streams.get(stream, {}).get(str(series))


def counts(ingest: Ingest) -> tuple[int, int, int, int]:
    status = ingest.status()
    return status["received"], status["stored"], status["duplicates"], status["missing"]


# ---------------------------------------------------------------------- a sound store


def test_nothing_is_done_to_a_sound_store_with_all_that_can_lie_in_it(shop: Shop) -> None:
    one, store = shop.collector()
    shop.send(one, 1)
    shop.send(one, 201)  # 101 to 200 never come
    shop.send(one, 301, lowest=151)
    shop.send(one, 50, 10, off=1000)  # other content: quarantine
    shop.send(one, 401, 10, off=-390)  # a total that fell: quarantine, its numbers seen, without readings
    shop.send(one, 411, 10, off=-10)
    shop.send(one, 1, 50, ALIVE, stream="s2")
    assert shop.server.put(shop.bucket, _left_by_a_crash(1000))[0] == 204
    before = counts(one), confirmed(one), one.acks("pi-1")
    for _ in range(2):
        again, store = shop.collector()
        assert (counts(again), confirmed(again), again.acks("pi-1")) == before
        assert store.status() == {"care": []}
    assert not store.doubtful()
    again.refresh()
    assert again.acks("pi-1") == before[2]


def _left_by_a_crash(n: int) -> str:
    tags = f"site={SITE},line={LINE},station=washer,sensor=done,measure=count,stream=s1"
    return f"reading,{tags} v={n},n={n} {START + n * NS_PER_S}"


def test_numbers_that_a_person_let_go_are_not_taken_for_lost(shop: Shop) -> None:
    one, _ = shop.collector()
    shop.send(one, 1)
    shop.send(one, 101, 10, off=-100)
    shop.send(one, 111, 10)
    ids = [message.id for message in one.export()]
    assert one.discard(ids) == 1
    again, store = shop.collector()
    assert confirmed(again) == 120
    assert store.status() == {"care": []}


def test_what_was_replayed_has_its_readings_and_is_missed_when_they_are_gone(shop: Shop) -> None:
    one, store = shop.collector()
    shop.send(one, 1)
    shop.server.front.answer = lambda path, body: (422, "unprocessable") if b"n=105 " in body else None
    shop.send(one, 101, 10)
    shop.server.front.answer = lambda path, body: None
    (message,) = one.export()
    assert shop.collector()[1].status() == {"care": []}
    assert one.replay([message.id], shop.now) == {"stored": 1, "still": 0}
    assert shop.numbers() == list(range(1, 111))
    assert shop.collector()[1].status() == {"care": []}
    shop.delete(f"DELETE FROM reading WHERE time = {START + 105 * NS_PER_S}")
    assert confirmed(shop.collector()[0]) == 104
    assert store.doubtful()


def test_old_readings_deleted_on_purpose_are_not_missed(shop: Shop) -> None:
    one, _ = shop.collector()
    for first in (1, 101, 201):
        shop.send(one, first)
    shop.now += 10 * DAY
    late = Batch(DONE, "s1", 301, [shop.now - 5 * NS_PER_S], [301], "synced", "pi-1", 1)
    one.take(Topics(SITE, LINE).reading(DONE), encode(late), shop.now)
    one.commit()
    shop.delete(f"DELETE FROM reading WHERE time < {START + 150 * NS_PER_S}")
    again, store = shop.collector()
    assert confirmed(again) == 301
    assert store.status() == {"care": []}


# ---------------------------------------------------------------------- readings that are gone


def test_a_series_that_was_dropped_while_the_collector_was_stopped_is_asked_for_again(shop: Shop) -> None:
    one, store = shop.collector()
    for first in (1, 101, 201):
        shop.send(one, first)
        shop.send(one, first, series=ALIVE)
    shop.delete("DROP SERIES FROM reading WHERE sensor = 'done'")
    again, after = shop.collector()
    assert after.id != store.id
    assert (confirmed(again), confirmed(again, ALIVE)) == (0, 300)
    assert counts(again) == (600, 600, 0, 300)
    (said,) = after.status()["care"]
    assert "300 readings gone" in said["en"]
    assert "なくなった値 300 件" in said["ja"]
    assert shop.send(again, 1) == 100
    assert counts(again) == (700, 700, 0, 200)
    third, kept = shop.collector()
    assert kept.id == after.id, "put right once"
    assert counts(third)[3] == 200, "missing until they come, over a restart"
    shop.send(third, 101)
    shop.send(third, 201)
    assert counts(third) == (900, 900, 0, 0)
    assert shop.numbers() == list(range(1, 301))
    assert confirmed(third) == 300


def test_readings_that_vanish_from_the_middle_are_found_at_the_start(shop: Shop) -> None:
    one, _ = shop.collector()
    for first in (1, 101, 201):
        shop.send(one, first)
    shop.delete(f"DELETE FROM reading WHERE time >= {START + 121 * NS_PER_S} AND time <= {START + 140 * NS_PER_S}")
    again, store = shop.collector()
    assert confirmed(again) == 120
    assert "20 readings gone" in store.status()["care"][0]["en"]
    for first in (1, 101, 201):
        shop.send(again, first)
    assert counts(again) == (600, 320, 280, 0)
    assert shop.numbers() == list(range(1, 301))


def test_what_an_agent_no_longer_holds_stays_missing_and_holds_up_nothing(shop: Shop) -> None:
    one, _ = shop.collector()
    shop.send(one, 1)
    shop.delete("DROP SERIES FROM reading WHERE sensor = 'done'")
    again, _ = shop.collector()
    shop.send(again, 101, lowest=101)
    assert confirmed(again) == 200
    assert counts(again)[3] == 100
    assert counts(shop.collector()[0])[3] == 100


def test_a_series_dropped_while_we_run_is_noticed_at_the_next_look(shop: Shop) -> None:
    one, store = shop.collector()
    shop.send(one, 1)
    before = store.id
    one.refresh()
    assert store.id == before
    shop.delete("DROP SERIES FROM reading WHERE sensor = 'done'")
    one.take(Topics(SITE, LINE).reading(ALIVE), batch(1, 10, ALIVE), shop.now)
    commits = one.commits
    one.refresh()
    assert store.id != before
    assert one.commits > commits, "it is told at once"
    assert (confirmed(one), confirmed(one, ALIVE)) == (0, 10)
    assert [len(rows.t) for rows in one.commit()] == [10], "what was open is stored, and handed out"
    assert shop.send(one, 1) == 100
    assert (confirmed(one), shop.numbers()) == (100, list(range(1, 101)))
    assert counts(one) == (210, 210, 0, 0)


def test_a_series_dropped_while_more_of_it_is_written_is_noticed_too(shop: Shop) -> None:
    one, store = shop.collector()
    shop.send(one, 1)
    one.refresh()
    shop.delete("DROP SERIES FROM reading WHERE sensor = 'done'")
    shop.send(one, 101)
    one.refresh()
    assert confirmed(one) == 0
    assert "100 readings gone" in store.status()["care"][0]["en"]
    shop.send(one, 1)
    assert confirmed(one) == 200


def test_after_the_server_was_away_all_is_compared(shop: Shop) -> None:
    one, store = shop.collector()
    for first in (1, 101):
        shop.send(one, first)
    shop.delete(f"DELETE FROM reading WHERE time <= {START + 50 * NS_PER_S}")
    one.refresh()
    assert store.status() == {"care": []}, "the newest are there and nothing has happened"
    shop.server.front.cut = lambda path, body: "before"
    with pytest.raises(StoreError):
        one.refresh()
    shop.server.front.cut = lambda path, body: None
    one.refresh()
    assert confirmed(one) == 0
    assert "50 readings gone" in store.status()["care"][0]["en"]


def test_a_comparison_that_fails_is_done_again(shop: Shop) -> None:
    one, store = shop.collector()
    shop.send(one, 1)
    shop.delete("DROP SERIES FROM reading WHERE sensor = 'done'")
    shop.server.front.cut = lambda path, body: "before" if b"kojo_lost" in body else None
    with pytest.raises(StoreError):
        one.refresh()
    shop.server.front.cut = lambda path, body: None
    one.refresh()
    assert confirmed(one) == 0
    assert counts(one)[3] == 100
    assert len(store.status()["care"]) == 1


# ---------------------------------------------------------------------- a bucket that is gone


def test_a_bucket_made_again_while_we_run_is_noticed_and_filled_from_the_agents(shop: Shop) -> None:
    one, store = shop.collector()
    shop.send(one, 1)
    shop.send(one, 101)
    before = store.id
    shop.server.run(f'DROP DATABASE "{shop.bucket}"')
    with pytest.raises(StoreError):
        one.refresh()
    shop.server.run(f'CREATE DATABASE "{shop.bucket}"')
    shop.send(one, 201)  # into the new bucket, before anybody looked
    assert confirmed(one) == 300
    one.refresh()
    assert store.id != before
    assert confirmed(one) == 0
    assert counts(one) == (300, 300, 0, 200)
    assert "made again (200 readings gone" in store.status()["care"][0]["en"]
    for first in (1, 101, 201):
        shop.send(one, first)
    assert (confirmed(one), shop.numbers()) == (300, list(range(1, 301)))
    assert counts(one) == (600, 500, 100, 0)
    again, kept = shop.collector()
    assert (kept.id, confirmed(again), counts(again)) == (store.id, 300, (600, 500, 100, 0))


def test_a_bucket_made_again_while_the_collector_was_stopped_is_a_new_store(shop: Shop) -> None:
    one, store = shop.collector()
    shop.send(one, 1)
    shop.server.run(f'DROP DATABASE "{shop.bucket}"')
    shop.server.run(f'CREATE DATABASE "{shop.bucket}"')
    again, after = shop.collector()
    assert after.id != store.id
    assert again.acks("pi-1").streams == {}
    assert counts(again) == (0, 0, 0, 0)


def test_numbers_without_an_id_of_a_store_are_believed_where_readings_prove_them(shop: Shop) -> None:
    one, _ = shop.collector()
    shop.send(one, 1)
    shop.send(one, 101)
    shop.delete("DROP MEASUREMENT kojo_store")
    shop.delete(f"DELETE FROM reading WHERE time > {START + 150 * NS_PER_S}")
    again, store = shop.collector()
    assert confirmed(again) == 150
    assert len(store.status()["care"]) == 1


# ---------------------------------------------------------------------- several collectors


def test_of_two_collectors_one_mends_and_the_other_follows(shop: Shop) -> None:
    one, first = shop.collector("one", shared=True)
    two, second = shop.collector("two", shared=True)
    shop.send(one, 1)
    shop.send(two, 101)
    for ingest in (one, two):
        ingest.refresh()
    assert confirmed(one) == confirmed(two) == 200
    shop.delete("DROP SERIES FROM reading WHERE sensor = 'done'")
    one.refresh()
    assert confirmed(one) == 0
    shop.send(two, 201)  # two has not heard of it, and writes the numbers it believes in
    assert confirmed(two) == 300
    one.refresh()
    assert confirmed(one) == 0, "they count no more"
    two.refresh()
    assert second.id == first.id
    assert confirmed(two) == 0
    for ingest, number in ((one, 1), (two, 101), (one, 201)):
        shop.send(ingest, number)
    for ingest in (one, two):
        ingest.refresh()
        assert confirmed(ingest) == 300
        received, stored, duplicates, missing = counts(ingest)
        assert (received, received - stored - duplicates, missing) == (600, 0, 0)
    assert shop.numbers() == list(range(1, 301))
    assert len(first.status()["care"]) == len(second.status()["care"]) == 1
    third, _ = shop.collector("three", shared=True)
    assert (confirmed(third), counts(third)) == (300, counts(one))


def test_a_bucket_made_again_under_two_collectors(shop: Shop) -> None:
    one, first = shop.collector("one", shared=True)
    two, second = shop.collector("two", shared=True)
    shop.send(one, 1)
    shop.send(two, 101)
    for ingest in (one, two):
        ingest.refresh()
    shop.server.run(f'DROP DATABASE "{shop.bucket}"')
    shop.server.run(f'CREATE DATABASE "{shop.bucket}"')
    for ingest in (two, one, two):
        ingest.refresh()
    assert first.id == second.id
    for ingest, number in ((one, 1), (two, 101)):
        shop.send(ingest, number)
    for ingest in (one, two):
        ingest.refresh()
        assert confirmed(ingest) == 200
        assert counts(ingest) == (400, 400, 0, 0), "counters go on, each collector's share once"


def test_two_that_begin_an_empty_bucket_at_once_agree_on_one_id(shop: Shop) -> None:
    one, first = shop.collector("one", shared=True)
    shop.delete("DROP MEASUREMENT kojo_store")
    two, second = shop.collector("two", shared=True)
    assert first.id != second.id
    for ingest in (one, two):
        ingest.refresh()
    assert first.id == second.id


def test_who_only_looks_on_mends_nothing_and_follows(shop: Shop) -> None:
    one, store = shop.collector()
    kpi, seen = shop.collector("kpi", mends=False, shared=True)
    shop.send(one, 1)
    kpi.refresh()
    before = store.id
    shop.delete("DROP SERIES FROM reading WHERE sensor = 'done'")
    kpi.refresh()
    shop.collector("kpi", mends=False, shared=True)
    assert seen.id == before == shop.stores[0].id
    one.refresh()
    kpi.refresh()
    assert seen.id == store.id != before
    assert seen.status() == store.status()
    assert "kpi" not in shop.server.run("SHOW TAG VALUES WITH KEY = collector", shop.bucket)


# ---------------------------------------------------------------------- how long, and what is asked


@pytest.mark.slow
def test_a_start_on_a_million_readings_of_the_last_days_takes_seconds(shop: Shop) -> None:
    _, store = shop.collector()
    for number in range(20):
        key = Series("washer", f"s{number}", "count")
        for part in range(10):
            first = 1 + part * 5000
            t = [START - DAY + n * NS_PER_S for n in range(first, first + 5000)]
            store.commit(Work(rows=[Rows(key, "s1", first, t, [float(n) for n in range(5000)])]))
    ranges = {("s1", Series("washer", f"s{number}", "count")): ((1, 50_000),) for number in range(20)}
    began = time.monotonic()
    assert gone(store._readings, ranges, Aside(), START) == {}
    took = time.monotonic() - began
    print(f"\n1,000,000 readings of 20 series compared in {took:.2f} s")
    assert took < 30
    shop.delete(f"DELETE FROM reading WHERE sensor = 's3' AND time > {START - DAY + 40_000 * NS_PER_S}")
    began = time.monotonic()
    assert gone(store._readings, ranges, Aside(), START) == {
        ("s1", Series("washer", "s3", "count")): ((40_001, 50_000),)
    }
    print(f"with a loss: {time.monotonic() - began:.2f} s")


def test_it_is_due_after_trouble_and_each_hour() -> None:
    now = 100.0
    care = Care(False, lambda: now)
    assert not care.due(0)
    assert care.due(1)
    care.seen(1, [])
    assert not care.due(1)
    now += 3600
    assert care.due(1)
