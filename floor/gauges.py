"""What shows how a station is without a wire to it: its stack light, its current, its vibration, the air around
it, the parts in its bin.

    for gauge in gauges(hall, station):
        gauge.see("stop", JAM, turning=False)

Every sensor of a type known here has one, and its station's `floor.post.Post` lets it see what happens.
The figures are ours, chosen to look like a machine of a few kilowatts; each gauge draws from a chance of its own.
"""

from collections.abc import Callable, Mapping
from math import pi, sin
from typing import Final, Protocol

from contract.line import Sensor, Station
from contract.reading import NS_PER_S
from floor.hall import Doing, Hall
from floor.records import PeriodKind
from floor.stock import Material
from floor.troubles import Cause

DAY_S: Final = 86_400.0


class Gauge(Protocol):
    """One sensor that shows how a station is."""

    def see(self, kind: PeriodKind | None, cause: Cause, turning: bool) -> None:
        """The station stands like that for that cause, or works (None); ``turning``: its machine is in its own step."""


class StackLight:
    """Green while it works, red that blinks for a short stop and is on for a failure, amber for material and set-up."""

    def __init__(self, hall: Hall, sensor: Sensor) -> None:
        self._light = hall.model(sensor)
        chance = hall.random(f"light/{sensor.station}/{sensor.id}")
        self._light.turn("blink_hz", chance.uniform(0.8, 1.4))

    def see(self, kind: PeriodKind | None, cause: Cause, turning: bool) -> None:  # noqa: ARG002 - it stays green
        """Light the lamps."""
        for colour, state in zip(("red", "amber", "green"), _lamps(kind, cause), strict=True):
            self._light.turn(colour, state)


def _lamps(kind: PeriodKind | None, cause: Cause) -> tuple[str, str, str]:
    if kind is None:
        return "off", "off", "on"
    if kind not in ("stop", "wait"):
        return "off", "off", "off"
    if cause.loss in ("starved", "blocked"):
        return "off", "on", "off"
    if cause.loss in ("setup", "tool", "startup", "none"):
        return "off", "blinking", "off"
    return ("blinking" if cause.loss in ("minor", "quality") else "on"), "off", "off"


class Current:
    """The current of its motor: high while the machine turns, low while it waits, next to none when it is off."""

    TURNING_A, WAITING_A, OFF_A = 6.2, 1.4, 0.02
    SPREAD = 0.03
    EVERY_NS = 4 * NS_PER_S

    def __init__(self, hall: Hall, sensor: Sensor) -> None:
        self._model = hall.model(sensor)
        self._chance = hall.random(f"current/{sensor.station}/{sensor.id}")
        self._median_a = self.OFF_A
        _again(hall, self.EVERY_NS, self._draw)

    def see(self, kind: PeriodKind | None, cause: Cause, turning: bool) -> None:  # noqa: ARG002
        """Draw another current."""
        off = kind in ("no_shift", "planned_stop")
        self._median_a = self.TURNING_A if turning else self.OFF_A if off else self.WAITING_A
        self._draw()

    def _draw(self) -> None:
        self._model.turn("current", self._median_a * self._chance.lognormvariate(0.0, self.SPREAD))


class Vibration:
    """A frame that shakes while the machine works, hums while it waits, and is next to still when it is off."""

    WORKING, WAITING, OFF = 6.0, 0.6, 0.05
    """Peak in m/s²."""
    HZ = 24.6
    SPREAD = 0.08
    EVERY_NS = 30 * NS_PER_S

    def __init__(self, hall: Hall, sensor: Sensor) -> None:
        self._model = hall.model(sensor)
        self._chance = hall.random(f"vibration/{sensor.station}/{sensor.id}")
        self._peak = self.OFF
        self._model.turn("main_frequency", self.HZ * self._chance.gauss(1.0, 0.005))
        _again(hall, self.EVERY_NS, self._draw)

    def see(self, kind: PeriodKind | None, cause: Cause, turning: bool) -> None:  # noqa: ARG002 - strokes blur
        """Shake otherwise."""
        off = kind in ("no_shift", "planned_stop", "break")
        peak = self.WORKING if kind is None else self.OFF if off else self.WAITING
        if peak != self._peak:
            self._peak = peak
            self._draw()

    def _draw(self) -> None:
        self._model.turn("swing", self._peak * self._chance.lognormvariate(0.0, self.SPREAD))


class Air:
    """The air of the hall: warmest at three in the afternoon, drier when warmer, with draughts."""

    MEAN_C, SWING_C, WARMEST_S = 22.0, 3.0, 6 * 3600.0
    """15:00 in Japan is 6:00 UTC."""
    HUMIDITY, DRIER = 52.0, 1.6
    EVERY_NS = 20 * NS_PER_S
    BACK = 0.02
    """How much of a draught is gone by the next time."""

    def __init__(self, hall: Hall, sensor: Sensor) -> None:
        self._hall = hall
        self._model = hall.model(sensor)
        self._chance = hall.random(f"air/{sensor.station}/{sensor.id}")
        self._measures = {measure.key for measure in sensor.measures}
        self._draught_c, self._weather_hpa = 0.0, self._chance.gauss(1012.0, 4.0)
        _again(hall, self.EVERY_NS, self._move)
        self._move()

    def see(self, kind: PeriodKind | None, cause: Cause, turning: bool) -> None:
        """The air does not care."""

    def _move(self) -> None:
        self._draught_c += self._chance.gauss(0.0, 0.04) - self.BACK * self._draught_c
        second = self._hall.now_ns / NS_PER_S % DAY_S
        day_c = self.SWING_C * sin(2 * pi * (second - self.WARMEST_S) / DAY_S + pi / 2)
        celsius = self.MEAN_C + day_c + self._draught_c
        humidity = self.HUMIDITY - self.DRIER * (celsius - self.MEAN_C)
        for what, value in (("temperature", celsius), ("humidity", humidity), ("pressure", self._weather_hpa)):
            if what in self._measures:
                self._model.turn(what, round(value, 3), least=0.01)


class PartsBin(Material):
    """A bin beside a machine, begun the day before."""

    BOX, FIRST, LOW = 120, 80, 40


class Bin:
    """What lies on a load cell: each piece made takes a part, and when few are left a full bin is brought.

    Empty it stays until then: the work goes on all the same, from a box at hand.
    """

    PART_G, NOISE_G = 25.0, 0.8
    RAW_A_G = 400.0
    """Of a cell that nobody has calibrated yet."""

    def __init__(self, hall: Hall, sensor: Sensor) -> None:
        self._model = hall.model(sensor)
        self._noise = hall.random(f"cell/{sensor.station}/{sensor.id}")
        self._tare = sensor.settings.get("tare", 0)
        self._is_calibrated = bool(sensor.settings.get("counts_per_g"))
        self._parts = PartsBin(hall, hall.random(f"bin/{sensor.station}/{sensor.id}"), self._show)
        self._show()

    def see(self, kind: PeriodKind | None, cause: Cause, turning: bool) -> None:
        """Nobody takes a part while it stands."""

    def take(self) -> None:
        """A part goes into a piece."""
        if self._parts:
            self._parts.take()
            self._show()

    def _show(self) -> None:
        grams = self._parts.left * self.PART_G + self._noise.gauss(0.0, self.NOISE_G)
        if self._is_calibrated:
            self._model.turn("weight", round(grams, 1))
        else:
            self._model.turn("raw", self._tare + round(grams * self.RAW_A_G))


GAUGES: Final[Mapping[str, Callable[[Hall, Sensor], Gauge]]] = {
    "signal_tower": StackLight,
    "ct_clamp": Current,
    "adxl345": Vibration,
    "hx711": Bin,
    **dict.fromkeys(("bme280", "sht31", "aht20", "ds18b20", "thermistor"), Air),
}
"""By the type of the sensor."""


def gauges(hall: Hall, station: Station) -> tuple[Gauge, ...]:
    """One for each sensor of the station that has one."""
    return tuple(GAUGES[s.type](hall, s) for s in station.sensors.values() if s.type in GAUGES)


def _again(hall: Hall, every_ns: int, action: Callable[[], None]) -> None:
    def live() -> Doing:
        while True:
            yield hall.wait(every_ns)
            action()

    hall.do(live())
