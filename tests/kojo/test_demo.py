"""`kojo demo` as a process: up in seconds, numbers move, history is made and kept, the switch works, Ctrl-C ends it."""

import os
import pty
import re
import signal
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from kojo.demo import line_of_demo
from tests.rig import NO_TLS, Kit, Process, kojo, loaded, running, until

pytestmark = pytest.mark.slow

FIRST_PAGE_WITHIN_S = 15.0
"""What the kit promises on a machine of its own."""
HISTORY_WITHIN_S = 120.0
STOOD_WITHIN_S = 300.0
"""A virtual floor has real troubles: it may stand for a while."""


def first_page_within_s() -> float:
    """What may be asked of this machine now: others may use it, too."""
    return FIRST_PAGE_WITHIN_S * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a demo whose business day has just begun: a history of little more than a day."""
    data = tmp_path_factory.mktemp("demo")
    line_since(data, hours=2)
    return data


def line_since(data: Path, hours: int) -> None:
    """The demo's line without breaks, its business day begun so long ago: tests are run at any hour."""
    file = line_of_demo(data, history_days=0)
    text, breaks = re.subn(r"(?m)^breaks = \[[^\]]*\]", "breaks = []", file.read_text("utf-8"))
    began = datetime.now(loaded(file).zone) - timedelta(hours=hours)
    text, starts = re.subn(r'(?m)^day_starts = "[^"]*"', f'day_starts = "{began:%H:%M}"', text)
    assert (breaks, starts) == (3, 1)
    file.write_text(text, "utf-8")


@pytest.fixture(scope="class")
def demo(data: Path) -> Iterator[Kit]:
    """A demo that is ready, started for the first time; ended by Ctrl-C as on a terminal, with nothing left behind."""
    began = time.monotonic()
    with Demo(data) as kit:
        assert httpx.get(kit.url, timeout=15).status_code == 200
        assert time.monotonic() - began < first_page_within_s()
        yield kit


class Demo:
    """A `kojo demo` that is ready, ended by Ctrl-C."""

    def __init__(self, data: Path, days: int = 1) -> None:
        self._data = data
        self._running = running("demo", "--days", str(days), "--http", "127.0.0.1:0", "--data", data, "--seed", "4")

    def __enter__(self) -> Kit:
        self._process = self._running.__enter__()
        return Kit(self._process, self._data)

    def __exit__(self, *error: Any) -> None:
        try:
            assert self._process.end(signal.SIGINT, everybody=True) == 0, str(self._process.err)
            assert self._process.left_behind() == []
        finally:
            self._running.__exit__(*error)


def history(kit: Kit) -> Any:
    return kit.get("/demo")["history"]


def washed(station: Any, at_least_s: float = 0.0) -> bool:
    """Whether this is the washer, and how long its last wash took at least."""
    return station["station"] == "washer" and (station["phases"]["wash"]["last_s"] or 0.0) > at_least_s


class TestTheFirstStart:
    """One demo, ended when these are done: a later start finds what it made."""

    def test_the_first_page_shows_a_virtual_line_and_says_so(self, demo: Kit) -> None:
        page = httpx.get(demo.url).text
        assert "工場ハック" in page or "kojo" in page
        wall = demo.get("/wall")
        assert wall["demo"]["virtual"] is True
        assert [station["station"] for station in wall["stations"]] == ["washer", "packer"]
        demo.process.err.said("the page")

    def test_numbers_move_as_pieces_pass(self, demo: Kit) -> None:
        with demo.live() as feed:
            feed.wait(lambda name, body: name == "reading" and any(r["sensor"] == "wash" for r in body), STOOD_WITHIN_S)
            feed.wait(lambda name, _: name == "kpi")

    def test_history_is_made_meanwhile_with_its_progress_shown(self, demo: Kit) -> None:
        assert history(demo)["of"] == 2, "today, and the day before"
        until(lambda: history(demo)["done"] == history(demo)["of"], "all days made", HISTORY_WITHIN_S)
        until(lambda: not history(demo)["running"], "done")
        assert history(demo)["failed"] is None
        assert len(demo.readings("washer", "done", "count")["v"]) > 200
        ingest = demo.ingest()
        assert (ingest["missing"], ingest["quarantined"]) == (0, 0)

    def test_the_switch_is_the_operators_and_changes_the_wash(self, demo: Kit) -> None:
        until(lambda: not history(demo)["running"], "history is made", HISTORY_WITHIN_S)
        assert demo.get("/demo")["improved"] is True
        for nobody in (None, (demo.data / "viewer.token").read_text().strip(), "x" * 43):
            refused = demo.ask("/demo/improve", "POST", nobody, json={"improved": False})
            assert refused.status_code in (401, 403)
            assert refused.headers["content-type"].startswith("application/problem+json")
        assert demo.get("/demo")["improved"] is True
        with demo.live() as feed:
            quick = feed.wait(lambda name, body: name == "kpi" and washed(body), STOOD_WITHIN_S)
            assert quick["phases"]["wash"]["last_s"] < 6.0
            done = demo.ask("/demo/improve", "POST", demo.operator(), json={"improved": False})
            assert done.status_code == 200
            slow = feed.wait(lambda name, body: name == "kpi" and washed(body, at_least_s=15.0), STOOD_WITHIN_S)
            assert slow["phases"]["wash"]["last_s"] < 35.0
        assert demo.ask("/demo/improve", "POST", demo.operator(), json={"improved": True}).status_code == 200

    def test_its_benches_can_be_seen_and_taken_hold_of_while_the_floor_moves_them(self, demo: Kit) -> None:
        root = f"http://127.0.0.1:{demo.get('/demo')['bench_port']}"
        told = httpx.get(f"{root}/api/v1/bench").json()
        assert [table["agent"] for table in told["tables"]] == ["pi-1", "pi-2"]
        assert told["virtual"] is True
        assert told["pages_port"] == int(demo.url.rpartition(":")[2])
        bearer = {"Authorization": f"Bearer {demo.operator()}"}

        def act(do: str, headers: dict[str, str], status: int = 200) -> None:
            asked = {"agent": "pi-1", "device": "washer/reason-jam", "do": do}
            assert httpx.post(f"{root}/api/v1/bench/do", json=asked, headers=headers).status_code == status

        def wash() -> Any:
            state = httpx.get(f"{root}/api/v1/bench", verify=NO_TLS).json()["state"]
            return state["pi-1"]["devices"]["washer/wash"]["contacts"][0]

        act("hold", {}, 401)
        before = wash()["changes"]
        with demo.live() as feed:
            act("hold", bearer)
            feed.wait(
                lambda name, body: name == "reading" and any(r["sensor"] == "reason-jam" for r in body), STOOD_WITHIN_S
            )
        act("let_go", bearer)
        until(lambda: wash()["changes"] > before, "the floor moves the same pins", STOOD_WITHIN_S)


def test_a_backup_comes_back_while_the_demo_runs_and_the_history_it_lacks_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    line_since(tmp_path / "data", hours=6)
    with Demo(tmp_path / "data", days=0) as kit:
        saved = kojo("backup", "--data", kit.data, "--line", kit.data / "line.toml", "--to", tmp_path / "saved")
        assert saved.returncode == 0, saved.stderr
        until(lambda: history(kit)["done"] == history(kit)["of"], "all days made", HISTORY_WITHIN_S)
        made = len(kit.readings("washer", "done", "count")["v"])
        assert made > 200
        done = kojo("restore", tmp_path / "saved", "--data", kit.data, "--replace")
        assert done.returncode == 0, done.stderr
        until(lambda: kit.ask("/healthz").status_code == 200, "healthy")
        until(lambda: history(kit)["done"] == history(kit)["of"], "all days made again", HISTORY_WITHIN_S)
        until(lambda: len(kit.readings("washer", "done", "count")["v"]) >= made, "as many pieces as before")
        assert history(kit)["failed"] is None
        assert kit.get("/events")["events"], "the improvement is marked"
        assert (kit.ingest()["missing"], kit.ingest()["quarantined"]) == (0, 0)
        with kit.live() as feed:
            feed.wait(lambda name, _: name == "kpi")


def test_the_second_start_keeps_what_the_first_made(data: Path) -> None:
    with Demo(data) as kit:  # made here, where nobody has started it yet
        until(lambda: history(kit)["done"] == history(kit)["of"], "all days made", HISTORY_WITHIN_S)
        before = kit.readings("washer", "done", "count")["t"]
        store = kit.get("/status")["store"]
        kit.ask("/demo/improve", "POST", kit.operator(), json={"improved": False})
    with Demo(data) as kit:
        assert history(kit)["done"] == history(kit)["of"]
        assert kit.get("/status")["store"] == store
        assert kit.readings("washer", "done", "count")["t"][: len(before)] == before
        assert kit.get("/demo")["improved"] is False
        assert kit.get("/events")["events"], "the improvement is marked"


def test_ctrl_c_while_history_is_made_ends_at_once_and_leaves_nobody_behind(tmp_path: Path) -> None:
    with Demo(tmp_path / "data") as kit:
        until(lambda: history(kit)["running"], "history is being made")
        began = time.monotonic()
    assert time.monotonic() - began < 15.0


def test_on_a_terminal_enter_gives_a_new_address_and_the_end_of_all_its_processes_is_quiet(tmp_path: Path) -> None:
    ours, its = pty.openpty()
    data = tmp_path / "data"
    process = Process("demo", "--days", "3", "--http", "127.0.0.1:0", "--data", data, stdin=its)
    try:
        kit = Kit(process, data)
        until(lambda: history(kit)["running"], "history is being made")
        process.err.said("Enter gives")
        os.write(ours, b"\n")
        process.out.said(r"/pair\?code=")
        assert process.end(signal.SIGTERM, everybody=True) == 0
        assert process.left_behind() == []
        for noise in ("Traceback", "nanobind", "EOFError", "ERROR"):
            assert noise not in str(process.err), str(process.err)
    finally:
        process.end()
        os.close(ours)
        os.close(its)


def test_ctrl_c_before_it_is_ready_ends_it_cleanly_too(tmp_path: Path) -> None:
    with running("demo", "--days", "1", "--http", "127.0.0.1:0", "--data", tmp_path / "data") as process:
        process.err.said("Getting the kojohack demo ready")
        assert process.end(signal.SIGINT, everybody=True) == 0
        assert process.left_behind() == []
