"""Batches: consecutive readings of one stream, of which each number is stored once.

The normal case, the next batch of a known stream, touches no reading one by one and asks the store nothing. Only a
batch that holds numbers already seen is compared with what is stored.
"""

from collections.abc import Sequence

from collector.book import Book
from collector.judge import check_shifted, check_times, said_again
from collector.message import Message
from collector.ranges import Ranges
from collector.store import Interval, Rows
from collector.stream_state import Floor, StreamState, first_fall
from contract.errors import Claim, PayloadError
from contract.reading import NS_PER_S, Batch, Series, Value
from contract.words import Words

NEAR_NS = 86_400 * NS_PER_S
"""Stored readings are looked up by time where a batch is no longer than this, else by number."""

FELL = "total_fell"


class Batches:
    """Takes batches into the book's open commit."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def take(self, message: Message, batch: Batch, t: Sequence[int]) -> bool:
        """Whether a batch was believed, or known already; ``t`` are its times, shifted where its clock was not set.

        Raises StoreError where the store could not be asked; then nothing was taken.
        """
        state = self._book.state(batch.stream, message.series)
        whole = (batch.seq, batch.last)
        new = [whole]
        if batch.seq <= state.seen.top or message.again:
            seen = _outside(state.seen.missing_in(*whole), whole)
            if seen or message.again:
                there = self._stored(state, batch, t)
                if self._conflict(batch, t, there):
                    said = Words("使用済みの番号で、内容が違います。", "A number that was used, with other content.")
                    self._refuse(message, PayloadError("conflict", said), state, whole)
                    self._heard(message, batch, state)
                    return False
                new = _outside(_runs(there), whole) if message.again else state.seen.missing_in(*whole)
        try:
            rows = self._judged(message, batch, t, state, new) if new else []
        except PayloadError as error:
            if self._refuse(message, error, state, whole) and error.reason == FELL:
                self._fell(state, batch)
            self._heard(message, batch, state)
            return False
        self._book.work.rows += rows
        many = sum(last - first + 1 for first, last in new)
        self._book.count(len(t), many, len(t) - many)
        if new and new[-1][1] > state.seen.top:
            state.newest = t[new[-1][1] - batch.seq]
        state.see(new, message.at)
        self._book.touch(state)
        self._heard(message, batch, state)
        return True

    def refuse_unreadable(self, message: Message, error: PayloadError) -> bool:
        """Put a message that is no legal batch in quarantine; its numbers, where they can be read, count as seen."""
        claim = error.claim
        if claim is None or not claim.many:
            self._book.refuse(message, error, stream=claim.stream if claim else None)
            return False
        state = self._book.state(claim.stream, message.series)
        whole = (claim.seq, claim.last)
        if not state.seen.missing_in(*whole) and not message.again:
            self._book.flush(state, whole)
            if not self._book.store.numbered(claim.stream, message.series, *whole):
                self._book.count(received=claim.many, duplicates=claim.many)
                self._heard(message, claim, state)
                return True
        self._refuse(message, error, state, whole)
        self._heard(message, claim, state)
        return False

    def recall_fall(self, message: Message, batch: Batch) -> None:
        """After a start: a quarantined batch whose total fell is the floor of what follows it."""
        state = self._book.state(batch.stream, message.series)
        state.falls.append((batch.last, float(batch.v[-1])))

    def _refuse(self, message: Message, error: PayloadError, state: StreamState, whole: Interval) -> bool:
        """Whether there was room for it in the quarantine."""
        return self._book.refuse(message, error, state, state.seen.missing_in(*whole))

    def _heard(self, message: Message, batch: Batch | Claim, state: StreamState) -> None:
        self._book.hear(batch.stream, batch.agent, message.at, at_once=state.has_new_hole(message.at))
        if state.agent != (batch.agent or ""):
            self._book.name_agent(state, batch.agent)
        if batch.lowest is not None and state.give_up_below(batch.lowest):
            self._book.touch(state)

    def _judged(
        self, message: Message, batch: Batch, t: Sequence[int], state: StreamState, new: Sequence[Interval]
    ) -> list[Rows]:
        if batch.clock == "unsynced":
            check_shifted(t)
        else:
            check_times(t, message.at)
        believed = self._book.judge.believe(message.series, batch.v, t[-1])
        if not self._is_moved_elsewhere(batch):
            self._check_order(batch, t, state, new)
        values, flags = believed.values, believed.flags
        if believed.kind == "total":
            try:
                self._check_total(batch, values, state, new)
            except PayloadError:
                if self._book.partners is None or not self._book.partners.learn_falls(state):
                    raise
                self._check_total(batch, values, state, new)
        if len(new) == 1 and new[0] == (batch.seq, batch.last):
            return [Rows(message.series, batch.stream, batch.seq, t, values, flags)]
        cuts = ((first, slice(first - batch.seq, last - batch.seq + 1)) for first, last in new)
        return [
            Rows(message.series, batch.stream, first, t[cut], values[cut], flags[cut] if flags else None)
            for first, cut in cuts
        ]

    # ------------------------------------------------------------------ times

    def _is_moved_elsewhere(self, batch: Batch) -> bool:
        """Whether its times are the agent's own beside others of its stream that we have shifted: off by the way."""
        news = self._book.streams.get(batch.stream)
        return batch.clock != "unsynced" and news is not None and news.shift is not None

    def _check_order(self, batch: Batch, t: Sequence[int], state: StreamState, new: Sequence[Interval]) -> None:
        """Raises PayloadError where times do not rise with numbers, beside the nearest stored ones."""
        for first, last in new:
            below, above = self._beside(state, first, last)
            if (below is not None and t[first - batch.seq] <= below) or (
                above is not None and t[last - batch.seq] >= above
            ):
                said = Words(
                    "前後の番号の値と、時刻の順が合いません。",
                    "Its times do not increase with its numbers, beside what is stored.",
                )
                raise PayloadError("time_order", said)

    def _beside(self, state: StreamState, first: int, last: int) -> tuple[int | None, int | None]:
        if state.newest is not None and first > state.seen.top:
            return state.newest, None
        below, above = self._book.store.times_beside(state.stream, state.series, first, last)
        # What is open is not written for this: a device without a stream would send it again after a crash.
        for rows in self._book.work.rows:
            if rows.stream != state.stream or rows.seq is None or rows.series != state.series:
                continue
            if rows.seq < first:
                below = rows.t[-1] if below is None else max(below, rows.t[-1])
            else:
                above = rows.t[0] if above is None else min(above, rows.t[0])
        return below, above

    # ------------------------------------------------------------------ totals

    def _check_total(self, batch: Batch, values: Sequence[float], state: StreamState, new: Sequence[Interval]) -> None:
        here: tuple[int, float] | None = None
        for first, last in new:
            run = values[first - batch.seq : last - batch.seq + 1]
            if first_fall(run, self._floor(state, first, here)):
                raise PayloadError(FELL, Words("積算値が下がりました。", "A running total fell."))
            here = last, run[-1]
        _raise_floor(state, batch.last, values[-1])

    def _floor(self, state: StreamState, below: int, here: tuple[int, float] | None) -> float:
        """The total at the nearest lower number that is stored, or that fell and lies in quarantine.

        ``here`` is the last number and total of the same message that is new and lower.
        """
        if state.floor is not None and state.floor.number < below and state.seen.top < below:
            known: tuple[int, float] | None = (state.floor.number, state.floor.value)
        else:
            self._book.flush(state)
            known = self._book.store.last_total(state.stream, state.series, below)
        return max((found for found in (known, state.fallen_floor(below), here) if found), default=(0, 0.0))[1]

    def _fell(self, state: StreamState, batch: Batch) -> None:
        last = float(batch.v[-1])
        state.falls.append((batch.last, last))
        _raise_floor(state, batch.last, last)

    # ------------------------------------------------------------------ repeats

    def _stored(self, state: StreamState, batch: Batch, t: Sequence[int]) -> dict[int, tuple[int, Value]]:
        """What is stored under the numbers of a batch, by number."""
        self._book.flush(state, (batch.seq, batch.last))
        found = self._near(state.series, batch, t)
        if len(found) < len(t):
            found |= self._book.store.numbered(batch.stream, state.series, batch.seq, batch.last)
        return found

    def _conflict(self, batch: Batch, t: Sequence[int], there: dict[int, tuple[int, Value]]) -> bool:
        first = batch.seq
        if any(t[number - first] != stored_t for number, (stored_t, _) in there.items()):
            return True
        level = self._book.judge.is_level(batch.series, t[-1])
        return not said_again([batch.v[number - first] for number in there], [v for _, v in there.values()], level)

    def _near(self, series: Series, batch: Batch, t: Sequence[int]) -> dict[int, tuple[int, Value]]:
        if t[-1] - t[0] > NEAR_NS:
            return {}
        track = self._book.store.readings(series, t[0], t[-1] + 1)
        if batch.stream not in track.streams:
            return {}
        ours = track.stream == track.streams.index(batch.stream)
        ours &= (track.seq >= batch.seq) & (track.seq <= batch.last)
        return dict(
            zip(track.seq[ours].tolist(), zip(track.t[ours].tolist(), track.v[ours].tolist(), strict=True), strict=True)
        )


def _runs(numbers: dict[int, tuple[int, Value]]) -> list[Interval]:
    return list(Ranges((number, number) for number in sorted(numbers)))


def _outside(runs: Sequence[Interval], whole: Interval) -> list[Interval]:
    """What of ``whole`` lies in none of the runs."""
    return Ranges(runs).missing_in(*whole)


def _raise_floor(state: StreamState, number: int, value: float) -> None:
    if number >= state.seen.top:
        state.floor = Floor(number, value)
