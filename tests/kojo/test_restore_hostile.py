"""A backup that somebody prepared: what its manifest says is not believed, and nothing has moved when it is refused."""

import hashlib
import json
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from contract.errors import BackupError, KojoError, NotAllowed
from kojo.backup import backup
from kojo.backup_file import CONTENTS, ENTRIES, LINES, MANIFEST, STORE, unpack
from kojo.backup_parts import papers_of
from kojo.restore import restore
from tests.collector.test_duck_store import opened, work
from tests.rig import LINES as OF_LINES
from tests.rig import written

pytestmark = pytest.mark.slow

NO_LINE = Path("no-such-line.toml")


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOJO_LANG", "en")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory beside a good backup of it."""
    directory = tmp_path_factory.mktemp("made")
    data = directory / "data"
    data.mkdir()
    for name in ("secrets.toml", "operator.token", "line.toml", "collector.id"):
        (data / name).write_text(f"my {name}")
    store = opened(data / "line.duckdb")
    store.commit(work(1, 100))
    store.close()
    assert backup(data, directory / "good", NO_LINE, False) == 0
    return directory


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made / "data", tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def good(made: Path, tmp_path: Path) -> Path:
    shutil.copy(made / "good", tmp_path / "good")
    return tmp_path / "good"


def prepared(
    good: Path, *, parts: Mapping[str, bytes | None] | None = None, manifest: str | None = None, **said: Any
) -> Path:
    """A good backup with other parts (None: without it) and other words in its manifest, or another manifest."""
    file = good.with_name("prepared")
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(file, "w") as new:
        held: dict[str, bytes] = {name: old.read(name) for name in old.namelist()}
        about = json.loads(held.pop(MANIFEST))
        for name, content in (parts or {}).items():
            held.pop(name, None)
            if content is not None:
                held[name] = content
        about["parts"] = [
            {"name": n, "bytes": len(b), "sha256": hashlib.sha256(b).hexdigest()} for n, b in held.items()
        ]
        for name, content in held.items():
            new.writestr(name, content)
        new.writestr(MANIFEST, manifest or json.dumps(about | said))
    return file


def all_of(folder: Path) -> dict[str, bytes]:
    found = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if not name.endswith(".lock")}


def refused(file: Path, data: Path) -> KojoError:
    """Restore it; whatever there was before is there as it was."""
    before = all_of(data.parent)
    with pytest.raises(KojoError) as error:
        restore(file, data, True, NO_LINE)
    assert all_of(data.parent) == before
    return error.value


@pytest.mark.parametrize(
    "url",
    ["duckdb:.", "duckdb:", "duckdb:secrets.toml", "duckdb:line.toml", "duckdb:operator.token", "duckdb:*", "",
     "duckdb:*.duckdb", "duckdb:../line.duckdb", "duckdb:/etc/line.duckdb", "duckdb:sub/../../line.duckdb",
     "duckdb:line.duckdb\0", f"duckdb:{'a' * 400}.duckdb", "duckdb:\ud800.duckdb", "duckdb:line.duckdb\n",
     "duckdb:.duckdb", "influx://a/b", 5, None, ["duckdb:line.duckdb"]],
)  # fmt: skip
def test_a_name_of_the_store_that_is_no_plain_name_is_not_believed(data: Path, good: Path, url: object) -> None:
    assert isinstance(refused(prepared(good, store={"url": url}), data), BackupError)


def test_a_folder_of_the_stores_name_is_not_set_aside(data: Path, good: Path) -> None:
    (data / "other.duckdb").mkdir()
    assert isinstance(refused(prepared(good, store={"url": "duckdb:other.duckdb"}), data), NotAllowed)


DEEP = "[" * 200_000


@pytest.mark.parametrize(
    "manifest",
    ['{"what":"kojohack backup","format":1e400}', DEEP, '{"store":' + DEEP, "[]", "5", '"what"',
     '{"what":"kojohack backup","format":1,"parts":[{"name":"a","bytes":1e400,"sha256":""}]}',
     '{"what":"kojohack backup","format":1,"parts":[{"name":"a","bytes":-1,"sha256":""}],"counts":{},"made":"",'
     '"kojohack":"","store":{}}'],
)  # fmt: skip
def test_a_manifest_that_is_none_is_said_to_be_none(data: Path, good: Path, manifest: str) -> None:
    assert isinstance(refused(prepared(good, manifest=manifest), data), BackupError)


@pytest.mark.parametrize(
    "parts",
    [{"sensors": b"", "sensors/a.py": b""}, {"sensors/a.py": b"", "sensors": b""}, {CONTENTS: None},
     {CONTENTS: b"{}"}, {CONTENTS: b"[1]"}, {CONTENTS: DEEP.encode()}, {CONTENTS: b"\xff"}, {STORE: b"no store"},
     {STORE: None}],
)  # fmt: skip
def test_parts_that_do_not_fit_are_a_damaged_backup(data: Path, good: Path, parts: Mapping[str, bytes | None]) -> None:
    refused(prepared(good, parts=parts), data)


@pytest.mark.parametrize(
    "parts",
    [{LINES: None}, {LINES: b"{}{"}, {LINES: b'[{"since":1}]'}, {LINES: b"[1]"}, {LINES: b'[{"since":"1","text":""}]'},
     {ENTRIES: b'[{"id":1,"kind":"event","at":1,"made":1,"body":{}}]'},
     {ENTRIES: b'[{"id":"1","kind":"else","at":1,"made":1,"body":{}}]'}],
)  # fmt: skip
def test_papers_that_do_not_fit_are_a_damaged_backup(good: Path, parts: Mapping[str, bytes | None]) -> None:
    folder = good.with_name("parts")
    folder.mkdir()
    file = prepared(good, parts=parts)
    unpack(file, folder)
    with pytest.raises(BackupError):
        papers_of(file, folder)


def test_a_folder_is_said_to_be_no_file(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    assert "is no file" in refused(folder, data).say("en")


def test_a_backup_greater_than_the_disk_is_refused_before_anything_is_written(data: Path, good: Path) -> None:
    with zipfile.ZipFile(good) as packed:
        parts = json.loads(packed.read(MANIFEST))["parts"]
    parts[0]["bytes"] = 1 << 60
    file = good.with_name("bomb")
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(file, "w") as new:
        about = json.loads(old.read(MANIFEST)) | {"parts": parts}
        new.writestr(MANIFEST, json.dumps(about))
    assert "no room" in refused(file, data).say("en")


def test_tokens_and_programs_that_come_with_it_are_said(
    good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = prepared(good, parts={"operator.token": b"theirs", "sensors/a.py": b"import os"}, made="\x1b[31m2026")
    assert restore(file, tmp_path / "new", False, NO_LINE) == 0
    said = capsys.readouterr().out
    assert "operator.token" in said
    assert "sensors/a.py" in said
    assert "look at them" in said
    assert "\x1b" not in said


def test_the_url_of_the_line_itself_is_believed(good: Path, tmp_path: Path) -> None:
    text = (OF_LINES / "contract.toml").read_text("utf-8")
    line = written(tmp_path, text.replace('url = "duckdb:line.duckdb"', 'url = "duckdb:stores/our line.db"'))
    file = prepared(good, store={"url": "duckdb:stores/our line.db"})
    assert restore(file, tmp_path / "new", False, line) == 0
    assert (tmp_path / "new" / "stores" / "our line.db").is_file()
