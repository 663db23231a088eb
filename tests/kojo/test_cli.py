"""A mistake is said with where, why and what to do, in the language of whoever made it; exit code 2, no traceback."""

import re
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.rig import LINES, kojo, serving, written
from tests.servers import free_port

TWICE = (LINES / "contract.toml").read_text("utf-8").replace("pin = 27", "pin = 17")
JAPANESE = re.compile(r"[぀-ヿ一-鿿]")

MISTAKES: dict[str, tuple[Sequence[str], str, str]] = {
    "no line.toml": (["check", "none.toml"], r"no file none\.toml", r"ファイル none\.toml がありません"),
    "no line.toml to serve": (["serve", "--line", "none.toml"], "no file none", "none.toml がありません"),
    "no line.toml for an agent": (
        ["edge", "--agent", "pi-1", "--line", "none.toml"],
        "no file none",
        "none.toml がありません",
    ),
    "a folder": (["check", "."], r"\.", "。"),
    "a pin used twice": (
        ["check", "twice.toml"],
        r"twice\.toml:93: stations\.washer\.sensors\.wash\.pin: GPIO17 is already used by .*done\.pin.* Hint: ",
        r"twice\.toml:93: stations\.washer\.sensors\.wash\.pin: GPIO17 は .*done\.pin.*ヒント: ",
    ),
    "a wrong one to serve": (["serve", "--line", "twice.toml"], "twice.toml:93", "twice.toml:93"),
    "a wrong one for an agent": (
        ["edge", "--agent", "pi-1", "--line", "twice.toml"],
        "twice.toml:93",
        "もう使っています",
    ),
    "an unknown agent": (
        ["edge", "--agent", "pi-9"],
        r'names no agent "pi-9"\. There are: pi-1',
        "エージェント「pi-9」は.*あるもの: pi-1",
    ),
    "no pins": (["edge", "--agent", "pi-1"], "no Raspberry Pi GPIO.*GPIOZERO_PIN_FACTORY=mock", "GPIO がありません"),
    "data in a file": (["serve", "--data", "file"], r"file cannot be written.*--data", "file に書けません.*--data"),
    "data under a file": (["edge", "--agent", "pi-1", "--data", "file/data"], "cannot be written", "書けません"),
    "data nowhere": (["demo", "--data", "/proc/none"], "/proc/none cannot be written", "/proc/none に書けません"),
    "no address": (["serve", "--http", "nonsense"], r"--http nonsense.*127\.0\.0\.1:8000", "番地として読めません"),
    "no port": (["serve", "--http", "127.0.0.1:99999"], "no address", "番地として読めません"),
    "somebody else's address": (["serve", "--http", "192.0.2.1:8000"], "not an address of this", "この機械の番地では"),
    "an unknown sensor type": (["rehearse", "puls"], 'no sensor type "puls".*pulse', "「puls」はありません.*pulse"),
    "no page of it": (["sensors", "puls"], 'no sensor type "puls".*pulse', "「puls」はありません.*pulse"),
}  # fmt: skip


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a good line.toml, one with a mistake, and a file."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, (LINES / "contract.toml").read_text("utf-8"), f"embedded:{free_port()}")
    (tmp_path / "twice.toml").write_text(TWICE, "utf-8")
    (tmp_path / "file").touch()
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_said_in_the_language_of_whoever_made_it(here: Path, mistake: str) -> None:
    command, english, japanese = MISTAKES[mistake]
    in_english, in_japanese = (kojo(*command, lang=lang) for lang in ("en", "ja"))
    for told, said in ((in_english, english), (in_japanese, japanese)):
        assert told.returncode == 2, told.stderr
        assert re.search(said, told.stderr), told.stderr
        assert "Traceback" not in told.stderr
        assert "ready" not in told.stdout
    assert JAPANESE.search(in_japanese.stderr)


@pytest.mark.slow
def test_what_another_program_holds_is_said_with_who_and_the_way_out(here: Path) -> None:
    with serving(here / "line.toml", here / "data") as kit, socket.socket() as taken:
        second = kojo("serve", "--data", "data")
        assert second.returncode == 2
        assert re.search(r"process \d+", second.stderr)
        assert "--data" in second.stderr

        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        third = kojo("serve", "--data", "other", "--http", f"127.0.0.1:{port}", lang="ja")
        assert third.returncode == 2
        assert f"{port}" in third.stderr
        assert f"--http 127.0.0.1:{port + 1}" in third.stderr
        assert kit.ask("/status").status_code == 200, "the one that runs is not disturbed"


@pytest.mark.slow
def test_a_secret_that_others_can_read_is_refused_with_the_command_that_mends_it(here: Path) -> None:
    data = here / "data"
    data.mkdir()
    (data / "operator.token").write_text("x" * 40 + "\n")
    (data / "operator.token").chmod(0o644)
    told = kojo("serve", "--data", "data", "--http", "127.0.0.1:0")
    assert told.returncode == 2
    assert "chmod 600" in told.stderr


def test_without_a_command_it_says_what_there_is() -> None:
    told = kojo()
    assert told.returncode == 2
    for command in ("demo", "check", "edge", "serve", "sensors", "rehearse"):
        assert command in told.stdout


def test_the_language_is_that_of_the_locale_and_japanese_otherwise(tmp_path: Path) -> None:
    command = ("check", tmp_path / "none.toml")
    for locale, said in (("en_US.UTF-8", "There is no file"), ("ja_JP.UTF-8", "ファイル"), ("C.UTF-8", "ファイル")):
        assert said in kojo(*command, lang="", LC_ALL=locale).stderr
