"""Many rows of a small table of the DuckDB file at once. SQL only: the connection is handed in.

The values go as one list for each column: a row at a time (``executemany``) takes a millisecond each, and a start with
10,000 streams more than a minute.
"""

from collections.abc import Iterable, Sequence
from typing import Any


def add(connection: Any, table: str, rows: Sequence[Sequence[Any]]) -> None:
    """Append rows whose values are in the table's order."""
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        connection.execute(f"INSERT INTO {table} SELECT {', '.join(['unnest(?)'] * len(columns))}", columns)


def remove(connection: Any, table: str, keys: Iterable[Any], key: str = "id") -> None:
    """Delete the rows with those keys."""
    if gone := list(keys):
        connection.execute(f"DELETE FROM {table} WHERE {key} IN (SELECT unnest(?))", [gone])


def replace(connection: Any, table: str, rows: Sequence[Sequence[Any]], key: str = "id") -> None:
    """Rows instead of those with the same key, which is a row's first value."""
    remove(connection, table, [row[0] for row in rows], key)
    add(connection, table, rows)
