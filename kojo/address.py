"""``--http HOST:PORT``: read, the port taken before anything else starts, and by which names others reach it."""

import contextlib
import errno
import fcntl
import socket
import struct
from pathlib import Path

from contract.errors import InUse, KojoError, NotAllowed, NotThere
from contract.words import Words


def listen(address: str, option: str = "--http") -> socket.socket:
    """A listening TCP socket on ``HOST:PORT`` (port 0: any free one), as ``option`` of the command asks.

    Raises NotThere for an address that is none or not this machine's, InUse where the port is taken, NotAllowed
    where it needs rights.
    """
    host, port = parse(address, option)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # the protocol is named because asyncio sets TCP_NODELAY only where it is: else answers wait 40 ms for an ACK
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
    except OSError as error:
        opened.close()
        raise _refused(address, port, option, error) from error
    opened.listen(128)
    return opened


def parse(address: str, option: str = "--http") -> tuple[str, int]:
    """Host and port of ``127.0.0.1:8000``, ``:8000`` (loopback) or ``[::1]:8000``. Raises NotThere."""
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise NotThere(
            Words(f"{option} {address}: 番地として読めません。", f"{option} {address}: that is no address."),
            Words("127.0.0.1:8000 のように書いてください。", "Write it like 127.0.0.1:8000."),
        )
    return host or "127.0.0.1", int(port)


def url(host: str, port: int) -> str:
    """What to type into a browser."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


REMEMBERED = "http.address"


def remember(data: Path, opened: socket.socket) -> None:
    """Note in the data directory where pages are served, for `kojo pair`; they are served on a full disk, too."""
    host, port = opened.getsockname()[:2]
    new = data / f"{REMEMBERED}.new"
    try:
        new.write_text(f"[{host}]:{port}\n" if ":" in host else f"{host}:{port}\n", "ascii")
        new.replace(data / REMEMBERED)
    except OSError:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)


def remembered(data: Path) -> str | None:
    """Where pages are, or were last, served; None if they never were."""
    try:
        return (data / REMEMBERED).read_text("ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def answers(host: str, port: int) -> bool:
    """Whether something listens there now."""
    with contextlib.suppress(OSError), socket.create_connection((host, port), 2.0):
        return True
    return False


_ASK_ADDRESS = 0x8915
"""SIOCGIFADDR, netdevice(7)."""

_INSIDE = ("docker", "br-", "veth", "virbr", "lxc", "tun", "tap")
"""Networks inside the machine, and tunnels: no phone is there."""


def lan_addresses() -> list[str]:
    """The IPv4 addresses by which others reach this machine, the likeliest first. Nothing is sent to find out."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        with contextlib.suppress(OSError):
            probe.connect(("192.0.2.1", 9))  # an address that is nobody's (RFC 5737): only the way there is looked up
            found.append(str(probe.getsockname()[0]))
        for _, name in socket.if_nameindex():
            with contextlib.suppress(OSError):
                told = fcntl.ioctl(probe, _ASK_ADDRESS, struct.pack("256s", name[:15].encode()))
                if not name.startswith(_INSIDE):
                    found.append(socket.inet_ntoa(told[20:24]))
    return [address for address in dict.fromkeys(found) if not address.startswith(("127.", "0."))]


def _refused(address: str, port: int, option: str, error: OSError) -> KojoError:
    if error.errno == errno.EADDRINUSE:
        return InUse(
            Words(f"ポート {port} は別のプログラムが使っています。", f"Port {port} is in use by another program."),
            Words(
                f"そちらを終わらせるか、{option} 127.0.0.1:{port + 1} のように別の番号にしてください。",
                f"End that one, or choose another, like {option} 127.0.0.1:{port + 1}.",
            ),
        )
    if error.errno == errno.EACCES:
        return NotAllowed(
            Words(f"ポート {port} を開く権限がありません。", f"Opening port {port} is not allowed."),
            Words("1024 以上の番号にしてください。", "Choose a number from 1024."),
        )
    return NotThere(
        Words(
            f"{option} {address}: この機械の番地ではありません({error.strerror})。",
            f"{option} {address} is not an address of this machine ({error.strerror}).",
        ),
        Words("127.0.0.1:8000 なら必ず開けます。", "127.0.0.1:8000 always is."),
    )
