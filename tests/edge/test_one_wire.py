"""The kernel's 1-Wire folder, the bench's, and a pin that several probes hang on."""

from pathlib import Path

import pytest

from contract.errors import LineError, SensorError
from contract.line import load
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.board import Board
from edge.lane_board import LaneBoard, LaneClock
from edge.one_wire import OneWireFiles
from edge.pi_board import Outside, PiBoard
from edge.sensors import catalogue

START_NS = 1_795_000_000_000_000_000


class Label:
    """A device that says what it is."""

    def file(self, name: str) -> str:
        return f"{name} of a label\n"


@pytest.fixture
def kernel(tmp_path: Path) -> Path:
    """A /sys/bus/w1/devices with the bus and two probes."""
    for name in ("w1_bus_master1", "28-0316a2795ad1", "28-000000000001"):
        (tmp_path / name).mkdir()
    (tmp_path / "28-0316a2795ad1" / "w1_slave").write_text("two\nlines\n")
    return tmp_path


def test_the_devices_are_listed_without_the_bus_itself(kernel: Path) -> None:
    wire = OneWireFiles(kernel)
    assert wire.devices() == ["28-000000000001", "28-0316a2795ad1"]
    assert wire.read("28-0316a2795ad1", "w1_slave") == "two\nlines\n"


def test_a_device_that_was_pulled_out_is_the_kernels_error(kernel: Path) -> None:
    with pytest.raises(FileNotFoundError):
        OneWireFiles(kernel).read("28-000000000001", "w1_slave")


@pytest.mark.parametrize("folder", [".", "not-there"])
def test_a_pi_where_it_is_not_switched_on_says_how_to(tmp_path: Path, folder: str) -> None:
    with pytest.raises(SensorError) as off:
        OneWireFiles(tmp_path / folder)
    assert "dtoverlay=w1-gpio" in off.value.say("ja")
    assert "dtoverlay=w1-gpio" in off.value.say("en")


def test_a_real_board_reads_the_kernels_folder(kernel: Path) -> None:
    libraries = Outside(None, None, lambda bus: None, lambda: None, lambda: OneWireFiles(kernel))  # type: ignore[arg-type, return-value]
    board: Board = PiBoard(HandClock(START_NS), libraries)
    assert board.one_wire().devices() == ["28-000000000001", "28-0316a2795ad1"]


def test_the_bench_has_what_was_plugged_in_and_each_sensor_sees_it() -> None:
    clock = HandClock(START_NS)
    bench = Bench(clock)
    bench.one_wire_chip("28-000000000001", Label())
    wire = LaneBoard(bench, LaneClock(clock, "a/b", print)).one_wire()
    assert wire.devices() == ["28-000000000001"]
    assert wire.read("28-000000000001", "w1_slave") == "w1_slave of a label\n"
    bench.one_wire_chip("28-000000000001", None)
    bench.one_wire_chip("28-000000000001", None)
    assert wire.devices() == []
    with pytest.raises(FileNotFoundError):
        wire.read("28-000000000001", "w1_slave")


HEAD = 'schema = 1\nsite = "a"\nline = "b"\n[stations.s]\nname = "x"\nagent = "pi-1"\n'
PROBE = '[stations.s.sensors.{0}]\ntype = "ds18b20"\nprobe = "28-00000000000{0}"\n'


def test_several_probes_hang_on_one_pin(tmp_path: Path) -> None:
    (tmp_path / "line.toml").write_text(HEAD + PROBE.format(1) + PROBE.format(2), "utf-8")
    line = load(tmp_path / "line.toml", catalogue())
    assert [sensor.settings["data_pin"] for sensor in line.stations["s"].sensors.values()] == [4, 4]


def test_a_contact_on_the_pin_of_the_probes_is_a_mistake(tmp_path: Path) -> None:
    pulse = '[stations.s.sensors.done]\ntype = "pulse"\npin = 4\n'
    (tmp_path / "line.toml").write_text(HEAD + PROBE.format(1) + pulse, "utf-8")
    with pytest.raises(LineError) as clash:
        load(tmp_path / "line.toml", catalogue())
    assert "GPIO4" in clash.value.say("en")


def test_a_number_that_is_no_pin_is_a_mistake_of_the_probes_too(tmp_path: Path) -> None:
    (tmp_path / "line.toml").write_text(HEAD + PROBE.format(1) + "data_pin = 99\n", "utf-8")
    with pytest.raises(LineError) as wrong:
        load(tmp_path / "line.toml", catalogue())
    assert "not a BCM number" in wrong.value.say("en")
