"""GET /stops: every stop of a window with its reason and place, the Pareto, and four weeks of failures beside.

A station with `privacy = "person"` is told to operators only: stops are single events.
"""

from collections.abc import Callable
from typing import Any

from contract.words import Words
from kpi import windows
from kpi.answers import Answers, Asked, Place
from kpi.figures import figures
from kpi.finality import finality
from kpi.ledger import Ledger
from kpi.pareto import CLASSES, ToldStop, by_hour, by_reason, called, minutes, repeats, stops_of, unexplained
from kpi.privacy import refuse, veiled
from kpi.problems import Problem
from kpi.proposals import Proposals
from kpi.spans import NS
from kpi.stops import meant
from kpi.times import rfc3339
from kpi.tokens import Role

Body = dict[str, Any]
FOUR_WEEKS_NS = 28 * 86400 * NS
LONGEST_DAYS = 100
MOST_STOPS = 2000
"""Listed one by one, the newest ones; the sums hold them all."""

TITLES = {
    "class": Words("区分", "class"),
    "reason": Words("理由", "reason"),
    "count": Words("回数", "count"),
    "minutes": Words("時間(分)", "minutes"),
    "share": Words("割合", "share"),
    "cumulative_share": Words("累積割合", "cumulative share"),
    "by_hour": Words("時間帯", "time of day"),
    "edge": Words("休憩・勤務の端にかかる", "touches a break or a shift's edge"),
    "mtbf_s": Words("平均故障間隔(MTBF)", "MTBF"),
    "mttr_s": Words("平均修理時間(MTTR)", "MTTR"),
    "without_reason": Words("理由が未記入の停止", "stops without a reason"),
    "repeats": Words("同じ時間帯にくり返す短い停止", "short stops that repeat in the same hour"),
}
BASIS = {
    "reason": Words("理由が故障の停止を故障と数える", "failures are the stops whose reason is a failure"),
    "length": Words(
        "理由の記入がないため、長い停止をすべて故障と数える",
        "no stop has a reason: every long stop counts as a failure",
    ),
}


def meant_stop(answers: Answers, station: str, at: int) -> Body | None:
    """The stop that a reason said of a moment is of, or None: {"start", "end" (null while it stands), "bucket"}."""
    now, zone = answers.desk.now_ns(), answers.line.zone
    seen = min(at, now - 1)
    ledger = answers.ledger(answers.place(station), seen, seen + 1, now)
    found = meant(ledger.stops, ledger.stop_times[0], seen, ledger.record.blocks)
    if found is None:
        return None
    stop = ledger.stops[found]
    end = None if stop.open else rfc3339(stop.end, zone)
    return {"start": rfc3339(stop.start, zone), "end": end, "bucket": stop.bucket}


def stops(answers: Answers, start: int, end: int, station: str | None, role: Role, go_on: Callable[[], None]) -> Body:
    """The body of GET /stops."""
    now = answers.desk.now_ns()
    end = max(start, min(windows.bounded(start, end, now), now))
    _not_too_long(start, end)
    line, zone = answers.line, answers.line.zone
    if station is not None:
        refuse(line.stations[answers.place(station).id], role)
    places = answers.places(station)
    shown = [place for place in places if not veiled(line.stations[place.id], role)]
    told: list[ToldStop] = []
    bodies = []
    for place in shown:
        go_on()
        body, mine = _station(answers, place, start, end, now, alone=station is not None)
        bodies.append(body)
        told += mine
    return {
        "start": rfc3339(start, zone),
        "end": rfc3339(end, zone),
        "titles": {key: {"ja": words.ja, "en": words.en} for key, words in TITLES.items()},
        "stations": bodies,
        "hidden": [place.id for place in places if place not in shown],
        "by_reason": by_reason(line, told, zone),
        "by_hour": by_hour(told, zone),
        "repeats": repeats(line, told, zone),
        **finality(answers.desk, line, [place.id for place in shown], end, now).body(),
    }


def _station(
    answers: Answers, place: Place, start: int, end: int, now: int, *, alone: bool
) -> tuple[Body, list[ToldStop]]:
    line, zone = answers.line, place.calendar.zone
    shifts = place.calendar.shifts(start, start + 1)
    ledger = answers.ledger(place, min([start, *(s.start for s in shifts)]), end, now)
    proposals = Proposals(line, ledger, answers.entries(min([start, *(s.start for s in shifts)]), end))
    told = stops_of(ledger, place.id, start, end)
    unplanned = [t for t in told if not t.stop.planned]
    without = unexplained(unplanned)
    body = {
        "station": place.id,
        "name": place.name,
        "stops": [_stop(answers, place, t, proposals) for t in told[-MOST_STOPS:]],
        "left_off": max(0, len(told) - MOST_STOPS),
        "count": sum(t.begins for t in unplanned),
        "minutes": minutes(sum(t.seconds for t in unplanned)),
        "by_reason": by_reason(line, told, zone),
        "by_hour": by_hour(told, zone),
        "repeats": repeats(line, told, zone),
        "without_reason": {
            "count": sum(t.begins for t in without),
            "minutes": minutes(sum(t.seconds for t in without)),
            "at": [rfc3339(t.stop.start, zone) for t in without if t.begins][-MOST_STOPS:],
        },
        "failures": failures(answers, place, ledger, start, end, now),
        "four_weeks": four_weeks(answers, place, end, now) if alone else None,
    }
    return body, told


def _stop(answers: Answers, place: Place, told: ToldStop, proposals: Proposals) -> Body:
    stop, zone = told.stop, place.calendar.zone
    words = CLASSES[stop.bucket]
    return {
        "start": rfc3339(stop.start, zone),
        "end": rfc3339(stop.end, zone),
        "seconds": round(told.seconds, 3),
        "whole_s": round(stop.seconds, 3),
        "begins_here": told.begins,
        "open": stop.open,
        "class": stop.bucket,
        "class_name": {"ja": words.ja, "en": words.en},
        "reason": stop.reason or None,
        **called(answers.line, stop),
        "loss": stop.loss if stop.reason or stop.mode else None,
        "mode": stop.mode,
        "place": {"station": place.id, "name": place.name, "phase": told.phase},
        "edge": stop.edge,
        "proposed": proposals.of(stop),
    }


def failures(answers: Answers, place: Place, ledger: Ledger, start: int, end: int, now: int) -> Body:
    """MTBF and MTTR of a window, with what counts as a failure."""
    told = answers.facts(place, ledger, Asked(start, end), start, end, answers.entries(start, end), now)
    found = figures(told)["stops"]
    zone = place.calendar.zone
    window = {"start": rfc3339(start, zone), "end": rfc3339(end, zone)}
    if found is None:
        return {**window, "count": None, "mtbf_s": None, "mttr_s": None, "basis": None, "basis_words": None}
    parts = [p for p in told.stop_parts or () if p.begins]
    count = sum(p.stop.loss == "failure" if found["basis"] == "reason" else p.stop.long for p in parts)
    words = BASIS[found["basis"]]
    return {
        **window,
        "count": count,
        "mtbf_s": found["mtbf_s"],
        "mttr_s": found["mttr_s"],
        "basis": found["basis"],
        "basis_words": {"ja": words.ja, "en": words.en},
    }


def four_weeks(answers: Answers, place: Place, end: int, now: int) -> Body:
    """The same of the four weeks that end with the window, what a day is compared with: of one station at a time."""
    start = end - FOUR_WEEKS_NS
    return failures(answers, place, answers.ledger(place, start, end, now), start, end, now)


def _not_too_long(start: int, end: int) -> None:
    if end - start > LONGEST_DAYS * 86400 * NS:
        raise Problem(
            422,
            "bad-window",
            Words(
                f"停止の一覧は {LONGEST_DAYS} 日までです。",
                f"Stops are listed for at most {LONGEST_DAYS} days at once.",
            ),
            Words("期間を分けて尋ねてください。", "Ask for it in parts."),
        )
