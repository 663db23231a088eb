"""Four weeks of history for the demo: the same agents, sensors, outbox and ingest, on a hand-turned clock.

There is no broker in between: what an agent would publish is handed to the ingest as bytes, and the ingest's
confirmation is handed back. One stretch of time (a business day) is one life of each agent, made in a process of its
own and stored in one commit, so that an interrupted stretch leaves nothing behind and is made again at the next start.
"""

import contextlib
import logging
import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING

from collector.ingest import Ingest
from collector.store import Rows, Store
from contract.errors import KojoError
from contract.line import Line, load
from contract.payload import decode_acks, encode, encode_acks
from contract.reading import NS_PER_S
from contract.words import Words

if TYPE_CHECKING:
    from edge.bench import Bench
    from edge.delivery import Delivery

log = logging.getLogger(__name__)

HOUR_S = 3600.0
LEARN_WITHIN_S = 10.0
QUIET_S = 30.0
"""A stretch ends within these last seconds, between two washes: the next one is another life of the floor."""
CHECK_S = 60.0
"""Nobody pulls out a plug in history, so its sensors are asked less often whether they are still there."""

Message = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time to live through, and how the floor was then."""

    start_ns: int
    end_ns: int
    seed: int
    improved: bool


def stretches(line: Line, now_ns: int, days: int, seed: int, improved_ns: int) -> list[Stretch]:
    """The business days to make, newest first: today up to now, then ``days`` before it.

    From ``improved_ns`` on the wash is improved.
    """
    today = business_day(line, now_ns)
    starts = [today - timedelta(days=back) for back in range(days + 1)]
    made = [
        Stretch(
            _ns(start),
            min(_ns(start + timedelta(days=1)), now_ns),
            seed=seed + start.toordinal(),
            improved=_ns(start) >= improved_ns,
        )
        for start in starts
    ]
    return [stretch for stretch in made if stretch.end_ns - stretch.start_ns >= 60 * NS_PER_S]


def business_day(line: Line, now_ns: int) -> datetime:
    """When the business day that holds ``now_ns`` began, in the line's own zone."""
    local = datetime.fromtimestamp(now_ns // NS_PER_S, line.zone)
    start = datetime.combine(local.date(), line.day_starts, line.zone)
    return start if start <= local else start - timedelta(days=1)


def _ns(moment: datetime) -> int:
    return int(moment.timestamp()) * NS_PER_S


def is_stored(store: Store, line: Line, stretch: Stretch) -> bool:
    """Whether a stretch has been made: one commit holds all of it or nothing."""
    return any(len(store.heard(station, stretch.start_ns, stretch.end_ns)) for station in line.stations)


class History:
    """Makes the missing stretches in the background; ``done`` of ``of`` are there."""

    def __init__(
        self,
        line_file: Path,
        line: Line,
        store: Store,
        ingest: Ingest,
        wanted: Sequence[Stretch],
        on_stored: Callable[[Sequence[Rows]], None] = lambda _rows: None,
    ) -> None:
        self._line_file = line_file
        self._line = line
        self._store = store
        self._ingest = ingest
        self._on_stored = on_stored
        self._wanted = [stretch for stretch in wanted if not is_stored(store, line, stretch)]
        self.of = len(wanted)
        self.done = self.of - len(self._wanted)
        self.failed: str | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="history", daemon=True)

    @property
    def running(self) -> bool:
        """Whether stretches are still being made, or will be: a page that opens before they are begun asks again."""
        begun = self._thread.ident is not None
        return self._thread.is_alive() if begun else bool(self._wanted) and not self._stopping.is_set()

    def start(self) -> None:
        """Begin, if anything is missing."""
        if self._wanted and not self._stopping.is_set():
            self._thread.start()

    def wait(self, at_most_s: float) -> None:
        """Wait until all is made, or for a time."""
        if self._thread.ident is not None:
            self._thread.join(at_most_s)

    def stop(self) -> None:
        """Leave the unfinished stretch unmade."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=10)

    def _run(self) -> None:
        with scratch() as room:  # ours, not the maker's: that is ended in the midst of its work
            self._run_in(Path(room))

    def _run_in(self, room: Path) -> None:
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        told = (there, self._line_file, self._wanted, room)
        maker = context.Process(target=_make, args=told, daemon=True, name="history")
        _start_deaf(maker)
        there.close()
        try:
            for _ in self._wanted:
                if not self._take_one(here):
                    return
                self.done += 1
        except (EOFError, ConnectionError):
            # A SIGTERM to all of us ends the maker first; that we are to end, too, is known a moment later.
            if not self._stopping.wait(LEARN_WITHIN_S):
                self._fail(Words("作っていたプロセスが終わりました", "the process that made it ended"))
        except (OSError, KojoError) as error:
            self._fail(error.words if isinstance(error, KojoError) else Words(str(error), str(error)))
        finally:
            here.close()
            maker.terminate()
            maker.join()

    def _fail(self, why: Words) -> None:
        self.failed = why.say()
        again = Words("次に始めたとき、続きを作ります", "the next start makes the rest")
        log.error(
            "%s", Words(f"履歴作りが止まりました({why.ja})。{again.ja}。", f"No more history: {why.en}; {again.en}.")
        )

    def _take_one(self, maker: Connection) -> bool:
        """Store one stretch; False when asked to stop."""
        while not maker.poll(0.2):
            if self._stopping.is_set():
                return False
        told: dict[str, list[Message]] = maker.recv()
        self._on_stored(store_stretch(self._ingest, told, time.time_ns()))
        maker.send({agent: encode_acks(self._ingest.acks(agent)) for agent in told})
        return True


def store_stretch(ingest: Ingest, told: dict[str, list[Message]], now_ns: int) -> list[Rows]:
    """Take what the agents told and make it durable in one commit; what was stored by it."""
    return ingest.take_all([message for messages in told.values() for message in messages], now_ns)


def _start_deaf(process: BaseProcess) -> None:
    """Start a process that Ctrl-C on our terminal never reaches, not even while its imports run."""
    resource_tracker.ensure_running()  # started with the process, it would let the signal through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def scratch() -> "tempfile.TemporaryDirectory[str]":
    """A folder for outboxes that nobody keeps: in memory, where that can be had."""
    memory = Path("/dev/shm")
    return tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None, ignore_cleanup_errors=True)


def end_with_parent(room: Path) -> None:
    """In a process that was started by another: be gone, and ``room`` with us, as soon as the other is.

    Nobody else does that for one that was killed: we would wait for it for ever, in memory.
    """
    parent = multiprocessing.parent_process()

    def wait_for_its_end() -> None:
        if parent is not None:
            parent.join()
            shutil.rmtree(room, ignore_errors=True)
            os._exit(1)

    threading.Thread(target=wait_for_its_end, name="parent", daemon=True).start()


def _make(parent: Connection, line_file: Path, wanted: Sequence[Stretch], room: Path) -> None:
    """The process that lives through the stretches (its parent gets Ctrl-C and ends it)."""
    from edge.sensors import catalogue

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(level=logging.WARNING)
    end_with_parent(room)
    line = load(line_file, catalogue())
    with contextlib.suppress(EOFError, BrokenPipeError):
        for stretch in wanted:
            with tempfile.TemporaryDirectory(dir=room) as own:
                live_through(stretch, line, Path(own), parent)


def live_through(stretch: Stretch, line: Line, scratch: Path, parent: Connection) -> None:
    """One life of every agent from the stretch's start to its end; tell the parent, hear its confirmation."""
    from edge.agent import Agent
    from edge.bench import Bench
    from edge.bench_clock import HandClock
    from edge.bench_parts import place_all
    from edge.delivery import Delivery
    from edge.outbox import Outbox
    from edge.sensors import modules
    from floor.fitting import fitting

    clock = HandClock(stretch.start_ns)
    benches = {agent: Bench(clock, seed=stretch.seed) for agent in line.agents}
    known = modules()
    outboxes = {a: Outbox(scratch / f"{a}.sqlite", a, clock, line.outbox) for a in line.agents}
    agents = [Agent(line, a, benches[a], outboxes[a], known, check_s=CHECK_S) for a in line.agents]
    parts = {name: placed for a, bench in benches.items() for name, placed in place_all(line, a, bench, known).items()}
    floor = fitting(line)(
        line, benches, clock, seed=stretch.seed, start_ns=stretch.start_ns, improved=stretch.improved,
        bounded=True, parts=parts,
    )  # fmt: skip
    for agent in agents:
        agent.start()
    floor.start()
    deliveries = {a: Delivery(outboxes[a], clock) for a in line.agents}
    told: dict[str, list[Message]] = {a: [] for a in line.agents}
    quiet_from_ns = stretch.end_ns - int(QUIET_S * NS_PER_S)
    while clock.time_ns() < quiet_from_ns:
        clock.turn_to(min(clock.time_ns() + int(HOUR_S * NS_PER_S), quiet_from_ns))
        for a, delivery in deliveries.items():
            told[a] += _due(line, delivery)
    while clock.time_ns() < stretch.end_ns and _a_phase_lasts(line, benches):
        clock.turn_to(min(clock.time_ns() + NS_PER_S // 2, stretch.end_ns))
    floor.stop()
    for agent in agents:
        agent.stop()
    for a, delivery in deliveries.items():
        told[a] += _due(line, delivery)
    parent.send(told)
    confirmed: dict[str, bytes] = parent.recv()
    for a, acks in confirmed.items():
        deliveries[a].hear(decode_acks(acks), retained=False)
        outboxes[a].close()
    for bench in benches.values():
        bench.close()


def _a_phase_lasts(line: Line, benches: Mapping[str, "Bench"]) -> bool:
    return any(
        benches[station.agent].level(sensor.settings["pin"]) == (sensor.settings["active"] == "high")
        for station in line.stations.values()
        for sensor in station.with_role("phase")
        if station.agent and "pin" in sensor.settings
    )


def _due(line: Line, delivery: "Delivery") -> list[Message]:
    messages = []
    for batch in delivery.due():
        messages.append((line.topics.reading(batch.series), encode(batch)))
        delivery.sent(batch)
    return messages
