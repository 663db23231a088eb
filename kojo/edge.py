"""``kojo edge``: the agent, on a Pi or on the bench. Nothing of the server half is imported here."""

import contextlib
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from contract import secrets
from contract.broker import Broker
from contract.errors import KojoError, NotThere, OutboxError
from contract.line import Line, load
from contract.words import Words
from edge.agent import Agent
from edge.bench import Bench
from edge.bench_parts import place_all
from edge.board import Board
from edge.delivery import Delivery
from edge.left_behind import left_behind
from edge.link import Link
from edge.outbox import Outbox
from edge.pins import open_board
from edge.sensors import catalogue, modules
from edge.system_clock import SystemClock
from edge.timekeeping import this_machine
from kojo.data_directory import DataDirectory
from kojo.ending import Ending, asked_to_end

if TYPE_CHECKING:
    from edge.bench_table import Table

log = logging.getLogger(__name__)

RETRY_S = 5.0
NO_PAGE = "off"


def edge(line_file: Path, agent: str, data: Path, bench_page: str | None = None) -> int:
    """Read sensors and publish until SIGTERM or Ctrl-C; a broker that is away, or a full disk, is waited for.

    ``bench_page``: where the bench's page answers (``HOST:PORT``, or ``off``); None: on the bench, any free port.
    """
    asked = bench_page not in (None, NO_PAGE)
    if asked:
        _check_address(str(bench_page))
    with DataDirectory(data, f"edge-{agent}") as directory:
        line = load(line_file, catalogue(directory.path / "sensors"))
        check_agent(line, agent)
        for left in left_behind(directory.path, line.agents):
            log.warning("%s", left.say())
        clock = SystemClock()
        board = open_board(clock)
        if asked and not isinstance(board, Bench):
            raise _no_bench(bench_page)
        end = asked_to_end()
        with _listening(bench_page) as address:
            running = _opened(line, agent, board, directory, end)
            if running is None:
                return 0
            running.start()
            log.info("%s", Words(f"エージェント {agent} が動いています。", f"The agent {agent} is running."))
            with _page(running, directory.path, address):
                while not end.wait(1.0):
                    pass
        running.stop()
        log.info("%s", _goodbye(running.left))
        clock.close()
    return 0


def _check_address(address: str) -> None:
    """Raises NotThere for what is no address, before anything is made or begun."""
    from kojo.address import parse
    from kojo.bench_door import OPTION

    parse(address, OPTION)


@contextlib.contextmanager
def _listening(asked: str | None) -> Iterator[str | socket.socket | None]:
    """The port that was asked for, taken before the agent begins; else what was said."""
    if asked in (None, NO_PAGE):
        yield asked
        return
    from kojo.address import listen
    from kojo.bench_door import OPTION

    with listen(str(asked), OPTION) as opened:
        yield opened


@contextlib.contextmanager
def _page(running: "EdgeAgent", data: Path, address: str | socket.socket | None) -> Iterator[None]:
    """The bench's page beside the agent. One that nobody asked for and that cannot be opened stops no agent."""
    with contextlib.ExitStack() as open_until_the_end:
        if (table := running.table()) is not None and address != NO_PAGE:
            from kojo.bench_door import offered

            try:
                open_until_the_end.enter_context(offered(table, data, address or "127.0.0.1:0", running.line.name))
            except (KojoError, OSError) as error:
                if address is not None:
                    running.stop()
                    raise
                log.warning("%s", error)
        yield


def _no_bench(address: str | None) -> NotThere:
    return NotThere(
        Words(
            f"--bench-page {address}: 本物のピンで動くときは、練習台のページはありません。",
            f"--bench-page {address}: there is no bench to show where real pins are used.",
        ),
        Words(
            "練習台で動かすには GPIOZERO_PIN_FACTORY=mock を付けます。", "Set GPIOZERO_PIN_FACTORY=mock for the bench."
        ),
    )


def _goodbye(left: int) -> Words:
    if not left:
        return Words("未確認 0 件で終わります。", "Ended with 0 readings not confirmed.")
    return Words(
        f"未確認 {left:,} 件で終わります。このPiに残り、次に起動したとき送ります。",
        f"Ended with {left:,} readings not confirmed. They are kept on this Pi and sent at the next start.",
    )


def _opened(line: Line, agent: str, board: Board, directory: DataDirectory, end: Ending) -> "EdgeAgent | None":
    """The agent, as soon as the disk takes its outbox; None if the end was asked for before."""
    said = None
    while True:
        try:
            return EdgeAgent(line, agent, board, directory)
        except OutboxError as error:  # full, or it fails: a file that is damaged is set aside
            if str(error) != said:
                said = str(error)
                log.error("%s", error.say())
        if end.wait(RETRY_S):
            return None


def check_agent(line: Line, agent: str) -> None:
    """Raises NotThere for an agent that the line does not name."""
    if agent not in line.agents:
        raise NotThere(
            Words(f"エージェント「{agent}」は line.toml にありません。", f'line.toml names no agent "{agent}".'),
            Words(f"あるもの: {'、'.join(line.agents) or 'なし'}", f"There are: {', '.join(line.agents) or 'none'}."),
        )


class EdgeAgent:
    """One agent with its outbox and its link, on a board that is open already. Raises what `Outbox` raises."""

    def __init__(self, line: Line, agent: str, board: Board, directory: DataDirectory) -> None:
        known = modules(directory.path / "sensors")
        file = directory.path / f"{agent}.outbox.sqlite"
        self.outbox = Outbox(file, agent, board.clock, line.outbox, timekeeping=this_machine())
        self.line, self._name, self._board, self._known = line, agent, board, known
        self.placed = place_all(line, agent, board, known) if isinstance(board, Bench) else {}
        self.left = 0
        """How many readings were not confirmed when it stopped."""
        self.agent = Agent(line, agent, board, self.outbox, known)
        delivery = Delivery(self.outbox, board.clock)
        secrets.read(directory.path)  # a mistake in it is said before anything begins
        self.link = Link(
            line,
            agent,
            delivery,
            board.clock,
            Broker.of(line.mqtt_url),
            lambda: secrets.read(directory.path).mqtt,
            self.agent,
        )

    def table(self) -> "Table | None":
        """Its bench, to be shown and taken hold of; None on a real board."""
        if not isinstance(self._board, Bench):
            return None
        from edge import outputs
        from edge.bench_said import LastSaid
        from edge.bench_table import Table

        said = LastSaid(self.outbox)
        health = self.agent.health
        return Table(self.line, self._name, self._board, self.placed, self._known, outputs.modules(), health, said)

    def start(self) -> None:
        """Open the sensors, then look for the broker."""
        self.agent.start()
        self.link.start()

    def stop(self) -> None:
        """Close the sensors, say goodbye, leave a clean outbox."""
        self.agent.stop()
        self.link.stop()
        self.left = self.outbox.backlog
        self.outbox.close()
