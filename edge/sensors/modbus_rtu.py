"""Wiring: A (+) and B (-) of the meter's RS-485 to A and B of a USB adapter; a 120 ohm terminator at either end.

    [stations.press.sensors.meter]
    type = "modbus_rtu"
    port = "/dev/ttyUSB0"
    unit = 1
    parity = "E"
    [stations.press.sensors.meter.measures]
    power = { register = 0x0034, function = "input", format = "float32", unit = "W", low = 0, high = 20000 }
    energy = { register = 0x0048, function = "input", format = "float32", scale = 1000, kind = "total", unit = "Wh" }

For anything that speaks Modbus RTU: power meters, temperature controllers, remote inputs. Each measure names its
register, counted from 0 as it goes over the wire, and how the value stands there. Several devices on one pair of
wires are several sensors with the same ``port`` and their own ``unit``. The example is Eastron's three-phase meter
SDM630; another that is common, Peacefair's PZEM-016 with its current transformer (9600 bps, no parity), has its low
word first:

    power = { register = 3, function = "input", format = "uint32", word_order = "low_first", scale = 0.1, unit = "W" }
    energy = { register = 5, function = "input", format = "uint32", word_order = "low_first", kind = "total" }

A measure may be a ``number`` (told at each reading; times ``scale``), a ``total`` (the device's own running count, of
which the increments are taken, whole ones after ``scale``; ``wraps_at`` is the count that is 0 again if it is not the
end of the format), a ``level`` or an ``event`` (not 0; a coil, a discrete input or one ``bit`` of a register), or a
``text`` (``format = "text"`` with ``length`` registers, or a number as it is written). Levels and texts are told when
they change, levels again every 5 s. What was counted while the cable was out is told when it is back. NaN, which meters
give for what they cannot measure, is told to nobody.

Only functions 1 to 4 (reading) are sent. Not implemented: Modbus ASCII, formats with swapped bytes, broadcasts.

Source: MODBUS over Serial Line V1.02; Eastron SDM630 Modbus Protocol (input registers: 30053 = 0x0034 total system
power in W, 30073 = 0x0048 total import in kWh; at most 30 values in a question); Peacefair PZEM-014/016 user manual
(input registers: 3 and 4 power in 0.1 W, 5 and 6 energy in Wh, the low 16 bits first).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from contract.catalogue import Measure, Part, Wire, setting
from contract.words import Words
from edge.board import Board
from edge.field_line import rs485
from edge.field_points import ENCODINGS
from edge.handles import Handle
from edge.modbus import COLUMNS, Meter, open_meter, registers_of
from edge.sensors import Expect, Polled
from edge.serial_lines import PortSettings

if TYPE_CHECKING:
    from edge.bench import Bench
    from edge.modbus_device import Slave

TITLE = Words("電力計など(Modbus RTU)", "Power meter and others (Modbus RTU)")
ABOUT_JA = """\
電力計や温度調節計など、Modbus RTU(RS-485)の機器の値を読みます。2本の線に、何台もつなげます。

気をつけること: 取扱説明書を見て、番地(0 から数えます)、形式、ユニット番号、通信速度、パリティを合わせます。
線の両端に 120 Ω を付けます。応答がないときは、まず A と B を入れ替えてみてください。

見えないこと: 番地や形式、語の順(word_order)を間違えても、もっともらしい値が出ることがあります。
機器の表示と必ず見比べてください。読む間隔より短い変化も見えません。機器には何も書き込みません。
"""
STYLE: Literal["polled"] = "polled"
MEASURES: tuple[Measure, ...] = ()
PARTS = (
    Part("usb-rs485", 1),
    Part(
        "terminator-120",
        1,
        Words("線の両端に(変換器に入っていれば1個)", "at both ends; one if the adapter has its own"),
    ),
)
TERMINALS = (
    Wire("A", "USB", through="usb-rs485", note=Words("A(+)どうし", "A (+) to A")),
    Wire("B", "USB", through="usb-rs485", note=Words("B(-)どうし。ツイストペア線", "B (-) to B; a twisted pair")),
)


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One device on one RS-485 line. ``measures`` is the table of line.toml, with a register for each."""

    port: str = setting(Words("シリアルポート", "serial port"), "shared_port")
    measures: Mapping[str, Any] = setting(Words("読むレジスター", "the registers to read"), "measures", columns=COLUMNS)
    unit: int = setting(Words("ユニット番号(局番)", "unit (slave) number"), "whole", default=1, low=1, high=247)
    baud: int = setting(Words("通信速度", "speed"), "whole", default=9600, unit="bps", low=1200, high=115_200)
    parity: str = setting(Words("パリティ", "parity"), "choice", default="N", choices=("N", "E", "O"))
    stop: int = setting(Words("ストップビット", "stop bits"), "whole", default=1, unit="bit", low=1, high=2)
    every_s: float = setting(
        Words("読む間隔", "reading interval"), "number", default=10.0, unit="s", low=0.2, high=3600
    )
    timeout_s: float = setting(
        Words("応答を待つ時間", "wait for an answer"), "number", default=0.5, unit="s", low=0.05, high=1
    )
    encoding: str = setting(Words("文字コード", "encoding of texts"), "choice", default="shift_jis", choices=ENCODINGS)

    def open(self, board: Board) -> Polled:
        """Ask once. Raises SensorError if nothing answers or it has no such register, MissingExtra."""
        return _open(self, board)


TRIES = 3
"""On a wire beside motors an answer is lost now and then; three in a row are not chance."""


def _open(sensor: Sensor, board: Board) -> Meter:
    settings = PortSettings(sensor.port, sensor.baud, parity=sensor.parity, stop=sensor.stop)
    return open_meter(
        board,
        lambda: rs485(board, settings),
        sensor.measures,
        rtu=True,
        unit=sensor.unit,
        where=sensor.port,
        within_s=sensor.timeout_s,
        tries=TRIES,
        encoding=sensor.encoding,
    )


# ---- the bench ----


def place(sensor: Sensor, bench: "Bench") -> "Slave":
    """Put the meter on the line, beside those that are there."""
    from edge.bench_serial import Settings
    from edge.modbus_device import line_at

    line = line_at(bench, sensor.port, rtu=True)
    bench.plug(sensor.port, Settings(sensor.baud, 8, sensor.parity, sensor.stop), line)
    return line.unit(sensor.unit)


def handles(sensor: Sensor, _: "Bench", part: "Slave") -> Iterator[Handle]:
    """Each register of the line's file can be moved."""
    from edge.field_handles import handles as of

    return of(part, registers_of(sensor.measures), sensor.measures)


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """A press draws power, the cable comes off, the meter is set otherwise, and counts on meanwhile."""
    from edge.bench_serial import Settings
    from edge.modbus_device import line_at

    meter, (power, energy) = place(sensor, bench), registers_of(sensor.measures)
    meter.put(power, 1520.5)
    meter.put(energy, 12_000)
    yield Expect(Words("最初は基準になる", "the first total is a baseline"), {"power": 1520.5})
    meter.put(power, 0.0)
    meter.put(energy, 12_043)
    yield Expect(Words("43 Wh 使った", "43 Wh more"), {"power": 0.0, "energy": 43}, wait_s=sensor.every_s)
    meter.put(power, float("nan"))
    yield Expect(Words("測れない値は伝えない", "what it cannot measure is not told"))
    meter.missing.add((power.function, power.address))
    yield Expect(Words("そのレジスターはない", "it has no such register"), error=True)
    meter.missing.clear()
    bench.unplug(sensor.port)
    yield Expect(Words("変換器が抜けた", "the adapter is pulled out"), error=True)
    bench.plug(sensor.port, Settings(sensor.baud * 2), line_at(bench, sensor.port, rtu=True))
    yield Expect(Words("通信速度が違う", "its speed is another"), error=True)
    place(sensor, bench)
    meter.put(power, 800.0)
    meter.put(energy, 12_100)
    yield Expect(Words("その間の分も数える", "what it counted meanwhile is told"), {"power": 800.0, "energy": 57})
    line_at(bench, sensor.port, rtu=True).units.clear()
    yield Expect(Words("応答しない", "it does not answer"), error=True)
