"""One connection of a browser or a program, as uvicorn keeps it, with bounds that uvicorn does not have.

a request comes whole within REQUEST_WITHIN_S    else who sends a letter a minute holds a connection for ever
an answer is taken within TAKEN_WITHIN_S         else who asks and never reads holds our memory
MOST_CONNECTIONS in all, MOST_OF_ONE from one    else one machine takes all file handles, the store's too
"""

import json
import logging
from asyncio import BaseTransport, TimerHandle, Transport
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from contract.words import Words

log = logging.getLogger(__name__)

REQUEST_WITHIN_S = 20.0
TAKEN_WITHIN_S = 60.0
MOST_CONNECTIONS = 400
MOST_OF_ONE = 100
"""Of one address other than this machine's own: a browser opens six."""

_ANSWER = (
    b"HTTP/1.1 %d %s\r\ncontent-type: application/problem+json\r\nx-content-type-options: nosniff\r\n"
    b"cache-control: no-store\r\nconnection: close\r\ncontent-length: %d\r\n%s\r\n"
)


class Connection(H11Protocol):
    """A connection of the pages' server: ``Config(..., http=Connection)``."""

    request_within_s = REQUEST_WITHIN_S
    taken_within_s = TAKEN_WITHIN_S
    most = MOST_CONNECTIONS
    most_of_one = MOST_OF_ONE

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._coming: TimerHandle | None = None
        self._taking: TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Somebody connects; one too many is told so and let go."""
        super().connection_made(cast(Transport, transport))
        if self._is_too_many():
            self._refuse(503, b"Service Unavailable", _TOO_MANY, b"retry-after: 10\r\n")
            return
        self._coming = self.loop.call_later(self.request_within_s, self._give_up, "request")

    def data_received(self, data: bytes) -> None:
        """A part of a request; the time for all of it runs from its first byte."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            _stop(self._coming)
            self._coming = None
        elif self._coming is None:
            self._coming = self.loop.call_later(self.request_within_s, self._give_up, "request")

    def pause_writing(self) -> None:
        """The other side does not take what we send."""
        super().pause_writing()
        if self._taking is None:
            self._taking = self.loop.call_later(self.taken_within_s, self._give_up, "answer")

    def resume_writing(self) -> None:
        """It takes again."""
        _stop(self._taking)
        self._taking = None
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        _stop(self._coming, self._taking)
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words are for its own people
        """What came is no HTTP; said as every other refusal is."""
        self._refuse(400, b"Bad Request", _NO_HTTP)

    def _is_too_many(self) -> bool:
        if len(self.connections) > self.most:
            return True
        mine = self.client[0] if self.client else ""
        if mine.startswith("127.") or mine == "::1":
            return False
        of_mine = sum(1 for other in self.connections if isinstance(other, Connection) and _host(other) == mine)
        return of_mine > self.most_of_one

    def _refuse(self, status: int, phrase: bytes, words: Words, more: bytes = b"") -> None:
        body = json.dumps(
            {
                "type": "urn:kojohack:problem:connection",
                "title": words.ja,
                "status": status,
                "detail": words.ja,
                "ja": words.ja,
                "en": words.en,
            },
            ensure_ascii=False,
        ).encode()
        self.transport.write(_ANSWER % (status, phrase, len(body), more) + body)
        self.transport.close()

    def _give_up(self, what: str) -> None:
        log.debug("%s: the %s takes too long", _host(self), what)
        self.transport.abort()


def _host(connection: H11Protocol) -> str:
    return connection.client[0] if connection.client else ""


def _stop(*timers: TimerHandle | None) -> None:
    for timer in timers:
        if timer is not None:
            timer.cancel()


_TOO_MANY = Words("接続が多すぎます。少し待ってやり直してください。", "Too many connections; try again in a moment.")
_NO_HTTP = Words("HTTP の要求として読めません。", "This is no HTTP request.")
