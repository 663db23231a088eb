"""Whether the line believes a reading: is there such a measure, is the value of its kind, can the time be true.

A batch is judged by every version of the line that was in force at or after its last reading; one that believes it is
enough, the newest first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Never

from collector.store import FLAG_OUT_OF_RANGE
from contract.catalogue import Kind, Measure
from contract.errors import PayloadError
from contract.line import Line
from contract.payload import EARLIEST_NS
from contract.reading import NS_PER_S, Series, Value
from contract.words import Words

DAY_NS = 86_400 * NS_PER_S
_NUMBERS = {int, float}
_TEXTS = {int, float, str}
_HIGHEST_T = 2**63 - 1


@dataclass(slots=True)
class Believed:
    """Values as they are stored (numbers, or text), their flags (None: none is flagged), and their kind."""

    values: Sequence[Any]
    flags: Sequence[int] | None
    kind: Kind


class Judge:
    """The versions of one line, each with the time it came into force (ns); the first holds for all time before too."""

    def __init__(self, versions: Sequence[tuple[int, Line]]) -> None:
        self._versions = sorted(versions, key=lambda version: version[0])
        self._measures: dict[Series, tuple[tuple[int | None, Measure | None], ...]] = {}

    @property
    def newest(self) -> Line:
        """The line as in force now."""
        return self._versions[-1][1]

    def new_line(self, line: Line, since: int) -> None:
        """From ``since`` on another version is in force."""
        self._versions = sorted([*self._versions, (since, line)], key=lambda version: version[0])
        self._measures.clear()

    def agent(self, station: str) -> str | None:
        """The agent of a station, by the newest version that has the station."""
        known = (line.stations[station].agent for _, line in reversed(self._versions) if station in line.stations)
        return next(known, None)

    def agents(self) -> tuple[str, ...]:
        """Every agent of the line as in force now."""
        return self.newest.agents

    def knows(self, series: Series) -> bool:
        """Whether any version of the line has this series."""
        measures = self._measures.get(series) or self._look_up(series)
        return any(measure is not None for _, measure in measures)

    def believe(self, series: Series, v: Sequence[Value], last_t: int) -> Believed:
        """Values of a series, the last taken at ``last_t`` (ns). Raises PayloadError."""
        measures = self._measures.get(series) or self._look_up(series)
        refusal: PayloadError | None = None
        for until, measure in measures:
            if until is not None and until <= last_t:
                break
            try:
                return _of_kind(measure, v) if measure else _unknown(self.newest, series)
            except PayloadError as error:
                refusal = refusal or error
        assert refusal is not None, "the newest version has no end"
        raise refusal

    def is_level(self, series: Series, last_t: int) -> bool:
        """Whether a version that judges readings of ``last_t`` (ns) has this series as a level."""
        measures = self._measures.get(series) or self._look_up(series)
        return any(m is not None and m.kind == "level" for until, m in measures if until is None or until > last_t)

    def _look_up(self, series: Series) -> tuple[tuple[int | None, Measure | None], ...]:
        ends = [since for since, _ in self._versions[1:]] + [None]
        found = zip(ends, (line.measure(series) for _, line in self._versions), strict=True)
        said: list[tuple[int | None, Measure | None]] = []
        for until, measure in reversed(list(found)):
            if not said or said[-1][1] != measure:
                said.append((until, measure))
        if len(self._measures) < 10_000:
            self._measures[series] = tuple(said)
        return tuple(said)


def check_times(t: Sequence[int], arrived_ns: int) -> None:
    """Raises PayloadError for a time before 2020 or more than a day ahead; ``t`` increases."""
    if t[0] < EARLIEST_NS:
        raise PayloadError("too_old", Words("2020年より前の時刻です。", "The time is before 2020."))
    if t[-1] > arrived_ns + DAY_NS:
        raise PayloadError("ahead", Words("1日以上先の時刻です。", "The time is more than a day ahead."))


def check_shifted(t: Sequence[int]) -> None:
    """Raises PayloadError for times of an unsynced clock that no store could hold."""
    if t[0] < -_HIGHEST_T or t[-1] > _HIGHEST_T:
        raise PayloadError("time", Words("時刻が大きすぎます。", "The time is beyond any calendar."))


def said_again(v: Sequence[Value], stored: Sequence[Value], level: bool) -> bool:
    """Whether these values are what was stored of them; true and false are 1 and 0 on a ``level`` only."""
    return all(_is(new, old, level) for new, old in zip(v, stored, strict=True))


def _is(new: Value, old: Value, level: bool) -> bool:
    if isinstance(new, bool) and not level:
        return False
    if isinstance(old, str):
        return digits(new) == old
    return not isinstance(new, str) and float(new) == old


def digits(value: Value) -> str:
    """A value on a text measure; a number is its digits, never with an exponent."""
    if isinstance(value, str):
        return value
    return str(int(value)) if value == int(value) else format(Decimal(repr(value)), "f")


def _unknown(line: Line, series: Series) -> Never:
    station = line.stations.get(series.station)
    if station is None:
        raise PayloadError(
            "unknown_station", Words(f"工程 {series.station} はありません。", f"There is no station {series.station}.")
        )
    if series.sensor not in station.sensors and series.sensor not in station.outputs:
        raise PayloadError(
            "unknown_sensor",
            Words(
                f"工程 {series.station} にセンサー {series.sensor} はありません。",
                f"Station {series.station} has no sensor {series.sensor}.",
            ),
        )
    raise PayloadError(
        "unknown_measure",
        Words(
            f"センサー {series.sensor} に測定項目 {series.measure} はありません。",
            f"Sensor {series.sensor} has no measure {series.measure}.",
        ),
    )


def _of_kind(measure: Measure, v: Sequence[Value]) -> Believed:
    kinds = set(map(type, v))
    if measure.kind == "level":
        if str in kinds or not set(v) <= {0, 1}:
            raise _wrong(measure, "0 か 1", "0 or 1", "level" if str not in kinds else "wrong_kind")
        return Believed(list(map(int, v)) if bool in kinds else v, None, "level")
    if measure.kind == "text":
        if not kinds <= _TEXTS:
            raise _wrong(measure, "文字", "text")
        return Believed(v if kinds == {str} else list(map(digits, v)), None, "text")
    if not kinds <= _NUMBERS:
        raise _wrong(measure, "数", "numbers")
    if measure.kind == "total" and (
        min(v) < 0  # type: ignore[operator]
        or (float in kinds and any(value != int(value) for value in v))
    ):
        raise _wrong(measure, "0以上の整数", "whole and not negative", "not_a_total")
    return Believed(v, _flags(measure, v), measure.kind)


def _wrong(measure: Measure, ja: str, en: str, reason: str = "wrong_kind") -> PayloadError:
    return PayloadError(reason, Words(f"{measure.key} は{ja}です。", f"{measure.key} must be {en}."))


def _flags(measure: Measure, v: Sequence[Any]) -> Sequence[int] | None:
    low, high = measure.low, measure.high
    if (low is None or min(v) >= low) and (high is None or max(v) <= high):
        return None
    return [FLAG_OUT_OF_RANGE if (low is not None and x < low) or (high is not None and x > high) else 0 for x in v]
