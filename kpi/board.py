"""生産管理板: plan, actual and difference of each hour of a shift, when it stood and why, what was done about it.

All arithmetic is done here, so that a page only prints. Plans and pieces are whole numbers: the plan of an hour is its
share of the shift's plan by planned time, rounded so that the hours sum to the plan. The actual is good pieces, with
what people put right (a correction lies in the hour of its time).

When it calls is agreed with the floor (`kpi.alarms`).
Of a station with `privacy = "person"` viewers see whole hours that are over, and no moment of a single event.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from collector.store import Entry
from contract.line import Agreed
from contract.words import Words
from kpi import facts
from kpi.alarms import AS_AGREED, Wished, alarm, calls
from kpi.answers import Answers, Place
from kpi.doubt import BLIND, Doubt, is_blind
from kpi.doubtful import doubtful
from kpi.facts import Facts, Question
from kpi.finality import finality
from kpi.ledger import Ledger
from kpi.pareto import ToldStop, by_reason, minutes, stops_of, unexplained
from kpi.plans import quantity_of
from kpi.privacy import HOUR_NS, veiled, whole_hours
from kpi.proposals import Proposals
from kpi.spans import Spans
from kpi.times import rfc3339
from kpi.tokens import Role
from kpi.windows import Bucket, buckets
from kpi.worked import Worked, worked

Body = dict[str, Any]
TOP = 3

TITLES = {
    "hour": Words("時間", "hour"),
    "plan": Words("計画", "plan"),
    "actual": Words("実績(良品)", "actual (good)"),
    "difference": Words("差異", "difference"),
    "cumulative": Words("累計", "cumulative"),
    "stop_min": Words("停止(分)", "stopped (min)"),
    "reason": Words("主な停止理由", "main reason"),
    "action": Words("処置・メモ", "action, notes"),
    "marks": Words("センサー疑い", "doubtful sensor"),
    "alarm": Words("警報", "alarm"),
    "minor_stop": Words("チョコ停", "short stops"),
    "downtime": Words("長い停止", "long stops"),
    "planned_stop": Words("計画停止", "planned stops"),
    "no_data": Words("欠測", "no data"),
    "rest": Words("休憩", "breaks"),
}


@dataclass(frozen=True, slots=True)
class Sums:
    """Of one hour, and added up over hours: pieces wanted and made, and seconds stood. ``wanted`` None: no plan."""

    wanted: float | None
    wanted_so_far: float | None
    good: int | None
    produced: int | None
    scrap: int | None
    corrected: int
    stood_s: Mapping[str, float]

    def plus(self, other: "Sums") -> "Sums":
        """Both together; what is unknown of one is unknown of both."""
        return Sums(
            _both(self.wanted, other.wanted),
            _both(self.wanted_so_far, other.wanted_so_far),
            _both(self.good, other.good),
            _both(self.produced, other.produced),
            _both(self.scrap, other.scrap),
            self.corrected + other.corrected,
            {key: self.stood_s.get(key, 0.0) + other.stood_s.get(key, 0.0) for key in other.stood_s},
        )


def _both(a: Any, b: Any) -> Any:
    return None if a is None or b is None else a + b


@dataclass(frozen=True, slots=True)
class Shown:
    """What a board is made of: a station's shift as far as a role may see it (``until``)."""

    answers: Answers
    place: Place
    shift: Worked
    ledger: Ledger
    entries: Sequence[Entry]
    events: Sequence[Entry]
    marks: Sequence[Doubt]
    stops: Sequence[ToldStop]
    plan: int | None
    agreed: Agreed
    now: int
    since: int
    until: int
    """The time that is shown: the shift so far; of a veiled station whole hours."""
    veil: bool


def board(
    answers: Answers, station: str, day: date | None, name: str | None, role: Role, wished: Wished = AS_AGREED
) -> Body:
    """One shift of one station; without date and shift the running one."""
    return told(shown(answers, station, day, name, role, wished))


def shown(
    answers: Answers, station: str, day: date | None, name: str | None, role: Role, wished: Wished = AS_AGREED
) -> Shown:
    """What the board of a shift is made of. Raises Problem (404, 422)."""
    now = answers.desk.now_ns()
    place = answers.place(station)
    shift = worked(place, day, name, now)
    agreed = wished.over(place.history.at(shift.start).alarm)
    return shown_of(answers, place, shift, agreed, now, role)


def told(shown: Shown) -> Body:
    """The board as a body."""
    answers, place, shift, now = shown.answers, shown.place, shown.shift, shown.now
    rows = rows_of(shown)
    zone = place.calendar.zone
    return {
        "station": place.id,
        "name": place.name,
        "date": shift.day.isoformat(),
        "shift": shift.name or None,
        "start": rfc3339(shift.start, zone),
        "end": rfc3339(shift.end, zone),
        "now": rfc3339(now, zone),
        "plan": shown.plan,
        "titles": {key: {"ja": words.ja, "en": words.en} for key, words in TITLES.items()},
        "rows": rows,
        "total": _total(shown, rows),
        "standing": None if shown.veil else _standing(shown),
        "alarm": _alarm(shown, _codes_now(shown, rows)),
        "self_test": None if not is_blind(answers.line.stations[place.id]) else {"ja": BLIND.ja, "en": BLIND.en},
        **finality(answers.desk, answers.line, [place.id], shift.end, now).body(),
    }


def shown_of(
    answers: Answers, place: Place, shift: Worked, agreed: Agreed, now: int, role: Role, *, marked: bool = True
) -> Shown:
    """One shift as far as a role may see it; ``marked``: with the marks of doubtful counters."""
    veil = veiled(answers.line.stations[place.id], role)
    since, until = shift.start, max(shift.start, min(shift.end, now))
    if veil:
        since, until = whole_hours(since, until)
    ledger = answers.ledger(place, shift.start, until, now)
    entries = answers.entries(shift.start, shift.end)
    plan = None if shift.shift is None else quantity_of(place.history, entries, place.id, shift.shift)

    return Shown(
        answers,
        place,
        shift,
        ledger,
        entries,
        [
            e
            for e in answers.shelf.entries("event", shift.start, shift.end)
            if e.body.get("station") in (None, place.id)
        ],
        _marks(answers, place, ledger, since, until, now, role) if marked else [],
        stops_of(ledger, place.id, since, until),
        plan,
        agreed,
        now,
        since,
        until,
        veil,
    )


def _marks(
    answers: Answers, place: Place, ledger: Ledger, start: int, end: int, now: int, role: Role
) -> Sequence[Doubt]:
    """Where the counter is doubtful; nothing where that would tell of single pieces of a person, here or next."""
    line = answers.line
    heard = {place.id, *(flow.target for flow in line.flow if flow.source == place.id)}
    if any(veiled(line.stations[station], role) for station in heard):
        return []
    return doubtful(line, ledger, start, end, lambda s: answers.ledger(answers.place(s), start, end, now))


def _hours(shown: Shown) -> list[Bucket]:
    """The hours of the clock that the shift has time in; of a veiled station the whole ones that are over."""
    shift, calendar = shown.shift, shown.place.calendar
    listed = buckets("hour", shift.start, shift.end, calendar, shift.end)
    if shown.veil:
        listed = [b.whole_hours() for b in listed]
        listed = [b for b in listed if b.start < b.end <= shown.until]
    return [b for b in listed if len(shift.hours.clip(b.start, b.end))]


def rows_of(shown: Shown) -> list[Body]:
    """The hours of a shift."""
    whole_s = _planned(shown, shown.shift.start, shown.shift.end).seconds
    rows: list[Body] = []
    before = None
    for hour in _hours(shown):
        told = None if hour.start >= shown.until else _facts(shown, hour)
        sums = _sums(shown, hour, told, whole_s)
        total = sums if before is None else before.plus(sums)
        rows.append(_row(shown, hour, sums, before, total))
        before = total
    return rows


def _planned(shown: Shown, start: int, end: int) -> Spans:
    calendar = shown.place.calendar
    return shown.shift.hours.clip(start, end) - calendar.rest(start, end)


def _facts(shown: Shown, hour: Bucket) -> Facts:
    question = Question(hour.start, min(hour.end, shown.until), hour.end)
    return facts.of(shown.ledger, question, [e for e in shown.entries if e.kind == "correction"])


def _sums(shown: Shown, hour: Bucket, told: Facts | None, whole_s: float) -> Sums:
    part = _planned(shown, hour.start, hour.end).seconds
    so_far = _planned(shown, hour.start, max(hour.start, min(hour.end, shown.until))).seconds
    wanted = None if shown.plan is None or not whole_s else shown.plan * part / whole_s
    wanted_so_far = None if shown.plan is None or not whole_s else shown.plan * so_far / whole_s
    made = None if told is None else told.made
    if made is None:
        good = produced = scrap = 0 if told is None else None
    else:
        good, produced, scrap = (sum(getattr(m, key) for m in made) for key in ("good", "produced", "scrap"))
    stood = {} if told is None else dict(told.bucket_s)
    rest = shown.place.calendar.rest(hour.start, hour.end).clip(hour.start, max(hour.start, shown.until)).seconds
    stood["rest"] = rest
    stood["planned_stop"] = max(0.0, stood.get("planned_stop", 0.0) - rest)
    seconds = {key: stood.get(key, 0.0) for key in ("minor_stop", "downtime", "planned_stop", "no_data", "rest")}
    return Sums(wanted, wanted_so_far, good, produced, scrap, _corrected(shown, hour), seconds)


def _corrected(shown: Shown, hour: Bucket) -> int:
    """By how much people moved the good pieces of an hour."""
    signs = {"produced": 1, "scrap": -1}
    return sum(
        int(e.body["delta"]) * signs.get(str(e.body.get("quantity")), 0)
        for e in shown.entries
        if e.kind == "correction" and e.body.get("station") == shown.place.id and hour.start <= e.at < hour.end
    )


def _row(shown: Shown, hour: Bucket, sums: Sums, before: Sums | None, total: Sums) -> Body:
    zone = shown.place.calendar.zone
    ahead = hour.start >= shown.until
    begun = None if before is None else before
    plan = _less(_rounded(total.wanted), _rounded(begun.wanted) if begun else 0)
    so_far = _less(_rounded(total.wanted_so_far), _rounded(begun.wanted_so_far) if begun else 0)
    found = by_reason(shown.answers.line, _in(shown, hour), zone)
    return {
        "start": rfc3339(hour.start, zone),
        "end": rfc3339(hour.end, zone),
        "name": hour.name,
        "state": "ahead" if ahead else "over" if hour.end <= shown.until else "running",
        "planned_min": minutes(_planned(shown, hour.start, hour.end).seconds),
        "breaks": _breaks(shown, hour),
        "plan": plan,
        "plan_so_far": None if ahead else so_far,
        "actual": None if ahead else sums.good,
        "produced": None if ahead else sums.produced,
        "scrap": None if ahead else sums.scrap,
        "corrected": sums.corrected,
        "difference": None if ahead else _less(sums.good, so_far),
        "cumulative": {
            "plan": _rounded(total.wanted),
            "actual": None if ahead else total.good,
            "difference": None if ahead else _less(total.good, _rounded(total.wanted_so_far)),
        },
        "stop_min": {key: minutes(seconds) for key, seconds in sums.stood_s.items()},
        "stops": sum(row["count"] for row in found),
        "reasons": [{key: row[key] for key in ("reason", "name", "loss", "count", "minutes")} for row in found[:TOP]],
        "notes": [_note(shown, e) for e in shown.events if hour.start <= e.at < hour.end],
        "marks": [mark.body(zone) for mark in shown.marks if mark.start < hour.end and mark.end > hour.start],
        "alarm": [] if ahead else _codes(shown, sums, total),
    }


def _rounded(value: float | None) -> int | None:
    return None if value is None else round(value)


def _less(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a - b


def _in(shown: Shown, hour: Bucket) -> list[ToldStop]:
    """The stops of the shift as far as they lie in an hour."""
    found = []
    for told in shown.stops:
        start, end = max(told.stop.start, hour.start), min(told.stop.end, hour.end, shown.until)
        if start < end:
            begins = hour.start <= told.stop.start < hour.end
            seconds = shown.ledger.observed.clip(start, end).seconds
            found.append(ToldStop(told.station, told.stop, seconds, begins, told.phase))
    return found


def _breaks(shown: Shown, hour: Bucket) -> list[Body]:
    zone = shown.place.calendar.zone
    rests = shown.place.calendar.rest(hour.start, hour.end)
    return [{"start": rfc3339(a, zone), "end": rfc3339(b, zone)} for a, b in rests.clip(hour.start, hour.end)]


def _note(shown: Shown, event: Entry) -> Body:
    at = event.at // HOUR_NS * HOUR_NS if shown.veil else event.at
    return {
        "id": event.id,
        "at": rfc3339(at, shown.place.calendar.zone),
        "kind": event.body["kind"],
        "text": event.body["text"],
    }


def _codes(shown: Shown, sums: Sums, total: Sums) -> list[str]:
    stood_s = sums.stood_s["minor_stop"] + sums.stood_s["downtime"]
    return calls(shown.agreed, _rounded(total.wanted_so_far), total.good, stood_s)


def _codes_now(shown: Shown, rows: Sequence[Body]) -> list[str]:
    """What the running hour calls for (on the hour: the one before); nothing when the shift is over."""
    latest = [row for row in rows if row["state"] != "ahead"]
    found: list[str] = latest[-1]["alarm"] if latest and shown.now < shown.shift.end else []
    return found


def _alarm(shown: Shown, codes: Sequence[str]) -> Body:
    """The alarm now; whoever may see whole hours only is not told until when it is muted, hence when that was said."""
    found = alarm(shown.answers, shown.place.id, shown.agreed, codes, shown.now)
    return found | {"muted_until": None} if shown.veil else found


def _standing(shown: Shown) -> Body | None:
    """The stop that lasts now, and what is proposed as its reason."""
    stop = next((told.stop for told in reversed(shown.stops) if told.stop.open), None)
    if stop is None or shown.until < shown.now:
        return None
    proposals = Proposals(shown.answers.line, shown.ledger, shown.entries)
    zone = shown.place.calendar.zone
    return {
        "since": rfc3339(stop.start, zone),
        "minutes": minutes(stop.seconds),
        "reason": stop.reason or None,
        "proposed": proposals.of(stop),
    }


def _total(shown: Shown, rows: Sequence[Body]) -> Body:
    """The shift so far: the last row that has begun, and what the hours sum to."""
    begun = [row for row in rows if row["state"] != "ahead"]
    told = [row for row in begun if row["produced"] is not None]
    stood = [t for t in shown.stops if t.stop.start < shown.until]
    zone = shown.place.calendar.zone
    last = begun[-1]["cumulative"] if begun else None
    so_far = None if last is None or last["difference"] is None else last["actual"] - last["difference"]
    found = by_reason(shown.answers.line, stood, zone)
    without = unexplained(t for t in stood if not t.stop.planned)
    return {
        "start": rfc3339(shown.since, zone),
        "end": rfc3339(shown.until, zone),
        "plan": shown.plan,
        "plan_so_far": so_far,
        "actual": None if last is None else last["actual"],
        "produced": sum(row["produced"] for row in told) if told else None,
        "scrap": sum(row["scrap"] for row in told) if told else None,
        "corrected": sum(row["corrected"] for row in rows),
        "difference": None if last is None else last["difference"],
        "stop_min": stop_minutes(shown),
        "reasons": [_coarse(row) if shown.veil else row for row in found[:TOP]],
        "without_reason": {
            "count": sum(t.begins for t in without),
            "minutes": minutes(sum(t.seconds for t in without)),
        },
    }


def _coarse(row: Body) -> Body:
    """A reason without the length of its longest stop, which is a single one, and without when in the day."""
    return {**row, "longest_min": None, "by_hour": []}


def stop_minutes(shown: Shown) -> Body:
    """Minutes that were not production, by bucket, of the time that is shown."""
    start, until = shown.since, shown.until
    told = {key: shown.ledger.buckets[key].clip(start, until).seconds for key in ("minor_stop", "downtime", "no_data")}
    rest = shown.place.calendar.rest(start, max(start, until)).seconds
    planned = max(0.0, shown.ledger.buckets["planned_stop"].clip(start, until).seconds - rest)
    return {key: minutes(seconds) for key, seconds in {**told, "planned_stop": planned, "rest": rest}.items()}
