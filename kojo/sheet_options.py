"""The options of ``kojo sheet``. Light: what reads and prints the sheets is imported when it is asked for."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from contract.words import Words

if TYPE_CHECKING:
    from kojo.sheet_made import Place

Kinds = argparse._SubParsersAction  # argparse gives it no public name
Everyone = argparse.ArgumentParser
Command = Callable[[argparse.Namespace], int]


def add(sheet: argparse.ArgumentParser, everyone: Everyone) -> None:
    """Add its actions."""
    kinds: Kinds[argparse.ArgumentParser] = sheet.add_subparsers(metavar="ACTION")
    for one in (_list, _print, _blank, _check, _line, _baseline, _money, _effect, _day, _troubles):
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
    _replace(action)


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


def _line(kinds: "Kinds[argparse.ArgumentParser]", everyone: Everyone) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.sheet_made import line

        return line(asked.files, asked.to)

    title = Words("S20・S6・S22 から line.toml を作る", "a line.toml out of S20, S6 and S22")
    action = _action(kinds, everyone, "line", title, run)
    _files(action, "s20.toml")
    _to(action, Words("書くファイル", "the file to write"))


def _baseline(kinds: "Kinds[argparse.ArgumentParser]", everyone: Everyone) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.sheet_made import baseline

        return baseline(asked.file, asked.line, asked.takt, asked.to)

    title = Words(
        "S4 時間観測から、要素ごとの中央値とサイクルを出す", "medians and cycle out of a time observation, S4"
    )
    action = _action(kinds, everyone, "baseline", title, run)
    _file(action, "s4.csv")
    line, takt = (
        Words("タクトを出すラインの定義", "the line's file, for the takt"),
        Words("タクト(秒)", "the takt in seconds"),
    )
    action.add_argument("--line", type=Path, metavar="F", help=str(line))
    action.add_argument("--takt", type=float, metavar="S", help=str(takt))
    _to(action, Words("ベースラインを書くファイル(.toml)", "the file for the baseline (.toml)"), False)


def _money(kinds: "Kinds[argparse.ArgumentParser]", everyone: Everyone) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.sheet_made import Purses, money

        return money(asked.file, Purses(asked.line, asked.cap, asked.reserve), asked.to, asked.replace)

    title = Words("S16 から、チームごとの使った額と残りを出す", "what each team spent and has left, out of S16")
    action = _action(kinds, everyone, "money", title, run)
    _file(action, "s16.csv")
    line, cap, reserve = (
        Words("チームと予算の書いてあるラインの定義", "the line's file with teams and budgets"),
        Words("1チームの上限(円、既定 200000)", "cap of a team (yen, default 200000)"),
        Words("共通の予備(円、既定 200000)", "shared reserve (yen, default 200000)"),
    )
    action.add_argument("--line", type=Path, metavar="F", help=str(line))
    action.add_argument("--cap", type=int, metavar="YEN", help=str(cap))
    action.add_argument("--reserve", type=int, metavar="YEN", help=str(reserve))
    _to(action, Words("会場の画面に出すページ(.html か .pdf)", "a page for the hall (.html or .pdf)"), False)
    _replace(action)


def _effect(kinds: "Kinds[argparse.ArgumentParser]", everyone: Everyone) -> None:
    names = ("station", "kpi", "before", "after", "control", "product", "by")

    def run(asked: argparse.Namespace) -> int:
        from kojo.sheet_made import Effect, effect

        given = {name: getattr(asked, name) for name in names if getattr(asked, name) is not None}
        return effect(_place(asked), Effect(given, asked.files, asked.team, asked.running_yen))

    title = Words("S14 効果報告を、測った評価で埋める", "S14 filled with the measured evaluation")
    action = _action(kinds, everyone, "effect", title, run)
    files = Words("S6(工程・式)と S16(費用)。なくてもよい", "S6 (station, formula) and S16 (cost), if there are any")
    action.add_argument("files", nargs="*", type=Path, metavar="s6.toml", help=str(files))
    days = "2026-10-01/2026-10-21"
    _named(action, "--station", "ID", Words("工程(既定 S6 の工程)", "the station (default that of S6)"))
    _named(action, "--kpi", "KPI", Words("指標(既定 S6 の kojo での名前)", "the figure (default that of S6)"))
    _named(action, "--before", days, Words("対策の前(終わりの日を含む)", "before, last day included"), True)
    _named(action, "--after", days, Words("対策の後(終わりの日を含む)", "after, last day included"), True)
    _named(action, "--control", "ID", Words("比較する工程", "a station to compare with"))
    _named(action, "--product", "ID", Words("品番", "one product only"))
    action.add_argument("--by", choices=["day", "cycle"], help=str(Words("日か1個ごとか", "by day or by cycle")))
    _named(action, "--team", "NAME", Words("費用台帳のチーム(既定 S6 のチーム)", "team of the ledger (that of S6)"))
    running = Words("維持費(円/年)", "running cost (yen a year)")
    action.add_argument("--running-yen", type=int, metavar="YEN", help=str(running))
    _places(action)


def _day(kinds: "Kinds[argparse.ArgumentParser]", everyone: Everyone) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.sheet_made import day

        return day(_place(asked), asked.station, asked.date, asked.shift)

    title = Words("S13 測定日報を、キットの数字で埋める", "S13 filled with the kit's figures of a shift")
    action = _action(kinds, everyone, "day", title, run)
    _named(action, "--station", "ID", Words("工程", "the station"), True)
    _named(action, "--date", "2026-11-21", Words("直が始まった日", "the day on which the shift began"), True)
    _named(action, "--shift", "NAME", Words("勤務の名前(1つなら省ける)", "its name (where there are several)"))
    _places(action)


def _troubles(kinds: "Kinds[argparse.ArgumentParser]", everyone: Everyone) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.sheet_made import troubles

        return troubles(asked.files, asked.to)

    title = Words("S17 を名前なしでまとめ、原因を数える", "S17 of all teams without names, causes counted")
    action = _action(kinds, everyone, "troubles", title, run)
    _files(action, "s17.csv")
    _to(action, Words("まとめを書くファイル(.csv)", "the file for all of them (.csv)"), False)


def _places(action: argparse.ArgumentParser) -> None:
    """Where figures come from and where the filled sheet goes, as of ``kojo report``."""
    to, at, data, line = (
        Words(
            "書くファイル。紙は .pdf か .html、データは .toml(両方でもよい)",
            "paper: .pdf or .html; twin: .toml; or both",
        ),
        Words("動いている kojo serve の番地", "a running kojo serve"),
        Words("データの置き場所(既定 data)", "where data is kept (default data)"),
        Words("ラインの定義(動いていないときに使う)", "the line's file (where none runs)"),
    )
    action.add_argument("--to", type=Path, nargs="+", required=True, metavar="FILE", help=str(to))
    action.add_argument("--at", metavar="URL", help=str(at))
    action.add_argument("--data", type=Path, default=Path("data"), metavar="DIR", help=str(data))
    action.add_argument("--line", type=Path, default=Path("line.toml"), metavar="F", help=str(line))
    _replace(action)


def _place(asked: argparse.Namespace) -> "Place":
    from kojo.sheet_made import Place

    return Place(asked.line, asked.data, asked.at, asked.to, asked.replace)


def _replace(action: argparse.ArgumentParser) -> None:
    said = Words("すでにある紙(.pdf、.html)に上書きする", "write over paper (.pdf, .html) that is there")
    action.add_argument("--replace", action="store_true", help=str(said))


def _named(action: argparse.ArgumentParser, name: str, form: str, help: Words, required: bool = False) -> None:
    action.add_argument(name, metavar=form, required=required, help=str(help))


def _file(action: argparse.ArgumentParser, metavar: str) -> None:
    said = Words("書き込んだファイル", "the filled file")
    action.add_argument("file", type=Path, metavar=metavar, help=str(said))


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
