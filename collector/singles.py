"""Single readings, of devices that keep no stream: known by their topic and time."""

from dataclasses import dataclass, field

from collector.book import Book
from collector.judge import check_times, said_again
from collector.message import Message
from collector.store import NO_STREAM, Rows
from contract.errors import PayloadError
from contract.reading import NS_PER_S, Series, Single, Value
from contract.words import Words


@dataclass(slots=True)
class _Times:
    """Of one topic: the highest time, the last arrival stamp, and the readings of the commit that was open last."""

    top: int
    stamped: int = -(2**63)
    open: dict[int, Value] = field(default_factory=dict)
    commit: int = 0


class Singles:
    """Takes singles into the book's open commit."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._times: dict[Series, _Times] = {}

    def take(self, message: Message, single: Single) -> bool:
        """Whether it was believed, or known already. Raises StoreError where the store could not be asked."""
        if message.retained and single.t is None:
            self._book.counters["ignored"] += 1
            return True
        t = single.t if single.t is not None else message.at
        try:
            check_times([t], message.at)
            believed = self._book.judge.believe(message.series, [single.v], t)
        except PayloadError as error:
            return _refused(self._book, message, error)
        times = self._times.get(message.series) or self._ask(message.series)
        if single.t is None:
            t = self._stamp(message, times)
        if single.t is not None and t <= times.top:
            there = self._at(message.series, times, t)
            if there is not None:
                return self._repeated(message, single.v, there, believed.kind == "level")
        self._book.work.rows.append(Rows(message.series, NO_STREAM, None, [t], believed.values, believed.flags))
        self._book.count(received=1, stored=1)
        if times.commit != self._book.commits:
            times.open.clear()
            times.commit = self._book.commits
        times.open[t] = believed.values[0]
        times.top = max(times.top, t)
        if single.t is None:
            times.stamped = t
        return True

    def _repeated(self, message: Message, value: Value, there: Value, level: bool) -> bool:
        if not said_again([value], [there], level):
            error = PayloadError("conflict", Words("同じ時刻に別の値です。", "The same time, another value."))
            return _refused(self._book, message, error)
        self._book.count(received=1, duplicates=1)
        return True

    def _ask(self, series: Series) -> _Times:
        last = self._book.store.before(series, 2**63 - 1)
        tops = [int(t) for t, stream in zip(last.t, last.stream, strict=True) if last.streams[stream] == NO_STREAM]
        times = self._times[series] = _Times(max(tops, default=-(2**63)))
        return times

    def _at(self, series: Series, times: _Times, t: int) -> Value | None:
        if t in times.open and times.commit == self._book.commits:
            return times.open[t]
        return self._book.store.at_times(series, [t]).get(t)

    def _stamp(self, message: Message, times: _Times) -> int:
        t = message.at
        if 0 <= times.stamped - t < NS_PER_S:
            t = times.stamped + 1
        while t <= times.top and self._at(message.series, times, t) is not None:
            t += 1
        return t


def _refused(book: Book, message: Message, error: PayloadError) -> bool:
    book.refuse(message, error)
    return False
