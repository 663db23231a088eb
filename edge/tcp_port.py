"""A TCP connection with the verbs of a serial port, so that whoever asks a device need not know which of them it is."""

import contextlib
import errno
import select
import socket

from contract.errors import SensorError
from contract.words import Words

PEEK = 65_536


class TcpPort:
    """A connected socket. ``timeout``: so many seconds :meth:`read` waits at most, as pyserial's."""

    timeout: float | None = 0

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._connection = connection

    @property
    def in_waiting(self) -> int:
        """Bytes that can be read at once."""
        try:
            return len(self._connection.recv(PEEK, socket.MSG_PEEK))
        except BlockingIOError:
            return 0

    def fileno(self) -> int:
        """The file number to wait on."""
        return self._connection.fileno()

    def read(self, size: int = 1) -> bytes:
        """Up to ``size`` bytes; none if none came in time. Raises ConnectionError if the other side has hung up."""
        if size <= 0:
            return b""
        if self.timeout and not select.select([self._connection], [], [], self.timeout)[0]:
            return b""
        try:
            data = self._connection.recv(size)
        except BlockingIOError:
            return b""
        if not data:
            raise ConnectionAbortedError(errno.ECONNABORTED, "the other side has hung up")
        return data

    def write(self, data: bytes) -> int | None:
        """Send bytes. Raises OSError if the other side takes no more: it has not read for long."""
        sent = self._connection.send(data)
        if sent < len(data):
            raise OSError(errno.ENOBUFS, f"{sent} of {len(data)} bytes sent")
        return sent

    def close(self) -> None:
        """End the connection."""
        with contextlib.suppress(OSError):
            self._connection.close()


def dial(host: str, port: int, within_s: float) -> TcpPort:
    """A connection to a device. Raises SensorError."""
    try:
        connection = socket.create_connection((host, port), within_s)
    except (OSError, UnicodeError) as error:  # a name too long or with odd signs is a UnicodeError
        raise no_connection(host, port, error) from error
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return TcpPort(connection)


def no_connection(host: str, port: int, error: Exception) -> SensorError:
    """A device that cannot be reached over the network."""
    why = getattr(error, "strerror", None) or str(error)
    return SensorError(
        Words(f"{host}:{port} に接続できません({why})。", f"No connection to {host}:{port}: {why}."), _hint(host, error)
    )


def _hint(host: str, error: Exception) -> Words:
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return Words(
            f"「{host}」という名前が見つかりません。IP アドレスで書いてください。",
            f"Hint: the name {host} is not known here; write the IP address.",
        )
    if isinstance(error, ConnectionRefusedError):
        return Words(
            "機器は動いていますが、このポートを開いていません。機器の側のポート番号の設定(10 進か 16 進か)と、"
            "ほかの接続でふさがっていないかを確認してください。",
            "Hint: the device is there but does not listen on this port; check the number in its settings (decimal or "
            "hexadecimal?) and whether other connections use all it has.",
        )
    return Words(
        f"電源・LAN ケーブル・IP アドレスを確認し、「ping {host}」を試してください。",
        f"Hint: check its power, the LAN cable and the IP address, and try ping {host}.",
    )
