"""A look into an outbox from outside, while its agent runs or not: nothing is opened for writing, nothing is mended."""

import contextlib
import glob
import sqlite3
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Glance:
    """Of one outbox: readings held, those the store has not confirmed, the oldest of these (ns), given up for good.

    ``asides``: damaged files that were set aside.
    """

    agent: str
    held: int
    backlog: int
    oldest_ns: int | None
    dropped: int
    asides: int


def glance(file: Path) -> Glance:
    """Look into ``DIR/{agent}.outbox.sqlite``. Raises OSError where it cannot be read as an outbox."""
    agent = file.name.partition(".outbox.")[0]
    asides = len(list(file.parent.glob(f"{glob.escape(file.name)}.broken-*[0-9]")))
    try:
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5.0)) as db:
            db.execute("PRAGMA query_only = ON")
            (held,) = db.execute("SELECT count(*) FROM reading").fetchone()
            backlog, oldest = db.execute(
                "SELECT count(*), min(t) FROM reading JOIN run ON run.id = reading.run WHERE seq > confirmed"
            ).fetchone()
            (dropped,) = db.execute("SELECT dropped FROM state").fetchone()
    except (sqlite3.Error, TypeError) as error:
        raise OSError(f"{file}: {error}") from error
    return Glance(agent, held, backlog, oldest, dropped, asides)
