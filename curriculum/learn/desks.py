"""The desks of a class: who sits there (a bench number or a nickname, no names), their files, how far they are.

    DIR/desks/<id>/desk.json         the label and the progress
    DIR/desks/<id>/A2_counter.py     the file of a lesson, as it was last saved
    DIR/desks/<id>/before/…          the files as they were before somebody began anew

Small files, each written whole or not at all, and bounds on everything: sizes, desks, letters. Times are seconds of the
wall clock.
"""

import contextlib
import itertools
import json
import os
import secrets
import stat
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Final

from contract.whole_file import write_whole
from contract.words import Words
from curriculum.learn import kept_desks
from curriculum.learn.desk import Desk, Progress, as_label
from curriculum.learn.newcomers import Newcomers
from curriculum.learn.two_laptops import WHATEVER, Laptops, Saved, version
from curriculum.lesson import HINT_STEPS, Lesson
from edge.bench_guard import Refusal

MOST_DESKS: Final = 99
MOST_TEXT: Final = 64 * 1024
BEFORE: Final = "before"
MOST_BEFORE: Final = 10
"""Of each lesson; the oldest goes."""
COARSEST_NS: Final = 2_000_000_000
"""Dates on a FAT stick go in steps of two seconds."""
QUIZ: Final = ("before", "after")


class Desks:
    """All desks of a data directory. Every verb raises Refusal for what cannot be; safe from any thread."""

    def __init__(self, folder: Path, lessons: Iterable[Lesson], now_s: Callable[[], float]) -> None:
        self._folder = folder
        self._lessons = {lesson.id: lesson for lesson in lessons}
        self._now_s = now_s
        self._lock = threading.RLock()
        self._newcomers = Newcomers(now_s)
        self._laptops = Laptops()
        self._desks = {desk.id: desk for desk in kept_desks.read(folder)}

    def all(self) -> list[Desk]:
        """The desks, by bench number, then by nickname."""
        with self._lock:
            return sorted(self._desks.values(), key=lambda desk: desk.place)

    def free_label(self) -> str:
        """The first number that no desk has."""
        with self._lock:
            taken = {desk.label for desk in self._desks.values()}
        return next(label for label in map(str, itertools.count(1)) if label not in taken)

    def find(self, id: str) -> Desk | None:
        """A desk, or None."""
        return self._desks.get(id)

    def join(
        self,
        label: object,
        again: bool,
        peer: str | None = None,
        may_go_on: Callable[[Desk], None] | None = None,
    ) -> Desk:
        """The desk of that label: a new one, or (``again``) the one that has it already.

        ``peer``: the address of who takes it, that it may not take them all; None for one that may. ``may_go_on``
        raises Refusal for whoever may not go on at a desk that is somebody's.
        """
        wanted = as_label(label)
        with self._lock:
            there = next((desk for desk in self._desks.values() if desk.label == wanted), None)
            if there is not None:
                if not again:
                    raise Refusal(
                        409,
                        "label-taken",
                        Words(f"「{wanted}」はもう使われています。", f"“{wanted}” is in use already."),
                        Words("別の番号かニックネームを入れてください。", "Choose another number or nickname."),
                    )
                if may_go_on is not None:
                    may_go_on(there)
                return there
            if len(self._desks) >= MOST_DESKS:
                raise self._full()
            if peer is not None:
                self._newcomers.come(peer)
            desk = Desk(secrets.token_hex(4), wanted, int(self._now_s()))
            self._keep(desk)
            self._desks[desk.id] = desk
            return desk

    def text(self, desk: Desk, lesson: Lesson) -> str | None:
        """The lesson's file as it was last saved here; None if it never was."""
        file = self._folder / desk.id / lesson.file
        try:
            return file.read_text("utf-8", "replace") if file.exists() else None
        except OSError as error:  # what is there must not be written over with the starter
            raise _not_read(error) from error

    def opened(self, desk: Desk, lesson: Lesson) -> Progress:
        """The lesson is looked at."""
        with self._lock:
            return self._acted(desk, lesson)

    def save(self, desk: Desk, lesson: Lesson, text: object, had: object = WHATEVER, by: object = "") -> Saved:
        """Keep the learner's file. ``had``: the version that the page ``by`` had before it was typed in.

        What another laptop of the desk has written since is set aside first; who typed nothing new writes over nothing.
        """
        kept = _within_bounds(text)
        with self._lock:
            self._acted(desk, lesson)
            there = None if had is WHATEVER else self.text(desk, lesson)
            other = kept != there and self._laptops.another_wrote(desk.id, lesson, there, had, by)
            if other and version(kept) == had:
                return Saved(version(kept), there)
            if other:
                self._set_anothers_aside(desk, lesson, there)
            self._write(desk, lesson.file, kept)
            self._laptops.wrote(desk.id, lesson, by)
        return Saved(version(kept), there if other else None)

    def set_aside(self, desk: Desk, lesson: Lesson, text: object) -> str:
        """Keep what is there before the learner begins anew; gives where, below the desk's folder."""
        at = f"{datetime.fromtimestamp(self._now_s()):%H%M%S}"
        with self._lock:
            self._acted(desk, lesson)
            name, older = self._free(desk, at, lesson), self._before(desk, lesson)
            self._write(desk, name, _within_bounds(text))
            with contextlib.suppress(OSError):
                _date_after(self._folder / desk.id / name, older)
                for old in self._before(desk, lesson)[:-MOST_BEFORE]:
                    old.unlink()
        return name

    def _set_anothers_aside(self, desk: Desk, lesson: Lesson, text: str | None) -> None:
        name = self.set_aside(desk, lesson, text)
        earlier = self._laptops.put_aside(desk.id, lesson, name)
        if earlier is not None:
            with contextlib.suppress(OSError):
                (self._folder / desk.id / earlier).unlink()

    def set_aside_last(self, desk: Desk, lesson: Lesson) -> str | None:
        """The newest file that was set aside; None if none was."""
        with self._lock:
            kept = self._before(desk, lesson)
            try:
                return kept[-1].read_text("utf-8", "replace") if kept else None
            except OSError as error:
                raise _not_read(error) from error

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

    def _full(self) -> Refusal:
        idle = min(self._desks.values(), key=lambda desk: (len(desk.lessons), desk.last_s))
        folder = f"{self._folder.parent.name}/{self._folder.name}/{idle.id}"
        return Refusal(
            409,
            "too-many-desks",
            Words("席がいっぱいです。", "There is no desk left."),
            Words(
                f"講師へ: いちばん使われていない席は「{idle.label}」です。"
                f"サーバーを止め、フォルダー {folder} をほかの場所へ移して、始め直してください。",
                f"For the tutor: the desk used least is “{idle.label}”. "
                f"Stop the server, move the folder {folder} elsewhere, and start again.",
            ),
        )

    def _free(self, desk: Desk, at: str, lesson: Lesson) -> str:
        """A name that is not there yet: two laptops may begin anew in one second, and a class may go on next day."""
        found, number = f"{BEFORE}/{at}-{lesson.file}", 2
        while os.path.lexists(self._folder / desk.id / found):
            found, number = f"{BEFORE}/{at}_{number}-{lesson.file}", number + 1
        return found

    def _before(self, desk: Desk, lesson: Lesson) -> list[Path]:
        """The files set aside, the newest last; what else somebody has put there is left alone."""
        found = []
        for file in (self._folder / desk.id / BEFORE).glob(f"*-{lesson.file}"):
            with contextlib.suppress(OSError):
                about = file.stat(follow_symlinks=False)
                if stat.S_ISREG(about.st_mode) and about.st_size <= MOST_TEXT:
                    found.append((about.st_mtime_ns, file.name, file))
        return [file for _, _, file in sorted(found)]

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
            file = self._folder / desk.id / name
            file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(file, text)
        except OSError as error:
            raise Refusal(
                507,
                "not-kept",
                Words(f"保存できません({error.strerror})。", f"It cannot be kept ({error.strerror})."),
                Words("講師に知らせてください。", "Tell the tutor."),
            ) from error


def _within_bounds(text: object) -> str:
    if not isinstance(text, str) or len(text.encode("utf-8", "replace")) > MOST_TEXT:
        raise Refusal(413, "too-large", Words("ファイルが大きすぎます。", "The file is too large."))
    return text.encode("utf-8", "replace").decode()


def _date_after(file: Path, older: list[Path]) -> None:
    """The newest is the newest by its date, too, where a clock was set back or a stick's dates are coarse."""
    last_ns = older[-1].stat().st_mtime_ns if older else 0
    if file.stat().st_mtime_ns <= last_ns:
        os.utime(file, ns=(last_ns + COARSEST_NS,) * 2)


def _not_read(error: OSError) -> Refusal:
    return Refusal(
        507,
        "not-read",
        Words(f"保存したファイルが読めません({error.strerror})。", f"The kept file cannot be read ({error.strerror})."),
        Words("講師に知らせてください。", "Tell the tutor."),
    )


def _known_hint(lesson: Lesson, hint: str | None) -> None:
    if hint is None:
        return
    try:
        lesson.hint(hint)
    except KeyError:
        raise Refusal(422, "no-hint", Words("そのヒントはありません。", "There is no such hint.")) from None
