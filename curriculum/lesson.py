"""A lesson: one folder, read whole, all its mistakes told at once.

    lesson = load(LESSONS / "A2")
    lesson.title.say("ja")              # 生産カウンタ
    lesson.hint("called-at-once")       # three steps, from where to look to almost the line
    lesson.page("intro", "en")          # the text, as Markdown

What stands in the folder: lesson.toml, ja/ and en/ (intro, steps, tutor), starter.py, solution.py, check.py, mistakes/,
quiz.toml, rubric.toml, and wiring.toml with wiring.svg where something is wired. Where the learner's ``file`` is a
``.toml``, starter, solution and mistakes are, too.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from contract.errors import KojoError
from contract.words import Language, Words
from curriculum.lesson_table import Table

LESSONS = Path(__file__).parent / "lessons"
GENERAL_HINTS = Path(__file__).parent / "general_hints.toml"
PAGES = ("intro", "steps", "tutor")
HINT_STEPS = 3


class LessonError(KojoError, ValueError):
    """A lesson's folder with mistakes: all of them."""

    def __init__(self, folder: str, mistakes: list[str]) -> None:
        self.mistakes = tuple(mistakes)
        many = "\n".join(f"{folder}: {mistake}" for mistake in mistakes)
        super().__init__(Words(many, many))


@dataclass(frozen=True, slots=True)
class Hint:
    """Three steps of help: where to look, what to think, almost the line."""

    id: str
    steps: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class NewWord:
    """A word of the lesson, for its card."""

    word: str
    en: str
    meaning: Words


@dataclass(frozen=True, slots=True)
class Question:
    """A question asked before the lesson and after it; ``right`` counts from 0."""

    asked: Words
    choices: tuple[Words, ...]
    right: int
    why: Words


@dataclass(frozen=True, slots=True)
class PlantedMistake:
    """A mistake learners make, and the hint the check must answer with. ``text`` is without the row that names it."""

    name: str
    hint: str
    text: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson as its folder tells it; legal from birth. Times are minutes."""

    folder: Path
    id: str
    course: str
    title: Words
    floor: Words
    minutes: int
    must: bool
    wired: bool
    file: str
    parts: tuple[str, ...]
    needs: tuple[str, ...]
    dss: tuple[str, ...]
    out_of_scope: Words
    words: tuple[NewWord, ...]
    marks: str
    hints: Mapping[str, Hint]
    starter: str
    solution: str
    check: str
    mistakes: tuple[PlantedMistake, ...]
    quiz: tuple[Question, ...]
    rubric: tuple[Words, ...]

    def hint(self, id: str) -> Hint:
        """A hint of the lesson's own, or one of those every lesson has. Raises KeyError for a name nobody knows."""
        return self.hints[id] if id in self.hints else general_hints()[id]

    def page(self, name: str, lang: Language) -> str:
        """``intro``, ``steps`` or ``tutor`` as Markdown."""
        return (self.folder / lang / f"{name}.md").read_text("utf-8")


@cache
def general_hints() -> Mapping[str, Hint]:
    """The hints every lesson has: a blank left, a full-width bracket, an endless loop …"""
    table = Table(tomllib.loads(GENERAL_HINTS.read_text("utf-8")), "")
    hints = {hint.id: hint for hint in map(_hint, table.tables("hints"))}
    if table.wrong:
        raise LessonError(GENERAL_HINTS.name, table.wrong)
    return hints


def ids(lessons: Path = LESSONS) -> tuple[str, ...]:
    """The lessons there are, in the order of their numbers: A0, A1 … A11."""
    found = [folder.name for folder in lessons.iterdir() if (folder / "lesson.toml").is_file()]
    return tuple(sorted(found, key=lambda id: (id[:1], int(id[1:]) if id[1:].isdigit() else 0, id)))


def load_all(lessons: Path = LESSONS) -> tuple[Lesson, ...]:
    """Every lesson. Raises LessonError for the first that has mistakes."""
    return tuple(load(lessons / id) for id in ids(lessons))


def load(folder: Path) -> Lesson:
    """Read a lesson's folder. Raises LessonError with all its mistakes."""
    reader = _Reader(folder)
    lesson = reader.lesson()
    if reader.wrong:
        raise LessonError(folder.name, reader.wrong)
    return lesson


class _Reader:
    """Reads one folder, noting what is wrong instead of stopping at it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wrong: list[str] = []

    def lesson(self) -> Lesson:
        told = self._table("lesson.toml")
        id, file = told.text("id"), told.text("file")
        kind = ".toml" if file.endswith(".toml") else ".py"
        lesson = Lesson(
            folder=self.folder,
            id=id,
            course=told.text("course"),
            title=told.words("title"),
            floor=told.words("floor"),
            minutes=told.number("minutes"),
            must=told.truth("must"),
            wired=told.truth("wired"),
            file=file,
            parts=told.texts("parts"),
            needs=told.texts("needs"),
            dss=told.texts("dss"),
            out_of_scope=told.words("out_of_scope"),
            words=tuple(_word(word) for word in told.tables("words")),
            marks=told.text("marks"),
            hints=self._hints(told),
            starter=self._file(f"starter{kind}"),
            solution=self._file(f"solution{kind}"),
            check=self._file("check.py"),
            mistakes=self._mistakes(kind),
            quiz=self._quiz(),
            rubric=self._table("rubric.toml").many_words("levels"),
        )
        self._pages_are_there()
        if id not in ("", self.folder.name):
            self.wrong.append(f"lesson.toml: id {id!r} is not the folder's name")
        if Path(file).name != file:
            self.wrong.append(f"lesson.toml: file {file!r} is not a plain name")
        return lesson

    def _hints(self, told: Table) -> Mapping[str, Hint]:
        hints: dict[str, Hint] = {}
        for hint in map(_hint, told.tables("hints")):
            if hint.id in hints:
                self.wrong.append(f"lesson.toml: the hint {hint.id!r} is there twice")
            hints[hint.id] = hint
        return hints

    def _file(self, name: str) -> str:
        try:
            return (self.folder / name).read_text("utf-8")
        except FileNotFoundError:
            self.wrong.append(f"{name} is missing")
        except UnicodeDecodeError:
            self.wrong.append(f"{name} is not UTF-8")
        return ""

    def _table(self, name: str) -> Table:
        content: dict[str, Any] = {}
        try:
            content = tomllib.loads(self._file(name))
        except tomllib.TOMLDecodeError as error:
            self.wrong.append(f"{name}: {error}")
        return Table(content, name, self.wrong)

    def _mistakes(self, kind: str) -> tuple[PlantedMistake, ...]:
        found = []
        for file in sorted((self.folder / "mistakes").glob(f"*{kind}")):
            text = self._file(f"mistakes/{file.name}")
            first, _, rest = text.partition("\n")
            head, said, hint = first.partition("# hint:")
            if head or not said:
                self.wrong.append(f"mistakes/{file.name}: the first line must say '# hint: ID'")
            found.append(PlantedMistake(file.stem, hint.strip(), rest))
        return tuple(found)

    def _quiz(self) -> tuple[Question, ...]:
        asked = self._table("quiz.toml").tables("questions")
        return tuple(
            Question(one.words("asked"), one.many_words("choices"), one.number("right"), one.words("why"))
            for one in asked
        )

    def _pages_are_there(self) -> None:
        pages = [f"{lang}/{page}.md" for lang in ("ja", "en") for page in PAGES]
        wiring = ["wiring.toml", "wiring.svg"] if (self.folder / "wiring.toml").exists() else []
        self.wrong += [f"{name} is missing" for name in [*pages, *wiring] if not (self.folder / name).is_file()]


def _word(told: Table) -> NewWord:
    return NewWord(told.text("word"), told.text("en"), Words(told.text("ja"), told.text("meaning", told.text("en"))))


def _hint(told: Table) -> Hint:
    steps = told.steps("ja", "en")
    if len(steps) != HINT_STEPS:
        told.wrong.append(f"{told.where}: a hint has {HINT_STEPS} steps in ja and in en")
    return Hint(told.text("id"), steps)
