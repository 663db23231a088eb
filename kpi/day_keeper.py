"""Makes the figures of old days while their readings are still there, and keeps them (`kpi.kept_days`)."""

from collections.abc import Callable, Container, Sequence

from collector.store import NO_STREAM, Entry, Store
from kpi.answers import Answers, Asked, Place
from kpi.calendar import Calendar
from kpi.kept_days import KEPT, kept_until, mark_id
from kpi.times import rfc3339

DAY_NS = 86400 * 10**9
HOUR_NS = 3600 * 10**9
LEAST_DAYS = 2.0


def day_of_cut(answers: Answers, keep_days: float, stamped_here: Container[str] = ()) -> int:
    """Where the readings begin that are kept ``keep_days`` (ns): always a business day's beginning.

    Counted from the newest reading that a device's own, set clock has timed; ``stamped_here`` are streams whose times
    came from this machine's clock, as those of devices without a stream do. Where there are none of late, only time in
    which the line was heard is counted, so one wrong clock moves the cut by no more than `_stretch`. The last two days
    always stay, so that only days that are over are kept as figures.
    """
    stations = answers.line.stations
    extents = [extent for station in stations if (extent := answers.desk.store.extent(station)) is not None]
    if not extents:
        return 0
    now, keep = answers.desk.now_ns(), round(max(keep_days, LEAST_DAYS) * DAY_NS)
    newest = min(now, max(last for _, last in extents))
    calendar: Calendar = answers.place(next(iter(stations))).calendar
    told = _newest_told(answers.desk.store, now, stamped_here) - keep
    if calendar.day_of(told) < calendar.day_of(newest - keep):
        told = max(
            told, _back(answers.desk.store, list(stations), newest + 1, keep, min(first for first, _ in extents))
        )
    return calendar.day(calendar.day_of(told))[0]


def _newest_told(store: Store, now: int, stamped_here: Container[str]) -> int:
    """The newest time of a reading that a device's own, set clock gave, ``now`` at most; 0 where there is none."""
    newest = 0
    for series in store.all_series():
        last = store.before(series, 2**63 - 1)
        for t, stream in zip(last.t.tolist(), last.stream.tolist(), strict=True):
            if last.streams[stream] != NO_STREAM and last.streams[stream] not in stamped_here:
                newest = max(newest, min(now, t))
    return newest


def _stretch(keep: int) -> int:
    """A time without readings that is longer than this is not counted: a tenth of what is kept, one to ten days."""
    return min(10 * DAY_NS, max(DAY_NS, keep // 10))


def _back(store: Store, stations: Sequence[str], end: int, keep: int, first: int) -> int:
    """``keep`` (ns) of time in which one of the stations was heard before ``end``, back from there; ``first`` if less.

    A stretch in which nothing was heard may be a line that stood still or a clock that jumped: nobody can tell.
    """
    stretch = _stretch(keep)
    while end > first:
        heard = _last_heard(store, stations, end, first)
        if heard < end - stretch:
            end = heard + 1
        elif keep <= stretch:
            return end - keep
        else:
            end, keep = end - stretch, keep - stretch
    return first


def _last_heard(store: Store, stations: Sequence[str], end: int, first: int) -> int:
    """When one of the stations was heard last before ``end``; looked for in spans that grow while none was."""
    span = HOUR_NS
    while True:
        heard = (store.heard(station, max(first, end - span), end) for station in stations)
        found = next((int(times[-1]) for times in heard if len(times)), None)
        if found is not None or end - span <= first:
            return first if found is None else found
        span *= 4


def keep_figures(answers: Answers, cut: int, stopping: Callable[[], bool] = lambda: False) -> int:
    """Keep the figures of every day that begins at or before ``cut`` (ns) and has readings; how many were new.

    The day that begins at the cut is one of them: when the readings before it are gone, its first pieces can no longer
    be counted, because a total's first value counts nothing. It ends between two days once ``stopping`` says so: what
    it has kept by then is not done again.
    """
    return sum(_keep(answers, place, cut, stopping) for place in answers.places(None) if not stopping())


def _keep(answers: Answers, place: Place, cut: int, stopping: Callable[[], bool]) -> int:
    store, extent = answers.desk.store, answers.desk.store.extent(place.id)
    if extent is None:
        return 0
    before = until = kept_until(store, place.id)
    end = min(extent[1] + 1, place.calendar.day(place.calendar.day_of(cut))[1])
    moment: int | None = max(extent[0], until)
    new = 0
    while moment is not None and not stopping():
        day = place.calendar.day_of(moment)
        span = place.calendar.day(day)
        if span[0] > cut:
            break
        if len(store.heard(place.id, *span)):
            store.keep_entry(_figures(answers, place, day.isoformat(), span))
            new += 1
        until = max(until, span[1])
        moment = _next_heard(store, place.id, until, end)
    if until > before:
        said = {"station": place.id, "until": until}
        store.keep_entry(Entry(mark_id(place.id), "figures", 0, answers.desk.now_ns(), said))
    return new


def _next_heard(store: Store, station: str, start: int, end: int) -> int | None:
    """The first moment of [start, end) at which a station was heard; looked for in spans that grow while it is not."""
    span = DAY_NS
    while start < end:
        heard = store.heard(station, start, min(start + span, end))
        if len(heard):
            return int(heard[0])
        start, span = start + span, 2 * span
    return None


def _figures(answers: Answers, place: Place, day: str, span: tuple[int, int]) -> Entry:
    made, zone = answers.desk.now_ns(), place.calendar.zone
    told = answers.kpi(Asked(*span, by="day"), place.id)["stations"][0]["buckets"][0]
    told["basis"] = {**told["basis"], "kept_at": rfc3339(made, zone), **KEPT.basis()}
    body = {"station": place.id, "day": day, "ends": span[1], "figures": told}
    return Entry(f"{mark_id(place.id)}-{day}", "figures", span[0], made, body)
