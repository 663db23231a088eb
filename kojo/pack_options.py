"""What ``kojo pack`` is asked: print the facilitator's papers, or say the dates of a class."""

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from contract.words import Words

TITLE = Words(
    "講師の道具箱: 時間割・台本・点検表を A4 に、準備の日付を", "the facilitator's pack: papers on A4, dates of a class"
)
FIRST_YEAR, LAST_YEAR = 2000, 2199
Run = Callable[[argparse.Namespace], int]


def add(command: argparse.ArgumentParser, everyone: argparse.ArgumentParser) -> None:
    """``print`` and ``calendar``, each with its options."""
    actions = command.add_subparsers(metavar="print|calendar", required=True)
    _print(actions, everyone)
    _calendar(actions, everyone)


def _print(actions: Any, everyone: argparse.ArgumentParser) -> None:
    title = Words("全部の紙を PDF でフォルダーに", "every paper as PDF, into a folder")
    command = actions.add_parser("print", help=str(title), description=str(title), parents=[everyone])
    command.set_defaults(run=_run_print)
    folder = Words("書き出すフォルダー(なければ作ります)", "the folder (made where it does not exist)")
    command.add_argument("--to", type=Path, required=True, metavar="FOLDER", help=str(folder))
    command.add_argument("--on", type=_day, metavar="DATE", help=str(Words("講座の日(日付が入ります)", "the day held")))
    _holidays(command)
    only = Words("この紙だけ(何度でも)", "only this paper (again and again)")
    command.add_argument("--only", action="append", default=[], metavar="PAPER", help=str(only))
    html = Words("PDF でなく HTML で", "as HTML, without a browser")
    command.add_argument("--html", action="store_true", default=False, help=str(html))
    again = Words("前のものに上書きする", "write over those that are there")
    command.add_argument("--replace", action="store_true", default=False, help=str(again))


def _calendar(actions: Any, everyone: argparse.ArgumentParser) -> None:
    title = Words("60日前から90日後までの日付を出す", "the dates from 60 days before to 90 days after")
    command = actions.add_parser("calendar", help=str(title), description=str(title), parents=[everyone])
    command.set_defaults(run=_run_calendar)
    day = Words("講座の日(2027-02-03 の形)", "the day held, like 2027-02-03")
    command.add_argument("--on", type=_day, required=True, metavar="DATE", help=str(day))
    _holidays(command)


def _holidays(command: argparse.ArgumentParser) -> None:
    listed = Words(
        "祝日の CSV(内閣府の「国民の祝日」か会社のカレンダー)。祝日の仕事を平日に動かします",
        "a CSV of holidays (the Cabinet Office's, or a company's calendar): their work moves to working days",
    )
    command.add_argument("--holidays", type=Path, metavar="CSV", help=str(listed))


def _run_print(asked: argparse.Namespace) -> int:
    from kojo.pack import print_papers

    return print_papers(asked.to, asked.on, asked.only, listed=asked.holidays, html=asked.html, replace=asked.replace)


def _run_calendar(asked: argparse.Namespace) -> int:
    from kojo.pack import print_calendar

    return print_calendar(asked.on, asked.holidays)


def _day(said: str) -> date:
    try:
        day = date.fromisoformat(said)
    except ValueError as error:
        what = Words(f"日付は 2027-02-03 の形です({said})", f"a date is written 2027-02-03, not {said}")
        raise argparse.ArgumentTypeError(str(what)) from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        what = Words(f"{FIRST_YEAR} 年から {LAST_YEAR} 年までです({said})", f"{FIRST_YEAR} to {LAST_YEAR}, not {said}")
        raise argparse.ArgumentTypeError(str(what))
    return day
