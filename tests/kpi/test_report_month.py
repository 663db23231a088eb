"""The monthly page: losses that sum to 負荷時間, days marked, nothing null as 0; and what the pages are made of."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.catalogue import Measure
from contract.line import Aim, CalendarEntry, Flow, Plan, Sensor
from contract.words import Words
from kpi.problems import Problem
from kpi.report.asking import month_answers, shift_answers
from kpi.report.drawing import round_step
from kpi.report.markup import shortened, tag, text
from kpi.report.month import month_page
from kpi.report.say import number, percent, signed, within
from kpi.report.waterfall import loss_minutes
from tests.kpi.desks import Service
from tests.kpi.lines import CYCLE, MONDAY, TOKYO, WORKDAYS, at, line, shift, station
from tests.kpi.reports import HARMLESS, JAPANESE, Page, asker
from tests.kpi.test_ledger import REASONS, every

pytestmark = pytest.mark.slow

MADE_AT = datetime(2026, 11, 19, 12, tzinfo=TOKYO)
NOVEMBER = date(2026, 11, 1)


def service(directory: Path, **more: Any) -> Service:
    """Three days of work: Monday whole, Tuesday half unseen, Wednesday off; 30 minutes stood on Monday."""
    packer = replace(station(CYCLE, silence_after_s=120.0), id="packer", name="梱包", sensors={})
    tuesday, wednesday = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
    of = line(
        station(CYCLE, stop_after_s=60.0, silence_after_s=3600.0), shift("08:30-12:30", days=WORKDAYS),
        calendar=[CalendarEntry(wednesday, "holiday")], reasons=REASONS, plan=(Plan("washer", "日勤", 660),),
        flow=(Flow("washer", "packer"),), **more,
    )  # fmt: skip
    told = Service(
        replace(of, stations={**of.stations, "packer": packer}), directory, at("12:00", tuesday + timedelta(2))
    )
    made = [*every(20, at("8:30"), at("11:00")), *every(20, at("11:30"), at("12:30")),
            *every(20, at("10:30", tuesday), at("12:30", tuesday))]  # fmt: skip
    told.store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(made)])
    told.write("/events", {"at": "2026-11-17T08:30:00+09:00", "kind": "improvement", "text": "治具を変えた<b>"})
    return told


def page(told: Service, lang: Any = "ja", station: str | None = "washer") -> Page:
    return Page(month_page(month_answers(asker(told), NOVEMBER, station), MADE_AT, lang))


def test_the_losses_sum_to_the_planned_busy_time(tmp_path: Path) -> None:
    body = month_answers(asker(service(tmp_path)), NOVEMBER, "washer").figures
    parts = loss_minutes(body, "ja")
    assert parts is not None
    assert sum(minutes for _, minutes in parts) == round(body["planned_busy_time_s"] / 60)
    assert dict(parts)["停止: 理由なし"] == 30
    assert parts[-1][0] == "価値稼働時間(良品)"


def test_days_off_improvements_and_unseen_days_are_marked(tmp_path: Path) -> None:
    seen = page(service(tmp_path))
    assert seen.tags <= HARMLESS
    assert seen.words.count("休") >= 1
    assert "▼1 11/17 08:30 治具を変えた<b>" in seen.text
    assert 'fill="url(#no-data)"' in seen.html
    assert "ライン全体" in seen.text
    assert seen.row("梱包")[1:4] == ["―", "―", "―"]


def test_a_target_is_a_line_with_its_owner_and_how_far_off_the_month_is(tmp_path: Path) -> None:
    told = service(
        tmp_path, targets=(Aim("washer", "kadoritsu", 0.85, "製造課長"), Aim("packer", "kadoritsu", 0.9, "係長"))
    )
    assert "目標との差(- - -): 可動率 85.0 %(担当 製造課長)… ―" in page(told).text, "too little was seen"
    answers = month_answers(asker(told), NOVEMBER, "washer")
    whole = {**answers.figures, "coverage": 1.0, "kadoritsu": 0.81}
    seen = Page(month_page(replace(answers, stations=(whole, *answers.stations[1:])), MADE_AT, "ja"))
    assert f"目標との差(- - -): 可動率 85.0 %(担当 製造課長)… {signed(-4.0, 1)}ポイント" in seen.text
    assert "係長" not in seen.text, "another station's"
    assert ">目標<" in seen.html
    without = replace(answers, line={**answers.line, "targets": []})
    assert "目標との差" not in Page(month_page(without, MADE_AT, "ja")).text


def test_the_month_is_final_where_every_station_of_the_page_is(tmp_path: Path) -> None:
    told = service(tmp_path)
    told.now = at("12:00", date(2026, 12, 3))
    ends = at("12:00", date(2026, 12, 2))
    told.store.put("washer/_agent/alive", [(ends, 1.0)])
    assert "速報: pi-1 から" in page(told).text
    told.store.put("packer/_agent/alive", [(ends, 1.0)])
    assert "確定: この時間のデータはそろいました" in page(told).text


@pytest.mark.parametrize(("until", "ratio"), [("9:00", True), ("11:00", False)])
def test_the_line_has_no_ratio_where_too_little_of_it_was_seen(tmp_path: Path, until: str, ratio: bool) -> None:
    """Nothing was heard of the only station from 8:35 on: below 80 % seen its row and the line's say the same."""
    before = [CalendarEntry(NOVEMBER + timedelta(days=back), "holiday") for back in range(15)]
    of = line(station(CYCLE, silence_after_s=60.0), shift("08:30-12:30"), calendar=before)
    told = Service(of, tmp_path, at("12:30"))
    made = [*every(20, at("8:30"), at("8:35")), *every(20, at(until), at("12:30"))]
    told.store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(made)])
    seen = page(told)
    assert (seen.row("ライン全体")[2] == "データ不足") is (seen.row("洗浄機")[2] == "データ不足") is not ratio
    assert seen.row("ライン全体")[2:3] == seen.row("洗浄機")[2:3]
    assert seen.row("ライン全体")[7] == seen.row("洗浄機")[7]


def test_the_reasons_are_a_pareto_with_their_shares(tmp_path: Path) -> None:
    """Half an hour of a failure and ten minutes nobody explained: 75 % and 25 %."""
    told = service(tmp_path)
    counted = [*every(20, at("8:30"), at("11:00")), *every(20, at("11:30"), at("12:20"))]
    told.store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(counted)])
    at_s = "2026-11-16T11:10:00+09:00"
    failure = next(r for r in REASONS.values() if r.loss == "failure")
    told.write("/stops/reason", {"station": "washer", "at": at_s, "reason": failure.id})
    rows = page(told).rows
    first = next(at for at, row in enumerate(rows) if row and row[0] == failure.name)
    assert rows[first - 1] == ["理由", "回", "分", "割合", "累積"]
    shares = [row[3:] for row in rows[first:] if len(row) == 5]
    assert shares[0][0] == shares[0][1]
    assert sum(int(share.split()[0]) for share, _ in shares) == pytest.approx(100, abs=1)
    assert shares[-1][1] == "100 %"


def test_losses_that_are_not_known_are_not_drawn(tmp_path: Path) -> None:
    seen = page(service(tmp_path), station="packer")
    assert "ロスの内訳は出せません" in seen.text


def test_a_month_without_a_day_is_empty_and_says_nothing_false(tmp_path: Path) -> None:
    told = service(tmp_path)
    seen = Page(month_page(month_answers(asker(told), date(2025, 2, 1), "washer"), MADE_AT, "ja"))
    assert "2025年2月" in seen.text
    assert "nan" not in seen.text
    assert seen.row("洗浄機")[2:5] == ["―", "―", "―"]


def test_the_english_page_has_no_japanese_of_ours(tmp_path: Path) -> None:
    told = service(tmp_path)
    words = " ".join(JAPANESE.findall(page(told, "en").html))
    for name in ("部品洗浄ライン", "洗浄機", "梱包", "治具を変えた", "注文なし"):
        words = words.replace(name, "")
    assert not words.strip()


@given(st.lists(st.floats(-50, 5000, allow_nan=False), min_size=1, max_size=12))
def test_whole_minutes_sum_to_the_whole(parts: list[float]) -> None:
    whole = within(sum(parts), parts)
    assert abs(sum(whole) - sum(parts)) <= 0.5 + 1e-6
    assert all(abs(a - b) < 1.000001 for a, b in zip(whole, parts, strict=True))


@pytest.mark.parametrize(
    ("told", "said"),
    [(number(None), "―"), (number(-0.2), "0"), (number(12345.6), "12,346"), (signed(0.0), "±0"), (signed(3), "+3"),
     (signed(-3), "-3"), (percent(None), "―"), (percent(0.794), "79.4 %"), (percent(0), "0.0 %")],
)  # fmt: skip
def test_numbers_are_said_as_on_paper(told: str, said: str) -> None:
    assert told == said


@pytest.mark.parametrize(("span", "step"), [(4000, 1000), (17, 5), (0.4, 0.1), (0, 1), (1, 0.2), (90, 20)])
def test_axes_have_round_steps(span: float, step: float) -> None:
    assert round_step(span) == pytest.approx(step)


def test_a_text_is_escaped_once_and_an_element_not_again() -> None:
    assert tag("p", "a<b&\x07", title='"x"') == '<p title="&quot;x&quot;">a&lt;b&amp;</p>'
    assert text(tag("b", "x")) == "<b>x</b>"
    assert shortened("一二三四五", 8) == "一二三…"


def test_a_station_that_counts_no_pieces_has_no_page_of_its_own_and_is_called_so_in_the_table(tmp_path: Path) -> None:
    told = service(tmp_path)
    room = Sensor("packer", "air", "external", {}, (Measure("temperature", Words("温度", "temperature"), unit="°C"),))
    stations = told.line.stations
    of = replace(told.line, stations={**stations, "packer": replace(stations["packer"], sensors={"air": room})})
    watched = Service(of, tmp_path, told.now, store=told.store)
    assert page(watched).row("梱包(測定のみ)")[1:7] == ["―"] * 6
    with pytest.raises(Problem) as refused:
        page(watched, station="packer")
    assert "「梱包」は個数を数えない工程" in refused.value.what.ja
    assert "counts no pieces" in refused.value.what.en
    with pytest.raises(Problem, match=r"counts no pieces|個数を数えない"):
        shift_answers(asker(watched), "packer", MONDAY, "日勤")
