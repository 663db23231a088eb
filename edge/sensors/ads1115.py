"""Wiring: VDD to 3V3 (header pin 1), GND and ADDR to GND, SDA to GPIO2 (pin 3), SCL to GPIO3 (pin 5); the signal,
0 to 3.3 V, to A0 … A3.

    [stations.furnace.sensors.pressure]
    type = "ads1115"
    channel = 0
    full_scale = "4.096"
    every_s = 1.0

A Pi has no analogue input: this chip gives it four, 16 bits each. ``voltage`` is what lies between the channel and GND,
or with ``minus`` between two channels (0 and 1, or any of 0 to 2 and 3). The address is 0x48; ADDR wired to 3V3, SDA or
SCL makes it 0x49, 0x4A or 0x4B. Never put more than its supply on an input, nor less than GND, whatever ``full_scale``
says: a 4-20 mA signal needs a 150 ohm resistor, 0-10 V a divider, a machine's signal an isolator. Never wire VDD to 5V
as long as SDA and SCL go to the Pi.

Each reading is one conversion (single-shot), so that several sensors can share the chip, each with its own channel; a
slower ``rate`` is quieter, and 8 a second averages the mains' hum away. A voltage beyond ``full_scale`` is reported
instead of a wrong number. A chip that lost its supply, and another one at its address, are noticed by its settings,
which are read back. An ADS1015 looks the same and gives 12 bits of the 16. Not used: comparator, ALERT, continuous
mode.

Source: Texas Instruments SBAS444D (ADS111x, January 2018): 7.3 (data rate within 10 %), 9.3.3 (full-scale ranges), 9.4
(single-shot), 9.5.4 (data format), 9.6.3 (config register).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

from contract.catalogue import Measure, Part, Wire, setting
from contract.errors import SensorError
from contract.reading import NS_PER_S
from contract.words import Words
from edge import troubles
from edge.analogue import ADS1115_STRAPS, Signal, scan, volts_of
from edge.board import Board, I2CBus
from edge.clock import Clock
from edge.handles import Knob
from edge.paced import Paced
from edge.sensors import Expect, Listening, Tell

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("アナログ入力(ADS1115)", "Analogue input (ADS1115)")
ABOUT_JA = """\
Pi にはアナログの入力がありません。ADS1115 は、圧力計や変位計などの電圧を4点まで、16 ビットで読む部品です。

気をつけること: 入力できるのは 0 から 3.3 V までです。full_scale を大きくしても、
電源より高い電圧は入れられません。4-20 mA は 150 Ω で、0-10 V は分圧で電圧に直し、
機械の信号は絶縁してからつなぎます。VDD を 5V につながないでください。

見えないこと: 何もつながっていない入力は、でたらめな電圧に見えます。測定と測定の間の速い変化も見えません。
"""
STYLE: Literal["event"] = "event"
MEASURES = (Measure("voltage", Words("電圧", "voltage"), "V", low=-5.5, high=5.5, decimals=4),)
PARTS = (Part("ads1115", 1), Part("breadboard", 1), Part("wire-m-f", 5))
TERMINALS = (
    Wire("VDD", "3V3", note=Words("5V につながない(SDA・SCL が 5 V になる)", "never to 5V: SDA and SCL would be 5 V")),
    Wire("GND", "GND"),
    *ADS1115_STRAPS,
    Wire("SDA", "SDA"),
    Wire("SCL", "SCL"),
    Wire("signal", "AIN", setting="channel", note=Words("0〜3.3 V だけ", "0 to 3.3 V only")),
)

CONVERSION, CONFIG = 0, 1
START, DONE = 0x8000, 0x8000
SINGLE_SHOT, NO_COMPARATOR = 0x0100, 0x0003
AFTER_RESET = 0x8583
PAIRS = {(0, 1): 0, (0, 3): 1, (1, 3): 2, (2, 3): 3}
FULL_SCALES = ("6.144", "4.096", "2.048", "1.024", "0.512", "0.256")
RATES = (8, 16, 32, 64, 128, 250, 475, 860)
SLOWER, WAKES_S = 0.9, 50e-6
"""The chip's clock may be 10 % slow; it wakes within 25 us, and the write before it takes time, too."""


def config(channel: int, minus: int | None = None, full_scale: str = "4.096", rate: int = 860) -> int:
    """The config register that starts one conversion (9.6.3). Raises KeyError for a pair the chip does not have."""
    mux = 4 + channel if minus is None else PAIRS[channel, minus]
    return START | mux << 12 | FULL_SCALES.index(full_scale) << 9 | SINGLE_SHOT | RATES.index(rate) << 5 | NO_COMPARATOR


@cache
def _told(channel: int, minus: int | None, full_scale: str, rate: int) -> tuple[int, tuple[int, ...]]:
    """The same, and its bytes."""
    word = config(channel, minus, full_scale, rate)
    return word, tuple(word.to_bytes(2, "big"))


def volts(code: int, full_scale: str) -> float:
    """Volts of the 16 bits of the conversion register: two's complement, 2^15 steps to full scale (9.5.4)."""
    signed = code - 0x10000 if code & 0x8000 else code
    return signed * float(full_scale) / 0x8000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chip sits."""

    address: int
    bus: int


class Turn:
    """Who may have the chip now: its one converter serves one channel at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._owner: object = None

    def take(self, who: object) -> bool:
        """Whether ``who`` has it from now on."""
        with self._lock:
            self._owner = self._owner or who
            return self._owner is who

    def give_back(self, who: object) -> None:
        """Let others have it; nothing happens if ``who`` does not have it."""
        with self._lock:
            if self._owner is who:
                self._owner = None


_turns: WeakKeyDictionary[I2CBus, dict[int, Turn]] = WeakKeyDictionary()
_turns_lock = Lock()


def _turn_of(bus: I2CBus, address: int) -> Turn:
    """The one Turn of a chip, for all sensors that share it: they know nothing of each other but the bus."""
    with _turns_lock:
        return _turns.setdefault(bus, {}).setdefault(address, Turn())


class Converter:
    """The chip as one sensor has it: an `edge.analogue.Converter`."""

    points = 67

    def __init__(
        self, board: Board, where: Place, *, rate: int = 860, full_scale: str = "4.096", minus: int | None = None
    ) -> None:
        self.pause_s = 1 / (SLOWER * rate) + WAKES_S
        self._where, self._rate, self._full_scale, self._minus = where, rate, full_scale, minus
        self._bus = board.i2c(where.bus)
        self._turn = _turn_of(self._bus, where.address)
        self._told = 0

    def take(self) -> bool:
        """Have the chip for oneself; False while another sensor has it."""
        return self._turn.take(self)

    def give_back(self) -> None:
        """Let others have it."""
        self._turn.give_back(self)

    def start(self, channel: int) -> None:
        """Begin one conversion. Raises SensorError."""
        self._told, data = _told(channel, self._minus, self._full_scale, self._rate)
        try:
            self._bus.write_i2c_block_data(self._where.address, CONFIG, list(data))
        except OSError as error:
            raise troubles.no_chip(self._where.address, self._where.bus, str(error)) from error

    def done(self) -> bool:
        """Whether the conversion is done. Raises SensorError if the chip is no longer set as it was told."""
        told = self._register(CONFIG)
        if told | DONE != self._told | DONE:
            raise _other_settings(self._where.address, told)
        return bool(told & DONE)

    def code(self) -> int:
        """The 16 bits of the last conversion."""
        return self._register(CONVERSION)

    def volts(self) -> float:
        """What was on the channel."""
        return volts(self.code(), self._full_scale)

    def stuck(self) -> SensorError:
        """A conversion that does not end."""
        return SensorError(
            Words(
                f"アドレス 0x{self._where.address:02x} の ADS1115 の変換が終わりません。",
                f"The ADS1115 at 0x{self._where.address:02x} does not finish its conversion.",
            ),
            Words("電源(3V3・GND)を一度外してください。", "Hint: take its supply (3V3, GND) off and put it back."),
        )

    def close(self) -> None:
        """Let others have the chip; the bus is everybody's."""
        self._turn.give_back(self)

    def _register(self, register: int) -> int:
        try:
            data = self._bus.read_i2c_block_data(self._where.address, register, 2)
        except OSError as error:
            raise troubles.no_chip(self._where.address, self._where.bus, str(error)) from error
        return int.from_bytes(bytes(data), "big")


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One channel of the chip, or two against each other."""

    channel: int = setting(Words("チャンネル(A0〜A3)", "channel (A0 to A3)"), "channel", low=0, high=3)
    minus: int | None = setting(
        Words("差を測る相手のチャンネル(省略時: GND)", "the channel it is measured against (default: GND)"),
        "whole",
        default=None,
        low=1,
        high=3,
    )
    full_scale: str = setting(
        Words("測れる電圧の幅(±)", "range (plus and minus)"),
        "choice",
        default="4.096",
        choices=FULL_SCALES,
        unit="V",
    )
    rate: str = setting(
        Words("1秒あたりの変換の回数(小さいほど静か)", "conversions a second (fewer are quieter)"),
        "choice",
        default="128",
        choices=tuple(str(rate) for rate in RATES),
    )
    address: int = setting(
        Words("I2C アドレス", "I2C address"), "i2c_address", default=0x48, choices=("0x48", "0x49", "0x4a", "0x4b")
    )
    bus: int = setting(Words("I2C バスの番号", "I2C bus"), "whole", default=1, low=0, high=20)
    every_s: float = setting(Words("読む間隔", "reading interval"), "number", default=1.0, unit="s", low=0.2, high=3600)

    def listen(self, board: Board, tell: Tell) -> Listening:
        """Begin the first conversion, and tell each one's result. Raises SensorError."""
        if self.minus is not None and (self.channel, self.minus) not in PAIRS:
            raise _no_pair(self.channel, self.minus)
        return _Voltage(self, board, tell)


class _Voltage:
    def __init__(self, settings: Sensor, board: Board, tell: Tell) -> None:
        self._settings, self._clock, self._tell = settings, board.clock, tell
        self._converter = Converter(
            board,
            Place(settings.address, settings.bus),
            rate=int(settings.rate),
            full_scale=settings.full_scale,
            minus=settings.minus,
        )
        self._work = Paced(board.clock, self._measure())

    def health(self) -> Mapping[str, int]:
        return {}

    def check(self) -> None:
        """What goes wrong is told where it happens."""

    def close(self) -> None:
        self._work.close()
        self._converter.close()

    def _measure(self) -> Iterator[float]:
        settings = self._settings
        limit = float(settings.full_scale)
        while True:
            begin_ns = self._clock.monotonic_ns()
            (found,) = yield from scan(self._converter, (settings.channel,))
            if not -limit < found < volts(0x7FFF, settings.full_scale):
                raise _beyond(settings)
            now_ns = self._clock.monotonic_ns()
            self._tell("voltage", found, now_ns)
            yield max(0.0, settings.every_s - (now_ns - begin_ns) / NS_PER_S)


def _other_settings(address: int, told: int) -> SensorError:
    if told | DONE == AFTER_RESET:
        return SensorError(
            Words(
                f"アドレス 0x{address:02x} の ADS1115 の電源が一瞬切れました(設定が初期値に戻っています)。",
                f"The supply of the ADS1115 at 0x{address:02x} failed for a moment: it has forgotten its settings.",
            ),
            Words("3V3 と GND の配線を確認してください。", "Hint: check the wires to 3V3 and GND."),
        )
    return SensorError(
        Words(
            f"アドレス 0x{address:02x} の部品は ADS1115 の返事をしません(設定を読み返すと 0x{told:04x})。",
            f"The chip at 0x{address:02x} does not answer as an ADS1115 does (its settings read back as 0x{told:04x}).",
        ),
        Words(
            "PCF8591 や TMP102 も同じアドレスです。部品の表示を確認してください。"
            "ほかのプログラムが使っていないかも確認してください。",
            "Hint: a PCF8591 or TMP102 has the same address; look at what is printed on the part. "
            "See, too, whether another program uses it.",
        ),
    )


def _beyond(settings: Sensor) -> SensorError:
    return SensorError(
        Words(
            f"A{settings.channel} の電圧が測れる幅(±{settings.full_scale} V)を超えています。",
            f"The voltage on A{settings.channel} is beyond the range of {settings.full_scale} V.",
        ),
        Words(
            "full_scale を大きくするか、分圧してください。3.3 V を超える電圧はかけられません。",
            "Hint: choose a greater full_scale, or a divider; never more than 3.3 V on an input.",
        ),
    )


def _no_pair(channel: int, minus: int) -> SensorError:
    return SensorError(
        Words(
            f"ADS1115 は A{channel} と A{minus} の差を測れません。",
            f"An ADS1115 cannot measure A{channel} against A{minus}.",
        ),
        Words(
            "channel = 0, minus = 1 か、channel = 0〜2, minus = 3 です。",
            "Hint: channel = 0 with minus = 1, or channel = 0 to 2 with minus = 3.",
        ),
    )


# ---- the bench ----


@dataclass
class Chip:
    """An ADS1115 as the bus sees it: a pointer, a config register, and a conversion that takes its time.

    ``volts`` are A0 … A3 in volts to GND; what lies outside the supply is clamped, as the chip's diodes do.
    """

    clock: Clock
    supply: float = 3.3
    volts: list[Signal] = field(default_factory=lambda: [0.0] * 4)
    _pointer: int = 0
    _config: int = AFTER_RESET & ~START
    _result: int = 0
    _next: int = 0
    _due_ns: int | None = None

    def lose_power(self) -> None:
        """Its supply fails for a moment."""
        self._pointer, self._config, self._result, self._due_ns = 0, AFTER_RESET & ~START, 0, None

    def write(self, data: bytes) -> None:
        """The pointer, and with three bytes a register (9.5.3)."""
        if not data:
            return
        self._pointer = data[0] & 0x03
        if self._pointer == CONFIG and len(data) >= 3:
            self._set(int.from_bytes(data[1:3], "big"))

    def read(self, length: int) -> bytes:
        """The register that is pointed at, high byte first; beyond it the bus reads as ones."""
        self._finish()
        word = {CONVERSION: self._result, CONFIG: self._config | (0 if self._busy else DONE)}.get(self._pointer, 0)
        return word.to_bytes(2, "big")[:length].ljust(length, b"\xff")

    @property
    def _busy(self) -> bool:
        return self._due_ns is not None

    def _set(self, word: int) -> None:
        self._finish()
        self._config = word & ~START
        if word & START and not self._busy:
            self._next = self._sampled()
            rate = RATES[word >> 5 & 0x07]
            self._due_ns = self.clock.monotonic_ns() + round(NS_PER_S / rate)

    def _finish(self) -> None:
        if self._due_ns is not None and self.clock.monotonic_ns() >= self._due_ns:
            self._result, self._due_ns = self._next, None

    def _sampled(self) -> int:
        mux, pga = self._config >> 12 & 0x07, min(self._config >> 9 & 0x07, 5)
        plus, minus = next(pair for pair, code in PAIRS.items() if code == mux) if mux < 4 else (mux - 4, None)
        across = self._at(plus) - (0.0 if minus is None else self._at(minus))
        steps = round(across * 0x8000 / float(FULL_SCALES[pga]))
        return max(-0x8000, min(0x7FFF, steps)) & 0xFFFF

    def _at(self, channel: int) -> float:
        return min(self.supply + 0.3, max(-0.3, volts_of(self.volts[channel])))


def place(sensor: Sensor, bench: "Bench") -> Chip:
    """Plug an ADS1115 in, unless one is there."""
    there = bench.i2c_chip_at(sensor.bus, sensor.address)
    chip = there if isinstance(there, Chip) else Chip(bench.clock)
    bench.i2c_chip(sensor.bus, sensor.address, chip)
    return chip


def handles(sensor: Sensor, _: "Bench", part: Chip) -> Iterator[Knob]:
    """The voltage on this sensor's input, to ground."""
    at = sensor.channel

    def now() -> float:
        return volts_of(part.volts[at])

    def turn(volts: float) -> None:
        part.volts[at] = volts

    yield Knob("voltage", Words(f"A{at} の電圧", f"voltage on A{at}"), 0.0, part.supply, now, turn, "V")


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """A knob is turned from end to end, a wire comes off and is put back."""
    chip = place(sensor, bench)
    full, step = min(3.3, float(sensor.full_scale)), float(sensor.full_scale) / 0x8000
    takes_s = 1 / (SLOWER * int(sensor.rate)) + WAKES_S
    between_s = takes_s + (sensor.every_s - takes_s) / 2
    yield Expect(Words("最初の変換はまだ終わっていない", "the first conversion is not done"))
    yield Expect(Words("何もかかっていない", "nothing on it"), {"voltage": 0.0}, wait_s=between_s)
    for part in (0.25, 0.5, 0.99):
        chip.volts[sensor.channel] = there = part * full
        said = Words(f"つまみを {part:.0%} に", f"the knob at {part:.0%}")
        yield Expect(said, {"voltage": there}, wait_s=sensor.every_s, tolerance=step)
    bench.i2c_chip(sensor.bus, sensor.address, None)
    yield Expect(Words("線が外れた", "a wire came off"), wait_s=sensor.every_s, error=True)
    bench.i2c_chip(sensor.bus, sensor.address, chip)
    yield Expect(Words("差し直した", "it is back"), {"voltage": there}, wait_s=between_s, tolerance=step)
