"""``kojo report``: pages of A4 to print and sign, as HTML or PDF.

    kojo report shift --station washer --date 2026-11-21 --shift 日勤 --to nippo.pdf
    kojo report month --month 2026-11 --to geppo.pdf
    kojo report evaluation --station washer --kpi phases.wash --before 2026-10-01/2026-10-21 --after … --to kouka.pdf

The figures come from the service: a running one, or one in this process on the store of the data directory.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from contract.errors import NotThere
from contract.words import Words, language
from kojo.paper import check_place, put
from kojo.report_ask import asking
from kpi.problems import Problem
from kpi.report.asking import Ask

Page = Callable[[Ask], str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where figures come from, and where the page goes."""

    line: Path
    data: Path
    at: str | None
    to: Path
    replace: bool


def report(place: Place, page: Page) -> int:
    """Make a page and write it."""
    check_place(place.to, place.replace)
    with asking(place.line, place.data, place.at) as ask:
        try:
            html = page(ask)
        except Problem as refused:
            raise NotThere(refused.what, refused.hint) from refused
    put(html, place.to)
    print(Words(f"{place.to} に書きました。", f"Wrote {place.to}."))
    return 0


def shift(station: str, day: str, name: str | None) -> Page:
    """The end-of-shift page of a station. ``day``: 2026-11-21."""
    from kpi.report.asking import shift_answers
    from kpi.report.shift import shift_page

    on = _date(day, "--date")

    def page(ask: Ask) -> str:
        told = shift_answers(ask, station, on, name)
        return shift_page(told, _now(told.line["timezone"]), language())

    return page


def month(of: str, station: str | None) -> Page:
    """The monthly page. ``of``: 2026-11."""
    from kpi.report.asking import month_answers
    from kpi.report.month import month_page

    first = _date(f"{of}-01" if len(of) == len("2026-11") else "", "--month", of, "2026-11")

    def page(ask: Ask) -> str:
        told = month_answers(ask, first, station)
        return month_page(told, _now(told.line["timezone"]), language())

    return page


def evaluation(asked: Mapping[str, str]) -> Page:
    """The evaluation's page. ``asked``: the parameters of GET /evaluation; a window may be two days, both included."""
    from kpi.report.asking import evaluation_answers
    from kpi.report.evaluation import evaluation_page

    def page(ask: Ask) -> str:
        line, told = evaluation_answers(ask, asked)
        return evaluation_page(line, told, _now(line["timezone"]), language())

    return page


def _date(text: str, option: str, shown: str | None = None, example: str = "2026-11-21") -> date:
    try:
        found = date.fromisoformat(text)
        if not 2000 < found.year < 2199:
            raise ValueError(text)
    except ValueError as error:
        asked = (text if shown is None else shown)[:32]
        raise NotThere(
            Words(f"{option} {asked}: 日付として読めません。", f"{option} {asked}: that is no date."),
            Words(f"{option} {example} のように書いてください。", f"Write it like {option} {example}."),
        ) from error
    return found


def _now(timezone: str) -> datetime:
    return datetime.now(ZoneInfo(timezone))
