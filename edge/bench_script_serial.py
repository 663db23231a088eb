"""``serial.Serial`` for a script on the bench: pyserial's ways to name, set, open and open again a port.

    Serial("/dev/ttyUSB0", 9600, 8, "N", 1, timeout=1)
    port = Serial(); port.port = "/dev/ttyUSB0"; port.baudrate = 2400; port.open()

The port behind is a `edge.bench_serial.BenchPort`; a setting that changes while it is open opens it anew, and what had
come and was not read is lost.
"""

from collections.abc import Iterator
from typing import Any

import serial

from contract.errors import KojoError
from edge.bench import Bench

WAYS = (
    "port",
    "baudrate",
    "bytesize",
    "parity",
    "stopbits",
    "timeout",
    "xonxoff",
    "rtscts",
    "write_timeout",
    "dsrdtr",
    "inter_byte_timeout",
    "exclusive",
)
"""What ``serial.Serial`` takes, in its order (pyserial 3.5, serialutil.py)."""

USUAL = (None, 9600, 8, "N", 1, None, False, False, None, False, None, None)
LINE = ("port", "baudrate", "bytesize", "parity", "stopbits")
"""What a change of needs the port opened anew."""

MAY_BE = {
    "bytesize": serial.SerialBase.BYTESIZES,
    "parity": serial.SerialBase.PARITIES,
    "stopbits": serial.SerialBase.STOPBITS,
}


def serial_of(bench: Bench) -> type:
    """The class ``Serial`` whose ports are the bench's."""

    class Serial(_Port):
        _bench = bench

    return Serial


class _Port:
    """Settings, and the open port while there is one; what is not here is asked of that."""

    _bench: Bench

    def __init__(self, *given: Any, **named: Any) -> None:
        if len(given) > len(WAYS):
            raise TypeError(f"Serial() takes at most {len(WAYS)} settings, not {len(given)}")
        unknown = sorted(set(named) - set(WAYS))
        if unknown:
            raise ValueError(f"unexpected keyword arguments: {unknown!r}")
        self.__dict__["_open"] = None
        self.__dict__.update(zip(WAYS, USUAL, strict=True))
        for way, value in (*zip(WAYS, given, strict=False), *named.items()):
            setattr(self, way, value)
        if self.port is not None:
            self.open()

    def __setattr__(self, name: str, value: Any) -> None:
        if name in MAY_BE and value not in MAY_BE[name]:
            raise ValueError(f"Not a valid {name}: {value!r}")
        if name in ("timeout", "write_timeout") and value is not None and value < 0:
            raise ValueError(f"Not a valid timeout: {value!r}")
        changed = self.__dict__.get(name) != value
        self.__dict__[name] = value
        if not self.is_open:
            return
        if name in LINE and changed:
            self.close()
            self.open()
        elif name == "timeout":
            self._open.timeout = value

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self.__dict__.get("_open") is None:
            if hasattr(serial.Serial, name):
                raise serial.PortNotOpenError
            raise AttributeError(name)
        return getattr(self._open, name)

    def __enter__(self) -> "_Port":
        if self.port is not None and not self.is_open:
            self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[bytes]:
        while row := self.readline():
            yield row

    @property
    def is_open(self) -> bool:
        """Whether it can be read and written."""
        return self.__dict__.get("_open") is not None and bool(self._open.is_open)

    @property
    def name(self) -> str | None:
        """The port's name, as pyserial has it too."""
        return None if self.port is None else str(self.port)

    portstr = name

    def isOpen(self) -> bool:  # noqa: N802 - pyserial's name
        """The old name of ``is_open``."""
        return self.is_open

    def readable(self) -> bool:
        """Yes; io's wrappers ask."""
        return True

    writable = readable

    def open(self) -> None:
        """Open it. Raises serial.SerialException where it is not there or is open already."""
        if self.port is None:
            raise serial.SerialException("Port must be configured before it can be used.")
        if self.is_open:
            raise serial.SerialException("Port is already open.")
        try:
            opened = self._bench.serial(
                self.port, self.baudrate, bits=self.bytesize, parity=self.parity, stop=self.stopbits
            )
        except KojoError as error:
            raise serial.SerialException(f"could not open port {self.port}: {error}") from error
        opened.timeout = self.timeout
        self.__dict__["_open"] = opened

    def close(self) -> None:
        """Close it; it may be opened again."""
        if self._open is not None:
            self._open.close()
        self.__dict__["_open"] = None
