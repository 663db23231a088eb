"""The collector's connection to the broker: receive, have judged, commit, and only then acknowledge.

One thread does all of it in this order, so that nothing waits for a lock: it reads what has come, commits when twenty
messages wait or nothing more comes, acknowledges them to the broker, and tells the agents. The session outlives the
connection (seven days), so what was not acknowledged comes again. Each connection has a client object of its own, so
that the client library never repeats an old confirmation. What is subscribed is the matter of its `collector.part`.
"""

import contextlib
import errno
import logging
import random
import selectors
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from collector.agents_heard import AgentsHeard
from collector.bulk_client import bulk_client
from collector.heartbeat import Heartbeat
from collector.ingest import Ingest
from collector.intake import Committed, Intake
from collector.part import COLLECTS, NO_MQTT_5, Part
from collector.publications import cut
from collector.store import Rows
from collector.telling import Telling
from contract.broker import Broker
from contract.broker_trouble import (
    NO_ANSWER,
    certificate_ends_soon,
    hung_up,
    may_not_confirm,
    not_let_in,
    not_trusted,
    plainly,
)
from contract.errors import KojoError, MissingExtra
from contract.line import Line
from contract.secrets import Credentials, Shown, shown
from contract.short_ends import ShortEnds, no_rival, rival_collector
from contract.words import Words

log = logging.getLogger(__name__)

KEEP_ALIVE_S = 15
BEAT_S = 2.5
"""A wait for the store that lasts longer is bridged with signs of life, within one and a half keep-alives."""

_NOT_LET_IN = {2, 4, 5, 133, 134, 135, 138}
"""CONNACK codes: an id that is not ours, wrong user or password, not authorised, banned."""
RETRY_S = (0.5, 1.0, 1.0, 2.0)
"""A plain device sends what it has once, and a broker that was restarted may forget it: we are back soon."""
AT_LEAST_EVERY_S = 5.0
ANSWER_WITHIN_S = 4.0
STILL_S, SELDOM_S = 60.0, 600.0
"""A trouble is said when it begins, once more if it lasts so long, and then seldom."""
TICK_S = 0.5
PIECE_BYTES = 1 << 15
IN_FLIGHT = 1000
"""So many messages, of at most 256 KiB, may lie here unacknowledged where the broker allows it (MQTT 5)."""

_CREDENTIALS = Credentials()

Stored = Callable[[Sequence[Rows]], None]
NotYet = Callable[[], Words | None]


class Subscriber:
    """Feeds an `Ingest` from the broker. ``on_stored`` is called after each commit, in the subscriber's thread.

    ``not_yet`` says why no connection is tried now, or None. Raises NotAllowed for a part that shares messages with
    the embedded broker, which speaks MQTT 3.1.1.
    """

    def __init__(
        self,
        line: Line,
        ingest: Ingest,
        broker: Broker,
        credentials: Credentials | Shown = _CREDENTIALS,
        on_stored: Stored = lambda _rows: None,
        not_yet: NotYet = lambda: None,
        part: Part = COLLECTS,
    ) -> None:
        part.check(broker)
        self.line, self.ingest, self.broker = line, ingest, broker
        self._shown, self.on_stored = shown(credentials), on_stored
        self.credentials = _CREDENTIALS
        """What was shown at the last connection."""
        self._not_yet, self.part = not_yet, part
        self.client_id = f"kojo:{line.site}:{line.line}:{part.name}:{ingest.collector_id}"
        self.heard = AgentsHeard(line=line.agents)
        self.ends = ShortEnds()
        self.only_mqtt3 = broker.embedded
        """The broker has said that it does not speak MQTT 5."""
        self.hung_up = False
        """The last connection ended before the broker's first word, as one does that only speaks MQTT 3.1.1."""
        self._trouble: Words | None = None
        self._say_again_at = 0.0
        self._refused = self._minded = False
        self._connection: _Connection | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def connected(self) -> bool:
        """Whether the broker has us subscribed."""
        connection = self._connection
        return connection is not None and connection.subscribed_ns is not None

    @property
    def trouble(self) -> Words | None:
        """Why there is no connection, or why nothing can be committed; None when all is well."""
        connection = self._connection
        return self._trouble or (connection.intake.trouble if connection is not None else None)

    def agents(self) -> list[dict[str, Any]]:
        """What each agent last said of itself, with ``agent`` and ``conflict``."""
        return self.heard.agents(self.ingest.agents())

    def start(self) -> None:
        """Begin; a broker that is not there yet is waited for. Raises MissingExtra."""
        try:
            import paho.mqtt.client  # noqa: F401
        except ImportError as error:
            raise MissingExtra("paho-mqtt", "server") from error
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="subscriber", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Commit what was received and leave; the session stays at the broker. May be called twice."""
        self._stopping.set()
        connection = self._connection
        if connection is not None:
            connection.wake()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        attempt = 0
        while not self._stopping.is_set():
            if trouble := self._not_yet():
                self._say(trouble)
                self._stopping.wait(RETRY_S[0])
                continue
            began = time.monotonic()
            attempt = 0 if self._connect() else attempt + 1
            self._stopping.wait(pause_s(attempt, time.monotonic() - began))

    def _connect(self) -> bool:
        """One connection from its making to its end; whether the broker had us subscribed in it."""
        connection = None
        try:
            self.credentials = self._shown()
            connection = self._connection = _Connection(self)
            connection.open()
            connection.serve(self._stopping)
            self._say(connection.refusal or connection.end)
        except KojoError as error:
            self._say(error.words)
        except OSError as error:
            self._say(_explained(self.broker, error))
        except Exception as error:  # the collector outlives whatever the client library does
            log.exception("the connection to the broker failed")
            self._say(Words(f"思わぬ失敗です: {error!r}", repr(error)))
        finally:
            self._connection = None
            if connection is not None:
                self._close(connection)
        was_in = connection is not None and connection.subscribed_ns is not None
        if not was_in:
            self.ends.away()
        return was_in

    @staticmethod
    def _close(connection: "_Connection") -> None:
        try:
            connection.close()
        except Exception:  # the next connection is made all the same
            log.exception("a connection to the broker could not be closed in order")

    def subscribed(self) -> None:
        """The broker has us subscribed."""
        log.info("%s", Words(f"ブローカー {self.broker} につながりました。", f"Connected to the broker {self.broker}."))
        self._trouble = None
        self.ends.began()
        self.mind_rival()

    def unsubscribed(self) -> None:
        """A connection that had us subscribed ended."""
        self.ends.ended()

    def mind_rival(self) -> None:
        """Say that another program takes our connections, and when that is over."""
        news = self.ends.news()
        if news is not None:
            said = rival_collector(self.client_id) if news else no_rival(self.client_id)
            log.log(logging.ERROR if news else logging.INFO, "%s", said)

    def may_not_confirm(self) -> None:
        """The broker refused what we told the agents."""
        if not self._refused:
            self._refused = True
            log.error("%s", may_not_confirm(self.broker, self.credentials.user))

    def mind_certificate(self, line: Any) -> None:
        """Say, once, that the broker's certificate will end soon."""
        if not self.broker.tls or self._minded:
            return
        ending = certificate_ends_soon(self.broker, line.getpeercert() or {}, time.time())
        if ending:
            self._minded = True
            log.warning("%s", ending)

    def _say(self, trouble: Words) -> None:
        now = time.monotonic()
        is_new = trouble != self._trouble
        if (is_new or now >= self._say_again_at) and not self._stopping.is_set():
            self._say_again_at = now + (STILL_S if is_new else SELDOM_S)
            still = Words("", "") if is_new else Words("まだ", "still ")
            log.warning(
                "%s",
                Words(
                    f"ブローカー {self.broker}: {still.ja}{trouble.ja.rstrip('。')}。つながるまで試し続けます。",
                    f"Broker {self.broker}: {still.en}{trouble.en.rstrip('.')}; it is tried again.",
                ),
            )
        self._trouble = trouble


def pause_s(attempt: int, spent_s: float) -> float:
    """How long to wait (s) before the broker is tried again, after an attempt that took ``spent_s``.

    ``attempt``: how many failed since the last connection. Two attempts begin at most `AT_LEAST_EVERY_S` apart.
    """
    pause = RETRY_S[min(attempt, len(RETRY_S) - 1)] * random.uniform(0.8, 1.2)
    return max(0.1, min(pause, AT_LEAST_EVERY_S - spent_s)) if attempt else pause


class _Connection:
    """One connection, from CONNECT to its end. Everything but `wake` happens in the subscriber's thread."""

    def __init__(self, owner: Subscriber) -> None:
        self._owner, self._ingest, self._topics = owner, owner.ingest, owner.line.topics
        self.mqtt5 = not owner.only_mqtt3 and (owner.part.shares or not owner.hung_up)
        self._tells = owner.part.receives
        self.refusal: Words | None = None
        self.intake = Intake(self._ingest, self._topics, owner.heard)
        self._answered = False
        self._client = self._new_client()
        self._selector = selectors.DefaultSelector()
        try:
            self._bell, self._clapper = socket.socketpair()
        except OSError:
            self._selector.close()
            raise
        self._received = bytearray()
        self._telling = Telling(self._ingest, self._topics, self._client.publish)
        self._heartbeat = Heartbeat(self._client.beat, BEAT_S)
        self._watched: Any = None

    @property
    def subscribed_ns(self) -> int | None:
        """Since when the broker has us subscribed."""
        return self.intake.subscribed_ns

    # ------------------------------------------------------------------ to the broker and back

    def _new_client(self) -> Any:
        import paho.mqtt.client as mqtt
        from paho.mqtt.enums import CallbackAPIVersion

        owner = self._owner
        client = bulk_client(mqtt.Client)(
            CallbackAPIVersion.VERSION2,
            client_id=owner.client_id,
            protocol=mqtt.MQTTv5 if self.mqtt5 else mqtt.MQTTv311,
            clean_session=None if self.mqtt5 else not owner.part.session_s,
            manual_ack=True,
        )
        client.connect_timeout = ANSWER_WITHIN_S
        told = owner.credentials
        if told.user is not None:
            client.username_pw_set(told.user, told.password)
        if owner.broker.tls:
            client.tls_set(ca_certs=str(told.ca) if told.ca else None)
        if self._tells:
            topic, payload = Telling.last_will(self._topics, self._ingest.collector_id)
            client.will_set(topic, payload, qos=1, retain=True)
        client.on_connect, client.on_subscribe = self._on_connect, self._on_subscribe
        client.on_publish = self._on_publish
        # Without this, paho writes each acknowledgement by itself as soon as it is queued.
        client.on_socket_register_write = lambda *_: None
        return client

    def open(self) -> None:
        """Connect. Raises OSError."""
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        broker = self._owner.broker
        if not self.mqtt5:
            self._client.connect(broker.host, broker.port, KEEP_ALIVE_S)
        else:
            wishes = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            wishes.SessionExpiryInterval = self._owner.part.session_s
            wishes.ReceiveMaximum = IN_FLIGHT
            self._client.connect(broker.host, broker.port, KEEP_ALIVE_S, clean_start=False, properties=wishes)
        self._watched = self._client.socket()
        self._owner.mind_certificate(self._watched)
        self._selector.register(self._watched, selectors.EVENT_READ)
        self._selector.register(self._clapper, selectors.EVENT_READ)
        self._heartbeat.start()

    def wake(self) -> None:
        """Let `serve` look up."""
        with contextlib.suppress(OSError):  # it is closing already
            self._bell.send(b"!")

    @property
    def end(self) -> Words:
        """Why it is over, where nobody refused anything."""
        lost = Words("接続が切れました", "the connection was lost")
        return lost if self._answered else hung_up(self._owner.broker).words

    def close(self) -> None:
        """Let go of everything."""
        self._heartbeat.end()
        if self.subscribed_ns is not None:
            self._owner.unsubscribed()
        # A broker that only speaks 3.1.1 may hang up without a word, as does one that dies at this moment: the next
        # connection speaks 3.1.1, the one after it 5 again.
        self._owner.hung_up = self.mqtt5 and self._watched is not None and not self._answered
        self._selector.close()
        self._client.disconnect()
        self._client.loop_write()
        self._bell.close()
        self._clapper.close()

    def _on_connect(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        from paho.mqtt.subscribeoptions import SubscribeOptions

        self._answered = True
        if reason.is_failure:
            self.refusal = not_let_in(self._owner.broker, self._owner.credentials.user, reason.value).words
            if reason.value not in _NOT_LET_IN:
                self.refusal = Words(f"接続を断られました({reason})", f"the broker refuses us: {reason}")
            if "rotocol version" in str(reason):
                self._owner.only_mqtt3 = not self._owner.part.shares
                self.refusal = NO_MQTT_5 if self._owner.part.shares else self.refusal
            return
        filters = self._owner.part.filters(self._topics)
        if self.mqtt5:  # what is shared may not be refused to the one who says it
            self._client.subscribe(
                [(one, SubscribeOptions(qos=1, noLocal=one != self._topics.shared)) for one in filters]
            )
        else:
            self._client.subscribe([(one, 1) for one in filters])

    def _on_subscribe(self, _client: Any, _data: Any, _mid: int, reasons: Any, _properties: Any) -> None:
        if any(reason.is_failure for reason in reasons):
            said = ", ".join(dict.fromkeys(str(reason) for reason in reasons if reason.is_failure))
            refused = self._owner.part.filters(self._topics)[0]
            self.refusal = Words(
                f"{refused} を読ませてもらえません({said})", f"the broker does not let us read {refused} ({said})"
            )
            return
        self.intake.subscribed_ns = time.time_ns()
        self._owner.subscribed()
        with self._heartbeat.kept():
            self.intake.refresh(at_once=True)
        if self._tells:
            self._telling.tell_all()

    def _on_publish(self, _client: Any, _data: Any, _mid: int, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._owner.may_not_confirm()
        self._telling.delivered()

    # ------------------------------------------------------------------ the thread's round

    def serve(self, stopping: threading.Event) -> None:
        """Receive and commit until the connection ends or ``stopping`` is set."""
        next_tick = began = time.monotonic()
        while self._client.socket() is self._watched and self.refusal is None and not stopping.is_set():
            now = time.monotonic()
            if now >= next_tick:
                next_tick = now + TICK_S
                self._tick(now - began)
            if self._client.want_write():
                self._client.loop_write()
            readable = self._readable(min(self._patience(), max(0.0, next_tick - now)))
            more = readable and self._read()
            if self.intake.pace.due(more):
                self._commit()
            if self._tells and self.subscribed_ns is not None:
                self._telling.tick()
        self._commit()
        if self._tells and stopping.is_set() and self.subscribed_ns is not None:
            self._telling.say_goodbye()
            self._client.loop_write()

    def _read(self) -> bool:
        """Take in a piece of what is there; whether there may be more."""
        try:
            piece = self._client.receive(PIECE_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            piece = b""
        if not piece:
            self._client.hang_up()
            return False
        self._received += piece
        packets, consumed = cut(self._received, self.mqtt5)
        del self._received[:consumed]
        for packet in packets:
            if isinstance(packet, bytes):
                self._client.feed(packet)
                continue
            with self._heartbeat.kept():
                news = self.intake.receive(*packet)
            if news:
                self._telling.more_is_known()
        return len(piece) == PIECE_BYTES

    def _patience(self) -> float:
        to_tell = self._telling.until_due()
        return self.intake.patience(TICK_S if to_tell is None else to_tell)

    def _readable(self, timeout: float) -> bool:
        pending = getattr(self._watched, "pending", None)
        if pending is not None and pending():
            return True
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._client.want_write() else 0)
        if self._selector.get_key(self._watched).events != wanted:
            self._selector.modify(self._watched, wanted)
        return any(
            key.fileobj is self._watched and events & selectors.EVENT_READ
            for key, events in self._selector.select(timeout)
        )

    def _tick(self, age_s: float) -> None:
        if not self._readable(0.0):  # after a long wait for the store the broker's answer may lie there unread
            self._client.loop_misc()
        if self.subscribed_ns is None and age_s > ANSWER_WITHIN_S:
            self.refusal = self.refusal or NO_ANSWER
        self._owner.mind_rival()
        with self._heartbeat.kept():
            committed = self.intake.tick()
        self._acknowledge(committed)

    def _commit(self) -> None:
        with self._heartbeat.kept():
            committed = self.intake.commit()
        self._acknowledge(committed)

    def _acknowledge(self, committed: Committed | None) -> None:
        if committed is None:
            return
        for number in committed.numbers:
            self._client.ack(number, 1)
        self._client.loop_write()
        if committed.rows:
            self._pass_on(committed.rows)
        if self._tells and self.subscribed_ns is not None:
            self._telling.committed()

    def _pass_on(self, rows: Sequence[Rows]) -> None:
        try:
            self._owner.on_stored(rows)
        except Exception:  # who looks at readings must not hold them up
            log.exception("a listener to stored readings failed")


def _explained(broker: Broker, error: OSError) -> Words:
    log.debug("%s: %r", broker, error)
    if untrusted := not_trusted(broker, error):
        return untrusted.words
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return Words("開いているファイルと接続が多すぎます", "too many files and connections are open here")
    return plainly(error)
