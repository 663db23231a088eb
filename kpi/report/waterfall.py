"""The loss waterfall in minutes: 負荷時間 less each loss is 価値稼働時間. What is shown sums to it, to the minute."""

from collections.abc import Mapping
from typing import Any

from contract.words import Language, Words
from kpi.report.drawing import BLACK, GREY, PALE, WIDTH, box, line, picture, words
from kpi.report.markup import Html, join
from kpi.report.say import number, percent, within
from kpi.report.standing import LOSSES

Body = Mapping[str, Any]
TITLE = Words("負荷時間はどこへ行ったか", "Where the planned busy time went")
BUSY, VALUE = Words("負荷時間", "planned busy time"), Words("価値稼働時間(良品)", "value (good pieces)")
SPEED, QUALITY = Words("速度低下", "speed"), Words("不良", "scrap")
LEFT, RIGHT, HIGH = 42.0, 30.0, 4.1
MOST_LOSSES = 4
OTHERS = Words("その他", "others")


def waterfall(body: Body, lang: Language) -> Html | None:
    """The picture; None where the losses are not known (no ideal cycle, no time)."""
    parts = loss_minutes(body, lang)
    if parts is None:
        return None
    busy = sum(minutes for _, minutes in parts)
    wide = max(1.0, busy, *(part for _, part in parts))
    scale = (WIDTH - LEFT - RIGHT) / wide
    rows, here = [_row(0, BUSY.say(lang), 0, busy, busy, scale, PALE)], busy
    for i, (name, minutes) in enumerate(parts, 1):
        last = i == len(parts)
        begin = 0 if last else here - max(0, minutes)
        rows.append(_row(i, name, begin, minutes, busy, scale, "#fff" if last else BLACK))
        here -= minutes
    height = HIGH * (len(parts) + 1) + 1
    return picture(height, line(LEFT, 0, LEFT, height - 1), join(rows), title=TITLE.say(lang))


def loss_minutes(body: Body, lang: Language) -> list[tuple[str, int]] | None:
    """(what, whole minutes): stops by loss, short stops, speed, quality, value at the end; together 負荷時間."""
    losses, busy = body.get("losses_s"), body.get("planned_busy_time_s")
    if not losses or not busy or None in (losses["minor"], losses["speed"], losses["quality"], losses["value"]):
        return None
    stood = sorted((losses["downtime"] or {}).items(), key=lambda told: -told[1])
    kinds = [(LOSSES[loss].say(lang), seconds) for loss, seconds in stood]
    if len(kinds) > MOST_LOSSES:
        rest = sum(seconds for _, seconds in kinds[MOST_LOSSES - 1 :])
        kinds = [*kinds[: MOST_LOSSES - 1], (OTHERS.say(lang), rest)]
    named = [(f"{Words('停止', 'stop').say(lang)}: {kind}", seconds) for kind, seconds in kinds]
    named += [
        (LOSSES["minor"].say(lang), losses["minor"]),
        (SPEED.say(lang), losses["speed"]),
        (QUALITY.say(lang), losses["quality"]),
        (VALUE.say(lang), losses["value"]),
    ]
    whole = within(busy / 60, [seconds / 60 for _, seconds in named])
    return [(name, minutes) for (name, _), minutes in zip(named, whole, strict=True)]


def _row(at: int, name: str, begin: float, minutes: float, busy: float, scale: float, fill: str) -> Html:
    """One bar. A negative loss (an ideal cycle that is too long) is grey and goes the other way."""
    y = at * HIGH
    width = abs(minutes) * scale
    said = f"{number(minutes)} ({percent(minutes / busy if busy else None, 0)})"
    return join(
        [
            words(LEFT - 1.5, y + 3.2, name, "end"),
            box(LEFT + begin * scale, y + 0.4, width, HIGH - 0.8, fill if minutes >= 0 else GREY),
            words(WIDTH, y + 3.2, said, "end"),
        ]
    )
