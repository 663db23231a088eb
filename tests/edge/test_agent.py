import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contract.catalogue import Kind, Measure
from contract.errors import NotThere, SensorError
from contract.line import Line, Output, Sensor, Station
from contract.reading import NS_PER_S, Value
from contract.words import Words
from edge.agent import Agent
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.clock import Clock
from edge.delivery import Delivery
from edge.outbox import Outbox
from edge.outputs import modules as output_modules
from edge.sensors import modules
from edge.system_clock import SystemClock
from tests.servers import wait_until

START_NS = 1_795_000_000 * NS_PER_S
DIED = Words("線が外れました。", "a wire came off.")
KINDS: Mapping[str, Kind] = {"number": "number", "total": "total", "level": "level", "text": "text", "event": "event"}


class Part:
    """A sensor under the test's hand: what it reads, and what goes wrong with it."""

    def __init__(self) -> None:
        self.values: dict[str, Value] = {}
        self.error: Exception | None = None
        self.hangs: threading.Event | None = None
        self.tell: Callable[[str, Value, int], None] = lambda measure, value, at_ns: None
        self.board: Any = None
        self.opened: list[int] = []
        self.closed = 0

    def open(self, board: Any) -> "Part":
        self.board = board
        self.opened.append(board.clock.monotonic_ns())
        self._fail()
        return self

    def listen(self, board: Any, tell: Callable[[str, Value, int], None]) -> "Part":
        self.tell = tell
        return self.open(board)

    def read(self) -> dict[str, Value]:
        if self.hangs:
            self.hangs.wait(10.0)
        self._fail()
        return self.values

    check = read

    def health(self) -> dict[str, int]:
        return {"glitches": 3}

    def close(self) -> None:
        self.closed += 1

    def _fail(self) -> None:
        if self.error:
            raise self.error


@dataclass
class Kit:
    """An agent with two sensors under the test's hand, beside real modules."""

    directory: Path
    clock: Clock = field(default_factory=lambda: HandClock(START_NS))
    line: Line | None = None

    def __post_init__(self) -> None:
        self.bench = Bench(self.clock)
        self.polled, self.spoken = Part(), Part()
        self.polled.every_s = 1.0  # type: ignore[attr-defined]
        types: dict[str, Any] = {
            **modules(),
            "asked": SimpleNamespace(STYLE="polled", Sensor=lambda **_: self.polled),
            "speaks": SimpleNamespace(STYLE="event", Sensor=lambda **_: self.spoken),
        }
        line = self.line or Line("akita", "wash", stations={"washer": _station()})
        self.outbox = Outbox(self.directory / "outbox.sqlite", "pi-1", self.clock)
        self.agent = Agent(line, "pi-1", self.bench, self.outbox, types, outputs=output_modules())
        self.delivery = Delivery(self.outbox, self.clock)

    def turn(self, seconds: float) -> None:
        assert isinstance(self.clock, HandClock)
        self.clock.turn(seconds)

    def read(self) -> dict[str, list[Value]]:
        """What was read since the last time, by sensor and measure."""
        values: dict[str, list[Value]] = {}
        for batch in self.delivery.due():
            values.setdefault(f"{batch.series.sensor}/{batch.series.measure}", []).extend(batch.v)
        return values

    def health(self, name: str = "washer/asked") -> dict[str, Any]:
        told: dict[str, Any] = self.agent.state()["sensors"][name]
        return told


def _station() -> Station:
    measures = tuple(Measure(key, Words(key, key), kind=kind) for key, kind in KINDS.items())
    return Station(
        "washer",
        "洗浄機",
        agent="pi-1",
        sensors={
            "asked": Sensor("washer", "asked", "asked", {}, measures),
            "speaks": Sensor("washer", "speaks", "speaks", {}, measures),
            "esp": Sensor("washer", "esp", "external", {}, measures),
        },
        outputs={"andon": Output("washer", "andon", "lamp", {"pin": 23, "active": "high"})},
    )


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path)
    yield kit
    kit.agent.stop()
    kit.outbox.close()
    kit.bench.close()


def test_a_polled_sensor_is_read_in_its_interval(kit: Kit) -> None:
    kit.polled.values = {"number": 23.5}
    kit.agent.start()
    kit.turn(4.5)
    assert kit.read()["asked/number"] == [23.5] * 3
    kit.turn(2.0)
    assert kit.read()["asked/number"] == [23.5] * 2
    assert kit.health()["state"] == "ok"


def test_an_event_carries_the_time_of_its_edge(kit: Kit) -> None:
    kit.agent.start()
    kit.turn(10.0)
    kit.read()
    kit.spoken.tell("total", 1, 9_900_000_000)
    kit.turn(0.0)
    (batch,) = kit.delivery.due()
    assert list(batch.t) == [START_NS + 9_900_000_000]


def test_rises_of_a_total_are_added_up(kit: Kit) -> None:
    kit.agent.start()
    kit.turn(1.0)
    for rise in (1, 2, 1):
        kit.spoken.tell("total", rise, 0)
    kit.turn(1.0)
    assert kit.read()["speaks/total"] == [1, 3, 4]


@pytest.mark.parametrize(
    ("measure", "said", "kept"),
    [
        ("level", True, 1),
        ("level", 0, 0),
        ("number", 5, 5),
        ("number", -1.5, -1.5),
        ("text", "changeover", "changeover"),
        ("event", 7, 1),
        ("total", 2.0, 2),
    ],
)
def test_each_kind_of_measure_is_kept_as_what_it_is(kit: Kit, measure: str, said: Value, kept: Value) -> None:
    kit.agent.start()
    kit.turn(1.0)
    kit.spoken.tell(measure, said, 0)
    kit.turn(1.0)
    assert kit.read()[f"speaks/{measure}"] == [kept]


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        ("level", 2), ("level", "1"), ("number", float("nan")), ("number", True), ("number", "5"), ("number", 2**60),
        ("text", 5), ("text", "x" * 257), ("text", ""), ("total", -1), ("total", 0.5), ("unknown", 1),
    ],
)  # fmt: skip
def test_what_no_reading_can_hold_is_refused_and_counted(kit: Kit, measure: str, said: Value) -> None:
    kit.agent.start()
    kit.turn(1.0)
    kit.spoken.tell(measure, said, 0)
    kit.turn(1.0)
    assert f"speaks/{measure}" not in kit.read()
    assert kit.health("washer/speaks")["refused"] == 1


def test_every_station_is_said_to_be_alive_every_thirty_seconds_through_the_outbox(kit: Kit) -> None:
    kit.agent.start()
    kit.turn(65.0)
    assert kit.read()["_agent/alive"] == [0.0, 30.0, 60.0]


def test_a_broken_sensor_is_reported_in_plain_words_and_opened_again(kit: Kit) -> None:
    kit.polled.values = {"number": 1}
    kit.agent.start()
    kit.turn(3.0)
    kit.polled.error = SensorError(DIED)
    kit.turn(1.0)
    health = kit.health()
    assert (health["state"], health["why_ja"], health["why_en"]) == ("broken", DIED.ja, DIED.en)
    assert health["since"] == "2026-11-18T11:06:44.000+00:00"
    kit.polled.error = None
    kit.turn(3.0)
    assert kit.health()["state"] == "ok"
    assert kit.health()["troubles"] == 1
    assert len(kit.polled.opened) == 2


def test_it_is_tried_ever_more_seldom(kit: Kit) -> None:
    kit.polled.error = SensorError(DIED)
    kit.agent.start()
    kit.turn(120.0)
    seconds = [at / NS_PER_S for at in kit.polled.opened]
    assert seconds == [0, 1, 3, 7, 15, 31, 61, 91]


def test_a_sensor_that_was_well_for_long_is_tried_soon_again(kit: Kit) -> None:
    kit.polled.error = SensorError(DIED)
    kit.agent.start()
    kit.turn(10.0)
    kit.polled.error = None
    kit.turn(60.0)
    kit.polled.error = SensorError(DIED)
    kit.turn(1.0)
    opened = len(kit.polled.opened)
    kit.turn(1.0)
    assert len(kit.polled.opened) == opened + 1


@pytest.mark.parametrize(
    "error", [SensorError(DIED), OSError(5, "Input/output error"), ZeroDivisionError(), KeyError("x")]
)
def test_whatever_a_sensor_raises_the_others_go_on(kit: Kit, error: Exception) -> None:
    kit.spoken.error = error
    kit.polled.values = {"number": 1}
    kit.agent.start()
    kit.turn(10.0)
    assert len(kit.read()["asked/number"]) >= 8
    assert kit.health("washer/speaks")["state"] == "broken"
    assert kit.health("washer/asked")["state"] == "ok"


def test_a_listening_sensor_whose_device_went_away_is_opened_again(kit: Kit) -> None:
    kit.agent.start()
    kit.turn(1.5)
    late = kit.spoken.tell
    kit.spoken.error = SensorError(DIED)
    kit.turn(1.0)
    assert kit.spoken.closed == 1
    kit.spoken.error = None
    kit.turn(3.0)
    assert kit.health("washer/speaks")["state"] == "ok"
    late("total", 1, 0)
    kit.spoken.tell("total", 1, 0)
    kit.turn(1.0)
    assert kit.read()["speaks/total"] == [1]


def test_what_a_sensor_lets_the_clock_call_may_raise_too(kit: Kit) -> None:
    kit.agent.start()
    kit.turn(0.5)

    def broken() -> None:
        raise SensorError(DIED)

    kit.spoken.board.clock.at(0, broken, "somewhere")
    kit.turn(0.1)
    assert kit.health("washer/speaks")["state"] == "broken"


def test_a_listening_sensors_counters_stand_in_its_health(kit: Kit) -> None:
    kit.agent.start()
    kit.turn(1.0)
    assert kit.health("washer/speaks")["glitches"] == 3


def test_a_sensor_of_another_device_is_opened_by_nobody(kit: Kit) -> None:
    assert set(kit.agent.state()["sensors"]) == {"washer/asked", "washer/speaks"}


def test_the_state_says_what_the_contract_asks(kit: Kit) -> None:
    kit.agent.start()
    kit.turn(5.0)
    state = kit.agent.state()
    assert {"state", "version", "clock", "backlog", "dropped", "sensors"} <= set(state)
    assert (state["state"], state["clock"], state["backlog"], state["dropped"]) == ("online", "synced", 2, 0)


def test_listeners_hear_of_each_change_of_health(kit: Kit) -> None:
    heard: list[str] = []
    kit.agent.listen(lambda: heard.append(kit.health("washer/asked")["state"]))
    kit.agent.start()
    kit.turn(0.0)
    kit.polled.error = SensorError(DIED)
    kit.turn(1.0)
    assert heard[-1] == "broken"


def test_an_agent_the_line_does_not_know_is_refused_with_the_ones_it_knows(kit: Kit, tmp_path: Path) -> None:
    line = Line("akita", "wash", stations={"washer": _station()})
    with pytest.raises(NotThere) as refused:
        Agent(line, "pi-9", kit.bench, kit.outbox, {})
    assert "pi-1" in refused.value.say("ja")


def test_stopping_writes_what_was_read_and_closes_every_sensor(kit: Kit) -> None:
    kit.polled.values = {"number": 1}
    kit.agent.start()
    kit.turn(0.5)
    kit.agent.stop()
    assert kit.read()["asked/number"] == [1]
    assert (kit.polled.closed, kit.spoken.closed) == (1, 1)
    kit.turn(10.0)
    assert kit.read() == {}


# ---- outputs ----


def test_an_output_does_as_told_and_answers_with_what_it_is(kit: Kit) -> None:
    kit.agent.start()
    kit.turn(1.0)
    assert kit.read()["andon/state"] == [0]
    kit.agent.command("washer", "andon", b'{"v":1}')
    kit.turn(0.0)
    assert kit.bench.level(23)
    kit.turn(1.0)
    assert kit.read()["andon/state"] == [1]


def test_an_output_told_for_a_time_goes_back_to_what_it_was(kit: Kit) -> None:
    kit.agent.start()
    kit.turn(1.0)
    kit.read()
    kit.agent.command("washer", "andon", b'{"v":1,"for_s":5.0}')
    kit.turn(4.9)
    assert kit.bench.level(23)
    kit.turn(0.2)
    assert not kit.bench.level(23)
    kit.agent.command("washer", "andon", b'{"v":1}')
    kit.turn(0.0)
    kit.agent.command("washer", "andon", b'{"v":0,"for_s":2}')
    kit.turn(1.0)
    assert not kit.bench.level(23)
    kit.turn(2.0)
    assert kit.bench.level(23)
    assert kit.read()["andon/state"] == [1, 0, 1, 0, 1]


def test_a_command_that_comes_twice_is_done_once(kit: Kit) -> None:
    kit.agent.start()
    kit.turn(1.0)
    kit.read()
    for payload in (b'{"v":1,"id":"a"}', b'{"v":0,"id":"b"}', b'{"v":1,"id":"a"}'):
        kit.agent.command("washer", "andon", payload)
    kit.turn(1.0)
    assert kit.read()["andon/state"] == [1, 0]


@pytest.mark.parametrize(
    ("output", "payload"),
    [
        ("andon", b"1"), ("andon", b"{"), ("andon", b"{}"), ("andon", b'{"v":null}'), ("andon", b'{"v":1,"for_s":-1}'),
        ("andon", b'{"v":1,"for_s":"5"}'), ("andon", b'{"v":1,"for_s":true}'), ("andon", b'{"v":7}'),
        ("siren", b'{"v":1}'),
    ],
)  # fmt: skip
def test_a_command_that_cannot_be_done_changes_nothing_and_is_logged(
    kit: Kit, output: str, payload: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    kit.agent.start()
    kit.turn(1.0)
    kit.read()
    with caplog.at_level(logging.WARNING):
        kit.agent.command("washer", output, payload)
        kit.turn(1.0)
    assert caplog.records
    assert kit.read() == {}


def test_an_output_is_off_when_the_agent_ends(kit: Kit) -> None:
    kit.agent.start()
    kit.agent.command("washer", "andon", b'{"v":1}')
    kit.turn(1.0)
    kit.agent.stop()
    assert not kit.bench.level(23)


# ---- with real sensors, and real threads ----


def test_pieces_on_a_bouncing_contact_are_counted_exactly(tmp_path: Path) -> None:
    count = Measure("count", Words("個数", "count"), kind="total")
    sensor = Sensor("washer", "done", "pulse", {"pin": 17}, (count,))
    station = Station("washer", "洗浄機", agent="pi-1", sensors={"done": sensor})
    kit = Kit(tmp_path, line=Line("akita", "wash", stations={"washer": station}))
    kit.agent.start()
    kit.turn(1.0)
    for _ in range(50):
        kit.bench.bounce(17, False)
        kit.turn(3.0)
        kit.bench.bounce(17, True)
        kit.turn(17.0)
    assert kit.read()["done/count"] == list(range(1, 51))
    kit.agent.stop()
    kit.outbox.close()
    kit.bench.close()


@pytest.mark.slow
def test_a_sensor_that_hangs_is_reported_and_delays_no_other(tmp_path: Path) -> None:
    clock = SystemClock()
    kit = Kit(tmp_path, clock)
    kit.spoken.hangs = threading.Event()
    kit.polled.every_s = 0.01  # type: ignore[attr-defined]
    kit.polled.values = {"number": 1}
    kit.agent.start()
    wait_until(lambda: kit.health("washer/speaks")["state"] == "hanging", what="the hanging sensor is seen")
    read = len(kit.read().get("asked/number", ()))
    wait_until(lambda: len(kit.read().get("asked/number", ())) > 0, what="the other one goes on")
    assert read > 100
    kit.spoken.hangs.set()
    wait_until(lambda: kit.health("washer/speaks")["state"] == "ok", what="it came back")
    kit.agent.stop()
    kit.outbox.close()
    clock.close()
    kit.bench.close()
