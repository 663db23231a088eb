"""I2C messages without a register: some chips take commands, and are read with nothing said before.

    tell(bus, 0x38, 0xAC, 0x33, 0x00)
    seven = hear(bus, 0x38, 7)
    status = ask(bus, 0x44, (0xF3, 0x2D), 3)     # a repeated start between, no stop

The messages are smbus2's. smbus2 cannot be imported on Windows; there, on the bench, a message of the same shape is
made here, so that a class with Windows laptops rehearses these sensors too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from edge.board import I2CBus

READ = 0x0001
"""The kernel's I2C_M_RD."""


@dataclass(slots=True)
class Message:
    """What the bench's bus wants of a message: ``smbus2.i2c_msg`` without the kernel's memory."""

    addr: int
    flags: int
    len: int
    buf: list[bytes] = field(default_factory=list)

    @classmethod
    def write(cls, address: int, data: Sequence[int]) -> "Message":
        """Bytes to the chip."""
        return cls(address, 0, len(data), [bytes([value]) for value in data])

    @classmethod
    def read(cls, address: int, length: int) -> "Message":
        """Bytes from the chip."""
        return cls(address, READ, length, [b"\0"] * length)

    def __bytes__(self) -> bytes:
        return b"".join(self.buf)


def tell(bus: I2CBus, address: int, *data: int) -> None:
    """One write. Raises OSError if nobody answers."""
    bus.i2c_rdwr(_maker().write(address, list(data)))


def hear(bus: I2CBus, address: int, length: int) -> bytes:
    """One read. Raises OSError if nobody answers."""
    message = _maker().read(address, length)
    bus.i2c_rdwr(message)
    return bytes(message)


def ask(bus: I2CBus, address: int, data: Sequence[int], length: int) -> bytes:
    """A write and a read as one transaction. Raises OSError if nobody answers."""
    make = _maker()
    answer = make.read(address, length)
    bus.i2c_rdwr(make.write(address, list(data)), answer)
    return bytes(answer)


def _maker() -> Any:
    try:
        from smbus2 import i2c_msg
    except ImportError:  # no fcntl on Windows, where there is no I2C bus but the bench's either
        return Message
    return i2c_msg
