"""The tables of docs/line.md, made from the tables that the checks use.

python -m contract.line_guide docs/line.md     writes the tables anew between their marks
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import time
from pathlib import Path

from contract.catalogue import Catalogue
from contract.line_keys import line_table
from contract.line_kinds import Choice, ListOf
from contract.line_parts import NAME, ROLE, SAYS, Parts
from contract.line_tables import Key, Table, tables_in
from contract.line_wiring import MEASURES
from contract.words import Language, Words

_HEAD = Words("| キー | 省いたとき | 書けるもの | 意味 |", "| key | left out | what may stand there | meaning |")
_SENSOR = Words("センサー(ほかのキーは種類ごと)", "sensor (other keys depend on its type)")
_OUTPUT = Words("出力(ほかのキーは種類ごと)", "output (other keys depend on its type)")
_REQUIRED = Words("**必須**", "**required**")
_TOP = Words("いちばん上(見出しの前)", "top of the file (above all headers)")
_NOTHING = Words("なし", "none")
_MARKS = re.compile(r"(<!-- keys (ja|en) -->\n).*?(<!-- end of keys -->)", re.DOTALL)


def keys(lang: Language) -> str:
    """All tables with all their keys, in Markdown."""
    parts = [_section(header or _TOP.say(lang), table, lang) for header, table in _tables()]
    return "\n\n".join(parts) + "\n"


def renewed(page: str) -> str:
    """A page with the tables between its marks made anew."""
    return _MARKS.sub(lambda mark: f"{mark[1]}\n{keys('ja' if mark[2] == 'ja' else 'en')}\n{mark[3]}", page)


def _tables() -> Iterator[tuple[str, Table]]:
    for header, table in tables_in(line_table(Catalogue())):
        yield header, table
        if header == "[stations.ID]":
            yield "[stations.ID.sensors.ID]", _sensors()
            yield from tables_in(MEASURES)
            yield "[stations.ID.outputs.ID]", _outputs()


def _sensors() -> Table:
    parts = Parts({}, "stations.ID.sensors.ID")
    return Table((parts.type_key, NAME, ROLE, SAYS), parts.shown, _SENSOR)


def _outputs() -> Table:
    parts = Parts({}, "stations.ID.outputs.ID")
    return Table((parts.type_key, NAME), parts.shown, _OUTPUT)


def _section(header: str, table: Table, lang: Language) -> str:
    rows = [_row(key, lang) for key in table.keys if not _is_table(key)]
    called = f" {table.called.say(lang)}" if table.shown else ""
    title = f"#### `{header}`{called}" if table.shown else f"#### {header}"
    return "\n".join([title, "", _HEAD.say(lang), "|---|---|---|---|", *rows])


def _is_table(key: Key) -> bool:
    return key.key == "measures" or isinstance(key.kind, Parts) or any(True for _ in tables_in(key.kind))


def _row(key: Key, lang: Language) -> str:
    unit = f" [{key.unit}]" if key.unit else ""
    cells = [f"`{key.key}`", _default(key).say(lang), _may(key).say(lang), key.title.say(lang) + unit]
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


def _may(key: Key) -> Words:
    if key.key == "type":
        return Words("種類の名前", "the name of a type")
    words = key.kind.words
    if isinstance(key.kind, ListOf) and isinstance(key.kind.kind, Choice):
        each = key.kind.kind.words
        return Words(f"{words.ja} {each.ja}", f"{words.en}: {each.en}")
    return words


def _default(key: Key) -> Words:
    if key.required:
        return _REQUIRED
    if key.default_words:
        return key.default_words
    if key.default is None:
        return _NOTHING
    said = _written(key.default)
    return Words(said, said)


def _written(value: object) -> str:
    """A default as it would be written."""
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    if isinstance(value, time):
        return f'`"{value:%H:%M}"`'
    if isinstance(value, str):
        return f'`"{value}"`'
    if isinstance(value, (int, float)):
        return f"`{value:.0f}`" if value == int(value) else f"`{value}`"
    return "`[]`"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        file = Path(name)
        file.write_text(renewed(file.read_text("utf-8")), "utf-8")
