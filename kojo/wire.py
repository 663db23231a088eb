"""Wires the server half together: broker, collector, store and service. `kojo.edge` wires the agent half."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from collector.ingest import Ingest
from collector.part import COLLECTS, Part
from collector.retention import Retention
from collector.store import Refused, Store, open_store
from collector.subscriber import Subscriber
from contract import secrets
from contract.broker import Broker
from contract.errors import BackupError, KojoError, StoreAway, StoreError, StoreFull
from contract.line import Line, load
from contract.words import Words
from edge.sensors import catalogue
from kojo.backup_parts import gather
from kojo.data_directory import DataDirectory
from kojo.doctor_quarantine import gathered
from kojo.doorway import STARTING, Doorway
from kojo.embedded_broker import Embedded
from kojo.keeping import retention
from kojo.line_versions import versions
from kojo.live_readings import LiveReadings
from kojo.local_door import LocalDoor
from kojo.moves import Moves, undo_unfinished
from kojo.own_command import report_command
from kojo.replayed import answer
from kojo.restore_served import Restoring
from kpi.access import HostRules
from kpi.desk import Demo, Desk, Live
from kpi.tokens import Tokens

log = logging.getLogger(__name__)

PAGES = Path(__file__).parent.parent / "dashboards" / "web"
RETRY_S = 5.0
ANSWERED_WITHIN_S = 60.0
"""The longest question is over by then."""


class Guest(Protocol):
    """Who uses a server's store beside it."""

    def let_go(self) -> None:
        """The store is about to be closed: use it no more."""

    def come_back(self) -> None:
        """A store is there again, perhaps another one."""


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
        self.broker = (
            Embedded(self.address, directory.path / "broker", topics=self.line.topics, line_file=line_file)
            if ours
            else None
        )
        self.live = LiveReadings()
        self.app = Doorway()
        self._directory, self._demo = directory, demo
        if self.has_pages:
            _ = self.tokens
        self._alone = threading.Lock()
        self._door = LocalDoor(
            directory.path,
            {"backup": lambda asked: self._back_up(Path(asked["into"])), "look": lambda _: self._examine()},
            {"restore": Restoring(self, directory.path, self._alone)},
        )
        self.guests: list[Guest] = []
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
            self._wait_for_store()

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
        undo_unfinished(self._directory.path)
        if not self._open_store():
            return False
        self._answer()
        return True

    def _open_store(self) -> bool:
        line, mine = self.line, self._directory.own_id(self.id_file)
        try:
            self.store = open_store(
                line.store_url, self._directory.path, self.secrets.store, site=line.site, line=line.line, collector=mine
            )
            try:
                self.versions = self._versions()
                self.ingest = Ingest(
                    self.store,
                    self.versions,
                    mine,
                    shared=self.part.shares or not self.part.receives,
                    mends=self.part.receives,
                )
            except BaseException:
                self._close_store()
                raise
        except (StoreAway, StoreFull) as error:
            if error.words != self.app.trouble:
                log.error("%s", error)
            self.app.trouble = error.words
            return False
        self.subscriber = Subscriber(
            line,
            self.ingest,
            self.address.from_here,
            lambda: secrets.read(self._directory.path).mqtt,
            on_stored=self.live.stored,
            not_yet=lambda: self.broker.trouble if self.broker else None,
            part=self.part,
        )
        return True

    def _close_store(self) -> None:
        """Let go of the store, also where its disk takes nothing more: what is not folded stays in its journal."""
        try:
            self.store.close()
        except StoreError as error:
            log.warning("%s", error)

    def _versions(self) -> list[tuple[int, Line]]:
        return versions(self.store, self.line, self.catalogue, time.time_ns())

    def _answer(self) -> None:
        """The store is open: from now on questions are answered."""
        self.app.open(self._service())

    def opened(self) -> Store:
        """The store. Raises StoreAway while there is none."""
        if not self._opened:
            raise StoreAway(Words(f"保存先がまだ開けません({self._away.ja})。", f"The store is away: {self._away.en}"))
        return self.store

    @property
    def _away(self) -> Words:
        return self.app.trouble or STARTING

    def _back_up(self, into: Path) -> dict[str, Any]:
        """Write the store into a folder (`kojo backup`)."""
        with self._alone:
            return gather(self.opened(), self.line.store_url, into)

    # ------------------------------------------------------------------ another store in the place of this one

    def exchange(self, moves: Callable[[], Moves]) -> None:
        """Rename files while nothing uses the store, and open what is there then. Raises BackupError: all as before."""
        before = self.store.id
        self._rest()
        try:
            change = moves()
            change.do()
            self._opened = self._open_store()
            if not self._opened:
                raise BackupError(self._away)
            if self.store.id == before:
                raise BackupError(Words("前のファイルがまだ開いています。", "The file before is still open."))
            change.keep()
        except Exception as error:  # whatever it is, the line goes on with the store it had
            log.error("%s", Words(f"控えに置き換えられません: {error}", f"no exchange: {error}"))
            if self._opened:
                self._opened = False
                self._close_store()
            self._resume()
            raise self._not_exchanged(error) from error
        self._answer()
        self._begin()

    def begin_anew(self) -> None:
        """Close everything that stands on the store and open it again."""
        self._rest()
        self._resume()

    def _rest(self) -> None:
        """Answer nobody, receive nothing, let go of the store; broker and door stay open, connections wait."""
        self.app.close(Words("控えを戻しています", "a backup is being restored"), ANSWERED_WITHIN_S)
        for guest in self.guests:
            guest.let_go()
        self.subscriber.stop()
        if self._retention:
            self._retention.stop()
            self._retention = None
        self.live.forget_everybody()
        self._opened = False
        self._close_store()

    def _resume(self) -> None:
        """Open the store that is there and go on; one that cannot be opened is tried again."""
        try:
            self._opened = self._open()
        except KojoError as error:
            log.error("%s", error)
            self.app.trouble = error.words
        if self._opened:
            self._begin()
        else:
            self._wait_for_store()

    def _not_exchanged(self, error: Exception) -> BackupError:
        what = error.what if isinstance(error, KojoError) else Words(str(error), str(error))
        now = (
            Words(
                "前の保存ファイルを元に戻し、受信を続けています。",
                "The store that was there is back in its place, and kojo serve goes on.",
            )
            if self._opened
            else Words(
                f"前の保存ファイルも、まだ開けません({self._away.ja})。開けるまで試し続けます。",
                f"The store that was there cannot be opened yet ({self._away.en}); it is tried again.",
            )
        )
        return BackupError(
            Words(
                f"控えに置き換えられませんでした({what.ja.rstrip('。')})。{now.ja}",
                f"The restored store could not be put in place ({what.en.rstrip('.')}). {now.en}",
            ),
            Words("原因を直してから、もう一度実行してください。", "Mend that, then run this again."),
        )

    # ------------------------------------------------------------------ what is told

    def _examine(self) -> dict[str, Any]:
        """How things are (`kojo doctor`)."""
        self.opened()
        kept = self.store.quarantine()
        reasons = Counter(message.reason for message in kept)
        return {"status": Collecting(self).status(), "quarantine": dict(reasons), "refused": gathered(kept)}

    def _wait_for_store(self) -> None:
        self._opener = threading.Thread(target=self._keep_opening, name="store start", daemon=True)
        self._opener.start()

    def _keep_opening(self) -> None:
        while not self._stopping.wait(RETRY_S):
            try:
                self._opened = self._open()
            except KojoError as error:  # for example a password that the server, now that it is up, refuses
                log.error("%s", error)
                self.app.trouble = error.words
            if self._opened:
                self._begin()
                return

    def _begin(self) -> None:
        self.subscriber.start()
        if self._retention:
            self._retention.start()
        for guest in self.guests:
            guest.come_back()

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
            report=report_command(self._directory.path),
        )
        self._retention = retention(desk, self.line.retain_days)
        return create(desk)


def _bare(sentence: str) -> str:
    """A sentence as it stands in brackets."""
    return sentence.rstrip("。.")


class Collecting:
    """What the service asks of the collector (`kpi.desk.Ingesting`)."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def status(self) -> dict[str, Any]:
        """The body of GET /status."""
        subscriber, ingest = self._server.subscriber, self._server.ingest
        trouble = subscriber.trouble
        return {
            "ingest": ingest.status(),
            "broker": {
                "url": str(subscriber.broker),
                "connected": subscriber.connected,
                "trouble": str(trouble) if trouble else None,
                "trouble_ja": trouble.ja if trouble else None,
                "trouble_en": trouble.en if trouble else None,
            },
            "store": {"id": self._server.store.id, **self._server.store.status()},
            "agents": subscriber.agents(),
            "collector": {"id": ingest.collector_id, "conflict": subscriber.ends.conflict},
        }

    def broken(self) -> dict[str, Words]:
        """What cannot be reached and why; empty when all is well."""
        subscriber = self._server.subscriber
        trouble = subscriber.trouble or Words("まだつながっていません", "not connected yet")
        if not subscriber.connected:
            return {
                "broker": Words(
                    f"ブローカー {subscriber.broker} につながりません({_bare(trouble.ja)})。つながるまで試し続けます。",
                    f"The broker {subscriber.broker} is away ({_bare(trouble.en)}); it is tried again.",
                )
            }
        if subscriber.trouble:
            why_ja, why_en = _bare(trouble.ja), _bare(trouble.en)
            return {"store": Words(f"保存できません({why_ja})。", f"Nothing can be stored ({why_en}).")}
        damaged = [said for said in self._server.store.status().get("care", ()) if said.get("now")]
        return {"store": Words(damaged[0]["ja"], damaged[0]["en"])} if damaged else {}

    def replay(self, ids: Sequence[str]) -> dict[str, Any]:
        """Judge quarantined messages again."""
        return answer(self._server.ingest.replay(ids, time.time_ns()), ids, self._server.line)

    def discard(self, ids: Sequence[str]) -> int:
        """Let quarantined messages go for good."""
        return self._server.ingest.discard(ids)

    def export(self) -> Iterator[Refused]:
        """Everything in quarantine, whole."""
        return self._server.ingest.export()

    def listen(self, callback: Callable[[Sequence[Live]], None]) -> Callable[[], None]:
        """Tell of readings as they are stored."""
        return self._server.live.listen(callback)
