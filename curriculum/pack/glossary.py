"""The words of the course, with readings, meanings and where each meaning is from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contract.words import Words
from curriculum.datafile import DataFile
from curriculum.pack import HERE
from curriculum.pack.sources import sources

FILE: Final = HERE / "glossary.toml"
MARKS: Final[Mapping[str, Words]] = {
    "mem": Words("要確認", "to be checked"),
    "ours": Words("当キット", "ours"),
}
"""What stands where no source was read: general knowledge that a public R&D centre should check, or our own word."""


@dataclass(frozen=True, slots=True)
class Word:
    """One entry. ``source``: a label of sources.toml, ``mem`` or ``ours``."""

    ja: str
    yomi: str
    en: str
    meaning: Words
    source: str

    @property
    def mark(self) -> Words:
        """What is printed for its source."""
        return MARKS.get(self.source, Words(f"[{self.source}]", f"[{self.source}]"))


def glossary(file: Path = FILE) -> tuple[Word, ...]:
    """Every word. Raises LineError with every mistake of the file."""
    data, known = DataFile(file), sources()
    words = []
    for at, table in data.tables(data.raw, (), "words"):
        data.keys(table, at, frozenset({"ja", "yomi", "en", "meaning", "source"}))
        words.append(
            Word(
                data.text(table, at, "ja"), data.text(table, at, "yomi", ""), data.text(table, at, "en"),
                data.words(table, at, "meaning"), data.text(table, at, "source"),
            )
        )  # fmt: skip
        if words[-1].source not in {*known, *MARKS}:
            data.tell((*at, "source"), "出典の印・mem・ours のどれかです。", "is a label of sources.toml, mem or ours.")
        if [word.ja for word in words].count(words[-1].ja) > 1:
            data.tell((*at, "ja"), "二度あります。", "stands there twice.")
    data.end()
    return tuple(words)
