"""Wiring: a resistor (``fixed_ohm``) from 3V3 (header pin 1) to the converter's input, the thermistor from there to GND
(or the other way round: ``side = "3v3"``); the converter as `ads1115` or `mcp3008` says.

    [stations.furnace.sensors.oil]
    type = "thermistor"
    channel = 0
    beta = 3435
    every_s = 5.0

Temperature by an NTC thermistor: cheap, thin, quick. Its data sheet gives ``nominal_ohm`` at 25 °C (10 kilo-ohms are
usual) and ``beta``, the B constant of 25/85 °C (3435 for a 103AT, 3380, 3950 or 3977 for others). Choose ``fixed_ohm``
as great as the thermistor is in the middle of what you measure.

The resistor and the thermistor divide 3V3. An MCP3008 measures against the same 3V3, so its height does not matter. An
ADS1115 has its own reference: write what a tester shows at 3V3 into ``supply`` (1 % off is 0.5 °C), or wire 3V3 to
another input and name it in ``supply_channel``; then it is measured each time. Ten samples, 10 ms apart, are averaged:
whole periods of 50 and 60 Hz, so hum picked up by a long wire goes away. A wire that is off or shorted is reported.

One constant does not follow the whole curve: it reads within 0.5 °C between 10 and 100 °C, about 1 °C too high at 0 °C
and 2 to 3 °C too high at -20 °C. Not implemented: Steinhart and Hart's equation, tables, self-heating (0.3 mW here,
less than 0.2 °C in still air).

Source: the B equation, R = R25 exp(B (1/T - 1/T25)), as in the makers' catalogues; how
far it is off: Amphenol Thermometrics, Sensor Temperature Resistance Curves, Rev. C (2014), material type 1.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from math import exp, log
from typing import TYPE_CHECKING, Literal

from contract.catalogue import Measure, Part, Wire, setting
from contract.errors import SensorError
from contract.reading import NS_PER_S
from contract.words import Words
from edge.analogue import CONVERTER_PARTS, CONVERTER_TERMINALS, ConverterSettings, scan
from edge.board import Board
from edge.handles import Handle, Push, turned
from edge.paced import Paced
from edge.sensors import Expect, Listening, Tell

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("サーミスタ(温度)", "Thermistor (temperature)")
ABOUT_JA = """\
NTC サーミスタで温度を測ります。安く、細く、速いので、狭い所や油の温度に向いています。

気をつけること: nominal_ohm(25 °C での抵抗)と beta(B 定数)を、部品の説明書から写します。fixed_ohm は、
測りたい温度の真ん中での抵抗と同じくらいにします。ADS1115 で読むときは、3V3 の実際の電圧を supply に書きます。

見えないこと: 10 から 100 °C では 0.5 °C 以内ですが、0 °C で約 1 °C、-20 °C では 2 から 3 °C 高く読めます。
beta を間違えても、ずれた値が静かに出ます。
"""
STYLE: Literal["event"] = "event"
MEASURES = (Measure("temperature", Words("温度", "temperature"), "°C", low=-50, high=150, decimals=1),)
_TO_NTC = Words("もう一方は NTC 1 へ", "its other end to NTC 1")
PARTS = (
    Part("thermistor-10k", 1),
    Part("resistor-10k", 1, Words("1 % の金属皮膜", "1 %, metal film")),
    *CONVERTER_PARTS,
)
TERMINALS = (
    Wire("NTC 1", "AIN", setting="channel", note=Words("抵抗との中点", "where it meets the resistor")),
    Wire("NTC 2", "GND", when=("side", "gnd")),
    Wire("R", "3V3", through="resistor-10k", note=_TO_NTC, when=("side", "gnd")),
    Wire("NTC 2", "3V3", when=("side", "3v3")),
    Wire("R", "GND", through="resistor-10k", note=_TO_NTC, when=("side", "3v3")),
    *CONVERTER_TERMINALS,
)

KELVIN, T25 = 273.15, 298.15
SAMPLES, APART_S, RATE = 10, 0.010, 250
NEARLY = 0.01
"""So near to either end of the divider there is no thermistor, but a wire that is off, or a short."""


@dataclass(frozen=True, kw_only=True)
class Sensor(ConverterSettings):
    """One thermistor in one divider."""

    channel: int = setting(Words("変換器の入力", "the converter's input"), "channel", low=0, high=7)
    beta: float = setting(
        Words("B 定数(25/85 °C、K)", "B constant (25/85 °C, in K)"), "number", default=3435.0, low=1000, high=6000
    )
    nominal_ohm: float = setting(
        Words("25 °C での抵抗", "resistance at 25 °C"), "number", default=10_000.0, unit="ohm", low=100, high=1e6
    )
    fixed_ohm: float = setting(
        Words("分圧の抵抗", "resistor of the divider"), "number", default=10_000.0, unit="ohm", low=100, high=1e6
    )
    side: str = setting(
        Words("サーミスタがつながる側", "where the thermistor is wired to"),
        "choice",
        default="gnd",
        choices=("gnd", "3v3"),
    )
    supply_channel: int | None = setting(
        Words("3V3 を測る入力(省略時: supply の値を使う)", "input that measures 3V3 (default: supply is believed)"),
        "whole",
        default=None,
        low=0,
        high=7,
    )
    every_s: float = setting(Words("読む間隔", "reading interval"), "number", default=5.0, unit="s", low=0.5, high=3600)

    def listen(self, board: Board, tell: Tell) -> Listening:
        """Begin to measure. Raises SensorError."""
        return _Thermistor(self, board, tell)


class _Thermistor:
    def __init__(self, settings: Sensor, board: Board, tell: Tell) -> None:
        self._settings, self._clock, self._tell = settings, board.clock, tell
        extra = () if settings.supply_channel is None else (settings.supply_channel,)
        self._channels = (settings.channel, *extra)
        self._converter = settings.converter_on(board, self._channels, RATE)
        self._work = Paced(board.clock, self._measure())

    def health(self) -> Mapping[str, int]:
        return {}

    def check(self) -> None:
        """What goes wrong is told where it happens."""

    def close(self) -> None:
        self._work.close()
        self._converter.close()

    def _measure(self) -> Iterator[float]:
        while True:
            begin_ns = self._clock.monotonic_ns()
            shares: list[float] = []
            for i in range(SAMPLES):
                if i:
                    yield self._until(begin_ns, i * APART_S)
                at, *supply = yield from scan(self._converter, self._channels)
                shares.append(at / _sound(*supply) if supply else at / self._settings.supply)
            share = sum(shares) / SAMPLES
            self._tell("temperature", temperature(resistance(share, self._settings), self._settings), self._now())
            yield self._until(begin_ns, self._settings.every_s)

    def _until(self, begin_ns: int, after_s: float) -> float:
        return max(0.0, after_s - (self._now() - begin_ns) / NS_PER_S)

    def _now(self) -> int:
        return self._clock.monotonic_ns()


def resistance(share: float, settings: Sensor) -> float:
    """Ohms of the thermistor; ``share``: the input's voltage over the divider's. Raises SensorError (open, short)."""
    low_side = settings.side == "gnd"
    across = share if low_side else 1 - share
    if across > 1 - NEARLY:
        raise _no_thermistor(settings, Words("の線が外れています", "is open: a wire is off"))
    if across < NEARLY:
        raise _no_thermistor(settings, Words("がショートしています", "is shorted"))
    return settings.fixed_ohm * across / (1 - across)


def temperature(ohm: float, settings: Sensor) -> float:
    """°C of a resistance."""
    return 1 / (1 / T25 + log(ohm / settings.nominal_ohm) / settings.beta) - KELVIN


def ohms(celsius: float, settings: Sensor) -> float:
    """The resistance at a temperature."""
    return settings.nominal_ohm * exp(settings.beta * (1 / (celsius + KELVIN) - 1 / T25))


def _sound(supply: float) -> float:
    """The measured supply. Raises SensorError if there is none."""
    if supply < 1.0:
        raise SensorError(
            Words(
                "supply_channel の入力に 3V3 が来ていません。",
                "There is no 3V3 on the input supply_channel.",
            ),
            Words("3V3 とその入力をつないでください。", "Hint: wire 3V3 to that input."),
        )
    return supply


def _no_thermistor(settings: Sensor, what: Words) -> SensorError:
    name = settings.converter.upper()
    return SensorError(
        Words(
            f"{name} の入力 {settings.channel} のサーミスタ{what.ja}。",
            f"The thermistor at input {settings.channel} of the {name} {what.en}.",
        ),
        Words(
            "サーミスタと分圧抵抗の配線を確認してください。"
            "抵抗と温度がかけ離れていると(fixed_ohm)、同じように見えます。MCP3008 の電源が来ていないときは 0 V です。",
            "Hint: check the thermistor's and the resistor's wires. A fixed_ohm far from the thermistor's own looks "
            "the same, and an MCP3008 without its supply reads 0 V.",
        ),
    )


# ---- the bench ----


@dataclass
class Divider:
    """A thermistor at ``temperature`` °C in its divider on ``supply`` volts; ``broken`` is "open" or "short"."""

    settings: Sensor
    temperature: float = 25.0
    supply: float = 3.3
    broken: Literal["", "open", "short"] = ""

    def volts(self) -> float:
        """What the converter's input sees."""
        ohm = {"open": 1e9, "short": 0.1}.get(self.broken) or ohms(self.temperature, self.settings)
        part = ohm / (ohm + self.settings.fixed_ohm)
        return self.supply * (part if self.settings.side == "gnd" else 1 - part)


def place(sensor: Sensor, bench: "Bench") -> Divider:
    """Wire a thermistor to the converter."""
    divider = Divider(sensor, supply=sensor.supply)
    chip = sensor.chip_on(bench)
    chip.volts[sensor.channel] = divider.volts
    if sensor.supply_channel is not None:
        chip.volts[sensor.supply_channel] = lambda: divider.supply
    return divider


def handles(_: Sensor, bench: "Bench", part: Divider) -> Iterator[Handle]:  # noqa: ARG001
    """Its temperature, and what happens to its wires."""
    knob = turned(MEASURES[0], part)
    if knob is not None:
        yield knob
    for key, said in (
        ("open", Words("断線", "open")),
        ("short", Words("ショート", "short")),
        ("", Words("正常", "well")),
    ):
        yield Push(key or "well", said, partial(setattr, part, "broken", key))


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """An oil tank warms up, a morning is cold, a wire comes off, it is shorted, all is mended."""
    divider = place(sensor, bench)
    yield Expect(Words("最初の測定はまだ終わっていない", "the first measurement is not done"))
    half_s = 0.5 * sensor.every_s
    yield Expect(Words("室温", "room temperature"), {"temperature": 25.0}, wait_s=half_s, tolerance=0.2)
    for said, there in ((Words("油が温まる", "the oil is warm"), 62.5), (Words("冷えた朝", "a cold morning"), -5.0)):
        divider.temperature = there
        yield Expect(said, {"temperature": there}, wait_s=sensor.every_s, tolerance=0.3)
    divider.broken = "open"
    yield Expect(Words("線が外れた", "a wire came off"), wait_s=sensor.every_s, error=True)
    divider.broken = "short"
    yield Expect(Words("ショートした", "it is shorted"), wait_s=sensor.every_s, error=True)
    divider.broken = ""
    yield Expect(Words("直した", "it is mended"), {"temperature": -5.0}, wait_s=half_s, tolerance=0.3)
