"""What lies in the outbox's place and is torn, altered, or something else: kept under another name, and used as far as
it can be read."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from contract.reading import NS_PER_S, Series
from edge.bench_clock import HandClock
from edge.delivery import Delivery
from edge.outbox import Outbox
from edge.outbox_schema import SCHEMA_VERSION

pytestmark = pytest.mark.slow

START_NS = 1_795_000_000 * NS_PER_S
AIR = Series("washer", "air", "temperature")
DONE = Series("washer", "done", "count")
PAGE = 4096
MANY = 2000

Content = dict[tuple[str, Series, int], tuple[int, object]]


@pytest.fixture
def clock() -> HandClock:
    return HandClock(START_NS)


def _open(directory: Path, clock: HandClock) -> Outbox:
    return Outbox(directory / "outbox.sqlite", "pi-1", clock)


def _filled(directory: Path, clock: HandClock, *, killed: bool = False) -> Content:
    """An outbox with 2,000 readings of two series; all that was in it."""
    outbox = _open(directory, clock)
    for number in range(MANY // 2):
        outbox.put(AIR, number + 0.5, 2 * number)
        outbox.add(DONE, 1, 2 * number + 1)
    outbox.commit()
    content = _held(outbox, clock)
    if killed:
        outbox._file._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        outbox._file.close()
    else:
        outbox.close()
    assert len(content) == MANY
    return content


def _held(outbox: Outbox, clock: HandClock) -> Content:
    return {
        (batch.stream, batch.series, batch.seq + i): said
        for batch in Delivery(outbox, clock).due()
        for i, said in enumerate(zip(batch.t, batch.v, strict=True))
    }


def _all_held(outbox: Outbox) -> Content:
    """Everything that is on disk, sent or not."""
    runs = {run.id: run for run in outbox._numbering.runs.values()}
    return {
        (runs[id].stream.name, runs[id].series, seq): (t, v) for _, id, seq, t, v in outbox.rows(0, 2**62, 10 * MANY)
    }


def _version(file: Path, version: int) -> None:
    with sqlite3.connect(file) as db:
        db.execute(f"PRAGMA user_version = {version}")
    db.close()


def _foreign(file: Path, tables: str) -> None:
    file.unlink()
    with sqlite3.connect(file) as db:
        db.executescript(tables)
    db.close()


def _zeroed(file: Path, first: int, last: int) -> None:
    whole = bytearray(file.read_bytes())
    whole[first * PAGE : last * PAGE] = bytes((last - first) * PAGE)
    file.write_bytes(whole)


HOPELESS: dict[str, Callable[[Path], object]] = {
    "random bytes": lambda file: file.write_bytes(random.Random(1).randbytes(50_000)),
    "text": lambda file: file.write_text("hello, this is no database\n" * 300),
    "all zeros": lambda file: file.write_bytes(bytes(40_960)),
    "its first page zeroed": lambda file: _zeroed(file, 0, 1),
    "cut within its first page": lambda file: file.write_bytes(file.read_bytes()[:1000]),
    "another program's database": lambda file: _foreign(file, "CREATE TABLE cars (name TEXT)"),
    "a table of the same name": lambda file: _foreign(file, "CREATE TABLE state (id INTEGER, of TEXT)"),
    "a newer kojo's": lambda file: _version(file, SCHEMA_VERSION + 1),
}


@pytest.mark.parametrize("killed", [False, True], ids=["clean", "killed"])
@pytest.mark.parametrize("what", HOPELESS)
def test_what_cannot_be_read_is_kept_and_said_and_a_new_file_is_begun(
    tmp_path: Path, clock: HandClock, what: str, killed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    _filled(tmp_path, clock, killed=killed)
    file = tmp_path / "outbox.sqlite"
    HOPELESS[what](file)
    broken = file.read_bytes()
    outbox = _open(tmp_path, clock)
    assert outbox.set_aside == 1
    assert (tmp_path / "outbox.sqlite.broken-1").read_bytes() == broken
    assert "outbox.sqlite.broken-1" in caplog.text
    assert outbox.put(AIR, 1, 0) == 1
    assert outbox.commit() == 1
    assert outbox.held == 1
    outbox.close()
    assert not list(tmp_path.glob("*.copy*"))


@pytest.mark.parametrize("killed", [False, True], ids=["clean", "killed"])
@pytest.mark.parametrize(
    ("first", "last"), [(9, 10), (10, 14), (18, 400), (18, 0)], ids=["a page", "some pages", "its end", "cut short"]
)
def test_what_can_be_read_is_taken_over_and_the_rest_counted(
    tmp_path: Path, clock: HandClock, first: int, last: int, killed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    content = _filled(tmp_path, clock, killed=killed)
    file = tmp_path / "outbox.sqlite"
    if last:
        _zeroed(file, first, min(last, file.stat().st_size // PAGE))
    else:
        os.truncate(file, first * PAGE)
    outbox = _open(tmp_path, clock)
    left = _all_held(outbox)
    outbox.put(AIR, 1, 0)
    outbox.commit()
    assert outbox.set_aside == 1
    assert 0 < len(left) < MANY
    assert all(content[key] == said for key, said in left.items())
    assert outbox.dropped == MANY - len(left)
    assert outbox.backlog == len(left) + 1
    assert f"{len(left)} readings were taken over" in caplog.text or f"{len(left)} 件は引き継ぎ" in caplog.text
    assert outbox.stream not in {stream for stream, _, _ in content}
    outbox.close()
    again = _open(tmp_path, clock)
    assert (again.dropped, again.backlog) == (MANY - len(left), len(left) + 1)
    again.close()


@pytest.mark.slow
def test_a_file_cut_short_anywhere_opens_or_is_set_aside_and_never_says_what_was_not_read(
    tmp_path: Path, clock: HandClock
) -> None:
    content = _filled(tmp_path, clock)
    whole, chance = (tmp_path / "outbox.sqlite").read_bytes(), random.Random(3)
    for number in range(40):
        place = tmp_path / str(number)
        place.mkdir()
        spoilt = bytearray(whole)
        if number % 2:
            del spoilt[chance.randrange(len(whole)) :]
        else:
            at = chance.randrange(len(whole) - PAGE)
            spoilt[at : at + PAGE] = chance.randbytes(PAGE)
        (place / "outbox.sqlite").write_bytes(spoilt)
        outbox = _open(place, clock)
        outbox.put(AIR, 1, 0)
        assert outbox.commit() == 1
        given = {key: said for key, said in _held(outbox, clock).items() if key[0] in {key[0] for key in content}}
        assert all(content.get(key) == said for key, said in given.items())
        outbox.close()


def test_damage_found_while_running_takes_over_the_rest(tmp_path: Path, clock: HandClock) -> None:
    content = _filled(tmp_path, clock)
    outbox = _open(tmp_path, clock)
    _zeroed(tmp_path / "outbox.sqlite", 10, 12)
    outbox._file._db.execute("PRAGMA shrink_memory")
    assert outbox.rows(0, 2**62, 10 * MANY) == []
    left = _all_held(outbox)
    assert 0 < len(left) < MANY
    assert all(content[key] == said for key, said in left.items())
    assert (outbox.set_aside, outbox.dropped, outbox.backlog) == (1, MANY - len(left), len(left))
    outbox.close()


def test_a_directory_in_its_place_is_set_aside(tmp_path: Path, clock: HandClock) -> None:
    (tmp_path / "outbox.sqlite").mkdir()
    (tmp_path / "outbox.sqlite" / "notes.txt").write_text("mine")
    outbox = _open(tmp_path, clock)
    assert (tmp_path / "outbox.sqlite.broken-1" / "notes.txt").read_text() == "mine"
    outbox.put(AIR, 1, 0)
    assert outbox.commit() == 1
    outbox.close()


def test_a_second_file_is_set_aside_beside_the_first_even_if_one_was_removed(tmp_path: Path, clock: HandClock) -> None:
    for number in range(2):
        (tmp_path / "outbox.sqlite").write_bytes(b"broken" * 100 + bytes([number]))
        _open(tmp_path, clock).close()
        (tmp_path / "outbox.sqlite").unlink()
    (tmp_path / "outbox.sqlite.broken-1").unlink()
    (tmp_path / "outbox.sqlite").write_bytes(b"broken once more" * 100)
    _open(tmp_path, clock).close()
    assert (tmp_path / "outbox.sqlite.broken-2").read_bytes()[-1:] == b"\x01"
    assert (tmp_path / "outbox.sqlite.broken-3").exists()


def test_a_log_without_its_file_is_kept(tmp_path: Path, clock: HandClock) -> None:
    (tmp_path / "outbox.sqlite.broken-1").write_bytes(b"set aside, and then the power failed")
    (tmp_path / "outbox.sqlite-wal").write_bytes(b"its log")
    _open(tmp_path, clock).close()
    assert (tmp_path / "outbox.sqlite.broken-1-wal").read_bytes() == b"its log"


def test_a_file_of_the_first_version_is_brought_up_to_date_with_all_its_readings(
    tmp_path: Path, clock: HandClock
) -> None:
    content = _filled(tmp_path, clock)
    with sqlite3.connect(tmp_path / "outbox.sqlite") as db:
        db.executescript("DROP TABLE gap; PRAGMA user_version = 1;")
    db.close()
    outbox = _open(tmp_path, clock)
    assert outbox.set_aside == 0
    assert _all_held(outbox) == content
    outbox.close()


READ_ONLY = """
import fcntl, os, sys  # fcntl: at once, since Python itself may lie where nobody else can read
from pathlib import Path
from edge.bench_clock import HandClock
from edge.outbox import Outbox
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
outbox = Outbox(Path(sys.argv[1]), "pi-1", HandClock(1_795_000_000 * 10**9))
print(outbox.set_aside, outbox.backlog, outbox.dropped)
"""


@pytest.mark.skipif(os.name != "posix", reason="rights are POSIX's")
@pytest.mark.parametrize(
    ("mode", "said"), [(0o444, f"1 {MANY} 0"), (0o600, "1 0 0")], ids=["that can be read", "that cannot"]
)
def test_somebody_elses_file_is_set_aside_and_what_can_be_read_taken_over(
    tmp_path_factory: pytest.TempPathFactory, clock: HandClock, mode: int, said: str
) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can make a file that belongs to somebody else")
    import tempfile

    place = Path(tempfile.mkdtemp(prefix="kojo-read-only-"))
    try:
        _filled(place, clock)
        (place / "outbox.sqlite.lock").unlink()
        (place / "outbox.sqlite").chmod(mode)
        os.chown(place, 65534, 65534)
        command = [sys.executable, "-c", READ_ONLY, str(place / "outbox.sqlite")]
        root = Path(__file__).parent.parent.parent
        done = subprocess.run(command, capture_output=True, text=True, cwd=root, timeout=60, check=False)
        assert done.stdout.strip() == said, done.stderr
        assert (place / "outbox.sqlite.broken-1").exists()
    finally:
        shutil.rmtree(place)
