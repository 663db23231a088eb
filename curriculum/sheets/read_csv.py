"""A filled table out of its CSV twin, as Excel saves it: UTF-8, UTF-16 or Shift_JIS, commas, tabs or semicolons.

    S16,費用台帳
    チーム,…                    head fields: label and answer, where the sheet has any
    日,チーム,財布,…            the headings
    2026-10-05,A班,…           rows

Rows that begin with # are remarks. Every mistake is told at once, with file and row.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

from contract.errors import LineError, Mistake
from contract.line_report import did_you_mean, half_width, hint, nearest, suggest
from contract.open_quote import NEVER_CLOSED, open_quote
from contract.words import Words
from curriculum.sheets.answers import Unread, left_open, read
from curriculum.sheets.filled import Answers, Filled
from curriculum.sheets.form import Field, Form, form, forms
from curriculum.sheets.printed import Value

MOST_ROWS = 10_000
_MARK = re.compile(r"^[*✻✳※?]+")
"""✻ is a * or, in a file that Excel has saved as Shift_JIS, where it does not exist, a ?."""
Row = tuple[int, list[str]]
_BRACKETS = re.compile(r"[((].*?[))]|[\s_/]+")


def from_csv(data: bytes, file: str, sheet: str | None = None) -> Filled:
    """The sheet in the bytes of a CSV file. Raises LineError with every mistake."""
    return _Reader(file).read(data, sheet)


class _Reader:
    def __init__(self, file: str) -> None:
        self._file = file
        self._mistakes: list[Mistake] = []

    def read(self, data: bytes, sheet: str | None) -> Filled:
        rows = list(self._rows(self._text(data)))
        of, rows = self._which(rows, sheet)
        part = of.tables[0]
        columns = [column for column in part.fields if not column.paper]
        at = next((n for n, (_, cells) in enumerate(rows) if _is_heading(cells, columns)), None)
        if at is None:
            raise self._wrong(
                Words("見出しの行がありません。", "There is no row of headings."),
                hint(
                    f"{','.join(c.words.ja for c in columns)} という行を書きます。",
                    f"write a row {','.join(c.words.en for c in columns)}.",
                ),
                rows[0][0] if rows else 1,
            )
        head = self._head(of, rows[:at])
        known, unread = self._columns(rows[at], columns)
        body = [self._row(number, cells, known, len(rows[at][1])) for number, cells in rows[at + 1 :]]
        filled = Filled(of, self._file, head, {part.table: body}, unread)
        if self._mistakes:
            from curriculum.sheets.checks import beside

            raise LineError(sorted([*self._mistakes, *beside(filled)], key=lambda one: one.row))
        return filled

    def _tell(self, row: int, where: str, what: Words, tip: Words | None = None) -> None:
        self._mistakes.append(Mistake(self._file, row, where, what, tip))

    def _wrong(self, what: Words, tip: Words | None = None, row: int = 1) -> LineError:
        return LineError([*self._mistakes, Mistake(self._file, row, "", what, tip)])

    def _text(self, data: bytes) -> str:
        marked = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        for encoding in (marked, "cp932"):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                continue
        raise self._wrong(
            Words("文字コードが UTF-8 でも Shift_JIS でもありません。", "It is neither UTF-8 nor Shift_JIS."),
            hint("Excel で「CSV UTF-8」として保存し直してください。", 'save it anew in Excel as "CSV UTF-8".'),
        )

    def _rows(self, text: str) -> Iterator[Row]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_between(text))
        number = 1
        try:
            if (opens := open_quote(text, _between(text))) is not None:
                raise self._wrong(*NEVER_CLOSED, row=opens)
            for many, cells in enumerate(reader, 1):
                if many > MOST_ROWS:
                    raise self._wrong(
                        Words(f"{MOST_ROWS} 行を超えています。", f"More than {MOST_ROWS} rows."), row=number
                    )
                if any(cell.strip() for cell in cells) and not cells[0].lstrip().startswith("#"):
                    yield number, [_unquoted(cell) for cell in cells]
                number = reader.line_num + 1
        except csv.Error as error:
            raise self._wrong(
                Words(f"CSV として読めません({error})。", f"This is no CSV ({error})."), row=number
            ) from error

    def _which(self, rows: list[Row], sheet: str | None) -> tuple[Form, list[Row]]:
        """Which sheet it is: its first row says so, or else its name, or who asks."""
        if not rows:
            raise self._wrong(Words("中身がありません。", "There is nothing in it."))
        first = half_width(rows[0][1][0]).upper()
        if first in forms():
            return self._table(form(first), rows[0][0]), rows[1:]
        named = re.match(r"s\d+", PurePath(self._file).name.lower())
        asked = sheet or (named[0] if named else "")
        if asked.upper() in forms():
            return self._table(form(asked), 1), rows
        shaped = re.fullmatch(r"S\d+", first)
        near = suggest(first, forms(), Words("帳票", "sheets")) if shaped else None
        raise self._wrong(
            Words(f"帳票「{rows[0][1][0]}」はありません。", f"There is no sheet {first}.")
            if shaped
            else Words("どの帳票か分かりません。", "It does not say which sheet it is."),
            near or hint("1行目の左端に S16 のように書きます。", "write its number, like S16, first in the first row."),
            rows[0][0],
        )

    def _table(self, of: Form, row: int) -> Form:
        if of.twin == "csv":
            return of
        raise self._wrong(
            Words(f"{of.id} は表ではないので、CSV では読めません。", f"{of.id} is no table: its twin is TOML."),
            hint(
                f"kojo sheet blank {of.id} --to {of.id.lower()}.toml で作れます。",
                f"make one: kojo sheet blank {of.id} --to {of.id.lower()}.toml",
            ),
            row,
        )

    def _head(self, of: Form, rows: Sequence[Row]) -> Answers:
        """The fields above the table: a label, and its answer to the right."""
        known = {_plain(name): one for one in of.fields for name in (one.words.ja, one.words.en, one.key)}
        values: dict[str, Value] = {}
        places: dict[str, int] = {}
        for number, cells in rows:
            field = known.get(_plain(cells[0]))
            if field is None:
                names = [one.words.ja for one in of.fields]
                what = Words(f"知らない欄「{cells[0]}」です。", f"unknown field {cells[0]!r}.")
                self._tell(number, "", what, suggest(cells[0], names, Words("欄", "fields")) if names else None)
                continue
            places[field.key] = number
            self._take(number, field, cells[1] if len(cells) > 1 else "", values)
        for field in of.fields:
            if field.required and field.key not in places:
                self._missing(rows[0][0] if rows else 1, field)
        return Answers(values, rows[0][0] if rows else 1, places)

    def _columns(self, heading: Row, columns: Sequence[Field]) -> tuple[dict[int, Field], tuple[str, ...]]:
        number, cells = heading
        known: dict[int, Field] = {}
        unread = []
        for at, cell in enumerate(cells):
            field = _column(cell, columns)
            if field is None and cell.strip():
                unread.append((at, cell))
            elif field is not None and field in known.values():
                what = Words(f"見出し「{cell}」が2回あります。", f"the heading {cell!r} stands there twice.")
                self._tell(number, "", what)
            elif field is not None:
                known[at] = field
        left = [c for c in columns if c not in known.values()]
        for _, cell in [*unread]:
            near = nearest(cell, [c.words.ja for c in left], 0.5)
            if near is not None:
                self._tell(
                    number, "", Words(f"知らない列「{cell}」です。", f"unknown column {cell!r}."), did_you_mean(near)
                )
        for column in left:
            if column.required:
                what = Words(f"「{column.words.ja}」の列がありません。", f"There is no column {column.words.en}.")
                self._tell(number, "", what)
        return known, tuple(cell for _, cell in unread)

    def _row(self, number: int, cells: Sequence[str], known: Mapping[int, Field], width: int) -> Answers:
        values: dict[str, Value] = {}
        for at, field in known.items():
            self._take(number, field, cells[at] if at < len(cells) else "", values)
        beyond = [cell for cell in cells[width:] if cell.strip()]
        if beyond:
            self._tell(
                number,
                "",
                Words(f"見出しより右に「{beyond[0]}」があります。", f"{beyond[0]!r} stands beyond the headings."),
                hint(
                    '1,200 のようなカンマは、" " で囲むか消します。', 'a comma as in 1,200 is left out, or put in " ".'
                ),
            )
        return Answers(values, number)

    def _take(self, number: int, field: Field, cell: str, values: dict[str, Value]) -> None:
        found = read(field, cell)
        if isinstance(found, Unread):
            self._tell(number, field.words.ja, found.what, found.tip)
        elif field.required and (found is None or found is False):
            self._missing(number, field)
        else:
            values[field.key] = found

    def _missing(self, row: int, field: Field) -> None:
        self._tell(row, field.words.ja, *left_open(field))


def _between(text: str) -> str:
    """What stands between the cells: Excel takes tabs or semicolons where the computer is set so."""
    for line in text.splitlines():
        signs = [sign for sign in line if sign in ",\t;"]
        if signs and not line.lstrip('\ufeff "').startswith("#"):
            return signs[0]
    return ","


def _unquoted(cell: str) -> str:
    """Without the ' by which a text that begins like a formula was kept from being one."""
    plain = cell.strip()
    return plain[1:] if plain[:1] == "'" and plain[1:2] in ("=", "+", "-", "@", "\t") else plain


def _plain(label: str) -> str:
    return _MARK.sub("", _BRACKETS.sub("", half_width(label))).lower()


def _column(cell: str, columns: Sequence[Field]) -> Field | None:
    """The column of a heading, by its Japanese or English words or its key; what stands in brackets does not count."""
    plain = _plain(cell)
    return next((c for c in columns if plain and plain in {_plain(n) for n in (c.words.ja, c.words.en, c.key)}), None)


def _is_heading(cells: Sequence[str], columns: Sequence[Field]) -> bool:
    found = [cell for cell in cells if _column(cell, columns) is not None]
    return len(found) >= min(2, len(columns))
