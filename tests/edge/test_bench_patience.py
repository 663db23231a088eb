"""Who sends byte by byte is waited for in all, not anew for each byte."""

import io
import socket
from collections.abc import Iterator

import pytest

from edge.bench_patience import Patient


class Watch:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    caller, taken = socket.socketpair()
    with caller, taken:
        yield caller, taken


def test_a_head_that_trickles_is_given_up_although_each_byte_comes_soon(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    caller, taken = ends
    watch = Watch()
    sent = Patient(taken, 15.0, watch)
    sent.within(10.0)
    for letter in (b"G", b"E", b"T"):
        caller.send(letter)
        assert sent.read(1) == letter
        watch.s += 4.0
    caller.send(b" ")
    with pytest.raises(TimeoutError):
        sent.read(1)


def test_the_next_head_is_waited_for_anew(ends: tuple[socket.socket, socket.socket]) -> None:
    caller, taken = ends
    watch = Watch()
    sent = Patient(taken, 15.0, watch)
    lines = io.BufferedReader(sent)
    for _ in range(3):
        sent.within(10.0)
        watch.s += 9.0
        caller.send(b"a line\n")
        assert lines.readline() == b"a line\n"
    watch.s += 1.0
    with pytest.raises(TimeoutError):
        lines.readline()


def test_who_says_nothing_is_given_up_and_answers_keep_their_own_time(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    sent = Patient(ends[1], 15.0)
    sent.within(0.01)
    with pytest.raises(TimeoutError):
        sent.read(1)
    assert ends[1].gettimeout() == 15.0


def test_the_callers_end_is_the_end(ends: tuple[socket.socket, socket.socket]) -> None:
    caller, taken = ends
    caller.send(b"half a li")
    caller.shutdown(socket.SHUT_WR)
    assert io.BufferedReader(Patient(taken, 15.0)).readline() == b"half a li"
