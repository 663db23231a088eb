"""Wiring: one phototransistor in front of each lamp of the stack light, in a black tube: collector to 3V3 (header pin
1), emitter to the converter's input and through 10 kilo-ohm to GND; a fourth one may look at the room; the converter
as `ads1115` or `mcp3008` says.

    [stations.press.sensors.tower]
    type = "signal_tower"
    red = 0
    amber = 1
    green = 2
    ambient = 3
    role = "running"

What a machine says by its stack light, read from outside: no wire of the machine is touched. ``red``, ``amber`` and
``green`` are each "off", "on" or "blinking"; ``running`` is 1 while the lamp of ``running_lamp`` is steadily on, and a
blinking lamp is not. Ask in the factory what each colour means there, and leave out a colour that is not wired.

A lamp is lit from ``on_v`` on and dark below ``off_v`` again; both are above the room's light where ``ambient`` names
an input for it. Switch the room's light on and off, look at ``red_mv``, ``amber_mv``, ``green_mv`` and ``ambient_mv``
in the agent's state, and choose the two between. A lamp blinks once it was lit and dark twice, each for less than
``steady_s``; after ``steady_s`` without a change it is on or off. So all is told ``steady_s`` late, and dated at the
first change; a single flash or flicker is no state. All is told at each change and again every 60 s. Light so strong
that no lamp could be told from it is reported.

Lamps are looked at ten times a second: flashes shorter than 0.1 s (strobes) are not seen. A wire that is off looks like
a dark lamp. Not digital: a comparator board on a pin knows neither the room's light nor a hysteresis of yours; for that
one there is `level` with ``release_ms``.

Source: IEC 60073 (0.4 to 0.8 and 1.4 to 2.8 flashes a second); New Japan Radio NJL7502L, Ver. 2013-08-07: 33 uA (15
to 73) at 100 lx, so 0.33 V across 10 kilo-ohm.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from contract.catalogue import Measure, Part, Wire, setting
from contract.errors import SensorError
from contract.reading import NS_PER_S
from contract.words import Words
from edge.analogue import CONVERTER_PARTS, CONVERTER_TERMINALS, ConverterSettings, scan
from edge.board import Board
from edge.clock import Clock
from edge.handles import Handle, Knob, Push
from edge.paced import Paced
from edge.sensors import Expect, Listening, Tell

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("積層信号灯(光センサー3つ)", "Stack light (three light sensors)")
ABOUT_JA = """\
機械の積層信号灯を、外から光センサーで見ます。色ごとに、消灯、点灯、点滅を読みます。機械の線には、
まったく触れません。

気をつけること: 色の意味は工場ごとに違います。先に必ず聞いてください。光センサーは黒い筒に入れます。
部屋の照明をつけたり消したりして red_mv などを見て、on_v と off_v をその間に決めます。

見えないこと: 0.1秒より短い光(ストロボ)は見えません。点滅と見分けるため、
知らせは steady_s だけ遅れます(時刻は最初の変化のものです)。線が外れたランプは、消えたランプと同じに見えます。
"""
STYLE: Literal["event"] = "event"
COLOURS = {"red": Words("赤", "red"), "amber": Words("黄", "amber"), "green": Words("緑", "green")}
MEASURES = (
    *(Measure(key, said, kind="text") for key, said in COLOURS.items()),
    Measure("running", Words("運転中", "running"), kind="level", low=0, high=1, decimals=0),
)
PARTS = (
    Part("phototransistor", 4, Words("4つ目は部屋の明るさ", "the fourth for the room's light")),
    Part("resistor-10k", 4),
    Part("black-tube", 3, Words("熱収縮チューブでよい", "heat-shrink tube will do")),
    *CONVERTER_PARTS,
)
TERMINALS = (
    *(
        wire
        for key, said in (*COLOURS.items(), ("ambient", Words("部屋", "room")))
        for wire in (
            Wire(f"{key} C", "3V3"),
            Wire(f"{key} E", "AIN", setting=key, note=said),
            Wire(f"{key} E", "GND", through="resistor-10k"),
        )
    ),
    *CONVERTER_TERMINALS,
)

OFF, ON, BLINKING = "off", "on", "blinking"
FLASHES = 2
REPEAT_NS = 60 * NS_PER_S
RATE = 250
DAZZLED_NS = 30 * NS_PER_S
"""Light that is too strong may be a lorry's; after so long it is the sun."""


def _input(colour: Words) -> int | None:
    title = Words(f"{colour.ja}の入力(省略時: なし)", f"input for {colour.en} (default: none)")
    found: int | None = setting(title, "channel", default=None, low=0, high=7)
    return found


@dataclass(frozen=True, kw_only=True)
class Sensor(ConverterSettings):
    """Up to three lamps of one stack light."""

    red: int | None = _input(COLOURS["red"])
    amber: int | None = _input(COLOURS["amber"])
    green: int | None = _input(COLOURS["green"])
    ambient: int | None = setting(
        Words("部屋の明るさの入力(省略時: なし)", "input for the room's light (default: none)"),
        "whole",
        default=None,
        low=0,
        high=7,
    )
    running_lamp: str = setting(
        Words("点灯が運転中を表す色", "the lamp that means running while it is on"),
        "choice",
        default="green",
        choices=(*COLOURS, "none"),
    )
    on_v: float = setting(
        Words("点灯とみなす電圧(部屋の明るさとの差)", "lit from here on (above the room's light)"),
        "number",
        default=1.0,
        unit="V",
        low=0.02,
        high=5,
    )
    off_v: float = setting(
        Words("消灯とみなす電圧(部屋の明るさとの差)", "dark again below this (above the room's light)"),
        "number",
        default=0.6,
        unit="V",
        low=0.01,
        high=5,
    )
    steady_s: float = setting(
        Words("点滅の1回の明暗より長い時間", "longer than one bright or dark time of blinking"),
        "number",
        default=2.0,
        unit="s",
        low=0.3,
        high=10,
    )
    every_s: float = setting(
        Words("見る間隔", "how often they are looked at"), "number", default=0.1, unit="s", low=0.05, high=1
    )

    @property
    def lamps(self) -> dict[str, int]:
        """The inputs of the lamps that are wired."""
        wired = {key: getattr(self, key) for key in COLOURS}
        return {key: channel for key, channel in wired.items() if channel is not None}

    def listen(self, board: Board, tell: Tell) -> Listening:
        """Begin to look. Raises SensorError."""
        if self.running_lamp not in (*self.lamps, "none") or not self.lamps:
            raise _no_lamp(self)
        if self.off_v >= self.on_v:
            raise _wrong_limits(self)
        return _Tower(self, board, tell)


@dataclass(frozen=True, slots=True)
class Change:
    """A lamp is ``state``, and has been since ``at_ns``."""

    state: str
    at_ns: int


class Lamp:
    """One lamp's light in, changes of its state out. Times are monotonic and do not fall.

    ``state`` is None until the first one is known; ``flickers`` counts changes that were none.
    """

    def __init__(self, on_v: float, off_v: float, steady_s: float) -> None:
        self.state: str | None = None
        self.flickers = 0
        self._on_v, self._off_v, self._steady_ns = on_v, off_v, round(steady_s * NS_PER_S)
        self._lit: bool | None = None
        self._edges = 0
        self._first_ns = self._last_ns = 0

    @property
    def sure_until_ns(self) -> int | None:
        """No change dated before this can come; None: before now."""
        if self.state == BLINKING:
            return self._last_ns
        return self._first_ns if self._edges else None

    def seen(self, volts: float, at_ns: int) -> Change | None:
        """Its light, in volts above the room's; the change that is certain now, if any."""
        lit = volts > self._off_v if self._lit else volts >= self._on_v
        if self._lit is None:
            self._lit, self._last_ns = lit, at_ns
            return None
        if lit != self._lit:
            self._lit = lit
            return self._edge(at_ns)
        if (self._edges or self.state is None) and at_ns - self._last_ns >= self._steady_ns:
            return self._rest(ON if lit else OFF)
        return None

    def _edge(self, at_ns: int) -> Change | None:
        self._first_ns = self._first_ns if self._edges else at_ns
        self._edges += 1
        self._last_ns = at_ns
        if self._edges < 2 * FLASHES or self.state == BLINKING:
            return None
        self.state = BLINKING
        return Change(BLINKING, self._first_ns)

    def _rest(self, state: str) -> Change | None:
        self._edges = 0
        if state == self.state:
            self.flickers += 1
            return None
        self.state = state
        return Change(state, self._last_ns)


class _Tower:
    def __init__(self, settings: Sensor, board: Board, tell: Tell) -> None:
        self._settings, self._clock, self._tell = settings, board.clock, tell
        self._lamps = {key: Lamp(settings.on_v, settings.off_v, settings.steady_s) for key in settings.lamps}
        self._told_ns = dict.fromkeys(settings.lamps, 0)
        self._volts: dict[str, float] = {}
        self._dazzled_ns: int | None = None
        extra = {} if settings.ambient is None else {"ambient": settings.ambient}
        self._inputs = {**settings.lamps, **extra}
        self._converter = settings.converter_on(board, tuple(self._inputs.values()), RATE)
        self._work = Paced(board.clock, self._look())

    def health(self) -> Mapping[str, int]:
        told = {f"{key}_mv": round(1000 * volts) for key, volts in self._volts.items()}
        return told | {"flickers": sum(lamp.flickers for lamp in self._lamps.values())}

    def check(self) -> None:
        """What goes wrong is told where it happens."""

    def close(self) -> None:
        self._work.close()
        self._converter.close()

    def _look(self) -> Iterator[float]:
        while True:
            begin_ns = self._clock.monotonic_ns()
            found = yield from scan(self._converter, tuple(self._inputs.values()))
            self._volts = dict(zip(self._inputs, found, strict=True))
            self._judge(self._clock.monotonic_ns())
            yield max(0.0, self._settings.every_s - (self._clock.monotonic_ns() - begin_ns) / NS_PER_S)

    def _judge(self, now_ns: int) -> None:
        room = self._volts.get("ambient", 0.0)
        if room > self._settings.supply - self._settings.on_v:
            self._dazzled_ns = now_ns if self._dazzled_ns is None else self._dazzled_ns
            if now_ns - self._dazzled_ns >= DAZZLED_NS:
                raise _dazzled()
            return
        self._dazzled_ns = None
        for key, lamp in self._lamps.items():
            change = lamp.seen(self._volts[key] - room, now_ns)
            if change is None and now_ns - self._told_ns[key] >= REPEAT_NS:
                change = _again(lamp, now_ns)
            if change is not None:
                self._told_ns[key] = now_ns
                self._say(key, change)

    def _say(self, key: str, change: Change) -> None:
        self._tell(key, change.state, change.at_ns)
        if key == self._settings.running_lamp:
            self._tell("running", int(change.state == ON), change.at_ns)


def _again(lamp: Lamp, now_ns: int) -> Change | None:
    """What is told again: not in the middle of a change, and of a blinking lamp only what is certain."""
    if lamp.state is None or (lamp.state != BLINKING and lamp.sure_until_ns is not None):
        return None
    return Change(lamp.state, lamp.sure_until_ns or now_ns)


def _no_lamp(settings: Sensor) -> SensorError:
    lamp = settings.running_lamp
    return SensorError(
        Words(
            f"running_lamp の色({lamp})の入力が書かれていません。",
            f"The lamp of running_lamp ({lamp}) has no input.",
        ),
        Words(
            'green = 2 のように入力を書いてください。運転中を表す色がなければ running_lamp = "none" です。',
            'Hint: write green = 2, for example; running_lamp = "none" where no lamp means running.',
        ),
    )


def _wrong_limits(settings: Sensor) -> SensorError:
    return SensorError(
        Words(
            f"off_v({settings.off_v:g} V)は on_v({settings.on_v:g} V)より小さくします。",
            f"off_v ({settings.off_v:g} V) must be below on_v ({settings.on_v:g} V).",
        ),
        Words(
            "点灯と消灯のときの電圧を見て、その間に決めます。",
            "Hint: look at the voltage of a lit and of a dark lamp, and choose both between.",
        ),
    )


def _dazzled() -> SensorError:
    return SensorError(
        Words(
            "部屋の光が強すぎて、ランプを見分けられません。",
            "The room is so bright that no lamp can be told from it.",
        ),
        Words(
            "筒を長くして日光を防ぐか、10 kΩ を小さくしてください。",
            "Hint: keep the sun off with longer tubes, or use resistors smaller than 10 kilo-ohm.",
        ),
    )


# ---- the bench ----


@dataclass
class StackLight:
    """A stack light: each lamp "off", "on" or "blinking" (``blink_hz``), ``room`` and ``lamp`` volts of light."""

    clock: Clock
    supply: float = 3.3
    red: str = OFF
    amber: str = OFF
    green: str = OFF
    blink_hz: float = 1.0
    room: float = 0.3
    lamp: float = 2.0

    def volts(self, colour: str) -> float:
        """What the phototransistor in front of a lamp gives now."""
        state = getattr(self, colour)
        second = self.clock.monotonic_ns() / NS_PER_S
        lit = state == ON or (state == BLINKING and second * self.blink_hz % 1 < 0.5)
        return min(self.supply, self.room + self.lamp * lit)


def place(sensor: Sensor, bench: "Bench") -> StackLight:
    """Put the light sensors in front of a stack light."""
    tower = StackLight(bench.clock, sensor.supply)
    chip = sensor.chip_on(bench)
    for colour, channel in sensor.lamps.items():
        chip.volts[channel] = partial(tower.volts, colour)
    if sensor.ambient is not None:
        chip.volts[sensor.ambient] = lambda: min(tower.supply, tower.room)
    return tower


def handles(sensor: Sensor, _: "Bench", part: StackLight) -> Iterator[Handle]:
    """Its lamps, and the light of the room."""
    states = {OFF: Words("消灯", "off"), ON: Words("点灯", "on"), BLINKING: Words("点滅", "blinking")}
    for colour in sensor.lamps:
        said = COLOURS[colour]
        for state, word in states.items():
            title = Words(f"{said.ja} {word.ja}", f"{said.en} {word.en}")
            yield Push(f"{colour}_{state}", title, partial(setattr, part, colour, state))
    title = Words("部屋の明るさ", "the room's light")
    yield Knob("room", title, 0.0, sensor.supply, lambda: part.room, partial(setattr, part, "room"), "V")


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """A machine starts, stops, calls for material; a flicker, then the sun."""
    tower, lamps = place(sensor, bench), sensor.lamps
    wait_s = 3 * sensor.steady_s + 4 / tower.blink_hz

    def told(**states: str) -> dict[str, object]:
        values: dict[str, object] = {key: state for key, state in states.items() if key in lamps}
        lamp = sensor.running_lamp
        return values | ({"running": int(values[lamp] == ON)} if lamp in values else {})

    yield Expect(Words("すべて消えている", "all are dark"), told(red=OFF, amber=OFF, green=OFF), wait_s)
    tower.green = ON
    yield Expect(Words("動き出す", "it starts"), told(green=ON), wait_s)
    tower.green, tower.red = OFF, BLINKING
    yield Expect(Words("異常で止まる", "it stops with a fault"), told(green=OFF, red=BLINKING), wait_s)
    tower.red, tower.green = OFF, BLINKING
    yield Expect(
        Words("緑の点滅は運転ではない", "green that blinks is not running"), told(red=OFF, green=BLINKING), wait_s
    )
    tower.green, tower.amber = ON, ON
    yield Expect(Words("動いていて、材料を呼ぶ", "it runs and calls for material"), told(green=ON, amber=ON), wait_s)
    if sensor.ambient is not None:
        tower.room = 1.1
        yield Expect(Words("朝日が差す", "the morning sun comes in"), wait_s=wait_s)
        tower.room = 3.2
        yield Expect(Words("まぶしすぎる", "it is dazzled"), wait_s=40.0, error=True)
