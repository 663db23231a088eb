"""Packets are cut where they end, publications are read as paho reads them, everything else is handed on."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.publications import Publication, cut

pytestmark = pytest.mark.slow

CONTROL = [b"\xd0\x00", b"\x20\x02\x00\x00", b"\x90\x03\x00\x01\x01", b"\x34\x05\x00\x01a\x00\x01"]


def length(number: int) -> bytes:
    said = b""
    while True:
        number, byte = divmod(number, 128)
        said += bytes([byte | (0x80 if number else 0)])
        if not number:
            return said


def packet(said: Publication | bytes, mqtt5: bool, properties: bytes = b"") -> bytes:
    if isinstance(said, bytes):
        return said
    topic, payload, number, retained = said
    body = struct.pack(">H", len(topic)) + topic + (struct.pack(">H", number) if number else b"")
    body += (length(len(properties)) + properties if mqtt5 else b"") + payload
    return bytes([0x30 | (0x02 if number else 0) | retained]) + length(len(body)) + body


PUBLICATIONS = st.tuples(
    st.binary(max_size=20),
    st.binary(max_size=40).flatmap(lambda b: st.sampled_from([b, b * 9])),
    st.integers(0, 65535),
    st.booleans(),
)
PACKETS = st.lists(st.one_of(PUBLICATIONS, st.sampled_from(CONTROL)), max_size=12)


@given(PACKETS, st.booleans(), st.binary(max_size=200), st.lists(st.integers(1, 500), min_size=1, max_size=40))
def test_however_the_bytes_arrive_the_same_packets_come_out(
    packets: list[Publication | bytes], mqtt5: bool, properties: bytes, pieces: list[int]
) -> None:
    wire = b"".join(packet(said, mqtt5, properties) for said in packets)
    received, found = bytearray(), list[Publication | bytes]()
    at, turn = 0, 0
    while at < len(wire):
        size = pieces[turn % len(pieces)]
        received += wire[at : at + size]
        at, turn = at + size, turn + 1
        whole, consumed = cut(received, mqtt5)
        del received[:consumed]
        found += whole
    assert found == packets
    assert received == b""


@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_whatever_raise_or_vanish(wire: bytes, mqtt5: bool) -> None:
    packets, consumed = cut(bytearray(wire), mqtt5)
    assert 0 <= consumed <= len(wire)
    raw = b"".join(said for said in packets if isinstance(said, bytes))
    read = sum(len(topic) + len(payload) for topic, payload, *_ in (p for p in packets if isinstance(p, tuple)))
    assert len(raw) + read <= consumed


def test_a_publication_that_is_no_legal_one_is_left_to_paho() -> None:
    for wire in (b"\x32\x01\x00", b"\x32\x04\x00\x09ab", b"\x30\x00", b"\x32\x05\x00\x01a\x00\x01\xff"):
        packets, consumed = cut(bytearray(wire), mqtt5=True)
        assert packets == [wire[:consumed]]


def test_a_length_without_an_end_is_left_to_paho() -> None:
    wire = bytearray(b"\x30\xff\xff\xff\xff\x01abc")
    assert cut(wire, mqtt5=True) == ([bytes(wire)], len(wire))


def test_long_packets_are_read_whole() -> None:
    for size in (127, 128, 16_383, 16_384, 300_000):
        said = (b"a/b", b"x" * size, 7, False)
        wire = bytearray(packet(said, mqtt5=True))
        assert cut(wire[:-1], mqtt5=True) == ([], 0)
        assert cut(wire, mqtt5=True) == ([said], len(wire))
