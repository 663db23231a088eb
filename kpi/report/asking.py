"""What each page asks of the service. ``Ask``: a call under /api/v1 with its parameters gives the answer's object.

A refusal is a `kpi.problems.Problem`, from a service over HTTP as from one in this process.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from contract.words import Words
from kpi.problems import Problem, unknown
from kpi.times import FIRST_YEAR, LAST_YEAR, day_start, instant, rfc3339

Body = Mapping[str, Any]
Ask = Callable[[str, Mapping[str, str]], Body]

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ShiftAnswers:
    """Of one shift at one station. ``intervals`` is None where single stops are not shown (a person's station).

    ``board``: the hour board, whose rows and sums stand on paper as they are.
    ``corrections``: what people put right in it. ``reconciled``: the last word of the paper tally, if there is one.
    """

    line: Body
    station: str
    day: date
    shift: str
    figures: Body
    board: Body
    intervals: tuple[Body, ...] | None
    events: tuple[Body, ...]
    virtual: bool
    corrections: tuple[Body, ...] = ()
    reconciled: Body | None = None

    @property
    def hours(self) -> tuple[Body, ...]:
        """The board's hours that have begun."""
        return tuple(row for row in self.board["rows"] if row["state"] != "ahead")

    def corrected(self, quantity: str, start: str | None = None, end: str | None = None) -> int:
        """By how much people put a quantity right: in the shift, or from ``start`` to before ``end``."""
        mine = [one for one in self.corrections if one["quantity"] == quantity]
        if start is not None and end is not None:
            a, b = (datetime.fromisoformat(edge) for edge in (start, end))
            mine = [one for one in mine if a <= datetime.fromisoformat(one["at"]) < b]
        return sum(int(one["delta"]) for one in mine)


@dataclass(frozen=True, slots=True)
class MonthAnswers:
    """Of one month. ``station``: whose losses are shown; ``before``: the same stations a month earlier."""

    line: Body
    month: date
    station: str
    stations: tuple[Body, ...]
    of_line: Body | None
    before: Mapping[str, Body]
    intervals: tuple[Body, ...] | None
    events: tuple[Body, ...]
    virtual: bool

    @property
    def figures(self) -> Body:
        """The month of the station whose losses are shown."""
        return next(body for body in self.stations if body["station"] == self.station)


def shift_answers(ask: Ask, station: str, day: date, shift: str | None) -> ShiftAnswers:
    """Everything the end-of-shift page shows. ``shift`` may be left out where the day has one, or the line has none.

    Raises Problem (404) where that shift was not worked that day.
    """
    line = ask("/line", {})
    _known(line, station)
    _refuse_measured(line, station)
    window, name = _shift_window(ask, line, station, day, shift)
    figures = ask("/kpi", window | {"station": station})["stations"][0]
    named = {"shift": name} if name else {}
    return ShiftAnswers(
        line,
        station,
        day,
        name,
        figures,
        ask("/board", {"station": station, "date": day.isoformat(), **named}),
        _intervals(ask, station, window),
        _events(ask, window, {station}),
        _virtual(ask),
        _corrections(ask, station, figures["basis"]["window"]),
        _reconciled(ask, station, window, day, name),
    )


def month_answers(ask: Ask, month: date, station: str | None) -> MonthAnswers:
    """Everything the monthly page shows. Without ``station`` the losses are those of the line's bottleneck."""
    line = ask("/line", {})
    if station is not None:
        _known(line, station)
        _refuse_measured(line, station)
    window = month_window(line, month)
    told = ask("/kpi", window | {"by": "day"})
    earlier = ask("/kpi", month_window(line, (month.replace(day=1) - _DAY).replace(day=1)))
    of_line = told.get("line")
    counting = [body["station"] for body in told["stations"] if not is_measured(line, body["station"])]
    if not counting:
        _refuse_measured(line, told["stations"][0]["station"])
    chosen = station or (of_line or {}).get("bottleneck") or counting[0]
    return MonthAnswers(
        line,
        month.replace(day=1),
        chosen,
        tuple(told["stations"]),
        of_line,
        {body["station"]: body for body in earlier["stations"]},
        _intervals(ask, chosen, window),
        _events(ask, window, set(line["stations"])),
        _virtual(ask),
    )


def is_measured(line: Body, station: str) -> bool:
    """Whether a station has sensors and none of them counts pieces (line: the answer of /line)."""
    sensors = line["stations"][station]["sensors"].values()
    return bool(sensors) and not any(sensor["role"] == "cycle" for sensor in sensors)


def _refuse_measured(line: Body, station: str) -> None:
    """Raises Problem (422) for a station that counts no pieces: its page would be empty boxes."""
    if is_measured(line, station):
        name = line["stations"][station]["name"]
        raise Problem(
            422,
            "no-pieces",
            Words(
                f"「{name}」は個数を数えない工程なので、生産日報と月報はありません。",
                f"{name} counts no pieces, so there is no end-of-shift report and no monthly one.",
            ),
            Words(
                "測定値は壁の画面と工程の画面に、記録は /api/v1/readings?format=csv で表計算に出せます。",
                "Its measurements are on the wall and its page; /api/v1/readings?format=csv is for a spreadsheet.",
            ),
        )


def month_window(line: Body, month: date) -> dict[str, str]:
    """From the first business day of a month to the first of the next."""
    first = month.replace(day=1)
    return _window(line, first, (first + 31 * _DAY).replace(day=1))


def _window(line: Body, first: date, last: date) -> dict[str, str]:
    zone, starts = ZoneInfo(line["timezone"]), time.fromisoformat(line["day_starts"])
    return {
        "start": rfc3339(day_start(first, zone, starts), zone),
        "end": rfc3339(day_start(last, zone, starts), zone),
    }


def _shift_window(ask: Ask, line: Body, station: str, day: date, shift: str | None) -> tuple[dict[str, str], str]:
    zone = ZoneInfo(line["timezone"])
    if not line["shifts"] and shift is None:
        return _window(line, day, day + _DAY), ""
    around = {
        "start": rfc3339(instant(datetime.combine(day - _DAY, time()), zone), zone),
        "end": rfc3339(instant(datetime.combine(day + 3 * _DAY, time()), zone), zone),
    }
    told = ask("/kpi", around | {"station": station, "by": "shift"})
    worked = [b for b in told["stations"][0].get("buckets", ()) if b.get("day") == day.isoformat()]
    chosen = [b for b in worked if shift in (None, b["name"])]
    if len(chosen) == 1:
        return {"start": chosen[0]["start"], "end": chosen[0]["end"]}, str(chosen[0]["name"])
    if shift is not None and shift not in {s["name"] for s in line["shifts"]}:
        raise unknown("勤務", "shift", shift, [s["name"] for s in line["shifts"]])
    raise _not_worked(day, shift, [str(b["name"]) for b in worked])


def _not_worked(day: date, shift: str | None, worked: list[str]) -> Problem:
    named = "、".join(worked) or "なし"
    named_en = ", ".join(worked) or "none"
    if shift is None and worked:
        return Problem(
            422,
            "which-shift",
            Words(f"{day} には勤務が {len(worked)} つあります。", f"{day} has {len(worked)} shifts."),
            Words(f"どれかを選んでください: {named}", f"Choose one: {named_en}"),
        )
    asked = f"「{shift}」" if shift else ""
    return Problem(
        404,
        "no-such-shift",
        Words(
            f"{day} に始まった勤務{asked}はありません(休日か、まだ先です)。",
            f"No shift {shift or ''} began on {day} (a holiday, or still to come).",
        ),
        Words(f"その日の勤務: {named}", f"Shifts of that day: {named_en}"),
    )


def _known(line: Body, station: str) -> None:
    if station not in line["stations"]:
        raise unknown("工程", "station", station, sorted(line["stations"]))


def _intervals(ask: Ask, station: str, window: Mapping[str, str]) -> tuple[Body, ...] | None:
    """The ledger's parts; None where one person works and single stops are not shown."""
    try:
        return tuple(ask("/ledger", {"station": station, **window})["intervals"])
    except Problem as refused:
        if refused.status == 403:
            return None
        raise


def _corrections(ask: Ask, station: str, window: Mapping[str, str]) -> tuple[Body, ...]:
    if window["start"] == window["end"]:
        return ()
    told = ask("/entries", {"kind": "correction", "station": station, "start": window["start"], "end": window["end"]})
    return tuple(entry for entry in told["entries"] if entry["withdrawn"] is None)


def _reconciled(ask: Ask, station: str, window: Mapping[str, str], day: date, shift: str) -> Body | None:
    """What the paper said of the pieces of the shift, last; None where nobody said it, or who looks may not see it."""
    try:
        told = ask("/reconciliations", {"start": window["start"], "end": window["end"]})["reconciliations"]
    except Problem as refused:
        if refused.status == 403:
            return None
        raise
    wanted = {"station": station, "date": day.isoformat(), "shift": shift, "quantity": "produced"}
    return next((one for one in told if wanted.items() <= one.items()), None)


def _events(ask: Ask, window: Mapping[str, str], stations: set[str]) -> tuple[Body, ...]:
    told = ask("/events", window)["events"]
    return tuple(e for e in told if e.get("station") is None or e["station"] in stations)


def _virtual(ask: Ask) -> bool:
    """Whether it is the virtual floor: then every page says 「仮想データ」."""
    try:
        return bool(ask("/demo", {}).get("virtual"))
    except Problem as refused:
        if refused.status == 404:
            return False
        raise


def evaluation_answers(ask: Ask, asked: Mapping[str, str]) -> tuple[Body, Body]:
    """(the line, the answer of /evaluation). ``asked``: station, kpi, before, after; perhaps by, control, product.

    A window may be written as two days, the last one included: 2026-10-01/2026-10-21.
    """
    line = ask("/line", {})
    windows = {side: _days_meant(line, side, asked[side]) for side in ("before", "after")}
    return line, ask("/evaluation", {**asked, **windows})


def _days_meant(line: Body, name: str, window: str) -> str:
    """A window of two days as two moments; of two times as it is. Raises Problem (422) that names the wrong day."""
    first, slash, last = window.partition("/")
    if ":" in first or ":" in last:
        return window  # times with an offset, which the service reads
    if not slash:
        raise _no_window(name, window, _day(name, first))
    days = _day(name, first), _day(name, last)
    told = _window(line, days[0], days[1] + _DAY)
    return f"{told['start']}/{told['end']}"


def _day(name: str, text: str) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise _no_day(name, text) from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _no_day(name, text)
    return day


def _no_day(name: str, text: str) -> Problem:
    return Problem(
        422,
        "bad-day",
        Words(f"--{name} の「{text[:32]}」という日はありません。", f"--{name}: there is no day {text[:32]!r}."),
        _spelt(name, "2026-10-01"),
    )


def _no_window(name: str, window: str, first: date) -> Problem:
    return Problem(
        422,
        "bad-window",
        Words(f"--{name} {window[:32]} に終わりの日がありません。", f"--{name} {window[:32]} has no last day."),
        _spelt(name, first.isoformat(), (first + 20 * _DAY).isoformat()),
    )


def _spelt(name: str, first: str, last: str = "2026-10-21") -> Words:
    right = f"--{name} {first}/{last}"
    return Words(
        f"「{right}」のように、始めと終わりの日を書いてください(終わりの日を含みます)。",
        f"Write the first and the last day, both included, like {right}.",
    )
