"""Wiring: VCC to 5V (header pin 2), GND to GND, TXD to GPIO15 (pin 10, RXD), RXD to GPIO14 (pin 8, TXD).

    [stations.grinder.sensors.dust]
    type = "pms5003"
    port = "/dev/serial0"
    mode = "passive"
    every_s = 10.0

Fine dust in the air: PM1, PM2.5 and PM10 in µg/m³, by a laser and a fan. The signals are 3.3 V and must never see 5 V;
the fan needs 5 V. SET and RESET stay free. Switch the serial port on and its login shell off (``sudo raspi-config``,
Interface Options, Serial Port). With a USB adapter (3.3 V signals) the port is /dev/ttyUSB0.

``mode``: ``passive`` asks for one measurement before each reading. ``active`` lets it send by itself, as it does from
the factory (every 2.3 s, every 0.2 to 0.8 s while the air changes), and tells the mean since the last reading; it needs
no wire to RXD. ``particles``: the maker gives two conversions to mass. ``atmospheric`` is for ordinary air;
``standard`` (CF=1) is what the maker's note names for a factory. They part above about 30 µg/m³: choose one before the
baseline and keep it. Both are calibrated with the maker's test particles: oil mist, flour or metal dust weighs
otherwise, so compare before and after on one machine, and do not judge a workplace's legal limit by it.

The fan needs 30 s until the values can be trusted (``warm_up_s``, counted from when it was opened). The laser lasts
about three years of running. Mount it away from the ground and out of the machine's own draught; clean the inlet.

Works with PMS7003 and PMSA003, which speak the same. Not implemented: letting it sleep (0xE4), particle counts, the
other frames of PMS3003, PMS5003T, S and ST.

Source: Plantower PMS5003 series data manual V2.3 (2016-06-01): pin definition, output result, appendix I and II.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from contract.catalogue import Measure, Part, Wire, setting
from contract.errors import SensorError
from contract.reading import NS_PER_S, Value
from contract.words import Words
from edge.asking import LEAD_S, Asking
from edge.board import Board
from edge.handles import Handle, Push, turned
from edge.sensors import Expect, Polled
from edge.serial_lines import PortSettings, SerialFrames

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("粉じん(PMS5003)", "Fine dust (PMS5003)")
ABOUT_JA = """\
空気中の細かい粉じん(PM1、PM2.5、PM10)を測ります。研磨や溶接の場所で、対策の前と後を比べるのに使います。

気をつけること: 電源は 5V、信号は 3.3 V です。読み始めて最初の30秒は値を送りません。床から離し、
機械の風が当たらない所に付け、吸い口を掃除します。particles は、比べている間は変えないでください。

見えないこと: 油の霧、小麦粉、金属の粉は重さが違うので、µg/m³ の値そのものは合いません。
作業環境が法律の基準に合うかどうかの判定には使えません。レーザーは約3年で寿命が来ます。
"""
STYLE: Literal["polled"] = "polled"
MEASURES = (
    Measure("pm1", Words("粉じん PM1", "fine dust PM1"), "µg/m³", low=0, high=1000, decimals=1),
    Measure("pm2_5", Words("粉じん PM2.5", "fine dust PM2.5"), "µg/m³", low=0, high=1000, decimals=1),
    Measure("pm10", Words("粉じん PM10", "fine dust PM10"), "µg/m³", low=0, high=1000, decimals=1),
)
PARTS = (
    Part("pms5003", 1, Words("付属のケーブルと変換基板つきのもの", "with its cable and breakout")),
    Part("wire-f-f", 4),
)
TERMINALS = (
    Wire("VCC", "5V", note=Words("ファンに 5V が要る", "the fan needs 5V")),
    Wire("GND", "GND"),
    Wire("TXD", "RXD", note=Words("3.3 V の信号", "a 3.3 V signal")),
    Wire("RXD", "TXD", note=Words("3.3 V の信号", "a 3.3 V signal"), when=("mode", "passive")),
)

BAUD = 9600
HEAD = b"\x42\x4d"
DATA = 28
"""What follows the length: 13 numbers and the check code."""
START = HEAD + DATA.to_bytes(2, "big")
LENGTH = len(START) + DATA
SET_MODE, ASK, SET_SLEEP = 0xE1, 0xE2, 0xE4
PASSIVE, ACTIVE = 0, 1
AWAKE = 1
FIRST = {"standard": 0, "atmospheric": 3}
"""Which of the 13 numbers is PM1; PM2.5 and PM10 follow it (appendix I, data 1 and data 4)."""


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One sensor on one port."""

    port: str = setting(Words("シリアルポート", "serial port"), "port")
    mode: str = setting(
        Words("聞いて答えさせる(passive)か、自分で送らせる(active)か", "whether it is asked or sends by itself"),
        "choice",
        default="passive",
        choices=("passive", "active"),
    )
    particles: str = setting(
        Words("重さへの換算(ふつうの空気か、CF=1 か)", "conversion to mass: ordinary air, or CF=1"),
        "choice",
        default="atmospheric",
        choices=tuple(FIRST)[::-1],
    )
    every_s: float = setting(Words("読む間隔", "reading interval"), "number", default=10.0, unit="s", low=4, high=3600)
    warm_up_s: float = setting(
        Words("ファンが安定するまで伝えない時間", "not told until the fan runs evenly"),
        "number",
        default=30.0,
        unit="s",
        low=0,
        high=600,
    )

    def open(self, board: Board) -> Polled:
        """Open its port and set its mode. Raises SensorError if the port cannot be had."""
        return _Dust(self, board)


class _Dust:
    def __init__(self, settings: Sensor, board: Board) -> None:
        self._settings = settings
        self._clock = board.clock
        self._told_from_ns = self._clock.monotonic_ns() + round(settings.warm_up_s * NS_PER_S)
        self._passive = settings.mode == "passive"
        self._first = True
        self._heard = 0
        self._believed = (0, 0, 0, 0)  # so many frames, and the sums of their three masses
        port = PortSettings(settings.port, BAUD)
        self._frames = SerialFrames(board, port, self._said, start=START, length=LENGTH, good=is_good)
        self._asking = Asking(self._clock, settings.every_s, self._ask)
        try:
            # A program before us may have left it asleep or passive, and then it is silent for ever.
            self._frames.write(command(SET_SLEEP, AWAKE))
            self._frames.write(command(SET_MODE, PASSIVE if self._passive else ACTIVE))
        except SensorError:
            self.close()
            raise

    def read(self) -> Mapping[str, Value]:
        self._frames.check()
        heard, first, (count, *sums) = self._heard, self._first, self._believed
        damaged = self._frames.garbage + self._frames.stray > 0
        self._heard, self._first, self._believed = 0, False, (0, 0, 0, 0)
        self._frames.garbage = self._frames.stray = 0
        if self._passive:
            self._asking.before_next()
        if not heard and not first:
            raise _no_frame(self._settings.port, damaged)
        return {measure.key: total / count for measure, total in zip(MEASURES, sums, strict=True) if count}

    def close(self) -> None:
        self._asking.close()
        self._frames.close()

    def _ask(self) -> None:
        self._frames.forget()
        self._frames.write(command(ASK))

    def _said(self, frame: bytes, at_ns: int) -> None:
        self._heard += 1
        self._asking.answered()
        if at_ns >= self._told_from_ns:
            one, two, three = numbers(frame)[FIRST[self._settings.particles] :][:3]
            count, *sums = self._believed
            self._believed = count + 1, sums[0] + one, sums[1] + two, sums[2] + three


def command(number: int, argument: int = 0) -> bytes:
    """The seven bytes of a command (appendix II)."""
    body = HEAD + bytes((number, argument >> 8, argument & 0xFF))
    return body + sum(body).to_bytes(2, "big")


def numbers(frame: bytes) -> tuple[int, ...]:
    """The 13 numbers of a frame: three masses with CF=1, three in ordinary air, six counts, one reserved."""
    return struct.unpack(">13H", frame[len(START) : -2])


def frame_of(values: Sequence[int]) -> bytes:
    """The frame that says these 13 numbers."""
    body = START + struct.pack(">13H", *values)
    return body + sum(body).to_bytes(2, "big")


def is_good(frame: bytes) -> bool:
    """Whether the check code is the sum of all bytes before it."""
    return sum(frame[:-2]) == int.from_bytes(frame[-2:], "big")


def _no_frame(port: str, damaged: bool) -> SensorError:
    return SensorError(
        Words(f"{port} の粉じんセンサーの答えが壊れているか、別の機種です(チェックコードの誤り)。",
              f"What the dust sensor on {port} says is damaged (wrong check code), or it is another model.")
        if damaged
        else Words(f"{port} の粉じんセンサーが応答しません。", f"The dust sensor on {port} says nothing."),
        Words("ファンが回っているか(5V と GND)を確認し、センサーの TXD を Pi の RXD に、RXD を TXD につないでください。"
              "「raspi-config」で Serial Port のログインシェルが「いいえ」かも確認してください。",
              "Hint: see whether its fan runs (5V and GND); its TXD goes to the Pi's RXD and its RXD to TXD; "
              "see that the serial port's login shell is off in raspi-config."),
    )  # fmt: skip


# ---- the bench ----


class Chip:
    """A PMS5003 as the cable sees it. Set ``pm1``, ``pm2_5``, ``pm10``; with CF=1 they are half as much again."""

    def __init__(self) -> None:
        self.pm1, self.pm2_5, self.pm10 = 6, 8, 10
        self.passive = False
        self.hurt = False
        """Whether one byte of each frame is lost on the way."""

    def hear(self, data: bytes) -> bytes:
        """What it answers to one command on its RXD."""
        if len(data) != 7 or data[:2] != HEAD or command(data[2], data[4]) != data:
            return b""
        if data[2] == SET_MODE:
            self.passive = data[4] == PASSIVE
        return self.frame() if data[2] == ASK and self.passive else b""

    def frame(self) -> bytes:
        """What it says now."""
        air = self.pm1, self.pm2_5, self.pm10
        said = frame_of([*(value * 3 // 2 for value in air), *air, 900, 260, 40, 6, 2, 0, 0x9700])
        return said[:20] + said[21:] if self.hurt else said


def place(sensor: Sensor, bench: "Bench") -> Chip:
    """Plug a PMS5003 in. In active mode somebody must let it speak: ``bench.type(port, chip.frame())``."""
    chip = Chip()
    bench.plug(sensor.port, reply=chip.hear)
    return chip


def handles(sensor: Sensor, bench: "Bench", chip: Chip) -> Iterator[Handle]:
    """The air is turned; in active mode it is let speak for half a minute."""

    def speaks() -> None:
        now_ns = bench.clock.monotonic_ns()
        for second in range(30):
            bench.clock.at(now_ns + second * NS_PER_S, lambda: bench.type(sensor.port, chip.frame()), lane="bench")

    yield from filter(None, (turned(measure, chip) for measure in MEASURES))
    if sensor.mode == "active":
        yield Push("sends", Words("30秒間送る", "send for half a minute"), speaks)


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """It warms up, somebody grinds, bytes are lost, a wire comes off, the cable is pulled and put back."""
    chip, wait_s = place(sensor, bench), sensor.every_s

    def speaks() -> None:
        if sensor.mode == "active":
            bench.type(sensor.port, chip.frame())

    def said(*pm: int) -> dict[str, float]:
        chip.pm1, chip.pm2_5, chip.pm10 = pm
        more = 1.5 if sensor.particles == "standard" else 1.0
        return {measure.key: value * more for measure, value in zip(MEASURES, pm, strict=True)}

    def warming_up() -> Iterator[Expect]:
        yield Expect(Words("開いたばかりで、まだ測っていない", "just opened, not measured yet"))
        if wait_s - LEAD_S < sensor.warm_up_s:
            speaks()
            yield Expect(Words("ファンが回り始めた", "the fan has begun to turn"), wait_s=max(wait_s, sensor.warm_up_s))
        speaks()

    yield from warming_up()
    yield Expect(Words("きれいな空気", "clean air"), said(6, 8, 10), wait_s)
    values = said(42, 118, 164)
    speaks()
    yield Expect(Words("グラインダーを使う", "somebody grinds"), values, wait_s)
    chip.hurt = True
    speaks()
    yield Expect(Words("バイトが失われる", "bytes are lost"), wait_s=wait_s, error=True)
    chip.hurt = False
    yield from warming_up()
    yield Expect(Words("続きから読める", "and goes on"), values, wait_s)
    bench.plug(sensor.port, reply=lambda _: b"")
    yield Expect(Words("TXD の線が外れた", "the wire to TXD came off"), wait_s=wait_s, error=True)
    bench.unplug(sensor.port)
    yield Expect(Words("USB 変換器ごと抜けた", "the whole adapter is pulled"), error=True)
    chip = place(sensor, bench)
    yield from warming_up()
    yield Expect(Words("つなぎ直した", "it is plugged in again"), said(6, 8, 10), wait_s)
