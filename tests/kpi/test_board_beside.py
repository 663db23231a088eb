"""The hour board beside the last shift like it: which one that is, hour beside hour, as much time of both."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from kpi.board_beside import MOST_SHIFTS
from tests.kpi.desks import Service
from tests.kpi.lines import CYCLE, MONDAY, PRODUCT, at, line, shift, station
from tests.kpi.test_facts import PRODUCTS
from tests.kpi.test_ledger import every

TUESDAY = MONDAY + timedelta(days=1)
SHIFTS = (shift("08:30-17:15", "12:00-13:00"),)


def pieces(day: int, step_s: int, *parts: tuple[str, str]) -> list[int]:
    """Pieces of the day so many days after the Monday."""
    date = MONDAY + timedelta(days=day)
    return [t for begin, end in parts for t in every(step_s, at(begin, date), at(end, date))]


def service(
    directory: Path, now: int, made: Iterable[int], products: Iterable[tuple[int, str]] = (), **more: Any
) -> Service:
    """Pieces in time order, and when which product began."""
    of = line(station(CYCLE, PRODUCT, stop_after_s=60.0, **more), *SHIFTS, products=PRODUCTS)
    told = Service(of, directory, now)
    told.store.put("washer/done/count", [(t, n) for n, t in enumerate(made, 1)])
    told.store.put("washer/product/pressed", list(products))
    return told


def two_days(directory: Path, now: str = "9:30", **more: Any) -> Service:
    """Monday a piece every 20 s, but for ten minutes from 9:10 on; Tuesday one every 30 s without a stop."""
    before = pieces(0, 20, ("8:30", "9:10"), ("9:20", "12:00"), ("13:00", "17:15"))
    return service(directory, at(now, TUESDAY), before + pieces(1, 30, ("8:30", "12:00")), **more)


def test_a_shift_is_compared_with_as_much_of_the_one_before(tmp_path: Path) -> None:
    told = two_days(tmp_path).get("/board", station="washer")
    before = told["before"]
    assert (before["date"], before["shift"], before["until"]) == ("2026-11-16", "日勤", "2026-11-16T09:30:00+09:00")
    mondays = len([t for t in pieces(0, 20, ("8:30", "9:10"), ("9:20", "12:00")) if t < at("9:30")])
    assert before["actual"] == mondays
    assert before["less"]["actual"] == told["total"]["actual"] - mondays < 0
    assert before["stopped_min"] == 10.0
    assert before["less"]["stopped_min"] == -before["stopped_min"]
    assert before["whole"]["actual"] > 4 * before["actual"]
    assert (before["product"], before["no_data_min"], told["before_why"]) == (None, 0, None)


def test_hours_stand_beside_the_hours_of_the_same_time(tmp_path: Path) -> None:
    service = two_days(tmp_path, "10:10")
    told = service.get("/board", station="washer")
    monday = service.get("/board", station="washer", date="2026-11-16", shift="日勤")
    assert [row["before"]["actual"] for row in told["rows"]] == [row["actual"] for row in monday["rows"]]
    assert [row["before"]["less"] is None for row in told["rows"]] == [row["state"] != "over" for row in told["rows"]]
    nine, mondays = told["rows"][1], monday["rows"][1]
    assert nine["before"]["less"] == nine["actual"] - mondays["actual"]
    assert nine["before"]["stopped_min"] == mondays["stop_min"]["minor_stop"] + mondays["stop_min"]["downtime"] == 10.0


def test_it_is_the_last_shift_with_the_same_product(tmp_path: Path) -> None:
    """a-100 on Monday, b-200 on Tuesday, nothing on Wednesday, a-100 on Thursday."""
    made = [t for day in (0, 1, 3) for t in pieces(day, 20, ("8:30", "9:30"))]
    first, second = "A-100", "b-200"
    said = [(at("8:00", MONDAY + timedelta(days=d)), code) for d, code in ((0, first), (1, second), (3, first))]
    of = service(tmp_path, at("9:30", MONDAY + timedelta(days=3)), made, said)
    before = of.get("/board", station="washer")["before"]
    assert (before["date"], before["product"]["id"]) == ("2026-11-16", next(iter(PRODUCTS)))
    assert of.get("/board", station="washer", date="2026-11-17", shift="日勤")["before"] is None


def test_without_a_shift_like_it_it_says_so(tmp_path: Path) -> None:
    told = two_days(tmp_path).get("/board", station="washer", date="2026-11-16", shift="日勤")
    assert told["before"] is None
    assert "同じ品番" in told["before_why"]["ja"]
    assert {row["before"] for row in told["rows"]} == {None}
    late = MONDAY + timedelta(days=MOST_SHIFTS + 1)
    far = service(tmp_path, at("9:30", late), pieces(0, 20, ("8:30", "9:30")) + pieces(6, 20, ("8:30", "9:30")))
    assert far.get("/board", station="washer")["before"] is None


def test_a_line_without_shifts_is_compared_by_its_days(tmp_path: Path) -> None:
    of = two_days(tmp_path)
    days = Service(replace(of.line, shifts=()), of.directory, of.now, of.store)
    before = days.get("/board", station="washer")["before"]
    assert (before["date"], before["shift"], before["until"]) == ("2026-11-16", None, "2026-11-16T09:30:00+09:00")


def test_of_a_person_viewers_compare_whole_hours(tmp_path: Path) -> None:
    of = two_days(tmp_path, "10:50", privacy="person")
    told = of.get("/board", station="washer")
    assert told["before"]["until"] == "2026-11-16T10:00:00+09:00"
    assert [row["start"][11:16] for row in told["rows"]] == ["09:00"]
    monday = of.get("/board", station="washer", date="2026-11-16", shift="日勤")
    assert told["before"]["actual"] == monday["rows"][0]["actual"] == told["rows"][0]["before"]["actual"]


def test_the_other_shift_is_looked_up_again_after_a_minute(tmp_path: Path) -> None:
    of = two_days(tmp_path)
    told = of.get("/board", station="washer")["before"]
    scrap = {
        "station": "washer",
        "at": "2026-11-16T08:45:00+09:00",
        "quantity": "scrap",
        "delta": 5,
        "why": "後で分かった",
    }
    of.write("/corrections", scrap)
    assert of.get("/board", station="washer")["before"]["actual"] == told["actual"]
    of.now += 61 * 10**9
    later = of.get("/board", station="washer")["before"]
    assert later["whole"]["actual"] == told["whole"]["actual"] - 5
