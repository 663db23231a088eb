"""Lessons on A4: the learner's paper has all there is to do and none of the answers, the tutor's has them all."""

import re
from functools import cache
from html import unescape
from pathlib import Path

import pytest

from contract.errors import NotAllowed, NotThere
from contract.words import Language, Words, speaking
from curriculum.a4 import numbered
from curriculum.learn.one_language import in_language
from curriculum.lesson import LESSONS, Lesson, load, load_all
from curriculum.lesson_pages import LANGUAGES
from curriculum.lesson_paper import learners_paper
from curriculum.lesson_paper_style import prose
from curriculum.lesson_paper_tutor import tutors_paper
from curriculum.lesson_wiring import terminals
from curriculum.markdown import html, inline, sections
from curriculum.printed_code import changed, code, new_rows, row
from hardware.parts import load as load_parts
from kojo.learn_print import print_lessons
from kojo.paper import found_browser

PARTS = load_parts()
EVERY = [(lesson, lang) for lesson in load_all() for lang in LANGUAGES]
IDS = [f"{lesson.id}-{lang}" for lesson, lang in EVERY]
A4_POINTS = (595, 842)


@cache
def said(id: str, lang: Language, *, for_tutors: bool = False) -> str:
    """The words of a paper, without its tags; spaces and line ends are all one space."""
    lesson = load(LESSONS / id)
    paper = tutors_paper(lesson, lang) if for_tutors else learners_paper(lesson, lang, PARTS)
    return words(paper[paper.index("<body>") :])


def words(of: str) -> str:
    text = unescape(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", of, flags=re.DOTALL))
    return " ".join(text.replace("\xa0", " ").split())


def typed(text: str) -> str:
    """A row of code, its blanks and spaces aside."""
    return "".join(text.split())


@pytest.mark.parametrize(("lesson", "lang"), EVERY, ids=IDS)
def test_the_learners_paper_has_every_step_part_row_and_question(lesson: Lesson, lang: Language) -> None:
    paper = said(lesson.id, lang)
    headings = [one.title for name in ("intro", "steps") for one in sections(lesson.page(name, lang)) if one.level > 1]
    assert [heading for heading in headings if words(inline(heading)) not in paper] == []
    assert [id for id in lesson.parts if PARTS[id].title.say(lang) not in paper] == []
    assert [one.asked.ja for one in lesson.quiz if words(one.asked.say(lang)) not in paper] == []
    starter = [*enumerate(in_language(lesson.starter, lang).rstrip().splitlines(), 1)]
    assert [one for number, one in starter if typed(f"{number}{one}") not in typed(paper)] == []
    assert ("GPIO" in paper) or not lesson.wired
    wires = terminals(lesson.folder).values() if lesson.wired else ()
    assert [one.ja for one in wires if one.say(lang) not in paper] == []
    assert str(lesson.minutes) in paper


@pytest.mark.parametrize(("lesson", "lang"), EVERY, ids=IDS)
def test_the_learners_paper_answers_nothing(lesson: Lesson, lang: Language) -> None:
    paper = typed(said(lesson.id, lang))
    begun, done = in_language(lesson.starter, lang), in_language(lesson.solution, lang)
    own_rows = new_rows(begun, done)
    solved = [one for number, one in enumerate(done.splitlines(), 1) if number in own_rows]
    assert solved
    starter = learners_paper(lesson, lang, PARTS).split("<div class='code'>")[1].split("<h2>")[0]
    assert [one for one in solved if typed(one) in typed(words(starter))] == []
    assert [one.why.ja for one in lesson.quiz if typed(one.why.say(lang)) in paper] == []
    steps = [step for hint in lesson.hints.values() for step in hint.steps[1:]]  # the first says where to look
    assert [step.ja for step in steps if typed(step.say(lang)) in paper] == []
    assert "for tutors" not in paper


@pytest.mark.parametrize(("lesson", "lang"), EVERY, ids=IDS)
def test_the_tutors_paper_has_answers_levels_hints_and_the_solution(lesson: Lesson, lang: Language) -> None:
    paper = typed(said(lesson.id, lang, for_tutors=True))
    wanted: list[Words] = [*lesson.rubric, *(one.why for one in lesson.quiz)]
    wanted += [step for one in lesson.mistakes for step in lesson.hint(one.hint).steps]
    assert [one.ja for one in wanted if typed(words(inline(one.say(lang).replace("[ ]", "[]")))) not in paper] == []
    assert [one for one in in_language(lesson.solution, lang).splitlines() if typed(one) not in paper] == []
    assert typed(Words("学習者に渡しません", "not for learners").say(lang)) in paper


def test_a_long_row_goes_on_below_and_a_blank_is_a_frame_but_not_in_a_comment() -> None:
    assert "<b class='gap'>___</b>" in row(3, "    pin = ___  # fill in ___")
    assert row(3, "    pin = ___  # fill in ___").count("gap") == 1
    assert "padding-left: 6ch; text-indent: -6ch" in row(3, "    x = 1")
    assert "<s>" in row(1, "x = 1", gone=True)
    assert code("a < b\n").count("&lt;") == 1


def test_what_was_changed_is_shown_as_it_is_now_and_what_is_gone_with_its_old_number() -> None:
    assert list(changed("a\nb\nc\n", "a\nB\nc\n")) == [(2, "B", False)]
    assert list(changed("a\nb\nc\n", "a\nc\n")) == [(2, "b", True)]
    assert new_rows("# one\nx = ___\n", "# two\nx = 1\n") == {2}


def test_a_title_in_the_footer_cannot_leave_its_style() -> None:
    assert '"A \\"b\\" \\3c /style> "' in numbered('A "b" </style>')


def test_a_word_of_a_command_is_not_broken_and_empty_brackets_get_room_for_a_pen() -> None:
    assert "<span class='whole'>--data</span> <span class='whole'>my-data</span>" in prose("```\n--data my-data\n```")
    assert "whole" not in prose(f"`{'x' * 70}`")
    assert prose("ふだんは( )秒、91.0 % `median( )`").count("class='blank'") == 1
    assert "91.0&nbsp;%" in prose("91.0 %")


def test_bold_goes_across_code_and_english_rows_are_joined_by_a_space() -> None:
    assert inline("**`f()` is** `a**b**c`") == "<b><code>f()</code> is</b> <code>a**b**c</code>"
    assert html("It is read aloud as bekidoritsu.\n可動率 is another.").endswith("bekidoritsu. 可動率 is another.</p>")
    assert html("日本語の行を\nつなぐ") == "<p>日本語の行をつなぐ</p>"


def test_both_papers_of_a_lesson_are_written_apart_and_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def nobody() -> str | None:
        return None

    with speaking("ja"):
        assert print_lessons("a2", tmp_path / "new", html=True, browser=nobody) == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["A2-tutor.html", "A2.html"]
    assert "学習者に渡しません" in capsys.readouterr().out
    with pytest.raises(NotAllowed):
        print_lessons("A2", tmp_path / "new", html=True, browser=nobody)
    with pytest.raises(NotThere) as error:
        print_lessons("A2", tmp_path, browser=nobody)
    assert "PDF を作るブラウザー(Chromium、Chrome、Edge)が見つかりません。" in error.value.say("ja")
    assert "--html" in error.value.say("en")
    with pytest.raises(NotThere, match="A99"):
        print_lessons("A99", tmp_path, html=True, browser=nobody)
    with pytest.raises(NotThere, match="kojo learn A2 --print paper"):
        print_lessons(None, Path("A2"), html=True, browser=nobody)


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(found_browser() is None, reason="no browser")
def test_a_lesson_is_printed_on_several_pages_of_a4(tmp_path: Path) -> None:
    with speaking("ja"):
        print_lessons("A2", tmp_path)
    for name, most in (("A2", 5), ("A2-tutor", 5)):
        pdf = (tmp_path / f"{name}.pdf").read_bytes()
        assert pdf.startswith(b"%PDF-")
        boxes = [tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox \[([^\]]*)\]", pdf)]
        assert 1 < len(re.findall(rb"/Type /Page\b(?!s)", pdf)) <= most
        assert {(round(box[2] - box[0]), round(box[3] - box[1])) for box in boxes} == {A4_POINTS}
        assert b"/ToUnicode" in pdf  # its letters can be found and copied
