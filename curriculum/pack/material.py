"""The material list of one class: how many of each part, and what they cost by hardware/parts.toml.

    told = material()
    told.yen, [row.pieces for row in told.rows]

What is counted is data (material.toml); what it costs follows from the parts file, so that a price stands in one place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from contract.words import Words
from curriculum.datafile import DataFile
from curriculum.lesson_facts import LESSONS, every
from curriculum.pack import HERE
from hardware.paper import csv
from hardware.parts import PartEntry, Price
from hardware.parts import load as load_parts

FILE: Final = HERE / "material.toml"
_KEYS = frozenset({"people", "benches", "on", "items"})
_ITEM = frozenset({"part", "per_bench", "spare", "hall", "use"})


@dataclass(frozen=True, slots=True)
class Row:
    """So many pieces of a part: for the benches, in reserve, and for the hall."""

    part: PartEntry
    per_bench: int
    spare: int
    hall: int
    benches: int
    use: Words

    @property
    def pieces(self) -> int:
        """All of them."""
        return self.per_bench * self.benches + self.spare + self.hall

    @property
    def packs(self) -> int:
        """Packs to buy; a pack is bought whole."""
        return -(-self.pieces // self.part.price.pack)

    @property
    def yen(self) -> int:
        """Together, tax included."""
        return self.packs * self.part.price.yen


@dataclass(frozen=True, slots=True)
class Material:
    """What one class of so many people needs. ``on``: the day on which the list was made."""

    people: int
    benches: int
    on: date
    rows: tuple[Row, ...]

    @property
    def yen(self) -> int:
        """The whole class, tax included."""
        return sum(row.yen for row in self.rows)

    @property
    def prices(self) -> Sequence[Price]:
        """The price of each row."""
        return [row.part.price for row in self.rows]

    @property
    def priced_on(self) -> date:
        """The newest day a price was looked up or guessed on."""
        return max(price.on for price in self.prices)

    @property
    def estimated(self) -> int:
        """How many of the rows have a price that nobody looked up."""
        return sum(price.estimated for price in self.prices)


def material(
    file: Path = FILE, parts: Mapping[str, PartEntry] | None = None, lessons: Path = LESSONS, benches: int | None = None
) -> Material:
    """The list of a class, of ``benches`` benches where they are not those of the file.

    Raises LineError with every mistake of the list, and of each lesson whose part it lacks.
    """
    data, known = DataFile(file), parts or load_parts()
    raw = data.raw
    data.keys(raw, (), _KEYS)
    many = benches or data.whole(raw, (), "benches", least=1)
    rows = []
    for at, table in data.tables(raw, (), "items"):
        data.keys(table, at, _ITEM)
        name = data.text(table, at, "part")
        if name not in known:
            data.tell((*at, "part"), f"{name} は parts.toml にありません。", f"{name} is not in parts.toml.")
            continue
        bench, spare, hall = (data.whole(table, at, key, 0) for key in ("per_bench", "spare", "hall"))
        rows.append(Row(known[name], bench, spare, hall, many, data.words(table, at, "use")))
    _complete(data, {row.part.id for row in rows}, lessons)
    told = Material(data.whole(raw, (), "people", least=1), many, data.day(raw, (), "on"), tuple(rows))
    data.end()
    return told


def _complete(data: DataFile, ours: set[str], lessons: Path) -> None:
    """Every part of every lesson is on the list."""
    for lesson in every(lessons):
        for part in lesson.parts:
            if part not in ours:
                what = (f"課題 {lesson.id} の部品 {part} がありません。", f"lesson {lesson.id} needs {part}.")
                data.tell((), *what)


HEAD: Final = (
    "部品 id", "品名", "part", "仕様", "specification", "例 example", "1組 per bench", "予備 spare", "会場 hall",
    "要る数 pieces", "1パック pack", "買う数 packs", "単価(円)", "金額(円)", "調べた日", "出典 source", "使い道 use",
)  # fmt: skip


def as_csv(told: Material) -> str:
    """For Excel in Japanese: UTF-8 with its mark, CR LF."""
    rows: list[Sequence[object]] = [HEAD, *(_csv_row(row) for row in told.rows)]
    rows.append(("", "合計", "total", *[""] * 10, told.yen, told.on.isoformat(), "", ""))
    return csv(rows)


def _csv_row(row: Row) -> Sequence[object]:
    part, price = row.part, row.part.price
    return (
        part.id, part.title.ja, part.title.en, part.spec.ja, part.spec.en, part.example, row.per_bench, row.spare,
        row.hall, row.pieces, price.pack, row.packs, price.yen, row.yen, price.on.isoformat(),
        "見積もり estimate" if price.estimated else price.source, row.use.ja,
    )  # fmt: skip
