"""``kojo pair``: a QR code that lets a device join, made by whoever can read the data directory."""

import stat
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from contract.errors import NotThere
from kojo.address import listen, remember
from kojo.cli import main
from kojo.pair import pair
from kpi.tokens import Role, Tokens
from tests.rig import kojo


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(tmp_path, time.time_ns)


def code_in(address: str) -> str:
    return parse_qs(urlsplit(address).query)["code"][0]


def test_the_address_joins_once_as_the_operator(
    tokens: Tokens, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pair", "--data", str(tmp_path), "--http", "127.0.0.1:8123"]) == 0
    address = capsys.readouterr().out.splitlines()[0]
    assert address.startswith("http://127.0.0.1:8123/pair?code=")
    assert tokens.pair(code_in(address)) == "operator"
    assert tokens.pair(code_in(address)) is None


@pytest.mark.parametrize(("role", "words"), [("operator", "look and operate"), ("viewer", "may look")])
def test_the_role_is_chosen_and_said(
    tokens: Tokens, tmp_path: Path, capsys: pytest.CaptureFixture[str], role: Role, words: str
) -> None:
    assert main(["--lang", "en", "pair", "--data", str(tmp_path), "--role", role]) == 0
    said = capsys.readouterr()
    assert tokens.pair(code_in(said.out.splitlines()[0])) == role
    assert words in said.err


def test_a_phone_is_given_an_address_it_can_reach(
    tokens: Tokens, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with listen("0.0.0.0:0") as opened:
        remember(tmp_path, opened)
        port = opened.getsockname()[1]
        assert pair(tmp_path, None, "viewer", ours=lambda: ["192.168.1.5", "10.8.0.2"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith(f"http://192.168.1.5:{port}/pair?code=")
    assert f"http://10.8.0.2:{port}" in said.err
    assert "0.0.0.0" not in said.err


def test_where_only_this_machine_can_open_it_that_is_said_with_the_command_that_changes_it(
    tokens: Tokens, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with listen("127.0.0.1:0") as opened:
        remember(tmp_path, opened)
        port = opened.getsockname()[1]
        assert main(["--lang", "ja", "pair", "--data", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert said.out.startswith(f"http://127.0.0.1:{port}/pair")
    assert f"kojo serve --http 0.0.0.0:{port}" in said.err
    assert "動いていません" not in said.err


def test_what_it_gives_is_said_with_what_a_wall_needs_and_what_to_do_when_it_is_lost(
    tokens: Tokens, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = ["--lang", "ja", "pair", "--data", str(tmp_path), "--http", "127.0.0.1:1"]
    assert main(ask) == 0
    said = capsys.readouterr().err
    assert "kojo pair --role viewer" in said
    assert f"{tmp_path}/operator.token を消して" in said
    assert main([*ask, "--role", "viewer"]) == 0
    said = capsys.readouterr().err
    assert f"{tmp_path}/viewer.token を消して" in said
    assert "--role viewer" not in said


def test_a_demo_is_named_as_what_it_is(tokens: Tokens, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "demo.json").write_text("{}")
    assert main(["--lang", "ja", "pair", "--data", str(tmp_path), "--http", "127.0.0.1:1"]) == 0
    said = capsys.readouterr().err
    assert "kojo demo --http 0.0.0.0:1" in said
    assert "kojo serve" not in said


def test_a_server_that_does_not_run_is_said(tokens: Tokens, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with listen("127.0.0.1:0") as opened:
        remember(tmp_path, opened)
    assert main(["--lang", "ja", "pair", "--data", str(tmp_path)]) == 0
    assert "動いていません" in capsys.readouterr().err


def test_a_machine_without_a_network_still_joins_itself(
    tokens: Tokens, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert pair(tmp_path, "0.0.0.0:8000", "viewer", ours=list) == 0
    assert capsys.readouterr().out.startswith("http://127.0.0.1:8000/pair")


@pytest.mark.parametrize(("name", "begins"), [("code.svg", b"<?xml"), ("code.png", b"\x89PNG")])
def test_the_code_can_be_written_as_a_picture_that_only_its_owner_reads(
    tokens: Tokens, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, begins: bytes
) -> None:
    file = tmp_path / name
    file.write_text("an older one")
    assert main(["pair", "--data", str(tmp_path), "--out", str(file)]) == 0
    assert file.read_bytes().startswith(begins)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert str(file) in capsys.readouterr().err


@pytest.mark.parametrize("name", ["code.gif", "code", "nowhere/code.svg"])
def test_a_picture_that_cannot_be_written_is_said(tokens: Tokens, tmp_path: Path, name: str) -> None:
    assert main(["pair", "--data", str(tmp_path), "--out", str(tmp_path / name)]) == 2


def test_an_address_that_is_none_is_said(tokens: Tokens, tmp_path: Path) -> None:
    with pytest.raises(NotThere):
        pair(tmp_path, "somewhere", "viewer")


def test_a_directory_without_tokens_is_said_with_the_way_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--lang", "en", "pair", "--data", str(tmp_path / "nowhere")]) == 2
    assert "--data" in capsys.readouterr().err


@pytest.mark.slow
def test_where_the_locale_has_no_blocks_the_code_is_drawn_in_plain_letters(tokens: Tokens, tmp_path: Path) -> None:
    done = kojo("pair", "--data", tmp_path, PYTHONIOENCODING="ascii:backslashreplace")
    assert done.returncode == 0, done.stderr
    assert "##############" in done.stdout


@pytest.mark.parametrize(("lang", "near"), [("ja", "「serve」ではありませんか"), ("en", 'Did you mean "serve"?')])
def test_a_mistyped_command_is_answered_with_the_nearest(
    lang: str, near: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--lang", lang, "serv"])
    assert ended.value.code == 2
    assert near in capsys.readouterr().err
