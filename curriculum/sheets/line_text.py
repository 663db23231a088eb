"""A line.toml as it is being written: settings with remarks, and what is still to be decided where it belongs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from contract.errors import Mistake
from contract.words import Words
from curriculum.sheets.filled import Answers, Filled
from curriculum.sheets.line_origin import Origin, Origins
from kpi.report.markup import width

TO_DECIDE = "決めること"
REMARKS_AT = 34
Setting = str | int | float | bool | Sequence[str]


@dataclass
class LineText:
    """The rows so far. ``open``: everything that is to be decided, ``wrong``: what cannot be, in the file's order."""

    rows: list[str] = field(default_factory=list)
    open: list[Words] = field(default_factory=list)
    wrong: list[Mistake] = field(default_factory=list)
    origins: Origins = field(default_factory=Origins)

    def made_of(self, sheet: Filled, answers: Answers | None = None, table: str = "") -> None:
        """What follows comes from there; without answers from the sheet's head."""
        origin = Origin(sheet, sheet.answers if answers is None else answers, table)
        self.origins.begin(len(self.rows) + 1, origin)

    def refuse(self, key: str, what: Words, tip: Words) -> None:
        """What follows from there cannot be made into a line."""
        self.wrong.append(self.origins.of[-1].mistake(key, what, tip))

    def head(self, name: str, remark: str = "") -> None:
        """Begin a table: ``stations.washer`` or ``[shifts]``."""
        self.rows.append("")
        said = f"[{name}]"
        self.rows.append(f"{said}{_room(said)} # {_one_line(remark)}" if remark else said)

    def title(self, remark: str) -> None:
        """A line between two parts of the file."""
        self.rows += ["", f"# ---- {remark} ----"]

    def pair(self, key: str, value: Setting, remark: str = "") -> None:
        """One setting."""
        said = f"{key} = {spelt(value)}"
        self.rows.append(f"{said}{_room(said)} # {_one_line(remark)}" if remark else said)

    def remark(self, said: str) -> None:
        """A remark of its own row."""
        self.rows.append(f"# {_one_line(said)}")

    def decide(self, ja: str, en: str) -> None:
        """Something the sheets do not say."""
        words = Words(_one_line(ja), _one_line(en))
        self.open.append(words)
        self.rows.append(f"# {TO_DECIDE}: {words.ja}")

    @property
    def text(self) -> str:
        """The whole of it."""
        return "\n".join(self.rows) + "\n"


def spelt(value: Setting) -> str:
    """A value in TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return f"[{', '.join(spelt(one) for one in value)}]"


def _room(said: str) -> str:
    """Blanks up to where remarks stand; a Japanese letter is as wide as two."""
    return " " * max(0, REMARKS_AT - width(said))


def _one_line(said: str) -> str:
    return " ".join("".join(sign if sign.isprintable() or sign == "\u3000" else " " for sign in said).split())
