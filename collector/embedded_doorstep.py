"""Who stands before the embedded broker's door: every TCP connection is counted from its first moment, TLS or not.

asyncio's own server counts none before its TLS handshake is over, waits a minute for one, and logs each accept that
finds no free file handle: some hundred silent connections would take every handle of the process.
"""

import asyncio
import functools
import logging
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from collector.embedded_guests import MOST, Guests
from contract.words import Words

log = logging.getLogger(__name__)

HANDSHAKE_WITHIN_S = 10.0
WAITING, WAITING_OF_ONE = 32, 8
"""So many connections that are not let in yet, in all and of one address; one more, and the oldest has to go."""
SAID_EVERY_S = 60.0
NO_HANDLE_PAUSE_S = 1.0

Callback = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]


@dataclass(slots=True)
class _Waiting:
    greeting: "asyncio.Task[None]"
    transport: asyncio.Transport | None = None


class Doorstep:
    """Listens for ``connected(reader, writer)``. All of it in one event loop."""

    def __init__(self, connected: Callback, context: ssl.SSLContext | None) -> None:
        self._connected, self._context = connected, context
        self._doors: list[socket.socket] = []
        self._accepting: list[asyncio.Task[None]] = []
        self._waiting: dict[Any, _Waiting] = {}
        self.guests = Guests(shared=context is not None)
        self._said: dict[str, float] = {}

    async def open(self, host: str | None, port: int) -> None:
        """Listen; ``host`` None: on every address. Raises OSError."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        trouble: OSError | None = None
        for family, kind, protocol, _, address in dict.fromkeys(found):
            try:
                self._doors.append(_door(family, kind, protocol, address))
            except OSError as error:
                trouble = error
        if not self._doors or "in use" in str(trouble):
            self.close()
            raise trouble or OSError(f"no address {host}")
        self._accepting = [asyncio.create_task(self._accept(door)) for door in self._doors]

    def close(self) -> None:
        """Listen no more, and cut off who waits."""
        for task in self._accepting:
            task.cancel()
        for door in self._doors:
            door.close()
        for who in list(self._waiting):
            self._send_away(who)

    async def wait_closed(self) -> None:
        """Everything is closed already."""

    def let_in(self, who: Any) -> None:
        """The connection of this peer name waits no more."""
        self._waiting.pop(who, None)

    def gone(self, who: Any) -> None:
        """The connection of this peer name ended."""
        self._waiting.pop(who, None)
        self.guests.gone(who)

    async def _accept(self, door: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                line, who = await loop.sock_accept(door)
            except OSError as error:
                self._say(Words(f"接続を受けられません: {error}", f"No connection can be taken: {error}"))
                await asyncio.sleep(NO_HANDLE_PAUSE_S)
                continue
            self._make_room(who[0])
            greeting = asyncio.create_task(self._greet(line, who))
            greeting.add_done_callback(functools.partial(_let_go, line))
            self._waiting[who] = _Waiting(greeting)

    def _make_room(self, address: str) -> None:
        of_one = [who for who in self._waiting if who[0] == address]
        oldest = of_one[0] if len(of_one) >= WAITING_OF_ONE else next(iter(self._waiting), None)
        if oldest is None or (len(of_one) < WAITING_OF_ONE and len(self._waiting) < WAITING):
            return
        self._send_away(oldest)
        self._say(
            Words(
                f"{oldest[0]} から、名のらない接続が多すぎます。古いものから切ります。",
                f"Too many connections that do not say who they are, from {oldest[0]}: the oldest are cut off.",
            )
        )

    def _send_away(self, who: Any) -> None:
        waiting = self._waiting.pop(who)
        if waiting.transport is not None:
            waiting.transport.abort()
        else:
            waiting.greeting.cancel()

    async def _greet(self, line: socket.socket, who: Any) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(loop=loop)
        within = HANDSHAKE_WITHIN_S if self._context else None
        try:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            transport, _ = await loop.connect_accepted_socket(
                lambda: asyncio.StreamReaderProtocol(reader, self._connected, loop=loop),
                line,
                ssl=self._context,
                ssl_handshake_timeout=within,
            )
        except (OSError, TimeoutError):
            line.close()
            self.gone(who)
            return
        if waiting := self._waiting.get(who):
            waiting.transport = transport

    def _say(self, words: Words) -> None:
        now = time.monotonic()
        if now - self._said.get(words.en, -SAID_EVERY_S) < SAID_EVERY_S or len(self._said) > MOST:
            return
        self._said = {said: at for said, at in self._said.items() if now - at < SAID_EVERY_S} | {words.en: now}
        log.warning("%s", Words(f"内蔵ブローカー: {words.ja}", f"Embedded broker: {words.en}"))


def _let_go(line: socket.socket, greeting: "asyncio.Task[None]") -> None:
    if greeting.cancelled():  # perhaps before its first step
        line.close()


def _door(family: int, kind: int, protocol: int, address: Any) -> socket.socket:
    door = socket.socket(family, kind, protocol)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        door.setblocking(False)
        door.bind(address)
        door.listen(100)
    except OSError:
        door.close()
        raise
    return door
