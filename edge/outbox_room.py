"""How much the outbox keeps, and how long: what is confirmed `keep_s` more, what is not up to its bounds.

Ages are counted by the life of the outbox, not by the wall clock: a clock that is set forward by a year must not make
a year of readings too old. Forgetting is done in bulk, seldom; only where a full outbox must give way to each new
reading is the oldest given up one by one, and even then deleted later.
"""

from collections import deque
from typing import Final

from contract.line import OutboxLimits
from contract.reading import NS_PER_S
from edge.clock import Clock
from edge.numbering import Numbering
from edge.outbox_file import LAST_ROW, OutboxFile, Row, State
from edge.timekeeping import Timekeeping

DAY_S: Final = 86_400.0
LOOK_AHEAD: Final = 1000
"""Rows that are looked at together when the oldest are given up."""
DELETE_TOGETHER: Final = 10_000
"""Given-up rows that are deleted together."""
SHARE: Final = 20
"""Confirmed readings leave a full outbox by a twentieth of its room at a time."""


class Room:
    """The bounds of one outbox."""

    def __init__(
        self,
        file: OutboxFile,
        numbering: Numbering,
        limits: OutboxLimits,
        clock: Clock,
        state: State,
        timekeeping: Timekeeping,
    ) -> None:
        self._dropped = state.dropped
        self._file, self._numbering, self._clock = file, numbering, clock
        self._max_readings = limits.max_readings
        self._keep_ns = round(limits.keep_s * NS_PER_S)
        self._max_age_ns = round(limits.max_age_days * DAY_S * NS_PER_S)
        self._pause_ns = min(600 * NS_PER_S, max(10 * NS_PER_S, min(self._keep_ns, self._max_age_ns) // 24))
        self._boot = timekeeping.boot
        self._born = clock.monotonic_ns() - state.age - self._away(state, timekeeping)
        self._next_ns = self._age()
        self._noted: dict[int, int] = {}
        self._count_again = False
        self._oldest: deque[Row] = deque()
        self._looked_at = 0
        self._given_up = 0
        self._given_up_row = 0

    @property
    def dropped(self) -> int:
        """Readings given up before the store had them."""
        return self._dropped + self._numbering.refused

    def make(self, last_row: int) -> None:
        """Keep to the bounds after a commit, whose last row was ``last_row``. Raises OutboxError."""
        self._give_way()
        if self._age() >= self._next_ns or self._given_up >= DELETE_TOGETHER:
            self._tidy(last_row)

    def count_again(self) -> None:
        """The store lacks what it once had: nothing counts as stored for long any more."""
        self._count_again = True

    def clocks(self) -> dict[str, int | str]:
        """The age and the clocks now, to be saved."""
        mono = self._clock.monotonic_ns()
        return {"age": self._age(), "wall": self._clock.time_ns(), "mono": mono, "boot": self._boot}

    def _age(self) -> int:
        return self._clock.monotonic_ns() - self._born

    def _away(self, state: State, timekeeping: Timekeeping) -> int:
        """For how long nobody was here, as far as that can be known."""
        if not state.wall:
            return 0
        if state.boot and state.boot == timekeeping.boot:
            return max(0, self._clock.monotonic_ns() - state.mono)
        now = self._clock.time_ns()
        return max(0, now - state.wall) if timekeeping.believes(now) and timekeeping.believes(state.wall) else 0

    # ---- too many ----

    def _give_way(self) -> None:
        with self._numbering.lock:
            held = sum(run.held for run in self._numbering.runs.values())
            if held <= self._max_readings:
                return
            backlog = sum(run.backlog for run in self._numbering.runs.values())
        excess = held - self._max_readings
        if held > backlog:
            leaving = min(held - backlog, max(excess, self._max_readings // SHARE))
            self._let_confirmed_go(leaving)
            excess -= leaving
        if excess > 0:
            self._give_up_oldest(excess)

    def _let_confirmed_go(self, count: int) -> None:
        with self._numbering.lock:
            limits = {run.id: run.confirmed for run in self._numbering.runs.values()}
        with self._file.commit():
            self._forget(self._file.row_of_nth(count, limits), limits)
        self._oldest.clear()
        self._looked_at = 0

    def _give_up_oldest(self, count: int) -> None:
        """Give up that many, the oldest first; but of each run the last one only when nothing else is left.

        It is what tells the store, by ``from``, how many were given up before it.
        """
        upto: dict[int, int] = {}
        for spares_last in (True, False):
            while count > 0 and (row := self._next_oldest()):
                id, run_id, seq, _, _ = row
                run = self._numbering.runs.get(run_id)
                if run is None or seq < run.lowest or (spares_last and seq == run.last):
                    continue
                leaving = run.between(max(run.lowest, upto.get(run_id, 0) + 1), seq)
                upto[run_id] = seq
                self._given_up_row = max(id, self._given_up_row)
                self._given_up += leaving
                count -= leaving
            if count > 0:
                self._looked_at = 0
        self._dropped += self._numbering.give_up(upto)[1]

    def _next_oldest(self) -> Row | None:
        if not self._oldest:
            self._oldest.extend(self._file.rows(self._looked_at, LAST_ROW, LOOK_AHEAD))
            if not self._oldest:
                return None
            self._looked_at = self._oldest[-1][0]
        return self._oldest.popleft()

    # ---- too old, or stored for long ----

    def _tidy(self, last_row: int) -> None:
        age = self._age()
        with self._numbering.lock:
            runs = list(self._numbering.runs.values())
            confirmed = {run.id: run.confirmed for run in runs}
        with self._file.commit():
            if self._count_again:
                self._file.forget_ages(LAST_ROW, -1)
                self._noted, self._count_again = {}, False
            news = {run: seq for run, seq in confirmed.items() if seq and seq != self._noted.get(run)}
            self._file.note_age(age, last_row, news.items())
            # What nothing was read for since is confirmed after a kill, too: it must not count as given up.
            self._file.save_runs([run for run in runs if run.id in news])
            if self._given_up_row:
                self._file.forget(self._given_up_row, self._gone())
            kept_until, too_old = age - self._keep_ns, age - self._max_age_ns
            stored = {
                run: min(seq, confirmed[run])
                for run, seq in self._file.confirmed_by(kept_until).items()
                if run in confirmed
            }
            if stored:
                self._forget(self._file.rows_written_by(kept_until), stored)
            if row := self._file.rows_written_by(too_old):
                self._forget(row, self._all_but_the_last())
            self._file.forget_ages(kept_until, min(kept_until, too_old))
            self._file.forget_runs(*self._numbering.forget_empty())
            self._file.save(**self.clocks())
        self._noted |= news
        self._given_up = self._given_up_row = 0
        self._next_ns = age + self._pause_ns

    def _gone(self) -> dict[int, int]:
        with self._numbering.lock:
            return {run.id: run.lowest - 1 for run in self._numbering.runs.values()}

    def _all_but_the_last(self) -> dict[int, int]:
        """Everything but the last reading of each run that the store lacks: by it the store is told of the others."""
        with self._numbering.lock:
            return {run.id: run.last - bool(run.backlog) for run in self._numbering.runs.values()}

    def _forget(self, row: int, limits: dict[int, int]) -> None:
        runs, lost = self._numbering.give_up(self._file.forget(row, limits))
        self._dropped += lost
        self._file.save_runs(runs)
        self._file.save(dropped=self.dropped)
