"""Keeps one sensor going: opens it, asks or hears it, reports what is wrong, and tries again.

Everything a sensor does happens on its own lane, so that it can neither delay nor silence another one.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from contract.line import Sensor
from contract.reading import NS_PER_S, Value
from contract.words import Words
from edge.board import Board
from edge.clock import Timer
from edge.health import Health, why
from edge.lane_board import LaneBoard, LaneClock
from edge.sensors import SensorModule

CHECK_S: Final = 1.0
"""So often a listening sensor is asked whether its device is still there."""
HANGS_AFTER_S: Final = 5.0
"""A call that takes longer hangs."""
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 30.0
"""After a failure it is tried again, a moment later, then ever more seldom."""
PROVEN_AFTER_S: Final = 2.0
"""After a failure it is well again with its first reading, or having been silent for so long without another failure:
some parts open without a word and only measuring shows what is wrong."""
WELL_AFTER_S: Final = 30.0
"""Having worked so long, the next failure is a first one again."""

Take = Callable[[Sensor, str, Value, int], Words | None]
"""Told of each reading: sensor, measure, value, monotonic time in ns. Says why it was not taken, if it was not."""


class Keeper:
    """Keeps one sensor of the line. ``changed`` is called after each change of its health."""

    def __init__(
        self,
        sensor: Sensor,
        module: SensorModule,
        board: Board,
        take: Take,
        changed: Callable[[], None],
        check_s: float = CHECK_S,
    ) -> None:
        self.name = f"{sensor.station}/{sensor.id}"
        self.health = Health(self.name, board.clock, changed)
        self._sensor, self._module, self._take, self._check_s = sensor, module, take, check_s
        self._clock = board.clock
        self._board = LaneBoard(board, LaneClock(board.clock, self.name, self._fail))
        self._device: Any = None
        self._timer: Timer | None = None
        self._life = 0
        self._opened_ns = 0
        self._pause_s = FIRST_PAUSE_S
        self._proven = True
        self._stopped = False

    def start(self) -> None:
        """Begin, on the sensor's lane."""
        self._again_in(0.0)

    def stop(self) -> None:
        """End; what is being read now still counts, later words do not."""
        self._stopped = True
        self._let_go()

    def look(self) -> None:
        """See whether it hangs; called from another lane."""
        self.health.look(HANGS_AFTER_S)

    def tell(self) -> dict[str, Any]:
        """Its health, with the counters it keeps itself."""
        return self.health.tell(self._counters())

    def _counters(self) -> Mapping[str, int]:
        device = self._device
        if device is None or self._module.STYLE != "event":
            return {}
        try:
            return dict(device.health())
        except Exception as error:  # noqa: BLE001 - a sensor's broken counters must not hide the health of the others
            self.health.refuse(why(error))
            return {}

    # ---- on the sensor's lane ----

    def _open(self) -> None:
        if self._stopped:
            return
        self._life += 1
        self._opened_ns = self._clock.monotonic_ns()
        self.health.begin()
        try:
            settings = self._module.Sensor(**self._sensor.settings)
            if self._module.STYLE == "event":
                self._device = settings.listen(self._board, self._tell_of(self._life))
                self._timer = self._board.clock.every(self._check_s, self._check)
                self._well()
            else:
                self._device = settings.open(self._board)
                self._timer = self._board.clock.every(settings.every_s, self._read)
        except Exception as error:  # noqa: BLE001 - whatever one sensor raises, the others must go on
            self._fail(error)
        finally:
            self.health.end()

    def _read(self) -> None:
        self.health.begin()
        try:
            if self._device is not None:
                at_ns = self._clock.monotonic_ns()
                for measure, value in self._device.read().items():
                    self._hand_over(measure, value, at_ns)
                self._well()
        finally:
            self.health.end()

    def _check(self) -> None:
        self.health.begin()
        try:
            if self._device is not None:
                self._device.check()
                self._well()
        finally:
            self.health.end()

    def _well(self) -> None:
        age_ns = self._clock.monotonic_ns() - self._opened_ns
        self._proven = self._proven or age_ns >= PROVEN_AFTER_S * NS_PER_S
        if self._proven:
            self.health.ok()
        if age_ns >= WELL_AFTER_S * NS_PER_S:
            self._pause_s = FIRST_PAUSE_S

    def _fail(self, error: Exception) -> None:
        if self._stopped:
            return
        self.health.broken(error)
        self._proven = False
        self._let_go()
        self._again_in(self._pause_s)
        self._pause_s = min(LONGEST_PAUSE_S, 2 * self._pause_s)

    def _again_in(self, pause_s: float) -> None:
        self._timer = self._clock.at(self._clock.monotonic_ns() + round(pause_s * NS_PER_S), self._open, self.name)

    def _let_go(self) -> None:
        self._life += 1
        timer, self._timer = self._timer, None
        if timer:
            timer.cancel()
        device, self._device = self._device, None
        # What hangs would hang in close, too, and with it whoever stops the agent.
        if device is not None and self.health.state != "hanging":
            try:
                device.close()
            except Exception as error:  # noqa: BLE001 - it was broken before; that is what counts
                self.health.refuse(why(error))

    def _tell_of(self, life: int) -> Callable[[str, Value, int], None]:
        def tell(measure: str, value: Value, at_ns: int) -> None:
            if life == self._life:
                self._hand_over(measure, value, at_ns)

        return tell

    def _hand_over(self, measure: str, value: Value, at_ns: int) -> None:
        self._proven = True
        refused = self._take(self._sensor, measure, value, at_ns)
        if refused:
            self.health.refuse(refused)
