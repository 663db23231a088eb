"""Wiring: VCC (or VIN) to 3V3 (header pin 1), GND to GND, SDA to GPIO2 (pin 3), SCL to GPIO3 (pin 5), CS to 3V3, SDO to
GND.

    [stations.press.sensors.spindle]
    type = "adxl345"
    address = 0x53
    axis = "z"
    rate_hz = 200
    every_s = 10.0

Vibration of a machine: every ``every_s`` a stretch of 512 samples is taken, and only what it is like is told: ``rms``
and ``peak`` in m/s², ``crest_factor``, ``kurtosis`` (noise of all kinds 3, spikes of a damaged bearing more), and
``main_frequency``, which is left out where no frequency stands out. Glue or screw the board to the machine; ``z`` is
at right angles to it. The address is 0x53, or 0x1D where SDO is wired to 3V3; left open it may be either. Switch I2C
on first (``sudo raspi-config``).

``rate_hz`` is 100, 200, 400 or 800 (others mean the next faster one); half of it is the highest frequency that can be
seen. For 400 and 800 make I2C four times as fast: ``dtparam=i2c_arm_baudrate=400000`` in /boot/firmware/config.txt.

The chip keeps 32 samples, and they are fetched when it says that 16 are there (watermark). A stretch in which it ran
full before it was fetched (overrun) is thrown away and counted; five in a row are reported. The frequency is in Hz of
the Pi's clock, because the chip's own rate is only roughly what it is set to. Up to ±16 g; what is beyond is cut off
and counted as ``clipped``.

Not done: interrupt pins, self-test, offsets, tap and fall detection. The scale is the chip's nominal one (±10 %).

Source: Analog Devices ADXL345, rev. E: table 1 (256 LSB/g), 7 (rates), 19 (registers), "FIFO", "I2C" (rates by bus).
"""

import contextlib
import math
import struct
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from contract.catalogue import Measure, Part, Wire, setting
from contract.errors import SensorError
from contract.reading import NS_PER_S
from contract.words import Words
from edge import troubles
from edge.board import Board, I2CBus
from edge.clock import Clock, Timer
from edge.handles import Handle, Knob, Push
from edge.sensors import Expect, Listening, Tell
from edge.vibration import features

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("振動(ADXL345)", "Vibration (ADXL345)")
ABOUT_JA = """\
機械の振動を見ます。512 点ずつまとめて測り、大きさ(rms、peak)、とがり具合(crest_factor、kurtosis)、
主な周波数だけを送ります。軸受が傷むと、kurtosis が 3 より大きくなります。

気をつけること: 基板は機械に接着するか、ねじで止めます。ぐらつくと、機械ではなく基板の振動を測ってしまいます。
SDO は必ず GND につなぎます(つながないとアドレスが決まりません)。rate_hz が 400 以上のときは、I2C を速くします。

見えないこと: rate_hz の半分より高い周波数は見えません。±16 g を超えた分は切れて、clipped に数えます。
目盛りは ±10 % ほどずれることがあるので、同じ1台の前と後を比べてください。
"""
STYLE: Literal["event"] = "event"
MEASURES = (
    Measure("rms", Words("振動の強さ(実効値)", "vibration, RMS"), "m/s²", low=0, high=157, decimals=2),
    Measure("peak", Words("振動の最大値", "vibration, peak"), "m/s²", low=0, high=314, decimals=2),
    Measure("crest_factor", Words("波高率", "crest factor"), "", low=1, high=23, decimals=2),
    Measure("kurtosis", Words("尖度", "kurtosis"), "", low=1, high=512, decimals=2),
    Measure("main_frequency", Words("主な周波数", "main frequency"), "Hz", low=0, high=440, decimals=1),
)
PARTS = (Part("adxl345", 1), Part("wire-f-f", 6))
TERMINALS = (
    Wire("VCC", "3V3", note=Words("5V につながない", "never to 5V")),
    Wire("GND", "GND"),
    Wire("SDA", "SDA"),
    Wire("SCL", "SCL"),
    Wire("CS", "3V3", note=Words("I2C で使うため", "which makes it speak I2C")),
    Wire("SDO", "GND", note=Words("GND でアドレス 0x53", "GND: address 0x53"), address=0x53),
    Wire("SDO", "3V3", note=Words("3V3 でアドレス 0x1d", "3V3: address 0x1d"), address=0x1D),
)

DEVID, BW_RATE, POWER_CTL, INT_SOURCE = 0x00, 0x2C, 0x2D, 0x30
DATA_FORMAT, DATAX0, FIFO_CTL, FIFO_STATUS = 0x31, 0x32, 0x38, 0x39
ADXL345: Final = 0xE5
RATES: Final = {100: 0x0A, 200: 0x0B, 400: 0x0C, 800: 0x0D}
FULL_RES_16_G, STANDBY, MEASURE, BYPASS, STREAM = 0x0B, 0x00, 0x08, 0x00, 0x80
WATERMARK_BIT, OVERRUN_BIT, ENTRIES = 0x02, 0x01, 0x3F
WATERMARK: Final = 16
SAMPLES: Final = 512
LSB_PER_G: Final = 256
G: Final = 9.80665
LOWEST, HIGHEST = -4096, 4095
"""13 bits: where a sample is cut off."""
OVERRUNS: Final = 5
OFF_RATE: Final = 0.15
"""So far from the rate it is set to it cannot be: samples were lost, or it lost its supply."""
GRAVITY: Final = (0.5, 1.5)
"""g: what the mean of a stretch must lie between, all axes together."""

Sample = tuple[int, int, int]
Next = tuple[int, "Callable[[], Next]"]
"""In how many nanoseconds what is to be done."""
Action = Callable[[], Next]


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One chip on one I2C bus."""

    address: int = setting(Words("I2C アドレス", "I2C address"), "i2c_address", default=0x53, choices=("0x53", "0x1d"))
    bus: int = setting(Words("I2C バスの番号", "I2C bus"), "whole", default=1, low=0, high=20)
    axis: str = setting(Words("見る向き", "axis"), "choice", default="z", choices=("x", "y", "z"))
    rate_hz: int = setting(
        Words("1秒に取る回数", "samples in a second"), "whole", default=200, unit="Hz", low=100, high=800
    )
    every_s: float = setting(Words("測る間隔", "interval"), "number", default=10.0, unit="s", low=1, high=3600)

    @property
    def chip_hz(self) -> int:
        """The chip's rate: the next faster one."""
        return next(rate for rate in RATES if rate >= self.rate_hz)

    def listen(self, board: Board, tell: Tell) -> Listening:
        """Check that it is an ADXL345 and begin the first stretch. Raises SensorError."""
        bus = board.i2c(self.bus)
        try:
            _refuse_others(bus.read_byte_data(self.address, DEVID), self.address)
        except SensorError:
            raise
        except OSError as error:
            raise troubles.no_chip(self.address, self.bus, str(error)) from error
        return _Machine(self, bus, board.clock, tell)


class _Machine:
    def __init__(self, settings: Sensor, bus: I2CBus, clock: Clock, tell: Tell) -> None:
        self._settings, self._bus, self._clock, self._tell = settings, bus, clock, tell
        self._counts = dict.fromkeys(("stretches", "overruns", "clipped"), 0)
        self._overruns = 0
        self._broken: SensorError | None = None
        self._pause_ns = round(WATERMARK / settings.chip_hz * NS_PER_S)
        self._began_ns = self._first_ns = 0
        self._samples: list[Sample] | None = None
        self._open = True
        self._timer: Timer = self._in(0, self._begin)

    def health(self) -> Mapping[str, int]:
        return dict(self._counts)

    def check(self) -> None:
        if self._broken is not None:
            raise self._broken

    def close(self) -> None:
        if self._open:
            self._open = False
            self._timer.cancel()
            with contextlib.suppress(OSError):  # it may be gone
                self._write(POWER_CTL, STANDBY)

    def _in(self, pause_ns: int, action: Action) -> Timer:
        return self._clock.at(self._clock.monotonic_ns() + pause_ns, lambda: self._guarded(action), lane="vibration")

    def _guarded(self, action: Action) -> None:
        """Do what comes next; keep what is wrong for `check`, where the agent looks for it."""
        if not self._open or self._broken is not None:
            return
        try:
            self._timer = self._in(*action())
        except SensorError as error:
            self._broken = error
        except OSError as error:
            self._broken = troubles.no_chip(self._settings.address, self._settings.bus, str(error))

    def _begin(self) -> Next:
        """Set the chip up from nothing, so that one that lost its supply, or was changed, is well again."""
        settings = self._settings
        _refuse_others(self._bus.read_byte_data(settings.address, DEVID), settings.address)
        self._write(POWER_CTL, STANDBY)
        self._write(BW_RATE, RATES[settings.chip_hz])
        self._write(DATA_FORMAT, FULL_RES_16_G)
        self._write(FIFO_CTL, BYPASS)  # which empties it
        self._write(FIFO_CTL, STREAM | WATERMARK)
        self._write(POWER_CTL, MEASURE)
        self._samples = None
        self._began_ns = self._clock.monotonic_ns()
        return self._pause_ns, self._fetch

    def _fetch(self) -> Next:
        """Fetch what is there; the first samples, taken while it wakes, only say when the stretch begins."""
        if self._clock.monotonic_ns() - self._began_ns > self._longest_ns:
            raise _stopped(self._settings)
        source = self._bus.read_byte_data(self._settings.address, INT_SOURCE)
        if source & OVERRUN_BIT:
            return self._overrun()
        if not source & WATERMARK_BIT:
            return self._pause_ns // 4, self._fetch
        entries = self._bus.read_byte_data(self._settings.address, FIFO_STATUS) & ENTRIES
        counted_ns = self._clock.monotonic_ns()
        fetched = [self._sample() for _ in range(entries)]
        if self._samples is None:
            self._samples, self._first_ns = [], counted_ns
        else:
            self._samples += fetched
        if len(self._samples) >= SAMPLES:
            return self._end(self._samples, counted_ns)
        return max(1, counted_ns + self._pause_ns - self._clock.monotonic_ns()), self._fetch

    def _end(self, samples: list[Sample], end_ns: int) -> Next:
        self._write(POWER_CTL, STANDBY)
        rate_hz = len(samples) * NS_PER_S / (end_ns - self._first_ns)
        if abs(rate_hz / self._settings.chip_hz - 1) > OFF_RATE:
            return self._overrun()
        self._overruns = 0
        _refuse_weightless(samples, self._settings.address)
        number = "xyz".index(self._settings.axis)
        heard = [sample[number] for sample in samples[-SAMPLES:]]
        self._counts["stretches"] += 1
        self._counts["clipped"] += sum(not LOWEST < one < HIGHEST for one in heard)
        found = features([one * G / LSB_PER_G for one in heard], rate_hz)
        for measure in MEASURES:
            value = getattr(found, measure.key)
            if value is not None:
                self._tell(measure.key, value, end_ns)
        pause_ns = self._began_ns + round(self._settings.every_s * NS_PER_S) - self._clock.monotonic_ns()
        return max(0, pause_ns), self._begin

    def _overrun(self) -> Next:
        self._counts["overruns"] += 1
        self._overruns += 1
        if self._overruns >= OVERRUNS:
            raise _too_slow(self._settings)
        return self._begin()

    @property
    def _longest_ns(self) -> int:
        return round(2 * SAMPLES / self._settings.chip_hz * NS_PER_S)

    def _sample(self) -> Sample:
        x, y, z = struct.unpack("<hhh", bytes(self._bus.read_i2c_block_data(self._settings.address, DATAX0, 6)))
        return x, y, z

    def _write(self, register: int, value: int) -> None:
        self._bus.write_byte_data(self._settings.address, register, value)


def _refuse_others(device: int, address: int) -> None:
    if device == ADXL345:
        return
    raise SensorError(
        Words(
            f"アドレス 0x{address:02x} の部品は ADXL345 ではありません(id 0x{device:02x})。",
            f"The chip at 0x{address:02x} is no ADXL345 (id 0x{device:02x}).",
        ),
        Words(
            "部品の表示と、ほかの部品が同じアドレスにないかを確認してください。",
            "Hint: look at what is printed on the part, and for another part at that address.",
        ),
    )


def _refuse_weightless(samples: list[Sample], address: int) -> None:
    means = [math.fsum(axis) / len(samples) / LSB_PER_G for axis in zip(*samples, strict=True)]
    if GRAVITY[0] <= math.hypot(*means) <= GRAVITY[1]:
        return
    raise SensorError(
        Words(
            f"アドレス 0x{address:02x} の ADXL345 に重力がありません({math.hypot(*means):.2f} g)。",
            f"The ADXL345 at 0x{address:02x} feels {math.hypot(*means):.2f} g where gravity is 1 g.",
        ),
        Words(
            "配線を確認してください。直らなければ、部品が壊れています(落とした、強く叩いた)。",
            "Hint: check the wires; if that is not it, the part is broken (dropped, or hit).",
        ),
    )


def _stopped(settings: Sensor) -> SensorError:
    return SensorError(
        Words(
            f"アドレス 0x{settings.address:02x} の ADXL345 が測定をやめました(電源が一瞬切れたようです)。",
            f"The ADXL345 at 0x{settings.address:02x} has stopped; its supply seems to have failed for a moment.",
        ),
        Words("3V3 と GND の配線を確認してください。", "Hint: check the wires to 3V3 and GND."),
    )


def _too_slow(settings: Sensor) -> SensorError:
    return SensorError(
        Words(
            f"I2C が遅く、毎秒 {settings.chip_hz} 回の値を取りきれません。",
            f"I2C is too slow to fetch {settings.chip_hz} samples a second.",
        ),
        Words(
            "config.txt に「dtparam=i2c_arm_baudrate=400000」と書いて再起動するか、rate_hz を小さくしてください。",
            "Hint: write dtparam=i2c_arm_baudrate=400000 into config.txt and restart, or choose a smaller rate_hz.",
        ),
    )


# ---- the bench ----


class Chip:
    """An ADXL345 on a shaking machine, as the bus sees it: ``gravity`` on z, and on ``axis`` a sine.

    ``swing`` is the sine's peak in m/s², ``main_frequency`` in Hz; ``hurry``: it samples so many times faster than it
    is set to.
    """

    def __init__(self, clock: Clock, axis: str = "z", device: int = ADXL345) -> None:
        self.swing, self.main_frequency, self.hurry = 0.0, 50.0, 1.0
        self.gravity = 1.0
        self._clock, self._axis, self._device = clock, "xyz".index(axis), device
        self._pointer = 0
        self.lose_power()

    def lose_power(self) -> None:
        """The supply fails for a moment: everything is as after a reset, in standby."""
        self._registers = bytearray(64)
        self._registers[DEVID], self._registers[BW_RATE] = self._device, 0x0A
        self._fifo: deque[Sample] = deque(maxlen=32)
        self._next_ns = 0
        self._full = False

    def write(self, data: bytes) -> None:
        """A register, then what goes into it and the next ones."""
        self._sample()
        self._pointer = data[0]
        for register, value in enumerate(data[1:], data[0]):
            if register in (BW_RATE, POWER_CTL, DATA_FORMAT, FIFO_CTL):
                self._registers[register] = value
            if register == FIFO_CTL and value & 0xC0 == BYPASS:
                self._fifo.clear()
                self._full = False
            if register == POWER_CTL and value & MEASURE:
                self._next_ns = self._clock.monotonic_ns() + self._period_ns

    def read(self, length: int) -> bytes:
        """The registers from the pointer on; a read to the end of the data takes the oldest sample out."""
        self._sample()
        self._registers[INT_SOURCE] = 2 * (len(self._fifo) >= self._registers[FIFO_CTL] & 0x1F) + self._full
        self._registers[FIFO_STATUS] = len(self._fifo)
        span = range(self._pointer, self._pointer + length)
        if DATAX0 in span and self._fifo:
            self._registers[DATAX0 : DATAX0 + 6] = struct.pack("<hhh", *self._fifo[0])
        told = bytes(self._registers[register % 64] for register in span)
        if DATAX0 + 5 in span and self._fifo:
            self._fifo.popleft()
            self._full = False
        return told

    @property
    def _period_ns(self) -> int:
        rates = {code: rate for rate, code in RATES.items()}
        return round(NS_PER_S / rates.get(self._registers[BW_RATE], 100) / self.hurry)

    def _sample(self) -> None:
        if not self._registers[POWER_CTL] & MEASURE:
            return
        while self._next_ns <= self._clock.monotonic_ns():
            self._full |= len(self._fifo) == 31
            self._fifo.append(self._felt(self._next_ns / NS_PER_S))
            self._next_ns += self._period_ns

    def _felt(self, at_s: float) -> Sample:
        g = [0.0, 0.0, self.gravity]
        g[self._axis] += self.swing / G * math.sin(2 * math.pi * self.main_frequency * at_s)
        x, y, z = (min(HIGHEST, max(LOWEST, round(one * LSB_PER_G))) for one in g)
        return x, y, z


def place(sensor: Sensor, bench: "Bench") -> Chip:
    """Plug an ADXL345 in."""
    chip = Chip(bench.clock, sensor.axis)
    bench.i2c_chip(sensor.bus, sensor.address, chip)
    return chip


def handles(sensor: Sensor, bench: "Bench", part: Chip) -> Iterator[Handle]:  # noqa: ARG001
    """How strongly and how fast it shakes; a supply that fails."""
    for key, title, high, unit in (
        ("swing", Words("揺れの大きさ", "how strongly it shakes"), 150.0, "m/s²"),
        ("main_frequency", Words("揺れの周波数", "how fast it shakes"), 0.45 * sensor.chip_hz, "Hz"),
    ):
        yield Knob(key, title, 0.0, high, partial(getattr, part, key), partial(setattr, part, key), unit)
    yield Push("supply", Words("電源が一瞬切れる", "its supply fails for a moment"), part.lose_power)


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """A machine stands, runs, and is shaken; then a bus that is too slow, a failed supply, and another chip."""
    chip = place(sensor, bench)
    stretch_s = 1.1 * SAMPLES / sensor.chip_hz
    wait_s = max(sensor.every_s, stretch_s)
    yield Expect(Words("最初の測定の途中", "the first stretch is under way"), wait_s=stretch_s / 2)
    yield Expect(Words("止まっている", "it stands"), {"rms": 0.0, "peak": 0.0}, wait_s=wait_s - stretch_s / 2)
    for said, swing, frequency in (
        (Words("回っている", "it runs"), 20.0, 0.0625 * sensor.chip_hz),
        (Words("強く揺れる", "it shakes"), 100.0, 0.1234 * sensor.chip_hz),
    ):
        chip.swing, chip.main_frequency = swing, frequency
        shaken = {"rms": swing / math.sqrt(2), "peak": swing, "crest_factor": math.sqrt(2), "kurtosis": 1.5}
        yield Expect(said, {**shaken, "main_frequency": frequency}, wait_s=wait_s, tolerance=0.5)
    chip.hurry = 4.0
    yield Expect(Words("バスが遅くて間に合わない", "the bus is too slow"), wait_s=wait_s, error=True)
    chip.hurry = 1.0
    yield Expect(Words("測り直す", "it measures again"), wait_s=stretch_s / 2)
    chip.lose_power()
    yield Expect(Words("電源が一瞬切れた", "its supply failed for a moment"), wait_s=3 * stretch_s, error=True)
    bench.i2c_chip(sensor.bus, sensor.address, None)
    yield Expect(Words("線が外れた", "a wire came off"), error=True)
    bench.i2c_chip(sensor.bus, sensor.address, Chip(bench.clock, device=0x33))
    yield Expect(Words("別の部品だった", "it is another chip"), error=True)
