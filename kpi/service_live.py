"""GET /live: the feed as server-sent events. A client that does not keep up is dropped, not waited for."""

import asyncio
import contextlib
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from contract.words import Words
from kpi.access import Gate
from kpi.answers import Answers
from kpi.live import Client, Feed
from kpi.problems import Problem
from kpi.service_parts import READING, problems, reading
from kpi.service_shell import caller
from kpi.tokens import Role

CLOSE_S = 0.2
HEARTBEAT_S = 10.0


def router(_answers: Answers, gate: Gate, feed: Feed) -> APIRouter:
    """This part of the API."""
    part = APIRouter(tags=["live"], responses=problems(*READING))
    reader: Any = Depends(reading(gate))

    @part.get("/live", response_class=_Events, responses={200: {"description": "events without an end"}})
    async def live(request: Request, role: Role = reader) -> Response:
        """Events: reading, kpi, state, beat; and a comment every ten seconds."""
        who = caller(request)
        client = feed.join(role, who.peer or "", lambda: gate.reader(who))
        if client is None:
            raise Problem(
                503,
                "too-many-clients",
                Words("同時に見られる画面の数を超えました。", "Too many screens listen."),
                after_s=30,
            )
        return EventStream(feed, client)

    return part


class _Events(Response):
    """How the answer is described."""

    media_type = "text/event-stream"


class EventStream(Response):
    """The messages of one client, until it leaves or is dropped."""

    media_type = "text/event-stream"

    def __init__(self, feed: Feed, client: Client, heartbeat_s: float = HEARTBEAT_S) -> None:
        super().__init__(None, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._feed = feed
        self._client = client
        self._heartbeat_s = heartbeat_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's shape
        """Send until one of three happens: the client leaves, is dropped, or the server ends."""
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            ends = [
                asyncio.ensure_future(self._write(send)),
                asyncio.ensure_future(_gone(receive)),
                asyncio.ensure_future(self._client.dropped.wait()),
            ]
            try:
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for end in ends:
                    end.cancel()
                await asyncio.gather(*ends, return_exceptions=True)
            if self._feed.is_ending:
                await self._close(send)
        finally:
            self._feed.leave(self._client)

    async def _close(self, send: Send) -> None:
        """End the answer as answers end, if the client still takes it."""
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _write(self, send: Send) -> None:
        await send({"type": "http.response.body", "body": b": kojohack\n\n", "more_body": True})
        while True:
            message = b": beat\n\n"
            # not asyncio.wait_for: in Python 3.11 it may swallow that we are cancelled, and the stream never ends
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._heartbeat_s):
                    message = await self._client.queue.get()
            await send({"type": "http.response.body", "body": message, "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
