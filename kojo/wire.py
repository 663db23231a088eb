"""Wires the server half together: broker, collector, store and service. `kojo.edge` wires the agent half."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from collector.embedded import EmbeddedBroker
from collector.ingest import Ingest
from collector.retention import Retention
from collector.store import LineVersion, Refused, Rows, Store, open_store
from collector.subscriber import COLLECTS, Part, Subscriber
from contract import secrets
from contract.broker import Broker
from contract.catalogue import Catalogue
from contract.errors import BrokerError, InUse, KojoError, LineError, StoreAway, StoreFull
from contract.line import Line, load
from contract.line_check import check
from contract.words import Words
from edge.sensors import catalogue
from kojo.backup_parts import gather
from kojo.data_directory import DataDirectory
from kojo.keeping import retention
from kojo.local_door import LocalDoor
from kpi.desk import Demo, Desk, HostRules, Live
from kpi.tokens import Tokens

log = logging.getLogger(__name__)

PAGES = Path(__file__).parent.parent / "dashboards" / "web"
RETRY_S = 5.0
LIVE_AT_MOST = 50
"""A backlog that arrives is not shown reading by reading."""


class Server:
    """Everything `kojo serve` runs, HTTP aside: ``app`` is what answers it.

    A store whose server is away is tried again; until it is there, ``app`` says so (503) and nothing is received.
    `kojo collect` and `kojo kpi` are halves of it (`kojo.collect`, `kojo.kpi`) and play another ``part`` at the broker.
    """

    id_file = "collector.id"
    has_pages = True
    live_desk = True

    store: Store
    ingest: Ingest
    subscriber: Subscriber

    def __init__(
        self, line_file: Path, directory: DataDirectory, demo: Demo | None = None, part: Part = COLLECTS
    ) -> None:
        self.catalogue = catalogue(directory.path / "sensors")
        self.line = load(line_file, self.catalogue)
        self.secrets = secrets.read(directory.path)
        self.address = Broker.of(self.line.mqtt_url)
        self.part = part
        part.check(self.address)
        ours = self.address.embedded and part.receives
        self.broker = Embedded(self.address, directory.path / "broker") if ours else None
        self.live = LiveReadings()
        self.app = Doorway()
        self._directory, self._demo = directory, demo
        if self.has_pages:
            _ = self.tokens
        self._door = LocalDoor(
            directory.path,
            {"backup": lambda asked: self._back_up(Path(asked["into"])), "look": lambda _: self._examine()},
        )
        self._stopping = threading.Event()
        self._retention: Retention | None = None
        self._opened = self._open()
        self._opener: threading.Thread | None = None

    def start(self) -> None:
        """Begin to listen to the broker; a broker or store that is not there yet is waited for."""
        if self.part.receives:  # `kojo kpi` may share its data directory with `kojo collect`
            self._door.open()
        if self.broker:
            self.broker.start()
        if self._opened:
            self._begin()
        else:
            self._opener = threading.Thread(target=self._keep_opening, name="store start", daemon=True)
            self._opener.start()

    def stop(self) -> None:
        """Commit what was received, close the store."""
        self._stopping.set()
        self._door.close()
        if self._retention:
            self._retention.stop()
        if self._opener:
            self._opener.join()
        if self._opened:
            self.subscriber.stop()
        if self.broker:
            self.broker.stop()
        if self._opened:
            self.store.close()

    def _open(self) -> bool:
        """Open the store and all that stands on it; False while its server is away. Raises what a person must mend."""
        line, mine = self.line, self._directory.own_id(self.id_file)
        try:
            self.store = open_store(
                line.store_url, self._directory.path, self.secrets.store, site=line.site, line=line.line, collector=mine
            )
            self.versions = self._versions()
            self.ingest = Ingest(
                self.store,
                self.versions,
                mine,
                shared=self.part.shares or not self.part.receives,
                mends=self.part.receives,
            )
        except (StoreAway, StoreFull) as error:
            if str(error) != self.app.trouble:
                log.error("%s", error)
            self.app.trouble = str(error)
            return False
        self.subscriber = Subscriber(
            line,
            self.ingest,
            self.address.from_here,
            self.secrets.mqtt,
            on_stored=self.live.stored,
            not_yet=lambda: self.broker.trouble if self.broker else None,
            part=self.part,
        )
        self._answer()
        return True

    def _versions(self) -> list[tuple[int, Line]]:
        return versions(self.store, self.line, self.catalogue, time.time_ns())

    def _answer(self) -> None:
        """The store is open: from now on questions are answered."""
        self.app.open(self._service())

    def _back_up(self, into: Path) -> dict[str, Any]:
        """Write the store into a folder (`kojo backup`)."""
        if not self._opened:
            raise StoreAway(
                Words(f"保存先がまだ開けません({self.app.trouble})。", f"The store is away: {self.app.trouble}")
            )
        return gather(self.store, self.line.store_url, into)

    def _examine(self) -> dict[str, Any]:
        """How things are (`kojo doctor`)."""
        if not self._opened:
            raise StoreAway(
                Words(f"保存先がまだ開けません({self.app.trouble})。", f"The store is away: {self.app.trouble}")
            )
        reasons = Counter(message.reason for message in self.store.quarantine())
        return {"status": Collecting(self).status(), "quarantine": dict(reasons)}

    def _keep_opening(self) -> None:
        while not self._stopping.wait(RETRY_S):
            try:
                self._opened = self._open()
            except KojoError as error:  # for example a password that the server, now that it is up, refuses
                log.error("%s", error)
                self.app.trouble = str(error)
            if self._opened:
                self._begin()
                return

    def _begin(self) -> None:
        self.subscriber.start()
        if self._retention:
            self._retention.start()

    @cached_property
    def tokens(self) -> Tokens:
        """Who may read and write; the files are made at the first start."""
        return Tokens(self._directory.path, time.time_ns)

    def _service(self) -> Any:
        from kpi.service import create

        desk = Desk(
            store=self.store,
            lines=lambda: self.versions,
            ingest=Collecting(self),
            tokens=self.tokens,
            now_ns=time.time_ns,
            pages=PAGES,
            demo=self._demo,
            hosts=HostRules(open_to_lan=self.line.open_to_lan),
            live=self.live_desk,
        )
        self._retention = retention(desk, self.line.retain_days)
        return create(desk)


class Doorway:
    """The ASGI application: the service, or while the store is away its plain "not yet"."""

    def __init__(self) -> None:
        self.trouble = ""
        self._service: Any = None

    def open(self, service: Any) -> None:
        """From now on the service, a FastAPI, answers."""
        self._service, self.trouble = service, ""

    def say_goodbye(self) -> None:
        """The server is about to end (called in its event loop): live streams end by themselves."""
        if self._service is not None:
            self._service.state.say_goodbye()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one connection."""
        if self._service is not None:
            await self._service(scope, receive, send)
        elif scope["type"] == "http":
            from kpi.service_shell import not_yet

            await not_yet(self.trouble)(scope, receive, send)


def versions(store: Store, line: Line, kinds: Catalogue, now_ns: int, keep: bool = True) -> list[tuple[int, Line]]:
    """Every version of the line with the time it came into force; the present one is remembered if it is new.

    A stored version that this kit no longer understands is left out, and said. Without ``keep`` nothing is written.
    """
    known = list(store.lines())
    if keep and (not known or known[-1].text != line.text):
        store.keep_line(LineVersion(now_ns, line.text))
    read: list[tuple[int, Line]] = []
    for version in known:
        try:
            read.append((version.since, check(version.text, kinds)))
        except LineError as error:
            log.warning("a former version of the line is no longer understood and left out: %s", error)
    if not known or known[-1].text != line.text:
        return [*read, (now_ns, line)]
    return [*read[:-1], (known[-1].since, line)] if read else [(known[-1].since, line)]


class Embedded:
    """The embedded broker, tried again while its port is taken: nobody has to restart the server for that.

    ``trouble`` is why it does not listen, or None. Whoever has its port is not taken for it: that may be the broker of
    another collector, which tells the agents otherwise. ``accounts``: the folder of those `kojo derive` made. Raises
    NotAllowed for the LAN without accounts.
    """

    def __init__(self, address: Broker, accounts: Path) -> None:
        self._broker = EmbeddedBroker(address.host, address.port, tls=address.tls, accounts=accounts)
        self.trouble: str | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen now, or as soon as the port is free."""
        if not self._begin():
            self._thread = threading.Thread(target=self._retry, name="broker start", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop listening."""
        self._stopping.set()
        if self._thread:
            self._thread.join()
        self._broker.stop()

    def _begin(self) -> bool:
        try:
            self._broker.start()
        except (InUse, BrokerError) as error:
            self.trouble = str(error)
            return False
        self.trouble = None
        return True

    def _retry(self) -> None:
        while not self._stopping.wait(RETRY_S) and not self._begin():
            pass


class LiveReadings:
    """Passes readings on as they are stored, to whoever listens."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Sequence[Live]], None]] = []

    def listen(self, listener: Callable[[Sequence[Live]], None]) -> Callable[[], None]:
        """Tell ``listener`` from now on; gives what calls it off."""
        self._listeners = [*self._listeners, listener]
        return lambda: self._forget(listener)

    def _forget(self, listener: Callable[[Sequence[Live]], None]) -> None:
        self._listeners = [other for other in self._listeners if other is not listener]

    @property
    def is_heard(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners)

    def stored(self, rows: Sequence[Rows]) -> None:
        """These rows are durable."""
        if self.is_heard:
            self.tell([live for row in rows for live in _told(row)])

    def tell(self, news: Sequence[Live]) -> None:
        """Readings that are durable, to everybody who listens."""
        for listener in self._listeners:
            listener(news)


def _told(row: Rows) -> Iterator[Live]:
    """The first reading of a row (from there on what is remembered is old) and the newest of the others."""
    series = row.series
    head = {"station": series.station, "sensor": series.sensor, "measure": series.measure, "stored": True}
    places = range(len(row.t))
    for i in (*places[:1], *places[max(1, len(places) - LIVE_AT_MOST) :]):
        yield {**head, "t": row.t[i], "v": row.v[i]}


class Collecting:
    """What the service asks of the collector (`kpi.desk.Ingesting`)."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def status(self) -> dict[str, Any]:
        """The body of GET /status."""
        subscriber, ingest = self._server.subscriber, self._server.ingest
        return {
            "ingest": ingest.status(),
            "broker": {"url": str(subscriber.broker), "connected": subscriber.connected, "trouble": subscriber.trouble},
            "store": {"id": self._server.store.id, **self._server.store.status()},
            "agents": subscriber.agents(),
            "collector": {"id": ingest.collector_id, "conflict": subscriber.ends.conflict},
        }

    def broken(self) -> dict[str, Words]:
        """What cannot be reached and why; empty when all is well."""
        subscriber = self._server.subscriber
        trouble = subscriber.trouble or "not connected yet"
        if not subscriber.connected:
            return {
                "broker": Words(
                    f"ブローカー {subscriber.broker} につながりません({trouble})。つながるまで試し続けます。",
                    f"The broker {subscriber.broker} is away ({trouble}); it is tried again.",
                )
            }
        if subscriber.trouble:
            return {"store": Words(f"保存できません({trouble})。", f"Nothing can be stored ({trouble}).")}
        return {}

    def replay(self, ids: Sequence[str]) -> dict[str, int]:
        """Judge quarantined messages again."""
        return self._server.ingest.replay(ids, time.time_ns())

    def discard(self, ids: Sequence[str]) -> int:
        """Let quarantined messages go for good."""
        return self._server.ingest.discard(ids)

    def export(self) -> Iterator[Refused]:
        """Everything in quarantine, whole."""
        return self._server.ingest.export()

    def listen(self, callback: Callable[[Sequence[Live]], None]) -> Callable[[], None]:
        """Tell of readings as they are stored."""
        return self._server.live.listen(callback)
