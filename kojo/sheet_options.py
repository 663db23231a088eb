"""The options of ``kojo sheet``. Light: what reads and prints the sheets is imported when it is asked for."""

import argparse
from collections.abc import Callable
from pathlib import Path

from contract.words import Words

Kinds = argparse._SubParsersAction  # argparse gives it no public name
Everyone = argparse.ArgumentParser
Command = Callable[[argparse.Namespace], int]


def add(sheet: argparse.ArgumentParser, everyone: Everyone) -> None:
    """Add its actions."""
    kinds: Kinds[argparse.ArgumentParser] = sheet.add_subparsers(metavar="ACTION")
    for one in (_list, _print, _blank, _check):
        one(kinds, everyone)


def _list(kinds: "Kinds[argparse.ArgumentParser]", everyone: Everyone) -> None:
    def run(_: argparse.Namespace) -> int:
        from kojo.sheet import listed

        return listed()

    _action(kinds, everyone, "list", Words("帳票の一覧", "every sheet"), run)


def _print(kinds: "Kinds[argparse.ArgumentParser]", everyone: Everyone) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.sheet import printed

        return printed(asked.what, asked.day, asked.to, asked.replace)

    title = Words("A4 に印刷する(何も言わなければ全部)", "print on A4 (all of them, where none is named)")
    action = _action(kinds, everyone, "print", title, run)
    what = Words("帳票の番号(S6)か、書き込んだファイル(s6.toml)", "numbers (S6), or filled files (s6.toml)")
    action.add_argument("what", nargs="*", metavar="S6", help=str(what))
    day = Words("その日に使うものを全部", "all that a course needs")
    action.add_argument("--day", choices=["A", "B", "C", "D"], type=str.upper, help=str(day))
    _to(action, Words("書くファイル(.pdf か .html)", "the file to write (.pdf or .html)"))
    replace = Words("すでにあるファイルに上書きする", "write over a file that is there")
    action.add_argument("--replace", action="store_true", help=str(replace))


def _blank(kinds: "Kinds[argparse.ArgumentParser]", everyone: Everyone) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.sheet import blank

        return blank(asked.sheet, asked.to)

    title = Words(
        "書き込むファイルを作る(書式は TOML、表は CSV)", "a file to fill in (TOML for a form, CSV for a table)"
    )
    action = _action(kinds, everyone, "blank", title, run)
    action.add_argument("sheet", metavar="S20", help=str(Words("帳票の番号", "the sheet's number")))
    _to(action, Words("書くファイル(既定 s20.toml など)", "the file to write (default s20.toml and so on)"), False)


def _check(kinds: "Kinds[argparse.ArgumentParser]", everyone: Everyone) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.sheet import check

        return check(asked.files)

    title = Words("書き込んだファイルを調べる(間違いを全部、一度に)", "check filled files: every mistake at once")
    action = _action(kinds, everyone, "check", title, run)
    _files(action, "FILE")


def _action(
    kinds: "Kinds[argparse.ArgumentParser]", everyone: Everyone, name: str, title: Words, run: Command
) -> argparse.ArgumentParser:
    action = kinds.add_parser(name, help=str(title), description=str(title), parents=[everyone])
    action.set_defaults(run=run)
    return action


def _files(action: argparse.ArgumentParser, metavar: str) -> None:
    action.add_argument(
        "files", nargs="+", type=Path, metavar=metavar, help=str(Words("書き込んだファイル", "filled files"))
    )


def _to(action: argparse.ArgumentParser, help: Words, required: bool = True) -> None:
    action.add_argument("--to", type=Path, required=required, metavar="FILE", help=str(help))
