"""A store that real agents filled, altered in one place, opened again, and what became of every reading.

Run as a program it does the rounds that stdin names, one JSON object a line, and answers each with one: a broken file
may end the process that opens it, and then the next process must get by.
"""

import json
import random
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from collector.ingest import Ingest
from collector.store.duck import DuckStore
from contract.line import OutboxLimits
from contract.payload import encode
from contract.reading import NS_PER_S, Series
from edge.bench_clock import HandClock
from edge.delivery import Delivery
from edge.outbox import Outbox
from tests.collector.example import DONE, LINE, TEMPERATURE, WASH, topic

START_NS = 1_795_000_000 * NS_PER_S
SERIES = (DONE, WASH, TEMPERATURE)
OLD, HELD = 8_000, 12_000
"""Readings that the agent has forgotten when the store breaks, and those that it still holds."""
STEP = 250
KEEP_S = 3600.0

CHANGES = ("flip", "zeros", "garbage", "cut")
SWAPS = ("no journal", "no file", "no store", "older journal", "older file", "older file alone", "strange log")


@dataclass(frozen=True)
class Round:
    """``template`` is ``crash`` (with a journal) or ``clean``; ``change`` is done to ``target`` at a random place."""

    seed: int
    template: str
    target: str
    change: str
    again: bool = False


@dataclass
class Result:
    """Of one round: readings sent, stored, lost though the agent held them, lost and older; what was noticed."""

    sent: int = 0
    stored: int = 0
    lost: int = 0
    lost_old: int = 0
    doubled: int = 0
    missing: int = 0
    disagree: int = 0
    set_aside: bool = False
    failed: str = ""
    said: list[str] = field(default_factory=list)


def rounds(many: int, seed: int) -> Iterator[Round]:
    """So many rounds, always the same."""
    dice = random.Random(seed)
    for number in range(many):
        if number % 10 == 9:
            yield Round(dice.randrange(2**32), "crash", "", SWAPS[number // 10 % len(SWAPS)])
        else:
            template, target = dice.choice((("crash", "file"), ("crash", "journal"), ("clean", "file")))
            yield Round(dice.randrange(2**32), template, target, dice.choice(CHANGES))


class Line:
    """One agent with its outbox, one collector with its store, on a clock turned by hand."""

    def __init__(self, folder: Path, seconds: float = 0.0) -> None:
        self.clock = HandClock(START_NS + round(seconds * NS_PER_S))
        self.store = DuckStore(folder / "line.duckdb", threads=1, memory_mb=128)
        self.ingest = Ingest(self.store, [(0, LINE)], "c1", now_ns=self.clock.time_ns)
        limits = OutboxLimits(keep_s=KEEP_S)
        self.outbox = Outbox(folder / "outbox.sqlite", "pi-1", self.clock, limits)
        self.delivery = Delivery(self.outbox, self.clock)

    def read(self, number: int) -> None:
        """The agent reads each series once."""
        at = self.clock.monotonic_ns()
        self.outbox.add(DONE, 1, at)
        self.outbox.put(WASH, number % 2, at)
        self.outbox.put(TEMPERATURE, number / 10, at)
        self.clock.turn(0.1)

    def deliver(self) -> bool:
        """What is due goes to the collector; whether anything was."""
        due = self.delivery.due()
        for batch in due:
            self.ingest.take(topic(batch.series), encode(batch), self.clock.time_ns())
        self.ingest.commit()
        return bool(due)

    def settle(self) -> None:
        """Confirm, wait, send again, until there is nothing left to send."""
        quiet = 0
        while quiet < 2:
            self.delivery.hear(self.ingest.acks("pi-1"), retained=False)
            self.clock.turn(31.0)
            quiet = 0 if self.deliver() else quiet + 1

    def close(self) -> None:
        """The end of both."""
        self.outbox.close()
        self.store.close()


def make(folder: Path) -> None:
    """The templates: ``older``, ``crash`` and ``clean``, each a store and the outbox that goes with it."""
    live = folder / "live"
    live.mkdir(parents=True)
    line = Line(live)
    _fill(line, OLD)
    line.settle()
    line.store.fold()
    line.clock.turn(2 * KEEP_S)
    for number in range(3):  # what is confirmed and old is forgotten in steps
        line.read(number)
        line.outbox.commit()
        line.clock.turn(2 * KEEP_S)
        line.settle()
    _fill(line, HELD // 4)
    line.settle()
    _copy(live, folder / "older")
    line.store.fold()
    _fill(line, HELD // 2)
    line.settle()
    line.store.fold()
    _fill(line, HELD - HELD // 4 - HELD // 2)
    line.settle()
    line.outbox.close()  # only the store is left as a crash leaves it
    _copy(live, folder / "crash")
    (folder / "seconds").write_text(str((line.clock.time_ns() - START_NS) / NS_PER_S))
    line.store.close()
    _copy(live, folder / "clean")
    note_numbers(live)
    shutil.move(live / "numbers", folder)
    shutil.rmtree(live)


def _fill(line: Line, readings: int) -> None:
    for number in range(readings // len(SERIES) + 1):
        line.read(number)
        if number % (STEP // len(SERIES)) == 0:
            line.outbox.commit()
            line.deliver()
            line.delivery.hear(line.ingest.acks("pi-1"), retained=False)
    line.outbox.commit()
    line.deliver()


def _copy(live: Path, to: Path) -> None:
    shutil.copytree(live, to, ignore=lambda _, names: [name for name in names if name.endswith(("-shm", ".lock"))])


def alter(folder: Path, templates: Path, one: Round) -> None:
    """Do to a copy of a template what the round says."""
    dice, file = random.Random(one.seed), folder / "line.duckdb"
    journals = sorted(folder.glob("line.duckdb.journal.0*"))
    if one.target:
        target = file if one.target == "file" else journals[-1]
        _change(target, one.change, dice)
    if one.change in ("no journal", "no store"):
        for path in journals:
            path.unlink()
    if one.change in ("no file", "no store"):
        file.unlink()
    older = templates / "older"
    if one.change.startswith("older file"):
        shutil.copy(older / "line.duckdb", file)
    if one.change in ("older journal", "older file alone"):
        for path in journals:
            path.unlink()
    if one.change == "older journal":
        for path in older.glob("line.duckdb.journal.0*"):
            shutil.copy(path, folder)
    if one.change == "strange log":
        (folder / "line.duckdb.wal").write_bytes(dice.randbytes(dice.randrange(1, 9000)))


def _change(path: Path, change: str, dice: random.Random) -> None:
    size = path.stat().st_size
    at, many = dice.randrange(size), dice.choice((1, 16, 512, 4096))
    with path.open("r+b") as file:
        if change == "cut":
            file.truncate(at)
            return
        file.seek(at)
        before = file.read(1 if change == "flip" else min(4096 if change == "zeros" else many, size - at))
        file.seek(at)
        if change == "flip":
            file.write(bytes([before[0] ^ 1 << dice.randrange(8)]))
        else:
            file.write(bytes(len(before)) if change == "zeros" else dice.randbytes(len(before)))


def judge(folder: Path, seconds: float) -> Result:
    """Open the altered store, let the agent send again what it asks for, count."""
    line = Line(folder, seconds)
    line.settle()
    line.clock.turn(61.0)
    result = Result(set_aside=any(folder.glob("line.duckdb.broken-*")))
    result.said = [said["en"] for said in line.store.status()["care"]]
    result.missing = int(line.ingest.status()["missing"])
    known = line.store.remembered().ranges
    numbers = json.loads((folder / "numbers").read_text())
    for series in SERIES:
        track = line.store.readings(series)
        for stream, (top, held) in numbers[str(series)].items():
            place = track.streams.index(stream) if stream in track.streams else -1
            stored = track.seq[track.stream == place]
            single = np.unique(stored)
            lost = np.setdiff1d(np.arange(1, top + 1), single)
            result.sent += top
            result.stored += len(stored)
            result.doubled += len(stored) - len(single)
            result.lost += int((lost >= held).sum())
            result.lost_old += int((lost < held).sum())
            runs = [np.arange(first, last + 1) for first, last in known.get((stream, series), ())]
            result.disagree += len(np.setxor1d(np.concatenate(runs), single)) if runs else len(single)
    line.close()
    return result


def note_numbers(folder: Path) -> None:
    """Write down which numbers there are: per series and stream the last, and the first that is still held."""
    line = Line(folder, 1e6)
    numbers: dict[str, dict[str, tuple[int, int]]] = {str(series): {} for series in SERIES}
    held: dict[tuple[str, Series], int] = {}
    for _, id_, seq, _, _ in line.outbox.rows(0, 1 << 60, 1 << 30):
        run = line.outbox.run(id_)
        if run is not None:
            held.setdefault((run.stream.name, run.series), seq)
    for (stream, series), runs in line.store.remembered().ranges.items():
        numbers[str(series)][stream] = runs[-1][1], held.get((stream, series), runs[-1][1] + 1)
    line.close()
    (folder / "numbers").write_text(json.dumps(numbers))


def main(templates: Path, work: Path) -> None:
    """Do what stdin names."""
    seconds = float((templates / "seconds").read_text()) + 60.0
    for text in sys.stdin:
        one = Round(**json.loads(text))
        folder = work / f"{one.seed}"
        if not one.again:
            shutil.copytree(templates / one.template, folder)
            shutil.copy(templates / "numbers", folder)
            alter(folder, templates, one)
        try:
            result = judge(folder, seconds)
        except Exception as error:  # noqa: BLE001 - told to the test, with the round it belongs to
            result = Result(failed=repr(error))
        print(json.dumps(asdict(result)), flush=True)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
