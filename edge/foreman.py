"""Sees to it that the rules of line.toml are followed: those whose sensors this agent reads, on a lane of their own.

An output of this agent is told at once, network or not. An output of another agent is told over MQTT, on its
``_set``, again and again and each time for a few seconds only: if the link is lost, or this Pi, it goes back by itself.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from contract.line import Line, Rule, Sensor
from contract.reading import Series, Value
from edge.clock import Clock, Timer
from edge.driver import Driver
from edge.health import State
from edge.moments import rfc3339
from edge.rules import Phase, Rulebook

LANE: Final = "rules"
RENEW_S: Final = 5.0
"""So often an output of another agent is told again …"""
HOLD_S: Final = 15.0
"""… and for so long each time: two messages may be lost."""
INTERVALS: Final = 3
PATIENCE_S: Final = 5.0
"""A sensor read at an interval is silent after so many intervals, and this."""

Send = Callable[[str, str, bytes], None]
"""Send a command to an output of another agent: station, output, payload."""


class Foreman:
    """Follows the rules of one agent. ``changed`` is called when one of them begins, ends, or loses its sensor.

    ``drivers``: this agent's outputs by "station/output". ``polled``: whether a sensor type is read at an interval.
    """

    def __init__(
        self,
        line: Line,
        agent: str,
        clock: Clock,
        drivers: Mapping[str, Driver],
        changed: Callable[[], None],
        polled: Callable[[str], bool],
    ) -> None:
        own = {station.id for station in line.stations_of(agent)}
        self._line, self._agent, self._clock = line, agent, clock
        self._drivers, self._changed, self._polled = drivers, changed, polled
        self._rules = {n: rule for n, rule in enumerate(line.rules, 1) if rule.series.station in own}
        self._book = Rulebook(self._rules, clock.monotonic_ns(), self._silent_s)
        self._kinds = {s: measure.kind for s in self._book.series if (measure := line.measure(s)) is not None}
        self._asked: dict[int, Value | None] = dict.fromkeys(self._rules)
        self._phases: dict[int, Phase] = self._book.phases
        self._since_ns = dict.fromkeys(self._rules, clock.time_ns())
        self._totals: dict[Series, int] = {}
        self._send: Send | None = None
        self._sent = 0
        self._next: Timer | None = None
        self._renewing: Timer | None = None
        self._stopped = False

    # ---- from any thread ----

    def start(self) -> None:
        """Begin."""
        if self._rules:
            self._on_lane(self._begin)

    def stop(self) -> None:
        """End. Outputs go to their safe state by being closed, those of others are let go."""
        self._stopped = True
        for timer in (self._next, self._renewing):
            if timer:
                timer.cancel()
        for number in self._elsewhere():
            if self._asked[number] is not None:
                self._tell_other(number, None)

    def hear(self, series: Series, value: Value, at_ns: int) -> None:
        """A reading, of the monotonic moment ``at_ns``; for a total, its rise."""
        if self._kinds and series in self._kinds:
            self._on_lane(lambda: self._hear(series, value, at_ns))

    def mind(self, station: str, sensor: str, state: State) -> None:
        """How a sensor is."""
        if any((s.station, s.sensor) == (station, sensor) for s in self._kinds):
            self._on_lane(lambda: self._mind(station, sensor, state))

    def to_others(self, send: Send) -> None:
        """Use ``send`` for outputs of other agents."""
        self._send = send

    def tell(self) -> list[dict[str, Any]]:
        """Where each rule stands, for the agent's state."""
        return [
            {
                "rule": number,
                "when": str(rule.when),
                "set": f"{rule.station}/{rule.output}",
                "state": self._phases[number],
                "since": rfc3339(self._since_ns[number]),
            }
            for number, rule in self._rules.items()
        ]

    # ---- on the lane ----

    def _begin(self) -> None:
        if self._stopped:
            return
        self._book = Rulebook(self._rules, self._clock.monotonic_ns(), self._silent_s)
        if any(self._elsewhere()):
            self._renewing = self._clock.every(RENEW_S, self._renew, LANE)
        self._follow()

    def _hear(self, series: Series, value: Value, at_ns: int) -> None:
        kind = self._kinds[series]
        if kind == "total" and not isinstance(value, str):
            value = self._totals[series] = self._totals.get(series, 0) + int(value)
        self._book.hear(series, value, self._clock.monotonic_ns(), at_ns, kind)
        self._follow()

    def _mind(self, station: str, sensor: str, state: State) -> None:
        now = self._clock.monotonic_ns()
        if state in ("broken", "hanging"):
            self._book.lose(station, sensor, now)
        elif state == "ok":
            self._book.find(station, sensor, now)
        self._follow()

    def _look(self) -> None:
        self._next = None
        self._book.look(self._clock.monotonic_ns())
        self._follow()

    def _follow(self) -> None:
        """Tell outputs what changed, and look again when time may change it."""
        if self._stopped:
            return
        asks, before = self._book.asks, self._asked
        self._asked = asks
        self._set({number: value for number, value in asks.items() if value != before[number]})
        self._note_phases()
        if self._next:
            self._next.cancel()
            self._next = None
        next_ns = self._book.next_ns(self._clock.monotonic_ns())
        if next_ns is not None:
            self._next = self._clock.at(next_ns, self._look, LANE)

    def _note_phases(self) -> None:
        phases, before = self._book.phases, self._phases
        if phases == before:
            return
        for number, phase in phases.items():
            if phase != before[number]:
                self._since_ns[number] = self._clock.time_ns()
        self._phases = phases
        self._changed()

    def _set(self, news: Mapping[int, Value | None]) -> None:
        """All that is new for one output comes to it at once: no state in between is ever seen."""
        by_output: dict[str, dict[int, Value | None]] = {}
        for number, value in news.items():
            by_output.setdefault(self._output_of(number), {})[number] = value
        for name, asks in by_output.items():
            if name in self._drivers:
                self._drivers[name].rules(asks)
            else:
                for number, value in asks.items():
                    self._tell_other(number, value)

    def _renew(self) -> None:
        for number in self._elsewhere():
            if self._asked[number] is not None and not self._stopped:
                self._tell_other(number, self._asked[number])

    def _elsewhere(self) -> list[int]:
        return [number for number in self._rules if self._output_of(number) not in self._drivers]

    def _output_of(self, number: int) -> str:
        rule = self._rules[number]
        return f"{rule.station}/{rule.output}"

    def _tell_other(self, number: int, value: Value | None) -> None:
        if self._send is None:
            return
        rule: Rule = self._rules[number]
        self._sent += 1
        id = f"{self._agent}-{number}-{self._clock.time_ns()}-{self._sent}"
        payload = json.dumps({"v": value, "for_s": HOLD_S, "id": id, "rule": number}, ensure_ascii=False)
        self._send(rule.station, rule.output, payload.encode())

    def _silent_s(self, series: Series) -> float | None:
        """After how long without a reading a sensor is silent; None: silence of this one means nothing."""
        station = self._line.stations[series.station]
        sensor: Sensor | None = station.sensors.get(series.sensor)
        measure = self._line.measure(series)
        every_s = sensor.settings.get("every_s") if sensor and self._polled(sensor.type) else None
        if every_s is None or measure is None or measure.kind not in ("number", "level"):
            return None
        return float(INTERVALS * every_s + PATIENCE_S)

    def _on_lane(self, action: Callable[[], None]) -> None:
        self._clock.at(self._clock.monotonic_ns(), action, LANE)
