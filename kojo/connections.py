"""One connection of a browser or a program, as uvicorn keeps it, with bounds that uvicorn does not have.

a request comes whole within REQUEST_WITHIN_S    else who sends a letter a minute holds a connection for ever
an answer is taken within TAKEN_WITHIN_S         else who asks and never reads holds our memory
MOST_CONNECTIONS in all, MOST_OF_ONE from one    else one machine takes all file handles, the store's too
OF_OUR_OWN places only for this machine itself   else many strangers lock its own people and programs out
a head of MOST_HEAD octets at most               uvicorn asks that only of one that comes in parts

When all places are taken, whoever has asked nothing makes room: first who never finished a request, the oldest first,
then who is between two. Only where everybody is being answered is the newcomer refused.
"""

import json
import logging
from asyncio import BaseTransport, TimerHandle, Transport
from collections.abc import Sequence
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from contract.words import Words
from kpi.peer import household, is_this_machine

log = logging.getLogger(__name__)

REQUEST_WITHIN_S = 20.0
TAKEN_WITHIN_S = 60.0
MOST_CONNECTIONS = 400
MOST_OF_ONE = 100
"""Of one address (an IPv6 /64 is one) other than this machine's own: a browser opens six."""

OF_OUR_OWN = 40
MOST_HEAD = 16 * 1024

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
    of_our_own = OF_OUR_OWN

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.conn = _Bounded(h11.SERVER, MOST_HEAD)
        self.household = ""
        self.is_own = False
        self._since = 0.0
        self._coming: TimerHandle | None = None
        self._taking: TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Somebody connects; one too many is told so and let go."""
        super().connection_made(cast(Transport, transport))
        self._since = self.loop.time()
        self.household, self.is_own = household(_host(self)), is_this_machine(_host(self))
        if not self._has_room():
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

    def _has_room(self) -> bool:
        """Whether there is a place for us; if need be, one that somebody else makes."""
        here = [c for c in self.connections if isinstance(c, Connection) and c.holds_a_place]
        if not self.is_own and sum(c.household == self.household for c in here) > self.most_of_one:
            return False
        strangers = [c for c in here if not c.is_own]
        if not self.is_own and len(strangers) > self.most - self.of_our_own:
            return self._make_room(strangers)
        if len(here) > self.most:
            return self._make_room(strangers) or self._make_room(here)
        return True

    def _make_room(self, among: "Sequence[Connection]") -> bool:
        silent = [c for c in among if c is not self and c.asks_nothing]
        if silent:
            min(silent, key=lambda c: (c._has_asked, c._since)).transport.abort()
        return bool(silent)

    @property
    def _has_asked(self) -> bool:
        return self.cycle is not None

    @property
    def holds_a_place(self) -> bool:
        """Whether it takes a file handle and memory: until it is ended, and while the rest of an answer is not taken.

        uvicorn ends it some seconds after the last answer was written, not after it was taken.
        """
        return bool(not self.transport.is_closing() or self.transport.get_write_buffer_size())

    @property
    def asks_nothing(self) -> bool:
        """Whether nobody would miss an answer if it ended: no request is whole, or all answers are on their way."""
        return self.cycle is None or (self.cycle.response_complete and not self.transport.get_write_buffer_size())

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


class _Bounded(h11.Connection):
    """HTTP as h11 reads it, which bounds only a head that is not whole yet: one that comes at once has any length."""

    def next_event(self) -> Any:
        """What came. Raises RemoteProtocolError for too long a head."""
        event = super().next_event()
        if isinstance(event, h11.Request):
            head = len(event.target) + sum(len(name) + len(value) + 4 for name, value in event.headers)
            if head > MOST_HEAD:
                raise h11.RemoteProtocolError("the head is too long", error_status_hint=431)
        return event


def _host(connection: H11Protocol) -> str:
    return connection.client[0] if connection.client else ""


def _stop(*timers: TimerHandle | None) -> None:
    for timer in timers:
        if timer is not None:
            timer.cancel()


_TOO_MANY = Words("接続が多すぎます。少し待ってやり直してください。", "Too many connections; try again in a moment.")
_NO_HTTP = Words("HTTP の要求として読めません。", "This is no HTTP request.")
