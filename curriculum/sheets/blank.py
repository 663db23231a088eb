"""The twin of a sheet, to fill in at a computer or from the paper: TOML with remarks, or CSV that Excel opens.

    blank(form("S20"))                   # text of s20.toml
    twin(form("S14"), written)           # the same, filled with what the kit knows

Drawings are for the pen alone; a signature's twin is its date.
"""

from collections.abc import Mapping, Sequence
from datetime import date, time

from curriculum.sheets.form import PAPER_ONLY, Field, Form, Part
from curriculum.sheets.line_text import spelt
from curriculum.sheets.printed import NOTHING, Value, Written, said
from hardware.paper import csv

_WIDTH = 34


def blank(form: Form) -> str:
    """Nothing filled in."""
    return twin(form, NOTHING)


def twin(form: Form, written: Written) -> str:
    """What is ``written`` filled in, the rest left open."""
    return _csv(form, written) if form.twin == "csv" else _toml(form, written)


def file_name(form: Form) -> str:
    """What the twin is usually called."""
    return f"{form.id.lower()}.{form.twin}"


# ------------------------------------------------------------------------------------------------------------- TOML


def _toml(form: Form, written: Written) -> str:
    rows = [
        f"# {form.id} {form.title.ja} / {form.title.en}",
        f"# 書く人: {form.who.ja} / いつ: {form.when.ja}",
        '# 「=」の右に書きます。文字は " " で囲み、数字はそのまま、分からない所は "" のままにします。',
        f"# 書けたら kojo sheet check {file_name(form)} / check it when done",
    ]
    rows += [f"# {form.note.ja}"] if form.note else []
    rows += ["", f'sheet = "{form.id}"']
    for part in _toml_order(form):
        rows += ["", *_table(part, written)] if part.table else ["", *_fields(part, written.values)]
    return "\n".join(rows) + "\n"


def _toml_order(form: Form) -> list[Part]:
    """In TOML, what stands once comes before all tables: it would belong to the last one."""
    return [*(part for part in form.parts if not part.table), *form.tables]


def _fields(part: Part, values: Mapping[str, Value]) -> list[str]:
    rows = [f"# ---- {part.title.ja} / {part.title.en}"] if part.title else []
    rows += [f"# {one.ja}" for one in part.said]
    return rows + [_pair(field, values.get(field.key)) for field in part.fields]


def _table(part: Part, written: Written) -> list[str]:
    title = f"# ---- {part.title.ja} / {part.title.en}" if part.title else f"# ---- {part.table}"
    rows = [title, f"# 1行ごとに [[{part.table}]] から下を繰り返します。行がなければ、そのまま空けておきます。"]
    empty: Mapping[str, Value] = {}
    for row in written.tables.get(part.table) or [empty]:
        rows += ["", f"[[{part.table}]]", *(_pair(column, row.get(column.key)) for column in part.fields)]
    return rows


def _pair(field: Field, value: Value) -> str:
    if field.type in PAPER_ONLY or field.paper:
        return f"# {field.words.ja}: 紙だけ / on paper only"
    return f"{f'{field.key} = {_value(value)}':<{_WIDTH}} # {_remark(field)}"


def _value(value: Value) -> str:
    if value is None:
        return '""'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:.10g}"
    if isinstance(value, date | time):
        return value.isoformat()
    return spelt(value)


def _remark(field: Field) -> str:
    kinds = {
        "number": f"数{f'、単位は {field.unit}' if field.unit else ''}",
        "choice": f"どれか: {'、'.join(one.words.ja for one in field.choices)}",
        "date": "日付 2026-11-16",
        "time": '時刻 "08:30"',
        "tick": "付けたら true",
        "signature": "署名は紙に。ここには署名した日 2026-11-16",
    }
    needed = "【必ず】" if field.required else ""
    name = field.words.ja if field.words.ja == field.words.en else f"{field.words.ja} / {field.words.en}"
    kind = f"({kinds[field.type]})" if field.type in kinds else ""
    return f"{needed}{name}{kind}"


# -------------------------------------------------------------------------------------------------------------- CSV


def _csv(form: Form, written: Written) -> str:
    part = form.tables[0]
    columns = [column for column in part.fields if not column.paper]
    rows: list[Sequence[object]] = [[form.id, form.title.ja]]
    rows += [[f"# {remark}"] for remark in _how(form, columns)]
    rows += [
        [field.words.ja, said(field, written.values.get(field.key))]
        for field in form.fields
        if field.type not in PAPER_ONLY
    ]
    rows.append([heading(column) for column in columns])
    rows += [[_cell(column, row.get(column.key)) for column in columns] for row in written.tables.get(part.table, ())]
    return csv(rows)


def _how(form: Form, columns: Sequence[Field]) -> list[str]:
    """How to fill it in: what is needed, and the words that may stand in a choice."""
    needed = "、".join(column.words.ja for column in columns if column.required)
    remarks = ["見出しの下に1行ずつ書きます。# で始まる行は読みません。"]
    remarks += [f"必ず書く列: {needed}"] if needed else []
    fields = [*form.fields, *columns]
    return remarks + [
        f"{one.words.ja}: {'、'.join(c.words.ja for c in one.choices)} のどれか" for one in fields if one.choices
    ]


def heading(column: Field) -> str:
    """What stands above a column: its name, and its unit where that says more."""
    return column.words.ja if column.unit in column.words.ja else f"{column.words.ja}({column.unit})"


def _cell(column: Field, value: Value) -> object:
    chosen = next((one for one in column.choices if one.key == value), None)
    if chosen is not None:
        return chosen.words.ja
    if isinstance(value, date):
        return value.isoformat()
    return said(column, value).replace(",", "") if column.type == "number" else said(column, value)
