"""Which board this is: the real pins of a Raspberry Pi, or the bench. Chosen here, once, and said in the log.

    board = open_board(clock)                    # a Pi: lgpio on the chip that has the header's pins
    GPIOZERO_PIN_FACTORY=mock kojo edge …        # the bench, on any machine

gpiozero's own default tries lgpio, RPi.GPIO, pigpio and a native one in turn and may end on another one tomorrow; here
it is lgpio or nothing. The header's chip is found by its label, because its number changed between kernels (Pi 5:
gpiochip4, then gpiochip0).
"""

import atexit
import contextlib
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from contract.errors import MissingExtra, NotAllowed, NotThere
from contract.words import Words
from edge.board import Board, I2CBus, SerialPort
from edge.clock import Clock
from edge.pi_board import Outside, PiBoard

log = logging.getLogger(__name__)

ASK = "GPIOZERO_PIN_FACTORY"
BENCH, REAL = "mock", "lgpio"

LABELS = ("pinctrl-rp1", "pinctrl-bcm2711", "pinctrl-bcm2835")
"""Labels of the chip behind the 40-pin header: Pi 5; Pi 4, 400, CM4; Pi Zero, Zero 2, 1, 2, 3."""

GPIO_GET_CHIPINFO = 0x8044B401
"""linux/gpio.h: _IOR(0xB4, 0x01, struct gpiochip_info), which is name[32], label[32], lines."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A GPIO chip of this machine."""

    number: int
    label: str


def open_board(clock: Clock, bench: bool | None = None) -> Board:
    """The real board, or the bench if ``bench`` is True or GPIOZERO_PIN_FACTORY is ``mock``.

    Raises NotThere on a machine without the pins of a Pi, NotAllowed without the right to them, MissingExtra.
    """
    asked = os.environ.get(ASK, "")
    if bench or (bench is None and asked == BENCH):
        from edge.bench import Bench

        why = f"{ASK}={BENCH}" if bench is None else "asked for"
        log.warning("%s", Words(f"練習台(ベンチ)で動きます。本物のピンは使いません({why})。",
                                f"On the bench: no real pin is touched ({why})."))  # fmt: skip
        return Bench(clock)
    if bench is None and asked not in ("", REAL):
        raise NotThere(
            Words(f"{ASK}={asked} は使えません。", f"{ASK}={asked} is not supported."),
            Words(
                f"指定しないか、{REAL} か {BENCH} にしてください。", f"Hint: leave it out, or say {REAL} or {BENCH}."
            ),
        )
    chip = find_chip()
    if chip is None:
        raise NotThere(
            Words(
                "このコンピューターには Raspberry Pi の GPIO がありません。", "This machine has no Raspberry Pi GPIO."
            ),
            Words(
                f"練習台(ベンチ)で動かすときは「{ASK}={BENCH}」を付けてください。",
                f"Hint: to run on the bench, set {ASK}={BENCH}.",
            ),
        )
    log.info("%s", Words(f"ピン: lgpio, /dev/gpiochip{chip.number}({chip.label})",
                         f"Pins: lgpio on /dev/gpiochip{chip.number} ({chip.label})"))  # fmt: skip
    return PiBoard(clock, outside(chip))


def find_chip(devices: Path = Path("/dev"), label_of: Callable[[Path], str] | None = None) -> Chip | None:
    """The chip of the 40-pin header, or None. Raises NotAllowed if one is there that we may not open."""
    read = label_of or chip_label
    paths = {path.resolve() for path in devices.glob("gpiochip*")}
    try:
        chips = [Chip(int(path.name.removeprefix("gpiochip")), read(path)) for path in sorted(paths)]
    except PermissionError as error:
        raise NotAllowed(
            Words(f"{error.filename} を開く権限がありません。", f"No right to open {error.filename}."),
            Words(
                "「sudo usermod -aG gpio $USER」のあと、ログインし直してください。",
                "Hint: sudo usermod -aG gpio $USER, then log in again.",
            ),
        ) from error
    headers = [chip for chip in chips if chip.label in LABELS]
    return min(headers, key=lambda chip: (LABELS.index(chip.label), chip.number), default=None)


def chip_label(path: Path) -> str:
    """The label the kernel gives a GPIO chip. Raises OSError."""
    import fcntl

    told = bytearray(68)
    with path.open("rb", buffering=0) as device:
        fcntl.ioctl(device, GPIO_GET_CHIPINFO, told)
    return bytes(told[32:64]).partition(b"\0")[0].decode("ascii", "replace")


def outside(chip: Chip) -> Outside:
    """The real libraries. Raises MissingExtra."""
    lgpio = import_lgpio()
    return Outside(_factory(chip, lgpio), lgpio, _smbus, _pyserial)


def import_lgpio() -> ModuleType:
    """lgpio, without its two surprises.

    At import it makes a named pipe in the working directory, which under systemd is ``/`` and not writable (gpiozero
    issue 1106); where LG_WD names another, it moves the whole process there. So it gets a directory of its own, and we
    move back. Raises MissingExtra.
    """
    with _private_directory():
        try:
            import lgpio
        except ImportError as error:
            raise MissingExtra("lgpio", "edge") from error
    module: ModuleType = lgpio
    return module


@contextlib.contextmanager
def _private_directory() -> Iterator[None]:
    here, before = Path.cwd(), os.environ.get("LG_WD")
    private = tempfile.mkdtemp(prefix="kojo-lgpio-")
    atexit.register(shutil.rmtree, private, ignore_errors=True)
    os.environ["LG_WD"] = private
    try:
        yield
    finally:
        os.chdir(here)
        if before is None:
            del os.environ["LG_WD"]
        else:
            os.environ["LG_WD"] = before


def _factory(chip: Chip, lgpio: Any) -> Any:
    """The lgpio factory of gpiozero, whose pins can be given back and start as the output they shall be."""
    try:
        from gpiozero.pins.lgpio import LGPIOFactory, LGPIOPin
    except ImportError as error:
        raise MissingExtra("gpiozero", "edge") from error

    class BoardPin(LGPIOPin):  # type: ignore[misc]  # gpiozero has no types
        taken = False

        def output_with_state(self, state: bool) -> None:
            if self.function == "output":
                self.state = state
            else:  # gpiozero claims it low first: a relay that is on at low would click
                lgpio.gpio_claim_output(self.factory._handle, self._number, int(state))

        def close(self) -> None:
            self.when_changed = None
            super().close()
            self.taken = False

    factory = LGPIOFactory(chip=chip.number)
    factory.pin_class = BoardPin
    return factory


def _smbus(bus: int) -> I2CBus:
    try:
        from smbus2 import SMBus
    except ImportError as error:
        raise MissingExtra("smbus2", "edge") from error
    opened: I2CBus = SMBus(bus)
    return opened


def _pyserial(*where: Any, **how: Any) -> SerialPort:
    try:
        import serial
    except ImportError as error:
        raise MissingExtra("pyserial", "edge") from error
    port: SerialPort = serial.Serial(*where, **how)
    return port
