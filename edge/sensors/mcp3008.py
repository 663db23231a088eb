"""Wiring: VDD and VREF to 3V3, AGND and DGND to GND, CLK to GPIO11 (pin 23), DOUT to GPIO9 (21), DIN to GPIO10 (19),
CS to GPIO8 (24, ``chip = 0``) or GPIO7 (26, ``chip = 1``); the signal, 0 to 3.3 V, to CH0 … CH7.

    [stations.washer.sensors.light]
    type = "mcp3008"
    channel = 0
    every_s = 1.0

A Pi has no analogue input: this chip gives it eight, 10 bits each. ``voltage`` is what lies on the channel. Never put
more than 3.3 V on it: a 0-10 V or 4-20 mA signal needs a divider or a 150 ohm resistor, and a machine's signal an
isolator. Switch SPI on first (``sudo raspi-config``).

The chip sends its answer twice, forwards and backwards; where the two differ, a wire is loose or too long, and that is
reported instead of a number. A chip that is not there at all reads as 0 V and cannot be told from it.

Source: Microchip DS21295D, 5.0 (serial communication, figures 5-1 and 5-2), 1.0 (clock up to 1.35 MHz at 2.7 V).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from contract.catalogue import Measure, Part, Wire, setting
from contract.errors import SensorError
from contract.reading import Value
from contract.words import Words
from edge.analogue import Signal, volts_of
from edge.board import Board, SPIDevice
from edge.handles import Knob
from edge.sensors import Expect, Polled

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("アナログ入力(MCP3008)", "Analogue input (MCP3008)")
ABOUT_JA = """\
Pi にはアナログの入力がありません。MCP3008 は、明るさや圧力などの電圧を8点まで、10 ビットで読む部品です。

気をつけること: 入力できるのは 0 から 3.3 V までです。4-20 mA は 150 Ω で、0-10 V は分圧で電圧に直し、
機械の信号は絶縁してからつなぎます。線は短くし、先に raspi-config で SPI を有効にします。

見えないこと: チップに電源が来ていないときも 0 V と読めるので、本当の 0 V と見分けられません。
"""
STYLE: Literal["polled"] = "polled"
MEASURES = (Measure("voltage", Words("電圧", "voltage"), "V", low=0, high=5.5, decimals=3),)
PARTS = (Part("mcp3008", 1), Part("breadboard", 1), Part("wire-m-f", 8))
TERMINALS = (
    Wire("VDD", "3V3"),
    Wire("VREF", "3V3", note=Words("CH0〜CH7 に 3.3 V を超える電圧をかけない", "never more than 3.3 V on CH0 to CH7")),
    Wire("AGND", "GND"),
    Wire("DGND", "GND"),
    Wire("CLK", "SCLK"),
    Wire("DOUT", "MISO"),
    Wire("DIN", "MOSI"),
    Wire("CS", "CE0", setting="chip", note=Words("chip = 1 なら CE1", "CE1 where chip = 1")),
)

HZ = 1_000_000
STEPS = 1024


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One channel of the chip."""

    channel: int = setting(Words("チャンネル(CH0〜CH7)", "channel (CH0 to CH7)"), "channel", low=0, high=7)
    chip: int = setting(
        Words("チップセレクト(CE0 か CE1)", "chip select (CE0 or CE1)"), "whole", default=0, low=0, high=1
    )
    bus: int = setting(Words("SPI バスの番号", "SPI bus"), "whole", default=0, low=0, high=1)
    vref: float = setting(Words("VREF の電圧", "voltage at VREF"), "number", default=3.3, unit="V", low=0.25, high=5.5)
    every_s: float = setting(Words("読む間隔", "reading interval"), "number", default=1.0, unit="s", low=0.1, high=3600)

    def open(self, board: Board) -> Polled:
        """Take the chip. Raises SensorError."""
        return Channel(self, board.spi(self.bus, self.chip, HZ))


class Channel:
    """The chip, opened for one sensor."""

    def __init__(self, settings: Sensor, chip: SPIDevice) -> None:
        self._settings = settings
        self._chip = chip

    def read(self) -> Mapping[str, Value]:
        """The sensor's own channel."""
        return {"voltage": self.volts(self._settings.channel)}

    def volts(self, channel: int) -> float:
        """What lies on any of the channels. Raises SensorError."""
        settings = self._settings
        try:
            answer = self._chip.transfer(asked(channel))
        except OSError as error:
            raise _garbled(settings, str(error)) from error
        steps = answered(answer)
        if steps is None:
            raise _garbled(settings, bytes(answer).hex(" "))
        return steps * settings.vref / STEPS

    def close(self) -> None:
        """Give the chip back."""
        self._chip.close()


def asked(channel: int) -> bytes:
    """Start bit, single-ended, the channel in three bits; then clocks for the answer and its mirror image."""
    return bytes([0x01, 0x80 | channel << 4, 0, 0, 0])


def answered(answer: Sequence[int]) -> int | None:
    """The ten bits after the null bit, or None if that or the mirror image behind them is wrong."""
    bits = int.from_bytes(bytes(answer), "big")
    null, steps, mirror = bits >> 26 & 1, bits >> 16 & 0x3FF, bits >> 7 & 0x1FF
    backwards = int(f"{steps >> 1:09b}"[::-1], 2)
    return steps if not null and mirror == backwards else None


def _garbled(settings: Sensor, why: str) -> SensorError:
    return SensorError(
        Words(
            f"SPI バス {settings.bus} の CE{settings.chip} の MCP3008 の返事が壊れています({why})。",
            f"The MCP3008 at SPI bus {settings.bus} CE{settings.chip} answers nonsense: {why}.",
        ),
        Words(
            "CLK・DOUT・DIN・CS の線を短くし、差し込みを確認してください。",
            "Hint: keep CLK, DOUT, DIN and CS short and check that they sit firmly.",
        ),
    )


class Chip:
    """An MCP3008 as the bus sees it, bit by bit. ``volts`` are its inputs; ``flips`` spoils that bit of each answer."""

    modes = (0, 3)
    max_hz = 1_350_000

    def __init__(self, vref: float = 3.3) -> None:
        self.volts: list[Signal] = [0.0] * 8
        self.vref = vref
        self.flips: int | None = None

    def transfer(self, data: bytes) -> bytes:
        """One selection: leading zeros, start bit, mode, channel, half a clock, null bit, B9 … B0, B1 … B9, zeros."""
        length = 8 * len(data)
        heard = f"{int.from_bytes(data, 'big'):0{length}b}"
        start = heard.find("1")
        if start < 0 or start + 5 > length:
            return bytes(len(data))
        word = f"{self._steps(int(heard[start + 2 : start + 5], 2)):010b}"
        said = ("0" * (start + 7) + word + word[-2::-1]).ljust(length, "0")[:length]
        answer = int(said, 2) ^ (0 if self.flips is None else 1 << self.flips)
        return answer.to_bytes(len(data), "big")

    def _steps(self, channel: int) -> int:
        return min(STEPS - 1, max(0, int(volts_of(self.volts[channel]) * STEPS / self.vref)))


def place(sensor: Sensor, bench: "Bench") -> Chip:
    """Plug an MCP3008 in."""
    chip = Chip(sensor.vref)
    bench.spi_chip(sensor.bus, sensor.chip, chip)
    return chip


def handles(sensor: Sensor, _: "Bench", part: Chip) -> Iterator[Knob]:
    """The voltage on this sensor's channel."""
    at = sensor.channel

    def turn(volts: float) -> None:
        part.volts[at] = volts

    yield Knob(
        "voltage",
        Words(f"CH{at} の電圧", f"voltage on CH{at}"),
        0,
        sensor.vref,
        lambda: volts_of(part.volts[at]),
        turn,
        "V",
    )


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """A knob is turned from end to end, then a wire comes loose."""
    chip = place(sensor, bench)
    step = sensor.vref / STEPS
    for part in (0.0, 0.25, 0.5, 0.999):
        chip.volts[sensor.channel] = volts = part * sensor.vref
        said = Words(f"つまみを {part:.0%} に", f"the knob at {part:.0%}")
        yield Expect(said, {"voltage": volts}, wait_s=sensor.every_s, tolerance=step)
    chip.flips = 18
    yield Expect(Words("線がゆるんでいる", "a wire is loose"), error=True)
    chip.flips = None
    yield Expect(Words("差し直した", "it sits firmly again"), {"voltage": volts}, tolerance=step)
