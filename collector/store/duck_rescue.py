"""What can still be read of a broken DuckDB file goes into a new one. SQL only: the connections are handed in.

What people entered cannot be sent again, and readings older than what agents hold neither. Blocks of readings that
cannot be read are left out; the comparison of rows and ranges that follows (`collector.store.duck_care`) finds what
they held. Of the small tables all or nothing: readings without the ranges, streams and quarantine beside them would be
stored twice.
"""

import logging
from typing import Any

from collector.store import duck_tables
from collector.store.duck_trouble import is_damage

log = logging.getLogger(__name__)

CHUNK_ROWS = 122_880
"""DuckDB's row group; one that cannot be read is halved down to `LEAST_ROWS`."""
LEAST_ROWS = 4096

_NEEDED = ("meta", "tracks", "ranges", "given_up", "streams", "counters", "refused", "pending")
_WELCOME = ("tally", "lost", "care", "entries", "lines")


def rescue(connection: Any) -> int | None:
    """Copy from the attached, broken database ``broken`` into the empty tables; how many readings could not be read.

    None: too little of it can be read, nothing was copied.
    """
    try:
        connection.begin()
        for table in _NEEDED:
            connection.execute(f"DELETE FROM {table}; INSERT INTO {table} SELECT * FROM broken.{table}")
        duck_tables.tracks(connection)
        _bring_up_to_date(connection)
        many = connection.execute("SELECT count(*) FROM broken.readings").fetchone()[0]
        connection.commit()
    except Exception as error:  # noqa: BLE001 - what is no damage is raised again
        connection.rollback()
        _unless_broken(error)
        return None
    for table in _WELCOME:
        _copy(connection, f"INSERT INTO {table} SELECT * FROM broken.{table}")
    unread = sum(_readings(connection, first, CHUNK_ROWS) for first in range(0, many, CHUNK_ROWS))
    connection.execute("CHECKPOINT")
    return unread


def _readings(connection: Any, first: int, many: int) -> int:
    rows = f"rowid >= {first} AND rowid < {first + many}"
    if _copy(connection, f"INSERT INTO readings SELECT * FROM broken.readings WHERE {rows}"):
        return 0
    if many <= LEAST_ROWS:
        return many
    half = many // 2
    return _readings(connection, first, half) + _readings(connection, first + half, many - half)


def _copy(connection: Any, statement: str) -> bool:
    try:
        connection.execute(statement)
    except Exception as error:  # noqa: BLE001 - as above
        _unless_broken(error)
        return False
    return True


def _unless_broken(error: Exception) -> None:
    # A table or column that a broken file does not have is its fault here, not the statement's.
    if not is_damage(error) and type(error).__name__ not in ("CatalogException", "BinderException"):
        raise error
    log.debug("not readable: %s", error)


def _bring_up_to_date(connection: Any) -> None:
    said = duck_tables.meta(connection)
    if "journal" not in said:
        connection.execute("INSERT INTO meta VALUES ('journal', '')")
    duck_tables.say(connection, schema=str(duck_tables.VERSION))
