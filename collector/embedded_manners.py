"""What amqtt leaves undone and a broker that others can reach must do. `embedded.py` hands amqtt's classes in.

amqtt 0.12.1, read and tried (docs/decisions/embedded-broker.md):

- it ends and inherits a session before it has looked at the password: here the password comes first;
- it asks nobody whether a last will may be written, and publishes it;
- it hands a newcomer every retained message that fits anybody's subscription;
- it leaves the old connection of a client id open, and never ends one that stays silent beyond its keep-alive;
- it lets anybody take the client id of another, and one account take every place (`embedded_guests`);
- it takes packets of any size, waits for ever for the first one, and queues without end.
"""

import asyncio
import contextlib
import functools
import logging
import math
import time
from collections.abc import Callable
from typing import Any, Protocol

from collector.embedded_doorstep import Doorstep
from collector.embedded_guests import Guest
from contract.broker_access import Access, matches
from contract.words import Words

log = logging.getLogger(__name__)

PACKET_BYTES = 1 << 20
"""A packet, at most; the collector believes 256 KiB and says why it does not believe more."""
HELLO_WITHIN_S = 10.0
FILTERS = 100
FILTER_LENGTH = 512
WAITING_IN, WAITING_ALL = 100, 1000
"""So many messages of one client, and of all, may wait to be passed on; then nothing more is read from the client."""
WAITING_OUT, WAITING_OUT_BYTES = 20_000, 64 << 20
"""So much may wait for one client that does not take it; then it is cut off."""
RETAINED, RETAINED_BYTES = 5000, 64 << 20
SAID = 50
SAID_FOR_S = 600.0
"""So many different things of one kind are said in the log in ten minutes: what strangers send must not fill it."""
REFRESH_S = 1.0
GONE_WITHIN_S = 5.0
KEEP_ALIVE_S = 120
"""The greatest keep-alive; one that asks for more, or for none (0), is served with this, or a dead device would keep
its place for ever. 3.1.1 cannot tell it so; a device that pings less often connects again."""

_REFUSED = 0x80
_BAD_ID, _NOT_ALLOWED = 2, 5


class Doorkeeper(Protocol):
    """Who is let in, and what they may do: `collector.embedded_accounts.Accounts`, or `OpenDoor`."""

    def let_in(self, user: str | None, password: str | None) -> bool:
        """Whether this is the user's password."""

    def may(self, user: str | None, access: Access, topic: str) -> bool:
        """Whether the user may read or write a topic."""

    def may_be(self, user: str | None, client_id: str) -> bool:
        """Whether the user may have this client id."""

    def refresh(self) -> frozenset[str]:
        """The users who may no longer be there."""


class OpenDoor:
    """Everybody may do everything: the loopback address."""

    def let_in(self, user: str | None, password: str | None) -> bool:  # noqa: ARG002
        """Everybody."""
        return True

    def may(self, user: str | None, access: Access, topic: str) -> bool:  # noqa: ARG002
        """Everything."""
        return True

    def may_be(self, user: str | None, client_id: str) -> bool:  # noqa: ARG002
        """Anybody."""
        return True

    def refresh(self) -> frozenset[str]:
        """Nobody has to go."""
        return frozenset()


class BoundedReader:
    """A stream of packets that ends where one is too large or not as long as it says, and waits while ``is_full``.

    It follows the packets by itself: a type, one to four bytes of length, a body (MQTT 3.1.1, 2.2).
    """

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._ended = False
        self._left: int | None = None
        """Bytes of the body still to come; None while the type and the length are read."""
        self._length, self._bytes_of_length = 0, -1
        self.is_full: Callable[[], bool] = lambda: False

    async def readexactly(self, n: int) -> bytes:
        """Exactly ``n`` bytes. Raises IncompleteReadError at the end."""
        while self.is_full():
            await asyncio.sleep(0.01)
        if n == 0:
            return b""
        if self._ended or n > (1 if self._left is None else self._left):
            self._ended = True
            raise asyncio.IncompleteReadError(b"", n)
        data = await self._reader.readexactly(n)
        if self._left is None:
            self._head(data[0])
        else:
            self._left = self._left - n or None
        return data

    def _head(self, byte: int) -> None:
        place, self._bytes_of_length = self._bytes_of_length, self._bytes_of_length + 1
        if place < 0:
            self._length = 0
            return
        self._length |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            self._left, self._bytes_of_length = self._length or None, -1
            self._ended = self._length > PACKET_BYTES
        elif place == 3:
            self._ended = True

    async def read(self, n: int = -1) -> bytes:
        """Nothing: only what has a length is read."""
        self._ended = True
        raise asyncio.IncompleteReadError(b"", max(n, 0))

    def feed_eof(self) -> None:
        """The stream ends here."""
        self._reader.feed_eof()


def silent_for_s(keep_alive_s: int) -> int:
    """How long a client may say nothing: one and a half of the keep-alive that it asked for, within ours."""
    return math.ceil(min(keep_alive_s or KEEP_ALIVE_S, KEEP_ALIVE_S) * 1.5)


def mannered_handler(handler: Any) -> Any:
    """The handler of one connection, which ends a silent one and does not queue without end."""

    class Handler(handler):  # type: ignore[misc]
        waiting = 0
        waiting_bytes = 0

        def handle_read_timeout(self) -> None:
            """Nothing was heard for one and a half keep-alives (MQTT-3.1.2-24)."""
            self.cut()

        def cut(self) -> None:
            """End the connection; the last will is told."""
            waiter = self._disconnect_waiter
            if waiter is not None and not waiter.done():
                waiter.set_result(None)
            if self.writer is not None:  # who takes nothing would hold up a polite end for ever
                self.writer._writer.transport.abort()

        async def mqtt_publish(self, topic: str, data: bytes, qos: int | None, retain: bool, *more: Any) -> Any:
            """Send one message, unless too many wait already."""
            if self.waiting >= WAITING_OUT or self.waiting_bytes > WAITING_OUT_BYTES:
                self.cut()
                return None
            self.waiting += 1
            self.waiting_bytes += len(data)
            try:
                return await super().mqtt_publish(topic, data, qos, retain, *more)
            finally:
                self.waiting -= 1
                self.waiting_bytes -= len(data)

    return Handler


def mannered_broker(broker: Any, handler: Any, answer: Any, door: Doorkeeper, slip: type[Exception]) -> Any:
    """The broker of amqtt with a door. ``answer``: its ConnackPacket; ``slip``: what it raises to end a connection."""
    own = mannered_handler(handler)

    class Mannered(broker):  # type: ignore[misc]
        def __init__(self, *told: Any, **more: Any) -> None:
            super().__init__(*told, **more)
            self._subscriptions = _Steady()
            self._open: set[Any] = set()
            self._said: dict[tuple[str, str], float] = {}
            self._doorsteps: list[Doorstep] = []
            self._gone: dict[Any, asyncio.Event] = {}

        async def stream_connected(self, reader: Any, writer: Any, listener_name: str) -> None:
            """One connection from its first byte to its last; a bad client is not noticed by the others."""
            self._open.add(writer)
            who = writer.get_extra_info("peername")
            try:
                await super().stream_connected(BoundedReader(reader), writer, listener_name)
            except Exception as error:  # noqa: BLE001 - one bad client must not be noticed by the others
                log.debug("embedded broker: a client was dropped: %r", error)
            finally:
                self._open.discard(writer)
                for doorstep in self._doorsteps:
                    doorstep.gone(who)
                writer.close()

        async def _create_server_instance(self, name: str, _kind: Any, host: str | None, port: int, tls: Any) -> Any:
            doorstep = Doorstep(functools.partial(self.stream_connected, listener_name=name), tls)
            await doorstep.open(host, port)
            self._doorsteps.append(doorstep)
            return doorstep

        # ---- the door ----

        async def _initialize_client_session(self, reader: Any, writer: Any, *_: Any) -> Any:
            try:
                hello = own.init_from_connect(reader, writer, self.plugins_manager)
                connection, session = await asyncio.wait_for(hello, HELLO_WITHIN_S)
            except TimeoutError as error:
                raise slip("no CONNECT") from error
            who = writer._writer.get_extra_info("peername")
            if code := self._refusal(session) or self._no_guest(session, who):
                await answer.build(0, code).to_stream(writer)
                await writer.close()
                raise slip(f"{session.username} was not let in")
            for doorstep in self._doorsteps:
                doorstep.let_in(who)
            session.keep_alive = silent_for_s(session.keep_alive)
            session.is_anonymous = True  # amqtt would queue without end for one that is away, and then say "retained"
            reader._reader.is_full = lambda: session.delivered_message_queue.qsize() > WAITING_IN
            await self._end_former(session.client_id)
            await self._delete_session(session.client_id)
            return connection, session

        def _refusal(self, session: Any) -> int:
            who = _shown(session.username) or str(Words("名前なし", "without a name"))
            if not door.let_in(session.username, session.password):
                why = Words(
                    f"「{who}」を入れませんでした(アカウントかパスワードが違います)。",
                    f"{who} was not let in (no such account, or a wrong password).",
                )
                self._say("let in", who, why)
                return _NOT_ALLOWED
            if not door.may_be(session.username, session.client_id or ""):
                its = _shown(session.client_id)
                why = Words(f"「{who}」は {its} を名のれません。", f"{who} may not call itself {its}.")
                self._say("be", who, why)
                return _BAD_ID
            will = session.will_topic
            if session.will_flag and (not _is_topic(will) or not door.may(session.username, "write", will)):
                return _NOT_ALLOWED
            return 0

        def _no_guest(self, session: Any, who: Any) -> int:
            guest = Guest(session.username, session.client_id or "", who[0])
            for doorstep in self._doorsteps:
                if refusal := doorstep.guests.come(who, guest):
                    shown, its = _shown(guest.user), _shown(guest.client_id)
                    why = Words(
                        f"「{shown}」({its}、{who[0]})を入れませんでした: {refusal.why.ja}",
                        f"{shown} ({its}, {who[0]}) was not let in: {refusal.why.en}",
                    )
                    self._say("come", f"{shown} {refusal.why.en}", why)
                    return refusal.code
            return 0

        async def _end_former(self, client_id: str) -> None:
            _, former = self._sessions.get(client_id, (None, None))
            gone = self._gone.get(former)
            if former is not None and gone is not None:
                former.cut()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(gone.wait(), GONE_WITHIN_S)

        async def _authenticate(self, *_: Any) -> bool:
            return True  # the door is behind us

        async def _handle_client_session(
            self, reader: Any, writer: Any, session: Any, connection: Any, *more: Any
        ) -> None:
            gone = self._gone[connection] = asyncio.Event()
            try:
                await super()._handle_client_session(reader, writer, session, connection, *more)
            finally:
                if self._sessions.get(session.client_id, (None, None))[1] is connection:
                    session.transitions.disconnect()
                del self._gone[connection]
                gone.set()

        async def keep_door(self) -> None:
            """Cut off, for ever, whoever lost the account or has another password now."""
            while True:
                await asyncio.sleep(REFRESH_S)
                for user in door.refresh():
                    for session, connection in list(self._sessions.values()):
                        if session.username == user and connection in self._gone:
                            connection.cut()

        # ---- what may be done ----

        async def _topic_filtering(self, session: Any, topic: str, action: Any) -> bool:
            kind = getattr(action, "name", str(action)).upper()
            if kind == "SUBSCRIBE":
                return True  # as mosquitto: who subscribes to more than they may read hears only that
            access: Access = "write" if kind == "PUBLISH" else "read"
            allowed = door.may(session.username, access, topic)
            if not allowed and access == "write":
                user, where = _shown(session.username), _shown(topic)
                what = Words(
                    f"「{user}」は {where} に書けないので、捨てました。ブローカーのアカウントを確認してください。",
                    f"{user} may not write {where}: dropped. Look at the broker's accounts.",
                )
                self._say("write", f"{user} {where}", what)
            return allowed

        async def add_subscription(self, subscription: tuple[str, int], session: Any) -> int:
            """Subscribe, within bounds."""
            filter, _ = subscription
            if not filter or len(filter) > FILTER_LENGTH or filter.startswith("$"):
                return _REFUSED
            held = sum(any(s is session for s, _ in those) for those in self._subscriptions.values())
            if held >= FILTERS and not self._has(session, filter):
                return _REFUSED
            given: int = await super().add_subscription(subscription, session)
            return given

        def _has(self, session: Any, filter: str) -> bool:
            return any(s.client_id == session.client_id for s, _ in self._subscriptions.get(filter, ()))

        async def _publish_retained_messages_for_subscription(self, subscription: Any, session: Any) -> None:
            filter, qos = subscription
            connection = self._get_handler(session)
            if connection is None or not self._has(session, filter):
                return
            for topic, kept in list(self._retained_messages.items()):
                if matches(filter, topic) and door.may(session.username, "read", topic):
                    sending = connection.mqtt_publish(topic, kept.data, min(qos, kept.qos or 0), True)
                    self._tasks_queue.append(asyncio.ensure_future(sending))

        async def retain_message(self, source: Any, topic: str, data: bytes, qos: int | None = None) -> None:
            """Keep one message for those who come later, within bounds."""
            kept = self._retained_messages
            others = sum(len(kept[name].data) for name in kept if name != topic)
            if data and (others + len(data) > RETAINED_BYTES or (topic not in kept and len(kept) >= RETAINED)):
                self._say("keep", "", Words("保持するメッセージが多すぎます。", "Too many retained messages."))
                return
            await super().retain_message(source, topic, data, qos)

        async def _broadcast_message(self, *told: Any, **more: Any) -> None:
            while self._broadcast_queue.qsize() >= WAITING_ALL:
                await asyncio.sleep(0.005)
            await super()._broadcast_message(*told, **more)

        async def shutdown(self) -> None:
            """End, however little the clients take."""
            for writer in list(self._open):
                writer.transport.abort()
            await super().shutdown()

        # ---- saying it, each thing once ----

        def _say(self, what: str, whom: str, words: Words) -> None:
            now = time.monotonic()
            self._said = {said: at for said, at in self._said.items() if now - at < SAID_FOR_S}
            if (what, whom) not in self._said and sum(kind == what for kind, _ in self._said) < SAID:
                self._said[what, whom] = now
                log.warning("%s", Words(f"内蔵ブローカー: {words.ja}", f"Embedded broker: {words.en}"))

    return Mannered


def _shown(text: str | None) -> str:
    """What a stranger sent, as it may stand in a log."""
    return "".join(letter if letter.isprintable() else "?" for letter in (text or "")[:80])


def _is_topic(topic: str | None) -> bool:
    return bool(topic) and topic is not None and not (set("+#\0") & set(topic)) and not topic.startswith("$")


class _Steady(dict[str, Any]):
    """A dictionary that may change while somebody walks through it, as amqtt does."""

    def __iter__(self) -> Any:
        return iter(list(super().keys()))

    def items(self) -> Any:
        return list(super().items())
