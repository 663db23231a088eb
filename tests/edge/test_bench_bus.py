"""The bench's buses: what goes over the wire, under the names of smbus2 and lgpio."""

import errno
from collections.abc import Callable

import pytest
from smbus2 import i2c_msg

from edge.bench import Bench
from edge.bench_bus import BenchI2C, RegisterChip
from edge.bench_clock import HandClock
from edge.board import I2CBus


@pytest.fixture
def bench() -> Bench:
    return Bench(HandClock(1_795_000_000_000_000_000))


@pytest.fixture
def bus(bench: Bench) -> BenchI2C:
    chip = RegisterChip()
    chip.registers[0x10:0x14] = b"\x11\x22\x33\x44"
    bench.i2c_chip(1, 0x40, chip)
    return bench.i2c(1)


def test_registers_are_read_and_written_one_by_one_and_in_rows(bus: BenchI2C) -> None:
    board_bus: I2CBus = bus
    assert board_bus.read_byte_data(0x40, 0x11) == 0x22
    assert list(board_bus.read_i2c_block_data(0x40, 0x10, 4)) == [0x11, 0x22, 0x33, 0x44]
    board_bus.write_byte_data(0x40, 0x20, 7)
    board_bus.write_i2c_block_data(0x40, 0x21, [8, 9])
    assert list(board_bus.read_i2c_block_data(0x40, 0x20, 3)) == [7, 8, 9]


def test_words_are_low_byte_first(bus: BenchI2C) -> None:
    assert bus.read_word_data(0x40, 0x10) == 0x2211
    bus.write_word_data(0x40, 0x30, 0x1234)
    assert (bus.read_byte_data(0x40, 0x30), bus.read_byte_data(0x40, 0x31)) == (0x34, 0x12)


def test_the_pointer_goes_on_between_plain_bytes(bus: BenchI2C) -> None:
    bus.write_byte(0x40, 0x10)
    assert [bus.read_byte(0x40), bus.read_byte(0x40)] == [0x11, 0x22]


def test_raw_messages_of_smbus2_go_through(bus: BenchI2C) -> None:
    ask, answer = i2c_msg.write(0x40, [0x11]), i2c_msg.read(0x40, 3)
    bus.i2c_rdwr(ask, answer)
    assert bytes(answer) == b"\x22\x33\x44"


CALLS: list[Callable[[BenchI2C], object]] = [
    lambda bus: bus.read_byte_data(0x41, 0),
    lambda bus: bus.write_byte_data(0x41, 0, 1),
    lambda bus: bus.i2c_rdwr(i2c_msg.read(0x41, 1)),
]


@pytest.mark.parametrize("call", CALLS)
def test_where_nothing_is_plugged_in_the_kernels_error_comes(bus: BenchI2C, call: Callable[[BenchI2C], object]) -> None:
    with pytest.raises(OSError, match="Remote I/O") as error:
        call(bus)
    assert error.value.errno == errno.EREMOTEIO


def test_a_chip_can_be_pulled_out(bench: Bench, bus: BenchI2C) -> None:
    bench.i2c_chip(1, 0x40, None)
    with pytest.raises(OSError, match="Remote I/O"):
        bus.read_byte_data(0x40, 0x11)


def test_more_than_32_bytes_are_refused_as_smbus2_refuses_them(bus: BenchI2C) -> None:
    with pytest.raises(ValueError, match="32"):
        bus.read_i2c_block_data(0x40, 0, 33)
    with pytest.raises(ValueError, match="32"):
        bus.write_i2c_block_data(0x40, 0, [0] * 33)


class Mirror:
    """An SPI chip that says what it hears, backwards."""

    modes = (0,)
    max_hz = 1_000_000

    def transfer(self, data: bytes) -> bytes:
        return data[::-1]


def test_an_spi_chip_hears_one_selection_at_a_time(bench: Bench) -> None:
    bench.spi_chip(0, 0, Mirror())
    chip = bench.spi(0, 0, 1_000_000)
    assert list(chip.transfer([1, 2, 3])) == [3, 2, 1]
    chip.close()
    with pytest.raises(OSError, match="closed"):
        chip.transfer([1])


@pytest.mark.parametrize(("hz", "mode"), [(2_000_000, 0), (1_000_000, 1)])
def test_too_fast_or_in_the_wrong_mode_gives_nonsense(bench: Bench, hz: int, mode: int) -> None:
    bench.spi_chip(0, 0, Mirror())
    assert list(bench.spi(0, 0, hz, mode).transfer([1, 2])) == [0xA5, 0xA5]


def test_with_no_chip_the_pulled_down_line_reads_zeros(bench: Bench) -> None:
    assert list(bench.spi(0, 1, 1_000_000).transfer([1, 2])) == [0, 0]


def test_an_spi_chip_that_is_pulled_out_while_it_is_held_reads_zeros(bench: Bench) -> None:
    held = bench.spi(0, 0, 1_000_000)
    for chip, heard in ((Mirror(), [2, 1]), (None, [0, 0]), (Mirror(), [2, 1])):
        bench.spi_chip(0, 0, chip)
        assert list(held.transfer([1, 2])) == heard
