"""A network that misbehaves: a TCP proxy that cuts, swallows, delays and throttles what passes through it.

with Proxy("127.0.0.1", broker.port) as network:
    network.port                                     who connects here, reaches the broker
    network.cut()                                    every connection ends, nobody gets through
    network.vanish()                                 packets vanish: nobody is told that the other side is gone
    network.heal()                                   new connections get through; those that were lost stay lost
    network.slow(bytes_per_s=20_000, delay_s=0.5)    each way
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from tests.rig import WITHIN_S

PIECE = 4096


class Proxy:
    """One way through the network, on a port of its own. Its verbs may be called from any thread."""

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port = int(self._listener.getsockname()[1])
        self.connections = 0
        """How many were made in all."""
        self._state = "open"
        self._bytes_per_s, self._delay_s = 0.0, 0.0
        self._links: set[_Link] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="network", daemon=True)

    @property
    def url(self) -> str:
        """How a line file names the broker behind it."""
        return f"mqtt://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._listen)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        async def end() -> None:
            mine = asyncio.current_task()
            tasks = [task for task in asyncio.all_tasks() if task is not mine]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for link in list(self._links):
                link.cut()

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(WITHIN_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WITHIN_S)
        self._loop.close()
        self._listener.close()

    # ---- what the network does ----

    def cut(self) -> None:
        """End every connection; new ones end at once."""
        self._do(self._cut)

    def vanish(self) -> None:
        """From now on packets vanish, of old and of new connections; no side is told."""
        self._do(self._vanish)

    def heal(self) -> None:
        """Let new connections through. Those whose packets vanished never come back, as behind a router that forgot."""
        self._do(lambda: self._turn("open"))

    def slow(self, bytes_per_s: float, delay_s: float) -> None:
        """Throttle and delay each way of each connection; 0 and 0: no more."""

        def turn() -> None:
            self._bytes_per_s, self._delay_s = bytes_per_s, delay_s

        self._do(turn)

    # ---- in the loop ----

    def _do(self, action: Callable[[], None]) -> None:
        done = threading.Event()

        def act() -> None:
            action()
            done.set()

        self._loop.call_soon_threadsafe(act)
        assert done.wait(WITHIN_S)

    def _turn(self, state: str) -> None:
        self._state = state

    def _cut(self) -> None:
        self._state = "cut"
        for link in list(self._links):
            link.cut()

    def _vanish(self) -> None:
        self._state = "vanished"
        for link in self._links:
            link.lost = True

    def _listen(self) -> None:
        self._listener.setblocking(False)
        self._serving = self._loop.create_task(self._serve())

    async def _serve(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                caller, _ = await self._loop.sock_accept(self._listener)
                self.connections += 1
                group.create_task(self._pass(caller))

    async def _pass(self, caller: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=caller)
        link = _Link(writer)
        self._links.add(link)
        try:
            if self._state == "cut":
                return
            if self._state == "vanished":
                link.lost = True
                await reader.read(-1)
                return
            with contextlib.suppress(OSError):
                far_reader, far = await asyncio.open_connection(*self._to)
                link.far = far
                await asyncio.gather(self._pump(reader, far, link), self._pump(far_reader, writer, link))
        except ConnectionError:
            pass
        finally:
            link.cut()
            self._links.discard(link)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: "_Link") -> None:
        """One way of one connection: pieces are handed on in their order, each when its time has come."""
        loop = asyncio.get_running_loop()
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(16)
        free_at = 0.0

        async def arrive() -> None:
            while True:
                due, piece = await under_way.get()
                if (wait_s := due - loop.time()) > 0:
                    await asyncio.sleep(wait_s)
                if link.lost:
                    continue
                if not piece:
                    link.cut()
                    return
                writer.write(piece)
                await writer.drain()

        async def leave() -> None:
            nonlocal free_at
            while True:
                try:
                    piece = await reader.read(PIECE)
                except ConnectionError:
                    piece = b""
                rate = self._bytes_per_s
                free_at = max(free_at, loop.time()) + (len(piece) / rate if rate else 0.0)
                await under_way.put((free_at + self._delay_s, piece))
                if not piece:
                    return

        leaving = asyncio.ensure_future(leave())
        try:
            await arrive()
        except ConnectionError:
            link.cut()
        finally:
            leaving.cancel()
            await asyncio.gather(leaving, return_exceptions=True)


class _Link:
    """One connection through the network. ``lost``: its packets vanish."""

    def __init__(self, near: asyncio.StreamWriter) -> None:
        self.near, self.far = near, near
        self.lost = False

    def cut(self) -> None:
        """End both sides."""
        for side in (self.near, self.far):
            side.close()
