"""The end-of-shift page: figures of the service on paper, nothing drawn that is not known, every text escaped."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contract.line import Line, Plan, Reason
from kpi.problems import Problem
from kpi.report.asking import shift_answers
from kpi.report.say import signed
from kpi.report.shift import PERSON, shift_page
from kpi.report.standing import standings
from tests.kpi.desks import FakeDemo, Service
from tests.kpi.lines import CYCLE, MONDAY, SCRAP, TOKYO, at, line, shift, station
from tests.kpi.reports import HARMLESS, JAPANESE, Page, asker
from tests.kpi.test_ledger import REASONS, every

pytestmark = pytest.mark.slow

MADE_AT = datetime(2026, 11, 16, 17, 20, tzinfo=TOKYO)
WINDOW = {"start": "2026-11-16T08:30:00+09:00", "end": "2026-11-16T12:30:00+09:00"}
LONG = "とても長い名前の洗浄・乾燥・検査工程(第二工場 北側)"
NASTY = '<script>alert(1)</script><img src=x onerror="x()">&\x00'


def plant(**more: Any) -> Line:
    """08:30 to 12:30 with a break, 720 pieces wanted of 900 s x … : a piece each 20 s."""
    settings = {"silence_after_s": 0.0, **more.pop("settings", {})}
    more.setdefault("reasons", REASONS)
    more.setdefault("plan", (Plan("washer", "日勤", 660),))
    return line(station(CYCLE, SCRAP, stop_after_s=60.0, **settings), shift("08:30-12:30", "10:00-10:20"), **more)


def service(directory: Path, of: Line | None = None, now: str = "12:30", **more: Any) -> Service:
    told = Service(of or plant(), directory, at(now), **more)
    made = [*every(20, at("8:30"), at("10:00")), *every(20, at("10:20"), at("11:00")), *every(20, at("11:30"), at(now))]
    told.store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(made)])
    told.store.put("washer/scrap/count", [(at("9:10"), 1), (at("9:20"), 2)])
    return told


def page(
    told: Service, day: date = MONDAY, name: str | None = "日勤", lang: Any = "ja", token: str | None = None
) -> Page:
    return Page(shift_page(shift_answers(asker(told, token), "washer", day, name), MADE_AT, lang))


def test_the_board_has_each_hour_and_its_plan_sums_to_the_shifts(tmp_path: Path) -> None:
    told = service(tmp_path)
    told.write("/stops/reason", {"station": "washer", "at": "2026-11-16T11:10:00+09:00", "reason": "jam"})
    seen = page(told)
    board = seen.rows[seen.rows.index(seen.row("08:30-09:00")) :][:6]
    assert [row[0] for row in board] == [
        "08:30-09:00",
        "09:00-10:00",
        "10:00-11:00",
        "11:00-12:00",
        "12:00-12:30",
        "計",
    ]
    assert sum(int(row[1]) for row in board[:5]) == 660
    assert board[-1][1:7] == ["660", "567", "-93", "-93", "2", "30"]
    assert board[3][7] == "詰まり 30分"


def test_each_hour_on_paper_is_the_boards(tmp_path: Path) -> None:
    """A plan that no hour shares out whole: 500 pieces over 3 h 40 min; and a set-up that its mode explains."""
    told = service(tmp_path, plant(plan=(Plan("washer", "日勤", 500),)))
    for clock, mode in (("11:05", "setup"), ("11:25", "production")):
        told.write("/modes", {"station": "washer", "mode": mode, "at": f"2026-11-16T{clock}:00+09:00"})
    board = told.get("/board", station="washer", date="2026-11-16", shift="日勤")
    seen = page(told)
    for hour in board["rows"]:
        printed = seen.row(f"{hour['start'][11:16]}-{hour['end'][11:16]}")
        assert printed[1:3] == [str(hour["plan"]), str(hour["actual"])]
        assert printed[3:5] == [signed(hour["difference"]), signed(hour["cumulative"]["difference"])]
    total = board["total"]
    assert seen.row("計")[1:4] == ["500", str(total["actual"]), signed(total["difference"])]
    assert seen.row("11:00-12:00")[7].startswith("段取り・試し(モード)")
    stops = told.get("/stops", station="washer", **WINDOW)["stations"][0]["stops"]
    assert "段取り・試し(モード)" in [stop["name"]["ja"] for stop in stops]
    assert "段取り・試し(モード)" in [row[2] for row in seen.rows if len(row) == 3]


def test_what_nobody_explained_is_the_same_on_paper_and_on_the_board(tmp_path: Path) -> None:
    """Half an hour stood, 20 minutes of it in set-up: what its mode explains needs no reason."""
    told = service(tmp_path)
    for clock, mode in (("09:30", "setup"), ("09:50", "production")):
        told.write("/modes", {"station": "washer", "mode": mode, "at": f"2026-11-16T{clock}:00+09:00"})
    board = told.get("/board", station="washer", date="2026-11-16", shift="日勤")["total"]["without_reason"]
    of = shift_answers(asker(told), "washer", MONDAY, "日勤").figures["basis"]["without_reason"]
    assert of["minutes"] == board["minutes"] > 0
    assert 0 < of["share"] < 1
    assert page(told).row("理由が未記入の停止")[1].startswith(f"{of['minutes']} 分(停止の ")


def test_a_break_inside_a_stop_is_no_stop_of_its_hour(tmp_path: Path) -> None:
    told = Service(plant(), tmp_path, at("12:30"))
    made = [*every(20, at("8:30"), at("9:50")), *every(20, at("10:40"), at("12:30"))]
    told.store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(made)])
    told.write("/stops/reason", {"station": "washer", "at": "2026-11-16T09:55:00+09:00", "reason": "jam"})
    seen = page(told)
    assert seen.row("09:00-10:00")[6:8] == ["10", "詰まり 10分"]
    assert seen.row("10:00-11:00")[6:8] == ["20", "詰まり 20分"]
    assert seen.row("09:50-10:40")[1] == "30.0"


def test_what_stands_beside_the_figures_is_there(tmp_path: Path) -> None:
    told = service(tmp_path)
    text = page(told).text
    short = shift_answers(asker(told), "washer", MONDAY, "日勤").figures["basis"]["short"]["ja"]
    assert text.count(short) == 2  # beside 可動率 and 時間稼働率
    assert "可動率(べきどうりつ)" in text
    assert "負荷時間 220分" in text
    assert "速報" in text
    assert "2026年11月16日(月) 日勤 08:30~12:30" in text
    for signature in ("作成", "確認", "承認"):
        assert signature in text
    assert "仮想データ" not in text


def test_the_paper_says_of_a_shift_what_the_board_says_of_it(tmp_path: Path) -> None:
    """Over a day old, and never heard from since: still 速報, with the reason. Heard after its end: 確定."""
    told = service(tmp_path)
    told.now = at("12:30", MONDAY + timedelta(days=2))

    def said() -> str:
        board = told.get("/board", station="washer", date="2026-11-16", shift="日勤")["final_why"]["ja"]
        figures = shift_answers(asker(told), "washer", MONDAY, "日勤").figures
        assert figures["final_why"]["ja"] == figures["basis"]["final_why"]["ja"] == board
        assert figures["basis"]["preliminary"] is not figures["final"]
        hours = told.get("/kpi", station="washer", **WINDOW, by="hour")["stations"][0]["buckets"]
        assert {hour["basis"]["final_why"]["ja"] for hour in hours} == {board}
        assert board in page(told).text
        return str(board)

    assert said().startswith("速報: pi-1 から")
    told.store.put("washer/_agent/alive", [(at("12:33"), 1.0)])
    assert said().startswith("確定: この時間のデータはそろいました")


def test_the_footer_calls_kadoritsu_the_oee_only_where_nothing_is_left_out(tmp_path: Path) -> None:
    assert "=設備総合効率=" in page(service(tmp_path)).text
    seen = page(service(tmp_path, plant(settings={"kadoritsu_excludes": ("starved",)})))
    assert "=設備総合効率=" not in seen.text
    assert "÷(負荷時間-材料待ちの停止)" in seen.text
    assert "可動率は材料待ち0分を除く220分" in seen.text


def test_what_the_sensors_counted_stays_beside_what_was_put_right_and_the_papers_tally(tmp_path: Path) -> None:
    told = service(tmp_path)
    counted = page(told).row("数えた数(センサー)")[1]
    assert [page(told).row(name)[1] for name in ("日報・手数えの数", "差とその訳")] == ["", ""]
    tally = {"station": "washer", "date": "2026-11-16", "shift": "日勤", "quantity": "produced", "why": "手で3個流した"}
    assert told.write("/reconciliations", tally | {"tally": int(counted) + 3, "correct": True}).status_code == 201
    scrap = {"station": "washer", "at": "2026-11-16T09:10:00+09:00", "quantity": "scrap", "delta": 2, "why": "数えもれ"}
    told.write("/corrections", scrap)
    taken_back = told.write("/corrections", scrap | {"quantity": "produced", "delta": 50}).json()["id"]
    told.write("/entries/withdraw", {"id": taken_back, "why": "まちがい"})
    seen = page(told)
    assert seen.row("数えた数(センサー)")[1] == counted
    assert seen.row("訂正(訂正後の数)")[1] == f"+3 ({int(counted) + 3})"
    assert seen.row("日報・手数えの数")[1] == str(int(counted) + 3)
    assert seen.row("差(センサー-日報)とその訳")[1] == "-3 手で3個流した"
    assert seen.row("12:00-12:30")[7].endswith("* 数の訂正 +3")
    assert seen.row("09:00-10:00")[7].endswith("* 不良の訂正 +2")
    assert "訂正" not in "".join(seen.row("10:00-11:00"))
    assert "* count put right +3" in page(told, lang="en").text


def test_virtual_data_say_so(tmp_path: Path) -> None:
    assert "仮想データ" in page(service(tmp_path, demo=FakeDemo())).text


def test_texts_of_people_are_texts_and_nothing_else(tmp_path: Path) -> None:
    of = plant(reasons={"jam": Reason("jam", NASTY, "minor")})
    nasty = replace(of.stations["washer"], name=NASTY)
    told = service(tmp_path, replace(of, name=NASTY, stations={"washer": nasty}))
    told.write("/events", {"at": "2026-11-16T09:00:00+09:00", "kind": "note", "text": NASTY[:-1]})
    told.write("/stops/reason", {"station": "washer", "at": "2026-11-16T11:10:00+09:00", "reason": "jam"})
    seen = page(told)
    assert seen.tags <= HARMLESS
    assert not [name for name in seen.attributes if name.startswith("on") or name in ("href", "src")]
    assert seen.text.count("<script>alert(1)</script>") >= 2
    assert "\x00" not in seen.html


@pytest.mark.parametrize(("hole", "ratio", "said"), [("8:50", True, "参考値"), ("9:40", False, "データ不足")])
def test_a_shift_that_was_hardly_seen_is_for_reference_or_has_no_ratio(
    tmp_path: Path, hole: str, ratio: bool, said: str
) -> None:
    """Contract section 4: below 0.95 grey and 「参考値」, below 0.8 no ratio."""
    told = Service(plant(settings={"silence_after_s": 120.0}), tmp_path, at("12:30"))
    made = [*every(20, at("8:30"), at("8:35")), *every(20, at(hole), at("10:00")), *every(20, at("10:20"), at("12:30"))]
    told.store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(made)])
    seen = page(told)
    assert said in seen.text
    value = seen.words[seen.words.index("可動率(べきどうりつ)") + 1]
    assert value.endswith("%") is ratio
    assert 'class="hardly"' in seen.html
    assert "欠測" in seen.text


def test_what_is_not_known_is_a_dash_and_never_a_nought(tmp_path: Path) -> None:
    of = line(station(ideal=None), shift("08:30-12:30"))
    seen = page(Service(of, tmp_path, at("12:30")))
    assert seen.row("計")[1:4] == ["―", "―", "―"]
    assert seen.words[seen.words.index("可動率(べきどうりつ)") + 1] == "―"


def test_of_a_persons_station_a_viewer_prints_no_single_stops_and_the_leader_does(tmp_path: Path) -> None:
    told = service(tmp_path, plant(settings={"privacy": "person"}))
    seen = page(told)
    assert PERSON.ja in seen.text
    assert seen.row("09:00-10:00")
    assert PERSON.ja not in page(told, token=told.tokens.token("operator")).text


def test_the_english_page_has_no_japanese_of_ours(tmp_path: Path) -> None:
    of = plant(reasons={}, plan=(Plan("washer", "day", 660),))
    named = replace(of, name="wash", stations={"washer": replace(of.stations["washer"], name="washer")})
    told = service(tmp_path, replace(named, shifts=(replace(of.shifts[0], name="day"),)))
    seen = page(told, name="day", lang="en")
    assert not JAPANESE.findall(seen.html)
    assert "good - plan" in seen.text


def test_a_shift_that_runs_is_shown_up_to_now(tmp_path: Path) -> None:
    seen = page(service(tmp_path, now="11:45"))
    assert "08:30~11:45" in seen.text


@pytest.mark.parametrize(
    ("day", "name", "status", "said"),
    [
        (MONDAY, "夜勤", 404, "夜勤"),
        (MONDAY + timedelta(days=1), "日勤", 404, "勤務"),
        (date(2100, 1, 1), None, 404, "勤務"),
    ],
)
def test_a_shift_that_was_not_worked_is_refused(tmp_path: Path, day: date, name: str, status: int, said: str) -> None:
    with pytest.raises(Problem, match=said) as refused:
        page(service(tmp_path), day, name)
    assert refused.value.status == status


def test_of_several_shifts_one_must_be_named(tmp_path: Path) -> None:
    of = replace(plant(), shifts=(shift("08:30-12:30"), shift("13:00-17:00", name="夕勤")))
    told = Service(of, tmp_path, at("17:30"))
    with pytest.raises(Problem) as refused:
        page(told, name=None)
    assert refused.value.status == 422
    assert refused.value.hint is not None
    assert refused.value.hint.ja.endswith("日勤、夕勤")
    with pytest.raises(Problem, match="wusher"):
        shift_answers(asker(told), "wusher", MONDAY, None)


def test_a_line_without_shifts_has_its_day(tmp_path: Path) -> None:
    of = line(station(CYCLE))
    told = Service(of, tmp_path, at("23:59"))
    told.store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(every(20, at("8:30"), at("9:30")))])
    seen = page(told, name=None)
    assert len([row for row in seen.rows if row and row[0][2:3] == ":" and len(row) == 9]) == 12


def part(start: str, end: str, bucket: str, reason: str | None = None) -> dict[str, Any]:
    def told(clock: str) -> str:
        return f"2026-11-16T{clock}:00+09:00"

    return {"start": told(start), "end": told(end), "bucket": bucket, "reason": reason, "loss": None, "name": {}}


def minutes(parts: Sequence[dict[str, Any]]) -> list[float]:
    return [stop.seconds / 60 for stop in standings(parts)]


def test_a_break_does_not_make_two_stops_of_one() -> None:
    assert minutes([part("09:50", "10:00", "downtime"), part("10:00", "10:10", "planned_stop"),
                    part("10:10", "10:15", "downtime")]) == [15]  # fmt: skip
    assert minutes([part("09:50", "10:00", "downtime"), part("10:00", "10:10", "run"),
                    part("10:10", "10:15", "downtime")]) == [10, 5]  # fmt: skip
    assert minutes([part("09:50", "10:00", "downtime", "jam"), part("10:00", "10:05", "downtime")]) == [10, 5]
