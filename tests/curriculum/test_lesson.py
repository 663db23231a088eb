"""A lesson's folder: read whole, with all its mistakes told at once."""

import shutil
from pathlib import Path

import pytest

from curriculum.lesson import LESSONS, LessonError, ids, load, load_all


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(LESSONS / "A2", tmp_path / "A2"))


def test_a_lesson_is_read_whole() -> None:
    lesson = load(LESSONS / "A2")
    assert lesson.title.ja == "生産カウンタ"
    assert lesson.hint("called-at-once").steps[2].ja.endswith("counter.add_one")
    assert lesson.hint("blank").id == "blank"
    assert lesson.page("intro", "en").startswith("# A production counter")
    assert [question.right for question in lesson.quiz] == [0, 1, 2]
    assert not any(mistake.text.startswith("# hint") for mistake in lesson.mistakes)
    with pytest.raises(KeyError):
        lesson.hint("unheard-of")


def test_lessons_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for name in ("A10", "A2", "B1", "A1"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "lesson.toml").touch()
    (tmp_path / "A3").mkdir()
    assert ids(tmp_path) == ("A1", "A2", "A10", "B1")


def test_all_mistakes_of_a_folder_are_told_at_once(folder: Path) -> None:
    told = (folder / "lesson.toml").read_text("utf-8")
    told = told.replace('"A2_counter.py"', '"../A2_counter.py"').replace('id = "wrong-pin"', 'id = "called-at-once"')
    told = told.replace('id = "A2"', 'id = "A9"').replace("minutes = 40", 'minutes = "40"').replace("must = true\n", "")
    (folder / "lesson.toml").write_text(told, "utf-8")
    (folder / "check.py").unlink()
    (folder / "en" / "steps.md").unlink()
    (folder / "starter.py").write_bytes(b"\x93")
    (folder / "mistakes" / "nameless.py").write_text("x = 1\n")
    (folder / "quiz.toml").write_text("[[questions]\n")
    with pytest.raises(LessonError) as wrong:
        load(folder)
    said = "\n".join(wrong.value.mistakes)
    for piece in (
        "minutes must be a number",
        "must must be true or false",
        "check.py is missing",
        "en/steps.md is missing",
        "starter.py is not UTF-8",
        "nameless.py: the first line must say",
        "quiz.toml: ",
        "id 'A9' is not the folder's name",
        "file '../A2_counter.py' is not a plain name",
        "the hint 'called-at-once' is there twice",
    ):
        assert piece in said


def test_a_hint_with_too_few_steps_is_a_mistake(folder: Path) -> None:
    file = folder / "lesson.toml"
    file.write_text(file.read_text("utf-8") + '\n[[hints]]\nid = "short"\nja = ["一"]\nen = ["one", "two"]\n', "utf-8")
    with pytest.raises(LessonError, match="as many steps in one language"):
        load(folder)


def test_the_questions_asked_before_a_lesson_hold_no_row_that_a_learner_is_to_write() -> None:
    for lesson in load_all():
        written = {row.strip() for row in lesson.solution.splitlines()} - set(
            map(str.strip, lesson.starter.splitlines())
        )
        asked = [words for one in lesson.quiz for words in (one.asked, *one.choices)]
        assert not [(lesson.id, row) for row in written for said in asked if row in said.ja + said.en]
