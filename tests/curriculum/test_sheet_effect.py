"""S14 and S13 filled by the kit: the evaluation's own figures, no year from few days, hours apart from yen."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contract.errors import NotAllowed, NotThere
from curriculum.sheets.blank import twin
from curriculum.sheets.effect import Beside, effect
from curriculum.sheets.filled import read
from curriculum.sheets.form import EXAMPLES, form
from curriculum.sheets.printed import Written, page, pages
from curriculum.sheets.read_toml import from_toml
from curriculum.sheets.shift_log import day_of_measuring
from curriculum.sheets.to_line import line_of
from kojo import sheet_made
from kojo.cli import main
from kojo.sheet_made import Effect, Place
from kpi.report.asking import Body, evaluation_answers, shift_answers
from tests.collector.test_duck_store import opened
from tests.kpi.lines import MONDAY
from tests.kpi.reports import asker
from tests.kpi.test_report_evaluation import ASKED, faster
from tests.kpi.test_report_shift import service

pytestmark = pytest.mark.slow  # scipy takes a second to import


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Body, Body]:
    """A line, and the evaluation of ten days before and nine after: asked once."""
    return evaluation_answers(asker(faster(tmp_path_factory.mktemp("line"))), ASKED)


def filled(answers: tuple[Body, Body], beside: Beside = Beside(), **changed: Any) -> Written:  # noqa: B008 - frozen
    return effect(answers[0], {**answers[1], **changed}, beside)


def ten_days(told: Body, **money: Any) -> dict[str, Any]:
    return {"after": {**told["after"], "n_days": 10}, "money": {**told["money"], **money}}


TICKED = {"what": "overtime_saved", "document": "残業の記録", "yen_per_year": 300_000,
          "title": {"ja": "減った残業", "en": "overtime saved"}}  # fmt: skip


def test_what_was_measured_stands_there_as_the_service_said_it(answers: tuple[Body, Body]) -> None:
    values, told = filled(answers, Beside(read(EXAMPLES / "s6.toml"))).values, answers[1]
    assert values["statement"] == told["statement_ja"]
    assert (values["median_before"], values["median_after"]) == (30.0, 20.011)
    assert values["difference"] == round(told["difference"]["median"], 3)
    assert [values["interval_low"], values["interval_high"]] == [round(v, 3) for v in told["difference"]["interval90"]]
    assert (values["days_before"], values["days_after"]) == (10, 9)
    assert (values["before_from"], values["before_to"]) == (date(2026, 10, 19), date(2026, 11, 1))
    assert values["verdict"] == "効果を確認"
    assert values["team"] == "A班"
    assert "完成" in str(values["formula"])  # S6 is about another figure: the kit's own formula
    assert "30 個未満 11/5" in str(values["excluded"])
    assert "計画した稼働時間がない日 8 日" in str(values["excluded"])
    assert "時間稼働率" in str(values["worse"])
    assert values["registered"] is None
    assert "登録されていません" in str(values["conditions"])


def test_fewer_than_ten_days_are_never_made_into_a_year(answers: tuple[Body, Body]) -> None:
    values = filled(answers, Beside(cost_yen=50_000), money={**answers[1]["money"], "yen_a_year": 300_000}).values
    assert values["freed_s"] == 9.99
    yearly = ("freed_hours", "freed_hours_weak", "real_yen", "net_yen", "net_yen_weak", "payback_months")
    assert not {key: values[key] for key in yearly if values.get(key) is not None}
    assert "10 日に満たない(9 日)" in str(values["evidence"])
    assert "見込み" in str(values["evidence"])


def test_from_ten_days_on_hours_and_yen_stand_apart_and_it_pays_back(answers: tuple[Body, Body]) -> None:
    money = {"effects": [TICKED], "yen_a_year": 300_000, "weak_yen_a_year": 290_000.0}
    values = filled(answers, Beside(None, 100_000, 50_000), **ten_days(answers[1], **money)).values
    assert (values["real_yen"], values["net_yen"], values["net_yen_weak"]) == (300_000, 250_000, 240_000)
    assert values["payback_months"] == 4.8
    assert values["freed_hours"] == 43.3
    assert "減った残業(残業の記録)" in str(values["evidence"])


def test_hours_alone_are_no_money(answers: tuple[Body, Body]) -> None:
    values = filled(answers, Beside(None, 100_000), **ten_days(answers[1])).values
    assert values["freed_hours"] == 43.3
    assert values.get("real_yen") is None
    assert values.get("payback_months") is None
    assert "まだありません" in str(values["evidence"])


def test_what_is_not_confirmed_does_not_pay_back(answers: tuple[Body, Body]) -> None:
    money = {"effects": [TICKED], "yen_a_year": 300_000, "weak_yen_a_year": 0.0, "freed": None}
    changed = {**ten_days(answers[1], **money), "verdict": "not_confirmed", "confirmed": False}
    values = filled(answers, Beside(None, 100_000), **changed).values
    assert values.get("payback_months") is None
    assert "回収の見込みは書きません" in str(values["evidence"])


def test_a_ratio_is_in_per_cent_and_what_is_undefined_stays_empty(answers: tuple[Body, Body]) -> None:
    told = answers[1]
    none = {"median": None, "percent": None, "interval90": None, "of": "difference"}
    side = {**told["before"], "median": 0.794, "n_days": 3}
    changed: dict[str, Any] = {
        "unit": "ratio",
        "unit_shown": {"ja": "%", "en": "%"},
        "before": side,
        "difference": none,
    }
    values = filled(answers, **changed, verdict="not_judged").values
    assert values["median_before"] == 79.4
    assert values["difference"] is None
    assert values["unit"] == "%(差はポイント)"


def test_the_filled_sheet_is_written_and_read_again(answers: tuple[Body, Body]) -> None:
    written = filled(answers, virtual=True)
    again = from_toml(twin(form("S14"), written).encode(), "s14.toml")
    assert again.text("verdict") == "効果を確認"
    assert again.written.virtual
    html = pages([page(form("S14"), written)])
    assert "仮想データ" in html
    assert "9.9〜10.1 秒" in html


def test_a_shifts_figures_fill_the_day_sheet(tmp_path: Path) -> None:
    desk = service(tmp_path)
    desk.write("/stops/reason", {"station": "washer", "at": "2026-11-16T11:10:00+09:00", "reason": "jam"})
    written = day_of_measuring(shift_answers(asker(desk), "washer", MONDAY, "日勤"))
    assert (written.values["date"], written.values["shift"]) == (MONDAY, "日勤")
    assert (written.values["produced"], written.values["good"]) == (569, 567)
    assert written.values["loading_min"] == 220
    assert [dict(row) for row in written.tables["stops"]] == [{"reason": "詰まり", "times": 1, "seconds": 1800}]
    again = from_toml(twin(form("S13"), written).encode(), "s13.toml")
    assert again.rows("stops")[0].number("seconds") == 1800


def test_the_commands_ask_the_store_itself_where_no_server_runs(tmp_path: Path) -> None:
    line, data = tmp_path / "line.toml", tmp_path / "data"
    line.write_text(line_of([read(EXAMPLES / "s20.toml"), read(EXAMPLES / "s6.toml")]).text, "utf-8")
    data.mkdir(mode=0o700)
    opened(data / "line.duckdb").close()
    place = ["--line", str(line), "--data", str(data), "--to"]
    twins = [tmp_path / "s13.toml", tmp_path / "s14.toml"]
    day = ["sheet", "day", "--station", "washer", "--date", "2026-10-05", "--shift", "日勤"]
    assert main([*day, *place, str(twins[0]), str(tmp_path / "s13.html")]) == 0
    days = ["--before", "2026-09-01/2026-09-20", "--after", "2026-10-01/2026-10-20"]
    sheets = [str(EXAMPLES / "s6.toml"), str(EXAMPLES / "s16.csv")]
    assert main(["sheet", "effect", *sheets, *days, *place, str(twins[1])]) == 0
    log, report = (read(twin) for twin in twins)
    assert (log.text("station"), log.answers.number("loading_min")) == ("洗浄", 0)
    assert report.text("verdict") == "判定しない"
    assert report.answers.number("cost_yen") == 5200
    assert report.text("kpi").endswith("(phases.wash)")
    assert main(["sheet", "effect", *sheets, *days, *place, str(twins[1])]) == 2


def test_what_the_effect_lacks_is_said_before_anything_is_written(tmp_path: Path) -> None:
    to = tmp_path / "s14.toml"
    place = Place(tmp_path / "line.toml", tmp_path, "http://127.0.0.1:1", [to], False)
    days = {"before": "2026-10-01/2026-10-10", "after": "2026-11-01/2026-11-10"}
    with pytest.raises(NotThere, match="--team"):
        sheet_made.effect(place, Effect({**days, "station": "w", "kpi": "oee"}, [EXAMPLES / "s16.csv"]))
    with pytest.raises(NotThere, match="--station"):
        sheet_made.effect(place, Effect(days))
    with pytest.raises(NotThere, match="S17"):
        sheet_made.effect(place, Effect(days, [EXAMPLES / "s17-a.csv"]))
    to.write_text("mine")
    with pytest.raises(NotAllowed):
        sheet_made.effect(place, Effect({**days, "station": "w", "kpi": "oee"}))
    assert to.read_text() == "mine"
