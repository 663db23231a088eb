"""A Modbus slave of bytes, after the specification alone: no library, its own CRC, one byte at a time.

MODBUS over Serial Line V1.02: 2.5.1.1 (RTU frame), 6.2.2 (CRC); MODBUS Application Protocol V1.1b3: 6.1 to 6.4, 7;
MODBUS Messaging on TCP/IP V1.0b: 3.1.3 (MBAP header).
"""

from collections.abc import Callable

Spoil = Callable[[bytearray], bytes]


def crc(frame: bytes | bytearray) -> int:
    """6.2.2, bit by bit: start with all ones, shift right, 0xA001 where a one falls out."""
    register = 0xFFFF
    for byte in frame:
        register ^= byte
        for _ in range(8):
            falls_out = register & 1
            register >>= 1
            if falls_out:
                register ^= 0xA001
    return register


class ByteSlave:
    """Four tables behind one unit number. ``most`` registers are given at once; ``busy`` answers with that exception.

    ``spoil`` changes the next answers, one each; ``asked`` is every question it understood: (function, address, count).
    """

    def __init__(self, unit: int, most: int = 125) -> None:
        self.unit, self.most = unit, most
        self.coils: dict[int, int] = {}
        self.discrete: dict[int, int] = {}
        self.holding: dict[int, int] = {}
        self.input: dict[int, int] = {}
        self.asked: list[tuple[int, int, int]] = []
        self.wrong_checks = 0
        self.busy = 0
        self.spoil: list[Spoil] = []

    # ---- the two lines ----

    def rtu(self, told: bytes) -> bytes:
        """What it says on RS-485; nothing to a frame that is not for it, or whose check is wrong."""
        if len(told) < 4:
            return b""
        if crc(told[:-2]) != told[-2] | told[-1] << 8:
            self.wrong_checks += 1
            return b""
        if told[0] != self.unit:
            return b""
        body = bytearray([self.unit]) + self.pdu(told[1:-2])
        check = crc(body)
        return self._spoilt(body + bytes([check & 0xFF, check >> 8]))

    def tcp(self, told: bytes) -> bytes:
        """What it says on TCP."""
        transaction, protocol, length = told[0:2], told[2:4], told[4] << 8 | told[5]
        if protocol != b"\x00\x00" or length != len(told) - 6 or told[6] != self.unit:
            return b""
        body = self.pdu(told[7:])
        size = len(body) + 1
        return self._spoilt(bytearray(transaction + b"\x00\x00" + bytes([size >> 8, size & 0xFF, told[6]]) + body))

    def _spoilt(self, frame: bytearray) -> bytes:
        return self.spoil.pop(0)(frame) if self.spoil else bytes(frame)

    # ---- the protocol ----

    def pdu(self, request: bytes) -> bytes:
        """The answer's PDU: function and data, or the function with its high bit and an exception."""
        function = request[0]
        if function not in (1, 2, 3, 4) or len(request) != 5:
            return bytes([function | 0x80, 1])
        address, count = request[1] << 8 | request[2], request[3] << 8 | request[4]
        self.asked.append((function, address, count))
        if self.busy:
            return bytes([function | 0x80, self.busy])
        if not 1 <= count <= (2000 if function < 3 else self.most):
            return bytes([function | 0x80, 3])
        table = {1: self.coils, 2: self.discrete, 3: self.holding, 4: self.input}[function]
        if any(place not in table for place in range(address, address + count)):
            return bytes([function | 0x80, 2])
        values = [table[place] for place in range(address, address + count)]
        return bytes([function]) + (self._packed(values) if function < 3 else self._words(values))

    @staticmethod
    def _packed(bits: list[int]) -> bytes:
        """6.1: the first bit is the lowest of the first byte; the last byte is filled with zeros."""
        packed = bytearray((len(bits) + 7) // 8)
        for place, bit in enumerate(bits):
            packed[place // 8] |= bit << place % 8
        return bytes([len(packed)]) + bytes(packed)

    @staticmethod
    def _words(words: list[int]) -> bytes:
        data = b"".join(bytes([word >> 8, word & 0xFF]) for word in words)
        return bytes([len(data)]) + data
