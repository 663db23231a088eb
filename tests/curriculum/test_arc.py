"""One team's whole arc without a factory: observe, S4, S6 and S20, line.toml, ten days, an improvement, ten more.

The days go through the kit's own agents, sensors, outboxes and ingest into DuckDB (`curriculum.factories.life`); at the
end the same directory runs for a moment with the broker in between (`kojo demo`). Days are of three hours.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from contract.line import Line, load
from curriculum.factories.asking import evaluated, windows
from curriculum.factories.book import Figure
from curriculum.factories.book import load as load_book
from curriculum.factories.day import Day
from curriculum.factories.day import line_of as shipped
from curriculum.factories.directory import LINE, Made, begin, improve, plan
from curriculum.factories.expected import Case, expected
from curriculum.factories.figures import of_day
from curriculum.factories.watching import sheets, watch
from curriculum.sheets.baseline import Baseline, baseline
from curriculum.sheets.blank import twin
from curriculum.sheets.filled import read
from curriculum.sheets.form import form
from curriculum.sheets.to_line import line_of
from edge.bench_clock import HandClock
from edge.sensors import catalogue
from kojo.report import Place, evaluation, report
from kojo.report_ask import asking, over_http
from tests.rig import Kit, running

pytestmark = pytest.mark.slow

FIRST, TODAY = date(2025, 6, 2), date(2025, 9, 1)
SEED = 7
WASH, PACE, OUTPUT = (
    Figure("washer", "phases.wash"), Figure("packer", "cycle_time_s"), Figure("packer", "throughput_per_h"),
)  # fmt: skip

CARD = """
sheet = "S20"
line_name = "部品洗浄ライン"
site = "team-a"
line = "wash"
day_starts = "08:00"

[[shifts]]
name = "午前"
days = "月〜金"
start = "08:00"
end = "11:00"
breaks = "なし"
regular = "定時"

[[steps]]
name = "洗浄"
id = "washer"
ideal_s = {washer_s}
source = "測った最良"
per_count = 1
needed = 400
people = 1
seen_by = "完成の接点"
pi = "pi-1"

[[steps]]
name = "梱包"
id = "packer"
ideal_s = 18.0
source = "標準作業票"
per_count = 1
needed = 400
people = 1
seen_by = "完成の接点"
pi = "pi-2"
"""
PROBLEM = """
sheet = "S6"
team = "A班"
station = "洗浄"
problem = "洗浄に1個 {wash_s} 秒かかり、梱包の人が待っている"
kpi = "洗浄の1個当たり時間"
kpi_path = "phases.wash"
formula = "「洗浄中」の信号が続いた秒数の中央値"
now = {wash_s}
target = 5
unit = "秒"
source = "測定した"
sensor = "していた時間"
what = "「洗浄中」のランプの信号"
pin = 27
action = "班長が朝会で見て、長い日を調べる"
contact = "洗浄の班長"
effect_min = 40
"""


@dataclass
class Arc:
    """What the team has in hand at the end."""

    seen: Baseline
    line: Line
    data: Path
    made: Made
    lived: dict[Day, Mapping[Figure, float]] = field(default_factory=dict)

    def told(self, figure: Figure) -> Any:
        """The kit's evaluation."""
        with asking(self.data / LINE, self.data, None) as ask:
            return evaluated(ask, self.made, figure)

    def true(self, figure: Figure, told: Any) -> list[tuple[float, float]]:
        """What was measured of each day that counts, and how it really was."""
        days = {f"{day.date}": day for stay in self.made.stays for day in self.made.planned(stay)}
        counted = [day for side in ("before", "after") for day in told[side]["days"] if day["value"] is not None]
        return [(day["value"], self._lived(days[day["date"]])[figure]) for day in counted]

    def _lived(self, day: Day) -> Mapping[Figure, float]:
        """A day's figures as they really were."""
        if day not in self.lived:
            start, end = day.span(self.line)
            clock = HandClock(start)
            floor = day.floor(self.line, {}, clock)
            floor.start()
            clock.turn_to(end)
            floor.stop()
            self.lived[day] = {f: of_day(floor.truth, self.line, f, start, end) or 0.0 for f in (WASH, PACE)}
        return self.lived[day]


@pytest.fixture(scope="module")
def arc(tmp_path_factory: pytest.TempPathFactory) -> Arc:
    home = tmp_path_factory.mktemp("arc")
    s4 = observed(home)
    team = line_file(home, s4)
    line, data = load(team, catalogue()), home / "hunt"
    made = plan("washing", line, seed=SEED, trap=None, days=10, start=FIRST, now=TODAY)
    begin(data, made, team, lambda done, of: None)
    made = improve(data, "auto-wash", 10, TODAY, lambda done, of: None)
    return Arc(s4, line, data, made)


def observed(home: Path) -> Baseline:
    """Twenty cycles with a stopwatch, the first ten on a sheet that the kit reads back."""
    seen = watch(Day("washing", FIRST, SEED, "before"), shipped("washing"), 20)
    assert len(seen.cycles) == 20
    file = home / "s4.csv"
    file.write_text(twin(form("S4"), sheets(seen, datetime(2025, 6, 2, 9, 0))[0]), "utf-8")
    return baseline(read(file))


def line_file(home: Path, s4: Baseline) -> Path:
    """S20 and S6, with what the stopwatch said, become a line.toml."""
    wash, cycle = (one.median_s for one in (s4.elements[1], s4.cycle))
    (home / "s20.toml").write_text(CARD.format(washer_s=f"{cycle:.1f}"), "utf-8")
    (home / "s6.toml").write_text(PROBLEM.format(wash_s=f"{wash:.1f}"), "utf-8")
    made = line_of([read(home / "s20.toml"), read(home / "s6.toml")])
    team = home / "line.toml"
    team.write_text(made.text, "utf-8")
    return team


def test_what_was_seen_with_a_stopwatch_is_what_the_floor_does(arc: Arc) -> None:
    load_, wash, unload = (one.median_s or 0.0 for one in arc.seen.elements)
    assert (load_, wash, unload) == pytest.approx((4.0, 20.1, 3.0), abs=0.7)
    assert arc.seen.cycle.median_s == pytest.approx(27.2, abs=1.0)
    assert arc.line.stations["washer"].with_role("phase"), "S6 put a sensor where the problem is"


def test_the_wash_is_shorter_by_what_the_answer_book_says(arc: Arc) -> None:
    told = arc.told(WASH)
    low, high = told["difference"]["interval90"]
    assert min(told["before"]["n"], told["after"]["n"]) >= 8
    assert told["verdict"] == "better"
    assert low <= expected(Case(load_book("washing"), "auto-wash"))[WASH].difference <= high
    assert all(measured == pytest.approx(true, abs=0.02) for measured, true in arc.true(WASH, told))


def test_the_line_goes_from_27_to_18_seconds_and_the_next_neck_is_the_packer(arc: Arc) -> None:
    told = arc.told(PACE)
    before, after = told["before"]["median"], told["after"]["median"]
    book = expected(Case(load_book("washing"), "auto-wash"))[PACE]
    assert told["verdict"] == "better"
    assert before / after == pytest.approx(1.5, abs=0.07), "half as many again, and not 6.7 times"
    assert book.low <= told["difference"]["median"] <= book.high
    assert all(measured == pytest.approx(true, rel=0.02) for measured, true in arc.true(PACE, told))
    assert "次のネックは梱包" in arc.told(WASH)["statement_ja"]


def test_the_statement_is_one_that_a_manager_who_knows_tps_believes(arc: Arc, tmp_path: Path) -> None:
    told = arc.told(WASH)
    said = told["statement_ja"]
    assert said.startswith("【仮想データ】効果を確認しました。")
    for part in ("秒短縮", "90 %区間", "日・後", "同一センサー", "データ取得率", "ライン出来高は"):
        assert part in said, "seconds and not per cent alone, with what it rests on (curriculum 7.9)"
    assert "受注の増加はこの測定では説明しません" in said
    page = tmp_path / "kouka.html"
    asked = {"station": WASH.station, "kpi": WASH.path, **windows(arc.made)}
    assert report(Place(arc.data / LINE, arc.data, None, page, False), evaluation(asked)) == 0
    assert "仮想データ" in page.read_text("utf-8")


def test_the_same_directory_runs_on_with_a_broker_and_says_that_it_is_virtual(arc: Arc) -> None:
    with running("demo", "--data", arc.data, "--http", "127.0.0.1:0", "--days", 0) as process:
        kit = Kit(process, arc.data)
        with kit.live() as heard:
            heard.wait(lambda name, body: name == "reading")
        assert kit.get("/wall")["demo"]["virtual"] is True
        through_http = evaluated(over_http(kit.url, arc.data), arc.made, WASH)
    assert process.exit_code == 0
    same = arc.told(WASH)
    assert json.dumps(through_http["difference"]) == json.dumps(same["difference"])
