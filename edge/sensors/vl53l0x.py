"""Wiring: VIN (or VCC) to 3V3 (header pin 1), GND to GND, SDA to GPIO2 (pin 3), SCL to GPIO3 (pin 5).

    [stations.hopper.sensors.level]
    type = "vl53l0x"
    budget_ms = 200
    every_s = 1.0

Distance to whatever is before it, in mm, by the time an invisible laser (class 1) takes there and back: how full a
hopper is, whether a pallet stands there. From 30 mm to 1.2 m (white) or 0.7 m (grey) indoors; less in sunlight. It sees
a cone of 25 degrees; glass before it deceives it. The address is always 0x29. Switch I2C on first (``sudo
raspi-config``).

``budget_ms`` is the time for one measurement, 20 to 1000: four times as long halves the scatter; 33 is ST's default,
200 its "high accuracy". It measures once a second (more often, if ``every_s`` asks for that), so a reading is at most
about as old as that. ``in_range`` is 1 where the distance can be trusted, and only then is ``distance`` told.
``range_status`` says why not, as ST counts: 0 trusted, 2 too little light comes back (too far, too dark), 3 too near,
4 nothing there. A laser that fails (5), a chip that does not get done, one that lost its supply and with it its
settings, and another chip at 0x29 (VL53L1X, VL6180X, TCS34725) are reported.

Not implemented: changing the address (several of them need their XSHUT wires), ST's estimate of the scatter (status 1),
crosstalk for a cover glass, the long range profile, calibration of the offset and of the reference detectors (the
factory's is used; a chip without one is reported).

Source: ST DS11555 (VL53L0X data sheet): 2.6 (times), 3.2 (id registers); the set-up is in no data sheet but in ST's
API STSW-IMG005 (Copyright 2016 STMicroelectronics International N.V., BSD-3-Clause): DefaultTuningSettings,
ResetDevice, DataInit, StaticInit, PerformRefCalibration, get_pal_range_status; registers also after
pololu/vl53l0x-arduino (MIT). ST's notice is in LICENSES/.
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
from edge.paced import Paced
from edge.sensors import Expect, Polled

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("距離(VL53L0X)", "Distance (VL53L0X)")
ABOUT_JA = """\
目に見えないレーザー(クラス 1)で、前の物までの距離を測ります(屋内の白い物で 3 cm から 1.2 m、
灰色の物は 0.7 m まで)。ホッパーの残りや、パレットの有無が見えます。

気をつけること: 25度の広がりで見るので、まわりの縁が入らないように付けます。前にガラスがあると、
正しく測れません。アドレスは 0x29 だけなので、同じ I2C には1個です。

見えないこと: 日光の下や黒い物では、届く距離が短くなります。信じられないときは距離を送らず、
in_range が 0 になり、理由が range_status に出ます。
"""
STYLE: Literal["polled"] = "polled"
MEASURES = (
    Measure("distance", Words("距離", "distance"), "mm", low=0, high=2000, decimals=0),
    Measure("in_range", Words("測れる所に物がある", "something is where it can be measured"), kind="level"),
    Measure("range_status", Words("測定の状態(0 が正常)", "range status (0 is good)"), low=0, high=255, decimals=0),
)
PARTS = (Part("vl53l0x", 1), Part("wire-f-f", 4))
TERMINALS = (
    Wire("VIN", "3V3"),
    Wire("GND", "GND"),
    Wire("SDA", "SDA"),
    Wire("SCL", "SCL"),
)

ADDRESS = 0x29
START, SEQUENCE, INTERRUPT_SETUP, INTERRUPT_CLEAR, INTERRUPT, RESULT = 0x00, 0x01, 0x0A, 0x0B, 0x13, 0x14
SIGNAL_LIMIT, LIMIT_CHECKS, FINAL_TIMEOUT, INTERRUPT_PIN, PADS = 0x44, 0x60, 0x71, 0x84, 0x89
STOP, SPADS, SPAD_START, SOFT_RESET, ID, PAGE = 0x91, 0xB0, 0xB6, 0xBF, 0xC0, 0xFF
IDENTITY = bytes([0xEE, 0xAA, 0x10])
"""3.2: what stands in 0xC0, 0xC1, 0xC2 of every one."""
LIMIT_0_25_MCPS = 0x0020
USUAL_STEPS = 0xE8
"""Of the sequence: DSS, pre-range and final range; MSRC and TCC are off, as ST's StaticInit leaves it."""
TUNING = bytes.fromhex(
    "ff01 0000 ff00 0900 1000 1100 2401 25ff 7500 ff01 4e2c 4800 3020 ff00 3009 5400 3104 3203 4083 4625"
    "6000 2700 5006 5100 5296 5608 5730 6100 6200 6400 6500 66a0 ff01 2232 4714 49ff 4a00 ff00 7a0a 7b00"
    "7821 ff01 2334 4200 44ff 4526 4605 4040 0e06 201a 4340 ff00 3403 3544 ff01 3104 4b09 4c05 4d04 ff00"
    "4400 4520 4708 4828 6700 7004 7101 72fe 7600 7700 ff01 0d01 ff00 8001 01f8 ff01 8e01 0001 ff00 8000"
)
"""ST's DefaultTuningSettings ("update 02/11/2015_v36"): register, value, register, value …"""

LOOK_S, LOOKS = 0.005, 60
MARGIN_S = 0.005


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """The one chip on one I2C bus."""

    address: int = setting(Words("I2C アドレス", "I2C address"), "i2c_address", default=ADDRESS, choices=("0x29",))
    bus: int = setting(Words("I2C バスの番号", "I2C bus"), "whole", default=1, low=0, high=20)
    budget_ms: int = setting(
        Words("1回の測定にかける時間", "time for one measurement"), "whole", default=200, unit="ms", low=20, high=1000
    )
    every_s: float = setting(Words("読む間隔", "reading interval"), "number", default=1.0, unit="s", low=0.1, high=3600)

    def open(self, board: Board) -> Polled:
        """See whether something is there, and begin to set it up. Raises SensorError."""
        return _Range(self, board.i2c(self.bus), board.clock)


class _Range:
    def __init__(self, settings: Sensor, bus: I2CBus, clock: Clock) -> None:
        self._settings = settings
        self._bus = bus
        self._stop = 0
        self._newest: Mapping[str, Value] = {}
        self._work = Paced(clock, self._measuring())

    def read(self) -> Mapping[str, Value]:
        return self._newest

    def close(self) -> None:
        self._work.close()

    def _measuring(self) -> Iterator[float]:
        settings = self._settings
        budget_s = settings.budget_ms / 1000
        try:
            yield from self._reset()
            yield from self._set_up()
            while True:
                self._shoot()
                yield budget_s + MARGIN_S
                yield from self._until(INTERRUPT, 0x07)
                block = bytes(self._bus.read_i2c_block_data(settings.address, RESULT, 12))
                self._put(INTERRUPT_CLEAR, 0x01)
                self._newest = told(block)
                yield max(0.0, min(1.0, settings.every_s) - budget_s - MARGIN_S)
        except SensorError:
            raise
        except OSError as error:
            raise troubles.no_chip(settings.address, settings.bus, str(error)) from error

    def _reset(self) -> Iterator[float]:
        """See who it is, and begin anew: an earlier run may have left it on another page, in reset or measuring."""
        if self._identity() != IDENTITY:
            self._put_all(PAGE, 0x00, 0x80, 0x00, SOFT_RESET, 0x01)
            yield LOOK_S
            _refuse_others(self._identity())
        self._put(SOFT_RESET, 0x00)
        yield LOOK_S
        self._put(SOFT_RESET, 0x01)
        yield LOOK_S  # 2.6: it boots within 1.2 ms
        _refuse_others(self._identity())

    def _identity(self) -> bytes:
        return bytes(self._bus.read_i2c_block_data(self._settings.address, ID, len(IDENTITY)))

    def _set_up(self) -> Iterator[float]:
        self._put(PADS, self._get(PADS) | 0x01)  # the boards' I2C lines are pulled up to 2.8 V or more, not 1.8 V
        self._put_all(0x88, 0x00, 0x80, 0x01, PAGE, 0x01, 0x00, 0x00)
        self._stop = self._get(STOP)
        self._put_all(0x00, 0x01, PAGE, 0x00, 0x80, 0x00)
        self._put(LIMIT_CHECKS, self._get(LIMIT_CHECKS) | 0x12)
        self._put_16(SIGNAL_LIMIT, LIMIT_0_25_MCPS)
        self._put(SEQUENCE, 0xFF)
        yield from self._choose_spads()
        self._put_all(*TUNING)
        self._put(INTERRUPT_SETUP, 0x04)
        self._put(INTERRUPT_PIN, self._get(INTERRUPT_PIN) & ~0x10)
        self._put(INTERRUPT_CLEAR, 0x01)
        self._put(SEQUENCE, USUAL_STEPS)
        self._put_16(FINAL_TIMEOUT, final_timeout(self._settings.budget_ms * 1000))
        yield from self._calibrate(0x01, 0x41)
        yield from self._calibrate(0x02, 0x01)
        self._put(SEQUENCE, USUAL_STEPS)

    def _choose_spads(self) -> Iterator[float]:
        """Which of the reference detectors (SPADs) to use stands in the chip's memory, since the factory."""
        self._put_all(0x80, 0x01, PAGE, 0x01, 0x00, 0x00, PAGE, 0x06)
        self._put(0x83, self._get(0x83) | 0x04)
        self._put_all(PAGE, 0x07, 0x81, 0x01, 0x80, 0x01, 0x94, 0x6B, 0x83, 0x00)
        yield from self._until(0x83, 0xFF)
        self._put(0x83, 0x01)
        said = self._get(0x92)
        self._put_all(0x81, 0x00, PAGE, 0x06)
        self._put(0x83, self._get(0x83) & ~0x04)
        self._put_all(PAGE, 0x01, 0x00, 0x01, PAGE, 0x00, 0x80, 0x00)
        good = bytes(self._bus.read_i2c_block_data(self._settings.address, SPADS, 6))
        self._put_all(PAGE, 0x01, 0x4F, 0x00, 0x4E, 0x2C, PAGE, 0x00, SPAD_START, 0xB4)
        count, aperture = said & 0x7F, bool(said & 0x80)
        if count > (32 if aperture else 12):
            raise _broken(said)
        chosen = chosen_spads(good, count, aperture)
        self._bus.write_i2c_block_data(self._settings.address, SPADS, list(chosen))

    def _calibrate(self, step: int, start: int) -> Iterator[float]:
        self._put_all(SEQUENCE, step, START, start)
        yield from self._until(INTERRUPT, 0x07)
        self._put_all(INTERRUPT_CLEAR, 0x01, START, 0x00)

    def _shoot(self) -> None:
        if self._get(SEQUENCE) != USUAL_STEPS:
            raise _forgot()
        self._put_all(0x80, 0x01, PAGE, 0x01, 0x00, 0x00, STOP, self._stop, 0x00, 0x01, PAGE, 0x00, 0x80, 0x00)
        self._put(START, 0x01)

    def _until(self, register: int, bits: int) -> Iterator[float]:
        for _ in range(LOOKS):
            if self._get(register) & bits:
                return
            yield LOOK_S
        raise _hangs(register)

    def _get(self, register: int) -> int:
        return self._bus.read_byte_data(self._settings.address, register)

    def _put(self, register: int, value: int) -> None:
        self._bus.write_byte_data(self._settings.address, register, value & 0xFF)

    def _put_16(self, register: int, value: int) -> None:
        self._bus.write_i2c_block_data(self._settings.address, register, list(value.to_bytes(2, "big")))

    def _put_all(self, *pairs: int) -> None:
        for register, value in zip(pairs[::2], pairs[1::2], strict=True):
            self._put(register, value)


def chosen_spads(good: bytes, count: int, aperture: bool) -> bytes:
    """The first ``count`` of the good detectors of the wanted kind; those with an aperture begin at the twelfth."""
    chosen = bytearray(6)
    for place in range(12 if aperture else 0, 48):
        if count > 0 and good[place // 8] >> place % 8 & 1:
            chosen[place // 8] |= 1 << place % 8
            count -= 1
    return bytes(chosen)


def macro_ns(vcsel_clocks: int) -> int:
    """Nanoseconds of a macro period: 2304 laser periods of so many clocks of 1.655 ns."""
    return (2304 * vcsel_clocks * 1655 + 500) // 1000


def final_timeout(budget_us: int) -> int:
    """The register that makes a measurement take ``budget_us``, with the steps and timeouts of the tuning above.

    What the budget leaves after the fixed parts goes to the final range; the register counts from the beginning of
    the pre-range (151 macro periods of 14 clocks; DSS takes 38 of them twice).
    """
    before_us = 2 * (_us(38, 14) + 690) + _us(151, 14) + 660
    left_us = budget_us - 1320 - 960 - before_us - 550
    periods = (left_us * 1000 + macro_ns(10) // 2) // macro_ns(10)
    return encoded(periods + 151)


def _us(periods: int, vcsel_clocks: int) -> int:
    return (periods * macro_ns(vcsel_clocks) + macro_ns(vcsel_clocks) // 2) // 1000


def encoded(periods: int) -> int:
    """A timeout as the chip holds it: low byte x 2^(high byte) + 1."""
    low, high = periods - 1, 0
    while low > 0xFF:
        low, high = low >> 1, high + 1
    return high << 8 | low


def told(block: bytes) -> dict[str, Value]:
    """The readings of the twelve bytes at 0x14; empty without a new measurement. Raises SensorError (laser)."""
    status = range_status(block[0])
    if status == 5:
        raise _broken(block[0])
    if status == 255:
        return {}
    seen: dict[str, Value] = {"in_range": int(status == 0), "range_status": status}
    return seen if status else seen | {"distance": block[10] << 8 | block[11]}


def range_status(device: int) -> int:
    """ST's range status from the chip's (bits 6 to 3): 11 is good; 4 signal, 6 and 9 phase, 8 and 10 too near."""
    kinds = {1: 5, 2: 5, 3: 5, 4: 2, 6: 4, 9: 4, 8: 3, 10: 3, 11: 0}
    return kinds.get(device >> 3 & 0x0F, 255)


def _refuse_others(identity: bytes) -> None:
    if identity != IDENTITY:
        raise SensorError(
            Words(
                f"アドレス 0x{ADDRESS:02x} の部品は VL53L0X ではありません(ID {identity.hex(' ')})。",
                f"The chip at 0x{ADDRESS:02x} is no VL53L0X (id {identity.hex(' ')}).",
            ),
            Words(
                "部品の表示を確認してください。VL53L1X・VL6180X・TCS34725 も同じアドレスです。",
                "Hint: look at what is printed on it; VL53L1X, VL6180X and TCS34725 are at that address too.",
            ),
        )


def _forgot() -> SensorError:
    return SensorError(
        Words(
            "VL53L0X が設定を忘れています(電源が一瞬切れたようです)。",
            "The VL53L0X forgot its settings; its supply failed.",
        ),
        Words("3V3 と GND の配線を確認してください。", "Hint: check the wires to 3V3 and GND."),
    )


def _hangs(register: int) -> SensorError:
    return SensorError(
        Words(
            f"VL53L0X の測定が終わりません(レジスター 0x{register:02x})。",
            f"The VL53L0X does not get done (register 0x{register:02x}).",
        ),
        Words(
            "3V3 の配線を確認し、電源を入れ直してください。", "Hint: check the wire to 3V3, then switch it off and on."
        ),
    )


def _broken(device: int) -> SensorError:
    return SensorError(
        Words(
            f"VL53L0X のレーザーか受光部が故障しています(状態 0x{device:02x})。",
            f"The VL53L0X's laser or detector is broken (0x{device:02x}).",
        ),
        Words(
            "電源を入れ直し、直らなければ部品を交換してください。",
            "Hint: switch it off and on; if it stays so, replace it.",
        ),
    )


# ---- the bench ----


class Chip:
    """A VL53L0X as the bus sees it. Set ``distance`` (mm); ``status`` is the chip's own, where it is not None."""

    MEASURES_NS = 30_000_000
    SEES_MM = 1200

    def __init__(self, clock: Clock, identity: bytes = IDENTITY) -> None:
        self.distance = 500.0
        self.status: int | None = None
        self._clock = clock
        self._identity = identity
        self.lose_power()

    def lose_power(self) -> None:
        """As after power-on: nothing set up."""
        self._pages = {page: bytearray(256) for page in (0, 1, 6, 7)}
        self._page, self._pointer = 0, 0
        self._ready_ns: int | None = None
        first = self._pages[0]
        first[SEQUENCE] = 0xFF
        first[ID : ID + 3] = self._identity
        first[SPADS : SPADS + 6] = bytes([0xFF] * 6)
        self._pages[1][STOP] = 0x3C
        self._pages[7][0x92] = 0x85

    def write(self, data: bytes) -> None:
        """A register, and what goes into it and the next ones."""
        self._pointer = data[0]
        for value in data[1:]:
            self._set(self._pointer, value)
            self._pointer = self._pointer + 1 & 0xFF

    def read(self, length: int) -> bytes:
        """The registers from the pointer on."""
        if self._ready_ns is not None and self._clock.monotonic_ns() >= self._ready_ns:
            self._ready_ns = None
            self._pages[0][RESULT : RESULT + 12] = self._result()
            self._pages[0][INTERRUPT] |= 0x04
        return bytes(self._pages[self._page][(self._pointer + place) & 0xFF] for place in range(length))

    def _set(self, register: int, value: int) -> None:
        if register == PAGE:
            self._page = value if value in self._pages else 0
            return
        here = self._pages[self._page]
        here[register] = value
        if self._page == 0 and register == SOFT_RESET:
            self.lose_power()
            self._pages[0][ID : ID + 3] = self._identity if value else bytes(3)
        elif self._page == 7 and (register, value) == (0x83, 0x00):
            here[0x83] = 0x10
        elif self._page == 0 and register == START and value & 0x01:
            self._ready_ns = self._clock.monotonic_ns() + self.MEASURES_NS
            here[START] = 0
        elif self._page == 0 and register == INTERRUPT_CLEAR and value & 0x01:
            here[INTERRUPT] = 0

    def _result(self) -> bytes:
        far = self.distance > self.SEES_MM
        status = self.status if self.status is not None else 9 if far else 11
        mm = 8190 if far else round(self.distance)
        return bytes([status << 3 | 0x01, 0, 0x50, 0, 0x06, 0, 0, 0x10, 0, 0x20]) + mm.to_bytes(2, "big")


def place(sensor: Sensor, bench: "Bench") -> Chip:
    """Plug a VL53L0X in."""
    chip = Chip(bench.clock)
    bench.i2c_chip(sensor.bus, sensor.address, chip)
    return chip


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """A hopper is filled and emptied, a supply fails, the laser fails, another chip, a loose wire."""
    chip = place(sensor, bench)
    wait_s = max(2.0, 2 * sensor.budget_ms / 1000 + sensor.every_s)
    yield Expect(Words("準備をしている", "it is being set up"))
    for said, mm in ((Words("満杯", "full"), 60), (Words("半分", "half"), 420), (Words("空", "empty"), 790)):
        chip.distance = mm
        yield Expect(said, {"distance": mm, "in_range": 1, "range_status": 0}, wait_s=wait_s)
    chip.distance = 3000
    yield Expect(Words("前に何もない", "nothing before it"), {"in_range": 0, "range_status": 4}, wait_s=wait_s)
    chip.lose_power()
    yield Expect(Words("電源が一瞬切れた", "its supply failed for a moment"), wait_s=wait_s, error=True)
    chip.status = 2
    yield Expect(Words("レーザーが故障した", "the laser fails"), wait_s=wait_s, error=True)
    bench.i2c_chip(sensor.bus, sensor.address, Chip(bench.clock, identity=b"\xea\xcc\x10"))
    yield Expect(Words("ほかの部品だった", "it is another part"), wait_s=1.0, error=True)
    bench.i2c_chip(sensor.bus, sensor.address, None)
    yield Expect(Words("線が外れた", "a wire came off"), error=True)
