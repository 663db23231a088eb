"""A Q series CPU's MC protocol port, after SH-080008 alone: it reads its input byte by byte, field by field.

5.2 (3E frame: subheader, access route, length, monitoring timer, then the request), 8.1 (device codes: table "Device
code list"), 8.2 (0401 with 0000 and 0001: at most 960 words, 7168 bits in binary, 3584 in ASCII), and of SH-080811
5.1.4 the end codes. Whatever is not in these pages it refuses; to the other code it says nothing, as its C06F does.
"""

from collections.abc import Callable, Iterator

DEVICES = {  # name: (binary code, bit device, notation)
    "SM": (0x91, True, 10), "SD": (0xA9, False, 10), "X": (0x9C, True, 16), "Y": (0x9D, True, 16),
    "M": (0x90, True, 10), "L": (0x92, True, 10), "F": (0x93, True, 10), "V": (0x94, True, 10),
    "B": (0xA0, True, 16), "D": (0xA8, False, 10), "W": (0xB4, False, 16), "TS": (0xC1, True, 10),
    "TC": (0xC0, True, 10), "TN": (0xC2, False, 10), "CS": (0xC4, True, 10), "CC": (0xC3, True, 10),
    "CN": (0xC5, False, 10), "SB": (0xA1, True, 16), "SW": (0xB5, False, 16), "R": (0xAF, False, 10),
    "ZR": (0xB0, False, 16),
}  # fmt: skip

Spoil = Callable[[bytes], bytes]


class TooShort(Exception):
    """The frame ended within a field."""


class Field:
    """Reads numbers off a frame, in one of the two codes."""

    def __init__(self, frame: bytes, ascii_code: bool) -> None:
        self._bytes: Iterator[int] = iter(frame)
        self._ascii = ascii_code

    def number(self, size: int) -> int:
        """``size`` bytes: the low one first, or two digits each with the high one first."""
        if self._ascii:
            return int(self.letters(2 * size), 16)
        return sum(self._one() << 8 * i for i in range(size))

    def letters(self, many: int) -> str:
        return bytes(self._one() for _ in range(many)).decode("ascii")

    def rest(self) -> int:
        return len(list(self._bytes))

    def _one(self) -> int:
        try:
            return next(self._bytes)
        except StopIteration:
            raise TooShort from None


class ByteCpu:
    """``memory`` by device name and number; what is not there is beyond the range. ``asked`` is every read it did."""

    def __init__(self, ascii_code: bool = False) -> None:
        self.ascii_code = ascii_code
        self.memory: dict[str, dict[int, int]] = {}
        self.network, self.station, self.module_io = 0, 0xFF, 0x03FF
        self.asked: list[tuple[str, int, int]] = []
        self.commands: list[int] = []
        self.refuses = 0
        self.spoil: list[Spoil] = []

    def __call__(self, told: bytes) -> bytes:
        head = b"5000" if self.ascii_code else b"\x50\x00"
        if not told.startswith(head):
            return b""
        try:
            answer = self._frame(Field(told[len(head) :], self.ascii_code), len(told))
        except (TooShort, ValueError):
            return b""
        return self.spoil.pop(0)(answer) if self.spoil else answer

    def _frame(self, field: Field, size: int) -> bytes:
        route = [(field.number(1), 1), (field.number(1), 1), (field.number(2), 2), (field.number(1), 1)]
        length = field.number(2)
        if length != size - (18 if self.ascii_code else 9):
            return self._answer(route, 0xC061, b"")
        field.number(2)
        command, subcommand = field.number(2), field.number(2)
        self.commands.append(command)
        if [value for value, _ in route] != [self.network, self.station, self.module_io, 0]:
            return self._answer(route, 0xC05F, b"")
        end, data = self._request(field, command, subcommand)
        if end:
            sent = [*route, (command, 2), (subcommand, 2)]
            data = b"".join(self._put(value, many) for value, many in sent)
        return self._answer(route, end, data)

    def _request(self, field: Field, command: int, subcommand: int) -> tuple[int, bytes]:
        if self.refuses:
            return self.refuses, b""
        if command != 0x0401 or subcommand not in (0, 1):
            return 0xC059, b""
        name, first = self._device(field)
        count = field.number(2)
        if field.rest():
            return 0xC061, b""
        if name not in DEVICES:
            return 0xC05B, b""
        by_bits = subcommand == 1
        if by_bits != DEVICES[name][1]:
            return 0xC05C, b""
        if not 1 <= count <= ((3584 if self.ascii_code else 7168) if by_bits else 960):
            return 0xC051, b""
        memory = self.memory.get(name, {})
        if any(number not in memory for number in range(first, first + count)):
            return 0xC056, b""
        self.asked.append((name, first, count))
        values = [memory[number] for number in range(first, first + count)]
        return 0, self._bits(values) if by_bits else b"".join(self._put(value, 2) for value in values)

    def _device(self, field: Field) -> tuple[str, int]:
        if not self.ascii_code:
            first, code = field.number(3), field.number(1)
            return next((name for name, (its, _, _) in DEVICES.items() if its == code), "?"), first
        name = field.letters(2).replace("*", "")
        return name, int(field.letters(6), DEVICES.get(name, (0, False, 10))[2])

    def _bits(self, values: list[int]) -> bytes:
        if self.ascii_code:
            return "".join(str(value) for value in values).encode("ascii")
        data = bytearray()
        for place, value in enumerate(values):
            if place % 2:
                data[-1] += value
            else:
                data.append(value * 16)
        return bytes(data)

    def _answer(self, route: list[tuple[int, int]], end: int, data: bytes) -> bytes:
        head = b"D000" if self.ascii_code else b"\xd0\x00"
        way = b"".join(self._put(value, many) for value, many in route)
        body = self._put(end, 2) + data
        return head + way + self._put(len(body), 2) + body

    def _put(self, value: int, size: int) -> bytes:
        if self.ascii_code:
            return f"{value:0{2 * size}X}".encode("ascii")
        return bytes(value >> 8 * i & 0xFF for i in range(size))
