"""The cookie of a desk, among others of the same host."""

import time
from pathlib import Path

import pytest

from curriculum.learn.desk import Desk
from curriculum.learn.door import LearnDoor
from curriculum.learn.guesses import FORGET_S, MOST, MOST_OF_ALL
from edge.bench_guard import Asker, Refusal
from kpi.tokens import Tokens


@pytest.mark.parametrize("before", ["", "x{=1; ", "hello world; ", "=; ", 'a="b; ', "long=" + "x" * 5000 + "; "])
def test_another_cookie_of_the_host_throws_nobody_off_a_desk(tmp_path: Path, before: str) -> None:
    door = LearnDoor(tmp_path, Tokens(tmp_path, time.time_ns))
    ours = door.cookie("ab12cd34").partition(";")[0]
    asker = Asker("127.0.0.1", {"host": "127.0.0.1", "cookie": f"{before}{ours}; y]=2"})
    assert door.desk_of(asker) == "ab12cd34"


def test_a_cookie_that_is_not_sealed_by_us_is_no_desk(tmp_path: Path) -> None:
    door = LearnDoor(tmp_path, Tokens(tmp_path, time.time_ns))
    for shown in ("", f"{door.desk_cookie}=ab12cd34.x", f"{door.desk_cookie}=", "x{=1"):
        assert door.desk_of(Asker("127.0.0.1", {"cookie": shown})) is None


class Now:
    s = 0.0

    def __call__(self) -> float:
        return self.s


def sits_down(door: LearnDoor, desk: Desk, key: object, peer: str = "192.168.4.7") -> str:
    """``in``, or why not."""
    try:
        door.go_on(Asker(peer, {"host": "192.168.4.1"}), desk, key)
    except Refusal as refusal:
        return refusal.kind
    return "in"


def test_who_guesses_keys_waits_even_with_the_right_one_and_only_at_that_desk(tmp_path: Path) -> None:
    now = Now()
    door = LearnDoor(tmp_path, Tokens(tmp_path, time.time_ns), now_s=now)
    desk, another = Desk("ab12cd34", "3", 0, key="4821"), Desk("ef56ab78", "4", 0, key="1234")
    for _ in range(MOST):
        assert sits_down(door, desk, "4822") == "bad-desk-key"
        assert sits_down(door, desk, None) == "desk-key-needed"
    assert sits_down(door, desk, "4821") == "too-many-wrong-keys"
    assert sits_down(door, desk, "4821", "192.168.4.8") == "in"
    assert sits_down(door, another, "１２３４") == "in"
    assert sits_down(door, another, "\ud800") == "bad-desk-key"
    now.s += FORGET_S
    assert sits_down(door, desk, "4821") == "in"


def test_many_addresses_together_guess_no_faster(tmp_path: Path) -> None:
    door = LearnDoor(tmp_path, Tokens(tmp_path, time.time_ns), now_s=Now())
    desk = Desk("ab12cd34", "3", 0, key="4821")
    told = [sits_down(door, desk, str(9000 - n), f"192.168.4.{n}") for n in range(MOST_OF_ALL + 1)]
    assert told == ["bad-desk-key"] * MOST_OF_ALL + ["too-many-wrong-keys"]


def test_half_a_character_is_a_wrong_code(tmp_path: Path) -> None:
    door = LearnDoor(tmp_path, Tokens(tmp_path, time.time_ns))
    with pytest.raises(Refusal) as error:
        door.enter(Asker("192.168.4.7", {"host": "192.168.4.1"}), "\ud800")
    assert error.value.kind == "bad-class-code"
