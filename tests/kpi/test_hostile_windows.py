"""Hostile windows and parameters get clear answers on every call that takes them: what, where, why, what to do.

Never a failure of ours, never NaN or infinity, null where something is undefined.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from contract.errors import LineError
from contract.line import CalendarEntry
from kpi.times import rfc3339
from kpi.windows import FURTHEST_DAYS
from tests.contract.good_line import changed, load_text
from tests.kpi.desks import Service
from tests.kpi.lines import MONDAY, at
from tests.kpi.test_ledger import every
from tests.kpi.test_service import END, START, WINDOW, problem
from tests.kpi.two_stations import service, two

pytestmark = pytest.mark.slow  # four hundred questions

WASHER = {"station": "washer"}
CALLS: dict[str, dict[str, str]] = {
    "/kpi": {},
    "/cycles": WASHER,
    "/ledger": WASHER,
    "/readings": WASHER | {"sensor": "done", "measure": "count"},
    "/thresholds": WASHER,
    "/what-if": WASHER | {"cycle_s": "10"},
    "/stops": WASHER,
    "/correlation": {"series": "washer/done/count,packer/done/count", "every_s": "60"},
    "/control-chart": WASHER | {"kpi": "cycle_time_s"},
    "/capability": WASHER | {"kpi": "cycle_time_s", "usl": "30"},
}
"""Every call of a window, with what else it needs."""

WINDOWS = {
    "end before start": {"start": END, "end": START},
    "of no length": {"start": START, "end": START},
    "no offset": {"start": "2026-11-16T08:30:00", "end": END},
    "no offset at the end": {"start": START, "end": "2026-11-16T09:30:00"},
    "a date alone": {"start": "2026-11-16", "end": END},
    "a century": {"start": "1926-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
    "two centuries": {"start": "2000-01-01T00:00:00Z", "end": "2199-01-01T00:00:00Z"},
    "until the next century": {"start": START, "end": "2100-01-01T00:00:00Z"},
    "the year 0": {"start": "0000-01-01T00:00:00Z", "end": END},
    "the year 9999": {"start": START, "end": "9999-12-31T23:59:59Z"},
    "a thirteenth month": {"start": "2026-13-01T00:00:00Z", "end": END},
    "a leap second": {"start": "2026-06-30T23:59:60Z", "end": END},
    "an offset of days": {"start": "2026-11-16T08:30:00+99:00", "end": END},
    "words": {"start": "yesterday", "end": END},
    "nothing": {"start": "", "end": END},
    "a null sign": {"start": "\u0000", "end": END},
    "SQL": {"start": "'; drop table reading --", "end": END},
    "a long text": {"start": "2" * 10_000, "end": END},
    "a number": {"start": "1795000000000000000", "end": END},
    "NaN": {"start": "NaN", "end": "NaN"},
    "no start": {"end": END},
}
A_LONG_WINDOW_IS_ANSWERED = {"/readings"}
"""Whatever is asked of plain readings, there are no more of them than are stored."""

CLEAR = (400, 404, 414, 422)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Service:
    directory = tmp_path_factory.mktemp("hostile")
    found = service(
        directory, two(), washer=every(27, at("8:30"), at("9:20")), packer=every(27, at("8:31"), at("9:20"))
    )
    found.store.put("washer/wash/state", [(at("8:31"), 1)])  # a phase that never ends
    return found


def strict(text: str) -> Any:
    """JSON without NaN and infinities."""
    return json.loads(text, parse_constant=pytest.fail)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("call", CALLS)
def test_a_window_that_cannot_be_is_told_to_be_so(told: Service, call: str, window: str) -> None:
    answer = told.ask(f"/api/v1{call}", params=CALLS[call] | WINDOWS[window])
    if answer.status_code == 200 and call in A_LONG_WINDOW_IS_ANSWERED and "centur" in window:
        strict(answer.text)
        return
    assert answer.status_code in CLEAR, answer.text
    body = problem(answer, answer.status_code)
    assert body["ja"] != body["en"]


@pytest.mark.parametrize(("days", "status"), [(FURTHEST_DAYS - 1, 200), (FURTHEST_DAYS + 2, 422)])
def test_a_window_further_ahead_than_anybody_plans_is_refused_and_never_cut(
    told: Service, days: int, status: int
) -> None:
    """Takt is over the whole window: of a part of it, it would be another number."""
    end = at("9:30") + days * 86400 * 10**9
    asked = {"start": START, "end": rfc3339(end, told.line.zone), "demand": "1000000", "station": "washer"}
    answer = told.ask("/api/v1/kpi", params=asked)
    assert answer.status_code == status, answer.text
    if status == 422:
        assert str(FURTHEST_DAYS) in problem(answer, 422)["ja"]


@pytest.mark.parametrize("call", [call for call in CALLS if "station" in CALLS[call]])
@pytest.mark.parametrize("station", ["oven", "../washer", "washer\u0000", "WASHER", "x" * 500, " ", "洗浄機"])
def test_an_unknown_station_is_told_with_the_known_ones(told: Service, call: str, station: str) -> None:
    answer = told.ask(f"/api/v1{call}", params=CALLS[call] | WINDOW | {"station": station})
    body = problem(answer, 404 if len(station) <= 64 else 422)
    if station == "oven" and call != "/readings":
        assert "washer" in body["en"]


@pytest.mark.parametrize(
    ("call", "name"),
    [("/kpi", "demand"), ("/what-if", "cycle_s"), ("/what-if", "from_s"), ("/correlation", "every_s"),
     ("/capability", "usl"), ("/readings", "points")],
)  # fmt: skip
@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999", "-1e300", "many", "0x10", "", "1" * 400])
def test_a_number_that_is_none_is_refused(told: Service, call: str, name: str, value: str) -> None:
    answer = told.ask(f"/api/v1{call}", params=CALLS[call] | WINDOW | {name: value})
    problem(answer, answer.status_code)
    assert answer.status_code in CLEAR


@pytest.mark.parametrize(
    "change",
    [
        {}, {"cycle_s": "3", "phase": "wash", "to_s": "3"}, {"phase": "wash"}, {"to_s": "3"},
        {"cycle_s": "3", "to_s": "3"}, {"cycle_s": "0"}, {"cycle_s": "-3"}, {"cycle_s": "1e9"},
    ],
)  # fmt: skip
def test_what_is_to_change_must_be_one_thing(told: Service, change: dict[str, str]) -> None:
    body = problem(told.ask("/api/v1/what-if", params=WASHER | WINDOW | change), 422)
    if change in ({}, {"phase": "wash"}):
        assert "phase=wash&to_s=3" in body["ja"]


def test_a_phase_that_is_none_is_told_with_the_known_ones(told: Service) -> None:
    body = problem(told.ask("/api/v1/what-if", params=WASHER | WINDOW | {"phase": "rinse", "to_s": "3"}), 404)
    assert "wash" in body["en"]


@pytest.mark.parametrize("before", ["", "/", f"{START}/{START}", f"{END}/{START}", f"{START}", f"{START}/{END}/{END}",
                                    "2026-11-16T08:30:00/2026-11-16T09:30:00", "NaN/NaN", "/" * 500])  # fmt: skip
def test_an_evaluation_of_no_window_is_refused(told: Service, before: str) -> None:
    asked = WASHER | {"kpi": "oee", "before": before, "after": f"{START}/{END}"}
    answer = told.ask("/api/v1/evaluation", params=asked)
    problem(answer, answer.status_code)
    assert answer.status_code in CLEAR


@pytest.mark.parametrize("at_", ["", "now", "2026-11-16T09:00:00", "0000-01-01T00:00:00Z", "NaN"])
def test_what_lies_between_at_no_moment_is_refused(told: Service, at_: str) -> None:
    problem(told.ask("/api/v1/wip", params={"at": at_}), 422)


# ------------------------------------------------------------------ what is undefined is null


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "window",
    [
        WINDOW,
        {"start": START, "end": "2026-11-16T08:30:00.000000001+09:00"},
        {"start": "2026-11-16T03:00:00+09:00", "end": "2026-11-16T04:00:00+09:00"},
        {"start": "2026-11-16T12:00:00+09:00", "end": "2026-11-16T13:00:00+09:00"},
        {"start": "2026-12-01T00:00:00+09:00", "end": "2026-12-08T00:00:00+09:00"},
        {"start": "2026-11-09T00:00:00+09:00", "end": "2026-11-17T00:00:00+09:00"},
    ],
    ids=["an hour", "a nanosecond", "outside the shift", "the lunch break", "in the future", "a week"],
)
def test_a_window_of_nothing_has_no_number_that_is_none(told: Service, call: str, window: dict[str, str]) -> None:
    answer = told.ask(f"/api/v1{call}", params=CALLS[call] | window)
    assert answer.status_code in (200, 422), answer.text
    strict(answer.text)


def test_a_phase_that_never_ends_is_no_phase_yet_and_has_a_share(told: Service) -> None:
    [washer, _] = told.get("/kpi", **WINDOW)["stations"]
    assert washer["phases"]["wash"]["count"] == 0
    assert washer["phases"]["wash"]["median"] is None
    assert washer["phases"]["wash"]["share"] == pytest.approx(1.0, abs=0.05)
    cycles = told.get("/cycles", **WASHER, **WINDOW)
    assert cycles["phases"]["wash"] == {"count": 0, "median_s": None, "share_of_takt": None}
    assert all(c["phases"] == {} for c in cycles["cycles"])
    foretold = told.get("/what-if", **WASHER, **WINDOW, phase="wash", to_s=3)
    assert foretold["output"] is None
    assert "too_few_days" in [c["code"] for c in foretold["caveats"]]


def test_a_demand_of_zero_has_no_takt_and_nothing_to_attain(told: Service) -> None:
    [washer, _] = told.get("/kpi", **WINDOW, demand=0)["stations"]
    assert (washer["takt_time_s"], washer["plan_attainment"], washer["utilization"]) == (None, None, 0.0)


def test_a_shift_without_any_planned_time_has_no_ratio(tmp_path: Path) -> None:
    """A planned stop of the whole shift: nothing was to be made, so nothing is 0 % and nothing is divided."""
    of = two(calendar=[CalendarEntry(MONDAY, "planned_stop")])
    found = service(tmp_path, of, washer=every(27, at("8:30"), at("9:20")))
    washer = found.get("/kpi", **WINDOW)["stations"][0]
    assert (washer["planned_time_s"], washer["planned_busy_time_s"]) == (0.0, 0.0)
    for ratio in ("availability", "effectiveness", "oee", "kadoritsu", "coverage", "throughput_per_h"):
        assert washer[ratio] is None
    assert washer["produced_quantity"] == washer["produced_outside_planned"] > 0
    strict(found.ask("/api/v1/kpi", params=WINDOW | {"by": "hour", "demand": 100}).text)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('start = "08:30"\nend = "17:15"', 'start = "08:30"\nend = "08:30"', "it ends when it starts"),
        ("ideal_cycle_s = 27.0\nstop_after_s", "ideal_cycle_s = 0\nstop_after_s", "ideal_cycle_s"),
        ("ideal_cycle_s = 27.0\nstop_after_s", "ideal_cycle_s = -27.0\nstop_after_s", "ideal_cycle_s"),
        ("ideal_cycle_s = 27.0\nstop_after_s", "ideal_cycle_s = nan\nstop_after_s", "ideal_cycle_s"),
        ("ideal_cycle_s = 27.0\nstop_after_s", "ideal_cycle_s = inf\nstop_after_s", "ideal_cycle_s"),
        ("stop_after_s = 60.0", "stop_after_s = 0", "stop_after_s"),
        ("stop_after_s = 60.0", "stop_after_s = nan", "stop_after_s"),
    ],
)
def test_settings_that_cannot_be_are_mistakes_of_the_line(old: str, new: str, said: str) -> None:
    with pytest.raises(LineError) as caught:
        load_text(changed(old, new))
    assert any(said in mistake.say("en") for mistake in caught.value.mistakes)
