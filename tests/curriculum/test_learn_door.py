"""The cookie of a desk, among others of the same host."""

import time
from pathlib import Path

import pytest

from curriculum.learn.door import LearnDoor
from edge.bench_guard import Asker
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
