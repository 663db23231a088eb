"""The options of ``kojo learn``. Light: lessons are read when it is asked for."""

import argparse
from collections.abc import Callable
from pathlib import Path

from contract.errors import NotAllowed
from contract.words import Words
from kojo.ending import asked_to_end

Add = Callable[[argparse.ArgumentParser], None]
TITLE = Words("課題を1つずつ。保存するたびに答え合わせ(実物なしでも)", "the lessons, checked at each save, no hardware")


def add(learn: argparse.ArgumentParser) -> None:
    """Add them."""
    learn.add_argument(
        "lesson", nargs="?", metavar="A2", help=str(Words("課題の番号(なければ続きから)", "the lesson; else go on"))
    )
    learn.add_argument(
        "--folder",
        type=Path,
        default=Path("kojo-learn"),
        metavar="DIR",
        help=str(Words("自分のファイルの置き場所(既定 kojo-learn)", "where your files are (default kojo-learn)")),
    )
    how = learn.add_mutually_exclusive_group()
    how.add_argument(
        "--check", action="store_true", help=str(Words("1回だけ答え合わせ(緑なら 0)", "check once; 0 if green"))
    )
    how.add_argument(
        "--pi", action="store_true", help=str(Words("緑になったファイルを実物のピンで", "on real pins, once green"))
    )
    how.add_argument("--list", action="store_true", help=str(Words("課題の一覧", "every lesson")))
    how.add_argument(
        "--http",
        metavar="HOST:PORT",
        help=str(Words("ブラウザーの課題と講師のボードを出す", "serve the lessons and the board to browsers")),
    )
    how.add_argument(
        "--print",
        type=Path,
        metavar="DIR",
        help=str(Words("課題を A4 の PDF に(番号がなければ全部)", "lessons as PDF of A4; all, if none is named")),
    )
    html = Words("--print で PDF でなく HTML に", "--print as HTML, without a browser")
    learn.add_argument("--html", action="store_true", help=str(html))
    again = Words("--print で前のものに上書きする", "--print writes over those that are there")
    learn.add_argument("--replace", action="store_true", help=str(again))
    how.add_argument(
        "--class-line",
        type=Path,
        metavar="FILE",
        help=str(Words("席ごとの line.toml を1つのラインにまとめて書く", "join the desks' line.toml to one line")),
    )
    how.add_argument(
        "--class-bench",
        type=Path,
        metavar="FILE",
        help=str(
            Words("そのラインの全員のボタンを練習台で動かす", "run everybody's buttons of that line on the bench")
        ),
    )
    how.add_argument(
        "--take-home",
        type=Path,
        metavar="DIR",
        help=str(Words("席ごとのファイルを写す(持ち帰り)", "copy each desk's files, to be taken home")),
    )
    learn.add_argument(
        "--lines",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help=str(Words("--class-line に、席のほかに足すファイル", "--class-line joins these files, too")),
    )
    learn.add_argument(
        "--bench-page",
        default="127.0.0.1:0",
        metavar="HOST:PORT",
        help=str(Words("--class-bench のページの番地", "where the page of --class-bench answers")),
    )
    learn.add_argument(
        "--hints",
        type=int,
        choices=range(4),
        default=1,
        help=str(Words("--check で出すヒントの段数", "hint steps of --check")),
    )
    learn.add_argument(
        "--data",
        type=Path,
        default=Path("data"),
        metavar="DIR",
        help=str(Words("--http の置き場所(--class-line と --take-home はここを読む)", "--http keeps its files here")),
    )


def run(asked: argparse.Namespace) -> int:
    """Do what was asked for. Raises NotAllowed for an option of another one's that would do nothing."""
    _goes_with("--html", asked.html, "--print", asked.print)
    _goes_with("--replace", asked.replace, "--print", asked.print)
    _goes_with("--lines", asked.lines, "--class-line", asked.class_line)
    if asked.http:
        end = asked_to_end()
        from curriculum.learn.served import serve

        return serve(asked.http, asked.data, end)
    if asked.print:
        from kojo.learn_print import print_lessons

        return print_lessons(asked.lesson, asked.print, html=asked.html, replace=asked.replace)
    if asked.class_bench:
        end = asked_to_end()
        from kojo.class_bench import class_bench

        return class_bench(asked.class_bench, asked.data, asked.bench_page, end)
    if asked.class_line:
        from kojo.learn_class import class_line

        return class_line(asked.class_line, asked.data, asked.lines)
    if asked.take_home:
        from kojo.learn_class import take_home

        return take_home(asked.take_home, asked.data)
    from kojo.learn import check, learn, listed, on_pins

    if asked.list:
        return listed()
    if asked.check:
        return check(asked.lesson, asked.folder, asked.hints)
    return on_pins(asked.lesson, asked.folder) if asked.pi else learn(asked.lesson, asked.folder)


def _goes_with(option: str, given: object, other: str, there: object) -> None:
    if given and not there:
        raise NotAllowed(
            Words(f"{option} は {other} といっしょに使います。", f"{option} goes with {other}."),
            Words(f"{other} を付けるか、{option} を消してください。", f"Give {other}, too, or leave {option} out."),
        )
