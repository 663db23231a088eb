"""The options of ``kojo report``. Light: what makes the pages is imported when one is asked for."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from contract.words import Words

if TYPE_CHECKING:
    from kojo.report import Place

Kinds = argparse._SubParsersAction  # argparse gives it no public name


def add(report: argparse.ArgumentParser, everyone: argparse.ArgumentParser) -> None:
    """Add its three pages."""
    kinds: Kinds[argparse.ArgumentParser] = report.add_subparsers(metavar="PAGE")
    _shift(kinds, everyone)
    _month(kinds, everyone)
    _evaluation(kinds, everyone)


def _shift(kinds: "Kinds[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.report import report, shift

        return report(_place(asked), shift(asked.station, asked.date, asked.shift))

    title = Words("直の終わりの生産日報(押印欄つき)", "the end of a shift, with boxes to sign")
    page = _page(kinds, everyone, "shift", title, run)
    _option(page, "--station", "ID", Words("工程", "the station"))
    _option(page, "--date", "2026-11-21", Words("直が始まった日", "the day on which the shift began"))
    _option(page, "--shift", "NAME", Words("勤務の名前(1つなら省ける)", "its name (where there are several)"), False)


def _month(kinds: "Kinds[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    def run(asked: argparse.Namespace) -> int:
        from kojo.report import month, report

        return report(_place(asked), month(asked.month, asked.station))

    page = _page(kinds, everyone, "month", Words("月報", "a month"), run)
    _option(page, "--month", "2026-11", Words("月", "the month"))
    _option(page, "--station", "ID", Words("工程(既定 ネック工程)", "the station (default the bottleneck)"), False)


def _evaluation(kinds: "Kinds[argparse.ArgumentParser]", everyone: argparse.ArgumentParser) -> None:
    names = ("station", "kpi", "before", "after", "control", "product", "by")

    def run(asked: argparse.Namespace) -> int:
        from kojo.report import evaluation, report

        given = {name: getattr(asked, name) for name in names if getattr(asked, name) is not None}
        return report(_place(asked), evaluation(given))

    title = Words("対策の効果の評価(前と後)", "whether a measure worked: before and after")
    page = _page(kinds, everyone, "evaluation", title, run)
    days = "2026-10-01/2026-10-21"
    _option(page, "--station", "ID", Words("工程", "the station"))
    _option(page, "--kpi", "KPI", Words("指標(oee、phases.wash など)", "the figure (oee, phases.wash …)"))
    _option(page, "--before", days, Words("対策の前(終わりの日を含む)", "before the measure, last day included"))
    _option(page, "--after", days, Words("対策の後(終わりの日を含む)", "after the measure, last day included"))
    _option(page, "--control", "ID", Words("比較する工程", "a station to compare with"), False)
    _option(page, "--product", "ID", Words("品番", "one product only"), False)
    page.add_argument("--by", choices=["day", "cycle"], help=str(Words("日か1個ごとか(既定 day)", "default day")))


def _page(
    kinds: "Kinds[argparse.ArgumentParser]",
    everyone: argparse.ArgumentParser,
    name: str,
    title: Words,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    page = kinds.add_parser(name, help=str(title), description=str(title), parents=[everyone])
    page.set_defaults(run=run)
    to, at, data, line, replace = (
        Words("書くファイル(.html か .pdf)", "the file to write (.html or .pdf)"),
        Words(
            "動いている kojo serve の番地(既定 --data で動いているもの)",
            "a running kojo serve (default that of --data)",
        ),
        Words("データの置き場所(既定 data)", "where data is kept (default data)"),
        Words("ラインの定義(動いていないときに使う)", "the line's file (where none runs)"),
        Words("すでにあるファイルに上書きする", "write over a file that is there"),
    )
    page.add_argument("--to", type=Path, required=True, metavar="FILE", help=str(to))
    page.add_argument("--at", metavar="URL", help=str(at))
    page.add_argument("--data", type=Path, default=Path("data"), metavar="DIR", help=str(data))
    page.add_argument("--line", type=Path, default=Path("line.toml"), metavar="F", help=str(line))
    page.add_argument("--replace", action="store_true", help=str(replace))
    return page


def _option(page: argparse.ArgumentParser, name: str, form: str, help: Words, required: bool = True) -> None:
    page.add_argument(name, metavar=form, required=required, help=str(help))


def _place(asked: argparse.Namespace) -> "Place":
    from kojo.report import Place

    return Place(asked.line, asked.data, asked.at, asked.to, asked.replace)
