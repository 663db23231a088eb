"""What a running server makes of a restore that it is asked for, by what its store and the backup are."""

import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from collector.store import Entry, LineVersion
from contract.errors import BackupError, InUse, NotAllowed
from kojo.backup_file import pack
from kojo.backup_parts import gather
from kojo.moves import Moves
from kojo.restore_served import Restoring
from tests.collector.example import START
from tests.collector.test_duck_store import opened, work
from tests.kojo.test_backup import Server as Papers

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOJO_LANG", "en")


class Serving:
    """A server with a store at an address."""

    def __init__(self, url: str) -> None:
        self.line: Any = SimpleNamespace(store_url=url)
        self.lines: list[LineVersion] = []
        self.entries: list[Entry] = []
        self.anew = 0

    def opened(self) -> Any:
        return SimpleNamespace(keep_line=self.lines.append, keep_entry=self.entries.append)

    def exchange(self, moves: Callable[[], Moves]) -> None:
        change = moves()
        change.do()
        change.keep()

    def begin_anew(self) -> None:
        self.anew += 1


def packed(store: Any, url: str, directory: Path) -> Path:
    parts, file = directory / "parts", directory / "saved"
    parts.mkdir()
    pack(parts, file, {"made": "now", "kojohack": "0", **gather(store, url, parts)}, lambda done, of: None)
    return file


def papers(directory: Path) -> Path:
    """A backup made beside an InfluxDB."""
    return packed(Papers(), "influx://x/y", directory)


def readings(directory: Path) -> Path:
    """A backup of a file."""
    store = opened(directory / "elsewhere.duckdb")
    store.commit(work(1, 10))
    file = packed(store, "duckdb:elsewhere.duckdb", directory)
    store.close()
    return file


def asked(server: Serving, directory: Path, file: Path, *, replace: bool = True) -> Any:
    restoring = Restoring(server, directory, threading.Lock())
    return restoring({"file": str(file), "replace": replace}, lambda _: None)


def test_the_papers_of_an_influxdb_are_kept_and_what_stands_on_the_store_begins_anew(tmp_path: Path) -> None:
    server = Serving("influx://x/z")
    told = asked(server, tmp_path, papers(tmp_path))
    assert told == {"lines": 1, "entries": 1, "url": "influx://x/z"}
    assert server.lines == [LineVersion(START, "schema = 1")]
    assert server.entries == Papers().kept
    assert server.anew == 1


def test_a_backup_of_the_other_kind_of_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(BackupError, match="holds no readings"):
        asked(Serving("duckdb:line.duckdb"), tmp_path, papers(tmp_path / "a"))
    with pytest.raises(BackupError, match="is of a store that is a file"):
        asked(Serving("influx://x/z"), tmp_path, readings(tmp_path))


def test_the_restored_store_takes_the_place_that_the_running_line_names(tmp_path: Path) -> None:
    file, data = readings(tmp_path), tmp_path / "data"
    data.mkdir()
    (data / "line.duckdb").write_text("the one that runs")
    server = Serving("duckdb:line.duckdb")
    with pytest.raises(NotAllowed, match="--replace"):
        asked(server, data, file, replace=False)
    told = asked(server, data, file)
    assert told["target"] == str(data / "line.duckdb")
    assert (Path(told["aside"]) / "line.duckdb").read_text() == "the one that runs"
    store = opened(data / "line.duckdb")
    assert store.contents().readings == 10
    store.close()


def test_only_one_at_a_time_has_the_store_to_itself(tmp_path: Path) -> None:
    alone = threading.Lock()
    restoring = Restoring(Serving("duckdb:line.duckdb"), tmp_path, alone)
    with alone, pytest.raises(InUse, match="Another kojo backup"):
        restoring({"file": str(tmp_path / "none"), "replace": True}, lambda _: None)
