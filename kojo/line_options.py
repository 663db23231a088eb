"""The options of the commands about one line: init, check, calendar, derive, doctor."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from contract.words import Words
from kojo.options import data_option, line_option, new_command

if TYPE_CHECKING:
    from kojo.options import Subparsers


def init(commands: "Subparsers", everyone: argparse.ArgumentParser) -> None:
    """Add ``kojo init``."""

    def run(asked: argparse.Namespace) -> int:
        from kojo.init import from_nobody, from_stdin, from_terminal, init

        is_terminal = sys.stdin.isatty()
        ask = from_nobody if asked.yes else from_terminal if is_terminal else from_stdin
        return init(asked.line_file, ask, again=is_terminal)

    title = Words("質問に答えて、最初の line.toml を作る", "write a first line.toml by asking")
    command = new_command(commands, everyone, "init", title, run)
    command.add_argument("line_file", type=Path, nargs="?", default=Path("line.toml"), metavar="line.toml")
    every_default = Words("何も聞かず、全部を既定の値で", "ask nothing: every default")
    command.add_argument("--yes", action="store_true", default=False, help=str(every_default))


def check(commands: "Subparsers", everyone: argparse.ArgumentParser) -> None:
    """Add ``kojo check``."""

    def run(asked: argparse.Namespace) -> int:
        from kojo.check import check, print_schema

        return print_schema(asked.data) if asked.schema else check(asked.line_file, asked.data)

    title = Words("line.toml を調べる(間違いを全部、一度に)", "check a line.toml: every mistake at once")
    command = new_command(commands, everyone, "check", title, run)
    command.add_argument("line_file", type=Path, nargs="?", default=Path("line.toml"), metavar="line.toml")
    command.add_argument(
        "--schema",
        action="store_true",
        default=False,
        help=str(Words("エディター用の JSON スキーマを出す", "print the JSON schema for editors")),
    )
    data_option(command)


def calendar(commands: "Subparsers", everyone: argparse.ArgumentParser) -> None:
    """Add ``kojo calendar``."""

    def run(asked: argparse.Namespace) -> int:
        from kojo.calendar import import_calendar

        return import_calendar(asked.file, asked.line, asked.data, asked.by, dry_run=asked.dry_run)

    title = Words("会社のカレンダー(CSV)を line.toml に取り込む", "a company's calendar (CSV) into line.toml")
    command = new_command(commands, everyone, "calendar", title, run)
    command.add_argument("action", choices=["import"], help=str(Words("取り込む", "import it")))
    command.add_argument("file", type=Path, metavar="FILE.csv", help=str(Words("カレンダー", "the calendar")))
    line_option(command)
    data_option(command)
    by, trial = (
        Words("だれが(設定の履歴に残る)", "who (the settings' history tells)"),
        Words("書かずに試す", "write nothing"),
    )
    command.add_argument("--by", metavar="NAME", help=str(by))
    command.add_argument("--dry-run", action="store_true", help=str(trial))


def derive(commands: "Subparsers", everyone: argparse.ArgumentParser) -> None:
    """Add ``kojo derive``."""

    def run(asked: argparse.Namespace) -> int:
        from kojo.derive import Wishes, derive

        return derive(asked.line, asked.out, asked.only, Wishes(asked.host, asked.renew))

    title = Words(
        "配線図・ピン表・点検表・部品表とブローカーのアカウントを作る",
        "wiring pictures, pin tables, checklists, parts list, accounts",
    )
    command = new_command(commands, everyone, "derive", title, run)
    line_option(command)
    out, host, renew, only = (
        Words("置き場所(既定 data)", "where they go (default data)"),
        Words("ブローカーの別の名前や番地", "another name or address of the broker"),
        Words("作り直すアカウント。server、ca、all も", "an account to renew; also server, ca, all"),
        Words(
            "作るものを選ぶ(wiring,pins,checklist,parts,accounts)", "only these (wiring,pins,checklist,parts,accounts)"
        ),
    )
    command.add_argument("--out", type=Path, default=Path("data"), metavar="DIR", help=str(out))
    command.add_argument("--host", action="append", default=[], metavar="NAME", help=str(host))
    command.add_argument("--renew", action="append", default=[], metavar="WHAT", help=str(renew))
    command.add_argument("--only", action="append", default=[], metavar="PART", help=str(only))


def doctor(commands: "Subparsers", everyone: argparse.ArgumentParser) -> None:
    """Add ``kojo doctor``."""

    def run(asked: argparse.Namespace) -> int:
        from kojo.doctor import doctor

        return doctor(asked.line, asked.data)

    title = Words("何がおかしいかを、ふつうの言葉で", "what is wrong, in plain words")
    command = new_command(commands, everyone, "doctor", title, run)
    line_option(command)
    data_option(command)
