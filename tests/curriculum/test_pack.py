"""The facilitator's pack: material with its price, days, papers, skills and sources; what is wrong in them is told."""

import re
from datetime import date
from pathlib import Path

import pytest

from contract.errors import LineError, NotAllowed, NotThere
from contract.words import Language, speaking
from curriculum.course import LANGUAGES, load_all
from curriculum.lesson_facts import every
from curriculum.markdown import html, sections
from curriculum.pack import HERE
from curriculum.pack.glossary import glossary
from curriculum.pack.material import FILE, as_csv, material
from curriculum.pack.page import page
from curriculum.pack.papers import WRITTEN, names, papers, written
from curriculum.pack.skills import standard
from curriculum.pack.sources import sources, used
from curriculum.pack.timeline import holidays, timeline
from curriculum.theme import load_all as load_themes
from hardware.parts import load as load_parts
from kojo.cli import main
from kojo.pack import print_calendar, print_papers
from kojo.paper import found_browser

ROOT = HERE.parent.parent
WEDNESDAY = date(2027, 2, 3)
SATURDAY = 5
HEADED = re.compile(r"^#{1,3} ", re.MULTILINE)


@pytest.fixture(scope="module")
def japanese() -> dict[str, str]:
    return dict(papers("ja", WEDNESDAY))


def test_a_class_of_twelve_has_eight_sensors_and_nine_pis() -> None:
    told = material()
    pieces = {row.part.id: row.pieces for row in told.rows}
    assert (told.people, told.benches) == (12, 6)
    assert (pieces["pi-4"], pieces["bme280-keyed"], pieces["led"], pieces["tact-switch"]) == (9, 8, 20, 10)


def test_what_the_class_costs_is_what_its_packs_cost_by_the_parts_file() -> None:
    told, parts = material(), load_parts()
    assert told.yen == sum(
        -(-row.pieces // parts[row.part.id].price.pack) * parts[row.part.id].price.yen for row in told.rows
    )
    assert 0 < told.estimated <= len(told.rows)


def test_more_benches_need_more_of_what_stands_on_them_and_no_more_for_the_hall() -> None:
    small, large = material(), material(benches=8)
    assert large.rows[0].pieces == small.rows[0].pieces + 2
    hall = [row.pieces for row in large.rows if not row.per_bench]
    assert hall == [row.pieces for row in small.rows if not row.per_bench]


def test_every_part_of_every_lesson_is_on_the_list() -> None:
    ours = {row.part.id for row in material().rows}
    for lesson in every():
        assert set(lesson.parts) <= ours, lesson.id


def test_a_part_that_is_unknown_and_one_that_a_lesson_misses_are_told_together(tmp_path: Path) -> None:
    lesson = tmp_path / "A0" / "lesson.toml"
    lesson.parent.mkdir()
    lesson.write_text('id = "A0"\nparts = ["robot"]\n', "utf-8")
    (tmp_path / "material.toml").write_text(
        FILE.read_text("utf-8").replace('part = "led"', 'part = "leds"'), "utf-8"
    )  # fmt: skip
    with pytest.raises(LineError) as error:
        material(tmp_path / "material.toml", lessons=tmp_path)
    said = error.value.say("en")
    assert "leds is not in parts.toml" in said
    assert "lesson A0 needs robot" in said


def test_the_list_for_excel_begins_with_its_mark_and_ends_with_the_sum() -> None:
    text = as_csv(material())
    assert text.startswith("\ufeff部品 id,")
    assert text.endswith("\r\n")
    assert str(material().yen) in text.splitlines()[-1]
    assert (ROOT / "docs" / "pack.csv").read_bytes().decode("utf-8") == text, "python -m curriculum.pack docs"


def test_the_page_of_the_pack_is_the_one_in_the_documents() -> None:
    assert (ROOT / "docs" / "pack.md").read_text("utf-8") == page(), "python -m curriculum.pack docs"


def test_the_days_run_from_sixty_before_to_ninety_after() -> None:
    days = [step.days for step in timeline()]
    assert (days[0], days[-1]) == (-60, 90)
    assert 0 in days
    assert all(step.on(WEDNESDAY).weekday() < SATURDAY for step in timeline())


def test_work_before_a_class_moves_to_the_friday_and_after_it_to_the_monday() -> None:
    monday = date(2027, 2, 1)
    before = next(step for step in timeline() if step.days == -1)
    assert before.on(monday) == date(2027, 1, 29)
    friday = date(2027, 2, 5)
    after = next(step for step in timeline() if step.days == 1)
    assert after.on(friday) == date(2027, 2, 8)


def test_a_class_on_a_saturday_stays_there() -> None:
    day = next(step for step in timeline() if step.days == 0)
    assert day.on(date(2027, 2, 6)) == date(2027, 2, 6)


def test_holidays_of_a_file_move_what_falls_on_them_and_the_years_end_is_marked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = tmp_path / "syukujitsu.csv"
    rows = "2026/11/3,文化の日\n2026/12/4,会社の日\n2027/2/11,建国記念の日\n2027/5/3,憲法記念日\n2027/5/4,みどりの日\n"
    listed.write_bytes(f"国民の祝日・休日月日,国民の祝日・休日名称\r\n{rows}2027/5/5,こどもの日\n".encode("cp932"))
    with speaking("ja"):
        assert print_calendar(WEDNESDAY, listed) == 0
        assert print_calendar(date(2027, 12, 30), listed) == 0
    said = capsys.readouterr().out
    assert "T-60\t2026-12-03(木) *\t講師" in said, "a Saturday, and the Friday before is a holiday of the file"
    assert "T+90\t2027-05-06(木) *みどりの日\t事務" in said
    assert "当日\t2027-12-30(木) †?\t講師" in said, "the file ends in May"
    assert "2026-11-03〜2027-05-05" in said
    assert "T+90\t2028-03-29(水) ?\t事務" in said, "the file says nothing of that year"
    assert "--holidays" not in said


def test_a_list_of_public_holidays_knows_whole_years_and_a_companys_calendar_its_own(tmp_path: Path) -> None:
    listed = tmp_path / "h.csv"
    head = "国民の祝日・休日月日,国民の祝日・休日名称\n"
    listed.write_text(f"{head}2026/1/1,元日\n2026/11/23,勤労感謝の日\n", "utf-8")
    rest = holidays(listed)
    assert [rest.knows(day) for day in (date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1))] == [True, True, False]
    listed.write_text(f"{head}2026/4/29,昭和の日\n2027/3/22,休日\n", "utf-8")
    rest = holidays(listed)
    assert [rest.knows(day) for day in (date(2026, 4, 1), date(2026, 12, 1), date(2027, 5, 3))] == [False, True, False]


@pytest.mark.parametrize(("rows", "told"), [("", "休日の行"), ('2027/2/11,"建国\n2027/2/23,天皇誕生日\n', "閉じて")])
def test_a_file_that_would_lose_its_holidays_is_told(tmp_path: Path, rows: str, told: str) -> None:
    listed = tmp_path / "h.csv"
    listed.write_text(f"国民の祝日・休日月日,国民の祝日・休日名称\n{rows}", "utf-8")
    with pytest.raises(LineError, match=told):
        holidays(listed)


def test_a_file_of_holidays_that_cannot_be_read_is_told_with_its_row(tmp_path: Path) -> None:
    listed = tmp_path / "h.csv"
    listed.write_text("祝日名,日付\n元日,1月1日\n", "utf-8")
    with pytest.raises(LineError, match=r"h\.csv:2"):
        print_calendar(WEDNESDAY, listed)


def test_a_calendar_that_is_wrong_is_told(tmp_path: Path) -> None:
    file = tmp_path / "calendar.toml"
    file.write_text(
        '[[steps]]\ndays = 3\nwho = "nobody"\nwhat = { ja = "ア" }\n[[steps]]\ndays = 1\nwho = "lead"\nx = 1\n', "utf-8"
    )
    with pytest.raises(LineError) as error:
        timeline(file)
    said = error.value.say("en")
    for part in ("is one of lead, tutor, office", "needs both ja and en", "x: an unknown key", "not in order"):
        assert part in said


def test_the_dates_of_a_class_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    with speaking("ja"):
        assert print_calendar(WEDNESDAY) == 0
    said = capsys.readouterr().out
    assert "講座の日: 2027-02-03(水)" in said
    assert "T-60\t2026-12-04(金) *\t講師" in said
    assert "T+90\t2027-05-04(火)\t事務" in said


def test_every_skill_a_lesson_or_course_names_is_in_the_mapping() -> None:
    told = standard()
    trained = {skill.code: skill for skill in told.skills}
    assert "A0" in trained["H2"].lessons
    assert trained["P:CM"].courses == ("D",)


def test_what_was_not_held_against_the_standard_is_said_first(japanese: dict[str, str]) -> None:
    assert not standard().checked
    assert japanese["skills"].index("原文と照らしていません") < japanese["skills"].index("<table")


def test_every_word_of_the_glossary_says_where_it_is_from() -> None:
    words = {word.ja: word for word in glossary()}
    assert len(words) >= 46
    assert words["可動率"].yomi == "べきどうりつ"
    assert words["可動率"].mark.ja == "[T1, T2]"
    assert words["段取り"].mark.ja == "要確認"


def test_every_label_of_a_source_in_every_text_is_in_the_list() -> None:
    texts = [written(name, lang) for name in WRITTEN for lang in LANGUAGES]
    texts += [text for theme in load_themes() for text in theme.pages.values()]
    for course in load_all():
        texts += [course.marks.ja, course.marks.en]
        texts += [section.body for lang in LANGUAGES for section in course.script[lang]]
    texts += [word.mark.ja for word in glossary()]
    missing = [label for label in used(texts) if label not in sources()]
    assert missing == []


@pytest.mark.parametrize("name", WRITTEN)
def test_both_languages_of_a_paper_have_the_same_headings_and_boxes(name: str) -> None:
    def shape(lang: Language) -> tuple[list[int], int, int]:
        text = written(name, lang)
        return [section.level for section in sections(text)], text.count("- [ ]"), len(HEADED.findall(text))

    assert shape("ja") == shape("en")


def test_the_safety_page_says_what_hurts_most() -> None:
    for word in ("24 V", "やけど", "非常停止", "結露"):
        assert word in written("safety", "ja")
    for word in ("24 V", "Burns", "emergency stops", "cold"):
        assert word in written("safety", "en")


def test_the_survey_asks_what_runs_after_thirty_and_ninety_days() -> None:
    assert "30日後と90日後に、自分の職場でセンサーが動いている人の割合" in written("survey", "ja")


def test_there_is_a_paper_for_every_course_and_checklist(japanese: dict[str, str]) -> None:
    assert tuple(japanese) == names()
    assert {"course-a", "course-d", "themes", "calendar", "material", "safety", "glossary"} <= set(names())
    assert japanese["themes"].count("class='page'") == 12


def test_a_timetable_on_paper_shows_times_what_must_be_and_what_is_ours(japanese: dict[str, str]) -> None:
    told = japanese["course-a"]
    assert "9:30 – 9:55" in told
    assert "当キットの案です" in told
    assert "秋田モデル" in told
    assert "A9 相関(画面で)</td><td>やめる(25分)" in told


def test_every_paper_names_the_addresses_of_its_sources(japanese: dict[str, str]) -> None:
    assert "[C2] https://github.com/chirimen-oh/tutorials" in japanese["safety"]


def test_a_blank_in_a_text_is_no_link() -> None:
    assert html("- 満足 [ ](参考)") == "<ul class='item'><li>満足 <span class='blank'></span>(参考)</li></ul>"
    assert "<a href='x.md'>y</a>" in html("[y](x.md)")


def test_markdown_keeps_what_stands_in_tags_as_text() -> None:
    assert html("a < b & `x<y`") == "<p>a &lt; b &amp; <code>x&lt;y</code></p>"


def test_papers_are_written_as_html_without_a_browser_and_not_written_over(tmp_path: Path) -> None:
    def nobody() -> str | None:
        return None

    with speaking("en"):
        assert print_papers(tmp_path / "new" / "paper", None, ["safety", "glossary"], html=True, browser=nobody) == 0
    assert sorted(path.name for path in (tmp_path / "new" / "paper").iterdir()) == ["glossary.html", "safety.html"]
    with pytest.raises(NotAllowed):
        print_papers(tmp_path / "new" / "paper", None, ["safety"], html=True, browser=nobody)
    with pytest.raises(NotThere) as error:
        print_papers(tmp_path, None, ["safety"], browser=nobody)
    assert "--html" in error.value.say("ja")


def test_a_paper_that_does_not_exist_is_told_with_the_nearest(tmp_path: Path) -> None:
    with speaking("en"), pytest.raises(NotThere) as error:
        print_papers(tmp_path, None, ["saftey"])
    assert 'Did you mean "safety"?' in error.value.say("en")


@pytest.mark.browser
@pytest.mark.skipif(found_browser() is None, reason="no browser")
def test_the_cards_are_printed_a_page_each(tmp_path: Path) -> None:
    with speaking("ja"):
        print_papers(tmp_path, None, ["themes", "safety"])
    assert _pages(tmp_path / "themes.pdf") == 12
    assert _pages(tmp_path / "safety.pdf") == 1


def _pages(file: Path) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", file.read_bytes()))


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_class_before_or_after_all_calendars_is_refused(day: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["pack", "calendar", "--on", day, "--lang", "ja"])
    assert "2000 年から 2199 年まで" in capsys.readouterr().err
