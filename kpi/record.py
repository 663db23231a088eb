"""What was seen at a station in and round a window: the store's readings as pieces, levels, sayings and silence.

`kpi.ledger.observe` asks for as much round a window as can change it.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt

from collector.store import Track
from contract.line import Reason, RoleKind, Sensor
from kpi.calendar import Calendar
from kpi.history import FOREVER
from kpi.phases import NO_LEVEL, Level, Sayings, level, modes, out_of_production, sayings
from kpi.pieces import NO_COUNTS, Counts, close_ns, from_events, from_totals, merged
from kpi.settings import NO_PRODUCT, Indexes, Settings
from kpi.source import Source, heard_enough, level_track, with_before, with_state
from kpi.spans import NS, Spans, Times, distinct, times
from kpi.stops import Block, Said

LEVEL_LOOK_BACK_NS = 7 * 86400 * NS
"""A level that has said the same for longer has no beginning worth looking for."""

LONG_NS = 4 * 86400 * NS
"""Of longer windows not every reading is asked for silence."""

BESIDE_NS = 40 * 86400 * NS
"""Of longer windows levels and silence are read while pieces are: the store and numpy leave a second core free."""

Begun = Callable[..., Callable[[], Any]]


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces in time order, arrays of equal length.

    ``t`` int64 ns; ``ends``: how many counts end here (the others of a count > 1 are unplaced); ``each``: pieces per
    count; ``product``: its number; ``test``: made outside production; ``planned``: made in planned time; ``ideal_s``
    of one of them, NaN where there is none.
    """

    t: Times
    ends: Times
    each: Times
    product: Indexes
    test: npt.NDArray[np.bool_]
    planned: npt.NDArray[np.bool_]
    ideal_s: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.t)

    def of(self, chosen: Any) -> "Pieces":
        """Some of them: a slice or a mask."""
        return Pieces(*(getattr(self, name)[chosen] for name in Pieces.__slots__))

    @property
    def unplaced(self) -> Times:
        """Pieces that were counted here but made at an unknown moment."""
        return (self.ends - 1) * self.each


@dataclass(frozen=True)
class Record:
    """What is known of a station in [start, end), which is cut at ``now``."""

    settings: Settings
    calendar: Calendar
    start: int
    end: int
    now: int
    blocks: tuple[Block, ...]
    work: Spans
    rest: Spans
    edges: Times
    silent: Spans
    pieces: Pieces | None
    scraps: Pieces | None
    reworks: Pieces | None
    running: Level | None
    phases: dict[str, Level]
    away: Spans
    maintenance: Spans
    mode: Sayings
    said: tuple[Said, ...]
    product_at: Callable[[Times], Indexes]
    sources: dict[str, list[str]] = field(default_factory=dict)

    @cached_property
    def planned(self) -> Spans:
        """Shift time less breaks and calendar stops."""
        return self.work - self.rest

    @cached_property
    def last_product(self) -> int:
        """The number of the product in force at the end."""
        return self.product_before(self.end)

    def product_before(self, end: int) -> int:
        """The number of the product in force just before a moment; a record may reach further than was asked."""
        return int(self.product_at(times([end - 1]))[0])

    @property
    def reasons(self) -> dict[str, Reason]:
        """Reasons by name and by id; the id wins."""
        known = self.settings.history.newest.reasons.values()
        return {r.name.strip().casefold(): r for r in known} | {r.id.casefold(): r for r in known}


class Reading:
    """One station's readings asked of a source, window by window."""

    def __init__(self, source: Source, settings: Settings, calendar: Calendar, now: int) -> None:
        self._source = source
        self._settings = settings
        self._calendar = calendar
        self._now = now

    @cached_property
    def first(self) -> int | None:
        """The time of the station's first reading."""
        return self._source.first(self._settings.station)

    @cached_property
    def first_day(self) -> int | None:
        """Where time without end begins: the business day of the first reading, if no shift begins it."""
        if self.first is None:
            return None
        day = self._calendar.day(self._calendar.day_of(self.first))[0]
        return day if self._calendar.block(day)[0] is None else None

    def borders(self, start: int, end: int) -> tuple[int, int]:
        """How far back and ahead anything can matter: the unbroken shift time round the window's two ends."""
        if end <= start:
            return start, start
        begin, _ = self._calendar.block(start)
        _, finish = self._calendar.block(end - 1)
        if begin is None:
            begin = start if self.first_day is None else self.first_day
        return min(begin, start), max(end, min(self._now, FOREVER if finish is None else finish))

    def record(self, back: int, ahead: int, floor: int, ceiling: int) -> Record:
        """What was seen in [back, ahead), which lies in the borders [floor, ceiling)."""
        calendar, settings = self._calendar, self._settings
        work, rest = calendar.work(back, ahead), calendar.rest(back, ahead)
        planned = work - rest
        sources: dict[str, list[str]] = {}
        mode = modes(sayings([*self._states("mode", back, ahead, sources), self._entered_modes(ahead)]))
        away, maintenance = out_of_production(mode, ahead)
        made = sayings(self._states("product", back, ahead, sources))
        numbers = times([settings.product_number(str(text)) for text in made.text.tolist()])

        def product_at(t: Times) -> Indexes:
            return made.numbers_at(t, numbers, NO_PRODUCT)

        def pieces(kind: RoleKind) -> Pieces | None:
            counts = self._counts(kind, back, ahead, sources)
            if counts is None:
                return None
            each = settings.each(counts.read, product_at(counts.read))
            t, product = counts.t, product_at(counts.t)
            ideal_s = settings.ideal_s(t, product)
            return Pieces(t, counts.ends, each, product, away.holds(t), planned.holds(t), ideal_s)

        shifts = calendar.shifts(back, ahead)
        levels: dict[str, list[str]] = {}
        with _beside(ahead - back) as begin:
            silent, phases = begin(self._silent, back, ahead), begin(self._phases, back, ahead, levels)
            cycle, scrap, rework = pieces("cycle"), pieces("scrap"), pieces("rework")
            running, silences, lasted = self._running(back, ahead, sources), silent(), phases()
        return Record(
            settings,
            calendar,
            back,
            ahead,
            self._now,
            self._blocks(work, back, ahead, back > floor, ahead < ceiling),
            work,
            rest,
            times([edge for s in shifts for edge in (s.start, s.end)]),
            silences,
            cycle,
            scrap,
            rework,
            running,
            lasted,
            away,
            maintenance,
            mode,
            tuple(self.said(back, ahead)),
            product_at,
            sources | levels,
        )

    def _sensors(self, kind: RoleKind, sources: dict[str, list[str]]) -> list[tuple[Sensor, str, str, Spans]]:
        found = []
        for sensor, role, when in self._settings.with_role(kind):
            measure = sensor.role_measure
            if measure is not None:
                sources.setdefault(kind, [])
                if sensor.id not in sources[kind]:
                    sources[kind].append(sensor.id)
                found.append((sensor, measure.key, role.name, when))
        return found

    def _counts(self, kind: RoleKind, back: int, ahead: int, sources: dict[str, list[str]]) -> Counts | None:
        sensors = self._sensors(kind, sources)
        if not sensors:
            return None
        settings = self._settings
        margin = int(max(settings.longest_stop_after_s, 60.0) * NS)
        parts = []
        for sensor, key, _, when in sensors:
            measure = sensor.measure(key)
            series = sensor.series(key)
            if measure is not None and measure.kind == "event":
                counts = from_events(self._source.readings(series, back, ahead))
            else:
                track = with_before(self._source, series, back - margin, ahead + margin)
                counts = from_totals(track, self._close)
            inside = (counts.t >= back) & (counts.t < ahead)
            parts.append(counts.kept(inside & when.holds(counts.t)))
        return merged(parts) if parts else NO_COUNTS

    def _close(self, t: Times) -> Times:
        nobody = np.zeros(len(t), np.intp)
        return close_ns(self._settings.stop_after_s(t, nobody))

    def _states(self, kind: RoleKind, back: int, ahead: int, sources: dict[str, list[str]]) -> list[Track]:
        sensors = self._sensors(kind, sources)
        return [with_state(self._source, sensor.series(key), back, ahead) for sensor, key, _, _ in sensors]

    def _entered_modes(self, ahead: int) -> Track:
        """The modes that people entered, beside those of sensors: whoever said it last counts."""
        mine = self._settings.station
        told = [e for e in self._source.entries("mode", None, ahead) if e.body.get("station") == mine]
        t, none = times([entry.at for entry in told]), np.zeros(len(told), np.int64)
        modes = np.array([str(entry.body.get("mode", "")) for entry in told], object)
        return Track(t, modes, none.astype(np.int32), none, none.astype(np.int8))

    def _running(self, back: int, ahead: int, sources: dict[str, list[str]]) -> Level | None:
        sensors = self._sensors("running", sources)
        if not sensors:
            return None
        sensor, key, _, _ = sensors[-1]
        track = level_track(self._source, sensor.series(key), back, ahead, back - LEVEL_LOOK_BACK_NS)
        return level(track, ahead) if len(track) else NO_LEVEL

    def _phases(self, back: int, ahead: int, sources: dict[str, list[str]]) -> dict[str, Level]:
        found = {}
        for sensor, key, name, _ in self._sensors("phase", sources):
            track = level_track(self._source, sensor.series(key), back, ahead, back - LEVEL_LOOK_BACK_NS)
            found[name] = level(track, ahead)
        return found

    def said(self, start: int, end: int) -> list[Said]:
        """Why it stood, by buttons and by hand, said of the time [start, end)."""
        said = []
        for sensor, key, _, _ in self._sensors("reason", {}):
            track = self._source.readings(sensor.series(key), start, end)
            said += [Said(t, t, str(text)) for t, text in zip(track.t.tolist(), track.v.tolist(), strict=True)]
        for entry in self._source.entries("reason", start, end):
            if entry.body.get("station") == self._settings.station:
                said.append(Said(entry.at, entry.made, str(entry.body.get("reason", ""))))
        return said

    def _blocks(self, work: Spans, back: int, ahead: int, earlier: bool, later: bool) -> tuple[Block, ...]:
        """Unbroken shift time; ``earlier``, ``later``: it may go on before and after what is read."""
        first = self.first_day
        found = []
        for a, b in work:
            if first is not None and a < first < b:
                a, begins = first, True
            else:
                begins = not (earlier and a == back)
            found.append(Block(a, b, begins, not (later and b == ahead)))
        return tuple(found)

    def _silent(self, back: int, ahead: int) -> Spans:
        """When nothing was heard for too long, or nothing had ever been heard."""
        first, settings = self.first, self._settings
        if first is None:
            return Spans.one(back, ahead)
        reach = int(settings.longest_silence_s * NS)
        if not reach:
            return self._before_first(first, back)
        last = min(ahead + reach + 1, self._now)
        heard = self._heard(back - reach, last + 1)
        earlier = [back - reach - 1] if first < back - reach else []
        open_end = [last] if first <= last else []
        points = distinct(np.concatenate((times(earlier), heard, times(open_end))))
        limit = times(settings.silence_after_s(points[1:]) * NS)
        long = (limit > 0) & (np.diff(points) > limit)
        return Spans.of(points[:-1][long], points[1:][long]) | self._before_first(first, back)

    def _heard(self, start: int, end: int) -> Times:
        station, settings = self._settings.station, self._settings
        if end - start < LONG_NS:
            return self._source.heard(station, start, end)
        return heard_enough(self._source, station, start, end, int(settings.shortest_silence_s * NS))

    def _before_first(self, first: int, back: int) -> Spans:
        """Time before the first reading; with silence never judged, only before the shift (or day) that holds it."""
        until = first
        if first > back and self._settings.at(first).silence_after_s == 0:
            shift = next(iter(self._calendar.shifts(first, first + 1)), None)
            if shift is not None:
                until = shift.start
            elif not self._calendar.has_shifts(first):
                until = self._calendar.day(self._calendar.day_of(first))[0]
        return Spans.one(back, until)


@contextmanager
def _beside(length_ns: int) -> Iterator[Begun]:
    """Begin something and ask for what came of it later; of a short window it is done when it is asked for."""
    if length_ns < BESIDE_NS:
        yield partial
    else:
        with ThreadPoolExecutor(1, thread_name_prefix="kpi-levels") as hand:
            yield lambda of, *given: hand.submit(of, *given).result
