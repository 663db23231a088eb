"""The check byte of Sensirion and ASAIR."""

from hypothesis import given
from hypothesis import strategies as st

from edge.crc8 import crc8


def test_the_example_of_the_data_sheet() -> None:
    """SHT3x-DIS, table of 4.12: CRC (0xBEEF) = 0x92."""
    assert crc8(bytes([0xBE, 0xEF])) == 0x92


def test_lines_that_are_stuck_are_no_frame() -> None:
    assert crc8(b"\x00\x00") != 0x00
    assert crc8(b"\xff\xff") != 0xFF


@given(st.binary(max_size=8), st.data())
def test_with_its_check_byte_the_rest_is_zero_and_no_flipped_bit_goes_unseen(data: bytes, draw: st.DataObject) -> None:
    frame = data + bytes([crc8(data)])
    assert crc8(frame) == 0
    bit = draw.draw(st.integers(0, 8 * len(frame) - 1))
    spoilt = bytearray(frame)
    spoilt[bit // 8] ^= 1 << bit % 8
    assert crc8(bytes(spoilt)) != 0
