"""Where each row of a made line.toml comes from, so that its mistakes are told where a person wrote them.

A learner knows the own sheets; the rows of a file that does not even exist yet would say nothing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from contract.errors import Mistake
from contract.words import Words
from curriculum.sheets.filled import Answers, Filled

_SEEN = dict.fromkeys(("type", "pin", "role", "address", "channel", "running_lamp", "red", "amber", "green"), "seen_by")
_IDEAL = {"ideal_cycle_s": "ideal_s", "pieces_per_count": "per_count", "quantity": "needed"}
_KEYS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("S20", ""): {"name": "line_name", "site": "site", "line": "line", "day_starts": "day_starts"},
    ("S20", "shifts"): {key: key for key in ("name", "days", "start", "end", "breaks", "regular")},
    ("S20", "steps"): {"agent": "pi", "people": "people", "breaks": "breaks", "id": "id", **_IDEAL, **_SEEN},
    ("S20", "products"): {"name": "name", "codes": "codes", **_IDEAL},
    ("S22", "reasons"): {"id": "id", "name": "name", "loss": "loss", "planned": "planned"},
    ("S6", ""): {"pin": "pin", "role": "kpi_path", "stations": "station", "name": "team"},
}
"""By sheet and table: a key of line.toml, and the field that it is made of."""
_ELSE = {"": "line_name", "shifts": "name", "steps": "name", "products": "code", "reasons": "name", "planned": "what"}
_KEY = re.compile(r"([a-z_]+) = ")
_POINTED_JA = re.compile(r"[^\s「」、。]*\((\d+) 行目\)")
_POINTED_EN = re.compile(r"\S+ \(line (\d+)\)")


@dataclass(frozen=True, slots=True)
class Origin:
    """A row of answers of a sheet; ``table``: which of its tables, empty for the sheet's head."""

    sheet: Filled
    answers: Answers
    table: str

    def place(self, key: str) -> tuple[int, str]:
        """The row, and what the person sees there, of what a key of line.toml was made of."""
        of = self.sheet.form
        name = _KEYS.get((of.id, self.table), {}).get(key, "")
        if self.answers.values.get(name) is None:
            name = "sensor" if of.id == "S6" else _ELSE.get(self.table, "")
        if of.twin == "csv":
            return self.answers.row_of(name), of.table(self.table).field(name).words.ja
        return self.answers.row_of(name), f"{self.table}.{name}" if self.table else name

    def mistake(self, key: str, what: Words, tip: Words | None = None) -> Mistake:
        """A mistake in what a key of line.toml was made of."""
        return self.sheet.mistake(*self.place(key), what, tip)


@dataclass
class Origins:
    """The origins of a text's rows, each from its first row on."""

    first: list[int] = field(default_factory=list)
    of: list[Origin] = field(default_factory=list)

    def begin(self, row: int, origin: Origin) -> None:
        """From this row (1 is the first) on."""
        self.first.append(row)
        self.of.append(origin)

    def at(self, row: int) -> Origin:
        """Where a row comes from; what stands above all of them comes from the first."""
        return self.of[max((n for n, first in enumerate(self.first) if first <= row), default=0)]

    def told(self, mistakes: Sequence[Mistake], rows: Sequence[str]) -> list[Mistake]:
        """The mistakes of the made text, as mistakes of the sheets it was made of."""

        def placed(row: int) -> tuple[str, int, str]:
            found = _KEY.match(rows[row - 1]) if row <= len(rows) else None
            origin = self.at(row)
            return origin.sheet.file, *origin.place(found[1] if found else "")

        made = [
            Mistake(*placed(one.row), _pointing(one.what, placed), one.hint and _pointing(one.hint, placed))
            for one in mistakes
        ]
        return list(dict.fromkeys(made))


def _pointing(words: Words, placed: Callable[[int], tuple[str, int, str]]) -> Words:
    """The words, with every row of the made text that they point at as the place in a sheet."""

    def place(found: re.Match[str]) -> str:
        file, row, where = placed(int(found[1]))
        return f" {file}:{row}({where})" if found.re is _POINTED_JA else f"{file}:{row} ({where})"

    ja = _POINTED_JA.sub(place, words.ja).replace("  ", " ")
    return Words(ja, _POINTED_EN.sub(place, words.en))
