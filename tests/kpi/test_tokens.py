import stat
from pathlib import Path

import pytest

from contract.errors import NotAllowed
from kpi.tokens import CODE_LIVES_S, Tokens

NS = 10**9


class Now:
    def __init__(self) -> None:
        self.s = 1_795_000_000

    def __call__(self) -> int:
        return self.s * NS


def test_tokens_are_made_once_and_only_for_the_owner(tmp_path: Path) -> None:
    first, second = Tokens(tmp_path, Now()), Tokens(tmp_path, Now())
    for role in ("viewer", "operator"):
        file = tmp_path / f"{role}.token"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.read_text().count("\n") == 1
        assert first.token(role) == second.token(role) == file.read_text().strip()
    assert first.token("viewer") != first.token("operator")
    assert len(first.token("operator")) >= 40


def test_a_token_names_its_role_and_nothing_else_does(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path, Now())
    assert tokens.role(tokens.token("viewer")) == "viewer"
    assert tokens.role(tokens.token("operator")) == "operator"
    for wrong in ("", "x", tokens.token("viewer")[:-1], tokens.token("viewer") + "x", "é", "\ud800"):
        assert tokens.role(wrong) is None


def test_a_token_others_can_read_is_refused_with_what_to_do(tmp_path: Path) -> None:
    Tokens(tmp_path, Now())
    (tmp_path / "operator.token").chmod(0o644)
    with pytest.raises(NotAllowed) as refused:
        Tokens(tmp_path, Now())
    assert "chmod 600" in refused.value.say("ja")


def test_an_empty_token_file_is_no_token(tmp_path: Path) -> None:
    file = tmp_path / "viewer.token"
    file.write_text("")
    file.chmod(0o600)
    with pytest.raises(NotAllowed):
        Tokens(tmp_path, Now())


def test_a_pairing_code_holds_once_and_for_ten_minutes(tmp_path: Path) -> None:
    now = Now()
    maker, server = Tokens(tmp_path, now), Tokens(tmp_path, now)
    code, late = maker.pair_code("operator"), maker.pair_code("viewer")
    assert server.pair(code) == "operator"
    assert server.pair(code) is None
    now.s += CODE_LIVES_S + 1
    assert server.pair(late) is None


@pytest.mark.parametrize("wrong", ["", ".", "o", "o..", "x1.2.3", "o123.abcd.aaaa", "operator", "o" * 500, "o.zz.é"])
def test_a_code_nobody_made_is_refused(tmp_path: Path, wrong: str) -> None:
    assert Tokens(tmp_path, Now()).pair(wrong) is None


def test_a_viewers_code_cannot_be_made_an_operators(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path, Now())
    assert tokens.pair("o" + tokens.pair_code("viewer")[1:]) is None
