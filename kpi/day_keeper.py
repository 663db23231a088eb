"""Makes the figures of old days while their readings are still there, and keeps them (`kpi.kept_days`)."""

from datetime import timedelta

from collector.store import Entry
from kpi.answers import Answers, Asked, Place
from kpi.calendar import Calendar
from kpi.kept_days import kept_until, mark_id
from kpi.times import rfc3339

DAY_NS = 86400 * 10**9
LEAST_DAYS = 2.0


def day_of_cut(answers: Answers, keep_days: float) -> int:
    """Where the readings begin that are kept ``keep_days`` (ns): always a business day's beginning.

    Counted from the newest reading where the clock is ahead of it: a clock that was set wrongly deletes nothing. The
    last two days always stay, so that only days that are over are kept as figures.
    """
    stations = answers.line.stations
    extents = [extent for station in stations if (extent := answers.desk.store.extent(station)) is not None]
    if not extents:
        return 0
    newest = min(answers.desk.now_ns(), max(last for _, last in extents))
    calendar: Calendar = answers.place(next(iter(stations))).calendar
    return calendar.day(calendar.day_of(newest - round(max(keep_days, LEAST_DAYS) * DAY_NS)))[0]


def keep_figures(answers: Answers, cut: int) -> int:
    """Keep the figures of every day that begins at or before ``cut`` (ns) and has readings; how many were new.

    The day that begins at the cut is one of them: when the readings before it are gone, its first pieces can no longer
    be counted, because a total's first value counts nothing.
    """
    return sum(_keep(answers, place, cut) for place in answers.places(None))


def _keep(answers: Answers, place: Place, cut: int) -> int:
    store, extent = answers.desk.store, answers.desk.store.extent(place.id)
    if extent is None:
        return 0
    until = kept_until(store, place.id)
    day, new = place.calendar.day_of(max(extent[0], until)), 0
    while (span := place.calendar.day(day))[0] <= cut:
        if len(store.heard(place.id, *span)):
            store.keep_entry(_figures(answers, place, day.isoformat(), span))
            new += 1
        day += timedelta(days=1)
        until = span[1]
    if new:
        said = {"station": place.id, "until": until}
        store.keep_entry(Entry(mark_id(place.id), "figures", 0, answers.desk.now_ns(), said))
    return new


def _figures(answers: Answers, place: Place, day: str, span: tuple[int, int]) -> Entry:
    made, zone = answers.desk.now_ns(), place.calendar.zone
    told = answers.kpi(Asked(*span, by="day"), place.id)["stations"][0]["buckets"][0]
    told["basis"] = {**told["basis"], "kept_at": rfc3339(made, zone)}
    body = {"station": place.id, "day": day, "ends": span[1], "figures": told}
    return Entry(f"{mark_id(place.id)}-{day}", "figures", span[0], made, body)
