"""``kojo pair``: an address that lets a browser operate, made by whoever can read the data directory."""

import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from kojo.cli import main
from kpi.tokens import Tokens


def test_the_address_joins_once_as_the_operator(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tokens = Tokens(tmp_path, time.time_ns)
    assert main(["pair", "--data", str(tmp_path), "--http", "127.0.0.1:8123"]) == 0
    address = urlsplit(capsys.readouterr().out.strip())
    assert (address.netloc, address.path) == ("127.0.0.1:8123", "/pair")
    code = parse_qs(address.query)["code"][0]
    assert tokens.pair(code) == "operator"
    assert tokens.pair(code) is None


def test_a_directory_without_tokens_is_said_with_the_way_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--lang", "en", "pair", "--data", str(tmp_path / "nowhere")]) == 2
    assert "--data" in capsys.readouterr().err


@pytest.mark.parametrize(("lang", "near"), [("ja", "「serve」ではありませんか"), ("en", 'Did you mean "serve"?')])
def test_a_mistyped_command_is_answered_with_the_nearest(
    lang: str, near: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--lang", lang, "serv"])
    assert ended.value.code == 2
    assert near in capsys.readouterr().err
