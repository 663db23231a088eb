import logging
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import NotAllowed
from kpi.tokens import CODE_LIVES_S, COOKIE_LIVES_S, ROLES, Role, Tokens

NS = 10**9
DAY_S = 86400


class Now:
    def __init__(self) -> None:
        self.s = 1_795_000_000

    def __call__(self) -> int:
        return self.s * NS


def test_tokens_are_made_once_and_only_for_the_owner(tmp_path: Path) -> None:
    first, second = Tokens(tmp_path, Now()), Tokens(tmp_path, Now())
    for role in ROLES:
        file = tmp_path / f"{role}.token"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.read_text().count("\n") == 1
        assert first.token(role) == second.token(role) == file.read_text().strip()
    assert first.token("viewer") != first.token("operator")
    assert len(first.token("operator")) >= 40
    assert sorted(path.name for path in tmp_path.iterdir()) == ["operator.token", "viewer.token"]


def test_a_token_names_its_role_and_nothing_else_does(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path, Now())
    assert tokens.role(tokens.token("viewer")) == "viewer"
    assert tokens.role(tokens.token("operator")) == "operator"
    for wrong in ("", "x", tokens.token("viewer")[:-1], tokens.token("viewer") + "x", "é", "\ud800"):
        assert tokens.role(wrong) is None


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o666])
def test_a_token_others_can_read_is_refused_with_what_to_do(tmp_path: Path, mode: int) -> None:
    Tokens(tmp_path, Now())
    (tmp_path / "operator.token").chmod(mode)
    with pytest.raises(NotAllowed) as refused:
        Tokens(tmp_path, Now())
    assert "chmod 600" in refused.value.say("ja")


@pytest.mark.parametrize("text", ["\n", "short\n", "a" * 30 + "\n" + "b" * 30, "工" * 30, "a" * 30 + "\0"])
def test_a_file_that_holds_no_token_is_said(tmp_path: Path, text: str) -> None:
    file = tmp_path / "viewer.token"
    file.write_text(text, "utf-8")
    file.chmod(0o600)
    with pytest.raises(NotAllowed) as refused:
        Tokens(tmp_path, Now())
    assert "viewer.token" in refused.value.say("en")


def test_a_file_that_a_power_cut_left_empty_counts_as_none_and_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "viewer.token").touch(0o644)
    token = Tokens(tmp_path, Now()).token("viewer")
    assert Tokens(tmp_path, Now()).token("viewer") == token
    assert (tmp_path / "viewer.token").stat().st_mode & 0o777 == 0o600
    assert "viewer.token" in caplog.text


def test_a_file_that_is_emptied_while_the_service_runs_opens_for_nobody_and_is_left_to_whoever_writes_it(
    tmp_path: Path,
) -> None:
    tokens = Tokens(tmp_path, Now())
    (tmp_path / "viewer.token").write_text("")
    assert tokens.role("") is None
    assert (tmp_path / "viewer.token").read_text() == ""


def test_a_token_may_be_written_by_hand(tmp_path: Path) -> None:
    file = tmp_path / "viewer.token"
    file.write_text("chosen-by-a-person-1234\r\n")
    file.chmod(0o600)
    assert Tokens(tmp_path, Now()).role("chosen-by-a-person-1234") == "viewer"


def test_a_start_that_was_cut_off_while_it_made_a_token_is_made_good(tmp_path: Path) -> None:
    (tmp_path / "viewer.token.new").write_text("half a tok")
    assert Tokens(tmp_path, Now()).token("viewer")
    assert not (tmp_path / "viewer.token.new").exists()


# ------------------------------------------------------------------ a file that changes while the service runs


@pytest.mark.parametrize("how", ["replaced", "deleted"])
def test_who_changes_the_file_ends_the_old_token_its_cookies_and_codes_at_once(tmp_path: Path, how: str) -> None:
    tokens = Tokens(tmp_path, Now())
    old, cookie, code = tokens.token("operator"), tokens.cookie("operator"), tokens.pair_code("operator")
    theirs = tokens.cookie("viewer")
    file = tmp_path / "operator.token"
    file.unlink()
    if how == "replaced":
        file.write_text("another-one-of-24-letters\n")
        file.chmod(0o600)
    assert tokens.role(old) is None
    assert tokens.role_of_cookie(cookie) is None
    assert tokens.pair(code) is None
    assert tokens.role_of_cookie(theirs) == "viewer", "of the other role nothing ends"
    assert tokens.role(file.read_text().strip()) == "operator"
    assert tokens.role_of_cookie(tokens.cookie("operator")) == "operator"


def test_a_file_that_was_only_touched_ends_nothing(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path, Now())
    cookie = tokens.cookie("viewer")
    (tmp_path / "viewer.token").touch()
    assert tokens.role_of_cookie(cookie) == "viewer"


def test_a_file_that_others_can_read_opens_for_nobody_until_it_is_mended(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tokens = Tokens(tmp_path, Now())
    token, cookie, code = tokens.token("operator"), tokens.cookie("operator"), tokens.pair_code("operator")
    file = tmp_path / "operator.token"
    file.chmod(0o644)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            assert tokens.role(token) is tokens.role_of_cookie(cookie) is tokens.pair(code) is None
    assert len(caplog.records) == 1
    assert "chmod 600" in caplog.text
    with pytest.raises(NotAllowed):
        tokens.token("operator")
    file.chmod(0o600)
    assert (tokens.role(token), tokens.role_of_cookie(cookie), tokens.pair(code)) == ("operator",) * 3


# ------------------------------------------------------------------ cookies


@pytest.mark.parametrize("role", ROLES)
def test_a_cookie_ends_by_itself(tmp_path: Path, role: Role) -> None:
    now = Now()
    tokens = Tokens(tmp_path, now)
    cookie = tokens.cookie(role)
    now.s += COOKIE_LIVES_S[role]
    assert tokens.role_of_cookie(cookie) == role
    now.s += 1
    assert tokens.role_of_cookie(cookie) is None


def test_a_cookie_outlives_a_restart_and_a_clock_that_is_set_back(tmp_path: Path) -> None:
    now = Now()
    cookie = Tokens(tmp_path, now).cookie("viewer")
    now.s -= 2 * DAY_S
    assert Tokens(tmp_path, now).role_of_cookie(cookie) == "viewer"


def test_a_cookie_is_neither_a_token_nor_a_code_nor_another_roles(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path, Now())
    cookie, code = tokens.cookie("viewer"), tokens.pair_code("viewer")
    assert tokens.token("viewer") not in cookie
    assert tokens.role(cookie) is tokens.pair(cookie) is tokens.role_of_cookie(code) is None
    assert tokens.role_of_cookie("o" + cookie[1:]) is None
    assert tokens.role_of_cookie(tokens.token("viewer")) is None
    assert Tokens(_made(tmp_path / "other"), Now()).role_of_cookie(cookie) is None


def test_whatever_is_shown_as_a_cookie_or_a_code_is_refused_without_a_stumble(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    tokens = Tokens(tmp_path_factory.mktemp("data"), Now())
    right = tokens.cookie("operator")

    @given(st.one_of(st.text(max_size=200), st.text("ov0123456789abcdef.", max_size=80), _near(right)))
    def refused(shown: str) -> None:
        assert tokens.role_of_cookie(shown) is None or shown == right
        assert tokens.pair(shown) is tokens.role(shown) is None

    refused()


def _near(text: str) -> st.SearchStrategy[str]:
    """A text with one character changed."""
    places = st.integers(0, len(text) - 1)
    return st.tuples(places, st.characters()).map(lambda at: text[: at[0]] + at[1] + text[at[0] + 1 :])


# ------------------------------------------------------------------ pairing codes


def test_a_pairing_code_holds_once_and_for_ten_minutes(tmp_path: Path) -> None:
    now = Now()
    maker, server = Tokens(tmp_path, now), Tokens(tmp_path, now)
    code, late = maker.pair_code("operator"), maker.pair_code("viewer")
    assert server.pair(code) == "operator"
    assert server.pair(code) is None
    now.s += CODE_LIVES_S + 1
    assert server.pair(late) is None


def test_a_used_code_stays_used_after_a_restart(tmp_path: Path) -> None:
    now = Now()
    code = Tokens(tmp_path, now).pair_code("operator")
    assert Tokens(tmp_path, now).pair(code) == "operator"
    assert Tokens(tmp_path, now).pair(code) is None


def test_of_used_codes_only_the_last_minutes_are_kept(tmp_path: Path) -> None:
    now = Now()
    tokens = Tokens(tmp_path, now)
    for _ in range(5):
        assert tokens.pair(tokens.pair_code("viewer")) == "viewer"
        now.s += CODE_LIVES_S // 2
    assert len(list((tmp_path / "joined").iterdir())) <= 3


def test_where_it_cannot_be_noted_nobody_joins(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    tokens = Tokens(tmp_path, Now())
    (tmp_path / "joined").write_text("in the way")
    assert tokens.pair(tokens.pair_code("operator")) is None
    assert "join" in caplog.text


@pytest.mark.parametrize("wrong", ["", ".", "o", "o..", "x1.2.3", "o123.abcd.aaaa", "operator", "o" * 500, "o.zz.é"])
def test_a_code_nobody_made_is_refused(tmp_path: Path, wrong: str) -> None:
    assert Tokens(tmp_path, Now()).pair(wrong) is None


def test_a_viewers_code_cannot_be_made_an_operators(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path, Now())
    assert tokens.pair("o" + tokens.pair_code("viewer")[1:]) is None


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
