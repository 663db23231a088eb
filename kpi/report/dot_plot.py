"""The days before (hollow) and after (filled), each a dot at its value; medians as lines; days left out crossed below.

Every day is seen, so that a manager can judge without believing a formula. The difference stands beside with its 90 %
interval and 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from contract.words import Language, Words
from kpi.evaluation.wording import Amount
from kpi.report.drawing import WIDTH, box, dot, line, picture, round_step, words
from kpi.report.markup import Html, join

Body = Mapping[str, Any]
TITLE = Words("日ごとの値", "The days")
SIDES = {"before": Words("前", "before"), "after": Words("後", "after")}
LEFT, RIGHT, GAP = 16.0, 13.0, 13.0
TOP, END, HEIGHT = 5.0, 44.0, 52.0
FROM_NOUGHT = 0.6
"""Where the lowest value is below this share of the highest, the axis begins at 0."""


@dataclass(frozen=True, slots=True)
class _Axis:
    low: float
    high: float
    step: float

    def y(self, value: float) -> float:
        return END - (END - TOP) * (value - self.low) / (self.high - self.low)

    @staticmethod
    def of(values: Sequence[float]) -> "_Axis":
        """From a round number at or below the lowest value to one at or above the highest."""
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        if low == high:
            low, high = low - abs(low) * 0.1, high + (abs(high) * 0.1 or 1.0)
        if 0 < low < FROM_NOUGHT * high:
            low = 0.0
        step = round_step(high - low)
        return _Axis(low // step * step, -(-high // step) * step, step)


def dot_plot(told: Body, lang: Language) -> Html:
    """The picture of an answer of /evaluation."""
    scale = 100.0 if told["unit"] == "ratio" else 1.0
    days = {side: list(told[side]["days"]) for side in SIDES}
    out = {side: [d for d in told["excluded"] if d["side"] == side] for side in SIDES}
    axis = _Axis.of([day["value"] * scale for side in SIDES for day in days[side]])
    room = WIDTH - LEFT - RIGHT - GAP
    spans = {side: _span([*days[side], *out[side]]) for side in SIDES}
    each = room / max(1, sum(spans[side][1] for side in SIDES))
    found, x = [_axis(axis, told["unit_shown"][lang], lang)], LEFT
    for side, name in SIDES.items():
        first, many = spans[side]
        wide = each * many
        found.append(_side(told[side], days[side], out[side], first, x, each, wide, axis, scale, name.say(lang), told))
        x += wide + GAP
    return picture(HEIGHT, join(found), title=TITLE.say(lang))


def _span(days: Sequence[Body]) -> tuple[date, int]:
    """The first day and how many days of the calendar they span."""
    dates = [date.fromisoformat(day["date"]) for day in days]
    return (min(dates), (max(dates) - min(dates)).days + 1) if dates else (date.min, 1)


def _axis(axis: _Axis, unit: str, lang: Language) -> Html:
    found, value = [words(0, TOP - 1.8, unit, size=3.2)], axis.low
    if axis.low != 0:
        cut = Words("(軸は 0 から始まりません)", "(the axis does not begin at 0)")
        found.append(words(WIDTH - RIGHT, TOP - 1.4, cut.say(lang), "end", 3.0))
    while value <= axis.high + axis.step / 2:
        told = f"{value:.10g}" if abs(value) > axis.step / 1e6 else "0"
        found += [
            words(LEFT - 1.5, axis.y(value) + 1.1, told, "end"),
            line(LEFT, axis.y(value), WIDTH - RIGHT, axis.y(value), 0.1, "0.6 0.9"),
        ]
        value += axis.step
    return join(found)


def _side(
    told: Body, days: Sequence[Body], out: Sequence[Body], first: date, x: float, each: float, wide: float, axis: _Axis,
    scale: float, name: str, whole: Body,
) -> Html:  # fmt: skip
    def at(day: Body) -> float:
        return x + each * ((date.fromisoformat(day["date"]) - first).days + 0.5)

    found = [box(x, TOP, wide, END - TOP, "none", 0.2), words(x + 1, TOP - 1.2, name, size=3.8, bold=True)]
    if told["median"] is not None:
        y = axis.y(told["median"] * scale)
        amount = Amount(whole["unit"], whole["difference"]["median"]).number(told["median"])
        found += [line(x, y, x + wide, y, 0.6), words(x + wide + 0.8, y + 1.1, amount, size=3.4, bold=True)]
    radius = min(1.3, each * 0.42)
    found += [dot(at(day), axis.y(day["value"] * scale), told is whole["after"], radius) for day in days]
    found += [_cross(at(day), END + 1.9) for day in out]
    found += _dates([*days, *out], at)
    return join(found)


def _cross(x: float, y: float) -> Html:
    return join([line(x - 0.8, y - 0.8, x + 0.8, y + 0.8, 0.3), line(x - 0.8, y + 0.8, x + 0.8, y - 0.8, 0.3)])


def _dates(days: Sequence[Body], at: Any) -> list[Html]:
    """The first and the last day, and those between that have room."""
    found, last = [], -100.0
    ordered = sorted(days, key=lambda day: str(day["date"]))
    for day in ordered:
        x = at(day)
        if x - last >= 11 and (day is ordered[-1] or at(ordered[-1]) - x >= 11):
            on = date.fromisoformat(day["date"])
            found.append(words(x, END + 7, f"{on.month}/{on.day}", "middle", 3))
            last = x
    return found


def interval_bar(told: Body, lang: Language) -> Html | None:
    """The difference with its 90 % interval, and 0; None where it is not judged."""
    difference, interval = told["difference"]["median"], told["difference"]["interval90"]
    if difference is None or interval is None:
        return None
    low, high = float(min(0.0, *interval, difference)), float(max(0.0, *interval, difference))
    spread = (high - low) or 1.0
    left, right = 30.0, WIDTH - 30.0

    def x(value: float) -> float:
        return left + (right - left) * (value - low) / spread

    widest = interval[1] - interval[0]
    amount = Amount(told["unit"], min((abs(v) for v in (difference, widest) if v), default=None))
    said = amount.ja if lang == "ja" else amount.en
    return picture(
        14,
        line(x(0), 1, x(0), 9, 0.3, "1 0.8"),
        words(x(0), 13, Words("0(変化なし)", "0 (no change)").say(lang), "middle"),
        line(left, 5, right, 5, 0.1),
        line(x(interval[0]), 5, x(interval[1]), 5, 1.6),
        dot(x(difference), 5, radius=1.6),
        words(x(difference), 2.6, said(difference, sign=True), "middle", 3.4, bold=True),
        title=Words("差と 90 %区間", "difference and its 90 % interval").say(lang),
    )
