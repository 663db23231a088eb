"""An imported calendar inside line.toml: a block of its own at the end, between two marks.

Nothing else of the file is touched, not even a comment or a line end; the next import of a file of the same name takes
the block's place, so a calendar that was corrected is simply imported again. What the file says itself stays as it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from contract.calendar_csv import Row
from contract.line import CalendarEntry

_MARK = "kojo calendar import"


@dataclass(frozen=True, slots=True)
class Composed:
    """A new text of line.toml, and of which row of the CSV each of its rows is."""

    text: str
    rows: dict[int, int]


def without(text: str, name: str) -> str:
    """A text without the block of that name; as it is where there is none."""
    plain = re.escape(_plain(name))
    block = re.compile(rf"(?:\r?\n)?^# >>> {_MARK}: {plain}\r?$.*?^# <<< {_MARK}: {plain}\r?$\n?", re.M | re.S)
    return block.sub("", text)


def composed(text: str, name: str, entries: Sequence[Row], signed: str) -> Composed:
    """A text (without the block) and the block at its end. ``signed`` is the comment of whoever imports."""
    end = "\r\n" if "\r\n" in text else "\n"
    body = text if not text or text.endswith("\n") else text + end
    lines = ["", f"# >>> {_MARK}: {_plain(name)}", f"# {_comment(signed)}"]
    first = body.count("\n") + 1
    rows: dict[int, int] = {}
    for row in entries:
        for said in _lines(row):
            rows[first + len(lines)] = row.row
            lines.append(said)
    lines += [f"# <<< {_MARK}: {_plain(name)}", ""]
    return Composed(body + end.join(lines), rows)


def _lines(row: Row) -> list[str]:
    entry: CalendarEntry = row.entry
    note = _comment(row.note)
    told = ["[[calendar]]" + (f"  # {note}" if note else ""), f'date = "{entry.date}"', f'kind = "{entry.kind}"']
    if entry.shift is not None:
        told.append(f"shift = {_quoted(entry.shift)}")
    told += [f'{key} = "{at:%H:%M}"' for key, at in (("start", entry.start), ("end", entry.end)) if at is not None]
    if entry.stations is not None:
        told.append(f"stations = [{', '.join(map(_quoted, entry.stations))}]")
    return told


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _plain(name: str) -> str:
    """A file's name as the mark holds it."""
    return _comment(name) or "calendar"


def _comment(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()
