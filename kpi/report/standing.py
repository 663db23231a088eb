"""Stops out of the ledger's parts: breaks cut a stop's time but do not make two of it; why it stood, in minutes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contract.words import Language, Words
from kpi.report.say import moment

Body = Mapping[str, Any]

NO_REASON = Words("(理由なし)", "(no reason)")
SHORT = Words("チョコ停", "short stop")
LOSSES = {
    "failure": Words("故障", "failure"),
    "setup": Words("段取り・調整", "set-up"),
    "tool": Words("刃具・治具", "tool"),
    "startup": Words("立上り", "start-up"),
    "minor": Words("チョコ停", "short stops"),
    "starved": Words("材料待ち", "starved"),
    "blocked": Words("後工程つかえ", "blocked"),
    "quality": Words("不良", "quality"),
    "none": Words("理由なし", "no reason"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """One stop as the page lists it; ``seconds`` without the breaks in it."""

    start: datetime
    end: datetime
    seconds: float
    short: bool
    reason: str | None
    loss: str | None


def standings(intervals: Iterable[Body]) -> list[Standing]:
    """The stops in time order. Time that ran parts two; nothing else does, where class and reason are the same."""
    found: list[Standing] = []
    going_on = False
    for part in intervals:
        if part["bucket"] == "run":
            going_on = False
        elif part["bucket"] in ("downtime", "minor_stop"):
            stop = _stop(part)
            last = found[-1] if found and going_on else None
            if last and (last.short, last.reason) == (stop.short, stop.reason):
                seconds = last.seconds + stop.seconds
                found[-1] = Standing(last.start, stop.end, seconds, stop.short, stop.reason, stop.loss)
            else:
                found.append(stop)
            going_on = True
    return found


def unbroken(intervals: Iterable[Body]) -> list[Standing]:
    """The stops as the breaks cut them."""
    return [_stop(part) for part in intervals if part["bucket"] in ("downtime", "minor_stop")]


def _stop(part: Body) -> Standing:
    start, end = moment(part["start"]), moment(part["end"])
    return Standing(
        start, end, (end - start).total_seconds(), part["bucket"] == "minor_stop", part["reason"], part["loss"]
    )


def reasons_of(line: Body) -> dict[str, str]:
    """What each reason is called."""
    return {reason["id"]: reason["name"] for reason in line["reasons"]}


def named(line: Body, reason: str | None, lang: Language) -> str:
    """A reason's name; one that the line does not know is said as it came."""
    return reasons_of(line).get(reason, reason) if reason else NO_REASON.say(lang)


def by_reason(line: Body, stops: Sequence[Standing], lang: Language) -> list[tuple[str, int, float]]:
    """(why, how often, seconds), the longest first; short stops without a reason are a line of their own."""
    sums: dict[str, tuple[int, float]] = {}
    for stop in stops:
        why = (
            SHORT.say(lang) + NO_REASON.say(lang) if stop.short and not stop.reason else named(line, stop.reason, lang)
        )
        times, seconds = sums.get(why, (0, 0.0))
        sums[why] = (times + 1, seconds + stop.seconds)
    return sorted(((why, *told) for why, told in sums.items()), key=lambda told: (-told[2], told[0]))
