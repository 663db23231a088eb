"""What really happened on the floor, kept so that what the kit measured can be compared with it.

    truth.pieces("washer", start_ns, end_ns)
    truth.periods("washer", start_ns, end_ns, least_s=60.0)
    truth.write(path)                       # JSON lines, one record each, read back by Truth.read

The records are in `floor.records`; all times are nanoseconds since 1970 UTC.
"""

import dataclasses
import json
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Lock
from typing import Any

from floor.records import RECORDS, Fate, Period, PeriodKind, Phase, Piece, Record, Verdict

BOUND = 12_000
"""How many records of each sort a bounded truth keeps: more than a day of two stations at 18 s a piece."""
_NAMES = {kind: name for name, kind in RECORDS.items()}


class Truth:
    """Everything that happened, in the order it was known. Thread-safe; with ``bounded`` only the newest of each."""

    def __init__(self, bounded: bool = False) -> None:
        self._lock = Lock()
        self._kept: dict[type[Record], deque[Record]] = {
            kind: deque(maxlen=BOUND if bounded else None) for kind in RECORDS.values()
        }
        self._open: dict[str, Period] = {}
        self._entered = 0
        self._left: Counter[Fate] = Counter()

    def add(self, record: Record) -> None:
        """Keep one record."""
        with self._lock:
            self._kept[type(record)].append(record)

    def entered(self) -> int:
        """A new piece of material enters the line: its number, from 1."""
        self._entered += 1
        return self._entered

    def leaves(self, fate: Fate) -> None:
        """A piece leaves the line."""
        self._left[fate] += 1

    def stands(self, period: Period) -> None:
        """From now on the station does not work."""
        with self._lock:
            self._open[period.station] = period

    def pressed(self, station: str, reason: str) -> None:
        """A person gave a reason for the stop that lasts."""
        with self._lock:
            if now := self._open.get(station):
                self._open[station] = dataclasses.replace(now, pressed=reason)

    def works(self, station: str, at_ns: int) -> None:
        """The station works again; a period of no length is none."""
        with self._lock:
            period = self._open.pop(station, None)
            if period and at_ns > period.start_ns:
                self._kept[Period].append(dataclasses.replace(period, end_ns=at_ns))

    @property
    def in_process(self) -> int:
        """Pieces that entered the line and have not left it."""
        return self._entered - self._left.total()

    def left(self, fate: Fate) -> int:
        """How many pieces left the line that way."""
        return self._left[fate]

    def of(self, kind: type[Any], station: str | None = None) -> list[Any]:
        """All kept records of a kind, of one station if named, in order."""
        with self._lock:
            records = list(self._kept[kind])
        return records if station is None else [r for r in records if getattr(r, "station", None) == station]

    def pieces(
        self, station: str, start_ns: int | None = None, end_ns: int | None = None, *, tests: bool = False
    ) -> list[Piece]:
        """Pieces whose contact touched in [start, end), in order; test pieces only if asked for."""
        found: list[Piece] = self.of(Piece, station)
        return [p for p in found if _inside(p.at_ns, start_ns, end_ns) and (tests or not p.test)]

    def phases(
        self, station: str, name: str, start_ns: int | None = None, end_ns: int | None = None, *, broken: bool = False
    ) -> list[Phase]:
        """Phases that ended in [start, end); those that power broke off only if asked for."""
        found: list[Phase] = self.of(Phase, station)
        return [
            p for p in found if p.name == name and (p.whole or broken) and _inside(p.ended_ns, start_ns, end_ns)
        ]  # fmt: skip

    def verdicts(self, station: str, start_ns: int | None = None, end_ns: int | None = None) -> list[Verdict]:
        """Pieces found bad in [start, end)."""
        return [v for v in self.of(Verdict, station) if _inside(v.at_ns, start_ns, end_ns)]

    def periods(
        self,
        station: str,
        start_ns: int | None = None,
        end_ns: int | None = None,
        *,
        kinds: Iterable[PeriodKind] = ("stop", "wait"),
        least_s: float = 0.0,
    ) -> list[Period]:
        """Ended periods of those kinds that began in [start, end) and lasted at least so long, in order."""
        wanted = frozenset(kinds)
        return [
            p
            for p in self.of(Period, station)
            if p.kind in wanted and _inside(p.start_ns, start_ns, end_ns) and p.seconds() >= least_s
        ]

    def lasting(self, station: str) -> Period | None:
        """The period the station is in, None while it works."""
        with self._lock:
            return self._open.get(station)

    def lines(self) -> Iterator[str]:
        """Every record as one JSON object a line, ``what`` first."""
        for kind, name in _NAMES.items():
            for record in self.of(kind):
                yield json.dumps({"what": name, **dataclasses.asdict(record)}, ensure_ascii=False)
        for period in list(self._open.values()):
            yield json.dumps({"what": "period", **dataclasses.asdict(period)}, ensure_ascii=False)
        yield json.dumps({"what": "flow", "entered": self._entered, "left": dict(self._left)})

    def write(self, path: Path) -> None:
        """Write all of it as JSON lines."""
        with path.open("w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in self.lines())

    @classmethod
    def read(cls, lines: Iterable[str]) -> "Truth":
        """A truth from its JSON lines. Raises ValueError or KeyError if they are none."""
        truth = cls()
        for line in lines:
            told = json.loads(line)
            what = told.pop("what")
            if what == "flow":
                truth._entered, truth._left = told["entered"], Counter(told["left"])
            elif what == "period" and told["end_ns"] is None:
                truth.stands(Period(**told))
            else:
                truth.add(RECORDS[what](**told))
        return truth


def _inside(at_ns: int, start_ns: int | None, end_ns: int | None) -> bool:
    return (start_ns is None or at_ns >= start_ns) and (end_ns is None or at_ns < end_ns)
