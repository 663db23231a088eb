"""The service's outside: doors, headers, problems, pages, hostile parameters."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from collector.store import LineVersion
from contract.errors import StoreAway
from contract.line import Flow
from contract.words import Words
from kpi.access import MOST_FAILURES, HostRules
from kpi.service_shell import COOKIE
from tests.kpi.desks import FakeDemo, Service
from tests.kpi.lines import CYCLE, REASON, SCRAP, WASH, at, line, shift, station
from tests.kpi.memory_store import MemoryStore
from tests.kpi.test_ledger import REASONS, every

pytestmark = pytest.mark.slow

START, END = "2026-11-16T08:30:00+09:00", "2026-11-16T09:30:00+09:00"
WINDOW = {"start": START, "end": END}
READS = ["/line", "/status", "/kpi", "/cycles", "/ledger", "/wall", "/readings", "/events", "/quarantine", "/demo",
         "/live", "/settings-history", "/board", "/stops", "/entries", "/reconciliations"]  # fmt: skip
WRITES = [("POST", "/events"), ("POST", "/stops/reason"), ("POST", "/corrections"), ("PUT", "/plans"),
          ("POST", "/demo/improve"), ("POST", "/quarantine/replay"), ("POST", "/entries/withdraw"),
          ("POST", "/alarms/mute"), ("POST", "/modes"), ("POST", "/reconciliations")]  # fmt: skip


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return made(tmp_path)


def made(directory: Path, **more: Any) -> Service:
    of = line(
        station(CYCLE, SCRAP, WASH, REASON, stop_after_s=60.0), shift("08:30-17:15", "12:00-13:00"), reasons=REASONS
    )
    told = Service(of, directory, at("9:30"), **more)
    pieces = every(20, at("8:30"), at("9:20"))
    told.store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(pieces)])
    told.store.put("washer/wash/state", [row for t in pieces for row in ((t - 15 * 10**9, 1), (t - 10**9, 0))])
    return told


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["type"].startswith("urn:kojohack:problem:")
    assert body["title"]
    assert body["detail"]
    assert body["ja"] != body["en"]
    return body


def test_health_is_told_to_everybody_and_names_what_is_away(service: Service) -> None:
    assert service.ask("/healthz", peer="10.0.0.9").json() == {"status": "ok"}
    service.ingest.away["broker"] = Words("中継役につながりません。", "The broker cannot be reached.")
    for path in ("/healthz", "/api/v1/healthz"):
        body = problem(service.ask(path), 503)
        assert "broker" in body["type"]
        assert "broker" in body["ja"]


def test_the_api_describes_itself(service: Service) -> None:
    for path in ("/openapi.json", "/api/v1/openapi.json"):
        paths = service.ask(path).json()["paths"]
        assert {f"/api/v1{call}" for call in READS} <= set(paths)


def test_every_call_describes_its_body_and_all_its_answers(service: Service) -> None:
    told = service.ask("/openapi.json").json()
    assert told["components"]["schemas"]["Problem"]["required"]
    for path, calls in told["paths"].items():
        for method, call in calls.items():
            where = f"{method} {path}"
            assert ("requestBody" in call) == (method != "get"), where
            assert call["description"], where
            for status, answer in call["responses"].items():
                kinds = answer.get("content", {})
                assert all(kind["schema"] for kind in kinds.values()), f"{where} {status}"
                assert ("application/problem+json" in kinds) == (int(status) >= 400), f"{where} {status}"
    for method, path in WRITES:
        call = told["paths"][f"/api/v1{path}"][method.lower()]
        body = call["requestBody"]["content"]["application/json"]
        Draft202012Validator.check_schema(body["schema"])
        Draft202012Validator(body["schema"]).validate(body["example"])


def test_the_description_is_a_whole_openapi_document(service: Service) -> None:
    """Every reference leads somewhere, and nothing in it is of our insides."""
    told = service.ask("/openapi.json").text
    names = set(json.loads(told)["components"]["schemas"])
    assert set(re.findall(r'"#/components/schemas/(\w+)"', told)) <= names
    assert "HTTPValidationError" not in told


@pytest.mark.parametrize("path", READS)
def test_reading_needs_a_token_off_the_machine(service: Service, path: str) -> None:
    parameters = WINDOW | {"station": "washer", "sensor": "done", "measure": "count"}
    answer = service.ask(f"/api/v1{path}", peer="192.168.1.20", params=parameters)
    assert "Bearer" in answer.headers["www-authenticate"]
    problem(answer, 401)
    proxied = service.ask(f"/api/v1{path}", params=parameters, headers={"X-Forwarded-For": "10.0.0.1"})
    problem(proxied, 401)
    problem(service.ask(f"/api/v1{path}", params=parameters, host="evil.example"), 401)


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_writing_needs_the_operators_token_everywhere(tmp_path: Path, method: str, path: str) -> None:
    service = made(tmp_path, demo=FakeDemo(), hosts=HostRules(open_to_lan=True))
    for token, status in ((None, 401), ("wrong", 401), (service.tokens.token("viewer"), 403)):
        problem(service.ask(f"/api/v1{path}", method, token=token, json={}), status)
    accepted = service.ask(f"/api/v1{path}", method, token=service.tokens.token("operator"), json={})
    problem(accepted, 422)


def test_guessing_tokens_is_slowed_down(service: Service) -> None:
    for _ in range(MOST_FAILURES):
        problem(service.ask("/api/v1/line", peer="10.0.0.9", token="guess"), 401)
    answer = service.ask("/api/v1/line", peer="10.0.0.9", token="guess")
    problem(answer, 429)
    assert int(answer.headers["retry-after"]) > 0


def test_every_answer_carries_headers_that_browsers_obey(service: Service) -> None:
    for path in ("/api/v1/line", "/api/v1/nowhere", "/healthz"):
        headers = service.ask(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers
    assert service.ask("/api/v1/line").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"start": START}, 422),
        ({"start": "2026-11-16T08:30:00", "end": END}, 422),
        ({"start": END, "end": START}, 422),
        ({"start": START, "end": START}, 422),
        ({"start": "2000-01-01T00:00:00Z", "end": "2100-01-01T00:00:00Z"}, 422),
        (WINDOW | {"station": "washr"}, 404),
        (WINDOW | {"station": "../washer"}, 404),
        (WINDOW | {"station": "x" * 1000}, 422),
        (WINDOW | {"product": "nothing"}, 404),
        (WINDOW | {"demand": "-1"}, 422),
        (WINDOW | {"demand": "nan"}, 422),
        (WINDOW | {"demand": "inf"}, 422),
        (WINDOW | {"demand": "many"}, 422),
        (WINDOW | {"by": "minute"}, 422),
        ({"start": "2023-12-01T00:00:00Z", "end": "2026-11-16T00:00:00Z", "by": "hour"}, 422),
        ({"start": "\u0000", "end": END}, 422),
        ({"start": "'; drop table reading", "end": END}, 422),
    ],
)
def test_hostile_questions_get_clear_answers(service: Service, parameters: dict[str, str], status: int) -> None:
    problem(service.ask("/api/v1/kpi", params=parameters), status)


def test_a_plus_sign_that_became_a_space_is_read_as_it_was_meant(service: Service) -> None:
    answer = service.ask("/api/v1/kpi?start=2026-11-16T08:30:00+09:00&end=2026-11-16T09:30:00+09:00")
    assert answer.status_code == 200
    assert answer.json()["start"] == START


def test_no_offset_shows_the_right_spelling(service: Service) -> None:
    body = problem(service.ask("/api/v1/kpi", params={"start": "2026-11-16T08:30:00", "end": END}), 422)
    assert f"start={START}" in body["ja"]
    assert f"start={START}" in body["en"]


def test_a_demand_of_zero_is_no_demand(service: Service) -> None:
    told = service.get("/kpi", **WINDOW, demand=0)["stations"][0]
    assert told["takt_time_s"] is None
    assert told["plan_attainment"] is None
    assert told["utilization"] == 0.0


def test_the_language_of_the_browser_chooses_the_detail(service: Service) -> None:
    for language, key in (("ja,en;q=0.5", "ja"), ("en-US,en", "en"), ("fr", "ja")):
        body = problem(service.ask("/api/v1/cycles?station=x", headers={"accept-language": language}), 422)
        assert body["detail"] == body[key]


def test_unknown_addresses_and_methods_are_problems_too(service: Service) -> None:
    problem(service.ask("/api/v1/nowhere"), 404)
    problem(service.ask("/api/v1/nowhere", "POST"), 404)
    refused = service.ask("/api/v1/kpi", "DELETE")
    problem(refused, 405)
    assert refused.headers["allow"] == "GET"
    problem(service.ask("/api/v1/demo"), 404)


def test_with_pages_an_unknown_address_of_the_api_is_still_no_page(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "index.html").write_text("<p>")
    service = made(tmp_path, pages=tmp_path / "pages")
    for method in ("GET", "POST", "PUT", "DELETE"):
        problem(service.ask("/api/v1/nothing", method), 404)
    problem(service.ask("/api/v1/line", "PUT"), 405)


def test_a_window_may_hold_all_the_years_that_are_kept(service: Service) -> None:
    told = service.get("/kpi", start="2017-01-01T00:00:00Z", end="2027-01-01T00:00:00Z")
    assert told["stations"][0]["produced_quantity"] == 150


def test_a_window_open_to_the_future_is_cut_at_now(service: Service) -> None:
    told = service.get("/kpi", start=START, end="2029-11-01T00:00:00Z", by="hour", demand=1000)
    assert told["end"] == "2026-11-16T09:30:00+09:00"
    assert [bucket["start"][11:16] for bucket in told["stations"][0]["buckets"]] == ["08:30", "09:00"]
    for window in ({"start": START, "end": "2099-01-01T00:00:00Z"}, {"start": "2001-01-01T00:00:00Z", "end": END}):
        problem(service.ask("/api/v1/kpi", params=window), 422)


class BrokenStore(MemoryStore):
    """A store whose server is gone, or that fails in a way nobody thought of."""

    failure: Exception = StoreAway(Words("データベースに届きません。", "The database cannot be reached."))

    def extent(self, station: str) -> tuple[int, int] | None:
        raise self.failure


def test_a_store_that_is_away_is_said(tmp_path: Path) -> None:
    answer = made(tmp_path, store=BrokenStore()).ask("/api/v1/wall")
    assert "データベース" in problem(answer, 503)["ja"]
    assert answer.headers["retry-after"] == "5"


def test_our_own_failures_tell_nothing_of_our_insides_but_where_the_log_does(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = BrokenStore()
    store.failure = RuntimeError("secret of /srv/kojo/line.duckdb")
    answer = made(tmp_path, store=store).ask("/api/v1/wall")
    number = problem(answer, 500)["id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "line.duckdb" not in answer.text
    assert number in answer.json()["ja"]
    assert number in answer.json()["en"]
    [told] = [record for record in caplog.records if number in record.getMessage()]
    assert told.exc_info
    assert "secret" in caplog.text


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"x" * 70_000, {}, 413),
        (b"{", {}, 422),
        (b"[]", {}, 422),
        (b'{"kind":"note","text":NaN}', {}, 422),
        (b"[" * 50_000, {}, 422),
        (b'{"text":' + b'{"a":' * 40 + b"1" + b"}" * 40 + b"}", {}, 422),
        (b"\xff\xfe", {}, 422),
        (b"kind=note", {"content-type": "application/x-www-form-urlencoded"}, 422),
        (b'{"kind":"note","text":"' + b"x" * 300 + b'"}', {}, 422),
        (b'{"kind":"note","text":"\\ud800"}', {}, 422),
        (b'{"kind":"party","text":"x"}', {}, 422),
        (b'{"kind":"note","text":"x","colour":"red"}', {}, 422),
        (b'{"kind":"note","text":"x","station":"oven"}', {}, 404),
        (b'{"kind":"note","text":"x","at":"yesterday"}', {}, 422),
        (b'{"kind":"note","text":"x","at":5}', {}, 422),
    ],
)
def test_hostile_bodies_get_clear_answers(
    service: Service, content: bytes, headers: dict[str, str], status: int
) -> None:
    sent = {"content-type": "application/json"} | headers
    token = service.tokens.token("operator")
    problem(service.ask("/api/v1/events", "POST", token=token, content=content, headers=sent), status)
    assert service.store.kept == {}


@pytest.mark.parametrize("kind", [None, "application/x-www-form-urlencoded", "application/json; charset=utf-8"])
def test_json_is_read_under_any_name_from_whoever_shows_the_token_itself(service: Service, kind: str | None) -> None:
    """As of `curl -d`, which calls everything a form; a form of another site cannot show the token."""
    sent = {} if kind is None else {"content-type": kind}
    note = f'{{"at":"{START}","kind":"note","text":"x"}}'
    operator = service.tokens.token("operator")
    assert service.ask("/api/v1/events", "POST", token=operator, content=note, headers=sent).status_code == 201
    cookie = {"cookie": f"{COOKIE}={service.tokens.cookie('operator')}"}
    with_cookie = service.ask("/api/v1/events", "POST", content=note, headers=sent | cookie)
    assert with_cookie.status_code == (201 if kind and "json" in kind else 415)


def test_what_people_enter_is_kept_and_counts_at_once(service: Service) -> None:
    reason = service.write("/stops/reason", {"station": "washer", "at": "2026-11-16T09:25:00+09:00", "reason": "故障"})
    assert (reason.status_code, reason.json()["reason"]) == (201, "breakdown")
    correction = {"station": "washer", "at": START, "quantity": "scrap", "delta": 3, "why": "検査"}
    assert service.write("/corrections", correction).status_code == 201
    plan = {"station": "washer", "date": "2026-11-16", "shift": "日勤", "quantity": 1200}
    first = service.write("/plans", plan, "PUT")
    second = service.write("/plans", plan | {"quantity": 1000}, "PUT")
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["id"] == second.json()["id"]
    event = service.write("/events", {"at": START, "kind": "improvement", "text": "治具を変えた", "station": "washer"})
    assert event.status_code == 201
    told = service.get("/kpi", **WINDOW)["stations"][0]
    assert told["scrap_quantity"] == 3
    assert told["stops"]["basis"] == "reason"
    assert told["basis"]["demand"] == pytest.approx(1000 * 3600 / (7.75 * 3600))
    kept = service.get("/events")["events"]
    assert [(e["text"], e["at"], e["id"]) for e in kept] == [("治具を変えた", START, event.json()["id"])]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/stops/reason", {"station": "washer", "at": START, "reason": "unknown"}),
        ("/stops/reason", {"station": "oven", "at": START, "reason": "jam"}),
        ("/corrections", {"station": "washer", "at": START, "quantity": "scrap", "delta": 1.5, "why": "x"}),
        ("/corrections", {"station": "washer", "at": START, "quantity": "scrap", "delta": True, "why": "x"}),
        ("/corrections", {"station": "washer", "at": START, "quantity": "gold", "delta": 1, "why": "x"}),
        ("/corrections", {"station": "washer", "at": START, "quantity": "scrap", "delta": 1, "why": "  "}),
    ],
)
def test_wrong_entries_are_refused_and_not_kept(service: Service, path: str, body: dict[str, Any]) -> None:
    assert service.write(path, body).status_code in (404, 422)
    assert service.store.kept == {}


def test_the_demo_is_switched_by_the_operator(tmp_path: Path) -> None:
    service = made(tmp_path, demo=FakeDemo())
    assert service.get("/demo")["improved"] is False
    assert service.write("/demo/improve", {"improved": True}).json()["improved"] is True
    assert service.get("/wall")["demo"]["improved"] is True
    problem(service.write("/demo/improve", {"improved": "yes"}), 422)


def test_only_an_operator_is_told_how_reports_are_called_on_the_servers_machine(tmp_path: Path) -> None:
    report = {"program": "/opt/kojo/.venv/bin/kojo", "data": "'/srv/my data'"}
    service = Service(line(station()), tmp_path, at("12:00"), report=report)
    assert service.get("/line")["report"] is None
    asked = service.ask("/api/v1/line", token=service.tokens.token("operator"))
    assert asked.json()["report"] == report


def test_the_line_tells_units_formulas_and_no_secrets(service: Service) -> None:
    told = service.get("/line")
    assert told["stations"]["washer"]["sensors"]["done"]["measures"]["count"]["kind"] == "total"
    assert told["kpis"]["availability"]["formula"]["ja"] == "稼働時間 ÷ 負荷時間"
    assert told["kpis"]["oee"]["better"] == "higher"
    assert told["kpis"]["difference"] == told["kpis"]["progress_pieces"]
    assert told["role"] == "viewer"
    as_operator = service.ask("/api/v1/line", token=service.tokens.token("operator")).json()
    assert as_operator == {**told, "role": "operator"}
    text = json.dumps(told)
    assert service.tokens.token("operator") not in text
    assert "mqtt" not in text


def test_settings_tell_who_changed_them_and_why_where_the_file_says_so(service: Service) -> None:
    texts = [
        "ideal_cycle_s = 27.0",
        "ideal_cycle_s = 10.0  # 変更 佐藤: 洗浄の治具を変えた",
        "# change T. Sato: 定時を 30 分早く\nideal_cycle_s = 10.0  # 変更 佐藤: 洗浄の治具を変えた",
        "ideal_cycle_s = 9.5",
    ]
    for day, text in enumerate(texts):
        service.store.keep_line(LineVersion(at("8:30") + day, text))
    told = service.get("/settings-history")["settings"][::-1]
    assert [(each["who"], each["why"]) for each in told] == [
        (None, None), ("佐藤", "洗浄の治具を変えた"), ("T. Sato", "定時を 30 分早く"), (None, None),
    ]  # fmt: skip


def test_nothing_in_an_answer_is_not_a_number(service: Service) -> None:
    for path in ("/kpi", "/wall"):
        text = service.ask(f"/api/v1{path}", params=WINDOW | {"by": "hour"}).text
        json.loads(text, parse_constant=pytest.fail)


def test_a_person_beside_hides_no_figure_of_the_line(tmp_path: Path) -> None:
    service = made(tmp_path)
    hand = replace(service.line.stations["washer"], id="hand", privacy="person", ideal_cycle_s=5.0, sensors={})
    both = replace(service.line, stations={"hand": hand, **service.line.stations}, flow=(Flow("hand", "washer"),))
    service = Service(both, tmp_path, at("9:30"), service.store)
    assert service.get("/kpi", **WINDOW)["line"]["station"] == "washer"


def test_half_a_character_in_a_name_is_a_mistake_of_the_body(service: Service) -> None:
    token = service.tokens.token("operator")
    sent = {"content-type": "application/json"}
    for content in (b'{"\\ud800":1,"kind":"note","text":"a"}', b'{"kind":"note","text":"a","station":"\\udfff"}'):
        problem(service.ask("/api/v1/events", "POST", token=token, content=content, headers=sent), 422)
