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
import logging
import re
import threading
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import numpy as np
import numpy.typing as npt

from collector.ranges import Ranges
from collector.store import Entry, EntryKind, Interval, Kept, LineVersion, Refused, Remembered, Track, Work
from collector.store.aside import numbers_of
from collector.store.influx_answer import QueryFailed, Table, tables
from collector.store.influx_care import Aside, Care, Key, mended, words
from collector.store.influx_identity import Identity
from collector.store.influx_papers import Papers
from collector.store.influx_readings import Readings
from collector.store.influx_shelf import Shelf
from collector.store.influx_state import State
from collector.store.influx_text import portions
from collector.store.influx_trouble import no_bucket, not_allowed, sentence, too_old, trouble
from collector.store.shared import Others
from contract.errors import KojoError, MissingExtra, StoreError, StoreRefused
from contract.reading import Series, Value
from contract.words import Words

WITHIN_S = 10.0
"""So long a write may take, and a third of it to connect; an answer may pause three times as long."""

ROWS_A_CHUNK = 10_000

FIRST_THREE_THAT_OVERWRITES = (3, 11, 4)
"""Of two points with equal tags and time, earlier 3.x kept either one; see docs/decisions/influx-store.md."""

log = logging.getLogger(__name__)

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
        self.troubles = 0
        """How often it was away, or would not work."""

    def _wrong(self, error: Any) -> KojoError:
        said = trouble(error, self.address, self.bucket)
        if not isinstance(said, StoreRefused):
            self.troubles += 1
        return said

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
                raise self._wrong(error) from error

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
            raise self._wrong(error) from error
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
            raise self._wrong(error) from error

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
        self._identity = Identity(self._line, collector, ask)
        self._quarantine = Shelf("kojo_quarantine", self._line, collector, ask)
        self._pending = Shelf("kojo_pending", self._line, collector, ask)
        self._shifted: set[str] = set()
        self._versions: dict[int, LineVersion] = {}
        self._committing = threading.Lock()
        self._server.check_version()
        known = self._identity.there()
        self._id, self._state.renewed = known or (self._new_id(), False)
        self._state.id = self._id
        self._care = Care(fresh=known is None)

    @property
    def id(self) -> str:
        """The store's own id, one for this line in this bucket; a new one when readings are gone."""
        return self._id

    def _new_id(self) -> str:
        try:
            self._server.write([self._identity.line(uuid.uuid4().hex, renewed=False)])
        except StoreRefused as error:
            raise no_bucket(self._server.address, self._server.bucket) from error
        known = self._identity.there()
        if known is None:
            raise no_bucket(self._server.address, self._server.bucket)
        return known[0]

    def remembered(self) -> Remembered:
        """The union of what all collectors of this line know now."""
        with self._committing:
            known, shared = self._state.remembered()
            self._readings.shared = self._readings.shared or shared
            known.pending = self._pending.messages()
            known.quarantined = self._quarantine.kept()
            return known

    # ------------------------------------------------------------------ what the server lost

    def doubtful(self) -> bool:
        """Whether readings may be gone, or another collector found that some are."""
        if self._care.due(self._server.troubles):
            return True
        known = self._identity.there()
        return known is None or known[0] != self._id or self._readings.fell_back()

    def examine(self, now: int, known: Remembered | None, mends: bool) -> bool:
        """Compare readings with ranges, and begin anew where some are gone."""
        with self._committing:
            troubles = self._server.troubles
            there = self._identity.there()
            if there is not None and there[0] != self._id:
                self._go_under(*there)
                if mends and known is not None:  # who began anew knows of our share only what was written
                    self._write_own(self._state.counter_lines(known.counters))
                anew = True
            else:
                anew = mends and self._mend(now, known, there is None)
            self._readings.forget()
            self._care.seen(troubles, self._identity.care())
            return anew

    def _mend(self, now: int, known: Remembered | None, emptied: bool) -> bool:
        fresh = self._care.fresh
        there = self._state.numbers(any_id=fresh)
        absent = self._state.absent()
        aside = Aside.of(self._quarantine.of_streams(), absent)
        try:
            found = mended(self._readings, there, known, aside, now, everything=emptied)
        except QueryFailed as failed:  # 3.x Core answers no question over more than some days
            log.warning("%s", failed)
            return False
        self._care.fresh = False
        if not (found.gone or emptied or (fresh and found.known.ranges)):
            return False
        said = words(found.gone, emptied) if found.gone or emptied else None
        id_ = self._id if fresh else uuid.uuid4().hex
        self._state.id = id_
        try:
            self._write_own(
                chain(
                    self._state.anew(found.known, absent),
                    [self._papers.version_line(version) for version in self._versions.values()] if emptied else (),
                    [self._identity.care_line(said, now)] if said else (),
                    [self._identity.line(id_, renewed=True)],
                )
            )
        except KojoError:
            self._state.id = self._id
            raise
        self._go_under(id_, True)
        if said:
            log.error("%s", said)
        return True

    def _go_under(self, id_: str, renewed: bool) -> None:
        """Go on under an id, knowing nothing of what is stored."""
        self._id = self._state.id = id_
        self._state.renewed = renewed
        self._shifted.clear()
        self._readings.forget()
        self._quarantine.forget()
        self._pending.forget()

    # ------------------------------------------------------------------ commit

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
        absent = self._state.absent_lines(self._left_unstored(work))
        left = self._quarantine.take(work.released) + self._pending.take(work.settled)
        self._write_own(chain(kept, self._state.lines(work), absent, left))
        self._quarantine.taken(work.released)
        self._pending.taken(work.settled)

    def _left_unstored(self, work: Work) -> dict[Key, tuple[Interval, ...]]:
        """The numbers of messages that leave the quarantine, those aside that are stored: they have no reading."""
        leaving = [message for message in work.refused if message.id in work.released]
        leaving += self._quarantine.of_streams(work.released)
        found: dict[Key, tuple[Interval, ...]] = {}
        for key, runs in numbers_of((one.topic, one.payload) for one in leaving).items():
            left = Ranges(runs)
            for first, last in runs:
                for number in self._readings.numbered(*key, first, last):
                    left.remove(number, number)
            found |= {key: left.runs} if left else {}
        return found

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

    def times_beside(self, stream: str, series: Series, first: int, last: int) -> tuple[int | None, int | None]:
        """The times of the nearest stored readings of a number below ``first`` and above ``last``."""
        return self._readings.times_beside(stream, series, first, last)

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
        self._versions[version.since] = version

    def lines(self) -> Sequence[LineVersion]:
        """Every version, oldest first."""
        versions = self._papers.versions()
        self._versions = {version.since: version for version in versions}
        return versions

    def status(self) -> dict[str, Any]:
        """``care``: when readings were gone that the server had acknowledged, newest last."""
        return {"care": list(self._care.told)}

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
