"""The command line: what there is, in the language of whoever reads it, and one way to end.

    kojo check line.toml
    kojo derive --line line.toml --out data
    kojo serve --line line.toml --data data
    kojo edge --line line.toml --agent pi-1 --data data
    kojo demo

Exit codes: 0 done, 2 the user's mistake (said with where, why and a hint), 1 ours.
"""

import argparse
import difflib
import logging
import os
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from contract.errors import BackupError, InUse, KojoError, LineError, MissingExtra, NotAllowed, NotThere
from contract.words import Language, Words, speaking
from kojo import bench_options, keeping_options, line_options, serving_options
from kojo.options import Command, new_command
from kojo.parser_words import SpokenParser, in_japanese

if TYPE_CHECKING:
    from kojo.options import Subparsers

DONE, OURS, THEIRS = 0, 1, 2

_USERS_MISTAKES = (BackupError, LineError, NotThere, NotAllowed, InUse, MissingExtra)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; every error a person can mend is said in one line, never as a traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        with speaking(_language_of(given)):
            return _run(given)
    except KeyboardInterrupt:  # also while the command line is still being read
        return DONE


def _run(given: Sequence[str]) -> int:
    known = parser()
    asked = known.parse_args(given)
    if "run" not in asked:
        known.print_help()
        return THEIRS
    _log_to_stderr("verbose" in asked)
    command: Command = asked.run
    try:
        return command(asked)
    except KojoError as error:
        print(error.say(), file=sys.stderr)
        return THEIRS if isinstance(error, _USERS_MISTAKES) else OURS
    except ModuleNotFoundError as error:
        print(_missing(error).say(), file=sys.stderr)
        return THEIRS
    except BrokenPipeError:  # our reader went away (`kojo check | head`): nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def _missing(error: ModuleNotFoundError) -> MissingExtra:
    """Which extra brings the package; anything else that is missing is our own mistake."""
    package = (error.name or "").partition(".")[0]
    extra = next((extra for extra, brings in _EXTRAS.items() if package in brings), None)
    if extra is None:
        raise error
    return MissingExtra(package, extra)


_EXTRAS = {
    "edge": ("gpiozero", "paho", "serial", "smbus2", "lgpio"),
    "server": ("numpy", "duckdb", "fastapi", "starlette", "uvicorn", "scipy", "amqtt", "cryptography", "segno"),
    "influx": ("influxdb_client",),
    "demo": ("simpy", "fake_rpi"),
}


def _language_of(given: Sequence[str]) -> Language | None:
    """--lang must be known before help and errors are worded."""
    found: Language | None = None
    for before, after in zip(given, [*given, ""][1:], strict=True):
        asked = after if before == "--lang" else before.removeprefix("--lang=")
        if before.startswith("--lang") and asked in ("ja", "en"):
            found = "ja" if asked == "ja" else "en"
    return found


def _log_to_stderr(verbose: bool) -> None:
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        datefmt="%H:%M:%S",
    )
    for noisy in ("amqtt", "transitions", "asyncio", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class _Parser(SpokenParser):
    """Says what was typed wrongly in the reader's language, with the nearest word; argparse speaks English only."""

    def error(self, message: str) -> NoReturn:
        """Exit 2."""
        given, words = _wrong_word(message)
        near = difflib.get_close_matches(given, words, 1) if given else []
        hint = Words(f"「{near[0]}」ではありませんか。", f'Did you mean "{near[0]}"?').say() if near else ""
        what = Words(
            f"{self.prog}: コマンドの書き方が違います({in_japanese(message)})。「{self.prog} --help」で一覧が出ます。",
            f"{self.prog}: {message}. See: {self.prog} --help",
        )
        print(what, hint, file=sys.stderr)
        sys.exit(THEIRS)


def _wrong_word(message: str) -> tuple[str, list[str]]:
    """What was given and what there is, from argparse's "invalid choice: 'x' (choose from 'a', 'b')"."""
    given, choose, rest = message.partition("(choose from ")
    if not choose:
        return "", []
    return given.rpartition("invalid choice: ")[2].strip(" '"), re.findall(r"[\w-]+", rest)


def parser() -> argparse.ArgumentParser:
    """Every command with its options, in the language spoken."""
    everyone = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    everyone.add_argument("--lang", choices=["ja", "en"], help=str(Words("表示の言語", "language of what you read")))
    everyone.add_argument("-v", "--verbose", action="store_true", help=str(Words("記録を細かく", "log more")))
    title = Words("工場ハック: ピンから壁の数字まで", "kojohack: from a pin to the wall")
    known = _Parser(prog="kojo", description=str(title), parents=[everyone])
    commands: Subparsers = known.add_subparsers(metavar="COMMAND")  # type: ignore[assignment]
    for add in (
        serving_options.demo,
        line_options.init,
        line_options.check,
        line_options.calendar,
        line_options.derive,
        serving_options.edge,
        serving_options.serve,
        serving_options.collect,
        serving_options.kpi,
        serving_options.pair,
        _report,
        _sheet,
        _factory,
        keeping_options.backup,
        keeping_options.restore,
        line_options.doctor,
        bench_options.sensors,
        bench_options.rehearse,
        bench_options.run_script,
        _pack,
        _learn,
    ):
        add(commands, everyone)
    return known


def _report(commands: "Subparsers", everyone: argparse.ArgumentParser) -> None:
    from kojo.report_options import add

    add(new_command(commands, everyone, "report", REPORT, _no_page), everyone)


def _factory(commands: "Subparsers", everyone: argparse.ArgumentParser) -> None:
    from kojo.factory_options import add

    title = Words("仮想工場で改善を探す練習をする", "hunt for improvements in a virtual factory")
    add(new_command(commands, everyone, "factory", title, _no_factory), everyone)


def _no_factory(_: argparse.Namespace) -> int:
    what = Words(
        "何をするかを言ってください: list、observe、open、improve …", "Say what: list, observe, open, improve …"
    )
    print(what, Words("「kojo factory --help」で一覧が出ます。", "See: kojo factory --help"), file=sys.stderr)
    return THEIRS


def _sheet(commands: "Subparsers", everyone: argparse.ArgumentParser) -> None:
    from kojo.sheet_options import add

    title = Words("講座の帳票を印刷する・書き込む・読み取る", "the sheets of the courses: print, fill in, read")
    add(new_command(commands, everyone, "sheet", title, _no_action), everyone)


def _no_action(_: argparse.Namespace) -> int:
    what = Words("何をするかを言ってください: list、print、blank、check …", "Say what: list, print, blank, check …")
    print(what, Words("「kojo sheet --help」で一覧が出ます。", "See: kojo sheet --help"), file=sys.stderr)
    return THEIRS


REPORT = Words("日報・月報・効果の評価を A4 1枚に(HTML、PDF)", "shift, month or evaluation as one A4 page (HTML, PDF)")


def _no_page(_: argparse.Namespace) -> int:
    said = Words("shift、month、evaluation のどれかを選んでください。", "Choose shift, month or evaluation.")
    print(said, file=sys.stderr)
    return THEIRS


def _learn(commands: "Subparsers", everyone: argparse.ArgumentParser) -> None:
    from kojo.learn_options import TITLE, add, run

    add(new_command(commands, everyone, "learn", TITLE, run))


def _pack(commands: "Subparsers", everyone: argparse.ArgumentParser) -> None:
    from kojo.pack_options import TITLE, add

    add(new_command(commands, everyone, "pack", TITLE, _no_action), everyone)
