"""The kit as real processes that are killed and started again: `kojo serve`, and agents whose device prints numbers.

    with Plant(tmp_path, agents={"pi-1": 1}) as plant:
        plant.server.start()
        pi = plant.agent("pi-1").start()
        pi.type(20_000, per_s=2000)
        plant.server.kill()
        plant.server.start()
        plant.settle()
        record(plant.outcome("the collector killed once"))

What is true is what agents had on disk: what they said after each commit, and what their outboxes hold in the end.
"""

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from contract.broker import Broker
from tests.faults.agent_child import DIGITS
from tests.faults.numbers import Numbers, Reading, in_store, on_disk, outcome
from tests.faults.proxy import Proxy
from tests.faults.table import Outcome
from tests.rig import Heard, Pages, Process, environment, until
from tests.servers import Mosquitto

WITHIN_S = 120.0
"""Whatever is waited for has come by then, on a slow machine that others use, too."""
PER_S = 2000.0

HEAD = """\
schema = 1
site = "akita"
line = "wash"

[mqtt]
url = "{mqtt}"

[store]
url = "{store}"

[outbox]
resend_after_s = {resend_after_s}
{outbox}
"""

STATION = """
[stations.{station}]
name = "{station}"
agent = "{agent}"

[stations.{station}.sensors.device]
type = "serial_line"
port = "/dev/ttyUSB0"
baud = 115200
pattern = '^{pattern}$'
measures = {{ {measures} }}
"""


def line_text(
    mqtt: str,
    agents: Mapping[str, int],
    *,
    store: str = "duckdb:line.duckdb",
    resend_after_s: float = 2.0,
    outbox: str = "",
) -> str:
    """A line of a station for each agent, whose device prints so many measures (n0, n1, …) in each line."""
    text = HEAD.format(mqtt=mqtt, store=store, resend_after_s=resend_after_s, outbox=outbox)
    for agent, columns in agents.items():
        keys = [f"n{number}" for number in range(columns)]
        pattern = " ".join(f"(?P<{key}>[0-9]{{{DIGITS}}})" for key in keys)
        measures = ", ".join(f"{key} = {{ decimals = 0 }}" for key in keys)
        text += STATION.format(station=station_of(agent), agent=agent, pattern=pattern, measures=measures)
    return text


def station_of(agent: str) -> str:
    """The station an agent of the test's line reads."""
    return f"at-{agent}"


class AgentProcess:
    """One agent of the line: its data outlive its lives. ``wrap``: a command under which it runs."""

    def __init__(
        self, line_file: Path, name: str, data: Path, numbers: "itertools.count[int]", wrap: Sequence[str] = ()
    ) -> None:
        self.name, self.data, self._line_file, self._wrap = name, data, line_file, tuple(wrap)
        self.environment: dict[str, str] = {}
        self.seen_at = data
        """Where its data are for us."""
        self.said = Numbers()
        """What it said, in all its lives, that it had on disk."""
        self.err = Heard()
        self.stands: dict[str, Any] = {}
        self._numbers = numbers
        self._ordered = 0
        self._readers: list[Any] = []
        self._popen: subprocess.Popen[str] | None = None

    def start(self) -> Self:
        """Begin a life; returns once its device can be heard."""
        assert self._popen is None
        self.stands, self._ordered = {}, 0
        self._popen = popen = subprocess.Popen(
            [*self._wrap, sys.executable, "-m", "tests.faults.agent_child", str(self._line_file), self.name,
             str(self.data)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=environment({"KOJO_LANG": "en"} | self.environment), start_new_session=True,
        )  # fmt: skip
        assert popen.stdout is not None
        assert popen.stderr is not None
        heard = Hearing(self)
        self._readers = [heard.read(popen.stdout), self.err.read(popen.stderr)]
        self.wait(lambda: self.stands.get("sensors", {}).get(f"{station_of(self.name)}/device") == "ok", "its device")
        return self

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._popen is not None
        return self._popen.pid

    def type(self, many: int, per_s: float = PER_S) -> None:
        """Let the device print so many numbers, none of which was printed before."""
        first = next(self._numbers) * 10_000_000
        self._tell(type=many, **{"from": first}, per_s=per_s)

    def hush(self) -> None:
        """Let the device be quiet."""
        self._tell(type=0, **{"from": 0}, per_s=1.0)

    def reaches(self, many: int) -> None:
        """Wait until so many readings are on its disk, in all its lives."""
        self.wait(lambda: len(self.said) >= many, f"{many} on disk")

    def more(self, many: int) -> None:
        """Wait until so many more are on its disk."""
        self.reaches(len(self.said) + many)

    def confirmed(self, within_s: float = WITHIN_S) -> None:
        """Wait until its device is quiet and the store has confirmed everything."""
        wanted = {"backlog": 0, "quiet": True, "obeyed": self._ordered}
        self.wait(lambda: wanted.items() <= self.stands.items(), "everything confirmed", within_s)

    def hears(self, store: str) -> None:
        """Wait until it has heard that store, and knows what it lacks; before that an old confirmation stands."""
        self.wait(lambda: self.stands.get("store") == store, f"the store {store}")

    def wait(self, true: Callable[[], bool], what: str, within_s: float = WITHIN_S) -> None:
        """Wait for something of it, as long as it lives."""

        def there() -> bool:
            assert self._popen is not None
            assert self._popen.poll() is None, f"{self.name} ended:\n{self.err}"
            return true()

        try:
            until(there, f"{self.name}: {what}", within_s)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.stands}\n{str(self.err)[-3000:]}") from error

    def kill(self) -> None:
        """Kill it, as with kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as a person does; it must end cleanly."""
        if self._popen is not None:
            assert self._end(signal.SIGTERM) == 0, str(self.err)
            assert "Traceback" not in str(self.err), str(self.err)

    def on_disk(self) -> list[Reading]:
        """What its outbox holds now."""
        return on_disk(self.seen_at / f"{self.name}.outbox.sqlite")

    def _tell(self, **order: Any) -> None:
        assert self._popen is not None
        assert self._popen.stdin is not None
        self._popen.stdin.write(json.dumps(order) + "\n")
        self._popen.stdin.flush()
        self._ordered += 1

    def _end(self, number: signal.Signals) -> int:
        popen, self._popen = self._popen, None
        if popen is None:
            return 0
        with contextlib.suppress(ProcessLookupError):
            os.killpg(popen.pid, number)
        try:
            code = popen.wait(WITHIN_S)
        except subprocess.TimeoutExpired:
            popen.kill()
            code = popen.wait(WITHIN_S)
        for reader in self._readers:
            reader.join(WITHIN_S)
        assert popen.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            popen.stdin.close()
        return code


class Hearing(Heard):
    """What an agent says on stdout, taken in as it comes."""

    def __init__(self, agent: AgentProcess) -> None:
        super().__init__()
        self._agent = agent

    def add(self, line: str) -> None:
        """One more line; a life that was killed may end in the middle of one."""
        try:
            said = json.loads(line)
        except ValueError:
            return
        for first, last in said.get("durable", ()):
            self._agent.said.add(first, last)
        self._agent.stands = said.get("stands", self._agent.stands)


class ServerProcess:
    """One `kojo serve`: its data outlive its lives. ``wrap``: a command under which it runs."""

    def __init__(self, line_file: Path, data: Path) -> None:
        self.line_file, self.data = line_file, data
        self.environment: dict[str, str] = {}
        self.wrap: Sequence[str] = ()
        self.errors: list[str] = []
        """What its former lives said on stderr."""
        self._process: Process | None = None
        self._pages: Pages | None = None

    def start(self) -> Self:
        """Begin a life; returns once it answers."""
        assert self._process is None
        self._process = process = Process(
            "serve", "--line", self.line_file, "--data", self.data, "--http", "127.0.0.1:0", wrap=self.wrap,
            **self.environment,
        )  # fmt: skip
        until(lambda: bool(process.out.lines) or not process.running, "it answers", WITHIN_S)
        assert process.out.lines, f"it ended: {process.err}"
        self._pages = Pages(process.out.said(r"^ready http://").removeprefix("ready "))
        return self

    @property
    def pages(self) -> Pages:
        """Its HTTP side."""
        assert self._pages is not None
        return self._pages

    @property
    def process(self) -> Process:
        """The life that runs."""
        assert self._process is not None
        return self._process

    def healthy(self) -> None:
        """Wait until it has its broker and its store."""
        until(lambda: self.pages.ask("/healthz").status_code == 200, "healthy", WITHIN_S)

    def store(self) -> str:
        """The id of the store it has, once it has one."""
        self.healthy()
        return str(self.pages.get("/status")["store"]["id"])

    def kill(self) -> None:
        """Kill it, as with kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as a person does; it must end cleanly."""
        if self._process is not None:
            process = self._process
            assert self._end(signal.SIGTERM) == 0, str(process.err)
            assert "Traceback" not in str(process.err), str(process.err)

    def _end(self, number: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        code = process.end(number)
        self.errors.append(str(process.err))
        return code


class Plant(contextlib.ExitStack):
    """A broker, a server and agents, all ended with the block. ``mqtt``: the broker's address, if not a mosquitto here.

    ``agents``: how many numbers each one's device prints in a line.
    """

    def __init__(
        self,
        directory: Path,
        agents: Mapping[str, int] | None = None,
        *,
        mqtt: str | None = None,
        mosquitto: str = "",
        **line: Any,
    ) -> None:
        super().__init__()
        self.directory, self._agents, self._line = directory, agents or {"pi-1": 1}, line
        (directory / "broker").mkdir()
        self.broker = Mosquitto(directory / "broker", mosquitto)
        if mqtt is None:
            self.broker.start()
            self.callback(self.broker.stop)
        self.mqtt = mqtt or f"mqtt://{self.broker.host}:{self.broker.port}"
        self.server = ServerProcess(self.line_file(), directory / "server")
        self.callback(self.server.kill)
        self.agents: list[AgentProcess] = []
        self._numbers = itertools.count(1)

    @property
    def address(self) -> Broker:
        """Where the broker is."""
        return Broker.of(self.mqtt)

    def network(self) -> Proxy:
        """A way of its own to the broker."""
        return self.enter_context(Proxy(self.address.host, self.address.port))

    def line_file(self, name: str = "line.toml", mqtt: str | None = None) -> Path:
        """The line's file; another one for who reaches the broker by another way."""
        file = self.directory / name
        file.write_text(line_text(mqtt or self.mqtt, self._agents, **self._line), "utf-8")
        return file

    def agent(
        self, name: str = "pi-1", *, mqtt: str | None = None, data: str | None = None, wrap: Sequence[str] = ()
    ) -> AgentProcess:
        """An agent of the line that is to be started. ``data``: its directory, if not that of its name."""
        folder = self.directory / (data or name)
        agent = AgentProcess(self.line_file(f"{folder.name}.toml", mqtt), name, folder, self._numbers, wrap)
        self.callback(agent.kill)
        self.agents.append(agent)
        return agent

    def settle(self) -> None:
        """Wait until the store has confirmed everything that the agents that run hold, then end all as people do."""
        for agent in self.agents:
            agent.confirmed()
        for agent in self.agents:
            agent.stop()

    def stored(self) -> list[Reading]:
        """What the store has of all agents, as GET /readings tells it."""
        return list(itertools.chain(*(self._stored_of(name, columns) for name, columns in self._agents.items())))

    def _stored_of(self, agent: str, columns: int) -> Iterator[Reading]:
        for number in range(columns):
            yield from in_store(self.server.pages, station_of(agent), f"n{number}")

    def outcome(self, fault: str, note: str = "", *, times: bool = True, given_up: int = 0) -> Outcome:
        """What became of everything the agents ever had on disk; asserts that counters and times agree, too."""
        stored = self.stored()
        with contextlib.suppress(AssertionError):  # `kojo kpi` tells counters a few seconds late; what is short is told
            until(lambda: self.server.pages.ingest()["stored"] >= len(stored), "counted", WITHIN_S / 4)
        ingest = self.server.pages.ingest()
        return outcome(fault, self.agents, stored, ingest, note, times=times, given_up=given_up)
