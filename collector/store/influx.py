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
import re
import threading
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import numpy as np
import numpy.typing as npt

from collector.store import Entry, EntryKind, Kept, LineVersion, Refused, Remembered, Track, Work
from collector.store.influx_answer import QueryFailed, Table, tables
from collector.store.influx_papers import Papers
from collector.store.influx_readings import Readings
from collector.store.influx_shelf import Shelf
from collector.store.influx_state import PRESENT, State
from collector.store.influx_text import document, point, portions, where, whole
from collector.store.influx_trouble import no_bucket, not_allowed, sentence, too_old, trouble
from collector.store.shared import Others
from contract.errors import MissingExtra, StoreError, StoreRefused
from contract.reading import Series, Value
from contract.words import Words

WITHIN_S = 10.0
"""So long a write may take, and a third of it to connect; an answer may pause three times as long."""

ROWS_A_CHUNK = 10_000

FIRST_THREE_THAT_OVERWRITES = (3, 11, 4)
"""Of two points with equal tags and time, earlier 3.x kept either one; see docs/decisions/influx-store.md."""

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

    def check_version(self) -> None:
        """Raise StoreError where the server is too old to keep a present state; StoreAway, NotAllowed."""
        said = self._get("/ping").headers.get("X-Influxdb-Version", "")
        version = tuple(int(part) for part in re.findall(r"\d+", said)[:3])
        if (3,) <= version < FIRST_THREE_THAT_OVERWRITES:
            raise too_old(said, ".".join(map(str, FIRST_THREE_THAT_OVERWRITES)))

    def write(self, lines: Iterable[str]) -> None:
        """Write points, so many at a time. Raises StoreRefused where the server will never take one of them."""
        for some in portions(lines):
            try:
                self._writer.write(self.bucket, record="\n".join(some).encode())
            except self._trouble as error:
                raise trouble(error, self.address, self.bucket) from error

    def ask(self, question: str, rows_at_once: int = ROWS_A_CHUNK) -> Iterator[Table]:
        """The tables of an answer, as they come. Raises QueryFailed and StoreAway."""
        database, _, policy = self.bucket.partition("/")
        asked = {"db": database, "q": question, "epoch": "ns", "chunked": "true", "chunk_size": str(rows_at_once)}
        answer = self._get(f"/query?{urlencode(asked | ({'rp': policy} if policy else {}))}")
        try:
            yield from tables(answer.stream(1 << 18))
        except QueryFailed as failed:
            if "authori" in failed.said:
                raise not_allowed(self.address, self.bucket) from failed
            raise
        except self._trouble as error:
            raise trouble(error, self.address, self.bucket) from error
        finally:
            answer.close()

    def _get(self, path: str) -> Any:
        """A server's answer, its body still to be read."""
        try:
            return self._client.api_client.rest_client.GET(
                self.address + path,
                headers=dict(self._headers),
                _preload_content=False,
                _request_timeout=self._patience_ms,
            )
        except self._trouble as error:
            if getattr(error, "status", None) in (400, 404, 413, 422):
                raise QueryFailed(sentence(error)) from error
            raise trouble(error, self.address, self.bucket) from error

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


class InfluxStore:
    """The verbs of the store protocol on InfluxDB, for one line, as one collector. Thread-safe."""

    def __init__(
        self, url: str, secrets: Secrets, *, site: str, line: str, collector: str, within_s: float = WITHIN_S
    ) -> None:
        """Connect, and learn or give the store's id. Raises MissingExtra, NotAllowed, StoreAway, StoreError."""
        if not (site and line and collector):
            raise ValueError("A store on a server must be told site, line and collector")
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
        self._server.check_version()
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
            raise no_bucket(self._server.address, self._server.bucket) from error
        known = self._known_id()
        if known is None:
            raise no_bucket(self._server.address, self._server.bucket)
        return known

    def remembered(self) -> Remembered:
        """The union of what all collectors of this line know now."""
        with self._committing:
            known, shared = self._state.remembered()
            self._readings.shared = self._readings.shared or shared
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
        kept = [self._quarantine.put(message) for message in work.refused if message.id not in work.released]
        kept += [self._pending.put(message) for message in work.pending if message.id not in work.settled]
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

    def status(self) -> dict[str, Any]:
        """Nothing had to be put right: the server cares for its own files."""
        return {"care": []}

    def expect_others(self) -> None:
        """From now on others may write at any moment."""
        self._readings.shared = True

    def others(self) -> Others:
        """Who the other collectors are, what streams they heard, what they counted since this was asked last."""
        with self._committing:
            return self._state.others()

    def numbers_of_others(self, streams: Collection[str]) -> Remembered:
        """The ``ranges`` and ``given_up`` numbers of those streams that others have written."""
        return self._state.numbers_of_others(streams)

    def shifts_of_others(self, stream: str) -> dict[str, int]:
        """The clock shifts (ns) that others have settled for a stream, by collector."""
        return self._state.shifts_of_others(stream)

    def in_quarantine(self) -> Sequence[Kept]:
        """What is in quarantine now, whoever put it there, oldest first."""
        with self._committing:
            return self._quarantine.look()

    def newest(self, since: int) -> Sequence[tuple[Series, int, Value]]:
        """The newest reading of each series that has one at or after ``since`` (ns), whoever stored it."""
        return self._readings.newest(since)

    def refused_of_others(self, stream: str, reason: str) -> Sequence[Refused]:
        """What of a stream others have put in quarantine for that reason, and is there now."""
        return self._quarantine.of_others(stream, reason)

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
