"""What a sensor may touch: pins, buses, ports and the clock, handed in by whoever opens it.

The real board is made by `edge.pins.open_board`; the bench (`edge.bench.Bench`) is the same at the lowest seam:
gpiozero pins that are moved by hand, register-level buses under smbus2's and lgpio's own names, pseudo-terminals under
pyserial.
A sensor cannot tell them apart.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol, TypeVar

from edge.clock import Clock

Pull = Literal["up", "down", "none"]
T = TypeVar("T")


class I2CBus(Protocol):
    """The verbs of ``smbus2.SMBus`` that our sensors use."""

    def read_byte_data(self, address: int, register: int) -> int:
        """One register."""

    def write_byte_data(self, address: int, register: int, value: int) -> None:
        """Write one register."""

    def read_i2c_block_data(self, address: int, register: int, length: int) -> Sequence[int]:
        """``length`` (at most 32) registers in a row."""

    def write_i2c_block_data(self, address: int, register: int, data: Sequence[int]) -> None:
        """Write registers in a row."""

    def i2c_rdwr(self, *messages: Any) -> None:
        """Raw messages made by ``smbus2.i2c_msg``."""


class SPIDevice(Protocol):
    """One chip on an SPI bus."""

    def transfer(self, data: Sequence[int]) -> Sequence[int]:
        """Clock out ``data``, give back as many bytes as came in meanwhile."""

    def close(self) -> None:
        """Give the chip back."""


class SerialPort(Protocol):
    """The verbs of ``serial.Serial`` that our sensors use; a TCP connection has them too.

    ``timeout``: so many seconds :meth:`read` waits at most; 0 when it is opened.
    """

    timeout: float | None

    @property
    def in_waiting(self) -> int:
        """Bytes that can be read at once."""

    def fileno(self) -> int:
        """The file number to wait on."""

    def read(self, size: int = 1) -> bytes:
        """Up to ``size`` bytes."""

    def write(self, data: bytes) -> int | None:
        """Send bytes."""

    def close(self) -> None:
        """Give the port back."""


class OneWireBus(Protocol):
    """The kernel's 1-Wire devices."""

    def devices(self) -> Sequence[str]:
        """The kernel's names of the devices it has found: ``28-0316a2795ad1``."""

    def read(self, device: str, file: str) -> str:
        """One of a device's files, ``w1_slave`` for a thermometer; may take a second. Raises OSError."""


class Board(Protocol):
    """Where pins, buses and ports come from. Every verb raises SensorError with where, why and what to do."""

    @property
    def clock(self) -> Clock:
        """The clock all of it lives by."""

    def pin(self, number: int) -> Any:
        """The gpiozero ``Pin`` of a BCM number, free for use. Give it back with ``pin.close()``."""

    def i2c(self, bus: int = 1) -> I2CBus:
        """An I2C bus; shared by all who ask for the same number."""

    def spi(self, bus: int, chip: int, hz: int, mode: int = 0) -> SPIDevice:
        """A chip on an SPI bus."""

    def serial(self, port: str, baud: int, *, bits: int = 8, parity: str = "N", stop: float = 1) -> SerialPort:
        """A serial port, opened for this sensor alone."""

    def keys(self, path: str) -> SerialPort:
        """An input device that types (a scanner), for this sensor alone; its bytes are the kernel's input events."""

    def one_wire(self) -> OneWireBus:
        """The 1-Wire bus that the kernel keeps; shared by all who ask."""

    def tcp(self, host: str, port: int, within_s: float) -> SerialPort:
        """A connection to a device on the network; waits at most ``within_s`` for it."""

    def share(self, name: str, make: "Callable[[Board], T]") -> T:
        """What several sensors use together, as one RS-485 line; made by the first who asks, of the board itself."""
