"""The rows of ``make faults``: what a fault did to numbered readings, kept as they are measured and shown at the end.

Each worker of the run writes its rows to one file of the folder named by ``KOJO_FAULTS``; the gate prints them all.
"""

import json
import os
import time
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER = "KOJO_FAULTS"
"""Environment variable: the folder where the rows of this run are kept; without it they are only asserted."""

HEAD = ("fault", "sent", "stored", "lost", "doubled", "note")


@dataclass(frozen=True)
class Outcome:
    """What became of numbered readings.

    fault: what was done to them, in a few words.
    sent, stored, lost, doubled: readings. ``lost`` were sent and are not stored; ``doubled`` are stored more than once.
    bound: how many may be lost by the promise (what a full outbox drops, what is older than ``keep_s``); None: none.
    counted: how many ``missing`` of ``/status`` says; with a bound it must be the lost ones, to the reading.
    """

    fault: str
    sent: int
    stored: int
    lost: int
    doubled: int
    note: str = ""
    bound: int | None = None
    counted: int | None = None

    def __post_init__(self) -> None:
        if min(self.sent, self.stored, self.lost, self.doubled) < 0:
            raise ValueError(f"a count below 0: {self}")

    @property
    def kept_the_promise(self) -> bool:
        """Whether nothing is lost or doubled but what the promise allows and counts."""
        if self.doubled or self.lost > (self.bound or 0):
            return False
        return self.bound is None or self.counted is None or self.counted == self.lost


def of_numbers(fault: str, sent: Iterable[int], stored: Iterable[int], note: str = "") -> Outcome:
    """Compare the numbers that were sent with those found in the store, repeats included."""
    wanted, found = set(sent), list(stored)
    known = set(found)
    return Outcome(fault, len(wanted), len(found), len(wanted - known), len(found) - len(known), note)


def record(outcome: Outcome) -> None:
    """Keep a row for the table, then hold it against the promise."""
    folder = os.environ.get(FOLDER)
    if folder:
        row = asdict(outcome) | {"at": time.time()}
        with (Path(folder) / f"{os.getpid()}.jsonl").open("a", encoding="utf-8") as rows:
            rows.write(json.dumps(row, ensure_ascii=False) + "\n")
    assert outcome.kept_the_promise, outcome


def table(folder: Path) -> str:
    """All rows of a run, in the order in which they were measured, as a Markdown table."""
    rows = [json.loads(text) for file in folder.glob("*.jsonl") for text in file.read_text("utf-8").splitlines()]
    rows.sort(key=lambda row: float(row["at"]))
    cells = [HEAD, *((*_numbers(row), _note(row)) for row in rows)]
    widths = [max(_width(row[column]) for row in cells) for column in range(len(HEAD))]
    lines = [
        "| " + " | ".join(_padded(c, w, n) for n, (c, w) in enumerate(zip(r, widths, strict=True))) + " |"
        for r in cells
    ]
    rule = "|" + "|".join("-" * (w + 1) + (":" if 0 < n < 5 else "-") for n, w in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def _numbers(row: dict[str, object]) -> tuple[str, ...]:
    return (str(row["fault"]), *(f"{row[key]:,}" for key in ("sent", "stored", "lost", "doubled")))


def _note(row: dict[str, object]) -> str:
    bound = "" if row["bound"] is None else f"allowed {row['bound']:,}, counted {row['counted']}"
    return "; ".join(part for part in (str(row["note"]), bound) if part)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _padded(text: str, width: int, column: int) -> str:
    space = " " * (width - _width(text))
    return space + text if 0 < column < 5 else text + space
