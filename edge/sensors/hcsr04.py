"""Wiring: VCC to 5V (header pin 2), GND to GND, TRIG to GPIO5 (pin 29), ECHO THROUGH A DIVIDER to GPIO6 (pin 31):
1 kilo-ohm from ECHO to GPIO6, 2 kilo-ohm from GPIO6 to GND.

    [stations.washer.sensors.basket]
    type = "hcsr04"
    trigger = 5
    echo = 6
    near_mm = 300
    role = "phase:wash"

WARNING: ECHO gives 5 V, and a Pi's pin bears 3.3 V. Without the two resistors the Pi is damaged, at once or after
weeks, and until then everything seems to work. Check both resistors before it is plugged in. (An HC-SR04P or RCWL-1601
runs on 3V3 and needs none.)

``distance`` is that of the nearest thing within 15 degrees, 20 to 4000 mm: the median of ``pings`` echoes, 60 ms apart,
each timed by the kernel's stamps of its two edges, so a busy Pi does not blur it; about 3 mm. ``near`` is 1 from
``near_mm`` down and 0 again ``hysteresis_mm`` above it, once that has lasted ``hold_s``; told at each change and again
every 60 s. Where nothing is in range the module gives a pulse of 38 ms or more: then ``near`` is 0 and no distance is
told. No pulse at all, or one that does not end, is a fault and reported. Sound goes 0.17 % faster per degree:
``air_temperature``. Cloth, foam and slanting surfaces give no echo; two modules that see each other disturb each other.

Source: HC-SR04 data sheet (ElecFreaks): 10 us trigger, echo as long as the sound's way, 60 ms between two; 38 ms
without an echo (makers' notes); speed of sound in dry air 331.3 m/s at 0 °C, with the square root of the temperature.
"""

from collections import deque
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from math import inf, sqrt
from statistics import median_low
from typing import TYPE_CHECKING, Any, Literal

from contract.catalogue import Measure, Part, Wire, setting
from contract.errors import SensorError
from contract.reading import NS_PER_S
from contract.words import Words
from edge import troubles
from edge.board import Board
from edge.contact import edge_ns
from edge.handles import Handle, Knob, Push
from edge.paced import Paced
from edge.sensors import Expect, Listening, Tell

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("超音波距離センサー(HC-SR04)", "Ultrasonic distance (HC-SR04)")
ABOUT_JA = """\
音の返りで、いちばん近い物までの距離を測ります(2 cm から 4 m)。かごや台車が来たかどうかを、触れずに見られます。

気をつけること: ECHO は 5 V を出します。1 kΩ と 2 kΩ で分圧しないと、Pi がすぐに、または数週間後に壊れます。
差す前に、2本の抵抗を必ず確かめてください。音の速さは気温で変わるので、air_temperature を合わせます。

見えないこと: 布、スポンジ、斜めの面は音を返しません。15度の範囲の、いちばん近い物だけを測ります。
互いに見える2台は、じゃまをし合います。
"""
STYLE: Literal["event"] = "event"
MEASURES = (
    Measure("distance", Words("距離", "distance"), "mm", low=20, high=4000, decimals=0),
    Measure("near", Words("近くに物がある", "something is near"), kind="level", low=0, high=1, decimals=0),
)
PARTS = (
    Part("hcsr04", 1),
    Part("resistor-1k", 1, Words("ECHO の 5 V を下げる", "it brings ECHO down from 5 V")),
    Part("resistor-2k", 1, Words("ECHO の 5 V を下げる", "it brings ECHO down from 5 V")),
    Part("breadboard", 1),
    Part("wire-m-f", 4),
)
TERMINALS = (
    Wire("VCC", "5V"),
    Wire("GND", "GND"),
    Wire("TRIG", "pin", setting="trigger"),
    Wire(
        "ECHO",
        "pin",
        setting="echo",
        through="resistor-1k",
        note=Words(
            "ECHO は 5 V! 必ず 1 kΩ を通し、ピンと GND の間に 2 kΩ を入れる",
            "ECHO is 5 V! Always through 1 kilo-ohm, and 2 kilo-ohm from the pin to GND",
        ),
    ),
    Wire("ECHO", "GND", through="resistor-2k", note=Words("ピンの側から", "from the pin's side")),
)

TRIGGER_S = 20e-6
APART_S = 0.06
ANSWERED_S, LATEST_S = 0.045, 0.30
"""An answer is there after 45 ms; a clone may hold its pulse for 200 ms where nothing is in range."""
IN_RANGE_S = 0.030
"""A longer pulse is no echo: 5 m."""
REPEAT_NS = 60 * NS_PER_S
SILENT_PINGS = 3
KELVIN = 273.15


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One module on two pins."""

    trigger: int = setting(Words("TRIG のピン番号(BCM)", "BCM pin number of TRIG"), "pin")
    echo: int = setting(Words("ECHO のピン番号(BCM、分圧を通す)", "BCM pin number of ECHO (through a divider)"), "pin")
    near_mm: float = setting(
        Words("これ以下なら近くにある", "near from here down"), "number", default=300.0, unit="mm", low=20, high=4000
    )
    hysteresis_mm: float = setting(
        Words("離れるときの余裕", "how far beyond it is no longer near"),
        "number",
        default=30.0,
        unit="mm",
        low=0,
        high=1000,
    )
    hold_s: float = setting(
        Words("変わったと認めるまでの時間", "how long a change has to last"),
        "number",
        default=1.0,
        unit="s",
        low=0,
        high=600,
    )
    pings: int = setting(
        Words("1回に測る数(中央の値をとる)", "echoes of a reading (their median counts)"),
        "whole",
        default=3,
        low=1,
        high=9,
    )
    air_temperature: float = setting(
        Words("気温(°C)", "temperature of the air (°C)"), "number", default=20.0, low=-30, high=80
    )
    every_s: float = setting(Words("測る間隔", "measuring interval"), "number", default=1.0, unit="s", low=0.2, high=60)

    def listen(self, board: Board, tell: Tell) -> Listening:
        """Begin to measure. Raises SensorError."""
        return _Distance(self, board, tell)


def speed_of_sound(celsius: float) -> float:
    """Metres a second in dry air."""
    return 331.3 * sqrt(1 + celsius / KELVIN)


def distance_mm(echo_s: float, celsius: float) -> float:
    """Millimetres to what sent the echo back: the sound went there and back."""
    return 1000 * echo_s * speed_of_sound(celsius) / 2


@dataclass(frozen=True, slots=True)
class Change:
    """Something is near (or not), and has been since ``at_ns``."""

    near: bool
    at_ns: int


class Near:
    """Distances in, changes out. Times are monotonic and do not fall. ``near`` is None until the first distance."""

    def __init__(self, settings: Sensor) -> None:
        self.near: bool | None = None
        self._limits = {
            True: settings.near_mm + settings.hysteresis_mm,
            False: settings.near_mm,
            None: settings.near_mm,
        }
        self._hold_ns = round(settings.hold_s * NS_PER_S)
        self._other_since_ns: int | None = None

    @property
    def settled(self) -> bool:
        """Whether no change dated before now can come."""
        return self.near is not None and self._other_since_ns is None

    def heard(self, mm: float, at_ns: int) -> Change | None:
        """A distance (infinite: nothing in range); the change that is believed now, if any."""
        near = mm <= self._limits[self.near]
        if near == self.near:
            self._other_since_ns = None
            return None
        since_ns = at_ns if self._other_since_ns is None else self._other_since_ns
        if self.near is not None and at_ns - since_ns < self._hold_ns:
            self._other_since_ns = since_ns
            return None
        self.near, self._other_since_ns = near, None
        return Change(near, since_ns)


class _Distance:
    def __init__(self, settings: Sensor, board: Board, tell: Tell) -> None:
        self._settings, self._clock, self._tell = settings, board.clock, tell
        self._near = Near(settings)
        self._edges: deque[tuple[float, bool]] = deque(maxlen=16)
        self._told_ns = 0
        self._silent = self._out_of_range = 0
        self._pins: list[Any] = []
        self._work: Paced | None = None
        try:
            self._trigger = self._take(board, settings.trigger)
            self._echo = self._take(board, settings.echo)
            self._set_up()
            self._work = Paced(board.clock, self._measure())
        except BaseException:
            self.close()
            raise

    def health(self) -> Mapping[str, int]:
        return {"out_of_range": self._out_of_range}

    def check(self) -> None:
        """What goes wrong is told where it happens."""

    def close(self) -> None:
        if self._work is not None:
            self._work.close()
        pins, self._pins = self._pins, []
        for pin in pins:
            pin.when_changed = pin.heard_by = None
            pin.close()

    def _take(self, board: Board, number: int) -> Any:
        pin = board.pin(number)
        self._pins.append(pin)
        return pin

    def _set_up(self) -> None:
        try:
            self._trigger.output_with_state(False)
            self._echo.function = "input"
            self._echo.pull = "down"  # a wire that is off is no echo; beside 2 kilo-ohm it is nothing
            self._echo.edges = "both"
            self._echo.heard_by = self  # gpiozero holds callbacks weakly
            self._echo.when_changed = self._heard
        except Exception as error:  # gpiozero's and lgpio's own errors have no common root
            raise troubles.pin_refused(self._settings.echo, str(error)) from error

    def _heard(self, ticks: float, state: Any) -> None:
        """On the pin library's thread."""
        self._edges.append((ticks, bool(state)))

    def _measure(self) -> Iterator[float]:
        while True:
            begin_ns = self._clock.monotonic_ns()
            found: list[float] = []
            for i in range(self._settings.pings):
                if i:
                    yield APART_S
                found.append((yield from self._ping()))
            self._say(median_low(found))
            yield max(0.0, self._settings.every_s - (self._clock.monotonic_ns() - begin_ns) / NS_PER_S)

    def _ping(self) -> Generator[float, None, float]:
        """Seconds the echo took; infinite for nothing in range, or no answer (until it is too often)."""
        if self._echo.state:
            yield LATEST_S
            if self._echo.state:
                raise _stuck(self._settings)
        self._edges.clear()
        self._trigger.state = True
        yield TRIGGER_S
        self._trigger.state = False
        yield ANSWERED_S
        if self._pulse() is None:
            yield LATEST_S - ANSWERED_S
        pulse_s = self._pulse()
        if pulse_s is not None:
            self._silent = 0
            return pulse_s if pulse_s < IN_RANGE_S else inf
        if self._echo.state:
            raise _stuck(self._settings)
        self._silent += 1
        if self._silent >= SILENT_PINGS:
            raise _no_answer(self._settings)
        return inf

    def _pulse(self) -> float | None:
        """How long ECHO was high, by the two edges' own times; None as long as one of them is missing."""
        edges = list(self._edges)
        rise = next((i for i, (_, high) in enumerate(edges) if high), len(edges))
        fall = next((ticks for ticks, high in edges[rise:] if not high), None)
        return None if fall is None else fall - edges[rise][0]

    def _say(self, echo_s: float) -> None:
        if self._silent:
            return
        at_ns = edge_ns(self._clock, self._edges[-1][0])
        mm = inf if echo_s == inf else distance_mm(echo_s, self._settings.air_temperature)
        if mm == inf:
            self._out_of_range += 1
        else:
            self._tell("distance", mm, at_ns)
        change = self._near.heard(mm, at_ns)
        if change is None and self._near.settled and at_ns - self._told_ns >= REPEAT_NS:
            change = Change(bool(self._near.near), at_ns)
        if change is not None:
            self._told_ns = at_ns
            self._tell("near", int(change.near), change.at_ns)


def _no_answer(settings: Sensor) -> SensorError:
    return SensorError(
        Words(
            f"HC-SR04 が応答しません(TRIG GPIO{settings.trigger}、ECHO GPIO{settings.echo})。",
            f"The HC-SR04 does not answer (TRIG GPIO{settings.trigger}, ECHO GPIO{settings.echo}).",
        ),
        Words(
            "VCC が 5V か、TRIG と ECHO が逆でないか、分圧の 1 kΩ と 2 kΩ を確認してください。"
            "ECHO を直接つながないでください。",
            "Hint: check VCC at 5V, TRIG and ECHO not swapped, and the divider of 1 and 2 kilo-ohm; "
            "never wire ECHO without it.",
        ),
    )


def _stuck(settings: Sensor) -> SensorError:
    return SensorError(
        Words(
            f"HC-SR04 の ECHO(GPIO{settings.echo})が high のままです。",
            f"ECHO of the HC-SR04 (GPIO{settings.echo}) stays high.",
        ),
        Words(
            "モジュールの電源(VCC)を一度外してください。続くなら ECHO の線と 2 kΩ を確認してください。",
            "Hint: take VCC off and put it back; if it stays so, check the wire of ECHO and the 2 kilo-ohm to GND.",
        ),
    )


# ---- the bench ----


class Module:
    """An HC-SR04 on the bench's pins, with something ``distance`` mm away (None: nothing in range).

    ``dead``: without its supply; ``stuck``: its pulse does not end.
    """

    STARTS_S = 0.00045
    NOTHING_S = 0.038

    def __init__(self, bench: "Bench", settings: Sensor) -> None:
        self.distance: float | None = 1000.0
        self.dead = self.stuck = False
        self._bench, self._settings = bench, settings
        self._raised_ns: int | None = None
        bench.drive(settings.echo, False)
        bench.attach(settings.trigger, self._triggered)

    def recover(self) -> None:
        """Its supply was taken off and put back."""
        self.dead = self.stuck = False
        self._bench.drive(self._settings.echo, False)

    def _triggered(self, at_ns: int, high: bool) -> None:
        if high:
            self._raised_ns = at_ns
        elif self._raised_ns is not None and at_ns - self._raised_ns >= 10_000 and not self.dead:
            self._raised_ns = None
            begin_ns = at_ns + round(self.STARTS_S * NS_PER_S)
            self._echo_at(begin_ns, True)
            if not self.stuck:
                self._echo_at(begin_ns + round(self._pulse_s() * NS_PER_S), False)

    def _pulse_s(self) -> float:
        if self.distance is None or self.distance > 4500:
            return self.NOTHING_S
        return 2 * self.distance / 1000 / speed_of_sound(self._settings.air_temperature)

    def _echo_at(self, at_ns: int, level: bool) -> None:
        self._bench.clock.at(at_ns, partial(self._bench.drive, self._settings.echo, level, at_ns), lane="bench")


def place(sensor: Sensor, bench: "Bench") -> Module:
    """Wire a module to its two pins."""
    return Module(bench, sensor)


def handles(_: Sensor, bench: "Bench", part: Module) -> Iterator[Handle]:  # noqa: ARG001
    """The distance, and something that goes away."""

    def turn(mm: float) -> None:
        part.distance = mm

    yield Knob("distance", MEASURES[0].title, 20.0, 4000.0, lambda: part.distance or 4000.0, turn, "mm")
    yield Push("nothing", Words("何もない", "nothing in range"), partial(setattr, part, "distance", None))


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """A basket comes and goes; nothing in range; the module loses its supply, hangs, and is well again."""
    module = place(sensor, bench)
    far, near = sensor.near_mm + sensor.hysteresis_mm + 500, 0.5 * sensor.near_mm
    readings = 3 + int(sensor.hold_s // sensor.every_s)
    module.distance = far
    yield Expect(Words("かごがない", "no basket"), {"distance": far, "near": 0}, 0.9 * sensor.every_s, tolerance=1)
    for said, mm, state in (
        (Words("かごが来た", "a basket comes"), near, 1),
        (Words("ゆれている", "it sways"), sensor.near_mm + 0.5 * sensor.hysteresis_mm, None),
        (Words("かごが行った", "the basket goes"), far, 0),
    ):
        module.distance = mm
        values = {"distance": (mm,) * readings} | ({} if state is None else {"near": state})
        yield Expect(said, values, wait_s=readings * sensor.every_s, tolerance=1)
    module.distance = None
    yield Expect(Words("届く範囲に何もない", "nothing in range"), wait_s=readings * sensor.every_s)
    module.dead = True
    yield Expect(Words("電源が切れた", "it has lost its supply"), wait_s=3 * sensor.every_s + 2, error=True)
    module.recover()
    module.distance = near
    yield Expect(Words("直した", "it is mended"), {"distance": near, "near": 1}, 0.9 * sensor.every_s, tolerance=1)
    module.stuck = True
    yield Expect(Words("ECHO が high のまま", "ECHO stays high"), wait_s=3 * sensor.every_s, error=True)
