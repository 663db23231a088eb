"""Wiring: VIN (or VCC) to 3V3 (header pin 1), GND to GND, SDA to GPIO2 (pin 3), SCL to GPIO3 (pin 5).

    [stations.washer.sensors.air]
    type = "bme280"
    address = 0x76
    every_s = 10.0

Temperature, humidity and air pressure. The address is 0x76, or 0x77 where SDO is wired to 3V3. Switch I2C on first
(``sudo raspi-config``).

Many boards sold as BME280 carry a BMP280, which has no humidity. The two are told apart by the chip's id (0x60 and
0x58): from a BMP280 come temperature and pressure, never a humidity, and the agent's log says so when it is opened.
Any other chip at that address is refused with its id.

The chip measures by itself once a second (normal mode, all oversampling x1, no filter), so a reading is at most a
second old and nobody waits for it. A chip that lost its supply for a moment sleeps; that is noticed, reported and put
right.

Source: Bosch Sensortec BST-BME280-DS001: 3.3 (modes), 4.2.3 and 8.1 (compensation), 5.4 (registers), 6.2.1 (writes);
BST-BMP280-DS001: 3.11 and 8.1 (the same formulas), 4.3 (registers; ids 0x56 and 0x57 are its samples).
"""

import logging
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal

from contract.catalogue import Measure, Part, Wire, setting
from contract.errors import SensorError
from contract.reading import Value
from contract.words import Words
from edge import troubles
from edge.board import Board, I2CBus
from edge.clock import Clock
from edge.sensors import Expect, Polled

if TYPE_CHECKING:
    from edge.bench import Bench

log = logging.getLogger(__name__)

TITLE = Words("温度・湿度・気圧(BME280)", "Temperature, humidity, pressure (BME280)")
ABOUT_JA = """\
温度、湿度、気圧を1つで測ります。洗浄や乾燥の場所、倉庫の空気を見るのに向いています。

気をつけること: 電源は 3V3 です(5V につながないでください)。電源と GND を逆に差すと、数秒で熱くなり、
やけどをします。差す前に、端子の文字を見比べてください。BME280 として売られていても中身が BMP280 のことがあり、
そのときは湿度を送りません。

見えないこと: 値は最大1秒前のものです。測っているのは部品のまわりの空気だけなので、
機械や Pi の熱が当たる所では、部屋の温度になりません。
"""
STYLE: Literal["polled"] = "polled"
MEASURES = (
    Measure("temperature", Words("温度", "temperature"), "°C", low=-40, high=85, decimals=2),
    Measure("humidity", Words("湿度", "humidity"), "%", low=0, high=100, decimals=1),
    Measure("pressure", Words("気圧", "pressure"), "hPa", low=300, high=1100, decimals=1),
)
PARTS = (
    Part("bme280", 1),
    Part("wire-f-f", 4),
    Part("wire-f-f", 1, Words("アドレスを変える線", "the strap of the address"), when=("address", 0x77)),
)
TERMINALS = (
    Wire("VIN", "3V3", note=Words("5V につながない", "never to 5V")),
    Wire("GND", "GND"),
    Wire("SDA", "SDA"),
    Wire("SCL", "SCL"),
    Wire("SDO", "3V3", note=Words("3V3 でアドレス 0x77", "3V3: address 0x77"), address=0x77),
)

ID, RESET, CTRL_HUM, STATUS, CTRL_MEAS, CONFIG, DATA = 0xD0, 0xE0, 0xF2, 0xF3, 0xF4, 0xF5, 0xF7
CALIBRATION_1, CALIBRATION_2 = (0x88, 26), (0xE1, 7)
BME280, BMP280 = 0x60, 0x58
BMP280_IDS = (BMP280, 0x56, 0x57)
HUMIDITY_X1 = 0x01
ASLEEP = 0x00
NORMAL_X1 = 0x27  # osrs_t 001, osrs_p 001, mode 11
STANDBY_1000_MS = 0xA0  # t_sb 101, filter 000
SKIPPED_20, SKIPPED_16 = 0x80000, 0x8000


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One chip on one I2C bus."""

    address: int = setting(Words("I2C アドレス", "I2C address"), "i2c_address", default=0x76, choices=("0x76", "0x77"))
    bus: int = setting(Words("I2C バスの番号", "I2C bus"), "whole", default=1, low=0, high=20)
    every_s: float = setting(Words("読む間隔", "reading interval"), "number", default=10.0, unit="s", low=1, high=3600)

    def open(self, board: Board) -> Polled:
        """See whether it is a BME280 or a BMP280, read its calibration, let it measure. Raises SensorError."""
        bus = board.i2c(self.bus)
        try:
            humid = has_humidity(bus.read_byte_data(self.address, ID), self.address)
            calibration = Calibration.read(bus, self.address, humid)
            # 5.4.6: a write to config may be ignored while the chip is awake, as an earlier run has left it
            bus.write_byte_data(self.address, CTRL_MEAS, ASLEEP)
            if humid:  # 5.4.3: a change of ctrl_hum takes effect only after ctrl_meas was written
                bus.write_byte_data(self.address, CTRL_HUM, HUMIDITY_X1)
            bus.write_byte_data(self.address, CONFIG, STANDBY_1000_MS)
            bus.write_byte_data(self.address, CTRL_MEAS, NORMAL_X1)
        except SensorError:
            raise
        except OSError as error:
            raise troubles.no_chip(self.address, self.bus, str(error)) from error
        if not humid:
            log.warning("%s", _no_humidity(self.address))
        return _Air(self, bus, calibration, humid)


class _Air:
    def __init__(self, settings: Sensor, bus: I2CBus, calibration: "Calibration", humid: bool) -> None:
        self._settings = settings
        self._humid = humid
        self._bus = bus
        self._calibration = calibration
        self._measured = False

    def read(self) -> Mapping[str, Value]:
        address = self._settings.address
        try:
            block = bytes(self._bus.read_i2c_block_data(address, CTRL_HUM, 13))
        except OSError as error:
            raise troubles.no_chip(address, self._settings.bus, str(error)) from error
        if block[CTRL_MEAS - CTRL_HUM] != NORMAL_X1 or (self._humid and block[0] != HUMIDITY_X1):
            raise _forgot(address)
        raw = Raw.of(block[DATA - CTRL_HUM :])
        if raw.skipped or (self._humid and raw.humidity == SKIPPED_16):
            if self._measured:
                raise _forgot(address)
            return {}
        self._measured = True
        air = self._calibration.air(raw)
        return air if self._humid else {key: air[key] for key in ("temperature", "pressure")}

    def close(self) -> None:
        """Nothing to give back: the bus is everybody's, and the chip may go on measuring."""


@dataclass(frozen=True, slots=True)
class Raw:
    """What the chip's converters give: 20, 20 and 16 bits; of a BMP280 the last are not there and mean nothing."""

    temperature: int
    pressure: int
    humidity: int

    @classmethod
    def of(cls, data: bytes) -> "Raw":
        """From the eight registers at 0xF7."""
        pressure = data[0] << 12 | data[1] << 4 | data[2] >> 4
        temperature = data[3] << 12 | data[4] << 4 | data[5] >> 4
        return cls(temperature, pressure, data[6] << 8 | data[7])

    @property
    def skipped(self) -> bool:
        """Whether a measurement is not there (yet): 5.4.7 and 5.4.8, the registers' values after a reset."""
        return SKIPPED_20 in (self.temperature, self.pressure)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the factory wrote into each chip (table 16)."""

    t1: int
    t2: int
    t3: int
    p1: int
    p2: int
    p3: int
    p4: int
    p5: int
    p6: int
    p7: int
    p8: int
    p9: int
    h1: int
    h2: int
    h3: int
    h4: int
    h5: int
    h6: int

    @classmethod
    def read(cls, bus: I2CBus, address: int, humid: bool = True) -> "Calibration":
        """From the chip's registers; a BMP280 has none for humidity, which are then 0."""
        first = bytes(bus.read_i2c_block_data(address, *CALIBRATION_1))
        if not humid:
            return cls.of(first[:-1] + b"\0", bytes(CALIBRATION_2[1]))
        return cls.of(first, bytes(bus.read_i2c_block_data(address, *CALIBRATION_2)))

    @classmethod
    def of(cls, first: bytes, second: bytes) -> "Calibration":
        """From the bytes at 0x88 and at 0xE1. h4 and h5 are 12 bits that share 0xE5."""
        *low, _, h1 = struct.unpack("<HhhHhhhhhhhhBB", first)
        h2, h3, e4, e5, e6, h6 = struct.unpack("<hBbBbb", second)
        return cls(*[*low, h1, h2, h3, e4 << 4 | e5 & 0x0F, e6 << 4 | e5 >> 4, h6])

    def written(self) -> tuple[bytes, bytes]:
        """The bytes at 0x88 and at 0xE1 that give this calibration."""
        values = [getattr(self, field.name) for field in fields(self)]
        first = struct.pack("<HhhHhhhhhhhhBB", *values[:12], 0, self.h1)
        shared = self.h4 & 0x0F | (self.h5 & 0x0F) << 4
        return first, struct.pack("<hBbBbb", self.h2, self.h3, self.h4 >> 4, shared, self.h5 >> 4, self.h6)

    def air(self, raw: Raw) -> dict[str, float]:
        """Temperature in °C, humidity in %, pressure in hPa."""
        fine = self.fine(raw.temperature)
        return {
            "temperature": fine / 5120.0,
            "humidity": self.humidity(raw.humidity, fine),
            "pressure": self.pressure(raw.pressure, fine) / 100.0,
        }

    def fine(self, raw: int) -> float:
        """``t_fine``: the temperature in 1/5120 °C (8.1)."""
        first = (raw / 16384.0 - self.t1 / 1024.0) * self.t2
        return first + (raw / 131072.0 - self.t1 / 8192.0) ** 2 * self.t3

    def pressure(self, raw: int, fine: float) -> float:
        """Pascal (8.1); 0 for a chip whose calibration is all zeros."""
        a = fine / 2.0 - 64000.0
        b = a * a * self.p6 / 32768.0 + a * self.p5 * 2.0
        b = b / 4.0 + self.p4 * 65536.0
        a = (self.p3 * a * a / 524288.0 + self.p2 * a) / 524288.0
        a = (1.0 + a / 32768.0) * self.p1
        if a == 0.0:
            return 0.0
        p = (1048576.0 - raw - b / 4096.0) * 6250.0 / a
        return p + (self.p9 * p * p / 2147483648.0 + p * self.p8 / 32768.0 + self.p7) / 16.0

    def humidity(self, raw: int, fine: float) -> float:
        """Percent relative humidity (8.1), kept within 0 and 100 as the data sheet does."""
        t = fine - 76800.0
        h = raw - (self.h4 * 64.0 + self.h5 / 16384.0 * t)
        h *= self.h2 / 65536.0 * (1.0 + self.h6 / 67108864.0 * t * (1.0 + self.h3 / 67108864.0 * t))
        return min(100.0, max(0.0, h * (1.0 - self.h1 * h / 524288.0)))


def has_humidity(chip: int, address: int) -> bool:
    """Whether the chip of this id is a BME280, and not a BMP280. Raises SensorError for any other."""
    if chip == BME280 or chip in BMP280_IDS:
        return chip == BME280
    raise SensorError(
        Words(
            f"アドレス 0x{address:02x} の部品は BME280 でも BMP280 でもありません(ID 0x{chip:02x})。",
            f"The chip at 0x{address:02x} is neither a BME280 nor a BMP280 (id 0x{chip:02x}).",
        ),
        Words(
            "部品の表示と、同じアドレスの部品がほかにないかを確認してください。",
            "Hint: look at what is printed on the part, and for another part at that address.",
        ),
    )


def _no_humidity(address: int) -> Words:
    return Words(
        f"アドレス 0x{address:02x} の部品は BMP280 です。温度と気圧だけを読みます(湿度は測れません)。",
        f"The chip at 0x{address:02x} is a BMP280: temperature and pressure are read, humidity it does not have.",
    )


def _forgot(address: int) -> SensorError:
    return SensorError(
        Words(
            f"アドレス 0x{address:02x} の BME280 が測定をやめています(電源が一瞬切れたようです)。",
            f"The BME280 at 0x{address:02x} has stopped measuring; its supply seems to have failed for a moment.",
        ),
        Words("3V3 と GND の配線を確認してください。", "Hint: check the wires to 3V3 and GND."),
    )


# ---- the bench ----

EXAMPLE = Calibration(
    27504, 26435, -1000, 36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000, 75, 362, 0, 324, 50, 30
)
"""t and p: the worked example of BST-BMP280-DS001 (3.12), whose formulas are the same; h: of a real chip."""


class Chip:
    """A BME280 (or, as ``chip``, a BMP280) as the bus sees it. Set ``temperature``, ``humidity`` and ``pressure``.

    What it puts into them is found by going backwards through the data sheet's *integer* formulas (4.2.3), so that the
    driver's floating-point ones are checked against something else than themselves.
    """

    MEASURES_NS = 9_300_000
    """9.1: 1.25 + 2.3 + (2.3 + 0.575) x 2 ms, all x1."""

    def __init__(self, clock: Clock, calibration: Calibration = EXAMPLE, chip: int = BME280) -> None:
        self.temperature, self.humidity, self.pressure = 23.0, 45.0, 1013.2
        self.calibration = calibration
        self._clock = clock
        self._id = chip
        self._pointer = 0
        self._registers = bytearray(256)
        self.lose_power()

    def lose_power(self) -> None:
        """The supply fails for a moment: everything is as after a reset, asleep."""
        self._registers[:] = bytes(256)
        first, second = self.calibration.written()
        self._put(CALIBRATION_1[0], first)
        self._put(DATA, bytes([0x80, 0, 0, 0x80, 0, 0]))
        if self._id == BME280:
            self._put(CALIBRATION_2[0], second)
            self._put(DATA + 6, bytes([0x80, 0]))
        self._registers[ID] = self._id
        self._humidity_on = False
        self._started_ns = 0

    def write(self, data: bytes) -> None:
        """6.2.1: a register, or pairs of register and value; the address does not count up in writes."""
        if len(data) == 1:
            self._pointer = data[0]
        for register, value in zip(data[::2], data[1::2], strict=False):
            self._write(register, value)

    def read(self, length: int) -> bytes:
        """6.2.2: the registers from the pointer on; the burst is of one moment."""
        self._measure()
        return bytes(self._registers[(self._pointer + i) % 256] for i in range(length))

    def _write(self, register: int, value: int) -> None:
        if register == RESET and value == 0xB6:
            self.lose_power()
        elif register in (CTRL_MEAS, CONFIG) or (register == CTRL_HUM and self._id == BME280):
            self._registers[register] = value
            if register == CTRL_MEAS:
                self._humidity_on = bool(self._registers[CTRL_HUM] & 0x07)
                self._started_ns = self._clock.monotonic_ns()

    def _measure(self) -> None:
        awake = self._registers[CTRL_MEAS] & 0x03 == 0x03
        if awake and self._clock.monotonic_ns() - self._started_ns >= self.MEASURES_NS:
            self._put(DATA, self._converted())

    def _converted(self) -> bytes:
        cal = self.calibration
        t = _first(1 << 20, lambda raw: integer_fine(cal, raw) >= self.temperature * 5120)
        fine = integer_fine(cal, t)
        p = _first(1 << 20, lambda raw: integer_pressure(cal, raw, fine) <= self.pressure * 100 * 256)
        h = _first(1 << 16, lambda raw: integer_humidity(cal, raw, fine) >= self.humidity * 1024)
        h = h if self._humidity_on else SKIPPED_16
        humidity = h.to_bytes(2, "big") if self._id == BME280 else b""
        return (p << 4).to_bytes(3, "big") + (t << 4).to_bytes(3, "big") + humidity

    def _put(self, register: int, data: bytes) -> None:
        self._registers[register : register + len(data)] = data


def integer_fine(cal: Calibration, raw: int) -> int:
    """4.2.3 ``BME280_compensate_T_int32``, t_fine."""
    first = (((raw >> 3) - (cal.t1 << 1)) * cal.t2) >> 11
    return first + ((((((raw >> 4) - cal.t1) * ((raw >> 4) - cal.t1)) >> 12) * cal.t3) >> 14)


def integer_pressure(cal: Calibration, raw: int, fine: int) -> int:
    """4.2.3 ``BME280_compensate_P_int64``: Pascal in 1/256."""
    a = fine - 128000
    b = a * a * cal.p6 + ((a * cal.p5) << 17) + (cal.p4 << 35)
    a = ((a * a * cal.p3) >> 8) + ((a * cal.p2) << 12)
    a = (((1 << 47) + a) * cal.p1) >> 33
    if a == 0:
        return 0
    p = (((1048576 - raw) << 31) - b) * 3125 // a
    return ((p + ((cal.p9 * (p >> 13) * (p >> 13)) >> 25) + ((cal.p8 * p) >> 19)) >> 8) + (cal.p7 << 4)


def integer_humidity(cal: Calibration, raw: int, fine: int) -> int:
    """4.2.3 ``bme280_compensate_H_int32``: percent in 1/1024."""
    t = fine - 76800
    h = ((raw << 14) - (cal.h4 << 20) - cal.h5 * t + 16384) >> 15
    h *= ((((((t * cal.h6) >> 10) * (((t * cal.h3) >> 11) + 32768)) >> 10) + 2097152) * cal.h2 + 8192) >> 14
    h -= ((((h >> 15) * (h >> 15)) >> 7) * cal.h1) >> 4
    return min(max(h, 0), 419430400) >> 12


def _first(end: int, holds: Callable[[int], bool]) -> int:
    """The first of 0 … end - 1 for which ``holds``, which stays true from there on; the last one if none."""
    low, high = 0, end - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def place(sensor: Sensor, bench: "Bench") -> Chip:
    """Plug a BME280 in."""
    chip = Chip(bench.clock)
    bench.i2c_chip(sensor.bus, sensor.address, chip)
    return chip


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """Summer, winter, a supply that fails for a moment, a loose wire, a BMP280, and another chip."""

    def air(chip: Chip, temperature: float, humidity: float, pressure: float) -> dict[str, float]:
        chip.temperature, chip.humidity, chip.pressure = temperature, humidity, pressure
        return {"temperature": temperature, "humidity": humidity, "pressure": pressure}

    chip = place(sensor, bench)
    yield Expect(Words("最初の測定はまだ終わっていない", "the first measurement is not done"))
    for said, weather in _weathers():
        yield Expect(said, air(chip, *weather), wait_s=sensor.every_s, tolerance=0.05)
    chip.lose_power()
    yield Expect(Words("電源が一瞬切れた", "its supply failed for a moment"), error=True)
    yield Expect(Words("測り直している", "it measures again"))
    bench.i2c_chip(sensor.bus, sensor.address, None)
    yield Expect(Words("線が外れた", "a wire came off"), error=True)
    other = Chip(bench.clock, chip=BMP280)
    bench.i2c_chip(sensor.bus, sensor.address, other)
    told = air(other, 21.5, 0.0, 1008.4)
    yield Expect(Words("BMP280 だった", "it is a BMP280"))
    without = {key: told[key] for key in ("temperature", "pressure")}
    yield Expect(Words("湿度は出ない", "no humidity comes from it"), without, wait_s=sensor.every_s, tolerance=0.05)
    bench.i2c_chip(sensor.bus, sensor.address, Chip(bench.clock, chip=0x61))
    yield Expect(Words("ほかの部品に取り替えられた", "somebody put another part there"), error=True)
    yield Expect(Words("BME280 でも BMP280 でもない", "it is neither of the two"), error=True)


def _weathers() -> Sequence[tuple[Words, tuple[float, float, float]]]:
    return (
        (Words("梅雨の工場", "the factory in the rainy season"), (28.4, 88.0, 1004.6)),
        (Words("冬の朝", "a winter morning"), (-3.2, 35.0, 1021.9)),
        (Words("洗浄機のそば", "beside the washer"), (41.7, 61.5, 1010.0)),
    )
