"""What is durable in the journal and not yet in the DuckDB file: readings in memory, and changes to be written."""

import threading
from dataclasses import dataclass, field

from collector.store.columns import Columns, Packed, empty, join
from collector.store.record import Record


@dataclass(slots=True)
class _Grown:
    """Columns that grow by packed rows; put together only when somebody reads."""

    text: bool
    waiting: list[Packed] = field(default_factory=list)
    whole: Columns | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def columns(self) -> Columns:
        with self.lock:
            if self.waiting:
                many = len(self.waiting)
                new = [packed.columns() for packed in self.waiting[:many]]
                self.whole = join([self.whole, *new] if self.whole is not None else new)
                del self.waiting[:many]
            return self.whole if self.whole is not None else empty(self.text)


class Tail:
    """The records of one journal, merged. Its store's lock holds ``add``; whoever reads may do so at any time."""

    def __init__(self) -> None:
        self.changes = Record()
        self.records = 0
        self.readings = 0
        self.tracks: set[int] = set()
        self._numbers = _Grown(text=False)
        self._texts = _Grown(text=True)

    def add(self, record: Record) -> None:
        """Take in one durable record."""
        self.records += 1
        if record.numbers is not None:
            self._take(record.numbers, self._numbers)
        if record.texts is not None:
            self._take(record.texts, self._texts)
        self.changes.add_changes(record)

    def _take(self, packed: Packed, grown: _Grown) -> None:
        grown.waiting.append(packed)
        self.readings += len(packed.t)
        self.tracks.update(packed.track.tolist())

    @property
    def numbers(self) -> Columns:
        """Its readings that are numbers."""
        return self._numbers.columns()

    @property
    def texts(self) -> Columns:
        """Its readings that are text."""
        return self._texts.columns()
