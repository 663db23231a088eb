"""A sheet that somebody filled in: its answers by key, its rows, and the row of the file where each stands.

    filled = read(Path("s20.toml"))
    filled.text("line_name"), filled.rows("steps")[0].number("ideal_s")

All mistakes are told at once, as a LineError of `contract.errors` (file, row, what, hint).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path

from contract.errors import LineError, Mistake, NotAllowed, NotThere
from contract.words import Words
from curriculum.sheets.form import Form
from curriculum.sheets.printed import Value, Written

MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers by key, and where they stand. An answer that was left open is None."""

    values: Mapping[str, Value]
    row: int = 1
    rows_of: Mapping[str, int] = field(default_factory=dict)

    def text(self, key: str) -> str:
        """A text or the key of a choice; empty where it was left open."""
        found = self.values.get(key)
        return found if isinstance(found, str) else ""

    def number(self, key: str) -> float | None:
        """A number."""
        found = self.values.get(key)
        return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None

    def date(self, key: str) -> date | None:
        """A date."""
        found = self.values.get(key)
        return found if isinstance(found, date) else None

    def time(self, key: str) -> time | None:
        """A time of day."""
        found = self.values.get(key)
        return found if isinstance(found, time) else None

    def ticked(self, key: str) -> bool:
        """Whether it was ticked."""
        return self.values.get(key) is True

    def row_of(self, key: str) -> int:
        """Where an answer stands."""
        return self.rows_of.get(key, self.row)


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled sheet. ``unread``: columns and such that nobody reads, told without being mistakes."""

    form: Form
    file: str
    answers: Answers
    tables: Mapping[str, Sequence[Answers]] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    def text(self, key: str) -> str:
        """A text or the key of a choice; empty where it was left open."""
        return self.answers.text(key)

    def rows(self, table: str = "") -> Sequence[Answers]:
        """The rows of a table; without a name of its only one."""
        return self.tables.get(table or self.form.tables[0].table, ())

    def mistake(self, row: int, where: str, what: Words, tip: Words | None = None) -> Mistake:
        """A mistake in this file."""
        return Mistake(self.file, row, where, what, tip)

    @property
    def written(self) -> Written:
        """As it is printed."""
        tables = {key: [dict(row.values) for row in rows] for key, rows in self.tables.items()}
        return Written(dict(self.answers.values), tables, self.answers.ticked("virtual"))


def read(path: Path, sheet: str | None = None) -> Filled:
    """The sheet in a file, TOML or CSV. ``sheet``: which, where the file does not say. Raises LineError, NotThere."""
    from curriculum.sheets.read_csv import from_csv
    from curriculum.sheets.read_toml import from_toml

    data = bytes_of(path)
    if path.suffix.lower() == ".csv":
        return from_csv(data, str(path), sheet)
    if path.suffix.lower() == ".toml":
        return from_toml(data, str(path), sheet)
    raise NotThere(
        Words(f"{path} は帳票のファイルではありません。", f"{path} is no file of a sheet."),
        Words("末尾が .toml(書式)か .csv(表)のファイルです。", "It ends in .toml (a form) or .csv (a table)."),
    )


def bytes_of(path: Path) -> bytes:
    """What is in a file. Raises NotThere, NotAllowed, LineError (too large)."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise LineError([Mistake(str(path), 1, "", Words("1 MiB を超えています。", "It is larger than 1 MiB."))])
        return path.read_bytes()
    except PermissionError as error:
        raise NotAllowed(Words(f"ファイル {path} を読む権限がありません。", f"We may not read {path}.")) from error
    except (OSError, ValueError) as error:
        if isinstance(error, LineError):
            raise
        raise NotThere(
            Words(f"ファイル {path} がないか、読めません。", f"{path} is not there, or no file."),
            Words("名前と場所を確かめてください。", "See to its name and place."),
        ) from error
