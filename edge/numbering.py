"""Numbers and times of readings: in memory only, quick, from any thread.

Here is decided when a new stream begins: with each life, when the wall clock jumps, and when somebody sets it. A life
never takes numbers of a stream it found in the file: an older copy of the file may have been put back, and then the
store has those numbers already, with other readings. The times of readings come from monotonic time, so that a jump
moves none that was taken before it.
"""

import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from contract.reading import NS_PER_S, Series, Value
from edge.clock import Clock
from edge.stream import Run, Stream, new_name
from edge.timekeeping import Timekeeping

STEP_NS: Final = 2 * NS_PER_S
"""The wall clock jumped if it moved farther than this against the monotonic one."""

MAX_IN_MEMORY: Final = 50_000
"""Readings that could not be written yet, at most. Beyond it the oldest of them go: the disk has failed for long."""

Taken = tuple[Run, int, int, Value]
"""(run, number, t, value)."""


@dataclass(slots=True)
class News:
    """What was taken since the last commit: readings, changed runs, new streams, and whether the clock was set."""

    taken: deque[Taken] = field(default_factory=deque)
    runs: dict[int, Run] = field(default_factory=dict)
    streams: dict[int, Stream] = field(default_factory=dict)
    clock_was_set: bool = False

    def __bool__(self) -> bool:
        return bool(self.taken or self.clock_was_set)

    def before(self, later: "News") -> "News":
        """This, and what was taken after it."""
        return News(
            self.taken + later.taken,
            self.runs | later.runs,
            self.streams | later.streams,
            self.clock_was_set or later.clock_was_set,
        )


class Numbering:
    """All streams and runs of one outbox. ``wait_ns``: so long readings wait for a clock that nobody has set."""

    def __init__(self, clock: Clock, timekeeping: Timekeeping, wait_ns: int) -> None:
        self.lock = threading.Lock()
        """Held while runs are read or changed."""
        self.streams: dict[int, Stream] = {}
        self.runs: dict[int, Run] = {}
        self.refused = 0
        """Readings that were given up before they were on disk, because it failed and memory was full."""
        self._clock, self._timekeeping, self._wait_ns = clock, timekeeping, wait_ns
        self._boot = timekeeping.boot or new_name()
        self._offset = clock.time_ns() - clock.monotonic_ns()
        self._ask_again_ns = 0
        self._news = News()
        self._next_run = 1
        self._current: dict[Series, Run] = {}
        self._stream: Stream

    @property
    def stream(self) -> Stream:
        """The present stream."""
        return self._stream

    # ---- a life begins ----

    def go_on(self, streams: Sequence[Stream], runs: Sequence[Run]) -> None:
        """Begin a life, and its stream, with what earlier ones left."""
        self.streams = {s.id: s for s in streams}
        self.runs = {run.id: run for run in runs}
        self._next_run = 1 + max(self.runs, default=0)
        for old in streams:
            if old.clock == "unsynced" and old.boot == self._boot:
                old.waits_until = self._clock.monotonic_ns() + self._wait_ns
        self._place([old for old in streams if old.clock == "unsynced" and old.boot != self._boot])
        self._begin(self._offset)

    def start_over(self, streams: Sequence[Stream], runs: Sequence[Run], taken: Iterable[Taken]) -> int:
        """Begin a new stream; of the earlier ones those are left. Says how many readings that the store lacks are not.

        What was not on disk, ``taken`` and later, is taken again.
        """
        with self.lock:
            taken = [*taken, *self._news.taken]
            lacking = sum(run.backlog for run in self.runs.values()) - len(taken)
            for run in runs:
                if run.id in self.runs:
                    run.confirmed = max(run.confirmed, self.runs[run.id].confirmed)
            lost = max(0, lacking - sum(run.backlog for run in runs))
            self.streams = {stream.id: stream for stream in streams}
            self.runs, self._news = {run.id: run for run in runs}, News()
            self._begin(self._offset)
            for run, _, t, value in taken:
                new = self._run(run.series)
                new.counts, new.total = run.counts, run.total - run.written
                self._append(new, t, value - run.written if run.counts and isinstance(value, int) else value)
            return lost

    # ---- taking ----

    def put(self, series: Series, value: Value, at_ns: int) -> int:
        """Take a reading of the monotonic time ``at_ns``. Gives its number."""
        with self.lock:
            self._watch_clock()
            return self._append(self._run(series), self._wall(at_ns), value)

    def add(self, series: Series, increment: int, at_ns: int) -> int:
        """Take a rise of a running total: what is read is the total of the stream."""
        with self.lock:
            self._watch_clock()
            run = self._run(series)
            run.counts = True
            run.total += increment
            return self._append(run, self._wall(at_ns), run.total)

    def collect(self) -> News:
        """What is to be written; it is not given again."""
        with self.lock:
            self._watch_clock()
            news, self._news = self._news, News()
            return news

    def give_back(self, news: News) -> None:
        """What could not be written."""
        with self.lock:
            self._news = news.before(self._news)
            self._keep_room()

    # ---- what is asked of it ----

    def waiting(self) -> list[Stream]:
        """The streams whose readings wait for the clock to be set."""
        now = self._clock.monotonic_ns()
        with self.lock:
            return [s for s in self.streams.values() if s.clock == "unsynced" and s.waits_until > now]

    def of_this_boot(self) -> list[Stream]:
        """The streams of this life of the machine that were taken under a clock that nobody had set."""
        with self.lock:
            return [s for s in self.streams.values() if s.clock == "unsynced" and s.boot == self._boot]

    def own_clock(self, stream: Stream) -> int:
        """What the clock that stamped a stream shows now."""
        return self._clock.monotonic_ns() + stream.offset

    def confirm(self, told: Mapping[str, Mapping[str, int]], *, only_up: bool) -> bool:
        """Take over which numbers a store has; what is not named is 0. Says whether any number fell.

        Under the present stream's name a store can have no number we never gave, unless this machine was copied while
        it ran: then a new stream begins.
        """
        fell = False
        with self.lock:
            for run in self.runs.values():
                number = min(told.get(run.stream.name, {}).get(str(run.series), 0), run.last)
                if number > run.confirmed or (number < run.confirmed and not only_up):
                    fell |= number < run.confirmed
                    run.confirmed = number
                    self._news.runs[run.id] = run
            given = {str(series): run.last for series, run in self._current.items()}
            if any(number > given.get(name, 0) for name, number in told.get(self._stream.name, {}).items()):
                self._begin(self._offset)
        return fell

    def give_up(self, upto: Mapping[int, int]) -> tuple[list[Run], int]:
        """Let go of the numbers up to those given, run by run. Gives the runs, and how many were never confirmed."""
        with self.lock:
            runs = [self.runs[id] for id in upto if id in self.runs]
            lost = sum(run.give_up(upto[run.id]) for run in runs)
            self._news.runs |= {run.id: run for run in runs}
            return runs, lost

    def forget_empty(self) -> tuple[list[int], list[int]]:
        """Forget runs and streams of earlier lives of which nothing is held; gives their ids."""
        with self.lock:
            runs = [run.id for run in self.runs.values() if run.stream is not self._stream and not run.held]
            for id in runs:
                del self.runs[id]
                self._news.runs.pop(id, None)
            used = {run.stream.id for run in self.runs.values()} | {self._stream.id}
            streams = [id for id in self.streams if id not in used]
            for id in streams:
                del self.streams[id]
                self._news.streams.pop(id, None)
            return runs, streams

    # ---- holding the lock ----

    def _watch_clock(self) -> None:
        now = self._clock.monotonic_ns()
        offset = self._clock.time_ns() - now
        if abs(offset - self._offset) > STEP_NS:
            self._begin(offset)
        elif self._stream.clock == "unsynced" and now >= self._ask_again_ns:
            self._ask_again_ns = now + NS_PER_S
            if self._timekeeping.believes(now + offset):
                self._begin(offset)
        self._offset = offset

    def _begin(self, offset: int) -> None:
        now = self._clock.monotonic_ns()
        is_set = self._timekeeping.believes(now + offset)
        stream = Stream(
            1 + max(self.streams, default=0), new_name(), self._boot, offset, "synced" if is_set else "unsynced"
        )
        stream.waits_until = 0 if is_set else now + self._wait_ns
        self.streams[stream.id] = self._news.streams[stream.id] = self._stream = stream
        self._current = {}
        self._news.clock_was_set |= is_set
        self._offset, self._ask_again_ns = offset, now + NS_PER_S

    def _place(self, streams: Sequence[Stream]) -> None:
        """Streams of earlier boots under a clock that nobody set: nobody knows for how long the machine was off.

        Each boot is placed as late as it can have been: it had ended when the next one began. Only here in memory, so
        that the next boot begins from what was written.
        """
        boots: dict[str, list[Stream]] = {}
        for stream in sorted(streams, key=lambda stream: stream.id):
            boots.setdefault(stream.boot, []).append(stream)
        # Monotonic time counts from the boot, where one boot can be told from another.
        ended_by = 0 if self._timekeeping.boot else self._clock.monotonic_ns()
        for together in reversed(boots.values()):
            last = {stream.id: stream.offset for stream in together}
            for run in self.runs.values():
                if run.stream in together:
                    last[run.stream.id] = max(last[run.stream.id], run.last_t)
            moved = ended_by - max(last[stream.id] - stream.offset for stream in together)
            for stream in together:
                stream.offset -= moved
            ended_by = moved

    def _run(self, series: Series) -> Run:
        run = self._current.get(series)
        if run is None:
            run = Run(self._next_run, self._stream, series)
            self._next_run += 1
            self._current[series] = self.runs[run.id] = run
        return run

    def _wall(self, at_ns: int) -> int:
        return at_ns + (self._stream.offset if self._stream.clock == "unsynced" else self._offset)

    def _keep_room(self) -> None:
        """Give up the oldest of what is not on disk, beyond what memory may hold: their numbers become gaps."""
        while len(self._news.taken) > MAX_IN_MEMORY:
            run, number, _, _ = self._news.taken.popleft()
            run.skip(number)
            self._news.runs[run.id] = run
            self.refused += 1

    def _append(self, run: Run, t: int, value: Value) -> int:
        run.last += 1
        run.last_t = max(t, run.last_t + 1)
        self._news.taken.append((run, run.last, run.last_t, value))
        self._news.runs[run.id] = run
        self._keep_room()
        return run.last
