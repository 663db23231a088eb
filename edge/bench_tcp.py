"""The bench's network: devices that answer on a TCP connection, socket pairs under the port that a driver has."""

import contextlib
import errno
import socket
from collections.abc import Callable

from edge.tcp_port import TcpPort, no_connection

Reply = Callable[[bytes], bytes]
"""What a device says to what it is told. A ConnectionError that it raises hangs the connection up."""


class BenchTcpPort(TcpPort):
    """A driver's end. ``by_hand``: nobody waits for time that only a hand can turn."""

    def __init__(self, driver: socket.socket, device: socket.socket, of: "BenchTcp", by_hand: bool) -> None:
        super().__init__(driver)
        self.device = device
        self._of, self._by_hand = of, by_hand

    def read(self, size: int = 1) -> bytes:
        """As a connection's."""
        if self._by_hand:
            self.timeout = 0
        return super().read(size)

    def write(self, data: bytes) -> int | None:
        """As a connection's; the device hears it and answers at once."""
        if self.device.fileno() < 0:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")
        self._of.hear(self, bytes(data))
        return len(data)

    def close(self) -> None:
        """End the connection."""
        super().close()
        self.device.close()


class BenchTcp:
    """One address of the bench's network; nobody is there until a device is plugged in."""

    def __init__(self, host: str, port: int, by_hand: bool) -> None:
        self._host, self._port, self._by_hand = host, port, by_hand
        self._reply: Reply | None = None
        self._open: list[BenchTcpPort] = []

    def plug(self, reply: Reply | None) -> None:
        """Put a device there, or switch it off (None): connections that are open fall silent."""
        self._reply = reply

    def open(self) -> BenchTcpPort:
        """A connection. Raises SensorError if nobody is there."""
        if self._reply is None:
            raise no_connection(self._host, self._port, TimeoutError(errno.ETIMEDOUT, "timed out"))
        port = BenchTcpPort(*socket.socketpair(), self, self._by_hand)
        self._open = [one for one in self._open if one.device.fileno() >= 0] + [port]
        return port

    def hear(self, port: BenchTcpPort, data: bytes) -> None:
        """What a driver has sent."""
        if self._reply is None:
            return
        try:
            said = self._reply(data)
        except ConnectionError:
            port.device.close()
        else:
            _send(port, said)

    def type(self, data: bytes) -> None:
        """Let the device say something on every connection, unasked."""
        for port in self._open:
            _send(port, data)

    def hang_up(self) -> None:
        """The device ends every connection; it takes new ones."""
        for port in self._open:
            port.device.close()

    def close(self) -> None:
        """End every connection at both ends."""
        for port in self._open:
            port.close()


def _send(port: BenchTcpPort, data: bytes) -> None:
    with contextlib.suppress(OSError):  # the driver has closed its end
        port.device.sendall(data)
