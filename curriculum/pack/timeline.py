"""The days before and after a class: from T-60 to T+90, with dates for a day that is given.

for step in timeline():
    step.on(date(2027, 2, 3))       # the working day it falls on: a Saturday's work is done the Friday before
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

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
_STEP = frozenset({"days", "who", "what", "sheets"})


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

    def on(self, held: date) -> date:
        """The working day: work before a class moves to the Friday, work after it to the Monday."""
        day = self.day(held)
        beyond = day.weekday() - SATURDAY + 1
        if beyond <= 0 or self.days == 0:
            return day
        return day - timedelta(days=beyond) if self.days < 0 else day + timedelta(days=3 - beyond)


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


def dated(steps: tuple[Step, ...], held: date) -> Iterator[tuple[Step, date, bool]]:
    """Each step with its working day, and whether that is another than the calendar's."""
    for step in steps:
        yield step, step.on(held), step.on(held) != step.day(held)


def shown(day: date) -> str:
    """``2027-02-03(水)``."""
    return f"{day.isoformat()}({WEEKDAYS[day.weekday()]})"
