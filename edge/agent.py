"""The agent: it opens a Pi's sensors, numbers what they read, and keeps it on disk until the store has it.

    agent = Agent(line, "pi-1", board, outbox, sensors.modules())
    agent.start()
    …
    agent.stop()
    outbox.close()

One sensor that is broken or hangs is reported in the agent's state and tried again; it silences no other.
"""

import logging
import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from contract.errors import NotThere, OutboxError, PayloadError
from contract.line import Line, Output, Sensor
from contract.reading import MAX_NUMBER, MAX_TEXT, NS_PER_S, Series, Value
from contract.topics import AGENT_SENSOR, ALIVE
from contract.words import Words
from edge.board import Board
from edge.clock import Timer
from edge.driver import Command, Driver
from edge.foreman import Foreman, Send
from edge.group_commit import GroupCommit, Patience
from edge.keeper import CHECK_S, Keeper
from edge.outbox import Outbox
from edge.outputs import OutputModule
from edge.sensors import SensorModule

log = logging.getLogger(__name__)

ALIVE_S: Final = 30.0
LANE: Final = "agent"
EXTERNAL: Final = "external"
STATE: Final = "state"
CUT_AFTER_S: Final = 10.0
"""The link is lost for good after this: what people told outputs without an end is over then."""
_PATIENCE = Patience()


class Agent:
    """One agent of a line. Raises NotThere if no station of the line names it.

    ``outputs``: the output modules; left out, those of `edge.outputs`. ``patience``: how long readings may wait to be
    written. ``check_s``: how often it is seen whether devices are still there (a hand-turned clock may do with less).
    """

    def __init__(
        self,
        line: Line,
        agent: str,
        board: Board,
        outbox: Outbox,
        modules: Mapping[str, SensorModule],
        *,
        outputs: Mapping[str, OutputModule] | None = None,
        patience: Patience = _PATIENCE,
        check_s: float = CHECK_S,
    ) -> None:
        if agent not in line.agents:
            raise _no_such_agent(line, agent)
        self._stations = line.stations_of(agent)
        self._clock, self._outbox, self._check_s = board.clock, outbox, check_s
        self._group = GroupCommit(outbox, board.clock, patience)
        self._listeners: list[Callable[[], None]] = []
        self._event_types = {type for type, module in modules.items() if module.STYLE == "event"}
        self._keepers = {
            keeper.name: keeper
            for station in self._stations
            for sensor in station.sensors.values()
            if sensor.type != EXTERNAL
            for keeper in [Keeper(sensor, modules[sensor.type], board, self._take, self._minding(sensor), check_s)]
        }
        self._drivers = self._make_drivers(line, board, outputs)
        self._foreman = Foreman(
            line, agent, board.clock, self._drivers, self._changed, lambda type: type not in self._event_types
        )
        self._cutting: Timer | None = None
        self._parts: list[Keeper | Driver] = [*self._keepers.values(), *self._drivers.values()]
        self._timers: list[Timer] = []
        self._began_ns = self._clock.monotonic_ns()

    # ---- its life ----

    def start(self) -> None:
        """Open everything and begin."""
        self._began_ns = self._clock.monotonic_ns()
        for part in self._parts:
            part.start()
        self._foreman.start()
        self._timers = [
            self._clock.every(ALIVE_S, self._say_alive, LANE),
            self._clock.every(self._check_s, self._look, LANE),
        ]

    def stop(self) -> None:
        """Put every output in its safe state, close every sensor, write what was read. The outbox stays open."""
        for timer in (*self._timers, *([self._cutting] if self._cutting else [])):
            timer.cancel()
        self._foreman.stop()
        for part in reversed(self._parts):  # outputs first: no sensor's closing keeps them waiting
            part.stop()
        try:
            self._group.finish()
        except OutboxError as error:
            log.error(error.say())

    # ---- what is asked of it ----

    def state(self) -> dict[str, Any]:
        """The document of ``_agents/{agent}``, without ``at``."""
        outbox = self._outbox
        kept: dict[str, Any] = {"held": outbox.held, "refused": outbox.refused, "set_aside": outbox.set_aside}
        if trouble := self._group.trouble:
            kept |= {"why_ja": trouble.say("ja"), "why_en": trouble.say("en")}
        return {
            "state": "online",
            "version": _version(),
            "clock": outbox.clock_state,
            "backlog": outbox.backlog,
            "dropped": outbox.dropped,
            "sensors": self._health_of_sensors(),
            "outputs": self._health_of_outputs(),
            "rules": self._foreman.tell(),
            "outbox": kept,
        }

    def health(self) -> dict[str, Any]:
        """How each sensor and output is, by ``station/id``."""
        return self._health_of_sensors() | self._health_of_outputs()

    def _health_of_sensors(self) -> dict[str, Any]:
        return {name: keeper.tell() for name, keeper in self._keepers.items()}

    def _health_of_outputs(self) -> dict[str, Any]:
        return {name: driver.state() for name, driver in self._drivers.items()}

    def listen(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` when a sensor's or output's health changed, on its lane."""
        self._listeners.append(listener)

    def command(self, station: str, output: str, payload: bytes) -> None:
        """Do what a message on ``_set/{station}/{output}`` says. What cannot be done is logged."""
        driver = self._drivers.get(f"{station}/{output}")
        if driver is None:
            log.warning(
                Words(f"{station}/{output} という出力はありません。", f"There is no output {station}/{output}.").say()
            )
            return
        try:
            driver.do(Command.of(payload))
        except PayloadError as error:
            log.warning("%s: %s", driver.name, error.what)

    def linked(self, up: bool) -> None:
        """The link to the broker was made, or lost. Rules go on without it; people's commands do not for ever."""
        waiting, self._cutting = self._cutting, None
        if waiting:
            waiting.cancel()
        if not up:
            due_ns = self._clock.monotonic_ns() + round(CUT_AFTER_S * NS_PER_S)
            self._cutting = self._clock.at(due_ns, self._cut, LANE)

    def to_others(self, send: Send) -> None:
        """Use ``send`` to tell outputs of other agents what this one's rules say."""
        self._foreman.to_others(send)

    # ---- on the lanes of sensors and outputs ----

    def _take(self, sensor: Sensor, key: str, value: Value, at_ns: int) -> Words | None:
        measure = sensor.measure(key)
        if measure is None:
            return Words(f"「{key}」という測定項目はありません。", f"It has no measure {key}.")
        legal = _LEGAL[measure.kind](value)
        if legal is None:
            return Words(f"{key} の値 {value!r:.40} は使えません。", f"{key} cannot be {value!r:.40}.")
        series = sensor.series(key)
        if measure.kind == "total":
            self._outbox.add(series, int(legal), at_ns)
        else:
            self._outbox.put(series, legal, at_ns)
        self._group.note(event=sensor.type in self._event_types)
        self._foreman.hear(series, legal, at_ns)
        return None

    def _minding(self, sensor: Sensor) -> Callable[[], None]:
        def changed() -> None:
            keeper = self._keepers[f"{sensor.station}/{sensor.id}"]
            self._foreman.mind(sensor.station, sensor.id, keeper.health.state)
            self._changed()

        return changed

    def _answer(self, output: Output, value: Value) -> None:
        series, now = Series(output.station, output.id, STATE), self._clock.monotonic_ns()
        self._outbox.put(series, value, now)
        self._group.note(event=True)
        self._foreman.hear(series, value, now)

    def _changed(self) -> None:
        for listener in self._listeners:
            listener()

    # ---- on the agent's own lane ----

    def _say_alive(self) -> None:
        now = self._clock.monotonic_ns()
        alive_s = round((now - self._began_ns) / NS_PER_S, 3)
        for station in self._stations:
            series = Series(station.id, AGENT_SENSOR, ALIVE)
            self._outbox.put(series, alive_s, now)
            self._foreman.hear(series, alive_s, now)
        self._group.note(event=False)

    def _look(self) -> None:
        for part in self._parts:
            part.look()

    def _cut(self) -> None:
        self._cutting = None
        for driver in self._drivers.values():
            driver.cut()

    def _make_drivers(self, line: Line, board: Board, outputs: Mapping[str, OutputModule] | None) -> dict[str, Driver]:
        wanted = [output for station in self._stations for output in station.outputs.values()]
        if wanted and outputs is None:
            from edge.outputs import modules as found

            outputs = found()
        gap_s: dict[tuple[str, str], float] = {}
        for rule in line.rules:
            gap_s[rule.station, rule.output] = max(rule.min_s, gap_s.get((rule.station, rule.output), 0.0))
        drivers = [
            Driver(
                output, (outputs or {})[output.type], board, self._answer, self._changed,
                rules_min_s=gap_s.get((output.station, output.id), 0.0),
            )
            for output in wanted
        ]  # fmt: skip
        return {driver.name: driver for driver in drivers}


def _number(value: Value) -> Value | None:
    if isinstance(value, bool | str) or not (math.isfinite(value) and abs(value) <= MAX_NUMBER):
        return None
    return value


def _total(value: Value) -> Value | None:
    number = _number(value)
    return number if isinstance(number, int | float) and number >= 0 and number == int(number) else None


def _level(value: Value) -> Value | None:
    return int(value) if not isinstance(value, str) and value in (0, 1) else None


def _text(value: Value) -> Value | None:
    return value if isinstance(value, str) and value and len(value) <= MAX_TEXT else None


_LEGAL: Mapping[str, Callable[[Value], Value | None]] = {
    "number": _number,
    "total": _total,
    "event": lambda _: 1,
    "level": _level,
    "text": _text,
}


@cache
def _version() -> str:
    from importlib import metadata

    try:
        return metadata.version("kojohack")
    except metadata.PackageNotFoundError:
        return "0"


def _no_such_agent(line: Line, agent: str) -> NotThere:
    known = ", ".join(line.agents)
    return NotThere(
        Words(f"line.toml に「{agent}」というエージェントはありません。", f"line.toml has no agent {agent}."),
        Words(f"あるのは {known} です。", f"Hint: it has {known}.") if known else None,
    )
