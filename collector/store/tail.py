"""What is durable in the journal and not yet in the DuckDB file: readings in memory, and changes to be written."""

from dataclasses import dataclass, field

from collector.store.columns import Columns, Packed, empty, join
from collector.store.record import Record


@dataclass(slots=True)
class _Grown:
    """Columns that grow by packed rows; put together only when somebody reads."""

    text: bool
    waiting: list[Packed] = field(default_factory=list)
    whole: Columns | None = None

    def columns(self) -> Columns:
        if self.waiting:
            new = [packed.columns() for packed in self.waiting]
            self.whole = join([self.whole, *new] if self.whole is not None else new)
            self.waiting.clear()
        return self.whole if self.whole is not None else empty(self.text)


class Tail:
    """The records of one journal, merged. Not thread-safe: its store's lock holds it."""

    def __init__(self) -> None:
        self.changes = Record()
        self.records = 0
        self.readings = 0
        self._numbers = _Grown(text=False)
        self._texts = _Grown(text=True)

    def add(self, record: Record) -> None:
        """Take in one durable record."""
        self.records += 1
        if record.numbers is not None:
            self._numbers.waiting.append(record.numbers)
            self.readings += len(record.numbers.t)
        if record.texts is not None:
            self._texts.waiting.append(record.texts)
            self.readings += len(record.texts.t)
        self.changes.add_changes(record)

    @property
    def numbers(self) -> Columns:
        """Its readings that are numbers."""
        return self._numbers.columns()

    @property
    def texts(self) -> Columns:
        """Its readings that are text."""
        return self._texts.columns()
