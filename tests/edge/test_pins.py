"""Which board: the real one by its chip's label, the bench only when asked; and the real one's errors."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import serial

from contract.errors import NotAllowed, NotThere, SensorError
from edge import pins
from edge.bench import Bench
from edge.bench_bus import BenchI2C, RegisterChip
from edge.bench_clock import HandClock
from edge.bench_pin import BenchFactory
from edge.board import Board
from edge.pi_board import Outside, PiBoard

START_NS = 1_795_000_000_000_000_000


@pytest.fixture
def clock() -> HandClock:
    return HandClock(START_NS)


# ---- the choice ----


def test_the_bench_is_taken_when_the_environment_asks_for_it_and_the_log_says_so(
    clock: HandClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    with caplog.at_level(logging.INFO):
        board = pins.open_board(clock)
    assert isinstance(board, Bench)
    assert "GPIOZERO_PIN_FACTORY=mock" in caplog.text


def test_the_bench_may_be_asked_for_by_the_program(clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GPIOZERO_PIN_FACTORY", raising=False)
    assert isinstance(pins.open_board(clock, bench=True), Bench)


def test_a_machine_without_pins_never_gets_the_bench_silently(
    clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    if pins.find_chip() is not None:
        pytest.skip("this machine has a Raspberry Pi's pins")
    monkeypatch.delenv("GPIOZERO_PIN_FACTORY", raising=False)
    with pytest.raises(NotThere) as error:
        pins.open_board(clock)
    assert "GPIOZERO_PIN_FACTORY=mock" in error.value.say("ja")
    assert "GPIOZERO_PIN_FACTORY=mock" in error.value.say("en")


def test_a_factory_we_do_not_support_is_refused(clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "rpigpio")
    with pytest.raises(NotThere, match="rpigpio"):
        pins.open_board(clock)


# ---- the chip ----


def machine(directory: Path, labels: Sequence[str]) -> Path:
    """A /dev with one file for each chip, its label inside."""
    for number, label in enumerate(labels):
        (directory / f"gpiochip{number}").write_text(label)
    return directory


@pytest.mark.parametrize(
    ("labels", "number"),
    [
        (["pinctrl-bcm2835", "raspberrypi-exp-gpio"], 0),  # Pi Zero 2, Pi 3
        (["pinctrl-bcm2711", "raspberrypi-exp-gpio"], 0),  # Pi 4
        (["gpio-brcmstb@107d508500", "gpio-brcmstb@107d508520", "x", "y", "pinctrl-rp1"], 4),  # Pi 5, first kernels
        (["pinctrl-rp1", "gpio-brcmstb@107d508500"], 0),  # Pi 5, later kernels
    ],
)
def test_the_headers_chip_is_found_by_its_label(tmp_path: Path, labels: list[str], number: int) -> None:
    chip = pins.find_chip(machine(tmp_path, labels), Path.read_text)
    assert chip == pins.Chip(number, labels[number])


def test_the_second_name_of_a_chip_is_no_second_chip(tmp_path: Path) -> None:
    machine(tmp_path, ["pinctrl-rp1"])
    (tmp_path / "gpiochip4").symlink_to("gpiochip0")
    asked: list[str] = []

    def label_of(path: Path) -> str:
        asked.append(path.name)
        return path.read_text()

    assert pins.find_chip(tmp_path, label_of) == pins.Chip(0, "pinctrl-rp1")
    assert asked == ["gpiochip0"]


@pytest.mark.parametrize("labels", [[], ["INT33FF:00"]])
def test_a_machine_without_the_header_has_no_chip(tmp_path: Path, labels: list[str]) -> None:
    assert pins.find_chip(machine(tmp_path, labels), Path.read_text) is None


def test_a_chip_that_may_not_be_opened_says_which_group_opens_it(tmp_path: Path) -> None:
    def forbidden(path: Path) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    with pytest.raises(NotAllowed) as error:
        pins.find_chip(machine(tmp_path, ["pinctrl-rp1"]), forbidden)
    assert "usermod -aG gpio" in error.value.say("ja")
    assert "gpiochip0" in error.value.say("en")


# ---- the real board, on libraries that are handed in ----


class Lgpio:
    """lgpio's SPI verbs."""

    error = RuntimeError

    def __init__(self, answer: bytes = b"\x00\x02\x80") -> None:
        self.answer, self.closed = answer, list[int]()

    def spi_open(self, bus: int, chip: int, hz: int, mode: int) -> int:
        if bus == 1:
            raise RuntimeError("can not open SPI device")
        return 7

    def spi_xfer(self, handle: int, data: bytes) -> tuple[int, bytearray]:
        assert isinstance(data, bytes)
        return len(self.answer), bytearray(self.answer)

    def spi_close(self, handle: int) -> None:
        self.closed.append(handle)


def only_bus_1(bus: int) -> BenchI2C:
    if bus != 1:
        raise FileNotFoundError(2, "No such file or directory", f"/dev/i2c-{bus}")
    i2c = BenchI2C()
    i2c.plug(0x40, RegisterChip())
    return i2c


@pytest.fixture
def lgpio() -> Lgpio:
    return Lgpio()


@pytest.fixture
def board(clock: HandClock, lgpio: Lgpio) -> PiBoard:
    return PiBoard(clock, Outside(BenchFactory(clock), lgpio, only_bus_1, serial.Serial))


def test_it_is_a_board(board: PiBoard, clock: HandClock) -> None:
    any_board: Board = board
    assert any_board.clock is clock


def test_a_pin_is_one_users_until_it_is_closed(board: PiBoard) -> None:
    pin = board.pin(17)
    with pytest.raises(SensorError, match="GPIO17"):
        board.pin(17)
    pin.close()
    assert board.pin(17) is pin


def test_a_pin_held_by_another_program_says_so(clock: HandClock, lgpio: Lgpio) -> None:
    def busy(number: int) -> Any:
        raise lgpio.error("'GPIO busy'")

    board = PiBoard(clock, Outside(SimpleNamespace(pin=busy), lgpio, only_bus_1, serial.Serial))
    with pytest.raises(SensorError) as error:
        board.pin(17)
    assert "already in use" in error.value.say("en")


def test_no_such_pin_is_a_sensor_error(board: PiBoard) -> None:
    with pytest.raises(SensorError, match="99"):
        board.pin(99)


def test_an_i2c_bus_is_opened_once_and_shared(board: PiBoard) -> None:
    bus = board.i2c(1)
    assert board.i2c(1) is bus
    bus.write_byte_data(0x40, 1, 5)
    bus.write_i2c_block_data(0x40, 2, [6, 7])
    assert bus.read_byte_data(0x40, 1) == 5
    assert list(bus.read_i2c_block_data(0x40, 1, 3)) == [5, 6, 7]


def test_an_i2c_bus_that_is_switched_off_says_how_to_switch_it_on(board: PiBoard) -> None:
    with pytest.raises(SensorError) as error:
        board.i2c(3)
    assert "/dev/i2c-3" in error.value.say("en")
    assert "raspi-config" in error.value.say("ja")


def test_spi_goes_through_lgpio(board: PiBoard, lgpio: Lgpio) -> None:
    chip = board.spi(0, 0, 1_000_000)
    assert list(chip.transfer([1, 2, 3])) == [0, 2, 0x80]
    chip.close()
    chip.close()
    assert lgpio.closed == [7]
    with pytest.raises(OSError, match="closed"):
        chip.transfer([1, 2, 3])


def test_an_spi_transfer_cut_short_is_an_error(board: PiBoard) -> None:
    with pytest.raises(OSError, match="3 of 5"):
        board.spi(0, 0, 1_000_000).transfer([0] * 5)


def test_an_spi_bus_that_is_switched_off_says_how_to_switch_it_on(board: PiBoard) -> None:
    with pytest.raises(SensorError, match="raspi-config"):
        board.spi(1, 0, 1_000_000)


def test_a_serial_port_is_pyserials_own_and_exclusive(board: PiBoard) -> None:
    master, slave = os.openpty()
    try:
        port = board.serial(os.ttyname(slave), 9600)
        os.write(master, b"a")
        with pytest.raises(SensorError, match="usermod"):
            board.serial(os.ttyname(slave), 9600)
        port.close()
    finally:
        os.close(master)
        os.close(slave)


def test_a_port_that_is_not_there_says_how_to_find_it(board: PiBoard) -> None:
    with pytest.raises(SensorError) as error:
        board.serial("/dev/ttyUSB77", 9600)
    assert "/dev/ttyUSB77" in error.value.say("ja")
    assert "ls /dev/ttyUSB*" in error.value.say("en")


def test_importing_lgpio_leaves_the_process_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that behaves at import as lgpio 0.2.2 does: it moves to LG_WD."""
    (tmp_path / "lgpio.py").write_text("import os\nHERE = os.environ['LG_WD']\nos.chdir(HERE)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(__import__("sys").modules, "lgpio", raising=False)
    monkeypatch.delenv("LG_WD", raising=False)
    here = Path.cwd()
    module = pins.import_lgpio()
    assert Path.cwd() == here
    assert Path(module.HERE) != here
    assert "LG_WD" not in os.environ
