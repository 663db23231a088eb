"""The outbox: every reading is numbered, and lies on disk before anyone is told.

    outbox = Outbox(Path("data/outbox.sqlite"), "pi-1", clock)
    outbox.put(Series("washer", "air", "temperature"), 23.5, clock.monotonic_ns())
    outbox.add(Series("washer", "done", "count"), 1, clock.monotonic_ns())
    outbox.commit()                                      # now it survives the plug being pulled

`put` and `add` are quick and touch only memory, from any thread. `commit` writes and waits for the disk. What is sent,
and when, is decided in `edge.delivery`; what is confirmed is kept `keep_s` longer and then forgotten in bulk.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from contract.line import OutboxLimits
from contract.reading import MAX_NUMBER, MAX_TEXT, NS_PER_S, ClockState, Series, Value
from edge.clock import Clock
from edge.numbering import News, Numbering
from edge.outbox_file import OutboxFile, Row
from edge.outbox_room import Room
from edge.outbox_troubles import Damaged
from edge.stream import Run, Stream
from edge.timekeeping import Timekeeping

WAIT_FOR_CLOCK_S = 30.0
"""So long readings under a clock that nobody has set wait to be put right; then they go as they are."""

_LIMITS = OutboxLimits()
_TIMEKEEPING = Timekeeping()


class Outbox:
    """One agent's readings on disk. Raises NotAllowed, InUse or OutboxError when it cannot be opened.

    ``limits``: how much is kept, and how long. ``timekeeping``: whether the wall clock is to be believed.
    ``wait_for_clock_s``: how long readings under a clock that nobody has set wait to be put right.
    """

    def __init__(
        self,
        path: Path,
        agent: str,
        clock: Clock,
        limits: OutboxLimits = _LIMITS,
        *,
        timekeeping: Timekeeping = _TIMEKEEPING,
        wait_for_clock_s: float = WAIT_FOR_CLOCK_S,
    ) -> None:
        self.agent = agent
        self.limits = limits
        self.is_live = False
        """Set by the delivery while it sends at once what is committed: a commit then marks it as sent, too."""
        self.store = ""
        """The id of the store last heard."""
        self._clock, self._timekeeping = clock, timekeeping
        self._sent = self._last_row = 0
        self._disk = threading.RLock()
        self._listeners: list[Callable[[], None]] = []
        self._numbering = Numbering(clock, timekeeping, round(wait_for_clock_s * NS_PER_S))
        self._file = OutboxFile(path)
        self._closed = self._began_anew = False
        try:
            try:
                self._open()
            except Damaged as error:
                self._file.begin_anew(error)
                self._open()
        except BaseException:
            self._file.close()
            raise

    # ---- taking readings: memory only ----

    def put(self, series: Series, value: Value, at_ns: int) -> int:
        """Take a reading of the monotonic time ``at_ns``. Gives its number.

        Raises ValueError for what no reading can hold: not finite, beyond 2^53, text of more than 256 characters.
        """
        if not (len(value) <= MAX_TEXT if isinstance(value, str) else -MAX_NUMBER <= value <= MAX_NUMBER):
            raise ValueError(f"{series} cannot be {value!r:.80}")
        return self._numbering.put(series, value, at_ns)

    def add(self, series: Series, increment: int, at_ns: int) -> int:
        """Take a rise of a running total; what is kept is the total of the stream. Gives its number as `put` does."""
        return self._numbering.add(series, increment, at_ns)

    def listen(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` after each commit that wrote readings, on the committing thread."""
        self._listeners.append(listener)

    # ---- making them durable ----

    def commit(self) -> int:
        """Write what was taken and wait until it is on disk. Gives how many readings. Raises OutboxError."""
        with self._disk:
            if self._closed:
                return 0
            written = self._write()
        if written:
            for listener in self._listeners:
                listener()
        with self._disk:
            if not self._closed:
                try:
                    self._room.make(self._last_row)
                except Damaged as error:
                    self._start_over(error, News())
        return written

    def mark_sent(self, row: int) -> None:
        """Make durable that the rows up to ``row`` may have been sent. Raises OutboxError."""
        with self._disk:
            if row > self._sent and not self._closed:
                try:
                    with self._file.commit():
                        self._file.save(sent=row)
                    self._sent = row
                except Damaged as error:
                    self._start_over(error, News())

    def close(self) -> None:
        """Write what was taken, write down what is known, and let the file go."""
        with self._disk:
            if self._closed:
                return
            self._closed = True
            try:
                self._write()
                with self._file.commit():
                    self._file.save_streams([self._numbering.stream])
                    self._file.save_runs(self._numbering.runs.values())
                    self._file.save(
                        store=self.store,
                        dropped=self.dropped,
                        **self._room.clocks(),
                    )
            finally:
                self._file.close()

    # ---- what is known of it ----

    @property
    def is_open(self) -> bool:
        """Whether it can still be written."""
        return not self._closed

    @property
    def stream(self) -> str:
        """The name of the present stream."""
        return self._numbering.stream.name

    @property
    def clock_state(self) -> ClockState:
        """Whether the clock under which readings are taken now is believed."""
        return self._numbering.stream.clock

    @property
    def dropped(self) -> int:
        """How many readings were given up before the store had them, in the agent's whole life."""
        return self._room.dropped

    @property
    def refused(self) -> int:
        """How many of the dropped readings this program gave up in memory, because the disk failed for long."""
        return self._numbering.refused

    @property
    def set_aside(self) -> int:
        """How many damaged files lie beside this one."""
        return self._file.set_aside

    @property
    def held(self) -> int:
        """How many readings are kept, confirmed or not."""
        with self._numbering.lock:
            return sum(run.held for run in self._numbering.runs.values())

    @property
    def backlog(self) -> int:
        """How many readings the store has not confirmed."""
        with self._numbering.lock:
            return sum(run.backlog for run in self._numbering.runs.values())

    # ---- for the delivery ----

    @property
    def sent_row(self) -> int:
        """The row up to which readings may have been sent."""
        return self._sent

    @property
    def sendable_row(self) -> int:
        """The row up to which readings may be sent now; what lies above it waits for the clock to be set."""
        return min([self._last_row, *(s.first_row - 1 for s in self._numbering.waiting() if s.first_row)])

    def rows(self, after: int, upto: int, limit: int) -> list[Row]:
        """At most ``limit`` committed readings of the rows above ``after`` up to ``upto``. Raises OutboxError."""
        with self._disk:
            if self._closed:
                return []
            try:
                return self._file.rows(after, upto, limit)
            except Damaged as error:
                self._start_over(error, News())
                return []

    def run(self, id: int) -> Run | None:
        """The run of that id; None if nothing of it is held any more."""
        return self._numbering.runs.get(id)

    def own_clock(self, stream: Stream) -> int:
        """What the clock that stamped a stream shows now, ns since 1970."""
        return self._numbering.own_clock(stream)

    def confirm(self, store: str, streams: Mapping[str, Mapping[str, int]], *, only_up: bool = False) -> bool:
        """Take over which numbers the store has. ``only_up``: never fewer than before.

        Says whether all that is held is to be looked through again: a number fell, or the file was begun anew.
        """
        self.store = store
        again, self._began_anew = self._began_anew, False
        fell = self._numbering.confirm(streams, only_up=only_up)
        if fell:
            self._room.count_again()
        return fell or again

    # ---- holding the disk ----

    def _open(self) -> None:
        state = self._file.state()
        streams = {stream.id: stream for stream in self._file.streams()}
        self.store, self._sent = state.store, state.sent
        # A row is never used twice, although the last readings may have been forgotten.
        self._last_row = max(self._file.last_row(), state.sent)
        self._numbering.go_on(list(streams.values()), self._file.runs(streams))
        self._room = Room(self._file, self._numbering, self.limits, self._clock, state, self._timekeeping)
        with self._file.commit():
            self._file.save(clean=0)  # should an older kojo come back: it, too, must begin a new stream

    def _write(self) -> int:
        news = self._numbering.collect()
        if not news:
            self._numbering.give_back(news)
            return 0
        before = self._last_row
        rows = [(row, run.id, seq, t, v) for row, (run, seq, t, v) in enumerate(news.taken, before + 1)]
        for row, (run, *_) in enumerate(news.taken, before + 1):
            if run.stream.first_row is None:
                run.stream.first_row = row
                news.streams[run.stream.id] = run.stream
        last = before + len(rows)
        kept = {run: (run.kept, run.kept_t) for run, *_ in news.taken}
        for run, seq, t, _ in news.taken:
            run.kept, run.kept_t = seq, t
        at_once = self.is_live and self._sent == before and not self._numbering.waiting()
        try:
            with self._file.commit():
                self._file.add(rows)
                self._file.save_runs(news.runs.values())  # before the correction, which finds rows by their runs
                corrected = self._correct(news)
                self._file.save_streams(news.streams.values())
                self._file.save(sent=last if at_once else self._sent, dropped=self._room.dropped, store=self.store)
        except Damaged as error:
            self._start_over(error, news)
            return self._write()
        except Exception:  # whatever it is, the readings are not on disk
            for run, before_it in kept.items():
                run.kept, run.kept_t = before_it
            self._numbering.give_back(news)
            raise
        self._last_row = last
        self._sent = last if at_once else self._sent
        for run, _, _, value in news.taken:
            run.written = value if run.counts and isinstance(value, int) else 0
        for stream, offset in corrected:
            stream.clock, stream.offset = "corrected", offset
        return len(rows)

    def _correct(self, news: News) -> list[tuple[Stream, int]]:
        """Put right what was written before the clock was set in this life of the machine, if none of it was sent."""
        if not news.clock_was_set:
            return []
        offset = self._numbering.stream.offset
        wrong = [s for s in self._numbering.of_this_boot() if s.first_row and s.first_row > self._sent]
        for stream in wrong:
            self._file.move(stream, offset - stream.offset)
            news.streams.pop(stream.id, None)
        self._file.save_streams(Stream(s.id, s.name, s.boot, offset, "corrected", s.first_row) for s in wrong)
        return [(stream, offset) for stream in wrong]

    def _start_over(self, error: Damaged, news: News) -> None:
        dropped = self._room.dropped
        self._file.begin_anew(error)
        self._began_anew = True
        streams = {stream.id: stream for stream in self._file.streams()}
        dropped += self._numbering.start_over(list(streams.values()), self._file.runs(streams), news.taken)
        self._last_row = max(self._last_row, self._file.last_row())
        state = replace(self._file.state(), dropped=dropped - self._numbering.refused)
        self._room = Room(self._file, self._numbering, self.limits, self._clock, state, self._timekeeping)
        with self._file.commit():
            self._file.save(sent=self._sent, dropped=dropped)
