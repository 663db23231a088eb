"""Enter is heard, and whoever hears it ends when told."""

import os
import threading
from collections.abc import Iterator

import pytest

from kojo.enter_key import EnterKey
from tests.servers import wait_until


@pytest.fixture
def typed() -> Iterator[tuple[int, int]]:
    """Two ends: what is heard, and where one types."""
    heard, typing = os.pipe()
    yield heard, typing
    os.close(heard)
    os.close(typing)


def listening() -> bool:
    return any(thread.name == "enter key" for thread in threading.enumerate())


def test_each_line_is_heard_and_the_thread_ends_when_told(typed: tuple[int, int]) -> None:
    pressed: list[int] = []
    key = EnterKey(typed[0], lambda: pressed.append(1))
    key.start()
    os.write(typed[1], b"\nhello\nhalf")
    wait_until(lambda: len(pressed) == 2, what="two lines")
    key.stop()
    key.stop()
    assert not listening()
    assert len(pressed) == 2


def test_one_that_was_never_started_can_be_stopped(typed: tuple[int, int]) -> None:
    EnterKey(typed[0], lambda: None).stop()
    assert not listening()
