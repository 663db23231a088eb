"""A look into an outbox from outside, while its agent runs or not: nothing is opened for writing, nothing is mended."""

import contextlib
import fcntl
import glob
import sqlite3
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Glance:
    """Of one outbox: readings held, those the store has not confirmed, the oldest of these (ns), given up for good.

    ``asides``: damaged files that were set aside. ``runs``: an agent has it open; then what was confirmed since its
    last commit is not on disk yet, and ``late`` counts those not confirmed that are older than was asked for.
    """

    agent: str
    held: int
    backlog: int
    oldest_ns: int | None
    dropped: int
    asides: int
    runs: bool = False
    late: int = 0


def glance(file: Path, before_ns: int = 2**63 - 1) -> Glance:
    """Look into ``DIR/{agent}.outbox.sqlite``; readings taken before ``before_ns`` (since 1970) may be late.

    Raises OSError where it cannot be read as an outbox.
    """
    agent = file.name.partition(".outbox.")[0]
    asides = len(list(file.parent.glob(f"{glob.escape(file.name)}.broken-*[0-9]")))
    try:
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5.0)) as db:
            db.execute("PRAGMA query_only = ON")
            (held,) = db.execute("SELECT count(*) FROM reading").fetchone()
            backlog, oldest, late = db.execute(
                "SELECT count(*), min(t), count(CASE WHEN t < ? THEN 1 END) "
                "FROM reading JOIN run ON run.id = reading.run WHERE seq > confirmed",
                (before_ns,),
            ).fetchone()
            (dropped,) = db.execute("SELECT dropped FROM state").fetchone()
    except (sqlite3.Error, TypeError) as error:
        raise OSError(f"{file}: {error}") from error
    runs = is_held(file.with_name(file.name + ".lock"))
    return Glance(agent, held, backlog, oldest, dropped, asides, runs, late)


def is_held(lock: Path) -> bool:
    """Whether a program holds a lock file now."""
    try:
        with lock.open("rb") as opened:
            fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
