"""Rows of the small tables go into the file all at once, whatever their values."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from collector.store import duck_rows, duck_tables
from collector.store.duck_tally import Tally, save, tallies
from collector.store.record import Record
from collector.store.tail import Tail
from collector.store.tracks import Tracks
from contract.reading import Series

MANY = 500


class Counted:
    """A connection that counts its statements; each row of `executemany` is one."""

    def __init__(self, connection: Any) -> None:
        self._connection, self.statements = connection, 0

    def execute(self, *asked: Any) -> Any:
        self.statements += 1
        return self._connection.execute(*asked)

    def executemany(self, statement: str, rows: list[Any]) -> Any:
        self.statements += len(rows)
        return self._connection.executemany(statement, rows)


@pytest.fixture
def connection(tmp_path: Path) -> Any:
    with duckdb.connect(str(tmp_path / "line.duckdb")) as made:
        duck_tables.create(made, "id", "token")
        yield Counted(made)


def tail(streams: int) -> tuple[Tail, Tracks]:
    known, told = Tracks(), Tail()
    numbers = [known.number(f"s{n}", Series("washer", "done", "count")) for n in range(streams)]
    told.add(Record(tracks=list(known.unsaved), ranges=dict.fromkeys(numbers, ((1, 2),))))
    return told, known


@pytest.mark.slow
def test_many_streams_take_no_more_statements_than_one(connection: Counted) -> None:
    one, many = tail(1), tail(MANY)
    took = []
    for generation, (told, known) in enumerate((one, many)):
        before = connection.statements
        duck_tables.fold(connection, [told], duck_tables.touched([told], known), generation, "")
        took.append(connection.statements - before)
    assert took[0] == took[1]
    assert len(duck_tables.runs_of(connection, "ranges")) == MANY
    assert len(tallies(connection)) == MANY
    assert len(duck_tables.tracks(connection).streams) == MANY


def test_rows_come_back_as_they_were(connection: Counted) -> None:
    rows = [
        ("a", 1, "t", "r", "洗浄", b"\0\xff", None, True),
        ("b", 2**62, "", "r", "d", b"", "s1", False),
        ("c", -5, "t", "r", "d", b"{}", None, False),
    ]
    duck_rows.add(connection, "refused", rows)
    assert connection.execute("SELECT * FROM refused ORDER BY id").fetchall() == rows
    duck_rows.remove(connection, "refused", ["a", "c"])
    duck_rows.add(connection, "refused", [])
    assert connection.execute("SELECT * FROM refused").fetchall() == rows[1:2]


def test_a_tally_may_be_beyond_64_bits(connection: Counted) -> None:
    said = {1: Tally(3, 2**70, 5, 0), 2: Tally(1, 1, 1, 1)}
    save(connection, said)
    save(connection, said)
    assert tallies(connection) == said
    assert tallies(connection, [2, 7]) == {2: said[2]}
    assert tallies(connection, []) == {}
