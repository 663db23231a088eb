"""The door of HTTP while a store is exchanged: who is inside is answered, who comes is told "not yet"."""

import asyncio
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from contract.words import Words
from kojo.doorway import Doorway

WITHIN_S = 30.0
RESTORING, AWAY = Words("控えを戻しています", "a backup is being restored"), Words("まだです", "away")


class Service:
    """Answers when it may."""

    def __init__(self) -> None:
        self.may, self.inside, self.answered, self.goodbyes = asyncio.Event(), threading.Event(), 0, 0
        self.state = SimpleNamespace(say_goodbye=self._goodbye, ended=self._ended)

    def _goodbye(self) -> None:
        self.goodbyes += 1

    async def _ended(self) -> None:
        assert self.answered == 1

    async def __call__(self, _scope: Any, _receive: Any, _send: Any) -> None:
        self.inside.set()
        await self.may.wait()
        self.answered += 1


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def ask(door: Doorway, loop: asyncio.AbstractEventLoop, said: list[Any]) -> Any:
    async def send(message: Any) -> None:
        said.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    scope = {"type": "http", "path": "/api/v1/wall", "headers": [], "method": "GET"}
    return asyncio.run_coroutine_threadsafe(door(scope, receive, send), loop)


def test_who_is_inside_is_answered_first_and_who_comes_is_told_not_yet(loop: asyncio.AbstractEventLoop) -> None:
    door, service, said = Doorway(), Service(), list[Any]()
    door.open(service)
    first = ask(door, loop, [])
    assert service.inside.wait(WITHIN_S)
    closing = threading.Thread(target=door.close, args=(RESTORING, WITHIN_S))
    closing.start()
    while not door.trouble:
        pass
    ask(door, loop, said).result(WITHIN_S)
    assert said[0]["status"] == 503
    assert b"a backup is being restored" in said[1]["body"]
    assert closing.is_alive()
    loop.call_soon_threadsafe(service.may.set)
    closing.join(WITHIN_S)
    assert not closing.is_alive()
    first.result(WITHIN_S)
    assert service.goodbyes == 1


def test_who_is_never_done_is_not_waited_for_without_end(
    loop: asyncio.AbstractEventLoop, caplog: pytest.LogCaptureFixture
) -> None:
    door, service = Doorway(), Service()
    door.open(service)
    first = ask(door, loop, [])
    assert service.inside.wait(WITHIN_S)
    door.close(AWAY, 0.05)
    assert "still being answered" in caplog.text
    loop.call_soon_threadsafe(service.may.set)
    first.result(WITHIN_S)


def test_a_door_nobody_ever_came_through_closes_at_once() -> None:
    door = Doorway()
    door.open(Service.__new__(Service))
    door.close(AWAY, WITHIN_S)
    assert door.trouble == AWAY
