"""Wiring: the meter's (or gateway's) LAN port to the same switch as the Pi; give it a fixed IP address.

    [stations.press.sensors.meter]
    type = "modbus_tcp"
    host = "192.168.3.20"
    unit = 1
    [stations.press.sensors.meter.measures]
    power = { register = 0x0034, function = "input", format = "float32", unit = "W", low = 0, high = 20000 }
    running = { register = 0, function = "discrete", kind = "level" }
    pieces = { register = 100, format = "uint16", kind = "total" }

For anything that speaks Modbus TCP: meters, remote inputs, PLCs with that function switched on, and gateways to
RS-485 (``unit`` is then the number of the device behind it). How a measure names its register and what it may be
stands with `modbus_rtu`; two meters are described there register by register.

A connection that the device ends while nobody asks is made anew. Several sensors on one address share one connection.

Source: MODBUS Messaging on TCP/IP Implementation Guide V1.0b; MODBUS Application Protocol Specification V1.1b3.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from contract.catalogue import Measure, Part, Wire, setting
from contract.words import Words
from edge.board import Board
from edge.field_line import connection
from edge.field_points import ENCODINGS
from edge.handles import Handle
from edge.modbus import COLUMNS, open_meter, registers_of
from edge.sensors import Expect, Polled

if TYPE_CHECKING:
    from edge.bench import Bench
    from edge.modbus_device import Slave

TITLE = Words("電力計など(Modbus TCP)", "Power meter and others (Modbus TCP)")
ABOUT_JA = """\
LAN につながる電力計、リモート入力、PLC など、Modbus TCP の機器の値を読みます。

気をつけること: 機器には固定の IP アドレスを付けます。ゲートウェイの先にある機器は、その番号を unit に書きます。
番地の書き方は modbus_rtu と同じです。工場の LAN につなぐ前に、担当の人に聞いてください。

見えないこと: 番地や形式を間違えても、もっともらしい値が出ることがあります。機器の表示と必ず見比べてください。
読む間隔より短い変化も見えません。機器には何も書き込みません。
"""
STYLE: Literal["polled"] = "polled"
MEASURES: tuple[Measure, ...] = ()
PARTS = (Part("lan-cable", 1),)
TERMINALS = (Wire("LAN", "LAN", note=Words("IP アドレスを固定する", "with a fixed IP address")),)


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One device on the network. ``measures`` is the table of line.toml, with a register for each."""

    host: str = setting(Words('IP アドレス("192.168.3.20" の形)', 'IP address (like "192.168.3.20")'), "text",
                        form="[0-9A-Za-z][0-9A-Za-z.:-]{0,252}")  # fmt: skip
    measures: Mapping[str, Any] = setting(Words("読むレジスター", "the registers to read"), "measures", columns=COLUMNS)
    tcp_port: int = setting(Words("TCP のポート番号", "TCP port"), "whole", default=502, low=1, high=65_535)
    unit: int = setting(Words("ユニット番号", "unit number"), "whole", default=1, low=0, high=255)
    every_s: float = setting(Words("読む間隔", "reading interval"), "number", default=1.0, unit="s", low=0.2, high=3600)
    timeout_s: float = setting(
        Words("応答を待つ時間", "wait for an answer"), "number", default=2.0, unit="s", low=0.1, high=4
    )
    encoding: str = setting(Words("文字コード", "encoding of texts"), "choice", default="shift_jis", choices=ENCODINGS)

    def open(self, board: Board) -> Polled:
        """Connect and ask once. Raises SensorError if nothing answers or it has no such register, MissingExtra."""
        return open_meter(
            board,
            lambda: connection(board, self.host, self.tcp_port, self.timeout_s),
            self.measures,
            rtu=False,
            unit=self.unit,
            where=f"{self.host}:{self.tcp_port}",
            within_s=self.timeout_s,
            tries=1,
            encoding=self.encoding,
        )


# ---- the bench ----


def place(sensor: Sensor, bench: "Bench") -> "Slave":
    """Put the device on the network, beside the units that are there."""
    from edge.modbus_device import line_at

    line = line_at(bench, f"{sensor.host}:{sensor.tcp_port}", rtu=False)
    bench.tcp_device(sensor.host, sensor.tcp_port, line)
    return line.unit(sensor.unit)


def handles(sensor: Sensor, _: "Bench", part: "Slave") -> Iterator[Handle]:
    """Each register of the line's file can be moved."""
    from edge.field_handles import handles as of

    return of(part, registers_of(sensor.measures), sensor.measures)


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """A machine runs and counts, its counter wraps, the network fails, the device ends an idle connection."""
    where = sensor.host, sensor.tcp_port
    device, (power, running, pieces) = place(sensor, bench), registers_of(sensor.measures)
    device.put(power, 640.0)
    device.put(pieces, 65_530)
    yield Expect(Words("止まっている", "it stands"), {"power": 640.0, "running": 0})
    device.put(running, 1)
    device.put(pieces, 65_533)
    yield Expect(Words("動きだした", "it runs"), {"power": 640.0, "running": 1, "pieces": 3}, wait_s=sensor.every_s)
    device.put(pieces, 65_538)
    yield Expect(Words("カウンターが一周した", "its counter has wrapped"), {"power": 640.0, "pieces": 5})
    device.put(pieces, 1)
    yield Expect(Words("0 に戻して1個", "set back to 0, then one"), {"power": 640.0, "pieces": 1})
    bench.tcp_hang_up(*where)
    yield Expect(Words("使わない間に切られた", "it ended the idle connection"), {"power": 640.0})
    bench.tcp_device(*where, None)
    yield Expect(Words("LAN ケーブルが抜けた", "the LAN cable is out"), error=True)
    device.put(pieces, 9)
    place(sensor, bench)
    told = {"power": 640.0, "running": 1, "pieces": 8}
    yield Expect(Words("その間の分も数える", "what it counted meanwhile is told"), told)
    device.missing.add((pieces.function, pieces.address))
    yield Expect(Words("そのレジスターはない", "it has no such register"), error=True)
