"""Wiring: the PLC's Ethernet port to the same switch as the Pi. Nothing is wired to the machine, nothing is written.

    [stations.press.sensors.plc]
    type = "plc_mc"
    host = "192.168.3.39"
    tcp_port = 5007
    role = "cycle"
    [stations.press.sensors.plc.measures]
    count = { device = "D100", format = "uint32", kind = "total" }
    running = { device = "M10", kind = "level" }
    product = { device = "D200", format = "text", length = 6, kind = "text" }

For Mitsubishi's MELSEC PLCs (Q, L, iQ-R, iQ-F/FX5) by the MC protocol, 3E frame, over TCP: word devices D, W, R, ZR,
SD, SW, TN, CN and bit devices X, Y, M, L, B, F, V, SM, SB, TS, TC, CS, CC, written as in GX Works: X, Y, B, W, SB and
SW in hexadecimal (``xy = "octal"`` for the X and Y of an FX5), the others in decimal. A word is ``int16`` unless told
otherwise, of two words the low one comes first. One role is one sensor: a second sensor on the same PLC shares the
connection, so that one connection setting of the PLC will do.

In the PLC (GX Works, Ethernet port, open settings) add a connection TCP, MC protocol; its port number is ``tcp_port``
(GX Works2 shows it in hexadecimal: 1389H is 5001), "communication data code" is ``code``. "Enable online change" is not
needed, and better left off: this sensor only reads (0401).

A measure may be a ``total`` (the PLC's own running count: the increments are taken; it may wrap, or be set back to 0 at
the change of shift), a ``level`` or an ``event`` (a bit, one ``bit`` of a word, or a word that is not 0), a ``number``
(times ``scale``) or a ``text``: characters two to a word, the first in the low byte, ``length`` words; or a product's
number as digits (``format = "uint16"``, ``kind = "text"``). Levels and texts are told when they change, levels again
every 5 s. What was counted while the cable was out is told when it is back.

Not implemented: writing; 1E, 4E and serial frames; UDP; ZR in ASCII; words of bit devices (K4M0); long timers and
counters of the iQ-R.

Source: Mitsubishi SH-080008 (MELSEC Communication Protocol), 5.2, 8.1, 8.2.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from contract.catalogue import Measure, Part, Setting, Wire, setting
from contract.errors import SensorError
from contract.reading import Value
from contract.words import Words
from edge.board import Board
from edge.field_line import FieldLine, connection
from edge.field_points import ENCODINGS, LOW, Point, Teller, Words16, blocks, column_of, columns, point
from edge.handles import Handle
from edge.melsec import ASCII, BINARY, FORM, LONGEST_BITS, LONGEST_WORDS, Device, Melsec, Place, Route
from edge.sensors import Expect, Polled

if TYPE_CHECKING:
    from edge.bench import Bench
    from edge.melsec_device import Plc

TITLE = Words("PLC(三菱・MC プロトコル)", "PLC (Mitsubishi, MC protocol)")
ABOUT_JA = """\
三菱の PLC(Q、L、iQ-R、iQ-F)のデバイスを、MC プロトコルで読みます。個数、運転中、品番などを、
機械に線を足さずに取れます。

気をつけること: GX Works で、TCP の MC プロトコルの接続を1つ足します。読むだけなので、
「RUN 中書込み」の許可は要りません。デバイスの番号は GX Works のとおりに書きます。PLC をさわる前に、
設備の担当の人の了解を取ってください。

見えないこと: 読む間隔より短いビットの変化は見えません。個数を PLC の積算値(total)で読めば、
ケーブルが抜けていた間の分も数えます。デバイスの番号を間違えても、別の値が静かに出ます。
PLC の画面と見比べてください。
"""
STYLE: Literal["polled"] = "polled"
MEASURES: tuple[Measure, ...] = ()
PARTS = (Part("lan-cable", 1),)
TERMINALS = (
    Wire(
        "LAN",
        "LAN",
        note=Words("PLC のパラメーターで MC プロトコルを開く", "opened for the MC protocol in its parameters"),
    ),
)

GAP = 64
"""Points between two devices that are read along: cheaper than another question, which costs the PLC a scan."""

COLUMNS = (
    Setting("device", Words('デバイス("D100" の形)', 'a device (like "D100")'), "text", form=FORM),
    *columns("int16", LOW),
)


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One PLC on the network. ``measures`` is the table of line.toml, with a device for each."""

    host: str = setting(Words('IP アドレス("192.168.3.39" の形)', 'IP address (like "192.168.3.39")'), "text",
                        form="[0-9A-Za-z][0-9A-Za-z.:-]{0,252}")  # fmt: skip
    tcp_port: int = setting(Words("TCP のポート番号(10 進)", "TCP port (decimal)"), "whole", low=1, high=65_535)
    measures: Mapping[str, Any] = setting(Words("読むデバイス", "the devices to read"), "measures", columns=COLUMNS)
    code: Literal["binary", "ascii"] = setting(
        Words("交信データコード", "communication data code"), "choice", default=BINARY, choices=(BINARY, ASCII)
    )
    xy: str = setting(Words("X と Y の番号", "numbers of X and Y"), "choice", default="hex", choices=("hex", "octal"))
    network: int = setting(Words("ネットワーク番号(0 は自局)", "network (0: own)"), "whole", default=0, low=0, high=239)
    station: int = setting(Words("局番(255 は自局)", "station (255: own)"), "whole", default=255, low=0, high=255)
    every_s: float = setting(Words("読む間隔", "reading interval"), "number", default=1.0, unit="s", low=0.1, high=3600)
    timeout_s: float = setting(
        Words("応答を待つ時間", "wait for an answer"), "number", default=2.0, unit="s", low=0.1, high=4
    )
    encoding: str = setting(Words("文字コード", "encoding of texts"), "choice", default="shift_jis", choices=ENCODINGS)

    def open(self, board: Board) -> Polled:
        """Connect and read once. Raises SensorError if nothing answers, or the PLC refuses."""
        return _Plc(self, board)


class _Plc:
    def __init__(self, sensor: Sensor, board: Board) -> None:
        self._places = places_of(sensor)
        where = f"{sensor.host}:{sensor.tcp_port}"
        self._line: FieldLine | None = connection(board, sensor.host, sensor.tcp_port, sensor.timeout_s)
        route = Route(sensor.network, sensor.station)
        self._plc = Melsec(self._line, route, sensor.code, where, sensor.timeout_s)
        self._teller = Teller(board, f"{where} {route}", sensor.encoding, low_byte_first=True)
        self._line.join()
        try:
            self._read()
        except BaseException:
            self.close()
            raise

    def read(self) -> Mapping[str, Value]:
        return self._teller.values(self._read())

    def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.leave()

    def _read(self) -> list[tuple[Point, Words16]]:
        held: dict[tuple[str, int], int] = {}
        for symbol in {place.device.symbol: None for place in self._places}:
            mine = [place for place in self._places if place.device.symbol == symbol]
            longest = LONGEST_BITS if mine[0].device.is_bit else LONGEST_WORDS
            for first, count in blocks(((p.device.number, p.point.words) for p in mine), longest, GAP):
                values = self._plc.read(mine[0].device.at(first), count)
                held |= {(symbol, first + i): value for i, value in enumerate(values)}
        return [(place.point, _words(place, held)) for place in self._places]


def _words(place: Place, held: Mapping[tuple[str, int], int]) -> Words16:
    first = place.device.number
    return [held[place.device.symbol, first + i] for i in range(place.point.words)]


def places_of(sensor: Sensor) -> Sequence[Place]:
    """The devices of its ``measures`` table. Raises SensorError if one makes no sense."""
    places = [_place(key, measure, sensor.xy == "octal") for key, measure in sensor.measures.items()]
    if sensor.code == ASCII and any(place.device.symbol == "ZR" for place in places):
        raise SensorError(
            Words("ZR は ASCII では読めません。", "ZR cannot be read in ASCII."),
            Words('code = "binary" にしてください。', 'Hint: use code = "binary".'),
        )
    return places


def _place(key: str, measure: Any, octal: bool) -> Place:
    device = Device.of(column_of(measure, COLUMNS[0]), octal)
    return Place(device, point(key, measure, COLUMNS[1:], of_bit=device.is_bit))


# ---- the bench ----


def place(sensor: Sensor, bench: "Bench") -> "Plc":
    """Put the PLC on the network."""
    from edge.melsec_device import plc_at

    plc = plc_at(bench, f"{sensor.host}:{sensor.tcp_port}", sensor.code)
    bench.tcp_device(sensor.host, sensor.tcp_port, plc)
    return plc


def handles(sensor: Sensor, _: "Bench", part: "Plc") -> Iterator[Handle]:
    """Each device of the line's file can be moved."""
    from edge.field_handles import handles as of

    return of(part, places_of(sensor), sensor.measures)


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """A press counts, stops and changes its product; its counter wraps and is set back; it fails and comes back."""
    where = sensor.host, sensor.tcp_port
    plc, (count, running, product) = place(sensor, bench), places_of(sensor)
    plc.put(count, 4_294_967_290)
    plc.put(product, "A-100")
    yield Expect(Words("最初は基準になる", "the first total is a baseline"), {"running": 0, "product": "A-100"})
    plc.put(running, 1)
    plc.put(count, 4_294_967_293)
    yield Expect(Words("動いて3個", "it runs: three pieces"), {"running": 1, "count": 3}, wait_s=sensor.every_s)
    plc.put(count, 4_294_967_297)
    yield Expect(Words("カウンターが一周した", "its counter has wrapped"), {"count": 4})
    plc.put(count, 0)
    yield Expect(Words("交替で 0 に戻した", "set back at the change of shift"))
    plc.put(count, 2)
    plc.put(product, "ブラケットB")
    yield Expect(Words("品番が変わった", "another product"), {"count": 2, "product": "ブラケットB"})
    bench.tcp_hang_up(*where)
    yield Expect(Words("接続を切られた", "it ended the connection"))
    bench.tcp_device(*where, None)
    yield Expect(Words("PLC の電源が切れた", "the PLC is off"), error=True)
    plc.put(count, 7)
    place(sensor, bench)
    told = {"running": 1, "product": "ブラケットB", "count": 5}
    yield Expect(Words("その間の分も数える", "what it counted meanwhile is told"), told)
    plc.end_code = 0xC201
    yield Expect(Words("パスワードでロックされている", "it is locked by a password"), error=True)
