"""The kernel's 1-Wire devices as files: ``/sys/bus/w1/devices/28-0316a2795ad1/w1_slave``.

The kernel itself drives the wire (``dtoverlay=w1-gpio``), searches it every ten seconds and keeps a folder for each
device it has found; reading a thermometer's file makes it measure, which takes 750 ms.
"""

from collections.abc import Sequence
from pathlib import Path

from edge import troubles

DEVICES = Path("/sys/bus/w1/devices")
MASTER = "w1_bus_master"
"""The folders that are the bus itself begin with this; without one, 1-Wire is not switched on."""


class OneWireFiles:
    """The devices below one folder of the kernel. Raises SensorError if 1-Wire is not switched on."""

    def __init__(self, folder: Path = DEVICES) -> None:
        self._folder = folder
        if not any(name.startswith(MASTER) for name in self._names()):
            raise troubles.no_one_wire(f"{folder}/{MASTER}1: No such file or directory")

    def devices(self) -> Sequence[str]:
        """The names of the devices that were found, in order: family, ``-``, number, as ``28-0316a2795ad1``."""
        return [name for name in self._names() if not name.startswith(MASTER)]

    def read(self, device: str, file: str) -> str:
        """One file of a device, whole. Raises OSError as the kernel does."""
        return (self._folder / device / file).read_text("ascii", "replace")

    def _names(self) -> list[str]:
        return sorted(path.name for path in self._folder.glob("*"))
