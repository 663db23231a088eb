"""The bench's I2C and SPI buses: bytes on the wire, under the names of smbus2 and lgpio.

A chip model sees what a chip sees, whole transactions, not driver calls; so a driver's wrong register, wrong order or
wrong length is found here and not at the factory. Where nothing is plugged in, I2C fails as the kernel does (errno
121), and SPI reads zeros, as a Pi whose MISO is pulled down does.
"""

import errno
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, Protocol

I2C_READ = 0x0001
"""The kernel's I2C_M_RD."""


class I2CChip(Protocol):
    """A chip on an I2C bus. An OSError raised here reaches the driver as the kernel's would."""

    def write(self, data: bytes) -> None:
        """The bytes of one write after the address."""

    def read(self, length: int) -> bytes:
        """The bytes of one read."""


class RegisterChip:
    """A chip that is 256 registers and a pointer: a write sets the pointer and goes on from there, a read goes on.

    Override :meth:`written` and :meth:`asked` for what the registers do.
    """

    def __init__(self) -> None:
        self.registers = bytearray(256)
        self._pointer = 0

    def write(self, data: bytes) -> None:
        """First the register, then what goes into it and the next ones."""
        if not data:
            return
        self._pointer = data[0]
        for value in data[1:]:
            self.registers[self._pointer] = value
            self.written(self._pointer, value)
            self._pointer = (self._pointer + 1) % 256

    def read(self, length: int) -> bytes:
        """The registers from the pointer on."""
        self.asked(self._pointer, length)
        data = bytes(self.registers[(self._pointer + i) % 256] for i in range(length))
        self._pointer = (self._pointer + length) % 256
        return data

    def written(self, register: int, value: int) -> None:
        """A register was written."""

    def asked(self, register: int, length: int) -> None:
        """Registers are about to be read."""


class BenchI2C:
    """One I2C bus with the verbs of ``smbus2.SMBus``."""

    def __init__(self) -> None:
        self._chips: dict[int, I2CChip] = {}
        self._lock = Lock()

    def plug(self, address: int, chip: I2CChip | None) -> None:
        """Put a chip at an address, or take it away (None)."""
        if chip is None:
            self._chips.pop(address, None)
        else:
            self._chips[address] = chip

    def plugged(self, address: int) -> I2CChip | None:
        """The chip at an address, or None."""
        return self._chips.get(address)

    def write_quick(self, address: int) -> None:
        """The address alone: whether anybody answers there."""
        with self._lock:
            self._chip(address)

    def read_byte(self, address: int) -> int:
        """One byte from wherever the chip's pointer is."""
        return self._transact(address, None, 1)[0]

    def write_byte(self, address: int, value: int) -> None:
        """One byte, for most chips a register number."""
        self._transact(address, bytes([value]), 0)

    def read_byte_data(self, address: int, register: int) -> int:
        """One register."""
        return self._transact(address, bytes([register]), 1)[0]

    def write_byte_data(self, address: int, register: int, value: int) -> None:
        """Write one register."""
        self._transact(address, bytes([register, value]), 0)

    def read_word_data(self, address: int, register: int) -> int:
        """Two registers, low byte first."""
        return int.from_bytes(self._transact(address, bytes([register]), 2), "little")

    def write_word_data(self, address: int, register: int, value: int) -> None:
        """Write two registers, low byte first."""
        self._transact(address, bytes([register]) + value.to_bytes(2, "little"), 0)

    def read_i2c_block_data(self, address: int, register: int, length: int) -> Sequence[int]:
        """At most 32 registers in a row."""
        _at_most_32(length)
        return list(self._transact(address, bytes([register]), length))

    def write_i2c_block_data(self, address: int, register: int, data: Sequence[int]) -> None:
        """Write at most 32 registers in a row."""
        _at_most_32(len(data))
        self._transact(address, bytes([register, *data]), 0)

    def i2c_rdwr(self, *messages: Any) -> None:
        """Raw messages (``smbus2.i2c_msg``) as one transaction; what is read lands in them."""
        with self._lock:
            for message in messages:
                chip = self._chip(message.addr)
                if message.flags & I2C_READ:
                    for place, value in enumerate(chip.read(message.len)):
                        message.buf[place] = bytes([value])
                else:
                    chip.write(bytes(message.buf[place][0] for place in range(message.len)))

    def close(self) -> None:
        """Nothing to give back: the board owns the bus."""

    def _transact(self, address: int, data: bytes | None, length: int) -> bytes:
        with self._lock:
            chip = self._chip(address)
            if data is not None:
                chip.write(data)
            return chip.read(length) if length else b""

    def _chip(self, address: int) -> I2CChip:
        try:
            return self._chips[address]
        except KeyError:
            raise OSError(errno.EREMOTEIO, "Remote I/O error") from None


def _at_most_32(length: int) -> None:
    if length > 32:
        raise ValueError("Desired block length over 32 bytes")


class SPIChip(Protocol):
    """A chip on an SPI bus; chip select is low for exactly one call."""

    def transfer(self, data: bytes) -> bytes:
        """What it shifts out while ``data`` is shifted in; as many bytes."""


class BenchSPI:
    """What a driver holds of one chip select; ``plugged`` says which chip is there now, if any.

    ``modes`` and ``max_hz`` of the chip, if it has them, are kept to.
    """

    def __init__(self, plugged: Callable[[], SPIChip | None], hz: int, mode: int) -> None:
        self._plugged, self._hz, self._mode = plugged, hz, mode
        self._open = True

    def transfer(self, data: Sequence[int]) -> Sequence[int]:
        """One selection of the chip. A chip driven too fast or in the wrong mode answers nonsense, not an error."""
        if not self._open:
            raise OSError(errno.EBADF, "the SPI chip was closed")
        chip = self._plugged()
        if chip is None:
            return [0] * len(data)
        if self._mode not in getattr(chip, "modes", (self._mode,)) or self._hz > getattr(chip, "max_hz", self._hz):
            return [0xA5] * len(data)
        return list(chip.transfer(bytes(data)))

    def close(self) -> None:
        """Give it back."""
        self._open = False
