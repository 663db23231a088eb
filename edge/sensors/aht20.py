"""Wiring: VIN (or VDD) to 3V3 (header pin 1), GND to GND, SDA to GPIO2 (pin 3), SCL to GPIO3 (pin 5).

    [stations.store.sensors.air]
    type = "aht20"
    every_s = 10.0

Temperature and humidity (AHT20: 0.3 °C, 2 %; also sold as AHT21 and DHT20). The address is always 0x38, so one bus
carries one of them. Switch I2C on first (``sudo raspi-config``).

When opened, the chip is reset and must say that it is calibrated; if it does not, it is told to be once. Then it
measures every two seconds, the most often that does not warm it (data sheet: by less than 0.1 °C), so a reading is at
most two seconds old and nobody waits for it. Every measurement carries a check byte; a chip that stays busy, a wire
that spoils a bit, or another part at 0x38 is reported instead of a number. An AHT10 sends no check byte and is not
taken for an AHT20. A supply that failed for a moment needs no care, since every measurement is asked for anew.

Not implemented: the maker's routine that writes registers 0x1B, 0x1C and 0x1E of a chip without bit 4 in its status.

Source: ASAIR AHT20 data sheet V1.0, 5.3 (commands), 5.4 (sequence and times), 6 (conversion); Aosong DHT20 data sheet
V1.0 (May 2021), 7.3 (status), 7.4 (check byte), whose interface is the same.
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
from edge.i2c_messages import hear, tell
from edge.paced import Paced
from edge.sensors import Expect, Polled

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("温度・湿度(AHT20)", "Temperature and humidity (AHT20)")
ABOUT_JA = """\
倉庫や作業場の温度と湿度を測ります(AHT21、DHT20 の名でも売られています)。誤差は 0.3 °C、2 % ほどです。

気をつけること: アドレスは 0x38 だけなので、同じ I2C には1個しかつなげません。AHT10 は別の部品で、
このセンサーとしては読めません。先に raspi-config で I2C を有効にします。

見えないこと: 値は最大2秒前のものです。測っているのは部品のまわりの空気だけなので、
機械や Pi の熱が当たる所では、部屋の温度になりません。
"""
STYLE: Literal["polled"] = "polled"
MEASURES = (
    Measure("temperature", Words("温度", "temperature"), "°C", low=-40, high=85, decimals=2),
    Measure("humidity", Words("湿度", "humidity"), "%", low=0, high=100, decimals=1),
)
PARTS = (Part("aht20", 1), Part("wire-f-f", 4))
TERMINALS = (
    Wire("VIN", "3V3"),
    Wire("GND", "GND"),
    Wire("SDA", "SDA"),
    Wire("SCL", "SCL"),
)

ADDRESS = 0x38
RESET, CALIBRATE, MEASURE, GET_STATUS = (0xBA,), (0xBE, 0x08, 0x00), (0xAC, 0x33, 0x00), (0x71,)
BUSY, CALIBRATED = 0x80, 0x08
RESET_S, CALIBRATE_S, TAKES_S = 0.02, 0.02, 0.08
TRIES = 5
PERIOD_S = 2.0
STEPS = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """The one chip on one I2C bus."""

    address: int = setting(Words("I2C アドレス", "I2C address"), "i2c_address", default=ADDRESS, choices=("0x38",))
    bus: int = setting(Words("I2C バスの番号", "I2C bus"), "whole", default=1, low=0, high=20)
    every_s: float = setting(Words("読む間隔", "reading interval"), "number", default=10.0, unit="s", low=2, high=3600)

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
                yield from self._measure()
                yield PERIOD_S - TAKES_S
        except SensorError:
            raise
        except OSError as error:
            raise troubles.no_chip(self._settings.address, self._settings.bus, str(error)) from error

    def _begin(self) -> Iterator[float]:
        self._tell(RESET)
        yield RESET_S
        if not self._status() & CALIBRATED:
            self._tell(CALIBRATE)
            yield CALIBRATE_S
            if not self._status() & CALIBRATED:
                raise _not_itself(Words("校正されていません", "not calibrated"))

    def _measure(self) -> Iterator[float]:
        self._tell(MEASURE)
        yield TAKES_S
        frame = self._hear(7)
        for _ in range(TRIES):
            if not frame[0] & BUSY:
                self._newest = air(frame)
                return
            yield TAKES_S / TRIES
            frame = self._hear(7)
        raise _not_itself(Words(f"測定が終わりません: {frame.hex(' ')}", f"stays busy: {frame.hex(' ')}"))

    def _status(self) -> int:
        self._tell(GET_STATUS)
        return self._hear(1)[0]

    def _tell(self, command: tuple[int, ...]) -> None:
        tell(self._bus, self._settings.address, *command)

    def _hear(self, length: int) -> bytes:
        return hear(self._bus, self._settings.address, length)


def air(frame: bytes) -> dict[str, float]:
    """°C and % of the seven bytes: status, 20 bits of humidity, 20 of temperature, check byte. Raises SensorError."""
    if len(frame) != 7 or crc8(frame):
        raise _not_itself(Words(frame.hex(" "), frame.hex(" ")))
    raw = int.from_bytes(frame[1:6], "big")
    return {"temperature": (raw & STEPS - 1) * 200 / STEPS - 50, "humidity": (raw >> 20) * 100 / STEPS}


def _not_itself(why: Words) -> SensorError:
    return SensorError(
        Words(
            f"アドレス 0x{ADDRESS:02x} の AHT20 の返事がおかしいです({why.ja})。",
            f"What the AHT20 at 0x{ADDRESS:02x} answers cannot be: {why.en}.",
        ),
        Words(
            "SDA と SCL の線を短くし、差し込みと、部品が AHT20(AHT10 ではない)であることを確認してください。",
            "Hint: keep SDA and SCL short and firm, and see that the part is an AHT20 and no AHT10.",
        ),
    )


# ---- the bench ----


class Chip:
    """An AHT20 as the bus sees it. Set ``temperature`` and ``humidity``; ``flips`` spoils that bit of each frame.

    ``hangs``: it stays busy for ever. ``calibrated`` False: fresh from the factory, it must be told first.
    """

    MEASURES_NS = 75_000_000

    def __init__(self, clock: Clock) -> None:
        self.temperature, self.humidity = 23.0, 45.0
        self.flips: int | None = None
        self.hangs = False
        self.calibrated = True
        self._clock = clock
        self._ready_ns = 0
        self._frame = bytes(5)

    def write(self, data: bytes) -> None:
        """A command."""
        if tuple(data) == MEASURE:
            self._ready_ns = self._clock.monotonic_ns() + self.MEASURES_NS
            self._frame = self._converted()
        elif tuple(data) == CALIBRATE:
            self.calibrated = True

    def read(self, length: int) -> bytes:
        """Always from the status on."""
        busy = self.hangs or self._clock.monotonic_ns() < self._ready_ns
        status = 0x10 | CALIBRATED * self.calibrated | BUSY * busy
        frame = bytearray([status, *self._frame])
        frame.append(crc8(bytes(frame)))
        if self.flips is not None:
            frame[self.flips // 8] ^= 1 << self.flips % 8
        return bytes(frame[:length])

    def _converted(self) -> bytes:
        humidity = min(STEPS - 1, round(self.humidity / 100 * STEPS))
        temperature = min(STEPS - 1, round((self.temperature + 50) / 200 * STEPS))
        return (humidity << 20 | temperature).to_bytes(5, "big")


def place(sensor: Sensor, bench: "Bench") -> Chip:
    """Plug an AHT20 in."""
    chip = Chip(bench.clock)
    bench.i2c_chip(sensor.bus, sensor.address, chip)
    return chip


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """A new chip, a drying room, a spoilt bit, a chip that hangs, and a wire that comes off."""

    def measured(temperature: float, humidity: float) -> dict[str, float]:
        chip.temperature, chip.humidity = temperature, humidity
        return {"temperature": temperature, "humidity": humidity}

    chip = place(sensor, bench)
    chip.calibrated = False
    yield Expect(Words("最初の測定はまだ終わっていない", "the first measurement is not done"))
    room = Words("乾燥室の中", "in the drying room")
    yield Expect(room, measured(48.5, 12.0), wait_s=sensor.every_s, tolerance=0.01)
    yield Expect(Words("冬の朝", "a winter morning"), measured(-3.5, 41.0), wait_s=sensor.every_s, tolerance=0.01)
    chip.flips = 30
    yield Expect(Words("線が長すぎて1ビット化けた", "the wires are too long, a bit was spoilt"), wait_s=2.0, error=True)
    chip.flips, chip.hangs = None, True
    yield Expect(Words("測定が終わらない", "it never gets done"), wait_s=2.0, error=True)
    chip.hangs = False
    yield Expect(
        Words("電源を入れ直した", "it was switched off and on"), measured(20.0, 50.0), wait_s=2.0, tolerance=0.01
    )
    bench.i2c_chip(sensor.bus, sensor.address, None)
    yield Expect(Words("線が外れた", "a wire came off"), wait_s=2.0, error=True)
