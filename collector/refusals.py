"""When a store will never take a reading: the work is halved until it is found, and it goes to quarantine."""

import json
from typing import TYPE_CHECKING

from collector.message import Message
from collector.store import NO_STREAM, Rows, Store, Work
from contract.errors import PayloadError, StoreRefused
from contract.payload import encode
from contract.reading import Batch
from contract.words import Words

if TYPE_CHECKING:
    from collector.book import Book


def commit_by_halves(book: "Book", work: Work) -> None:
    """Commit the readings the store takes, quarantine those it refuses, then all else of the work.

    Raises StoreError; then it may be repeated with the same work, of which what is already stored repeats itself.
    """
    refused: list[Rows] = []
    taken = _halve(book.store, work.rows, refused)
    work.rows[:] = taken
    for rows in refused:
        _quarantine(book, rows)
    work.counters = dict(book.counters)  # the refused readings are counted otherwise
    rest = Work(
        [], work.ranges, work.given_up, work.streams, work.refused, work.released, work.counters, work.pending,
        work.settled,
    )  # fmt: skip
    book.store.commit(rest)


def _halve(store: Store, rows: list[Rows], refused: list[Rows]) -> list[Rows]:
    if not rows:
        return []
    try:
        store.commit(Work(rows=rows))
    except StoreRefused:
        if len(rows) == 1 and len(rows[0].t) == 1:
            refused += rows
            return []
        parts = rows if len(rows) > 1 else _split(rows[0])
        middle = len(parts) // 2
        return _halve(store, parts[:middle], refused) + _halve(store, parts[middle:], refused)
    return rows


def _split(rows: Rows) -> list[Rows]:
    middle = len(rows.t) // 2
    return [_part(rows, 0, middle), _part(rows, middle, len(rows.t))]


def _part(rows: Rows, start: int, end: int) -> Rows:
    seq = None if rows.seq is None else rows.seq + start
    flag = rows.flag[start:end] if rows.flag is not None else None
    return Rows(rows.series, rows.stream, seq, rows.t[start:end], rows.v[start:end], flag)


def _quarantine(book: "Book", rows: Rows) -> None:
    topic = book.judge.newest.topics.reading(rows.series)
    if rows.seq is None or rows.stream == NO_STREAM:
        payload, state = json.dumps({"v": rows.v[0], "t": rows.t[0]}).encode(), None
    else:
        payload = encode(Batch(rows.series, rows.stream, rows.seq, rows.t, rows.v, "corrected"))
        state = book.state(rows.stream, rows.series)
    book.count(received=-1, stored=-1)
    message = Message(rows.series, topic, payload, book.now())
    error = PayloadError("store_refused", Words("保存先が受け付けません。", "The store will never take it."))
    if not book.refuse(message, error, state) and state is not None and rows.seq is not None:
        state.seen.remove(rows.seq, rows.seq)
        book.work.ranges[state.stream, state.series] = state.seen.runs
