"""Files renamed together: all or none, also when the power goes in between."""

from pathlib import Path

import pytest

from contract.errors import BackupError
from kojo.moves import NOTE, Move, Moves, undo_unfinished


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / ".restore-x").mkdir()
    for name in ("line.duckdb", "line.duckdb.journal.00000007", ".restore-x/store.duckdb", ".restore-x/line.toml"):
        (tmp_path / name).write_text(f"{name} before")
    return tmp_path


def planned(data: Path) -> list[Move]:
    aside, work = data / "before-restore", data / ".restore-x"
    return [
        (data / "line.duckdb", aside / "line.duckdb"),
        (data / "line.duckdb.journal.00000007", aside / "line.duckdb.journal.00000007"),
        (work / "line.toml", data / "line.toml"),
        (work / "store.duckdb", data / "line.duckdb"),
    ]


def as_before(data: Path) -> bool:
    return all(old.read_text() == f"{old.relative_to(data)} before" for old, _ in planned(data)) and left(data) == {
        "line.duckdb", "line.duckdb.journal.00000007", ".restore-x",
    }  # fmt: skip


def left(data: Path) -> set[str]:
    return {path.name for path in data.iterdir()}


def test_what_is_kept_stays_and_leaves_no_note(data: Path) -> None:
    moves = Moves(data, planned(data))
    moves.do()
    assert (data / NOTE).exists()
    moves.keep()
    undo_unfinished(data)
    assert (data / "line.duckdb").read_text() == ".restore-x/store.duckdb before"
    assert (data / "before-restore" / "line.duckdb").read_text() == "line.duckdb before"
    assert NOTE not in left(data)


def test_what_is_undone_is_as_it_was_without_what_was_put_beside_it_meanwhile(data: Path) -> None:
    moves = Moves(data, planned(data))
    moves.do()
    (data / "line.duckdb.journal.00000007").write_text("of the new store")
    (data / "line.duckdb.open").write_text("of the new store")
    moves.undo()
    assert as_before(data)


@pytest.mark.parametrize("done", range(5))
def test_a_power_cut_after_any_of_them_is_undone_at_the_next_start(data: Path, done: int) -> None:
    Moves(data, planned(data)).do()
    note = (data / NOTE).read_text()
    Moves(data, planned(data)).undo()
    (data / NOTE).write_text(note)
    for old, new in planned(data)[:done]:
        new.parent.mkdir(exist_ok=True)
        old.rename(new)
    undo_unfinished(data)
    assert as_before(data)
    undo_unfinished(data)
    assert as_before(data)


def test_what_is_in_the_way_ends_it_and_all_is_put_back(data: Path) -> None:
    (data / "line.toml").write_text("mine")
    moves = Moves(data, planned(data))
    with pytest.raises(FileExistsError):
        moves.do()
    moves.undo()
    (data / "line.toml").unlink()
    assert as_before(data)


def test_a_note_that_cannot_be_read_is_said_with_what_to_do_and_kept(data: Path) -> None:
    (data / NOTE).write_text("[[")
    with pytest.raises(BackupError) as refused:
        undo_unfinished(data)
    assert NOTE in refused.value.say("ja")
    assert (data / NOTE).exists()
