"""A factory as its file tells it: what the host says, what is planted, what deceives, and what the right answer is.

    book = load("washing")
    book.trap("counts-twice").answer.say("ja")
    book.improvement("auto-wash").does

What all factories say alike of a trap stands in traps.toml, what is of one factory in its own file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from contract.errors import NotThere
from contract.words import Words
from curriculum.datafile import DataFile

FOLDER = Path(__file__).parent
LINES = FOLDER.parent.parent / "hardware" / "lines"
NAMES = ("washing", "press", "packing", "lathe")

Side = Literal["before", "after"]
Verdict = Literal["better", "worse", "not_confirmed"]
Sees = Literal["says", "caveat", "cannot"]
"""What the kit does about a trap: its verdict is right by itself, it warns, or a person must notice."""

SIDES: tuple[str, ...] = get_args(Side)
T = TypeVar("T")
Conclusion = Literal["effect", "not_confirmed", "not_by_the_measure", "at_a_price"]
"""What a team may conclude; of a trap, what is right to."""

NUMBERS = ("pace", "share", "every_s", "median_s", "from_min", "to_min", "each_days", "until_h")
KINDS = ("improved", "worn", "slower", "spoils", "elsewhere", "blocked", "no_data", "mix", "hours")


@dataclass(frozen=True, slots=True)
class Laid:
    """Something laid on the floor: a kind of `curriculum.factories.day`, where, on which side, with which numbers."""

    kind: str
    station: str
    sensor: str
    sides: tuple[Side, ...]
    numbers: Mapping[str, float]
    mix: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something planted: what is wrong, which sensor shows it, which figure moves, which improvement cures it."""

    id: str
    what: Words
    sensor: str
    kpi: str
    improvement: str


@dataclass(frozen=True, slots=True)
class Improvement:
    """What a team can do. ``right``: it cures the planted problem; ``laid``: what it does to the floor, if anything."""

    id: str
    name: Words
    what: Words
    yen: int
    right: bool
    why: Words
    laid: tuple[Laid, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a station whose expected effect the book gives; ``path`` as GET /evaluation takes it."""

    station: str
    path: str


@dataclass(frozen=True, slots=True)
class Trap:
    """What deceives. ``played_with``: the improvement the host then brings in; ``figure``: what the team looks at.

    ``verdict`` is the kit's about that figure, ``caveats`` what it must warn of, ``worse`` what it must name as worse.
    """

    id: str
    name: Words
    what: Words
    notice: Words
    answer: Words
    conclusion: Conclusion
    here: Words
    played_with: str
    figure: Figure
    verdict: Verdict
    sees: Sees
    caveats: tuple[str, ...]
    worse: str
    laid: tuple[Laid, ...]


@dataclass(frozen=True, slots=True)
class Factory:
    """A floor to hunt in. ``changes``: old and new text by which its line differs from the shipped one."""

    id: str
    name: Words
    story: Words
    worries: tuple[Words, ...]
    line_file: Path
    changes: tuple[tuple[str, str], ...]
    station: str
    bottleneck: str
    bottleneck_why: Words
    lesson: Words
    mix: Mapping[str, float]
    elements: tuple[tuple[str, Words], ...]
    problems: tuple[Problem, ...]
    improvements: tuple[Improvement, ...]
    figures: tuple[Figure, ...]
    traps: tuple[Trap, ...]

    @property
    def line_text(self) -> str:
        """The line.toml a team finds there. Raises ValueError where the shipped line has changed under a change."""
        text = self.line_file.read_text("utf-8")
        for old, new in self.changes:
            if text.count(old) != 1:
                raise ValueError(f"{self.line_file.name}: not once there: {old[:60]!r}")
            text = text.replace(old, new)
        return text

    @property
    def right(self) -> Improvement:
        """The improvement that cures what is planted."""
        return next(one for one in self.improvements if one.right)

    def improvement(self, id: str) -> Improvement:
        """One of them. Raises NotThere."""
        return _one(id, {one.id: one for one in self.improvements}, Words("改善", "improvement"))

    def trap(self, id: str) -> Trap:
        """One of them. Raises NotThere."""
        return _one(id, {one.id: one for one in self.traps}, Words("落とし穴", "trap"))


def _one(id: str, known: Mapping[str, T], what: Words) -> T:
    if id not in known:
        raise NotThere(
            Words(f"{what.ja} {id} はありません。", f"There is no {what.en} {id}."),
            Words(f"あるのは {'、'.join(known)} です。", f"There are {', '.join(known)}."),
        )
    return known[id]


@cache
def load(name: str) -> Factory:
    """A factory by name. Raises NotThere for no such one, LineError with every mistake of its file."""
    _one(name, dict.fromkeys(NAMES), Words("仮想工場", "virtual factory"))
    file, alike = DataFile(FOLDER / f"{name}.toml"), DataFile(FOLDER / "traps.toml")
    known = {str(one.get("id")): one for _, one in alike.tables(alike.raw, (), "traps")}
    found = _factory(name, _Reader(file, _Reader(alike), known))
    alike.end()
    file.end()
    return found


def factories() -> tuple[Factory, ...]:
    """All four, the easiest first."""
    return tuple(load(name) for name in NAMES)


class _Reader:
    """The tables of a factory's file; ``known``: what traps.toml says of each trap."""

    def __init__(self, file: DataFile, alike: "_Reader | None" = None, known: Mapping[str, Any] | None = None) -> None:
        self.file, self.alike, self.known = file, alike, known or {}

    def each(self, key: str) -> Iterator[tuple[Any, dict[str, Any]]]:
        yield from self.file.tables(self.file.raw, (), key)

    def words(self, table: Mapping[str, Any], at: Any, key: str) -> Words:
        return self.file.words(table, at, key)

    def number(self, table: Mapping[str, Any], at: Any, key: str) -> float:
        found = table[key]
        if not isinstance(found, (int, float)) or isinstance(found, bool):
            self.file.tell((*at, key), "数です。", "is a number.")
            return 0.0
        return float(found)

    def mix(self, table: Mapping[str, Any], at: Any) -> dict[str, float]:
        return {key: self.number(table.get("mix", {}), (*at, "mix"), key) for key in table.get("mix", {})}

    def choice(self, table: Mapping[str, Any], at: Any, key: str, of: tuple[str, ...]) -> Any:
        found = self.file.text(table, at, key)
        if found not in of:
            self.file.tell((*at, key), f"{'、'.join(of)} のどれかです。", f"is one of {', '.join(of)}.")
            return of[0]
        return found

    def laid(self, table: Mapping[str, Any], at: Any) -> tuple[Laid, ...]:
        return tuple(self._laid(one, place) for place, one in self.file.tables(table, at, "lay"))

    def _laid(self, table: Mapping[str, Any], at: Any) -> Laid:
        self.file.keys(table, at, frozenset({"kind", "station", "sensor", "when", "mix", *NUMBERS}))
        when = self.file.text(table, at, "when", "both")
        sides: tuple[Side, ...] = ("before", "after") if when == "both" else (self.choice(table, at, "when", SIDES),)
        numbers = {key: self.number(table, at, key) for key in NUMBERS if key in table}
        return Laid(
            self.choice(table, at, "kind", KINDS), self.file.text(table, at, "station", ""),
            self.file.text(table, at, "sensor", ""), sides, numbers, self.mix(table, at),
        )  # fmt: skip

    def trap(self, table: Mapping[str, Any], at: Any) -> Trap:
        id = self.choice(table, at, "id", tuple(self.known))
        alike, told = self.known.get(id, {}), self.alike or self
        sees = self.choice(table, at, "sees", get_args(Sees)) if "sees" in table else alike.get("sees", "says")
        return Trap(
            id,
            name=told.words(alike, (id,), "name"),
            what=told.words(alike, (id,), "what"),
            notice=told.words(alike, (id,), "notice"),
            answer=told.words(alike, (id,), "answer"),
            conclusion=told.choice(alike, (id,), "conclusion", get_args(Conclusion)),
            here=self.words(table, at, "here"),
            played_with=self.file.text(table, at, "played_with"),
            figure=_figure(self.file.text(table, at, "figure")),
            verdict=self.choice(table, at, "verdict", get_args(Verdict)),
            sees=sees,
            caveats=self.file.texts(table, at, "caveats"),
            worse=self.file.text(table, at, "worse", ""),
            laid=self.laid(table, at),
        )


def _figure(text: str) -> Figure:
    station, _, path = text.partition("/")
    return Figure(station, path)


def _factory(name: str, read: _Reader) -> Factory:
    file = read.file
    raw = file.raw
    return Factory(
        id=name,
        name=read.words(raw, (), "name"),
        story=read.words(raw, (), "story"),
        worries=tuple(read.words(one, place, "says") for place, one in read.each("worries")),
        line_file=LINES / file.text(raw, (), "line"),
        changes=tuple((file.text(one, at, "old"), file.text(one, at, "new", "")) for at, one in read.each("changes")),
        station=file.text(raw, (), "station"),
        bottleneck=file.text(raw, (), "bottleneck"),
        bottleneck_why=read.words(raw, (), "bottleneck_why"),
        lesson=read.words(raw, (), "lesson"),
        mix=read.mix(raw, ()),
        elements=tuple((file.text(one, at, "id"), read.words(one, at, "name")) for at, one in read.each("elements")),
        problems=tuple(_problem(one, at, read) for at, one in read.each("problems")),
        improvements=tuple(_improvement(one, at, read) for at, one in read.each("improvements")),
        figures=tuple(_figure(text) for text in file.texts(raw, (), "figures")),
        traps=tuple(read.trap(one, at) for at, one in read.each("traps")),
    )


def _problem(table: Mapping[str, Any], at: Any, read: _Reader) -> Problem:
    text = read.file.text
    return Problem(
        text(table, at, "id"), read.words(table, at, "what"), text(table, at, "sensor"), text(table, at, "kpi"),
        text(table, at, "improvement", ""),
    )  # fmt: skip


def _improvement(table: Mapping[str, Any], at: Any, read: _Reader) -> Improvement:
    return Improvement(
        read.file.text(table, at, "id"), read.words(table, at, "name"), read.words(table, at, "what"),
        read.file.whole(table, at, "yen"), read.file.yes(table, at, "right"), read.words(table, at, "why"),
        read.laid(table, at),
    )  # fmt: skip
