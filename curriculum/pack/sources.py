"""Where facts are from: the labels [A1], [C2] … that pages carry, and their addresses."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from curriculum.datafile import DataFile
from curriculum.pack import HERE

FILE: Final = HERE / "sources.toml"
ONE = r"[A-Z]\d{1,2}"
LABEL: Final = re.compile(rf"\[({ONE}(?:, ?{ONE})*)\]")


def sources(file: Path = FILE) -> Mapping[str, str]:
    """Address by label, in the order of the file. Raises LineError with every mistake of it."""
    data = DataFile(file)
    table = data.raw.get("sources", {})
    for label in table:
        data.text(table, ("sources",), label)
        if not re.fullmatch(ONE, label):
            data.tell(("sources", label), "印は A1 の形です。", "a label is written like A1.")
    data.end()
    return {str(label): str(where) for label, where in table.items()}


def used(texts: Iterable[str]) -> tuple[str, ...]:
    """The labels that texts carry, as [A1] or [A1, C2], each once."""
    found = (label for text in texts for group in LABEL.findall(text) for label in re.findall(ONE, group))
    return tuple(dict.fromkeys(found))
