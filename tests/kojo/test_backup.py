"""`kojo backup` and `kojo restore`: what is saved comes back, and nothing that is no good is taken for a backup."""

import contextlib
import json
import os
import resource
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from collector.store import Entry, LineVersion
from collector.store.duck import DuckStore
from collector.store.influx import InfluxStore
from contract.errors import BackupError, KojoError, NotAllowed, NotThere
from contract.line import load
from contract.words import Words
from edge.sensors import catalogue
from kojo import local_door
from kojo.backup import backup
from kojo.backup_file import MANIFEST, pack, read, unpack
from kojo.backup_parts import gather, papers_of
from kojo.backup_trouble import no_room
from kojo.data_directory import DataDirectory
from kojo.local_door import LocalDoor
from kojo.restore import restore
from tests.collector.example import START, S
from tests.collector.test_duck_store import holds, opened, work
from tests.influx_server import influx_server
from tests.rig import ROOT, contract_line, environment, kojo

pytestmark = pytest.mark.slow

NO_LINE = Path("no-such-line.toml")
READINGS = 3000


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOJO_LANG", "en")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory in which `kojo serve` once ran."""
    directory = tmp_path / "data"
    (directory / "sensors").mkdir(parents=True)
    (directory / "sensors" / "nose.py").write_text("# my own\n")
    (directory / "collector.id").write_text("c0ffee")
    for name in ("operator.token", "viewer.token", "secrets.toml"):
        (directory / name).write_text(f"# the {name} is secret\n")
        (directory / name).chmod(0o600)
    store = opened(directory / "line.duckdb")
    store.commit(work(1, READINGS))
    store.keep_entry(Entry("e1", "reason", START, START + S, {"reason": "段取り"}))
    store.keep_line(LineVersion(START, 'schema = 1\nname = "洗浄"\n'))
    store.close()
    return directory


def made(data: Path, name: str = "saved.kojo", **more: bool) -> Path:
    file = data.parent / name
    assert backup(data, file, NO_LINE, more.get("with_tokens", False)) == 0
    return file


def restored(file: Path, data: Path, replace: bool = False) -> DuckStore:
    assert restore(file, data, replace, NO_LINE) == 0
    return opened(data / "line.duckdb")


def left_in(folder: Path) -> set[str]:
    """What is in a folder, at any depth, locks and what Python compiles aside."""
    found = (path for path in folder.rglob("*") if not path.name.endswith(".lock"))
    return {str(path.relative_to(folder)) for path in found if "__pycache__" not in path.parts}


@contextlib.contextmanager
def served(data: Path) -> Iterator[DuckStore]:
    """The store in use by a server that answers at its door."""
    with DataDirectory(data, "serve"):
        store = opened(data / "line.duckdb")
        door = LocalDoor(data, {"backup": lambda asked: gather(store, "duckdb:line.duckdb", Path(asked["into"]))})
        door.open()
        yield store
        door.close()
        store.close()


def test_what_was_saved_comes_back_whole_under_a_new_id(data: Path, tmp_path: Path) -> None:
    file = made(data)
    store = restored(file, tmp_path / "new")
    before = opened(data / "line.duckdb")
    assert holds(store, READINGS)
    assert [entry.body for entry in store.entries("reason")] == [{"reason": "段取り"}]
    assert list(before.contents().differences(store.contents())) == []
    assert store.id != before.id
    assert left_in(tmp_path / "new") == left_in(data) - {"operator.token", "viewer.token", "secrets.toml"} | {
        "line.toml"
    }
    assert (tmp_path / "new" / "collector.id").read_text() == "c0ffee"
    store.close()
    before.close()


def test_a_backup_is_one_file_that_only_its_owner_reads_without_secrets(data: Path) -> None:
    file = made(data)
    assert file.stat().st_mode & 0o777 == 0o600
    assert left_in(data.parent) - {f"data/{name}" for name in left_in(data)} == {"data", "saved.kojo"}
    with zipfile.ZipFile(file) as packed:
        names = set(packed.namelist())
        assert not any(b"is secret" in packed.read(name) for name in names)
        assert json.loads(packed.read(MANIFEST))["counts"]["readings"] == READINGS
    assert names == {
        MANIFEST, "store.duckdb", "contents.json", "lines.json", "entries.json", "line.toml", "collector.id",
        "sensors/nose.py",
    }  # fmt: skip


@pytest.mark.slow
def test_tokens_are_saved_where_that_is_asked_for_but_never_other_secrets(data: Path, tmp_path: Path) -> None:
    file = made(data, with_tokens=True)
    restored(file, tmp_path / "new").close()
    assert (tmp_path / "new" / "operator.token").read_text() == "# the operator.token is secret\n"
    assert (tmp_path / "new" / "operator.token").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "new" / "secrets.toml").exists()


@pytest.mark.slow
def test_a_server_that_runs_is_asked_and_goes_on(data: Path, tmp_path: Path) -> None:
    with served(data) as store:
        stop, many = threading.Event(), [READINGS]

        def go_on() -> None:
            while not stop.is_set():
                store.commit(work(many[0] + 1))
                many[0] += 1

        thread = threading.Thread(target=go_on)
        thread.start()
        file = made(data)
        stop.set()
        thread.join()
        assert holds(store, many[0])
    copy = restored(file, tmp_path / "new")
    assert holds(copy, read(file).counts["readings"])
    assert READINGS < read(file).counts["readings"] <= many[0]
    copy.close()


def test_only_the_owner_of_the_data_may_knock_at_the_door(data: Path) -> None:
    with served(data):
        assert (data / local_door.NAME).stat().st_mode & 0o777 == 0o600
        with pytest.raises(BackupError, match="does not know"):
            local_door.ask(data, {"do": "dance"})
    assert not (data / local_door.NAME).exists()
    assert local_door.ask(data, {"do": "backup"}) is None


def test_a_door_lies_however_deep_the_directory_is(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    door = LocalDoor(deep, {"add": lambda asked: {"sum": asked["a"] + asked["b"]}})
    door.open()
    assert local_door.ask(deep, {"do": "add", "a": 1, "b": 2}) == {"sum": 3}
    door.close()


def test_what_goes_wrong_in_the_server_is_said_by_the_command(tmp_path: Path) -> None:
    def refuse(_: object) -> dict[str, int]:
        raise NotAllowed(Words("だめ", "no"), Words("あとで", "later"))

    def fall(_: object) -> dict[str, int]:
        raise KeyError("x")

    door = LocalDoor(tmp_path, {"refuse": refuse, "fall": fall})
    door.open()
    with pytest.raises(BackupError) as refused:
        local_door.ask(tmp_path, {"do": "refuse"})
    assert (refused.value.say("ja"), refused.value.say("en")) == ("だめ あとで", "no later")
    with pytest.raises(BackupError, match="KeyError"):
        local_door.ask(tmp_path, {"do": "fall"})
    door.close()


# ---------------------------------------------------------------------- what is no good


def flipped(file: Path, at: float) -> None:
    said = bytearray(file.read_bytes())
    said[int(len(said) * at)] ^= 1
    file.write_bytes(said)


@pytest.mark.slow
def test_a_backup_in_which_a_bit_has_changed_is_never_restored_as_if_nothing_were(data: Path, tmp_path: Path) -> None:
    file = made(data)
    whole = file.read_bytes()
    refused = 0
    for n in range(24):
        file.write_bytes(whole)
        flipped(file, (n + 0.5) / 24)
        new = tmp_path / f"new{n}"
        try:
            store = restored(file, new)
        except (BackupError, NotThere):
            refused += 1
            assert left_in(new) <= {"serve.lock"}, "nothing half made"
        else:  # some bits mean nothing: times of files, which of many zeros are copied where they are all zero
            assert holds(store, READINGS)
            store.close()
    assert refused >= 10


@pytest.mark.parametrize("part", [0.0, 0.01, 0.5, 0.99])
def test_a_backup_that_was_cut_short_is_said_to_be_so(data: Path, tmp_path: Path, part: float) -> None:
    file = made(data)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(BackupError, match="cut short"):
        restore(file, tmp_path / "new", False, NO_LINE)
    assert not (tmp_path / "new").exists()


def altered(change: Callable[[dict[str, object]], None], file: Path) -> None:
    with zipfile.ZipFile(file) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    manifest = json.loads(parts[MANIFEST])
    change(manifest)
    parts[MANIFEST] = json.dumps(manifest).encode()
    with zipfile.ZipFile(file, "w") as packed:
        for name, said in parts.items():
            packed.writestr(name, said)


def test_a_backup_of_a_newer_kit_is_said_to_be_newer(data: Path, tmp_path: Path) -> None:
    file = made(data)
    altered(lambda manifest: manifest.update(format=2, kojohack="9.0"), file)
    with pytest.raises(BackupError, match=r"newer kojohack \(9\.0\)"):
        restore(file, tmp_path / "new", False, NO_LINE)
    assert not (tmp_path / "new").exists()


def test_other_files_are_no_backups_and_none_writes_outside_its_directory(data: Path, tmp_path: Path) -> None:
    file = made(data)
    altered(lambda manifest: manifest["parts"].append({"name": "../out", "bytes": 1, "sha256": ""}), file)  # type: ignore[attr-defined]
    with pytest.raises(BackupError, match="no backup"):
        restore(file, tmp_path / "new", False, NO_LINE)
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as packed:
        packed.writestr("hello.txt", "hello")
    with pytest.raises(BackupError, match="no backup"):
        restore(other, tmp_path / "new", False, NO_LINE)
    with pytest.raises(NotThere):
        restore(tmp_path / "none", tmp_path / "new", False, NO_LINE)


def test_numbers_that_do_not_fit_the_store_are_noticed(data: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(made(data)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    told = json.loads(parts["contents.json"])
    told["tracks"][0]["readings"] += 1
    folder = tmp_path / "parts"
    folder.mkdir()
    for name in ("store.duckdb", "lines.json", "entries.json"):
        (folder / name).write_bytes(parts[name])
    (folder / "contents.json").write_text(json.dumps(told))
    manifest = json.loads(parts[MANIFEST])
    pack(folder, tmp_path / "odd", {key: manifest[key] for key in ("made", "kojohack", "store", "counts")}, print)
    with pytest.raises(BackupError, match=r"damaged \(store.duckdb: s1 washer/done/count"):
        restore(tmp_path / "odd", tmp_path / "new", False, NO_LINE)
    assert left_in(tmp_path / "new") == set()


def test_a_file_that_is_there_is_not_written_over(data: Path) -> None:
    file = made(data)
    before = file.read_bytes()
    with pytest.raises(NotAllowed, match="exists already"):
        made(data)
    assert file.read_bytes() == before


@pytest.mark.slow
def test_a_store_that_is_there_is_set_aside_and_only_where_that_is_asked_for(data: Path) -> None:
    file = made(data)
    store = opened(data / "line.duckdb")
    store.commit(work(READINGS + 1))
    store.close()
    with pytest.raises(NotAllowed, match="--replace"):
        restore(file, data, False, NO_LINE)
    after = restored(file, data, replace=True)
    assert holds(after, READINGS)
    after.close()
    (aside,) = data.glob("before-restore-*")
    old = opened(aside / "line.duckdb")
    assert holds(old, READINGS + 1)
    old.close()


def test_a_server_that_does_not_know_how_is_not_restored_into(data: Path) -> None:
    file = made(data)
    with served(data), pytest.raises(BackupError, match="does not know"):
        restore(file, data, True, NO_LINE)


def test_places_that_are_none_are_said_plainly(data: Path, tmp_path: Path) -> None:
    agents = tmp_path / "agents"
    agents.mkdir()
    (agents / "pi-1.outbox.sqlite").touch()
    for directory, to, said in (
        (tmp_path / "nowhere", tmp_path / "x", "no data directory"),
        (data, tmp_path / "nowhere" / "x", "no folder"),
        (agents, tmp_path / "x", "needs no backup"),
    ):
        with pytest.raises(KojoError, match=said):
            backup(directory, to, NO_LINE, False)
    assert not (tmp_path / "x").exists()


@pytest.mark.slow
def test_a_full_disk_is_said_and_leaves_nothing_half_made(data: Path, tmp_path: Path) -> None:
    program = (  # -B: what Python compiles would be cut at that size, too, and then stay broken
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
        "from kojo.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    assert resource.RLIMIT_FSIZE
    before = left_in(tmp_path)
    with served(data):
        asked = ["backup", "--data", str(data), "--to", str(tmp_path / "x"), "--lang", "en"]
        done = subprocess.run(
            [sys.executable, "-B", "-c", program, *asked], cwd=ROOT, env=environment(), capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "There is no room left" in done.stderr
    assert left_in(tmp_path) == before


def test_only_what_a_full_disk_causes_is_called_that(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="no room"), no_room(tmp_path):
        raise OSError(28, os.strerror(28))
    with pytest.raises(PermissionError), no_room(tmp_path):
        raise PermissionError(13, os.strerror(13))


@pytest.mark.slow
def test_a_backup_is_dated_in_the_time_of_the_line(data: Path, tmp_path: Path) -> None:
    (data / "sensors" / "nose.py").unlink()
    line = contract_line(tmp_path, "embedded")
    kojo("backup", "--line", line, "--data", data, "--to", tmp_path / "made", TZ="America/New_York")
    when = read(tmp_path / "made").made
    assert when.endswith("+09:00")
    said = kojo("restore", tmp_path / "made", "--data", tmp_path / "new", TZ="America/New_York").stdout
    assert f"The backup of {when[:10]} {when[11:19]} is restored" in said
    assert "The line.toml that counts is the one that kojo serve is given" in said


@pytest.mark.slow
def test_the_commands_say_what_they_did_in_both_languages(data: Path, tmp_path: Path) -> None:
    done = kojo("backup", "--data", data, "--to", tmp_path / "ja", lang="ja")
    assert (done.returncode, done.stdout[:9]) == (0, "控えができました:")
    assert " KB、" in done.stdout or " MB、" in done.stdout
    assert "(0.0" not in done.stdout
    assert "測定値 3,000 件" in done.stdout
    assert "[3/3] 戻してみて" in done.stderr
    done = kojo("restore", tmp_path / "ja", "--data", tmp_path / "new", lang="en")
    assert (done.returncode, done.stderr.count("\n")) == (0, 3)
    assert "3,000 readings" in done.stdout
    done = kojo("restore", tmp_path / "ja", "--data", tmp_path / "new", lang="ja")
    assert done.returncode == 2
    assert "--replace" in done.stderr


@pytest.mark.slow
def test_a_store_of_a_newer_kit_is_refused_and_nothing_is_left(data: Path, tmp_path: Path) -> None:
    file = made(data)
    folder = tmp_path / "parts"
    manifest = unpack(file, folder_made(folder))
    with duckdb.connect(str(folder / "store.duckdb")) as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
    about = {"made": manifest.made, "kojohack": "9.0", "store": manifest.store, "counts": manifest.counts}
    pack(folder, tmp_path / "newer", about, lambda done, of: None)
    with pytest.raises(KojoError) as refused:
        restore(tmp_path / "newer", tmp_path / "new", False, NO_LINE)
    assert "made by a later version (schema 99)" in refused.value.say("en")
    assert left_in(tmp_path / "new") == set()


class Server:
    """A store that is a server, as far as a backup asks it."""

    id = "there"

    def __init__(self) -> None:
        self.kept: list[Entry] = [Entry("e1", "plan", START, START, {"quantity": 5})]

    def lines(self) -> list[LineVersion]:
        return [LineVersion(START, "schema = 1")]

    def entries(self, kind: str) -> list[Entry]:
        return [entry for entry in self.kept if entry.kind == kind]


def test_beside_a_server_the_papers_are_saved_and_the_readings_are_not(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    door = LocalDoor(data, {"backup": lambda asked: gather(Server(), "influx://x/y", Path(asked["into"]))})  # type: ignore[arg-type]
    door.open()
    file = made(data)
    door.close()
    assert "back them up with influx backup" in capsys.readouterr().out
    manifest = read(file)
    assert "store.duckdb" not in manifest.parts
    lines, entries = papers_of(file, unpacked(file, tmp_path / "parts"))
    assert lines == [LineVersion(START, "schema = 1")]
    assert entries == Server().kept
    line = contract_line(tmp_path, "mqtt://127.0.0.1:1")
    with pytest.raises(BackupError, match="holds no readings"):
        restore(file, tmp_path / "new", False, line)


def folder_made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def unpacked(file: Path, folder: Path) -> Path:
    unpack(file, folder_made(folder))
    return folder


@pytest.mark.slow
@pytest.mark.influx
def test_the_papers_of_an_influxdb_come_back_into_another_bucket(tmp_path: Path) -> None:
    with influx_server(folder_made(tmp_path / "influx")) as server:
        buckets = [server.new_bucket(), server.new_bucket()]
        lines = [stored_in(server.url(bucket), folder_made(tmp_path / bucket)) for bucket in buckets]
        data = folder_made(tmp_path / "data")
        known = load(lines[0], catalogue())
        first, second = (
            InfluxStore(server.url(b), {}, site=known.site, line=known.line, collector="c") for b in buckets
        )
        first.keep_entry(Entry("e1", "reason", START, START + S, {"reason": "段取り"}))
        first.keep_line(LineVersion(START, "schema = 1"))
        assert backup(data, tmp_path / "saved", lines[0], False) == 0
        assert restore(tmp_path / "saved", data, False, lines[1]) == 0
        assert list(second.lines()) == list(first.lines()) == [LineVersion(START, "schema = 1")]
        assert list(second.entries("reason")) == list(first.entries("reason")) != []
        first.close()
        second.close()


def stored_in(url: str, folder: Path) -> Path:
    """A line whose store is that."""
    file = contract_line(folder, "mqtt://127.0.0.1:1")
    file.write_text(file.read_text("utf-8").replace('url = "duckdb:line.duckdb"', f'url = "{url}"'), "utf-8")
    return file
