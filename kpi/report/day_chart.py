"""The month by day: 可動率 as dots, good pieces as bars with the plan, improvements ▼, days off, no data hatched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from contract.words import Language, Words
from kpi.report.drawing import GREY, NO_DATA, PALE, WIDTH, box, dot, line, mark, picture, round_step, words
from kpi.report.markup import Html, join
from kpi.report.say import SHOWN, WEEKDAYS, believed, moment, number, shown

Body = Mapping[str, Any]
TITLE = Words("日ごとの可動率と良品数", "Kadoritsu and good pieces by day")
LEFT, RIGHT = 17.0, 1.0
RATIO_TOP, RATIO_END, BAR_TOP, BAR_END = 7.0, 26.0, 30.0, 43.5
WEEK_Y, PLAN_Y, LOST_Y = 50.4, 54.2, 58.0
HEIGHT = 58.6
OFF = Words("休", "off")


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where a day and a value lie on the paper."""

    first: date
    days: int
    most_ratio: float
    most_pieces: float

    @property
    def step(self) -> float:
        return (WIDTH - LEFT - RIGHT) / self.days

    def x(self, day: date) -> float:
        """The middle of a day."""
        return LEFT + self.step * ((day - self.first).days + 0.5)

    def ratio(self, value: float) -> float:
        return RATIO_END - (RATIO_END - RATIO_TOP) * min(value, self.most_ratio) / self.most_ratio

    def pieces(self, value: float) -> float:
        return BAR_END - (BAR_END - BAR_TOP) * max(0.0, value) / self.most_pieces


def day_chart(
    month: date,
    buckets: Sequence[Body],
    whole: Body,
    marks: Sequence[tuple[str, Body]],
    lang: Language,
    target: float | None = None,
) -> Html:
    """``buckets`` by day of one station, ``whole`` the month; ``marks`` are numbered improvements.

    ``target``: what 可動率 is meant to reach.
    """
    first = month.replace(day=1)
    days = ((first + timedelta(days=31)).replace(day=1) - first).days
    ratios = [b["kadoritsu"] for b in buckets if b["kadoritsu"] is not None and shown(b)]
    pieces = [max(b["good_quantity"] or 0, b["basis"].get("demand") or 0) for b in buckets]
    step = round_step(max([1, *pieces]), 3)
    scale = _Scale(first, days, max([1.0, *ratios]), max([1.0, *(-(-p // step) * step for p in pieces)]))
    seen = {date.fromisoformat(b["day"]): b for b in buckets}
    columns = [_day(first + timedelta(days=i), seen, scale, lang) for i in range(days)]
    return picture(
        HEIGHT,
        _frame(scale, step, lang),
        join(columns),
        _whole(whole, scale),
        _target(target, scale, lang),
        _marks(marks, first, scale),
        title=TITLE.say(lang),
    )


def _frame(scale: _Scale, step: float, lang: Language) -> Html:
    """Axes; 100 % is a line of its own."""
    end = WIDTH - RIGHT
    found = [line(LEFT, RATIO_END, end, RATIO_END), line(LEFT, BAR_END, end, BAR_END)]
    for value in (0.0, 0.5, 1.0):
        found += [words(LEFT - 1, scale.ratio(value) + 1.1, f"{value * 100:.0f}%", "end")]
        if value:
            found.append(line(LEFT, scale.ratio(value), end, scale.ratio(value), 0.1, "0.6 0.9"))
    value = step
    while value <= scale.most_pieces:
        found += [
            words(LEFT - 1, scale.pieces(value) + 1.1, number(value), "end"),
            line(LEFT, scale.pieces(value), end, scale.pieces(value), 0.1, "0.6 0.9"),
        ]
        value += step
    names = (((RATIO_TOP + RATIO_END) / 2 + 4, Words("可動率", "OEE")), (BAR_END - 0.5, Words("良品", "good")),
             (PLAN_Y, Words("計画(h)", "plan (h)")), (LOST_Y, Words("欠測", "no data")))  # fmt: skip
    found += [words(0, y, name.say(lang), size=3) for y, name in names]
    return join(found)


def _day(day: date, seen: Mapping[date, Body], scale: _Scale, lang: Language) -> Html:
    x, half = scale.x(day), scale.step / 2
    weekday = WEEKDAYS[day.weekday()].say(lang)[:2]
    found = [words(x, BAR_END + 3.6, day.day, "middle", 2.9), words(x, WEEK_Y, weekday, "middle", 2.5)]
    body = seen.get(day)
    if body is None:
        return join(found)
    planned = body["planned_time_s"] or 0.0
    if planned <= 0:
        found.insert(0, box(x - half, RATIO_TOP, half * 2, BAR_END - RATIO_TOP, "#eee", 0))
        return join([*found, words(x, PLAN_Y, OFF.say(lang), "middle", 2.7)])
    found.append(words(x, PLAN_Y, f"{planned / 3600:.1f}", "middle", 2.6))
    return join([*found, *_seen(body, x, half, scale), *_lost(body, x, half)])


def _seen(body: Body, x: float, half: float, scale: _Scale) -> list[Html]:
    if not shown(body):
        return [box(x - half, RATIO_TOP, half * 2, BAR_END - RATIO_TOP, NO_DATA, 0)]
    sure, found = believed(body), []
    good, plan = body["good_quantity"], body["basis"].get("demand")
    if good is not None:
        top = scale.pieces(good)
        found.append(box(x - half * 0.65, top, half * 1.3, BAR_END - top, PALE if sure else "#fff"))
    if plan is not None:
        found.append(line(x - half * 0.9, scale.pieces(plan), x + half * 0.9, scale.pieces(plan), 0.5))
    if body["kadoritsu"] is not None:
        found.append(dot(x, scale.ratio(body["kadoritsu"]), sure, edge="#000" if sure else GREY))
    return found


def _lost(body: Body, x: float, half: float) -> list[Html]:
    """The share of the planned time that was not read, as a hatched box."""
    share = 1 - (1.0 if body["coverage"] is None else body["coverage"])
    if share < 0.005:
        return []
    high = 2.8 * max(0.25, min(1.0, share / (1 - SHOWN)))
    return [box(x - half * 0.7, LOST_Y + 0.2 - high, half * 1.4, high, NO_DATA, 0.15)]


def _whole(whole: Body, scale: _Scale) -> Html:
    """The month's own value, which is not the mean of the days."""
    value = whole.get("kadoritsu")
    if value is None or not shown(whole):
        return Html()
    y = scale.ratio(value)
    return line(LEFT, y, WIDTH - RIGHT, y, 0.35)


def _target(target: float | None, scale: _Scale, lang: Language) -> Html:
    """The target as a line of dashes, its name at the right end."""
    if target is None:
        return Html()
    y = scale.ratio(target)
    said = Words("目標", "target").say(lang)
    return join([line(LEFT, y, WIDTH - RIGHT, y, 0.5, "2.4 1.2"), words(WIDTH - RIGHT, y - 0.8, said, "end", 2.6)])


def _marks(marks: Sequence[tuple[str, Body]], first: date, scale: _Scale) -> Html:
    days: dict[date, list[str]] = {}
    for said, event in marks:
        days.setdefault(moment(event["at"]).date(), []).append(said)
    found = []
    for at, numbers in days.items():
        if first <= at < first + timedelta(days=scale.days):
            x = scale.x(at) - scale.step / 2
            said = numbers[0] if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}"
            found += [line(x, RATIO_TOP - 1.5, x, BAR_END, 0.25, "1.2 0.8"), mark(x, RATIO_TOP - 3.4, said)]
    return join(found)
