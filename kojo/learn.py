"""``kojo learn``: a lesson in the terminal, judged at each save; ``--check`` once, ``--pi`` on the real pins."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from contract.errors import NotThere
from contract.words import Words, language
from curriculum.course import COURSES
from curriculum.course import load as load_course
from curriculum.judge_apart import judge_apart
from curriculum.learn import progress as progress_file
from curriculum.learn import sayings
from curriculum.learn.editor import found as editor_found
from curriculum.learn.editor import open_in
from curriculum.learn.keyboard import keys
from curriculum.learn.own_folder import OwnFolder
from curriculum.learn.screen import screen_for
from curriculum.learn.terminal import Session, watch
from curriculum.lesson import Lesson, load_all
from curriculum.lesson_wiring import said
from hardware.parts import load as load_parts
from kojo.own_command import as_called

GREEN, RED = 0, 1


def learn(id: str | None, folder: Path) -> int:
    """The terminal, until q."""
    lessons = in_order(load_all())
    wanted = found(id, lessons).id if id else None
    editor = editor_found(os.environ, shutil.which)
    session = Session(
        lessons,
        OwnFolder(folder),
        screen_for(),
        edit=(lambda file: open_in(editor, file, print)) if editor and sys.stdin.isatty() else None,
        wiring=_wires,
        command=as_called(),
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the terminal is given back
    with keys() as key:
        session.begin(wanted)
        watch(session, key)
    again = f"{as_called()} learn"
    print(Words(f"続きは、また {again} で。ファイルは残っています。", f"Go on with {again}; your files are kept."))
    return 0


def check(id: str | None, folder: Path, hints: int = 1) -> int:
    """Judge once; 0 green, 1 not."""
    lesson, own = _one(id, folder)
    own.begin(lesson)
    verdict = judge_apart(lesson, own.file(lesson))
    print(f"{lesson.id} {lesson.title}: {own.file(lesson)}")
    print(verdict.say(lesson, hints))
    _keep(lesson, own, verdict.green)
    return GREEN if verdict.green else RED


def on_pins(id: str | None, folder: Path) -> int:
    """The same file on the real pins, once it is green on the bench."""
    lesson, own = _one(id, folder)
    if check(lesson.id, folder) != GREEN:
        print(Words("練習台で緑になってから、実物で動かします。", "First make it green on the bench, then --pi."))
        return RED
    if not lesson.file.endswith(".py"):
        print(Words("この課題は kojo edge で動かします。", "This lesson is run by kojo edge."))
        return 0
    for wire in _wires(lesson):
        print(f"・{wire}")
    if sys.stdin.isatty():
        input(
            str(
                Words(
                    "電源を切って配線し、隣の人に見てもらったら Enter。",
                    "Wire it (power off), let your neighbour look, Enter.",
                )
            )
        )
    ran = subprocess.Popen(
        [sys.executable, "-m", "curriculum.learn.on_pins", str(own.file(lesson))],
        env=os.environ | {"KOJO_LANG": language()},
    )
    while True:
        try:
            return ran.wait()
        except KeyboardInterrupt:  # Ctrl-C reaches the file, too, and it ends
            continue


def listed() -> int:
    """Every lesson in one line."""
    for lesson in in_order(load_all()):
        print(
            Words(
                f"{lesson.id:<4}{lesson.title.ja}({lesson.minutes} 分){sayings.MUST.ja if lesson.must else ''}",
                f"{lesson.id:<4}{lesson.title.en} ({lesson.minutes} min){sayings.MUST.en if lesson.must else ''}",
            )
        )
    print(sayings.LIST_LEGEND)
    return 0


def in_order(lessons: Sequence[Lesson]) -> tuple[Lesson, ...]:
    """The lessons of course A's day in its order, then those for day 2 or at home."""
    day = [block.lesson for block in load_course(COURSES / "a").forms[0].blocks if block.lesson]
    place = {id: number for number, id in enumerate(day)}
    return tuple(sorted(lessons, key=lambda lesson: place.get(lesson.id, len(place))))


def found(id: str, lessons: Sequence[Lesson]) -> Lesson:
    """A lesson by its number, in small letters too. Raises NotThere."""
    lesson = next((lesson for lesson in lessons if lesson.id.lower() == id.lower()), None)
    if lesson is None:
        many = ", ".join(lesson.id for lesson in lessons)
        raise NotThere(
            Words(f"課題 {id} はありません。", f"There is no lesson {id}."),
            Words(f"あるのは {many} です。", f"There are: {many}."),
        )
    return lesson


def _one(id: str | None, folder: Path) -> tuple[Lesson, OwnFolder]:
    """The lesson asked for, or the one looked at last, else the first."""
    lessons, own = in_order(load_all()), OwnFolder(folder)
    last = "" if id else progress_file.last(own.path)
    known = {lesson.id for lesson in lessons}
    return found(id or (last if last in known else lessons[0].id), lessons), own


def _keep(lesson: Lesson, own: OwnFolder, green: bool) -> None:
    """The check goes into the progress; whether that could be done changes nothing about the verdict."""
    progress, aside = progress_file.read(own.path)
    if aside is not None:
        print(sayings.set_aside(aside))
    steps = progress.of(lesson.id)
    steps.tries += 1
    steps.green = steps.green or green
    progress.last = lesson.id
    try:
        progress_file.keep(own.path, progress)
    except OSError as error:
        print(sayings.not_kept(error))


def _wires(lesson: Lesson) -> tuple[Words, ...]:
    return said(lesson.folder, load_parts()) if (lesson.folder / "wiring.toml").is_file() else ()
