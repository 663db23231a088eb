"""An output that hangs is said, and holds up nobody. On the machine's clock: nothing hangs on one turned by hand."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from contract.line import Output
from contract.reading import Value
from edge.bench import Bench
from edge.bench_clock import HandClock
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

    def judge(self, value: Value) -> None:
        pass

    def set(self, value: Value) -> None:
        self.begun.set()
        self.hangs.wait(60.0)

    def close(self) -> None:
        self.closed += 1


class Fuse:
    """It cannot be switched on."""

    def open(self, board: Any) -> "Fuse":
        return self

    def state(self) -> int:
        return 0

    def judge(self, value: Value) -> None:
        pass

    def set(self, value: Value) -> None:
        if value:
            raise OSError(5, "Input/output error")

    def close(self) -> None:
        pass


def test_an_output_that_fails_is_told_as_safe_and_tried_again_every_ten_seconds() -> None:
    clock = HandClock(1_795_000_000_000_000_000)
    opened: list[int] = []

    def fuse(**_: Any) -> Fuse:
        opened.append(clock.monotonic_ns())
        return Fuse()

    module: Any = SimpleNamespace(Output=fuse)
    driver = Driver(Output("washer", "fan", "fuse", {}), module, Bench(clock), lambda *_: None, lambda: None)
    driver.start()
    driver.rules({1: 1.0})
    clock.turn(25.0)
    assert opened == [0, 10_000_000_000, 20_000_000_000]
    told = driver.state()
    assert (told["state"], told["v"], told["by"]) == ("broken", 0, "safe")
    driver.rules({1: None})
    clock.turn(10.0)
    assert driver.state()["state"] == "ok"
    driver.stop()


class Weld(Fuse):
    """It cannot be switched off."""

    def set(self, value: Value) -> None:
        super().set(not value)


def test_an_output_that_fails_while_it_is_on_is_told_as_safe_since_it_was_closed() -> None:
    clock = HandClock(1_795_000_000_000_000_000)
    module: Any = SimpleNamespace(Output=lambda **_: Weld())
    driver = Driver(Output("washer", "fan", "weld", {}), module, Bench(clock), lambda *_: None, lambda: None)
    driver.start()
    driver.rules({1: 1.0})
    clock.turn(1.0)
    assert driver.state()["v"] == 1
    driver.rules({1: None})
    clock.turn(1.0)
    assert (driver.state()["state"], driver.state()["v"]) == ("broken", 0)
    driver.stop()


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
