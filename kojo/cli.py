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
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from contract.errors import BackupError, InUse, KojoError, LineError, MissingExtra, NotAllowed, NotThere
from contract.words import Language, Words, speaking
from kojo.ending import asked_to_end
from kojo.parser_words import SpokenParser, in_japanese

DONE, OURS, THEIRS = 0, 1, 2

Command = Callable[[argparse.Namespace], int]

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
    commands: Subparsers[argparse.ArgumentParser] = known.add_subparsers(metavar="COMMAND")  # type: ignore[assignment]
    for add in (
        _demo,
        _init,
        _check,
        _calendar,
        _derive,
        _edge,
        _serve,
        _collect,
        _kpi,
        _pair,
        _report,
        _sheet,
        _factory,
        _backup,
        _restore,
        _doctor,
        _sensors,
        _rehearse,
        _run_script,
        _pack,
        _learn,
    ):
        add(commands, everyone)
    return known


Subparsers = argparse._SubParsersAction  # argparse gives it no public name


def _command(
    commands: "Subparsers[argparse.ArgumentParser]",
    everyone: argparse.ArgumentParser,
    name: str,
    title: Words,
    run: Command,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=str(title), description=str(title), parents=[everyone])
    command.set_defaults(run=run)
    return command


def _line_option(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--line", type=Path, default=Path("line.toml"), metavar="F", help=str(Words("ラインの定義", "the line's file"))
    )


def _data_option(command: argparse.ArgumentParser, default: str = "data") -> None:
    command.add_argument(
        "--data",
        type=Path,
        default=Path(default),
        metavar="DIR",
        help=str(Words(f"データの置き場所(既定 {default})", f"where data is kept (default {default})")),
    )


def _http_option(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--http",
        default="127.0.0.1:8000",
        metavar="HOST:PORT",
        help=str(Words("ページの番地(既定 127.0.0.1:8000)", "address of the pages (default 127.0.0.1:8000)")),
    )


def _demo(commands: "Subparsers[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    def run(asked: argparse.Namespace) -> int:
        end = asked_to_end()
        from kojo.demo import demo

        return demo(asked.data, asked.http, asked.seed, asked.days, end, asked.line)

    title = Words("仮想の現場で一式を動かす(実物なし)", "the whole kit on a virtual floor, no hardware")
    command = _command(commands, everyone, "demo", title, run)
    own = Words("自分の line.toml で(省くと洗浄ライン)", "a line.toml of your own (else the washing line)")
    command.add_argument("--line", type=Path, metavar="line.toml", help=str(own))
    _data_option(command, "demo-data")
    _http_option(command)
    command.add_argument("--seed", type=int, default=1, help=str(Words("乱数の種", "seed of the virtual floor")))
    command.add_argument(
        "--days", type=int, default=28, help=str(Words("作る履歴の日数(既定 28)", "days of history (default 28)"))
    )


def _init(commands: "Subparsers[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.init import from_nobody, from_stdin, from_terminal, init

        is_terminal = sys.stdin.isatty()
        ask = from_nobody if asked.yes else from_terminal if is_terminal else from_stdin
        return init(asked.line_file, ask, again=is_terminal)

    title = Words("質問に答えて、最初の line.toml を作る", "write a first line.toml by asking")
    command = _command(commands, everyone, "init", title, run)
    command.add_argument("line_file", type=Path, nargs="?", default=Path("line.toml"), metavar="line.toml")
    every_default = Words("何も聞かず、全部を既定の値で", "ask nothing: every default")
    command.add_argument("--yes", action="store_true", default=False, help=str(every_default))


def _check(commands: "Subparsers[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.check import check, print_schema

        return print_schema(asked.data) if asked.schema else check(asked.line_file, asked.data)

    title = Words("line.toml を調べる(間違いを全部、一度に)", "check a line.toml: every mistake at once")
    command = _command(commands, everyone, "check", title, run)
    command.add_argument("line_file", type=Path, nargs="?", default=Path("line.toml"), metavar="line.toml")
    command.add_argument(
        "--schema",
        action="store_true",
        default=False,
        help=str(Words("エディター用の JSON スキーマを出す", "print the JSON schema for editors")),
    )
    _data_option(command)


def _calendar(commands: "Subparsers[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.calendar import import_calendar

        return import_calendar(asked.file, asked.line, asked.data, asked.by, dry_run=asked.dry_run)

    title = Words("会社のカレンダー(CSV)を line.toml に取り込む", "a company's calendar (CSV) into line.toml")
    command = _command(commands, everyone, "calendar", title, run)
    command.add_argument("action", choices=["import"], help=str(Words("取り込む", "import it")))
    command.add_argument("file", type=Path, metavar="FILE.csv", help=str(Words("カレンダー", "the calendar")))
    _line_option(command)
    _data_option(command)
    by, trial = (
        Words("だれが(設定の履歴に残る)", "who (the settings' history tells)"),
        Words("書かずに試す", "write nothing"),
    )
    command.add_argument("--by", metavar="NAME", help=str(by))
    command.add_argument("--dry-run", action="store_true", help=str(trial))


def _derive(commands: "Subparsers[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.derive import Wishes, derive

        return derive(asked.line, asked.out, asked.only, Wishes(asked.host, asked.renew))

    title = Words(
        "配線図・ピン表・点検表・部品表とブローカーのアカウントを作る",
        "wiring pictures, pin tables, checklists, parts list, accounts",
    )
    command = _command(commands, everyone, "derive", title, run)
    _line_option(command)
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


def _edge(commands: "Subparsers[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.edge import edge

        return edge(asked.line, asked.agent, asked.data, asked.bench_page)

    title = Words("Pi の上でセンサーを読んで送る", "the agent: reads sensors on a Pi and publishes")
    command = _command(commands, everyone, "edge", title, run)
    _line_option(command)
    command.add_argument("--agent", required=True, metavar="ID", help=str(Words("この Pi の名前", "this Pi's id")))
    _data_option(command)
    page = Words("練習台のページの番地。off で出さない", "address of the bench's page; off: none")
    command.add_argument("--bench-page", metavar="HOST:PORT", help=str(page))


def _serve(commands: "Subparsers[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    def run(asked: argparse.Namespace) -> int:
        end = asked_to_end()
        from kojo.serve import serve

        return serve(asked.line, asked.data, asked.http, end)

    title = Words("受信・保存・KPI・ページをまとめて動かす", "collector, KPI service and pages in one process")
    command = _command(commands, everyone, "serve", title, run)
    _line_option(command)
    _data_option(command)
    _http_option(command)


def _collect(commands: "Subparsers[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    def run(asked: argparse.Namespace) -> int:
        end = asked_to_end()
        from kojo.collect import collect

        return collect(asked.line, asked.data, asked.share, end)

    title = Words("受信と保存だけ(保存先がサーバーのとき)", "the collecting half alone, where the store is a server")
    command = _command(commands, everyone, "collect", title, run)
    _line_option(command)
    _data_option(command)
    command.add_argument(
        "--share",
        action="store_true",
        help=str(
            Words(
                "何台かの kojo collect で分担する(MQTT 5。全部に付ける)",
                "one of several that share the messages (MQTT 5; say it to all of them)",
            )
        ),
    )


def _kpi(commands: "Subparsers[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    def run(asked: argparse.Namespace) -> int:
        end = asked_to_end()
        from kojo.kpi import kpi

        return kpi(asked.line, asked.data, asked.http, end)

    title = Words(
        "KPI とページだけ(保存先がサーバーのとき)", "KPI service and pages alone, where the store is a server"
    )
    command = _command(commands, everyone, "kpi", title, run)
    _line_option(command)
    _data_option(command)
    _http_option(command)


def _sensors(commands: "Subparsers[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.sensors import sensors

        return sensors(asked.type, asked.data)

    title = Words("センサーの種類の一覧。種類を付けるとその説明", "the sensor types; with a type, its page")
    command = _command(commands, everyone, "sensors", title, run)
    command.add_argument("type", nargs="?", metavar="TYPE", help=str(Words("説明を見る種類", "the type to explain")))
    _data_option(command)


def _pair(commands: "Subparsers[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.pair import pair

        return pair(asked.data, asked.http, asked.role, asked.out)

    title = Words("スマホや壁の画面を仲間入りさせる QR コード(1回、10分)", "a QR code by which a phone or a wall joins")
    command = _command(commands, everyone, "pair", title, run)
    _data_option(command)
    command.add_argument(
        "--http",
        metavar="HOST:PORT",
        help=str(Words("ページの番地(既定 kojo serve の番地)", "address of the pages (default where kojo serve is)")),
    )
    command.add_argument(
        "--out", type=Path, metavar="FILE", help=str(Words("QR コードの絵 .svg .png", "the code as .svg or .png"))
    )
    command.add_argument(
        "--role",
        choices=["operator", "viewer"],
        default="operator",
        help=str(Words("操作もする operator、見るだけ viewer", "operator may change things, viewer may look")),
    )


def _report(commands: "Subparsers[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    from kojo.report_options import add

    add(_command(commands, everyone, "report", REPORT, _no_page), everyone)


def _factory(commands: "Subparsers[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    from kojo.factory_options import add

    title = Words("仮想工場で改善を探す練習をする", "hunt for improvements in a virtual factory")
    add(_command(commands, everyone, "factory", title, _no_factory), everyone)


def _no_factory(_: argparse.Namespace) -> int:
    what = Words(
        "何をするかを言ってください: list、observe、open、improve …", "Say what: list, observe, open, improve …"
    )
    print(what, Words("「kojo factory --help」で一覧が出ます。", "See: kojo factory --help"), file=sys.stderr)
    return THEIRS


def _sheet(commands: "Subparsers[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    from kojo.sheet_options import add

    title = Words("講座の帳票を印刷する・書き込む・読み取る", "the sheets of the courses: print, fill in, read")
    add(_command(commands, everyone, "sheet", title, _no_action), everyone)


def _no_action(_: argparse.Namespace) -> int:
    what = Words("何をするかを言ってください: list、print、blank、check …", "Say what: list, print, blank, check …")
    print(what, Words("「kojo sheet --help」で一覧が出ます。", "See: kojo sheet --help"), file=sys.stderr)
    return THEIRS


REPORT = Words("日報・月報・効果の評価を A4 1枚に(HTML、PDF)", "shift, month or evaluation as one A4 page (HTML, PDF)")


def _no_page(_: argparse.Namespace) -> int:
    said = Words("shift、month、evaluation のどれかを選んでください。", "Choose shift, month or evaluation.")
    print(said, file=sys.stderr)
    return THEIRS


def _learn(commands: "Subparsers[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    from kojo.learn_options import TITLE, add, run

    add(_command(commands, everyone, "learn", TITLE, run))


def _pack(commands: "Subparsers[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    from kojo.pack_options import TITLE, add

    add(_command(commands, everyone, "pack", TITLE, _no_action), everyone)


def _backup(commands: "Subparsers[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.backup import backup

        return backup(asked.data, asked.to, asked.line, asked.with_tokens)

    title = Words("控えを1つのファイルに取る(動かしたままで)", "a backup in one file, while kojo serve runs")
    command = _command(commands, everyone, "backup", title, run)
    command.add_argument(
        "--to", type=Path, required=True, metavar="FILE", help=str(Words("控えのファイル", "the file"))
    )
    _data_option(command)
    _line_option(command)
    command.add_argument(
        "--with-tokens", action="store_true", help=str(Words("トークンも入れる", "put the tokens in, too"))
    )


def _restore(commands: "Subparsers[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.restore import restore

        return restore(asked.file, asked.data, asked.replace, asked.line)

    title = Words("控えから戻す(kojo serve を動かしたままで)", "restore a backup, while kojo serve runs or not")
    command = _command(commands, everyone, "restore", title, run)
    command.add_argument("file", type=Path, metavar="FILE", help=str(Words("控えのファイル", "the backup")))
    _data_option(command)
    _line_option(command)
    command.add_argument(
        "--replace",
        action="store_true",
        help=str(Words("今の保存ファイルを脇へ置いて戻す", "set the store that is there aside")),
    )


def _doctor(commands: "Subparsers[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.doctor import doctor

        return doctor(asked.line, asked.data)

    title = Words("何がおかしいかを、ふつうの言葉で", "what is wrong, in plain words")
    command = _command(commands, everyone, "doctor", title, run)
    _line_option(command)
    _data_option(command)


def _run_script(commands: "Subparsers[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.run import run as run_script

        return run_script(asked.script, asked.arguments, line_file=asked.on, agent=asked.agent, page=asked.bench_page)

    title = Words("今あるスクリプトをそのまま練習台で動かす", "run an existing Pi script, unchanged, on the bench")
    command = _command(commands, everyone, "run", title, run)
    on = Words("練習台に置くもの(line.toml)", "what stands on the bench (a line.toml)")
    command.add_argument("--line", dest="on", type=Path, metavar="FILE", help=str(on))
    command.add_argument("--agent", metavar="ID", help=str(Words("その中のどの Pi か", "which Pi of it")))
    page = Words("練習台のページの番地。off で出さない", "address of the bench's page; off: none")
    command.add_argument("--bench-page", metavar="HOST:PORT", help=str(page))
    command.add_argument("script", type=Path, metavar="SCRIPT.py", help=str(Words("スクリプト", "the script")))
    rest = Words("スクリプトに渡すもの", "what the script is given")
    command.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...", help=str(rest))


def _rehearse(commands: "Subparsers[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.rehearse import rehearse

        return rehearse(asked.types, asked.data)

    title = Words("センサーの稽古を練習台で行う(実物なし)", "play the sensors' rehearsals on the bench, no hardware")
    command = _command(commands, everyone, "rehearse", title, run)
    command.add_argument("types", nargs="*", metavar="TYPE", help=str(Words("種類(なければ全部)", "types (all)")))
    _data_option(command)
