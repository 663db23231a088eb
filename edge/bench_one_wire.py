"""The bench's 1-Wire bus: the devices the kernel would list, and what their files would say."""

import errno
from collections.abc import Sequence
from typing import Protocol


class OneWireChip(Protocol):
    """A device on the wire, with the kernel's driver for it on top."""

    def file(self, name: str) -> str:
        """What the kernel's file of that name says when it is read. Raises OSError as the kernel does."""


class BenchOneWire:
    """The verbs of `edge.one_wire.OneWireFiles`. A device that was pulled out is forgotten by the kernel at once."""

    def __init__(self) -> None:
        self._chips: dict[str, OneWireChip] = {}

    def plug(self, device: str, chip: OneWireChip | None) -> None:
        """Put a device on the wire under the kernel's name for it, or take it away (None)."""
        if chip is None:
            self._chips.pop(device, None)
        else:
            self._chips[device] = chip

    def devices(self) -> Sequence[str]:
        """The names of the devices, in order."""
        return sorted(self._chips)

    def read(self, device: str, file: str) -> str:
        """One file of a device."""
        chip = self._chips.get(device)
        if chip is None:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", f"{device}/{file}")
        return chip.file(file)
