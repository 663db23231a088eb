"""A data directory of a factory: its line.toml, its days before and after, and which trap is laid (kept out of sight).

    with opened(Path("data")) as factory:             # held as `kojo serve` holds it
        factory.made.stays                            # the sides, oldest first

`kojo serve`, `kojo report` and `kojo demo` read it as any other; demo.json marks all of it as virtual (仮想データ).
"""

import base64
import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

from collector.ingest import Ingest
from collector.store import Entry, Store, open_store
from contract import secrets
from contract.errors import KojoError, NotAllowed, NotThere
from contract.line import Line
from contract.line import load as load_line
from contract.whole_file import write_whole
from contract.words import Words
from curriculum.factories.book import Factory, Side, load
from curriculum.factories.day import Day, working_days
from curriculum.factories.life import Asked, live, nobody
from edge.sensors import catalogue
from kojo.data_directory import DataDirectory
from kojo.line_versions import versions

KEPT = "factory.json"
LINE = "line.toml"
VIRTUAL = "demo.json"
"""What `kojo.doctor_serve.is_demo` looks for."""
WEEKS_BACK = 12
"""Baseline and after lie in the past, with room for several improvements."""
LEAST_DAYS, MOST_DAYS = 5, 40
EARLIEST = date(2000, 1, 1)

SoFar = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Stay:
    """Working days that follow each other, with the improvement that was in; None before any."""

    improvement: str | None
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """What a directory was made of."""

    factory: str
    seed: int
    trap: str | None
    stays: tuple[Stay, ...]

    @property
    def book(self) -> Factory:
        """What the factory's file says."""
        return load(self.factory)

    def planned(self, stay: Stay) -> list[Day]:
        """The days of a stay, as they are to be lived."""
        side: Side = "before" if stay.improvement is None else "after"
        return [
            Day(self.factory, day, self.seed, side, stay.improvement, self.trap, number)
            for number, day in enumerate(stay.days)
        ]

    def write(self, directory: Path) -> None:
        """Keep it. The trap is veiled, so that nobody reads it by accident."""
        told = asdict(self) | {"trap": _veiled(self.trap)}
        write_whole(directory / KEPT, json.dumps(told, default=str, ensure_ascii=False, indent=1) + "\n")

    @classmethod
    def read(cls, directory: Path) -> "Made":
        """Raises NotThere where the directory is no factory's."""
        try:
            told = json.loads((directory / KEPT).read_text("utf-8"))
            stays = tuple(
                Stay(stay["improvement"], tuple(date.fromisoformat(day) for day in stay["days"]))
                for stay in told["stays"]
            )
            if not stays or not all(stay.days for stay in stays):
                raise ValueError("no days")
            return cls(str(told["factory"]), int(told["seed"]), _unveiled(told["trap"]), stays)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NotThere(
                Words(f"{directory} は仮想工場のデータではありません。", f"{directory} holds no virtual factory."),
                Words(
                    "先に kojo factory open washing --data DIR で開いてください。",
                    "Open one first: kojo factory open washing --data DIR.",
                ),
            ) from error


def _veiled(trap: str | None) -> str:
    return base64.b64encode((trap or "").encode()).decode()


def _unveiled(veiled: str) -> str | None:
    return base64.b64decode(veiled).decode() or None


@dataclass(frozen=True, slots=True)
class Opened:
    """A factory's directory that is held; its store and ingest are open."""

    path: Path
    line: Line
    store: Store
    ingest: Ingest

    def make(self, made: Made, so_far: SoFar, ended: Asked = nobody) -> None:
        """Make the days of the last stay that are not there yet. Raises KeyboardInterrupt where it is ended."""
        stay = made.stays[-1]
        self.mark(made, stay)  # before its days: whatever has them all has this too
        missing = [day for day in made.planned(stay) if not self._has(day)]
        so_far(len(stay.days) - len(missing), len(stay.days))
        for done in live(missing, self.path / LINE, self.ingest, ended):
            so_far(len(stay.days) - len(missing) + done, len(stay.days))

    def has_all(self, made: Made, stay: Stay) -> bool:
        """Whether every day of a stay is there."""
        return all(self._has(day) for day in made.planned(stay))

    def _has(self, day: Day) -> bool:
        start, end = day.span(self.line)
        return any(len(self.store.heard(station, start, end)) for station in self.line.stations)

    def mark(self, made: Made, stay: Stay) -> None:
        """Note the improvement, as the team would: every page then shows where it came in."""
        if stay.improvement is None:
            return
        first = made.planned(stay)[0].span(self.line)[0]
        text = made.book.improvement(stay.improvement).name.ja
        id = f"factory-{len(made.stays) - 1}"
        if not any(entry.id == id for entry in self.store.entries("event")):
            body = {"kind": "improvement", "text": f"{text}(仮想)", "station": made.book.station}
            self.store.keep_entry(Entry(id, "event", first, time.time_ns(), body))


@contextlib.contextmanager
def opened(data: Path) -> Iterator[Opened]:
    """Hold a factory's directory. Raises InUse while `kojo serve` runs on it."""
    with DataDirectory(data, "serve") as directory:
        kinds = catalogue(directory.path / "sensors")
        line = load_line(directory.path / LINE, kinds)
        mine = directory.own_id("collector.id")
        told = secrets.read(directory.path).store
        store = open_store(line.store_url, directory.path, told, site=line.site, line=line.line, collector=mine)
        try:
            known = versions(store, line, kinds, time.time_ns())
            yield Opened(directory.path, line, store, Ingest(store, known, mine))
        finally:
            store.close()


def begin(data: Path, made: Made, line_file: Path | None, so_far: SoFar, ended: Asked = nobody) -> Made:
    """Make the days before in a new directory, or go on where that was broken off.

    ``line_file``: the team's own line.toml instead of the factory's. Raises NotAllowed in another's directory.
    """
    text = made.book.line_text if line_file is None else line_file.read_text("utf-8")
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (data / KEPT).exists():
            if any(file.name != f"{KEPT}.new" for file in data.iterdir()):
                raise _taken(data)
            made.write(data)  # first: what is broken off from here on is known again as ours
        elif not _same_start(Made.read(data), made):
            raise _taken(data)
        for name, whole in ((LINE, text), (VIRTUAL, json.dumps({"improved": False}))):
            if not (data / name).exists():
                write_whole(data / name, whole)
    except KojoError:
        raise
    except OSError as error:
        raise NotAllowed(
            Words(f"{data} に書けません({error.strerror})。", f"{data} cannot be written ({error.strerror})."),
            Words("書けるフォルダーを --data で指してください。", "Name a folder that can, with --data."),
        ) from error
    with opened(data) as factory:
        factory.make(made, so_far, ended)
    return made


def _same_start(there: Made, made: Made) -> bool:
    return replace(there, stays=there.stays[:1]) == made


def plan(factory: str, line: Line, *, seed: int, trap: str | None, days: int, start: date | None, now: date) -> Made:
    """The days before of a new directory. Raises NotThere for an unknown factory or trap, or days out of reach."""
    book = load(factory)
    if trap == "any":
        trap = Random(f"{factory}/{seed}/{now}").choice([None, *(one.id for one in book.traps)])
    if trap is not None:
        book.trap(trap)
    _check_days(days)
    if start is not None and not EARLIEST <= start < now:
        raise NotThere(
            Words(f"--start {start}: {EARLIEST} から昨日までです。", f"--start {start}: {EARLIEST} to yesterday."),
            Words("付けなければ 12 週前の月曜です。", "Without it: a Monday twelve weeks back."),
        )
    first = start or now - timedelta(days=now.weekday(), weeks=WEEKS_BACK)
    return Made(factory, seed, trap, (Stay(None, _in_the_past(working_days(line, first, days), now)),))


def improve(data: Path, what: str, days: int, now: date, so_far: SoFar, ended: Asked = nobody) -> Made:
    """Bring an improvement in after the last day, and make the days after it; go on where that was broken off.

    Raises InUse while `kojo serve` runs on it, NotAllowed while other days are not made to their end; then nothing has
    changed.
    """
    Made.read(data).book.improvement(what)
    _check_days(days)
    with opened(data) as factory:
        made = Made.read(data)  # again: nobody else changes it from here on
        last = made.stays[-1]
        whole = factory.has_all(made, last)
        if not whole and last.improvement != what:
            raise _broken_off(data, made)
        if whole:
            after = working_days(factory.line, last.days[-1] + timedelta(days=1), days)
            made = replace(made, stays=(*made.stays, Stay(what, _in_the_past(after, now))))
            made.write(data)
        factory.make(made, so_far, ended)
    return made


def _broken_off(data: Path, made: Made) -> NotAllowed:
    last = made.stays[-1].improvement
    again = f"kojo factory open {made.factory} --data {data}" if last is None else f"kojo factory improve {data} {last}"
    return NotAllowed(
        Words(
            f"{data} には、途中で止まって、まだできていない日があります。",
            f"In {data} some days are missing: making them was broken off.",
        ),
        Words(f"先に続きを作ってください: {again}", f"Finish them first: {again}"),
    )


def _check_days(days: int) -> None:
    if not LEAST_DAYS <= days <= MOST_DAYS:
        raise NotThere(
            Words(f"--days は {LEAST_DAYS} から {MOST_DAYS} までです。", f"--days is {LEAST_DAYS} to {MOST_DAYS}."),
            Words("前後それぞれ 10 日以上をすすめます。", "We recommend at least 10 on each side."),
        )


def _in_the_past(days: list[date], now: date) -> tuple[date, ...]:
    if days[-1] >= now:
        raise NotThere(
            Words("今日より先の日は作れません。", "Days from today on cannot be made."),
            Words("新しい場所で開き直すか、--days を減らしてください。", "Open a new one, or make fewer days."),
        )
    return tuple(days)


def _taken(data: Path) -> NotAllowed:
    return NotAllowed(
        Words(f"{data} にはもう別のデータがあります。", f"{data} holds other data."),
        Words("--data で新しい場所を付けてください。", "Name a new place with --data."),
    )
