"""The outputs: one file each, and the agreement they keep.

A module `edge/outputs/<type>.py` is the manifest of the output ``type = "<type>"``, like a sensor's (`edge.sensors`):
a docstring that begins with the wiring and shows line.toml, ``TITLE``, ``PARTS``, ``TERMINALS``, and a frozen,
keyword-only dataclass ``Output`` of settings, with ``Output.open(board) -> Driven``.

An output is in its safe state from ``open`` until the first ``set``, and again from ``close`` on.
"""

import sys
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any, Protocol

from contract.catalogue import OutputType, Part, Wire, settings_of
from contract.reading import Value
from contract.words import Words
from edge import manifests


class Driven(Protocol):
    """An open output."""

    def set(self, value: Value) -> None:
        """Make it so. Raises PayloadError for a value the output does not have, SensorError if the hardware refuses."""

    def state(self) -> Value:
        """What is so now, read back from the hardware where that can be."""

    def close(self) -> None:
        """Go to the safe state and give pins and ports back. Never raises, may be called twice."""


class OutputModule(Protocol):
    """What an output's file holds; the module itself is it."""

    __doc__: str | None
    TITLE: Words
    PARTS: tuple[Part, ...]
    TERMINALS: tuple[Wire, ...]
    Output: Any
    """The settings; ``Output(**settings).open(board)``."""


def modules() -> Mapping[str, OutputModule]:
    """Every output's module by its type."""
    return manifests.find(sys.modules[__name__], None, problems)


def types() -> dict[str, OutputType]:
    """Every output type, for the catalogue."""
    return {
        name: OutputType(
            type=name,
            title=module.TITLE,
            settings=settings_of(module.Output),
            parts=module.PARTS,
            terminals=module.TERMINALS,
            doc=(module.__doc__ or "").strip(),
        )
        for name, module in modules().items()
    }


def problems(module: ModuleType) -> Iterator[manifests.Problem]:
    """What is wrong with an output's file."""
    yield from manifests.problems(module, thing="Output", verbs=("open",))
