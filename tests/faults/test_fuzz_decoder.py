"""A million messages that no program of ours would send: none stops the collector, each ends as exactly one thing.

Three ways to make them: mutation of good messages and plain noise (most of them), hypothesis (odd batches, found
failures are made small), and libFuzzer guided by the coverage of `contract` and `collector` (in a process of its own,
beside the first). And what comes from the broker is cut into packets at any place, and broken.
"""

import gc
import importlib.util
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.publications import Publication, cut
from contract.reading import MAX_NUMBER, Series
from tests.collector.desk import Desk
from tests.collector.example import DONE, REASON, START, TEMPERATURE, WASH, WEIGHT, S, topic
from tests.faults.fuzz import KINDS, NOW, Collector, Message, mutants, resident_mb, seeds
from tests.faults.table import Outcome, record

pytestmark = [pytest.mark.faults, pytest.mark.slow]

MUTATED, NOISE, GUIDED = 500_000, 300_000, 200_000
A_LIFE = 500
"""So many messages one collector takes; what it must remember of their streams for ever goes with it."""
MAY_GROW_MB = 24
GUIDED_WITHIN_S = 900.0


def kept_row(what: str, counts: dict[str, int], warm_mb: float, end_mb: float, took_s: float) -> None:
    """Every message is accounted for, and the memory is as it was after the first tenth."""
    many = sum(counts.values())
    became = ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
    memory = f"memory {warm_mb:.0f} -> {end_mb:.0f} MB"
    record(Outcome(f"fuzz: {what}", many, many, 0, 0, f"messages: {became}; {memory}; {took_s:.0f} s"))
    assert end_mb - warm_mb < MAY_GROW_MB


@dataclass(frozen=True)
class Guided:
    """libFuzzer at work in a process of its own."""

    process: "subprocess.Popen[str]"
    log: Path


@pytest.fixture(scope="module")
def guided() -> Iterator[Guided | None]:
    """Beside the other tests; None where atheris is not installed."""
    if importlib.util.find_spec("atheris") is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="kojo-fuzz-") as folder:
        command = [sys.executable, "-m", "tests.faults.fuzz_child", folder, str(GUIDED), "-max_len=4096", "-seed=1"]
        with (Path(folder) / "log").open("w+") as log:
            child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
            try:
                yield Guided(child, Path(folder) / "log")
            finally:
                child.kill()
                child.wait()


# ---------------------------------------------------------------------- messages


def noise(rng: random.Random) -> Iterator[Message]:
    """Bytes, letters and broken topics."""
    topics = [where for where, _ in seeds()]
    letters = '{}[]":,.0123456789eE+-truefalsnl \\uv\x00\x7fé洗😀'
    while True:
        size = int(rng.random() ** 3 * 200)
        payload = rng.randbytes(size) if rng.random() < 0.5 else "".join(rng.choices(letters, k=size)).encode()
        where = rng.choice(topics)
        if rng.random() < 0.2:
            where = "/".join(
                rng.choices([*where.split("/"), "", "_x", "+", "#", "\x00", "\udc80", "洗" * 50], k=rng.randrange(9))
            )
        yield where, payload


@pytest.mark.usefixtures("guided")
def test_mutated_messages_and_noise_each_end_as_exactly_one_thing_and_leave_no_memory_behind() -> None:
    rng, began = random.Random(20_261_122), time.monotonic()
    feeds = [(mutants(rng, list(seeds())), MUTATED), (noise(rng), NOISE)]
    counts, warm_mb, total = dict.fromkeys(KINDS, 0), 0.0, MUTATED + NOISE
    for life in range(total // A_LIFE):
        feed = feeds[life * NOISE // total != (life + 1) * NOISE // total][0]
        collector = Collector()
        for _ in range(A_LIFE):
            collector.take(next(feed), retained=rng.random() < 0.02)
        collector.end()
        for kind, many in collector.counts.items():
            counts[kind] += many
        if life == total // A_LIFE // 10:
            gc.collect()
            warm_mb = resident_mb()
    gc.collect()
    assert sum(counts.values()) == total
    assert min(counts.values()) > 1000, f"some kind hardly ever happened: {counts}"
    kept_row("mutated messages and noise", counts, warm_mb, resident_mb(), time.monotonic() - began)


NUMBERS = st.one_of(
    st.integers(1, 12),
    st.integers(-2, 2),
    st.floats(),
    st.sampled_from([MAX_NUMBER, MAX_NUMBER + 1, -MAX_NUMBER, 10**400]),
)
ODD = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=4)),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
TIMES = st.one_of(st.integers(0, 30).map(lambda n: START + n * S), st.integers(-(2**70), 2**70))
KEYS: dict[str, st.SearchStrategy[Any]] = {
    "stream": st.sampled_from(["s1", "s1", "s2", "-", "", 5]),
    "seq": st.one_of(st.integers(1, 9), st.integers(1, 9), NUMBERS),
    "t": st.one_of(st.lists(TIMES, max_size=6).map(sorted), st.lists(TIMES, max_size=3), ODD),
    "v": st.one_of(st.lists(st.integers(0, 9), max_size=6), st.lists(ODD, max_size=6), ODD),
    "clock": st.sampled_from(["synced", "synced", "corrected", "unsynced", "", None]),
    "from": st.one_of(st.integers(1, 12), NUMBERS),
    "agent": st.sampled_from(["pi-1", "pi-2", "PI", None]),
    "sent": TIMES,
    "more": ODD,
}
OBJECTS = st.fixed_dictionaries(
    {key: KEYS[key] for key in ("stream", "seq", "t", "v", "clock")},
    optional={k: KEYS[k] for k in ("from", "agent", "sent")},
)
PAYLOADS = st.one_of(
    OBJECTS,
    OBJECTS,
    st.fixed_dictionaries({}, optional=KEYS),
    st.fixed_dictionaries({"v": ODD}, optional={"t": st.one_of(TIMES, ODD, st.datetimes().map(str))}),
    ODD,
)
SERIES = st.sampled_from(
    [DONE, WEIGHT, WASH, REASON, TEMPERATURE, Series("washer", "x", "y"), Series("packer", "_agent", "alive")]
)
MESSAGES = st.lists(
    st.tuples(SERIES.map(topic), PAYLOADS.map(lambda said: json.dumps(said).encode()), st.booleans()), max_size=25
)


@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(MESSAGES)
def test_odd_batches_and_singles_each_end_as_exactly_one_thing(messages: list[tuple[str, bytes, bool]]) -> None:
    collector = Collector()
    for where, payload, retained in messages:
        collector.take((where, payload), retained)
    collector.end()


def test_messages_guided_by_coverage_each_end_as_exactly_one_thing(guided: Guided | None) -> None:
    if guided is None:
        reason = "atheris is not installed; there are wheels of it for Linux on x86-64 only"
        if os.environ.get("KOJO_REQUIRE") == "all":
            pytest.fail(reason)
        pytest.skip(reason)
    out, _ = guided.process.communicate(timeout=GUIDED_WITHIN_S)
    assert guided.process.returncode == 0, guided.log.read_text("utf-8", "replace")[-4000:]
    said = json.loads(out.splitlines()[-1])
    assert said["corpus"] > 100, "coverage guided it nowhere"
    kept_row(
        f"guided by coverage ({said['corpus']} inputs opened new code)",
        said["counts"],
        said["warm_mb"],
        said["end_mb"],
        said["took_s"],
    )


def test_the_store_on_disk_takes_whatever_the_judge_believes(tmp_path: Path) -> None:
    rng, desk = random.Random(3), Desk(tmp_path)
    feeds = mutants(rng, list(seeds())), noise(rng)
    for n in range(4000):
        desk.ingest.take(*next(feeds[rng.random() < 0.3]), NOW)
        if n % 50 == 0:
            desk.ingest.commit()
        if n % 1000 == 999:
            desk.ingest.commit()
            desk.restart()
    desk.ingest.settle(NOW + 200 * S)
    desk.ingest.commit()
    before = desk.ingest.status()
    desk.restart()
    after = desk.ingest.status()
    counted = ("received", "stored", "duplicates", "ignored", "quarantined", "in_quarantine", "quarantine_bytes")
    assert [after[name] for name in counted] == [before[name] for name in counted]
    tracks = [desk.store.readings(series) for series in desk.store.all_series()]
    assert sum(map(len, tracks)) == after["stored"]
    assert sum(len(set(zip(track.stream, track.seq, track.t, strict=True))) for track in tracks) == after["stored"]
    desk.store.close()


# ---------------------------------------------------------------------- packets


def varying(length: int) -> bytes:
    said = bytearray()
    while True:
        length, part = divmod(length, 128)
        said.append(part | (0x80 if length else 0))
        if not length:
            return bytes(said)


def packets(rng: random.Random, mqtt5: bool, many: int) -> Iterator[tuple[bytes, Publication | bytes]]:
    """Packets as a broker sends them, and what they are to be read as."""
    for _ in range(many):
        qos, retained, size = rng.choice((0, 1, 1, 1, 2)), rng.random() < 0.2, int(rng.random() ** 4 * 40_000)
        if rng.random() < 0.2:
            other = (
                bytes((rng.choice((0x20, 0x40, 0x90, 0xD0, 0xE0)),)) + varying(size % 300) + rng.randbytes(size % 300)
            )
            yield other, other
            continue
        where, payload, number = rng.randbytes(rng.randrange(60)), rng.randbytes(size), rng.randrange(1, 1 << 16)
        properties = rng.randbytes(rng.choice((0, 0, 5, 200)))
        body = len(where).to_bytes(2, "big") + where
        body += number.to_bytes(2, "big") if qos else b""
        body += varying(len(properties)) + properties if mqtt5 else b""
        head = 0x30 | qos << 1 | retained | (8 if qos and rng.random() < 0.1 else 0)
        packet = bytes((head,)) + varying(len(body) + size) + body + payload
        yield packet, packet if qos == 2 else (where, payload, number if qos else 0, retained)


def in_pieces(rng: random.Random, said: bytes, mqtt5: bool) -> tuple[list[Publication | bytes], bytes]:
    """What is read of bytes that come in pieces of any size, as the subscriber reads them; and what is left over."""
    received, found, at = bytearray(), list[Publication | bytes](), 0
    while at < len(said):
        size = rng.choice((1, 2, 3, 7, 100, 5000, 1 << 15))
        received += said[at : at + size]
        at += size
        read, consumed = cut(received, mqtt5)
        assert 0 <= consumed <= len(received)
        assert (consumed > 0) == bool(read)
        found += read
        del received[:consumed]
    return found, bytes(received)


@pytest.mark.parametrize("mqtt5", [False, True])
def test_packets_cut_anywhere_are_read_as_they_were_sent(mqtt5: bool) -> None:
    rng = random.Random(5)
    for _ in range(150):
        sent = list(packets(rng, mqtt5, 40))
        found, left = in_pieces(rng, b"".join(packet for packet, _ in sent), mqtt5)
        assert found == [wanted for _, wanted in sent]
        assert left == b""


@pytest.mark.parametrize("mqtt5", [False, True])
def test_broken_packets_stop_nobody_and_nothing_is_made_up(mqtt5: bool) -> None:
    rng = random.Random(6)
    for _ in range(3000):
        said = bytearray(b"".join(packet[:2000] for packet, _ in packets(rng, mqtt5, 4)))
        for _ in range(rng.randrange(1, 6)):
            at = rng.randrange(len(said) + 1)
            said[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(4))
        found, left = in_pieces(rng, bytes(said), mqtt5)
        assert size_of(found) + len(left) <= len(said)
        assert all(topic in said and payload in said for topic, payload, _, _ in _publications(found))
        if len(left) >= 5:
            assert declared(left) > len(left), "a whole packet was left lying"


def _publications(found: Sequence[Publication | bytes]) -> list[Publication]:
    return [one for one in found if not isinstance(one, bytes)]


def size_of(found: Sequence[Publication | bytes]) -> int:
    """At least so many bytes were read to find this."""
    return sum(len(one) if isinstance(one, bytes) else 4 + len(one[0]) + len(one[1]) for one in found)


def declared(packet: bytes) -> int:
    """How long a packet says that it is; 0 where its length has no end."""
    for places in range(1, 5):
        if packet[places] < 0x80:
            return 1 + places + sum((packet[n] & 0x7F) << 7 * (n - 1) for n in range(1, places + 1))
    return 0


def test_the_seeds_hold_a_message_of_every_kind() -> None:
    collector = Collector()
    kinds = {collector.take(message) for message in [*seeds(), *seeds()]}
    assert kinds == set(KINDS)
    assert NOW > START
