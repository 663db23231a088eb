"""The InfluxDB store on a real server: nothing lost, nothing doubled, the first stored stays, errors in plain words."""

import datetime
import inspect
import ipaddress
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.store import (
    Entry,
    LineVersion,
    Refused,
    Rows,
    Store,
    StreamNews,
    Work,
    open_store,
)
from collector.store.heard import GRAIN_NS
from collector.store.influx import InfluxStore
from collector.store.influx_answer import QueryFailed
from contract.errors import NotAllowed, StoreAway, StoreError, StoreRefused
from contract.reading import MAX_NUMBER, NS_PER_S, Series
from tests.influx_server import LINE, SITE, Cut, Front, InfluxServer, influx_server
from tests.servers import free_port

pytestmark = pytest.mark.influx

DONE = Series("washer", "done", "count")
REASON = Series("washer", "reason", "pressed")
START = 1_795_000_000 * NS_PER_S
SERVED = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    with influx_server(tmp_path_factory.mktemp("influx")) as running:
        yield running


@pytest.fixture
def bucket(server: InfluxServer) -> str:
    return server.new_bucket()


@pytest.fixture
def store(server: InfluxServer, bucket: str) -> Iterator[InfluxStore]:
    opened = server.store(bucket)
    yield opened
    opened.close()


def counts(first: int, last: int, stream: str = "s1") -> Rows:
    """Numbered readings: number n at second n with value n."""
    numbers = range(first, last + 1)
    return Rows(DONE, stream, first, [START + n * NS_PER_S for n in numbers], [float(n) for n in numbers])


def message(id: str, payload: bytes = b"{", at: int = START) -> Refused:
    return Refused(id, at, "kojo/v1/akita/wash/washer/done/count", "not_json", "「{」は JSON ではありません。", payload)


# What is written comes back


@pytest.mark.parametrize("verb", [name for name in vars(Store) if not name.startswith("_") and name != "id"])
def test_it_has_every_verb_of_the_protocol(verb: str) -> None:
    asked = inspect.signature(getattr(Store, verb))
    assert list(inspect.signature(getattr(InfluxStore, verb)).parameters) == list(asked.parameters)


def test_open_store_opens_it(server: InfluxServer, bucket: str, tmp_path: Path) -> None:
    first = open_store(server.url(bucket), tmp_path, {}, site=SITE, line=LINE, collector="one")
    again = open_store(server.url(bucket), tmp_path, {}, site=SITE, line=LINE, collector="two")
    assert first.id == again.id
    assert server.store(server.new_bucket()).id != first.id


@SERVED
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=256), min_size=1, max_size=20))
def test_every_text_comes_back_as_it_was(server: InfluxServer, store: InfluxStore, texts: list[str]) -> None:
    series = Series("washer", "reason", f"m{store_count()}")
    times = range(START, START + len(texts))
    store.commit(Work(rows=[Rows(series, "-", None, list(times), texts)]))
    assert store.readings(series).v.tolist() == texts
    assert list(store.at_times(series, times).values()) == texts


@pytest.mark.parametrize("text", ["", "\n", "\\", '"', '\\"', "a,b=c d", "\r\n", "\0", "\t", "品種「A-100」", "#", " "])
def test_the_difficult_texts_come_back(store: InfluxStore, text: str) -> None:
    store.commit(Work(rows=[Rows(REASON, "s1", 1, [START, START + 1], [text, text + text])]))
    assert store.readings(REASON).v.tolist() == [text, text + text]


_used = iter(range(10**9))


def store_count() -> int:
    """A number not used before, for a series of one's own in a bucket that examples share."""
    return next(_used)


@SERVED
@given(st.lists(st.floats(-MAX_NUMBER, MAX_NUMBER), min_size=1, max_size=50), st.integers(1, MAX_NUMBER - 100))
def test_every_number_comes_back_as_it_was(store: InfluxStore, values: list[float], first: int) -> None:
    series = Series("washer", "air", f"m{store_count()}")
    store.commit(Work(rows=[Rows(series, "s1", first, range(START, START + len(values)), values)]))
    found = store.readings(series)
    assert found.v.tolist() == values
    assert found.seq.tolist() == list(range(first, first + len(values)))
    assert found.t.tolist() == list(range(START, START + len(values)))


@SERVED
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\\"), min_size=1, max_size=40))
def test_no_name_reaches_another_names_readings(store: InfluxStore, station: str) -> None:
    strange = Series(station, "done", "count")
    store.commit(Work(rows=[Rows(DONE, "s1", 1, [START], [1.0]), Rows(strange, "s1", 1, [START], [2.0])]))
    expected = [1.0] if strange == DONE else [2.0]
    assert store.readings(strange).v.tolist() == expected
    assert store.readings(DONE).v.tolist() == [1.0]


@pytest.mark.parametrize("asked", ["' OR 1 = 1 --", "x'; DROP MEASUREMENT reading; --", '"', "a\\", "\n", "\0"])
def test_a_question_cannot_be_turned_into_another(store: InfluxStore, asked: str) -> None:
    store.commit(Work(rows=[counts(1, 3)]))
    assert len(store.readings(Series(asked, asked, asked))) == 0
    assert store.extent(asked) is None
    assert store.numbered(asked, Series(asked, asked, asked), 1, 3) == {}
    assert len(store.readings(DONE)) == 3


def test_a_long_answer_comes_in_chunks_and_is_whole(store: InfluxStore) -> None:
    store.commit(Work(rows=[counts(1, 25_000)]))
    found = store.readings(DONE)
    assert found.seq.tolist() == list(range(1, 25_001))
    heard = store.heard("washer", START, START + 10**18)
    assert (heard[0], heard[-1]) == (found.t[0], found.t[-1])
    assert len(heard) == len(np.unique(found.t // GRAIN_NS)) * 2


def test_numbers_are_found_in_a_long_stream_with_holes(store: InfluxStore) -> None:
    store.commit(Work(rows=[counts(1, 12_000), counts(20_001, 32_000), counts(5, 9, "s2")]))
    for first, last in (
        (1, 3),
        (11_990, 12_010),
        (15_000, 15_010),
        (20_000, 20_003),
        (25_000, 25_999),
        (31_990, 40_000),
    ):
        expected = [n for n in range(first, last + 1) if n <= 12_000 or 20_001 <= n <= 32_000]
        found = store.numbered("s1", DONE, first, last)
        assert sorted(found) == expected
        assert all(found[n] == (START + n * NS_PER_S, float(n)) for n in expected)


@pytest.mark.parametrize(
    ("below", "expected"), [(1, None), (2, 1), (9_000, 8_999), (20_000, 12_000), (20_002, 20_001), (99_999, 32_000)]
)
def test_the_nearest_lower_total_is_found(store: InfluxStore, below: int, expected: int | None) -> None:
    store.commit(Work(rows=[counts(1, 12_000), counts(20_001, 32_000)]))
    assert store.last_total("s1", DONE, below) == (None if expected is None else (expected, float(expected)))


def test_long_documents_are_kept_whole(store: InfluxStore, server: InfluxServer, bucket: str) -> None:
    payload = bytes(range(256)) * 1024
    text = '[stations."洗浄機"]\nname = "a\\\\b"\n' * 20_000
    store.commit(Work(refused=[message("q1", payload)]))
    store.keep_line(LineVersion(START, text))
    again = server.store(bucket, "two")
    assert again.quarantine(["q1"])[0].payload == payload
    assert again.lines() == [LineVersion(START, text)]


def test_many_ranges_are_kept_whole(store: InfluxStore, server: InfluxServer, bucket: str) -> None:
    ranges = tuple((n, n + 1) for n in range(1, 60_000, 3))
    store.commit(Work(ranges={("s1", DONE): ranges}))
    store.commit(Work(ranges={("s1", REASON): ((1, 2),)}))
    assert server.store(bucket).remembered().ranges == {("s1", DONE): ranges, ("s1", REASON): ((1, 2),)}


def test_an_entry_is_replaced_by_its_id_from_any_program(store: InfluxStore, server: InfluxServer, bucket: str) -> None:
    store.keep_entry(Entry("e1", "plan", START, 1, {"quantity": 10}))
    store.keep_entry(Entry("e2", "plan", START + 1, 1, {"quantity": 20}))
    server.store(bucket, "two").keep_entry(Entry("e1", "plan", START + 5, 2, {"quantity": 30}))
    assert [(entry.id, entry.body["quantity"]) for entry in store.entries("plan")] == [("e2", 20), ("e1", 30)]
    assert [entry.id for entry in store.entries("plan", START + 1, START + 5)] == ["e2"]
    assert store.entries("event") == []


# Nothing lost, nothing doubled


class Reboot:
    """A collector that loses its memory at every trouble, as after a crash, and an agent that sends what is missing."""

    def __init__(self, server: InfluxServer, bucket: str) -> None:
        self.server, self.bucket = server, bucket
        self.store = server.store(bucket)
        self.stored_to = 0

    def send(self, last: int) -> None:
        """Commit one batch; what the store did not confirm is sent again by a collector that starts anew."""
        try:
            self._commit(last)
        except StoreAway:
            self.server.front.cut = lambda path, body: None
            self.store = self.server.store(self.bucket)
            known = self.store.remembered()
            ((_, self.stored_to),) = known.ranges.get(("s1", DONE), ((1, 0),))
            assert known.counters.get("received", 0) == self.stored_to
            self._commit(last)

    def _commit(self, last: int) -> None:
        rows = [counts(self.stored_to + 1, last)] if last > self.stored_to else []
        self.store.commit(Work(rows=rows, ranges={("s1", DONE): ((1, last),)}, counters={"received": last}))
        self.stored_to = last


CUT_AT = st.tuples(st.integers(0, 9), st.integers(0, 1), st.sampled_from(["before", "after"]))


@pytest.mark.slow
@settings(SERVED, max_examples=40)
@given(sizes=st.lists(st.integers(1, 40), min_size=1, max_size=10), cuts=st.lists(CUT_AT, max_size=6))
def test_a_crash_at_any_request_loses_nothing_and_doubles_nothing(
    server: InfluxServer, sizes: list[int], cuts: list[tuple[int, int, Cut]]
) -> None:
    line = Reboot(server, server.new_bucket())
    last = 0
    for batch, size in enumerate(sizes):
        planned = {request: where for at, request, where in cuts if at == batch}
        writes = iter(range(10))

        def cut(
            path: str, body: bytes, planned: dict[int, Cut] = planned, writes: Iterator[int] = writes
        ) -> Cut | None:
            return planned.get(next(writes)) if path.startswith("/api/v2/write") else None

        server.front.cut = cut
        last += size
        line.send(last)
    server.front.cut = lambda path, body: None
    found = line.store.readings(DONE)
    assert found.seq.tolist() == list(range(1, last + 1))
    assert found.v.tolist() == [float(n) for n in range(1, last + 1)]


def test_a_crash_between_readings_and_ranges_leaves_no_ranges(server: InfluxServer, bucket: str) -> None:
    store = server.store(bucket)
    server.front.cut = lambda path, body: "before" if b"kojo_range" in body else None
    work = Work(rows=[counts(1, 5)], ranges={("s1", DONE): ((1, 5),)}, counters={"received": 5})
    with pytest.raises(StoreAway):
        store.commit(work)
    server.front.cut = lambda path, body: None
    assert len(store.readings(DONE)) == 5
    assert server.store(bucket).remembered().ranges == {}
    store.commit(work)
    assert server.store(bucket).readings(DONE).seq.tolist() == [1, 2, 3, 4, 5]
    assert server.store(bucket).remembered().ranges == {("s1", DONE): ((1, 5),)}


def test_a_settled_clock_shift_is_durable_before_the_readings_it_moved(server: InfluxServer, bucket: str) -> None:
    store = server.store(bucket)
    server.front.cut = lambda path, body: "before" if body.startswith(b"reading") else None
    with pytest.raises(StoreAway):
        store.commit(Work(rows=[counts(1, 5)], streams={"s1": StreamNews("pi-1", START, 86_400 * NS_PER_S)}))
    server.front.cut = lambda path, body: None
    assert server.store(bucket).remembered().streams == {"s1": StreamNews("pi-1", START, 86_400 * NS_PER_S)}
    store.commit(Work(streams={"s1": StreamNews("pi-1", START + 5)}))
    assert server.store(bucket).remembered().streams["s1"] == StreamNews("pi-1", START + 5, 86_400 * NS_PER_S)


@pytest.mark.slow
def test_what_was_confirmed_survives_a_killed_server(tmp_path: Path) -> None:
    with influx_server(tmp_path) as server:
        bucket = server.new_bucket()
        store = server.store(bucket)
        for turn in range(5):
            first = turn * 1000 + 1
            store.commit(Work(rows=[counts(first, first + 999)], ranges={("s1", DONE): ((1, first + 999),)}))
            server.kill()
            with pytest.raises(StoreAway, match="InfluxDB"):
                store.commit(Work(rows=[counts(first + 1000, first + 1999)]))
            server.start()
        assert store.remembered().ranges == {("s1", DONE): ((1, 5000),)}
        assert store.readings(DONE).seq.tolist() == list(range(1, 5001))


# The first stored stays


@pytest.mark.parametrize(
    "other",
    [
        Rows(DONE, "s1", 2, [START + 2 * NS_PER_S], [7.0]),
        Rows(DONE, "s1", 9, [START + 2 * NS_PER_S], [2.0]),
        Rows(DONE, "s1", 2, [START + 2 * NS_PER_S], ["2"]),
    ],
    ids=["another value", "another number", "text"],
)
def test_other_content_at_a_stored_time_is_refused_and_changes_nothing(
    store: InfluxStore, server: InfluxServer, bucket: str, other: Rows
) -> None:
    store.commit(Work(rows=[counts(1, 3)]))
    for collector in (store, server.store(bucket)):
        with pytest.raises(StoreRefused, match=r"先に記録された値|stored first"):
            collector.commit(Work(rows=[other], ranges={("s1", DONE): ((1, 9),)}))
    assert store.numbered("s1", DONE, 1, 9) == {n: (START + n * NS_PER_S, float(n)) for n in (1, 2, 3)}
    assert store.remembered().ranges == {}


def test_other_content_within_one_work_is_refused(store: InfluxStore) -> None:
    twice = [Rows(DONE, "s1", 1, [START], [1.0]), Rows(DONE, "s1", 2, [START], [2.0])]
    with pytest.raises(StoreRefused):
        store.commit(Work(rows=twice))
    assert len(store.readings(DONE)) == 0


def test_a_repeat_of_the_same_is_welcome(store: InfluxStore, server: InfluxServer, bucket: str) -> None:
    for collector in (store, store, server.store(bucket), server.store(bucket, "two")):
        collector.commit(Work(rows=[counts(1, 50), counts(20, 60)]))
    assert store.readings(DONE).seq.tolist() == list(range(1, 61))


def test_two_collectors_know_each_others_readings_once_both_are_known(server: InfluxServer, bucket: str) -> None:
    one, two = server.store(bucket, "one"), server.store(bucket, "two")
    two.commit(Work(rows=[counts(1, 9)], ranges={("s1", DONE): ((1, 9),)}))
    one.remembered()
    one.commit(Work(rows=[counts(20, 21)]))
    two.commit(Work(rows=[counts(22, 25)]))
    with pytest.raises(StoreRefused):
        one.commit(Work(rows=[Rows(DONE, "s1", 22, [START + 25 * NS_PER_S], [0.0])]))


def test_ranges_of_several_collectors_are_united(server: InfluxServer, bucket: str) -> None:
    one, two = server.store(bucket, "one"), server.store(bucket, "two")
    one.commit(Work(ranges={("s1", DONE): ((1, 10), (21, 30))}, counters={"received": 20, "duplicates": 1}))
    two.remembered()
    two.commit(
        Work(
            ranges={("s1", DONE): ((11, 15), (31, 31))},
            given_up={("s1", DONE): ((5, 18),)},
            counters={"received": 26},
            streams={"s1": StreamNews("pi-1", START)},
        )
    )
    known = one.remembered()
    assert known.ranges == {("s1", DONE): ((1, 15), (21, 31))}
    assert known.given_up == {("s1", DONE): ((16, 18),)}
    assert known.counters == {"received": 26, "duplicates": 1}
    one.commit(Work(counters={"received": 30}))
    assert two.remembered().counters == {"received": 30, "duplicates": 1}


# Quarantine


def test_places_in_the_quarantine_are_used_again(store: InfluxStore, server: InfluxServer, bucket: str) -> None:
    for turn in range(10):
        store.commit(Work(refused=[message(f"q{turn}-{n}", b"x" * 100_000, START + turn) for n in range(3)]))
        assert [kept.id for kept in store.remembered().quarantined] == [f"q{turn}-{n}" for n in range(3)]
        store.commit(Work(released=[f"q{turn}-{n}" for n in range(3)]))
    assert store.quarantine() == []
    rows = json.loads(server.run("SELECT count(live) FROM kojo_quarantine", bucket))["results"][0]["series"][0][
        "values"
    ]
    assert rows[0][1] == 3


def test_a_released_message_frees_a_place_after_a_restart_too(server: InfluxServer, bucket: str) -> None:
    one = server.store(bucket)
    one.commit(Work(refused=[message("a"), message("b"), message("c")]))
    one.commit(Work(released=["b"]))
    again = server.store(bucket)
    again.commit(Work(refused=[message("d", at=START + 1)]))
    assert [kept.id for kept in again.quarantine()] == ["a", "c", "d"]
    assert [kept.id for kept in again.quarantine(limit=2)] == ["c", "d"]
    assert [kept.id for kept in again.quarantine(["a", "nobody"])] == ["a"]


def test_one_collector_may_release_what_another_put_there(server: InfluxServer, bucket: str) -> None:
    one, two = server.store(bucket, "one"), server.store(bucket, "two")
    one.commit(Work(refused=[message("a")], pending=[message("p")]))
    two.commit(Work(refused=[message("b")]))
    two.commit(Work(released=["a"], settled=["p"]))
    assert [kept.id for kept in one.quarantine()] == ["b"]
    assert one.remembered().pending == []


def test_many_messages_are_read_at_once(store: InfluxStore) -> None:
    store.commit(Work(refused=[message(f"q{n:03}", bytes([n]) * n, START + n) for n in range(150)]))
    assert [one.payload for one in store.quarantine()] == [bytes([n]) * n for n in range(150)]
    assert [one.id for one in store.quarantine(limit=60)] == [f"q{n:03}" for n in range(90, 150)]


# What goes wrong, in plain words


def test_what_the_server_refuses_for_good_is_said_so(store: InfluxStore, server: InfluxServer, bucket: str) -> None:
    tags = f"line={LINE},measure=count,sensor=done,site={SITE},station=other,stream=s1"
    assert server.put(bucket, f"reading,{tags} v=1i {START}")[0] == 204
    with pytest.raises(StoreRefused, match="field type conflict"):
        store.commit(Work(rows=[counts(1, 3)], ranges={("s1", DONE): ((1, 3),)}))
    assert store.remembered().ranges == {}


def test_a_reading_that_is_no_number_is_refused(store: InfluxStore) -> None:
    with pytest.raises(StoreRefused, match="invalid number"):
        store.commit(Work(rows=[Rows(DONE, "s1", 1, [START], [float("nan")])]))


def test_a_missing_bucket_is_said_with_how_to_make_it(server: InfluxServer) -> None:
    with pytest.raises(StoreError, match="CREATE DATABASE nowhere") as said:
        server.store("nowhere")
    assert not isinstance(said.value, (StoreAway, StoreRefused))


def test_a_bucket_that_forgets_is_refused_at_the_start(server: InfluxServer, bucket: str) -> None:
    server.run(f'ALTER RETENTION POLICY "autogen" ON "{bucket}" DURATION 7d')
    with pytest.raises(StoreError, match="--retention 0"):
        server.store(bucket)


def test_a_server_that_is_not_there_is_away() -> None:
    url = f"influx://127.0.0.1:{free_port()}/b"
    with pytest.raises(StoreAway, match=r"http://127\.0\.0\.1.*\[store\] url"):
        InfluxStore(url, {}, site=SITE, line=LINE, collector="one")


def test_a_server_that_never_answers_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"influx://127.0.0.1:{deaf.getsockname()[1]}/b"
        with pytest.raises(StoreAway):
            InfluxStore(url, {}, site=SITE, line=LINE, collector="one", within_s=0.05)


def test_an_answer_cut_off_on_its_way_is_away(store: InfluxStore, server: InfluxServer) -> None:
    store.commit(Work(rows=[counts(1, 3)]))
    server.front.cut = lambda path, body: "after"
    try:
        with pytest.raises(StoreAway):
            store.readings(DONE)
    finally:
        server.front.cut = lambda path, body: None
    assert len(store.readings(DONE)) == 3


def test_an_unanswered_question_is_not_an_empty_answer(store: InfluxStore, server: InfluxServer, bucket: str) -> None:
    server.run(f'DROP DATABASE "{bucket}"')
    with pytest.raises(QueryFailed, match="database not found"):
        store.readings(DONE)


@pytest.mark.parametrize("url", ["influx://", "influx://host", "influx:///b", "http://host/b", "influx://u:p@host/b"])
def test_a_wrong_url_is_explained(url: str) -> None:
    with pytest.raises(StoreError, match=r"influx://192\.168|secrets\.toml"):
        InfluxStore(url, {}, site=SITE, line=LINE, collector="one")


@pytest.mark.parametrize("version", ["1.8.10", "v2.7.12", "3.11.4", "v3.12.0", "unknown"])
def test_servers_that_overwrite_are_taken(server: InfluxServer, bucket: str, version: str) -> None:
    server.front.version = version
    try:
        assert server.store(bucket).id
    finally:
        server.front.version = ""


@pytest.mark.parametrize("version", ["3.0.0", "v3.9.2", "3.11.3"])
def test_a_server_that_may_keep_an_overwritten_state_is_refused(
    server: InfluxServer, bucket: str, version: str
) -> None:
    server.front.version = version
    try:
        with pytest.raises(StoreError, match=r"3\.11\.4"):
            server.store(bucket)
    finally:
        server.front.version = ""


def self_signed(path: Path) -> Path:
    """A certificate for 127.0.0.1 that no authority vouches for, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "plant")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    path.write_bytes(certificate.public_bytes(pem) + private)
    return path


def test_https_needs_a_certificate_that_can_be_verified(
    server: InfluxServer, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path / "plant.pem")
    front = Front(server.http_port, certificate)
    try:
        url = f"influxs://127.0.0.1:{front.port}/{bucket}"
        with pytest.raises(StoreAway, match="SSL_CERT_FILE"):
            InfluxStore(url, {}, site=SITE, line=LINE, collector="one")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        trusted = InfluxStore(url, {}, site=SITE, line=LINE, collector="one")
        trusted.commit(Work(rows=[counts(1, 3)]))
        assert len(trusted.readings(DONE)) == 3
        trusted.close()
    finally:
        front.close()


def test_a_store_on_a_server_must_know_its_line(server: InfluxServer, bucket: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="site, line and collector"):
        open_store(server.url(bucket), tmp_path)


def test_credentials_are_needed_where_the_server_asks_for_them(tmp_path: Path) -> None:
    with influx_server(tmp_path, auth=True) as server:
        admin = {"u": "boss", "p": "s3cret"}
        server.run("CREATE USER boss WITH PASSWORD 's3cret' WITH ALL PRIVILEGES")
        server.run("CREATE DATABASE kojo; CREATE USER guest WITH PASSWORD 'g'", **admin)
        for secrets in ({}, {"user": "boss", "password": "wrong"}, {"user": "guest", "password": "g"}):
            with pytest.raises(NotAllowed, match=r"secrets\.toml"):
                server.store("kojo", **secrets)
        store = server.store("kojo", user="boss", password="s3cret")
        store.commit(Work(rows=[counts(1, 3)]))
        assert len(store.readings(DONE)) == 3
