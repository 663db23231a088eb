"""An output that hangs is said, and holds up nobody. On the machine's clock: nothing hangs on one turned by hand."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from contract.line import Output
from contract.reading import Value
from edge.bench import Bench
from edge.driver import Command, Driver
from edge.system_clock import SystemClock
from tests.servers import wait_until


class Horn:
    """It hangs until it is let go."""

    def __init__(self) -> None:
        self.hangs, self.begun = threading.Event(), threading.Event()
        self.closed = 0

    def open(self, board: Any) -> "Horn":
        return self

    def state(self) -> int:
        return 0

    def set(self, value: Value) -> None:
        self.begun.set()
        self.hangs.wait(60.0)

    def close(self) -> None:
        self.closed += 1


@pytest.mark.slow
def test_an_output_that_hangs_is_reported_and_recovers_or_is_left_behind() -> None:
    clock, horn = SystemClock(), Horn()
    changes: list[None] = []
    output = Output("washer", "horn", "horn", {})
    module: Any = SimpleNamespace(Output=lambda **_: horn)
    driver = Driver(output, module, Bench(clock), lambda *_: None, lambda: changes.append(None))
    driver.start()
    wait_until(lambda: driver.state()["state"] == "ok", what="the output is there")
    driver.do(Command(1))
    assert horn.begun.wait(30.0)

    def hangs() -> bool:
        driver.look()
        return bool(driver.state()["state"] == "hanging")

    wait_until(hangs, what="the hanging output is seen")
    horn.hangs.set()
    wait_until(lambda: driver.state()["state"] == "ok", what="the output is well again")
    horn.hangs.clear()
    horn.begun.clear()
    driver.do(Command(0))
    assert horn.begun.wait(30.0)
    wait_until(hangs, what="it is seen again")
    driver.stop()
    assert horn.closed == 0, "what hangs would hang in close, too"
    horn.hangs.set()
    clock.close()
