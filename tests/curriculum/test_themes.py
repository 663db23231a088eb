"""The twelve themes: each a page in both languages and a line that can be built, bought within the budget, and run."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from contract.errors import LineError
from contract.line_advice import advice
from contract.words import Words
from curriculum import heat
from curriculum.course import LANGUAGES
from curriculum.theme import LINES, TEAM_YEN, THEMES, Cost, Theme, cost, line_of, load, load_all, planned, table
from edge.sensors import catalogue
from floor.fitting import fitting
from hardware.parts import load as load_parts
from hardware.wiring_derive import Plan
from tests.floor.an_hour import an_hour, nothing_is_wrong, pieces_are_exact
from tests.hardware.test_lines import KNOWN_DOUBTS, takes, things

ALL = load_all()
OWN = [theme for theme in ALL if theme.line_file.parent != LINES]
EACH = pytest.mark.parametrize("theme", ALL, ids=lambda theme: theme.name)
TYPES = catalogue()
PAGE = THEMES.parent.parent / "docs" / "themes.md"


@pytest.fixture(scope="module")
def plans() -> Mapping[str, Plan]:
    parts = load_parts()
    return {theme.name: planned(theme, TYPES, parts) for theme in ALL}


@pytest.fixture(scope="module")
def costs(plans: Mapping[str, Plan]) -> Mapping[str, Cost]:
    return {theme.name: cost(theme, plans[theme.name]) for theme in ALL}


def test_there_are_twelve_themes_counted_from_one() -> None:
    assert [theme.number for theme in ALL] == list(range(1, 13))
    assert len({theme.title.ja for theme in ALL}) == 12


def test_a_line_that_already_is_the_theme_is_not_copied() -> None:
    used = {theme.name: theme.line_file.stem for theme in ALL if theme not in OWN}
    assert used == {
        "stack-light": "press", "hand-work": "hand-assembly", "changeover": "lathe", "cold-store": "cold-store",
        "andon-call": "andon-call",
    }  # fmt: skip
    assert not [theme.name for theme in ALL if theme not in OWN and (THEMES / theme.name / "line.toml").exists()]


@EACH
def test_a_themes_line_has_no_mistake_a_floor_and_no_danger_in_its_wires(
    theme: Theme, plans: Mapping[str, Plan]
) -> None:
    told = plans[theme.name]
    assert advice(told.line) == []
    assert fitting(told.line)
    doubts = [doubt for found in told.found.values() for doubt in found]
    assert {doubt.code for doubt in doubts} <= KNOWN_DOUBTS
    assert not [doubt for doubt in doubts if doubt.level == "danger"]


@EACH
def test_no_two_things_of_a_themes_line_share_what_is_one_things_own(theme: Theme) -> None:
    taken = [
        (agent, what) for agent, _, told in things(theme.line_file) for whose, what in takes(told) if whose == "own"
    ]
    assert len(taken) == len(set(taken))


@EACH
def test_a_themes_parts_all_have_a_price_within_a_teams_budget(theme: Theme, costs: Mapping[str, Cost]) -> None:
    told = costs[theme.name]
    assert 0 < told.yen < told.whole_yen < TEAM_YEN
    assert all(item.entry for item in told.items)


def test_what_is_bought_follows_from_the_line_and_counts_whole_packs(costs: Mapping[str, Cost]) -> None:
    pieces = {item.id: item.pieces for item in costs["reasons"].items}
    assert pieces["push-button"] == 6
    assert "pi-4" not in pieces


def test_only_the_devices_that_a_theme_needs_are_counted(costs: Mapping[str, Cost], plans: Mapping[str, Plan]) -> None:
    tower = next(theme for theme in ALL if theme.name == "stack-light")
    assert "push-button" not in {item.id for item in costs["stack-light"].items}
    with pytest.raises(ValueError, match="no such device: press/nothing"):
        cost(
            Theme(**{**{key: getattr(tower, key) for key in Theme.__slots__}, "devices": ("press/nothing",)}),
            plans["stack-light"],
        )


def test_the_table_of_all_twelve_is_the_one_in_the_documents(costs: Mapping[str, Cost]) -> None:
    made, kept = table(ALL, costs), PAGE.read_text("utf-8")
    assert made == kept, "python -m curriculum.theme docs/themes.md"


def test_the_law_behind_the_heat_is_named_with_its_source() -> None:
    watched = next(theme for theme in ALL if theme.name == "heat")
    assert "[L1]" in watched.pages["ja"]
    assert "JIS" in watched.caution.ja


def test_the_estimated_wbgt_on_the_page_is_the_formulas_and_says_that_it_is_none() -> None:
    """The paper's own example: 20 °C and 50 % have a wet bulb of 13.7 °C."""
    heat_theme = next(theme for theme in ALL if theme.name == "heat")
    assert heat.wet_bulb_c(20.0, 50.0) == pytest.approx(13.7, abs=0.05)
    assert heat.indoor_wbgt_c(30.0, 70.0, globe_c=31.0) - heat.indoor_wbgt_c(30.0, 70.0) == pytest.approx(0.3)
    for lang in LANGUAGES:
        assert heat.limits(lang) in heat_theme.pages[lang]
    assert "測った WBGT ではありません" in heat_theme.pages["ja"]
    limits = {rule.when.limit for rule in line_of(heat_theme, TYPES).rules}
    assert limits == {heat.air_c(heat.RINGS_AT, 70.0)}


def test_a_theme_that_is_not_whole_is_told_all_its_mistakes(tmp_path: Path) -> None:
    broken = Path(shutil.copytree(THEMES / "count", tmp_path / "count"))
    text = (broken / "theme.toml").read_text("utf-8")
    (broken / "theme.toml").write_text(text.replace("yen = [500, 2000]", "yen = [2000, 500]\nprice = 3"), "utf-8")
    (broken / "line.toml").unlink()
    page = (broken / "ja.md").read_text("utf-8")
    (broken / "ja.md").write_text(page.replace("## 動く数字", "## うごく数字"), "utf-8")
    with pytest.raises(LineError) as error:
        load(broken)
    said = error.value.say("en")
    for part in (
        "is [least, most] in yen",
        "price: an unknown key",
        "there is no line.toml",
        "ja.md has these headings",
    ):
        assert part in said


def test_words_of_a_theme_are_there_in_both_languages() -> None:
    for theme in ALL:
        for said in (theme.title, theme.figure, theme.caution):
            assert isinstance(said, Words)
            assert said.ja != said.en


@pytest.mark.slow
@pytest.mark.parametrize("theme", OWN, ids=lambda theme: theme.name)
def test_half_an_hour_of_a_themes_line_is_counted_as_it_was(theme: Theme) -> None:
    with an_hour(str(theme.line_file.with_suffix("")), seed=5, hours=0.5) as hour:
        nothing_is_wrong(hour)
        for station in hour.line.stations:
            pieces_are_exact(hour, station)
