"""The pins, buses and ports of a real Raspberry Pi as a Board; the libraries below are handed in by `edge.pins`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from edge import troubles
from edge.board import Board, I2CBus, OneWireBus, SerialPort, SPIDevice, T
from edge.clock import Clock
from edge.keyboard import InputDevice
from edge.one_wire import OneWireFiles
from edge.shared import Shared
from edge.tcp_port import dial


@dataclass(frozen=True, slots=True)
class Outside:
    """The libraries a real board stands on; a test hands in others."""

    factory: Any
    """A gpiozero pin factory whose pins know whether they are ``taken``."""
    lgpio: Any
    """``spi_open``, ``spi_xfer``, ``spi_close`` of lgpio."""
    bus: Callable[[int], I2CBus]
    port: Callable[..., SerialPort]
    one_wire: Callable[[], OneWireBus] = OneWireFiles


class PiBoard:
    """The pins, buses and ports of a real Raspberry Pi."""

    def __init__(self, clock: Clock, libraries: Outside) -> None:
        self._clock = clock
        self._outside = libraries
        self._buses: dict[int, SharedI2C] = {}
        self._lock = Lock()
        self._shared = Shared()

    @property
    def clock(self) -> Clock:
        """The clock all of it lives by."""
        return self._clock

    def pin(self, number: int) -> Any:
        """A free pin. Raises SensorError for no such pin, or one in use here or by another program."""
        with self._lock:
            try:
                pin = self._outside.factory.pin(number)
            except Exception as error:  # gpiozero's and lgpio's own errors have no common root
                if "busy" in str(error).lower():
                    raise troubles.pin_in_use(number, f"({error})") from error
                raise troubles.pin_refused(number, str(error)) from error
            if pin.taken:
                raise troubles.pin_in_use(number)
            pin.taken = True
            return pin

    def i2c(self, bus: int = 1) -> I2CBus:
        """An I2C bus, shared. Raises SensorError if it is not switched on."""
        with self._lock:
            if bus not in self._buses:
                try:
                    self._buses[bus] = SharedI2C(self._outside.bus(bus))
                except OSError as error:
                    raise troubles.no_i2c_bus(bus, str(error)) from error
            return self._buses[bus]

    def spi(self, bus: int, chip: int, hz: int, mode: int = 0) -> SPIDevice:
        """A chip on an SPI bus. Raises SensorError if the bus is not switched on."""
        try:
            return _Spi(self._outside.lgpio, self._outside.lgpio.spi_open(bus, chip, hz, mode))
        except Exception as error:  # lgpio.error is a plain Exception
            raise troubles.no_spi_bus(bus, chip, str(error)) from error

    def serial(self, port: str, baud: int, *, bits: int = 8, parity: str = "N", stop: float = 1) -> SerialPort:
        """A serial port for one sensor alone. Raises SensorError."""
        try:
            return self._outside.port(
                port, baud, bytesize=bits, parity=parity, stopbits=stop, timeout=0, exclusive=True
            )
        except (OSError, ValueError) as error:
            raise troubles.no_port(port, str(error)) from error

    def keys(self, path: str) -> SerialPort:
        """An input device that types, for one sensor alone. Raises SensorError."""
        return InputDevice(path)

    def one_wire(self) -> OneWireBus:
        """The kernel's 1-Wire bus. Raises SensorError if it is not switched on."""
        return self._outside.one_wire()

    def tcp(self, host: str, port: int, within_s: float) -> SerialPort:
        """A connection to a device on the network. Raises SensorError."""
        return dial(host, port, within_s)

    def share(self, name: str, make: Callable[[Board], T]) -> T:
        """What several sensors use together; made by the first who asks."""
        return self._shared.get(name, lambda: make(self))

    def close(self) -> None:
        """Give everything back."""
        self._outside.factory.close()


class SharedI2C:
    """An I2C bus for several sensors, each on its own lane: one transaction at a time."""

    def __init__(self, bus: I2CBus) -> None:
        self._bus = bus
        self._lock = Lock()

    def read_byte_data(self, address: int, register: int) -> int:
        """One register."""
        with self._lock:
            return self._bus.read_byte_data(address, register)

    def write_byte_data(self, address: int, register: int, value: int) -> None:
        """Write one register."""
        with self._lock:
            self._bus.write_byte_data(address, register, value)

    def read_i2c_block_data(self, address: int, register: int, length: int) -> Sequence[int]:
        """Registers in a row."""
        with self._lock:
            return self._bus.read_i2c_block_data(address, register, length)

    def write_i2c_block_data(self, address: int, register: int, data: Sequence[int]) -> None:
        """Write registers in a row."""
        with self._lock:
            self._bus.write_i2c_block_data(address, register, data)

    def i2c_rdwr(self, *messages: Any) -> None:
        """Raw messages as one transaction."""
        with self._lock:
            self._bus.i2c_rdwr(*messages)


class _Spi:
    """A chip on an SPI bus through lgpio: spidev has no wheels, and lgpio is here for the pins already."""

    def __init__(self, lgpio: Any, handle: int) -> None:
        self._lgpio = lgpio
        self._handle: int | None = handle

    def transfer(self, data: Sequence[int]) -> Sequence[int]:
        if self._handle is None:
            raise OSError("the SPI chip was closed")
        try:
            count, received = self._lgpio.spi_xfer(self._handle, bytes(data))
        except Exception as error:  # lgpio.error is a plain Exception
            raise OSError(str(error)) from error
        if count != len(data):
            raise OSError(f"SPI moved {count} of {len(data)} bytes")
        return list(received)

    def close(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            self._lgpio.spi_close(handle)
