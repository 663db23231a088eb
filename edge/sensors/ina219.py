"""Wiring: VCC to 3V3 (header pin 1), GND to GND, SDA to GPIO2 (pin 3), SCL to GPIO3 (pin 5); VIN+ to the supply's plus,
VIN- to the load, and the load's minus to the same GND.

    [stations.conveyor.sensors.motor]
    type = "ina219"
    address = 0x40
    shunt_ohm = 0.1
    max_a = 3.2
    every_s = 1.0

Voltage, current and power of a direct current load up to 26 V: a 24 V motor, a valve, a Pi. The shunt stands in the
load's wire; boards are sold with 0.1 ohm (marked R100), good for 3.2 A at most. The address is 0x40 to 0x4F, by the
jumpers A0 and A1. Never at the mains. Switch I2C on first (``sudo raspi-config``).

``max_a`` is the highest current to be told; the chip's range (40, 80, 160 or 320 mV at the shunt) and its calibration
follow from it and ``shunt_ohm``, so a smaller one reads finer. ``voltage`` is that of the load (at VIN-); ``current``
is negative when it flows back. ``overload`` is 1 while the current is beyond the range or the chip's arithmetic
overflows; then current and power are not told, because they would be wrong.

The chip measures by itself, averaged over 128 samples (0.14 s). One that lost its supply for a moment has forgotten its
calibration, and would say 0 A: that is noticed, reported and put right. An INA226 at that address is refused by name.

Source: Texas Instruments SBOS448G (December 2015): 8.5.1 (calibration, equations 1 to 5), 8.6.2 (configuration, tables
4 to 6), 8.6.3 (data registers, CNVR and OVF); the example is table 3 of SBOS448F. INA226: SBOS547, its reset value.
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
from edge.handles import Knob
from edge.sensors import Expect, Polled

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("直流の電圧・電流・電力(INA219)", "DC voltage, current, power (INA219)")
ABOUT_JA = """\
直流 26 V までの機器(24 V のモーター、弁、Pi など)の電圧、電流、電力を測ります。負荷の重さや、
弁が動いたかどうかが見えます。

気をつけること: 100 V や 200 V には決してつながないでください。電流の通り道に入れる部品で、
R100 の基板は 3.2 A までです。負荷のマイナスと Pi の GND を同じにします。

見えないこと: 0.14秒の平均なので、一瞬の突入電流は見えません。範囲を超えた電流は値にせず、
overload が 1 になります。
"""
STYLE: Literal["polled"] = "polled"
MEASURES = (
    Measure("voltage", Words("電圧", "voltage"), "V", low=0, high=26, decimals=2),
    Measure("current", Words("電流", "current"), "A", decimals=3),
    Measure("power", Words("電力", "power"), "W", decimals=2),
    Measure("overload", Words("範囲を超えた電流", "current beyond the range"), kind="level"),
)
PARTS = (Part("ina219", 1), Part("wire-f-f", 4))
TERMINALS = (
    Wire("VCC", "3V3"),
    Wire("GND", "GND", note=Words("測る回路のマイナスもここへ", "the load's minus goes there too")),
    Wire("SDA", "SDA"),
    Wire("SCL", "SCL"),
    *(
        Wire(
            pad,
            "3V3",
            note=Words(
                f"基板の {pad} のパッドをはんだで閉じる: アドレス 0x{address:02x}",
                f"close the board's pad {pad} with solder: address 0x{address:02x}",
            ),
            address=address,
        )
        for address, pads in ((0x41, ("A0",)), (0x44, ("A1",)), (0x45, ("A0", "A1")))
        for pad in pads
    ),
)

CONFIGURATION, SHUNT, BUS, POWER, CURRENT, CALIBRATION = range(6)
RESET, AFTER_RESET, INA226_AFTER_RESET = 0x8000, 0x399F, 0x4127
UP_TO_32_V, AVERAGED_128, CONTINUOUS = 0x2000, 0x07F8, 0x0007
READY, OVERFLOW = 0x0002, 0x0001
RANGES_MV = (40, 80, 160, 320)
SHUNT_STEPS_PER_MV = 100
BUS_STEP_V = 0.004
SCALING = 0.04096
ADDRESSES = tuple(f"0x{address:02x}" for address in range(0x40, 0x50))


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One chip on one I2C bus."""

    address: int = setting(Words("I2C アドレス", "I2C address"), "i2c_address", default=0x40, choices=ADDRESSES)
    bus: int = setting(Words("I2C バスの番号", "I2C bus"), "whole", default=1, low=0, high=20)
    shunt_ohm: float = setting(
        Words("シャント抵抗(R100 は 0.1)", "shunt resistor (R100 is 0.1)"),
        "number",
        default=0.1,
        unit="ohm",
        low=0.0001,
        high=10,
    )
    max_a: float = setting(
        Words("測る最大の電流(A)", "highest current to be told, in A"), "number", default=3.2, low=0.001, high=1000
    )
    every_s: float = setting(Words("読む間隔", "reading interval"), "number", default=1.0, unit="s", low=0.5, high=3600)

    def open(self, board: Board) -> Polled:
        """Check that it is an INA219, calibrate it, let it measure. Raises SensorError."""
        range_mv = fitting_range(self)
        load = _Load(self, board.i2c(self.bus), Scale.of(self.shunt_ohm, self.max_a), range_mv)
        load.begin()
        return load


def fitting_range(sensor: Sensor) -> int:
    """The smallest of the chip's four ranges (mV) that holds ``max_a``. Raises SensorError if none does."""
    wanted_mv = sensor.max_a * sensor.shunt_ohm * 1000
    fitting = [mv for mv in RANGES_MV if wanted_mv <= mv * 1.000001]
    if not fitting:
        raise _too_much(sensor, wanted_mv)
    return fitting[0]


@dataclass(frozen=True, slots=True)
class Scale:
    """The calibration register, and what one step of the current register then is (8.5.1)."""

    calibration: int
    step_a: float

    @classmethod
    def of(cls, shunt_ohm: float, max_a: float) -> "Scale":
        """Equations 1 and 2: the finest step that holds ``max_a``. Bit 0 of the register is always 0."""
        wanted = int(SCALING / (max_a / 32768 * shunt_ohm))
        calibration = min(0xFFFF, wanted) & 0xFFFE
        return cls(calibration, SCALING / (calibration * shunt_ohm))


class _Load:
    def __init__(self, settings: Sensor, bus: I2CBus, scale: Scale, range_mv: int) -> None:
        self._settings = settings
        self._bus = bus
        self._scale = scale
        self._full = range_mv * SHUNT_STEPS_PER_MV
        self._mode = UP_TO_32_V | RANGES_MV.index(range_mv) << 11 | AVERAGED_128 | CONTINUOUS

    def begin(self) -> None:
        """Reset, look who it is, calibrate, start."""
        try:
            self._write(CONFIGURATION, RESET)
            _refuse_others(self._read(CONFIGURATION), self._settings.address)
            self._write(CALIBRATION, self._scale.calibration)
            self._write(CONFIGURATION, self._mode)
        except SensorError:
            raise
        except OSError as error:
            raise troubles.no_chip(self._settings.address, self._settings.bus, str(error)) from error

    def read(self) -> Mapping[str, Value]:
        try:
            if (self._read(CONFIGURATION), self._read(CALIBRATION)) != (self._mode, self._scale.calibration):
                raise _forgot(self._settings.address)
            bus, shunt, current = self._read(BUS), _signed(self._read(SHUNT)), _signed(self._read(CURRENT))
            if not bus & READY:
                return {}
            self._read(POWER)  # 8.6.3.2: reading it takes READY away until the next conversion
        except SensorError:
            raise
        except OSError as error:
            raise troubles.no_chip(self._settings.address, self._settings.bus, str(error)) from error
        if bus & OVERFLOW or abs(shunt) >= self._full:
            return {"voltage": voltage(bus), "overload": 1}
        return measured(bus, current, self._scale.step_a) | {"overload": 0}

    def close(self) -> None:
        """Nothing to give back: the bus is everybody's, and the chip may go on measuring."""

    def _read(self, register: int) -> int:
        return int.from_bytes(bytes(self._bus.read_i2c_block_data(self._settings.address, register, 2)), "big")

    def _write(self, register: int, value: int) -> None:
        self._bus.write_i2c_block_data(self._settings.address, register, list(value.to_bytes(2, "big")))


def voltage(bus: int) -> float:
    """Volts of the bus voltage register: 13 bits of 4 mV above three flags."""
    return (bus >> 3) * BUS_STEP_V


def measured(bus: int, current: int, step_a: float) -> dict[str, float]:
    """Volts, amperes, watts. The chip's own power register has no sign; this product has."""
    volts, amperes = voltage(bus), current * step_a
    return {"voltage": volts, "current": amperes, "power": volts * amperes}


def _signed(word: int) -> int:
    return word - 0x10000 if word & 0x8000 else word


def _refuse_others(configuration: int, address: int) -> None:
    if configuration == AFTER_RESET:
        return
    what = "INA226" if configuration == INA226_AFTER_RESET else f"0x{configuration:04x}"
    raise SensorError(
        Words(
            f"アドレス 0x{address:02x} の部品は INA219 ではありません({what})。",
            f"The chip at 0x{address:02x} is no INA219 ({what}).",
        ),
        Words(
            "部品の表示と、同じアドレスの部品がほかにないか(SHT31 は 0x44)を確認してください。",
            "Hint: look at what is printed on the part, and for another part at that address (an SHT31 is at 0x44).",
        ),
    )


def _forgot(address: int) -> SensorError:
    return SensorError(
        Words(
            f"アドレス 0x{address:02x} の INA219 が設定を忘れています(電源が一瞬切れたようです)。",
            f"The INA219 at 0x{address:02x} has forgotten its calibration; its supply seems to have failed.",
        ),
        Words("3V3 と GND の配線を確認してください。", "Hint: check the wires to 3V3 and GND."),
    )


def _too_much(sensor: Sensor, wanted_mv: float) -> SensorError:
    most_a = RANGES_MV[-1] / 1000 / sensor.shunt_ohm
    return SensorError(
        Words(
            f"{sensor.max_a:g} A はシャント抵抗 {sensor.shunt_ohm:g} Ω では測れません({wanted_mv:.0f} mV になります)。",
            f"{sensor.max_a:g} A is too much for a shunt of {sensor.shunt_ohm:g} ohm: it makes {wanted_mv:.0f} mV.",
        ),
        Words(
            f"max_a を {most_a:g} 以下にするか、小さいシャント抵抗に替えてください(320 mV まで)。",
            f"Hint: make max_a at most {most_a:g}, or use a smaller shunt (320 mV is the most).",
        ),
    )


# ---- the bench ----


class Chip:
    """An INA219 as the bus sees it. Set ``volts`` (at the load) and ``amperes``; it has a shunt of ``shunt_ohm``."""

    MEASURES_NS = 136_200_000
    """Table 5: 128 samples take 68.1 ms, first of the shunt, then of the bus."""

    def __init__(self, clock: Clock, shunt_ohm: float = 0.1, after_reset: int = AFTER_RESET) -> None:
        self.volts, self.amperes = 0.0, 0.0
        self._shunt_ohm = shunt_ohm
        self._clock = clock
        self._after_reset = after_reset
        self._pointer = 0
        self.lose_power()

    def lose_power(self) -> None:
        """As after power-on."""
        self._configuration, self._calibration = self._after_reset, 0
        self._start()

    def write(self, data: bytes) -> None:
        """The pointer, and what goes there."""
        self._pointer, value = data[0], int.from_bytes(data[1:], "big")
        if len(data) == 3 and self._pointer == CONFIGURATION:
            self._configuration = self._after_reset if value & RESET else value
            self._calibration = 0 if value & RESET else self._calibration
            self._start()
        elif len(data) == 3 and self._pointer == CALIBRATION:
            self._calibration = value & 0xFFFE

    def read(self, length: int) -> bytes:
        """One register."""
        value = self._values().get(self._pointer, 0)
        if self._pointer == POWER:
            self._start()
        return (value & 0xFFFF).to_bytes(2, "big")[:length]

    def _start(self) -> None:
        self._ready_ns = self._clock.monotonic_ns() + self.MEASURES_NS

    def _values(self) -> dict[int, int]:
        full = RANGES_MV[self._configuration >> 11 & 0x03] * SHUNT_STEPS_PER_MV
        shunt = max(-full, min(full, round(self.amperes * self._shunt_ohm * 1000 * SHUNT_STEPS_PER_MV)))
        current = shunt * self._calibration // 4096
        bus = min(8000, round(self.volts / BUS_STEP_V))
        ready = READY * (self._clock.monotonic_ns() >= self._ready_ns)
        return {
            CONFIGURATION: self._configuration,
            SHUNT: shunt,
            BUS: bus << 3 | ready | OVERFLOW * (not -32768 <= current <= 32767),
            POWER: abs(current) * bus // 5000,
            CURRENT: current,
            CALIBRATION: self._calibration,
        }


def place(sensor: Sensor, bench: "Bench") -> Chip:
    """Plug an INA219 in."""
    chip = Chip(bench.clock, sensor.shunt_ohm)
    bench.i2c_chip(sensor.bus, sensor.address, chip)
    return chip


def handles(sensor: Sensor, _: "Bench", part: Chip) -> Iterator[Knob]:
    """The load's voltage, and its current a little beyond what the settings hold."""

    def supply(volts: float) -> None:
        part.volts = volts

    def draw(amperes: float) -> None:
        part.amperes = amperes

    most = 1.25 * sensor.max_a
    yield Knob("voltage", Words("負荷の電圧", "voltage of the load"), 0, 26, lambda: part.volts, supply, "V")
    yield Knob("current", Words("負荷の電流", "current of the load"), -most, most, lambda: part.amperes, draw, "A")


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """A motor at rest, at work, braking, blocked; a supply that fails for a moment; the wrong chip; a loose wire."""
    chip = place(sensor, bench)
    yield Expect(Words("最初の測定はまだ終わっていない", "the first measurement is not done"))
    for said, volts, part in (
        (Words("止まっている", "at rest"), 24.0, 0.0),
        (Words("動いている", "at work"), 23.6, 0.4),
        (Words("ブレーキで電流が戻る", "it brakes, and current flows back"), 24.4, -0.1),
    ):
        chip.volts, chip.amperes = volts, part * sensor.max_a
        told = {"voltage": volts, "current": chip.amperes, "power": volts * chip.amperes, "overload": 0}
        yield Expect(said, told, wait_s=sensor.every_s, tolerance=0.001 * volts * sensor.max_a)
    chip.volts, chip.amperes = 20.0, 3 * sensor.max_a
    blocked = Words("かみ込んで止まった", "it is blocked")
    yield Expect(blocked, {"voltage": 20.0, "overload": 1}, wait_s=sensor.every_s, tolerance=0.004)
    chip.lose_power()
    yield Expect(Words("電源が一瞬切れた", "its supply failed for a moment"), error=True)
    yield Expect(Words("測り直している", "it measures again"))
    bench.i2c_chip(sensor.bus, sensor.address, Chip(bench.clock, after_reset=INA226_AFTER_RESET))
    yield Expect(Words("INA226 に取り替えられた", "somebody put an INA226 there"), wait_s=sensor.every_s, error=True)
    yield Expect(Words("INA226 だった", "it is an INA226"), error=True)
    bench.i2c_chip(sensor.bus, sensor.address, None)
    yield Expect(Words("線が外れた", "a wire came off"), error=True)
