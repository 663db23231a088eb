"""The options of backup and restore."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from contract.words import Words
from kojo.options import data_option, line_option, new_command

if TYPE_CHECKING:
    from kojo.options import Subparsers


def backup(commands: "Subparsers", everyone: argparse.ArgumentParser) -> None:
    """Add ``kojo backup``."""

    def run(asked: argparse.Namespace) -> int:
        from kojo.backup import backup

        return backup(asked.data, asked.to, asked.line, asked.with_tokens)

    title = Words("控えを1つのファイルに取る(動かしたままで)", "a backup in one file, while kojo serve runs")
    command = new_command(commands, everyone, "backup", title, run)
    command.add_argument(
        "--to", type=Path, required=True, metavar="FILE", help=str(Words("控えのファイル", "the file"))
    )
    data_option(command)
    line_option(command)
    command.add_argument(
        "--with-tokens", action="store_true", help=str(Words("トークンも入れる", "put the tokens in, too"))
    )


def restore(commands: "Subparsers", everyone: argparse.ArgumentParser) -> None:
    """Add ``kojo restore``."""

    def run(asked: argparse.Namespace) -> int:
        from kojo.restore import restore

        return restore(asked.file, asked.data, asked.replace, asked.line)

    title = Words("控えから戻す(kojo serve を動かしたままで)", "restore a backup, while kojo serve runs or not")
    command = new_command(commands, everyone, "restore", title, run)
    command.add_argument("file", type=Path, metavar="FILE", help=str(Words("控えのファイル", "the backup")))
    data_option(command)
    line_option(command)
    command.add_argument(
        "--replace",
        action="store_true",
        help=str(Words("今の保存ファイルを脇へ置いて戻す", "set the store that is there aside")),
    )
