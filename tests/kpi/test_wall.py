from datetime import timedelta
from pathlib import Path
from typing import Any

from contract.line import Plan
from tests.kpi.desks import Service
from tests.kpi.lines import CYCLE, MONDAY, NS, PRODUCT, WASH, WORKDAYS, at, line, shift, station
from tests.kpi.test_facts import PRODUCTS
from tests.kpi.test_ledger import every

SHIFTS = (shift("08:30-17:15", "12:00-13:00", days=WORKDAYS),)


def service(directory: Path, now: int, *shifts: Any, **more: Any) -> Service:
    told = Service(line(station(CYCLE, WASH, PRODUCT), *shifts, products=PRODUCTS, **more), directory, now)
    pieces = every(20, at("8:30"), at("9:00"))
    told.store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(pieces)])
    told.store.put("washer/wash/state", [row for t in pieces for row in ((t - 4 * NS, 1), (t - NS, 0))])
    told.store.put("washer/product/pressed", [(at("8:00"), "A-100")])
    return told


def test_the_running_shift_with_its_plan_so_far(tmp_path: Path) -> None:
    plan = (Plan("washer", "日勤", 930),)
    told = service(tmp_path, at("9:00:10"), *SHIFTS, plan=plan).get("/wall")["stations"][0]
    assert told["shift"] == {"name": "日勤", "start": "2026-11-16T08:30:00+09:00", "end": "2026-11-16T17:15:00+09:00"}
    assert told["produced_quantity"] == 90
    assert told["plan"] == 930
    assert round(told["plan_so_far"], 3) == round(930 * 1810 / 27900, 3)
    assert round(told["difference"], 3) == round(90 - 930 * 1810 / 27900, 3)
    assert told["takt_time_s"] == 30.0
    assert told["product"] == "a-100"
    assert told["basis"]["ideal"]["ideal_cycle_s"] == told["ideal_cycle_s"] == 20.0


def test_the_last_piece_and_the_last_wash(tmp_path: Path) -> None:
    told = service(tmp_path, at("9:00:10"), *SHIFTS).get("/wall")["stations"][0]
    assert told["last_piece_at"] == "2026-11-16T09:00:00+09:00"
    assert told["last_cycle_s"] == 20.0
    wash = told["phases"]["wash"]
    assert (wash["last_s"], wash["last_at"], wash["count"]) == (3.0, "2026-11-16T08:59:59+09:00", 90)


def test_the_state_and_since_when(tmp_path: Path) -> None:
    of = service(tmp_path, at("9:00:10"), *SHIFTS)

    def state(clock: str) -> tuple[str, str]:
        of.now = at(clock)
        told = of.get("/wall")["stations"][0]["state"]
        return told["key"], told["since"][11:19]

    assert state("9:00:10") == ("run", "08:30:00")
    assert state("9:05") == ("minor_stop", "09:00:00")
    assert state("9:30") == ("downtime", "09:00:00")
    assert state("12:30") == ("planned_stop", "12:00:00")
    assert state("13:30") == ("downtime", "13:00:00")
    assert state("18:00") == ("no_shift", "17:15:00")


def test_the_mode_while_it_lasts_and_since_when(tmp_path: Path) -> None:
    of = service(tmp_path, at("9:40"), *SHIFTS)

    def mode() -> tuple[str, str] | None:
        told = of.get("/wall")["stations"][0]["mode"]
        return told and (told["key"], told["since"][11:19])

    def enter(mode: str, clock: str) -> str:
        body = {"station": "washer", "mode": mode, "at": f"{MONDAY}T{clock}:00+09:00"}
        return str(of.write("/modes", body).json()["id"])

    assert mode() is None
    enter("setup", "09:05")
    enter("setup", "09:10")  # said twice, it lasts since the first time
    assert mode() == ("setup", "09:05:00")
    enter("maintenance", "09:20")
    assert mode() == ("maintenance", "09:20:00")
    back = enter("production", "09:30")
    assert mode() is None
    of.write("/entries/withdraw", {"id": back, "why": "まだ終わっていない"})
    assert mode() == ("maintenance", "09:20:00")
    of.now = at("23:00")
    assert mode() == ("maintenance", "09:20:00")


def test_a_stop_is_not_told_from_before_anything_was_seen(tmp_path: Path) -> None:
    of = Service(line(station(CYCLE, silence_after_s=120.0), *SHIFTS), tmp_path, at("13:20:50"))
    of.store.put("washer/_agent/alive", [(at("13:19:52"), 30.0), (at("13:20:22"), 60.0)])
    state = of.get("/wall")["stations"][0]["state"]
    window = {"start": "2026-11-16T08:30:00+09:00", "end": "2026-11-16T13:20:50+09:00"}
    before, now = of.get("/ledger", station="washer", **window)["intervals"][-2:]
    assert (before["bucket"], now["bucket"]) == ("no_data", "minor_stop")
    assert (state["key"], state["since"][11:19], now["start"][11:19]) == ("minor_stop", "13:19:52", "13:19:52")


def test_a_stop_with_a_hole_in_it_is_told_from_the_hole_on(tmp_path: Path) -> None:
    of = Service(line(station(CYCLE, silence_after_s=120.0), *SHIFTS), tmp_path, at("9:30"))
    of.store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(every(20, at("8:30"), at("9:00")))])
    of.store.put("washer/_agent/alive", [(t, 1.0) for t in every(30, at("8:30"), at("9:05"))])
    of.store.put("washer/_agent/alive", [(t, 1.0) for t in every(30, at("9:20"), at("9:30"))], "s2")
    state = of.get("/wall")["stations"][0]["state"]
    assert (state["key"], state["since"][11:19]) == ("downtime", "09:20:30")


def test_the_wall_says_of_a_shift_that_runs_that_it_is_preliminary(tmp_path: Path) -> None:
    of = service(tmp_path, at("12:30"), *SHIFTS)
    told = of.get("/wall")["stations"][0]["basis"]
    assert (told["preliminary"], told["final_why"]["ja"]) == (True, "速報: まだ終わっていない時間です。")
    of.now = at("18:00", MONDAY + timedelta(days=1))
    assert "pi-1" in of.get("/wall")["stations"][0]["basis"]["final_why"]["ja"]


def test_outside_a_shift_the_last_one_stands(tmp_path: Path) -> None:
    saturday = at("10:00", MONDAY + timedelta(days=5))
    told = service(tmp_path, saturday, *SHIFTS).get("/wall")["stations"][0]
    assert told["shift"]["start"] == "2026-11-20T08:30:00+09:00"
    assert told["state"]["key"] == "no_shift"
    assert told["produced_quantity"] == 0


def test_a_line_without_shifts_shows_its_business_day(tmp_path: Path) -> None:
    told = service(tmp_path, at("9:00:10")).get("/wall")["stations"][0]
    assert told["shift"] is None
    assert told["produced_quantity"] == 90
    assert told["plan"] is None


def test_a_line_that_never_heard_anything_says_no_data(tmp_path: Path) -> None:
    told = Service(line(station(CYCLE), *SHIFTS), tmp_path, at("9:00")).get("/wall")["stations"][0]
    assert told["state"]["key"] == "no_data"
    assert (told["coverage"], told["oee"], told["last_piece_at"]) == (0.0, None, None)
