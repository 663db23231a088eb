"""Whether what the calendar adds to a shift, or takes out of it, lies where it can: early work before, overtime after.

Each says at which time of day it begins or ends, and the day follows from the shift. A slip of the keys (16:00 for
18:00) would so become almost a day of planned time without a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time

from contract.line_report import Report, hint
from contract.line_tables import Draft
from contract.words import Words

LONGEST_EXTRA_H = 12
LONGEST_STOP_H = 16
"""Of a planned stop past midnight: from the end of a day's work to the next morning, and a little more."""

_DAY = 24 * 60
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Minutes = tuple[int, int]
"""From midnight of the day on which the shift begins."""


def check_extra(entry: Draft, shifts: list[Draft], calendar: list[Draft], report: Report) -> None:
    """Tell where early work, overtime or a planned stop cannot be what was meant; once, of the first such shift."""
    mine = [(shift, hours) for shift in _meant(entry, shifts, calendar) if (hours := _worked(shift, entry, calendar))]
    kind = entry.get("kind")
    if kind == "planned_stop":
        _check_stop(entry, mine, calendar, report)
        return
    check = {"early": _check_early, "overtime": _check_overtime}.get(kind or "")
    for _, hours in mine:
        if check and check(entry, hours, report):
            return


def _meant(entry: Draft, shifts: list[Draft], calendar: list[Draft]) -> list[Draft]:
    """The shift that is named; or all that are worked on that date. Of a planned stop all: it may stand for any."""
    if "shift" in entry.written:
        return [shift for shift in shifts if shift.get("name") == entry.get("shift") is not None][:1]
    day = entry.get("date")
    if entry.get("kind") == "planned_stop" or not isinstance(day, date):
        return shifts
    return [s for s in shifts if _WEEKDAYS[day.weekday()] in (s.get("days") or ()) or _called(s, entry, calendar)]


def _called(shift: Draft, entry: Draft, calendar: list[Draft]) -> Draft | None:
    """The holiday work of a shift on the date of an entry."""
    return next((one for one in reversed(_beside(shift, entry, calendar)) if one.get("kind") == "holiday_work"), None)


def _beside(shift: Draft, entry: Draft, calendar: list[Draft]) -> list[Draft]:
    """What else the calendar says of a shift on the date of an entry."""
    return [
        one
        for one in calendar
        if one.get("date") == entry.get("date") is not None
        and (one.get("shift") == shift.get("name") if "shift" in one.written else True)
    ]


def _worked(shift: Draft, entry: Draft, calendar: list[Draft]) -> Minutes | None:
    """The hours of a shift on the date of an entry, or None where they are not known."""
    called = _called(shift, entry, calendar)
    start, end = (_clock(called, key) if called else None for key in ("start", "end"))
    start = _clock(shift, "start") if start is None else start
    end = _clock(shift, "end") if end is None else end
    return None if start is None or end is None or start == end else (start, start + (end - start) % _DAY)


def _clock(draft: Draft, key: str) -> int | None:
    at = draft.get(key)
    return at.hour * 60 + at.minute if isinstance(at, time) else None


def _said(at: int) -> str:
    return f"{at % _DAY // 60:02d}:{at % 60:02d}"


def _hours(of: Minutes) -> str:
    return f"{_said(of[0])}-{_said(of[1])}"


def _inside(at: int, hours: Minutes) -> bool:
    return 0 < (at - hours[0]) % _DAY < hours[1] - hours[0]


def _check_early(entry: Draft, hours: Minutes, report: Report) -> bool:
    """Whether a mistake was told."""
    start = _clock(entry, "start")
    if start is None:
        return False
    tip = hint(
        f"早出は start から直の始まり({_said(hours[0])})までです。勤務が2つ以上あれば shift も書きます。",
        f"it runs from start to the shift's start ({_said(hours[0])}); with several shifts write shift too.",
    )
    if start == hours[0]:
        what = Words("直の始まりと同じなので、早出になりません。", "the shift starts then anyway.")
        report.tell(entry.at("start"), what)
    elif _inside(start, hours):
        what = Words(
            f"早出の始まり {_said(start)} が直({_hours(hours)})の中です。",
            f"early work from {_said(start)} begins inside its shift ({_hours(hours)}).",
        )
        report.tell(entry.at("start"), what, tip)
    elif (long := (hours[0] - start) % _DAY) > LONGEST_EXTRA_H * 60:
        report.tell(entry.at("start"), _too_long(Words("早出", "early work"), long), tip)
    else:
        return False
    return True


def _check_overtime(entry: Draft, hours: Minutes, report: Report) -> bool:
    """Whether a mistake was told."""
    start, end = _clock(entry, "start"), _clock(entry, "end")
    if end is None or start == end:
        return False
    tip = hint(
        f"残業は直の終わり({_said(hours[1])})から end までです。勤務が2つ以上あれば shift も書きます。",
        f"it runs from the shift's end ({_said(hours[1])}) to end; with several shifts write shift too.",
    )
    long = max((end - hours[1]) % _DAY, 0 if start is None else (end - start) % _DAY)
    if end == hours[1] % _DAY:
        what = Words("直の終わりと同じなので、残業になりません。", "the shift ends then anyway.")
        report.tell(entry.at("end"), what)
    elif _inside(end, hours):
        what = Words(
            f"残業の終わり {_said(end)} が直({_hours(hours)})の中です。",
            f"overtime until {_said(end)} ends inside its shift ({_hours(hours)}).",
        )
        report.tell(entry.at("end"), what, tip)
    elif long > LONGEST_EXTRA_H * 60:
        report.tell(entry.at("end"), _too_long(Words("残業", "overtime"), long), tip)
    else:
        return False
    return True


def _too_long(what: Words, minutes: int) -> Words:
    said = f"{minutes // 60}:{minutes % 60:02d}"
    return Words(
        f"{what.ja}が {said} 時間になります(長くて {LONGEST_EXTRA_H} 時間)。",
        f"that would be {said} hours of {what.en} (at most {LONGEST_EXTRA_H}).",
    )


def _check_stop(entry: Draft, mine: list[tuple[Draft, Minutes]], calendar: list[Draft], report: Report) -> None:
    start, end = _clock(entry, "start"), _clock(entry, "end")
    if start is None or end is None or start == end or not mine:
        return
    stop = (start, start + (end - start) % _DAY)
    backward = any(_inside(end, hours) and (end - hours[0]) % _DAY < (start - hours[0]) % _DAY
                   and (start - hours[0]) % _DAY < hours[1] - hours[0] for _, hours in mine)  # fmt: skip
    if backward or (end < start and stop[1] - stop[0] > LONGEST_STOP_H * 60):
        report.tell(
            entry.at("end"),
            Words(
                f"計画停止 {_hours(stop)} は、終わりが始まりより前です。",
                f"the planned stop {_hours(stop)} ends before it begins.",
            ),
            hint(
                "直の中での始まりと終わりを書きます。直まるごとなら start も end も書きません。",
                "write when it begins and ends within the shift; for the whole shift write neither.",
            ),
        )
        return
    for shift, hours in mine:
        for worked in _with_extras(shift, hours, entry, calendar):
            if any(stop[0] + day < worked[1] and stop[1] + day > worked[0] for day in (-_DAY, 0, _DAY)):
                return
    work = ", ".join(_hours(hours) for _, hours in mine)
    report.tell(
        entry.at("start"),
        Words(
            f"計画停止 {_hours(stop)} は直({work})の外なので、何も変わりません。",
            f"the planned stop {_hours(stop)} lies outside of the shift ({work}), so it changes nothing.",
        ),
        hint(
            "直の中の時刻か、止める直の shift を書きます。",
            "write a time within the shift, or the shift that is stopped.",
        ),
    )


def _with_extras(shift: Draft, hours: Minutes, entry: Draft, calendar: list[Draft]) -> Iterator[Minutes]:
    yield hours
    for one in _beside(shift, entry, calendar):
        start, end = _clock(one, "start"), _clock(one, "end")
        if one.get("kind") == "early" and start is not None:
            yield hours[0] - (hours[0] - start) % _DAY, hours[0]
        elif one.get("kind") == "overtime" and end is not None:
            since = hours[1] if start is None else hours[0] + (start - hours[0]) % _DAY
            yield since, since + (end - since) % _DAY
