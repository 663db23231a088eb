"""Wiring: VCC to 3V3 (header pin 1), GND to GND, SDA to GPIO2 (pin 3), SCL to GPIO3 (pin 5).

    [stations.inspection.sensors.light]
    type = "bh1750"
    address = 0x23
    every_s = 5.0

Brightness in lux, for the light at a place of inspection or behind a dark tube over a lamp. The address is 0x23, or
0x5C where ADDR is wired to 3V3. Switch I2C on first (``sudo raspi-config``).

``mtreg`` is the chip's measurement time register: 69 reaches 54,612 lx in steps of 0.83 lx; 31 reaches 121,557 lx, for
sunlight; 254 reaches 14,836 lx in steps of 0.23 lx, for a tube or a dark window, and takes 0.66 s. Light beyond the
reach is reported, not cut off.

It measures once a second on demand (one-time H-resolution mode, at most 0.66 s), so a reading is at most two seconds
old and nobody waits for it. The time register is written before each measurement: a supply that failed for a moment
needs no care. The chip has neither an id nor a check byte, so another part at that address cannot be told from it.

Not implemented: L-resolution (4 lx) and H-resolution mode 2 (0.5 lx; a higher ``mtreg`` does better).

Source: ROHM BH1750FVI technical note, rev. D (2011.11): electrical characteristics (times), "Instruction Set
Architecture", "Measurement Procedure" (lux = count / 1.2), "Measurement time register" (31 to 254, 69 by default).
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
from edge.i2c_messages import hear, tell
from edge.paced import Paced
from edge.sensors import Expect, Polled

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("明るさ(BH1750)", "Brightness (BH1750)")
ABOUT_JA = """\
検査台などの明るさをルクスで測ります。黒い筒に入れてランプに向ければ、ランプの明るさも見えます。

気をつけること: 測れる範囲は mtreg で変わります。69 で 54,612 lx まで、日光の当たる所では 31、
筒の中や暗い所では 254 にします。ADDR を 3V3 につなぐと、アドレスは 0x5C です。

見えないこと: 値は最大2秒前のもので、速い点滅は見えません。このチップには番号(ID)がないため、
同じアドレスに別の部品があっても気づけません。
"""
STYLE: Literal["polled"] = "polled"
MEASURES = (Measure("light", Words("明るさ", "brightness"), "lx", low=0, high=121_600, decimals=1),)
PARTS = (
    Part("bh1750", 1),
    Part("wire-f-f", 4),
    Part("wire-f-f", 1, Words("アドレスを変える線", "the strap of the address"), when=("address", 0x5C)),
)
TERMINALS = (
    Wire("VCC", "3V3"),
    Wire("GND", "GND"),
    Wire("SDA", "SDA"),
    Wire("SCL", "SCL"),
    Wire("ADDR", "3V3", note=Words("3V3 でアドレス 0x5c", "3V3: address 0x5c"), address=0x5C),
)

POWER_ON, ONE_TIME_H = 0x01, 0x20
TIME_HIGH, TIME_LOW = 0x40, 0x60
DEFAULT_TIME = 69
LONGEST_S = 0.18
"""A measurement with the default time register takes 120 ms, at most 180 ms; another one takes longer in proportion."""
COUNTS_PER_LUX = 1.2
FULL = 0xFFFF
PERIOD_S = 1.0


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One chip on one I2C bus."""

    address: int = setting(Words("I2C アドレス", "I2C address"), "i2c_address", default=0x23, choices=("0x23", "0x5c"))
    bus: int = setting(Words("I2C バスの番号", "I2C bus"), "whole", default=1, low=0, high=20)
    mtreg: int = setting(
        Words("測定時間レジスター(大きいほど暗い所に強い)", "measurement time register (higher for darker places)"),
        "whole",
        default=DEFAULT_TIME,
        low=31,
        high=254,
    )
    every_s: float = setting(Words("読む間隔", "reading interval"), "number", default=5.0, unit="s", low=1, high=3600)

    def open(self, board: Board) -> Polled:
        """Let it measure. Raises SensorError."""
        return _Light(self, board.i2c(self.bus), board.clock)

    @property
    def takes_s(self) -> float:
        """How long one measurement takes at most."""
        return LONGEST_S * self.mtreg / DEFAULT_TIME


class _Light:
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
        settings = self._settings
        try:
            while True:
                for command in (POWER_ON, *time_commands(settings.mtreg), ONE_TIME_H):
                    tell(self._bus, settings.address, command)
                yield settings.takes_s
                count = int.from_bytes(hear(self._bus, settings.address, 2), "big")
                if count == FULL:
                    raise _dazzled(settings)
                self._newest = {"light": lux(count, settings.mtreg)}
                yield PERIOD_S - settings.takes_s
        except SensorError:
            raise
        except OSError as error:
            raise troubles.no_chip(settings.address, settings.bus, str(error)) from error


def time_commands(mtreg: int) -> tuple[int, int]:
    """The two commands that write the measurement time register: its upper three bits, its lower five."""
    return TIME_HIGH | mtreg >> 5, TIME_LOW | mtreg & 0x1F


def lux(count: int, mtreg: int = DEFAULT_TIME) -> float:
    """Lux of a count in H-resolution mode."""
    return count / COUNTS_PER_LUX * DEFAULT_TIME / mtreg


def _dazzled(settings: Sensor) -> SensorError:
    most = lux(FULL, settings.mtreg)
    return SensorError(
        Words(
            f"アドレス 0x{settings.address:02x} の BH1750 は明るすぎて測れません({most:.0f} lx 以上)。",
            f"It is too bright for the BH1750 at 0x{settings.address:02x}: {most:.0f} lx or more.",
        ),
        Words(
            f"mtreg を {settings.mtreg} より小さく(31 まで)するか、光を弱めてください。"
            "暗いのにこう出るなら、SDA の線を確認してください。",
            f"Hint: make mtreg smaller than {settings.mtreg} (down to 31), or dim the light; "
            "if it is dark there, check the wire SDA.",
        ),
    )


# ---- the bench ----


class Chip:
    """A BH1750 as the bus sees it. Set ``light`` (lux)."""

    MEASURES_NS = 120_000_000

    def __init__(self, clock: Clock) -> None:
        self.light = 500.0
        self._clock = clock
        self.lose_power()

    def lose_power(self) -> None:
        """As after power-on: dark, the time register at its default."""
        self._time = DEFAULT_TIME
        self._count = 0
        self._ready_ns: int | None = None

    def write(self, data: bytes) -> None:
        """One command."""
        (command,) = data
        if command & 0xF8 == TIME_HIGH:
            self._time = (command & 0x07) << 5 | self._time & 0x1F
        elif command & 0xE0 == TIME_LOW:
            self._time = self._time & 0xE0 | command & 0x1F
        elif command == ONE_TIME_H:
            self._ready_ns = self._clock.monotonic_ns() + self.MEASURES_NS * self._time // DEFAULT_TIME

    def read(self, length: int) -> bytes:
        """The newest count."""
        if self._ready_ns is not None and self._clock.monotonic_ns() >= self._ready_ns:
            self._ready_ns = None
            self._count = min(FULL, round(self.light * COUNTS_PER_LUX * self._time / DEFAULT_TIME))
        return self._count.to_bytes(2, "big")[:length]


def place(sensor: Sensor, bench: "Bench") -> Chip:
    """Plug a BH1750 in."""
    chip = Chip(bench.clock)
    bench.i2c_chip(sensor.bus, sensor.address, chip)
    return chip


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """Night, a place of inspection, too much light, a supply that fails for a moment, and a wire that comes off."""
    chip = place(sensor, bench)
    yield Expect(Words("最初の測定はまだ終わっていない", "the first measurement is not done"))
    for said, light in (
        (Words("夜", "night"), 0.0),
        (Words("通路", "the gangway"), 150.0),
        (Words("検査台の上", "at the place of inspection"), 1200.0),
    ):
        chip.light = light
        yield Expect(said, {"light": light}, wait_s=sensor.every_s + 1, tolerance=1.0)
    chip.lose_power()
    yield Expect(Words("電源が一瞬切れても続く", "it outlives a supply failure"), {"light": 1200.0}, 3.0, tolerance=1.0)
    chip.light = 200_000.0
    yield Expect(Words("日光が当たった", "the sun shines on it"), wait_s=3.0, error=True)
    chip.light = 800.0
    yield Expect(Words("ブラインドを下ろした", "the blind is down"), {"light": 800.0}, wait_s=2.0, tolerance=1.0)
    bench.i2c_chip(sensor.bus, sensor.address, None)
    yield Expect(Words("線が外れた", "a wire came off"), wait_s=2.0, error=True)
