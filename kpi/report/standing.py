"""Stops out of the ledger's parts: breaks cut a stop's time but do not make two of it; why it stood, in minutes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from contract.words import Language, Words
from kpi.report.say import both, moment, number, percent

Body = Mapping[str, Any]

SHORT = Words("チョコ停", "short stop")
WITHOUT_REASON = Words("理由が未記入の停止", "stops without a reason")
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
    name: Body
    """What its reason is called, or the mode that explains it, as the hour board says it."""

    @property
    def bare(self) -> bool:
        """Whether neither a reason nor a mode explains it."""
        return not self.reason and not self.loss


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
            if last and (last.short, last.reason, last.loss) == (stop.short, stop.reason, stop.loss):
                found[-1] = replace(last, end=stop.end, seconds=last.seconds + stop.seconds)
            else:
                found.append(stop)
            going_on = True
    return found


def _stop(part: Body) -> Standing:
    start, end, short = moment(part["start"]), moment(part["end"]), part["bucket"] == "minor_stop"
    return Standing(start, end, (end - start).total_seconds(), short, part["reason"], part["loss"], part["name"])


def by_reason(stops: Sequence[Standing], lang: Language) -> list[tuple[str, int, float]]:
    """(why, how often, seconds), the longest first; short stops without a reason are a line of their own."""
    sums: dict[str, tuple[int, float]] = {}
    for stop in stops:
        name = both(stop.name, lang)
        why = f"{SHORT.say(lang)}({name})" if stop.short and stop.bare else name
        times, seconds = sums.get(why, (0, 0.0))
        sums[why] = (times + 1, seconds + stop.seconds)
    return sorted(((why, *told) for why, told in sums.items()), key=lambda told: (-told[2], told[0]))


def without_said(without: Body, lang: Language) -> str:
    """「113.3 分(停止の 58 %)」: what neither a reason nor a mode explains, of the basis."""
    share = without["share"]
    of = Words("停止の ", "of the stops: ").say(lang)
    more = "" if share is None else f"({of}{percent(share, 0)})"
    return f"{number(without['minutes'], 1)}{Words(' 分', ' min').say(lang)}{more}"
