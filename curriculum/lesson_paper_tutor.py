"""A lesson on A4 for the tutor: notes, answers with their why, levels, the solution, hints by planted mistake."""

from collections.abc import Iterator
from html import escape

from contract.words import Language, Words
from curriculum.learn.one_language import in_language
from curriculum.lesson import Hint, Lesson, PlantedMistake
from curriculum.lesson_paper import facts
from curriculum.lesson_paper_style import TUTOR, document, head, ordered, plain, prose
from curriculum.printed_code import changed, code, new_rows, row

MOST_ROWS = 4
"""Of a planted mistake, as many rows as tell it."""


def tutors_paper(lesson: Lesson, lang: Language) -> str:
    """The whole paper as HTML."""
    body = [
        head(lesson, lang, TUTOR.say(lang)),
        facts(lesson, lang),
        prose(lesson.page("tutor", lang)),
        _not_today(lesson, lang),
        _answers(lesson, lang),
        _levels(lesson, lang),
        _solution(lesson, lang),
        _hints(lesson, lang),
        _sources(lesson, lang),
    ]
    return document(lesson, lang, "\n".join(body), for_tutors=True)


def _not_today(lesson: Lesson, lang: Language) -> str:
    title = Words("今日しないこと", "Not today").say(lang)
    return f"<div class='keep'><h3>{title}</h3><p>{plain(lesson.out_of_scope, lang)}</p></div>"


def _answers(lesson: Lesson, lang: Language) -> str:
    title = Words("質問の答え", "Answers to the questions").say(lang)
    rows = [
        f"{plain(one.asked, lang)}<br><b>→ {plain(one.choices[one.right], lang)}</b><br>{plain(one.why, lang)}"
        for one in lesson.quiz
    ]
    return f"<h2>{title}</h2>{ordered(rows)}"


def _levels(lesson: Lesson, lang: Language) -> str:
    title = Words("3段の到達目標(人を比べません)", "Three levels (not for comparing people)").say(lang)
    return f"<div class='keep'><h2>{title}</h2>{ordered([plain(one, lang) for one in lesson.rubric])}</div>"


def _solution(lesson: Lesson, lang: Language) -> str:
    title = Words("できあがり", "The solution").say(lang)
    said = Words(
        "番号を枠で囲んだ行が、最初のファイルと違います。", "Rows with a framed number differ from the starter."
    )
    starter, solution = in_language(lesson.starter, lang), in_language(lesson.solution, lang)
    return f"<h2>{title}</h2><p>{said.say(lang)}</p>{code(solution, new_rows(starter, solution))}"


def _hints(lesson: Lesson, lang: Language) -> str:
    title = Words("よくある間違いと、3段のヒント", "Planted mistakes and their hints in three steps").say(lang)
    said = Words(
        "枠は学習者が書く行(できあがりと違う行だけ)、その下が答え合わせの出すヒントです。1段ずつ出します。",
        "In the frame what a learner writes (only rows that differ from the solution), below it the hint of the check, "
        "given step by step.",
    )
    kinds = dict.fromkeys((*lesson.hints, *(one.hint for one in lesson.mistakes)))
    told = "".join(_hint(lesson, lesson.hint(id), number, lang) for number, id in enumerate(kinds, 1))
    return f"<h2>{title}</h2><p>{said.say(lang)}</p>{told}"


def _hint(lesson: Lesson, hint: Hint, number: int, lang: Language) -> str:
    planted = [_planted(lesson, one, lang) for one in lesson.mistakes if one.hint == hint.id]
    shown = f"<div class='code mistake'>{''.join(planted)}</div>" if planted else ""
    steps = ordered([plain(step, lang) for step in hint.steps])
    return f"<div class='keep'><h3>{Words('ヒント', 'Hint').say(lang)} {number}</h3>{shown}{steps}</div>"


def _planted(lesson: Lesson, mistake: PlantedMistake, lang: Language) -> str:
    rows = list(_rows(lesson, mistake, lang))
    more = Words(f"ほか {len(rows) - MOST_ROWS} 行", f"and {len(rows) - MOST_ROWS} rows more").say(lang)
    told = "".join(rows[:MOST_ROWS]) + (f"<p class='small'>{more}</p>" if len(rows) > MOST_ROWS else "")
    return f"<div class='one-mistake'>{told}</div>"


def _rows(lesson: Lesson, mistake: PlantedMistake, lang: Language) -> Iterator[str]:
    for number, text, gone in changed(in_language(lesson.solution, lang), in_language(mistake.text, lang)):
        yield row(number, text, gone=gone)


def _sources(lesson: Lesson, lang: Language) -> str:
    ours = Words("この課題は当キットの案です。", "The lesson is ours.").say(lang)
    told = ours if lesson.marks == "ours" else Words("出どころ", "Sources").say(lang) + ": " + lesson.marks
    return f"<p class='mark'>{escape(told)}</p>"
