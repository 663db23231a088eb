"""Modbus: the registers of one device, asked for over an RS-485 line or a network, framed by pymodbus.

    master = Master(line, rtu=True, unit=1, where="/dev/ttyUSB0", within_s=0.5)
    master.read("input", 0x0000, 2)               # two registers; function 4

pymodbus makes the questions and takes the answers apart (PDU, CRC, MBAP header); the bytes go over the board's own
ports, so that the bench and its clock are under them. Only the four reading functions are ever sent.

Source: MODBUS Application Protocol Specification V1.1b3, 6.1 to 6.4 and 7; MODBUS over Serial Line V1.02, 2.5.1;
MODBUS Messaging on TCP/IP Implementation Guide V1.0b, 3.1.3.
"""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contract.catalogue import Setting
from contract.errors import MissingExtra, SensorError
from contract.reading import Value
from contract.words import Words
from edge.board import Board
from edge.field_line import Asked, FieldLine
from edge.field_points import HIGH, Point, Teller, Words16, blocks, column_of, columns, point

COIL, DISCRETE, HOLDING, INPUT = "coil", "discrete", "holding", "input"
FUNCTIONS: Mapping[str, int] = {COIL: 1, DISCRETE: 2, HOLDING: 3, INPUT: 4}
BITS = (COIL, DISCRETE)

COLUMNS = (
    Setting(
        "register", Words("レジスターの番地(0 から)", "address of the register, from 0"), "whole", low=0, high=65535
    ),
    Setting(
        "function", Words("読み方", "function"), "choice", default=HOLDING, choices=(HOLDING, INPUT, COIL, DISCRETE)
    ),
    *columns("uint16", HIGH),
)

LONGEST = {COIL: 2000, DISCRETE: 2000, HOLDING: 60, INPUT: 60}
"""Asked for at once. The protocol allows 125 registers; Eastron's meters give 60."""

PROTOCOL = b"\0\0"
"""The MBAP header's protocol identifier."""

EXCEPTIONS: Mapping[int, Words] = {
    1: Words("その読み方(function)はできません", "it does not know this function"),
    2: Words("その番地はありません", "it has no such register"),
    3: Words("読む数が合いません", "it does not give so many registers"),
    4: Words("機器の内部の故障です", "it has failed inside"),
    5: Words("受け付けたが、まだ終わっていません", "it has begun and is not done"),
    6: Words("ほかの処理で忙しい", "it is busy"),
    8: Words("メモリーの誤り(パリティ)", "its memory has a parity error"),
    10: Words("ゲートウェイの先への道がありません", "the gateway has no path to it"),
    11: Words("ゲートウェイの先の機器が応答しません", "behind the gateway it does not answer"),
}
"""V1.1b3, 7."""

MAP_HINT = Words(
    "取扱説明書のレジスター表と比べてください。番地は 0 から数えます(40001 は holding の 0、30001 は input の 0)。",
    "Hint: compare with the register table of its manual. Addresses count from 0 (40001 is holding 0, 30001 input 0).",
)
RTU_HINT = Words(
    "A と B(+ と -)の入れ替わり、ユニット番号、通信速度、パリティ、終端抵抗(両端に 120 Ω)を確認してください。",
    "Hint: check A and B (+ and -, try them the other way round), unit number, speed, parity, and the 120 ohm "
    "terminators at both ends.",
)
TCP_HINT = Words(
    "機器の電源と LAN ケーブル、ユニット番号(ゲートウェイでは先の機器の番号)を確認してください。",
    "Hint: check its power, the LAN cable, and the unit number (behind a gateway, that of the device).",
)


@dataclass(frozen=True, slots=True)
class Register:
    """Where a measure stands, and what it means."""

    function: str
    address: int
    point: Point


class Master:
    """Asks one device, the slave ``unit``. ``where`` names the line to people. Raises MissingExtra."""

    def __init__(self, line: FieldLine, *, rtu: bool, unit: int, where: str, within_s: float, tries: int) -> None:
        self._pymodbus = _Pymodbus(rtu)
        self._line, self._rtu, self._unit, self._within_s, self._tries = line, rtu, unit, within_s, tries
        self._where = where
        self._transaction = 0

    def read(self, function: str, address: int, count: int) -> Sequence[int]:
        """``count`` registers, or bits of 0 and 1, from ``address`` on. Raises SensorError."""
        self._transaction = 0 if self._rtu else self._transaction % 0xFFFF + 1
        question = self._pymodbus.question(function, address, count, self._unit, self._transaction)
        who = Words(
            f"{self._where} ユニット {self._unit} の {function} {address} から {count} 個",
            f"unit {self._unit} at {self._where}, {count} of {function} from {address}",
        )
        asked = Asked(who, RTU_HINT if self._rtu else TCP_HINT)
        echo = question if self._rtu else b""
        whole = _Answer(self._pymodbus, asked, function, count, self._unit, self._transaction, echo)
        return self._line.ask(question, whole, asked, self._within_s, self._tries)


class _Pymodbus:
    """What we use of it: the framer of one kind of line, and four requests."""

    def __init__(self, rtu: bool) -> None:
        try:
            from pymodbus.exceptions import ModbusException
            from pymodbus.framer import FramerRTU, FramerSocket
            from pymodbus.pdu import DecodePDU
            from pymodbus.pdu.bit_message import ReadCoilsRequest, ReadDiscreteInputsRequest
            from pymodbus.pdu.register_message import ReadHoldingRegistersRequest, ReadInputRegistersRequest
        except ModuleNotFoundError as missing:
            raise MissingExtra("pymodbus", "field") from missing
        decoder = DecodePDU(is_server=False)
        self._rtu = rtu
        self._framer = FramerRTU(decoder) if rtu else FramerSocket(decoder)
        self._garbled = (ModbusException, ValueError, IndexError, struct.error)
        self._requests: Mapping[str, Any] = {
            COIL: ReadCoilsRequest,
            DISCRETE: ReadDiscreteInputsRequest,
            HOLDING: ReadHoldingRegistersRequest,
            INPUT: ReadInputRegistersRequest,
        }

    def question(self, function: str, address: int, count: int, unit: int, transaction: int) -> bytes:
        """The frame that asks."""
        request = self._requests[function](address=address, count=count, dev_id=unit, transaction_id=transaction)
        return self._framer.buildFrame(request)

    def answer(self, held: bytes) -> tuple[int, Any]:
        """How many bytes are done with, and the PDU in them or None. Raises ValueError for what is none."""
        if not self._rtu and len(held) >= 4 and held[2:4] != PROTOCOL:
            raise ValueError("no Modbus TCP")
        try:
            return self._framer.handleFrame(held, 0, 0)
        except self._garbled as error:
            raise ValueError(str(error)) from error


@dataclass(slots=True)
class _Answer:
    """Makes the answer of the bytes that came. One to another question is passed over, and told if none follows.

    ``echo``: the question itself, which some adapters hear on their own two wires.
    """

    pymodbus: _Pymodbus
    asked: Asked
    function: str
    count: int
    unit: int
    transaction: int
    echo: bytes

    def __call__(self, held: bytes, over: bool) -> Sequence[int] | None:
        other: Any = None
        if self.echo.startswith(held[: len(self.echo)]):
            held = held[len(self.echo) :]
        while held:
            used, pdu = self._next(held)
            if pdu is None and used:
                raise self.asked.trouble("応答が壊れています。", "its answer is garbled.")
            if pdu is None:
                return None
            if pdu.dev_id == self.unit and pdu.transaction_id == self.transaction:
                return self._values(pdu)
            held, other = held[used:], pdu
        if over and other is not None:
            raise self.asked.trouble(
                f"別の問いへの応答です(ユニット {other.dev_id}、トランザクション {other.transaction_id})。",
                f"only an answer to another question came (unit {other.dev_id}, transaction {other.transaction_id}).",
            )
        return None

    def _next(self, held: bytes) -> tuple[int, Any]:
        try:
            return self.pymodbus.answer(held)
        except ValueError as error:
            raise self.asked.trouble(
                f"応答が Modbus ではありません({error})。", f"its answer is not Modbus: {error}."
            ) from error

    def _values(self, pdu: Any) -> Sequence[int]:
        code = FUNCTIONS[self.function]
        if pdu.function_code == code | 0x80:
            raise _refused(self.asked, pdu.exception_code)
        values = [int(bit) for bit in pdu.bits] if self.function in BITS else list(pdu.registers)
        bits = self.function in BITS
        if pdu.function_code != code or len(values) != (-(-self.count // 8) * 8 if bits else self.count):
            raise self.asked.trouble(
                f"応答が問いに合いません(function {pdu.function_code}、{len(values)} 個)。",
                f"its answer does not fit (function {pdu.function_code}, {len(values)} values).",
            )
        return values[: self.count]


def _refused(asked: Asked, code: int) -> SensorError:
    meant = EXCEPTIONS.get(code, Words("知らない例外です", "an exception that is not known"))
    return SensorError(
        Words(f"{asked.who.ja}: {meant.ja}(例外 {code})。", f"{asked.who.en}: {meant.en} (exception {code})."),
        MAP_HINT if code in (1, 2, 3) else asked.hint,
    )


class Meter:
    """An open sensor on Modbus: reads its registers in as few questions as there are gaps."""

    def __init__(self, line: FieldLine, master: Master, found: Sequence[Register], teller: Teller) -> None:
        self._line, self._master, self._registers, self._teller = line, master, found, teller
        self._joined = False

    def open(self) -> "Meter":
        """Join the line and ask once. Raises SensorError if nothing, or nothing right, answers."""
        self._line.join()
        self._joined = True
        try:
            self._read()
        except BaseException:
            self.close()
            raise
        return self

    def read(self) -> Mapping[str, Value]:
        """Its values. Raises SensorError."""
        return self._teller.values(self._read())

    def close(self) -> None:
        """Leave the line."""
        if self._joined:
            self._joined = False
            self._line.leave()

    def _read(self) -> list[tuple[Point, Words16]]:
        held: dict[tuple[str, int], int] = {}
        for function in {register.function: None for register in self._registers}:
            for first, count in _blocks(self._registers, function):
                values = self._master.read(function, first, count)
                held |= {(function, first + i): value for i, value in enumerate(values)}
        return [(r.point, [held[r.function, r.address + i] for i in range(r.point.words)]) for r in self._registers]


def _blocks(found: Sequence[Register], function: str) -> Iterator[tuple[int, int]]:
    spans = [(r.address, r.point.words) for r in found if r.function == function]
    return blocks(spans, LONGEST[function])


def registers_of(measures: Mapping[str, Any]) -> list[Register]:
    """The registers of a ``measures`` table. Raises SensorError if one makes no sense."""
    return [_register(key, measure) for key, measure in measures.items()]


def _register(key: str, measure: Any) -> Register:
    address, function = (column_of(measure, column) for column in COLUMNS[:2])
    found = point(key, measure, COLUMNS[2:], of_bit=function in BITS)
    if address + found.words > 0x10000:
        raise SensorError(
            Words(
                f"測定値 {key}: 番地 {address} からは読めません。", f"{key} does not fit below 65536 from {address} on."
            ),
            MAP_HINT,
        )
    return Register(function, address, found)


def open_meter(
    board: Board,
    line: Callable[[], FieldLine],
    measures: Mapping[str, Any],
    *,
    rtu: bool,
    unit: int,
    where: str,
    within_s: float,
    tries: int,
    encoding: str,
) -> Meter:
    """Open a sensor on Modbus. Raises SensorError, MissingExtra."""
    found = registers_of(measures)
    shared = line()
    master = Master(shared, rtu=rtu, unit=unit, where=where, within_s=within_s, tries=tries)
    teller = Teller(board, f"{where} {unit}", encoding, low_byte_first=False)
    return Meter(shared, master, found, teller).open()
