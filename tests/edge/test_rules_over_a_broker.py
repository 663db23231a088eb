"""Rules on the machine's clock and a real broker: lights before, while and after the broker is away."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from contract.broker import Broker
from contract.line import Line, load
from edge.agent import Agent
from edge.bench import Bench
from edge.delivery import Delivery
from edge.link import Link
from edge.outbox import Outbox
from edge.sensors import catalogue, modules
from edge.system_clock import SystemClock
from tests.servers import Mosquitto, mosquitto, wait_until

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow]

FILE = Path(__file__).parents[2] / "hardware" / "lines" / "andon-call.toml"
CALL, ANSWER, AMBER, LAMP = 5, 6, 13, 23


class Pi:
    """One agent with its link, on a bench."""

    def __init__(self, line: Line, name: str, directory: Path, broker: Mosquitto, stack: ExitStack) -> None:
        self.clock = SystemClock()
        stack.callback(self.clock.close)
        self.bench = Bench(self.clock)
        stack.callback(self.bench.close)
        outbox = Outbox(directory / name, name, self.clock)
        stack.callback(outbox.close)
        self.agent = Agent(line, name, self.bench, outbox, modules())
        address = Broker(broker.host, broker.port)
        self.link = Link(line, name, Delivery(outbox, self.clock), self.clock, address, speaker=self.agent)
        self.link.start()
        stack.callback(self.link.stop)
        stack.callback(self.agent.stop)

    def press(self, pin: int) -> None:
        """A finger comes and goes; it is over when this returns."""
        gone = threading.Event()
        self.bench.drive(pin, False)
        now_ns = self.clock.monotonic_ns()
        self.clock.at(now_ns + 100_000_000, lambda: self.bench.drive(pin, True), "finger")
        self.clock.at(now_ns + 200_000_000, gone.set, "finger")
        assert gone.wait(30.0)


@pytest.fixture
def broker() -> Iterator[Mosquitto]:
    with mosquitto() as running:
        yield running


def test_the_andon_needs_no_broker_and_the_desks_lamp_is_never_left_on(tmp_path: Path, broker: Mosquitto) -> None:
    line = load(FILE, catalogue())
    with ExitStack() as stack:
        floor, desk = (Pi(line, name, tmp_path, broker, stack) for name in ("pi-1", "pi-2"))
        for pin in (CALL, ANSWER):
            floor.bench.drive(pin, True)
        for pi in (floor, desk):
            pi.agent.start()
        wait_until(lambda: floor.link.connected and desk.link.connected, what="both are connected")
        wait_until(lambda: all(s["state"] == "ok" for s in floor.agent.state()["sensors"].values()), what="buttons")

        floor.press(CALL)
        wait_until(lambda: floor.bench.level(AMBER) and desk.bench.level(LAMP), what="the call is seen at both places")
        floor.press(ANSWER)
        wait_until(lambda: not floor.bench.level(AMBER) and not desk.bench.level(LAMP), what="answered at both")

        floor.press(CALL)
        wait_until(lambda: desk.bench.level(LAMP), what="called again")
        broker.stop()
        wait_until(lambda: not desk.bench.level(LAMP), 30.0, what="the lamp goes out without the link")
        assert floor.bench.level(AMBER)
        floor.press(ANSWER)
        wait_until(lambda: not floor.bench.level(AMBER), what="answered with no broker")
        floor.press(CALL)
        wait_until(lambda: floor.bench.level(AMBER), what="called with no broker")
        broker.start()
        wait_until(lambda: desk.bench.level(LAMP), 30.0, what="the desk hears of it when the broker is back")

        assert [rule["state"] for rule in floor.agent.state()["rules"]] == ["waiting", "holding", "holding", "holding"]
        json.dumps(floor.agent.state())
        floor.agent.stop()
        wait_until(lambda: not desk.bench.level(LAMP), what="an agent that ends lets go of others' outputs")
        assert not floor.bench.level(AMBER)
