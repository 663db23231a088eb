"""The embedded broker under thousands of broken greetings and packets: it goes on, and takes no more memory."""

import contextlib
import random
import re
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.embedded import EmbeddedBroker
from tests.servers import free_port

pytestmark = pytest.mark.slow

CONNECT = b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02ab"
WELCOME = b"\x20\x02\x00\x00"
GOOD = (
    b"\x30\x06\x00\x03a/b1",
    b"\x32\x08\x00\x03a/b\x00\x071",
    b"\x34\x08\x00\x03a/b\x00\x081",
    b"\x62\x02\x00\x08",
    b"\x82\x08\x00\x01\x00\x03a/b\x01",
    b"\xa2\x07\x00\x02\x00\x03a/b",
    b"\x40\x02\x00\x07",
    b"\xc0\x00",
    b"\xe0\x00",
    CONNECT,
)
ROUNDS = 1500
GROWTH_KB = 40_000


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    broker = EmbeddedBroker("127.0.0.1", free_port())
    broker.start()
    yield broker
    broker.stop()


def resident_kb() -> int:
    found = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))
    assert found
    return int(found[1])


def mutated(dice: random.Random) -> bytes:
    """Good packets with some bytes changed, left out, put in or said again."""
    said = bytearray(b"".join(dice.choices(GOOD, k=dice.randint(1, 6))))
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(len(said) + 1)
        match dice.randrange(4):
            case 0:
                said[place : place + 1] = bytes([dice.randrange(256)])
            case 1:
                del said[place : place + dice.randint(1, 4)]
            case 2:
                said[place:place] = dice.randbytes(dice.randint(1, 8))
            case _:
                said[place:place] = b"\xff\xff\xff\x7f"
    return bytes(said)


def test_broken_packets_change_nothing_for_others_and_fill_no_memory(broker: EmbeddedBroker) -> None:
    dice = random.Random(7)
    sizes = []
    for number in range(ROUNDS):
        with contextlib.suppress(OSError), socket.create_connection((broker.host, broker.port)) as client:
            greeting = CONNECT if dice.random() < 0.8 else b""
            client.sendall(greeting + mutated(dice))
            # an RST, as of a device whose plug was pulled
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", dice.randrange(2), 0))
        if number % 250 == 249:
            with socket.create_connection((broker.host, broker.port), 30.0) as client:
                client.sendall(CONNECT)
                assert client.recv(4) == WELCOME
            sizes.append(resident_kb())
    assert broker.running
    assert sizes[-1] - sizes[0] < GROWTH_KB, sizes
