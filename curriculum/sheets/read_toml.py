"""A filled form out of its TOML twin; every mistake is told at once, with the row and the nearest valid word."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contract.errors import LineError
from contract.line_report import Report, hint, suggest
from contract.line_syntax import not_utf8, parse
from contract.words import Words
from curriculum.sheets.answers import Unread, left_open, read
from curriculum.sheets.filled import Answers, Filled
from curriculum.sheets.form import PAPER_ONLY, Field, Form, form, forms
from curriculum.sheets.printed import Value

Path = tuple[str | int, ...]


def from_toml(data: bytes, file: str, sheet: str | None = None) -> Filled:
    """The sheet in the bytes of a TOML file. Raises LineError with every mistake."""
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise not_utf8(data, error.start, file) from None
    raw, places = parse(text, file)
    report = Report(file, places)
    of = _which(raw, sheet, report)
    answers = _answers(raw, of.fields, (), report, also=("sheet", *(part.table for part in of.tables)))
    tables = {part.table: _rows(raw.get(part.table), part.fields, (part.table,), report) for part in of.tables}
    if report.mistakes:
        raise LineError(report.mistakes)
    return Filled(of, file, answers, tables)


def _which(raw: Mapping[str, Any], sheet: str | None, report: Report) -> Form:
    said = raw.get("sheet", sheet)
    if isinstance(said, str) and said.upper() in forms():
        return form(said)
    if said is None:
        report.tell(
            ("sheet",),
            Words("どの帳票か分かりません(sheet がありません)。", "it does not say which sheet it is (no sheet)."),
            hint('1行目に sheet = "S20" のように書きます。', 'write sheet = "S20" in the first row.'),
        )
    else:
        near = suggest(str(said), forms(), Words("帳票", "sheets"))
        report.tell(("sheet",), Words(f"帳票「{said}」はありません。", f"there is no sheet {said!r}."), near)
    raise LineError(report.mistakes)


def _rows(raw: Any, columns: Sequence[Field], path: Path, report: Report) -> Sequence[Answers]:
    if raw is None:
        return ()
    if not isinstance(raw, list) or not all(isinstance(one, dict) for one in raw):
        what = Words(f"{path[0]} は表です。", f"{path[0]} is a table.")
        report.tell(path, what, hint(f"1行ごとに [[{path[0]}]] と書きます。", f"begin each row with [[{path[0]}]]."))
        return ()
    return [
        _answers(one, columns, (*path, n), report) for n, one in enumerate(raw) if any(_said(v) for v in one.values())
    ]


def _said(value: Any) -> bool:
    return not isinstance(value, str) or bool(value.strip())


def _answers(
    raw: Mapping[str, Any], fields: Sequence[Field], path: Path, report: Report, also: Sequence[str] = ()
) -> Answers:
    known = {field.key: field for field in fields if field.type not in PAPER_ONLY and not field.paper}
    for key in raw:
        if key not in known and key not in also:
            names = {**known, **{field.words.ja: field for field in known.values()}, **dict.fromkeys(also)}
            near = suggest(key, names, Words("欄", "fields"))
            report.tell((*path, key), Words(f"知らない欄「{key}」です。", f'unknown field "{key}".'), near)
    values = dict(_values(raw, known, path, report))
    rows = {key: report.places.row((*path, key)) for key in raw}
    return Answers(values, report.places.row(path), rows)


def _values(
    raw: Mapping[str, Any], known: Mapping[str, Field], path: Path, report: Report
) -> Iterator[tuple[str, Value]]:
    for key, field in known.items():
        found = read(field, raw.get(key))
        if isinstance(found, Unread):
            report.tell((*path, key), found.what, found.tip)
        elif field.required and (found is None or found is False):
            report.tell((*path, key), *left_open(field))
        else:
            yield key, found
