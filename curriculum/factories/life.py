"""A day of a factory lived through by the kit's own agents, sensors and outbox, and stored by its own ingest.

    for done in live(days, line_file, ingest):      # one commit a day
        ...

As in `kojo.history` there is no broker in between. Days are lives of their own, so some processes make them. Ctrl-C
reaches nobody but us, who end them at once: a day is kept as a whole or not at all.
"""

import contextlib
import multiprocessing
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from multiprocessing import resource_tracker
from pathlib import Path

from collector.ingest import Ingest
from contract.line import Line, load
from contract.payload import encode
from contract.reading import NS_PER_S
from curriculum.factories.day import Day
from edge.agent import Agent
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.bench_parts import place_all
from edge.delivery import Delivery
from edge.outbox import Outbox
from edge.sensors import catalogue, modules
from kojo.history import CHECK_S, Message, end_with_parent, scratch

HOUR_NS = 3600 * NS_PER_S
LEAST_PROCESSES, MOST_PROCESSES = 2, 4
"""Each takes some 45 MB; from three cores on one is left to whoever else works on that computer."""
LOOKS_EACH_S = 0.1

Asked = Callable[[float], bool]
"""Whether somebody asked for the end, waiting for it so many seconds (`kojo.ending`)."""


def nobody(_s: float) -> bool:
    """Nobody asks for the end."""
    return False


def live(days: Sequence[Day], line_file: Path, ingest: Ingest, ended: Asked = nobody) -> Iterator[int]:
    """Make and store the days in their order; yields how many are there. Raises KeyboardInterrupt where it is ended."""
    processes = max(1, min(_processes(os.cpu_count() or 1), len(days)))
    context = multiprocessing.get_context("spawn")
    before = multiprocessing.active_children()
    with (
        scratch() as room,
        ProcessPoolExecutor(processes, context, initializer=_deaf, initargs=(Path(room),)) as pool,
    ):
        with _ctrl_c_waits():
            waiting = [pool.submit(told, day, line_file, Path(room)) for day in days]
        try:
            for number, one in enumerate(waiting, 1):
                _await(one, ended)
                ingest.take_all(one.result(), time.time_ns())
                yield number
        except BaseException:
            for process in multiprocessing.active_children():
                if process not in before:
                    process.terminate()
            raise


def _processes(cores: int) -> int:
    return min(cores, max(LEAST_PROCESSES, min(MOST_PROCESSES, cores - 1)))


def _await(one: "Future[list[Message]]", ended: Asked) -> None:
    while not wait([one], timeout=LOOKS_EACH_S).done:
        if ended(0):
            raise KeyboardInterrupt
    if ended(0):
        raise KeyboardInterrupt


@contextlib.contextmanager
def _ctrl_c_waits() -> Iterator[None]:
    """What is started meanwhile is deaf to Ctrl-C from its first moment on."""
    resource_tracker.ensure_running()  # started with a process, it would let the signal through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _deaf(room: Path) -> None:
    """Ctrl-C is for the parent, which ends us; a parent that was killed cannot."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(room)


def told(day: Day, line_file: Path, scratch: Path) -> list[Message]:
    """Everything that the agents of a line say of a day, in the order they say it; outboxes go into ``scratch``."""
    own = Path(tempfile.mkdtemp(dir=scratch))
    try:
        return _Life(day, load(line_file, catalogue()), own).told()
    finally:
        shutil.rmtree(own, ignore_errors=True)


class _Life:
    """One life of every agent of a line."""

    def __init__(self, day: Day, line: Line, scratch: Path) -> None:
        self._day, self._line = day, line
        self._start, self._end = day.span(line)
        self._clock = HandClock(self._start)
        self._known = modules()
        self._scratch = scratch
        self._benches = {a: Bench(self._clock, seed=day.seed) for a in line.agents}
        self._parts = {
            name: part for a, bench in self._benches.items()
            for name, part in place_all(line, a, bench, self._known).items()
        }  # fmt: skip
        self._agents: dict[str, tuple[Agent, Outbox, Delivery]] = {}
        self._told: list[Message] = []

    def told(self) -> list[Message]:
        """Live, and tell."""
        with contextlib.ExitStack() as open_:
            for a, bench in self._benches.items():
                open_.callback(bench.close)
                self._boot(a)
            floor = self._day.floor(
                self._line, self._benches, self._clock, self._parts, power=self._power, bounded=True
            )  # fmt: skip
            floor.start()
            while self._clock.time_ns() < self._end:
                self._clock.turn_to(min(self._clock.time_ns() + HOUR_NS, self._end))
                for a in list(self._agents):
                    self._tell(a)
            floor.stop()
            for a in list(self._agents):
                self._off(a)
        return self._told

    def _boot(self, agent: str) -> None:
        outbox = Outbox(self._scratch / f"{agent}.sqlite", agent, self._clock, self._line.outbox)
        one = Agent(self._line, agent, self._benches[agent], outbox, self._known, check_s=CHECK_S)
        one.start()
        self._agents[agent] = one, outbox, Delivery(outbox, self._clock)

    def _off(self, agent: str) -> None:
        one, outbox, _ = self._agents[agent]
        one.stop()
        self._tell(agent)
        del self._agents[agent]
        outbox.close()

    def _power(self, agent: str, on: bool, with_pi: bool) -> None:
        """Whose plug is pulled says nothing until it is back."""
        if with_pi and on and agent not in self._agents:
            self._boot(agent)
        elif with_pi and not on and agent in self._agents:
            self._off(agent)

    def _tell(self, agent: str) -> None:
        delivery = self._agents[agent][2]
        for batch in delivery.due():
            self._told.append((self._line.topics.reading(batch.series), encode(batch)))
            delivery.sent(batch)
