"""The live feed: what is pushed, to whom, and who is dropped."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kpi.answers import Answers
from kpi.desk import Desk
from kpi.live import MOST_CLIENTS, MOST_OF_ONE, MOST_READINGS, OF_OUR_OWN, QUEUE, Client, Feed
from kpi.service_live import EventStream
from tests.kpi.desks import Service
from tests.kpi.lines import CYCLE, NS, WASH, at, line, shift, station

DEADLINE_S = 20.0
Events = list[tuple[str, Any]]


class Screen:
    """A browser that listens: it notes what it hears, as (event, body); comments are ("", text)."""

    def __init__(self, service: Service, *, peer: str = "127.0.0.1", headers: dict[str, str] | None = None) -> None:
        told = {"host": "127.0.0.1:8000"} | (headers or {})
        self.service = service
        self.scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": "/api/v1/live", "raw_path": b"/api/v1/live", "query_string": b"", "root_path": "",
            "headers": [(k.encode(), v.encode()) for k, v in told.items()], "client": (peer, 5), "server": ("kojo", 80),
        }  # fmt: skip
        self.heard: Events = []
        self.status = 0
        self.ended = asyncio.Event()
        self.news = asyncio.Event()
        self.stuck = False

    async def receive(self) -> dict[str, Any]:
        if not getattr(self, "asked", False):
            self.asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.ended.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif self.stuck:
            await asyncio.Event().wait()
        for text in message.get("body", b"").decode().split("\n\n"):
            if text.startswith(":"):
                self.heard.append(("", text[1:].strip()))
            elif text.startswith("event:"):
                name, _, data = text.partition("\n")
                self.heard.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
        self.news.set()

    def of(self, name: str) -> list[Any]:
        return [body for event, body in self.heard if event == name]

    async def until(self, seen: Callable[["Screen"], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not seen(self):
                self.news.clear()
                await self.news.wait()

    async def watch(self, do: Callable[["Screen"], Awaitable[None]]) -> None:
        """Listen while ``do`` is done, then leave."""
        app: Any = self.service.app
        listening = asyncio.ensure_future(app(self.scope, self.receive, self.send))
        try:
            await self.until(lambda screen: bool(screen.heard))
            await do(self)
        finally:
            self.ended.set()
            await asyncio.wait_for(listening, DEADLINE_S)


def service_of(directory: Path, **more: Any) -> Service:
    return Service(line(station(CYCLE, WASH, stop_after_s=60.0, **more), shift("08:30-17:15")), directory, at("9:00"))


def reading(t: int, sensor: str = "done", stored: bool = True) -> dict[str, Any]:
    measure = "count" if sensor == "done" else "state"
    return {"station": "washer", "sensor": sensor, "measure": measure, "t": t, "v": 1.0, "stored": stored}


def piece(service: Service, number: int, clock: str) -> None:
    """One piece is stored, and told."""
    service.store.put("washer/done/count", [(at(clock), number)], seq=number)
    service.ingest.tell(reading(at(clock)))


def test_a_piece_is_pushed_with_the_new_number(tmp_path: Path) -> None:
    service = service_of(tmp_path)

    async def do(screen: Screen) -> None:
        piece(service, 1, "8:59:50")
        await screen.until(lambda s: any(k["produced_quantity"] == 1 for k in s.of("kpi")))
        await screen.until(lambda s: bool(s.of("beat")) and bool(s.of("state")))

    screen = Screen(service)
    asyncio.run(screen.watch(do))
    assert screen.of("reading")[0][0]["t"] == at("8:59:50")
    assert screen.of("state")[0]["ingest"]["stored"] == 3
    assert screen.status == 200


def test_a_piece_dated_a_little_ahead_of_our_clock_is_shown_at_once(tmp_path: Path) -> None:
    service = service_of(tmp_path)

    async def do(screen: Screen) -> None:
        piece(service, 1, "9:00:00.4")
        await screen.until(lambda s: any(k["produced_quantity"] == 1 for k in s.of("kpi")))

    asyncio.run(Screen(service).watch(do))


def test_a_reading_before_its_commit_is_shown_and_not_counted(tmp_path: Path) -> None:
    service = service_of(tmp_path)

    async def do(screen: Screen) -> None:
        service.ingest.tell(reading(at("8:59"), stored=False))
        await screen.until(lambda s: bool(s.of("reading")))

    screen = Screen(service)
    asyncio.run(screen.watch(do))
    assert screen.of("reading")[0][0]["stored"] is False
    assert screen.of("kpi") == []


@pytest.mark.slow
def test_time_alone_turns_a_state(tmp_path: Path) -> None:
    service = service_of(tmp_path)

    async def do(screen: Screen) -> None:
        piece(service, 1, "8:59:59")
        await screen.until(lambda s: any(k["state"]["key"] == "run" for k in s.of("kpi")))
        service.now = at("9:01:30")
        await screen.until(lambda s: any(k["state"]["key"] == "minor_stop" for k in s.of("kpi")))

    screen = Screen(service)
    asyncio.run(screen.watch(do))
    turned = [body for body in screen.of("state") if "station" in body]
    assert turned[-1]["state"] == {"key": "minor_stop", "since": "2026-11-16T08:59:59+09:00", "reason": None}


def test_everybody_hears_and_one_who_leaves_is_forgotten(tmp_path: Path) -> None:
    service = service_of(tmp_path)
    screens = [Screen(service) for _ in range(20)]

    async def all_of_them() -> None:
        async def do(screen: Screen) -> None:
            await screen.until(lambda s: bool(s.of("kpi")))

        async def tell() -> None:
            async with asyncio.timeout(DEADLINE_S):
                while not all(screen.heard for screen in screens):
                    await asyncio.sleep(0)
            piece(service, 1, "8:59:50")

        await asyncio.gather(tell(), *(screen.watch(do) for screen in screens))

    asyncio.run(all_of_them())
    assert all(screen.of("kpi") for screen in screens)


def test_a_slow_screen_is_dropped_and_not_waited_for(tmp_path: Path) -> None:
    service = service_of(tmp_path)

    async def go() -> None:
        desk = Desk(service.store, lambda: [(0, service.line)], service.ingest, service.tokens, lambda: service.now)
        feed = Feed(Answers(desk))
        client = feed.join("viewer")
        assert client is not None
        screen = Screen(service)
        screen.stuck = True
        stream = asyncio.ensure_future(EventStream(feed, client)(screen.scope, screen.receive, screen.send))
        for _ in range(QUEUE + 2):
            client.put(b"event: x\ndata: 1\n\n")
            await asyncio.sleep(0)
        await asyncio.wait_for(stream, DEADLINE_S)
        assert client.dropped.is_set()
        assert feed.join("viewer") is not client

    asyncio.run(go())


def test_a_quiet_stream_still_beats(tmp_path: Path) -> None:
    service = service_of(tmp_path)

    class Silent(Feed):
        def __init__(self) -> None:
            pass

        def leave(self, client: Client) -> None:
            """Nobody else is here."""

    async def go() -> None:
        screen = Screen(service)
        stream = EventStream(Silent(), Client("viewer"), heartbeat_s=0.001)
        running = asyncio.ensure_future(stream(screen.scope, screen.receive, screen.send))
        await screen.until(lambda s: ("", "beat") in s.heard)
        screen.ended.set()
        await asyncio.wait_for(running, DEADLINE_S)

    asyncio.run(go())


def test_a_screen_that_leaves_while_a_message_comes_is_gone_all_the_same(tmp_path: Path) -> None:
    service = service_of(tmp_path)

    async def go() -> None:
        desk = Desk(service.store, lambda: [(0, service.line)], service.ingest, service.tokens, lambda: service.now)
        feed = Feed(Answers(desk))
        for patience in range(6):
            client, screen = Client("viewer"), Screen(service)
            stream = asyncio.ensure_future(EventStream(feed, client)(screen.scope, screen.receive, screen.send))
            await screen.until(lambda s: bool(s.heard))
            for _ in range(10):
                await asyncio.sleep(0)
            screen.ended.set()
            for _ in range(patience):
                await asyncio.sleep(0)
            client.put(b"event: x\ndata: 1\n\n")
            done, _ = await asyncio.wait([stream], timeout=2.0)
            assert done, f"still there when the message came {patience} steps after the screen left"

    asyncio.run(go())


def test_a_flood_is_cut_to_the_newest(tmp_path: Path) -> None:
    service = service_of(tmp_path)

    async def do(screen: Screen) -> None:
        service.ingest.tell(*(reading(at("8:00") + i * NS, stored=False) for i in range(5 * MOST_READINGS)))
        await screen.until(lambda s: bool(s.of("reading")))

    screen = Screen(service)
    asyncio.run(screen.watch(do))
    assert len(screen.of("reading")[0]) == MOST_READINGS
    assert screen.of("reading")[0][-1]["t"] == at("8:00") + (5 * MOST_READINGS - 1) * NS


def test_of_a_person_a_viewer_hears_no_single_piece_and_the_operator_does(tmp_path: Path) -> None:
    service = service_of(tmp_path)
    alone = replace(service.line.stations["washer"], privacy="person")
    service = Service(replace(service.line, stations={"washer": alone}), tmp_path, at("9:00"), service.store)
    operator = Screen(service, headers={"authorization": f"Bearer {service.tokens.token('operator')}"})
    viewer = Screen(service)

    async def both() -> None:
        async def watched(screen: Screen) -> None:
            await operator.until(lambda s: len(s.of("kpi")) >= 2)

        async def do(screen: Screen) -> None:
            for number in (1, 2):
                piece(service, number, f"8:59:{10 * number}")
                await screen.until(lambda s, n=number: any(k["produced_quantity"] == n for k in s.of("kpi")))  # type: ignore[misc]

        await asyncio.gather(viewer.watch(watched), operator.watch(do))

    asyncio.run(both())
    assert [r for readings in viewer.of("reading") for r in readings] == []
    assert all(k["last_piece_at"] is None and k["produced_quantity"] == 0 for k in viewer.of("kpi"))
    assert len(viewer.of("kpi")) <= 2
    assert operator.of("kpi")[-1]["last_piece_at"] is not None


def test_when_the_service_ends_a_stream_ends_whole_and_by_itself(tmp_path: Path) -> None:
    service = service_of(tmp_path)
    sent: list[dict[str, Any]] = []

    class Farewell(Feed):
        def __init__(self) -> None:
            self._clients = {client}

        def leave(self, client: Client) -> None:
            """Nobody else is here."""

    async def send(message: Any) -> None:
        sent.append(dict(message))

    async def go() -> None:
        screen, feed = Screen(service), Farewell()
        running = asyncio.ensure_future(EventStream(feed, client)(screen.scope, screen.receive, send))
        while not sent:
            await asyncio.sleep(0)
        feed.say_goodbye()
        await asyncio.wait_for(running, DEADLINE_S)

    client = Client("viewer")
    asyncio.run(go())
    assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}


async def ended_by(service: Service, screen: Screen, do: Callable[[], None]) -> None:
    """Listen until what is done ends it: at the next beat."""
    app: Any = service.app
    listening = asyncio.ensure_future(app(screen.scope, screen.receive, screen.send))
    await screen.until(lambda s: len(s.of("beat")) >= 1)
    do()
    done, _ = await asyncio.wait([listening], timeout=DEADLINE_S)
    screen.ended.set()
    await listening
    assert done, "it still listens"


@pytest.mark.slow
def test_who_replaces_a_token_ends_what_was_opened_with_it(tmp_path: Path) -> None:
    service = service_of(tmp_path)
    screen = Screen(
        service, peer="192.168.1.7", headers={"authorization": f"Bearer {service.tokens.token('operator')}"}
    )
    asyncio.run(ended_by(service, screen, lambda: (tmp_path / "operator.token").unlink()))
    assert screen.status == 200


@pytest.mark.slow
def test_an_operator_whose_cookie_is_too_old_falls_to_what_everybody_here_may_see(tmp_path: Path) -> None:
    service = service_of(tmp_path)
    cookie = {"cookie": f"kojo={service.tokens.cookie('operator')}"}

    def later() -> None:
        service.now += 91 * 86400 * NS

    asyncio.run(ended_by(service, Screen(service, headers=cookie), later))
    again = Screen(service, headers=cookie)

    async def nothing(_: Screen) -> None:
        """It is let in, as a viewer."""

    asyncio.run(again.watch(nothing))
    assert again.status == 200


def test_one_address_has_only_so_many_streams_and_this_machine_always_some(tmp_path: Path) -> None:
    service = service_of(tmp_path)

    async def go() -> None:
        desk = Desk(service.store, lambda: [(0, service.line)], service.ingest, service.tokens, lambda: service.now)
        feed = Feed(Answers(desk))
        one = [feed.join("viewer", f"2001:db8::{n:x}") for n in range(MOST_OF_ONE + 1)]
        assert [client is None for client in one] == [False] * MOST_OF_ONE + [True]
        strangers = [feed.join("viewer", f"10.0.0.{n}") for n in range(MOST_CLIENTS)]
        assert sum(client is not None for client in one + strangers) == MOST_CLIENTS - OF_OUR_OWN
        own = [feed.join("viewer", "::ffff:127.0.0.1") for _ in range(OF_OUR_OWN + 1)]
        assert [client is None for client in own] == [False] * OF_OUR_OWN + [True]
        for client in filter(None, one + strangers + own):
            feed.leave(client)
        await feed.ended()

    asyncio.run(go())
