"""``kojo edge``: the agent, on a Pi or on the bench. Nothing of the server half is imported here."""

import logging
from pathlib import Path

from contract import secrets
from contract.broker import Broker
from contract.errors import NotThere, OutboxError
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

log = logging.getLogger(__name__)

RETRY_S = 5.0


def edge(line_file: Path, agent: str, data: Path) -> int:
    """Read sensors and publish until SIGTERM or Ctrl-C; a broker that is away, or a full disk, is waited for."""
    with DataDirectory(data, f"edge-{agent}") as directory:
        line = load(line_file, catalogue(directory.path / "sensors"))
        check_agent(line, agent)
        for left in left_behind(directory.path, line.agents):
            log.warning("%s", left.say())
        clock = SystemClock()
        board = open_board(clock)
        end = asked_to_end()
        running = _opened(line, agent, board, directory, end)
        if running is None:
            return 0
        running.start()
        log.info("%s", Words(f"エージェント {agent} が動いています。", f"The agent {agent} is running."))
        while not end.wait(1.0):
            pass
        running.stop()
        log.info("%s", _goodbye(running.left))
        clock.close()
    return 0


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
        if isinstance(board, Bench):
            place_all(line, agent, board, known)
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
