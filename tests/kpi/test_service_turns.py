"""Questions that cost much: a few at a time, the next ones wait, the rest come again, and nothing stands in the way."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import Request
from fastapi.responses import Response

from kpi.calendar import Calendar
from kpi.history import History
from kpi.problems import Problem
from kpi.service_kpi import LONG_WAIT
from kpi.service_turns import GoOn, Turns
from kpi.windows import By, buckets, is_long
from tests.kpi.desks import Service
from tests.kpi.lines import CYCLE, NS, at, line, shift, station
from tests.kpi.memory_store import MemoryStore
from tests.kpi.test_service import problem

DEADLINE_S = 60.0
DAY = 86400 * NS


class Caller:
    """Somebody who asks, and may leave."""

    def __init__(self) -> None:
        self._left = asyncio.Event()
        self.request = Request({"type": "http", "headers": []}, self._receive)

    def leave(self) -> None:
        self._left.set()

    async def _receive(self) -> Any:
        await self._left.wait()
        return {"type": "http.disconnect"}


async def soon(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not true():
            await asyncio.sleep(0)


class Work:
    """Answers that are in work until they may be done."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.done = threading.Event()

    def of(self, name: str) -> Callable[[GoOn], Response]:
        def make(go_on: GoOn) -> Response:
            self.begun.append(name)
            while not self.done.wait(0.001):
                go_on()
            return Response(name)

        return make


def test_one_is_in_work_the_next_waits_and_the_third_is_told_when_to_come_again() -> None:
    async def go() -> None:
        turns, work = Turns(at_once=1, waiting=1), Work()
        first, second = (asyncio.ensure_future(turns.answer(Caller().request, work.of(n))) for n in ("1", "2"))
        await soon(lambda: work.begun == ["1"])
        with pytest.raises(Problem) as told:
            await turns.answer(Caller().request, work.of("3"))
        assert (told.value.status, told.value.after_s) == (503, 15)
        assert work.begun == ["1"]
        work.done.set()
        assert [(await each).body for each in (first, second)] == [b"1", b"2"]
        assert (await turns.answer(Caller().request, work.of("4"))).body == b"4"

    asyncio.run(go())


def test_what_was_begun_for_somebody_who_left_ends_and_the_next_one_has_its_turn() -> None:
    async def go() -> None:
        turns, work, leaver = Turns(at_once=1, waiting=1), Work(), Caller()
        first = asyncio.ensure_future(turns.answer(leaver.request, work.of("1")))
        second = asyncio.ensure_future(turns.answer(Caller().request, work.of("2")))
        await soon(lambda: work.begun == ["1"])
        leaver.leave()
        await soon(lambda: work.begun == ["1", "2"])
        with pytest.raises(Problem, match="途中"):
            await first
        work.done.set()
        await second

    asyncio.run(go())


def test_who_leaves_the_queue_gives_the_place_to_another() -> None:
    async def go() -> None:
        turns, work, leaver = Turns(at_once=1, waiting=1), Work(), Caller()
        first = asyncio.ensure_future(turns.answer(Caller().request, work.of("1")))
        second = asyncio.ensure_future(turns.answer(leaver.request, work.of("2")))
        await soon(lambda: work.begun == ["1"])
        leaver.leave()
        with pytest.raises(Problem, match="途中"):
            await second
        third = asyncio.ensure_future(turns.answer(Caller().request, work.of("3")))
        work.done.set()
        await asyncio.gather(first, third)
        assert work.begun == ["1", "3"]

    asyncio.run(go())


def test_a_question_that_is_cut_off_while_it_waits_leaves_no_hole() -> None:
    async def go() -> None:
        turns, work = Turns(at_once=1, waiting=1), Work()
        first = asyncio.ensure_future(turns.answer(Caller().request, work.of("1")))
        await soon(lambda: work.begun == ["1"])
        second = asyncio.ensure_future(turns.answer(Caller().request, work.of("2")))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        work.done.set()
        await first
        assert (await turns.answer(Caller().request, work.of("3"))).body == b"3"

    asyncio.run(go())


@pytest.mark.parametrize(
    ("days", "by", "long"),
    [(35, "day", False), (35, None, False), (5, "hour", False), (1, "hour", False), (35, "shift", False),
     (366, "day", True), (366, None, True), (7, "hour", True)],
)  # fmt: skip
def test_what_a_page_asks_is_not_long(days: int, by: By | None, long: bool) -> None:
    assert is_long(0, days * DAY, 400 * DAY, by) is long
    assert is_long(0, 400 * DAY, days * DAY, by) is long


class SlowStore(MemoryStore):
    """A store that is slow with what is long ago, until it is let go on."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()
        self.reached = threading.Event()

    def entries(self, kind: Any, start: int | None = None, end: int | None = None) -> Any:
        if kind == "figures" and start is not None and start < at("0:00") - 30 * DAY:
            self.reached.set()
            assert self.go_on.wait(DEADLINE_S)
        return super().entries(kind, start, end)


@asynccontextmanager
async def browser(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(service.app, client=("127.0.0.1", 5))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=DEADLINE_S) as client:
        yield client


def test_forty_long_questions_leave_the_small_ones_and_the_health_alone(tmp_path: Path) -> None:
    store = SlowStore()
    service = Service(line(station(CYCLE), shift("08:30-17:15")), tmp_path, at("9:30"), store)
    long_ago = "/api/v1/kpi?start=2026-10-07T00:00:00Z&end=2026-11-17T00:00:00Z&by=day"
    small = ["/healthz", "/api/v1/wall", "/api/v1/kpi?start=2026-11-16T00:00:00Z&end=2026-11-17T00:00:00Z&by=hour"]

    async def go() -> list[httpx.Response]:
        async with browser(service) as client, asyncio.timeout(DEADLINE_S):
            long = [asyncio.ensure_future(client.get(long_ago)) for _ in range(40)]
            try:
                await soon(store.reached.is_set)
                for path in small:
                    assert (await client.get(path)).status_code == 200, path
            finally:
                store.go_on.set()
            return await asyncio.gather(*long)

    answers = asyncio.run(go())
    refused = [answer for answer in answers if answer.status_code != 200]
    assert len(refused) == 40 - 1 - LONG_WAIT
    assert problem(refused[0], 503)["type"].endswith(":busy")
    assert refused[0].headers["retry-after"] == "15"
    served = next(answer for answer in answers if answer.status_code == 200)
    assert len(served.json()["stations"][0]["buckets"]) == 41


def test_buckets_are_counted_over_all_stations(tmp_path: Path) -> None:
    of = line(station(CYCLE), shift("08:30-17:15"))
    two = {name: replace(of.stations["washer"], id=name) for name in ("washer", "dryer")}
    service = Service(replace(of, stations=two), tmp_path, at("9:30"))
    asked = {"start": "2016-11-17T00:00:00+09:00", "end": "2026-11-16T00:00:00+09:00", "by": "day"}
    answer = service.ask("/api/v1/kpi", params=asked)
    assert problem(answer, 422)["type"].endswith(":too-many-buckets")
    assert "station" in answer.json()["en"]
    calendar = Calendar(History([(0, of)]), "washer")
    assert len(buckets("day", at("0:00") - 3651 * DAY, at("0:00"), calendar, at("0:00"))) == 3651
