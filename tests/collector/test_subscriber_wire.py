"""What the collector says to a broker when it connects, and what it makes of brokers that hang up."""

import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from collector.ingest import Ingest
from collector.part import COLLECTS, LOOKS_ON, SHARES, Part
from collector.store.duck import DuckStore
from collector.subscriber import RETRY_S, Subscriber
from contract.broker import Broker
from contract.errors import NotAllowed
from contract.secrets import Credentials
from tests.collector.example import LINE
from tests.servers import wait_until

REFUSES_5_IN_3_1_1 = b"\x20\x02\x00\x01"
REFUSES_5_IN_5 = b"\x20\x03\x00\x84\x00"
TAKES_3_1_1 = b"\x20\x02\x00\x00"
DAY_S = 86_400


@dataclass(frozen=True)
class Connect:
    """What a CONNECT said."""

    level: int
    clean: bool
    keep_alive_s: int
    session_s: int | None
    receive_maximum: int | None
    client_id: str


def read_connect(packet: bytes) -> Connect:
    """Read a CONNECT of less than 128 bytes of remaining length, or more: its length is skipped."""
    at = 1
    while packet[at] & 0x80:
        at += 1
    at += 1 + 2 + 4
    level, flags, keep_alive = packet[at], packet[at + 1], struct.unpack_from(">H", packet, at + 2)[0]
    at += 4
    found: dict[int, int] = {}
    if level == 5:
        length, at = packet[at], at + 1
        end = at + length
        while at < end:
            kind, size = packet[at], {0x11: 4, 0x21: 2}[packet[at]]
            found[kind] = int.from_bytes(packet[at + 1 : at + 1 + size], "big")
            at += 1 + size
    (size,) = struct.unpack_from(">H", packet, at)
    client_id = packet[at + 2 : at + 2 + size].decode()
    return Connect(level, bool(flags & 2), keep_alive, found.get(0x11), found.get(0x21), client_id)


class Doorman:
    """Takes connections, keeps what each one's CONNECT said, and answers what it is told to; then it hangs up."""

    def __init__(self, answers: dict[int, bytes]) -> None:
        self.heard: list[Connect] = []
        self._answers = answers
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._door.accept()
            except OSError:
                return
            with caller:
                connect = read_connect(caller.recv(4096))
                self.heard.append(connect)
                caller.sendall(self._answers.get(connect.level, b""))

    def close(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self._thread.join()


@pytest.fixture
def ingest(tmp_path: Path) -> Iterator[Ingest]:
    store = DuckStore(tmp_path / "line.duckdb", threads=1, memory_mb=128)
    yield Ingest(store, [(0, LINE)], "one")
    store.close()


def levels(ingest: Ingest, answers: dict[int, bytes], many: int, part: Part = COLLECTS) -> list[int]:
    """In which version of MQTT a broker that answers so is spoken to, time after time."""
    doorman = Doorman(answers)
    subscriber = Subscriber(LINE, ingest, Broker("127.0.0.1", doorman.port), part=part)
    subscriber.start()
    wait_until(lambda: len(doorman.heard) >= many, 60)
    subscriber.stop()
    doorman.close()
    return [connect.level for connect in doorman.heard[:many]]


def first(ingest: Ingest, part: Part) -> Connect:
    """What is said first."""
    doorman = Doorman({})
    subscriber = Subscriber(LINE, ingest, Broker("127.0.0.1", doorman.port), part=part)
    subscriber.start()
    wait_until(lambda: bool(doorman.heard), 60)
    subscriber.stop()
    doorman.close()
    return doorman.heard[0]


def test_the_session_is_kept_for_seven_days_and_the_keep_alive_is_short(ingest: Ingest) -> None:
    said = first(ingest, COLLECTS)
    assert said == Connect(5, False, 15, 7 * DAY_S, 1000, "kojo:akita:wash:collector:one")


def test_one_of_several_keeps_its_session_for_a_minute_because_brokers_give_it_messages_while_it_is_away(
    ingest: Ingest,
) -> None:
    said = first(ingest, SHARES)
    assert (said.level, said.clean, said.session_s) == (5, False, 60)


def test_who_only_looks_on_keeps_no_session_and_is_no_collector(ingest: Ingest) -> None:
    said = first(ingest, LOOKS_ON)
    assert (said.session_s, said.client_id) == (0, "kojo:akita:wash:kpi:one")


def test_it_is_tried_again_at_least_every_five_seconds() -> None:
    assert max(RETRY_S) * 1.2 < 5


@pytest.mark.slow
def test_a_broker_that_hangs_up_without_a_word_is_tried_in_both_versions_by_turns(ingest: Ingest) -> None:
    assert levels(ingest, {}, 3) == [5, 4, 5]


@pytest.mark.slow
def test_after_a_connection_in_3_1_1_the_next_is_tried_in_5_again(ingest: Ingest) -> None:
    assert levels(ingest, {4: TAKES_3_1_1}, 3) == [5, 4, 5]


@pytest.mark.slow
@pytest.mark.parametrize("refusal", [REFUSES_5_IN_3_1_1, REFUSES_5_IN_5])
def test_a_broker_that_says_it_does_not_speak_5_is_believed(ingest: Ingest, refusal: bytes) -> None:
    assert levels(ingest, {5: refusal}, 3) == [5, 4, 4]


@pytest.mark.slow
def test_what_is_shared_is_never_asked_for_in_3_1_1(ingest: Ingest) -> None:
    assert levels(ingest, {5: REFUSES_5_IN_5}, 2, SHARES) == [5, 5]


def test_the_embedded_broker_cannot_be_shared(ingest: Ingest) -> None:
    with pytest.raises(NotAllowed):
        Subscriber(LINE, ingest, Broker("127.0.0.1", 1883, embedded=True), part=SHARES)


@pytest.mark.slow
def test_a_certificate_that_is_empty_for_a_moment_does_not_end_the_collector_for_ever(tmp_path: Path) -> None:
    store = DuckStore(tmp_path / "line.duckdb", threads=1, memory_mb=128)
    ca = tmp_path / "ca.crt"
    ca.write_bytes(b"")
    ingest = Ingest(store, [(0, LINE)], "one")
    subscriber = Subscriber(LINE, ingest, Broker("127.0.0.1", 1, tls=True), Credentials(ca=ca))
    subscriber.start()
    try:
        wait_until(lambda: subscriber.trouble is not None, what="the empty file is told")
        before = subscriber.trouble
        ca.unlink()
        wait_until(
            lambda: subscriber.trouble != before and "No such file" in str(subscriber.trouble),
            what="the present reason is told",
        )
    finally:
        subscriber.stop()
        store.close()
