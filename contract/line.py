"""One file describes the line; these are the value objects it becomes, and :func:`load` reads it.

    line = load(Path("line.toml"), catalogue)
    line.stations["washer"].sensors["done"].settings["pin"]

Every mistake in the file is shown at once: `load` raises one LineError that carries all of them.
Times of day are local to ``line.timezone``; nothing here knows a clock.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from contract.catalogue import Catalogue, Kind, Measure
from contract.reading import Series
from contract.topics import AGENT_SENSOR, ALIVE, Topics
from contract.words import Words

RoleKind = Literal["cycle", "scrap", "rework", "running", "phase", "reason", "product", "lot", "mode"]
Loss = Literal["failure", "setup", "tool", "startup", "minor", "starved", "blocked", "quality", "none"]
CalendarKind = Literal["holiday", "holiday_work", "overtime", "early", "planned_stop"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
AFTER_S = 60.0
"""What comes after something comes within this time, unless a rule says otherwise."""
Operator = Literal["<", "<=", ">", ">=", "==", "!="]
MODES = ("production", "setup", "trial", "maintenance")


@dataclass(frozen=True, slots=True)
class Role:
    """What a sensor's measure means for the line; ``name`` is the phase's name."""

    kind: RoleKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the day, from ``start`` to ``end``; an ``end`` not after ``start`` lies past midnight."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Shift:
    """A weekly pattern of work. A break earlier than ``start`` belongs to the next day."""

    name: str
    days: frozenset[Weekday]
    hours: Span
    breaks: tuple[Span, ...] = ()
    regular: bool = True


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One date that differs from the weekly pattern. ``shift`` or ``stations`` None = all of them."""

    date: date
    kind: CalendarKind
    shift: str | None = None
    start: time | None = None
    end: time | None = None
    stations: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """How many good pieces are wanted of one shift at a station; ``date`` None = every day."""

    station: str
    shift: str
    quantity: int
    date: date | None = None
    product: str | None = None


TargetKpi = Literal["kadoritsu", "availability", "first_pass_ratio"]


@dataclass(frozen=True, slots=True)
class Aim:
    """What a ratio of a station is meant to reach, and who (by role) answers for it."""

    station: str
    kpi: TargetKpi
    value: float
    owner: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a station stood, in the floor's words."""

    id: str
    name: str
    loss: Loss = "none"
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Since:
    """Settings in force from the start of the business day ``start`` on: only the keys that changed."""

    start: date
    changed: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ProductAtStation:
    """A product's own settings at one station."""

    ideal_cycle_s: float | None = None
    pieces_per_count: int | None = None
    since: tuple[Since, ...] = ()

    def on(self, day: date) -> ProductAtStation:
        """These settings as in force on a business day."""
        return replace(self, **_changed(self.since, day))


@dataclass(frozen=True, slots=True)
class Product:
    """A product and what a barcode, card or button says for it."""

    id: str
    name: str
    codes: tuple[str, ...] = ()
    stations: Mapping[str, ProductAtStation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flow:
    """Pieces go from one station to the next."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Team:
    """Who builds what."""

    id: str
    name: str
    stations: tuple[str, ...]
    budget_yen: int | None = None


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor of a station: its settings with defaults filled in, and the measures it gives.

    ``series`` and ``role_measure`` are what its readings are called. ``row`` is its line in the file. ``name`` is for
    people; "" = nobody gave it one.
    """

    station: str
    id: str
    type: str
    settings: Mapping[str, Any]
    measures: tuple[Measure, ...]
    role: Role | None = None
    says: str | None = None
    row: int = 0
    name: str = ""

    @property
    def called(self) -> str:
        """What people call it: its name, else its id."""
        return self.name or self.id

    def measure(self, key: str) -> Measure | None:
        """The measure of that key, or None."""
        return next((m for m in self.measures if m.key == key), None)

    @property
    def role_measure(self) -> Measure | None:
        """The one measure the role belongs to."""
        if self.role is None:
            return None
        kinds = _ROLE_KINDS[self.role.kind]
        return next((m for m in self.measures if m.kind in kinds), None)

    def series(self, measure: str) -> Series:
        """The name of one measure's readings."""
        return Series(self.station, self.id, measure)


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a station. ``state``: the kind of measure it says it is in; ``name``: as a sensor's."""

    station: str
    id: str
    type: str
    settings: Mapping[str, Any]
    row: int = 0
    state: Kind = "level"
    name: str = ""

    @property
    def called(self) -> str:
        """What people call it: its name, else its id."""
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class Condition:
    """A measure compared with a limit. A number's ``limit`` is a float."""

    series: Series
    operator: Operator
    limit: float | str

    def __str__(self) -> str:
        limit = repr(self.limit) if isinstance(self.limit, str) else f"{self.limit:g}"
        return f"{self.series} {self.operator} {limit}"

    def holds(self, value: float | str) -> bool:
        """Whether a reading fulfils it. Text and numbers are never equal, and neither is above the other."""
        if isinstance(value, str) != isinstance(self.limit, str):
            return self.operator == "!="
        return bool(_COMPARED[self.operator](value, self.limit))


@dataclass(frozen=True, slots=True)
class Rule:
    """When a measure is so for so long, set an output. Run on the Pi that reads the measure; seconds.

    ``min_s`` lies between two switches that rules make. ``hold_s``: once begun it goes on for at least this long.
    ``until``: once begun it goes on until this is so, whatever becomes of ``when``. ``after``: it begins only if this
    came true in the ``after_s`` before, once for each time. ``lost``: what the output is set to while a sensor the rule
    needs is broken or silent (None: the rule asks for nothing). ``silent_s``: that long without a reading is silent.
    ``name``: what it watches over, ``todo``: what a person does when it stands; both for people, "" = not written.
    """

    series: Series
    operator: Operator
    limit: float | str
    for_s: float
    station: str
    output: str
    value: float | str
    min_s: float = 0.0
    row: int = 0
    hold_s: float = 0.0
    until: Condition | None = None
    after: Condition | None = None
    after_s: float = AFTER_S
    lost: float | str | None = None
    silent_s: float | None = None
    name: str = ""
    todo: str = ""

    @property
    def when(self) -> Condition:
        """What begins it."""
        return Condition(self.series, self.operator, self.limit)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All it looks at, ``when`` first."""
        return (self.when, *(c for c in (self.until, self.after) if c is not None))


@dataclass(frozen=True, slots=True)
class Station:
    """A station of the line. ``stop_after_s`` is already defaulted to 2 x ideal x pieces_per_count where it can be."""

    id: str
    name: str
    agent: str | None = None
    ideal_cycle_s: float | None = None
    pieces_per_count: int = 1
    stop_after_s: float | None = None
    stop_after_is_written: bool = False
    downtime_after_s: float = 600.0
    silence_after_s: float = 120.0
    breaks: tuple[Span, ...] | None = None
    people: float = 1.0
    scrap_is_counted: bool = True
    privacy: Literal["station", "person"] = "station"
    kadoritsu_excludes: tuple[Loss, ...] = ()
    since: tuple[Since, ...] = ()
    sensors: Mapping[str, Sensor] = field(default_factory=dict)
    outputs: Mapping[str, Output] = field(default_factory=dict)

    def on(self, day: date) -> Station:
        """This station with the settings in force on a business day."""
        changed = _changed(self.since, day)
        if not changed:
            return self
        station = replace(self, **changed)
        if "stop_after_s" in changed:
            return replace(station, stop_after_is_written=True)
        if station.stop_after_is_written or station.ideal_cycle_s is None:
            return station
        return replace(station, stop_after_s=2 * station.ideal_cycle_s * station.pieces_per_count)

    def with_role(self, kind: RoleKind) -> tuple[Sensor, ...]:
        """The sensors that have that role."""
        return tuple(s for s in self.sensors.values() if s.role and s.role.kind == kind)


@dataclass(frozen=True, slots=True)
class OutboxLimits:
    """What every agent keeps on its disk."""

    keep_s: float = 86400.0
    max_readings: int = 1_000_000
    max_age_days: float = 30.0
    resend_after_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Agreed:
    """When the hour board calls: ``percent`` behind the plan so far, or stood for ``stop_min`` minutes in the hour."""

    percent: float = 5.0
    stop_min: float = 5.0


@dataclass(frozen=True, slots=True)
class Line:
    """The whole line, as in force from one moment on."""

    site: str
    line: str
    name: str = ""
    timezone: str = "Asia/Tokyo"
    day_starts: time = time(0, 0)
    mqtt_url: str = "embedded"
    store_url: str = "duckdb:line.duckdb"
    retain_days: float = 400.0
    open_to_lan: bool = False
    outbox: OutboxLimits = OutboxLimits()
    shifts: tuple[Shift, ...] = ()
    calendar: tuple[CalendarEntry, ...] = ()
    plan: tuple[Plan, ...] = ()
    reasons: Mapping[str, Reason] = field(default_factory=dict)
    products: Mapping[str, Product] = field(default_factory=dict)
    flow: tuple[Flow, ...] = ()
    teams: tuple[Team, ...] = ()
    stations: Mapping[str, Station] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    file: Path | None = None
    text: str = ""
    kadoritsu_excludes: tuple[Loss, ...] = ()
    alarm: Agreed = Agreed()
    targets: tuple[Aim, ...] = ()
    _measures: Mapping[Series, Measure] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_measures", dict(_all_measures(self.stations.values())))

    @property
    def topics(self) -> Topics:
        """The line's topics."""
        return Topics(self.site, self.line)

    @property
    def zone(self) -> ZoneInfo:
        """The zone that shifts and days are in."""
        return ZoneInfo(self.timezone)

    @property
    def agents(self) -> tuple[str, ...]:
        """Every agent named by a station, once, in the order of the file."""
        return tuple(dict.fromkeys(s.agent for s in self.stations.values() if s.agent))

    def stations_of(self, agent: str) -> tuple[Station, ...]:
        """The stations one agent reads."""
        return tuple(s for s in self.stations.values() if s.agent == agent)

    def measure(self, series: Series) -> Measure | None:
        """The measure a series names, outputs' ``state`` and agents' ``_agent/alive`` included; None if unknown."""
        return self._measures.get(series)


_ROLE_KINDS: Mapping[str, tuple[str, ...]] = {
    "cycle": ("total", "event"),
    "scrap": ("total", "event"),
    "rework": ("total", "event"),
    "running": ("level",),
    "phase": ("level",),
    "reason": ("text",),
    "product": ("text",),
    "lot": ("text",),
    "mode": ("text",),
}


_COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
STATE = Measure("state", Words("出力の状態", "state of the output"), kind="level")
_ALIVE = Measure(ALIVE, Words("エージェントの連続動作時間", "seconds since the agent started"), unit="s", low=0)


def _all_measures(stations: Iterable[Station]) -> Iterator[tuple[Series, Measure]]:
    for station in stations:
        for sensor in station.sensors.values():
            for measure in sensor.measures:
                yield sensor.series(measure.key), measure
        for output in station.outputs.values():
            yield Series(station.id, output.id, STATE.key), replace(STATE, kind=output.state)
        if station.agent:
            yield Series(station.id, AGENT_SENSOR, ALIVE), _ALIVE


def _changed(since: tuple[Since, ...], day: date) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for entry in sorted((s for s in since if s.start <= day), key=lambda s: s.start):
        changed |= entry.changed
    return changed


def load(path: Path, catalogue: Catalogue) -> Line:
    """Read and check a line file.

    Raises LineError with every mistake in it (file, row, place, nearest valid word, hint), NotThere if there is no
    such file.
    """
    from contract.line_check import read

    return read(path, catalogue)
