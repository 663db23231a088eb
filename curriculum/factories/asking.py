"""The kit's evaluation of a factory's directory, as `kojo report evaluation` asks it."""

from collections.abc import Mapping
from typing import Any

from contract.errors import NotThere
from contract.words import Words
from curriculum.factories.book import Figure
from curriculum.factories.directory import Made, Stay
from kpi.report.asking import Ask, evaluation_answers


def windows(made: Made) -> Mapping[str, str]:
    """The days without any measure, and those of the last one. Raises NotThere before any improvement."""
    if len(made.stays) < 2:
        raise NotThere(
            Words("まだ改善を入れていません。", "No improvement has been brought in yet."),
            Words("kojo factory improve DIR 改善の名前 で入れます。", "Bring one in: kojo factory improve DIR WHAT."),
        )
    return {"before": _span(made.stays[0]), "after": _span(made.stays[-1])}


def _span(stay: Stay) -> str:
    return f"{stay.days[0]}/{stay.days[-1]}"


def evaluated(ask: Ask, made: Made, figure: Figure) -> Mapping[str, Any]:
    """The body of GET /evaluation. Raises `kpi.problems.Problem` for a figure nobody knows."""
    asked = {"station": figure.station, "kpi": figure.path, **windows(made)}
    return evaluation_answers(ask, asked)[1]


def figure_for(made: Made) -> Figure:
    """The figure of the book that the last measure is most likely to move: the first of a station where it is laid.

    Raises NotThere before any improvement.
    """
    windows(made)
    laid = {lay.station for lay in made.book.improvement(made.stays[-1].improvement or "").laid}
    return next((figure for figure in made.book.figures if figure.station in laid), made.book.figures[0])


def report_command(made: Made, data: str, figure: Figure) -> str:
    """What to type for the page of A4."""
    both = windows(made)
    return (
        f"kojo report evaluation --data {data} --line {data}/line.toml --station {figure.station} --kpi {figure.path} "
        f"--before {both['before']} --after {both['after']} --to kouka.html"
    )
