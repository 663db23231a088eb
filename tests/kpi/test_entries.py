"""What people enter: judged, kept with its trace, listed, replaced, withdrawn; beside it what was counted stays."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contract.line import CalendarEntry, Flow, Plan, Product
from tests.kpi.desks import Service
from tests.kpi.lines import CYCLE, REASON, SCRAP, at, line, shift, station
from tests.kpi.test_ledger import REASONS, every
from tests.kpi.test_service import problem

DAY = "2026-11-16"
MOMENT = f"{DAY}T09:25:00+09:00"
WINDOW = {"start": f"{DAY}T08:30:00+09:00", "end": f"{DAY}T09:30:00+09:00"}
REASONED = {"station": "washer", "at": MOMENT, "reason": "故障"}
CORRECTED = {"station": "washer", "at": MOMENT, "quantity": "scrap", "delta": 3, "why": "検査", "by": "班長"}
PLANNED = {"station": "washer", "date": DAY, "shift": "日勤", "quantity": 1000}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Service:
    of = line(
        station(CYCLE, SCRAP, REASON, stop_after_s=60.0),
        shift("08:30-17:15", "12:00-13:00"),
        reasons=REASONS,
        products={"a-100": Product("a-100", "ブラケットA")},
    )
    told = Service(of, tmp_path_factory.mktemp("entries"), at("9:30"))
    told.store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(every(20, at("8:30"), at("9:20")))])
    return told


@pytest.fixture
def service(app: Service) -> Service:
    app.store.kept.clear()
    app.now = at("9:30")
    return app


def listed(service: Service, *, operator: bool = True, **asked: str) -> list[dict[str, Any]]:
    token = service.tokens.token("operator" if operator else "viewer")
    answer = service.ask("/api/v1/entries", params=asked, token=token)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


def kpi(service: Service) -> dict[str, Any]:
    told: dict[str, Any] = service.get("/kpi", **WINDOW)["stations"][0]
    return told


def test_the_bodies_of_the_contract_are_answered_with_what_is_stored(service: Service) -> None:
    for path, body in (("/stops/reason", REASONED), ("/corrections", CORRECTED)):
        answer = service.write(path, body)
        assert answer.status_code == 201
        assert service.store.kept[answer.json()["id"]].body["station"] == "washer"
    corrected = answer.json()
    assert {key: corrected[key] for key in CORRECTED} == CORRECTED
    plan = service.write("/plans", PLANNED, "PUT")
    assert (plan.status_code, plan.json()["quantity"], plan.json()["product"]) == (200, 1000, None)
    with_product = service.write("/plans", PLANNED | {"product": "a-100", "quantity": 5}, "PUT")
    assert with_product.json()["id"] != plan.json()["id"]
    note = service.write("/events", {"at": MOMENT, "kind": "note", "text": "x"})
    assert (note.status_code, note.json()["made"]) == (201, WINDOW["end"])


def test_a_reason_is_answered_with_the_stop_it_is_of(service: Service) -> None:
    def stop(clock: str) -> Any:
        return service.write("/stops/reason", REASONED | {"at": f"{DAY}T{clock}+09:00"}).json()["stop"]

    since = f"{DAY}T09:20:00+09:00"
    assert stop("09:25:00") == stop("09:30:00") == {"start": since, "end": None, "bucket": "downtime"}
    assert stop("08:29:59") is None


def test_what_has_not_come_yet_and_what_changes_nothing_is_refused(service: Service) -> None:
    later = f"{DAY}T09:31:01+09:00"
    for path, body in (("/stops/reason", REASONED), ("/corrections", CORRECTED)):
        assert "at" in problem(service.write(path, body | {"at": later}), 422)["ja"]
    assert "delta" in problem(service.write("/corrections", CORRECTED | {"delta": 0}), 422)["ja"]
    assert not service.store.kept


@pytest.mark.parametrize("blank", ["\x00", "\u200b", "\ufeff\u2060 ", "\u3000", "\u3164", "\u2800", "\x00\n\u200d"])
def test_a_text_in_which_there_is_nothing_to_see_is_refused_as_blank(service: Service, blank: str) -> None:
    assert "why" in problem(service.write("/corrections", CORRECTED | {"why": blank}), 422)["ja"]
    note = {"kind": "note", "text": blank}
    assert "text" in problem(service.write("/events", note), 422)["ja"]
    assert not service.store.kept
    assert service.write("/events", note | {"text": f"刃{blank}"}).status_code == 201


def test_what_a_tablet_whose_clock_is_a_little_ahead_says_is_now(service: Service) -> None:
    answer = service.write("/corrections", CORRECTED | {"at": f"{DAY}T09:30:59+09:00"})
    assert (answer.status_code, answer.json()["at"]) == (201, WINDOW["end"])


def test_a_plan_that_is_replaced_keeps_what_it_said_before(service: Service) -> None:
    service.write("/plans", PLANNED | {"by": "係長"}, "PUT")
    service.now = at("9:31")
    told = service.write("/plans", PLANNED | {"quantity": 900}, "PUT").json()
    assert told["replaced"] == [{"quantity": 1000, "made": WINDOW["end"], "by": "係長"}]
    service.write("/plans", PLANNED | {"quantity": 800}, "PUT")
    [entry] = listed(service, kind="plan")
    assert (entry["quantity"], [former["quantity"] for former in entry["replaced"]]) == (800, [1000, 900])


def test_a_plan_for_a_shift_that_is_not_worked_is_kept_and_says_so(service: Service) -> None:
    assert "note" not in service.write("/plans", PLANNED, "PUT").json()
    away = CalendarEntry(date(2026, 11, 17), "holiday", "日勤")
    resting = Service(replace(service.line, calendar=(away,)), service.directory, service.now, service.store)
    told = resting.write("/plans", PLANNED | {"date": "2026-11-17"}, "PUT")
    assert (told.status_code, told.json()["quantity"]) == (200, 1000)
    assert "2026-11-17 に勤務「日勤」はありません" in told.json()["note"]["ja"]
    assert "not worked" in told.json()["note"]["en"]


def test_a_products_plan_is_a_part_of_the_shifts_and_the_answer_says_so(service: Service) -> None:
    """1,900 wanted by line.toml: a product's 100 neither take their place nor are added, whoever said the 1,900."""
    of = replace(service.line, plan=(Plan("washer", "日勤", 1900),))
    told = Service(of, service.directory, service.now, service.store)

    def put(quantity: int, **more: str) -> dict[str, Any]:
        answer: dict[str, Any] = told.write("/plans", PLANNED | {"quantity": quantity} | more, "PUT").json()
        return answer

    def wanted() -> float:
        return float(told.get("/board", station="washer")["plan"])

    part = put(100, product="a-100")
    assert (part["shift_quantity"], wanted(), "replaces" in part) == (1900, 1900.0, False)
    assert "1,900 個" in part["note"]["ja"]
    assert "1,900 pieces" in part["note"]["en"]
    whole = put(1000)
    assert (whole["shift_quantity"], wanted()) == (1000, 1000.0)
    assert whole["replaces"] == {"quantity": 1900, "from": "line.toml"}
    day = {"start": f"{DAY}T00:00:00+09:00", "end": f"{DAY}T23:00:00+09:00"}
    assert told.get("/kpi", **day)["stations"][0]["basis"]["demand"] == 1000
    assert told.get("/kpi", **day, product="a-100")["stations"][0]["basis"]["demand"] == 100


def test_without_a_plan_of_the_whole_those_of_products_are_summed(service: Service) -> None:
    products = {**service.line.products, "b-200": Product("b-200", "ブラケットB")}
    of = replace(service.line, products=products, plan=(Plan("washer", "日勤", 600, product="a-100"),))
    told = Service(of, service.directory, service.now, service.store)
    answer = told.write("/plans", PLANNED | {"quantity": 500, "product": "b-200"}, "PUT").json()
    assert answer["shift_quantity"] == told.get("/board", station="washer")["plan"] == 1100
    assert "合計 1,100 個" in answer["note"]["ja"]


def test_a_correction_moves_the_figure_and_the_readings_stay(service: Service) -> None:
    pulses = {**WINDOW, "station": "washer", "sensor": "done", "measure": "count"}
    before, cycles = service.get("/readings", **pulses), kpi(service)["cycle_time_s"]
    service.write("/corrections", CORRECTED)
    service.write("/corrections", CORRECTED | {"quantity": "produced", "delta": -10})
    told = kpi(service)
    assert (told["produced_quantity"], told["scrap_quantity"], told["good_quantity"]) == (140, 3, 137)
    assert told["cycle_time_s"] == cycles
    assert service.get("/readings", **pulses) == before


def test_scrap_found_later_than_its_pieces_is_said_and_gives_no_ratio(service: Service) -> None:
    service.write("/corrections", CORRECTED | {"delta": 151})
    told = kpi(service)
    assert told["good_quantity"] == -1
    assert (told["quality_ratio"], told["oee"]) == (None, None)
    assert "scrap_later_than_piece" in told["warnings"]


RATIOS = ("quality_ratio", "first_pass_ratio", "oee", "kadoritsu", "losses_s", "plan_attainment", "throughput_per_h",
          "labour_pieces_per_h")  # fmt: skip


@pytest.mark.parametrize(
    ("quantity", "delta", "told_of"),
    [("scrap", -500, "不良数 -500 個"), ("produced", -500, "生産数 -350 個"), ("rework", -2, "手直し数 -2 個")],
)
def test_a_correction_beyond_the_count_is_named_and_gives_no_ratio(
    service: Service, quantity: str, delta: int, told_of: str
) -> None:
    service.write("/corrections", CORRECTED | {"quantity": quantity, "delta": delta})
    whole = service.get("/kpi", **WINDOW, demand="100")
    told = whole["stations"][0]
    assert told["warnings"] == ["correction_beyond_count"]
    [warning] = told["basis"]["warnings"]
    assert told_of in warning["ja"]
    assert str(delta if quantity != "produced" else -350) in warning["en"]
    assert all(told[name] is None for name in RATIOS)
    assert told["effectiveness"] is not None
    assert (whole["line"]["kadoritsu"], whole["line"]["warnings"]) == (None, ["correction_beyond_count"])
    assert service.get("/wall")["stations"][0]["basis"]["warnings"][0]["code"] == "correction_beyond_count"


def test_too_much_taken_off_what_was_produced_is_not_blamed_on_the_scrap(service: Service) -> None:
    service.write("/corrections", CORRECTED | {"quantity": "scrap", "delta": 20})
    service.write("/corrections", CORRECTED | {"quantity": "produced", "delta": -140})
    told = kpi(service)
    assert (told["good_quantity"], told["warnings"]) == (-10, ["correction_beyond_count"])
    assert "良品数 -10 個" in told["basis"]["warnings"][0]["ja"]
    assert all(told[name] is None for name in RATIOS)


@pytest.mark.parametrize(
    ("quantity", "delta", "after", "asks"),
    [("scrap", 3, 3, False), ("scrap", -1, -1, True), ("produced", -30, 120, False), ("produced", -31, 119, True),
     ("produced", 31, 181, True), ("rework", 31, 31, True)],
)  # fmt: skip
def test_a_correction_that_is_far_off_is_asked_about_before_it_is_kept(
    service: Service, quantity: str, delta: int, after: int, asks: bool
) -> None:
    """150 pieces were counted: more than 30 of them is more than 20 %."""
    body = CORRECTED | {"quantity": quantity, "delta": delta}
    checked = service.write("/corrections/check", body)
    assert (checked.status_code, service.store.kept) == (200, {})
    told = checked.json()
    assert (told["before"], told["after"]) == (150 if quantity == "produced" else 0, after)
    assert (told["warning"] is not None) == asks
    if asks:
        assert f"{after:,} 個になります" in told["warning"]["ja"]
    kept = service.write("/corrections", body)
    assert (kept.status_code, kept.json()["after"], kept.json()["warning"]) == (201, after, told["warning"])
    assert service.store.kept


def test_a_negative_good_quantity_has_no_rate(service: Service) -> None:
    service.write("/corrections", CORRECTED | {"delta": 151})
    told = service.get("/kpi", **WINDOW, demand="100")["stations"][0]
    assert told["warnings"] == ["scrap_later_than_piece"]
    assert all(told[name] is None for name in RATIOS)


def test_the_list_tells_when_what_and_who(service: Service) -> None:
    service.write("/stops/reason", REASONED)
    service.now = at("9:40")
    service.write("/corrections", CORRECTED)
    reason, correction = listed(service, start=WINDOW["start"], end=WINDOW["end"])
    assert (reason["entry"], reason["title"]["ja"], reason["at"]) == ("reason", "停止理由", MOMENT)
    assert "by" not in reason
    assert (correction["entry"], correction["made"], correction["by"]) == (
        "correction",
        f"{DAY}T09:40:00+09:00",
        "班長",
    )
    assert [entry["entry"] for entry in listed(service, kind="correction")] == ["correction"]
    assert listed(service, station="washer", start=WINDOW["end"]) == []
    assert "by" not in listed(service, operator=False, kind="correction")[0]


def test_what_is_withdrawn_counts_no_more_and_stays_in_the_list(service: Service) -> None:
    ids = [service.write(path, body).json()["id"] for path, body in
           (("/stops/reason", REASONED), ("/corrections", CORRECTED))]  # fmt: skip
    assert (kpi(service)["scrap_quantity"], kpi(service)["stops"]["basis"]) == (3, "reason")
    for id in ids:
        told = service.write("/entries/withdraw", {"id": id, "why": "まちがい", "by": "班長"})
        assert (told.status_code, told.json()["id"]) == (201, id)
    assert (kpi(service)["scrap_quantity"], kpi(service)["stops"]["basis"]) == (0, "length")
    reason = listed(service, kind="reason")[0]
    assert (reason["entry"], reason["reason"]) == ("reason", list(REASONS)[1])
    assert reason["withdrawn"] == {"made": WINDOW["end"], "why": "まちがい", "by": "班長"}
    assert listed(service, operator=False, kind="reason")[0]["withdrawn"] == {"made": WINDOW["end"], "why": "まちがい"}
    problem(service.write("/entries/withdraw", {"id": ids[0], "why": "もう一度"}), 409)
    problem(service.write("/entries/withdraw", {"id": "nothing", "why": "x"}), 404)
    problem(service.write("/entries/withdraw", {"id": ids[0]}), 422)


def test_a_plan_that_was_withdrawn_is_wanted_again_with_its_trace(service: Service) -> None:
    id = service.write("/plans", PLANNED, "PUT").json()["id"]
    service.write("/entries/withdraw", {"id": id, "why": "取り消し"})
    assert kpi(service)["basis"]["demand"] is None
    told = service.write("/plans", PLANNED | {"quantity": 700}, "PUT").json()
    assert told["replaced"][0]["withdrawn"]["why"] == "取り消し"
    assert [entry["quantity"] for entry in listed(service, kind="plan")] == [700]


def test_a_real_effect_and_a_count_between_stations_can_be_taken_back_and_a_promise_cannot(service: Service) -> None:
    spans = {"before": "2026-11-02T00:00:00+09:00/2026-11-09T00:00:00+09:00",
             "after": "2026-11-17T00:00:00+09:00/2026-11-24T00:00:00+09:00"}  # fmt: skip
    about = {"station": "washer", "kpi": "cycle_time_s", **spans}
    effect = service.write("/evaluations/effects", about | {"what": "sold", "document": "納品書 12", "yen_per_year": 9})
    assert service.write("/entries/withdraw", {"id": effect.json()["id"], "why": "桁ちがい"}).status_code == 201
    assert service.get("/evaluations")["effects"] == []
    [told] = listed(service, kind="effect", station="washer")
    assert (told["document"], told["withdrawn"]["why"]) == ("納品書 12", "桁ちがい")
    promise = service.write("/evaluations", about | {"why": "治具を替える"}).json()["id"]
    refused = service.write("/entries/withdraw", {"id": promise, "why": "やめた"})
    problem(refused, 409)
    assert "事前登録は取り消せません" in refused.json()["ja"]
    assert len(service.get("/evaluations")["evaluations"]) == 1
    link = Flow("washer", "packer")
    packer = replace(service.line.stations["washer"], id="packer", name="梱包", sensors={})
    both = replace(service.line, stations={**service.line.stations, "packer": packer}, flow=(link,))
    of_two = Service(both, service.directory, service.now, service.store)
    counted = of_two.write("/wip", {"from": "washer", "to": "packer", "quantity": 40}).json()["id"]
    assert [entry["id"] for entry in listed(of_two, kind="wip", station="packer")] == [counted]
    of_two.write("/entries/withdraw", {"id": counted, "why": "別の棚を数えた"})
    assert list(of_two.store.entries("wip")) == []


def test_an_improvement_is_told_to_whoever_draws_a_trend(service: Service) -> None:
    body = {"at": MOMENT, "kind": "improvement", "text": "治具を変えた", "station": "washer", "by": "佐藤"}
    service.write("/events", body)
    [event] = service.get("/events", **WINDOW)["events"]
    assert (event["kind"], event["text"], event["station"]) == ("improvement", "治具を変えた", "washer")
    assert "by" not in event


def test_reasons_of_a_persons_station_are_told_by_the_hour_and_carry_no_name(service: Service) -> None:
    problem(service.write("/stops/reason", REASONED | {"by": "佐藤"}), 422)
    service.write("/stops/reason", REASONED)
    alone = replace(service.line.stations["washer"], privacy="person")
    veiled = Service(replace(service.line, stations={"washer": alone}), service.directory, service.now, service.store)
    assert listed(veiled, operator=False)[0]["at"] == f"{DAY}T09:00:00+09:00"
    assert listed(veiled)[0]["at"] == MOMENT


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "figures"}, {"kind": "withdrawn"}, {"start": "yesterday"}, {"start": WINDOW["end"], "end": MOMENT},
        {"station": "x" * 100},
    ],
)  # fmt: skip
def test_hostile_questions_get_clear_answers(service: Service, asked: dict[str, str]) -> None:
    problem(service.ask("/api/v1/entries", params=asked), 422)
    problem(service.ask("/api/v1/entries", params={"station": "oven"}), 404)


@pytest.mark.parametrize("path", ["/events", "/entries"])
def test_a_window_that_ends_before_it_starts_is_refused(service: Service, path: str) -> None:
    asked = {"start": WINDOW["end"], "end": WINDOW["start"]}
    assert problem(service.ask(f"/api/v1{path}", params=asked), 422)["type"].endswith("bad-window")


@pytest.mark.parametrize("path", ["/entries/withdraw", "/alarms/mute", "/modes", "/reconciliations"])
def test_only_an_operator_enters_anything(service: Service, path: str) -> None:
    for token, status in ((None, 401), (service.tokens.token("viewer"), 403)):
        problem(service.ask(f"/api/v1{path}", "POST", token=token, json={}), status)
    call = service.ask("/openapi.json").json()["paths"][f"/api/v1{path}"]["post"]
    body = call["requestBody"]["content"]["application/json"]
    Draft202012Validator(body["schema"]).validate(body["example"])
    problem(service.write(path, {}), 422)
    problem(service.write(path, {"strange": 5}), 422)
