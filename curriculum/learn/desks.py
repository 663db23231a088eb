"""The desks of a class: who sits there (a bench number or a nickname, no names), their files, how far they are.

    DIR/desks/<id>/desk.json         the label and the progress
    DIR/desks/<id>/A2_counter.py     the file of a lesson, as it was last saved

Small files, each written whole or not at all, and bounds on everything: sizes, desks, letters. Times are seconds of the
wall clock.
"""

import json
import logging
import re
import secrets
import threading
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from contract.whole_file import write_whole
from contract.words import Words
from curriculum.lesson import HINT_STEPS, Lesson
from edge.bench_guard import Refusal

log = logging.getLogger(__name__)

MOST_DESKS: Final = 99
MOST_TEXT: Final = 64 * 1024
MOST_LABEL: Final = 16
PAUSE_S: Final = 600
"""Who does nothing for longer was away: lunch is no working time."""
QUIZ: Final = ("before", "after")


@dataclass
class Progress:
    """One lesson at one desk. ``hints``: the most steps seen of each; ``hint``: the one it is at, and since when."""

    opened_s: int = 0
    last_s: int = 0
    worked_s: int = 0
    tries: int = 0
    green_s: int | None = None
    hint: str | None = None
    hint_since_s: int | None = None
    hints: dict[str, int] = field(default_factory=dict)
    quiz: dict[str, int] = field(default_factory=dict)
    shown: bool = False
    """Whether the finished file was looked at before it was green."""

    def act(self, now_s: int) -> None:
        """Something was done at this lesson: the time since the last counts as work, unless it was a pause."""
        self.opened_s = self.opened_s or now_s
        since_s = now_s - (self.last_s or now_s)
        if self.green_s is None and 0 <= since_s <= PAUSE_S:
            self.worked_s += since_s
        self.last_s = now_s


@dataclass
class Desk:
    """One desk. ``label`` is what its people call it."""

    id: str
    label: str
    joined_s: int
    lessons: dict[str, Progress] = field(default_factory=dict)

    @property
    def last_s(self) -> int:
        """When something was last done here."""
        return max([self.joined_s, *(progress.last_s for progress in self.lessons.values())])

    @property
    def place(self) -> tuple[int, str]:
        """To sort by: bench numbers first, in their order, then nicknames."""
        number = re.match(r"\d+", self.label)
        return (int(number[0]) if number else 10**9, self.label)


class Desks:
    """All desks of a data directory. Every verb raises Refusal for what cannot be; safe from any thread."""

    def __init__(self, folder: Path, lessons: Iterable[Lesson], now_s: Callable[[], float]) -> None:
        self._folder = folder
        self._lessons = {lesson.id: lesson for lesson in lessons}
        self._now_s = now_s
        self._lock = threading.RLock()
        self._desks = {desk.id: desk for desk in _read_all(folder)}

    def all(self) -> list[Desk]:
        """The desks, by bench number, then by nickname."""
        with self._lock:
            return sorted(self._desks.values(), key=lambda desk: desk.place)

    def find(self, id: str) -> Desk | None:
        """A desk, or None."""
        return self._desks.get(id)

    def join(self, label: object, again: bool) -> Desk:
        """The desk of that label: a new one, or (``again``) the one that has it already."""
        wanted = _label(label)
        with self._lock:
            there = next((desk for desk in self._desks.values() if desk.label == wanted), None)
            if there is not None:
                if not again:
                    raise Refusal(
                        409,
                        "label-taken",
                        Words(f"「{wanted}」はもう使われています。", f"“{wanted}” is in use already."),
                        Words("自分たちの席なら、続きから始められます。", "If it is yours, go on where you stopped."),
                    )
                return there
            if len(self._desks) >= MOST_DESKS:
                raise Refusal(409, "too-many-desks", Words("席がいっぱいです。", "There is no desk left."))
            desk = Desk(secrets.token_hex(4), wanted, int(self._now_s()))
            self._keep(desk)
            self._desks[desk.id] = desk
            return desk

    def text(self, desk: Desk, lesson: Lesson) -> str | None:
        """The lesson's file as it was last saved here; None if it never was."""
        try:
            return (self._folder / desk.id / lesson.file).read_text("utf-8")
        except FileNotFoundError:
            return None

    def opened(self, desk: Desk, lesson: Lesson) -> Progress:
        """The lesson is looked at."""
        with self._lock:
            return self._acted(desk, lesson)

    def save(self, desk: Desk, lesson: Lesson, text: object) -> None:
        """Keep the learner's file."""
        if not isinstance(text, str) or len(text.encode("utf-8", "replace")) > MOST_TEXT:
            raise Refusal(413, "too-large", Words("ファイルが大きすぎます。", "The file is too large."))
        with self._lock:
            self._acted(desk, lesson)
            self._write(desk, lesson.file, text.encode("utf-8", "replace").decode())

    def tried(self, desk: Desk, lesson: Lesson, green: bool, hint: str | None) -> None:
        """The check has answered: green, or with that hint. Green once is green for good."""
        if not green and hint is None:
            raise Refusal(422, "no-hint", Words("ヒントの名前がありません。", "There is no hint's name."))
        _known_hint(lesson, hint)
        with self._lock:
            progress = self._acted(desk, lesson, keep=False)
            progress.tries += 1
            if green:
                progress.green_s = progress.green_s or int(self._now_s())
                progress.hint = progress.hint_since_s = None
            elif progress.green_s is None and hint is not None:
                if progress.hint != hint:
                    progress.hint, progress.hint_since_s = hint, int(self._now_s())
                progress.hints.setdefault(hint, 1)
            self._keep(desk)

    def hinted(self, desk: Desk, lesson: Lesson, hint: str, step: int) -> None:
        """A further step of a hint was opened."""
        _known_hint(lesson, hint)
        if not 1 <= step <= HINT_STEPS:
            raise Refusal(422, "bad-step", Words("ヒントは3段です。", "A hint has three steps."))
        with self._lock:
            progress = self._acted(desk, lesson, keep=False)
            if progress.green_s is None:
                progress.hints[hint] = max(step, progress.hints.get(hint, 0))
            self._keep(desk)

    def quizzed(self, desk: Desk, lesson: Lesson, when: object, right: int) -> None:
        """The three questions were answered, ``when``: before or after; the first answer counts."""
        if when not in QUIZ or not 0 <= right <= len(lesson.quiz):
            raise Refusal(422, "bad-quiz", Words("クイズの答えとして読めません。", "These are no answers of a quiz."))
        with self._lock:
            self._acted(desk, lesson, keep=False).quiz.setdefault(str(when), right)
            self._keep(desk)

    def show(self, desk: Desk, lesson: Lesson) -> str:
        """The finished file; noted if the lesson is not green yet."""
        with self._lock:
            progress = self._acted(desk, lesson, keep=False)
            progress.shown = progress.shown or progress.green_s is None
            self._keep(desk)
        return lesson.solution

    def lesson(self, id: object) -> Lesson:
        """A lesson by its id."""
        found = self._lessons.get(id) if isinstance(id, str) else None
        if found is None:
            raise Refusal(404, "no-lesson", Words("その課題はありません。", "There is no such lesson."))
        return found

    def _acted(self, desk: Desk, lesson: Lesson, keep: bool = True) -> Progress:
        progress = desk.lessons.setdefault(lesson.id, Progress())
        progress.act(int(self._now_s()))
        if keep:
            self._keep(desk)
        return progress

    def _keep(self, desk: Desk) -> None:
        self._write(desk, "desk.json", json.dumps(asdict(desk), ensure_ascii=False, indent=1))

    def _write(self, desk: Desk, name: str, text: str) -> None:
        try:
            (self._folder / desk.id).mkdir(parents=True, exist_ok=True)
            write_whole(self._folder / desk.id / name, text)
        except OSError as error:
            raise Refusal(
                507,
                "not-kept",
                Words(f"保存できません({error.strerror})。", f"It cannot be kept ({error.strerror})."),
                Words("講師に知らせてください。", "Tell the tutor."),
            ) from error


def _known_hint(lesson: Lesson, hint: str | None) -> None:
    if hint is None:
        return
    try:
        lesson.hint(hint)
    except KeyError:
        raise Refusal(422, "no-hint", Words("そのヒントはありません。", "There is no such hint.")) from None


def _label(said: object) -> str:
    """A label as it is kept: full-width figures become plain ones, spaces go."""
    label = " ".join(unicodedata.normalize("NFKC", said).split()) if isinstance(said, str) else ""
    if not 1 <= len(label) <= MOST_LABEL or not label.isprintable():
        raise Refusal(
            422,
            "bad-label",
            Words(f"席の番号かニックネームを、1〜{MOST_LABEL}文字で入れてください。",
                  f"Give the bench number or a nickname, 1 to {MOST_LABEL} letters."),
        )  # fmt: skip
    return label


def _read_all(folder: Path) -> Iterable[Desk]:
    for file in sorted(folder.glob("*/desk.json")):
        try:
            yield _desk(json.loads(file.read_text("utf-8")), file.parent.name)
        except (OSError, ValueError, TypeError, KeyError) as error:
            log.error("%s", Words(f"{file} を読めません: {error}", f"{file} cannot be read: {error}"))


def _desk(told: dict[str, Any], id: str) -> Desk:
    lessons = {str(name): Progress(**progress) for name, progress in told["lessons"].items()}
    return Desk(id, str(told["label"]), int(told["joined_s"]), lessons)
