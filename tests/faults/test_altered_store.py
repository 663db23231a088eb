"""The store's file cut short or altered at 1,000 places: it opens or is set aside; nothing an agent holds is lost."""

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from tests.faults.altered_store import Result, Round, make, rounds
from tests.faults.table import Outcome, record

pytestmark = pytest.mark.faults

PLACES = 1000
SEED = 20261121
WORKERS = 2


class Worker:
    """A process that does rounds, begun anew when DuckDB ends it."""

    def __init__(self, templates: Path, work: Path) -> None:
        self._command = [sys.executable, "-m", "tests.faults.altered_store", str(templates), str(work)]
        self.deaths = 0
        self._begin()

    def _begin(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"LANG": "en_US.UTF-8"},
        )

    def do(self, one: Round) -> Result:
        """One round; where the process dies of it, the next process opens the same files."""
        for again in (one.again, True, True):
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps(asdict(replace(one, again=again))) + "\n")
            self._process.stdin.flush()
            said = self._process.stdout.readline()
            if said:
                return Result(**json.loads(said))
            self._process.communicate()
            self.deaths += 1
            self._begin()
        raise AssertionError(f"every start died: {one}")

    def end(self) -> None:
        """Close it."""
        self._process.communicate()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where there is such a place: 1,000 stores are opened, and what is tried is not the disk."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as made:
        yield Path(made)


def test_a_store_altered_anywhere_loses_nothing_that_agents_hold(folder: Path) -> None:
    make(folder)
    waiting: queue.SimpleQueue[Round] = queue.SimpleQueue()
    for one in rounds(PLACES, SEED):
        waiting.put(one)
    done: list[tuple[Round, Result]] = []
    workers = [Worker(folder, folder) for _ in range(WORKERS)]
    threads = [threading.Thread(target=_work, args=(worker, waiting, done)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for worker in workers:
        worker.end()
    assert len(done) == PLACES
    wrong = [(one, result) for one, result in done if not _is_right(result)]
    assert not wrong, f"{len(wrong)} of {PLACES}, for example {wrong[:3]}"
    total = Counter[str]()
    for _, result in done:
        told = asdict(result)
        total.update({name: told[name] for name in ("sent", "stored", "lost", "lost_old", "doubled", "missing")})
    aside, noticed = sum(result.set_aside for _, result in done), sum(bool(result.said) for _, result in done)
    record(
        Outcome(
            f"store file cut or altered at {PLACES:,} places",
            total["sent"],
            total["stored"],
            total["lost"] + total["lost_old"],
            total["doubled"],
            note=f"set aside {aside}, noticed {noticed}, processes ended {sum(w.deaths for w in workers)}; "
            "lost: only what the agent no longer held",
            bound=total["lost_old"],
            counted=total["missing"],
        )
    )


def _work(worker: Worker, waiting: "queue.SimpleQueue[Round]", done: list[tuple[Round, Result]]) -> None:
    while not waiting.empty():
        try:
            one = waiting.get_nowait()
        except queue.Empty:
            return
        done.append((one, worker.do(one)))


def _is_right(result: Result) -> bool:
    return not (result.failed or result.lost or result.doubled or result.disagree) and result.lost_old == result.missing
