"""The analysis pages on the real service: asked, drawn and said in its words; refusals at the field they are about."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, ViewportSize, expect

from tests.dashboards.acting import Acting
from tests.dashboards.analysed import twelve_days
from tests.dashboards.conftest import PHONE, WATCH_POLICY

pytestmark = pytest.mark.browser
DESK: ViewportSize = {"width": 1366, "height": 768}
WEEK = {"start": "2026-11-22T00:00:00+09:00", "end": "2026-11-28T00:00:00+09:00"}
REFUSED = "Failed to load resource: the server responded with a status of 4"
TABLE = "球速,遠投,懸垂\n120,62,71\n130,90,32\n95,53,20\n141,88,28\n128,79,45\n118,88,30\n108,83,22\n87,53,40\n"


@pytest.fixture(scope="module")
def factory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Acting]:
    """The twelve days, served."""
    with Acting(twelve_days(tmp_path_factory.mktemp("analysed"))) as running:
        yield running


@dataclass
class Visitor:
    """One device at these pages: loaded once, each test goes to its view. What the page complains of fails."""

    browser: Browser
    factory: Acting
    complaints: list[str] = field(default_factory=list)
    page: Page | None = None

    def __call__(self, name: str, size: ViewportSize = DESK) -> Locator:
        """One of the views."""
        page = self.page or self.open()
        page.set_viewport_size(size)
        page.goto(self.factory.url(f"analysis.html#{name}"))
        page.locator("body[data-connection=live]").wait_for()
        return page.locator(f'main > [data-view="{name}"]')

    def open(self, may: bool = False) -> Page:
        """The device, allowed to operate or (usually) not."""
        context = self.browser.new_context(reduced_motion="reduce", timezone_id="Asia/Tokyo")
        if may:
            context.add_cookies([self.factory.cookie()])
        page = self.page = context.new_page()
        page.set_default_timeout(30_000)
        page.add_init_script(WATCH_POLICY)
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def hear(self, said: ConsoleMessage) -> None:
        """Keep what the page complains of; that the service refuses is what some tests ask for."""
        if said.type in ("error", "warning") and not said.text.startswith(REFUSED):
            self.complaints.append(said.text)


@pytest.fixture(scope="module")
def looking(browser: Browser, factory: Acting) -> Iterator[Visitor]:
    """A device that may look."""
    visitor = Visitor(browser, factory)
    yield visitor
    if visitor.page:
        visitor.page.context.close()


@pytest.fixture
def view(looking: Visitor) -> Iterator[Visitor]:
    """Go to one of the views: ``shown = view("losses")``, ``view("losses", PHONE)``."""
    yield looking
    assert looking.complaints == []


def asked_for(view: Locator, name: str) -> Locator:
    return view.locator(f'[data-field="{name}"]')


def fill_days(view: Locator, name: str, first: str, last: str) -> None:
    for at, day in enumerate((first, last)):
        asked_for(view, name).locator("input").nth(at).fill(day)


def ask(view: Locator) -> None:
    view.locator("form .strong").first.click()


def test_before_and_after_opens_round_the_last_improvement_and_says_what_the_service_says(
    view: Visitor, factory: Acting
) -> None:
    shown = view("evaluation")
    expect(shown.locator(".chart[data-chart=evaluation] canvas")).to_have_count(1, timeout=30_000)
    asked = {
        "station": "washer",
        "kpi": "phases.wash",
        "before": "2026-11-08T00:00:00+09:00/2026-11-22T00:00:00+09:00",
        "after": "2026-11-22T00:00:00+09:00/2026-11-28T00:00:00+09:00",
    }
    told = factory.get("/evaluation", **asked)
    assert told["verdict"] == "better"
    expect(shown.locator(".verdict")).to_have_attribute("data-verdict", "better")
    expect(shown.locator(".verdict .statement")).to_have_text(told["statement_ja"])
    expect(shown.locator(".standing")).to_have_text("参考(事前の登録なし)")
    for caveat in told["caveats"]:
        expect(shown.locator(f'.caveats [data-code="{caveat["code"]}"]')).to_have_text(caveat["ja"])
    expect(shown.locator("#evaluation-sides [data-side=before]")).to_contain_text(f"{told['before']['n_days']}")
    expect(shown.locator("#excluded-days")).to_contain_text(f"除いた日 {len(told['excluded'])} 日")
    expect(shown.locator("#report-command code")).to_have_text(
        "kojo report evaluation --station washer --kpi phases.wash --before 2026-11-08/2026-11-21"
        " --after 2026-11-22/2026-11-27 --data DIR --to evaluation.pdf"
    )


def test_too_few_days_are_not_judged_and_overlapping_windows_are_refused_at_their_field(view: Visitor) -> None:
    shown = view("evaluation")
    shown.locator(".verdict").wait_for()
    fill_days(shown, "after", "2026-11-26", "2026-11-27")
    ask(shown)
    expect(shown.locator(".verdict")).to_have_attribute("data-verdict", "not_judged")
    expect(shown.locator(".statement")).to_contain_text("日数が足りないため判定しません")
    fill_days(shown, "after", "2026-11-20", "2026-11-27")
    ask(shown)
    expect(asked_for(shown, "after").locator(".problem")).to_contain_text("重なっています")
    expect(asked_for(shown, "after").locator("input").first).to_have_attribute("aria-invalid", "true")
    expect(shown.locator(".view")).to_have_attribute("data-stale", "yes")
    fill_days(shown, "after", "", "")
    ask(shown)
    expect(asked_for(shown, "after").locator(".problem")).to_have_text("「後の期間」 が要ります。")


def test_an_operator_registers_beforehand_and_a_viewer_is_told_how(view: Visitor, factory: Acting) -> None:
    expect(view("evaluation").locator(".registration")).to_contain_text("登録には操作の許可が要ります")
    operator = Visitor(view.browser, factory)
    page = operator.open(may=True)
    acting = operator("evaluation")
    acting.locator(".verdict").wait_for()
    command = acting.locator("#report-command code")
    expect(command).to_contain_text("/opt/kojo/.venv/bin/kojo report evaluation --station washer")
    expect(command).to_contain_text("--data /srv/data --to evaluation.pdf")
    fill_days(acting, "after", "2026-11-29", "2026-12-12")
    asked_for(acting, "why").locator("input").fill("洗浄が短くなるはず")
    acting.locator(".registration button[type=submit]").click()
    expect(acting.locator(".registration")).to_contain_text("事前登録です")
    ask(acting)
    expect(acting.locator(".standing")).to_contain_text("事前登録")
    page.context.close()
    assert operator.complaints == []
    [kept] = factory.get("/evaluations")["evaluations"]
    assert (kept["kpi"], kept["why"], kept["beforehand"]) == ("phases.wash", "洗浄が短くなるはず", True)


def minutes(text: str) -> int:
    return int(text.replace("−", "-").replace(",", "").removesuffix(" 分"))


def test_lost_minutes_sum_to_the_busy_time(view: Visitor, factory: Acting) -> None:
    shown = view("losses")
    shown.locator("#waterfall").wait_for()
    asked_for(shown, "end").locator("input").fill("2026-11-27")
    ask(shown)
    rows = shown.locator("#waterfall tbody tr")
    rows.first.wait_for()
    told = [minutes(text) for text in rows.locator("td:nth-child(3)").all_inner_texts()]
    start = "2026-11-21T00:00:00+09:00"
    busy_s = factory.get("/kpi", start=start, end=WEEK["end"], station="washer")["stations"][0]["planned_busy_time_s"]
    assert told[0] == round(busy_s / 60) == sum(told[1:])
    expect(shown.locator("[data-loss=minor] th")).to_have_text("チョコ停")
    shown.get_by_role("button", name="根拠").click()
    expect(shown.page.locator("#basis")).to_contain_text("負荷時間 = 停止 + チョコ停")
    shown.page.keyboard.press("Escape")


def test_days_without_data_have_no_losses_instead_of_none(view: Visitor) -> None:
    shown = view("losses")
    shown.locator("#waterfall").wait_for()
    asked_for(shown, "end").locator("input").fill("2026-11-01")
    ask(shown)
    expect(shown.locator(".empty-said")).to_be_visible()
    expect(shown.locator("#waterfall")).to_have_count(0)


def test_a_threshold_is_proposed_with_its_false_stops_and_the_line_to_write(view: Visitor, factory: Acting) -> None:
    shown = view("thresholds")
    shown.locator(".chart[data-chart=thresholds] canvas").wait_for()
    told = factory.get("/thresholds", station="washer", start="2026-11-21T00:00:00+09:00", end=WEEK["end"])
    expect(shown.locator("#threshold-line code")).to_have_text(told["write"])
    expect(shown.locator("#proposed")).to_have_text(f"{told['proposed_stop_after_s']:g} 秒")
    proposed = next(c for c in told["products"][0]["candidates"] if c["is_proposed"])
    row = shown.locator(".candidates [data-proposed=yes]").first
    expect(row.locator("td").nth(3)).to_have_text(f"{proposed['false_stops_per_shift']:.1f}")
    fill_days(shown, "days", "2026-11-27", "2026-11-20")
    ask(shown)
    expect(asked_for(shown, "days").locator(".problem")).not_to_be_empty()


def test_a_control_chart_has_its_limits_and_marks_what_breaks_a_rule(view: Visitor, factory: Acting) -> None:
    shown = view("control")
    shown.locator(".chart[data-chart=control] canvas").first.wait_for()
    fill_days(shown, "days", "2026-11-16", "2026-11-27")
    fill_days(shown, "baseline", "2026-11-16", "2026-11-21")
    asked_for(shown, "by").first.locator("select").select_option("day")
    ask(shown)
    rules = shown.locator("#broken-rules [data-rule]")
    expect(rules.first).to_be_visible()
    told = factory.get(
        "/control-chart", station="washer", kpi="phases.wash", by="day", start="2026-11-16T00:00:00+09:00",
        end=WEEK["end"], baseline="2026-11-16T00:00:00+09:00/2026-11-22T00:00:00+09:00",
    )  # fmt: skip
    expect(rules.first).to_contain_text(told["broken_rules"][0]["ja"])
    assert 1 in [broken["rule"] for broken in told["broken_rules"]]
    expect(shown.locator("#limits [data-limit=centre_line]")).to_contain_text(f"{told['limits']['centre']:.2f} 秒")
    expect(shown).to_contain_text("基準期間 11/16 00:00")


def test_a_chart_of_groups_of_pieces_opens_with_what_has_pieces_and_a_day_of_them(view: Visitor) -> None:
    shown = view("control", PHONE)
    shown.page.reload()  # other tests have chosen days
    shown.locator(".chart[data-chart=control] canvas").first.wait_for()
    asked_for(shown, "chart").locator("select").select_option("individuals")
    expect(shown.locator('[data-field="kpi"] option[value="oee"]')).to_have_count(1)
    asked_for(shown, "kpi").locator("select").select_option("oee")
    asked_for(shown, "chart").locator("select").select_option("xbar_r")
    expect(shown.locator('[data-field="kpi"] option[value="oee"]')).to_have_count(0)
    expect(asked_for(shown, "kpi").locator("select")).to_have_value("phases.wash")
    expect(asked_for(shown, "days").locator("input").first).to_have_value("2026-11-27")
    ask(shown)
    expect(shown.locator("h3", has_text="X̄-R管理図")).to_be_visible()
    expect(shown.locator("#limits [data-limit=centre_line]")).to_contain_text("秒")
    expect(shown.locator(".chart[data-chart=control] canvas")).to_have_count(2)
    expect(shown.locator("form .problem:not(:empty)")).to_have_count(0)
    asked_for(shown, "size").locator("input").fill("1")
    ask(shown)
    expect(asked_for(shown, "size").locator(".problem")).to_contain_text("「1群の個数(2〜25)」")
    assert shown.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    asked_for(shown, "size").locator("input").fill("5")
    asked_for(shown, "chart").locator("select").select_option("individuals")
    expect(shown.locator('[data-field="kpi"] option[value="oee"]')).to_have_count(1)


def test_a_refusal_names_figures_as_people_know_them(view: Visitor) -> None:
    script = """async () => {
        const { titlesIn } = await import('/js/analysis_line.js');
        return titlesIn('Only cycle_time_s, phases.… and series');
    }"""
    shown = view("control")
    shown.locator(".chart[data-chart=control] canvas").first.wait_for()
    said = shown.page.evaluate(script)
    assert said.count("「") == 2
    assert "cycle_time_s" not in said
    assert "phases.…" not in said


def test_capability_needs_a_tolerance_and_tells_each_index_with_its_interval(view: Visitor, factory: Acting) -> None:
    shown = view("control").locator("#capability")
    ask(shown)
    expect(shown.locator(".problem:not(:empty)").first).to_be_visible()
    asked_for(shown, "usl").locator("input").fill("5")
    ask(shown)
    cpk = shown.locator("[data-index=cpk]")
    expect(cpk).to_contain_text("〜")
    expect(shown.locator("[data-index=cp] td").first).to_have_text("—")


def test_a_pair_of_series_has_words_intervals_a_scatter_and_its_lag(view: Visitor) -> None:
    shown = view("correlation", PHONE)
    ask(shown)
    expect(asked_for(shown, "series").locator(".problem")).to_contain_text("「系列」")
    for title in ("洗浄機・完成", "梱包・完成"):
        shown.locator(".tick", has_text=title).click()
    asked_for(shown, "every_s").locator("select").select_option("600")
    ask(shown)
    pair = shown.locator(".matrix .pair").first
    expect(pair.locator(".strength")).to_have_text("強い相関性がある")
    expect(shown.locator(".caveats [data-code=not_cause]")).to_have_count(1)
    pair.click()
    expect(shown.locator(".chart[data-chart=scatter] canvas")).to_have_count(1)
    expect(shown.locator(".chart[data-chart=lags] canvas")).to_have_count(1)
    expect(shown).to_contain_text("61 通り")
    assert shown.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_a_table_is_uploaded_in_either_encoding_and_a_bad_one_is_refused_in_words(
    view: Visitor, tmp_path: Path
) -> None:
    shown = view("correlation")
    table = tmp_path / "体力測定.csv"
    table.write_bytes(TABLE.encode("cp932"))
    shown.locator("#table-file").set_input_files(table)
    expect(shown).to_contain_text("体力測定.csv: 8 行のうち 8 行で計算しました。")
    shown.locator(".matrix .pair").first.click()
    expect(shown.locator("#pair-title")).to_have_text("球速 × 遠投")
    expect(shown.locator(".chart[data-chart=scatter] canvas")).to_have_count(1)
    (tmp_path / "bad.csv").write_text("a\n1\n")
    shown.locator("#table-file").set_input_files(tmp_path / "bad.csv")
    expect(shown.locator("#table-problem")).not_to_be_empty()
    expect(shown.locator("#table-file")).to_have_attribute("aria-invalid", "true")


def test_what_if_foretells_output_and_bottleneck_with_intervals_and_refuses_at_the_field(view: Visitor) -> None:
    shown = view("what-if")
    asked_for(shown, "cycle_s").locator("input").fill("-3")
    ask(shown)
    expect(asked_for(shown, "cycle_s").locator(".problem")).to_have_text(
        "「新しい時間」 の値が正しくありません(0.01 以上です)。"
    )
    asked_for(shown, "cycle_s").locator("input").fill("30")
    fill_days(shown, "days", WEEK["start"][:10], "2026-11-27")
    ask(shown)
    expect(shown.locator("#what-if-statement")).to_contain_text("予測であり、効果の確認ではありません")
    expect(shown.locator("#what-if-output tr")).to_have_count(4)
    expect(shown.locator("#what-if-output")).to_contain_text("〜")
    expect(shown.locator("#what-if-neck")).to_contain_text("確率")
    expect(shown.locator("#what-if-stations tbody tr")).to_have_count(2)
    expect(asked_for(shown, "cycle_s").locator(".problem")).to_be_empty()


def test_every_view_speaks_english_on_the_switch_and_shows_its_answer_anew(view: Visitor) -> None:
    shown = view("evaluation")
    shown.locator(".verdict").wait_for()
    shown.page.locator("#language").click()
    expect(shown.locator(".verdict-word")).to_have_text(re.compile("[A-Z][a-z]+"))
    expect(shown.locator(".statement")).to_contain_text("[Virtual data]")
    expect(asked_for(shown, "kpi").locator("option").first).to_have_text("Phase “wash”")
    expect(shown.page).to_have_title("kojohack analysis")
    shown.page.locator("#language").click()


def test_words_are_said_in_both_languages_with_the_same_blanks(view: Visitor) -> None:
    script = "async () => { await import('/js/words_analysis.js'); return (await import('/js/words.js')).WORDS; }"
    words: dict[str, Any] = view("losses").page.evaluate(script)
    assert len(words) > 400
    for key, said in words.items():
        assert set(said) == {"ja", "en"}, key
        assert all(said.values()), key
        blanks = [sorted({part.split("|")[0] for part in _blanks(text)}) for text in said.values()]
        assert blanks[0] == blanks[1], key


def _blanks(text: str) -> list[str]:
    return [part.split("}")[0] for part in text.split("{")[1:]]
