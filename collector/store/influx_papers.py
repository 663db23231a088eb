"""What people entered and the versions of the line in InfluxDB: papers that are kept for good, each under its id.

The time of a paper's point is made from its id alone, so any program that holds the store can replace a paper without
asking where it lies. 48 bits of nanoseconds are three days, so all papers lie in one shard of 1970.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence

from collector.store import Entry, EntryKind, LineVersion
from collector.store.influx_shelf import DOCUMENTS_AT_ONCE, Ask
from collector.store.influx_text import document, literal, point, where, whole
from contract.reading import NS_PER_S

ENTRIES, LINES = "kojo_entry", "kojo_line"


class Papers:
    """Entries and line versions of one line."""

    def __init__(self, line: Mapping[str, str], ask: Ask) -> None:
        self._line = line
        self._ask = ask

    def entry_line(self, entry: Entry) -> str:
        """The point that keeps an entry. ``at_s`` finds it roughly, its text says the nanosecond."""
        said = {"id": entry.id, "kind": entry.kind, "at": entry.at, "made": entry.made, "body": dict(entry.body)}
        fields = {"kind": entry.kind, "at_s": float(entry.at // NS_PER_S), **document(json.dumps(said))}
        return point(ENTRIES, self._line, fields, _place(entry.id))

    def entries(self, kind: EntryKind, start: int | None, end: int | None) -> Sequence[Entry]:
        """Entries of a kind with start <= at < end, by ``at`` then ``made``."""
        about = [f"kind = {literal(kind)}"]
        about += [f"at_s >= {start // NS_PER_S}"] if start is not None else []
        about += [f"at_s <= {end // NS_PER_S}"] if end is not None else []
        found = [Entry(**json.loads(whole(row))) for row in self._rows(ENTRIES, *about)]
        inside = [e for e in found if (start is None or e.at >= start) and (end is None or e.at < end)]
        return sorted(inside, key=lambda entry: (entry.at, entry.made, entry.id))

    def version_line(self, version: LineVersion) -> str:
        """The point that keeps a version of the line, one for each moment it came into force."""
        said = json.dumps({"since": version.since, "text": version.text})
        return point(LINES, self._line, document(said), _place(str(version.since)))

    def versions(self) -> Sequence[LineVersion]:
        """Every version, oldest first."""
        found = [LineVersion(**json.loads(whole(row))) for row in self._rows(LINES)]
        return sorted(found, key=lambda version: version.since)

    def _rows(self, measurement: str, *about: str) -> Iterator[dict[str, object]]:
        question = f"SELECT * FROM {measurement} {where(self._line, None, None, *about)}"
        for table in self._ask(question, rows_at_once=DOCUMENTS_AT_ONCE):
            yield from table.rows()


def _place(id: str) -> int:
    return int.from_bytes(hashlib.blake2b(id.encode(), digest_size=6).digest(), "big")
