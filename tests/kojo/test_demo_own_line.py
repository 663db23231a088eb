"""`kojo demo --line`: any line that a virtual floor fits, with a history of its own."""

import contextlib
import signal
import socket
from pathlib import Path

import pytest

from contract.errors import LineError, NotThere
from kojo.demo import line_of_demo, line_of_own
from tests.rig import LINES, Kit, loaded, running, until

HISTORY_WITHIN_S = 120.0


def test_the_demo_keeps_a_copy_of_the_line_and_goes_on_with_it(tmp_path: Path) -> None:
    kept = line_of_own(tmp_path, LINES / "press.toml")
    assert kept == tmp_path / "line.toml"
    assert line_of_own(tmp_path, LINES / "press.toml") == kept
    assert line_of_demo(tmp_path, 28) == kept, "without --line, what is there goes on"
    assert 'site = "akita"' in kept.read_text("utf-8")


@pytest.mark.parametrize(
    "said", ["", "[mqtt]\nurl = 'embedded:1884'\n", '[mqtt]\n  url="embedded"\n', "[mqtt]\n# the kit's own\n"]
)
def test_the_broker_gets_a_port_of_its_own_however_the_line_says_it(tmp_path: Path, said: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text((LINES / "press.toml").read_text("utf-8") + "\n" + said, "utf-8")
    kept = line_of_own(tmp_path, own)
    with socket.socket() as busy:
        port = int(loaded(kept).mqtt_url.partition(":")[2] or 1883)
        busy.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as a broker: old connections do not matter
        with contextlib.suppress(OSError):  # somebody else has it, which does as well
            busy.bind(("127.0.0.1", port))
            busy.listen()
        line_of_own(tmp_path, own)
        assert loaded(kept).mqtt_url not in ("embedded", f"embedded:{port}")
    assert line_of_own(tmp_path, own) == kept


def test_another_line_does_not_take_the_place_of_the_one_that_is_there(tmp_path: Path) -> None:
    before = line_of_own(tmp_path, LINES / "press.toml").read_text("utf-8")
    with pytest.raises(NotThere, match=r"別のライン|another line"):
        line_of_own(tmp_path, LINES / "lathe.toml")
    assert (tmp_path / "line.toml").read_text("utf-8") == before


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("schema = 1", 'schema = 1\nmqtt = { url = "mqtt://10.0.0.5" }', "embedded"),
        ('role = "cycle"', 'role = "cicle"', "cicle"),
    ],
)
def test_a_line_that_cannot_be_shown_is_refused_before_anything_is_made(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    own = tmp_path / "own.toml"
    text = (LINES / "press.toml").read_text("utf-8")
    assert before in text
    own.write_text(text.replace(before, after, 1), "utf-8")
    data = tmp_path / "data"
    data.mkdir()
    with pytest.raises((NotThere, LineError), match=said):
        line_of_own(data, own)
    assert not list(data.iterdir())


@pytest.mark.slow
def test_a_cold_store_has_its_temperatures_live_and_in_history(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(
        "demo", "--line", LINES / "cold-store.toml", "--days", "1", "--http", "127.0.0.1:0", "--data", data
    ) as process:
        kit = Kit(process, data)
        until(lambda: not kit.get("/demo")["history"]["running"], "the history is made", HISTORY_WITHIN_S)
        demo = kit.get("/demo")
        assert (demo["history"]["failed"], demo["improved"], demo["improved_at"]) == (None, False, None)
        told = kit.readings("cold", "air", "temperature")
        assert len(told["t"]) > 1000
        assert told["t"][-1] - told["t"][0] > 20 * 3600 * 10**9, "a day and more"
        assert process.end(signal.SIGINT, everybody=True) == 0, str(process.err)
        assert process.left_behind() == []
