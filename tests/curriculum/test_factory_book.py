"""The four virtual factories as their files tell them: whole, consistent, in both languages."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from contract.errors import InUse, LineError, NotAllowed, NotThere
from curriculum.factories.asking import figure_for
from curriculum.factories.book import NAMES, Factory, Figure, factories, load
from curriculum.factories.day import Day, line_of, working_days
from curriculum.factories.directory import KEPT, LINE, VIRTUAL, Made, Stay, begin, improve, plan
from curriculum.factories.expected import Case, Expected, cases, expected
from curriculum.factories.notes import blank, graded, read_notes
from curriculum.factories.pages import BEGIN, END, book, guide, text
from kojo.data_directory import DataDirectory
from kojo.factory_options import FACTORIES
from kpi.evaluation.paths import figure as of_path

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 10, 7)


@pytest.fixture(params=NAMES)
def factory(request: pytest.FixtureRequest) -> Factory:
    return load(request.param)


def test_the_commands_know_every_factory() -> None:
    assert FACTORIES == NAMES


def test_a_line_of_a_factory_is_a_line_with_its_stations_and_sensors(factory: Factory) -> None:
    line = line_of(factory.id)
    assert {factory.station, factory.bottleneck} <= set(line.stations)
    for problem in factory.problems:
        station, _, sensor = problem.sensor.partition("/")
        assert sensor in line.stations[station].sensors
    assert len(line.shifts) == 1, "a day of hunting is one shift"


def test_one_improvement_is_right_and_every_problem_names_one_or_none(factory: Factory) -> None:
    assert [one.right for one in factory.improvements].count(True) == 1
    assert len(factory.worries) == 3
    assert {p.improvement for p in factory.problems} <= {"", *(one.id for one in factory.improvements)}


def test_every_trap_is_laid_on_what_is_there_and_played_with_an_improvement(factory: Factory) -> None:
    line = line_of(factory.id)
    for trap in factory.traps:
        factory.improvement(trap.played_with)
        of_path(trap.figure.path)
        assert trap.figure.station in line.stations
        for laid in trap.laid:
            station = line.stations[laid.station]
            assert not laid.sensor or laid.sensor in station.sensors
            assert set(laid.mix) <= set(line.products)
        assert bool(trap.caveats) == (trap.sees == "caveat"), f"{trap.id}: what it warns of stands in the book"


def test_the_four_have_the_ten_traps_of_the_syllabus_and_only_a_line_without_products_lacks_the_easy_ones() -> None:
    every = {trap.id for factory in factories() for trap in factory.traps}
    assert len(every) == 10
    lacking = {(f.id, id) for f in factories() for id in every - {trap.id for trap in f.traps}}
    assert lacking == {("press", "easier-products")}


def test_the_washing_line_is_that_of_the_syllabus() -> None:
    washer = line_of("washing").stations["washer"]
    assert (washer.ideal_cycle_s, washer.stop_after_s) == (27.0, 60.0)
    assert line_of("washing").stations["packer"].ideal_cycle_s == 18.0


def test_the_book_expects_something_of_every_case_and_of_what_a_trap_is_about(factory: Factory) -> None:
    for case in cases(factory):
        found = expected(case)
        assert set(found) == set(case.figures()), case.key
        assert all(one.low <= one.difference <= one.high for one in found.values()), case.key


def test_the_line_goes_from_27_to_18_seconds_and_not_to_a_seventh() -> None:
    found = expected(Case(load("washing"), "auto-wash"))
    wash, line = found[Figure("washer", "phases.wash")], found[Figure("packer", "cycle_time_s")]
    assert (wash.before, wash.after) == pytest.approx((20.1, 3.0), abs=0.2)
    assert (line.before, line.after) == pytest.approx((27.5, 18.1), abs=0.6)
    assert line.before / line.after == pytest.approx(1.5, abs=0.06), "half as many again, and not 6.7 times"


def test_a_measure_that_does_nothing_has_no_true_effect(factory: Factory) -> None:
    for id in ("no-improvement", "counts-twice"):
        trap = factory.trap(id)
        for one in expected(Case(factory, trap.played_with, id)).values():
            assert one.low <= 0 <= one.high, id


def test_the_answer_book_stands_in_both_forms_and_the_guide_gives_nothing_away(factory: Factory) -> None:
    paper, told, open_to_all = book(factory), "\n".join(text(factory)), guide([factory])
    assert paper.count('class="virtual"') >= 2, "every page says that it is virtual"
    for trap in factory.traps:
        assert trap.here.ja in paper.replace("&quot;", '"')
        assert trap.here.ja in told
        assert trap.here.ja not in open_to_all
    assert factory.bottleneck_why.ja not in open_to_all
    assert "○" not in open_to_all


def test_the_guide_in_the_docs_is_the_one_the_files_make() -> None:
    page = (ROOT / "docs" / "factories.md").read_text("utf-8")
    assert page[page.index(BEGIN) : page.index(END) + len(END)] == guide(factories())


def test_an_unknown_factory_trap_or_improvement_is_told_with_what_there_is() -> None:
    with pytest.raises(NotThere, match="washing"):
        load("wshing")
    with pytest.raises(NotThere, match="counts-twice"):
        load("washing").trap("counts-thrice")
    with pytest.raises(NotThere, match="auto-wash"):
        load("washing").improvement("wash")


# -- a directory -----------------------------------------------------------------------------------------------------


def made(trap: str | None = "counts-twice", improvement: str = "detergent") -> Made:
    one = plan("washing", line_of("washing"), seed=1, trap=trap, days=5, start=date(2026, 8, 3), now=TODAY)
    after = Stay(improvement, tuple(date(2026, 8, day) for day in range(10, 15)))
    return replace(one, stays=(*one.stays, after))


def test_a_trap_is_kept_where_nobody_reads_it_by_accident(tmp_path: Path) -> None:
    made().write(tmp_path)
    assert Made.read(tmp_path) == made()
    assert "counts" not in (tmp_path / KEPT).read_text("utf-8")


def test_days_lie_in_the_past_and_are_working_days() -> None:
    one = plan("washing", line_of("washing"), seed=1, trap=None, days=10, start=None, now=TODAY)
    assert len(one.stays[0].days) == 10
    assert all(day.weekday() < 5 and day < TODAY for day in one.stays[0].days)
    with pytest.raises(NotThere):
        plan("washing", line_of("washing"), seed=1, trap=None, days=10, start=date(2026, 10, 5), now=TODAY)


def test_a_directory_with_other_data_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "line.duckdb").write_text("mine")
    with pytest.raises(NotAllowed):
        begin(tmp_path, made(), None, lambda done, of: None)
    assert [file.name for file in tmp_path.iterdir()] == ["line.duckdb"]


def test_what_is_no_factory_is_said_with_how_to_open_one(tmp_path: Path) -> None:
    with pytest.raises(NotThere, match="kojo factory open"):
        Made.read(tmp_path)
    (tmp_path / KEPT).write_text(json.dumps({"factory": 3}))
    with pytest.raises(NotThere):
        Made.read(tmp_path)


@pytest.mark.parametrize("stays", [[], [{"improvement": None, "days": []}]])
def test_a_factory_without_days_is_none(tmp_path: Path, stays: list[object]) -> None:
    (tmp_path / KEPT).write_text(json.dumps({"factory": "washing", "seed": 1, "trap": "", "stays": stays}))
    with pytest.raises(NotThere, match="kojo factory open"):
        Made.read(tmp_path)


@pytest.mark.parametrize("start", [date(1, 1, 1), date(1999, 12, 31), TODAY, date(9999, 12, 31)])
def test_days_are_of_this_century_and_over(start: date) -> None:
    with pytest.raises(NotThere, match="2000-01-01"):
        plan("washing", line_of("washing"), seed=1, trap=None, days=5, start=start, now=TODAY)


def test_a_line_that_never_works_has_no_working_days() -> None:
    with pytest.raises(NotThere, match="shifts"):
        working_days(replace(line_of("washing"), shifts=()), date(2026, 8, 3), 5)


def half_made(directory: Path, of: Made) -> str:
    """A directory whose last days were broken off before the first of them; what is kept of it."""
    (directory / LINE).write_text(of.book.line_text, "utf-8")
    of.write(directory)
    return (directory / KEPT).read_text("utf-8")


def test_an_improvement_that_is_refused_was_never_brought_in(tmp_path: Path) -> None:
    kept = half_made(tmp_path, made())
    with DataDirectory(tmp_path, "serve"), pytest.raises(InUse):
        improve(tmp_path, "detergent", 5, TODAY, lambda done, of: None)
    assert (tmp_path / KEPT).read_text("utf-8") == kept


def test_missing_days_are_not_buried_under_another_improvement(tmp_path: Path) -> None:
    kept = half_made(tmp_path, made())
    with pytest.raises(NotAllowed) as refused:
        improve(tmp_path, "auto-wash", 5, TODAY, lambda done, of: None)
    assert f"kojo factory improve {tmp_path} detergent" in refused.value.say("ja")
    assert (tmp_path / KEPT).read_text("utf-8") == kept
    half_made(tmp_path, replace(made(), stays=made().stays[:1]))
    with pytest.raises(NotAllowed, match=f"kojo factory open washing --data {tmp_path}"):
        improve(tmp_path, "auto-wash", 5, TODAY, lambda done, of: None)


class BrokenOffError(Exception):
    """What ends the making of days before the first."""


def test_an_opening_that_was_broken_off_anywhere_goes_on(tmp_path: Path) -> None:
    before = replace(made(), stays=made().stays[:1])

    def broken_off(done: int, of: int) -> None:
        raise BrokenOffError

    before.write(tmp_path)
    with pytest.raises(BrokenOffError):
        begin(tmp_path, before, None, broken_off)
    assert (tmp_path / LINE).read_text("utf-8") == before.book.line_text
    assert (tmp_path / VIRTUAL).exists()


def test_a_file_is_no_place_for_data(tmp_path: Path) -> None:
    (tmp_path / "hunt").write_text("mine")
    with pytest.raises(NotAllowed, match="--data"):
        begin(tmp_path / "hunt", made(), None, lambda done, of: None)


def test_a_trap_of_the_days_after_is_not_laid_before() -> None:
    before = Day("washing", date(2026, 8, 3), 1, "before", None, "counts-twice")
    after = replace(before, side="after", improvement="auto-wash")
    assert [one.kind for one in before.laid()] == []
    assert [one.kind for one in after.laid()] == ["improved", "worn"]


# -- what a team wrote -----------------------------------------------------------------------------------------------

TOLD = {"verdict": "better", "difference": {"median": 12.7, "interval90": [6.5, 19.9]}}
NOTES = """
team = "A班"
bottleneck = "washer"
figure = "packer/throughput_per_h"
effect = 12.7
interval = [6.5, 19.9]
conclusion = "数字は動いたが、対策の効果ではない"
noticed = ["counts-twice"]
because = "梱包の 1,020 個が洗浄の 910 個より多い"
"""


def marks(tmp_path: Path, notes: str, of: Made) -> dict[str, str]:
    file = tmp_path / "answers.toml"
    file.write_text(notes, "utf-8")
    return {mark.about.en: mark.level for mark in graded(read_notes(file), of, TOLD)}


def test_a_team_that_noticed_the_trap_is_told_so(tmp_path: Path) -> None:
    assert set(marks(tmp_path, NOTES, made()).values()) == {"good"}


def test_who_believes_the_number_is_told_what_to_look_at(tmp_path: Path) -> None:
    believed = NOTES.replace('["counts-twice"]', "[]").replace("数字は動いたが、対策の効果ではない", "効果があった")
    found = marks(tmp_path, believed, made())
    assert (found["noticing"], found["conclusion"]) == ("not_yet", "not_yet")
    assert found["effect"] == "good", "the number is right, and not what matters"


def test_guessing_every_trap_is_not_noticing(tmp_path: Path) -> None:
    every = json.dumps([trap.id for trap in load("washing").traps])
    assert marks(tmp_path, NOTES.replace('["counts-twice"]', every), made())["noticing"] == "nearly"


def test_where_no_trap_was_laid_an_empty_list_is_right_and_doubt_is_no_fault(tmp_path: Path) -> None:
    honest = made(trap=None, improvement="auto-wash")
    plain = NOTES.replace('["counts-twice"]', "[]").replace("数字は動いたが、対策の効果ではない", "effect")
    found = marks(tmp_path, plain, honest)
    assert (found["noticing"], found["conclusion"]) == ("good", "good")
    assert marks(tmp_path, NOTES, honest)["noticing"] == "nearly"


def test_a_sign_that_is_wrong_is_not_near(tmp_path: Path) -> None:
    assert marks(tmp_path, NOTES.replace("effect = 12.7", "effect = -12.7"), made())["effect"] == "not_yet"


def test_every_mistake_in_the_notes_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "answers.toml"
    file.write_text('figure = "throughput"\neffect = "12"\ninterval = [1]\nconclusion = "たぶん"\nhunch = 1\n', "utf-8")
    with pytest.raises(LineError) as told:
        read_notes(file)
    assert len(told.value.mistakes) == 5


def test_the_blank_is_read_as_it_is_for_what_one_does_not_know_may_stay_open(tmp_path: Path, factory: Factory) -> None:
    file = tmp_path / "answers.toml"
    file.write_text(blank(factory), "utf-8")
    notes = read_notes(file)
    assert (notes.figure, notes.effect, notes.conclusion, notes.noticed) == (None, None, None, ())


@pytest.mark.parametrize(
    ("improvement", "looked_at"), [("auto-wash", "washer/phases.wash"), ("packing-jig", "packer/cycle_time_s")]
)
def test_the_figure_proposed_is_one_that_the_measure_can_move(improvement: str, looked_at: str) -> None:
    figure = figure_for(made(trap=None, improvement=improvement))
    assert f"{figure.station}/{figure.path}" == looked_at


def test_an_expected_difference_is_after_less_before() -> None:
    assert Expected(20.0, 3.0, -17.2, -16.9).difference == -17.0
