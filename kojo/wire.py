"""Wires the server half together: broker, collector, store and service. `kojo.edge` wires the agent half."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from collector.embedded import EmbeddedBroker
from collector.ingest import Ingest
from collector.store import LineVersion, Rows, Store, open_store
from collector.subscriber import Subscriber
from contract import secrets
from contract.broker import Broker
from contract.catalogue import Catalogue
from contract.errors import BrokerError, InUse, LineError
from contract.line import Line, load
from contract.line_check import check
from contract.words import Words
from edge.sensors import catalogue
from kojo.data_directory import DataDirectory
from kpi.desk import Demo, Desk, HostRules, Live
from kpi.tokens import Tokens

log = logging.getLogger(__name__)

PAGES = Path(__file__).parent.parent / "dashboards" / "web"
BROKER_RETRY_S = 5.0


class Server:
    """Everything `kojo serve` runs, HTTP aside: ``app`` is what answers it."""

    def __init__(self, line_file: Path, directory: DataDirectory, demo: Demo | None = None) -> None:
        kinds = catalogue(directory.path / "sensors")
        self.line = load(line_file, kinds)
        secret = secrets.read(directory.path)
        address = Broker.of(self.line.mqtt_url)
        mine = directory.own_id("collector.id")
        where = self.line
        self.store = open_store(
            where.store_url, directory.path, secret.store, site=where.site, line=where.line, collector=mine
        )
        self.versions = versions(self.store, self.line, kinds, time.time_ns())
        self.ingest = Ingest(self.store, self.versions, mine)
        self.live = LiveReadings()
        self.subscriber = Subscriber(self.line, self.ingest, address, secret.mqtt, on_stored=self.live.stored)
        self.broker = Embedded(address) if address.embedded else None
        self.tokens = Tokens(directory.path, time.time_ns)
        self.app = self._app(demo)

    def start(self) -> None:
        """Begin to listen to the broker; one that is not there yet is waited for."""
        if self.broker:
            self.broker.start()
        self.subscriber.start()

    def stop(self) -> None:
        """Commit what was received, close the store."""
        self.subscriber.stop()
        if self.broker:
            self.broker.stop()
        self.store.close()

    def _app(self, demo: Demo | None) -> Any:
        from kpi.service import create

        collector = Collecting(self)
        desk = Desk(
            store=self.store,
            lines=lambda: self.versions,
            ingest=collector,
            tokens=self.tokens,
            now_ns=time.time_ns,
            pages=PAGES,
            demo=demo,
            hosts=HostRules(open_to_lan=self.line.open_to_lan),
        )
        return create(desk)


def versions(store: Store, line: Line, kinds: Catalogue, now_ns: int) -> list[tuple[int, Line]]:
    """Every version of the line with the time it came into force; the present one is remembered if it is new.

    A stored version that this kit no longer understands is left out, and said.
    """
    known = list(store.lines())
    if not known or known[-1].text != line.text:
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
    """The embedded broker, tried again while its port is taken: nobody has to restart the server for that."""

    def __init__(self, address: Broker) -> None:
        self._broker = EmbeddedBroker(address.host, address.port)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen now, or as soon as the port is free. Raises NotAllowed for the LAN without accounts."""
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
            log.error("%s", error)
            return False
        return True

    def _retry(self) -> None:
        while not self._stopping.wait(BROKER_RETRY_S) and not self._begin():
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

    def stored(self, rows: Sequence[Rows]) -> None:
        """These rows are durable."""
        listeners = self._listeners
        if not listeners:
            return
        told = [
            {"station": r.series.station, "sensor": r.series.sensor, "measure": r.series.measure, "t": t, "v": v,
             "stored": True}
            for r in rows
            for t, v in zip(r.t, r.v, strict=True)
        ]  # fmt: skip
        for listener in listeners:
            listener(told)


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
            "store": {"id": self._server.store.id},
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

    def listen(self, callback: Callable[[Sequence[Live]], None]) -> Callable[[], None]:
        """Tell of readings as they are stored."""
        return self._server.live.listen(callback)
