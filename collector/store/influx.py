"""The InfluxDB store: ``influx://host:8086/bucket`` (http) or ``influxs://…`` (https), secrets apart.

    store = open_store("influx://plant:8086/kojo", directory, {"token": …}, site="akita", line="wash", collector="c1")

Written through the v2 write path (InfluxDB 1.8, 2.x, 3.x), read with InfluxQL over ``/query`` (1.x, 2.x, 3.x). The
bucket must exist and keep its data for ever: present states are points of 1970. What each version is relied upon for
stands in docs/decisions/influx-store.md.

InfluxDB has no transactions, so a commit is a sequence whose every beginning is safe: the clock shift of a stream, then
the readings, then, in one request, the ranges and all else. A crash in between leaves readings that nobody counts as
received; they come again, their tags and time are the same, and they overwrite themselves.
"""

import base64
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Never
from urllib.parse import unquote, urlencode, urlsplit

import numpy as np
import numpy.typing as npt

from collector.store import Entry, EntryKind, LineVersion, Refused, Remembered, Track, Work
from collector.store.influx_answer import QueryFailed, Table, tables
from collector.store.influx_papers import Papers
from collector.store.influx_readings import Readings
from collector.store.influx_shelf import Shelf
from collector.store.influx_state import PRESENT, State
from collector.store.influx_text import document, point, where, whole
from contract.errors import MissingExtra, NotAllowed, StoreAway, StoreError, StoreFull, StoreRefused
from contract.reading import Series, Value
from contract.words import Words

WITHIN_S = 10.0
"""So long a write may take, and a third of it to connect; an answer may pause three times as long."""

LINES_A_REQUEST = 5_000
CHARS_A_REQUEST = 4_000_000
"""InfluxDB 3 takes 10 MiB a request by default, 1.x 25 MB; a letter is at most 3 bytes in what we write."""

ROWS_A_CHUNK = 10_000
SCHEMA = 1

Secrets = Mapping[str, str]


class Server:
    """The wire: one InfluxDB server and one bucket of it. Says what went wrong in our own errors."""

    def __init__(self, url: str, secrets: Secrets, within_s: float) -> None:
        try:
            from influxdb_client.client.influxdb_client import InfluxDBClient
            from influxdb_client.client.write_api import SYNCHRONOUS
            from influxdb_client.rest import ApiException
            from urllib3.exceptions import HTTPError
        except ImportError as error:
            raise MissingExtra("influxdb-client", "influx") from error
        self.address, self.bucket = _address(url)
        self._trouble = (ApiException, HTTPError)
        write_ms, connect_ms = round(within_s * 1000), round(within_s * 1000 / 3)
        self._patience_ms = connect_ms, 3 * write_ms
        self._client: Any = InfluxDBClient(
            url=self.address,
            token=_token(secrets),
            org=secrets.get("org") or "-",
            timeout=(connect_ms, write_ms),
            connection_pool_maxsize=8,
        )
        self._headers = {"Accept": "application/json", **_reader(secrets)}
        self._writer = self._client.write_api(write_options=SYNCHRONOUS)

    def write(self, lines: Iterable[str]) -> None:
        """Write points, so many at a time. Raises StoreRefused where the server will never take one of them."""
        for some in _requests(lines):
            try:
                self._writer.write(self.bucket, record="\n".join(some).encode())
            except self._trouble as error:
                self._explain(error)

    def ask(self, question: str, rows_at_once: int = ROWS_A_CHUNK) -> Iterator[Table]:
        """The tables of an answer, as they come. Raises QueryFailed and StoreAway."""
        database, _, policy = self.bucket.partition("/")
        asked = {"db": database, "q": question, "epoch": "ns", "chunked": "true", "chunk_size": str(rows_at_once)}
        url = f"{self.address}/query?{urlencode(asked | ({'rp': policy} if policy else {}))}"
        try:
            answer = self._client.api_client.rest_client.GET(
                url,
                headers=dict(self._headers),
                _preload_content=False,
                _request_timeout=self._patience_ms,
            )
            try:
                yield from tables(answer.stream(1 << 18))
            finally:
                answer.close()
        except QueryFailed as failed:
            if "authori" in failed.said:
                raise self._not_allowed() from failed
            raise
        except self._trouble as error:
            if getattr(error, "status", None) in (400, 404, 413, 422):
                raise QueryFailed(_sentence(error)) from error
            self._explain(error)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _explain(self, error: Any) -> Never:
        status = getattr(error, "status", None)
        said = _sentence(error)
        if status in (401, 403):
            raise self._not_allowed() from error
        if status == 404:
            raise self.no_bucket() from error
        if "no space left" in said:
            raise StoreFull(Words(f"InfluxDB に空きがありません: {said}", f"InfluxDB is full: {said}")) from error
        if status in (400, 413, 422):
            raise StoreRefused(Words(f"InfluxDB が受け取りません: {said}", f"InfluxDB refuses it: {said}")) from error
        raise StoreAway(
            Words(f"InfluxDB({self.address})に届きません: {said}", f"InfluxDB at {self.address} is away: {said}"),
            Words(
                "サーバーが動いているか、line.toml の [store] url を確かめてください。つながり次第、続きから書きます。",
                "Check that the server runs, and [store] url in line.toml. Writing goes on as soon as it answers.",
            )
            if "certificate" not in said.lower()
            else Words(
                "サーバーの証明書を確かめられません。社内の認証局の証明書を環境変数 SSL_CERT_FILE で指してください。",
                "Its certificate cannot be verified. Point SSL_CERT_FILE at the certificate of your own authority.",
            ),
        ) from error

    def _not_allowed(self) -> NotAllowed:
        return NotAllowed(
            Words(
                f"InfluxDB({self.address})がこの資格情報でのバケット {self.bucket} の使用を断りました。",
                f"InfluxDB at {self.address} does not let these credentials use the bucket {self.bucket}.",
            ),
            Words(
                "secrets.toml の [store] を確かめてください(2.x と 3.x は token、1.8 は user と password)。",
                "Check [store] in secrets.toml: token for 2.x and 3.x, user and password for 1.8.",
            ),
        )

    def no_bucket(self) -> StoreError:
        """There is no such bucket, or it does not keep what is written."""
        return StoreError(
            Words(
                f"InfluxDB({self.address})にバケット {self.bucket} がないか、書いたものが残りません。",
                f"InfluxDB at {self.address} has no bucket {self.bucket}, or does not keep what is written to it.",
            ),
            Words(
                f"保存期間を無期限にして作ってください: influx bucket create --name {self.bucket} --retention 0"
                f"(1.8 は CREATE DATABASE {self.bucket})。",
                f"Make it, with unlimited retention: influx bucket create --name {self.bucket} --retention 0 "
                f"(1.8: CREATE DATABASE {self.bucket}).",
            ),
        )


class InfluxStore:
    """The verbs of the store protocol on InfluxDB, for one line, as one collector. Thread-safe."""

    def __init__(
        self, url: str, secrets: Secrets, *, site: str, line: str, collector: str, within_s: float = WITHIN_S
    ) -> None:
        """Connect, and learn or give the store's id. Raises MissingExtra, NotAllowed, StoreAway, StoreError."""
        self._server = Server(url, secrets, within_s)
        self._line = {"site": site, "line": line}
        ask = self._server.ask
        self._readings = Readings(self._line, ask)
        self._state = State(self._line, collector, ask)
        self._papers = Papers(self._line, ask)
        self._quarantine = Shelf("kojo_quarantine", self._line, collector, ask)
        self._pending = Shelf("kojo_pending", self._line, collector, ask)
        self._shifted: set[str] = set()
        self._committing = threading.Lock()
        self._id = self._known_id() or self._new_id()

    @property
    def id(self) -> str:
        """The store's own id, one for this line in this bucket."""
        return self._id

    def _known_id(self) -> str | None:
        question = f"SELECT * FROM kojo_store {where(self._line)}"
        try:
            return next((whole(row) for table in self._server.ask(question) for row in table.rows()), None)
        except QueryFailed as failed:
            if "not found" in failed.said:  # 3.x makes the database at the first write
                return None
            raise

    def _new_id(self) -> str:
        kept = {**document(uuid.uuid4().hex), "schema": float(SCHEMA)}
        try:
            self._server.write([point("kojo_store", self._line, kept, PRESENT)])
        except StoreRefused as error:
            raise self._server.no_bucket() from error
        known = self._known_id()
        if known is None:
            raise self._server.no_bucket()
        return known

    def remembered(self) -> Remembered:
        """The union of what all collectors of this line know now."""
        with self._committing:
            known, self._readings.shared = self._state.remembered()
            known.pending = self._pending.messages()
            known.quarantined = self._quarantine.kept()
            return known

    def commit(self, work: Work) -> None:
        """Write the work, readings before ranges. Raises StoreRefused, StoreAway, StoreFull, NotAllowed, StoreError."""
        with self._committing:
            self._write_shifts(work)
            self._readings.guard(work.rows)
            self._server.write(self._readings.lines(work.rows))
            self._readings.stored(work.rows)
            self._write_rest(work)

    def _write_shifts(self, work: Work) -> None:
        """A settled clock shift goes before the readings it moved: they must come again at the same times."""
        new = {name: n for name, n in work.streams.items() if n.shift is not None and name not in self._shifted}
        self._server.write([self._state.stream_line(name, news) for name, news in new.items()])
        self._shifted |= new.keys()

    def _write_rest(self, work: Work) -> None:
        kept = [self._quarantine.put(message) for message in work.refused]
        kept += [self._pending.put(message) for message in work.pending]
        left = self._quarantine.take(work.released) + self._pending.take(work.settled)
        self._write_own(chain(kept, self._state.lines(work), left))
        self._quarantine.taken(work.released)
        self._pending.taken(work.settled)

    def _write_own(self, lines: Iterable[str]) -> None:
        """Write what no device sent; a refusal here is no reading's fault."""
        try:
            self._server.write(lines)
        except StoreRefused as error:
            raise StoreError(error.what, error.hint) from error

    def numbered(self, stream: str, series: Series, first: int, last: int) -> Mapping[int, tuple[int, Value]]:
        """The stored readings (t, value) of those numbers; quarantined or given up numbers are absent."""
        return self._readings.numbered(stream, series, first, last)

    def at_times(self, series: Series, times: Sequence[int]) -> Mapping[int, Value]:
        """The stored readings without a stream at those times."""
        return self._readings.at_times(series, times)

    def last_total(self, stream: str, series: Series, below: int) -> tuple[int, float] | None:
        """Number and value of the nearest stored reading of a number below ``below``."""
        return self._readings.last_total(stream, series, below)

    def all_series(self) -> Sequence[Series]:
        """Every series that has readings."""
        return self._readings.all_series()

    def readings(self, series: Series, start: int | None = None, end: int | None = None) -> Track:
        """Readings with start <= t < end (None = open)."""
        return self._readings.between(series, start, end)

    def before(self, series: Series, t: int) -> Track:
        """Per stream, the last reading with a time below ``t``, if any."""
        return self._readings.before(series, t)

    def after(self, series: Series, t: int) -> Track:
        """Per stream, the first reading with a time at or above ``t``, if any."""
        return self._readings.after(series, t)

    def heard(self, station: str, start: int, end: int) -> npt.NDArray[np.int64]:
        """The sorted, distinct times of all readings of a station in [start, end)."""
        return self._readings.heard(station, start, end)

    def extent(self, station: str) -> tuple[int, int] | None:
        """The first and last time of all readings of a station."""
        return self._readings.extent(station)

    def quarantine(self, ids: Sequence[str] | None = None, limit: int = 1000) -> Sequence[Refused]:
        """Quarantined messages, oldest first; all of ``ids``, or the newest ``limit``."""
        return self._quarantine.messages(ids, limit)

    def keep_entry(self, entry: Entry) -> None:
        """Add what a person entered, or replace it by its id."""
        self._write_own([self._papers.entry_line(entry)])

    def entries(self, kind: EntryKind, start: int | None = None, end: int | None = None) -> Sequence[Entry]:
        """Entries of a kind with start <= at < end, by ``at`` then ``made``."""
        return self._papers.entries(kind, start, end)

    def keep_line(self, version: LineVersion) -> None:
        """Remember a version of the line."""
        self._write_own([self._papers.version_line(version)])

    def lines(self) -> Sequence[LineVersion]:
        """Every version, oldest first."""
        return self._papers.versions()

    def close(self) -> None:
        """Let go; everything is written when a verb returns."""
        self._server.close()


def _address(url: str) -> tuple[str, str]:
    """The server's http address and the bucket an ``influx://`` url names."""
    parts = urlsplit(url)
    bucket = unquote(parts.path.strip("/"))
    scheme = {"influx": "http", "influxs": "https"}.get(parts.scheme)
    if scheme is None or not parts.hostname or not bucket:
        raise StoreError(
            Words(f"[store] url = {url!r} の形が違います。", f"[store] url = {url!r} is not the url of a store."),
            Words("例: influx://192.168.1.10:8086/kojo", "For example: influx://192.168.1.10:8086/kojo"),
        )
    if parts.username is not None or parts.password is not None:
        raise StoreError(
            Words("[store] url にパスワードは書けません。", "[store] url may not hold a password."),
            Words("secrets.toml の [store] に移してください。", "Move it to [store] in secrets.toml."),
        )
    return f"{scheme}://{parts.netloc}", bucket


def _token(secrets: Secrets) -> str:
    """What a writer shows: the token of 2.x and 3.x, or 1.8's user:password."""
    if secrets.get("token"):
        return secrets["token"]
    return f"{secrets['user']}:{secrets.get('password', '')}" if secrets.get("user") else ""


def _reader(secrets: Secrets) -> dict[str, str]:
    """What a reader shows. User and password go the way that every version of ``/query`` knows."""
    shown = _token(secrets)
    if secrets.get("token"):
        return {"Authorization": f"Token {shown}"}
    return {"Authorization": f"Basic {base64.b64encode(shown.encode()).decode()}"} if shown else {}


def _requests(lines: Iterable[str]) -> Iterator[list[str]]:
    """The lines in portions that one request may hold."""
    rest = iter(lines)
    while some := list(islice(rest, LINES_A_REQUEST)):
        portion: list[str] = []
        chars = 0
        for line in some:
            if portion and chars + len(line) > CHARS_A_REQUEST:
                yield portion
                portion, chars = [], 0
            portion.append(line)
            chars += len(line)
        yield portion


def _sentence(error: Any) -> str:
    """What the server or the network said, on one line."""
    return " ".join(str(getattr(error, "body", None) or getattr(error, "reason", None) or error).split())[:500]
