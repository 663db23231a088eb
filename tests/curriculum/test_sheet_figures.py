"""What is worked out of S4, S16 and S17: medians with what was taken out, yen, causes without names."""

from pathlib import Path
from typing import Any

import pytest

from contract.errors import LineError, NotThere
from contract.line_check import check
from curriculum.sheets.baseline import baseline
from curriculum.sheets.baseline_told import against_takt, told, toml
from curriculum.sheets.filled import Filled, read
from curriculum.sheets.form import EXAMPLES
from curriculum.sheets.money import money
from curriculum.sheets.money_page import board
from curriculum.sheets.order_statistics import of_median
from curriculum.sheets.read_csv import from_csv
from curriculum.sheets.takt import station_in, takt_s
from curriculum.sheets.to_line import line_of
from curriculum.sheets.troubles import merged
from edge.sensors import catalogue

S4 = read(EXAMPLES / "s4.csv")


def observed(*rows: str, method: str = "個別時間", unit: str = "秒") -> Filled:
    heads = ",".join(map(str, range(1, 11)))
    text = f"S4\n工程,洗浄\n読み方,{method}\n単位,{unit}\n要素作業,{heads},✻の理由\n" + "\n".join(rows)
    return from_csv(text.encode(), "s4.csv")


def ledger(*rows: str) -> Filled:
    head = "S16\n日,チーム,財布,状態,品・仕様,数,単価,税,残額\n"
    return from_csv((head + "\n".join(rows)).encode(), "s16.csv")


def said(filled: Filled, work: Any) -> list[str]:
    with pytest.raises(LineError) as refused:
        work(filled)
    return [mistake.say("ja") for mistake in refused.value.mistakes]


def test_an_unusual_reading_is_taken_out_and_said_and_not_because_it_is_large() -> None:
    found = baseline(S4)
    load, wash, unload = found.elements
    assert (load.median_s, load.least_s) == (4.1, 3.9)
    assert [(out.cycle, out.seconds, out.why) for out in load.out] == [(3, 9.8, "部品を落とした")]
    assert [(out.cycle, out.seconds) for out in wash.out] == [(8, 31.5)]
    assert [(out.cycle, out.why) for out in unload.out] == [(9, "読み落とした")]
    assert sorted(found.cycle.kept) == [1, 2, 4, 5, 6, 7, 10]
    assert found.cycle.median_s == pytest.approx(27.2)
    large = baseline(observed("洗う,20,20,20,20,90,20,20,20,20,20,"))
    assert len(large.elements[0].kept) == 10


def test_the_mark_that_shift_jis_does_not_have_is_read_as_excel_leaves_it() -> None:
    saved = (EXAMPLES / "s4.csv").read_text("utf-8-sig").replace("*", "✻").encode("cp932", "replace")
    assert "?の理由".encode("cp932") in saved
    assert baseline(from_csv(saved, "s4.csv")) == baseline(read(EXAMPLES / "s4.csv"))


def test_a_running_clock_gives_the_same_times_as_single_readings() -> None:
    running = observed("a,2,7,12,17,22,27,32,37,42,47,", "b,5,10,15,20,25,30,35,40,45,50,", method="R(継続)")
    found = baseline(running)
    assert {*found.elements[0].kept.values()} == {2.0}
    assert {*found.elements[1].kept.values()} == {3.0}
    gap = observed("a,2,,12,17,22,27,32,37,42,47,", "b,5,10,15,20,25,30,35,40,45,50,", method="R(継続)")
    after = baseline(gap)
    assert 2 not in after.elements[0].kept
    assert 2 not in after.elements[1].kept
    assert any("9" in line for line in said(observed("a,10,9,,,,,,,,,", method="R(継続)"), baseline))


def test_hundredths_of_a_minute_are_seconds() -> None:
    assert baseline(observed("a,10,10,10,,,,,,,,", unit="1/100分")).elements[0].median_s == 6.0


def test_a_mark_without_a_reason_and_a_word_for_a_number_are_mistakes() -> None:
    told = said(observed("a,2.0,多い,3.0*,,,,,,,,", "b,1,1,1*,1*,,,,,,,3:落とした"), baseline)
    assert len(told) == 3
    assert all("ヒント" in line for line in told)


def test_absurd_readings_and_one_name_for_two_elements_are_told_together() -> None:
    told = said(observed("a,-1,0,1000000000,多い,NaN,5,,,,,", "b,1,1,1,,,,,,,,", "ａ,1,1,1,,,,,,,,"), baseline)
    assert [line.split(":")[1] for line in told] == [*["6"] * 5, "8"]
    assert "1日より長い" in told[2]
    assert "6 行目にもあります" in told[5]
    back = said(observed("a,10,50,-3,70,,,,,,,", "b,20,40,,80,,,,,,,", method="R(継続)"), baseline)
    assert [line.split(":")[1] for line in back] == ["6", "7"]
    with pytest.raises(LineError) as refused:
        observed("a,1,多い,1,,,,,,,,", ",1,1,1,,,,,,,,", unit="時")
    assert [one.row for one in refused.value.mistakes] == [4, 6, 7], "also where the sheet cannot be read as a whole"


def test_ten_cycles_say_little_and_it_is_said() -> None:
    assert of_median([1, 2, 3, 4]) is None
    five = of_median([5, 1, 4, 2, 3])
    assert five is not None
    assert (five.low, five.high, five.chance) == (1, 5, 0.9375)
    ten = of_median(list(range(10)))
    assert ten is not None
    assert (ten.low, ten.high) == (1, 8)
    assert ten.chance == pytest.approx(1 - 22 / 1024)
    assert any("5 回より少な" in one.ja for one in baseline(observed("a,3,3,3,,,,,,,,")).cautions)
    assert any("手では測れません" in one.ja for one in baseline(observed("a,1,1,1,1,1,,,,,,")).cautions)


def test_the_cycle_is_held_against_the_takt_only_where_that_can_be_told() -> None:
    assert "間に合いません" in against_takt(baseline(S4, 20.0)).ja
    assert "間に合います" in against_takt(baseline(S4, 40.0)).ja
    assert "決められません" in against_takt(baseline(S4, 27.2)).ja
    assert "タクトは分かりません" in against_takt(baseline(S4)).ja


def test_the_takt_is_the_lines_regular_time_over_its_plan() -> None:
    line = check(line_of([read(EXAMPLES / "s20.toml")]).text, catalogue())
    assert takt_s(line, station_in(line, "洗浄")) == pytest.approx((8.75 * 60 - 80) * 60 / 900)
    assert takt_s(line, station_in(line, "検査")) is None
    with pytest.raises(NotThere, match="washer"):
        station_in(line, "washr")


def test_a_baseline_is_read_by_people_and_by_programs() -> None:
    import tomllib

    found = baseline(S4, 30.0)
    assert "除いた: 洗う 8 回目 31.5 秒(扉が開き直した)" in told(found, "ja")
    assert "taken out" in told(found, "en")
    read_back = tomllib.loads(toml(found, None))
    assert read_back["cycle"]["median_s"] == 27.2
    assert read_back["elements"][2]["out"] == ["9: 読み落とした"]


def test_the_ledger_is_each_teams_money_with_tax_returns_and_the_reserve() -> None:
    found = money(read(EXAMPLES / "s16.csv"))
    assert {name: purse.spent for name, purse in found.teams.items()} == {"A班": 5200, "B班": 1925, "C班": 0}
    assert found.teams["C班"].left == 200_000
    assert found.teams["C班"].left_then == 194_000
    assert found.reserve.spent == 4440
    assert sum(one.yen for one in found.items) == 5200 + 1925 + 6000 + 4440


def test_a_row_that_cannot_be_read_refuses_the_whole_ledger() -> None:
    rows = ("2026-10-05,A班,,,x,0,100,税込,", "2026-10-05,A班,,,x,1.5,100,税込,", "2026-10-05,共通,チーム,,x,1,1,税込,")
    told = said(ledger(*rows, "2026-10-05,A班,,,x,1,9.5,税込,"), money)
    assert [line.split(":")[1] for line in told] == ["3", "4", "5", "6"]


def test_a_balance_by_hand_that_does_not_agree_and_a_cap_that_breaks_are_said() -> None:
    found = money(ledger("2026-10-05,A班,,,x,1,199000,税込,1000", "2026-10-06,A班,,予定,y,1,2000,税込,900"))
    told = [remark.say("ja") for remark in found.remarks]
    assert len(told) == 2
    assert "計算では 1,000 円" in told[0]
    assert "上限を 1,000 円超えます" in told[1]
    assert not money(ledger("2026-10-05,A班,,,x,1,100,10%,199890")).remarks


def test_a_lines_own_budgets_win_and_its_teams_are_all_there() -> None:
    line = check(line_of([read(EXAMPLES / "s20.toml"), read(EXAMPLES / "s6.toml")]).text, catalogue())
    found = money(ledger("2026-10-05,team-a,,,x,1,100,税込,"), line, cap=5)
    assert {name: (purse.cap, purse.spent) for name, purse in found.teams.items()} == {"A班": (200_000, 100)}


def test_a_team_has_one_purse_however_its_name_is_typed() -> None:
    rows = [f"2026-10-05,{team},,,x,1,100,税込," for team in ("A班", "A 班", "a班", "\uff21\u3000班", "共 通")]
    found = money(ledger(*rows))
    assert {name: purse.spent for name, purse in found.teams.items()} == {"A班": 400}
    assert found.reserve.spent == 100


def test_a_team_that_the_line_does_not_have_is_a_mistake_with_the_nearest() -> None:
    line = check(line_of([read(EXAMPLES / "s20.toml"), read(EXAMPLES / "s6.toml")]).text, catalogue())
    rows = [f"2026-10-05,{team},,,x,1,100,税込,{left}" for team, left in (("TEAM-A", "199900"), ("a 班", ""))]
    found = money(ledger(*rows), line)
    assert ([purse.spent for purse in found.teams.values()], found.remarks) == ([200], ())
    told = said(ledger(*rows, "2026-10-05,A斑,,,x,1,100,税込,"), lambda sheet: money(sheet, line))
    assert len(told) == 1
    assert "「A斑」" in told[0]
    assert "A班" in told[0]


def test_semicolons_between_the_cells_are_read_as_commas_are() -> None:
    text = "S16\n日;チーム;財布;状態;品・仕様;数;単価;税;残額\n2026-10-05;A班;;;線, 赤;1;1,200;税込;\n"
    assert money(from_csv(text.encode(), "s16.csv")).teams["A班"].spent == 1200


def test_the_page_for_the_hall_shows_every_purse_and_escapes_what_was_typed() -> None:
    html = board(money(ledger("2026-10-05,<b>班,,,x,1,250000,税込,")))
    assert "&lt;b&gt;班" in html
    assert "-50,000" in html
    assert "共通の予備" in html


def test_troubles_are_merged_without_names_and_the_commonest_comes_first(tmp_path: Path) -> None:
    found = merged([read(EXAMPLES / "s17-a.csv"), read(EXAMPLES / "s17-b.csv")])
    assert [(cause.key, cause.times) for cause in found.causes][:2] == [("wiring", 3), ("power", 1)]
    for name in ("れいいち", "れいに", "れいさん", "窓側", "名前,"):
        assert name not in found.text
    assert "(名前)が線を1本ずつ" in found.text
    assert found.dropped == ("名前", "備考")
    (tmp_path / "merged.csv").write_text(found.text, "utf-8")
    again = read(tmp_path / "merged.csv")
    assert [row.text("cause") for row in again.rows()][:3] == ["wiring"] * 3
    assert merged([again]).text == found.text


@pytest.mark.parametrize("between", ["、", ",", "\uff0c", "・", "/", "&", " ", "\u3000"])
def test_several_names_in_one_cell_are_each_taken_out_with_or_without_an_honorific(between: str) -> None:
    rows = [
        f'10:32,"例一郎さん{between}例二様",A1,光らない,,例一郎と例二が見た,配線,例一郎くんが直した,8',
        "10:40,例,A1,光らない,,例さんが見た。例は残る,配線,,8",
    ]
    text = "S17\n時刻,名前,課題・装置,症状,画面の文,試したこと,原因,直し方,分\n" + "\n".join(rows)
    found = merged([from_csv(text.encode(), "s17.csv")]).text
    assert "(名前)と(名前)が見た" in found
    assert "(名前)くんが直した" in found
    assert "(名前)が見た。例は残る" in found
