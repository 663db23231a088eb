"""What a sheet is: its fields and tables, as `forms/S6.toml` describes them. Paper and file are both made from it.

    form("S6").field("target").unit

One description, two faces: what is printed (`curriculum.sheets.printed`) and the twin to fill in at a computer
(`curriculum.sheets.blank`), TOML for a form, CSV for a table.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from contract.errors import NotThere
from contract.line_report import half_width, suggest
from contract.words import Words

FOLDER = Path(__file__).parent / "forms"
EXAMPLES = Path(__file__).parent / "examples"
Day = Literal["A", "B", "C", "D"]
DAYS: tuple[Day, ...] = get_args(Day)
Type = Literal["text", "number", "choice", "date", "time", "drawing", "signature", "tick"]
PAPER_ONLY = ("drawing",)
"""Types that only a pen fills; the twin says so in a remark."""
MERGED = {
    "S9": Words(
        "S9 チーム計画は S8 計測計画書(役割・MVP・リスク)と S16 費用台帳(部品)に入りました。",
        "S9 is part of S8 (roles, MVP, risks) and S16 (parts).",
    )
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that may be ticked; ``key`` is what the kit reads, ``words`` what stands on paper."""

    key: str
    words: Words


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in. ``span`` twelfths of the width, ``lines`` of 8 mm, ``mm`` high (a drawing).

    In a table ``wide`` is its share of the width; ``legend``: the choices stand below, their numbers are written.
    ``personal``: it may name a person, so nothing that leaves the class carries it. ``paper``: worked out by hand on
    paper; the kit works it out by itself, so the twin lacks it.
    """

    key: str
    words: Words
    type: Type = "text"
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    many: bool = False
    required: bool = False
    low: float | None = None
    high: float | None = None
    span: int = 6
    lines: int = 1
    mm: int = 60
    wide: float = 1.0
    legend: bool = False
    personal: bool = False
    paper: bool = False
    help: Words | None = None

    def chosen(self, said: str) -> Choice | None:
        """The choice that a text names: by key, Japanese, English, or its number in the legend."""
        plain = half_width(said).lower()
        for one in self.choices:
            if plain in {half_width(word).lower() for word in (one.key, one.words.ja, one.words.en)}:
                return one
        numbered = self.legend and plain.isascii() and plain.isdigit() and 1 <= int(plain) <= len(self.choices)
        return self.choices[int(plain) - 1] if numbered else None


@dataclass(frozen=True, slots=True)
class Part:
    """A group of fields, or a table (``table`` is its key) with ``rows`` empty rows of ``row_mm`` on paper.

    ``said``: sentences to read out, above the fields. ``split``: columns whose cells have two storeys.
    ``half``: beside the next one.
    """

    title: Words | None = None
    fields: tuple[Field, ...] = ()
    table: str = ""
    rows: int = 0
    row_mm: int = 9
    numbered: bool = False
    note: Words | None = None
    new_page: bool = False
    half: bool = False
    said: tuple[Words, ...] = ()
    split: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its fields or columns."""
        return tuple(field.key for field in self.fields)

    def field(self, key: str) -> Field:
        """One of its fields or columns. Raises KeyError."""
        return {field.key: field for field in self.fields}[key]


@dataclass(frozen=True, slots=True)
class Form:
    """One sheet. ``days``: the courses that print it; ``reads``: what the kit makes of the filled twin."""

    id: str
    title: Words
    days: tuple[Day, ...]
    who: Words
    when: Words
    copies: Words
    twin: Literal["toml", "csv"]
    parts: tuple[Part, ...]
    across: bool = False
    note: Words | None = None
    reads: Words | None = None
    marks: str = "ours"

    @property
    def tables(self) -> tuple[Part, ...]:
        """The parts that are tables."""
        return tuple(part for part in self.parts if part.table)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields that are filled in once."""
        return tuple(field for part in self.parts if not part.table for field in part.fields)

    def field(self, key: str) -> Field:
        """One of its fields. Raises KeyError."""
        return {field.key: field for field in self.fields}[key]

    def table(self, key: str) -> Part:
        """One of its tables. Raises KeyError."""
        return {part.table: part for part in self.tables}[key]


def form(id: str) -> Form:
    """The sheet of that number, ``S6`` or ``s6``. Raises NotThere with the nearest one."""
    asked = half_width(id).upper()
    found = forms().get(asked)
    if found is not None:
        return found
    if asked in MERGED:
        raise NotThere(MERGED[asked])
    known = {one.id: one for one in forms().values()} | {one.title.ja: one for one in forms().values()}
    if asked in known:
        return known[asked]
    raise NotThere(
        Words(f"帳票「{id}」はありません。", f"There is no sheet {id!r}."),
        suggest(asked, known, Words("帳票", "sheets")),
    )


@cache
def forms() -> Mapping[str, Form]:
    """Every sheet, S1 first."""
    found = [read(path) for path in FOLDER.glob("S*.toml")]
    return {one.id: one for one in sorted(found, key=lambda one: int(one.id[1:]))}


def of_day(day: str) -> list[Form]:
    """The sheets of one course, A to D."""
    return [one for one in forms().values() if day.upper() in one.days]


def read(path: Path) -> Form:
    """One description. Raises TypeError or ValueError where it is not as `Form` says: they are ours."""
    raw = tomllib.loads(path.read_text("utf-8"))
    if raw["id"] != path.stem or not set(raw["days"]) <= set(DAYS):
        raise ValueError(f"{path.name}: id or days")
    parts = tuple(_part(one) for one in raw.pop("parts"))
    keys = [key for part in parts for key in ((part.table,) if part.table else part.keys)]
    if len(set(keys)) < len(keys):
        raise ValueError(f"{path.name}: a key stands twice: {sorted(keys)}")
    return Form(parts=parts, **_worded(raw, ("title", "who", "when", "copies", "note", "reads")))


def _part(raw: dict[str, Any]) -> Part:
    fields = tuple(_field(one) for one in raw.pop("columns" if "table" in raw else "fields"))
    if len({field.key for field in fields}) < len(fields):
        raise ValueError(f"a key stands twice: {[field.key for field in fields]}")
    said = tuple(Words(**one) for one in raw.pop("said", ()))
    return Part(fields=fields, said=said, **_worded(raw, ("title", "note")))


def _field(raw: dict[str, Any]) -> Field:
    words = Words(raw.pop("ja"), raw.pop("en"))
    choices = tuple(Choice(key, Words(ja, en)) for key, ja, en in raw.pop("choices", ()))
    found = Field(words=words, choices=choices, **_worded(raw, ("help",)))
    if found.type not in get_args(Type) or (found.type == "choice") != bool(choices):
        raise ValueError(f"{found.key}: type {found.type}, choices {len(choices)}")
    return found


def _worded(raw: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    """The tables ``{ ja, en }`` as Words, lists as tuples."""
    lists = {key: tuple(value) for key, value in raw.items() if isinstance(value, list)}
    return {**raw, **lists, **{key: Words(**raw[key]) for key in keys if key in raw}}


def every_field(of: Form) -> Iterator[Field]:
    """All fields, of tables too."""
    for part in of.parts:
        yield from part.fields
