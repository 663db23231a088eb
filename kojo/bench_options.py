"""The options of the commands of the bench: sensors, rehearse, run."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from contract.words import Words
from kojo.options import data_option, new_command

if TYPE_CHECKING:
    from kojo.options import Subparsers


def sensors(commands: "Subparsers", everyone: argparse.ArgumentParser) -> None:
    """Add ``kojo sensors``."""

    def run(asked: argparse.Namespace) -> int:
        from kojo.sensors import sensors

        return sensors(asked.type, asked.data)

    title = Words("センサーの種類の一覧。種類を付けるとその説明", "the sensor types; with a type, its page")
    command = new_command(commands, everyone, "sensors", title, run)
    command.add_argument("type", nargs="?", metavar="TYPE", help=str(Words("説明を見る種類", "the type to explain")))
    data_option(command)


def rehearse(commands: "Subparsers", everyone: argparse.ArgumentParser) -> None:
    """Add ``kojo rehearse``."""

    def run(asked: argparse.Namespace) -> int:
        from kojo.rehearse import rehearse

        return rehearse(asked.types, asked.data)

    title = Words("センサーの稽古を練習台で行う(実物なし)", "play the sensors' rehearsals on the bench, no hardware")
    command = new_command(commands, everyone, "rehearse", title, run)
    command.add_argument("types", nargs="*", metavar="TYPE", help=str(Words("種類(なければ全部)", "types (all)")))
    data_option(command)


def run_script(commands: "Subparsers", everyone: argparse.ArgumentParser) -> None:
    """Add ``kojo run``."""

    def run(asked: argparse.Namespace) -> int:
        from kojo.run import run as run_script

        return run_script(asked.script, asked.arguments, line_file=asked.on, agent=asked.agent, page=asked.bench_page)

    title = Words("今あるスクリプトをそのまま練習台で動かす", "run an existing Pi script, unchanged, on the bench")
    command = new_command(commands, everyone, "run", title, run)
    on = Words("練習台に置くもの(line.toml)", "what stands on the bench (a line.toml)")
    command.add_argument("--line", dest="on", type=Path, metavar="FILE", help=str(on))
    command.add_argument("--agent", metavar="ID", help=str(Words("その中のどの Pi か", "which Pi of it")))
    page = Words("練習台のページの番地。off で出さない", "address of the bench's page; off: none")
    command.add_argument("--bench-page", metavar="HOST:PORT", help=str(page))
    command.add_argument("script", type=Path, metavar="SCRIPT.py", help=str(Words("スクリプト", "the script")))
    rest = Words("スクリプトに渡すもの", "what the script is given")
    command.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...", help=str(rest))
