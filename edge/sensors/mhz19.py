"""Wiring: Vin to 5V (header pin 2), GND to GND, Tx to GPIO15 (pin 10, RXD), Rx to GPIO14 (pin 8, TXD). Hd stays free.

    [stations.paint.sensors.co2]
    type = "mhz19"
    port = "/dev/serial0"
    every_s = 10.0

Carbon dioxide in ppm: whether a room is aired enough. For MH-Z19, MH-Z19B and MH-Z19C. The signals are 3.3 V, so the Pi
reads them directly; the supply must be 5 V. Switch the serial port on and its login shell off (``sudo raspi-config``,
Interface Options, Serial Port). With a USB adapter (3.3 V signals) the port is /dev/ttyUSB0.

It is slow: a change shows to 90 % after two minutes. What it says in its first minutes is not told (``warm_up_s``: 3
minutes for MH-Z19 and B, 1 minute is enough for C), counted from when it was opened, as nobody knows since when it has
its supply. A bad answer is asked for again twice; only then it is an error, so that one disturbed byte costs nothing.

``abc``: the sensor takes the lowest value of each day for fresh air and moves its zero there (on from the factory).
That is right in an office that is empty at night. Set ``abc = false`` where the air is never fresh for a day: work in
three shifts, dry ice, welding gas, fermentation, a greenhouse, a cold store; then calibrate it by hand in fresh air.
Left out, the sensor stays as it is. Hd at GND for 7 s calibrates it to 400 ppm for good: leave it free.

Not for the safety of people: an alarm for dry ice, CO2 gas or a confined space is a certified device.

Not implemented: calibration by command (0x87, 0x88), the range (0x99; manuals disagree about its bytes), temperature
(byte 4 of the first model; undocumented since), PWM and analogue outputs.

Source: Winsen MH-Z19B User's Manual 1.6 and 1.0, MH-Z19C 1.0 (pins, "UART output", commands 0x86 and 0x79, checksum).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from contract.catalogue import Measure, Part, Wire, setting
from contract.errors import SensorError
from contract.reading import NS_PER_S, Value
from contract.words import Words
from edge.asking import LEAD_S, Asking
from edge.board import Board
from edge.sensors import Expect, Polled
from edge.serial_lines import PortSettings, SerialFrames

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("CO2 濃度(MH-Z19)", "Carbon dioxide (MH-Z19)")
ABOUT_JA = """\
部屋の CO2 の濃さを測り、換気の目安にします。

気をつけること: 電源は 5V、信号は 3.3 V です。読み始めて最初の3分は値を送りません。自動校正(abc)は、
毎日一度は外の空気になることを前提にしています。3交代の職場、ドライアイス、溶接ガス、発酵、
冷蔵庫では abc = false にします。Hd には何もつながないでください。

見えないこと: 反応がゆっくりで、変化の 90 % が見えるまで2分かかります。人の安全を守る警報器にはなりません。
それには認証を受けた機器を使ってください。
"""
STYLE: Literal["polled"] = "polled"
MEASURES = (Measure("co2", Words("CO2 濃度", "carbon dioxide"), "ppm", low=300, high=5000, decimals=0),)
PARTS = (Part("mh-z19", 1), Part("wire-f-f", 4))
TERMINALS = (
    Wire("Vin", "5V", note=Words("3V3 では正しく測れない", "3V3 is too little")),
    Wire("GND", "GND"),
    Wire("Tx", "RXD", note=Words("3.3 V の信号", "a 3.3 V signal")),
    Wire("Rx", "TXD"),
)

BAUD = 9600
LENGTH = 9
START = b"\xff"
READ, SELF_CALIBRATION = 0x86, 0x79
ON, OFF = 0xA0, 0x00
WIDEST_PPM = 10_000
"""The widest range that any of them is sold with."""


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One sensor on one port."""

    port: str = setting(Words("シリアルポート", "serial port"), "port")
    every_s: float = setting(Words("読む間隔", "reading interval"), "number", default=10.0, unit="s", low=4, high=3600)
    warm_up_s: float = setting(
        Words("暖まるまで伝えない時間", "not told while it warms up"),
        "number",
        default=180.0,
        unit="s",
        low=0,
        high=3600,
    )
    abc: bool | None = setting(
        Words("自動校正: 1日の最低値を外気とみなす(省略時: センサーの今の設定のまま)",
              "self-calibration: a day's lowest value is taken for fresh air (left out: as the sensor is set)"),
        "flag",
        default=None,
    )  # fmt: skip

    def open(self, board: Board) -> Polled:
        """Open its port, set its self-calibration, ask. Raises SensorError if the port cannot be had."""
        return _Air(self, board)


class _Air:
    def __init__(self, settings: Sensor, board: Board) -> None:
        self._settings = settings
        self._clock = board.clock
        self._told_from_ns = self._clock.monotonic_ns() + round(settings.warm_up_s * NS_PER_S)
        self._first = True
        self._answer: tuple[int, int] | None = None  # ppm, and when it said so
        port = PortSettings(settings.port, BAUD)
        self._frames = SerialFrames(board, port, self._answered, start=START, length=LENGTH, good=is_good)
        self._asking = Asking(self._clock, settings.every_s, self._ask)
        try:
            if settings.abc is not None:
                self._frames.write(command(SELF_CALIBRATION, ON if settings.abc else OFF))
        except SensorError:
            self.close()
            raise

    def read(self) -> Mapping[str, Value]:
        self._frames.check()
        answer, first = self._answer, self._first
        heard = self._frames.garbage + self._frames.stray
        self._answer, self._first = None, False
        self._frames.garbage = self._frames.stray = 0
        self._asking.before_next()
        if answer is None:
            if first:
                return {}
            raise _no_answer(self._settings.port, heard > 0)
        ppm, at_ns = answer
        if at_ns < self._told_from_ns:
            return {}
        if ppm > WIDEST_PPM:
            raise _implausible(self._settings.port, ppm)
        return {"co2": ppm}

    def close(self) -> None:
        self._asking.close()
        self._frames.close()

    def _ask(self) -> None:
        self._frames.forget()
        self._frames.write(command(READ))

    def _answered(self, frame: bytes, at_ns: int) -> None:
        if frame[1] == READ:
            self._answer = frame[2] << 8 | frame[3], at_ns
            self._asking.answered()


def command(number: int, argument: int = 0) -> bytes:
    """The nine bytes of a command to sensor 1."""
    body = bytes((0x01, number, argument, 0, 0, 0, 0))
    return START + body + bytes((checksum(body),))


def answer(number: int, value: int, rest: bytes = bytes(4)) -> bytes:
    """The nine bytes of an answer: command, high and low byte, four more."""
    body = bytes((number, value >> 8, value & 0xFF)) + rest
    return START + body + bytes((checksum(body),))


def checksum(body: bytes) -> int:
    """Of bytes 1 to 7: their sum's complement, plus one."""
    return -sum(body) & 0xFF


def is_good(frame: bytes) -> bool:
    """Whether the last byte is the checksum of what is between it and the start byte."""
    return checksum(frame[1:8]) == frame[8]


def _no_answer(port: str, heard: bool) -> SensorError:
    return SensorError(
        Words(f"{port} の CO2 センサーの返事が壊れています(チェックサムの誤り)。",
              f"What the CO2 sensor on {port} answers is damaged: the checksum is wrong.")
        if heard
        else Words(f"{port} の CO2 センサーが応答しません。", f"The CO2 sensor on {port} does not answer."),
        Words("5V と GND を確認し、センサーの Tx を Pi の RXD に、Rx を TXD につないでください。"
              "「raspi-config」で Serial Port のログインシェルが「いいえ」かも確認してください。",
              "Hint: check 5V and GND; the sensor's Tx goes to the Pi's RXD and its Rx to TXD; "
              "see that the serial port's login shell is off in raspi-config."),
    )  # fmt: skip


def _implausible(port: str, ppm: int) -> SensorError:
    return SensorError(
        Words(f"{port} の CO2 センサーが {ppm} ppm と答えました(ありえない値です)。",
              f"The CO2 sensor on {port} says {ppm} ppm, which it cannot measure."),
        Words("5 V の電源を確認してください。続くときはセンサーの故障です。",
              "Hint: check its 5 V supply; if it goes on, the sensor is broken."),
    )  # fmt: skip


# ---- the bench ----


class Chip:
    """An MH-Z19B as the cable sees it. Set ``co2`` in ppm; ``abc`` is its self-calibration."""

    def __init__(self) -> None:
        self.co2 = 612
        self.abc = True
        self.hurt = False
        """Whether one bit of each answer is turned round on the way."""
        self._heard = b""

    def hear(self, data: bytes) -> bytes:
        """What it answers to bytes on its Rx."""
        self._heard = (self._heard + data)[-LENGTH:]
        if len(self._heard) < LENGTH or not self._heard.startswith(START + b"\x01") or not is_good(self._heard):
            return b""
        number, argument = self._heard[2], self._heard[3]
        self._heard = b""
        if number == SELF_CALIBRATION:
            self.abc = argument == ON
        said = answer(READ, self.co2) if number == READ else b""
        return said[:3] + bytes((said[3] ^ 0x10,)) + said[4:] if said and self.hurt else said


def place(sensor: Sensor, bench: "Bench") -> Chip:
    """Plug an MH-Z19B in."""
    chip = Chip()
    bench.plug(sensor.port, reply=chip.hear)
    return chip


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """It warms up, a shift breathes, bytes are disturbed, a wire comes off, a value that cannot be."""
    chip, wait_s = place(sensor, bench), sensor.every_s
    yield from _warming_up(sensor)
    yield Expect(Words("暖まった", "it is warm"), {"co2": 612}, wait_s)
    chip.co2 = 1480
    yield Expect(Words("人が増えた", "more people in the room"), {"co2": 1480}, wait_s)
    chip.hurt = True
    yield Expect(Words("返事が3回とも壊れた", "three answers in a row are damaged"), wait_s=wait_s, error=True)
    chip.hurt = False
    yield from _warming_up(sensor)
    yield Expect(Words("続きから読める", "and goes on"), {"co2": 1480}, wait_s)
    bench.plug(sensor.port, reply=lambda _: b"")
    yield Expect(Words("Tx の線が外れた", "the wire to Tx came off"), wait_s=wait_s, error=True)
    bench.unplug(sensor.port)
    yield Expect(Words("USB 変換器ごと抜けた", "the whole adapter is pulled"), error=True)
    place(sensor, bench).co2 = 0xFFFF
    yield from _warming_up(sensor)
    yield Expect(Words("ありえない値", "a value that cannot be"), wait_s=wait_s, error=True)


def _warming_up(sensor: Sensor) -> Iterator[Expect]:
    yield Expect(Words("開いたばかりで、まだ聞いていない", "just opened, not asked yet"))
    if sensor.every_s - LEAD_S < sensor.warm_up_s:
        yield Expect(Words("暖まっている", "it warms up"), wait_s=max(sensor.every_s, sensor.warm_up_s))
