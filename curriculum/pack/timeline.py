"""The days before and after a class: from T-60 to T+90, with dates for a day that is given.

for step in timeline():
    step.on(date(2027, 2, 3))       # the working day it falls on: a Saturday's work is done the Friday before

Public holidays are those of a file (`holidays`): a list that is shipped with a kit would be wrong some year.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from contract import calendar_csv
from contract.errors import LineError, Mistake
from contract.line import Line
from contract.line_report import hint
from contract.words import Words
from curriculum.course import SHEETS, known_sheets
from curriculum.datafile import DataFile
from curriculum.pack import HERE

FILE: Final = HERE / "calendar.toml"
WHO: Final[Mapping[str, Words]] = {
    "lead": Words("講師", "lecturer"),
    "tutor": Words("助手", "tutor"),
    "office": Words("事務", "office"),
}
WEEKDAYS: Final = ("月", "火", "水", "木", "金", "土", "日")
SATURDAY: Final = 5
CABINET: Final = "https://www8.cao.go.jp/chosei/shukujitsu/syukujitsu.csv"
"""Where the Cabinet Office keeps the public holidays, up to those of the next year."""
LAST_HOLIDAY: Final = (11, 23)
"""The last public holiday of a year, month and day (勤労感謝の日; Act on National Holidays)."""
_STEP = frozenset({"days", "who", "what", "sheets"})


_WRITE_HOLIDAYS: Final = (
    "1行に「2027/2/11,建国記念の日」のように書きます。会社のカレンダーなら、区分の列に「休日」と書きます。",
    "write a row like 2027/2/11,建国記念の日; in a company's calendar its kind is 休日.",
)


@dataclass(frozen=True, slots=True)
class Rest:
    """Days on which nobody works: weekends, and the holidays of a file by their names."""

    names: Mapping[date, str] = field(default_factory=dict)

    def holds(self, day: date) -> bool:
        """Whether a day is one of them."""
        return day.weekday() >= SATURDAY or day in self.names

    @property
    def reach(self) -> tuple[date, date]:
        """The first and the last day that the file knows of: whole years, where it has a year's first or last holiday.

        A company's calendar may begin and end with its business year.
        """
        first, last = min(self.names), max(self.names)
        whole_first = first.replace(day=1) if first.month == 1 else first
        return whole_first, last.replace(month=12, day=31) if (last.month, last.day) >= LAST_HOLIDAY else last

    def knows(self, day: date) -> bool:
        """Whether the file reaches that day, and has holidays of its year; without a file there is nothing to know."""
        if not self.names:
            return True
        first, last = self.reach
        return first <= day <= last and day.year in {known.year for known in self.names}


def holidays(file: Path) -> Rest:
    """The holidays of a CSV: that of the Cabinet Office, or a company's calendar as `kojo calendar import` reads it.

    Raises LineError with every mistake of it, NotThere, NotAllowed; a file without a holiday is a mistake, too.
    """
    rows = calendar_csv.read(file, Line(site="pack", line="pack")).rows
    named = {row.entry.date: row.note for row in rows if row.entry.kind == "holiday" and row.entry.shift is None}
    if not named:
        what = Words("休日の行がありません。", "It has no row of a holiday.")
        raise LineError([Mistake(str(file), 1, "", what, hint(*_WRITE_HOLIDAYS))])
    return Rest(named)


def year_end(day: date) -> bool:
    """29 December to 3 January, when public offices are closed and most factories are."""
    return (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)


WEEKENDS: Final = Rest()


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do, so many days from the day itself (negative: before)."""

    days: int
    who: str
    what: Words
    sheets: tuple[str, ...]

    @property
    def named(self) -> Words:
        """``T-60``, ``当日`` or ``T+90``."""
        said = f"T{self.days:+}"
        return Words(said, said) if self.days else Words("当日", "the day")

    def day(self, held: date) -> date:
        """The calendar day itself, weekend or not."""
        return held + timedelta(days=self.days)

    def on(self, held: date, rest: Rest = WEEKENDS) -> date:
        """The working day: work before a class moves to the one before (Friday), work after it to the next (Monday)."""
        day = self.day(held)
        while self.days and rest.holds(day):
            day += timedelta(days=1 if self.days > 0 else -1)
        return day


def timeline(file: Path = FILE, sheets: Path = SHEETS) -> tuple[Step, ...]:
    """Every step in order. Raises LineError with every mistake of the file."""
    data, known = DataFile(file), known_sheets(sheets)
    data.keys(data.raw, (), frozenset({"steps"}))
    steps = []
    for at, table in data.tables(data.raw, (), "steps"):
        data.keys(table, at, _STEP)
        steps.append(
            Step(
                data.whole(table, at, "days", least=-400),
                data.choice(table, at, "who", tuple(WHO)),
                data.words(table, at, "what"),
                data.texts(table, at, "sheets"),
            )
        )
        for sheet in steps[-1].sheets:
            if known and sheet not in known:
                data.tell((*at, "sheets"), f"{sheet} という帳票はありません。", f"there is no sheet {sheet}.")
    if [step.days for step in steps] != sorted(step.days for step in steps):
        data.tell((), "日の順に並べます。", "its steps are not in order.")
    data.end()
    return tuple(steps)


def dated(steps: tuple[Step, ...], held: date, rest: Rest = WEEKENDS) -> Iterator[tuple[Step, date, str]]:
    """Each step with its working day, and its marks: * moved, the holiday's name, † year's end, ? year not known."""
    for step in steps:
        day, meant = step.on(held, rest), step.day(held)
        moved, ends, unknown = day != meant, year_end(day) or year_end(meant), not rest.knows(meant)
        yield step, day, "*" * moved + rest.names.get(meant, "") + "†" * ends + "?" * unknown


def legend(rest: Rest) -> Words:
    """What the marks mean, and what was not looked at."""
    star = Words(
        "* 休みの日なので、前の仕事は前の平日、後の仕事は次の平日に動かしました。",
        "* moved: work before the class to the working day before, work after it to the next.",
    )
    end = Words("† 年末年始(12/29〜1/3)。先方と決めます。", "† 29 December to 3 January: settle it with the host.")
    known = _reached(rest) if rest.names else _not_looked_at()
    return Words(f"{star.ja}{end.ja}{known.ja}", f"{star.en} {end.en} {known.en}")


def _reached(rest: Rest) -> Words:
    first, last = rest.reach
    return Words(
        f"? 祝日の一覧({first}〜{last})の外なので、分かりません。",
        f"? not known: the list of holidays goes from {first} to {last}.",
    )


def _not_looked_at() -> Words:
    return Words(
        f"見たのは土日だけです。祝日は --holidays に CSV を付けると見ます(内閣府: {CABINET})。",
        f"Weekends only; --holidays takes a CSV of public holidays (Cabinet Office: {CABINET}).",
    )


def shown(day: date) -> str:
    """``2027-02-03(水)``."""
    return f"{day.isoformat()}({WEEKDAYS[day.weekday()]})"
