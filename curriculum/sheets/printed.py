"""Sheets as pages of A4 to fill in with a pen, or already filled: one HTML text, nothing from elsewhere.

    pages([page(form("S6")), page(form("S20"))])      # empty
    pages([page(form("S14"), written)])               # with what the kit knows

What the browser prints of it is one or two pages a sheet (a test counts them).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time

from contract.words import Words
from curriculum.sheets.form import Choice, Field, Form, Part
from curriculum.sheets.paper_style import LINE_MM, STYLE
from kpi.report.markup import Html, join, tag, text

Value = str | float | bool | date | time | tuple[str, ...] | None
NUMBERS = "①②③④⑤⑥⑦⑧⑨⑩"
VIRTUAL = Words("仮想データ", "virtual data")


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in a sheet: of each field, of each table's rows. ``virtual``: the figures are of a virtual floor."""

    values: Mapping[str, Value] = field(default_factory=dict)
    tables: Mapping[str, Sequence[Mapping[str, Value]]] = field(default_factory=dict)
    virtual: bool = False


NOTHING = Written()


def pages(sheets: Iterable[Html], title: str = "工場ハックの帳票") -> str:
    """A document of several sheets, each beginning a page."""
    head = tag("head", tag("meta", charset="utf-8"), tag("title", title), tag("style", Html(STYLE)))
    return f"<!DOCTYPE html>\n{tag('html', head, tag('body', *sheets), lang='ja')}\n"


def page(form: Form, written: Written = NOTHING) -> Html:
    """One sheet; what is not ``written`` is left for the pen."""
    return tag(
        "main",
        _header(form, written),
        tag("p", both(form.note, " "), class_="note") if form.note else "",
        *_parts(form, written),
        _footer(form),
        class_="sheet across" if form.across else "sheet",
    )


def both(words: Words, between: object = " ") -> Html:
    """Japanese, and English small behind it."""
    english = tag("span", words.en, class_="en") if words.en and words.en != words.ja else ""
    return join((words.ja, between if english else "", english))


def _header(form: Form, written: Written) -> Html:
    title = tag("h1", form.title.ja, " ", tag("span", form.title.en, class_="en"))
    mark = tag("span", VIRTUAL.ja, class_="virtual") if written.virtual else ""
    kit = tag("div", form.reads.ja, tag("br"), form.reads.en, class_="kit") if form.reads else ""
    return tag("header", tag("span", form.id, class_="id"), title, mark, kit)


def _footer(form: Form) -> Html:
    who = Words(f"書く人: {form.who.ja} / いつ: {form.when.ja}", f"{form.who.en}; {form.when.en}")
    return tag("footer", tag("span", both(who)), tag("span", f"工場ハック {form.id} kojo sheet blank {form.id}"))


def _parts(form: Form, written: Written) -> Iterator[Html]:
    """One below the other; halves stand in pairs."""
    waiting: list[Html] = []
    for part in form.parts:
        made = _part(form, part, written)
        if not part.half:
            yield made
            continue
        waiting.append(made)
        if len(waiting) == 2:
            yield tag("div", *waiting, class_="two")
            waiting = []
    yield from waiting


def _part(form: Form, part: Part, written: Written) -> Html:
    again = tag("span", f"{form.id} {form.title.ja} 2枚目", class_="again") if part.new_page else ""
    title = tag("h2", both(part.title), again) if part.title else ""
    said = tag("ul", *(tag("li", both(one, tag("br"))) for one in part.said), class_="said") if part.said else ""
    if part.table:
        inside = join((_table(part, written.tables.get(part.table, ())), _legends(part)))
    elif part.fields:
        inside = tag("div", *(_field(one, written.values.get(one.key)) for one in part.fields), class_="fields")
    else:
        inside = Html("")
    note = tag("p", both(part.note), class_="after") if part.note else ""
    return tag("section", title, said, inside, note, class_="new" if part.new_page else None)


# ------------------------------------------------------------------------------------------------------ one field


def _field(field: Field, value: Value) -> Html:
    inside = _tick(field, value) if field.type == "tick" else join((_name(field), _space(field, value)))
    return tag("div", inside, class_="field", style=f"grid-column: span {field.span}")


def _name(field: Field) -> Html:
    return tag("div", both(field.words), class_="name")


def _tick(field: Field, value: Value) -> Html:
    return tag("div", _box(value is True), tag("span", both(field.words)), class_="tick")


def _box(ticked: bool) -> Html:
    return tag("span", "✓" if ticked else "", class_="box")


def _space(field: Field, value: Value) -> Html:
    """Where the pen goes."""
    if field.type == "choice":
        return tag("div", *(_choice(one, value) for one in field.choices), class_="choices")
    if field.type == "drawing":
        return tag("div", class_="drawing", style=f"height: {field.mm}mm")
    if field.type == "signature":
        return tag("div", said(field, value) or _DATE, class_="sign")
    if value is not None:
        return _write(said(field, value), field)
    if field.type == "date":
        return _write(_DATE, field)
    if field.type == "time":
        return _write("\u3000\u3000:", field)
    if field.lines > 1:
        return tag("div", *(tag("div", class_="rule") for _ in range(field.lines)))
    return _write("", field)


_DATE = "\u3000\u3000\u3000年\u3000\u3000月\u3000\u3000日"


def _write(value: str, field: Field) -> Html:
    unit = tag("span", field.unit) if field.unit and field.type == "number" else ""
    height = f"min-height: {LINE_MM * field.lines}mm" if field.lines > 1 else None
    kind = "write long" if field.lines > 1 else "write"
    return tag("div", tag("span", value, class_="value"), unit, class_=kind, style=height)


def _choice(one: Choice, value: Value) -> Html:
    return tag("span", _box(_is_chosen(one, value)), both(one.words), class_="choice")


def _is_chosen(one: Choice, value: Value) -> bool:
    return one.key in value if isinstance(value, tuple) else one.key == value


def said(field: Field, value: Value) -> str:
    """A value as it is written by hand."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "✓" if value else ""
    if isinstance(value, int | float):
        return f"{value:,.10g}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, date):
        return f"{value.year} 年 {value.month} 月 {value.day} 日" if field.type != "text" else value.isoformat()
    if isinstance(value, tuple):
        return "、".join(value)
    return value


# ------------------------------------------------------------------------------------------------------ one table


def _table(part: Part, rows: Sequence[Mapping[str, Value]]) -> Html:
    widths = [*([0.55] if part.numbered else []), *(column.wide for column in part.fields)]
    whole = sum(widths)
    columns = tag("colgroup", *(tag("col", style=f"width: {width / whole * 100:.2f}%") for width in widths))
    head = [tag("th"), *map(_head, part.fields)] if part.numbered else list(map(_head, part.fields))
    empty: Mapping[str, Value] = {}
    filled = [*rows, *([empty] * max(0, part.rows - len(rows)))]
    body = (_row(part, number, row) for number, row in enumerate(filled, 1))
    return tag("table", columns, tag("thead", tag("tr", *head)), tag("tbody", *body))


def _head(column: Field) -> Html:
    circled = column.type == "choice" and not column.legend
    said = "○で囲む" if circled else column.unit if column.unit not in column.words.ja else ""
    unit = tag("span", f"({said})", class_="unit") if said else ""
    english = tag("span", column.words.en, class_="en") if column.words.en != column.words.ja else ""
    return tag("th", column.words.ja, unit, english)


def _row(part: Part, number: int, row: Mapping[str, Value]) -> Html:
    first = [tag("td", number, class_="no")] if part.numbered else []
    cells = (_cell(column, row.get(column.key), column.key in part.split) for column in part.fields)
    return tag("tr", *first, *cells, style=f"height: {part.row_mm}mm")


def _cell(column: Field, value: Value, split: bool) -> Html:
    if column.type == "tick":
        return tag("td", _box(value is True), class_="mark")
    if column.type == "choice" and column.legend:
        at = next((n for n, one in enumerate(column.choices) if _is_chosen(one, value)), None)
        return tag("td", "" if at is None else NUMBERS[at], class_="mark")
    if column.type == "choice":
        picks = (tag("span", one.words.ja, class_="on" if _is_chosen(one, value) else None) for one in column.choices)
        return tag("td", join(part for pick in picks for part in (pick, " ")), class_="pick")
    kind = "split" if split and value is None else "n" if split or column.type == "number" else None
    return tag("td", text(said(column, value)), class_=kind)


def _legends(part: Part) -> Html:
    """What the numbers mean that stand for a choice."""
    return join(_legend(column) for column in part.fields if column.legend)


def _legend(column: Field) -> Html:
    listed = (tag("span", tag("b", NUMBERS[n]), both(one.words)) for n, one in enumerate(column.choices))
    return tag("div", tag("b", f"{column.words.ja}:"), *listed, class_="legend")
