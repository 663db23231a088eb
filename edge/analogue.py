"""Voltages for sensors that need one: through a channel of an ADS1115 (I2C) or an MCP3008 (SPI), as the settings say.

    converter = settings.converter_on(board)
    volts = yield from scan(converter, (0, 1, 2))
    samples = yield from burst(converter, board.clock, 0)

Both are work with pauses (`edge.paced`): nothing waits, neither a lane of a Pi nor a clock that is turned by hand.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from contract.catalogue import Part, Wire, setting
from contract.errors import SensorError
from contract.reading import NS_PER_S
from contract.words import Words
from edge.board import Board
from edge.clock import Clock

if TYPE_CHECKING:
    from edge.bench import Bench

Signal = float | Callable[[], float]
"""What lies on a bench converter's input: volts, or what gives the volts of this moment."""

T = TypeVar("T")
Work = Generator[float, None, T]
"""Yields the seconds it pauses, gives a T in the end."""

WAIT_S = 0.003
"""So often a sensor looks whether the converter is free."""

PATIENCE = 3
"""So many times the longest conversion is waited for before the chip is called stuck."""

WINDOW_NS = NS_PER_S // 5
"""200 ms are 10 periods of 50 Hz and 12 of 60 Hz: whole ones in eastern and western Japan alike."""

LONGEST_GAP_NS = 8_000_000
"""Between two samples of a burst; after a longer one half a period of the mains is missing."""


_ADS1115, _MCP3008 = ("converter", "ads1115"), ("converter", "mcp3008")

ADS1115_STRAPS = (
    Wire("ADDR", "GND", note=Words("GND でアドレス 0x48", "GND: address 0x48"), address=0x48),
    Wire("ADDR", "3V3", note=Words("3V3(VDD)でアドレス 0x49", "3V3 (VDD): address 0x49"), address=0x49),
    Wire("ADDR", "SDA", note=Words("SDA でアドレス 0x4a", "SDA: address 0x4a"), address=0x4A),
    Wire("ADDR", "SCL", note=Words("SCL でアドレス 0x4b", "SCL: address 0x4b"), address=0x4B),
)
"""Where an ADS1115's ADDR goes. Source: TI SBAS444D, table 4."""

CONVERTER_PARTS = (
    Part("ads1115", 1, Words("入力は4つ。ほかのセンサーと共用できる", "four inputs, to share with others"), _ADS1115),
    Part("mcp3008", 1, Words("入力は8つ。ほかのセンサーと共用できる", "eight inputs, to share with others"), _MCP3008),
    Part("breadboard", 1),
    Part("wire-m-f", 8),
)
"""What every sensor that is read through a converter needs beside itself."""

CONVERTER_TERMINALS = (
    Wire("VDD", "3V3", note=Words("5V につながない", "never to 5V"), when=_ADS1115),
    Wire("GND", "GND", when=_ADS1115),
    *(replace(strap, when=_ADS1115) for strap in ADS1115_STRAPS),
    Wire("SDA", "SDA", when=_ADS1115),
    Wire("SCL", "SCL", when=_ADS1115),
    Wire("VDD", "3V3", note=Words("5V につながない", "never to 5V"), when=_MCP3008),
    Wire("VREF", "3V3", when=_MCP3008),
    Wire("AGND", "GND", when=_MCP3008),
    Wire("DGND", "GND", when=_MCP3008),
    Wire("CLK", "SCLK", when=_MCP3008),
    Wire("DOUT", "MISO", when=_MCP3008),
    Wire("DIN", "MOSI", when=_MCP3008),
    Wire("CS", "CE0", setting="chip", note=Words("chip = 1 なら CE1", "CE1 where chip = 1"), when=_MCP3008),
)
"""The converter's own wires."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A voltage and its moment (monotonic)."""

    at_ns: int
    volts: float


class Converter(Protocol):
    """A converter as one sensor holds it. Every verb raises SensorError when it does not answer.

    ``pause_s``: seconds a conversion takes at most, 0 where the answer comes at once. ``points``: samples of a burst: a
    prime number, so that in whole periods of the mains no harmonic below half of it is taken for another one.
    """

    pause_s: float
    points: int

    def take(self) -> bool:
        """Have it for oneself until :meth:`give_back`; False while another sensor has it."""

    def give_back(self) -> None:
        """Let others have it."""

    def start(self, channel: int) -> None:
        """Begin a conversion."""

    def done(self) -> bool:
        """Whether it is done. Raises SensorError if the chip no longer does what it was told."""

    def volts(self) -> float:
        """The result of the last one."""

    def stuck(self) -> SensorError:
        """What to say of a conversion that does not end."""

    def close(self) -> None:
        """Give everything back."""


@dataclass(frozen=True, kw_only=True)
class ConverterSettings:
    """The settings of every sensor that is read through a converter; a sensor's own come after them."""

    converter: str = setting(
        Words("アナログ変換器", "analogue converter"), "choice", default="ads1115", choices=("ads1115", "mcp3008")
    )
    address: int = setting(
        Words("ADS1115 の I2C アドレス", "I2C address of the ADS1115"),
        "i2c_address",
        default=0x48,
        choices=("0x48", "0x49", "0x4a", "0x4b"),
        when=("converter", "ads1115"),
    )
    chip: int = setting(
        Words("MCP3008 のチップセレクト(CE0 か CE1)", "chip select of the MCP3008 (CE0 or CE1)"),
        "whole",
        default=0,
        low=0,
        high=1,
        when=("converter", "mcp3008"),
    )
    bus: int | None = setting(
        Words("I2C か SPI のバスの番号(省略時: I2C は 1、SPI は 0)", "I2C or SPI bus (default: I2C 1, SPI 0)"),
        "whole",
        default=None,
        low=0,
        high=20,
    )
    supply: float = setting(
        Words("3V3 の実際の電圧(テスターで測った値)", "the real voltage of 3V3, as a tester shows it"),
        "number",
        default=3.3,
        unit="V",
        low=2.7,
        high=5.5,
    )

    @property
    def inputs(self) -> int:
        """How many inputs the converter has."""
        return 4 if self.converter == "ads1115" else 8

    def converter_on(self, board: Board, channels: Sequence[int], rate: int = 860) -> Converter:
        """The converter, for these channels; ``rate`` in samples a second (ADS1115). Raises SensorError."""
        for channel in channels:
            if not 0 <= channel < self.inputs:
                raise _no_such_input(self.converter, self.inputs, channel)
        if self.converter == "ads1115":
            from edge.sensors import ads1115

            where = ads1115.Place(self.address, 1 if self.bus is None else self.bus)
            return ads1115.Converter(board, where, rate=rate)
        from edge.sensors import mcp3008

        bus = 0 if self.bus is None else self.bus
        return _Mcp3008(board, mcp3008.Sensor(channel=channels[0], chip=self.chip, bus=bus, vref=self.supply))

    def chip_on(self, bench: "Bench") -> Any:
        """The chip's model on the bench, plugged in unless it is there already; ``volts`` are its inputs."""
        if self.converter == "ads1115":
            from edge.sensors import ads1115

            bus = 1 if self.bus is None else self.bus
            there = bench.i2c_chip_at(bus, self.address)
            chip = there if isinstance(there, ads1115.Chip) else ads1115.Chip(bench.clock, self.supply)
            bench.i2c_chip(bus, self.address, chip)
            return chip
        from edge.sensors import mcp3008

        bus = 0 if self.bus is None else self.bus
        found = bench.spi_chip_at(bus, self.chip)
        other = found if isinstance(found, mcp3008.Chip) else mcp3008.Chip(self.supply)
        bench.spi_chip(bus, self.chip, other)
        return other

    def take_out(self, bench: "Bench") -> None:
        """Take the chip off the bench."""
        if self.converter == "ads1115":
            bench.i2c_chip(1 if self.bus is None else self.bus, self.address, None)
        else:
            bench.spi_chip(0 if self.bus is None else self.bus, self.chip, None)


def scan(converter: Converter, channels: Sequence[int]) -> Work[tuple[float, ...]]:
    """The volts of some channels, one after the other."""
    yield from _turn(converter)
    try:
        found = []
        for channel in channels:
            converter.start(channel)
            if converter.pause_s:
                yield converter.pause_s
            yield from _until_done(converter)
            found.append(converter.volts())
        return tuple(found)
    finally:
        converter.give_back()


def burst(converter: Converter, clock: Clock, channel: int, window_ns: int = WINDOW_NS) -> Work[list[Sample]]:
    """Samples of one channel at even distances, the first at the beginning and the last at the end of the window.

    On a busy machine they come late; they are dated, so that `true_rms` can do with that or refuse it.
    """
    yield from _turn(converter)
    try:
        times = [clock.monotonic_ns()]
        found: list[float] = []
        converter.start(channel)
        for i in range(1, converter.points + 1):
            due_ns = times[0] + i * window_ns // converter.points
            if (early_ns := due_ns - clock.monotonic_ns()) > 0:
                yield early_ns / NS_PER_S
            found.append(converter.volts())
            times.append(clock.monotonic_ns())
            converter.start(channel)
        if converter.pause_s:
            yield converter.pause_s
        yield from _until_done(converter)
        found.append(converter.volts())
        return [Sample(at_ns, volts) for at_ns, volts in zip(times, found, strict=True)]
    finally:
        converter.give_back()


def _turn(converter: Converter) -> Work[None]:
    while not converter.take():
        yield WAIT_S


def _until_done(converter: Converter) -> Work[None]:
    for _ in range(PATIENCE):
        if converter.done():
            return
        yield converter.pause_s
    if not converter.done():
        raise converter.stuck()


@dataclass(frozen=True, slots=True)
class Wave:
    """What a burst shows: its mean, and the root mean square of what lies about the mean (volts)."""

    mean: float
    rms: float
    lowest: float
    highest: float


def true_rms(samples: Sequence[Sample], window_ns: int = WINDOW_NS) -> Wave | None:
    """The wave of a burst, each sample weighted by the time it stands for; None if it has too great a gap.

    The part of the last stretch that lies beyond the window is cut off.
    """
    end_ns = samples[0].at_ns + window_ns
    if samples[-1].at_ns < end_ns or any(b.at_ns - a.at_ns > LONGEST_GAP_NS for a, b in pairwise(samples)):
        return None
    weights = [0.0] * len(samples)
    for i, (a, b) in enumerate(pairwise(samples)):
        whole = b.at_ns - a.at_ns
        inside = max(0, min(b.at_ns, end_ns) - a.at_ns)
        if whole:
            second = inside * inside / whole / 2
            weights[i] += inside - second
            weights[i + 1] += second
    all_of_it = sum(weights)
    mean = sum(w * s.volts for w, s in zip(weights, samples, strict=True)) / all_of_it
    square = sum(w * (s.volts - mean) ** 2 for w, s in zip(weights, samples, strict=True)) / all_of_it
    heights = [s.volts for s in samples]
    return Wave(mean, sqrt(square), min(heights), max(heights))


def volts_of(signal: Signal) -> float:
    """What lies on a bench converter's input now."""
    return signal() if callable(signal) else signal


class _Mcp3008:
    """An MCP3008: its answer comes with the question, and a question is one transfer, so nobody has to wait."""

    pause_s = 0.0
    points = 101

    def __init__(self, board: Board, settings: Any) -> None:
        from edge.sensors import mcp3008

        self._channel = mcp3008.Channel(settings, board.spi(settings.bus, settings.chip, mcp3008.HZ))
        self._volts = 0.0

    def take(self) -> bool:
        return True

    def give_back(self) -> None:
        """Nobody waits for it."""

    def start(self, channel: int) -> None:
        self._volts = self._channel.volts(channel)

    def done(self) -> bool:
        return True

    def volts(self) -> float:
        return self._volts

    def stuck(self) -> SensorError:
        raise AssertionError("an answer is always done")

    def close(self) -> None:
        self._channel.close()


def _no_such_input(converter: str, inputs: int, channel: int) -> SensorError:
    name = converter.upper()
    return SensorError(
        Words(f"{name} に入力 {channel} はありません。", f"An {name} has no input {channel}."),
        Words(f"入力は 0 から {inputs - 1} です。", f"Hint: its inputs are 0 to {inputs - 1}."),
    )
