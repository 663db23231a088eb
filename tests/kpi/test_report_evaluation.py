"""The evaluation's page says what the service judged, every day a dot, hours apart from yen, and nothing more."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from contract.words import Language
from kpi.problems import Problem
from kpi.report.asking import Body, evaluation_answers
from kpi.report.evaluation import evaluation_page
from tests.kpi.desks import FakeDemo, Service
from tests.kpi.evaluations import AFTER, BEFORE, FIRST, OF, SPLIT, make, noisy, service, working_days
from tests.kpi.lines import TOKYO
from tests.kpi.memory_store import MemoryStore
from tests.kpi.reports import HARMLESS, JAPANESE, Page, asker
from tests.kpi.test_report_shift import LONG, NASTY

pytestmark = pytest.mark.slow  # scipy takes a second to import
MADE_AT = datetime(2026, 11, 16, 12, tzinfo=TOKYO)
ASKED = {"station": "washer", "kpi": "cycle_time_s", "before": BEFORE, "after": AFTER}


def faster(directory: Path, **more: Any) -> Service:
    """30 s a piece before, 20 s after; one day after has too few pieces."""
    store = MemoryStore()
    make(store, noisy(FIRST, 30.0) | noisy(SPLIT, 20.0), {working_days(SPLIT)[3]: 5})
    return service(directory, store, **more)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Body, Body]:
    """The line, and its evaluation: asked once, printed often."""
    return evaluation_answers(asker(faster(tmp_path_factory.mktemp("line"))), ASKED)


def printed(answers: tuple[Body, Body], lang: Language = "ja", **changed: Any) -> Page:
    return Page(evaluation_page(answers[0], {**answers[1], **changed}, MADE_AT, lang))


def crowded(body: Body) -> Body:
    """More of everything than a page has room for."""
    one = {
        "kpi": "x",
        "station": LONG,
        "unit": "s",
        "better": "lower",
        "before": 3013.5,
        "after": 3058.3,
        "difference": 44.8,
        "verdict": "not_confirmed",
        "title": {"ja": "チョコ停の時間", "en": "time in short stops"},
    }
    doubt = {
        "ja": "前の期間の日々の値に傾向があります(Kendall p=0.034)。区間を広げました。この傾向が続けば、対策がなくても"
        " −1.3 秒 動いた計算になります。",
        "en": "The days before have a trend (Kendall p=0.034); the interval was widened. Had it gone on, -1.3 s would "
        "have come without any measure.",
    }
    effect = {"what": "sold", "document": LONG * 2, "yen_per_year": 12345678,
              "title": {"ja": "実際に売れた良品", "en": "good pieces really sold"}}  # fmt: skip
    out = [
        {"side": side, "ja": why, "en": why, "date": f"2026-10-{day}"}
        for side in ("before", "after")
        for why in ("計画した稼働時間がない日", "データ取得率が 95 % 未満", "30 個未満", "この指標が計算できない日")
        for day in range(19, 31)
    ]
    money = {**body["money"], "effects": [effect] * 5, "yen_a_year": 99999999, "weak_yen_a_year": 9e7}
    more = {"caveats": [doubt] * 9, "worse_figures": [one] * 5, "line_output": one, "next_bottleneck": LONG}
    said = {key: str(body[key]).replace("洗浄機", LONG) * 2 for key in ("statement_ja", "statement_en")}
    control = {**body, "name": LONG}
    return {**body, **more, **said, "name": LONG, "control": control, "money": money, "excluded": out, "virtual": True}


def page(told: Service, asked: Mapping[str, str] = ASKED) -> Page:
    return printed(evaluation_answers(asker(told), asked))


def test_the_statement_and_every_day_stand_on_the_page(answers: tuple[Body, Body]) -> None:
    seen, body = printed(answers), answers[1]
    assert body["statement_ja"] in seen.text
    assert "効果を確認" in seen.words
    assert seen.html.count("<circle") == body["before"]["n"] + body["after"]["n"] + 1  # and the difference
    assert seen.html.count('fill="#fff" stroke="#000" stroke-width="0.35"') == body["before"]["n"]
    assert seen.row("前")[1] == "10"
    assert seen.row("後")[1] == "9"
    assert "30 個未満: 11/5" in seen.text
    assert "【参考】事前に登録した評価ではありません。" in seen.text


def test_two_days_mean_the_window_from_the_first_to_the_end_of_the_last(
    tmp_path: Path, answers: tuple[Body, Body]
) -> None:
    days = {"before": "2026-10-19/2026-11-01", "after": "2026-11-02/2026-11-15"}
    told = service(tmp_path, MemoryStore())
    assert evaluation_answers(asker(told), {**ASKED, **days})[1]["windows"] == answers[1]["windows"]


def test_hours_stand_apart_from_yen_and_the_weak_end_beside(answers: tuple[Body, Body]) -> None:
    seen, freed = printed(answers), answers[1]["money"]["freed"]
    assert seen.row("中央値から")[1] == f"{freed['hours_a_year']:,.0f} 時間/年"
    assert seen.row("区間の弱い端から")[1] == f"{freed['weak_hours_a_year']:,.0f} 時間/年"
    assert freed["weak_hours_a_year"] < freed["hours_a_year"]
    assert "円/年と証拠を書いて署名する" in seen.text


def test_what_the_host_ticked_is_there_and_yen_only_of_it(tmp_path: Path) -> None:
    told = faster(tmp_path)
    ticked = {**ASKED, "what": "overtime_saved", "document": "勤怠表 10〜11月", "yen_per_year": 360000}
    assert told.write("/evaluations/effects", ticked).status_code == 201
    seen = page(told)
    assert "減った残業 360,000 円/年(勤怠表 10〜11月)" in seen.text
    assert "合計 360,000 円/年" in seen.text


def test_what_was_registered_says_when(answers: tuple[Body, Body]) -> None:
    seen = printed(answers, registered={"made": "2026-10-18T09:00:00+09:00"})
    assert "事前に登録した評価です(2026-10-18 09:00)。" in seen.text


def test_too_few_days_give_no_interval_and_no_nought(tmp_path: Path) -> None:
    store = MemoryStore()
    make(store, noisy(FIRST, 30.0))
    seen = page(service(tmp_path, store))
    assert "判定しない" in seen.words
    assert seen.row("後")[1:] == ["0", "―", "―", "―"]
    assert "90 %区間" not in " ".join(seen.words[seen.words.index("日数") :])


def test_texts_of_people_are_texts_and_nothing_else(tmp_path: Path) -> None:
    of = replace(OF, name=NASTY, stations={"washer": replace(OF.stations["washer"], name=NASTY)})
    told = faster(tmp_path, of=of, demo=FakeDemo())
    told.write("/evaluations/effects", {**ASKED, "what": "sold", "document": NASTY[:60]})
    told.write("/events", {"at": "2026-10-21T09:00:00+09:00", "kind": "improvement", "text": NASTY[:-1]})
    seen = page(told)
    assert seen.tags <= HARMLESS
    assert not [name for name in seen.attributes if name.startswith("on") or name in ("href", "src")]
    assert "仮想データ" in seen.words


def test_the_english_page_has_no_japanese_of_ours(answers: tuple[Body, Body]) -> None:
    html = printed(answers, "en").html
    for name in (answers[0]["name"], answers[1]["name"]):
        html = html.replace(name, "")
    assert not JAPANESE.findall(html)


@pytest.mark.parametrize("changed", [{"before": "x/y"}, {"before": "2026-10-19"}, {"after": BEFORE}, {"kpi": "nope"}])
def test_what_cannot_be_evaluated_is_refused_by_the_service(tmp_path: Path, changed: dict[str, str]) -> None:
    with pytest.raises(Problem) as refused:
        page(service(tmp_path, MemoryStore()), {**ASKED, **changed})
    assert refused.value.status in (404, 422)
