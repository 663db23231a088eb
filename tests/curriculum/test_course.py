"""The four courses are whole, and a timetable that is not is told all its mistakes at once."""

import shutil
from pathlib import Path

import pytest

from contract.errors import LineError
from curriculum.course import COURSES, LANGUAGES, POINTS, Course, load, load_all
from curriculum.lesson_facts import every, minutes_of

NO_SHEETS = Path("no-sheets-here")


def told(course: Path, **where: Path) -> str:
    with pytest.raises(LineError) as error:
        load(course, **({"sheets": NO_SHEETS} | where))
    return error.value.say("en")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Course A, to be spoilt."""
    return Path(shutil.copytree(COURSES / "a", tmp_path / "a"))


def spoil(course: Path, *changes: tuple[str, str], file: str = "course.toml") -> None:
    text = (course / file).read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (course / file).write_text(text, "utf-8")


@pytest.fixture(scope="module")
def courses() -> dict[str, Course]:
    return {course.id: course for course in load_all()}


def test_there_are_four_courses_each_with_gates_and_evidence(courses: dict[str, Course]) -> None:
    assert sorted(courses) == ["A", "B", "C", "D"]
    for course in courses.values():
        assert course.gates
        assert course.exits
        assert "[A1]" in course.marks.ja


def test_the_day_of_course_a_is_that_of_the_curriculum(courses: dict[str, Course]) -> None:
    day = courses["A"].forms[0]
    assert [day.shown(block.at) for block in day.blocks] == [
        "9:30", "9:55", "10:15", "11:10", "11:20", "12:00", "13:00", "13:35", "14:20", "14:30", "15:10", "15:50",
        "16:00", "16:25", "16:40",
    ]  # fmt: skip
    assert [block.lesson for block in day.blocks if block.lesson] == ["A0", "A1", "A2", "A4", "A11", "A7", "A8", "A9"]


def test_the_half_day_has_the_lessons_that_end_with_a_count_on_the_wall(courses: dict[str, Course]) -> None:
    half = next(form for form in courses["A"].forms if form.id == "half-day")
    assert [block.lesson for block in half.blocks if block.lesson] == ["A1", "A2", "A11", "A7"]


def test_nobody_leaves_course_a_without_an_own_line(courses: dict[str, Course]) -> None:
    for form in courses["A"].forms[:2]:
        own = next(block for block in form.blocks if block.lesson == "A11")
        assert own.must
        assert not own.drop


def test_no_day_asks_for_more_than_two_hours_without_a_break(courses: dict[str, Course]) -> None:
    for form in (form for course in courses.values() for form in course.forms if form.unit == "minutes"):
        rests = [form.starts, *(b.end for b in form.blocks if b.kind == "break"), form.ends]
        begins = [*(b.at for b in form.blocks if b.kind == "break"), form.ends, form.ends]
        assert max(begin - rest for rest, begin in zip(rests, begins, strict=True)) <= 120


def test_the_hosts_worries_come_after_the_silent_walk(courses: dict[str, Course]) -> None:
    titles = [block.title.en for block in courses["B"].forms[0].blocks]
    assert titles.index("A silent walk, four stops") < titles.index("The host's three worries of today")


def test_course_c_is_judged_by_use_first_and_novelty_last(courses: dict[str, Course]) -> None:
    points = [judged.points for judged in courses["C"].judging]
    assert points == [40, 25, 20, 10, 5]
    assert sum(points) == POINTS


def test_course_d_lasts_twelve_weeks_and_gives_up_showing_only_first(courses: dict[str, Course]) -> None:
    standard = courses["D"].forms[0]
    assert standard.blocks[-1].at == 12
    assert [block.title.en.split(";")[0] for block in standard.dropped] == ["Showing only for a fortnight"]


def test_every_lesson_that_exists_is_held_for_as_long_as_it_says(courses: dict[str, Course]) -> None:
    planned = {b.lesson: b.length for form in courses["A"].forms for b in form.blocks if b.lesson}
    found = {facts.id: facts.minutes for facts in every()}
    assert {lesson: planned[lesson] for lesson in found} == found


def test_a_section_of_the_script_is_found_by_the_title_of_its_block(courses: dict[str, Course]) -> None:
    for course in courses.values():
        for block in (block for form in course.forms for block in form.blocks):
            said = course.said(block, "ja")
            assert (said is not None) == block.scripted


def test_a_script_begins_with_who_does_what(courses: dict[str, Course]) -> None:
    assert "助手2人" in courses["A"].preface["ja"]
    assert all(course.preface[lang] for course in courses.values() for lang in LANGUAGES)


def test_a_gap_an_overlap_and_a_wrong_end_are_told_together(copy: Path) -> None:
    spoil(
        copy, ('at = "09:55"', 'at = "10:00"'), ('at = "10:15"', 'at = "10:10"'), ('ends = "17:00"', 'ends = "16:50"')
    )
    said = told(copy)
    assert "there is a gap: the one before ends at 9:55, this begins at 10:00" in said
    assert "overlap: the one before ends at 10:20, this begins at 10:10" in said
    assert "the last row ends at 17:00, ends says 16:50" in said
    assert "course.toml:" in said


def test_a_wrong_order_of_dropping_is_told(copy: Path) -> None:
    spoil(copy, ("drop = 3\nkeep = 15", "drop = 4\nkeep = 35"))
    said = told(copy)
    assert "drop counts 1, 2, …, each once" in said
    assert "what must be can only be shortened" in said


def test_what_is_misspelt_missing_or_of_the_wrong_kind_is_told(copy: Path) -> None:
    spoil(
        copy,
        ('id = "A"\n', ""),
        ('kind = "talk"', 'kind = "speech"'),
        ('at = "09:30"', 'at = "9h30"'),
        ("must = true", "must = 1"),
        ("must = true", "mus = true"),
    )
    said = told(copy)
    for part in (
        "id: is a text",
        "is one of talk, lesson",
        'a time is written "09:30"',
        "is true or false",
        "mus: an unknown key",
    ):
        assert part in said


def test_a_lesson_that_says_other_minutes_is_told(copy: Path, tmp_path: Path) -> None:
    lesson = tmp_path / "lessons" / "A2" / "lesson.toml"
    lesson.parent.mkdir(parents=True)
    lesson.write_text('id = "A2"\nminutes = 55\n', "utf-8")
    assert "lesson.toml of A2 says 55 minutes, here it is 40" in told(copy, lessons=tmp_path / "lessons")
    assert minutes_of("A3", tmp_path / "lessons") is None


def test_a_sheet_that_does_not_exist_is_told(copy: Path, tmp_path: Path) -> None:
    for name in ("S1.toml", "S2.toml", "S18.html"):
        (tmp_path / "sheets").mkdir(exist_ok=True)
        (tmp_path / "sheets" / name).touch()
    said = told(copy, sheets=tmp_path / "sheets")
    assert "there is no sheet S20" in said
    assert "there is no sheet S18" not in said


def test_a_script_that_lacks_a_section_or_what_to_do_when_late_is_told(copy: Path) -> None:
    spoil(copy, ("## A5 記録", "## A5 きろく"), ("**遅れたら**", "**おくれたら**"), file="ja/script.md")
    shutil.rmtree(copy / "en")
    said = told(copy)
    assert 'has no section "A5 記録"' in said
    assert '"A5 きろく" is not in the timetable' in said
    assert "lacks **遅れたら**" in said
    assert "script.md:1: is missing" in said
