"""Whose turn it is: questions that cost much are answered a few at a time, the next ones wait, the rest come again.

Who waits holds no thread, so that no number of them stands in the way of a small question. Whoever leaves loses the
place, and what was begun for them ends at the next bucket (:data:`GoOn`).
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from contract.words import Words
from kpi.problems import Problem

GoOn = Callable[[], None]
"""Asked between two steps of the work. Raises Problem where nobody waits for the answer any more."""

AFTER_S = 15


class Turns:
    """At most ``at_once`` answers in work and ``waiting`` questions behind them."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._at_once = at_once
        self._most_waiting = waiting
        self._in_work = 0
        self._line: deque[asyncio.Future[None]] = deque()

    async def answer(self, request: Request, make: Callable[[GoOn], Response]) -> Response:
        """What ``make`` makes in a thread, when it is our turn. Raises Problem (503) where too many wait."""
        left = threading.Event()
        leaving = asyncio.ensure_future(_leaves(request, left))

        def go_on() -> None:
            if left.is_set():
                raise _nobody_waits()

        try:
            await self._turn(leaving)
            try:
                go_on()
                return await run_in_threadpool(make, go_on)
            finally:
                self._next()
        finally:
            leaving.cancel()
            await asyncio.gather(leaving, return_exceptions=True)

    async def _turn(self, leaving: "asyncio.Future[None]") -> None:
        """Wait for a turn; whoever has one gives it back with :meth:`_next`."""
        if self._in_work < self._at_once:
            self._in_work += 1
            return
        if len(self._line) >= self._most_waiting:
            raise _too_many()
        mine = asyncio.get_running_loop().create_future()
        self._line.append(mine)
        try:
            await asyncio.wait([mine, leaving], return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self._give_up(mine)
            raise
        if not mine.done():
            self._give_up(mine)
            raise _nobody_waits()

    def _give_up(self, mine: "asyncio.Future[None]") -> None:
        if mine.done():
            self._next()
        else:
            self._line.remove(mine)

    def _next(self) -> None:
        if self._line:
            self._line.popleft().set_result(None)
        else:
            self._in_work -= 1


async def _leaves(request: Request, left: threading.Event) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    left.set()


def _nobody_waits() -> Problem:
    return Problem(400, "gone", Words("途中で切れました。", "The connection was cut."))


def _too_many() -> Problem:
    return Problem(
        503,
        "busy",
        Words("長い期間の集計が重なっています。", "Too many long windows are being worked out."),
        Words(
            f"{AFTER_S} 秒ほど待ってやり直すか、期間を短くしてください。",
            f"Try again in {AFTER_S} s, or ask for a shorter window.",
        ),
        after_s=AFTER_S,
    )
