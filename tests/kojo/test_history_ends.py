"""What makes days in the background is gone, with its folder in memory, when whoever asked for them is killed."""

import subprocess
import sys
from pathlib import Path

import pytest

ASKS = """
import sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from kojo.history import end_with_parent
room = Path(sys.argv[1])
with ProcessPoolExecutor(1, get_context("spawn"), initializer=end_with_parent, initargs=(room,)) as pool:
    pool.submit(time.sleep, 0).result()
    print("begun", flush=True)
    pool.submit(time.sleep, 20).result()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_a_maker_of_days_does_not_outlive_who_asked_for_them(tmp_path: Path) -> None:
    room = tmp_path / "room"
    room.mkdir()
    (room / "pi-1.sqlite").write_text("x")
    with subprocess.Popen([sys.executable, "-c", ASKS, str(room)], stdout=subprocess.PIPE, text=True) as asking:
        assert asking.stdout is not None
        assert asking.stdout.readline() == "begun\n"
        asking.kill()
        assert asking.stdout.read() == "", "its maker holds this, too, until it ends"
    assert not room.exists()
