"""What ``kojo sheet`` makes of filled sheets: a line, a baseline, the teams' money, the effect, merged troubles."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from contract.calendar_csv import date_of
from contract.errors import LineError, Mistake, NotAllowed, NotThere
from contract.line import Line, load
from contract.words import Words, language
from curriculum.sheets.blank import twin
from curriculum.sheets.filled import Filled, read
from curriculum.sheets.form import form
from curriculum.sheets.printed import Written, page, pages
from edge.sensors import catalogue
from kojo.paper import check_place, put
from kojo.sheet import expanded, wrote
from kpi.problems import Problem
from kpi.report.asking import Ask

if TYPE_CHECKING:
    from curriculum.sheets.effect import Beside

Make = Callable[[Ask], Written]


def read_as(path: Path, *ids: str) -> Filled:
    """A filled sheet that must be one of those. Raises NotThere."""
    filled = read(path)
    if filled.form.id in ids:
        return filled
    wanted = "、".join(ids)
    raise NotThere(
        Words(
            f"{path} は {filled.form.id} {filled.form.title.ja}です。ここで読むのは {wanted} です。",
            f"{path} is {filled.form.id} {filled.form.title.en}; {wanted} is read here.",
        )
    )


def line(files: Sequence[Path], to: Path) -> int:
    """S20, S6 and S22 as a line.toml; what is open is listed."""
    from curriculum.sheets.to_line import line_of

    made = line_of(_all(files), str(to))
    wrote(to, made.text)
    for n, open in enumerate(made.open, 1):
        print(Words(f"決めること {n}: {open.ja}", f"to decide {n}: {open.en}"), file=sys.stderr)
    print(Words(f"次へ: kojo check {to}", f"Next: kojo check {to}"), file=sys.stderr)
    return 0


def _all(files: Sequence[Path]) -> list[Filled]:
    """All of them, or all their mistakes."""
    filled: list[Filled] = []
    mistakes: list[Mistake] = []
    for file in expanded(files):
        try:
            filled.append(read(file))
        except LineError as error:
            mistakes += error.mistakes
    if mistakes:
        raise LineError(mistakes)
    return filled


def baseline(file: Path, line_file: Path | None, takt: float | None, to: Path | None) -> int:
    """S4 as a baseline."""
    from curriculum.sheets import baseline as timing
    from curriculum.sheets.baseline_told import told, toml
    from curriculum.sheets.takt import station_in, takt_s

    sheet = read_as(file, "S4")
    if takt is not None and not 0 < takt < 1e7:
        raise NotThere(Words(f"--takt {takt:g}: 0 より大きい秒数です。", f"--takt {takt:g}: seconds above 0."))
    if line_file is not None:
        known = _line(line_file)
        takt = takt_s(known, station_in(known, sheet.text("station")))
        if takt is None:
            no_plan = Words(
                f"{line_file}: 「{sheet.text('station')}」の定時の計画([[plan]])がないので、タクトは分かりません。",
                f"{line_file}: no plan of a regular shift for {sheet.text('station')}, so no takt is known.",
            )
            print(no_plan, file=sys.stderr)
    found = timing.baseline(sheet, takt)
    print(told(found, language()))
    return wrote(to, toml(found, sheet.answers.date("date"))) if to is not None else 0


def _line(file: Path) -> Line:
    return load(file, catalogue())


@dataclass(frozen=True, slots=True)
class Purses:
    """What the money is measured against."""

    line: Path | None = None
    cap: int | None = None
    reserve: int | None = None


def money(file: Path, purses: Purses, to: Path | None, replace: bool) -> int:
    """S16 as the teams' money: a table, and a page for the hall."""
    from curriculum.sheets import money as ledger
    from curriculum.sheets.money_page import board, told

    if to is not None:
        check_place(to, replace)
    of_line = _line(purses.line) if purses.line is not None else None
    cap = ledger.CAP_YEN if purses.cap is None else purses.cap
    reserve = ledger.RESERVE_YEN if purses.reserve is None else purses.reserve
    found = ledger.money(read_as(file, "S16"), of_line, cap, reserve)
    print(told(found, language()))
    for remark in found.remarks:
        print(remark.say(), file=sys.stderr)
    if to is not None:
        put(board(found, f"{datetime.now():%Y-%m-%d %H:%M}"), to)
        print(Words(f"{to} に書きました。", f"Wrote {to}."))
    return 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where figures come from, and where the sheet goes: paper (.pdf, .html) and twin (.toml)."""

    line: Path
    data: Path
    at: str | None
    to: Sequence[Path]
    replace: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """What S14 is asked of. ``asked``: the parameters of GET /evaluation; ``files``: S6 and S16."""

    asked: Mapping[str, str]
    files: Sequence[Path] = field(default=())
    team: str | None = None
    running_yen: int | None = None


def effect(place: Place, wanted: Effect) -> int:
    """S14 from the measured evaluation."""
    from curriculum.sheets.effect import effect as filled_in
    from kpi.report.asking import evaluation_answers

    sheets = {one.form.id: one for one in (read_as(file, "S6", "S16") for file in wanted.files)}
    problem = sheets.get("S6")
    team = wanted.team or (problem.text("team") if problem else None)
    beside = _beside(problem, sheets.get("S16"), team, wanted.running_yen)

    def make(ask: Ask) -> Written:
        asked = _asked(ask, wanted.asked, problem)
        return filled_in(*evaluation_answers(ask, asked), beside)

    return _filled("S14", place, make)


def _beside(problem: Filled | None, ledger: Filled | None, team: str | None, running: int | None) -> "Beside":
    from curriculum.sheets.effect import Beside
    from curriculum.sheets.money import folded
    from curriculum.sheets.money import money as sums

    if ledger is None:
        return Beside(problem, None, running)
    teams = sums(ledger).teams
    known = {folded(name): name for name in teams}
    if team is None or folded(team) not in known:
        named = "、".join(teams)
        raise NotThere(
            Words(f"費用台帳のどのチームですか。あるのは {named} です。", f"Which team of the ledger: {named}?"),
            Words("--team A班 のように言ってください。", "Say it with --team."),
        )
    return Beside(problem, teams[known[folded(team)]].spent, running)


def _asked(ask: Ask, asked: Mapping[str, str], problem: Filled | None) -> dict[str, str]:
    """With the station and the figure of S6, where they are not said."""
    found = dict(asked)
    if problem is not None and "station" not in found:
        names = {one["name"]: id for id, one in ask("/line", {})["stations"].items()}
        found["station"] = names.get(problem.text("station"), problem.text("station"))
    if problem is not None and "kpi" not in found and problem.text("kpi_path"):
        found["kpi"] = problem.text("kpi_path")
    missing = [f"--{name}" for name in ("station", "kpi") if name not in found]
    if missing:
        raise NotThere(
            Words(f"{'と'.join(missing)} が分かりません。", f"{' and '.join(missing)} is not said."),
            Words("言うか、S6(工程と「kojo での名前」)を渡してください。", "Say it, or give the S6 that names it."),
        )
    return found


def day(place: Place, station: str, on: str, shift: str | None) -> int:
    """S13 from the kit's own figures of a shift."""
    from curriculum.sheets.shift_log import day_of_measuring
    from kpi.report.asking import shift_answers

    wanted = date_of(on)
    if wanted is None:
        raise NotThere(
            Words(f"--date {on}: 日付として読めません。", f"--date {on}: that is no date."),
            Words("--date 2026-11-16 のように書いてください。", "Write it like --date 2026-11-16."),
        )
    return _filled("S13", place, lambda ask: day_of_measuring(shift_answers(ask, station, wanted, shift)))


def _filled(id: str, place: Place, make: Make) -> int:
    """Ask, fill in, and write it wherever it is wanted."""
    for to in place.to:
        if to.suffix.lower() != ".toml":
            check_place(to, place.replace)
        elif to.exists():
            raise NotAllowed(Words(f"{to} はもうあります。上書きはしません。", f"{to} exists; it is not written over."))
    from kojo.report_ask import asking

    with asking(place.line, place.data, place.at) as ask:
        try:
            written = make(ask)
        except Problem as refused:
            raise NotThere(refused.what, refused.hint) from refused
    of = form(id)
    for to in place.to:
        if to.suffix.lower() == ".toml":
            wrote(to, twin(of, written))
        else:
            put(pages([page(of, written)], of.title.ja), to)
            print(Words(f"{to} に書きました。", f"Wrote {to}."))
    return 0


def troubles(files: Sequence[Path], to: Path | None) -> int:
    """S17 of all teams, without names."""
    from curriculum.sheets.troubles import LEFT_TO_READ, merged

    found = merged([read_as(file, "S17") for file in expanded(files)])
    for cause in found.causes:
        print(Words(f"{cause.words.ja}: {cause.times} 件、{cause.minutes:g} 分",
                    f"{cause.words.en}: {cause.times}, {cause.minutes:g} min"))  # fmt: skip
    gone = "、".join(found.dropped)
    print(Words(f"消した欄: {gone}", f"dropped: {gone}"), file=sys.stderr)
    print(LEFT_TO_READ, file=sys.stderr)
    return wrote(to, found.text) if to is not None else 0
