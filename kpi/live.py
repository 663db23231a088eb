"""The live feed: what the collector stored, pushed to many clients at once.

    event: reading     a list of readings as they come
    event: kpi         one station as /wall shows it, at once after a commit that touched it
    event: state       {"station", "state"} when a station's state turns; the counters and agents; the demo
    event: beat        every five seconds, so that a silent line is told from a dead one

The collector's thread only notes what came. One pump works it out, for all clients together, and puts it into each
client's queue; a client whose queue is full is dropped, not waited for.
"""

import asyncio
import contextlib
import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contract.errors import KojoError
from kpi.answers import Answers
from kpi.desk import Live
from kpi.peer import household, is_this_machine
from kpi.privacy import shown_live, veiled
from kpi.problems import Problem
from kpi.signals import signals
from kpi.spans import NS
from kpi.tokens import Role
from kpi.wall import state, wall_station

log = logging.getLogger(__name__)

MOST_CLIENTS = 200
MOST_OF_ONE = 40
"""Of one address: a shop of tablets behind one, and five of them do not take all."""

OF_OUR_OWN = 20
"""Places that only this machine itself may take."""

QUEUE = 128
TICK_S = 1.0
BEAT_S = 5.0
REST_S = 0.04
"""At least this long between two rounds: what comes meanwhile is told together."""

MOST_READINGS = 500
"""So many live readings in one event, the newest; a flood is not for eyes."""

AHEAD_NS = 2 * NS
"""A device's clock may be ahead of ours: a piece just made is not in the future."""

Body = dict[str, Any]


def event(name: str, body: object) -> bytes:
    """One server-sent event."""
    text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return f"event: {name}\ndata: {text}\n\n".encode()


@dataclass(eq=False, slots=True)
class Client:
    """Somebody who listens. ``dropped`` is set when it was too slow, or may no longer listen.

    ``may`` tells the role it may listen with now, and raises Problem where it may not any more.
    """

    role: Role
    household: str = ""
    may: Callable[[], Role] | None = None
    queue: "asyncio.Queue[bytes]" = field(default_factory=lambda: asyncio.Queue(QUEUE))
    dropped: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, message: bytes) -> None:
        """Queue a message; give up a client that does not keep up."""
        try:
            self.queue.put_nowait(message)
        except asyncio.QueueFull:
            self.dropped.set()

    def look_again(self) -> None:
        """A token that was replaced and a cookie that is too old end what was opened with them."""
        if self.may is None:
            return
        try:
            if self.may() != self.role:
                self.dropped.set()  # it asks again, and is told what its role may see
        except Problem:
            self.dropped.set()


class Feed:
    """The feed of one service. All but :meth:`heard` runs in the service's event loop."""

    is_ending = False
    """Whether the service is about to end."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._clients: set[Client] = set()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None
        self._pending: list[Live] = []
        self._touched: set[str] = set()
        self._newest = 0
        self._states: dict[str, str] = {}
        self._told: Body = {}
        self._signals: dict[str, list[Body]] | None = None

    def heard(self, readings: Sequence[Live]) -> None:
        """The collector tells of readings, from any thread: note them, wake the pump. Returns at once."""
        self._answers.shelf.heard_of(readings)
        with self._lock:
            if self._loop is None:
                return
            self._pending = (self._pending + list(readings))[-MOST_READINGS:]
            for reading in readings:
                if reading.get("stored", True):
                    self._touched.add(str(reading["station"]))
                    if isinstance(reading.get("t"), int):
                        self._newest = max(self._newest, int(reading["t"]))
            loop = self._loop
        try:
            loop.call_soon_threadsafe(self._wake.set)
        except RuntimeError:
            log.debug("the event loop has ended")

    def join(self, role: Role, peer: str = "", may: Callable[[], Role] | None = None) -> Client | None:
        """A new client, or None where there are too many (of one address). The pump runs while there is one."""
        client = Client(role, household(peer), may)
        of_one = sum(other.household == client.household for other in self._clients)
        most = MOST_CLIENTS if is_this_machine(peer) else MOST_CLIENTS - OF_OUR_OWN
        if len(self._clients) >= most or of_one >= MOST_OF_ONE:
            return None
        self._clients.add(client)
        loop = asyncio.get_running_loop()
        if self._pump is None or self._pump.done() or self._loop is not loop:
            with self._lock:
                self._loop, self._pending, self._touched = loop, [], set()
            self._wake = asyncio.Event()
            self._pump = loop.create_task(self._run())
        return client

    def leave(self, client: Client) -> None:
        """A client is gone."""
        self._clients.discard(client)
        if not self._clients:
            with self._lock:
                self._loop = None
            self._wake.set()

    def say_goodbye(self) -> None:
        """The service ends: every stream ends by itself, so that nobody has to cut it off."""
        self.is_ending = True
        for client in self._clients:
            client.dropped.set()

    async def ended(self) -> None:
        """Wait until nothing is asked of the store any more; after :meth:`say_goodbye`."""
        if self._pump is not None:
            await asyncio.wait([self._pump])

    def nudge(self) -> None:
        """Something else changed (the demo, an entry): tell it in the next round."""
        with self._lock:
            self._touched.update(self._answers.line.stations)
        self._told.clear()
        self._wake.set()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        next_tick = next_beat = next_look = loop.time()
        while self._clients:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(next_tick):
                    await self._wake.wait()
            self._wake.clear()
            try:
                if loop.time() >= next_look:
                    next_look = loop.time() + BEAT_S
                    self._look_again()
                await self._round()
                if loop.time() >= next_tick:
                    next_tick = loop.time() + TICK_S
                    await self._turned()
                    await self._signalled()
                if loop.time() >= next_beat:
                    next_beat = loop.time() + BEAT_S
                    await self._beat()
            except Exception:
                log.exception("the live feed stumbled")
            await asyncio.sleep(REST_S)

    def _look_again(self) -> None:
        """Who may no longer listen hears nothing from here on."""
        for client in list(self._clients):
            client.look_again()
            if client.dropped.is_set():
                self._clients.discard(client)

    async def _round(self) -> None:
        """Tell what came since the last round."""
        with self._lock:
            readings, self._pending = self._pending, []
            touched, self._touched = self._touched, set()
        if readings:
            line = self._answers.line
            for role in self._roles():
                self._send("reading", shown_live(line, role, readings), role)
        for station in sorted(touched & set(self._answers.line.stations)):
            await self._show(station)

    async def _show(self, station: str) -> None:
        """Push one station, to each role as it may see it."""
        if not veiled(self._answers.line.stations[station], "viewer"):
            body = await self._station(station, "operator")
            if body is not None:
                self._states[station] = str(body["state"]["key"])
                self._send("kpi", body)
            return
        for role in self._roles():
            body = await self._station(station, role)
            if body is not None and self._told.get(f"{station}/{role}") != _lasting(body, role):
                self._told[f"{station}/{role}"] = _lasting(body, role)
                self._send("kpi", body, role)

    async def _turned(self) -> None:
        """Time alone turns states too: a gap becomes a stop, a shift ends."""
        for station in list(self._answers.line.stations):
            now = await asyncio.to_thread(self._looked, station)
            if now is None:
                continue
            key = str(now["key"])
            before, self._states[station] = self._states.get(station, key), key
            if before != key:
                veil = veiled(self._answers.line.stations[station], "viewer")
                self._send("state", {"station": station, "state": now}, "operator" if veil else None)
                await self._show(station)

    async def _signalled(self) -> None:
        """An agent tells of a rule or an output without a reading, and its end without any word of its own."""
        now = await asyncio.to_thread(lambda: signals(self._answers.line, self._answers.agents(), "operator"))
        before, self._signals = self._signals, now
        if before is not None:
            for station in [each for each in now if now[each] != before.get(each, [])]:
                await self._show(station)

    async def _station(self, station: str, role: Role) -> Body | None:
        return await asyncio.to_thread(self._computed, station, role)

    def _computed(self, station: str, role: Role) -> Body | None:
        answers = self._answers
        try:
            return wall_station(answers, answers.place(station), role, self._now())
        except KojoError as error:
            log.warning("%s", error)
            return None

    def _looked(self, station: str) -> Body | None:
        """The state alone, which costs half as much."""
        try:
            return state(self._answers, self._answers.place(station), self._now())
        except KojoError as error:
            log.warning("%s", error)
            return None

    def _now(self) -> int:
        now = self._answers.desk.now_ns()
        return max(now, self._newest + 1) if self._newest - now < AHEAD_NS else now

    async def _beat(self) -> None:
        """A sign of life, and what changed besides the stations."""
        self._send("beat", {"now": self._answers.desk.now_ns()})
        desk = self._answers.desk
        status = await asyncio.to_thread(desk.ingest.status)
        self._if_new("status", {key: status[key] for key in ("ingest", "broker", "agents") if key in status})
        if desk.demo is not None:
            self._if_new("demo", {"demo": dict(desk.demo.state())})

    def _if_new(self, name: str, body: Mapping[str, Any]) -> None:
        if self._told.get(name) != body:
            self._told[name] = body
            self._send("state", body)

    def _roles(self) -> set[Role]:
        return {client.role for client in self._clients}

    def _send(self, name: str, body: object, role: Role | None = None) -> None:
        message = event(name, body)
        for client in list(self._clients):
            if role is None or client.role == role:
                client.put(message)


def _lasting(body: Body, role: Role) -> Body:
    """What of a veiled station a viewer may see change: by the hour, or with its state."""
    if role == "operator":
        return body
    return {
        key: body[key]
        for key in ("state", "produced_quantity", "good_quantity", "scrap_quantity", "shift", "plan", "signals")
    }
