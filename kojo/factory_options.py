"""The options of ``kojo factory``. Light: what makes the floors is imported when one is asked for."""

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path

from contract.words import Words
from kojo.ending import listening

Kinds = argparse._SubParsersAction  # argparse gives it no public name
Everyone = argparse.ArgumentParser
Run = Callable[[argparse.Namespace], int]
FACTORIES = ("washing", "press", "packing", "lathe")


def add(factory: argparse.ArgumentParser, everyone: Everyone) -> None:
    """Add its actions."""
    kinds: Kinds[argparse.ArgumentParser] = factory.add_subparsers(metavar="ACTION")
    for one in (_list, _observe, _open, _improve, _grade, _answers):
        one(kinds, everyone)


def _list(kinds: "Kinds[argparse.ArgumentParser]", everyone: Everyone) -> None:
    def run(_: argparse.Namespace) -> int:
        from kojo.factory import listed

        return listed()

    _action(kinds, everyone, "list", Words("仮想工場の一覧", "every virtual factory"), run)


def _observe(kinds: "Kinds[argparse.ArgumentParser]", everyone: Everyone) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.factory import observed

        return observed(asked.factory, asked.cycles, asked.seed, asked.to)

    title = Words("現場に立って時間を観測する(S4)", "stand there with a stopwatch (S4)")
    action = _action(kinds, everyone, "observe", title, run)
    where = Words("仮想工場の名前か、開いた場所", "a factory's name, or where one was opened")
    action.add_argument("factory", metavar="washing", help=str(where))
    action.add_argument(
        "--cycles", type=int, default=20, help=str(Words("何回見るか(既定 20)", "how many (default 20)"))
    )
    _seed(action)
    to = Words("S4 の CSV。10 回ごとに1枚", "the S4 as CSV, a sheet for each ten cycles")
    action.add_argument("--to", type=Path, metavar="s4.csv", help=str(to))


def _open(kinds: "Kinds[argparse.ArgumentParser]", everyone: Everyone) -> None:
    def run(asked: argparse.Namespace) -> int:
        with listening() as end:
            from kojo.factory import First, open_

            first = First(asked.days, asked.seed, asked.trap, asked.line, asked.start)
            return open_(asked.factory, asked.data, first, end.wait)

    title = Words("仮想工場を開き、対策の前の日々を作る", "open a factory and make the days before any measure")
    action = _action(kinds, everyone, "open", title, run)
    action.add_argument("factory", choices=FACTORIES, metavar="washing", help=str(Words("仮想工場", "the factory")))
    data = Words("データの置き場所(新しい場所)", "where data are kept (a new place)")
    action.add_argument("--data", type=Path, required=True, metavar="DIR", help=str(data))
    _days(action, None)
    _seed(action, None)
    trap = Words(
        "仕込む落とし穴(進行役)。any ならどれか、または何もなし",
        "the trap to lay (facilitator); any: one of them, or none",
    )
    action.add_argument("--trap", metavar="NAME", help=str(trap))
    own = Words("自分たちの line.toml で測る", "measure with your own line.toml")
    action.add_argument("--line", type=Path, metavar="F", help=str(own))
    start = Words("最初の日(既定 12 週前の月曜)", "the first day (default a Monday twelve weeks back)")
    action.add_argument("--start", type=date.fromisoformat, metavar="2026-10-05", help=str(start))


def _improve(kinds: "Kinds[argparse.ArgumentParser]", everyone: Everyone) -> None:
    def run(asked: argparse.Namespace) -> int:
        with listening() as end:
            from kojo.factory import improved

            return improved(asked.dir, asked.what, asked.days, end.wait)

    title = Words("改善を入れて、その後の日々を作る", "bring an improvement in and make the days after")
    action = _action(kinds, everyone, "improve", title, run)
    _dir(action)
    what = Words("改善の名前(kojo factory list にあります)", "the improvement (see kojo factory list)")
    action.add_argument("what", metavar="WHAT", help=str(what))
    _days(action)


def _grade(kinds: "Kinds[argparse.ArgumentParser]", everyone: Everyone) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.factory import grade

        return grade(asked.dir, asked.file)

    title = Words("チームの「気づき」を答え合わせする", "compare what a team noticed with the answer book")
    action = _action(kinds, everyone, "grade", title, run)
    _dir(action)
    file = Words("チームが書いたもの(open が用意します)", "what the team wrote (open makes the blank)")
    action.add_argument("file", type=Path, metavar="answers.toml", help=str(file))


def _answers(kinds: "Kinds[argparse.ArgumentParser]", everyone: Everyone) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.factory import answers

        return answers(asked.factory, asked.facilitator, asked.to, asked.replace)

    action = _action(kinds, everyone, "answers", Words("答えの書(進行役)", "the answer book (facilitators)"), run)
    action.add_argument("factory", choices=FACTORIES, metavar="washing", help=str(Words("仮想工場", "the factory")))
    mine = Words("進行役です(学ぶ人は見ないでください)", "I facilitate (learners: please do not look)")
    action.add_argument("--facilitator", action="store_true", default=False, help=str(mine))
    to = Words("A4 のページ(.html か .pdf)", "a page of A4 (.html or .pdf)")
    action.add_argument("--to", type=Path, metavar="FILE", help=str(to))
    again = Words("すでにあるファイルに上書きする", "write over a file that is there")
    action.add_argument("--replace", action="store_true", default=False, help=str(again))


def _action(
    kinds: "Kinds[argparse.ArgumentParser]", everyone: Everyone, name: str, title: Words, run: Run
) -> argparse.ArgumentParser:
    action = kinds.add_parser(name, help=str(title), description=str(title), parents=[everyone])
    action.set_defaults(run=run)
    return action


def _dir(action: argparse.ArgumentParser) -> None:
    opened = Words("kojo factory open の --data", "the --data of kojo factory open")
    action.add_argument("dir", type=Path, metavar="DIR", help=str(opened))


def _days(action: argparse.ArgumentParser, unsaid: int | None = 10) -> None:
    action.add_argument(
        "--days", type=int, default=unsaid, help=str(Words("稼働日の数(既定 10)", "working days (default 10)"))
    )


def _seed(action: argparse.ArgumentParser, unsaid: int | None = 1) -> None:
    action.add_argument("--seed", type=int, default=unsaid, help=str(Words("乱数の種", "seed of the virtual floor")))
