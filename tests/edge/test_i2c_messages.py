"""Commands and bare reads, as bytes on the bench's bus."""

import sys
from typing import Any

import pytest
from smbus2 import i2c_msg

from edge.bench_bus import BenchI2C
from edge.i2c_messages import Message, ask, hear, tell


class Parrot:
    """Says what it was told, again and again; remembers each write."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.writes.append(data)

    def read(self, length: int) -> bytes:
        return (self.writes[-1] * length)[:length]


@pytest.fixture
def parrot() -> Parrot:
    return Parrot()


@pytest.fixture
def bus(parrot: Parrot) -> BenchI2C:
    bus = BenchI2C()
    bus.plug(0x38, parrot)
    return bus


def test_a_command_is_its_bytes_and_a_bare_read_says_nothing_first(bus: BenchI2C, parrot: Parrot) -> None:
    tell(bus, 0x38, 0xAC, 0x33, 0x00)
    assert hear(bus, 0x38, 4) == bytes([0xAC, 0x33, 0x00, 0xAC])
    assert parrot.writes == [b"\xac\x33\x00"]


def test_a_question_and_its_answer_are_one_transaction(bus: BenchI2C, parrot: Parrot) -> None:
    assert ask(bus, 0x38, (0xF3, 0x2D), 3) == b"\xf3\x2d\xf3"
    assert parrot.writes == [b"\xf3\x2d"]


def test_where_nobody_answers_it_is_an_oserror() -> None:
    with pytest.raises(OSError, match="Remote I/O error"):
        tell(BenchI2C(), 0x38, 0xBA)


def test_without_smbus2_as_on_windows_the_bench_is_spoken_to_all_the_same(
    bus: BenchI2C, parrot: Parrot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "smbus2", None)
    tell(bus, 0x38, 0xBA)
    assert hear(bus, 0x38, 2) == b"\xba\xba"
    assert ask(bus, 0x38, (0x71, 0x00), 1) == b"\x71"
    assert parrot.writes == [b"\xba", b"\x71\x00"]


@pytest.mark.parametrize("kind", [Message, i2c_msg])
def test_the_messages_for_windows_are_of_smbus2s_shape(bus: BenchI2C, kind: Any) -> None:
    written, answer = kind.write(0x38, [1, 2]), kind.read(0x38, 2)
    bus.i2c_rdwr(written, answer)
    assert (written.addr, written.flags, written.len, bytes(written)) == (0x38, 0, 2, b"\1\2")
    assert (answer.addr, answer.flags, answer.len, bytes(answer)) == (0x38, 1, 2, b"\1\2")
