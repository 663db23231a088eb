"""Numbered readings: what was true, what is stored, and what the counters say of it."""

import bisect
import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import httpx

from tests.faults.table import Outcome, of_numbers
from tests.rig import LOADED_AT, Pages

SENSOR = "device"
AT_LEAST = 20_000
"""Numbered readings in flight, in every fault."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One numbered reading: its time in ns, its number."""

    t: int
    number: int


class Numbers:
    """A set of numbers that mostly come in unbroken pieces."""

    def __init__(self) -> None:
        self._pieces: list[tuple[int, int]] = []
        self._count = 0

    def add(self, first: int, last: int) -> None:
        """A piece that was not there before."""
        bisect.insort(self._pieces, (first, last))
        self._count += last - first + 1

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        for first, last in list(self._pieces):
            yield from range(first, last + 1)


class Source(Protocol):
    """Who had readings on disk: `tests.faults.processes.AgentProcess`."""

    said: Numbers

    def on_disk(self) -> list[Reading]:
        """What its outbox holds."""


def on_disk(outbox: Path) -> list[Reading]:
    """The numbered readings an outbox holds, read from a copy of its files."""
    return [Reading(t, int(v)) for sensor, t, v in _rows(outbox) if sensor == SENSOR]


def held(outbox: Path) -> int:
    """How many readings of all kinds it holds."""
    return len(_rows(outbox))


def _rows(outbox: Path) -> list[tuple[str, int, Any]]:
    with tempfile.TemporaryDirectory() as elsewhere:
        for file in outbox.parent.glob(outbox.name + "*"):
            shutil.copy(file, elsewhere)
        with contextlib.closing(sqlite3.connect(Path(elsewhere) / outbox.name)) as db:
            return db.execute("SELECT sensor, t, v FROM reading JOIN run ON run.id = reading.run").fetchall()


def in_store(pages: Pages, station: str, measure: str) -> list[Reading]:
    """The numbered readings of one series that the store has, from three days ago until in three days."""
    days = timedelta(days=3)
    window = {"start": (LOADED_AT - days).isoformat(), "end": (LOADED_AT + days).isoformat()}
    answer = asked(pages, {"station": station, "sensor": SENSOR, "measure": measure, **window})
    if answer.status_code == 404:
        return []
    assert answer.status_code == 200, answer.text
    told = answer.json()
    return [Reading(t, int(v)) for t, v in zip(told["t"], told["v"], strict=True)]


def asked(pages: Pages, query: dict[str, str]) -> httpx.Response:
    """GET /readings; asked again where a store that hung a moment ago keeps the first questions waiting."""
    for _ in range(5):
        with contextlib.suppress(httpx.TimeoutException):
            return pages.ask("/readings", params=query)
    return pages.ask("/readings", params=query)


def outcome(
    fault: str,
    sources: Sequence[Source],
    stored: Sequence[Reading],
    ingest: Any,
    note: str = "",
    *,
    times: bool = True,
    given_up: int = 0,
) -> Outcome:
    """Compare what sources had on disk with what is stored; nothing that was said to be durable may have vanished.

    The counters must agree with the store to the reading. ``times``: times are stored as they were on disk.
    ``given_up``: how many readings never came to a disk, as the sources say themselves; these are lost, by the promise.
    """
    true = [reading for source in sources for reading in source.on_disk()]
    numbers = {reading.number for reading in true}
    vanished = {number for source in sources for number in source.said} - numbers
    assert not vanished, f"{len(vanished)} were durable and are no more: {sorted(vanished)[:5]}"
    assert len(numbers) == len(true), "a number is on disk twice"
    assert len(numbers) >= AT_LEAST, f"only {len(numbers)} readings"
    row = of_numbers(fault, numbers, [reading.number for reading in stored], told(ingest, note))
    if row.kept_the_promise:
        check_counters(ingest, row)
        assert not times or set(true) == set(stored), "stored at other times than they were taken"
    if not given_up:
        assert ingest["missing"] == 0, ingest
        return row
    return replace(
        row, sent=row.sent + given_up, lost=row.lost + given_up, bound=given_up, counted=int(ingest["missing"])
    )


def check_counters(ingest: Any, row: Outcome) -> None:
    """The counters hold nothing more than numbered readings and signs of life, and nothing less.

    A collector that is killed between writing and remembering it counts again what it writes again (InfluxDB has no
    transactions): with six kills 1.3 and 1.9 % of the readings were counted so, and none is there twice.
    """
    assert ingest["received"] == ingest["stored"] + ingest["duplicates"], ingest
    assert ingest["quarantined"] == 0, ingest
    assert 0 <= ingest["stored"] - row.stored <= row.stored // 30, (ingest, row)


def told(ingest: Any, note: str) -> str:
    """A note with how many repeats were dropped."""
    return "; ".join(part for part in (note, f"{ingest['duplicates']:,} repeats dropped") if part)
