"""What answers HTTP: the service, or while the store is away or being exchanged a plain "not yet"."""

import asyncio
import concurrent.futures
import logging
from typing import Any

from contract.words import Words

log = logging.getLogger(__name__)

ROUND_S = 0.02
STARTING = Words("始めています", "it is starting")


class Doorway:
    """The ASGI application. ``trouble``: why there is no service now, for people."""

    def __init__(self) -> None:
        self.trouble: Words | None = None
        self._service: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._inside = 0

    def open(self, service: Any) -> None:
        """From now on the service, a FastAPI, answers."""
        self._service, self.trouble = service, None

    def close(self, trouble: Words, within_s: float) -> None:
        """From now on "not yet" answers. Live streams end; who is being answered is waited for. Not in the event loop.

        Whoever is not done ``within_s`` seconds later finds the store closed.
        """
        service, self._service, self.trouble = self._service, None, trouble
        loop = self._loop
        if service is None or loop is None or loop.is_closed():
            return
        emptied = asyncio.run_coroutine_threadsafe(self._emptied(service), loop)
        try:
            emptied.result(within_s)
        except (concurrent.futures.TimeoutError, concurrent.futures.CancelledError):
            emptied.cancel()
            log.warning("somebody is still being answered after %d s", within_s)

    def say_goodbye(self) -> None:
        """The server is about to end (called in its event loop): live streams end by themselves."""
        if self._service is not None:
            self._service.state.say_goodbye()

    async def _emptied(self, service: Any) -> None:
        service.state.say_goodbye()
        while self._inside:
            await asyncio.sleep(ROUND_S)
        await service.state.ended()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one connection."""
        self._loop = asyncio.get_running_loop()
        service = self._service
        if service is not None:
            self._inside += 1
            try:
                await service(scope, receive, send)
            finally:
                self._inside -= 1
        elif scope["type"] == "http":
            from kpi.service_shell import not_yet

            await not_yet(self.trouble or STARTING)(scope, receive, send)
