"""The bench's Modbus devices: slaves that answer on an RS-485 line or a network, framed by pymodbus's server side."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from edge.field_points import written
from edge.modbus import BITS, COIL, DISCRETE, FUNCTIONS, HOLDING, INPUT, Register

if TYPE_CHECKING:
    from edge.bench import Bench

TABLES = {code: name for name, code in FUNCTIONS.items()}


class Slave:
    """One device: four tables of 65536; ``missing`` addresses give exception 2. ``put`` writes what a measure reads."""

    def __init__(self) -> None:
        self.tables: Mapping[str, dict[int, int]] = {COIL: {}, DISCRETE: {}, HOLDING: {}, INPUT: {}}
        self.missing: set[tuple[str, int]] = set()
        self._put_last: dict[Register, float] = {}

    def put(self, register: Register, value: float | str) -> None:
        """Let a measure be ``value``, in its own unit; a whole number beyond its form wraps."""
        point, table = register.point, self.tables[register.function]
        if not isinstance(value, str):
            self._put_last[register] = value
        if point.of_bit:
            table[register.address] = int(bool(value))
        elif point.bit is not None:
            word = table.get(register.address, 0) & ~(1 << point.bit)
            table[register.address] = word | int(bool(value)) << point.bit
        else:
            for place, word in enumerate(written(point, value, low_byte_first=False)):
                table[register.address + place] = word

    def get(self, register: Register) -> float:
        """What a measure was last put to; 0 at first."""
        return self._put_last.get(register, 0.0)

    def answer(self, request: Any) -> Any:
        """The PDU that answers a request's."""
        from pymodbus.pdu import ExceptionResponse
        from pymodbus.pdu.bit_message import ReadCoilsResponse, ReadDiscreteInputsResponse
        from pymodbus.pdu.register_message import ReadHoldingRegistersResponse, ReadInputRegistersResponse

        table = TABLES.get(request.function_code)
        if table is None:
            return ExceptionResponse(request.function_code, 1)
        wanted = range(request.address, request.address + request.count)
        if any(address > 0xFFFF or (table, address) in self.missing for address in wanted):
            return ExceptionResponse(request.function_code, 2)
        values = [self.tables[table].get(address, 0) for address in wanted]
        bits = {COIL: ReadCoilsResponse, DISCRETE: ReadDiscreteInputsResponse}
        words = {HOLDING: ReadHoldingRegistersResponse, INPUT: ReadInputRegistersResponse}
        if table in BITS:
            return bits[table](bits=[bool(value) for value in values])
        return words[table](registers=values)


class Line:
    """All the devices of one line, by unit number; called with what a master says, it gives what is answered.

    pymodbus is loaded when it is first asked: whoever asks has it.
    """

    def __init__(self, rtu: bool) -> None:
        self._rtu = rtu
        self.units: dict[int, Slave] = {}

    def unit(self, number: int) -> Slave:
        """The device of that number; put there if it is not."""
        return self.units.setdefault(number, Slave())

    def __call__(self, told: bytes) -> bytes:
        """The answer to a frame; nothing for a device that is not there, and for what is no frame."""
        framer = self._framer
        _, request = framer.handleFrame(told, 0, 0)
        slave = self.units.get(request.dev_id) if request is not None else None
        if request is None or slave is None:
            return b""
        answer = slave.answer(request)
        answer.dev_id, answer.transaction_id = request.dev_id, request.transaction_id
        said: bytes = framer.buildFrame(answer)
        return said

    @cached_property
    def _framer(self) -> Any:
        from pymodbus.framer import FramerRTU, FramerSocket
        from pymodbus.pdu import DecodePDU

        decoder = DecodePDU(is_server=True)
        return FramerRTU(decoder) if self._rtu else FramerSocket(decoder)


def line_at(bench: "Bench", where: str, rtu: bool) -> Line:
    """The devices of one line of the bench, the same for every sensor on it."""
    return bench.share(f"devices at {where}", lambda _: Line(rtu))
