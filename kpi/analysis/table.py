"""A table somebody made, as CSV: names in the first row, then rows of numbers; cells may be missing.

UTF-8 (with or without its mark), UTF-16 as Excel's "Unicode text" has it, and Shift_JIS are read; commas, semicolons
or tabs between the cells. A column in which anything else than a number stands is text: it is named and left out.
"""

import csv
import io
import re
import unicodedata
from dataclasses import dataclass

import numpy as np

from contract.words import Words
from kpi.analysis.correlation import Floats
from kpi.problems import Problem

MOST_BYTES = 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 100
MOST_NUMBERS = 24
MOST_NAME = 64

_MISSING = frozenset({"", "-", "na", "n/a", "nan", "null", "none", "#n/a", "欠測", "欠損", "なし"})
_NUMBER = re.compile(r"[+-]?(?:\d+(?:,\d{3})*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")


@dataclass(frozen=True, slots=True)
class Left:
    """A column that was left out: its name, the first row (as a spreadsheet numbers it) and the text in it."""

    name: str
    row: int | None
    text: str


@dataclass(frozen=True, slots=True)
class CsvTable:
    """The columns of numbers (rows x columns, NaN where a cell is missing), and the others by name."""

    names: tuple[str, ...]
    values: Floats
    left_out: tuple[Left, ...]
    encoding: str


def read(body: bytes) -> CsvTable:
    """The table in a file. Raises Problem (422)."""
    text, encoding = _decoded(body)
    rows = _rows(text)
    if len(rows) < 2:
        raise _wrong(
            "行が足りません(1行目は列の名前です)。", "There are too few rows (the first one is for the names)."
        )
    width = max(len(row) for row in rows)
    if len(rows) > MOST_ROWS + 1 or width > MOST_COLUMNS:
        raise _wrong(
            f"{MOST_ROWS:,} 行、{MOST_COLUMNS} 列までです。",
            f"At most {MOST_ROWS:,} rows and {MOST_COLUMNS} columns are taken.",
        )
    names = _names(rows[0], width)
    columns, kept, left = [], [], []
    for i, name in enumerate(names):
        cells = [row[i].strip() if i < len(row) else "" for row in rows[1:]]
        found = _numbers(name, cells)
        if isinstance(found, Left):
            left.append(found)
        else:
            kept.append(name)
            columns.append(found)
    if not 2 <= len(kept) <= MOST_NUMBERS:
        raise _wrong(
            f"数の列が {len(kept)} 列です。2~{MOST_NUMBERS} 列の表にしてください。",
            f"There are {len(kept)} columns of numbers: 2 to {MOST_NUMBERS} are needed.",
        )
    return CsvTable(tuple(kept), np.column_stack(columns), tuple(left), encoding)


def _decoded(body: bytes) -> tuple[str, str]:
    kinds = ("utf-16",) if body[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp932")
    for kind in kinds:
        try:
            return body.decode(kind), {"utf-8-sig": "UTF-8", "cp932": "Shift_JIS", "utf-16": "UTF-16"}[kind]
        except UnicodeDecodeError:
            continue
    raise _wrong("文字コードが UTF-8 でも Shift_JIS でもありません。", "The file is neither UTF-8 nor Shift_JIS.")


def _rows(text: str) -> list[list[str]]:
    first = text.partition("\n")[0]
    comma = max(",\t;", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=comma))
    except csv.Error as error:
        raise _wrong("CSV として読めません。", "The file cannot be read as CSV.") from error
    return [row for row in rows if any(cell.strip() for cell in row)]


def _names(heads: list[str], width: int) -> list[str]:
    """A name of its own for each column."""
    found: list[str] = []
    for i in range(width):
        said = heads[i].strip()[:MOST_NAME] if i < len(heads) else ""
        name = said or f"列{i + 1}"
        found.append(name if name not in found else f"{name} ({i + 1})")
    return found


def _numbers(name: str, cells: list[str]) -> Floats | Left:
    values = np.full(len(cells), np.nan)
    for row, cell in enumerate(cells):
        plain = unicodedata.normalize("NFKC", cell).strip().replace("−", "-")
        if plain.lower() in _MISSING:
            continue
        value = float(plain.replace(",", "")) if _NUMBER.fullmatch(plain) else np.inf
        if not np.isfinite(value):
            return Left(name, row + 2, cell[:MOST_NAME])
        values[row] = value
    return values if np.isfinite(values).any() else Left(name, None, "")


def _wrong(ja: str, en: str) -> Problem:
    return Problem(
        422,
        "bad-table",
        Words(ja, en),
        Words(
            "1行目に列の名前、2行目から数の入った CSV ファイルを送ってください。",
            "Send a CSV file with names in its first row and numbers below.",
        ),
    )
