"""The facilitator's board: which lesson is green at how many desks, where a tutor is waited for. It looks, it does not
touch, and it ranks nobody: desks stand in the order of their numbers, no times are compared.

And the figures of a class without names (curriculum 5.5): one row for each lesson and desk, in no desk's order.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

from contract.words import Words
from curriculum.learn.desk import Desk, Progress
from curriculum.learn.kept_desks import TODAY_S
from curriculum.lesson import Lesson

STUCK_S: Final = 300
"""So long at the same hint, and a tutor goes there."""
COLUMNS: Final = (
    "lesson",
    "minutes_planned",
    "minutes_worked",
    "green",
    "tries",
    "hints",
    "hint_steps",
    "finished_file_shown",
    "quiz_before",
    "quiz_after",
    "quiz_questions",
)


def board(desks: Sequence[Desk], lessons: Iterable[Lesson], now_s: float) -> dict[str, Any]:
    """The lessons with their counts, and today's desks as they stand."""
    today = [desk for desk in desks if now_s - desk.last_s <= TODAY_S]
    return {
        "lessons": [_lesson(lesson, today) for lesson in lessons],
        "desks": [{"label": desk.label, "key": desk.key, "lessons": _cells(desk, lessons, now_s)} for desk in today],
    }


def _lesson(lesson: Lesson, today: Sequence[Desk]) -> dict[str, Any]:
    begun = [desk.lessons[lesson.id] for desk in today if lesson.id in desk.lessons]
    return {
        "id": lesson.id,
        "title": _both(lesson.title),
        "minutes": lesson.minutes,
        "must": lesson.must,
        "green": sum(progress.green_s is not None for progress in begun),
        "begun": len(begun),
        "desks": len(today),
    }


def _cells(desk: Desk, lessons: Iterable[Lesson], now_s: float) -> dict[str, Any]:
    known = {lesson.id: lesson for lesson in lessons}
    return {id: _cell(known[id], progress, now_s) for id, progress in desk.lessons.items() if id in known}


def _cell(lesson: Lesson, progress: Progress, now_s: float) -> dict[str, Any]:
    if progress.green_s is not None:
        return {"state": "green"}
    since_s = None if progress.hint_since_s is None else max(0, int(now_s - progress.hint_since_s))
    stuck = since_s is not None and since_s >= STUCK_S and now_s - progress.last_s <= TODAY_S
    cell: dict[str, Any] = {"state": "stuck" if stuck else "trying"}
    if progress.hint is not None:
        cell |= {
            "hint": progress.hint,
            "step": progress.hints.get(progress.hint, 1),
            "since_s": since_s,
            "look": _hint(lesson, progress.hint),
        }
    return cell


def _hint(lesson: Lesson, id: str) -> dict[str, str] | None:
    try:
        return _both(lesson.hint(id).steps[0])
    except (KeyError, IndexError):  # a hint of an older lesson
        return None


def _both(words: Words) -> dict[str, str]:
    return {"ja": words.ja, "en": words.en}


def figures(desks: Iterable[Desk], lessons: Iterable[Lesson]) -> str:
    """The CSV of section 5.5, with the mark by which Excel knows UTF-8. Who it was cannot be read from it."""
    known = {lesson.id: lesson for lesson in lessons}
    rows = [
        (_mixed(desk, id), _row(known[id], progress))
        for desk in desks
        for id, progress in desk.lessons.items()
        if id in known and progress.last_s
    ]
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow(COLUMNS)
    order = list(known)
    writer.writerows(row for _, row in sorted(rows, key=lambda one: (order.index(str(one[1][0])), one[0])))
    return "\ufeff" + made.getvalue()


def _mixed(desk: Desk, lesson: str) -> str:
    """Where a desk's row stands among the others of a lesson: elsewhere in each lesson, so no desk can be followed."""
    return hashlib.sha256(f"{desk.id} {lesson}".encode()).hexdigest()


def _row(lesson: Lesson, progress: Progress) -> tuple[object, ...]:
    return (
        lesson.id,
        lesson.minutes,
        round(progress.worked_s / 60, 1),
        "yes" if progress.green_s is not None else "no",
        progress.tries,
        len(progress.hints),
        sum(progress.hints.values()),
        "yes" if progress.shown else "no",
        progress.quiz.get("before", ""),
        progress.quiz.get("after", ""),
        len(lesson.quiz),
    )
