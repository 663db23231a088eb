"""The parts a line is built of: what to ask a shop for, what it costs, and what electricity it bears.

    parts = load(Path("data"))               # the kit's hardware/parts.toml, then data/parts.toml over it
    parts["bme280"].price.yen

`hardware/parts.toml` is the kit's. A ``parts.toml`` in the data directory adds parts of one's own, or replaces an entry
by one with the price one really paid. Every mistake of a file is told at once.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

from contract.errors import LineError, Mistake
from contract.line_check import text_of
from contract.words import Words

FILE = "parts.toml"
KIT = Path(__file__).parent / FILE

Group = Literal["pi", "sensor", "output", "protection", "wiring"]
GROUPS: Mapping[str, Words] = {
    "pi": Words("Raspberry Pi 一式", "Raspberry Pi set"),
    "sensor": Words("センサー", "sensors"),
    "output": Words("出力(ランプ・ブザー・リレー)", "outputs"),
    "protection": Words("絶縁・抵抗・変換", "isolation, resistors, converters"),
    "wiring": Words("電線・端子・工具", "wires, terminals, tools"),
}

Acts = Literal["isolator", "resistor", "pull_up", "divider", "level_shifter", "adapter", "relay", "light"]
"""What a part does in a circuit; the picture draws it, and the check for dangerous connections relies on it."""

PROTECTS: tuple[Acts, ...] = ("isolator", "divider", "level_shifter")
"""What lets a signal of more than 3.3 V come to a pin."""

SEPARATES: tuple[Acts, ...] = ("isolator", "relay")
"""What keeps a circuit of 24 V and the Pi's apart: light, or a coil and its contact."""

ESTIMATE = "estimate"
"""The ``source`` of a price nobody looked up."""


@dataclass(frozen=True, slots=True)
class Price:
    """Yen, tax included, for ``pack`` pieces, as of ``on``; ``source`` says whose figure it is.

    ``anchor`` is an older price that was seen, where there is one.
    """

    yen: int
    on: date
    source: str
    pack: int = 1
    anchor: str = ""

    @property
    def estimated(self) -> bool:
        """Whether nobody looked it up."""
        return self.source == ESTIMATE


@dataclass(frozen=True, slots=True)
class MachineSide:
    """A terminal that belongs to the machine or the load, and never to the Pi."""

    terminal: str
    to: Words
    note: Words | None = None


@dataclass(frozen=True, slots=True)
class Electrical:
    """What it takes and gives. ``ma``: the most it draws from its supply; ``pin_ma``: from a pin that drives it.

    ``logic_v`` is the highest voltage on its signal terminals when supplied as its manifest says, ``terminal_v`` the
    same for single terminals. ``own_supply``: it should not be fed from the Pi. ``pulled_up``: it holds its output
    line high by itself.
    """

    acts_as: Acts | None = None
    ma: float = 0.0
    pin_ma: float = 0.0
    logic_v: float = 3.3
    terminal_v: Mapping[str, float] = field(default_factory=dict)
    own_supply: bool = False
    pulled_up: bool = False
    symbol: str = ""
    ohm: float = 0.0
    machine_side: tuple[MachineSide, ...] = ()

    def volts(self, terminal: str) -> float:
        """The highest voltage that comes out of a signal terminal."""
        return self.terminal_v.get(terminal, self.logic_v)


@dataclass(frozen=True, slots=True)
class PartEntry:
    """One part: the specification comes first, a product is only an example."""

    id: str
    title: Words
    spec: Words
    example: str
    group: Group
    price: Price
    alternatives: tuple[str, str]
    electrical: Electrical = Electrical()


def load(data: Path | None = None) -> Mapping[str, PartEntry]:
    """The kit's parts, and those of ``data``'s own parts.toml over them.

    Raises LineError with every mistake of either file, NotAllowed where one cannot be read.
    """
    own = data / FILE if data else None
    kit = read(KIT)
    return {**kit, **read(own)} if own and own.is_file() else kit


def read(path: Path) -> Mapping[str, PartEntry]:
    """One file's parts by id. Raises LineError with every mistake in it, NotThere, NotAllowed."""
    text = text_of(path)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        row = int(found[1]) if (found := re.search(r"line (\d+)", str(error))) else 1
        what = Words(f"TOML の形ではありません({error})。", f"not TOML: {error}")
        raise LineError([Mistake(str(path), row, "", what)]) from error
    reading = _Reading(path, text)
    found_parts = {name: reading.part(name, table) for name, table in reading.tables(tables)}
    if reading.mistakes:
        raise LineError(reading.mistakes)
    return {name: part for name, part in found_parts.items() if part}


_Kind = type | tuple[type, ...]
_REQUIRED: Mapping[str, _Kind] = {
    "title": dict, "spec": dict, "example": str, "group": str, "yen": int, "on": date, "source": str,
    "alternatives": list,
}  # fmt: skip
_OPTIONAL: Mapping[str, _Kind] = {
    "pack": int, "anchor": str, "acts_as": str, "ma": (int, float), "pin_ma": (int, float), "logic_v": (int, float),
    "terminal_v": dict, "own_supply": bool, "pulled_up": bool, "symbol": str, "ohm": (int, float), "machine_side": list,
}  # fmt: skip
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class _Reading:
    """One file being read; collects what is wrong."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._rows = {
            found[1]: number
            for number, line in enumerate(text.splitlines(), 1)
            if (found := re.match(r"\s*\[parts\.([^\].]+)\]", line))
        }
        self.mistakes: list[Mistake] = []

    def tables(self, top: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for key in top:
            if key != "parts":
                self._tell(key, "", Words("知らない表です。", "an unknown table."))
        parts = top.get("parts", {})
        yield from parts.items() if isinstance(parts, dict) else ()

    def part(self, name: str, table: Any) -> PartEntry | None:
        before = len(self.mistakes)
        if not _ID.fullmatch(name):
            self._tell(name, "", Words("id は半角小文字・数字・- です。", "an id is lower-case letters, digits and -."))
        if not isinstance(table, dict):
            self._tell(name, "", Words("表 [parts.id] で書きます。", "write it as a table [parts.id]."))
            return None
        self._keys(name, table)
        if len(self.mistakes) > before:
            return None
        return _part(name, table)

    def _keys(self, name: str, table: Mapping[str, Any]) -> None:
        for key in table:
            if key not in _REQUIRED and key not in _OPTIONAL:
                self._tell(name, key, Words("知らないキーです。", "an unknown key."))
        for key, kind in {**_REQUIRED, **_OPTIONAL}.items():
            if key not in table:
                if key in _REQUIRED:
                    self._tell(name, key, Words("ありません。", "is missing."))
            elif not isinstance(table[key], kind) or (kind is int and isinstance(table[key], bool)):
                self._tell(name, key, Words("型が違います。", "is of the wrong kind."))
            else:
                self._value(name, key, table[key])

    def _value(self, name: str, key: str, value: Any) -> None:
        wrong = _wrong(key, value)
        if wrong:
            self._tell(name, key, wrong)

    def _tell(self, name: str, key: str, what: Words) -> None:
        where = ".".join(filter(None, ("parts", name, key)))
        self.mistakes.append(Mistake(str(self._path), self._rows.get(name, 1), where, what))


def _wrong(key: str, value: Any) -> Words | None:
    """What is wrong with a value of the right kind."""
    if key in ("title", "spec") and not _both(value):
        return Words("ja と en の両方が要ります。", "needs both ja and en.")
    if key == "alternatives" and (len(value) != 2 or not all(isinstance(one, str) and one for one in value)):
        return Words("代わりの品を2つ、文字で書きます。", "holds two other products, as text.")
    choices = {"group": tuple(GROUPS), "acts_as": get_args(Acts)}.get(key)
    if choices and value not in choices:
        return Words(f"{value!r} は使えません({'、'.join(choices)})。", f"{value!r} is none of {', '.join(choices)}.")
    if key in ("yen", "ma", "pin_ma", "logic_v", "ohm") and value < 0:
        return Words("0 以上です。", "is not negative.")
    if key == "pack" and value < 1:
        return Words("1 以上です。", "is at least 1.")
    if key in ("example", "source") and not value.strip():
        return Words("空です。", "is empty.")
    if key == "terminal_v" and not all(isinstance(volts, (int, float)) for volts in value.values()):
        return Words("端子 = 電圧 と書きます。", "is written terminal = volts.")
    if key == "machine_side" and not all(isinstance(one, dict) and "terminal" in one and _both(one) for one in value):
        return Words("{ terminal, ja, en } の並びです。", "is a list of { terminal, ja, en }.")
    return None


def _both(value: Mapping[str, Any]) -> bool:
    return all(isinstance(value.get(lang), str) and value[lang] for lang in ("ja", "en"))


def _part(name: str, table: Mapping[str, Any]) -> PartEntry:
    sides = tuple(MachineSide(one["terminal"], Words(one["ja"], one["en"])) for one in table.get("machine_side", ()))
    plain = {key: table[key] for key in _OPTIONAL if key in table and key not in ("pack", "anchor", "machine_side")}
    first, second = table["alternatives"]
    return PartEntry(
        id=name,
        title=Words(table["title"]["ja"], table["title"]["en"]),
        spec=Words(table["spec"]["ja"], table["spec"]["en"]),
        example=table["example"],
        group=table["group"],
        price=Price(table["yen"], table["on"], table["source"], table.get("pack", 1), table.get("anchor", "")),
        alternatives=(first, second),
        electrical=Electrical(**plain, machine_side=sides),
    )
