"""A shift as a strip of time: run white, short stops grey, long stops black, planned stops pale, no data hatched."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from contract.words import Language, Words
from kpi.report.drawing import BLACK, GREY, NO_DATA, PALE, WIDTH, box, line, picture, words
from kpi.report.markup import Html, join
from kpi.report.say import moment

Body = Mapping[str, Any]
TITLE = Words("時間の帯", "strip of time")
NAMES = {
    "run": Words("稼働", "run"),
    "minor_stop": Words("チョコ停", "short stop"),
    "downtime": Words("停止", "stop"),
    "planned_stop": Words("休憩・計画停止", "break, planned stop"),
    "no_data": Words("欠測", "no data"),
}
FILLS = {"run": "#fff", "minor_stop": GREY, "downtime": BLACK, "planned_stop": PALE, "no_data": NO_DATA}
TOP, HIGH = 1.0, 8.0


def timeline(intervals: Sequence[Body], start: str, end: str, lang: Language) -> Html:
    """The strip of [start, end) with hours beneath and what the fills mean."""
    begin, until = moment(start), moment(end)
    seconds = max(1.0, (until - begin).total_seconds())

    def x(at: datetime) -> float:
        return 1 + (WIDTH - 2) * min(1.0, max(0.0, (at - begin).total_seconds() / seconds))

    parts = [
        box(x(moment(i["start"])), TOP, x(moment(i["end"])) - x(moment(i["start"])), HIGH, FILLS[i["bucket"]], 0)
        for i in intervals
        if i["bucket"] in FILLS
    ]
    frame = box(1, TOP, WIDTH - 2, HIGH, "none", 0.3)
    return picture(18.5, join(parts), frame, join(_hours(begin, until, x)), _legend(lang), title=TITLE.say(lang))


def _hours(begin: datetime, until: datetime, x: Any) -> list[Html]:
    step = timedelta(hours=1 if until - begin <= timedelta(hours=14) else 2)
    at = begin.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    found = []
    while at < until:
        found += [
            line(x(at), TOP + HIGH, x(at), TOP + HIGH + 1.2),
            words(x(at), TOP + HIGH + 4.2, f"{at:%H}", "middle", 3),
        ]
        at += step
    return found


def _legend(lang: Language) -> Html:
    found, x = [], 1.0
    for bucket, name in NAMES.items():
        said = name.say(lang)
        found += [box(x, 15.2, 5, 2.8, FILLS[bucket]), words(x + 6, 17.6, said, size=3)]
        x += 10 + sum(3.0 if ord(letter) > 255 else 1.7 for letter in said)
    return join(found)
