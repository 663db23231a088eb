"""The link to the broker: publishes what the delivery gives, hears confirmations and commands, and never gives up.

    link = Link(line, "pi-1", delivery, clock, Broker.of(line.mqtt_url), credentials, agent)
    link.start()
    …
    link.stop()

MQTT 5 first, 3.1.1 where the broker knows no other. Every connection has a new client object, so that the library never
sends again by itself what may have arrived: what is sent again is decided by confirmations alone (`edge.delivery`).
All of it happens on the lane ``link``; the library's own thread only passes on what it hears.
"""

import contextlib
import json
import logging
import random
import socket
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

from contract.broker import Broker
from contract.broker_trouble import NO_ANSWER, hung_up, not_let_in, not_trusted
from contract.errors import KojoError, MissingExtra, OutboxError
from contract.line import Line
from contract.payload import decode_acks, encode
from contract.reading import NS_PER_S, Batch
from contract.secrets import Credentials, Shown, shown
from contract.short_ends import SHORT_S, ShortEnds, no_rival, rival_agent
from contract.words import Words
from edge.clock import Clock
from edge.delivery import Delivery
from edge.link_troubles import broker_away, may_not_write, still_refused
from edge.moments import rfc3339
from edge.seldom import Seldom
from edge.silence import Silence

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage

log = logging.getLogger(__name__)

LANE: Final = "link"
KEEP_ALIVE_S: Final = 10
IN_FLIGHT: Final = 16
"""Batches the broker has not acknowledged, at most: with the state's message fewer than the 20 that brokers take."""
TELL_S: Final = 10.0
"""The agent's state is told this often, and soon after a change."""
SOON_S: Final = 0.5
GOODBYE_S: Final = 1.0
CONNECT_S: Final = 4.0
"""So long a broker may take to answer the call, and again to welcome us."""
WELCOME_5_S: Final = 2.0
"""… in MQTT 5: an old broker may say nothing at all (amqtt waits for more), so the other language is tried early."""
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 5.0

STILL_S: Final = 60.0
"""A refusal that lasts so long is said once more: somebody may have put the right password there and be waiting."""
_CREDENTIALS = Credentials()
_NO_SUCH_VERSION: Final = {1, 132}
"""CONNACK codes: the broker does not speak this version (3.1.1, 5)."""
_NOT_LET_IN: Final = {2, 4, 5, 133, 134, 135, 138}
"""CONNACK codes: an id that is not ours, wrong user or password, not authorised, banned."""


class Speaker(Protocol):
    """For whom the link speaks: an `edge.agent.Agent`."""

    def state(self) -> Mapping[str, Any]:
        """The state's document, without ``at``."""

    def command(self, station: str, output: str, payload: bytes) -> None:
        """Do what a command says."""

    def listen(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` when the state changed."""

    def linked(self, up: bool) -> None:
        """The broker has welcomed us, or we have lost it."""

    def to_others(self, send: Callable[[str, str, bytes], None]) -> None:
        """Call ``send`` (station, output, payload) to command an output of another agent."""


class Link:
    """One agent's link to its broker."""

    def __init__(
        self,
        line: Line,
        agent: str,
        delivery: Delivery,
        clock: Clock,
        broker: Broker,
        credentials: Credentials | Shown = _CREDENTIALS,
        speaker: Speaker | None = None,
        *,
        dice: random.Random | None = None,
    ) -> None:
        self._topics, self._agent = line.topics, agent
        self._stations = tuple(station.id for station in line.stations_of(agent))
        self._id = f"kojo:{line.site}:{line.line}:agent:{agent}"
        self._delivery, self._clock, self._broker = delivery, clock, broker
        self._shown, self._speaker = shown(credentials), speaker
        self._credentials = _CREDENTIALS
        self._dice = dice or random.Random()
        self._client: Client | None = None
        # kojo's own broker speaks 3.1.1 only.
        self._speaks_5 = not broker.embedded
        self._welcome = False
        self._in_flight: dict[int, Batch] = {}
        """What the broker has not acknowledged."""
        self._room = IN_FLIGHT
        self._wanted: dict[str, object] = {}
        self._lock = threading.Lock()
        self._pause_s = FIRST_PAUSE_S
        self._began_ns = 0
        self._ends = ShortEnds(lambda: clock.monotonic_ns() / NS_PER_S)
        self._answers = False
        """Whether somebody took our call; if then nobody welcomes us, it may be the version."""
        self._stopped = False
        self._away, self._refused, self._odd = Seldom(clock), Seldom(clock, second_s=STILL_S), Seldom(clock)
        self._silence = Silence(clock, lambda: delivery.backlog)
        delivery.listen(lambda: self._soon("pump", 0.0, self._pump))
        if speaker:
            speaker.listen(lambda: self._soon("tell", SOON_S, self._tell))
            speaker.to_others(self._command)

    @property
    def connected(self) -> bool:
        """Whether the broker has welcomed us."""
        return self._welcome

    def start(self) -> None:
        """Begin to connect."""
        self._soon("connect", 0.0, self._connect)

    def stop(self) -> None:
        """Say goodbye and end. Waits a moment for the broker to take it; returns however that goes."""
        done = threading.Event()

        def end() -> None:
            self._goodbye()
            done.set()

        self._clock.at(self._clock.monotonic_ns(), end, LANE)
        done.wait(CONNECT_S + 2 * GOODBYE_S)

    def _goodbye(self) -> None:
        self._stopped = True
        self._delivery.is_live = False
        client, self._client = self._client, None
        if client is None:
            return
        if self._welcome:
            self._welcome = False
            told = client.publish(
                self._topics.agent(self._agent), self._state("offline", clean=True), qos=1, retain=True
            )
            with contextlib.suppress(RuntimeError, ValueError):  # it was not taken: then the last will says the same
                told.wait_for_publish(GOODBYE_S)
        _hang_up(client, politely=True)

    # ---- connecting ----

    def _connect(self) -> None:
        if self._stopped or self._client is not None:
            return
        self._began_ns = self._clock.monotonic_ns()
        self._welcome = self._answers = False
        self._in_flight.clear()
        try:
            self._client = client = self._new_client()
            client.connect(self._broker.host, self._broker.port, keepalive=KEEP_ALIVE_S)
            self._answers = True
            client.loop_start()
        except KojoError as error:
            self._lost(error)
        except (OSError, ValueError) as error:
            log.debug("%s: %r", self._broker, error)
            untrusted = not_trusted(self._broker, error)
            self._lost(untrusted or broker_away(self._broker, error), refused=untrusted is not None)
        else:
            patience_s = WELCOME_5_S if self._speaks_5 else CONNECT_S
            self._soon("welcome", patience_s, lambda: self._no_welcome(client))

    def _new_client(self) -> "Client":
        try:
            from paho.mqtt import client as mqtt
            from paho.mqtt.enums import CallbackAPIVersion
        except ImportError as error:
            raise MissingExtra("paho-mqtt", "edge") from error
        self._credentials = self._shown()
        version = mqtt.MQTTv5 if self._speaks_5 else mqtt.MQTTv311
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            self._id,
            protocol=version,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_S
        client.will_set(self._topics.agent(self._agent), self._state("offline"), qos=1, retain=True)
        if self._credentials.user is not None:
            client.username_pw_set(self._credentials.user, self._credentials.password)
        if self._broker.tls:
            ca = self._credentials.ca
            client.tls_set(ca_certs=str(ca) if ca else None)
        client.on_connect = lambda client, _, __, reason, told: self._pass_on(
            client, self._welcomed, reason.value, getattr(told, "ReceiveMaximum", IN_FLIGHT + 1)
        )
        client.on_disconnect = lambda client, *_: self._pass_on(client, self._gone)
        client.on_publish = lambda client, _, mid, reason, __: self._pass_on(client, self._landed, mid, reason.value)
        client.on_message = lambda client, _, message: self._pass_on(client, self._heard, message)
        return client

    def _pass_on(self, client: "Client", to: Callable[..., None], *said: Any) -> None:
        """From the library's thread to the lane; what an earlier connection says late is not listened to."""

        def listen() -> None:
            if client is self._client:
                to(*said)

        self._clock.at(self._clock.monotonic_ns(), listen, LANE)

    def _welcomed(self, code: int, takes: int) -> None:
        self._call_off("welcome")
        self._room = max(1, min(IN_FLIGHT, takes - 1))
        if code in _NO_SUCH_VERSION and self._speaks_5:
            self._other_language()
        elif code in _NOT_LET_IN:
            self._lost(not_let_in(self._broker, self._credentials.user, code), refused=True)
        elif code:
            self._lost(broker_away(self._broker, f"CONNACK {code}"))
        else:
            self._go()

    def _go(self) -> None:
        client = self._client
        assert client is not None
        self._welcome = True
        if self._speaker:
            self._speaker.linked(True)
        self._ends.began()
        client.subscribe(
            [(self._topics.acks(self._agent), 1), *((self._topics.command(id, "+"), 1) for id in self._stations)]
        )
        self._away.forget()
        self._refused.forget()
        connected = Words(
            f"{self._agent}: ブローカー {self._broker} につながりました。",
            f"{self._agent}: connected to {self._broker}.",
        )
        log.info(connected.say())
        self._delivery.is_live = True
        self._silence.begin()
        self._tell()
        self._pump()

    def _no_welcome(self, client: "Client") -> None:
        if client is not self._client or self._welcome:
            return
        if self._speaks_5:
            self._other_language()
        else:
            self._lost(broker_away(self._broker, NO_ANSWER))

    def _other_language(self) -> None:
        """The broker may speak 3.1.1 only. What it speaks is remembered."""
        self._speaks_5 = False
        self._drop_client()
        self._soon("connect", 0.0, self._connect)

    # ---- losing ----

    def _gone(self) -> None:
        if not self._welcome and self._speaks_5:
            self._other_language()
            return
        now = self._clock.monotonic_ns()
        if self._welcome:
            self._ends.ended()
            if now - self._began_ns >= SHORT_S * NS_PER_S:
                self._pause_s = FIRST_PAUSE_S
        ended = Words("切れました", "the connection ended")
        self._lost(broker_away(self._broker, ended) if self._welcome else hung_up(self._broker))

    def _mind_rival(self) -> None:
        news = self._ends.news()
        if news is not None:
            said = rival_agent(self._agent) if news else no_rival(self._agent)
            log.log(logging.ERROR if news else logging.INFO, said.say())

    def _lost(self, error: KojoError, *, refused: bool = False) -> None:
        said = self._refused if refused else self._away
        if said.may_say():
            log.warning(still_refused(error).say() if refused and said.times > 1 else error.say())
        if not self._welcome:
            self._ends.away()
        if self._answers and not self._welcome:
            self._speaks_5 = not self._broker.embedded
        self._drop_client()
        self._welcome = False
        pause_s = self._pause_s * self._dice.uniform(0.7, 1.0)
        self._pause_s = min(LONGEST_PAUSE_S, 2 * self._pause_s)
        spent_s = (self._clock.monotonic_ns() - self._began_ns) / NS_PER_S
        self._soon("connect", max(0.1, min(pause_s, LONGEST_PAUSE_S - spent_s)), self._connect)

    def _drop_client(self) -> None:
        client, self._client = self._client, None
        if self._welcome and self._speaker:
            self._speaker.linked(False)
        self._delivery.is_live = False
        self._silence.end()
        self._still_here()
        self._in_flight.clear()
        self._call_off("welcome")
        if client is not None:
            _hang_up(client, politely=False)

    # ---- speaking ----

    def _pump(self) -> None:
        """Publish what is due, as far as the broker keeps up."""
        try:
            while (client := self._client) and self._welcome and len(self._in_flight) < self._room:
                batches = self._delivery.due(1)
                if not batches:
                    return
                told = client.publish(self._topics.reading(batches[0].series), encode(batches[0]), qos=1)
                self._in_flight[told.mid] = batches[0]
        except OutboxError as error:
            if self._odd.may_say():
                log.error(error.say())
            self._soon("pump again", 1.0, self._pump)

    def _still_here(self) -> None:
        """What is in flight may wait in our own buffers: on a slow link its sending is not long ago."""
        for batch in self._in_flight.values():
            self._delivery.sent(batch)

    def _landed(self, mid: int, code: int) -> None:
        if batch := self._in_flight.pop(mid, None):
            self._delivery.sent(batch)
        if code >= 128 and self._odd.may_say():
            log.error(may_not_write(self._broker, self._credentials, code).say())
        self._pump()

    def _tell(self) -> None:
        if self._client and self._welcome:
            self._silence.look()
            self._mind_rival()
            self._client.publish(self._topics.agent(self._agent), self._state("online"), qos=1, retain=True)
            self._soon("tell again", TELL_S, self._tell, over=True)

    def _command(self, station: str, output: str, payload: bytes) -> None:
        """Command an output of another agent, if we are connected: what is late would be wrong."""

        def say() -> None:
            if self._client and self._welcome:
                self._client.publish(self._topics.command(station, output), payload, qos=1)

        self._clock.at(self._clock.monotonic_ns(), say, LANE)

    def _state(self, state: str, clean: bool = False) -> bytes:
        told = dict(self._speaker.state()) if self._speaker else {}
        told |= {"state": state, "at": rfc3339(self._clock.time_ns())}
        if clean:
            told["clean"] = True  # it was ended; a last will says nothing of the kind
        if self._ends.conflict:
            told["conflict"] = True
        if silent := self._silence.trouble:
            told["outbox"] = {"why_ja": silent.ja, "why_en": silent.en} | told.get("outbox", {})
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()

    # ---- hearing ----

    def _heard(self, message: "MQTTMessage") -> None:
        levels = self._topics.split(message.topic) or ()
        if levels == ("_acks", self._agent):
            self._still_here()
            try:
                self._delivery.hear(decode_acks(bytes(message.payload)), retained=message.retain)
                if not message.retain:
                    self._silence.heard()
            except KojoError as error:
                if self._odd.may_say():
                    log.error(error.say())
            self._pump()
        elif len(levels) == 3 and levels[0] == "_set" and not message.retain and self._speaker:
            self._speaker.command(levels[1], levels[2], bytes(message.payload))

    # ---- the lane ----

    def _soon(self, what: str, in_s: float, action: Callable[[], None], *, over: bool = False) -> None:
        """Do ``action`` on the lane, once, however often it is asked for meanwhile; ``over``: put it off."""
        token = object()
        with self._lock:
            if what in self._wanted and not over:
                return
            self._wanted[what] = token

        def act() -> None:
            with self._lock:
                if self._wanted.get(what) is not token:
                    return
                del self._wanted[what]
            if not self._stopped:
                action()

        self._clock.at(self._clock.monotonic_ns() + round(in_s * NS_PER_S), act, LANE)

    def _call_off(self, what: str) -> None:
        with self._lock:
            self._wanted.pop(what, None)


def _hang_up(client: "Client", *, politely: bool) -> None:
    client.on_connect = client.on_disconnect = client.on_publish = client.on_message = None
    if politely:
        client.disconnect()
    else:
        # Whatever still waits to be written must not hold the library's thread until the keep-alive ends.
        line: Any = client.socket()
        if line is not None:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
    client.loop_stop()
