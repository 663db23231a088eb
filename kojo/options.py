"""How a command is added, and the options that several commands share."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from contract.words import Words

Command = Callable[[argparse.Namespace], int]

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # argparse gives it no public name


def new_command(
    commands: "Subparsers", everyone: argparse.ArgumentParser, name: str, title: Words, run: Command
) -> argparse.ArgumentParser:
    """Add a command, with the options that every command has."""
    command = commands.add_parser(name, help=str(title), description=str(title), parents=[everyone])
    command.set_defaults(run=run)
    return command


def line_option(command: argparse.ArgumentParser) -> None:
    """``--line``"""
    command.add_argument(
        "--line", type=Path, default=Path("line.toml"), metavar="F", help=str(Words("ラインの定義", "the line's file"))
    )


def data_option(command: argparse.ArgumentParser, default: str = "data") -> None:
    """``--data``"""
    command.add_argument(
        "--data",
        type=Path,
        default=Path(default),
        metavar="DIR",
        help=str(Words(f"データの置き場所(既定 {default})", f"where data is kept (default {default})")),
    )


def http_option(command: argparse.ArgumentParser) -> None:
    """``--http``"""
    command.add_argument(
        "--http",
        default="127.0.0.1:8000",
        metavar="HOST:PORT",
        help=str(Words("ページの番地(既定 127.0.0.1:8000)", "address of the pages (default 127.0.0.1:8000)")),
    )
