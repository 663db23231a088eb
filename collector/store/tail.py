"""What is durable in the journal and not yet in the DuckDB file: readings in memory, and changes to be written."""

import threading

from collector.store.columns import Columns, Packed, join
from collector.store.record import Record

TOGETHER = 64
"""So many commits wait as they came before they are put together, because each carries the weight of its arrays."""


class _Heap:
    """Columns in pieces, each at least twice as long as the next, so that adding is cheap and so is reading."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Packed] = []
        self._pieces: list[Columns] = []

    def add(self, packed: Packed) -> None:
        with self._lock:
            self._waiting.append(packed)
            if len(self._waiting) >= TOGETHER:
                self._settle()

    def pieces(self) -> list[Columns]:
        with self._lock:
            self._settle()
            return list(self._pieces)

    def _settle(self) -> None:
        if not self._waiting:
            return
        pieces = self._pieces
        pieces.append(join(packed.columns() for packed in self._waiting))
        self._waiting.clear()
        while len(pieces) > 1 and len(pieces[-2]) < 2 * len(pieces[-1]):
            last = pieces.pop()
            pieces[-1] = join((pieces[-1], last))


class Tail:
    """The records of one journal, merged. Its store's lock holds ``add``; whoever reads may do so at any time."""

    def __init__(self) -> None:
        self.changes = Record()
        self.records = 0
        self.readings = 0
        self.tracks: set[int] = set()
        self._numbers, self._texts = _Heap(), _Heap()

    def add(self, record: Record) -> None:
        """Take in one durable record."""
        self.records += 1
        if record.numbers is not None:
            self._take(record.numbers, self._numbers)
        if record.texts is not None:
            self._take(record.texts, self._texts)
        self.changes.add_changes(record)

    def _take(self, packed: Packed, heap: _Heap) -> None:
        heap.add(packed)
        self.readings += len(packed.t)
        self.tracks.update(packed.track.tolist())

    def numbers(self) -> list[Columns]:
        """Its readings that are numbers, in pieces."""
        return self._numbers.pieces()

    def texts(self) -> list[Columns]:
        """Its readings that are text, in pieces."""
        return self._texts.pieces()
