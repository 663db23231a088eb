"""Wiring: VIN (or VDD) to 3V3 (header pin 1), GND to GND, SDA to GPIO2 (pin 3), SCL to GPIO3 (pin 5).

    [stations.store.sensors.air]
    type = "sht31"
    address = 0x44
    every_s = 10.0

Temperature and humidity, for SHT30, SHT31 and SHT35 alike; more exact than a BME280 (SHT31: 0.2 °C, 2 %). The address
is 0x44, or 0x45 where ADDR is wired to 3V3. Switch I2C on first (``sudo raspi-config``).

When opened, the chip is reset, its heater switched off, and both are checked. Then it measures once a second on demand
(single shot, high repeatability, no clock stretching, which a Pi's I2C does not bear), so a reading is at most a second
old and nobody waits for it. Every value carries a check byte: a wire that spoils a bit, or another chip at that address
(an INA219 can be there), is reported instead of a number. A supply that failed for a moment needs no care, since every
measurement is asked for anew. The chip has no id: an SHT4x knows none of the commands and is reported as not there.

Not implemented: periodic mode, ART, the alert pin and its limits.

Source: Sensirion SHT3x-DIS data sheet, version 5 (May 2018): table 4 (times), 4.2 to 4.4 (single shot), 4.8 and 4.9
(break, soft reset), 4.10 (heater), 4.11 (status), 4.12 (check byte), 4.13 (conversion).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from contract.catalogue import Measure, Part, Wire, setting
from contract.errors import SensorError
from contract.reading import Value
from contract.words import Words
from edge import troubles
from edge.board import Board, I2CBus
from edge.clock import Clock
from edge.crc8 import crc8
from edge.i2c_messages import ask, hear, tell
from edge.paced import Paced
from edge.sensors import Expect, Polled

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("温度・湿度(SHT31)", "Temperature and humidity (SHT31)")
ABOUT_JA = """\
温度と湿度を、BME280 より正確に測ります(SHT31 の誤差は 0.2 °C、2 % ほど)。倉庫や保管庫の記録に向いています。

気をつけること: 電源は 3V3 です。ADDR を 3V3 につなぐと、アドレスは 0x45 です。
INA219 が同じアドレスになることがあるので、基板のジャンパーを確かめてください。SHT4x は別の部品で、読めません。

見えないこと: 値は最大1秒前のものです。測っているのは部品のまわりの空気だけなので、
機械や Pi の熱が当たる所では、部屋の温度になりません。
"""
STYLE: Literal["polled"] = "polled"
MEASURES = (
    Measure("temperature", Words("温度", "temperature"), "°C", low=-40, high=125, decimals=2),
    Measure("humidity", Words("湿度", "humidity"), "%", low=0, high=100, decimals=1),
)
PARTS = (
    Part("sht31", 1),
    Part("wire-f-f", 4),
    Part("wire-f-f", 1, Words("アドレスを変える線", "the strap of the address"), when=("address", 0x45)),
)
TERMINALS = (
    Wire("VIN", "3V3"),
    Wire("GND", "GND"),
    Wire("SDA", "SDA"),
    Wire("SCL", "SCL"),
    Wire("ADDR", "3V3", note=Words("3V3 でアドレス 0x45", "3V3: address 0x45"), address=0x45),
)

SINGLE_SHOT, BREAK, SOFT_RESET, HEATER_OFF, HEATER_ON, STATUS = 0x2400, 0x3093, 0x30A2, 0x3066, 0x306D, 0xF32D
HEATER = 1 << 13
TAKES_S = 0.02
"""Table 4: at most 15 ms at high repeatability, 15.5 ms in later versions of the data sheet."""
BETWEEN_S = 0.002
"""1 ms between two commands (4); a soft reset takes at most 1.5 ms (table 4)."""
PERIOD_S = 1.0
STEPS = 65535


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One chip on one I2C bus."""

    address: int = setting(Words("I2C アドレス", "I2C address"), "i2c_address", default=0x44, choices=("0x44", "0x45"))
    bus: int = setting(Words("I2C バスの番号", "I2C bus"), "whole", default=1, low=0, high=20)
    every_s: float = setting(Words("読む間隔", "reading interval"), "number", default=10.0, unit="s", low=1, high=3600)

    def open(self, board: Board) -> Polled:
        """Reset it and let it measure. Raises SensorError."""
        return _Air(self, board.i2c(self.bus), board.clock)


class _Air:
    def __init__(self, settings: Sensor, bus: I2CBus, clock: Clock) -> None:
        self._settings = settings
        self._bus = bus
        self._newest: Mapping[str, Value] = {}
        self._work = Paced(clock, self._measuring())

    def read(self) -> Mapping[str, Value]:
        return self._newest

    def close(self) -> None:
        self._work.close()

    def _measuring(self) -> Iterator[float]:
        try:
            yield from self._begin()
            while True:
                self._tell(SINGLE_SHOT)
                yield TAKES_S
                self._newest = air(*words(hear(self._bus, self._settings.address, 6), self._settings.address))
                yield PERIOD_S - TAKES_S
        except SensorError:
            raise
        except OSError as error:
            raise troubles.no_chip(self._settings.address, self._settings.bus, str(error)) from error

    def _begin(self) -> Iterator[float]:
        for command in (BREAK, SOFT_RESET, HEATER_OFF):
            self._tell(command)
            yield BETWEEN_S
        address = self._settings.address
        (status,) = words(ask(self._bus, address, STATUS.to_bytes(2, "big"), 3), address)
        if status & HEATER:
            raise _not_itself(address, f"status 0x{status:04x}")
        yield BETWEEN_S

    def _tell(self, command: int) -> None:
        tell(self._bus, self._settings.address, *command.to_bytes(2, "big"))


def words(frame: bytes, address: int) -> tuple[int, ...]:
    """The 16-bit words of a frame, each followed by its check byte. Raises SensorError for a wrong one."""
    parts = [frame[at : at + 3] for at in range(0, len(frame), 3)]
    if any(len(part) < 3 or crc8(part) for part in parts):
        raise _not_itself(address, frame.hex(" "))
    return tuple(part[0] << 8 | part[1] for part in parts)


def air(temperature: int, humidity: int) -> dict[str, float]:
    """°C and % of the two raw words (4.13)."""
    return {"temperature": -45 + 175 * temperature / STEPS, "humidity": 100 * humidity / STEPS}


def _not_itself(address: int, why: str) -> SensorError:
    return SensorError(
        Words(
            f"アドレス 0x{address:02x} の SHT31 の返事が壊れています({why})。",
            f"What the SHT31 at 0x{address:02x} answers is damaged: {why}.",
        ),
        Words(
            "SDA と SCL の線を短くし、差し込みと、そのアドレスの部品が SHT30/31/35 であることを確認してください。",
            "Hint: keep SDA and SCL short and firm, and see that the part at that address is an SHT30, 31 or 35.",
        ),
    )


# ---- the bench ----


class Chip:
    """An SHT31 as the bus sees it. Set ``temperature`` and ``humidity``; ``flips`` spoils that bit of each answer."""

    MEASURES_NS = 15_000_000

    def __init__(self, clock: Clock) -> None:
        self.temperature, self.humidity = 23.0, 45.0
        self.flips: int | None = None
        self.heater = False
        self._clock = clock
        self._ready_ns: int | None = None
        self._asked_status = False

    def write(self, data: bytes) -> None:
        """A command of two bytes."""
        command = int.from_bytes(data, "big")
        self._asked_status = command == STATUS
        if command == SINGLE_SHOT:
            self._ready_ns = self._clock.monotonic_ns() + self.MEASURES_NS
        elif command in (SOFT_RESET, HEATER_OFF, HEATER_ON):
            self.heater = command == HEATER_ON

    def read(self, length: int) -> bytes:
        """What was asked for; with nothing measured it does not answer at all."""
        frame = self._status() if self._asked_status else self._measured()
        self._asked_status = False
        if self.flips is not None:
            frame[self.flips // 8] ^= 1 << self.flips % 8
        return bytes(frame[:length]).ljust(length, b"\xff")

    def _status(self) -> bytearray:
        return _framed(HEATER if self.heater else 0)

    def _measured(self) -> bytearray:
        ready_ns, self._ready_ns = self._ready_ns, None
        if ready_ns is None or self._clock.monotonic_ns() < ready_ns:
            raise OSError(121, "Remote I/O error")
        raw = (self.temperature + 45) / 175, self.humidity / 100
        return _framed(*(min(STEPS, max(0, round(part * STEPS))) for part in raw))


def _framed(*raw: int) -> bytearray:
    pairs = [word.to_bytes(2, "big") for word in raw]
    return bytearray(b"".join(pair + bytes([crc8(pair)]) for pair in pairs))


def place(sensor: Sensor, bench: "Bench") -> Chip:
    """Plug an SHT31 in."""
    chip = Chip(bench.clock)
    bench.i2c_chip(sensor.bus, sensor.address, chip)
    return chip


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """A cold store, a rainy day, a spoilt bit, and a wire that comes off."""

    def measured(chip: Chip, temperature: float, humidity: float) -> dict[str, float]:
        chip.temperature, chip.humidity = temperature, humidity
        return {"temperature": temperature, "humidity": humidity}

    chip = place(sensor, bench)
    yield Expect(Words("最初の測定はまだ終わっていない", "the first measurement is not done"))
    cold = Words("冷蔵庫の中", "in the cold store")
    yield Expect(cold, measured(chip, 4.2, 81.0), wait_s=sensor.every_s, tolerance=0.01)
    rain = Words("雨の日の作業場", "the workshop on a rainy day")
    yield Expect(rain, measured(chip, 26.5, 93.5), wait_s=sensor.every_s, tolerance=0.01)
    chip.flips = 11
    yield Expect(Words("線が長すぎて1ビット化けた", "the wires are too long, a bit was spoilt"), wait_s=1.0, error=True)
    chip.flips = None
    yield Expect(Words("短くした", "they are shorter now"), measured(chip, 26.0, 90.0), wait_s=1.0, tolerance=0.01)
    bench.i2c_chip(sensor.bus, sensor.address, None)
    yield Expect(Words("線が外れた", "a wire came off"), wait_s=1.0, error=True)
