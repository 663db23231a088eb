"""Days whose readings are past keeping still answer with what was known of them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from collector.retention import Retention
from collector.store import Entry
from collector.store.duck import DuckStore
from contract.line import Line
from kpi.answers import Answers, Asked
from kpi.day_keeper import day_of_cut, keep_figures
from kpi.kept_days import GONE
from kpi.tokens import Role
from tests.kpi.lines import CYCLE, MONDAY, NS, at, line, shift, station
from tests.kpi.memory_store import MemoryStore
from tests.kpi.test_facts import answers
from tests.kpi.test_ledger import every

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
DAYS = 6
OF = line(station(CYCLE), shift("08:30-12:00"))
NOW = at("13:00", MONDAY + (DAYS - 1) * DAY)
WINDOW = (at("0:00", MONDAY), at("0:00", MONDAY + DAYS * DAY))


def week(store: MemoryStore | DuckStore) -> None:
    """Six mornings of one stream: a piece every 20 s, a stop of ten minutes, a total that never begins anew."""
    from collector.store import Rows, Work
    from contract.reading import Series

    seq = 1
    for n in range(DAYS):
        day = MONDAY + n * DAY
        times = [*every(20, at("8:30", day), at("9:30", day)), *every(20, at("9:40", day), at("11:00", day))]
        rows = Rows(Series("washer", "done", "count"), "s1", seq, times, [float(seq + i) for i in range(len(times))])
        seq += len(times)
        store.commit(Work(rows=[rows], ranges={("s1", rows.series): ((1, seq - 1),)}))


def asked(store: Any, of: Line = OF, role: Role = "operator", **more: Any) -> dict[str, Any]:
    start, end = more.pop("window", WINDOW)
    body: dict[str, Any] = answers(store, of, NOW).kpi(Asked(start, end, **more), role=role)["stations"][0]
    return body


def days(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The figures of each day, without when they were kept."""
    without = [{**bucket, "basis": {**bucket["basis"]}} for bucket in body["buckets"]]
    for bucket in without:
        bucket["basis"].pop("kept_at", None)
        bucket["basis"].pop("preliminary", None)
        bucket["basis"].pop("final_why", None)
    return without


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckStore]:
    made = DuckStore(tmp_path / "line.duckdb", threads=1, memory_mb=128)
    week(made)
    yield made
    made.close()


def retained(store: DuckStore, keep_days: float, of: Line = OF) -> int:
    known: Answers = answers(store, of, NOW)  # type: ignore[arg-type]
    return Retention(store, lambda: day_of_cut(known, keep_days), lambda cut: keep_figures(known, cut)).round()


def test_a_day_whose_readings_are_gone_answers_as_it_did_before(store: DuckStore) -> None:
    before = asked(store, by="day")
    assert retained(store, 3.0) > 0
    assert store.readings(store.all_series()[0]).t[0] >= at("0:00", MONDAY + 2 * DAY)
    after = asked(store, by="day")
    assert days(after) == days(before)
    assert [bucket["produced_quantity"] for bucket in after["buckets"]] == [420] * DAYS
    assert after["buckets"][0]["cycle_time_s"]["median"] == 20.0
    assert after["buckets"][0]["ledger"] == before["buckets"][0]["ledger"]
    assert after["buckets"][0]["basis"]["kept_at"]
    assert "kept_at" not in after["buckets"][-1]["basis"]


def test_days_go_one_after_the_other_as_time_passes_and_no_piece_is_ever_lost(store: DuckStore) -> None:
    before = asked(store, by="day")
    for keep in (5.0, 4.0, 4.0, 3.0, 2.0):
        retained(store, keep)
        assert days(asked(store, by="day")) == days(before)


def test_a_window_over_days_that_are_gone_says_so(store: DuckStore) -> None:
    assert GONE not in asked(store)["warnings"]
    retained(store, 3.0)
    for by in (None, "day", "hour"):
        told = asked(store, by=by)
        assert GONE in told["warnings"]
        assert any(w["code"] == GONE and w["ja"] and w["en"] for w in told["basis"]["warnings"])
    new = (at("0:00", MONDAY + 4 * DAY), at("0:00", MONDAY + 6 * DAY))
    assert GONE not in asked(store, window=new)["warnings"]


def test_part_of_a_day_and_one_product_are_not_answered_from_what_is_kept_of_the_whole(store: DuckStore) -> None:
    retained(store, 3.0)
    part = asked(store, by="day", window=(at("9:00"), WINDOW[1]))
    assert "kept_at" not in part["buckets"][0]["basis"]
    assert part["buckets"][1]["produced_quantity"] == 420


def test_a_viewer_sees_no_more_of_a_person_in_a_day_that_was_kept(store: DuckStore) -> None:
    of = line(station(CYCLE, privacy="person"), shift("08:30-12:00"))
    before = asked(store, of, role="viewer", by="day")
    retained(store, 3.0, of)
    after = asked(store, of, role="viewer", by="day")
    assert (
        "p95" not in (after["buckets"][0]["cycle_time_s"] or {}) or after["buckets"][0]["cycle_time_s"]["p95"] is None
    )
    assert after["buckets"][0].keys() == before["buckets"][0].keys()


def test_nothing_is_kept_twice_and_days_without_readings_take_no_room(store: DuckStore) -> None:
    known: Answers = answers(store, OF, NOW)  # type: ignore[arg-type]
    cut = at("0:00", MONDAY + 2 * DAY)
    assert keep_figures(known, cut) == 3
    assert keep_figures(known, cut) == 0
    assert keep_figures(known, at("0:00", MONDAY - 30 * DAY)) == 0
    kept = [entry for entry in store.entries("figures") if "figures" in entry.body]
    assert [entry.body["day"] for entry in kept] == [(MONDAY + n * DAY).isoformat() for n in range(3)]
    assert all(isinstance(entry, Entry) and entry.at == at("0:00", MONDAY + n * DAY) for n, entry in enumerate(kept))


def test_readings_are_kept_from_the_beginning_of_a_business_day_on(store: DuckStore) -> None:
    known: Answers = answers(store, OF, NOW)  # type: ignore[arg-type]
    assert day_of_cut(known, 3.0) == at("0:00", MONDAY + 2 * DAY)
    assert day_of_cut(known, 400.0) % NS == 0
    assert day_of_cut(known, 0.1) == at("0:00", MONDAY + 3 * DAY), "days that are not over are never cut"


def test_a_clock_that_is_years_ahead_deletes_nothing_that_is_of_these_days(store: DuckStore) -> None:
    known: Answers = answers(store, OF, NOW + 4000 * 86400 * NS)  # type: ignore[arg-type]
    assert day_of_cut(known, 3.0) == at("0:00", MONDAY + 2 * DAY)
    assert day_of_cut(known, 400.0) < at("0:00", MONDAY)


def stamped(store: MemoryStore, *days: float, stream: str | None = None) -> None:
    """A reading so many days after Monday 8:30, its time from the collector's clock."""
    rows = [(at("8:30") + round(n * 86400) * NS, 1.0) for n in days]
    store.put("washer/done/count", rows, stream or "s1", None if stream is None else 1)


def cut(store: MemoryStore, keep_days: float, now_days: float, *shifted: str) -> float:
    """How many days after Monday the kept readings begin, the clock standing ``now_days`` after Monday 8:30."""
    known = answers(store, OF, at("8:30") + round(now_days * 86400) * NS)
    return (day_of_cut(known, keep_days, shifted) - at("0:00")) / (86400 * NS)


YEARS = 3 * 365.0


@pytest.mark.parametrize("stream", [None, "unsynced"])
def test_readings_that_the_collectors_own_wrong_clock_stamped_delete_nothing(stream: str | None) -> None:
    store = MemoryStore()
    stamped(store, *range(10), stream=stream)
    stamped(store, YEARS, stream=stream)
    for now in (YEARS, YEARS + 0.1):  # at the start, in the hourly round
        assert cut(store, 400.0, now, "unsynced") <= 0
        assert cut(store, 12.0, now, "unsynced") <= 0
        assert cut(store, 5.0, now, "unsynced") <= 9 - 5 + 2, "a jump counts as one day of these five"
    assert cut(store, 5.0, 9.0, "unsynced") == 4, "the clock is right again"


def test_a_wrong_clock_moves_the_cut_by_no_more_days_than_it_ran() -> None:
    store = MemoryStore()
    store.put("washer/done/count", [(at("8:30") + n * 86400 * NS, float(n)) for n in range(10)], "agent")
    stamped(store, *(YEARS + n for n in range(3)))
    assert cut(store, 5.0, YEARS + 2) == 4 + 3


def test_a_line_of_devices_without_a_clock_is_kept_by_the_days_on_which_it_was_heard() -> None:
    store = MemoryStore()
    stamped(store, *range(1200))
    assert cut(store, 400.0, 1199.0) == 799
    assert cut(store, 3.0, 1199.0) == 1196


def test_weekends_and_holidays_count_as_kept_and_a_long_stand_does_not() -> None:
    store = MemoryStore()
    worked = [n for n in range(900) if n % 7 < 5 and not 500 <= n < 600]
    stamped(store, *worked)
    assert cut(store, 400.0, 899.0) == pytest.approx(899 - 400 - 90, abs=11)


def test_the_line_goes_on_after_years_and_an_agent_says_when_it_is() -> None:
    store = MemoryStore()
    stamped(store, *range(10))
    store.put("washer/done/count", [(at("8:30") + round(YEARS * 86400) * NS, 1.0)], "agent")
    assert cut(store, 400.0, YEARS) == YEARS - 400


def test_after_years_of_running_with_a_wrong_clock_what_is_old_goes() -> None:
    store = MemoryStore()
    stamped(store, *range(10), *(YEARS + n for n in range(401)))
    assert cut(store, 400.0, YEARS + 400) >= 9


def test_an_empty_store_has_nothing_to_keep(tmp_path: Path) -> None:
    empty = DuckStore(tmp_path / "empty.duckdb", threads=1, memory_mb=128)
    assert retained(empty, 1.0) == 0
    empty.close()


class Asking:
    """A store that counts how often it is asked when a station was heard."""

    def __init__(self, store: DuckStore) -> None:
        self._store, self.asked = store, 0

    def heard(self, station: str, start: int, end: int) -> Any:
        self.asked += 1
        return self._store.heard(station, start, end)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def very_old(store: DuckStore) -> None:
    """A reading of a clock that nobody had set, of the year 1684."""
    from collector.store import Rows, Work
    from contract.reading import Series

    rows = Rows(Series("washer", "done", "count"), "s0", 1, [-9_000_000_000 * NS], [1.0])
    store.commit(Work(rows=[rows], ranges={("s0", rows.series): ((1, 1),)}))


def test_a_reading_of_long_ago_costs_a_few_questions_not_one_for_each_day_since(store: DuckStore) -> None:
    very_old(store)
    asking = Asking(store)
    known: Answers = answers(asking, OF, NOW)  # type: ignore[arg-type]
    cut = at("0:00", MONDAY + 2 * DAY)
    assert keep_figures(known, cut) == 3
    assert asking.asked < 100
    assert keep_figures(known, cut) == 0
    assert len([entry for entry in store.entries("figures") if "figures" in entry.body]) == 3


def test_how_far_it_went_is_kept_also_where_no_day_was_new(store: DuckStore) -> None:
    known: Answers = answers(store, OF, NOW)  # type: ignore[arg-type]
    cut = at("0:00", MONDAY + 2 * DAY)
    keep_figures(known, cut)
    asking = Asking(store)
    assert keep_figures(answers(asking, OF, NOW), cut) == 0  # type: ignore[arg-type]
    assert asking.asked <= 2


def test_whoever_stops_waits_for_no_more_than_a_day_and_the_rest_is_kept_later(store: DuckStore) -> None:
    known: Answers = answers(store, OF, NOW)  # type: ignore[arg-type]
    cut = at("0:00", MONDAY + 2 * DAY)
    asked = iter([False, False, True, True])
    assert keep_figures(known, cut, lambda: next(asked)) == 1
    assert keep_figures(known, cut) == 2
