"""A collector without a broker, whose time is moved by hand."""

from pathlib import Path
from typing import Any

from collector.ingest import Ingest
from collector.quarantine import MAX_BYTES, MAX_MESSAGES
from collector.store import Refused
from collector.store.duck import DuckStore
from contract.line import Line
from contract.reading import Series
from tests.collector.example import DONE, LINE, START, S, topic

NOW = START + 3600 * S


class Desk:
    """An ingest on a fresh store, whose time is moved by hand."""

    def __init__(self, directory: Path, bound: tuple[int, int] = (MAX_MESSAGES, MAX_BYTES)) -> None:
        self.now = NOW
        self.lines = [(0, LINE)]
        self._path, self._bound = directory / "line.duckdb", bound
        self.open()

    def open(self) -> None:
        self.store = DuckStore(self._path, threads=1, memory_mb=128)
        self.forget()

    def forget(self) -> None:
        """What was not committed is gone, as when the collector is killed."""
        self.ingest = Ingest(self.store, self.lines, "one", lambda: self.now, self._bound)

    def correct(self, line: Line, since: int) -> None:
        """Another version of the line is in force."""
        self.lines.append((since, line))
        self.ingest.new_line(line, since)

    def restart(self) -> None:
        self.store.close()
        self.open()

    def take(self, payload: bytes, series: Series = DONE, **more: Any) -> None:
        self.ingest.take(topic(series), payload, self.now, **more)

    def send(self, *payloads: bytes, series: Series = DONE) -> None:
        for payload in payloads:
            self.take(payload, series)
        self.ingest.commit()

    def counts(self, *names: str) -> tuple[int, ...]:
        status = self.ingest.status()
        return tuple(status[name] for name in names)

    def stored(self, series: Series = DONE) -> list[Any]:
        return list(self.store.readings(series).v.tolist())

    def confirmed(self, series: Series = DONE, stream: str = "s1") -> int | None:
        return self.ingest.acks("pi-1").streams.get(stream, {}).get(str(series))

    def refused(self) -> list[Refused]:
        """What is in quarantine."""
        self.ingest.commit()
        return list(self.store.quarantine())

    def reasons(self) -> list[str]:
        return [refused.reason for refused in self.refused()]

    def replay(self) -> dict[str, int]:
        """Judge everything in quarantine again."""
        return self.ingest.replay([refused.id for refused in self.refused()], self.now)
